//! Distances to the nearest of many points and segments.

use crate::segment::Segment;
use geo_types::Coord;
use rayon::prelude::*;
use rstar::RTree;
use rstar::primitives::GeomWithData;

/// Planar distance in metres from each query to the nearest target or piece of network; `None` without any, and
/// for queries that are not finite. All coordinates are in one metric CRS; targets and segments that are not
/// finite are left out. Parallel; the order is that of the queries.
pub fn nearest_distances_m(
    queries: &[Coord<f64>],
    targets: &[Coord<f64>],
    network: &[Segment],
) -> Vec<Option<f64>> {
    let is_finite = |p: &Coord<f64>| p.x.is_finite() && p.y.is_finite();
    let points: Vec<GeomWithData<[f64; 2], ()>> =
        targets.iter().filter(|p| is_finite(p)).map(|p| GeomWithData::new([p.x, p.y], ())).collect();
    let points = RTree::bulk_load(points);
    let network = RTree::bulk_load(network.iter().filter(|s| s.is_finite()).copied().collect());
    queries
        .par_iter()
        .map(|q| {
            if !is_finite(q) {
                return None;
            }
            let at = [q.x, q.y];
            let point = points.nearest_neighbor_iter_with_distance_2(&at).next().map(|n| n.1);
            let piece = network.nearest_neighbor_iter_with_distance_2(&at).next().map(|n| n.1);
            point.into_iter().chain(piece).min_by(f64::total_cmp).map(f64::sqrt)
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
}
