//! SPEC §13, row by row: what is wrong with a file, said with place, count, persons and a way out.

use crate::world::{World, collection, polygon, rectangle};
use std::{fmt::Write as _, io::Write as _, time::Instant};

const Y: (f64, f64) = (7_100_000.0, 7_100_100.0);
const FIBRE: &str = r#"{"operator":"one","mbps":1000,"status":"existing"}"#;

/// Exit code and stderr of a run.
fn run(world: &World, args: &[&str]) -> (i32, String) {
    let output = world.whitespot(&[&["run", "--force"], args].concat());
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(!text.contains("panicked"), "{text}");
    (output.status.code().unwrap_or(-1), text)
}

fn says(text: &str, parts: &[&str]) {
    for part in parts {
        assert!(text.contains(part), "`{part}` is not in:\n{text}");
    }
}

/// Rows of the settlements' file and what must be said of them; the run goes on.
fn with_settlements(rows: &str, parts: &[&str]) -> World {
    let world = World::new();
    world.write("settlements.csv", rows);
    let (code, text) = run(&world, &["-v"]);
    assert_eq!(code, 0, "{text}");
    says(&text, parts);
    let manifest = std::fs::read_to_string(world.path().join("out/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for input in manifest["inputs"].as_array().unwrap() {
        let n = |key: &str| input["rows"][key].as_u64().unwrap();
        assert_eq!(n("accepted") + n("repaired") + n("rejected"), n("read"), "{input}");
    }
    world
}

#[test]
fn metres_in_a_crs_of_degrees_are_told() {
    let world = World::new();
    world.edit(
        "whitespot.toml",
        "file = \"settlements.csv\"\ncrs = \"EPSG:3006\"",
        "file = \"settlements.csv\"\ncrs = \"EPSG:4326\"",
    );
    let (code, text) = run(&world, &[]);
    assert_eq!(code, 1);
    says(&text, &["look like metres, but EPSG:4326 has degrees", "EPSG:3006"]);
}

#[test]
fn a_bom_and_windows_line_ends_are_no_part_of_a_column() {
    with_settlements("\u{feff}id,E,N,persons,households\r\na,700050,7100050,1,1\r\n", &[]);
}

#[test]
fn negative_missing_and_unreadable_persons_are_rejected_with_their_line() {
    with_settlements(
        "id,E,N,persons,households\na,700050,7100050,1,1\nb,700060,7100050,-3,1\nc,700070,7100050,,1\nd,700080,7100050,many,1\n",
        &[
            "has negative persons",
            "line 3 (id b)",
            "has no value for persons",
            "persons that are not a number",
            "line 5 (id d)",
        ],
    );
}

#[test]
fn positions_that_are_missing_or_infinite_are_rejected_and_their_persons_counted() {
    with_settlements(
        "id,E,N,persons,households\na,700050,7100050,1,1\nb,,7100050,5,1\nc,inf,7100050,7,1\nd,NaN,7100050,9,1\n",
        &["3 rows of `settlements.csv` have no position", "(21 persons)", "line 3 (id b)"],
    );
}

#[test]
fn ids_keep_their_leading_zeros() {
    let world =
        with_settlements("id,E,N,persons,households\n007,700050,7100050,1,1\n7,700060,7100050,2,1\n", &[]);
    assert_eq!(world.areas()["01"]["persons"], "3", "they are two");
}

#[test]
fn null_island_is_told_in_degrees() {
    let world = World::new();
    world.edit(
        "whitespot.toml",
        "file = \"settlements.csv\"\ncrs = \"EPSG:3006\"",
        "file = \"settlements.csv\"\ncrs = \"EPSG:4326\"",
    );
    world.write(
        "settlements.csv",
        "id,E,N,persons,households\na,19.1,63.97,1,1\nb,19.1,63.97,1,1\nc,0,0,4,1\n",
    );
    let (_, text) = run(&world, &[]);
    says(&text, &["1 position of `settlements.csv` is exactly 0, 0"]);
}

#[test]
fn points_that_stand_twice_are_told_by_check() {
    let world = World::new();
    world.write(
        "settlements.csv",
        "id,E,N,persons,households\na,700050,7100050,1,1\nb,700050,7100050,2,1\nc,700050,7100050,4,1\n",
    );
    let output = world.whitespot(&["check", "-v"]);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    says(&text, &["2 settlements of `settlements.csv` stand where another one does", "line 3"]);
}

/// One feature of the fibre layer; gives exit code and stderr.
fn with_fibre(feature: &str) -> (i32, String) {
    let world = World::new();
    world.write(
        "fibre.geojson",
        &collection(&[feature.to_string(), rectangle(FIBRE, (700_000.0, 700_100.0), Y)]),
    );
    run(&world, &["-v"])
}

#[test]
fn an_empty_geometry_reaches_nobody_and_says_so() {
    let feature = format!(r#"{{"type":"Feature","properties":{FIBRE},"geometry":null}}"#);
    let (code, text) = with_fibre(&feature);
    assert_eq!(code, 0, "{text}");
    says(&text, &["1 feature of `fibre.geojson` has no geometry and is rejected"]);
}

#[test]
fn a_polygon_of_two_points_covers_nothing_and_says_so() {
    let (code, text) = with_fibre(&polygon(FIBRE, &[(700_000.0, 7_100_000.0), (700_100.0, 7_100_000.0)]));
    assert_eq!(code, 0, "{text}");
    says(&text, &["fewer than three different points", "feature 1 at 700000, 7100000", "it covers nothing"]);
}

#[test]
fn a_self_crossing_ring_stops_repairs_or_skips_as_the_analysis_says() {
    let bow_tie = polygon(
        FIBRE,
        &[
            (700_000.0, 7_100_000.0),
            (700_200.0, 7_100_100.0),
            (700_200.0, 7_100_000.0),
            (700_000.0, 7_100_100.0),
        ],
    );
    for (policy, expected, phrase) in [
        ("repair", 0, "taken as the area its outline encloses"),
        ("skip", 0, "1 feature of `fibre.geojson` is invalid and left out"),
        ("error", 1, "ring crosses itself"),
    ] {
        let world = World::new();
        world.edit(
            "whitespot.toml",
            "id = \"fibre\"\n",
            &format!("id = \"fibre\"\ninvalid = \"{policy}\"\n"),
        );
        world.write("fibre.geojson", &collection(std::slice::from_ref(&bow_tie)));
        let (code, text) = run(&world, &[]);
        assert_eq!(code, expected, "{text}");
        says(&text, &[phrase]);
        // The bow tie holds settlement b where it crosses; c lies in its eastern half.
        if policy == "skip" {
            says(&text, &["is invalid and left out (", "with `invalid = \"repair\"` they are"]);
        }
    }
}

#[test]
fn nested_collections_cover_what_their_polygons_cover() {
    let world = World::new();
    let inner = r#"{"type":"Polygon","coordinates":[[[700000,7100000],[700100,7100000],[700100,7100100],[700000,7100100],[700000,7100000]]]}"#;
    let nested = format!(
        r#"{{"type":"GeometryCollection","geometries":[{{"type":"GeometryCollection","geometries":[{inner}]}}]}}"#
    );
    world.write(
        "fibre.geojson",
        &collection(&[format!(r#"{{"type":"Feature","properties":{FIBRE},"geometry":{nested}}}"#)]),
    );
    assert_eq!(world.areas()["01"]["fixed_100_reached_persons"], "3");
}

#[test]
fn a_ring_of_a_million_vertices_is_read_in_its_stride() {
    let world = World::new();
    let mut ring = String::with_capacity(40 << 20);
    let n = 1_000_000;
    for i in 0..=n {
        let angle = f64::from(i % n) / f64::from(n) * std::f64::consts::TAU;
        let radius = 40.0 + f64::from(i % 2) * 0.001;
        let (x, y) = (700_050.0 + radius * angle.cos(), 7_100_050.0 + radius * angle.sin());
        let _ = write!(ring, "{}[{x:.4},{y:.4}]", if i == 0 { "" } else { "," });
    }
    world.write("fibre.geojson", &collection(&[format!(r#"{{"type":"Feature","properties":{FIBRE},"geometry":{{"type":"Polygon","coordinates":[[{ring}]]}}}}"#)]));
    let started = Instant::now();
    let (code, text) = run(&world, &["-v"]);
    assert_eq!(code, 0, "{text}");
    let areas = crate::world::read_areas(&world.path().join("out"));
    assert_eq!(areas["01"]["fixed_100_reached_persons"], "1");
    // 16 MB of coordinates, the index, and 27 MB of text at most.
    let peak = crate::big_files::peak_mib(&text);
    assert!(peak.is_none_or(|mib| mib < 250), "{text}");
    assert!(started.elapsed().as_secs() < 60, "{:?}", started.elapsed());
}

#[test]
fn deep_nesting_is_refused_quickly() {
    let world = World::new();
    let started = Instant::now();
    for deep in [
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{{"a":{}1{}}},"geometry":null}}]}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        ),
        format!(
            r#"{{"type":"FeatureCollection","features":[{{"type":"Feature","properties":{FIBRE},"geometry":{{"type":"Polygon","coordinates":{}1{}}}}}]}}"#,
            "[".repeat(100_000),
            "]".repeat(100_000)
        ),
        format!(
            "{}{}",
            r#"{"type":"GeometryCollection","geometries":["#.repeat(100_000),
            "]}".repeat(100_000)
        ),
    ] {
        world.write("fibre.geojson", &deep);
        let (code, text) = run(&world, &[]);
        assert!(code == 1 || code == 0, "{code}: {}", &text[..text.len().min(500)]);
        assert!(text.contains("fibre.geojson"), "{}", &text[..text.len().min(500)]);
    }
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_zip_bomb_is_refused_quickly() {
    let world = World::new();
    let path = world.path().join("bomb.zip");
    let mut zip = zip::ZipWriter::new(std::fs::File::create(&path).unwrap());
    let zeros = vec![0u8; 1 << 20];
    zip.start_file("a.shp", zip::write::SimpleFileOptions::default()).unwrap();
    (0..300).for_each(|_| zip.write_all(&zeros).unwrap());
    zip.finish().unwrap();
    world.edit("whitespot.toml", "\"fibre.geojson\"", "\"bomb.zip\"");
    let started = Instant::now();
    let (code, text) = run(&world, &[]);
    assert_eq!(code, 1, "{text}");
    says(&text, &["`bomb.zip` is not readable"]);
    assert!(started.elapsed().as_secs() < 20, "{:?}", started.elapsed());
}

#[test]
fn a_line_without_end_is_refused_in_bounded_memory() {
    let world = World::new();
    let mut file = std::fs::File::create(world.path().join("settlements.csv")).unwrap();
    file.write_all(b"id,E,N,persons,households\na,\"").unwrap();
    let piece = vec![b'x'; 1 << 20];
    (0..64).for_each(|_| file.write_all(&piece).unwrap());
    drop(file);
    let (code, text) = run(&world, &[]);
    assert_eq!(code, 1);
    says(&text, &["settlements.csv", "longer than 16 MiB"]);
}

#[test]
fn areas_that_overlap_are_an_error_with_both_names() {
    let world = World::new();
    let areas = [
        rectangle(r#"{"code":"01"}"#, (700_000.0, 700_110.0), Y),
        rectangle(r#"{"code":"02"}"#, (700_100.0, 700_200.0), Y),
    ];
    world.write("areas.geojson", &collection(&areas));
    let (code, text) = run(&world, &[]);
    assert_eq!(code, 1);
    says(&text, &["1 pair of areas of `areas.geojson` overlaps", "01 01 and 02 02: 1000 m²"]);
}

/// Adds sections to the end of the analysis file.
fn with_sections(sections: &str) -> World {
    let world = World::new();
    let file = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
    world.write("whitespot.toml", &format!("{file}\n{sections}"));
    world
}

#[test]
fn area_codes_absent_from_statistics_are_named() {
    let world = with_sections(
        "[need]\nindicators = [{ id = \"age\", file = \"age.csv\", columns = { code = \"code\", value = \"age\" } }]\n",
    );
    world.write("age.csv", "code,age\n01,5\n99,7\n");
    let (_, text) = run(&world, &["-v"]);
    says(&text, &["1 of 2 areas are absent from `age.csv`", "first: 02", "1 code of `age.csv` is no area"]);
}

#[test]
fn weights_that_are_all_0_are_refused() {
    let world = with_sections(
        "[need]\nindicators = [{ id = \"gap\", derive = { gap_share = \"fixed_100\" }, weight = 0 }]\n",
    );
    let (code, text) = run(&world, &[]);
    assert_eq!(code, 1);
    says(&text, &["all weights are 0"]);
}

#[test]
fn a_budget_of_0_funds_nothing_a_negative_one_is_refused_and_a_huge_one_leaves_money() {
    let scenario = |budget: &str| {
        with_sections(&format!(
            "[cost.fixed_100]\nbase_per_household = 1000\n[[scenario]]\nname = \"s\"\nservice = \"fixed_100\"\nbudget = {budget}\nrule = \"cost_effectiveness\"\n"
        ))
    };
    let (code, text) = run(&scenario("0"), &[]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = run(&scenario("-5"), &[]);
    assert_eq!(code, 1, "{text}");
    says(&text, &["is negative"]);
    let world = scenario("900_000_000");
    let (code, text) = run(&world, &[]);
    assert_eq!(code, 0, "{text}");
    assert!(
        std::fs::read_to_string(world.path().join("out/public/scenarios/s.csv")).unwrap().contains("2000")
    );
}

#[test]
fn a_folder_that_cannot_be_written_is_exit_code_3() {
    let world = World::new();
    // A file where the folder's parent should be: refused to every user, root included.
    world.write("blocked", "");
    let output = world.whitespot(&["run", "-o", "blocked/out"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(3), "{text}");
    says(&text, &["blocked"]);
}

#[cfg(target_os = "linux")]
#[test]
fn a_run_killed_at_any_moment_leaves_no_results_folder() {
    use std::process::{Command, Stdio};
    let binary = assert_cmd::cargo::cargo_bin("whitespot");
    for wait_ms in [1, 5, 20, 60, 150] {
        let world = World::new();
        let mut rows = String::from("id,E,N,persons,households\n");
        for i in 0..60_000 {
            let _ = writeln!(rows, "{i},{},{},1,1", 700_000 + i % 200, 7_100_000 + i % 97);
        }
        world.write("settlements.csv", &rows);
        let mut child = Command::new(&binary)
            .arg("run")
            .current_dir(world.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait_ms));
        let _ = child.kill();
        child.wait().unwrap();
        let out = world.path().join("out");
        assert!(
            !out.exists() || out.join("run.json").exists() && out.join("README.txt").exists(),
            "half a folder after {wait_ms} ms"
        );
    }
}

#[test]
fn files_of_every_format_cut_anywhere_are_refused_or_give_no_more_than_was_there() {
    let world = World::new();
    let gdal = |format: &str, name: &str| {
        let output = std::process::Command::new("ogr2ogr")
            .args(["-q", "-f", format, name, "fibre.geojson", "-a_srs", "EPSG:3006"])
            .current_dir(world.path())
            .output();
        output.is_ok_and(|o| o.status.success())
    };
    let mut names = vec!["fibre.geojson"];
    for (format, name) in [("GPKG", "f.gpkg"), ("FlatGeobuf", "f.fgb"), ("ESRI Shapefile", "f.shp")] {
        if gdal(format, name) {
            names.push(name);
        } else {
            println!("skipped: ogr2ogr cannot write {format}");
        }
    }
    for name in names {
        let path = world.path().join(name);
        let whole = std::fs::read(&path).unwrap();
        let analysis = std::fs::read_to_string(world.path().join("whitespot.toml")).unwrap();
        world.write("cut.toml", &analysis.replace("\"fibre.geojson\"", &format!("\"{name}\"")));
        for part in [0.0, 0.1, 0.5, 0.9, 0.99] {
            let cut = (whole.len() as f64 * part) as usize;
            std::fs::write(&path, &whole[..cut]).unwrap();
            let output = world.whitespot(&["run", "--force", "-c", "cut.toml"]);
            let text = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!text.contains("panicked"), "{name} cut at {cut}: {text}");
            assert!(matches!(output.status.code(), Some(0 | 1)), "{name} cut at {cut}: {text}");
            if output.status.code() == Some(1) {
                assert!(text.contains(name) && text.contains("hint:"), "{name} cut at {cut}: {text}");
            }
        }
        std::fs::write(&path, &whole).unwrap();
    }
}
