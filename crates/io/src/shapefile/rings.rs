//! Which rings of a shapefile's polygon belong together: the format lists them flat.

use geo_types::Coord;
use whitespot_model::shapes::{Part, Shapes};

/// Adds closed rings as polygons. Clockwise rings are shells, the others holes of the smallest shell around
/// them; a hole that no shell holds is a shell wound the wrong way. Where no ring is clockwise all become one
/// part, whose inside even-odd counting tells.
pub(super) fn push_polygons(rings: &[Vec<Coord<f64>>], shapes: &mut Shapes) {
    if rings.is_empty() {
        return;
    }
    let areas: Vec<f64> = rings.iter().map(|r| signed_area(r)).collect();
    let is_shell = |i: usize| areas[i] < 0.0;
    let shells: Vec<usize> = (0..rings.len()).filter(|&i| is_shell(i)).collect();
    if shells.len() <= 1 && (shells.is_empty() || is_shell(0)) {
        return push_part(rings.iter(), shapes);
    }
    let boxes: Vec<[f64; 4]> = rings.iter().map(|r| bounds(r)).collect();
    let mut holes_of: Vec<Vec<usize>> = vec![Vec::new(); rings.len()];
    let mut is_hole = vec![false; rings.len()];
    for hole in (0..rings.len()).filter(|&i| !is_shell(i)) {
        let probe = middle_of_first_edge(&rings[hole]);
        let around = shells.iter().copied().filter(|&s| holds_box(boxes[s], boxes[hole]));
        let around = around.filter(|&s| holds_point(&rings[s], probe));
        if let Some(shell) = around.min_by(|&a, &b| areas[b].total_cmp(&areas[a]).then(a.cmp(&b))) {
            holes_of[shell].push(hole);
            is_hole[hole] = true;
        }
    }
    for i in (0..rings.len()).filter(|&i| !is_hole[i]) {
        push_part(std::iter::once(&rings[i]).chain(holes_of[i].iter().map(|&h| &rings[h])), shapes);
    }
}

fn push_part<'a>(rings: impl Iterator<Item = &'a Vec<Coord<f64>>>, shapes: &mut Shapes) {
    shapes.begin_part(Part::Polygon);
    for ring in rings {
        shapes.push_ring(ring.iter().map(|c| (c.x, c.y)));
    }
    shapes.end_part();
}

/// Positive for a counter-clockwise ring; about the first coordinate, to lose no digits.
fn signed_area(ring: &[Coord<f64>]) -> f64 {
    let Some(&o) = ring.first() else { return 0.0 };
    ring.windows(2).map(|e| (e[0].x - o.x) * (e[1].y - o.y) - (e[1].x - o.x) * (e[0].y - o.y)).sum::<f64>()
        / 2.0
}

fn bounds(ring: &[Coord<f64>]) -> [f64; 4] {
    ring.iter().fold([f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY], |b, c| {
        [b[0].min(c.x), b[1].min(c.y), b[2].max(c.x), b[3].max(c.y)]
    })
}

fn holds_box(outer: [f64; 4], inner: [f64; 4]) -> bool {
    outer[0] <= inner[0] && outer[1] <= inner[1] && outer[2] >= inner[2] && outer[3] >= inner[3]
}

/// A hole may touch its shell in vertices, hardly along an edge.
fn middle_of_first_edge(ring: &[Coord<f64>]) -> Coord<f64> {
    let (a, b) = (ring[0], ring[ring.len().min(2) - 1]);
    Coord { x: (a.x + b.x) / 2.0, y: (a.y + b.y) / 2.0 }
}

fn holds_point(ring: &[Coord<f64>], p: Coord<f64>) -> bool {
    let crossings = ring.windows(2).filter(|e| {
        let (a, b) = (e[0], e[1]);
        (a.y > p.y) != (b.y > p.y) && p.x < a.x + (p.y - a.y) / (b.y - a.y) * (b.x - a.x)
    });
    crossings.count() % 2 == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn square(x: f64, size: f64, is_clockwise: bool) -> Vec<Coord<f64>> {
        let mut ring: Vec<_> = [(x, x), (x + size, x), (x + size, x + size), (x, x + size), (x, x)]
            .map(|(x, y)| Coord { x, y })
            .to_vec();
        if is_clockwise {
            ring.reverse();
        }
        ring
    }

    fn rings_per_part(rings: &[Vec<Coord<f64>>]) -> Vec<usize> {
        let mut shapes = Shapes::default();
        push_polygons(rings, &mut shapes);
        shapes.end_feature();
        (0..shapes.n_parts()).map(|p| shapes.rings_of(p).len()).collect()
    }

    #[test]
    fn holes_go_to_the_smallest_shell_around_them() {
        // A lake with an island with a pond, and a far shell.
        let rings = vec![
            square(4.0, 1.0, false),  // pond
            square(0.0, 10.0, true),  // land
            square(1.0, 8.0, false),  // lake
            square(3.0, 4.0, true),   // island
            square(50.0, 5.0, true),  // far
            square(90.0, 5.0, false), // wound the wrong way
        ];
        assert_eq!(rings_per_part(&rings), [2, 2, 1, 1]);
    }

    #[test]
    fn rings_that_are_all_wound_the_wrong_way_stay_together() {
        assert_eq!(rings_per_part(&[square(0.0, 9.0, false), square(1.0, 2.0, false)]), [2]);
    }
}
