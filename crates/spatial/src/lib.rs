//! Coordinate transforms, the exact cell index, joins, nearest distances and clusters.
//!
//! In pipeline order:
//! - [`crs`]: which CRS a source means, and coordinates from one to another;
//! - [`antimeridian`]: rings that cross the 180th meridian made continuous;
//! - [`geodesic`]: areas in km² on the ellipsoid, and planar ones.
//! - [`validity`]: polygons that cross themselves, enclose nothing or have stray holes;
//! - [`join`]: which offers reach each settlement, and which area holds it;
//! - [`areas`]: areas that overlap;
//! - [`dissolve`]: areas made one, for the outlines of parents;
//! - [`nearest`]: distances to the nearest of many points and segments;
//! - [`cluster`]: points within a link distance of one another, the shortest tree over them, and outlines;
//! - [`roads`]: the shortest ways along roads that join places with one another and with the network;
//! - [`segment`]: straight pieces of lines, and distances to them.
//!
//! ```
//! use geo_types::Coord;
//! use whitespot_spatial::crs::{Crs, Transform};
//!
//! let degrees = Crs::from_code("EPSG:4326")?;
//! let sweref = Crs::from_code("EPSG:3006")?;
//! let umea = Transform::new(&degrees, &sweref).apply(Coord { x: 20.263, y: 63.825 });
//! assert_eq!(umea.map(|c| (c.x.round(), c.y.round())), Some((758_811.0, 7_088_192.0)));
//! # Ok::<(), whitespot_spatial::crs::CrsError>(())
//! ```

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod antimeridian;
pub mod areas;
pub mod cluster;
pub mod crs;
pub mod dissolve;
pub mod geodesic;
mod index;
pub mod join;
pub mod nearest;
mod reach;
pub mod roads;
pub mod segment;
pub mod validity;
