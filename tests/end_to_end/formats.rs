//! Files people really have: grids, rasters, keyed tables, published totals, messages in Swedish.

use crate::world::{World, collection, polygon, rectangle};
use std::path::Path;
use tiff::{
    encoder::{TiffEncoder, colortype::Gray32Float},
    tags::Tag,
};

/// A GeoTIFF of 100 m pixels in EPSG:3006 with its north-west corner at `west`, `north`.
fn write_raster(path: &Path, (west, north): (f64, f64), width: u32, values: &[f32]) {
    let mut encoder = TiffEncoder::new(std::fs::File::create(path).unwrap()).unwrap();
    let mut image = encoder.new_image::<Gray32Float>(width, values.len() as u32 / width).unwrap();
    let tags = image.encoder();
    tags.write_tag(Tag::Unknown(33550), &[100.0, 100.0, 0.0][..]).unwrap();
    tags.write_tag(Tag::Unknown(33922), &[0.0, 0.0, 0.0, west, north, 0.0][..]).unwrap();
    let keys = [1u16, 1, 0, 2, 1024, 0, 1, 1, 3072, 0, 1, 3006];
    tags.write_tag(Tag::Unknown(34735), &keys[..]).unwrap();
    tags.write_tag(Tag::Unknown(42113), "-9999").unwrap();
    image.write_data(values).unwrap();
}

fn stderr(world: &World, args: &[&str]) -> String {
    String::from_utf8_lossy(&world.whitespot(args).stderr).into_owned()
}

fn set_settlements(world: &World, section: &str) {
    let file = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let (head, rest) = file.split_once("[settlements]").unwrap();
    let (_, tail) = rest.split_once("[areas]").unwrap();
    world.write("whitespot.toml", &format!("{head}[settlements]\n{section}\n[areas]{tail}"));
}

#[test]
fn a_population_raster_gives_a_settlement_a_cell_and_keeps_its_total() {
    let world = World::new();
    let values = [0.4, 0.3, 0.3, -9999.0, 0.0, 6.0];
    write_raster(&world.path().join("pop.tif"), (700_000.0, 7_100_100.0), 6, &values);
    set_settlements(&world, "file = \"pop.tif\"");
    let areas = world.areas();
    let persons = |code: &str| areas[code]["persons"].parse::<u32>().unwrap();
    assert_eq!(persons("01") + persons("02") + persons(""), 7, "0.4 + 0.3 + 0.3 + 6");
    assert_eq!((persons("01"), persons("")), (1, 6), "the largest remainder is rounded up");
}

#[test]
fn a_coverage_raster_covers_where_it_reaches_the_threshold() {
    let world = World::new();
    write_raster(
        &world.path().join("rsrp.tif"),
        (700_000.0, 7_100_100.0),
        6,
        &[-110.0, -104.0, -9999.0, -80.0, -120.0, -105.0],
    );
    let layer = "[[coverage]]\nid = \"mobile\"\nfile = \"rsrp.tif\"\ntechnology = \"4g\"\nmin_value = -105\nbasis = \"modelled_signal\"\n[services]\nmobile_4g = { technology = [\"4g\"] }\n";
    world.edit("whitespot.toml", "[services]\n", layer);
    let areas = world.areas();
    assert_eq!(areas["01"]["mobile_4g_reached_persons"], "2", "b lies on the edge of the second pixel");
    assert_eq!(areas["02"]["mobile_4g_reached_persons"], "4");
    assert_eq!(areas[""]["mobile_4g_reached_persons"], "8", "d lies on the edge of the last pixel, at -105");
    world.edit("whitespot.toml", "min_value = -105", "min_value = 1");
    let text = stderr(&world, &["run", "--force"]);
    assert!(
        text.contains("no pixel of `rsrp.tif` reaches `min_value` = 1") && text.contains("-120 – -80"),
        "{text}"
    );
}

/// Two cells of 100 m; fibre covers the western one wholly and 30 % of the eastern one.
fn cells(representation: &str) -> World {
    let world = World::new();
    let y = (7_100_000.0, 7_100_100.0);
    let cells = [
        rectangle(r#"{"id":"w","persons":10}"#, (700_000.0, 700_100.0), y),
        rectangle(r#"{"id":"e","persons":100}"#, (700_100.0, 700_200.0), y),
    ];
    world.write("cells.geojson", &collection(&cells));
    let fibre = r#"{"operator":"one","mbps":1000,"status":"existing"}"#;
    world.write("fibre.geojson", &collection(&[rectangle(fibre, (699_000.0, 700_130.0), y)]));
    set_settlements(
        &world,
        &format!("file = \"cells.geojson\"\ncrs = \"EPSG:3006\"\nrepresentation = \"{representation}\""),
    );
    world
}

#[test]
fn cells_count_by_their_centre_or_by_their_covered_share() {
    let areas = cells("centroid").areas();
    assert_eq!(
        (
            areas["01"]["fixed_100_reached_persons"].as_str(),
            areas["02"]["fixed_100_reached_persons"].as_str()
        ),
        ("10", "0")
    );
    let areas = cells("area_share").areas();
    assert_eq!(areas["01"]["fixed_100_reached_persons"], "10");
    assert_eq!(areas["02"]["fixed_100_reached_persons"], "30");
    assert_eq!((areas["01"]["persons"].as_str(), areas["02"]["persons"].as_str()), ("10", "100"));
}

#[test]
fn both_ways_stand_side_by_side() {
    let world = cells("both");
    let areas = world.areas();
    assert_eq!(areas["02"]["fixed_100_reached_persons"], "0");
    assert_eq!(areas["02"]["fixed_100_reached_persons_area_share"], "30");
    let text = stderr(&world, &["run", "--force", "-v"]);
    assert!(text.contains("fixed_100 reaches 10 persons by centre, 40 by share"), "{text}");
}

#[test]
fn area_shares_do_not_depend_on_batches_or_threads() {
    let world = cells("area_share");
    let read = |args: &[&str]| {
        assert!(world.whitespot(args).status.success());
        std::fs::read(world.path().join("out/public/areas.csv")).unwrap()
    };
    let whole = read(&["run"]);
    assert_eq!(read(&["run", "--force", "--batch", "1", "-j", "1"]), whole);
}

#[test]
fn points_cannot_be_counted_by_share() {
    let world = World::new();
    world.edit("whitespot.toml", "[settlements]\n", "[settlements]\nrepresentation = \"area_share\"\n");
    let text = stderr(&world, &["run"]);
    assert!(text.contains("needs the cells' polygons"), "{text}");
}

#[test]
fn control_totals_that_differ_are_a_finding_with_the_difference() {
    let world = World::new();
    world.write("totals.csv", "kod;folk\n01;3\n02;40\n");
    world.edit(
        "whitespot.toml",
        "[settlements]\n",
        "[settlements]\ncontrol = { file = \"totals.csv\", columns = { code = \"kod\", persons = \"folk\" } }\n",
    );
    let text = stderr(&world, &["run"]);
    assert!(
        text.contains("the persons of 1 area differ from `totals.csv` by more than 1 % (36 persons)"),
        "{text}"
    );
    assert!(text.contains("02 02: 4 here, 40 published (-36)"), "{text}");
    assert_eq!(world.whitespot(&["check", "--strict"]).status.code(), Some(1));
    world.write("totals.csv", "kod;folk\n01;3\n02;4\n");
    assert!(stderr(&world, &["run", "--force", "-v"]).contains("2 totals agree with `totals.csv`"));
    let manifest = std::fs::read_to_string(world.path().join("out/manifest.json")).unwrap();
    assert!(manifest.contains("totals.csv"));
}

const KEYED: &str = "technology = \"fibre\"\ndownload_mbps = { field = \"mbps\" }\n";

fn with_table(columns: &str) -> World {
    let world = World::new();
    world.write("table.csv", "who,mbps\na,1000\nc,0\nd,100\nz,100\n02,100\n");
    let layer = format!(
        "[[coverage]]\nid = \"table\"\nfile = \"table.csv\"\n{columns}\n{KEYED}[services]\nby_table = {{ any_of = [\"table\"] }}\n"
    );
    world.edit("whitespot.toml", "[services]\n", &layer);
    world
}

#[test]
fn a_table_keyed_by_settlement_is_coverage_without_shapes() {
    for columns in ["columns = { id = \"who\" }", "key = \"who\""] {
        let areas = with_table(columns).areas();
        let reached: Vec<&str> =
            ["01", "02", ""].iter().map(|c| areas[*c]["by_table_reached_persons"].as_str()).collect();
        assert_eq!(reached, ["1", "0", "8"], "a and d; c has a speed of 0");
    }
}

#[test]
fn a_table_keyed_by_area_reaches_everyone_of_the_area() {
    let areas = with_table("columns = { code = \"who\" }").areas();
    let reached: Vec<&str> =
        ["01", "02", ""].iter().map(|c| areas[*c]["by_table_reached_persons"].as_str()).collect();
    assert_eq!(reached, ["0", "4", "0"]);
}

#[test]
fn ids_that_meet_nobody_are_a_warning_and_a_table_without_key_says_what_to_write() {
    let world = with_table("columns = { id = \"mbps\" }");
    let text = stderr(&world, &["run"]);
    assert!(text.contains("settlement ids of `table.csv` is that of a settlement"), "{text}");
    let text = stderr(&with_table(""), &["run"]);
    assert!(
        text.contains("`table.csv` is a table without shapes") && text.contains("columns = { id = \"…\" }"),
        "{text}"
    );
}

#[test]
fn points_of_a_csv_cover_within_their_reach() {
    let world = World::new();
    world.write("masts.csv", "e;n\n700130;7100050\n700480;7100050\n");
    let layer = "[[coverage]]\nid = \"masts\"\nfile = \"masts.csv\"\ncrs = \"EPSG:3006\"\ncolumns = { x = \"e\", y = \"n\" }\ntechnology = \"4g\"\nreach_m = 20\n[services]\nmobile_4g = { technology = [\"4g\"] }\n";
    world.edit("whitespot.toml", "[services]\n", layer);
    let areas = world.areas();
    let reached: Vec<&str> =
        ["01", "02", ""].iter().map(|c| areas[*c]["mobile_4g_reached_persons"].as_str()).collect();
    assert_eq!(reached, ["0", "4", "8"], "c at 20 m, d at 20 m; b at 30 m is too far");
}

#[test]
fn a_grid_told_by_its_ids_is_counted_where_the_cells_are() {
    let world = World::new();
    world.write("grid.csv", "ruta;beftotalt\n7000007100000;5\n7010007100000;7\n");
    set_settlements(&world, "file = \"grid.csv\"\nschema = \"scb-grid-1km\"");
    let y = (7_100_000.0, 7_101_000.0);
    world.write("areas.geojson", &collection(&[rectangle(r#"{"code":"01"}"#, (700_000.0, 701_000.0), y)]));
    let areas = world.areas();
    assert_eq!((areas["01"]["persons"].as_str(), areas[""]["persons"].as_str()), ("5", "7"));
    let resolved = std::fs::read_to_string(world.path().join("out/config.resolved.toml")).unwrap();
    assert!(
        resolved.contains("persons = \"beftotalt\"") && resolved.contains("cell = \"ruta\""),
        "{resolved}"
    );
}

#[test]
fn messages_speak_swedish_by_the_file_or_by_the_command_line() {
    let world = World::new();
    world.edit("whitespot.toml", "\"settlements.csv\"", "\"setlements.csv\"");
    let text = stderr(&world, &["run", "--lang", "sv"]);
    assert!(
        text.contains("fel: `setlements.csv` finns inte") && text.contains("menade du `settlements.csv`?"),
        "{text}"
    );
    world.edit("whitespot.toml", "schema = 1\n", "schema = 1\nlanguage = [\"sv\", \"en\"]\n");
    assert!(stderr(&world, &["check"]).contains("fel") || !stderr(&world, &["check"]).contains("error"));
    let english = stderr(&world, &["run", "--lang", "en"]);
    assert!(english.contains("error: `setlements.csv` does not exist"), "{english}");
    let json = world.whitespot(&["check", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!(
        json["findings"][0]["message"], "`setlements.csv` does not exist",
        "machines get one language"
    );
}

#[test]
fn a_self_crossing_polygon_tells_whom_the_repair_concerns() {
    let world = World::new();
    let fibre = r#"{"operator":"one","mbps":1000,"status":"existing"}"#;
    // A bow tie: its western half holds a, its eastern half c.
    let ring = [
        (700_000.0, 7_100_000.0),
        (700_200.0, 7_100_100.0),
        (700_200.0, 7_100_000.0),
        (700_000.0, 7_100_100.0),
    ];
    world.write("fibre.geojson", &collection(&[polygon(fibre, &ring)]));
    let text = stderr(&world, &["run"]);
    assert!(text.contains("1 polygon of `fibre.geojson` is invalid: ring crosses itself"), "{text}");
    assert!(text.contains("(7 persons)"), "a, b on the crossing and c: {text}");
}

#[test]
fn namesakes_and_parts_that_do_not_add_up_are_told() {
    let world = World::new();
    world.write("settlements.csv", "id,E,N,persons,households,women,men\na,700050,7100050,8,1,3,4\nb,700060,7100050,8,1,4,4\nc,700070,7100050,8,1,,4\n");
    world.edit("whitespot.toml", "[settlements]\n", "[settlements]\nparts = [\"women\", \"men\"]\n");
    let y = (7_100_000.0, 7_100_100.0);
    let areas = [
        rectangle(r#"{"code":"01","name":"Sjö"}"#, (700_000.0, 700_100.0), y),
        rectangle(r#"{"code":"02","name":"Sjö"}"#, (700_100.0, 700_200.0), y),
    ];
    world.write("areas.geojson", &collection(&areas));
    let text = stderr(&world, &["run", "-v"]);
    assert!(
        text.contains("in 1 row of `settlements.csv` the parts do not add up")
            && text.contains("line 2: 8 persons, parts 7"),
        "{text}"
    );
    assert!(
        text.contains("1 name of `areas.geojson` stands for several areas") && text.contains("Sjö: 01, 02"),
        "{text}"
    );
}
