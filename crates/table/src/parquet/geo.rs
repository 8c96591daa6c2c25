//! The `geo` metadata of GeoParquet: <https://geoparquet.org/releases/v1.1.0/>.

use super::FORMAT;
use crate::failure;
use serde_json::Value;
use std::path::Path;
use whitespot_model::{crs::CrsDeclaration, features::ReadError};

/// What the metadata tells about the primary geometry column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Geometry {
    /// Its name.
    pub(crate) column: String,
    /// Its CRS. Without a `crs` key longitude and latitude, `OGC:CRS84`; an explicit `null` is a CRS the
    /// writer did not know (GeoParquet 1.1, "crs").
    pub(crate) crs: CrsDeclaration,
    /// How shapes are written; `WKB` is read.
    pub(crate) encoding: String,
}

/// Reads the metadata.
pub(crate) fn parse(path: &Path, json: &str) -> Result<Geometry, ReadError> {
    let broken = |what: &str| failure::malformed(path, FORMAT, format!("its `geo` metadata {what}"));
    let geo: Value = serde_json::from_str(json).map_err(|e| broken(&format!("is not JSON ({e})")))?;
    let column = geo["primary_column"].as_str().ok_or_else(|| broken("names no primary column"))?;
    let description = geo["columns"]
        .get(column)
        .filter(|d| d.is_object())
        .ok_or_else(|| broken(&format!("does not describe the column `{column}`")))?;
    let crs = match description.get("crs") {
        None => CrsDeclaration::Code("OGC:CRS84".to_string()),
        Some(Value::Null) => CrsDeclaration::Undefined,
        // Drafts before 1.0 held WKT.
        Some(Value::String(wkt)) => CrsDeclaration::Wkt(wkt.clone()),
        Some(projjson) => CrsDeclaration::ProjJson(projjson.to_string()),
    };
    let encoding = description["encoding"].as_str().unwrap_or("WKB").to_string();
    Ok(Geometry { column: column.to_string(), crs, encoding })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn crs_of(json: &str) -> CrsDeclaration {
        parse(Path::new("x.parquet"), json).unwrap().crs
    }

    #[test]
    fn an_absent_crs_is_longitude_and_latitude_and_null_is_unknown() {
        let absent = r#"{"primary_column":"g","columns":{"g":{"encoding":"WKB"}}}"#;
        assert_eq!(crs_of(absent), CrsDeclaration::Code("OGC:CRS84".into()));
        let null = r#"{"primary_column":"g","columns":{"g":{"encoding":"WKB","crs":null}}}"#;
        assert_eq!(crs_of(null), CrsDeclaration::Undefined);
        let full =
            r#"{"primary_column":"g","columns":{"g":{"crs":{"id":{"authority":"EPSG","code":3006}}}}}"#;
        let expected = r#"{"id":{"authority":"EPSG","code":3006}}"#;
        assert_eq!(crs_of(full), CrsDeclaration::ProjJson(expected.into()));
    }

    #[test]
    fn broken_metadata_is_told() {
        for json in
            ["", "{", "[]", "{}", r#"{"primary_column":"g"}"#, r#"{"primary_column":"g","columns":{"h":{}}}"#]
        {
            assert!(parse(Path::new("x.parquet"), json).is_err(), "{json}");
        }
    }
}
