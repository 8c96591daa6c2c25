//! Metres on the ground round a place, and outlines drawn there.

use super::dice::Dice;
use geo::{Coord, LineString, Polygon};

/// Metres per degree of latitude, near enough for drawing a demo.
const METRES_PER_DEGREE: f64 = 111_400.0;

/// A local plane: metres east and north of an origin given in degrees.
#[derive(Clone, Copy)]
pub(super) struct Plane {
    origin: Coord<f64>,
    metres_per_degree_east: f64,
}

impl Plane {
    /// The plane that touches the ground at `origin` (lon, lat).
    pub(super) fn at(origin: Coord<f64>) -> Plane {
        Plane { origin, metres_per_degree_east: METRES_PER_DEGREE * origin.y.to_radians().cos() }
    }

    /// Metres of a position in degrees.
    pub(super) fn metres(&self, lonlat: Coord<f64>) -> Coord<f64> {
        Coord {
            x: (lonlat.x - self.origin.x) * self.metres_per_degree_east,
            y: (lonlat.y - self.origin.y) * METRES_PER_DEGREE,
        }
    }

    /// Degrees of a position in metres.
    pub(super) fn degrees(&self, metres: Coord<f64>) -> Coord<f64> {
        Coord {
            x: self.origin.x + metres.x / self.metres_per_degree_east,
            y: self.origin.y + metres.y / METRES_PER_DEGREE,
        }
    }
}

/// Metres between two positions in degrees.
pub(super) fn distance_m(a: Coord<f64>, b: Coord<f64>) -> f64 {
    let offset = Plane::at(a).metres(b);
    offset.x.hypot(offset.y)
}

/// Rounds to so many decimals of a degree.
pub(super) fn rounded(position: Coord<f64>, decimals: i32) -> Coord<f64> {
    let scale = 10f64.powi(decimals);
    Coord { x: (position.x * scale).round() / scale, y: (position.y * scale).round() / scale }
}

/// How an outline lies round its points.
pub(super) struct Outline {
    /// Corners.
    pub(super) corners: usize,
    /// Metres it lies outside the points, at least.
    pub(super) margin_m: f64,
    /// Share of the radius that varies from corner to corner.
    pub(super) ragged: f64,
}

/// A ragged outline round points given in metres, star-shaped seen from their middle so that it cannot cross
/// itself, counter-clockwise. Far points may stay outside, as in operators' real maps.
pub(super) fn ragged_outline(points: &[Coord<f64>], outline: &Outline, dice: &mut Dice) -> Polygon<f64> {
    let n = points.len().max(1) as f64;
    let middle = points.iter().fold(Coord { x: 0.0, y: 0.0 }, |sum, p| sum + *p) / n;
    let step = std::f64::consts::TAU / outline.corners as f64;
    let turn = dice.between(0.0, step);
    let mut ring: Vec<Coord<f64>> = (0..outline.corners)
        .map(|corner| {
            let angle = turn + step * (corner as f64 + dice.between(-0.3, 0.3));
            let (sin, cos) = angle.sin_cos();
            let reach = points
                .iter()
                .map(|p| {
                    let (along, across) = (*p - middle).rotate(cos, sin);
                    if along > 0.0 { along - 0.6 * across.abs() } else { 0.0 }
                })
                .fold(0.0, f64::max);
            let radius =
                (reach + outline.margin_m) * (1.0 + outline.ragged * dice.between(-0.45, 1.0)).max(0.3);
            Coord { x: middle.x + radius * cos, y: middle.y + radius * sin }
        })
        .collect();
    ring.push(ring[0]);
    Polygon::new(LineString::new(ring), Vec::new())
}

/// A strip of ragged width along a line given in metres, counter-clockwise. Sharp bends may make it cross
/// itself: the caller checks.
pub(super) fn ragged_strip(line: &[Coord<f64>], half_width_m: f64, dice: &mut Dice) -> Polygon<f64> {
    let line = densified(line, 350.0);
    let mut right = Vec::with_capacity(line.len() * 2);
    let mut left = Vec::with_capacity(line.len());
    for (i, p) in line.iter().enumerate() {
        let before = line[i.saturating_sub(1)];
        let after = line[(i + 1).min(line.len() - 1)];
        let along = after - before;
        let length = along.x.hypot(along.y).max(1e-9);
        let normal = Coord { x: -along.y / length, y: along.x / length };
        left.push(*p + normal * (half_width_m * dice.between(0.6, 1.4)));
        right.push(*p - normal * (half_width_m * dice.between(0.6, 1.4)));
    }
    left.reverse();
    right.extend(left);
    right.push(right[0]);
    Polygon::new(LineString::new(right), Vec::new())
}

/// The line with corners no further apart than `step_m`.
fn densified(line: &[Coord<f64>], step_m: f64) -> Vec<Coord<f64>> {
    let mut out = Vec::new();
    for pair in line.windows(2) {
        let along = pair[1] - pair[0];
        let parts = (along.x.hypot(along.y) / step_m).ceil().max(1.0);
        out.extend((0..parts as usize).map(|i| pair[0] + along * (i as f64 / parts)));
    }
    out.extend(line.last());
    out
}

trait Rotate {
    /// Components along and across a direction.
    fn rotate(self, cos: f64, sin: f64) -> (f64, f64);
}

impl Rotate for Coord<f64> {
    fn rotate(self, cos: f64, sin: f64) -> (f64, f64) {
        (self.x * cos + self.y * sin, self.y * cos - self.x * sin)
    }
}
