//! The `geo` metadata of GeoParquet: <https://geoparquet.org/releases/v1.1.0/>.

use super::FORMAT;
use crate::failure;
use serde_json::Value;
use std::path::Path;
use whitespot_model::{crs::CrsDeclaration, features::ReadError};

/// What the metadata tells about the primary geometry column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Geometry {
    /// Its name.
    pub(crate) column: String,
    /// Its CRS. Without a `crs` key longitude and latitude, `OGC:CRS84`; an explicit `null` is a CRS the
    /// writer did not know (GeoParquet 1.1, "crs").
    pub(crate) crs: CrsDeclaration,
    /// How shapes are written; `WKB` is read.
    pub(crate) encoding: String,
    /// Smallest x and y, largest x and y of all shapes, where the metadata tell.
    pub(crate) bounds: Option<[f64; 4]>,
    /// Paths of the leaves that hold a row's smallest x and y, largest x and y.
    pub(crate) covering: Option<[Vec<String>; 4]>,
    /// Whether the metadata say that all shapes are polygons.
    pub(crate) is_polygonal: bool,
    /// Whether coordinates are longitude and latitude, as far as the CRS tells at a glance.
    pub(crate) is_geographic: bool,
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
    let types = description["geometry_types"].as_array();
    let is_polygonal = types.is_some_and(|types| {
        let is_polygon =
            |t: &Value| t.as_str().is_some_and(|t| t.starts_with("Polygon") || t.starts_with("MultiPolygon"));
        !types.is_empty() && types.iter().all(is_polygon)
    });
    let type_of_crs = description.pointer("/crs/type").and_then(Value::as_str);
    Ok(Geometry {
        column: column.to_string(),
        crs,
        encoding,
        bounds: bounds(&description["bbox"]),
        covering: covering(&description["covering"]["bbox"]),
        is_polygonal,
        is_geographic: type_of_crs != Some("ProjectedCRS"),
    })
}

/// Four numbers, or six with heights.
fn bounds(bbox: &Value) -> Option<[f64; 4]> {
    let numbers: Vec<f64> = bbox.as_array()?.iter().map(Value::as_f64).collect::<Option<_>>()?;
    match numbers[..] {
        [x0, y0, x1, y1] | [x0, y0, _, x1, y1, _] => Some([x0, y0, x1, y1]),
        _ => None,
    }
}

fn covering(bbox: &Value) -> Option<[Vec<String>; 4]> {
    let path = |key: &str| -> Option<Vec<String>> {
        bbox[key].as_array()?.iter().map(|part| part.as_str().map(str::to_string)).collect()
    };
    Some([path("xmin")?, path("ymin")?, path("xmax")?, path("ymax")?])
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
    fn bounds_and_covering_are_read_where_they_are_whole() {
        let of = |json: &str| parse(Path::new("x.parquet"), json).unwrap();
        let whole = of(
            r#"{"primary_column":"g","columns":{"g":{"geometry_types":["Polygon","MultiPolygon Z"],
            "bbox":[1,2,0,3,4,9],"covering":{"bbox":{"xmin":["b","xmin"],"ymin":["b","ymin"],"xmax":["b","xmax"],
            "ymax":["b","ymax"]}},"crs":{"type":"ProjectedCRS"}}}}"#,
        );
        assert_eq!(whole.bounds, Some([1.0, 2.0, 3.0, 4.0]));
        assert_eq!(whole.covering.map(|c| c[3].join(".")), Some("b.ymax".to_string()));
        assert!(whole.is_polygonal && !whole.is_geographic);
        let half =
            of(r#"{"primary_column":"g","columns":{"g":{"geometry_types":["Point"],"bbox":[1,2,"3",4],
            "covering":{"bbox":{"xmin":["b","xmin"]}}}}}"#);
        assert_eq!(
            (half.bounds, half.covering, half.is_polygonal, half.is_geographic),
            (None, None, false, true)
        );
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
