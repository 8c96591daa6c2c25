//! The plane the map is drawn in: the analysis CRS, laid around the middle of the tiles' world.
//!
//! Tiles divide a square of the length of the equator. Near its middle a metre is a metre in every direction (within
//! 0.5 % up to 600 km away), so the areas laid there keep shapes, sizes and the scale bar true. What the map library
//! takes for degrees has no meaning.

use std::f64::consts::PI;
use whitespot_model::{
    coverage_map::{CoverageGroup, CoverageMap},
    result::MapShapes,
};

/// Length of the equator that the tiles' world stands for, metres.
const WORLD_M: f64 = 40_075_016.685_578_49;

/// The areas in the plane.
pub(crate) struct Plane {
    /// Metres of the analysis CRS at the middle of the plane.
    middle_m: [f64; 2],
    areas: Outlines,
    anchors: Vec<Option<[f64; 2]>>,
    bounds: [f64; 4],
}

/// What is drawn as polygons, or as chains and points, in the plane.
#[derive(Default)]
pub(crate) struct Outlines {
    items: Vec<Outline>,
}

struct Outline {
    /// Rings in the plane: 0–1 east and south.
    rings: Vec<Vec<[f64; 2]>>,
    /// Least and largest x and y.
    bounds: [f64; 4],
}

impl Outlines {
    fn of<'a>(
        plane: &Plane,
        origin_m: [f64; 2],
        step_m: f64,
        items: impl Iterator<Item = &'a Vec<Vec<[i32; 2]>>>,
    ) -> Outlines {
        let at = |p: &[i32; 2]| {
            plane.of_metres([origin_m[0] + f64::from(p[0]) * step_m, origin_m[1] + f64::from(p[1]) * step_m])
        };
        let outline = |rings: &Vec<Vec<[i32; 2]>>| {
            let rings: Vec<Vec<[f64; 2]>> = rings.iter().map(|r| r.iter().map(at).collect()).collect();
            Outline { bounds: bounds_of(rings.iter().flatten()), rings }
        };
        Outlines { items: items.map(outline).collect() }
    }

    /// Indices of those whose box meets one.
    pub(crate) fn within(&self, wanted: &[f64; 4]) -> impl Iterator<Item = usize> + '_ {
        let [x0, y0, x1, y1] = *wanted;
        let meets = move |b: &[f64; 4]| b[0] <= x1 && b[2] >= x0 && b[1] <= y1 && b[3] >= y0;
        self.items.iter().enumerate().filter(move |(_, a)| meets(&a.bounds)).map(|(i, _)| i)
    }

    /// Rings of one in the plane.
    pub(crate) fn rings(&self, i: usize) -> impl Iterator<Item = &Vec<[f64; 2]>> {
        self.items[i].rings.iter()
    }
}

impl Plane {
    /// Lays the outlines out.
    pub(crate) fn of(map: &MapShapes) -> Plane {
        let size = map.size.map(|s| f64::from(s) * map.step_m);
        let middle_m = [map.origin_m[0] + size[0] / 2.0, map.origin_m[1] + size[1] / 2.0];
        let (areas, anchors) = (Outlines::default(), Vec::new());
        let mut plane = Plane { middle_m, areas, anchors, bounds: [0.5; 4] };
        plane.areas = plane.outlines(map);
        plane.anchors = plane.areas.items.iter().map(|a| anchor_of(&a.rings)).collect();
        plane.bounds = bounds_of(plane.areas.items.iter().flat_map(|a| a.rings.iter().flatten()));
        plane
    }

    /// The areas' outlines.
    pub(crate) fn areas(&self) -> &Outlines {
        &self.areas
    }

    /// Lays other outlines of the same CRS out.
    pub(crate) fn outlines(&self, map: &MapShapes) -> Outlines {
        Outlines::of(self, map.origin_m, map.step_m, map.areas.iter())
    }

    /// Lays coverage out: group by group its parts, in their order.
    pub(crate) fn coverage(&self, map: &CoverageMap) -> Vec<Outlines> {
        let of = |group: &CoverageGroup| {
            Outlines::of(self, map.origin_m, map.step_m, group.parts.iter().map(|p| &p.rings))
        };
        map.groups.iter().map(of).collect()
    }

    /// Where a point of the analysis CRS is in the plane.
    pub(crate) fn of_metres(&self, [x, y]: [f64; 2]) -> [f64; 2] {
        [0.5 + (x - self.middle_m[0]) / WORLD_M, 0.5 - (y - self.middle_m[1]) / WORLD_M]
    }

    /// West, south, east, north in metres of a box of the plane.
    pub(crate) fn metres(&self, [x0, y0, x1, y1]: &[f64; 4]) -> [f64; 4] {
        let x = |x: f64| (x - 0.5) * WORLD_M + self.middle_m[0];
        let y = |y: f64| (0.5 - y) * WORLD_M + self.middle_m[1];
        [x(*x0), y(*y1), x(*x1), y(*y0)]
    }

    /// A point inside an area, in the map library's degrees; none without an outline.
    pub(crate) fn anchor(&self, area: usize) -> Option<[f64; 2]> {
        self.anchors.get(area)?.map(degrees)
    }

    /// West, south, east, north of everything in the map library's degrees.
    pub(crate) fn bounds(&self) -> [f64; 4] {
        let [west, north] = degrees([self.bounds[0], self.bounds[1]]);
        let [east, south] = degrees([self.bounds[2], self.bounds[3]]);
        [west, south, east, north]
    }
}

/// What the map library calls a point of the plane: the inverse of its own projection.
fn degrees([x, y]: [f64; 2]) -> [f64; 2] {
    [x * 360.0 - 180.0, (PI * (1.0 - 2.0 * y)).sinh().atan().to_degrees()]
}

fn bounds_of<'a>(points: impl Iterator<Item = &'a [f64; 2]>) -> [f64; 4] {
    points.fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, p| {
        [b[0].min(p[0]), b[1].min(p[1]), b[2].max(p[0]), b[3].max(p[1])]
    })
}

/// A point inside: the middle of the widest stretch on one of some heights (even-odd).
fn anchor_of(rings: &[Vec<[f64; 2]>]) -> Option<[f64; 2]> {
    let [_, y0, _, y1] = bounds_of(rings.iter().flatten());
    let mut best: Option<(f64, [f64; 2])> = None;
    for k in 1..16 {
        let y = y0 + (y1 - y0) * f64::from(k) / 16.0;
        let mut crossings: Vec<f64> = Vec::new();
        for ring in rings {
            for (a, b) in ring.iter().zip(ring.iter().cycle().skip(1)) {
                if (a[1] <= y) != (b[1] <= y) {
                    crossings.push(a[0] + (y - a[1]) / (b[1] - a[1]) * (b[0] - a[0]));
                }
            }
        }
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            // The middle heights are preferred between equal widths.
            let width = (pair[1] - pair[0]) * (1.0 - 0.02 * (8.0 - f64::from(k)).abs());
            if best.is_none_or(|(widest, _)| width > widest) {
                best = Some((width, [(pair[0] + pair[1]) / 2.0, y]));
            }
        }
    }
    best.map(|(_, at)| at).or_else(|| rings.iter().flatten().next().copied())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metres_come_back_and_the_middle_is_where_nothing_is_stretched() {
        let map = MapShapes {
            origin_m: [600_000.0, 7_000_000.0],
            step_m: 100.0,
            size: [2_000, 4_000],
            areas: vec![vec![vec![[0, 0], [2_000, 0], [2_000, 4_000], [0, 4_000]]]],
        };
        let plane = Plane::of(&map);
        assert_eq!(plane.of_metres([700_000.0, 7_200_000.0]), [0.5, 0.5]);
        let at = plane.of_metres([612_345.0, 7_054_321.0]);
        let back = plane.metres(&[at[0], at[1], at[0], at[1]]);
        assert!((back[0] - 612_345.0).abs() < 1e-4 && (back[1] - 7_054_321.0).abs() < 1e-4);
        let [west, south, east, north] = plane.bounds();
        assert!((west + east).abs() < 1e-9 && (south + north).abs() < 1e-9);
        // 400 km of northing in degrees of the library, near the middle.
        assert!((north - south - 400_000.0 / WORLD_M * 360.0).abs() < 0.002);
        assert_eq!(plane.areas().within(&[0.49, 0.49, 0.51, 0.51]).collect::<Vec<_>>(), [0]);
        assert_eq!(plane.areas().within(&[0.6, 0.6, 0.7, 0.7]).count(), 0);
    }

    #[test]
    fn the_anchor_lies_inside_and_not_in_a_hole() {
        let square = vec![[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
        let hole = vec![[0.2, 0.1], [0.9, 0.1], [0.9, 0.9], [0.2, 0.9]];
        let [x, y] = anchor_of(&[square, hole]).unwrap();
        assert!(x < 0.2 || !(0.1..0.9).contains(&y), "{x} {y}");
    }
}
