//! Files larger than the analysis needs or the disk holds: bounded memory, parts left unread, nothing half written.

use crate::world::{World, collection, read_areas, rectangle};
use std::{
    fmt::Write as _,
    io::{BufWriter, Write as _},
    path::Path,
    process::Command,
};
use whitespot_model::table::{Table, Unit, Values};

const FIBRE: &str = r#"{"operator":"one","mbps":1000,"status":"existing"}"#;

/// What a run says on stderr; it must succeed.
fn told(world: &World, args: &[&str]) -> String {
    let output = world.whitespot(args);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{text}");
    text
}

/// The most memory the process held while it loaded and joined, in MiB, where the system tells.
pub(crate) fn peak_mib(text: &str) -> Option<u64> {
    let before = text.split(" MiB in all so far").next().filter(|before| before.len() < text.len())?;
    let digits: String = before.chars().rev().take_while(|c| c.is_ascii_digit() || !c.is_ascii()).collect();
    digits.chars().rev().filter(char::is_ascii_digit).collect::<String>().parse().ok()
}

/// Settlements as GeoJSON points until the file has so many bytes; gives their number.
fn write_settlements(path: &Path, bytes: u64) -> u64 {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let head =
        r#"{"type":"FeatureCollection","crs":{"type":"name","properties":{"name":"EPSG:3006"}},"features":["#;
    file.write_all(head.as_bytes()).unwrap();
    let (mut n, mut written, mut feature) = (0_u64, head.len() as u64, String::new());
    while written < bytes {
        feature.clear();
        let (x, y) = (700_000 + n % 200, 7_100_000 + n / 200 % 100);
        let comma = if n == 0 { "" } else { ",\n" };
        let _ = write!(
            feature,
            r#"{comma}{{"type":"Feature","properties":{{"id":"p{n}","persons":1,"remark":"as the register has it, and more than anybody reads"}},"geometry":{{"type":"Point","coordinates":[{x}.25,{y}.75]}}}}"#
        );
        file.write_all(feature.as_bytes()).unwrap();
        written += feature.len() as u64;
        n += 1;
    }
    file.write_all(b"]}").unwrap();
    n
}

/// Fibre polygons of 64 vertices as GeoJSON until the file has so many bytes; gives their number.
fn write_coverage(path: &Path, bytes: u64) -> u64 {
    let mut file = BufWriter::new(std::fs::File::create(path).unwrap());
    let head = r#"{"type":"FeatureCollection","features":["#;
    file.write_all(head.as_bytes()).unwrap();
    let (mut n, mut written, mut feature) = (0_u64, head.len() as u64, String::new());
    while written < bytes {
        feature.clear();
        let (x, y) = (600_000.0 + (n % 500) as f64 * 300.0, 7_000_000.0 + (n / 500) as f64 * 300.0);
        let comma = if n == 0 { "" } else { ",\n" };
        let _ = write!(
            feature,
            r#"{comma}{{"type":"Feature","properties":{FIBRE},"geometry":{{"type":"Polygon","coordinates":[["#
        );
        for i in 0..=64 {
            let angle = f64::from(i % 64) / 64.0 * std::f64::consts::TAU;
            let comma = if i == 0 { "" } else { "," };
            let _ = write!(feature, "{comma}[{:.4},{:.4}]", x + 140.0 * angle.cos(), y + 140.0 * angle.sin());
        }
        feature.push_str("]]}}");
        file.write_all(feature.as_bytes()).unwrap();
        written += feature.len() as u64;
        n += 1;
    }
    file.write_all(b"]}").unwrap();
    n
}

fn settlements_of(bytes: u64) -> (World, u64) {
    let world = World::new();
    let n = write_settlements(&world.path().join("settlements.geojson"), bytes);
    world.edit("whitespot.toml", "settlements.csv\"\ncrs = \"EPSG:3006\"", "settlements.geojson\"");
    world.edit(
        "whitespot.toml",
        r#"{ id = "id", x = "E", y = "N", persons = "persons", households = "households" }"#,
        r#"{ persons = "persons" }"#,
    );
    world.edit("whitespot.toml", "[outputs]\n", "[outputs]\nsettlements = false\n");
    (world, n)
}

/// Runs on settlements of so many bytes; gives the peak of memory.
fn peak_of_settlements(bytes: u64) -> Option<u64> {
    let (world, n) = settlements_of(bytes);
    let text = told(&world, &["run", "-v", "-j", "2"]);
    let areas = read_areas(&world.path().join("out"));
    let persons: u64 = areas.values().map(|row| row["persons"].parse::<u64>().unwrap()).sum();
    assert_eq!(persons, n, "everybody is counted");
    peak_mib(&text)
}

/// Runs on coverage of so many bytes; gives the peak of memory.
fn peak_of_coverage(bytes: u64) -> Option<u64> {
    let world = World::new();
    let n = write_coverage(&world.path().join("fibre.geojson"), bytes);
    let text = told(&world, &["run", "-v", "-j", "2"]);
    let manifest = std::fs::read_to_string(world.path().join("out/manifest.json")).unwrap();
    assert!(manifest.contains(&format!("\"accepted\": {n},")), "all {n} features are accepted");
    peak_mib(&text)
}

const MIB: u64 = 1 << 20;

#[test]
fn memory_does_not_grow_with_a_geojson_of_settlements() {
    let Some(small) = peak_of_settlements(MIB) else {
        println!("skipped: the system does not tell the memory of a process");
        return;
    };
    let large = peak_of_settlements(48 * MIB).unwrap();
    println!("1 MiB of settlements: {small} MiB held, 48 MiB: {large} MiB");
    assert!(large < small + 120, "48 MiB of settlements hold {large} MiB, 1 MiB holds {small} MiB");
}

#[test]
fn coverage_is_held_once_and_in_less_memory_than_its_geojson_has_bytes() {
    let Some(small) = peak_of_coverage(MIB) else {
        println!("skipped: the system does not tell the memory of a process");
        return;
    };
    let large = peak_of_coverage(48 * MIB).unwrap();
    println!("1 MiB of coverage: {small} MiB held, 48 MiB: {large} MiB");
    assert!(large < small + 120, "48 MiB of coverage hold {large} MiB, 1 MiB holds {small} MiB");
}

/// Takes a minute and 1 GiB of disk: `WHITESPOT_GIB=1`.
#[test]
fn a_gibibyte_of_geojson_is_read_in_bounded_memory() {
    if std::env::var_os("WHITESPOT_GIB").is_none() {
        println!("skipped: WHITESPOT_GIB=1 writes and reads a GeoJSON of 1 GiB");
        return;
    }
    let started = std::time::Instant::now();
    let settlements = peak_of_settlements(1024 * MIB);
    println!("1 GiB of settlements: {settlements:?} MiB held, {:.0} s", started.elapsed().as_secs_f64());
    let started = std::time::Instant::now();
    let coverage = peak_of_coverage(1024 * MIB);
    println!("1 GiB of coverage: {coverage:?} MiB held, {:.0} s", started.elapsed().as_secs_f64());
    assert!(settlements.is_none_or(|mib| mib < 300), "{settlements:?}");
    assert!(coverage.is_none_or(|mib| mib < 1800), "{coverage:?}");
}

#[test]
fn row_groups_far_from_every_settlement_are_left_unread_and_change_nothing() {
    let world = World::new();
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/end_to_end/data/covering.parquet");
    std::fs::copy(here, world.path().join("fibre.parquet")).unwrap();
    world.edit("whitespot.toml", "\"fibre.geojson\"\ncrs = \"EPSG:3006\"", "\"fibre.parquet\"");
    let read = |world: &World| {
        let text = told(world, &["run", "--force", "-v"]);
        let manifest = std::fs::read_to_string(world.path().join("out/manifest.json")).unwrap();
        let areas = std::fs::read(world.path().join("out/public/areas.csv")).unwrap();
        (text, manifest, areas)
    };
    let (text, manifest, whole) = read(&world);
    assert!(manifest.contains("\"read\": 40,") && !text.contains("far from every settlement"), "{text}");

    write_settlement_table(&world.path().join("settlements.parquet"));
    world.edit("whitespot.toml", "settlements.csv", "settlements.parquet");
    let (text, manifest, near) = read(&world);
    assert!(
        text.contains("35 rows of `fibre.parquet` lie far from every settlement and are not read"),
        "{text}"
    );
    assert!(manifest.contains("\"read\": 5,") && !manifest.contains("\"read\": 40,"), "{manifest}");
    assert_eq!(near, whole, "results are the same");
    assert_eq!(read_areas(&world.path().join("out"))["01"]["fixed_100_reached_persons"], "3");

    // Far enough reach: everything is near.
    world.edit("whitespot.toml", "id = \"fibre\"\n", "id = \"fibre\"\nreach_m = 2000000\n");
    let (text, manifest, _) = read(&world);
    assert!(manifest.contains("\"read\": 40,"), "{text}");
}

/// The settlements of [`World`] as Parquet, whose statistics tell where they are.
fn write_settlement_table(path: &Path) {
    let mut table = Table::default();
    let text = |v: &[&str]| Values::Text(v.iter().map(|s| Some((*s).to_string())).collect());
    let real = |v: &[f64]| Values::Real(v.iter().map(|x| Some(*x)).collect());
    let int = |v: &[i64]| Values::Int(v.iter().map(|x| Some(*x)).collect());
    table.push("id", Unit::Text, "", "", text(&["a", "b", "c", "d"]));
    table.push("E", Unit::Number, "", "", real(&[700_050.0, 700_100.0, 700_150.0, 700_500.0]));
    table.push("N", Unit::Number, "", "", real(&[7_100_050.0; 4]));
    table.push("persons", Unit::Number, "", "", int(&[1, 2, 4, 8]));
    table.push("households", Unit::Number, "", "", int(&[1, 1, 2, 4]));
    whitespot_table::write_parquet(path, &table).unwrap();
}

#[test]
fn map_layers_as_geoparquet_are_areas_again_in_the_same_crs() {
    let world = World::new();
    let areas = world.areas();
    let path = world.path().join("out/public/geoparquet/areas.parquet");
    let schema = whitespot_table::inspect(&path, None, None).unwrap();
    assert_eq!(
        (schema.format, schema.n_rows),
        ("GeoParquet", Some(2)),
        "without the row of what lies outside"
    );
    let header = std::fs::read_to_string(world.path().join("out/public/areas.csv")).unwrap();
    assert_eq!(schema.fields.join(","), header.lines().next().unwrap());
    std::fs::copy(&path, world.path().join("areas.parquet")).unwrap();
    world.edit(
        "whitespot.toml",
        "\"areas.geojson\"\ncrs = \"EPSG:3006\"\ncolumns = { code = \"code\" }",
        "\"areas.parquet\"\ncolumns = { code = \"area_code\" }",
    );
    let again = world.areas();
    assert_eq!(again, areas);
    world.edit("whitespot.toml", "[outputs]\n", "[outputs]\nformats = [\"csv\"]\n");
    world.areas();
    assert!(!world.path().join("out/public/geoparquet").exists(), "only where asked for");
}

#[test]
fn areas_across_the_antimeridian_are_cut_there_in_geojson() {
    let world = World::new();
    world.write(
        "settlements.csv",
        "id,E,N,persons,households\na,179.5,-16.5,1,1\nb,-179.5,-16.5,2,1\nc,178.5,-16.5,4,1\n",
    );
    let ring = |properties: &str, x: (f64, f64)| rectangle(properties, x, (-17.0, -16.0));
    let areas = [ring(r#"{"code":"01"}"#, (179.0, -179.0)), ring(r#"{"code":"02"}"#, (178.0, 179.0))];
    world.write("areas.geojson", &collection(&areas));
    world.write("fibre.geojson", &collection(&[ring(FIBRE, (179.0, -179.0))]));
    let text = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    let text =
        text.replacen("crs = \"EPSG:3006\"", "crs = \"EPSG:32760\"", 1).replace("EPSG:3006", "EPSG:4326");
    world.write("whitespot.toml", &text);
    let rows = world.areas();
    assert_eq!((rows["01"]["persons"].as_str(), rows["02"]["persons"].as_str()), ("3", "4"));
    assert_eq!(rows["01"]["fixed_100_reached_persons"], "3", "on both sides");
    let json = std::fs::read_to_string(world.path().join("out/public/areas.geojson")).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let boxes: Vec<Vec<(f64, f64)>> = json["features"].as_array().unwrap().iter().map(spans).collect();
    assert_eq!(boxes, [vec![(179.0, 180.0), (-180.0, -179.0)], vec![(178.0, 179.0)]]);
}

/// West and east end of each polygon of a feature.
fn spans(feature: &serde_json::Value) -> Vec<(f64, f64)> {
    let polygons = feature["geometry"]["coordinates"].as_array().unwrap();
    let span = |polygon: &serde_json::Value| {
        let ring = polygon[0].as_array().unwrap();
        let longitudes = || ring.iter().map(|c| c[0].as_f64().unwrap());
        (longitudes().fold(f64::INFINITY, f64::min), longitudes().fold(f64::NEG_INFINITY, f64::max))
    };
    polygons.iter().map(span).collect()
}

/// What lies in the folder beside the inputs.
fn left_behind(world: &World) -> Vec<String> {
    let inputs = ["whitespot.toml", "settlements.csv", "areas.geojson", "fibre.geojson", "disk"];
    let names = std::fs::read_dir(world.path()).unwrap().map(|e| e.unwrap().file_name());
    names.map(|n| n.to_string_lossy().into_owned()).filter(|n| !inputs.contains(&n.as_str())).collect()
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_that_cannot_be_written_to_its_end_leaves_nothing_behind_and_is_named() {
    let world = World::new();
    let binary = assert_cmd::cargo::cargo_bin("whitespot");
    // No file may grow beyond so many blocks of 512 bytes; a write beyond is an error, as on a full disk.
    for blocks in [1, 8, 40, 100] {
        let shell = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" run");
        let output =
            Command::new("sh").args(["-c", &shell]).arg(&binary).current_dir(world.path()).output().unwrap();
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(3), "{blocks} blocks: {text}");
        assert!(text.contains("cannot write") || text.contains("cannot be written"), "{text}");
        assert_eq!(left_behind(&world), [""; 0], "{blocks} blocks");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_leaves_nothing_behind_and_is_told() {
    let world = World::new();
    let binary = assert_cmd::cargo::cargo_bin("whitespot");
    std::fs::create_dir(world.path().join("disk")).unwrap();
    for kib in [8, 64, 200] {
        // A disk of its own, in a mount namespace of its own.
        let shell = format!(
            "mount -t tmpfs -o size={kib}k none disk || exit 99; \"$0\" run -o disk/out; code=$?; ls -A disk >&2; exit $code"
        );
        let output = Command::new("unshare")
            .args(["-rm", "sh", "-c", &shell])
            .arg(&binary)
            .current_dir(world.path())
            .output();
        let Ok(output) = output else {
            println!("skipped: there is no `unshare` here");
            return;
        };
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.code() == Some(99) || text.contains("unshare:") {
            println!("skipped: no disk can be mounted here");
            return;
        }
        assert_eq!(output.status.code(), Some(3), "{kib} KiB: {text}");
        assert!(text.contains("No space left on device") || text.contains("full"), "{text}");
        assert!(!text.lines().any(|line| line == "out" || line.starts_with(".whitespot")), "{text}");
    }
}
