//! Results of ranking areas by need: scores that decompose, and the order.

use crate::{
    config::need::{Aggregate, Bin, Direction},
    finding::Finding,
};
use serde::{Deserialize, Serialize};

/// A way to make raw values comparable, with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// 0 at the lowest and 1 at the highest value; of the data where no bounds are frozen.
    MinMax {
        /// Frozen lowest and highest value.
        bounds: Option<[f64; 2]>,
    },
    /// Mean rank among the areas, from 0 to 1.
    Percentile,
    /// Standard deviations from the mean, −3 … +3 brought to 0 … 1.
    ZScore,
    /// 0 to 1 between two goalposts, clamped.
    Linear {
        /// Low and high goalpost.
        goalposts: [f64; 2],
    },
    /// Points from a table of limits.
    Bins {
        /// The rows; the first that holds counts.
        bins: Vec<Bin>,
    },
    /// The value as it stands.
    None,
}

/// Areas scored and ordered by need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// How the indicators became one score.
    pub aggregate: Aggregate,
    /// What the score is made of, in the order of [`AreaScore::parts`].
    pub indicators: Vec<IndicatorUsed>,
    /// One entry an area, in the order of the table.
    pub areas: Vec<AreaScore>,
    /// Indices of the ranked areas, most need first.
    pub order: Vec<u32>,
    /// Indices of the areas that miss more than half of the indicators, in the order of the table.
    pub unranked: Vec<u32>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// An indicator as it was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorUsed {
    /// Its name.
    pub id: String,
    /// Unit of the raw values, for people.
    pub unit: String,
    /// Whether more or less of it is need.
    pub direction: Direction,
    /// How it was made comparable.
    pub normalise: Normalise,
    /// What the normalisation took from the data or the file, for the report: lowest and highest value
    /// (`min_max`), mean and standard deviation (`z_score`), the goalposts (`linear`); `None` otherwise.
    pub scale: Option<[f64; 2]>,
    /// Its weight: brought to sum 1, or as given where the aggregate is `points`.
    pub weight: f64,
    /// Areas without a value.
    pub n_missing: u32,
}

/// Score and rank of one area, and what they are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AreaScore {
    /// Code of the area.
    pub code: String,
    /// The sum of the parts' contributions in their order; `None` where unranked.
    pub score: Option<f64>,
    /// 1 = most need; `None` where unranked.
    pub rank: Option<u32>,
    /// Whether another area has the same score, so that the gap in persons, then the code, decided.
    pub is_tied: bool,
    /// Indicators (of weight above 0) without a value here; a ranked area with some is scored on the rest.
    pub n_missing: u32,
    /// Persons in the gap, by which ties are broken.
    pub gap_persons: u64,
    /// One part an indicator.
    pub parts: Vec<ScorePart>,
}

/// What one indicator adds to one area's score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    /// Value as read or derived; `None` where missing.
    pub raw: Option<f64>,
    /// Value made comparable, more is need; `None` where missing.
    pub normalised: Option<f64>,
    /// Weight in this area: 0 where the value is missing, the others then share its weight.
    pub weight: f64,
    /// What it adds to the score; 0 where missing.
    pub contribution: f64,
}
