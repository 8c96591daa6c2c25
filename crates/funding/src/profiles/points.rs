//! Points of a criterion.

use serde::{Deserialize, Serialize};
use whitespot_model::config::need::Bin;

/// Something that gives points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    /// Name.
    pub id: String,
    /// Name of the candidate's number that is looked up.
    pub value: String,
    /// Name of a number it is divided by first; none where left out.
    #[serde(default)]
    pub per: Option<String>,
    /// Weight of the points; 1 where left out.
    #[serde(default = "one")]
    pub weight: f64,
    /// From number to points.
    #[serde(flatten)]
    pub scale: Scale,
}

fn one() -> f64 {
    1.0
}

/// From a number to points.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// The first row that holds; 0 where none does.
    Bins(Vec<Bin>),
    /// 0 at the first number, all points at the second, straight between, flat outside.
    Linear {
        /// Number that gives 0 points.
        zero_at: f64,
        /// Number that gives all points.
        full_at: f64,
        /// All points.
        points: f64,
    },
    /// All points for a number above 0, else 0.
    YesNo {
        /// All points.
        points: f64,
    },
}

impl Criterion {
    /// Points of a number, before the weight.
    ///
    /// ```
    /// use whitespot_funding::profiles::{Criterion, Scale};
    /// let price = Criterion {
    ///     id: "price".into(),
    ///     value: "price_per_address".into(),
    ///     per: None,
    ///     weight: 1.0,
    ///     scale: Scale::Linear { zero_at: 70_000.0, full_at: 10_000.0, points: 100.0 },
    /// };
    /// assert_eq!(price.points(40_000.0), 50.0);
    /// ```
    pub fn points(&self, number: f64) -> f64 {
        match &self.scale {
            Scale::Bins(bins) => bins.iter().find(|bin| holds(bin, number)).map_or(0.0, |bin| bin.points),
            Scale::Linear { zero_at, full_at, points } => {
                ((number - zero_at) / (full_at - zero_at)).clamp(0.0, 1.0) * points
            }
            Scale::YesNo { points } => {
                if number > 0.0 {
                    *points
                } else {
                    0.0
                }
            }
        }
    }

    /// What is wrong with the criterion, if anything.
    pub(super) fn fault(&self) -> Option<String> {
        let id = &self.id;
        if !(self.weight.is_finite() && self.weight >= 0.0) {
            return Some(format!("the weight of `{id}` is below 0"));
        }
        match &self.scale {
            Scale::Linear { zero_at, full_at, .. } if zero_at == full_at => {
                Some(format!("`zero_at` and `full_at` of `{id}` are the same"))
            }
            Scale::Bins(bins) if bins.is_empty() => Some(format!("`bins` of `{id}` is empty")),
            _ => None,
        }
    }
}

/// Whether a number lies within every limit of a row.
fn holds(bin: &Bin, number: f64) -> bool {
    bin.below.is_none_or(|limit| number < limit)
        && bin.up_to.is_none_or(|limit| number <= limit)
        && bin.above.is_none_or(|limit| number > limit)
        && bin.from.is_none_or(|limit| number >= limit)
}
