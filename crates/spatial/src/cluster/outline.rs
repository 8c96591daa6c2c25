//! Polygons round clusters, on a lattice: a map may show where a cluster lies, not where its people live.

use geo_types::Coord;
use std::collections::{BTreeMap, BTreeSet};

/// How a cluster is outlined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outline {
    /// The lattice cells of the points and those around them: follows the cluster's shape, and is connected wherever
    /// the links are no longer than two cells.
    Buffer,
    /// The convex hull of the points' lattice cells.
    Hull,
}

/// Rings (closed, shell first) of the polygon round some points, on a lattice of `cell_m` metres; empty without a
/// finite point.
///
/// Corners are lattice points, so that no point can be read off the polygon more exactly than its cell. The polygon
/// may have holes (`Buffer`), which are clockwise; where two parts of it meet at a corner only, rings touch there.
pub fn outline(points: &[Coord<f64>], cell_m: f64, how: Outline) -> Vec<Vec<Coord<f64>>> {
    let index = |v: f64| (v / cell_m).floor() as i64;
    let cells: BTreeSet<(i64, i64)> = points
        .iter()
        .filter(|p| p.x.is_finite() && p.y.is_finite())
        .map(|p| (index(p.x), index(p.y)))
        .collect();
    let rings = match how {
        Outline::Hull => vec![hull(&cells)],
        Outline::Buffer => {
            let around = |(x, y): &(i64, i64)| {
                let (x, y) = (*x, *y);
                (-1..=1).flat_map(move |dx| (-1..=1).map(move |dy| (x + dx, y + dy)))
            };
            border(&cells.iter().flat_map(around).collect())
        }
    };
    let place = |&(x, y): &(i64, i64)| Coord { x: x as f64 * cell_m, y: y as f64 * cell_m };
    rings.into_iter().filter(|ring| ring.len() > 3).map(|ring| ring.iter().map(place).collect()).collect()
}

/// Convex hull of the corners of cells, counter-clockwise and closed (Andrew's monotone chain; exact in integers).
fn hull(cells: &BTreeSet<(i64, i64)>) -> Vec<(i64, i64)> {
    let corners: BTreeSet<(i64, i64)> =
        cells.iter().flat_map(|&(x, y)| [(x, y), (x + 1, y), (x, y + 1), (x + 1, y + 1)]).collect();
    let turns_left = |a: (i64, i64), b: (i64, i64), c: (i64, i64)| {
        i128::from(b.0 - a.0) * i128::from(c.1 - a.1) > i128::from(b.1 - a.1) * i128::from(c.0 - a.0)
    };
    let half = |corners: &mut dyn Iterator<Item = (i64, i64)>| {
        let mut chain: Vec<(i64, i64)> = Vec::new();
        for c in corners {
            while chain.len() >= 2 && !turns_left(chain[chain.len() - 2], chain[chain.len() - 1], c) {
                chain.pop();
            }
            chain.push(c);
        }
        chain
    };
    let mut ring = half(&mut corners.iter().copied());
    ring.pop();
    ring.extend(half(&mut corners.iter().rev().copied()));
    ring
}

/// Border of a set of cells as closed rings: the longest-reaching (the shell) first, then the others.
fn border(cells: &BTreeSet<(i64, i64)>) -> Vec<Vec<(i64, i64)>> {
    // Sides of cells without a neighbour there, the inside on the left.
    let mut next: BTreeMap<(i64, i64), Vec<(i64, i64)>> = BTreeMap::new();
    for &(x, y) in cells {
        let mut side = |has_neighbour: bool, from: (i64, i64), to: (i64, i64)| {
            if !has_neighbour {
                next.entry(from).or_default().push(to);
            }
        };
        side(cells.contains(&(x, y - 1)), (x, y), (x + 1, y));
        side(cells.contains(&(x + 1, y)), (x + 1, y), (x + 1, y + 1));
        side(cells.contains(&(x, y + 1)), (x + 1, y + 1), (x, y + 1));
        side(cells.contains(&(x - 1, y)), (x, y + 1), (x, y));
    }
    let mut rings: Vec<Vec<(i64, i64)>> = Vec::new();
    while let Some((&start, _)) = next.iter().next() {
        let mut ring = vec![start];
        let (mut at, mut heading) = (start, (0, 0));
        while let Some(ways) = next.get_mut(&at) {
            // Where two cells meet at a corner the ring turns left, so that they stay apart.
            let left = (-heading.1, heading.0);
            let turn = ways.iter().position(|to| (to.0 - at.0, to.1 - at.1) == left).unwrap_or(0);
            let to = ways.swap_remove(turn);
            if ways.is_empty() {
                next.remove(&at);
            }
            let new_heading = (to.0 - at.0, to.1 - at.1);
            if new_heading == heading {
                ring.pop();
            }
            ring.push(to);
            (at, heading) = (to, new_heading);
            if at == start {
                break;
            }
        }
        rings.extend(apart_where_they_touch(ring));
    }
    // The ring of the first (westernmost, then southernmost) corner encloses the others, if the cells are connected.
    rings.sort_by_key(|ring| ring.iter().min().copied());
    rings
}

/// A closed ring that comes by a corner twice, as rings that touch there: a hole beside the shell's border is a ring of
/// its own, as valid polygons have it.
fn apart_where_they_touch(ring: Vec<(i64, i64)>) -> Vec<Vec<(i64, i64)>> {
    let mut seen = BTreeSet::new();
    let twice: BTreeSet<(i64, i64)> =
        ring[1..].iter().filter(|corner| !seen.insert(**corner)).copied().collect();
    if twice.is_empty() {
        return vec![ring];
    }
    let mut rings = Vec::new();
    let mut open: Vec<(i64, i64)> = Vec::new();
    let last = ring.len() - 1;
    for (i, corner) in ring.into_iter().enumerate() {
        let is_met_again = i == last || twice.contains(&corner);
        if let Some(from) = open.iter().position(|c| is_met_again && *c == corner) {
            let mut cut: Vec<(i64, i64)> = open.drain(from..).collect();
            cut.push(corner);
            rings.push(cut);
        }
        open.push(corner);
    }
    rings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        points.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    fn area2(ring: &[Coord<f64>]) -> f64 {
        ring.windows(2).map(|w| w[0].x * w[1].y - w[1].x * w[0].y).sum()
    }

    #[test]
    fn one_point_is_outlined_by_nine_cells_or_by_its_own() {
        let point = at(&[(123.4, 567.8)]);
        let buffer = outline(&point, 100.0, Outline::Buffer);
        assert_eq!(buffer, [at(&[(0.0, 400.0), (300.0, 400.0), (300.0, 700.0), (0.0, 700.0), (0.0, 400.0)])]);
        let hull = outline(&point, 100.0, Outline::Hull);
        assert_eq!(area2(&hull[0]), 2.0 * 100.0 * 100.0);
    }

    #[test]
    fn links_of_two_cells_give_one_connected_outline() {
        for (x, y) in [(199.9, 0.0), (141.0, 141.0), (0.0, 199.0), (-141.0, 141.0)] {
            for start in [0.0, 37.0, 99.9] {
                let rings = outline(&at(&[(start, start), (start + x, start + y)]), 100.0, Outline::Buffer);
                assert_eq!(rings.len(), 1, "{x} {y} {start}");
            }
        }
    }

    #[test]
    fn a_ring_of_points_leaves_a_hole_of_the_other_direction() {
        let circle: Vec<Coord<f64>> = (0..60)
            .map(|i| f64::from(i) * std::f64::consts::TAU / 60.0)
            .map(|a| Coord { x: 1000.0 * a.cos(), y: 1000.0 * a.sin() })
            .collect();
        let rings = outline(&circle, 100.0, Outline::Buffer);
        assert_eq!(rings.len(), 2);
        assert!(area2(&rings[0]) > 0.0 && area2(&rings[1]) < 0.0);
        let hull = outline(&circle, 100.0, Outline::Hull);
        assert!(hull.len() == 1 && area2(&hull[0]) > area2(&rings[0]) + area2(&rings[1]));
    }

    #[test]
    fn cells_that_meet_at_a_corner_have_rings_that_do_not_cross() {
        let cells: BTreeSet<(i64, i64)> = [(0, 0), (1, 1)].into();
        let rings = border(&cells);
        assert_eq!(rings.iter().map(Vec::len).collect::<Vec<_>>(), [5, 5]);
    }

    #[test]
    fn a_hole_that_touches_the_shell_at_a_corner_is_a_ring_of_its_own() {
        let cells: BTreeSet<(i64, i64)> = [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2)].into();
        let rings = border(&cells);
        assert_eq!(rings.iter().map(Vec::len).collect::<Vec<_>>(), [7, 5], "{rings:?}");
        let area =
            |ring: &[(i64, i64)]| ring.windows(2).map(|w| w[0].0 * w[1].1 - w[1].0 * w[0].1).sum::<i64>() / 2;
        assert_eq!((area(&rings[0]), area(&rings[1])), (8, -1));
        for ring in &rings {
            let corners: BTreeSet<_> = ring[1..].iter().collect();
            assert_eq!(corners.len(), ring.len() - 1, "{ring:?}");
        }
    }

    #[test]
    fn nobody_has_no_outline() {
        assert!(outline(&[], 100.0, Outline::Buffer).is_empty());
        assert!(outline(&at(&[(f64::NAN, 0.0)]), 100.0, Outline::Hull).is_empty());
    }
}
