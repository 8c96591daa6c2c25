//! GeoPackage through the crate's public face.
