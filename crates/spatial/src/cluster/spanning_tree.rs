//! The Euclidean minimum spanning tree: the shortest set of straight lines that joins all points.
//!
//! Its edges are among those of any Delaunay triangulation (Preparata and Shamos, *Computational Geometry*, 1985,
//! theorem 6.2), which has fewer than three a point; Kruskal's method picks them shortest first. Points are sorted
//! before anything else, so neither length nor edges depend on their order.

use super::{UnionFind, distance2};
use geo_types::Coord;
use spade::{DelaunayTriangulation, HasPosition, Point2, Triangulation as _};

/// One straight line of a tree, between two of the points given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TreeEdge {
    /// Index of one end.
    pub a: u32,
    /// Index of the other end.
    pub b: u32,
    /// Planar length in metres.
    pub length_m: f64,
}

/// Points up to which the tree is grown by looking at all of them.
const FEW: usize = 24;

/// The shortest tree over the points, its edges shortest first: one edge fewer than points; none for less than two.
///
/// Points of equal position are joined by edges of length 0. Points that are not finite are left out. Where several
/// trees are equally short, the one whose ends come first in the order of easting and northing.
///
/// Time: n log n.
pub fn spanning_tree(points: &[Coord<f64>]) -> Vec<TreeEdge> {
    let mut order: Vec<u32> = (0..points.len() as u32)
        .filter(|&i| points[i as usize].x.is_finite() && points[i as usize].y.is_finite())
        .collect();
    let at = |i: u32| Coord { x: points[i as usize].x + 0.0, y: points[i as usize].y + 0.0 };
    order.sort_unstable_by(|&a, &b| {
        let (p, q) = (at(a), at(b));
        p.x.total_cmp(&q.x).then(p.y.total_cmp(&q.y)).then(a.cmp(&b))
    });
    let mut edges = Vec::with_capacity(order.len().saturating_sub(1));
    let mut distinct: Vec<u32> = Vec::with_capacity(order.len());
    for &i in &order {
        match distinct.last() {
            Some(&same) if at(same) == at(i) => edges.push(TreeEdge { a: same, b: i, length_m: 0.0 }),
            _ => distinct.push(i),
        }
    }
    let places: Vec<Coord<f64>> = distinct.iter().map(|&i| at(i)).collect();
    let triangulated = if places.len() > FEW { delaunay_edges(&places) } else { None };
    let tree = match triangulated {
        Some(candidates) => shortest(&places, candidates),
        None => grown(&places),
    };
    edges.extend(tree.into_iter().map(|(a, b)| TreeEdge {
        a: distinct[a as usize],
        b: distinct[b as usize],
        length_m: distance2(places[a as usize], places[b as usize]).sqrt(),
    }));
    edges
}

/// Total length of a tree in metres, summed in its order.
pub fn tree_length_m(edges: &[TreeEdge]) -> f64 {
    edges.iter().map(|e| e.length_m).sum()
}

/// A place with its number.
struct Numbered {
    at: Point2<f64>,
    number: u32,
}

impl HasPosition for Numbered {
    type Scalar = f64;

    fn position(&self) -> Point2<f64> {
        self.at
    }
}

/// Edges of the Delaunay triangulation of distinct places; `None` where coordinates are beyond what it can do.
fn delaunay_edges(places: &[Coord<f64>]) -> Option<Vec<(u32, u32)>> {
    let numbered = (0u32..)
        .zip(places)
        .map(|(number, p)| Numbered { at: spade::mitigate_underflow(Point2::new(p.x, p.y)), number })
        .collect();
    let triangulation = DelaunayTriangulation::<Numbered>::bulk_load(numbered).ok()?;
    if triangulation.num_vertices() != places.len() {
        return None;
    }
    Some(
        triangulation
            .undirected_edges()
            .map(|edge| {
                let [a, b] = edge.vertices();
                let (a, b) = (a.data().number, b.data().number);
                (a.min(b), a.max(b))
            })
            .collect(),
    )
}

/// Kruskal: shortest edges first, leaving out those that close a circle.
fn shortest(places: &[Coord<f64>], candidates: Vec<(u32, u32)>) -> Vec<(u32, u32)> {
    let mut keyed: Vec<(f64, u32, u32)> = candidates
        .into_iter()
        .map(|(a, b)| (distance2(places[a as usize], places[b as usize]), a, b))
        .collect();
    keyed.sort_unstable_by(|x, y| x.0.total_cmp(&y.0).then((x.1, x.2).cmp(&(y.1, y.2))));
    let mut sets = UnionFind::new(places.len());
    keyed.into_iter().filter(|(_, a, b)| sets.unite(*a, *b)).map(|(_, a, b)| (a, b)).collect()
}

/// Kruskal over all pairs of few places; Prim's way (a tree that grows) where they are many and could not be
/// triangulated.
fn grown(places: &[Coord<f64>]) -> Vec<(u32, u32)> {
    let n = places.len() as u32;
    if places.len() <= FEW {
        return shortest(places, (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect());
    }
    let mut edges = Vec::new();
    let mut nearest: Vec<(f64, u32)> = places.iter().map(|p| (distance2(*p, places[0]), 0)).collect();
    let mut is_in = vec![false; places.len()];
    is_in[0] = true;
    for _ in 1..n {
        let outside = (0..n).filter(|&i| !is_in[i as usize]);
        let Some(next) = outside.min_by(|&i, &j| nearest[i as usize].0.total_cmp(&nearest[j as usize].0))
        else {
            break;
        };
        is_in[next as usize] = true;
        let from = nearest[next as usize].1;
        edges.push((from.min(next), from.max(next)));
        for (slot, place) in nearest.iter_mut().zip(places) {
            let d = distance2(*place, places[next as usize]);
            if d < slot.0 {
                *slot = (d, next);
            }
        }
    }
    shortest(places, edges)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(points: &[(f64, f64)]) -> Vec<Coord<f64>> {
        points.iter().map(|&(x, y)| Coord { x, y }).collect()
    }

    /// Prim over every pair, by another hand.
    fn length_by_every_pair(points: &[Coord<f64>]) -> f64 {
        let mut inside = vec![0usize];
        let mut length = 0.0;
        while inside.len() < points.len() {
            let mut best = (f64::INFINITY, 0);
            for j in (0..points.len()).filter(|j| !inside.contains(j)) {
                for &i in &inside {
                    let d =
                        ((points[i].x - points[j].x).powi(2) + (points[i].y - points[j].y).powi(2)).sqrt();
                    if d < best.0 {
                        best = (d, j);
                    }
                }
            }
            length += best.0;
            inside.push(best.1);
        }
        length
    }

    #[test]
    fn a_square_with_its_centre_is_joined_through_the_centre() {
        let tree = spanning_tree(&at(&[(0.0, 0.0), (2.0, 0.0), (2.0, 2.0), (0.0, 2.0), (1.0, 1.0)]));
        assert_eq!(tree.len(), 4);
        assert!(tree.iter().all(|e| e.a == 4 || e.b == 4));
        assert!((tree_length_m(&tree) - 4.0 * 2f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn none_one_equal_and_collinear_points_have_a_tree() {
        assert!(spanning_tree(&[]).is_empty());
        assert!(spanning_tree(&at(&[(1.0, 1.0)])).is_empty());
        assert!(spanning_tree(&at(&[(1.0, 1.0), (f64::NAN, 0.0)])).is_empty());
        let equal = spanning_tree(&at(&[(1.0, 1.0); 40]));
        assert_eq!((equal.len(), tree_length_m(&equal)), (39, 0.0));
        let line: Vec<Coord<f64>> = (0..100).map(|i| Coord { x: f64::from(i * 37 % 100), y: 5.0 }).collect();
        assert_eq!(tree_length_m(&spanning_tree(&line)), 99.0);
    }

    #[test]
    fn coordinates_too_large_to_triangulate_still_have_a_tree() {
        let line: Vec<Coord<f64>> = (0..30).map(|i| Coord { x: f64::from(i) * 1e120, y: 0.0 }).collect();
        assert_eq!(spanning_tree(&line).len(), 29);
    }

    proptest! {
        #[test]
        fn the_tree_is_as_short_as_one_grown_over_every_pair(
            raw in prop::collection::vec((0u16..40, 0u16..40), 1..120),
            jitter in prop_oneof![Just(0.0), Just(1e-4)],
            seed in any::<u64>(),
        ) {
            let points: Vec<Coord<f64>> = raw
                .iter()
                .enumerate()
                .map(|(i, p)| Coord { x: f64::from(p.0) + jitter * (i as f64).sin(), y: f64::from(p.1) + 7e6 })
                .collect();
            let tree = spanning_tree(&points);
            prop_assert_eq!(tree.len(), points.len() - 1);
            let mut sets = UnionFind::new(points.len());
            prop_assert!(tree.iter().all(|e| sets.unite(e.a, e.b)), "it is a tree");
            let length = tree_length_m(&tree);
            prop_assert!((length - length_by_every_pair(&points)).abs() < 1e-6);
            let mut turned: Vec<usize> = (0..points.len()).collect();
            turned.sort_by_key(|i| (*i as u64).wrapping_mul(seed | 1).rotate_left(17));
            let other = spanning_tree(&turned.iter().map(|&i| points[i]).collect::<Vec<_>>());
            prop_assert_eq!(length, tree_length_m(&other));
        }
    }
}
