//! From gaps to indicators, scores, ranks and their robustness.
//!
//! Pure functions of their arguments and a seed: no paths, no polygons. `docs/need.md` gives the formulas
//! with a worked example and their sources.
//!
//! ```
//! use whitespot_model::config::need::Direction;
//! use whitespot_model::need::Normalise;
//! use whitespot_need::{Aggregation, IndicatorSpec, IndicatorTable, Weights, score};
//!
//! let table = IndicatorTable {
//!     codes: vec!["2401".into(), "2403".into(), "2404".into()],
//!     names: vec!["Nordmaling".into(), "Bjurholm".into(), "Vindeln".into()],
//!     indicators: vec![IndicatorSpec {
//!         id: "fibre_gap_share".into(),
//!         unit: "share".into(),
//!         direction: Direction::HigherIsMoreNeed,
//!         normalise: Normalise::MinMax { bounds: None },
//!         weight: 1.0,
//!     }],
//!     values: vec![vec![0.125, 0.375, 0.25]],
//!     gap_persons: vec![700, 720, 1_060],
//! };
//! let ranking = score(&table, &Weights::of(&table)?, Aggregation::default())?;
//! assert_eq!(ranking.order, [1, 2, 0]);
//! assert_eq!(ranking.areas[2].score, Some(0.5));
//! # Ok::<(), whitespot_need::NeedError>(())
//! ```
//!
//! Modules in the order of the numbers' way:

#![cfg_attr(test, allow(clippy::unwrap_used))]

pub mod aggregate;
pub mod consultation;
pub mod derive;
pub mod error;
pub mod normalise;
pub mod robustness;
pub mod score;
pub mod settings;
pub mod table;
pub mod weights;

pub use aggregate::Aggregation;
pub use consultation::{actor_weights, consult};
pub use error::NeedError;
pub use robustness::{Alternatives, DrawnRanking, FundingRule, robustness};
pub use score::{order_by_need, score};
pub use settings::{actor_problems, indicator_specs, robustness_problems};
pub use table::{IndicatorSpec, IndicatorTable, values_by_code};
pub use weights::Weights;
