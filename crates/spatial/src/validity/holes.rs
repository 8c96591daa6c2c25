//! Holes that do not lie in their shell.

use super::InvalidKind;
use crate::index::CellIndex;
use geo_types::Coord;
use whitespot_model::shapes::Shapes;

/// Vertices of a hole tried, as some may lie on other rings.
const TRIED: usize = 4;

/// The first hole of polygon `part` that lies outside the shell or in another hole. Linear in the holes' edges.
pub(super) fn check(
    shapes: &Shapes,
    part: usize,
    index: &CellIndex<'_>,
    layer: u32,
) -> Option<(InvalidKind, Coord<f64>)> {
    shapes.rings_of(part).skip(1).find_map(|hole| {
        let ring = shapes.ring(hole);
        let is_inside =
            ring.iter().take(TRIED).find_map(|v| index.is_inside_other_rings(shapes, layer, part, hole, *v));
        (is_inside == Some(false)).then(|| (InvalidKind::HoleOutsideShell, ring[0]))
    })
}
