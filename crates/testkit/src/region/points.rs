//! Where people live: towns of very different sizes, and scattered farms.

use super::noise::random;
use super::{Frame, SIDE_M};
use rand::{RngExt, SeedableRng};
use rand_chacha::ChaCha8Rng;
use whitespot_model::settlement::SettlementBatch;

/// A place that settlements gather around.
#[derive(Clone, Copy, Debug)]
pub(super) struct Town {
    pub(super) x_m: f64,
    pub(super) y_m: f64,
    pub(super) radius_m: f64,
}

const N_TOWNS: u64 = 2_000;
/// Settlements that share one stream of random numbers.
const BLOCK: u64 = 1_024;

pub(super) fn towns(seed: u64) -> Vec<Town> {
    let at = |i: u64, k: u64| random(seed.wrapping_add(7), 4 * i + k);
    (0..N_TOWNS)
        .map(|i| Town {
            x_m: SIDE_M * at(i, 0),
            y_m: SIDE_M * at(i, 1),
            radius_m: 100.0 + 3_000.0 * at(i, 2) * at(i, 3),
        })
        .collect()
}

pub(super) fn batch(towns: &[Town], frame: Frame, seed: u64, first: u64, n: usize) -> SettlementBatch {
    let mut batch =
        SettlementBatch { first, households: Some(Vec::with_capacity(n)), ..SettlementBatch::default() };
    let mut households = Vec::with_capacity(n);
    let end = first + n as u64;
    for block in first / BLOCK..end.div_ceil(BLOCK) {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        rng.set_stream(block + 1);
        for i in block * BLOCK..(block + 1) * BLOCK {
            let (x, y) = place(towns, &mut rng);
            let persons = 1 + (rng.random::<f64>().powi(3) * 7.0) as u32;
            if (first..end).contains(&i) {
                batch.points.push(frame.place(x, y));
                batch.persons.push(persons);
                households.push(persons.div_ceil(3));
            }
        }
    }
    batch.households = Some(households);
    batch
}

fn place(towns: &[Town], rng: &mut ChaCha8Rng) -> (f64, f64) {
    if rng.random::<f64>() < 0.1 {
        return (SIDE_M * rng.random::<f64>(), SIDE_M * rng.random::<f64>());
    }
    // The first towns are the largest.
    let town = towns[(rng.random::<f64>() * rng.random::<f64>() * towns.len() as f64) as usize];
    let turn = rng.random::<f64>() * std::f64::consts::TAU;
    let distance = (-2.0 * (1.0 - rng.random::<f64>()).ln()).sqrt() * town.radius_m;
    let within = |v: f64| v.clamp(1.0, SIDE_M - 1.0);
    (within(town.x_m + distance * turn.cos()), within(town.y_m + distance * turn.sin()))
}
