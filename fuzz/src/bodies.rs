//! The bodies of the fuzz targets: a file of any bytes is read or refused, never a panic, and no row is lost.
//!
//! Used twice: by cargo-fuzz (`fuzz/fuzz_targets`), and under mutation by the tests of `whitespot-load`.

use std::path::Path;
use whitespot_model::{
    config::Analysis,
    features::{As, Column, FeatureSource, ReadError, Request},
};

/// Kinds of files: extension, and whether the table crate reads it.
pub const KINDS: [(&str, bool); 9] = [
    ("geojson", false),
    ("geojsonl", false),
    ("gpkg", false),
    ("fgb", false),
    ("shp", false),
    ("zip", false),
    ("tif", false),
    ("csv", true),
    ("parquet", true),
];

/// Reads a whole file in small batches; gives the number of rows.
pub fn read_file(path: &Path, is_table: bool) -> Result<usize, ReadError> {
    let inspect = if is_table { whitespot_table::inspect } else { whitespot_io::inspect };
    let schema = inspect(path, None, None)?;
    let columns: Vec<(String, As)> = schema
        .fields
        .iter()
        .enumerate()
        .take(8)
        .map(|(i, name)| (name.clone(), if i % 2 == 0 { As::Text } else { As::Number }))
        .collect();
    let request = Request { columns, geometry: schema.has_geometry, ..Request::default() };
    let source: Box<dyn FeatureSource> =
        if is_table { whitespot_table::open(path, &request)? } else { whitespot_io::open(path, &request)? };
    drain(source, &request)
}

fn drain(mut source: Box<dyn FeatureSource>, request: &Request) -> Result<usize, ReadError> {
    let mut n_rows = 0;
    while let Some(batch) = source.next_batch(7)? {
        n_rows += batch.n_rows;
        assert_eq!(batch.columns.len(), request.columns.len(), "every column asked for");
        assert!(batch.columns.iter().all(|c: &Column| c.len() == batch.n_rows), "columns of equal length");
        if let Some(shapes) = &batch.shapes {
            assert_eq!(shapes.n_features(), batch.n_rows, "a shape a row");
            let _ = whitespot_spatial::validity::check(shapes);
        }
        assert!(batch.defects.iter().all(|d| d.row < batch.n_rows), "defects are of rows that are there");
    }
    Ok(n_rows)
}

/// Writes the bytes as a file of a kind and reads it.
pub fn loader(kind: (&str, bool), bytes: &[u8], folder: &Path) -> Result<usize, ReadError> {
    let path = folder.join(format!("f.{}", kind.0));
    if std::fs::write(&path, bytes).is_err() {
        return Ok(0);
    }
    let rows = read_file(&path, kind.1);
    if kind.0 == "tif" {
        let _ = whitespot_io::read_raster_coverage(&path, 1.0);
    }
    rows
}

/// The analysis file.
pub fn analysis(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = toml::from_str::<Analysis>(text);
    }
}

/// Texts that describe a CRS, codes of cells, and numbers.
pub fn small_texts(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        use whitespot_model::crs::CrsDeclaration;
        use whitespot_spatial::crs::Crs;
        for declaration in [
            CrsDeclaration::Code(text.to_string()),
            CrsDeclaration::Wkt(text.to_string()),
            CrsDeclaration::ProjJson(text.to_string()),
        ] {
            let _ = Crs::resolve(&declaration);
        }
        let _ = whitespot_load::cells::parse(text, None);
        let _ = whitespot_model::numbers::parse(text);
        let _ = whitespot_model::wording::in_lang(text, whitespot_model::config::Lang::Sv);
    }
}
