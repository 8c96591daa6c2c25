//! Outlines as SVG paths, on a lattice coarse enough for the page.
//!
//! Every point is rounded on its own, so equal points stay equal and shared borders stay shared.

use super::Ring;
use std::fmt::Write;

/// Lattice steps of the longer side for so many points: finer than a pixel for a region, a pixel for a country
/// of thousands of areas, so that the page stays light.
pub(crate) fn units_for(n_points: usize) -> i32 {
    match n_points {
        0..=30_000 => 4_000,
        30_001..=120_000 => 2_000,
        _ => 1_000,
    }
}

/// The rings of an area after `to_unit`, without points that add nothing; rings that collapse are left out,
/// but something of every area stays.
pub(crate) fn drawn(rings: &[Vec<[i32; 2]>], to_unit: impl Fn([i32; 2]) -> [i32; 2]) -> Vec<Ring> {
    let mut drawn: Vec<Ring> = rings.iter().map(|r| thinned(r.iter().map(|&p| to_unit(p)))).collect();
    let largest = drawn.iter().map(Vec::len).max().unwrap_or(0);
    if largest >= 3 {
        drawn.retain(|r| r.len() >= 3);
    } else {
        drawn.truncate(1);
    }
    drawn
}

/// Drops repeated points and points in the middle of a straight line.
fn thinned(points: impl Iterator<Item = [i32; 2]>) -> Ring {
    let mut ring: Ring = Vec::new();
    for point in points {
        while ring.len() >= 2 && is_straight(ring[ring.len() - 2], ring[ring.len() - 1], point) {
            ring.pop();
        }
        if ring.last() != Some(&point) {
            ring.push(point);
        }
    }
    while ring.len() > 1 && ring.first() == ring.last() {
        ring.pop();
    }
    while ring.len() >= 3 && is_straight(ring[ring.len() - 2], ring[ring.len() - 1], ring[0]) {
        ring.pop();
    }
    ring
}

/// Whether `b` lies on the way from `a` to `c`, and not on a spike beyond it.
fn is_straight(a: [i32; 2], b: [i32; 2], c: [i32; 2]) -> bool {
    let to =
        |p: [i32; 2], q: [i32; 2]| (i64::from(q[0]) - i64::from(p[0]), i64::from(q[1]) - i64::from(p[1]));
    let ((ux, uy), (vx, vy)) = (to(a, b), to(b, c));
    ux * vy == uy * vx && ux * vx + uy * vy > 0
}

/// The path of an area; areas too small to be drawn become a dot of `smallest` units.
pub(crate) fn path(rings: &[Ring], smallest: i32) -> String {
    let mut d = String::new();
    for ring in rings.iter().filter(|r| r.len() >= 3) {
        let mut last = ring[0];
        let _ = write!(d, "M{} {}", last[0], last[1]);
        for &point in &ring[1..] {
            let (dx, dy) = (point[0] - last[0], point[1] - last[1]);
            let _ = match (dx, dy) {
                (dx, 0) => write!(d, "h{dx}"),
                (0, dy) => write!(d, "v{dy}"),
                (dx, dy) if dy < 0 => write!(d, "l{dx}{dy}"),
                (dx, dy) => write!(d, "l{dx} {dy}"),
            };
            last = point;
        }
        d.push('z');
    }
    if d.is_empty() {
        let [x, y] = rings.first().and_then(|r| r.first()).copied().unwrap_or_default();
        let _ = write!(d, "M{x} {y}h{smallest}v{smallest}h-{smallest}z");
    }
    d
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn points_on_a_straight_line_are_dropped_and_the_shape_stays() {
        let ring = thinned([[0, 0], [5, 0], [10, 0], [10, 0], [10, 10], [0, 10], [0, 5]].into_iter());
        assert_eq!(ring, [[0, 0], [10, 0], [10, 10], [0, 10]]);
        assert_eq!(path(&[ring], 1), "M0 0h10v10h-10z");
    }

    #[test]
    fn a_spike_is_not_a_straight_line() {
        let ring = thinned([[0, 0], [10, 0], [4, 0], [4, 8]].into_iter());
        assert_eq!(ring.len(), 4);
    }

    #[test]
    fn an_area_below_one_unit_is_still_an_element() {
        let rings = drawn(&[vec![[7, 7], [8, 7], [8, 8]]], |p| [p[0] / 10, p[1] / 10]);
        assert_eq!(path(&rings, 3), "M0 0h3v3h-3z");
        assert_eq!(path(&[], 3), "M0 0h3v3h-3z");
    }
}
