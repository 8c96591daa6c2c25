//! Areas made one: the outline of a parent from those of its areas.

use geo::{LineString, Orient, Polygon, algorithm::unary_union, orient::Direction};
use rayon::prelude::*;
use whitespot_model::shapes::{Part, Shapes};

/// The union of the polygons of each group, in the order of the groups; feature `f` belongs to `group_of[f]`, or to
/// none. Borders within a group vanish, holes that nothing fills stay.
///
/// For maps, not for counting: vertices move by up to a billionth of the extent (a millimetre for a country). Points
/// and lines are left out; a group without polygons is an empty feature. Cost grows with the number of vertices times
/// its logarithm.
pub fn dissolve(shapes: &Shapes, group_of: &[Option<u32>], n_groups: usize) -> Shapes {
    let mut groups: Vec<Vec<Polygon<f64>>> = vec![Vec::new(); n_groups];
    for (f, group) in group_of.iter().enumerate().take(shapes.n_features()) {
        let Some(polygons) = group.and_then(|g| groups.get_mut(g as usize)) else { continue };
        for p in shapes.parts_of(f).filter(|&p| shapes.parts[p] == Part::Polygon) {
            let mut rings = shapes.rings_of(p).map(|r| LineString(shapes.ring(r).to_vec()));
            if let Some(shell) = rings.next() {
                polygons.push(Polygon::new(shell, rings.collect()).orient(Direction::Default));
            }
        }
    }
    let unions: Vec<_> = groups.par_iter().map(unary_union).collect();
    let mut dissolved = Shapes::default();
    for union in unions {
        for polygon in union {
            dissolved.begin_part(Part::Polygon);
            for ring in std::iter::once(polygon.exterior()).chain(polygon.interiors()) {
                dissolved.push_ring(ring.coords().map(|c| (c.x, c.y)));
            }
            dissolved.end_part();
        }
        dissolved.end_feature();
    }
    dissolved
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geodesic::planar_area_m2;

    fn square(shapes: &mut Shapes, x: f64, y: f64, is_clockwise: bool) {
        let mut ring = vec![(x, y), (x + 10.0, y), (x + 10.0, y + 10.0), (x, y + 10.0), (x, y)];
        if is_clockwise {
            ring.reverse();
        }
        shapes.begin_part(Part::Polygon);
        shapes.push_ring(ring);
        shapes.end_part();
        shapes.end_feature();
    }

    #[test]
    fn borders_within_a_parent_vanish_however_its_areas_are_wound() {
        let mut shapes = Shapes::default();
        square(&mut shapes, 700_000.0, 7_100_000.0, false);
        square(&mut shapes, 700_010.0, 7_100_000.0, true);
        square(&mut shapes, 700_040.0, 7_100_000.0, false);
        square(&mut shapes, 700_060.0, 7_100_000.0, false);
        let parents = dissolve(&shapes, &[Some(1), Some(1), Some(1), None], 3);
        assert_eq!(parents.n_features(), 3);
        assert_eq!(
            (parents.parts_of(0).len(), parents.parts_of(1).len(), parents.parts_of(2).len()),
            (0, 2, 0)
        );
        assert!((planar_area_m2(&parents, 1) - 300.0).abs() < 0.01);
    }

    #[test]
    fn a_hole_that_nothing_fills_stays() {
        let mut shapes = Shapes::default();
        for (x, y) in [(0, 0), (1, 0), (2, 0), (0, 1), (2, 1), (0, 2), (1, 2), (2, 2)] {
            square(&mut shapes, f64::from(x) * 10.0, f64::from(y) * 10.0, x == 1);
        }
        let parent = dissolve(&shapes, &[Some(0); 8], 1);
        assert_eq!(parent.parts_of(0).len(), 1);
        assert_eq!(parent.rings_of(0).len(), 2);
        assert!((planar_area_m2(&parent, 0) - 800.0).abs() < 0.01);
    }
}
