//! Areas of shapes: on the ellipsoid in km², and in the plane of a metric CRS.

use crate::crs::Transform;
use geo::{GeodesicArea, LineString, Polygon};
use geo_types::Coord;
use whitespot_model::shapes::{Part, Shapes};

/// Edges are cut into pieces no longer than this, so that they stay straight in the CRS of their source.
const MAX_PIECE_DEGREES: f64 = 0.25;
/// An edge is cut into no more pieces than a turn has.
const MAX_PIECES: f64 = 1440.0;

/// Area in km² of feature `f` on the WGS 84 ellipsoid; 0 for points, lines and empty geometries.
///
/// Edges are straight in the CRS of the shapes, which `to_wgs84` leads from. Which rings are holes is told by
/// nesting (even-odd), not by direction. Parts that overlap count twice, and of a self-crossing ring the loops
/// count with their direction: repair first. A vertex that `to_wgs84` cannot place is left out.
/// About 0.1 µs a vertex.
pub fn area_km2(shapes: &Shapes, f: usize, to_wgs84: &Transform) -> f64 {
    const M2_A_KM2: f64 = 1e6;
    sum_of_rings(shapes, f, |ring| {
        let on_ellipsoid = place_on_ellipsoid(ring, to_wgs84);
        if let Some(m2) = area_of_short_edges_m2(&on_ellipsoid) {
            return m2;
        }
        // The unsigned area is that of the rest of the Earth for a clockwise ring; the signed one never.
        Polygon::new(LineString(on_ellipsoid), Vec::new()).geodesic_area_signed().abs()
    }) / M2_A_KM2
}

/// WGS 84: square of the eccentricity, and of the semi-minor axis in m².
const ECCENTRICITY_2: f64 = 0.006_694_379_990_141_316;
const SEMI_MINOR_2: f64 = 6_356_752.314_245_179 * 6_356_752.314_245_179;

/// Area in m² of a closed ring in degrees whose edges are at most [`MAX_PIECE_DEGREES`] long or little more; `None` for
/// others, and near or around a pole.
///
/// Green's theorem: the area is the integral of the zone between equator and edge over the longitude. Along an edge it is
/// taken by Simpson's rule; the middle is that of the great ellipse, from which a geodesic of such a length differs by less
/// than a millimetre. Agrees with Karney's algorithm to some 10⁻⁹ of the area, in a fifth of its time.
fn area_of_short_edges_m2(ring: &[Coord<f64>]) -> Option<f64> {
    const LONGEST: f64 = 1.2 * MAX_PIECE_DEGREES;
    const NEAREST_TO_POLE: f64 = 88.0;
    let (first, last) = (ring.first()?, ring.last()?);
    if first != last || first.y.abs() > NEAREST_TO_POLE {
        return None;
    }
    // Zones are told from that of the first vertex, so that they are small numbers.
    let (sine, mut tangent) = sine_and_tangent(first.y);
    let zero = zone(sine);
    let mut before = 0.0;
    let mut sum = 0.0;
    for w in ring.windows(2) {
        let (turn, climb) = (w[1].x - w[0].x, w[1].y - w[0].y);
        let is_short = turn.abs() <= LONGEST && climb.abs() <= LONGEST && w[1].y.abs() <= NEAREST_TO_POLE;
        if !is_short {
            return None;
        }
        let turn = turn.to_radians();
        let (sine, next_tangent) = sine_and_tangent(w[1].y);
        let next = zone(sine) - zero;
        // A plane through the centre: its latitudes' tangents add up so, whatever the flattening.
        let half_turn_2 = 0.25 * turn * turn;
        let cosine = 1.0 - half_turn_2 * (0.5 - half_turn_2 / 24.0);
        let middle_tangent = 0.5 * (tangent + next_tangent) / cosine;
        let middle = zone(middle_tangent / (1.0 + middle_tangent * middle_tangent).sqrt()) - zero;
        sum += turn * (before + 4.0 * middle + next);
        (before, tangent) = (next, next_tangent);
    }
    Some((sum / 6.0).abs())
}

fn sine_and_tangent(degrees: f64) -> (f64, f64) {
    let (sine, cosine) = degrees.to_radians().sin_cos();
    (sine, sine / cosine)
}

/// Area in m² between the equator and a latitude, for each radian of longitude: the integral of the ellipsoid's
/// element, as a series of which the next term is below the last digit.
fn zone(sine: f64) -> f64 {
    const TERMS: [f64; 7] = [1.0, 2.0 / 3.0, 3.0 / 5.0, 4.0 / 7.0, 5.0 / 9.0, 6.0 / 11.0, 7.0 / 13.0];
    let x = ECCENTRICITY_2 * sine * sine;
    SEMI_MINOR_2 * sine * TERMS.iter().rev().fold(0.0, |sum, term| sum * x + term)
}

/// Area in square units of the CRS (m² in a metric one) of feature `f`, with the rules of [`area_km2`].
pub fn planar_area_m2(shapes: &Shapes, f: usize) -> f64 {
    sum_of_rings(shapes, f, |ring| {
        // Relative to the first vertex: coordinates of 10⁷ m would cost half of the digits.
        let Some(origin) = ring.first() else { return 0.0 };
        let cross = |a: Coord<f64>, b: Coord<f64>| {
            (a.x - origin.x) * (b.y - origin.y) - (b.x - origin.x) * (a.y - origin.y)
        };
        (ring.windows(2).map(|e| cross(e[0], e[1])).sum::<f64>() / 2.0).abs()
    })
}

/// Adds up the rings of all polygons of a feature: those inside an even number of others count, others are taken off.
fn sum_of_rings(shapes: &Shapes, f: usize, area: impl Fn(&[Coord<f64>]) -> f64) -> f64 {
    let mut total = 0.0;
    for p in shapes.parts_of(f).filter(|p| shapes.parts[*p] == Part::Polygon) {
        let rings: Vec<&[Coord<f64>]> = shapes.rings_of(p).map(|r| shapes.ring(r)).collect();
        for (ring, is_hole) in rings.iter().zip(tell_holes(&rings)) {
            let size = area(ring);
            total += if is_hole { -size } else { size };
        }
    }
    total.max(0.0)
}

/// Whether each ring lies inside an odd number of the others.
///
/// The middle of each ring's first edge stands for it (in a valid polygon no other ring passes there), and a ray to
/// the west counts the edges of the other rings. Points are sorted by y, so that an edge looks only at those beside
/// it: (vertices + rings) · log(rings) for ordinary polygons.
fn tell_holes(rings: &[&[Coord<f64>]]) -> Vec<bool> {
    let mut is_hole = vec![false; rings.len()];
    if rings.len() < 2 {
        return is_hole;
    }
    let mut points: Vec<(Coord<f64>, usize)> = rings
        .iter()
        .enumerate()
        .filter(|(_, ring)| ring.len() >= 2)
        .map(|(r, ring)| {
            let (a, b) = (ring[0], ring[1]);
            (Coord { x: f64::midpoint(a.x, b.x), y: f64::midpoint(a.y, b.y) }, r)
        })
        .collect();
    points.sort_by(|a, b| a.0.y.total_cmp(&b.0.y));
    for (r, ring) in rings.iter().enumerate() {
        for edge in ring.windows(2) {
            let (low, high) = if edge[0].y <= edge[1].y { (edge[0], edge[1]) } else { (edge[1], edge[0]) };
            let first = points.partition_point(|(p, _)| p.y < low.y);
            for (p, of) in points[first..].iter().take_while(|(p, _)| p.y < high.y) {
                let is_west = (high.x - low.x) * (p.y - low.y) < (p.x - low.x) * (high.y - low.y);
                if is_west && *of != r {
                    is_hole[*of] = !is_hole[*of];
                }
            }
        }
    }
    is_hole
}

/// The ring in degrees, with long edges cut so that they follow their straight line in the source's CRS.
fn place_on_ellipsoid(ring: &[Coord<f64>], to_wgs84: &Transform) -> Vec<Coord<f64>> {
    let mut placed = Vec::with_capacity(ring.len());
    let mut before: Option<(Coord<f64>, Coord<f64>)> = None;
    for c in ring {
        let Some(degrees) = to_wgs84.apply(*c) else { continue };
        if let Some((from, from_degrees)) = before {
            let length = (degrees.x - from_degrees.x).abs().max((degrees.y - from_degrees.y).abs());
            let n_pieces = (length / MAX_PIECE_DEGREES).ceil().clamp(1.0, MAX_PIECES);
            for i in 1..n_pieces as u32 {
                let share = f64::from(i) / n_pieces;
                let between =
                    Coord { x: from.x + (c.x - from.x) * share, y: from.y + (c.y - from.y) * share };
                placed.extend(to_wgs84.apply(between));
            }
        }
        placed.push(degrees);
        before = Some((*c, degrees));
    }
    placed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        antimeridian::{self, tests::polygon},
        crs::Crs,
    };

    fn to_wgs84(code: &str) -> Transform {
        Transform::new(&Crs::from_code(code).unwrap(), &Crs::from_code("EPSG:4326").unwrap())
    }

    /// Of the WGS 84 ellipsoid, km².
    const EARTH_KM2: f64 = 510_065_621.724;

    #[test]
    fn a_square_kilometre_of_sweref_is_one_but_for_the_scale_of_the_projection() {
        let corner = (500_000.0, 7_000_000.0);
        let square = |d: f64| {
            let (x, y) = corner;
            vec![(x, y), (x + d, y), (x + d, y + d), (x, y + d)]
        };
        let shapes = polygon(&[&square(1000.0)]);
        assert_eq!(planar_area_m2(&shapes, 0), 1e6);
        // On the central meridian lengths are shrunk by 0.9996.
        let km2 = area_km2(&shapes, 0, &to_wgs84("EPSG:3006"));
        assert!((km2 - 1.0 / (0.9996 * 0.9996)).abs() < 1e-6, "{km2}");
    }

    #[test]
    fn holes_are_taken_off_and_islands_in_them_added_whatever_their_direction() {
        let ring = |d: f64, reverse: bool| {
            let mut ring = vec![(d, d), (10.0 - d, d), (10.0 - d, 10.0 - d), (d, 10.0 - d)];
            if reverse {
                ring.reverse();
            }
            ring
        };
        for bits in 0..8 {
            let rings = [ring(0.0, bits & 1 > 0), ring(2.0, bits & 2 > 0), ring(4.0, bits & 4 > 0)];
            let shapes = polygon(&[&rings[0], &rings[1], &rings[2]]);
            assert_eq!(planar_area_m2(&shapes, 0), 100.0 - 36.0 + 4.0);
        }
        let apart = polygon(&[&ring(0.0, false), &[(20.0, 0.0), (21.0, 0.0), (21.0, 1.0), (20.0, 1.0)]]);
        assert_eq!(planar_area_m2(&apart, 0), 101.0);
        let touching = polygon(&[&ring(0.0, false), &[(0.0, 0.0), (3.0, 1.0), (1.0, 3.0)]]);
        assert_eq!(planar_area_m2(&touching, 0), 96.0);
    }

    #[test]
    fn direction_does_not_turn_an_area_into_the_rest_of_the_earth() {
        let ring = [(14.0, 63.0), (21.0, 63.0), (21.0, 66.0), (14.0, 66.0)];
        let mut reversed = ring;
        reversed.reverse();
        let degrees = to_wgs84("EPSG:4326");
        let (a, b) =
            (area_km2(&polygon(&[&ring]), 0, &degrees), area_km2(&polygon(&[&reversed]), 0, &degrees));
        assert!((a - b).abs() < 1e-6 && a > 100_000.0 && a < 200_000.0, "{a} {b}");
    }

    #[test]
    fn rings_of_short_edges_have_the_area_that_karney_gives_them() {
        for (x, y, size) in [
            (16.2, 63.3, 1.0),
            (20.0, 64.0, 0.003),
            (-70.0, -33.0, 3.0),
            (100.0, 0.0, 0.1),
            (15.0, 78.0, 2.0),
        ] {
            let n = 400;
            let ring: Vec<Coord<f64>> = (0..=n)
                .map(|k| {
                    let turn = f64::from(k % n) / f64::from(n) * std::f64::consts::TAU;
                    let radius = size * (1.0 + 0.3 * (7.0 * turn).sin() + 0.1 * (40.0 * turn).cos());
                    Coord { x: x + radius * turn.cos(), y: y + 0.6 * radius * turn.sin() }
                })
                .collect();
            let karney = Polygon::new(LineString(ring.clone()), Vec::new()).geodesic_area_signed();
            let ours = area_of_short_edges_m2(&ring).unwrap();
            assert!((ours / karney - 1.0).abs() < 2e-9, "{x} {y}: {ours} instead of {karney}");
            let backwards: Vec<Coord<f64>> = ring.into_iter().rev().collect();
            assert!((area_of_short_edges_m2(&backwards).unwrap() / ours - 1.0).abs() < 1e-12);
        }
        let c = |x, y| Coord { x, y };
        assert_eq!(area_of_short_edges_m2(&[c(0.0, 50.0), c(1.0, 50.0), c(0.5, 51.0), c(0.0, 50.0)]), None);
        assert_eq!(area_of_short_edges_m2(&[c(0.0, 89.0), c(0.1, 89.0), c(0.1, 89.1), c(0.0, 89.0)]), None);
        assert_eq!(area_of_short_edges_m2(&[c(0.0, 50.0), c(0.1, 50.0), c(0.1, 50.1)]), None);
        assert_eq!(area_of_short_edges_m2(&[]), None);
    }

    #[test]
    fn a_belt_follows_its_parallels_and_two_halves_make_the_earth() {
        let degrees = to_wgs84("EPSG:4326");
        let half = |south: f64, north: f64| {
            let shapes = polygon(&[&[(-180.0, south), (180.0, south), (180.0, north), (-180.0, north)]]);
            area_km2(&shapes, 0, &degrees)
        };
        let whole = half(-90.0, 0.0) + half(0.0, 90.0);
        assert!((whole / EARTH_KM2 - 1.0).abs() < 1e-5, "{whole}");
        // The zone between the equator and 30° N holds 24.9 % of the ellipsoid.
        assert!((half(0.0, 30.0) / EARTH_KM2 - 0.2490).abs() < 5e-4, "{}", half(0.0, 30.0) / EARTH_KM2);
    }

    #[test]
    fn a_box_across_the_antimeridian_is_as_large_as_its_like_elsewhere() {
        let degrees = to_wgs84("EPSG:4326");
        let mut across = polygon(&[&[(170.0, 40.0), (-170.0, 40.0), (-170.0, 50.0), (170.0, 50.0)]]);
        antimeridian::unwrap(&mut across);
        let elsewhere = polygon(&[&[(0.0, 40.0), (20.0, 40.0), (20.0, 50.0), (0.0, 50.0)]]);
        let (a, b) = (area_km2(&across, 0, &degrees), area_km2(&elsewhere, 0, &degrees));
        assert!((a - b).abs() < 1e-3, "{a} {b}");
    }

    #[test]
    fn points_lines_and_empty_geometries_have_no_area() {
        let mut shapes = Shapes::default();
        shapes.push_point(1.0, 2.0);
        shapes.end_feature();
        shapes.begin_part(Part::Line);
        shapes.push_ring([(0.0, 0.0), (1.0, 0.0), (1.0, 1.0)]);
        shapes.end_part();
        shapes.end_feature();
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([]);
        shapes.push_ring([(0.0, 0.0)]);
        shapes.end_part();
        shapes.end_feature();
        for f in 0..shapes.n_features() {
            assert_eq!(planar_area_m2(&shapes, f), 0.0);
            assert_eq!(area_km2(&shapes, f, &to_wgs84("EPSG:4326")), 0.0);
        }
    }
}
