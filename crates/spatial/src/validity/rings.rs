//! What can be told of a ring by going round it once.

use super::InvalidKind;
use crate::index::orient::orient;
use geo_types::Coord;
use whitespot_model::shapes::Shapes;

/// What is wrong with the rings of polygon `part` by themselves.
pub(super) fn check(shapes: &Shapes, part: usize) -> Vec<(InvalidKind, Coord<f64>)> {
    let mut wrong = Vec::new();
    for r in shapes.rings_of(part) {
        check_ring(shapes.ring(r), |kind, at| {
            if !wrong.iter().any(|(k, _)| *k == kind) {
                wrong.push((kind, at));
            }
        });
    }
    wrong
}

fn check_ring(ring: &[Coord<f64>], mut wrong: impl FnMut(InvalidKind, Coord<f64>)) {
    let nowhere = Coord { x: f64::NAN, y: f64::NAN };
    let Some(&first) = ring.first() else { return wrong(InvalidKind::TooFewPoints, nowhere) };
    // Twice the area, about the first point, and the size of what was added up.
    let (mut area2, mut terms) = (0.0_f64, 0.0_f64);
    let mut n_different = 1_usize;
    let mut before = ring[0];
    let mut spike = None;
    let mut duplicate = None;
    for i in 1..ring.len() {
        let (a, b) = (ring[i - 1], ring[i]);
        if a == b {
            duplicate = duplicate.or(Some(a));
            continue;
        }
        n_different += usize::from(b != first);
        let (left, right) = ((a.x - first.x) * (b.y - first.y), (b.x - first.x) * (a.y - first.y));
        area2 += left - right;
        terms += left.abs() + right.abs();
        if before != a && turns_back(before, a, b) {
            spike = spike.or(Some(a));
        }
        before = a;
    }
    if !terms.is_finite() && ring.iter().any(|c| !(c.x.is_finite() && c.y.is_finite())) {
        return wrong(InvalidKind::NotFinite, nowhere);
    }
    if ring.first() != ring.last() {
        return wrong(InvalidKind::Unclosed, first);
    }
    if n_different < 3 {
        return wrong(InvalidKind::TooFewPoints, first);
    }
    let second = ring.iter().copied().find(|c| *c != first).unwrap_or(first);
    // The wings of a bow tie cancel in the signed area and enclose something all the same.
    let is_flat = || ring.iter().all(|c| orient(first, second, *c) == 0.0);
    if area2.abs() <= 4.0 * f64::EPSILON * terms && is_flat() {
        return wrong(InvalidKind::ZeroArea, first);
    }
    if before != first && turns_back(before, first, second) {
        spike = spike.or(Some(first));
    }
    if let Some(at) = spike {
        wrong(InvalidKind::Spike, at);
    }
    if let Some(at) = duplicate {
        wrong(InvalidKind::DuplicatePoint, at);
    }
}

/// Whether the way `a` → `b` → `c` runs back along itself.
fn turns_back(a: Coord<f64>, b: Coord<f64>, c: Coord<f64>) -> bool {
    (b.x - a.x) * (c.x - b.x) + (b.y - a.y) * (c.y - b.y) < 0.0 && orient(a, b, c) == 0.0
}
