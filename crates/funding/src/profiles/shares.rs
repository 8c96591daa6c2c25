//! Shares of a pot by a formula of several parts.

use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use whitespot_model::config::funding::Sek;

/// A formula: each part shares its weight of the pot in proportion to its own sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shares {
    /// The parts; their weights are brought to sum 1.
    pub parts: Vec<Part>,
    /// What every receiver has before the rest is shared; 0 where left out.
    #[serde(default)]
    pub floor: Sek,
    /// Whether nobody receives more than their connections cost; false where the receiver decides what to build.
    #[serde(default)]
    pub capped_by_cost: bool,
}

/// A part of a formula.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Weight among the parts.
    pub weight: f64,
    /// Factors of the candidate's numbers that are summed: `{ households_below_10 = 1.0 }`.
    pub of: IndexMap<String, f64>,
}

impl Shares {
    /// Share of each receiver, summing to 1, from the sums each has in each part (`sums[part][receiver]`, not
    /// negative). A part in which nobody has anything gives its weight to the others; where no part has
    /// anything, all shares are 0.
    pub fn shares(&self, sums: &[Vec<f64>]) -> Vec<f64> {
        let n = sums.first().map_or(0, Vec::len);
        let totals: Vec<f64> = sums.iter().map(|part| part.iter().sum()).collect();
        let counted: Vec<usize> = (0..sums.len()).filter(|&part| totals[part] > 0.0).collect();
        let weight: f64 = counted.iter().map(|&part| self.parts[part].weight).sum();
        (0..n)
            .map(|i| {
                let share = |part: &usize| self.parts[*part].weight / weight * sums[*part][i] / totals[*part];
                counted.iter().map(share).sum()
            })
            .collect()
    }

    pub(super) fn fault(&self) -> Option<String> {
        if self.parts.is_empty() {
            return Some("`parts` is empty".to_string());
        }
        if self.floor.0 < 0 {
            return Some("`floor` is negative".to_string());
        }
        let is_wrong = |x: &f64| !(x.is_finite() && *x >= 0.0);
        if self.parts.iter().any(|part| is_wrong(&part.weight) || part.of.values().any(is_wrong)) {
            return Some("weights and factors of `parts` are numbers of at least 0".to_string());
        }
        if self.parts.iter().all(|part| part.weight == 0.0) {
            return Some("all weights of `parts` are 0".to_string());
        }
        None
    }
}
