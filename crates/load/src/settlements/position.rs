//! One place for a settlement given as a shape.

use super::rejected::Reason;
use geo::{Area as _, Centroid as _};
use geo_types::Coord;
use whitespot_model::shapes::{Part, Shapes};

/// The position of feature `f`: its point, or the centre of its polygons.
pub(super) fn centre(shapes: &Shapes, f: usize) -> Result<Coord<f64>, Reason> {
    let parts = shapes.parts_of(f);
    if parts.is_empty() {
        return Err(Reason::NoPosition);
    }
    if parts.len() == 1 && shapes.parts[parts.start] == Part::Point {
        return shapes.coords_of(f).first().copied().ok_or(Reason::NoPosition);
    }
    if parts.clone().any(|p| shapes.parts[p] != Part::Polygon) {
        return Err(Reason::NotAPoint);
    }
    // Relative to a vertex, so that a cell's centre in metres is exact.
    let origin = shapes.coords_of(f)[0];
    let ring = |r: usize| {
        geo_types::LineString::new(
            shapes.ring(r).iter().map(|c| Coord { x: c.x - origin.x, y: c.y - origin.y }).collect(),
        )
    };
    let polygons: Vec<geo_types::Polygon<f64>> = parts
        .map(|p| {
            let mut rings = shapes.rings_of(p).map(ring);
            let shell = rings.next().unwrap_or_else(|| geo_types::LineString::new(Vec::new()));
            geo_types::Polygon::new(shell, rings.collect())
        })
        .collect();
    let many = geo_types::MultiPolygon::new(polygons);
    if many.unsigned_area() > 0.0 {
        let c = many.centroid().ok_or(Reason::NoPosition)?;
        Ok(Coord { x: c.x() + origin.x, y: c.y() + origin.y })
    } else {
        Err(Reason::NoPosition)
    }
}
