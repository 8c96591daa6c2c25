//! Geometry cut at the 180th meridian, as RFC 7946 §3.1.9 wants it in files.

use super::{HALF_TURN, TURN, span, unwrap};
use geo_types::Coord;
use std::borrow::Cow;
use whitespot_model::shapes::{Part, Shapes};

type Ring = Vec<Coord<f64>>;

/// The shapes in degrees, with every part between −180 and 180: what crosses the antimeridian is cut there, and its
/// pieces are parts of the same feature, the westernmost meridian's first.
///
/// Polygons hold what they held by even-odd counting; their pieces are told apart as shells and holes. The cut adds
/// vertices on the meridian and moves none. Costs one pass where nothing crosses; parts with a longitude that is no
/// number stay as they are.
pub fn split(shapes: &Shapes) -> Cow<'_, Shapes> {
    let mut continuous = Cow::Borrowed(shapes);
    if has_jump(shapes) {
        unwrap(continuous.to_mut());
    }
    if !super::exceeds_half_turn(&continuous) {
        return continuous;
    }
    let mut cut = Shapes::default();
    for f in 0..continuous.n_features() {
        for p in continuous.parts_of(f) {
            let rings: Vec<Ring> = continuous.rings_of(p).map(|r| continuous.ring(r).to_vec()).collect();
            match continuous.parts[p] {
                part @ Part::Point => {
                    push(&mut cut, part, &[rings.concat().into_iter().map(in_turn).collect()]);
                }
                Part::Line => {
                    for (chain, shift) in rings.iter().flat_map(|chain| cut_line(chain)) {
                        push(&mut cut, Part::Line, &[moved(chain, shift)]);
                    }
                }
                Part::Polygon => push_polygon(&mut cut, rings),
            }
        }
        cut.end_feature();
    }
    Cow::Owned(cut)
}

fn has_jump(shapes: &Shapes) -> bool {
    (0..shapes.ring_ends.len())
        .any(|r| shapes.ring(r).windows(2).any(|e| (e[1].x - e[0].x).abs() > HALF_TURN))
}

fn in_turn(c: Coord<f64>) -> Coord<f64> {
    match c.x {
        x if x > HALF_TURN => Coord { x: x - TURN, y: c.y },
        x if x < -HALF_TURN => Coord { x: x + TURN, y: c.y },
        _ => c,
    }
}

fn moved(mut ring: Ring, shift: f64) -> Ring {
    ring.iter_mut().for_each(|c| c.x += shift);
    ring
}

fn push(shapes: &mut Shapes, part: Part, rings: &[Ring]) {
    shapes.begin_part(part);
    for ring in rings {
        shapes.push_ring(ring.iter().map(|c| (c.x, c.y)));
    }
    shapes.end_part();
}

fn push_polygon(shapes: &mut Shapes, rings: Vec<Ring>) {
    let spans: Option<Vec<(f64, f64)>> = rings.iter().map(|r| span(r)).collect();
    let is_within = |(west, east): &(f64, f64)| *west >= -HALF_TURN && *east <= HALF_TURN;
    let has_nan = rings.iter().flatten().any(|c| !c.x.is_finite() || !c.y.is_finite());
    if has_nan || spans.is_none_or(|s| s.iter().all(is_within)) {
        push(shapes, Part::Polygon, &rings);
        return;
    }
    let (west, rest) = cut_rings(rings, -HALF_TURN);
    let (middle, east) = cut_rings(rest, HALF_TURN);
    for (rings, shift) in [(west, TURN), (middle, 0.0), (east, -TURN)] {
        for polygon in nested(rings) {
            let polygon: Vec<Ring> = polygon.into_iter().map(|ring| moved(ring, shift)).collect();
            push(shapes, Part::Polygon, &polygon);
        }
    }
}

/// A line's pieces, each with what brings it between −180 and 180.
fn cut_line(chain: &[Coord<f64>]) -> Vec<(Ring, f64)> {
    let turn_of = |x: f64| {
        if x > HALF_TURN {
            -TURN
        } else if x < -HALF_TURN {
            TURN
        } else {
            0.0
        }
    };
    let mut pieces: Vec<(Ring, f64)> = Vec::new();
    let mut piece: Ring = chain.first().copied().into_iter().collect();
    for edge in chain.windows(2) {
        let (a, b) = (edge[0], edge[1]);
        // An edge of at most half a turn crosses one meridian at most.
        for meridian in [-HALF_TURN, HALF_TURN] {
            if (a.x < meridian && b.x > meridian) || (a.x > meridian && b.x < meridian) {
                let on = crossing(a, b, meridian);
                piece.push(on);
                let middle = (piece[0].x + piece[piece.len() - 2].x) / 2.0;
                pieces.push((std::mem::replace(&mut piece, vec![on]), turn_of(middle)));
            }
        }
        piece.push(b);
    }
    if let Some((first, last)) = piece.first().zip(piece.last()) {
        let shift = turn_of((first.x + last.x) / 2.0);
        pieces.push((piece, shift));
    }
    pieces
}

fn crossing(a: Coord<f64>, b: Coord<f64>, meridian: f64) -> Coord<f64> {
    // The same point whichever way the edge runs, so that neighbours meet.
    let (a, b) = if a.x <= b.x { (a, b) } else { (b, a) };
    Coord { x: meridian, y: a.y + (b.y - a.y) * ((meridian - a.x) / (b.x - a.x)) }
}

/// A chain of a cut ring between two places on the meridian, named by their numbers.
struct Chain {
    coords: Ring,
    from: usize,
    to: usize,
}

/// Cuts the rings of one polygon along a meridian; gives those west of it and those east of it.
///
/// A vertex on the meridian counts as east. Places where the rings cross the meridian, in order of latitude, bound by
/// even-odd counting the stretches of it that lie inside: the first and second, the third and fourth, and so on.
fn cut_rings(rings: Vec<Ring>, meridian: f64) -> (Vec<Ring>, Vec<Ring>) {
    let is_west = |c: &Coord<f64>| c.x < meridian;
    let (mut whole, mut chains): ([Vec<Ring>; 2], [Vec<Chain>; 2]) = Default::default();
    let mut places: Vec<Coord<f64>> = Vec::new();
    for ring in rings {
        let vertices = &ring[..ring.len().saturating_sub(1)];
        let n = vertices.len();
        let Some(start) = (0..n).find(|&i| is_west(&vertices[i]) != is_west(&vertices[(i + 1) % n])) else {
            whole[usize::from(!ring.first().is_some_and(is_west))].push(ring);
            continue;
        };
        // Around the ring once, from the first crossing back to it.
        let first_place = places.len();
        places.push(crossing(vertices[start], vertices[(start + 1) % n], meridian));
        let mut open = Chain { coords: vec![places[first_place]], from: first_place, to: first_place };
        for k in 1..=n {
            let (a, b) = (vertices[(start + k) % n], vertices[(start + k + 1) % n]);
            open.coords.push(a);
            if is_west(&a) != is_west(&b) {
                let place = if k == n { first_place } else { places.len() };
                if k < n {
                    places.push(crossing(a, b, meridian));
                }
                open.coords.push(places[place]);
                let next = Chain { coords: vec![places[place]], from: place, to: place };
                let done = Chain { to: place, ..std::mem::replace(&mut open, next) };
                chains[usize::from(!is_west(&a))].push(done);
            }
        }
    }
    let partner = partners(&places);
    let [mut west, mut east] = whole;
    let [west_chains, east_chains] = chains;
    west.extend(joined(&west_chains, &partner));
    east.extend(joined(&east_chains, &partner));
    (west, east)
}

/// The place at the other end of the stretch of meridian that each place bounds.
fn partners(places: &[Coord<f64>]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..places.len()).collect();
    order.sort_by(|&a, &b| places[a].y.total_cmp(&places[b].y).then(a.cmp(&b)));
    let mut partner: Vec<usize> = (0..places.len()).collect();
    for pair in order.chunks_exact(2) {
        partner[pair[0]] = pair[1];
        partner[pair[1]] = pair[0];
    }
    partner
}

/// Joins chains of one side along the meridian to closed rings.
fn joined(chains: &[Chain], partner: &[usize]) -> Vec<Ring> {
    let mut at: Vec<Option<usize>> = vec![None; partner.len()];
    for (i, chain) in chains.iter().enumerate() {
        at[chain.from] = Some(i);
        at[chain.to] = Some(i);
    }
    let mut is_used = vec![false; chains.len()];
    let mut rings = Vec::new();
    for first in 0..chains.len() {
        let mut ring = Ring::new();
        let (mut i, mut enter) = (first, chains[first].from);
        while !is_used[i] {
            is_used[i] = true;
            let chain = &chains[i];
            let leave = if enter == chain.from {
                ring.extend(&chain.coords);
                chain.to
            } else {
                ring.extend(chain.coords.iter().rev());
                chain.from
            };
            enter = partner[leave];
            match at[enter] {
                Some(next) => i = next,
                None => break,
            }
        }
        ring.dedup();
        if ring.len() > 2 {
            if ring.first() != ring.last() {
                ring.push(ring[0]);
            }
            rings.push(ring);
        }
    }
    rings.retain(|ring| ring.len() > 3);
    rings
}

/// Rings that do not cross as polygons: each shell with the holes in it.
fn nested(mut rings: Vec<Ring>) -> Vec<Vec<Ring>> {
    let area = |ring: &Ring| {
        let o = ring[0];
        ring.windows(2)
            .map(|e| (e[0].x - o.x) * (e[1].y - o.y) - (e[1].x - o.x) * (e[0].y - o.y))
            .sum::<f64>()
            .abs()
    };
    rings.retain(|ring| !ring.is_empty());
    rings.sort_by(|a, b| area(b).total_cmp(&area(a)));
    let mut polygons: Vec<Vec<Ring>> = Vec::new();
    let mut depths: Vec<(usize, usize)> = Vec::new();
    for (i, ring) in rings.iter().enumerate() {
        let around: Vec<usize> = (0..i).filter(|&o| holds(&rings[o], ring)).collect();
        let depth = around.len();
        match around.last().filter(|_| depth % 2 == 1) {
            // A hole belongs to the smallest shell around it.
            Some(_) => {
                let shell =
                    around.iter().rev().find(|&&o| depths[o].0.is_multiple_of(2)).map_or(0, |&o| depths[o].1);
                polygons[shell].push(ring.clone());
                depths.push((depth, shell));
            }
            None => {
                depths.push((depth, polygons.len()));
                polygons.push(vec![ring.clone()]);
            }
        }
    }
    polygons
}

/// Whether a ring lies within another, told by the middle of an edge of it that is on no edge of the other.
fn holds(outer: &Ring, inner: &Ring) -> bool {
    let crossings = |p: Coord<f64>| {
        let crosses = |e: &&[Coord<f64>]| {
            (e[0].y > p.y) != (e[1].y > p.y)
                && p.x < (e[1].x - e[0].x) * (p.y - e[0].y) / (e[1].y - e[0].y) + e[0].x
        };
        outer.windows(2).filter(crosses).count()
    };
    let is_on = |p: Coord<f64>| {
        outer.windows(2).any(|e| {
            let cross = (e[1].x - e[0].x) * (p.y - e[0].y) - (e[1].y - e[0].y) * (p.x - e[0].x);
            cross == 0.0
                && p.x >= e[0].x.min(e[1].x)
                && p.x <= e[0].x.max(e[1].x)
                && p.y >= e[0].y.min(e[1].y)
                && p.y <= e[0].y.max(e[1].y)
        })
    };
    let middles = inner.windows(2).map(|e| Coord { x: (e[0].x + e[1].x) / 2.0, y: (e[0].y + e[1].y) / 2.0 });
    middles.into_iter().find(|m| !is_on(*m)).is_some_and(|m| crossings(m) % 2 == 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::antimeridian::tests::polygon;

    fn boxes(shapes: &Shapes) -> Vec<[f64; 4]> {
        let bounds = |p: usize| {
            let coords: Vec<Coord<f64>> = shapes.rings_of(p).flat_map(|r| shapes.ring(r).to_vec()).collect();
            let least = |of: fn(&Coord<f64>) -> f64| coords.iter().map(of).fold(f64::INFINITY, f64::min);
            [least(|c| c.x), least(|c| c.y), -least(|c| -c.x), -least(|c| -c.y)]
        };
        (0..shapes.n_parts()).map(bounds).collect()
    }

    #[test]
    fn a_box_across_the_antimeridian_becomes_two_within_the_turn() {
        for east in [190.0, -170.0] {
            let shapes = polygon(&[&[(170.0, 40.0), (east, 40.0), (east, 50.0), (170.0, 50.0)]]);
            let cut = split(&shapes);
            assert_eq!(boxes(&cut), [[170.0, 40.0, 180.0, 50.0], [-180.0, 40.0, -170.0, 50.0]]);
            assert_eq!((cut.n_features(), cut.n_parts()), (1, 2));
        }
        let western = polygon(&[&[(-190.0, 40.0), (-170.0, 40.0), (-170.0, 50.0), (-190.0, 50.0)]]);
        assert_eq!(boxes(&split(&western)), [[170.0, 40.0, 180.0, 50.0], [-180.0, 40.0, -170.0, 50.0]]);
    }

    #[test]
    fn a_comb_falls_into_its_teeth_and_holes_stay_in_their_shells() {
        let comb = [
            (170.0, 0.0),
            (190.0, 0.0),
            (190.0, 2.0),
            (175.0, 2.0),
            (175.0, 4.0),
            (190.0, 4.0),
            (190.0, 6.0),
            (170.0, 6.0),
        ];
        let hole_west = [(171.0, 1.0), (172.0, 1.0), (172.0, 1.5)];
        let hole_east = [(185.0, 4.5), (186.0, 4.5), (186.0, 5.0)];
        let hole_across = [(178.0, 5.0), (182.0, 5.0), (182.0, 5.5), (178.0, 5.5)];
        let shapes = polygon(&[&comb, &hole_west, &hole_east, &hole_across]);
        let cut = split(&shapes);
        assert_eq!(cut.n_parts(), 3, "a back and two teeth");
        let n_rings: Vec<usize> = (0..3).map(|p| cut.rings_of(p).len()).collect();
        assert_eq!(n_rings, [2, 1, 2], "the hole across opens to the meridian: {cut:?}");
        assert!(cut.coords.iter().all(|c| c.x.abs() <= 180.0));
    }

    #[test]
    fn vertices_on_the_meridian_and_shapes_beyond_it_are_whole() {
        let touching = polygon(&[
            &[(170.0, 0.0), (180.0, 5.0), (170.0, 10.0)],
            &[(171.0, 4.0), (172.0, 5.0), (171.0, 6.0)],
        ]);
        assert_eq!(*split(&touching), touching);
        let beyond = polygon(&[&[(180.0, 0.0), (190.0, 0.0), (190.0, 5.0)]]);
        assert_eq!(boxes(&split(&beyond)), [[-180.0, 0.0, -170.0, 5.0]]);
        let kite = polygon(&[&[(170.0, 0.0), (180.0, -5.0), (190.0, 0.0), (180.0, 5.0)]]);
        assert_eq!(boxes(&split(&kite)), [[170.0, -5.0, 180.0, 5.0], [-180.0, -5.0, -170.0, 5.0]]);
    }

    #[test]
    fn lines_are_cut_and_points_come_back_into_the_turn() {
        let mut shapes = Shapes::default();
        shapes.begin_part(Part::Line);
        shapes.push_ring([(170.0, -10.0), (190.0, 10.0), (170.0, 10.0)]);
        shapes.end_part();
        shapes.end_feature();
        shapes.push_point(185.0, 1.0);
        let cut = split(&shapes);
        let lines: Vec<Vec<(f64, f64)>> = (0..cut.n_parts())
            .map(|p| {
                cut.rings_of(p)
                    .flat_map(|r| cut.ring(r).iter().map(|c| (c.x, c.y)).collect::<Vec<_>>())
                    .collect()
            })
            .collect();
        assert_eq!(
            lines,
            [
                vec![(170.0, -10.0), (180.0, 0.0)],
                vec![(-180.0, 0.0), (-170.0, 10.0), (-180.0, 10.0)],
                vec![(180.0, 10.0), (170.0, 10.0)],
                vec![(-175.0, 1.0)]
            ]
        );
    }

    #[test]
    fn a_world_without_crossings_is_not_copied_and_nan_stays() {
        let plain = polygon(&[&[(10.0, 0.0), (20.0, 0.0), (20.0, 5.0)]]);
        assert!(matches!(split(&plain), Cow::Borrowed(_)));
        let nan = polygon(&[&[(170.0, 0.0), (f64::NAN, 0.0), (190.0, 5.0)]]);
        assert_eq!(split(&nan).n_coords(), nan.n_coords());
    }
}
