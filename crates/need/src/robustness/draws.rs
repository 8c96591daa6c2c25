//! Seeded draws: weights around those given, and one alternative of each axis.

use crate::NeedError;
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use whitespot_model::config::need::WeightVariation;

/// One draw of every assumption.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Draw {
    /// One variate an indicator: a logarithm of what the weights are proportional to.
    pub(crate) log_weights: Vec<f64>,
    /// One alternative an axis; 0 is the published one.
    pub(crate) choices: Vec<usize>,
}

impl Draw {
    /// The weights of the draw, brought to sum 1.
    pub(crate) fn weights_into(&self, out: &mut [f64]) {
        let largest = self.log_weights.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        for (w, log) in out.iter_mut().zip(&self.log_weights) {
            *w = (log - largest).exp();
        }
        let sum: f64 = out.iter().sum();
        out.iter_mut().for_each(|w| *w /= sum);
    }
}

/// Draws assumptions; draw `i` is the same whatever was drawn before it and on any number of threads.
#[derive(Clone, Debug)]
pub(crate) struct Sampler {
    shares: Vec<f64>,
    variation: WeightVariation,
    /// Number of alternatives of each axis.
    axes: Vec<usize>,
    seed: u64,
}

impl Sampler {
    /// A sampler around weights that sum to 1.
    ///
    /// # Errors
    /// A concentration that is not above 0, or a spread outside 0–1.
    pub(crate) fn new(
        shares: &[f64],
        variation: WeightVariation,
        axes: Vec<usize>,
        seed: u64,
    ) -> Result<Sampler, NeedError> {
        match variation {
            WeightVariation::Dirichlet(c) if !(c.is_finite() && c > 0.0) => Err(NeedError::BadVariation {
                what: format!("`dirichlet = {c}` is no concentration: give a number above 0, such as 20"),
            }),
            WeightVariation::Spread(s) if !(0.0..=1.0).contains(&s) => Err(NeedError::BadVariation {
                what: format!("`spread = {s}` is no share: give a number from 0 to 1, such as 0.25"),
            }),
            _ => Ok(Sampler { shares: shares.to_vec(), variation, axes, seed }),
        }
    }

    /// Draw number `i`.
    pub(crate) fn draw(&self, i: u64) -> Draw {
        let mut rng = ChaCha8Rng::seed_from_u64(self.seed);
        rng.set_stream(i);
        self.next(&mut rng)
    }

    /// Two independent draws, number `i` of another sequence than [`Sampler::draw`].
    pub(crate) fn pair(&self, i: u64) -> (Draw, Draw) {
        let mut rng = ChaCha8Rng::seed_from_u64(!self.seed);
        rng.set_stream(i);
        (self.next(&mut rng), self.next(&mut rng))
    }

    fn next(&self, rng: &mut ChaCha8Rng) -> Draw {
        let log_weights = self
            .shares
            .iter()
            .map(|share| match self.variation {
                _ if *share == 0.0 => f64::NEG_INFINITY,
                WeightVariation::Dirichlet(concentration) => log_gamma_variate(rng, concentration * share),
                WeightVariation::Spread(spread) => {
                    // Uniform on the half-open side that leaves out 0, so that no logarithm is infinite.
                    let uniform = 1.0 - rng.random::<f64>();
                    (share * (1.0 - spread + 2.0 * spread * uniform)).ln()
                }
            })
            .collect();
        let choices = self.axes.iter().map(|n| rng.random_range(0..*n)).collect();
        Draw { log_weights, choices }
    }
}

/// Logarithm of a variate of the gamma distribution with this shape (above 0) and scale 1.
///
/// Independent gamma variates brought to sum 1 are a Dirichlet variate. Marsaglia and Tsang, "A simple method for
/// generating gamma variables", *ACM TOMS* 26 (2000); logarithms keep shapes near 0 from underflowing.
fn log_gamma_variate(rng: &mut ChaCha8Rng, shape: f64) -> f64 {
    if shape < 1.0 {
        let uniform = 1.0 - rng.random::<f64>();
        return log_gamma_variate(rng, shape + 1.0) + uniform.ln() / shape;
    }
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / (9.0 * d).sqrt();
    loop {
        let x = normal_variate(rng);
        let v = (1.0 + c * x).powi(3);
        let uniform = 1.0 - rng.random::<f64>();
        if v > 0.0 && uniform.ln() < 0.5 * x * x + d - d * v + d * v.ln() {
            return d.ln() + v.ln();
        }
    }
}

/// A standard normal variate by the polar method.
fn normal_variate(rng: &mut ChaCha8Rng) -> f64 {
    loop {
        let (x, y) = (2.0 * rng.random::<f64>() - 1.0, 2.0 * rng.random::<f64>() - 1.0);
        let r = x * x + y * y;
        if r > 0.0 && r < 1.0 {
            return x * (-2.0 * r.ln() / r).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(variation: WeightVariation, shares: &[f64]) -> Vec<(f64, f64)> {
        let sampler = Sampler::new(shares, variation, vec![], 7).unwrap();
        let n = 20_000;
        let mut sums = vec![(0.0, 0.0); shares.len()];
        let mut weights = vec![0.0; shares.len()];
        for i in 0..n {
            sampler.draw(i).weights_into(&mut weights);
            assert!((weights.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            for (s, w) in sums.iter_mut().zip(&weights) {
                s.0 += w;
                s.1 += w * w;
            }
        }
        let n = n as f64;
        sums.iter().map(|(s, q)| (s / n, q / n - (s / n).powi(2))).collect()
    }

    #[test]
    fn dirichlet_weights_have_the_mean_given_and_the_variance_of_the_concentration() {
        let shares = [0.5, 0.3, 0.2, 0.0];
        for (mean_variance, share) in moments(WeightVariation::Dirichlet(20.0), &shares).iter().zip(shares) {
            assert!((mean_variance.0 - share).abs() < 0.003, "{mean_variance:?}");
            assert!((mean_variance.1 - share * (1.0 - share) / 21.0).abs() < 0.0005, "{mean_variance:?}");
        }
    }

    #[test]
    fn a_concentration_near_0_still_gives_weights() {
        for (mean, _) in moments(WeightVariation::Dirichlet(1e-3), &[0.5, 0.5]) {
            assert!((mean - 0.5).abs() < 0.02);
        }
    }

    #[test]
    fn a_spread_stays_within_its_share() {
        let sampler = Sampler::new(&[0.5, 0.5], WeightVariation::Spread(0.25), vec![3], 1).unwrap();
        for i in 0..1000 {
            let draw = sampler.draw(i);
            for log in &draw.log_weights {
                assert!((0.375..=0.625 + 1e-12).contains(&log.exp()));
            }
            assert!(draw.choices[0] < 3);
        }
        let fixed = Sampler::new(&[0.25, 0.75], WeightVariation::Spread(0.0), vec![], 1).unwrap();
        let mut weights = [0.0; 2];
        fixed.draw(5).weights_into(&mut weights);
        assert!((weights[0] - 0.25).abs() < 1e-15);
    }

    #[test]
    fn draws_depend_on_their_number_and_seed_alone() {
        let sampler =
            |seed| Sampler::new(&[0.5, 0.5], WeightVariation::Dirichlet(2.0), vec![2], seed).unwrap();
        assert_eq!(sampler(1).draw(41), sampler(1).draw(41));
        assert_ne!(sampler(1).draw(41).log_weights, sampler(1).draw(42).log_weights);
        assert_ne!(sampler(1).draw(41).log_weights, sampler(2).draw(41).log_weights);
        let (a, b) = sampler(1).pair(41);
        assert_ne!(a.log_weights, b.log_weights);
    }

    #[test]
    fn variations_that_cannot_be_drawn_are_refused() {
        for variation in [
            WeightVariation::Dirichlet(0.0),
            WeightVariation::Dirichlet(f64::NAN),
            WeightVariation::Spread(-0.1),
            WeightVariation::Spread(1.5),
        ] {
            assert!(matches!(
                Sampler::new(&[1.0], variation, vec![], 1),
                Err(NeedError::BadVariation { .. })
            ));
        }
    }
}
