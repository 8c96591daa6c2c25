//! Cost, candidates, allocation rules, equity and comparison: what happens if a budget is handed out by a rule.
//!
//! Everything here is a pure function of its arguments: no files, no polygons, no clock but the time limit of
//! the search, no randomness.
//!
//! ```
//! use whitespot_funding::{Scenario, allocate};
//! use whitespot_model::funding::{Candidate, Candidates, RuleName};
//!
//! let area = |code: &str, score, households| Candidate {
//!     code: code.to_string(),
//!     score: Some(score),
//!     persons: 2 * households,
//!     households,
//!     grant_sek: 50_000 * households as i64,
//!     ..Candidate::default()
//! };
//! let candidates = Candidates { rows: vec![area("north", 0.9, 30), area("south", 0.2, 100)], ..Candidates::default() };
//! let result = allocate(&candidates, &Scenario::new("2 million", RuleName::Need, 2_000_000)).unwrap();
//! assert_eq!(result.grants[0].code, "north");
//! assert_eq!(result.outcome.households, 40); // all 30 in the north, then 10 whole connections in the south
//! ```
//!
//! Modules in the order of the way from price to comparison:
#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod cost;

pub mod scenario;

pub mod eligible;

mod field;

mod limits;

pub mod profiles;

pub mod rules;

mod fill;

mod allocate;

mod outcome;

pub mod curve;

pub mod compare;

pub mod change;

mod redraw;

mod run_diff;

pub mod equity;

pub mod waterfill;

mod error;
#[cfg(test)]
mod testing;

pub use allocate::{MARGINAL_SEK, allocate};
pub use change::explain_change;
pub use compare::compare;
pub use curve::{cost_to_target, curve};
pub use error::FundingError;
pub use redraw::Redraw;
pub use run_diff::compare_runs;
pub use scenario::{Scenario, Target, Year, resolve_extends};
pub use whitespot_model::funding::Bid;
