//! Rings that cross the 180th meridian, made continuous.
//!
//! RFC 7946 asks files to split such geometry, and split geometry needs nothing. Much data is unsplit instead: a
//! ring goes from 179° to −179°. Here it goes on to 181°, so that its edges are straight again and its inside can
//! be told; a point is then inside if it is so at its longitude or at 360° more or less. Data that counts longitudes
//! beyond 180 by itself is already in that form.

mod split;

pub use split::split;

use geo_types::Coord;
use whitespot_model::shapes::{Part, Shapes};

const TURN: f64 = 360.0;
const HALF_TURN: f64 = 180.0;

/// Makes the rings and lines of a layer in degrees continuous where two consecutive vertices are more than 180° of
/// longitude apart; gives how many were changed. Costs one pass where none is.
///
/// - An edge of more than 180° is taken to cross the antimeridian, the shorter way. A box that is meant to be wider
///   than 180° needs vertices in between.
/// - An edge from −180 to 180 along one parallel that comes from and goes on along the antimeridian is the side of a
///   belt around the world, and stays. The same edge between a vertex at 179 and one at −179 is one point written twice.
/// - The other rings of a polygon follow its first by whole turns, so that holes stay in it.
/// - A ring around a pole does not close after a turn: it is closed over the pole of the hemisphere it lies in. One on
///   both sides of the equator holds the pole to the left of its direction (RFC 7946).
/// - A ring that winds more than once, or has a longitude that is no number, stays as it is.
pub fn unwrap(shapes: &mut Shapes) -> usize {
    let has_jump = |r: usize| shapes.ring(r).windows(2).any(|e| (e[1].x - e[0].x).abs() > HALF_TURN);
    if !(0..shapes.ring_ends.len()).any(has_jump) {
        return 0;
    }
    let mut n_changed = 0;
    let mut unwrapped = Shapes::default();
    for f in 0..shapes.n_features() {
        for p in shapes.parts_of(f) {
            let part = shapes.parts[p];
            unwrapped.begin_part(part);
            let mut shell: Option<(f64, f64)> = None;
            for r in shapes.rings_of(p) {
                let (mut ring, is_changed) = match part {
                    Part::Point => (shapes.ring(r).to_vec(), false),
                    Part::Line => continue_ring(shapes.ring(r), false),
                    Part::Polygon => continue_ring(shapes.ring(r), true),
                };
                n_changed += usize::from(is_changed);
                if part == Part::Polygon {
                    match shell {
                        Some(shell) => follow(shell, &mut ring),
                        None => shell = span(&ring),
                    }
                }
                unwrapped.push_ring(ring.into_iter().map(|c| (c.x, c.y)));
            }
            unwrapped.end_part();
        }
        unwrapped.end_feature();
    }
    *shapes = unwrapped;
    n_changed
}

/// Whether some longitude lies beyond ±180, so that points must be tried a turn away too.
pub fn exceeds_half_turn(shapes: &Shapes) -> bool {
    shapes.coords.iter().any(|c| c.x.abs() > HALF_TURN)
}

/// The chain without jumps, closed over a pole where it is a ring and a turn is left over; whether it changed.
fn continue_ring(chain: &[Coord<f64>], is_ring: bool) -> (Vec<Coord<f64>>, bool) {
    let mut continued: Vec<Coord<f64>> = Vec::with_capacity(chain.len());
    let mut offset = 0.0;
    let mut is_changed = false;
    for (i, c) in chain.iter().enumerate() {
        if let Some(before) = i.checked_sub(1).map(|b| chain[b]) {
            let step = c.x - before.x;
            if step.abs() > HALF_TURN && !is_side_of_belt(chain, i) {
                offset -= TURN * step.signum();
                is_changed = true;
            }
        }
        continued.push(Coord { x: c.x + offset, y: c.y });
    }
    let is_too_far = |c: &Coord<f64>| c.x.is_nan() || c.x.abs() > HALF_TURN + TURN;
    if !is_changed || offset.abs() > TURN || continued.iter().any(is_too_far) {
        return (chain.to_vec(), false);
    }
    if is_ring && offset != 0.0 {
        close_over_pole(&mut continued, offset);
    }
    (continued, true)
}

/// Whether the edge that ends at vertex `i` runs around the world along a parallel, from the antimeridian to itself.
fn is_side_of_belt(chain: &[Coord<f64>], i: usize) -> bool {
    let (a, b) = (chain[i - 1], chain[i]);
    if (b.x - a.x).abs() != TURN || a.y != b.y {
        return false;
    }
    let is_closed = chain.first() == chain.last();
    let before = if i >= 2 { Some(chain[i - 2]) } else { is_closed.then(|| chain[chain.len() - 2]) };
    let after = if i + 1 < chain.len() { Some(chain[i + 1]) } else { is_closed.then(|| chain[1]) };
    let stays = |c: Option<Coord<f64>>, on: Coord<f64>| c.is_none_or(|c| c.x == on.x);
    stays(before, a) && stays(after, b)
}

/// Closes a ring that ends a turn from where it began, along the meridian of its first vertex over a pole.
fn close_over_pole(ring: &mut Vec<Coord<f64>>, turn: f64) {
    let Some(first) = ring.first().copied() else { return };
    let is_northern = ring.iter().all(|c| c.y > 0.0);
    let is_southern = ring.iter().all(|c| c.y < 0.0);
    let holds_north = is_northern || (!is_southern && turn > 0.0);
    let pole = if holds_north { 90.0 } else { -90.0 };
    ring.push(Coord { x: first.x + turn, y: pole });
    ring.push(Coord { x: first.x, y: pole });
    ring.push(first);
}

/// Moves a ring by the whole turns that put it into the span of its shell.
fn follow(shell: (f64, f64), ring: &mut [Coord<f64>]) {
    let Some((west, east)) = span(ring) else { return };
    let shortfall = |shift: f64| (shell.0 - west - shift).max(0.0) + (east + shift - shell.1).max(0.0);
    // The first of equals: in place.
    let mut best = 0.0;
    for shift in [TURN, -TURN] {
        if shortfall(shift) < shortfall(best) {
            best = shift;
        }
    }
    if best != 0.0 {
        ring.iter_mut().for_each(|c| c.x += best);
    }
}

/// Least and greatest longitude; `None` for an empty ring.
fn span(ring: &[Coord<f64>]) -> Option<(f64, f64)> {
    let first = ring.first()?.x;
    Some(ring.iter().fold((first, first), |(lo, hi), c| (lo.min(c.x), hi.max(c.x))))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn polygon(rings: &[&[(f64, f64)]]) -> Shapes {
        let mut shapes = Shapes::default();
        shapes.begin_part(Part::Polygon);
        for ring in rings {
            shapes.push_ring(ring.iter().copied().chain(ring.first().copied()));
        }
        shapes.end_part();
        shapes.end_feature();
        shapes
    }

    fn longitudes(shapes: &Shapes, ring: usize) -> Vec<f64> {
        shapes.ring(ring).iter().map(|c| c.x).collect()
    }

    #[test]
    fn a_box_across_the_antimeridian_becomes_continuous() {
        let mut shapes = polygon(&[&[(170.0, 40.0), (-170.0, 40.0), (-170.0, 50.0), (170.0, 50.0)]]);
        assert_eq!(unwrap(&mut shapes), 1);
        assert_eq!(longitudes(&shapes, 0), [170.0, 190.0, 190.0, 170.0, 170.0]);
        assert!(exceeds_half_turn(&shapes));
        assert_eq!(unwrap(&mut shapes), 0, "what is continuous stays");
    }

    #[test]
    fn a_hole_follows_its_shell_also_when_it_does_not_cross_itself() {
        let shell = [(170.0, 40.0), (-170.0, 40.0), (-170.0, 50.0), (170.0, 50.0)];
        let hole = [(-178.0, 42.0), (-176.0, 42.0), (-176.0, 44.0)];
        let crossing = [(-179.0, 46.0), (179.0, 46.0), (179.0, 48.0)];
        let mut shapes = polygon(&[&shell, &hole, &crossing]);
        assert_eq!(unwrap(&mut shapes), 2);
        assert_eq!(longitudes(&shapes, 1), [182.0, 184.0, 184.0, 182.0]);
        assert_eq!(longitudes(&shapes, 2), [181.0, 179.0, 179.0, 181.0]);
    }

    #[test]
    fn a_belt_around_the_world_and_split_geometry_stay_as_they_are() {
        let belt = polygon(&[&[(-180.0, 40.0), (180.0, 40.0), (180.0, 50.0), (-180.0, 50.0)]]);
        let split = polygon(&[&[(170.0, 40.0), (180.0, 40.0), (180.0, 50.0), (170.0, 50.0)]]);
        let antarctica =
            polygon(&[&[(-180.0, -84.0), (0.0, -70.0), (180.0, -84.0), (180.0, -90.0), (-180.0, -90.0)]]);
        for shapes in [belt, split, antarctica] {
            let mut copy = shapes.clone();
            assert_eq!(unwrap(&mut copy), 0);
            assert_eq!(copy, shapes);
            assert!(!exceeds_half_turn(&copy));
        }
    }

    #[test]
    fn a_point_on_the_antimeridian_written_twice_is_no_belt() {
        let mut shapes =
            polygon(&[&[(179.0, -16.0), (180.0, -17.0), (-180.0, -17.0), (-179.0, -16.0), (180.0, -15.0)]]);
        assert_eq!(unwrap(&mut shapes), 1);
        assert_eq!(longitudes(&shapes, 0), [179.0, 180.0, 180.0, 181.0, 180.0, 179.0]);
    }

    #[test]
    fn a_ring_around_a_pole_is_closed_over_it() {
        let mut shapes = polygon(&[&[(45.0, 40.0), (135.0, 40.0), (-135.0, 40.0), (-45.0, 40.0)]]);
        assert_eq!(unwrap(&mut shapes), 1);
        assert_eq!(longitudes(&shapes, 0), [45.0, 135.0, 225.0, 315.0, 405.0, 405.0, 45.0, 45.0]);
        assert_eq!(shapes.bounds().map(|b| b.1.y), Some(90.0));
        let mut southern = polygon(&[&[(45.0, -80.0), (135.0, -80.0), (-135.0, -80.0), (-45.0, -80.0)]]);
        unwrap(&mut southern);
        assert_eq!(southern.bounds().map(|b| b.0.y), Some(-90.0));
    }

    #[test]
    fn lines_cross_and_points_stay() {
        let mut shapes = Shapes::default();
        shapes.begin_part(Part::Line);
        shapes.push_ring([(170.0, -10.0), (-170.0, 10.0)]);
        shapes.end_part();
        shapes.end_feature();
        shapes.push_point(-170.0, 0.0);
        shapes.end_feature(); // an empty geometry
        assert_eq!(unwrap(&mut shapes), 1);
        assert_eq!(longitudes(&shapes, 0), [170.0, 190.0]);
        assert_eq!((shapes.n_features(), longitudes(&shapes, 1)), (3, vec![-170.0]));
    }

    #[test]
    fn rings_that_wind_on_and_on_or_hold_nan_stay_as_they_are() {
        let winding: Vec<(f64, f64)> = (0..40)
            .map(|i| ((f64::from(i) * 100.0 + 180.0).rem_euclid(360.0) - 180.0, f64::from(i)))
            .collect();
        let nan = [(170.0, 0.0), (f64::NAN, 1.0), (-170.0, 2.0)];
        for ring in [winding.as_slice(), nan.as_slice()] {
            let mut shapes = polygon(&[ring]);
            let before = format!("{shapes:?}");
            assert_eq!(unwrap(&mut shapes), 0);
            assert_eq!(before, format!("{shapes:?}"));
        }
        assert_eq!(unwrap(&mut Shapes::default()), 0);
    }
}
