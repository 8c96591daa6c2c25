//! Weights: any numbers from 0, brought to sum 1.

use crate::{NeedError, table::IndicatorTable};

/// Largest weight taken: no product with a score overflows.
pub(crate) const LARGEST: f64 = 1e100;

/// One weight an indicator, as given; at least one is above 0.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    given: Vec<f64>,
    shares: Vec<f64>,
}

impl Weights {
    /// Weights for the indicators of a table, in their order.
    ///
    /// # Errors
    /// Another number of weights than of indicators, a weight that is no number from 0 to 10¹⁰⁰, or all weights 0.
    pub fn new(given: &[f64], table: &IndicatorTable) -> Result<Weights, NeedError> {
        if given.len() != table.indicators.len() {
            return Err(NeedError::WeightCount { found: given.len(), expected: table.indicators.len() });
        }
        for (weight, indicator) in given.iter().zip(&table.indicators) {
            if !(0.0..=LARGEST).contains(weight) {
                return Err(NeedError::BadWeight { id: indicator.id.clone(), value: *weight });
            }
        }
        // Dividing by the largest first keeps the sum of very large weights finite.
        let largest = given.iter().copied().fold(0.0, f64::max);
        if largest == 0.0 {
            return Err(match given.len() {
                0 => NeedError::NoIndicators,
                _ => NeedError::WeightsAllZero { of: String::new() },
            });
        }
        let sum: f64 = given.iter().map(|w| w / largest).sum();
        let shares = given.iter().map(|w| w / largest / sum).collect();
        Ok(Weights { given: given.to_vec(), shares })
    }

    /// The weights that stand in the table itself.
    ///
    /// # Errors
    /// As [`Weights::new`].
    pub fn of(table: &IndicatorTable) -> Result<Weights, NeedError> {
        let given: Vec<f64> = table.indicators.iter().map(|i| i.weight).collect();
        Weights::new(&given, table)
    }

    /// The weights as given.
    pub fn given(&self) -> &[f64] {
        &self.given
    }

    /// The weights brought to sum 1.
    pub fn shares(&self) -> &[f64] {
        &self.shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::table;

    #[test]
    fn any_numbers_from_0_are_brought_to_1() {
        let t = table(&[&[1.0], &[1.0], &[1.0]]);
        for given in [[2.0, 6.0, 0.0], [0.25, 0.75, 0.0], [2e99, 6e99, 0.0]] {
            let weights = Weights::new(&given, &t).unwrap();
            for (share, expected) in weights.shares().iter().zip([0.25, 0.75, 0.0]) {
                assert!((share - expected).abs() < 1e-15);
            }
        }
    }

    #[test]
    fn weights_that_are_negative_not_finite_all_zero_or_too_few_are_refused() {
        let t = table(&[&[1.0], &[1.0]]);
        assert!(matches!(Weights::new(&[1.0, -0.1], &t), Err(NeedError::BadWeight { .. })));
        assert!(matches!(Weights::new(&[1.0, f64::NAN], &t), Err(NeedError::BadWeight { .. })));
        assert!(matches!(Weights::new(&[1.0, f64::INFINITY], &t), Err(NeedError::BadWeight { .. })));
        assert!(matches!(Weights::new(&[1.0, 1e101], &t), Err(NeedError::BadWeight { .. })));
        assert!(matches!(Weights::new(&[0.0, 0.0], &t), Err(NeedError::WeightsAllZero { .. })));
        assert!(matches!(Weights::new(&[1.0], &t), Err(NeedError::WeightCount { found: 1, expected: 2 })));
        assert!(matches!(Weights::new(&[], &table(&[])), Err(NeedError::NoIndicators)));
    }
}
