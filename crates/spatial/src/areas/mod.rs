//! Areas that overlap.

mod candidates;

use crate::crs::{Crs, Transform};
use geo::{Area, BooleanOps, InteriorPoint, MultiPolygon};
use geo_types::{Coord, LineString, Polygon};
use rayon::prelude::*;
use std::collections::BTreeMap;
use whitespot_model::area::Areas;
use whitespot_model::shapes::{Part, Shapes};

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
/// Only pairs that seem to overlap are intersected, so areas that share their borders cost about as much as
/// their index. `crs` is that of the areas' shapes, `analysis` the metric CRS that widths are told in.
pub fn find_overlaps(areas: &Areas, crs: &Crs, analysis: &Crs) -> Vec<Overlap> {
    let to_analysis = Transform::new(crs, analysis);
    let pairs = candidates::find(&areas.shapes, &to_analysis);
    let mut concerned: Vec<u32> = pairs.iter().flat_map(|p| [p.0, p.1]).collect();
    concerned.sort_unstable();
    concerned.dedup();
    let polygons: BTreeMap<u32, MultiPolygon<f64>> = concerned
        .into_par_iter()
        .map(|f| (f, in_analysis(&areas.shapes, f as usize, &to_analysis)))
        .collect();
    pairs.par_iter().filter_map(|(a, b)| overlap(&polygons, *a, *b)).collect()
}

fn overlap(polygons: &BTreeMap<u32, MultiPolygon<f64>>, a: u32, b: u32) -> Option<Overlap> {
    let shared = polygons.get(&a)?.intersection(polygons.get(&b)?);
    let widest = shared
        .0
        .iter()
        .map(|p| (2.0 * p.unsigned_area() / perimeter(p), p))
        .max_by(|x, y| x.0.total_cmp(&y.0))
        .filter(|(width, _)| *width > crate::join::HAIRLINE_M)?;
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
    #[test]
    fn a_cross_an_enclave_and_a_hole_are_told_apart() {
        let hole: &[(f64, f64)] = &[(40.0, 40.0), (60.0, 40.0), (60.0, 60.0), (40.0, 60.0), (40.0, 40.0)];
        let shell: &[(f64, f64)] = &[(30.0, 30.0), (70.0, 30.0), (70.0, 70.0), (30.0, 70.0), (30.0, 30.0)];
        let scene = Scene::new()
            .area("01", 0.0..100.0, 10.0..20.0)
            .area("02", 10.0..20.0, 0.0..100.0) // crosses 01 without a vertex in it
            .polygon_area("03", &[shell, hole])
            .polygon_area("04", &[hole]); // fills the hole of 03
        assert_eq!(overlaps(&scene), [(0, 1)]);
    }

    #[test]
    fn the_overlap_tells_its_size_and_place() {
        let scene = Scene::new().area("01", 0.0..10.0, 0.0..10.0).area("02", 9.0..20.0, 0.0..10.0);
        let crs = Crs::from_code(SCENE_CRS).unwrap();
        let found = find_overlaps(&scene.areas, &crs, &crs);
        assert!((found[0].area_m2 - 10.0).abs() < 1e-6, "{found:?}");
        assert!((found[0].width_m - 20.0 / 22.0).abs() < 1e-6, "{found:?}");
        assert!((9.0..=10.0).contains(&found[0].at.x), "{found:?}");
    }

    #[test]
    fn a_region_of_areas_without_gaps_has_no_overlaps() {
        use whitespot_testkit::region::{Frame, Region, Size};
        let region = Region::new(Size::TINY, Frame::Metres, 5);
        let crs = Crs::from_code(SCENE_CRS).unwrap();
        assert_eq!(find_overlaps(&region.areas, &crs, &crs), []);
    }
}
