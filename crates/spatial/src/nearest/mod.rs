//! Distances to the nearest of many points and segments.

mod kd_tree;
mod place;

pub use place::{NearestPlace, nearest_places};

use crate::segment::Segment;
use geo_types::Coord;
use kd_tree::KdTree;
use rayon::prelude::*;
use rstar::RTree;

/// Planar distance in metres from each query to the nearest target or piece of network; `None` without any, and
/// for queries that are not finite. All coordinates are in one metric CRS; targets and segments that are not
/// finite are left out. Parallel; the order is that of the queries.
pub fn nearest_distances_m(
    queries: &[Coord<f64>],
    targets: &[Coord<f64>],
    network: &[Segment],
) -> Vec<Option<f64>> {
    let is_finite = |p: &Coord<f64>| p.x.is_finite() && p.y.is_finite();
    let points = KdTree::new(targets.iter().copied().filter(is_finite).collect());
    let network: RTree<Segment> =
        RTree::bulk_load(network.iter().filter(|s| s.is_finite()).copied().collect());
    queries
        .par_iter()
        .with_min_len(1024)
        .map(|q| {
            if !is_finite(q) {
                return None;
            }
            let piece = network.nearest_neighbor_iter_with_distance_2(&[q.x, q.y]).next();
            let distance2 = points.nearest_distance2(*q, piece.map_or(f64::INFINITY, |p| p.1));
            distance2.is_finite().then(|| distance2.sqrt())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_of_points_and_network_counts() {
        let c = |x, y| Coord { x, y };
        let network = [Segment { a: c(0.0, 100.0), b: c(50.0, 100.0) }];
        let queries = [c(3.0, 4.0), c(25.0, 97.0), c(f64::NAN, 0.0)];
        let d = nearest_distances_m(&queries, &[c(0.0, 0.0)], &network);
        assert_eq!(d, [Some(5.0), Some(3.0), None]);
        assert_eq!(nearest_distances_m(&queries[..1], &[], &[]), [None]);
    }
    #[test]
    fn the_tree_finds_what_a_look_at_every_point_finds() {
        // Many equal coordinates, so that the halves touch.
        let point = |i: u32| Coord { x: f64::from(i * 7919 % 61), y: f64::from(i * 104_729 % 53) };
        let targets: Vec<Coord<f64>> = (0..900).step_by(3).map(point).collect();
        let queries: Vec<Coord<f64>> =
            (0..900).map(|i| Coord { x: point(i).x + 0.25, ..point(i + 5) }).collect();
        let distances = nearest_distances_m(&queries, &targets, &[]);
        for (q, d) in queries.iter().zip(distances) {
            let distance2 = |t: &Coord<f64>| (t.x - q.x).powi(2) + (t.y - q.y).powi(2);
            let nearest = targets.iter().map(distance2).fold(f64::INFINITY, f64::min);
            assert_eq!(d, Some(nearest.sqrt()), "{q:?}");
        }
    }
}
