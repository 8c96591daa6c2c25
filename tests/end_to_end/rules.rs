//! Each rule of SPEC §4 that a run shows, on the smallest world that can break it.

use crate::world::{World, collection, polygon, rectangle};

const Y: (f64, f64) = (7_100_000.0, 7_100_100.0);

fn fibre(operator: &str, status: &str, mbps: u32) -> String {
    format!(r#"{{"operator":"{operator}","mbps":{mbps},"status":"{status}"}}"#)
}

#[test]
fn rule_1_a_settlement_on_the_edge_is_covered_and_a_hole_is_not() {
    let world = World::new();
    let areas = world.areas();
    assert_eq!(areas["01"]["fixed_100_reached_persons"], "3", "a inside, b on the edge");
    let with_hole = r#"{"type":"FeatureCollection","features":[{"type":"Feature","properties":{"operator":"one","mbps":1000,"status":"existing"},
        "geometry":{"type":"Polygon","coordinates":[[[700000,7100000],[700200,7100000],[700200,7100100],[700000,7100100],[700000,7100000]],
        [[700040,7100040],[700060,7100040],[700060,7100060],[700040,7100060],[700040,7100040]],
        [[700150,7100040],[700160,7100040],[700160,7100060],[700150,7100060],[700150,7100040]]]}}]}"#;
    world.write("fibre.geojson", with_hole);
    let areas = world.areas();
    assert_eq!(areas["01"]["fixed_100_gap_persons"], "1", "a lies in a hole");
    assert_eq!(areas["02"]["fixed_100_reached_persons"], "4", "c lies on the edge of a hole");
}

#[test]
fn rule_2_persons_count_once_however_many_shapes_cover_them() {
    let world = World::new();
    let twice: Vec<String> = ["one", "one", "two"]
        .map(|o| rectangle(&fibre(o, "existing", 100), (700_000.0, 700_120.0), Y))
        .into();
    world.write("fibre.geojson", &collection(&twice));
    let areas = world.areas();
    assert_eq!(areas["01"]["fixed_100_reached_persons"], "3");
    assert_eq!(areas["01"]["fixed_100_black_persons"], "3", "two operators, not three shapes");
}

#[test]
fn rule_3_a_shared_border_belongs_to_the_lower_code_and_snap_m_brings_in_the_near() {
    let world = World::new();
    let areas = world.areas();
    assert_eq!(areas["01"]["persons"], "3");
    assert_eq!(areas["02"]["persons"], "4");
    assert_eq!(areas[""]["persons"], "8", "d lies outside every area");
    world.edit("whitespot.toml", "[areas]\n", "[areas]\nsnap_m = 300\n");
    let areas = world.areas();
    assert_eq!(areas["02"]["persons"], "12", "d lies exactly 300 m away");
    world.edit("whitespot.toml", "snap_m = 300", "snap_m = 299.9");
    assert_eq!(world.areas()[""]["persons"], "8");
}

#[test]
fn rule_3_areas_that_overlap_are_an_error() {
    let world = World::new();
    let areas = [
        rectangle(r#"{"code":"01"}"#, (700_000.0, 700_101.0), Y),
        rectangle(r#"{"code":"02"}"#, (700_100.0, 700_200.0), Y),
    ];
    world.write("areas.geojson", &collection(&areas));
    let output = world.whitespot(&["run"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("overlap"),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(!world.path().join("out").exists());
}

#[test]
fn rule_3_a_hairline_gap_goes_to_the_nearest_and_is_counted() {
    let world = World::new();
    // The border of 02 stands 8 mm east of that of 01; e lies between them, 3 mm from 01 and 5 mm from 02.
    let areas = [
        rectangle(r#"{"code":"01"}"#, (700_000.0, 700_100.0), Y),
        rectangle(r#"{"code":"02"}"#, (700_100.008, 700_200.0), Y),
    ];
    world.write("areas.geojson", &collection(&areas));
    world.write("settlements.csv", &format!("{}e,700100.003,7100050,16,1\n", crate::world::SETTLEMENTS));
    let found = world.areas();
    assert_eq!(found["01"]["persons"], "19", "a, b on the border of 01, and e, nearer to 01");
    assert_eq!(found[""]["persons"], "8", "d alone lies outside");
    let manifest = std::fs::read_to_string(world.path().join("out/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let hairline = manifest["findings"].as_array().unwrap().iter().find(|f| f["code"] == "hairline").unwrap();
    assert_eq!((hairline["count"].as_u64(), hairline["persons"].as_u64()), (Some(1), Some(16)));
    // An overlap of at most a centimetre is the same: the lower code of those equally near.
    let areas = [
        rectangle(r#"{"code":"01"}"#, (700_000.0, 700_100.004), Y),
        rectangle(r#"{"code":"02"}"#, (700_099.996, 700_200.0), Y),
    ];
    world.write("areas.geojson", &collection(&areas));
    assert_eq!(world.areas()["01"]["persons"], "19", "a, b and e lie in 01 or in both");
}

#[test]
fn rule_4_areas_and_outside_sum_to_the_file() {
    let areas = World::new().areas();
    for (column, total) in
        [("persons", 15), ("households", 8), ("fixed_100_reached_persons", 3), ("fixed_100_gap_persons", 12)]
    {
        let sum: u64 = areas.values().map(|row| row[column].parse::<u64>().unwrap()).sum();
        assert_eq!(sum, total, "{column}");
    }
}

#[test]
fn rule_5_every_row_is_accepted_repaired_or_rejected_with_its_persons() {
    let world = World::new();
    let rows = "e,,7100050,16,1\nf,700050,7100050,-32,1\ng,700050,7100050,many,1\n";
    world.write("settlements.csv", &format!("{}{rows}", crate::world::SETTLEMENTS));
    let areas = world.areas();
    assert_eq!(areas["01"]["persons"], "3");
    let manifest = std::fs::read_to_string(world.path().join("out/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let rows = &manifest["inputs"][0]["rows"];
    assert_eq!(
        (rows["read"].as_u64(), rows["accepted"].as_u64(), rows["rejected"].as_u64()),
        (Some(7), Some(4), Some(3))
    );
    let lost: Vec<(&str, Option<u64>)> = manifest["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|f| (f["code"].as_str().unwrap(), f["persons"].as_u64()))
        .collect();
    assert!(lost.contains(&("no_position", Some(16))), "{lost:?}");
    assert!(lost.iter().any(|(code, _)| *code == "negative_persons"), "{lost:?}");
    assert!(lost.iter().any(|(code, _)| *code == "persons_not_a_number"), "{lost:?}");
}

#[test]
fn rule_6_planned_coverage_counts_only_where_a_service_says_so() {
    let world = World::new();
    world.write(
        "fibre.geojson",
        &collection(&[rectangle(&fibre("one", "planned", 1000), (700_000.0, 700_100.0), Y)]),
    );
    assert_eq!(world.areas()["01"]["fixed_100_reached_persons"], "0");
    world.edit("whitespot.toml", "classes = true", "classes = true, status = [\"existing\", \"planned\"]");
    assert_eq!(world.areas()["01"]["fixed_100_reached_persons"], "3");
}

#[test]
fn rule_7_missing_is_empty_and_a_speed_of_0_is_not_offered() {
    let world = World::new();
    let areas = world.areas();
    assert_eq!(areas["01"]["workplaces"], "", "the source has no workplaces");
    world.write(
        "fibre.geojson",
        &collection(&[rectangle(&fibre("one", "existing", 0), (700_000.0, 700_100.0), Y)]),
    );
    world.edit("whitespot.toml", "min_download_mbps = 100, ", "");
    assert_eq!(world.areas()["01"]["fixed_100_reached_persons"], "0");
}

#[test]
fn rule_8_row_order_of_settlements_and_coverage_changes_nothing() {
    let world = World::new();
    let features = [
        rectangle(&fibre("one", "existing", 1000), (700_000.0, 700_060.0), Y),
        rectangle(&fibre("two", "existing", 100), (700_040.0, 700_160.0), Y),
    ];
    world.write("fibre.geojson", &collection(&features));
    let before = world.areas();
    let [first, second] = features;
    world.write("fibre.geojson", &collection(&[second, first]));
    let mut lines: Vec<&str> = crate::world::SETTLEMENTS.lines().collect();
    lines[1..].reverse();
    world.write("settlements.csv", &format!("{}\n", lines.join("\n")));
    assert_eq!(world.areas(), before);
}

#[test]
fn rule_9_a_self_crossing_outline_covers_what_it_encloses() {
    let world = World::new();
    // A bow tie: its left wing holds a, the crossing lies at x = 700 100, the right wing holds c.
    let bow = polygon(
        &fibre("one", "existing", 1000),
        &[
            (700_000.0, 7_100_000.0),
            (700_200.0, 7_100_100.0),
            (700_200.0, 7_100_000.0),
            (700_000.0, 7_100_100.0),
        ],
    );
    world.write("fibre.geojson", &collection(&[bow]));
    let output = world.whitespot(&["check"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("crosses itself"), "{text}");
    let areas = world.areas();
    assert_eq!(areas["01"]["fixed_100_reached_persons"], "3", "a in the wing, b at the crossing");
    world.edit("whitespot.toml", "technology = \"fibre\"", "technology = \"fibre\"\ninvalid = \"skip\"");
    assert_eq!(world.areas()["01"]["fixed_100_reached_persons"], "0");
    world.edit("whitespot.toml", "\"skip\"", "\"error\"");
    assert_eq!(world.whitespot(&["run", "--force"]).status.code(), Some(1));
}

#[test]
fn rule_10_shapes_across_the_antimeridian_work_split_and_unsplit() {
    let world = World::new();
    world.write(
        "settlements.csv",
        "id,lon,lat,persons,households\na,179.5,-16.5,1,1\nb,-179.5,-16.5,2,1\nc,180,-16.5,4,1\nd,0,-16.5,8,1\n",
    );
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let text = text
        .replace("crs = \"EPSG:3006\"\nout", "crs = \"EPSG:32760\"\nout")
        .replace(
            "crs = \"EPSG:3006\"\ncolumns = { id = \"id\", x = \"E\", y = \"N\"",
            "crs = \"EPSG:4326\"\ncolumns = { id = \"id\", x = \"lon\", y = \"lat\"",
        )
        .replace("file = \"areas.geojson\"\ncrs = \"EPSG:3006\"", "file = \"areas.geojson\"")
        .replace("file = \"fibre.geojson\"\ncrs = \"EPSG:3006\"", "file = \"fibre.geojson\"");
    world.write("whitespot.toml", &text);
    let crossing = |properties: &str| {
        [
            // Beyond 180°, as many tools write it.
            polygon(properties, &[(179.0, -17.0), (181.0, -17.0), (181.0, -16.0), (179.0, -16.0)]),
            // The longitudes jump from 179° to -179°, as others do.
            polygon(properties, &[(179.0, -17.0), (-179.0, -17.0), (-179.0, -16.0), (179.0, -16.0)]),
            // Split at the meridian, as RFC 7946 asks.
            format!(
                r#"{{"type":"Feature","properties":{properties},"geometry":{{"type":"MultiPolygon","coordinates":[
                [[[179,-17],[180,-17],[180,-16],[179,-16],[179,-17]]],
                [[[-180,-17],[-179,-17],[-179,-16],[-180,-16],[-180,-17]]]]}}}}"#
            ),
        ]
    };
    for (fibre, area) in crossing(&fibre("one", "existing", 1000)).iter().zip(crossing(r#"{"code":"01"}"#)) {
        world.write("fibre.geojson", &collection(std::slice::from_ref(fibre)));
        world.write("areas.geojson", &collection(&[area]));
        let areas = world.areas();
        assert_eq!(areas["01"]["persons"], "7", "{fibre}");
        assert_eq!(areas["01"]["fixed_100_reached_persons"], "7", "{fibre}");
        assert_eq!(areas[""]["fixed_100_gap_persons"], "8", "{fibre}");
    }
}

#[test]
fn rule_11_edges_are_straight_in_the_crs_of_their_source() {
    // An edge along 60° north from 10° to 20° east: in degrees the point just south of 60° is outside the polygon
    // north of it, though in a projection the straight line between the ends runs south of the point.
    let world = World::new();
    world.write(
        "settlements.csv",
        "id,lon,lat,persons,households\na,15,59.99,1,1\nb,15,60,2,1\nc,15,60.01,4,1\n",
    );
    let ring = [(10.0, 60.0), (20.0, 60.0), (20.0, 61.0), (10.0, 61.0)];
    world.write("fibre.geojson", &collection(&[polygon(&fibre("one", "existing", 1000), &ring)]));
    let whole = [(5.0, 55.0), (25.0, 55.0), (25.0, 65.0), (5.0, 65.0)];
    world.write("areas.geojson", &collection(&[polygon(r#"{"code":"01"}"#, &whole)]));
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let text = text
        .replace(
            "crs = \"EPSG:3006\"\ncolumns = { id = \"id\", x = \"E\", y = \"N\"",
            "crs = \"EPSG:4326\"\ncolumns = { id = \"id\", x = \"lon\", y = \"lat\"",
        )
        .replace("file = \"areas.geojson\"\ncrs = \"EPSG:3006\"", "file = \"areas.geojson\"")
        .replace("file = \"fibre.geojson\"\ncrs = \"EPSG:3006\"", "file = \"fibre.geojson\"");
    world.write("whitespot.toml", &text);
    assert_eq!(world.areas()["01"]["fixed_100_reached_persons"], "6");
}
