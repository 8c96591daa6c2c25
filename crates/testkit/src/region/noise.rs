//! Smooth randomness over a plane.

/// A number in 0–1 that depends on nothing but its arguments (splitmix64).
pub(super) fn random(seed: u64, i: u64) -> f64 {
    let mut z =
        seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ i.wrapping_add(1).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    ((z ^ (z >> 31)) >> 11) as f64 / (1_u64 << 53) as f64
}

/// Hills of many sizes over the unit square, in 0–1 with a mean near 0.5.
pub(super) fn hills(seed: u64, x: f64, y: f64) -> f64 {
    let (mut sum, mut weight, mut most) = (0.0, 1.0, 0.0);
    let mut frequency = 4.0;
    for octave in 0..7 {
        sum += weight * lattice(seed.wrapping_add(octave), x * frequency, y * frequency);
        most += weight;
        weight *= 0.62;
        frequency *= 2.0;
    }
    sum / most
}

/// Random numbers at whole places, smooth between them.
fn lattice(seed: u64, x: f64, y: f64) -> f64 {
    let (i, j) = (x.floor(), y.floor());
    let smooth = |t: f64| t * t * (3.0 - 2.0 * t);
    let (u, v) = (smooth(x - i), smooth(y - j));
    let at = |di: u64, dj: u64| random(seed, (i as u64 + di) << 32 | (j as u64 + dj));
    let low = at(0, 0) * (1.0 - u) + at(1, 0) * u;
    let high = at(0, 1) * (1.0 - u) + at(1, 1) * u;
    low * (1.0 - v) + high * v
}
