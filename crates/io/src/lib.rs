//! Geometry files in and out, QGIS styles.
//!
//! Readers give rows as columns with their shapes ([`whitespot_model::features::Features`]), in file order and
//! in batches; what the columns mean is the loader's affair. Broken rows come as defects, broken files as
//! errors.
//!
//! ```
//! use whitespot_model::features::{As, Request};
//!
//! # let folder = tempfile::tempdir()?;
//! # let path = folder.path().join("points.geojson");
//! # std::fs::write(&path, r#"{"type":"Feature","properties":{"persons":3},
//! #   "geometry":{"type":"Point","coordinates":[20.3,63.8]}}"#)?;
//! let wanted = vec![("persons".to_string(), As::Number)];
//! let request = Request { columns: wanted, geometry: true, ..Request::default() };
//! let mut file = whitespot_io::open(&path, &request)?;
//! while let Some(rows) = file.next_batch(65_536)? {
//!     let persons = rows.columns[0].as_numbers();
//!     assert_eq!(persons, Some(&[3.0][..]));
//! }
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
#![cfg_attr(test, allow(clippy::unwrap_used))]

mod detect;
mod flatgeobuf;
mod geojson;
mod geopackage;
mod geotiff;
mod open;
mod postgis;
pub mod project;
pub mod qml;
mod rings;
mod shapefile;
mod values;
mod write_error;

pub use detect::detect;
pub use flatgeobuf::write_flatgeobuf;
pub use geojson::{FeatureText, write_geojson};
pub use geopackage::{
    ColumnKind, GeoPackageWriter, LayerColumn, LayerCrs, LayerGeometry, LayerInfo, LayerReader, LayerRows,
    LayerSpec, LayerStyle, PointLayerWriter, PointReader, PointRow, Wanted,
};
pub use geotiff::{RasterCoverage, VALUE as RASTER_VALUE, read_raster_coverage};
pub use open::{inspect, layers, open};
pub use postgis::{PostgisWriter, is_database, keep_password, without_password};
pub use write_error::WriteError;

use encoding_rs::Encoding;
use std::fs::File;
use std::path::Path;
use whitespot_model::features::{Format, ReadError, Request};

fn open_file(path: &Path) -> Result<File, ReadError> {
    File::open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => ReadError::Missing { file: path.to_path_buf() },
        _ => ReadError::Io { file: path.to_path_buf(), source },
    })
}

fn encoding_named(
    path: &Path,
    format: Format,
    label: Option<&str>,
) -> Result<Option<&'static Encoding>, ReadError> {
    let Some(label) = label else { return Ok(None) };
    match Encoding::for_label(label.as_bytes()) {
        Some(encoding) => Ok(Some(encoding)),
        None => Err(ReadError::Malformed {
            file: path.to_path_buf(),
            format: format.name(),
            what: format!("`{label}` is no text encoding"),
            hint: Some("known ones are utf-8, windows-1252, latin1, iso-8859-15".to_string()),
        }),
    }
}

fn require_columns(path: &Path, request: &Request, present: &[String]) -> Result<(), ReadError> {
    match request.columns.iter().find(|(name, _)| !present.contains(name)) {
        None => Ok(()),
        Some((wanted, _)) => Err(ReadError::NoSuchColumn {
            file: path.to_path_buf(),
            wanted: wanted.clone(),
            present: present.to_vec(),
        }),
    }
}
