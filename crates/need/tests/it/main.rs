//! Published examples, a plain recomputation, and properties of the ranking.
#![allow(clippy::unwrap_used, missing_docs)]

mod handbook;
mod properties;
mod published;
mod recompute;

use whitespot_model::{config::need::Direction, need::Normalise};
use whitespot_need::{IndicatorSpec, IndicatorTable};

/// An indicator of these values that is "higher is more need".
fn indicator(id: &str, weight: f64, normalise: Normalise) -> IndicatorSpec {
    IndicatorSpec {
        id: id.into(),
        unit: String::new(),
        direction: Direction::HigherIsMoreNeed,
        normalise,
        weight,
    }
}

/// A table of areas with the gap in persons of each.
fn table(areas: &[(&str, u64)], indicators: Vec<(IndicatorSpec, Vec<f64>)>) -> IndicatorTable {
    let (indicators, values) = indicators.into_iter().unzip();
    IndicatorTable {
        codes: areas.iter().map(|a| a.0.to_string()).collect(),
        names: areas.iter().map(|a| a.0.to_string()).collect(),
        indicators,
        values,
        gap_persons: areas.iter().map(|a| a.1).collect(),
    }
}
