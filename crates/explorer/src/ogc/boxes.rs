//! Bounding boxes: as they are asked for, and which shapes meet them.

use super::{problem::Problem, systems::System};
use geo_types::Coord;
use whitespot_model::shapes::{Part, Shapes};

/// One or, across the antimeridian, two boxes: west, south, east, north in their system.
pub(super) type Boxes = Vec<[f64; 4]>;

/// Reads `bbox`: four numbers, or six with heights, which flat shapes have nothing to do with; in the order of the
/// system's axes.
///
/// # Errors
/// Where they are no such numbers, or the lower corner is above the upper one.
pub(super) fn parse(text: &str, system: &System) -> Result<Boxes, Problem> {
    let wrong = |why: &str| Problem::parameter(format!("`bbox={text}`: {why}"));
    let numbers: Option<Vec<f64>> =
        text.split(',').map(|n| n.trim().parse().ok().filter(|n: &f64| n.is_finite())).collect();
    let (a, b, c, d) = match numbers.as_deref() {
        Some(&[a, b, c, d] | &[a, b, _, c, d, _]) => (a, b, c, d),
        _ => return Err(wrong("four or six numbers are wanted, with commas between them")),
    };
    let [west, south, east, north] = if system.is_northing_first { [b, a, d, c] } else { [a, b, c, d] };
    if south > north {
        return Err(wrong("the lower corner is above the upper one"));
    }
    let is_geographic = system.crs.is_geographic();
    if is_geographic && !(west.abs() <= 180.0 && east.abs() <= 180.0 && south >= -90.0 && north <= 90.0) {
        return Err(wrong("degrees lie between -180 and 180, and -90 and 90"));
    }
    match (west <= east, is_geographic) {
        (true, _) => Ok(vec![[west, south, east, north]]),
        (false, true) => Ok(vec![[west, south, 180.0, north], [-180.0, south, east, north]]),
        (false, false) => Err(wrong("the first corner is east of the second one")),
    }
}

/// Whether feature `f` has a point in common with the box, edges included; one without a shape meets every box
/// (requirement `fc-bbox-response`).
pub(super) fn meets(shapes: &Shapes, f: usize, sides: &[f64; 4]) -> bool {
    let [west, south, east, north] = *sides;
    let Some((lo, hi)) = shapes.bounds_of(f) else { return shapes.parts_of(f).is_empty() };
    if lo.x > east || hi.x < west || lo.y > north || hi.y < south {
        return false;
    }
    if lo.x >= west && hi.x <= east && lo.y >= south && hi.y <= north {
        return true;
    }
    shapes.parts_of(f).any(|part| {
        let mut rings = shapes.rings_of(part).map(|r| shapes.ring(r));
        match shapes.parts[part] {
            Part::Point => rings.any(|r| r.iter().any(|c| is_in(*c, sides))),
            Part::Line => rings.any(|r| r.windows(2).any(|e| crosses(e[0], e[1], sides))),
            Part::Polygon => {
                rings.clone().any(|r| r.windows(2).any(|e| crosses(e[0], e[1], sides)))
                    || is_inside(&mut rings, Coord { x: west, y: south })
            }
        }
    })
}

fn is_in(c: Coord<f64>, [west, south, east, north]: &[f64; 4]) -> bool {
    c.x >= *west && c.x <= *east && c.y >= *south && c.y <= *north
}

/// Whether a piece of the segment lies in the box (Liang and Barsky).
fn crosses(a: Coord<f64>, b: Coord<f64>, [west, south, east, north]: &[f64; 4]) -> bool {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (mut first, mut last) = (0.0_f64, 1.0_f64);
    for (step, room) in [(-dx, a.x - west), (dx, east - a.x), (-dy, a.y - south), (dy, north - a.y)] {
        if step == 0.0 {
            if room < 0.0 {
                return false;
            }
        } else if step < 0.0 {
            first = first.max(room / step);
        } else {
            last = last.min(room / step);
        }
    }
    first <= last
}

/// Even-odd over all rings of a polygon; the box has no edge on it when this is asked.
fn is_inside<'a>(rings: &mut impl Iterator<Item = &'a [Coord<f64>]>, p: Coord<f64>) -> bool {
    let mut is_odd = false;
    for e in rings.flat_map(|ring| ring.windows(2)) {
        let (a, b) = (e[0], e[1]);
        if (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x) {
            is_odd = !is_odd;
        }
    }
    is_odd
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A square ring with a square hole: 0–10 without 2–8.
    fn frame() -> Shapes {
        let mut shapes = Shapes::default();
        shapes.begin_part(Part::Polygon);
        for (lo, hi) in [(0.0, 10.0), (2.0, 8.0)] {
            shapes.push_ring([(lo, lo), (hi, lo), (hi, hi), (lo, hi), (lo, lo)]);
        }
        shapes.end_part();
        shapes.end_feature();
        shapes
    }

    #[test]
    fn a_box_meets_a_shape_by_its_area_and_its_edge_and_not_by_its_hole() {
        let shapes = frame();
        for (sides, is_met) in [
            ([0.5, 0.5, 1.0, 1.0], true),     // within
            ([-9.0, -9.0, 99.0, 99.0], true), // around
            ([10.0, 3.0, 12.0, 4.0], true),   // on the edge
            ([3.0, 3.0, 7.0, 7.0], false),    // in the hole
            ([3.0, 3.0, 9.0, 7.0], true),     // out of the hole
            ([10.1, 3.0, 12.0, 4.0], false),
        ] {
            assert_eq!(meets(&shapes, 0, &sides), is_met, "{sides:?}");
        }
    }

    #[test]
    fn a_line_past_a_corner_of_the_box_does_not_meet_it_though_its_own_box_does() {
        let mut shapes = Shapes::default();
        shapes.begin_part(Part::Line);
        shapes.push_ring([(0.0, 0.0), (10.0, 10.0)]);
        shapes.end_part();
        shapes.end_feature();
        assert!(!meets(&shapes, 0, &[6.0, 1.0, 9.0, 4.0]));
        assert!(meets(&shapes, 0, &[6.0, 1.0, 9.0, 6.0]));
    }
}
