//! Sharing a pot by weights between lower and upper bounds, to the last krona.

/// Bounds of one receiver's amount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bounds {
    /// Least, not negative.
    pub least: i64,
    /// Most, at least `least`.
    pub most: i64,
}

/// Shares `pot` by `weights` (finite, not negative): everyone gets `weight × level`, brought within their
/// bounds, where the level is such that the amounts sum to the pot (water-filling). Fractions are rounded by
/// largest remainder, ties to the lower index.
///
/// The sum is the pot exactly, unless the lower bounds need more or the upper bounds allow less; it is then the
/// nearest sum the bounds allow. A weight of 0 receives its lower bound.
///
/// ```
/// use whitespot_funding::waterfill::{Bounds, share_pot};
/// let free = Bounds { least: 0, most: i64::MAX };
/// assert_eq!(share_pot(&[1.0, 1.0, 1.0], &[free; 3], 100), [34, 33, 33]);
/// let capped = Bounds { least: 0, most: 10 };
/// assert_eq!(share_pot(&[3.0, 1.0, 1.0], &[capped, free, free], 100), [10, 45, 45]);
/// ```
pub fn share_pot(weights: &[f64], bounds: &[Bounds], pot: i64) -> Vec<i64> {
    let amount =
        |i: usize, level: f64| (weights[i] * level).clamp(bounds[i].least as f64, bounds[i].most as f64);
    let all: Vec<usize> = (0..weights.len()).collect();
    let level = find_level(pot as f64, weights, |level| all.iter().map(|&i| amount(i, level)).sum());
    let at_level: Vec<f64> = all.iter().map(|&i| amount(i, level)).collect();
    let exact = settle(&at_level, weights, bounds, pot, level);
    round_to_sum(&exact, bounds, weights, pot)
}

/// The level at which `sum` first reaches `pot`, by bisection to the last bit; a level beyond which nothing
/// grows where it never does.
pub(crate) fn find_level(pot: f64, weights: &[f64], sum: impl Fn(f64) -> f64) -> f64 {
    let Some(least) = weights.iter().copied().filter(|&w| w > 0.0).min_by(f64::total_cmp) else { return 0.0 };
    let (mut low, mut high) = (0.0f64, (pot.max(1.0) / least * 2.0).min(f64::MAX));
    if sum(high) <= pot {
        return high;
    }
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if sum(middle) < pot {
            low = middle;
        } else {
            high = middle;
        }
    }
    high
}

/// Reckons the amounts between their bounds anew from what the bound ones leave, free of bisection error.
fn settle(at_level: &[f64], weights: &[f64], bounds: &[Bounds], pot: i64, level: f64) -> Vec<f64> {
    let is_free = |i: usize| {
        let raw = weights[i] * level;
        weights[i] > 0.0 && raw > bounds[i].least as f64 && raw < bounds[i].most as f64
    };
    let bound: i128 = (0..weights.len()).filter(|&i| !is_free(i)).map(|i| at_level[i] as i128).sum();
    let free_weight: f64 = (0..weights.len()).filter(|&i| is_free(i)).map(|i| weights[i]).sum();
    let rest = (i128::from(pot) - bound).max(0) as f64;
    (0..weights.len())
        .map(|i| {
            if is_free(i) {
                (rest * weights[i] / free_weight).clamp(bounds[i].least as f64, bounds[i].most as f64)
            } else {
                at_level[i]
            }
        })
        .collect()
}

/// Whole amounts within the bounds that sum to `pot` as nearly as the bounds allow: rounded down, then one more
/// for the largest remainders. Those with weight 0 grow for no remainder.
pub(crate) fn round_to_sum(exact: &[f64], bounds: &[Bounds], weights: &[f64], pot: i64) -> Vec<i64> {
    let mut whole: Vec<i64> =
        exact.iter().zip(bounds).map(|(x, b)| (x.floor() as i64).clamp(b.least, b.most)).collect();
    let mut by_remainder: Vec<usize> = (0..exact.len()).collect();
    by_remainder.sort_by(|&a, &b| exact[b].fract().total_cmp(&exact[a].fract()).then(a.cmp(&b)));
    let sum = |whole: &[i64]| whole.iter().map(|&x| i128::from(x)).sum::<i128>();
    let mut lacking = i128::from(pot) - sum(&whole);
    // A second round is needed only where bisection met a flat stretch; each round moves at least one unit.
    while lacking != 0 {
        let step = lacking.signum() as i64;
        let before = lacking;
        let turn: Box<dyn Iterator<Item = &usize>> =
            if step > 0 { Box::new(by_remainder.iter()) } else { Box::new(by_remainder.iter().rev()) };
        for &i in turn {
            let can = if step > 0 {
                whole[i] < bounds[i].most && weights[i] > 0.0
            } else {
                whole[i] > bounds[i].least
            };
            if lacking != 0 && can {
                whole[i] += step;
                lacking -= i128::from(step);
            }
        }
        if lacking == before {
            break;
        }
    }
    whole
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::fixed_cases;
    use proptest::prelude::*;

    const FREE: Bounds = Bounds { least: 0, most: i64::MAX };

    #[test]
    fn a_floor_is_paid_by_those_above_theirs() {
        let floor = Bounds { least: 40, most: i64::MAX };
        assert_eq!(share_pot(&[1.0, 2.0, 3.0], &[floor, FREE, FREE], 100), [40, 24, 36]);
    }

    #[test]
    fn a_weight_of_0_receives_nothing_and_no_remainder() {
        assert_eq!(share_pot(&[0.0, 1.0, 1.0], &[FREE; 3], 5), [0, 3, 2]);
        assert_eq!(share_pot(&[0.0, 0.0], &[FREE; 2], 5), [0, 0]);
        assert_eq!(share_pot(&[], &[], 5), Vec::<i64>::new());
    }

    #[test]
    fn bounds_that_leave_no_choice_win_over_the_pot() {
        let fixed = Bounds { least: 7, most: 7 };
        assert_eq!(share_pot(&[1.0, 1.0], &[fixed, fixed], 100), [7, 7]);
        assert_eq!(share_pot(&[1.0, 1.0], &[fixed, fixed], 3), [7, 7]);
    }

    proptest! {
        #![proptest_config(fixed_cases(2_000))]

        #[test]
        fn shares_sum_to_the_pot_and_follow_the_weights_between_the_bounds(
            receivers in prop::collection::vec((1u32..1_000, 0i64..500, 0i64..5_000), 1..12),
            pot in 0i64..20_000,
        ) {
            let weights: Vec<f64> = receivers.iter().map(|r| f64::from(r.0)).collect();
            let bounds: Vec<Bounds> =
                receivers.iter().map(|r| Bounds { least: r.1, most: r.1 + r.2 }).collect();
            let amounts = share_pot(&weights, &bounds, pot);
            let least: i64 = bounds.iter().map(|b| b.least).sum();
            let most: i64 = bounds.iter().map(|b| b.most).sum();
            prop_assert_eq!(amounts.iter().sum::<i64>(), pot.clamp(least, most));
            for i in 0..amounts.len() {
                prop_assert!(amounts[i] >= bounds[i].least && amounts[i] <= bounds[i].most);
                for j in 0..amounts.len() {
                    // Whoever could give has no higher level than whoever could take, but for rounding.
                    if amounts[i] > bounds[i].least && amounts[j] < bounds[j].most {
                        let (level_i, level_j) =
                            ((amounts[i] as f64 - 1.0) / weights[i], (amounts[j] as f64 + 1.0) / weights[j]);
                        prop_assert!(level_i <= level_j + 1e-9, "{amounts:?}");
                    }
                }
            }
        }
    }
}
