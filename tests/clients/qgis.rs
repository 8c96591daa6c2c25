//! QGIS opens every layer styled, opens the project without a broken layer, and prints its sheet.

use crate::demo::{area_rows, demo_results, full_results, root, run};
use serde_json::Value;
use std::{collections::BTreeSet, path::PathBuf, process::Command, sync::OnceLock};

/// The classes of a share as QGIS must draw them, the highest first.
const CLASSES: [(f64, f64, &str, &str); 5] = [
    (0.75, 1.0, "75–100 %", "#253494"),
    (0.50, 0.75, "50–75 %", "#2c7fb8"),
    (0.25, 0.50, "25–50 %", "#41b6c4"),
    (0.10, 0.25, "10–25 %", "#a1dab4"),
    (0.0, 0.10, "0–10 %", "#ffffcc"),
];

/// The Python that has QGIS' modules.
pub(crate) fn qgis_python() -> Option<PathBuf> {
    static FOUND: OnceLock<Option<PathBuf>> = OnceLock::new();
    let named = std::env::var_os("WHITESPOT_QGIS_PYTHON").map(PathBuf::from);
    let has_qgis = |python: &PathBuf| {
        let mut test = Command::new(python);
        test.args(["-c", "import qgis.core"]).env("QT_QPA_PLATFORM", "offscreen");
        test.output().is_ok_and(|output| output.status.success())
    };
    FOUND.get_or_init(|| named.into_iter().chain([PathBuf::from("/usr/bin/python3")]).find(has_qgis)).clone()
}

/// Runs a script of this folder in QGIS; the JSON it prints.
pub(crate) fn in_qgis(script: &str, args: &[&str]) -> Value {
    let mut command = Command::new(qgis_python().unwrap());
    command.arg(root().join("tests/clients").join(script)).args(args);
    let home = tempfile::tempdir().unwrap();
    command.env("QT_QPA_PLATFORM", "offscreen").env("HOME", home.path()).env("XDG_RUNTIME_DIR", home.path());
    let (out, err, _) = run(&mut command);
    let json =
        out.lines().find_map(|line| line.strip_prefix("JSON")).unwrap_or_else(|| panic!("{out}\n{err}"));
    serde_json::from_str(json).unwrap()
}

fn is_absent() -> bool {
    if qgis_python().is_some() {
        return false;
    }
    println!("skipped: python3 with QGIS' modules is absent");
    true
}

/// That a layer is drawn in the report's classes.
fn assert_share_classes(layer: &Value, column: &str) {
    let renderer = &layer["renderer"];
    assert_eq!(renderer["type"], "graduatedSymbol");
    assert_eq!(renderer["attribute"], format!("coalesce(\"{column}\", -1)"));
    let ranges = renderer["ranges"].as_array().unwrap();
    assert_eq!(ranges.len(), CLASSES.len() + 1);
    for (range, (lower, upper, label, colour)) in ranges.iter().zip(CLASSES) {
        assert!((range[0].as_f64().unwrap() - lower).abs() < 1e-12, "{range}");
        assert!((range[1].as_f64().unwrap() - upper).abs() < 1e-12, "{range}");
        assert_eq!((&range[2], &range[3]), (&Value::from(label), &Value::from(colour)));
    }
    assert_eq!(ranges[5][2], "uppgift saknas");
}

#[test]
fn qgis_opens_every_layer_with_its_crs_extent_and_default_style() {
    if is_absent() {
        return;
    }
    let results = demo_results();
    let package = results.join("public/whitespot.gpkg");
    let told = in_qgis("qgis_layers.py", &[package.to_str().unwrap()]);
    let names: BTreeSet<&str> = told.as_object().unwrap().keys().map(String::as_str).collect();
    for name in ["areas", "parents", "alloc_need_120m", "alloc_cheapest_120m", "alloc_share_120m"] {
        assert!(names.contains(name), "{names:?}");
    }
    let rows = area_rows(results);
    for (name, layer) in told.as_object().unwrap() {
        assert_eq!(layer["valid"], true, "{name}");
        assert_eq!(layer["crs"], "EPSG:3006", "{name}");
        assert_eq!(layer["broken_geometries"], 0, "{name}");
        assert_eq!(layer["empty_geometries"], 0, "{name}");
        let extent: Vec<f64> =
            layer["extent"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        // The county in SWEREF 99 TM.
        assert!(extent[0] > 400_000.0 && extent[2] < 900_000.0, "{name}: {extent:?}");
        assert!(extent[1] > 7_000_000.0 && extent[3] < 7_400_000.0, "{name}: {extent:?}");
    }
    for name in ["areas", "parents"] {
        assert_share_classes(&told[name], "fixed_100_gap_share");
        assert_eq!(told[name]["aliases"]["persons"], "Personer");
        assert!(told[name]["labels"].as_str().unwrap().contains("area_name"));
        assert!(told[name]["abstract"].as_str().unwrap().contains("Run "), "{}", told[name]["abstract"]);
    }
    assert_eq!(told["areas"]["count"], rows.len());
    assert_eq!(told["alloc_need_120m"]["renderer"]["type"], "categorizedSymbol");
    assert_eq!(told["alloc_need_120m"]["renderer"]["categories"][0][2], "#009e73");
    // A limit belongs to the class above it, as in the report.
    for row in &rows {
        let drawn = &told["areas"]["drawn"][&row["area_code"]];
        let label = match row["fixed_100_gap_share"].parse::<f64>() {
            Ok(share) => CLASSES.iter().find(|c| share >= c.0).unwrap().2,
            Err(_) => "uppgift saknas",
        };
        assert_eq!(drawn, &serde_json::json!([label]), "{row:?}");
    }
}

#[test]
fn a_geojson_file_is_styled_by_the_file_beside_it() {
    if is_absent() {
        return;
    }
    let file = demo_results().join("public/areas.geojson");
    let told = in_qgis("qgis_layers.py", &[file.to_str().unwrap()]);
    assert_eq!(told["areas"]["crs"], "EPSG:4326");
    assert_share_classes(&told["areas"], "fixed_100_gap_share");
    assert_eq!(told["areas"]["aliases"]["persons"], "Personer");
}

#[test]
fn clusters_and_the_lines_to_build_are_styled_in_the_package_and_beside_the_files_for_the_web() {
    if is_absent() {
        return;
    }
    let public = full_results().join("public");
    let files = ["whitespot.gpkg", "clusters.fgb", "trench.fgb"]
        .map(|f| public.join(f).to_str().unwrap().to_string());
    let package = in_qgis("qgis_layers.py", &[&files[0]]);
    let beside = in_qgis("qgis_layers.py", &[&files[1], &files[2]]);
    for told in [&package, &beside] {
        let clusters = &told["clusters"];
        assert_eq!(clusters["crs"], "EPSG:3006");
        assert_eq!(clusters["renderer"]["type"], "graduatedSymbol");
        assert_eq!(clusters["renderer"]["attribute"], "coalesce(\"persons\", -1)");
        assert_eq!(clusters["renderer"]["ranges"].as_array().unwrap().len(), 7);
        assert_eq!(clusters["aliases"]["persons"], "Personer");
        assert_eq!(clusters["labels"], "format_number(\"persons\", 0, 'sv')");
        assert_eq!(told["trench"]["renderer"]["type"], "singleSymbol");
    }
    assert!(package["clusters"]["count"].as_u64().unwrap() > 100, "{}", package["clusters"]["count"]);
    assert_eq!(package["clusters"]["count"], beside["clusters"]["count"]);
    assert_eq!(package["clusters"]["broken_geometries"], 0);
}

#[test]
fn settlements_are_dots_where_reached_and_rings_where_not() {
    if is_absent() {
        return;
    }
    let file = demo_results().join("internal/settlements.gpkg");
    let told = in_qgis("qgis_layers.py", &[file.to_str().unwrap()]);
    let settlements = &told["settlements"];
    assert_eq!(settlements["renderer"]["type"], "categorizedSymbol");
    assert_eq!(settlements["renderer"]["attribute"], "fixed_100_reached");
    let reached = &told["reached_fixed_100"];
    assert_eq!((&reached["valid"], &reached["crs"]), (&Value::from(true), &Value::from("EPSG:3006")));
    assert!(reached["count"].as_u64().unwrap() < settlements["count"].as_u64().unwrap());
}

#[test]
fn the_project_opens_without_a_broken_layer_and_its_sheet_prints() {
    if is_absent() {
        return;
    }
    let project = demo_results().join("public/whitespot.qgz");
    let out = tempfile::tempdir().unwrap();
    let told = in_qgis("qgis_project.py", &[project.to_str().unwrap(), out.path().to_str().unwrap()]);
    assert_eq!(told["read"], true);
    assert_eq!(told["crs"], "EPSG:3006");
    let layers = told["layers"].as_array().unwrap();
    assert!(layers.len() >= 8, "{layers:?}");
    for layer in layers {
        assert_eq!(layer["valid"], true, "{layer}");
        assert_eq!(layer["crs"], "EPSG:3006", "{layer}");
        assert!(layer["count"].as_u64().unwrap() > 0, "{layer}");
    }
    let sheet = &told["layouts"][0];
    assert_eq!((&sheet["pdf"], &sheet["png"]), (&Value::from(true), &Value::from(true)));
    let page: BTreeSet<u64> = [0, 1].map(|i| sheet["page_mm"][i].as_f64().unwrap() as u64).into();
    assert_eq!(page, BTreeSet::from([297, 420]));
    for id in ["title", "map", "legend", "scale_bar", "source"] {
        assert!(sheet["ids"].as_array().unwrap().contains(&Value::from(id)), "{sheet}");
    }
    let pdf = std::fs::read(out.path().join("sheet.pdf")).unwrap();
    assert!(pdf.starts_with(b"%PDF") && pdf.len() > 20_000, "{} bytes", pdf.len());
}
