//! GeoPackage in and out (OGC 12-128r19), by SQLite.

mod blob;
mod layer_reader;
mod metadata;
mod points;
mod read;
mod rtree;
mod schema;
mod write;
mod write_points;

pub(crate) use blob::wkb_of_feature;
pub use layer_reader::{ColumnKind, LayerColumn, LayerInfo, LayerReader, LayerRows, Wanted};
pub(crate) use metadata::xml_escaped;
pub use points::{PointReader, PointRow};
pub(crate) use read::{inspect, layers, open};
pub use write::{GeoPackageWriter, LayerCrs, LayerGeometry, LayerSpec, LayerStyle};
pub use write_points::PointLayerWriter;
