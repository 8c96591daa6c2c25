//! GeoPackage in and out (OGC 12-128r19), by SQLite.

mod blob;
mod read;

pub(crate) use read::{inspect, layers, open};
