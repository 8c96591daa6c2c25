//! Coordinate reference systems as files and people declare them; `whitespot-spatial` gives them meaning.

use std::fmt;

/// How a source says which CRS its coordinates are in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CrsDeclaration {
    /// An authority code: `EPSG:3006`, `ESRI:54009`, `OGC:CRS84`.
    Code(String),
    /// OGC or ESRI well-known text (`.prj`, `gpkg_spatial_ref_sys`).
    Wkt(String),
    /// PROJJSON (GeoParquet).
    ProjJson(String),
    /// The file says that it does not know (GeoPackage `srs_id` 0 or −1).
    Undefined,
}

impl fmt::Display for CrsDeclaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            CrsDeclaration::Code(code) => f.write_str(code),
            CrsDeclaration::Wkt(text) | CrsDeclaration::ProjJson(text) => {
                let short: String = text.chars().take(60).collect();
                write!(f, "{short}…")
            }
            CrsDeclaration::Undefined => f.write_str("undefined"),
        }
    }
}
