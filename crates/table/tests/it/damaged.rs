//! Files cut short or with wrong bytes: always an answer, never a panic.

use std::path::Path;
use whitespot_model::{
    crs::CrsDeclaration,
    features::{As, ReadError, Request},
    shapes::{Part, Shapes},
    table::{Table, Unit, Values},
};
use whitespot_table::{GeoColumn, inspect, open, write_geoparquet};

/// Reads a file to its end; the number of rows.
fn read(path: &Path) -> Result<usize, ReadError> {
    let fields = inspect(path, None, None)?.fields;
    let kinds = [As::Number, As::Text];
    let columns = fields.into_iter().zip(kinds.into_iter().cycle()).collect();
    let mut source = open(path, &Request { columns, geometry: true, ..Request::default() })?;
    let mut n_rows = 0;
    while let Some(batch) = source.next_batch(100)? {
        assert!(batch.columns.iter().all(|c| c.len() == batch.n_rows));
        n_rows += batch.n_rows;
    }
    Ok(n_rows)
}

fn geoparquet(path: &Path) {
    let mut table = Table::default();
    let n = 300;
    table.push("n", Unit::Number, "", "", Values::Int((0..n).map(|i| (i % 7 > 0).then_some(i)).collect()));
    let texts = (0..n).map(|i| (i % 5 > 0).then(|| format!("{i}"))).collect();
    table.push("t", Unit::Text, "", "", Values::Text(texts));
    table.push("r", Unit::Number, "", "", Values::Real((0..n).map(|i| Some(i as f64 / 3.0)).collect()));
    table.push("b", Unit::YesNo, "", "", Values::Bool((0..n).map(|i| Some(i % 2 == 0)).collect()));
    let mut shapes = Shapes::default();
    for i in 0..n {
        let x = i as f64;
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, 0.0), (x + 1.0, 0.0), (x + 1.0, 1.0), (x, 0.0)]);
        shapes.end_part();
        shapes.end_feature();
    }
    let geo = GeoColumn { name: "geometry".into(), crs: CrsDeclaration::Undefined };
    write_geoparquet(path, &table, &shapes, &geo).unwrap();
}

#[test]
fn a_parquet_file_cut_anywhere_is_malformed() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole.parquet");
    geoparquet(&whole);
    assert_eq!(read(&whole).unwrap(), 300);
    let bytes = std::fs::read(&whole).unwrap();
    let path = dir.path().join("cut.parquet");
    for n in (0..bytes.len()).step_by(97).chain([4, 8, 11, 12, bytes.len() - 1]) {
        std::fs::write(&path, &bytes[..n]).unwrap();
        match read(&path) {
            Err(ReadError::Malformed { format, hint, .. }) => {
                assert_eq!(format, "Parquet");
                assert!(hint.is_some());
            }
            other => panic!("{n} of {} bytes: {other:?}", bytes.len()),
        }
    }
}

#[test]
fn a_parquet_file_with_wrong_bytes_is_read_or_refused() {
    let dir = tempfile::tempdir().unwrap();
    let whole = dir.path().join("whole.parquet");
    geoparquet(&whole);
    let bytes = std::fs::read(&whole).unwrap();
    let path = dir.path().join("wrong.parquet");
    let (mut n_read, mut n_refused) = (0, 0);
    // A linear congruential generator: the same places every time.
    let mut state = 1_u64;
    for _ in 0..400 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut damaged = bytes.clone();
        let at = (state >> 33) as usize % damaged.len();
        damaged[at] ^= 1 << (state >> 20 & 7);
        std::fs::write(&path, &damaged).unwrap();
        match read(&path) {
            Ok(_) => n_read += 1,
            Err(_) => n_refused += 1,
        }
    }
    println!("{n_read} read, {n_refused} refused");
    assert!(n_read > 0 && n_refused > 0);
}
