//! Areas that overlap.

use crate::crs::{Crs, Transform};
use geo::{Area, BooleanOps, InteriorPoint, MultiPolygon};
use geo_types::{Coord, LineString, Polygon};
use rstar::primitives::{GeomWithData, Rectangle};
use rstar::{AABB, RTree};
use whitespot_model::area::Areas;
use whitespot_model::shapes::{Part, Shapes};

/// Overlaps up to this width are drawing accuracy of differently noded neighbours.
const HAIRLINE_M: f64 = 0.01;

/// Two areas that share more than a border.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Overlap {
    /// The area with the lower code.
    pub a: u32,
    /// The other.
    pub b: u32,
    /// What they share, in m² of the analysis CRS.
    pub area_m2: f64,
    /// Its mean width in metres: twice the area by the perimeter.
    pub width_m: f64,
    /// A point in it, in the analysis CRS.
    pub at: Coord<f64>,
}

/// The pairs of areas that overlap by more than 1 cm in width, ordered by their codes.
///
/// `crs` is that of the areas' shapes, `analysis` the metric CRS that widths are told in.
pub fn find_overlaps(areas: &Areas, crs: &Crs, analysis: &Crs) -> Vec<Overlap> {
    let to_analysis = Transform::new(crs, analysis);
    let polygons: Vec<MultiPolygon<f64>> =
        (0..areas.shapes.n_features()).map(|f| in_analysis(&areas.shapes, f, &to_analysis)).collect();
    let boxes = polygons.iter().zip(0_u32..).filter_map(|(p, i)| {
        let r = geo::BoundingRect::bounding_rect(p)?;
        let corners = Rectangle::from_corners([r.min().x, r.min().y], [r.max().x, r.max().y]);
        Some(GeomWithData::new(corners, i))
    });
    let tree = RTree::bulk_load(boxes.collect());
    let mut overlaps = Vec::new();
    for a in &tree {
        let near = AABB::from_corners(a.geom().lower(), a.geom().upper());
        for b in tree.locate_in_envelope_intersecting(&near).filter(|b| b.data > a.data) {
            overlaps.extend(overlap(&polygons, a.data, b.data));
        }
    }
    overlaps.sort_by_key(|o| (o.a, o.b));
    overlaps
}

fn overlap(polygons: &[MultiPolygon<f64>], a: u32, b: u32) -> Option<Overlap> {
    let shared = polygons[a as usize].intersection(&polygons[b as usize]);
    let widest = shared
        .0
        .iter()
        .map(|p| (2.0 * p.unsigned_area() / perimeter(p), p))
        .max_by(|x, y| x.0.total_cmp(&y.0))
        .filter(|(width, _)| *width > HAIRLINE_M)?;
    let at = widest.1.interior_point()?.0;
    Some(Overlap { a, b, area_m2: shared.unsigned_area(), width_m: widest.0, at })
}

fn perimeter(p: &Polygon<f64>) -> f64 {
    let length =
        |r: &LineString<f64>| r.lines().map(|l| (l.dx() * l.dx() + l.dy() * l.dy()).sqrt()).sum::<f64>();
    length(p.exterior()) + p.interiors().iter().map(length).sum::<f64>()
}

fn in_analysis(shapes: &Shapes, f: usize, to_analysis: &Transform) -> MultiPolygon<f64> {
    let ring = |r: usize| {
        let mut coords = Vec::new();
        to_analysis.apply_slice(shapes.ring(r), &mut coords);
        coords.retain(|c| c.x.is_finite() && c.y.is_finite());
        LineString(coords)
    };
    let polygons = shapes.parts_of(f).filter(|p| shapes.parts[*p] == Part::Polygon).filter_map(|p| {
        let mut rings = shapes.rings_of(p).map(ring);
        Some(Polygon::new(rings.next()?, rings.collect()))
    });
    MultiPolygon(polygons.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_testkit::scene::{SCENE_CRS, Scene};

    fn overlaps(scene: &Scene) -> Vec<(u32, u32)> {
        let crs = Crs::from_code(SCENE_CRS).unwrap();
        find_overlaps(&scene.areas, &crs, &crs).iter().map(|o| (o.a, o.b)).collect()
    }

    #[test]
    fn neighbours_and_hairline_overlaps_are_no_overlap() {
        let scene = Scene::new().area("01", 0.0..10.0, 0.0..10.0).area("02", 10.0..20.0, 0.0..10.0).area(
            "03",
            19.995..30.0,
            0.0..10.0,
        );
        assert_eq!(overlaps(&scene), []);
    }

    #[test]
    fn areas_that_overlap_by_more_than_a_centimetre_are_named() {
        let scene = Scene::new()
            .area("01", 0.0..10.0, 0.0..10.0)
            .area("02", 9.9..20.0, 0.0..10.0)
            .area("03", 2.0..3.0, 2.0..3.0)
            .area("04", 2.0..3.0, 2.0..3.0);
        assert_eq!(overlaps(&scene), [(0, 1), (0, 2), (0, 3), (2, 3)]);
    }
}
