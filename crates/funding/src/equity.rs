//! How equally something is spread: Gini, Theil, Atkinson.
//!
//! The units are areas, the values their coverage shares (0–1), the weights their persons, so that each person
//! counts once whatever area they live in. All three are 0 where everyone has the same share. They are `None`
//! where nobody is counted or nobody has anything (the mean is 0).

/// A unit: its value and its weight; both finite and not negative.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Unit {
    /// Value, such as a coverage share.
    pub value: f64,
    /// Weight, such as persons.
    pub weight: f64,
}

/// Gini coefficient, 0–1: mean absolute difference between two people drawn at random, over twice the mean.
/// Cost: O(n log n).
pub fn gini(units: &[Unit]) -> Option<f64> {
    let (weight, mean) = mean(units)?;
    let mut sorted = units.to_vec();
    sorted.sort_by(|a, b| a.value.total_cmp(&b.value));
    // Twice the area under the Lorenz curve, by trapezes.
    let (mut held, mut area) = (0.0, 0.0);
    for unit in &sorted {
        let after = held + unit.value * unit.weight;
        area += (held + after) * unit.weight;
        held = after;
    }
    Some((1.0 - area / (weight * weight * mean)).clamp(0.0, 1.0))
}

/// Theil's T: mean of (value / mean) × ln(value / mean), where 0 × ln 0 = 0. 0 upwards.
pub fn theil(units: &[Unit]) -> Option<f64> {
    let (weight, mean) = mean(units)?;
    let sum: f64 = units
        .iter()
        .filter(|u| u.value > 0.0)
        .map(|u| u.weight * (u.value / mean) * (u.value / mean).ln())
        .sum();
    Some((sum / weight).max(0.0))
}

/// Atkinson index with aversion to inequality `epsilon` ≥ 0: the share of the mean that could be given up if
/// the rest were spread equally. 0–1; with `epsilon` ≥ 1 it is 1 as soon as anyone has nothing.
pub fn atkinson(units: &[Unit], epsilon: f64) -> Option<f64> {
    let (weight, mean) = mean(units)?;
    let mut counted = units.iter().filter(|u| u.weight > 0.0);
    if epsilon >= 1.0 && counted.any(|u| u.value == 0.0) {
        return Some(1.0);
    }
    let counted = units.iter().filter(|u| u.weight > 0.0);
    let equal = if (epsilon - 1.0).abs() < 1e-12 {
        (counted.map(|u| u.weight * u.value.ln()).sum::<f64>() / weight).exp()
    } else {
        let power = 1.0 - epsilon;
        (counted.map(|u| u.weight * u.value.powf(power)).sum::<f64>() / weight).powf(1.0 / power)
    };
    Some((1.0 - equal / mean).clamp(0.0, 1.0))
}

/// Total weight and weighted mean; `None` where either is 0.
fn mean(units: &[Unit]) -> Option<(f64, f64)> {
    let weight: f64 = units.iter().map(|u| u.weight).sum();
    let held: f64 = units.iter().map(|u| u.weight * u.value).sum();
    (weight > 0.0 && held > 0.0).then(|| (weight, held / weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(pairs: &[(f64, f64)]) -> Vec<Unit> {
        pairs.iter().map(|&(value, weight)| Unit { value, weight }).collect()
    }

    #[test]
    fn equal_shares_have_no_inequality() {
        let equal = of(&[(0.4, 100.0), (0.4, 3.0), (0.4, 70.0)]);
        assert!(gini(&equal).unwrap() < 1e-12);
        assert!(theil(&equal).unwrap() < 1e-12);
        assert!(atkinson(&equal, 0.5).unwrap() < 1e-12);
    }

    #[test]
    fn gini_equals_the_mean_absolute_difference_over_twice_the_mean() {
        let units = of(&[(0.1, 5.0), (0.9, 2.0), (0.5, 3.0), (0.0, 1.0)]);
        let weight: f64 = units.iter().map(|u| u.weight).sum();
        let mean = units.iter().map(|u| u.weight * u.value).sum::<f64>() / weight;
        let pairs = units.iter().flat_map(|a| units.iter().map(move |b| (a, b)));
        let plain = pairs.map(|(a, b)| a.weight * b.weight * (a.value - b.value).abs()).sum::<f64>()
            / (2.0 * weight * weight * mean);
        assert!((gini(&units).unwrap() - plain).abs() < 1e-12);
    }

    #[test]
    fn two_equal_people_one_of_whom_has_all_give_the_textbook_values() {
        let units = of(&[(0.0, 1.0), (1.0, 1.0)]);
        assert!((gini(&units).unwrap() - 0.5).abs() < 1e-12);
        assert!((theil(&units).unwrap() - 2f64.ln()).abs() < 1e-12);
        assert!((atkinson(&units, 0.5).unwrap() - 0.5).abs() < 1e-12);
        assert_eq!(atkinson(&units, 1.0), Some(1.0));
        assert_eq!(atkinson(&units, 2.0), Some(1.0));
    }

    #[test]
    fn atkinson_at_1_is_one_minus_geometric_over_arithmetic_mean() {
        let units = of(&[(0.2, 1.0), (0.8, 1.0)]);
        assert!((atkinson(&units, 1.0).unwrap() - (1.0 - 0.16f64.sqrt() / 0.5)).abs() < 1e-12);
    }

    #[test]
    fn nobody_or_nothing_has_no_index() {
        assert_eq!(gini(&[]), None);
        assert_eq!(theil(&of(&[(0.0, 10.0)])), None);
        assert_eq!(atkinson(&of(&[(0.5, 0.0)]), 0.5), None);
    }
}
