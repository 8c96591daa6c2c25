//! GDAL reads every file with shapes without a warning, and finds what `areas.csv` says.

use crate::demo::{area_rows, demo_results, full_results, program, run};
use std::{path::Path, process::Command};

fn ogrinfo() -> Option<Command> {
    program("WHITESPOT_OGRINFO", "ogrinfo").map(Command::new)
}

/// What `ogrinfo` says of a file, having complained of nothing.
fn told(file: &Path, args: &[&str]) -> String {
    let (out, err, is_ok) = run(ogrinfo().unwrap().args(["-ro"]).args(args).arg(file));
    assert!(is_ok && err.is_empty(), "{}: {err}", file.display());
    assert!(!out.contains("Warning"), "{out}");
    out
}

#[test]
fn gdal_reads_every_layer_without_a_warning() {
    if ogrinfo().is_none() {
        println!("skipped: ogrinfo is absent");
        return;
    }
    let results = demo_results();
    let n_areas = area_rows(results).len();
    for (file, layer, n) in [
        ("public/whitespot.gpkg", "areas", n_areas),
        ("public/whitespot.gpkg", "parents", 1),
        ("public/whitespot.gpkg", "alloc_need_120m", n_areas),
        ("public/areas.geojson", "areas", n_areas),
    ] {
        let out = told(&results.join(file), &["-al", "-so"]);
        let of_layer = out.split("Layer name: ").find(|part| part.starts_with(&format!("{layer}\n")));
        let of_layer = of_layer.unwrap_or_else(|| panic!("{file} has no layer {layer}: {out}"));
        assert!(of_layer.contains(&format!("Feature Count: {n}\n")), "{of_layer}");
        assert!(of_layer.contains("Geometry: Multi Polygon"), "{of_layer}");
        let crs = if file.ends_with(".gpkg") { "ID[\"EPSG\",3006]" } else { "ID[\"EPSG\",4326]" };
        assert!(of_layer.contains(crs), "{of_layer}");
    }
}

#[test]
fn gdal_reads_and_copies_every_output_that_it_has_a_driver_for_without_a_warning() {
    let (Some(_), Some(ogr2ogr)) = (ogrinfo(), program("WHITESPOT_OGR2OGR", "ogr2ogr")) else {
        println!("skipped: ogrinfo or ogr2ogr is absent");
        return;
    };
    let copies = tempfile::tempdir().unwrap();
    let mut folders = vec![full_results().to_path_buf()];
    let mut seen = std::collections::BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let extension = path.extension().unwrap_or_default().to_str().unwrap().to_string();
            if !["gpkg", "geojson", "fgb", "csv", "xlsx"].contains(&extension.as_str()) {
                continue;
            }
            let out = told(&path, &["-al", "-so"]);
            assert!(out.contains("Layer name: "), "{}: {out}", path.display());
            let copy = copies.path().join(format!("{}.gpkg", seen.len()));
            let (_, err, is_ok) = run(Command::new(&ogr2ogr).args(["-f", "GPKG"]).args([&copy, &path]));
            assert!(is_ok && err.is_empty(), "{}: {err}", path.display());
            seen.insert(path.strip_prefix(full_results()).unwrap().to_str().unwrap().to_string());
        }
    }
    for wanted in [
        "public/whitespot.gpkg",
        "public/areas.geojson",
        "public/areas.fgb",
        "public/clusters.fgb",
        "public/trench.fgb",
        "public/areas.csv",
        "public/scenarios/comparison.csv",
        "public/areas.xlsx",
        "internal/settlements.gpkg",
        "internal/trench.gpkg",
    ] {
        assert!(seen.contains(wanted), "{wanted} is not among {seen:?}");
    }
}

#[test]
fn views_of_reached_settlements_hold_those_with_the_service_and_an_id_each() {
    if ogrinfo().is_none() {
        println!("skipped: ogrinfo is absent");
        return;
    }
    let file = demo_results().join("internal/settlements.gpkg");
    let count = |sql: &str| -> u64 {
        let out = told(&file, &["-sql", sql]);
        let value = out.lines().rev().find_map(|line| line.split_once(" = "));
        value.unwrap_or_else(|| panic!("{out}")).1.trim().parse().unwrap()
    };
    let reached = count("SELECT count(*) AS n FROM settlements WHERE fixed_100_reached");
    assert!(reached > 0);
    assert_eq!(count("SELECT count(*) AS n FROM reached_fixed_100"), reached);
    let out = told(&file, &["-so", "-al"]);
    let of_view = out.split("Layer name: ").find(|part| part.starts_with("reached_fixed_100\n")).unwrap();
    assert!(of_view.contains(&format!("Feature Count: {reached}\n")), "{of_view}");
    assert!(of_view.contains("FID Column = OGC_FID") && of_view.contains("Geometry: Point"), "{of_view}");
}
