//! Straight pieces of lines and outlines, and distances to them.

use geo_types::Coord;
use rstar::{AABB, PointDistance, RTreeObject};

/// A straight piece from `a` to `b`; a point where both are equal.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// One end.
    pub a: Coord<f64>,
    /// The other end.
    pub b: Coord<f64>,
}

impl Segment {
    /// Whether all coordinates are finite.
    pub fn is_finite(&self) -> bool {
        [self.a, self.b].iter().all(|c| c.x.is_finite() && c.y.is_finite())
    }
}

impl Segment {
    /// The point of the segment that is nearest to `p`.
    pub fn nearest_to(&self, p: Coord<f64>) -> Coord<f64> {
        let (dx, dy) = (self.b.x - self.a.x, self.b.y - self.a.y);
        let length2 = dx * dx + dy * dy;
        let along = (p.x - self.a.x) * dx + (p.y - self.a.y) * dy;
        if along <= 0.0 || length2 == 0.0 {
            self.a
        } else if along >= length2 {
            self.b
        } else {
            Coord { x: self.a.x + dx * (along / length2), y: self.a.y + dy * (along / length2) }
        }
    }
}

impl RTreeObject for Segment {
    type Envelope = AABB<[f64; 2]>;

    fn envelope(&self) -> Self::Envelope {
        AABB::from_corners([self.a.x, self.a.y], [self.b.x, self.b.y])
    }
}

impl PointDistance for Segment {
    fn distance_2(&self, point: &[f64; 2]) -> f64 {
        squared_distance(Coord { x: point[0], y: point[1] }, self.a, self.b)
    }
}

/// Squared distance from `p` to the straight piece from `a` to `b`, planar.
#[inline]
pub(crate) fn squared_distance(p: Coord<f64>, a: Coord<f64>, b: Coord<f64>) -> f64 {
    let (dx, dy) = (b.x - a.x, b.y - a.y);
    let (px, py) = (p.x - a.x, p.y - a.y);
    let length2 = dx * dx + dy * dy;
    let along = px * dx + py * dy;
    if along <= 0.0 || length2 == 0.0 {
        px * px + py * py
    } else if along >= length2 {
        let (qx, qy) = (p.x - b.x, p.y - b.y);
        qx * qx + qy * qy
    } else {
        // The height over the segment; better conditioned than the foot of the perpendicular.
        let cross = px * dy - py * dx;
        cross * cross / length2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_to_the_nearest_point_of_the_segment() {
        let c = |x, y| Coord { x, y };
        for (p, expected) in
            [(c(5.0, 3.0), 9.0), (c(-3.0, 4.0), 25.0), (c(13.0, 4.0), 25.0), (c(2.0, 0.0), 0.0)]
        {
            assert_eq!(squared_distance(p, c(0.0, 0.0), c(10.0, 0.0)), expected);
        }
        assert_eq!(squared_distance(c(3.0, 4.0), c(0.0, 0.0), c(0.0, 0.0)), 25.0);
    }
}
