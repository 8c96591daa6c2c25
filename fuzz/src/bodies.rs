//! The bodies of the fuzz targets for geometry files and texts: a file of any bytes is read or refused, never a
//! panic, and no row is lost. Without polars; tables and loaders are in `loads.rs`.
//!
//! Used twice: by cargo-fuzz (`fuzz/fuzz_targets`), and under mutation by the tests of `whitespot-load`.

use std::path::Path;
use whitespot_model::{
    config::Analysis,
    features::{As, Column, FeatureSource, ReadError, Request, SourceSchema},
};

/// Extensions of geometry files; each is a target.
pub const GEOMETRY_KINDS: [&str; 7] = ["geojson", "geojsonl", "gpkg", "fgb", "shp", "zip", "tif"];

/// Opens a file for a request.
pub type Open = fn(&Path, &Request) -> Result<Box<dyn FeatureSource>, ReadError>;

/// Reads a whole file in small batches, eight columns of it; gives the number of rows.
pub fn read_all(path: &Path, schema: &SourceSchema, open: Open) -> Result<usize, ReadError> {
    let columns: Vec<(String, As)> = schema
        .fields
        .iter()
        .enumerate()
        .take(8)
        .map(|(i, name)| (name.clone(), if i % 2 == 0 { As::Text } else { As::Number }))
        .collect();
    let request = Request { columns, geometry: schema.has_geometry, ..Request::default() };
    drain(open(path, &request)?, &request)
}

fn drain(mut source: Box<dyn FeatureSource>, request: &Request) -> Result<usize, ReadError> {
    let mut n_rows = 0;
    while let Some(batch) = source.next_batch(7)? {
        let is_first = n_rows == 0;
        n_rows += batch.n_rows;
        assert_eq!(batch.columns.len(), request.columns.len(), "every column asked for");
        assert!(batch.columns.iter().all(|c: &Column| c.len() == batch.n_rows), "columns of equal length");
        if let Some(shapes) = &batch.shapes {
            assert_eq!(shapes.n_features(), batch.n_rows, "a shape a row");
            // Once a file: an index of seven squares takes a thousand times as long as reading them.
            if is_first {
                let _ = whitespot_spatial::validity::check(shapes);
            }
        }
        assert!(batch.defects.iter().all(|d| d.row < batch.n_rows), "defects are of rows that are there");
    }
    Ok(n_rows)
}

/// Writes the bytes as a geometry file of a kind and reads it.
pub fn geometry_file(kind: &str, bytes: &[u8], folder: &Path) -> Result<usize, ReadError> {
    let path = folder.join(format!("f.{kind}"));
    if std::fs::write(&path, bytes).is_err() {
        return Ok(0);
    }
    let rows = whitespot_io::inspect(&path, None, None)
        .and_then(|schema| read_all(&path, &schema, whitespot_io::open));
    if kind == "tif" {
        let _ = whitespot_io::read_raster_coverage(&path, 1.0);
    }
    rows
}

/// Three points of a shapefile, whose attributes a `.dbf` of any bytes holds.
fn three_points() -> Vec<u8> {
    let mut shp = Vec::new();
    let n_words = 50 + 3 * 14_i32;
    for word in [9994, 0, 0, 0, 0, 0, n_words] {
        shp.extend_from_slice(&i32::to_be_bytes(word));
    }
    for word in [1000_i32, 1] {
        shp.extend_from_slice(&word.to_le_bytes());
    }
    for bound in [0.0, 0.0, 3.0, 3.0, 0.0, 0.0, 0.0, 0.0_f64] {
        shp.extend_from_slice(&bound.to_le_bytes());
    }
    for i in 1..=3_i32 {
        for word in [i, 10] {
            shp.extend_from_slice(&word.to_be_bytes());
        }
        shp.extend_from_slice(&1_i32.to_le_bytes());
        for _ in 0..2 {
            shp.extend_from_slice(&f64::from(i).to_le_bytes());
        }
    }
    shp
}

/// Writes the bytes as the attribute table of a shapefile of three points, and reads it.
pub fn attribute_table(bytes: &[u8], folder: &Path) -> Result<usize, ReadError> {
    let path = folder.join("g.shp");
    if std::fs::write(&path, three_points()).is_err() || std::fs::write(folder.join("g.dbf"), bytes).is_err()
    {
        return Ok(0);
    }
    let schema = whitespot_io::inspect(&path, None, None)?;
    read_all(&path, &schema, whitespot_io::open)
}

/// The analysis file.
pub fn analysis(bytes: &[u8]) {
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = toml::from_str::<Analysis>(text);
    }
}

/// Texts that describe a CRS or a shape, numbers, and sentences to translate.
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
        let mut shapes = whitespot_model::shapes::Shapes::default();
        let _ = whitespot_model::wkt::decode_into(text, &mut shapes);
        let _ = whitespot_model::numbers::parse(text);
        let _ = whitespot_model::wording::in_lang(text, whitespot_model::config::Lang::Sv);
    }
}
