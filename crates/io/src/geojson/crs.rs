//! The `crs` member of files older than RFC 7946.

use super::number::read_number;
use whitespot_model::crs::CrsDeclaration;

/// What the value of a `crs` member declares (GeoJSON 2008, section 3): `null` is "undefined". A member that
/// names nothing, or links elsewhere, is handed on as it stands so that it is refused by name, not ignored.
pub(super) fn read_crs(value: &[u8]) -> Option<CrsDeclaration> {
    let crs: serde_json::Value = serde_json::from_slice(value).ok()?;
    if crs.is_null() {
        return Some(CrsDeclaration::Undefined);
    }
    let property = |key: &str| crs.pointer(&format!("/properties/{key}"));
    if let Some(name) = property("name").and_then(|n| n.as_str()) {
        return Some(CrsDeclaration::Code(code_of_name(name)));
    }
    if let Some(code) = property("code").map(ToString::to_string) {
        // Very old files: {"type": "EPSG", "properties": {"code": 3006}}.
        let code = code.trim_matches('"');
        let is_number = read_number(code.as_bytes(), 0).is_some_and(|(_, end)| end == code.len());
        return Some(CrsDeclaration::Code(if is_number { format!("EPSG:{code}") } else { code.to_string() }));
    }
    Some(CrsDeclaration::Code(crs.to_string().chars().take(60).collect()))
}

/// `urn:ogc:def:crs:EPSG::3006`, `http://www.opengis.net/def/crs/EPSG/0/3006` and `EPSG:3006` as
/// `EPSG:3006`; other names as they are.
pub(crate) fn code_of_name(name: &str) -> String {
    let name = name.trim();
    let lower = name.to_ascii_lowercase();
    let parts: Vec<&str> = if lower.starts_with("urn:") {
        name.split(':').skip(4).collect()
    } else if let Some(path) = lower.find("/def/crs/") {
        name[path + "/def/crs/".len()..].trim_end_matches('/').split('/').collect()
    } else {
        return name.to_string();
    };
    match parts.as_slice() {
        [authority, _version, code] => format!("{}:{code}", authority.to_ascii_uppercase()),
        [authority, code] => format!("{}:{code}", authority.to_ascii_uppercase()),
        _ => name.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_old_way_of_naming_a_crs_gives_its_code() {
        for (value, code) in [
            (r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:EPSG::3006"}}"#, "EPSG:3006"),
            (r#"{"type":"name","properties":{"name":"urn:ogc:def:crs:OGC:1.3:CRS84"}}"#, "OGC:CRS84"),
            (r#"{"type":"name","properties":{"name":"urn:x-ogc:def:crs:EPSG:4326"}}"#, "EPSG:4326"),
            (r#"{"type":"name","properties":{"name":"EPSG:3035"}}"#, "EPSG:3035"),
            (r#"{"properties":{"name":"http://www.opengis.net/def/crs/EPSG/0/25833"}}"#, "EPSG:25833"),
            (r#"{"type":"EPSG","properties":{"code":3006}}"#, "EPSG:3006"),
        ] {
            assert_eq!(read_crs(value.as_bytes()), Some(CrsDeclaration::Code(code.to_string())), "{value}");
        }
        assert_eq!(read_crs(b"null"), Some(CrsDeclaration::Undefined));
    }
}
