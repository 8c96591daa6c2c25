//! The nouns of whitespot: settlements, coverage layers, services, areas, findings, tables and results.
//!
//! Nothing here reads or writes a file, and nothing depends on another crate of the project. Coordinates
//! and counts are columns, not objects: row `i` of every column of a batch is the same settlement.
//!
//! ```
//! use whitespot_model::shapes::{Part, Shapes};
//!
//! let mut shapes = Shapes::default();
//! shapes.begin_part(Part::Polygon);
//! shapes.push_ring([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]);
//! shapes.end_part();
//! shapes.end_feature();
//! assert_eq!(shapes.n_features(), 1);
//! assert_eq!(shapes.n_coords(), 4);
//! ```
//!
//! Modules in the order of the data's way through a run:

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod area;
pub mod clusters;
pub mod config;
pub mod coverage;
pub mod coverage_map;
pub mod crs;
pub mod features;
pub mod finding;
pub mod funding;
pub mod gap;
pub mod measures;
mod naming;
pub mod need;
pub mod need_tables;
pub mod numbers;
pub mod provenance;
pub mod reached;
pub mod result;
pub mod run_diff;
pub mod service;
pub mod settlement;
pub mod shapes;
pub mod suppress;
pub mod table;
mod tally;
pub mod wkb;
pub mod wkt;
pub mod wording;
