//! Geometry as columns: all coordinates of a layer in one vector, with end offsets.
//!
//! A *feature* has parts; a *part* is a point, a line or a polygon; a polygon has rings. The inside of a
//! polygon is told by even-odd counting over its rings, so ring direction does not matter and a
//! self-crossing ring encloses what its outline encloses. A feature covers the union of its polygons.

use geo_types::Coord;

/// What a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// One coordinate (one ring of length 1).
    Point,
    /// An open chain of coordinates (one ring).
    Line,
    /// Closed rings: the first is the shell, the others holes; told apart by even-odd counting only.
    Polygon,
}

/// The geometry of many features, in the CRS of their source.
///
/// Ends are exclusive offsets: ring `r` owns `coords[ring_ends[r-1]..ring_ends[r]]`, part `p` owns rings
/// `part_ends[p-1]..part_ends[p]`, feature `f` owns parts `feature_ends[f-1]..feature_ends[f]`.
/// An empty geometry is a feature without parts. Polygon rings are stored closed (first = last).
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Shapes {
    /// All coordinates, x = easting or longitude, y = northing or latitude.
    pub coords: Vec<Coord<f64>>,
    /// End of each ring in `coords`.
    pub ring_ends: Vec<u32>,
    /// End of each part in `ring_ends`.
    pub part_ends: Vec<u32>,
    /// Kind of each part.
    pub parts: Vec<Part>,
    /// End of each feature in `part_ends`.
    pub feature_ends: Vec<u32>,
}

impl Shapes {
    /// Number of features, empty ones included.
    pub fn n_features(&self) -> usize {
        self.feature_ends.len()
    }

    /// Number of parts of all features.
    pub fn n_parts(&self) -> usize {
        self.parts.len()
    }

    /// Number of coordinates of all features; closed rings repeat their first.
    pub fn n_coords(&self) -> usize {
        self.coords.len()
    }

    /// Starts a part; rings follow by [`Self::push_ring`] or [`Self::push_coord`] + [`Self::end_ring`].
    pub fn begin_part(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Adds one coordinate to the open ring.
    #[inline]
    pub fn push_coord(&mut self, x: f64, y: f64) {
        self.coords.push(Coord { x, y });
    }

    /// Ends the open ring.
    ///
    /// # Panics
    /// With more than 2³² − 1 coordinates in one layer (64 GiB of them).
    #[inline]
    pub fn end_ring(&mut self) {
        self.ring_ends.push(offset(self.coords.len()));
    }

    /// Adds a whole ring.
    pub fn push_ring(&mut self, ring: impl IntoIterator<Item = (f64, f64)>) {
        self.coords.extend(ring.into_iter().map(|(x, y)| Coord { x, y }));
        self.end_ring();
    }

    /// Ends the open part.
    pub fn end_part(&mut self) {
        self.part_ends.push(offset(self.ring_ends.len()));
    }

    /// Ends the open feature; without parts since the last call it is an empty geometry.
    pub fn end_feature(&mut self) {
        self.feature_ends.push(offset(self.part_ends.len()));
    }

    /// Adds a feature of one point.
    pub fn push_point(&mut self, x: f64, y: f64) {
        self.begin_part(Part::Point);
        self.push_ring([(x, y)]);
        self.end_part();
        self.end_feature();
    }

    /// The parts of feature `f` as a range into `parts`.
    #[inline]
    pub fn parts_of(&self, f: usize) -> std::ops::Range<usize> {
        range(&self.feature_ends, f)
    }

    /// The rings of part `p` as a range into `ring_ends`.
    #[inline]
    pub fn rings_of(&self, p: usize) -> std::ops::Range<usize> {
        range(&self.part_ends, p)
    }

    /// The coordinates of ring `r`.
    #[inline]
    pub fn ring(&self, r: usize) -> &[Coord<f64>] {
        &self.coords[range(&self.ring_ends, r)]
    }

    /// The coordinates of all rings of feature `f`, in order.
    pub fn coords_of(&self, f: usize) -> &[Coord<f64>] {
        let parts = self.parts_of(f);
        if parts.is_empty() {
            return &[];
        }
        let first_ring = self.rings_of(parts.start).start;
        let last_ring = self.rings_of(parts.end - 1).end;
        if first_ring == last_ring {
            return &[];
        }
        let start = range(&self.ring_ends, first_ring).start;
        &self.coords[start..range(&self.ring_ends, last_ring - 1).end]
    }

    /// Smallest and largest corner of all coordinates; `None` without any finite one.
    pub fn bounds(&self) -> Option<(Coord<f64>, Coord<f64>)> {
        bounds(&self.coords)
    }

    /// Smallest and largest corner of feature `f`; `None` for an empty geometry.
    pub fn bounds_of(&self, f: usize) -> Option<(Coord<f64>, Coord<f64>)> {
        bounds(self.coords_of(f))
    }

    /// Appends all features of `other`, in order.
    pub fn append(&mut self, other: &Shapes) {
        let (coords, rings, parts) =
            (offset(self.coords.len()), offset(self.ring_ends.len()), offset(self.part_ends.len()));
        let _ = offset(self.coords.len() + other.coords.len());
        self.coords.extend_from_slice(&other.coords);
        self.ring_ends.extend(other.ring_ends.iter().map(|e| e + coords));
        self.part_ends.extend(other.part_ends.iter().map(|e| e + rings));
        self.parts.extend_from_slice(&other.parts);
        self.feature_ends.extend(other.feature_ends.iter().map(|e| e + parts));
    }

    /// Appends a copy of feature `f` of `other`.
    pub fn push_feature_of(&mut self, other: &Shapes, f: usize) {
        for p in other.parts_of(f) {
            self.begin_part(other.parts[p]);
            for r in other.rings_of(p) {
                self.coords.extend_from_slice(other.ring(r));
                self.end_ring();
            }
            self.end_part();
        }
        self.end_feature();
    }

    /// Applies `f` to every coordinate, as a change of CRS does.
    pub fn map_coords(&mut self, mut f: impl FnMut(Coord<f64>) -> Coord<f64>) {
        for c in &mut self.coords {
            *c = f(*c);
        }
    }
}

fn offset(n: usize) -> u32 {
    u32::try_from(n).expect("a layer holds fewer than 2^32 coordinates")
}

#[inline]
fn range(ends: &[u32], i: usize) -> std::ops::Range<usize> {
    let start = if i == 0 { 0 } else { ends[i - 1] as usize };
    start..ends[i] as usize
}

fn bounds(coords: &[Coord<f64>]) -> Option<(Coord<f64>, Coord<f64>)> {
    let mut lo = Coord { x: f64::INFINITY, y: f64::INFINITY };
    let mut hi = Coord { x: f64::NEG_INFINITY, y: f64::NEG_INFINITY };
    for c in coords {
        lo = Coord { x: lo.x.min(c.x), y: lo.y.min(c.y) };
        hi = Coord { x: hi.x.max(c.x), y: hi.y.max(c.y) };
    }
    (lo.x <= hi.x && lo.y <= hi.y).then_some((lo, hi))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn two_features() -> Shapes {
        let mut s = Shapes::default();
        s.begin_part(Part::Polygon);
        s.push_ring([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]);
        s.push_ring([(1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.5)]);
        s.end_part();
        s.end_feature();
        s.push_point(9.0, 9.0);
        s
    }

    #[test]
    fn appending_keeps_every_feature_and_its_rings() {
        let mut a = two_features();
        a.end_feature(); // an empty geometry in between
        a.append(&two_features());
        assert_eq!(a.n_features(), 5);
        assert_eq!(a.coords_of(0).len(), 8);
        assert!(a.coords_of(2).is_empty());
        assert_eq!(a.coords_of(3), two_features().coords_of(0));
        assert_eq!(a.coords_of(4), &[Coord { x: 9.0, y: 9.0 }]);
    }

    #[test]
    fn bounds_are_of_the_feature_asked_for() {
        let s = two_features();
        assert_eq!(s.bounds_of(0).map(|b| b.1), Some(Coord { x: 4.0, y: 4.0 }));
        assert_eq!(s.bounds().map(|b| b.1), Some(Coord { x: 9.0, y: 9.0 }));
        assert_eq!(Shapes::default().bounds(), None);
    }
}
