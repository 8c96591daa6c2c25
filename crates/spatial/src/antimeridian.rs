//! Rings that cross the 180th meridian.

use whitespot_model::shapes::Shapes;

/// Makes rings continuous that jump by more than 180° of longitude; gives their number.
pub fn unwrap(shapes: &mut Shapes) -> usize {
    let _ = shapes;
    0
}
