//! How much orders agree: Kendall's τ-b, Kendall's W and the number of pairs ordered otherwise.

/// Kendall's τ-b of two columns of the same length: 1 the same order, −1 the reverse, corrected for ties.
///
/// (concordant − discordant) / √((pairs − ties in x)(pairs − ties in y)); `None` with fewer than two values, or where a
/// column is constant. O(n log n). Source: M. G. Kendall, *Rank Correlation Methods* (1970), chapter 3; W. R. Knight,
/// "A computer method for calculating Kendall's tau with ungrouped data", *JASA* 61 (1966).
pub fn tau_b(x: &[f64], y: &[f64]) -> Option<f64> {
    let mut pairs: Vec<(f64, f64)> = x.iter().copied().zip(y.iter().copied()).collect();
    pairs.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let n = pairs.len() as u64;
    let all = n * n.saturating_sub(1) / 2;
    let ties_x = tied_pairs(pairs.iter().map(|p| p.0));
    let mut runs = 0u64;
    let ties_both = {
        let mut count = 0;
        for i in 1..pairs.len() {
            runs = if pairs[i] == pairs[i - 1] { runs + 1 } else { 0 };
            count += runs;
        }
        count
    };
    let mut ys: Vec<f64> = pairs.iter().map(|p| p.1).collect();
    // Sorted by x, then y: every strict inversion in y is a discordant pair.
    let discordant = count_inversions(&mut ys);
    let ties_y = tied_pairs(ys.iter().copied());
    let concordant = (all + ties_both) as f64 - (ties_x + ties_y + discordant) as f64;
    let scale = ((all - ties_x) as f64).sqrt() * ((all - ties_y) as f64).sqrt();
    (scale > 0.0).then(|| ((concordant - discordant as f64) / scale).clamp(-1.0, 1.0))
}

/// Kendall's coefficient of concordance W of several columns of the same length (one a judge), corrected for ties:
/// 0 no agreement, 1 the same order by all.
///
/// With mean ranks, R the sums of ranks, m judges, n things: W = 12 Σ(R − mean R)² / (m²(n³ − n) − m Σ(t³ − t)), t the
/// sizes of the groups of ties. `None` with fewer than two judges or things, or where every judge ties everything.
/// Source: M. G. Kendall and B. Babington Smith, *Annals of Mathematical Statistics* 10 (1939); S. Siegel,
/// *Nonparametric Statistics* (1956), chapter 9.
pub fn kendall_w(judges: &[&[f64]]) -> Option<f64> {
    let m = judges.len();
    let n = judges.first().map_or(0, |judge| judge.len());
    if m < 2 || n < 2 {
        return None;
    }
    // Twice the mean rank is a whole number, so the sums are exact.
    let mut sums = vec![0u64; n];
    let mut ties = 0.0;
    for judge in judges {
        let mut order: Vec<usize> = (0..n).collect();
        order.sort_unstable_by(|a, b| judge[*a].total_cmp(&judge[*b]));
        let mut first = 0;
        while first < n {
            let tied = order[first..].iter().take_while(|i| judge[**i] == judge[order[first]]).count();
            for i in &order[first..first + tied] {
                sums[*i] += (2 * first + tied + 1) as u64;
            }
            ties += (tied as f64).powi(3) - tied as f64;
            first += tied;
        }
    }
    let (m, n) = (m as f64, n as f64);
    let mean = m * (n + 1.0);
    let deviation: f64 = sums.iter().map(|sum| (*sum as f64 - mean).powi(2)).sum::<f64>() / 4.0;
    let scale = m * m * (n.powi(3) - n) - m * ties;
    (scale > 0.0).then(|| (12.0 * deviation / scale).clamp(0.0, 1.0))
}

/// Pairs that two rankings of the same things order otherwise. `ranks` gives each thing's rank in one of them, `order`
/// lists the things in the other.
pub(crate) fn pairs_ordered_otherwise(order: &[u32], ranks: &[u32]) -> u64 {
    let mut sequence: Vec<f64> = order.iter().map(|thing| f64::from(ranks[*thing as usize])).collect();
    count_inversions(&mut sequence)
}

/// Pairs of equal neighbours-in-order of an ascending sequence.
fn tied_pairs(ascending: impl Iterator<Item = f64>) -> u64 {
    let (mut last, mut run, mut count) = (f64::NAN, 0, 0);
    for value in ascending {
        run = if value == last { run + 1 } else { 0 };
        count += run;
        last = value;
    }
    count
}

/// Sorts ascending and counts the pairs that stood in strictly descending order.
fn count_inversions(values: &mut [f64]) -> u64 {
    let n = values.len();
    let mut count = 0;
    let mut merged = vec![0.0; n];
    let mut width = 1;
    while width < n {
        for start in (0..n).step_by(2 * width) {
            let (middle, end) = ((start + width).min(n), (start + 2 * width).min(n));
            let (mut i, mut j) = (start, middle);
            for slot in &mut merged[start..end] {
                let takes_left = i < middle && (j == end || values[i] <= values[j]);
                if takes_left {
                    *slot = values[i];
                    i += 1;
                } else {
                    *slot = values[j];
                    j += 1;
                    count += (middle - i) as u64;
                }
            }
        }
        values.copy_from_slice(&merged);
        width *= 2;
    }
    count
}

#[cfg(test)]
mod tests {
    use super::*;

    /// τ-b by comparing every pair.
    fn slow_tau_b(x: &[f64], y: &[f64]) -> Option<f64> {
        let (mut agree, mut x_pairs, mut y_pairs) = (0.0, 0.0f64, 0.0f64);
        for i in 0..x.len() {
            for j in 0..i {
                let sign = |a: f64, b: f64| if a == b { 0.0 } else { (a - b).signum() };
                let (sx, sy) = (sign(x[i], x[j]), sign(y[i], y[j]));
                agree += sx * sy;
                x_pairs += sx * sx;
                y_pairs += sy * sy;
            }
        }
        (x_pairs * y_pairs > 0.0).then(|| agree / (x_pairs * y_pairs).sqrt())
    }

    #[test]
    fn tau_b_equals_comparing_every_pair() {
        let mut state = 1u64;
        let mut next = |n: u64| {
            state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
            (state >> 33) % n
        };
        for n in [0, 1, 2, 3, 7, 50] {
            for kinds in [1, 2, 5, 1000] {
                let x: Vec<f64> = (0..n).map(|_| next(kinds) as f64).collect();
                let y: Vec<f64> = (0..n).map(|_| next(kinds) as f64).collect();
                match (tau_b(&x, &y), slow_tau_b(&x, &y)) {
                    (Some(fast), Some(slow)) => assert!((fast - slow).abs() < 1e-12, "{fast} {slow}"),
                    (fast, slow) => assert_eq!(fast, slow),
                }
            }
        }
    }

    #[test]
    fn w_of_siegels_interviewers_is_0_16() {
        // Three interviewers rank six applicants (Siegel 1956, table 9.6): s = 25.5, W = .16.
        let judges: [&[f64]; 3] = [
            &[1.0, 6.0, 3.0, 2.0, 5.0, 4.0],
            &[1.0, 5.0, 6.0, 4.0, 2.0, 3.0],
            &[6.0, 3.0, 2.0, 5.0, 4.0, 1.0],
        ];
        assert_eq!(format!("{:.2}", kendall_w(&judges).unwrap()), "0.16");
    }

    #[test]
    fn w_is_corrected_for_ties_as_in_the_anxiety_example_of_r_irr() {
        // 20 persons rated by 3 judges; the package prints Wt = 0.54.
        let judges: [&[f64]; 3] = [
            &[3., 3., 3., 4., 5., 5., 2., 3., 5., 2., 2., 6., 1., 5., 2., 2., 1., 2., 4., 3.],
            &[3., 6., 4., 6., 2., 4., 2., 4., 3., 3., 2., 3., 3., 3., 2., 2., 1., 3., 3., 4.],
            &[2., 1., 4., 4., 3., 2., 1., 6., 1., 1., 1., 2., 3., 3., 1., 1., 3., 3., 2., 2.],
        ];
        assert_eq!(format!("{:.2}", kendall_w(&judges).unwrap()), "0.54");
    }

    #[test]
    fn full_agreement_is_1_and_undefined_agreement_is_none() {
        assert_eq!(kendall_w(&[&[1.0, 2.0, 3.0], &[10.0, 20.0, 30.0]]), Some(1.0));
        assert_eq!(kendall_w(&[&[1.0, 2.0], &[2.0, 1.0]]), Some(0.0));
        assert_eq!(kendall_w(&[&[1.0, 2.0]]), None);
        assert_eq!(kendall_w(&[&[1.0], &[1.0]]), None);
        assert_eq!(kendall_w(&[&[1.0, 1.0], &[1.0, 1.0]]), None);
    }

    #[test]
    fn pairs_ordered_otherwise_are_counted() {
        assert_eq!(pairs_ordered_otherwise(&[0, 1, 2, 3], &[0, 1, 2, 3]), 0);
        assert_eq!(pairs_ordered_otherwise(&[3, 2, 1, 0], &[0, 1, 2, 3]), 6);
        assert_eq!(pairs_ordered_otherwise(&[1, 0, 2], &[0, 1, 2]), 1);
    }
}
