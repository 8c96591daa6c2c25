//! The obvious, slow answers: every point against every edge, with geo's exact predicates and no index.

use geo::algorithm::kernels::{Kernel, Orientation, RobustKernel};
use geo::{Coord, Intersects, Line};
use whitespot_model::area::OUTSIDE;
use whitespot_model::shapes::{Part, Shapes};

/// Where a point lies with regard to a polygon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Position {
    /// Strictly inside.
    Inside,
    /// Exactly on an edge of any ring.
    OnEdge,
    /// Strictly outside, or in a hole.
    Outside,
}

/// Where `p` lies with regard to polygon part `part`: even-odd over all rings, exact.
pub fn position(shapes: &Shapes, part: usize, p: Coord<f64>) -> Position {
    let mut inside = false;
    for r in shapes.rings_of(part) {
        for w in shapes.ring(r).windows(2) {
            let (a, b) = (w[0], w[1]);
            if Line::new(a, b).intersects(&p) {
                return Position::OnEdge;
            }
            if (a.y <= p.y) != (b.y <= p.y) {
                let (down, up) = if a.y < b.y { (a, b) } else { (b, a) };
                inside ^= RobustKernel::orient2d(down, up, p) == Orientation::Clockwise;
            }
        }
    }
    if inside { Position::Inside } else { Position::Outside }
}

/// Which features cover `p`: those with a polygon that has it inside or on its edge.
pub fn covered(shapes: &Shapes, p: Coord<f64>) -> Vec<bool> {
    (0..shapes.n_features()).map(|f| covers(shapes, f, p)).collect()
}

/// Whether feature `f` covers `p`.
pub fn covers(shapes: &Shapes, f: usize, p: Coord<f64>) -> bool {
    shapes
        .parts_of(f)
        .any(|part| shapes.parts[part] == Part::Polygon && position(shapes, part, p) != Position::Outside)
}

/// Whether `p` lies exactly on an edge of a polygon of feature `f`.
pub fn is_on_edge(shapes: &Shapes, f: usize, p: Coord<f64>) -> bool {
    shapes
        .parts_of(f)
        .any(|part| shapes.parts[part] == Part::Polygon && position(shapes, part, p) == Position::OnEdge)
}

/// The lowest feature that covers `p`, or [`OUTSIDE`].
pub fn area(shapes: &Shapes, p: Coord<f64>) -> u32 {
    (0..shapes.n_features()).find(|f| covers(shapes, *f, p)).map_or(OUTSIDE, |f| f as u32)
}

/// Polygon part `part` as geo knows it.
pub fn to_geo(shapes: &Shapes, part: usize) -> geo::Polygon<f64> {
    let mut rings = shapes.rings_of(part).map(|r| geo::LineString(shapes.ring(r).to_vec()));
    let shell = rings.next().unwrap_or_else(|| geo::LineString(Vec::new()));
    geo::Polygon::new(shell, rings.collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo::coordinate_position::{CoordPos, CoordinatePosition};

    #[test]
    fn the_reference_agrees_with_geo_on_a_valid_polygon_with_a_hole() {
        let mut s = Shapes::default();
        s.begin_part(Part::Polygon);
        s.push_ring([(0.0, 0.0), (8.0, 0.0), (10.0, 7.0), (3.0, 9.0), (0.0, 0.0)]);
        s.push_ring([(3.0, 2.0), (3.0, 4.0), (6.0, 4.0), (5.0, 2.0), (3.0, 2.0)]);
        s.end_part();
        s.end_feature();
        let polygon = to_geo(&s, 0);
        for i in -2..=22 {
            for j in -2..=22 {
                let p = Coord { x: f64::from(i) / 2.0, y: f64::from(j) / 2.0 };
                let expected = match polygon.coordinate_position(&p) {
                    CoordPos::Inside => Position::Inside,
                    CoordPos::OnBoundary => Position::OnEdge,
                    CoordPos::Outside => Position::Outside,
                };
                assert_eq!(position(&s, 0, p), expected, "{p:?}");
            }
        }
    }
}
