//! One door for all formats of this crate.

use crate::{detect::detect, flatgeobuf, geojson, geopackage, geotiff, postgis, shapefile};
use std::path::Path;
use whitespot_model::features::{FeatureSource, Format, ReadError, Request, SourceSchema};

/// What a file says about itself: its columns, layer, CRS. Reads as little of the file as it can.
///
/// `encoding` is a label such as `windows-1252`, for formats whose files do not tell.
///
/// # Errors
/// [`ReadError`] when the file is missing, of no format of this crate, broken at its beginning, or without the
/// layer.
pub fn inspect(path: &Path, layer: Option<&str>, encoding: Option<&str>) -> Result<SourceSchema, ReadError> {
    match format_of(path)? {
        Format::GeoPackage => geopackage::inspect(path, layer),
        Format::FlatGeobuf => flatgeobuf::inspect(path),
        Format::GeoTiff => geotiff::inspect(path),
        Format::PostGis => postgis::inspect(path, layer),
        format @ (Format::Shapefile | Format::ZippedShapefile) => {
            shapefile::inspect(path, format, layer, encoding)
        }
        _ => geojson::inspect(path, encoding),
    }
}

/// Opens a file for reading in batches, in file order.
///
/// # Errors
/// As [`inspect`]; and [`ReadError::NoSuchColumn`] when a wanted column is not there. Broken content further in
/// is an error of [`FeatureSource::next_batch`].
pub fn open(path: &Path, request: &Request) -> Result<Box<dyn FeatureSource>, ReadError> {
    Ok(match format_of(path)? {
        Format::GeoPackage => Box::new(geopackage::open(path, request)?),
        Format::FlatGeobuf => Box::new(flatgeobuf::open(path, request)?),
        Format::GeoTiff => Box::new(geotiff::open(path, request)?),
        Format::PostGis => Box::new(postgis::open(path, request)?),
        format @ (Format::Shapefile | Format::ZippedShapefile) => {
            Box::new(shapefile::open(path, format, request)?)
        }
        _ => Box::new(geojson::open(path, request)?),
    })
}

/// The layers of a file by name; empty for formats that have none.
///
/// # Errors
/// When the file is missing or broken.
pub fn layers(path: &Path) -> Result<Vec<String>, ReadError> {
    match format_of(path)? {
        Format::GeoPackage => geopackage::layers(path),
        Format::PostGis => postgis::layers(path),
        format => shapefile::layers(path, format),
    }
}

/// The format, if this crate reads it.
fn format_of(path: &Path) -> Result<Format, ReadError> {
    if postgis::is_database(path) {
        return Ok(Format::PostGis);
    }
    drop(crate::open_file(path)?);
    let unreadable = |what: String, hint: &str| ReadError::Malformed {
        file: path.to_path_buf(),
        format: "a geometry file",
        what,
        hint: Some(hint.to_string()),
    };
    match detect(path) {
        Some(
            format @ (Format::GeoJson
            | Format::GeoJsonSeq
            | Format::GeoPackage
            | Format::Shapefile
            | Format::ZippedShapefile
            | Format::FlatGeobuf
            | Format::GeoTiff),
        ) => Ok(format),
        Some(format) => Err(unreadable(
            format!("it is {}", format.name()),
            "give GeoJSON, GeoPackage, Shapefile, FlatGeobuf, GeoTIFF or GeoParquet",
        )),
        None => Err(unreadable(
            "neither its content nor its extension tells its format".to_string(),
            "give GeoJSON, GeoPackage, Shapefile, FlatGeobuf, GeoTIFF or GeoParquet",
        )),
    }
}
