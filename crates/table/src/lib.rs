//! Tabular files in and out: CSV, Parquet and GeoParquet.
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
mod parquet;
mod write_error;

use std::{io::Read, path::Path};
use whitespot_model::features::{FeatureSource, ReadError, Request, SourceSchema};

pub use crate::{
    csv::write::write_csv,
    parquet::write::{GeoColumn, ParquetBatchWriter, write_geoparquet, write_parquet},
    write_error::WriteError,
};

/// Reads how a file describes itself: format, columns, and for Parquet the number of rows and the CRS. A file
/// that begins with `PAR1` is Parquet, all others are taken for CSV. `encoding` is that of a CSV (see
/// [`Request::encoding`]); `layer` is ignored by formats without layers.
///
/// # Errors
/// When the file is missing, cannot be read, or is not what its format demands.
pub fn inspect(path: &Path, layer: Option<&str>, encoding: Option<&str>) -> Result<SourceSchema, ReadError> {
    let _ = layer;
    match tell_format(path)? {
        Format::Csv => csv::inspect(path, encoding),
        Format::Parquet => parquet::inspect(path),
    }
}

/// Opens a file for the columns of a request, and its shapes if wanted and there.
///
/// # Errors
/// As [`inspect`], and when a column is not there or holds no single number or text a row.
pub fn open(path: &Path, request: &Request) -> Result<Box<dyn FeatureSource>, ReadError> {
    match tell_format(path)? {
        Format::Csv => csv::open(path, request),
        Format::Parquet => parquet::open(path, request),
    }
}

enum Format {
    Csv,
    Parquet,
}

fn tell_format(path: &Path) -> Result<Format, ReadError> {
    let mut start = Vec::new();
    failure::open_file(path)?.take(4).read_to_end(&mut start).map_err(|e| failure::io(path, e))?;
    Ok(if start == b"PAR1" { Format::Parquet } else { Format::Csv })
}
