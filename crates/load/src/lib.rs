//! From files of any format to settlements, coverage layers, areas and statistics, with findings.
//!
//! Readers (`whitespot-io`, `whitespot-table`) give rows without meaning; here the analysis file's mapping
//! gives them one. Every row that is read is accepted, repaired or rejected, and whatever is not accepted
//! has a [`Finding`](whitespot_model::finding::Finding) with place, count, persons and a way out. Nothing
//! stops at the first problem: what a file has wrong comes out together.
//!
//! In pipeline order:
//! - [`schemas`]: column mappings of known sources become plain names;
//! - [`source`]: open a file, resolve its columns and CRS, filter rows, hash it;
//! - [`positions`]: coordinates that cannot be what they claim to be;
//! - [`areas`]: reporting units and their parents;
//! - [`settlements`]: people, batch by batch;
//! - [`nearby`]: where they are, so that coverage elsewhere is not read;
//! - [`coverage`]: layers and their offers;
//! - [`cells`]: grid cells whose code tells their place;
//! - [`control`]: sums against totals somebody else published;
//! - [`validity`]: invalid polygons and overlapping areas;
//! - [`projects`]: what can be funded, where a file tells it, and bids for it;
//! - [`statistics`]: tables joined on the area code.

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod areas;
pub mod cells;
pub mod control;
pub mod coverage;
mod ids;
pub mod nearby;
mod placed;
pub mod positions;
pub mod projects;
mod rows;
mod rows_hash;
pub mod schemas;
pub mod settlements;
pub mod source;
pub mod statistics;
pub mod suggest;
pub mod validity;

/// What a source has wrong, all at once; at least one of them is an error.
pub type Failure = Vec<whitespot_model::finding::Finding>;
