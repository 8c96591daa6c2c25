//! GDAL and QGIS connect live to `whitespot explore`, and page through 100,000 features.

use crate::{
    demo::{area_rows, demo_results, program, run},
    qgis::{in_qgis, qgis_python},
};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::{Child, Command, Stdio},
};
use whitespot_io::{GeoPackageWriter, LayerCrs, LayerSpec};
use whitespot_model::{
    result::RunResult,
    shapes::{Part, Shapes},
    table::{Table, Unit, Values},
};

const N: usize = 100_000;
/// Squares of 900 m on a lattice of 1 km, in rows of 400, from here in SWEREF 99 TM.
const CORNER: [f64; 2] = [400_000.0, 6_800_000.0];

/// `whitespot explore` on a free port, ended with the test.
struct Explorer {
    child: Child,
    url: String,
}

impl Explorer {
    fn of(results: &Path) -> Explorer {
        let mut child = Command::new(assert_cmd::cargo::cargo_bin("whitespot"))
            .args(["explore", "--port", "0", "--no-open", "-q"])
            .arg(results)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut url = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut url).unwrap();
        assert!(url.starts_with("http://127.0.0.1:"), "{url}");
        Explorer { child, url: url.trim().trim_end_matches('/').to_string() }
    }
}

impl Explorer {
    /// The body of an answer.
    fn get(&self, path: &str) -> Vec<u8> {
        let host = self.url.strip_prefix("http://").unwrap();
        let mut stream = TcpStream::connect(host).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer[..200]));
        let head_ends = answer.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        answer.split_off(head_ends + 4)
    }
}

impl Drop for Explorer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn persons_of(i: usize) -> i64 {
    (i % 97) as i64
}

/// A results folder whose package holds 100,000 areas.
fn write_large_run(folder: &Path) {
    std::fs::create_dir_all(folder.join("public")).unwrap();
    let result: RunResult = serde_json::from_value(serde_json::json!({
        "schema": 1, "run_id": "0123", "version": "0", "title": "Many", "language": ["en"],
        "crs": "EPSG:3006", "inputs": [], "findings": [], "services": {}, "shown_service": null,
        "total": { "settlements": 0, "persons": 0, "households": 0, "workplaces": 0 },
        "has_households": false, "has_workplaces": false, "areas": { "columns": [] },
        "parents": { "columns": [] }, "totals": { "columns": [] }, "map": null, "ranking": null,
        "scenarios": [], "formats": []
    }))
    .unwrap();
    std::fs::write(folder.join("run.json"), serde_json::to_string(&result).unwrap()).unwrap();
    let crs = whitespot_spatial::crs::Crs::from_code("EPSG:3006").unwrap();
    let crs = LayerCrs { code: crs.code().into(), name: crs.name().into(), wkt: crs.wkt() };
    let mut package = GeoPackageWriter::create(&folder.join("public/whitespot.gpkg"), &crs).unwrap();
    let mut table = Table::default();
    let codes = (0..N).map(|i| Some(format!("å{i:06}"))).collect();
    table.push("area_code", Unit::Text, "", "", Values::Text(codes));
    table.push("persons", Unit::Persons, "", "", Values::Int((0..N).map(|i| Some(persons_of(i))).collect()));
    let mut shapes = Shapes::default();
    for i in 0..N {
        let (x, y) = (CORNER[0] + (i % 400) as f64 * 1000.0, CORNER[1] + (i / 400) as f64 * 1000.0);
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, y), (x + 900.0, y), (x + 900.0, y + 900.0), (x, y + 900.0), (x, y)]);
        shapes.end_part();
        shapes.end_feature();
    }
    package.add_layer(&LayerSpec::polygons("areas", "Many", ""), &table, &shapes).unwrap();
    package.finish().unwrap();
}

fn all_persons() -> i64 {
    (0..N).map(persons_of).sum()
}

#[test]
fn gdal_pages_through_100_000_features_of_the_explorer() {
    let (Some(ogrinfo), Some(ogr2ogr)) =
        (program("WHITESPOT_OGRINFO", "ogrinfo"), program("WHITESPOT_OGR2OGR", "ogr2ogr"))
    else {
        println!("skipped: ogrinfo or ogr2ogr is absent");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    write_large_run(folder.path());
    let explorer = Explorer::of(folder.path());
    let source = format!("OAPIF:{}", explorer.url);
    let (out, err, is_ok) = run(Command::new(&ogrinfo).args(["-ro", "-so", &source, "areas"]));
    assert!(is_ok && err.is_empty(), "{err}");
    assert!(out.contains(&format!("Feature Count: {N}\n")) && out.contains("Multi Polygon"), "{out}");
    let csv = folder.path().join("all.csv");
    let (_, err, is_ok) = run(Command::new(&ogr2ogr).args(["-f", "CSV"]).arg(&csv).args([&source, "areas"]));
    assert!(is_ok && err.is_empty(), "{err}");
    let mut reader = csv::Reader::from_path(csv).unwrap();
    let rows: Vec<(String, i64)> = reader.deserialize().map(|row| row.unwrap()).collect();
    let codes: std::collections::BTreeSet<&str> = rows.iter().map(|r| r.0.as_str()).collect();
    assert_eq!((rows.len(), codes.len()), (N, N));
    assert_eq!(rows.iter().map(|r| r.1).sum::<i64>(), all_persons());
    // A box and a property together, as GDAL puts them.
    let spatial = ["-spat", "15.0", "61.5", "15.1", "61.55", "-where", "persons = 5"];
    let (out, err, is_ok) =
        run(Command::new(&ogrinfo).args(["-ro", "-so"]).args(spatial).args([&source, "areas"]));
    assert!(is_ok && err.is_empty(), "{err}");
    assert!(!out.contains("Feature Count: 0\n") && !out.contains(&format!("Feature Count: {N}\n")), "{out}");
}

#[test]
fn qgis_pages_through_100_000_features_of_the_explorer() {
    if qgis_python().is_none() {
        println!("skipped: python3 with QGIS' modules is absent");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write_large_run(folder.path());
    let explorer = Explorer::of(folder.path());
    let told = in_qgis("qgis_oapif.py", &[&explorer.url, "areas", "15.0", "61.5", "15.5", "61.6"]);
    assert_eq!((&told["valid"], &told["crs"]), (&true.into(), &"EPSG:4326".into()), "{told}");
    assert_eq!((&told["stated"], &told["count"], &told["codes"]), (&N.into(), &N.into(), &N.into()));
    assert_eq!(told["persons"], all_persons());
    // Half a degree of longitude is 26.6 km there, a tenth of a degree of latitude 11.1 km: 27 or 28 by 12 squares.
    assert!((300..=400).contains(&told["in_box"].as_u64().unwrap()), "{told}");
}

#[test]
fn gdal_and_qgis_put_the_vector_tiles_where_the_areas_lie() {
    let Some(ogrinfo) = program("WHITESPOT_OGRINFO", "ogrinfo") else {
        println!("skipped: ogrinfo is absent");
        return;
    };
    let explorer = Explorer::of(demo_results());
    // The tile of zoom 6 that Umeå (20.26, 63.83) lies in.
    let (z, x, y) = (6, 35, 17);
    let tiles = format!("{}/collections/areas/tiles/WebMercatorQuad", explorer.url);
    let place = [format!("X={x}"), format!("Y={y}"), format!("Z={z}")];
    let options = ["-oo", &place[0], "-oo", &place[1], "-oo", &place[2]];
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tile.pbf");
    std::fs::write(&file, explorer.get(&format!("/collections/areas/tiles/WebMercatorQuad/{z}/{y}/{x}")))
        .unwrap();
    let (out, err, is_ok) = run(Command::new(&ogrinfo).args(["-ro", "-al"]).args(options).arg(&file));
    assert!(is_ok && err.is_empty(), "{err}");
    assert!(out.contains("area_name (String) = Umeå") && out.contains("Pseudo-Mercator"), "{out}");
    let extent = out.split("Extent: (").nth(1).unwrap().split(')').next().unwrap();
    let west: f64 = extent.split(',').next().unwrap().parse().unwrap();
    // The tile begins at 16.875° east, with its margin a little before.
    let edge_m = 6_378_137.0 * 16.875_f64.to_radians();
    assert!((west - edge_m).abs() < 40_000.0, "{extent}");
    if qgis_python().is_none() {
        println!("skipped: python3 with QGIS' modules is absent");
        return;
    }
    let told = in_qgis("qgis_tiles.py", &[&tiles, "20.26", "63.83"]);
    assert_eq!((&told["valid"], &told["crs"]), (&true.into(), &"EPSG:3857".into()), "{told}");
    assert!(told["painted"].as_u64().unwrap() > 1_000, "{told}");
    assert_eq!(told["painted_far_away"], 0);
}

#[test]
fn every_layer_of_the_demo_is_read_live_as_the_package_has_it() {
    let Some(ogrinfo) = program("WHITESPOT_OGRINFO", "ogrinfo") else {
        println!("skipped: ogrinfo is absent");
        return;
    };
    let results = demo_results();
    let explorer = Explorer::of(results);
    let count = |source: &str| {
        let (out, err, is_ok) = run(Command::new(&ogrinfo).args(["-ro", "-so", "-al", source]));
        assert!(is_ok && err.is_empty(), "{err}");
        let layers: std::collections::BTreeMap<String, String> = out
            .split("Layer name: ")
            .skip(1)
            .map(|part| {
                let n = part.split("Feature Count: ").nth(1).unwrap().lines().next().unwrap();
                (part.lines().next().unwrap().to_string(), n.to_string())
            })
            .collect();
        layers
    };
    let live = count(&format!("OAPIF:{}", explorer.url));
    let mut package = count(results.join("public/whitespot.gpkg").to_str().unwrap());
    package.retain(|name, _| name != "layer_styles");
    assert_eq!(live, package);
    assert_eq!(live["areas"], area_rows(results).len().to_string());
}
