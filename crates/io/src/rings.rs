//! Rings as published files want them: shells counter-clockwise, holes clockwise (RFC 7946, section 3.1.6).

use geo_types::Coord;
use whitespot_model::shapes::Shapes;

/// The rings of part `p`, the shell first, wound by the right-hand rule.
pub(crate) fn right_hand_rings(shapes: &Shapes, p: usize) -> impl ExactSizeIterator<Item = Ring<'_>> {
    shapes.rings_of(p).enumerate().map(|(i, r)| {
        let coords = shapes.ring(r);
        let wants_ccw = i == 0;
        Ring { coords, is_reversed: is_counter_clockwise(coords) != wants_ccw }
    })
}

/// One ring, to be walked in the right direction.
#[derive(Clone, Copy)]
pub(crate) struct Ring<'a> {
    coords: &'a [Coord<f64>],
    is_reversed: bool,
}

impl<'a> Ring<'a> {
    pub(crate) fn len(&self) -> usize {
        self.coords.len()
    }

    pub(crate) fn coords(&self) -> impl Iterator<Item = Coord<f64>> + 'a {
        let (coords, is_reversed) = (self.coords, self.is_reversed);
        (0..coords.len()).map(move |i| coords[if is_reversed { coords.len() - 1 - i } else { i }])
    }
}

/// By the sign of the shoelace sum about the first coordinate; a ring without area counts as counter-clockwise.
fn is_counter_clockwise(ring: &[Coord<f64>]) -> bool {
    let Some(&o) = ring.first() else { return true };
    let twice_area: f64 =
        ring.windows(2).map(|e| (e[0].x - o.x) * (e[1].y - o.y) - (e[1].x - o.x) * (e[0].y - o.y)).sum();
    twice_area >= 0.0
}
