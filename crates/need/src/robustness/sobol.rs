//! First-order and total Sobol indices from two sample matrices: which assumption decides.
//!
//! With A and B two independent samples of all factors, A_B^i the sample A with factor i taken from B, f the
//! outcome centred on its mean and V its variance over A and B:
//! first order S_i = mean(f_B · (f_ABi − f_A)) / V (Saltelli et al. 2010), total T_i = mean((f_A − f_ABi)²) / 2V
//! (Jansen 1999). Source: A. Saltelli et al., "Variance based sensitivity analysis of model output", *Computer
//! Physics Communications* 181 (2010) 259–270, tables 2 (b) and (f); use on composite indicators: OECD/JRC
//! handbook, step 8. Intervals: percentile bootstrap over the rows.

use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use whitespot_model::need::{SobolIndex, SobolOutcome};

/// Bootstrap resamples behind the intervals.
const RESAMPLES: usize = 400;

/// Outcomes of one model over the sample matrices; all rows have the same length.
#[derive(Clone, Debug, Default)]
pub struct SobolSamples {
    /// Outcome of each row of A.
    pub a: Vec<f64>,
    /// Outcome of each row of B.
    pub b: Vec<f64>,
    /// Per factor: outcome of each row of A with that factor taken from B.
    pub ab: Vec<Vec<f64>>,
}

/// Sobol indices of named factors, with 95 % bootstrap intervals drawn from a seed.
///
/// Fewer than two rows, or an outcome that does not vary, give no indices. The result depends on the arguments
/// alone.
pub fn sobol_indices(outcome: &str, factors: &[String], samples: &SobolSamples, seed: u64) -> SobolOutcome {
    let n = samples.a.len();
    let mean = samples.a.iter().chain(&samples.b).sum::<f64>() / (2 * n).max(1) as f64;
    let rows: Vec<usize> = (0..n).collect();
    let variance = variance(samples, &rows);
    // Differences below this are float dust of a constant outcome.
    let varies = n >= 2 && variance > 1e-24 * mean.abs().max(1.0).powi(2);
    let mut resamples: Vec<Vec<(f64, f64)>> = vec![Vec::with_capacity(RESAMPLES); factors.len()];
    if varies {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        for _ in 0..RESAMPLES {
            let rows: Vec<usize> = (0..n).map(|_| rng.random_range(0..n)).collect();
            for (i, found) in resamples.iter_mut().enumerate() {
                found.extend(indices_of(samples, i, &rows));
            }
        }
    }
    let factors = factors
        .iter()
        .enumerate()
        .map(|(i, name)| {
            let point = if varies { indices_of(samples, i, &rows) } else { None };
            SobolIndex {
                factor: name.clone(),
                first: point.map(|p| p.0),
                first_interval: point.and_then(|_| interval(resamples[i].iter().map(|r| r.0).collect())),
                total: point.map(|p| p.1),
                total_interval: point.and_then(|_| interval(resamples[i].iter().map(|r| r.1).collect())),
            }
        })
        .collect();
    SobolOutcome {
        outcome: outcome.to_string(),
        mean,
        variance: if varies { variance } else { 0.0 },
        evaluations: (n * (2 + samples.ab.len())) as u64,
        factors,
    }
}

/// Mean of A and B together over some rows.
fn mean(samples: &SobolSamples, rows: &[usize]) -> f64 {
    rows.iter().map(|r| samples.a[*r] + samples.b[*r]).sum::<f64>() / (2 * rows.len()).max(1) as f64
}

fn variance(samples: &SobolSamples, rows: &[usize]) -> f64 {
    let mean = mean(samples, rows);
    let squares = |r: &usize| (samples.a[*r] - mean).powi(2) + (samples.b[*r] - mean).powi(2);
    rows.iter().map(squares).sum::<f64>() / (2 * rows.len()).max(1) as f64
}

/// First-order and total index of factor `i` over some rows; `None` where the rows do not vary.
fn indices_of(samples: &SobolSamples, i: usize, rows: &[usize]) -> Option<(f64, f64)> {
    let (mean, variance, n) = (mean(samples, rows), variance(samples, rows), rows.len() as f64);
    let (a, b, ab) = (&samples.a, &samples.b, &samples.ab[i]);
    let first: f64 = rows.iter().map(|r| (b[*r] - mean) * (ab[*r] - a[*r])).sum();
    let total: f64 = rows.iter().map(|r| (a[*r] - ab[*r]).powi(2)).sum();
    (variance > 0.0).then(|| (first / n / variance, total / n / (2.0 * variance)))
}

/// The middle 95 % of the resampled values.
fn interval(mut values: Vec<f64>) -> Option<[f64; 2]> {
    values.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| values.get(((values.len() - 1) as f64 * share).round() as usize).copied();
    if values.is_empty() { None } else { Some([at(0.025)?, at(0.975)?]) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    /// Runs a model of uniform factors on 0–1.
    fn run(n: usize, k: usize, model: impl Fn(&[f64]) -> f64) -> SobolOutcome {
        let mut rng = ChaCha8Rng::seed_from_u64(20);
        let mut samples = SobolSamples { ab: vec![Vec::new(); k], ..Default::default() };
        for _ in 0..n {
            let a: Vec<f64> = (0..k).map(|_| rng.random()).collect();
            let b: Vec<f64> = (0..k).map(|_| rng.random()).collect();
            samples.a.push(model(&a));
            samples.b.push(model(&b));
            for i in 0..k {
                let mut mixed = a.clone();
                mixed[i] = b[i];
                samples.ab[i].push(model(&mixed));
            }
        }
        let names: Vec<String> = (0..k).map(|i| format!("x{i}")).collect();
        sobol_indices("y", &names, &samples, 1)
    }

    fn assert_near(outcome: &SobolOutcome, expected: &[(f64, f64)], tolerance: f64) {
        for (index, (first, total)) in outcome.factors.iter().zip(expected) {
            assert!((index.first.unwrap() - first).abs() < tolerance, "{index:?}, expected {first}");
            assert!((index.total.unwrap() - total).abs() < tolerance, "{index:?}, expected {total}");
            let within =
                |value: f64, [low, high]: [f64; 2]| low - tolerance < value && value < high + tolerance;
            assert!(within(*first, index.first_interval.unwrap()), "{index:?}");
            assert!(within(*total, index.total_interval.unwrap()), "{index:?}");
        }
    }

    #[test]
    fn the_ishigami_function_has_its_analytical_indices() {
        let (a, b) = (7.0, 0.1);
        let outcome = run(20_000, 3, |u| {
            let x: Vec<f64> = u.iter().map(|u| (2.0 * u - 1.0) * PI).collect();
            x[0].sin() + a * x[1].sin().powi(2) + b * x[2].powi(4) * x[0].sin()
        });
        let v1 = 0.5 * (1.0 + b * PI.powi(4) / 5.0).powi(2);
        let (v2, v13) = (a * a / 8.0, b * b * PI.powi(8) * 8.0 / 225.0);
        let v = v1 + v2 + v13;
        assert!((outcome.mean - a / 2.0).abs() < 0.05);
        assert!((outcome.variance / v - 1.0).abs() < 0.02);
        assert!((v1 / v - 0.3139).abs() < 1e-4 && (v2 / v - 0.4424).abs() < 1e-4, "the published figures");
        assert_near(&outcome, &[(v1 / v, (v1 + v13) / v), (v2 / v, v2 / v), (0.0, v13 / v)], 0.02);
    }

    #[test]
    fn the_g_function_has_its_analytical_indices() {
        let a = [0.0, 1.0, 4.5, 9.0, 99.0];
        let outcome = run(20_000, a.len(), |u| {
            u.iter().zip(a).map(|(u, a)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a)).product()
        });
        let partial: Vec<f64> = a.iter().map(|a| 1.0 / 3.0 / (1.0 + a) / (1.0 + a)).collect();
        let v: f64 = partial.iter().map(|p| 1.0 + p).product::<f64>() - 1.0;
        let expected: Vec<(f64, f64)> = partial
            .iter()
            .map(|p| (p / v, p * partial.iter().map(|q| 1.0 + q).product::<f64>() / (1.0 + p) / v))
            .collect();
        assert_near(&outcome, &expected, 0.02);
    }

    #[test]
    fn an_outcome_that_does_not_vary_has_no_indices() {
        let outcome = run(100, 2, |_| 0.3);
        assert_eq!(outcome.variance, 0.0);
        assert!(outcome.factors.iter().all(|f| f.first.is_none() && f.total_interval.is_none()));
        assert_eq!(run(0, 2, |_| 0.3).factors.len(), 2);
    }

    #[test]
    fn a_factor_without_influence_has_total_index_0() {
        let outcome = run(500, 2, |u| u[0]);
        assert_eq!(outcome.factors[1].total, Some(0.0));
    }
}
