//! Pairs of areas that seem to overlap, from what shares a cell of the index.

use crate::crs::Transform;
use crate::index::orient::orient;
use crate::index::{AREA, CellIndex, Leaf, LeafArea, NO_AREA, Source};
use crate::join::HAIRLINE_M;
use crate::segment::squared_distance;
use geo_types::Coord;
use rayon::prelude::*;
use std::cmp::Ordering;
use whitespot_model::shapes::{Part, Shapes};

/// Pairs (lower first, ascending) that contain all areas which share more than a hairline, and few others.
///
/// Where two areas overlap, an edge of one runs through the other, or both have a polygon in common. So a pair is
/// taken when an edge of one lies in a cell that the other covers wholly, when edges cross with no end inside the
/// other area, when a vertex or the middle of an edge lies deeper in the other than a hairline, and when a point
/// inside a polygon of one lies inside the other.
pub(super) fn find(shapes: &Shapes, to_analysis: &Transform) -> Vec<(u32, u32)> {
    let slots = (0..shapes.n_features() as u32).map(|a| AREA | a).collect();
    let index = CellIndex::build(&[Source { shapes, slots, is_checked: false }], 1);
    let mut pairs = index.leaves(|leaf, pairs| in_cell(&leaf, to_analysis, pairs));
    pairs.par_extend(same_polygons(shapes, &index));
    pairs.sort_unstable();
    pairs.dedup();
    pairs
}

fn in_cell(leaf: &Leaf<'_>, to_analysis: &Transform, pairs: &mut Vec<(u32, u32)>) {
    let areas: Vec<_> = leaf.areas().collect();
    for (i, g) in areas.iter().enumerate() {
        if leaf.area != NO_AREA && leaf.area != g.area {
            pairs.push(ordered(leaf.area, g.area));
        }
        for h in &areas[i + 1..] {
            let pair = ordered(g.area, h.area);
            if g.area == h.area || pairs.last() == Some(&pair) {
                continue;
            }
            let reaches_deep = |of: &_, into: &_| {
                leaf.edges(*of).any(|(a, b)| {
                    // On a border that both draw alike nothing is told that rounding would not blur.
                    if leaf.edges(*into).any(|(c, d)| (a == d && b == c) || (a == c && b == d)) {
                        return false;
                    }
                    let middle = Coord { x: 0.5 * (a.x + b.x), y: 0.5 * (a.y + b.y) };
                    [a, middle].into_iter().any(|p| {
                        leaf.holds(p)
                            && leaf.is_strictly_inside(p, *into)
                            && depth_m(p, leaf.edges(*into), to_analysis) > 0.5 * HAIRLINE_M
                    })
                })
            };
            let cross = || leaf.edges(*g).any(|e| leaf.edges(*h).any(|f| cross_freely(leaf, e, *g, f, *h)));
            if reaches_deep(g, h) || reaches_deep(h, g) || cross() {
                pairs.push(pair);
            }
        }
    }
}

/// Whether two edges cross so that none of their ends in this cell lies inside the other area: then no vertex
/// tells how deep the areas reach into one another.
fn cross_freely<'i>(
    leaf: &Leaf<'i>,
    e: (Coord<f64>, Coord<f64>),
    of_e: LeafArea<'i>,
    f: (Coord<f64>, Coord<f64>),
    of_f: LeafArea<'i>,
) -> bool {
    let apart = e.0.x.max(e.1.x) < f.0.x.min(f.1.x)
        || f.0.x.max(f.1.x) < e.0.x.min(e.1.x)
        || e.0.y.max(e.1.y) < f.0.y.min(f.1.y)
        || f.0.y.max(f.1.y) < e.0.y.min(e.1.y);
    if apart || !differ(orient(e.0, e.1, f.0), orient(e.0, e.1, f.1)) {
        return false;
    }
    if !differ(orient(f.0, f.1, e.0), orient(f.0, f.1, e.1)) {
        return false;
    }
    let told = |p: Coord<f64>, other| leaf.holds(p) && leaf.is_strictly_inside(p, other);
    !(told(e.0, of_f) || told(e.1, of_f) || told(f.0, of_e) || told(f.1, of_e))
}

fn differ(a: f64, b: f64) -> bool {
    (a > 0.0 && b < 0.0) || (a < 0.0 && b > 0.0)
}

/// Distance from `p` to the nearest of the edges, in metres of the analysis CRS; 0 where that is not defined.
fn depth_m(
    p: Coord<f64>,
    edges: impl Iterator<Item = (Coord<f64>, Coord<f64>)>,
    to_analysis: &Transform,
) -> f64 {
    let Some(p) = to_analysis.apply(p) else { return 0.0 };
    let distances = edges.map(|(a, b)| match (to_analysis.apply(a), to_analysis.apply(b)) {
        (Some(a), Some(b)) => squared_distance(p, a, b),
        _ => 0.0,
    });
    distances.fold(f64::INFINITY, f64::min).sqrt()
}

/// Pairs of which one has a polygon with an inner point inside the other.
fn same_polygons<'s>(
    shapes: &'s Shapes,
    index: &'s CellIndex<'s>,
) -> impl ParallelIterator<Item = (u32, u32)> + 's {
    (0..shapes.n_features() as u32).into_par_iter().flat_map_iter(move |f| {
        let polygons = shapes.parts_of(f as usize).filter(|p| shapes.parts[*p] == Part::Polygon);
        polygons.flat_map(move |p| {
            let areas = inner_point(shapes, p).map_or_else(Vec::new, |inner| index.areas_at(inner));
            areas.into_iter().filter(move |a| *a != f).map(move |a| ordered(f, a))
        })
    })
}

/// A point inside a polygon: in the corner at its lowest vertex, below everything else in that corner.
fn inner_point(shapes: &Shapes, part: usize) -> Option<Coord<f64>> {
    let shell = shapes.ring(shapes.rings_of(part).next()?);
    let n = shell.len().checked_sub(1)?;
    let lowest = (0..n).min_by(|i, j| {
        (shell[*i].y, shell[*i].x).partial_cmp(&(shell[*j].y, shell[*j].x)).unwrap_or(Ordering::Equal)
    })?;
    let corner = shell[lowest];
    let next = (1..n).map(|k| shell[(lowest + k) % n]).find(|c| *c != corner)?;
    let before = (1..n).map(|k| shell[(lowest + n - k) % n]).find(|c| *c != corner)?;
    let turn = orient(before, corner, next);
    let is_in_corner = |q: Coord<f64>| {
        [orient(before, corner, q), orient(corner, next, q), orient(next, before, q)]
            .iter()
            .all(|s| s * turn > 0.0)
    };
    let others = shapes.rings_of(part).flat_map(|r| shapes.ring(r)).filter(|q| is_in_corner(**q));
    // The nearest to the corner, measured along the corner's opening.
    let height = |q: &Coord<f64>| {
        ((next.x - before.x) * (q.y - corner.y) - (next.y - before.y) * (q.x - corner.x)).abs()
    };
    let nearest = others.min_by(|a, b| height(a).total_cmp(&height(b)));
    Some(match nearest {
        Some(q) => Coord { x: 0.5 * (corner.x + q.x), y: 0.5 * (corner.y + q.y) },
        None => Coord { x: (before.x + corner.x + next.x) / 3.0, y: (before.y + corner.y + next.y) / 3.0 },
    })
}

fn ordered(a: u32, b: u32) -> (u32, u32) {
    (a.min(b), a.max(b))
}
