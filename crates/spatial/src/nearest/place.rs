//! Where the nearest of many points and segments is.

use super::kd_tree::KdTree;
use crate::segment::Segment;
use geo_types::Coord;
use rayon::prelude::*;
use rstar::RTree;

/// The nearest place to a point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NearestPlace {
    /// Planar distance in metres.
    pub distance_m: f64,
    /// Where it is.
    pub at: Coord<f64>,
}

/// The nearest target or piece of network for each query; `None` without any, and for queries that are not finite.
///
/// As [`super::nearest_distances_m`], with the place. Of equally near places the first in the order of easting and
/// northing counts: the answer does not depend on the order of targets and pieces. Parallel.
pub fn nearest_places(
    queries: &[Coord<f64>],
    targets: &[Coord<f64>],
    network: &[Segment],
) -> Vec<Option<NearestPlace>> {
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
            let piece = nearest_piece(&network, *q);
            let point = points.nearest(*q, piece.map_or(f64::INFINITY, |p| p.0));
            let first = |a: &(f64, Coord<f64>), b: &(f64, Coord<f64>)| {
                a.0.total_cmp(&b.0).then(a.1.x.total_cmp(&b.1.x)).then(a.1.y.total_cmp(&b.1.y))
            };
            let (distance2, at) = piece.into_iter().chain(point).min_by(first)?;
            Some(NearestPlace { distance_m: distance2.sqrt(), at })
        })
        .collect()
}

fn nearest_piece(network: &RTree<Segment>, q: Coord<f64>) -> Option<(f64, Coord<f64>)> {
    let mut pieces = network.nearest_neighbor_iter_with_distance_2(&[q.x, q.y]);
    let (piece, distance2) = pieces.next()?;
    let equally_near = pieces.take_while(|p| p.1 == distance2).map(|p| p.0);
    std::iter::once(piece)
        .chain(equally_near)
        .map(|piece| piece.nearest_to(q))
        .min_by(|a, b| a.x.total_cmp(&b.x).then(a.y.total_cmp(&b.y)))
        .map(|at| (distance2, at))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_is_on_the_network_or_at_a_target_whichever_is_nearer() {
        let c = |x, y| Coord { x, y };
        let network = [Segment { a: c(0.0, 100.0), b: c(50.0, 100.0) }];
        let places = nearest_places(&[c(3.0, 4.0), c(25.0, 97.0)], &[c(0.0, 0.0)], &network);
        assert_eq!(places[0], Some(NearestPlace { distance_m: 5.0, at: c(0.0, 0.0) }));
        assert_eq!(places[1], Some(NearestPlace { distance_m: 3.0, at: c(25.0, 100.0) }));
        assert_eq!(nearest_places(&[c(3.0, 4.0), c(f64::NAN, 0.0)], &[], &[]), [None, None]);
    }

    #[test]
    fn of_equally_near_places_the_first_counts_in_any_order_of_targets() {
        let mut targets: Vec<Coord<f64>> = Vec::new();
        for k in 0..40 {
            targets.extend(
                [(-1.0, 0.0), (0.0, 1.0), (1.0, 0.0), (0.0, -1.0)]
                    .map(|(x, y)| Coord { x: x * f64::from(1 + k), y: y * f64::from(1 + k) }),
            );
        }
        for turn in 0..targets.len() {
            targets.rotate_left(turn);
            let place = nearest_places(&[Coord { x: 0.0, y: 0.0 }], &targets, &[])[0].unwrap();
            assert_eq!(place, NearestPlace { distance_m: 1.0, at: Coord { x: -1.0, y: 0.0 } });
        }
    }

    #[test]
    fn the_place_is_that_of_a_look_at_every_target() {
        let point = |i: u32| Coord { x: f64::from(i * 7919 % 61), y: f64::from(i * 104_729 % 53) };
        let targets: Vec<Coord<f64>> = (0..900).step_by(3).map(point).collect();
        let queries: Vec<Coord<f64>> =
            (0..900).map(|i| Coord { x: point(i).x + 0.25, ..point(i + 5) }).collect();
        for (q, place) in queries.iter().zip(nearest_places(&queries, &targets, &[])) {
            let d2 = |t: &Coord<f64>| (t.x - q.x).powi(2) + (t.y - q.y).powi(2);
            let first = |a: &&Coord<f64>, b: &&Coord<f64>| {
                d2(a).total_cmp(&d2(b)).then(a.x.total_cmp(&b.x)).then(a.y.total_cmp(&b.y))
            };
            assert_eq!(place.map(|p| p.at), targets.iter().min_by(first).copied(), "{q:?}");
        }
    }
}
