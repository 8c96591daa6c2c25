//! Normalised indicators become one score per area.
//!
//! With n the normalised values an area has and w their weights (which share the weight of missing ones in
//! proportion, so that they sum to the same in every area):
//!
//! | aggregate | score | what one indicator contributes |
//! |---|---|---|
//! | `arithmetic` | Σ w·n | w·n |
//! | `geometric` | Π max(n, f)^w | w·(f + L·ln(max(n, f) / f)), L the logarithmic mean of score and f |
//! | `points` | Σ w·n, w as given | w·n |
//!
//! The floor f of the geometric mean keeps one zero from silencing all other indicators. Its contributions are
//! the logarithmic-mean decomposition of what the score has above the floor: they are never negative, grow
//! with n and sum to the score; an area at the floor everywhere has the score f. (B. W. Ang, "The LMDI
//! approach to decomposition analysis", *Energy Policy* 33 (2005); geometric aggregation: OECD/JRC handbook, step 7.)

use crate::NeedError;
use whitespot_model::config::need::{Aggregate, NeedConfig};

/// How normalised values become one score.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Aggregation {
    /// The way.
    pub aggregate: Aggregate,
    /// `geometric` only: values below count as this; above 0 and below 1.
    pub geometric_floor: f64,
}

/// Floor of the geometric mean where the file gives none.
pub const GEOMETRIC_FLOOR: f64 = 0.01;

impl Default for Aggregation {
    fn default() -> Self {
        Aggregation { aggregate: Aggregate::default(), geometric_floor: GEOMETRIC_FLOOR }
    }
}

impl Aggregation {
    /// The aggregation of an analysis file.
    pub fn of(config: &NeedConfig) -> Aggregation {
        Aggregation {
            aggregate: config.aggregate,
            geometric_floor: config.geometric_floor.unwrap_or(GEOMETRIC_FLOOR),
        }
    }

    /// Tells whether the floor can be used.
    ///
    /// # Errors
    /// A floor that is not above 0 and below 1.
    pub fn check(&self) -> Result<(), NeedError> {
        match self.geometric_floor > 0.0 && self.geometric_floor < 1.0 {
            true => Ok(()),
            false => Err(NeedError::BadFloor { value: self.geometric_floor }),
        }
    }

    /// Whether scores are plain sums of points.
    pub fn is_points(&self) -> bool {
        self.aggregate == Aggregate::Points
    }

    /// What each indicator contributes to the score of one area, given its normalised values (NaN where
    /// missing) and effective weights (0 where missing). The score is the sum in this order.
    pub(crate) fn contributions(&self, normalised: &[f64], weights: &[f64], out: &mut [f64]) {
        match self.aggregate {
            Aggregate::Arithmetic | Aggregate::Points => {
                for ((c, n), w) in out.iter_mut().zip(normalised).zip(weights) {
                    *c = if *w > 0.0 { w * n } else { 0.0 };
                }
            }
            Aggregate::Geometric => {
                let floor = self.geometric_floor;
                let above = |n: f64| n.max(floor).ln() - floor.ln();
                let log_ratio: f64 = normalised
                    .iter()
                    .zip(weights)
                    .filter(|(_, w)| **w > 0.0)
                    .map(|(n, w)| w * above(*n))
                    .sum();
                let log_mean = floor * exp_minus_1_over(log_ratio);
                for ((c, n), w) in out.iter_mut().zip(normalised).zip(weights) {
                    *c = if *w > 0.0 { w * (floor + log_mean * above(*n)) } else { 0.0 };
                }
            }
        }
    }
}

/// (eˣ − 1) / x, 1 at 0.
fn exp_minus_1_over(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { x.exp_m1() / x }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn geometric(normalised: &[f64], weights: &[f64]) -> (f64, Vec<f64>) {
        let aggregation = Aggregation { aggregate: Aggregate::Geometric, ..Default::default() };
        let mut parts = vec![0.0; weights.len()];
        aggregation.contributions(normalised, weights, &mut parts);
        (parts.iter().sum(), parts)
    }

    #[test]
    fn geometric_contributions_sum_to_the_geometric_mean() {
        for (n, w) in [([0.2, 0.9, 0.5], [0.2, 0.3, 0.5]), ([1.0, 1.0, 1.0], [0.6, 0.2, 0.2])] {
            let plain: f64 = n.iter().zip(&w).map(|(n, w): (&f64, &f64)| n.powf(*w)).product();
            let (score, parts) = geometric(&n, &w);
            assert!((score - plain).abs() < 1e-14, "{score} {plain}");
            assert!(parts.iter().all(|c| *c >= 0.0));
        }
    }

    #[test]
    fn a_zero_counts_as_the_floor_and_leaves_the_others_their_say() {
        let (score, _) = geometric(&[0.0, 1.0], &[0.5, 0.5]);
        assert!((score - 0.1).abs() < 1e-15);
        let (all_zero, parts) = geometric(&[0.0, 0.0], &[0.25, 0.75]);
        assert!((all_zero - 0.01).abs() < 1e-17);
        assert_eq!(parts, [0.0025, 0.0075]);
    }

    #[test]
    fn of_equally_weighted_parts_the_higher_value_contributes_more() {
        let (_, parts) = geometric(&[0.2, 0.8], &[0.5, 0.5]);
        assert!(parts[1] > parts[0]);
    }
}
