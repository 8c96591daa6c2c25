//! Where data came from, and what became of its rows.

use crate::finding::Finding;
use serde::{Deserialize, Serialize};

/// What became of the rows of one file: `accepted + repaired + rejected = read`, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowBalance {
    /// Rows read after `where`.
    pub read: u64,
    /// Rows taken as they are.
    pub accepted: u64,
    /// Rows taken after a repair that a finding describes.
    pub repaired: u64,
    /// Rows not taken; a finding gives the reason and the persons.
    pub rejected: u64,
    /// Rows that `where` left out; not part of `read`.
    pub left_out: u64,
}

impl RowBalance {
    /// Whether no row is lost.
    pub fn is_balanced(&self) -> bool {
        self.accepted + self.repaired + self.rejected == self.read
    }
}

/// One input of a run, for the manifest and the report.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    /// What it is for: `settlements`, `areas`, `parents`, `coverage fibre_2025`, `statistics aged_80`.
    pub role: String,
    /// The file as named in the analysis file.
    pub file: String,
    /// The layer, where the format has layers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Format for people.
    pub format: String,
    /// SHA-256 of the file's bytes, lower-case hex.
    pub sha256: String,
    /// Size in bytes.
    pub bytes: u64,
    /// The CRS its coordinates were read in, as a code; empty for tables without coordinates.
    pub crs: String,
    /// What became of its rows.
    pub rows: RowBalance,
    /// Owner as declared in `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Date as declared in `source` or `reported`, ISO 8601.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// Licence as declared in `source`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub licence: Option<String>,
    /// Whether the layer is made up (a demo); shown wherever the layer shows.
    #[serde(default)]
    pub synthetic: bool,
}

/// A value read from a file, with what was noticed on the way.
#[derive(Clone, Debug)]
pub struct Loaded<T> {
    /// The value.
    pub value: T,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// Where it came from.
    pub provenance: Provenance,
}
