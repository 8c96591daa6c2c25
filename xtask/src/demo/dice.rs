//! Seeded chance: the same throws on every machine and every day.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::SeedableRng;

/// A stream of throws. Each topic (a municipality's settlements, an operator's masts) has its own stream, so a
/// change in one place leaves the others as they were.
pub(super) struct Dice(ChaCha8Rng);

impl Dice {
    /// The stream of one topic.
    pub(super) fn of(topic: &str) -> Dice {
        // FNV-1a: a stable hash, unlike the standard library's.
        let seed = topic.bytes().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
        });
        Dice(ChaCha8Rng::seed_from_u64(seed))
    }

    /// Uniform in [0, 1), from the upper 53 bits.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Uniform in [low, high).
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// True with the given probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// Standard normal (Box–Muller).
    pub(super) fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// Two-sided exponential with the given mean distance from 0.
    pub(super) fn laplace(&mut self, mean: f64) -> f64 {
        let side = if self.chance(0.5) { 1.0 } else { -1.0 };
        side * self.exponential(mean)
    }

    /// Exponential with the given mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }

    /// `value` rounded up or down at random so that the mean is kept.
    pub(super) fn round(&mut self, value: f64) -> u32 {
        (value + self.unit()).floor().max(0.0) as u32
    }
}
