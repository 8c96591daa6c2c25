//! Tabular files in and out: CSV, Parquet, GeoParquet and workbooks (XLSX, ODS).
//!
//! Files stream as batches of columns; which columns, and whether as numbers or as text, is the caller's
//! [`Request`]. No type of polars appears in a signature.
//!
//! ```
//! use whitespot_model::features::{As, Request};
//!
//! let dir = tempfile::tempdir()?;
//! let path = dir.path().join("points.csv");
//! std::fs::write(&path, "id;lon;lat;persons\n0114;17,5;64,25;3\n")?;
//! let columns = vec![("id".to_string(), As::Text), ("lon".to_string(), As::Number)];
//! let mut points = whitespot_table::open(&path, &Request { columns, ..Request::default() })?;
//! let batch = points.next_batch(65_536)?.expect("one row");
//! assert_eq!(batch.columns[0].as_text().and_then(|t| t.get(0)), Some("0114"));
//! assert_eq!(batch.columns[1].as_numbers(), Some(&[17.5][..]));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod csv;
mod failure;
mod guard;
mod parquet;
pub mod reference;
mod workbook;
mod write_error;

use std::{io::Read, path::Path};
use whitespot_model::features::{FeatureSource, Format, ReadError, Request, SourceSchema};

pub use crate::{
    csv::write::write_csv,
    parquet::write::{GeoColumn, ParquetBatchWriter, write_geoparquet, write_parquet},
    write_error::WriteError,
};

/// Reads how a file describes itself: format, columns, for Parquet and workbooks the number of rows, for
/// GeoParquet the CRS. `layer` is the sheet of a workbook, `encoding` that of a CSV, as in [`Request`].
///
/// # Errors
/// When the file is missing, cannot be read, or is not what its format demands; when the sheet is not there, or
/// none is named among several.
pub fn inspect(path: &Path, layer: Option<&str>, encoding: Option<&str>) -> Result<SourceSchema, ReadError> {
    match tell_format(path)? {
        Format::Parquet => parquet::inspect(path),
        Format::Xlsx => workbook::inspect(path, layer),
        _ => csv::inspect(path, encoding),
    }
}

/// Smallest x and y, largest x and y of what a file holds, in its own CRS, where it tells without its rows being read:
/// Parquet, by its statistics. Of the points in the columns `points` where named, else of the shapes.
///
/// # Errors
/// As [`inspect`].
pub fn extent(path: &Path, points: Option<(&str, &str)>) -> Result<Option<[f64; 4]>, ReadError> {
    match tell_format(path)? {
        Format::Parquet => parquet::extent(path, points),
        _ => Ok(None),
    }
}

/// Opens a file for the columns of a request, and its shapes if wanted and there.
///
/// # Errors
/// As [`inspect`], and when a column is not there or holds no single number or text a row.
pub fn open(path: &Path, request: &Request) -> Result<Box<dyn FeatureSource>, ReadError> {
    match tell_format(path)? {
        Format::Parquet => parquet::open(path, request),
        Format::Xlsx => workbook::open(path, request),
        _ => csv::open(path, request),
    }
}

/// The sheets of a workbook by name; empty for formats that have none.
///
/// # Errors
/// When the file is missing or broken.
pub fn layers(path: &Path) -> Result<Vec<String>, ReadError> {
    match tell_format(path)? {
        Format::Xlsx => workbook::layers(path),
        _ => Ok(Vec::new()),
    }
}

/// By the first bytes where they tell, else by extension; everything else is taken for CSV.
fn tell_format(path: &Path) -> Result<Format, ReadError> {
    let mut start = Vec::new();
    failure::open_file(path)?.take(4).read_to_end(&mut start).map_err(|e| failure::io(path, e))?;
    let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
    Ok(match (start.as_slice(), extension.as_str()) {
        (b"PAR1", _) => Format::Parquet,
        (b"PK\x03\x04", _) => Format::Xlsx,
        (_, "parquet" | "geoparquet" | "pq") => Format::Parquet,
        (_, "xlsx" | "xlsm" | "xls" | "xlsb" | "ods") => Format::Xlsx,
        _ => Format::Csv,
    })
}
