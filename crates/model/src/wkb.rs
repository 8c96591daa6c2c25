//! Well-known binary into shapes: the geometry of GeoPackage and GeoParquet.
//!
//! Reads ISO WKB (types 1–7 with Z, M and ZM) and the extended WKB of PostGIS (flag bits, SRID), both byte
//! orders, also mixed within one geometry. Z and M are skipped. Collections of any depth up to
//! [`MAX_DEPTH`] are flattened into parts.
//!
//! ```
//! use whitespot_model::{shapes::Shapes, wkb};
//!
//! let mut point = vec![1, 1, 0, 0, 0]; // little endian, type 1 = point
//! point.extend(3.0_f64.to_le_bytes());
//! point.extend(4.0_f64.to_le_bytes());
//! let mut shapes = Shapes::default();
//! wkb::decode_into(&point, &mut shapes)?;
//! shapes.end_feature();
//! assert_eq!((shapes.coords[0].x, shapes.coords[0].y), (3.0, 4.0));
//! # Ok::<(), wkb::WkbError>(())
//! ```

use crate::shapes::{Part, Shapes};

/// How deep collections may nest; real files nest once or twice.
pub const MAX_DEPTH: usize = 32;

/// Why bytes are not a geometry we read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WkbError {
    /// The bytes end inside the geometry, or a count promises more than there are bytes.
    #[error("the geometry ends after {bytes} bytes, in the middle of its {what}")]
    Truncated {
        /// Length of the bytes given.
        bytes: usize,
        /// What was being read.
        what: &'static str,
    },
    /// A byte order other than 0 or 1: these bytes are no WKB.
    #[error("byte order {0} is neither 0 nor 1")]
    ByteOrder(u8),
    /// A type of the standard that is not read: curves, surfaces, TIN.
    #[error("geometry type {0} is not supported")]
    Unsupported(&'static str),
    /// A type number the standard does not know.
    #[error("unknown geometry type {0}")]
    UnknownType(u32),
    /// Collections within collections, deeper than [`MAX_DEPTH`].
    #[error("collections are nested more than {MAX_DEPTH} deep")]
    TooDeep,
    /// A line or polygon with a coordinate that is NaN or infinite.
    #[error("a coordinate is not a finite number")]
    NotFinite,
}

/// Adds the parts of one geometry to the open feature of `shapes`, which the caller ends; an empty geometry
/// (also a point of NaN, as GeoPackage writes it) adds nothing. Returns how many polygon rings were not
/// closed; they are closed in `shapes`. Bytes after the geometry are ignored.
///
/// Linear in the length of `wkb`; never allocates for more coordinates than the bytes hold.
///
/// # Errors
/// [`WkbError`]; `shapes` is then as it was before.
pub fn decode_into(wkb: &[u8], shapes: &mut Shapes) -> Result<usize, WkbError> {
    let before = Lengths::of(shapes);
    let mut reader = Reader { bytes: wkb, at: 0, unclosed_rings: 0 };
    match reader.geometry(shapes, 0) {
        Ok(()) => Ok(reader.unclosed_rings),
        Err(error) => {
            before.restore(shapes);
            Err(error)
        }
    }
}

/// Lengths of the columns of shapes, to go back to after a geometry that cannot be read.
pub(crate) struct Lengths {
    coords: usize,
    rings: usize,
    part_ends: usize,
    parts: usize,
}

impl Lengths {
    pub(crate) fn of(shapes: &Shapes) -> Lengths {
        Lengths {
            coords: shapes.coords.len(),
            rings: shapes.ring_ends.len(),
            part_ends: shapes.part_ends.len(),
            parts: shapes.parts.len(),
        }
    }

    pub(crate) fn restore(&self, shapes: &mut Shapes) {
        shapes.coords.truncate(self.coords);
        shapes.ring_ends.truncate(self.rings);
        shapes.part_ends.truncate(self.part_ends);
        shapes.parts.truncate(self.parts);
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    unclosed_rings: usize,
}

/// Byte order and width of the positions of one geometry.
#[derive(Clone, Copy)]
struct Layout {
    is_little_endian: bool,
    /// Bytes of one position: 16, 24 or 32.
    stride: usize,
}

impl Reader<'_> {
    fn geometry(&mut self, shapes: &mut Shapes, depth: usize) -> Result<(), WkbError> {
        let is_little_endian = match self.take(1, "header")?[0] {
            0 => false,
            1 => true,
            other => return Err(WkbError::ByteOrder(other)),
        };
        let code = self.count_or_code(is_little_endian, "header")?;
        let (kind, n_extra) = kind_and_extra_dimensions(code)?;
        if code & EWKB_SRID != 0 {
            self.take(4, "header")?;
        }
        let layout = Layout { is_little_endian, stride: 16 + 8 * n_extra };
        match kind {
            1 => self.point(layout, shapes),
            2 => self.line(layout, shapes),
            3 => self.polygon(layout, shapes),
            _ => self.collection(is_little_endian, shapes, depth),
        }
    }

    fn point(&mut self, layout: Layout, shapes: &mut Shapes) -> Result<(), WkbError> {
        let bytes = self.take(layout.stride, "position")?;
        let (x, y) = position(bytes, layout.is_little_endian);
        if x.is_nan() && y.is_nan() {
            return Ok(());
        }
        if !(x.is_finite() && y.is_finite()) {
            return Err(WkbError::NotFinite);
        }
        shapes.begin_part(Part::Point);
        shapes.push_coord(x, y);
        shapes.end_ring();
        shapes.end_part();
        Ok(())
    }

    fn line(&mut self, layout: Layout, shapes: &mut Shapes) -> Result<(), WkbError> {
        if self.positions(layout, shapes)? > 0 {
            shapes.begin_part(Part::Line);
            shapes.end_ring();
            shapes.end_part();
        }
        Ok(())
    }

    fn polygon(&mut self, layout: Layout, shapes: &mut Shapes) -> Result<(), WkbError> {
        let n_rings = self.count(layout.is_little_endian, 4, "rings")?;
        let mut has_ring = false;
        for _ in 0..n_rings {
            let start = shapes.coords.len();
            if self.positions(layout, shapes)? == 0 {
                continue;
            }
            let (first, last) = (shapes.coords[start], shapes.coords[shapes.coords.len() - 1]);
            if first != last {
                shapes.coords.push(first);
                self.unclosed_rings += 1;
            }
            shapes.end_ring();
            has_ring = true;
        }
        if has_ring {
            shapes.begin_part(Part::Polygon);
            shapes.end_part();
        }
        Ok(())
    }

    fn collection(
        &mut self,
        is_little_endian: bool,
        shapes: &mut Shapes,
        depth: usize,
    ) -> Result<(), WkbError> {
        if depth >= MAX_DEPTH {
            return Err(WkbError::TooDeep);
        }
        // The smallest member is an empty line or collection: byte order, type and a count of 0.
        let n_members = self.count(is_little_endian, 9, "members")?;
        for _ in 0..n_members {
            self.geometry(shapes, depth + 1)?;
        }
        Ok(())
    }

    /// Reads a count and so many positions into the open ring; the count is checked against the bytes first.
    fn positions(&mut self, layout: Layout, shapes: &mut Shapes) -> Result<usize, WkbError> {
        let n = self.count(layout.is_little_endian, layout.stride, "positions")?;
        let bytes = self.take(n * layout.stride, "positions")?;
        let start = shapes.coords.len();
        let to_coord = |b: &[u8]| {
            let (x, y) = position(b, layout.is_little_endian);
            geo_types::Coord { x, y }
        };
        shapes.coords.extend(bytes.chunks_exact(layout.stride).map(to_coord));
        let all_finite = shapes.coords[start..].iter().all(|c| c.x.is_finite() && c.y.is_finite());
        if all_finite { Ok(n) } else { Err(WkbError::NotFinite) }
    }

    /// Reads a count of things of at least `min_bytes` each.
    fn count(
        &mut self,
        is_little_endian: bool,
        min_bytes: usize,
        what: &'static str,
    ) -> Result<usize, WkbError> {
        let n = self.count_or_code(is_little_endian, what)? as usize;
        let n_bytes_left = self.bytes.len() - self.at;
        if n > n_bytes_left / min_bytes {
            return Err(WkbError::Truncated { bytes: self.bytes.len(), what });
        }
        Ok(n)
    }

    fn count_or_code(&mut self, is_little_endian: bool, what: &'static str) -> Result<u32, WkbError> {
        let bytes = self.take(4, what)?;
        let bytes = [bytes[0], bytes[1], bytes[2], bytes[3]];
        Ok(if is_little_endian { u32::from_le_bytes(bytes) } else { u32::from_be_bytes(bytes) })
    }

    fn take(&mut self, n: usize, what: &'static str) -> Result<&[u8], WkbError> {
        let truncated = WkbError::Truncated { bytes: self.bytes.len(), what };
        let end = self.at.checked_add(n).ok_or_else(|| truncated.clone())?;
        let bytes = self.bytes.get(self.at..end).ok_or(truncated)?;
        self.at = end;
        Ok(bytes)
    }
}

const EWKB_Z: u32 = 0x8000_0000;
const EWKB_M: u32 = 0x4000_0000;
const EWKB_SRID: u32 = 0x2000_0000;

/// Splits a type number into the plain type (1–7) and the number of dimensions beyond x and y.
fn kind_and_extra_dimensions(code: u32) -> Result<(u32, usize), WkbError> {
    let base = code & !(EWKB_Z | EWKB_M | EWKB_SRID);
    let iso = base / 1000;
    let kind = base % 1000;
    if iso > 3 {
        return Err(WkbError::UnknownType(code));
    }
    let has_z = code & EWKB_Z != 0 || iso == 1 || iso == 3;
    let has_m = code & EWKB_M != 0 || iso == 2 || iso == 3;
    match kind {
        1..=7 => Ok((kind, usize::from(has_z) + usize::from(has_m))),
        _ => Err(unsupported_name(kind).map_or(WkbError::UnknownType(code), WkbError::Unsupported)),
    }
}

/// Names of the standard's types that are not read (ISO 13249-3, table of WKB types).
fn unsupported_name(kind: u32) -> Option<&'static str> {
    Some(match kind {
        0 => "Geometry",
        8 => "CircularString",
        9 => "CompoundCurve",
        10 => "CurvePolygon",
        11 => "MultiCurve",
        12 => "MultiSurface",
        13 => "Curve",
        14 => "Surface",
        15 => "PolyhedralSurface",
        16 => "TIN",
        17 => "Triangle",
        _ => return None,
    })
}

#[inline]
fn position(bytes: &[u8], is_little_endian: bool) -> (f64, f64) {
    let number = |at: usize| {
        let mut eight = [0; 8];
        eight.copy_from_slice(&bytes[at..at + 8]);
        if is_little_endian { f64::from_le_bytes(eight) } else { f64::from_be_bytes(eight) }
    };
    (number(0), number(8))
}

#[cfg(test)]
mod tests {
    use super::*;
    use geo_types::{Geometry, GeometryCollection, LineString, MultiPolygon, polygon};

    fn square_with_hole() -> Geometry<f64> {
        Geometry::Polygon(polygon!(
            exterior: [(x: 0., y: 0.), (x: 9., y: 0.), (x: 9., y: 9.), (x: 0., y: 0.)],
            interiors: [[(x: 4., y: 1.), (x: 5., y: 1.), (x: 5., y: 2.), (x: 4., y: 1.)]],
        ))
    }

    fn encode(geometry: &Geometry<f64>, is_little_endian: bool) -> Vec<u8> {
        use ::wkb::writer::{WriteOptions, write_geometry};
        let endianness =
            if is_little_endian { ::wkb::Endianness::LittleEndian } else { ::wkb::Endianness::BigEndian };
        let mut bytes = Vec::new();
        write_geometry(&mut bytes, geometry, &WriteOptions { endianness }).expect("a vector takes all bytes");
        bytes
    }

    fn decode(bytes: &[u8]) -> Result<Shapes, WkbError> {
        let mut shapes = Shapes::default();
        decode_into(bytes, &mut shapes)?;
        shapes.end_feature();
        Ok(shapes)
    }

    #[test]
    fn nested_collections_become_parts_in_order_in_both_byte_orders() {
        let Geometry::Polygon(square) = square_with_hole() else { unreachable!() };
        let inner = GeometryCollection(vec![
            Geometry::MultiPolygon(MultiPolygon(vec![square])),
            Geometry::LineString(LineString::from(vec![(1., 2.), (3., 4.)])),
        ]);
        let outer = Geometry::GeometryCollection(GeometryCollection(vec![
            Geometry::Point((7., 8.).into()),
            Geometry::GeometryCollection(inner),
        ]));
        for is_little_endian in [true, false] {
            let shapes = decode(&encode(&outer, is_little_endian)).expect("valid WKB");
            assert_eq!(shapes.parts, [Part::Point, Part::Polygon, Part::Line]);
            assert_eq!(shapes.ring_ends, [1, 5, 9, 11]);
            assert_eq!(shapes.part_ends, [1, 3, 4]);
            assert_eq!(shapes.feature_ends, [3]);
        }
    }

    #[test]
    fn a_geometry_cut_anywhere_is_an_error_and_leaves_nothing_behind() {
        let bytes = encode(&square_with_hole(), true);
        for n in 0..bytes.len() {
            let mut shapes = Shapes::default();
            shapes.push_point(1.0, 1.0);
            let before = shapes.clone();
            assert!(
                matches!(decode_into(&bytes[..n], &mut shapes), Err(WkbError::Truncated { .. })),
                "{n} bytes"
            );
            assert_eq!(shapes, before, "{n} bytes");
        }
        assert!(decode(&bytes).is_ok());
    }

    #[test]
    fn counts_beyond_the_bytes_are_refused_before_anything_is_allocated() {
        for kind in [2_u8, 3, 4, 5, 6, 7] {
            let bytes = [1, kind, 0, 0, 0, 0xff, 0xff, 0xff, 0xff];
            assert!(matches!(decode(&bytes), Err(WkbError::Truncated { .. })), "type {kind}");
        }
    }

    #[test]
    fn z_and_m_are_skipped_in_iso_and_in_extended_wkb() {
        let cases: [(u32, usize); 8] = [
            (1, 0),
            (1001, 1),
            (2001, 1),
            (3001, 2),
            (EWKB_Z | 1, 1),
            (EWKB_M | 1, 1),
            (EWKB_Z | EWKB_M | 1, 2),
            (EWKB_SRID | 1, 0),
        ];
        for (code, n_extra) in cases {
            let mut bytes = vec![1];
            bytes.extend(code.to_le_bytes());
            if code & EWKB_SRID != 0 {
                bytes.extend(4326_u32.to_le_bytes());
            }
            for v in [3.0_f64, 4.0].into_iter().chain(vec![f64::NAN; n_extra]) {
                bytes.extend(v.to_le_bytes());
            }
            let shapes = decode(&bytes).unwrap_or_else(|e| panic!("{code}: {e}"));
            assert_eq!(shapes.coords, [geo_types::Coord { x: 3.0, y: 4.0 }], "{code}");
        }
    }

    #[test]
    fn an_empty_geometry_adds_no_part() {
        let mut nan_point = vec![1, 1, 0, 0, 0];
        nan_point.extend(f64::NAN.to_le_bytes());
        nan_point.extend(f64::NAN.to_le_bytes());
        for bytes in [nan_point, vec![1, 3, 0, 0, 0, 0, 0, 0, 0], vec![0, 0, 0, 0, 7, 0, 0, 0, 0]] {
            let shapes = decode(&bytes).expect("valid WKB");
            assert_eq!((shapes.n_features(), shapes.n_parts()), (1, 0));
        }
    }

    #[test]
    fn an_unclosed_ring_is_closed_and_counted() {
        let mut bytes = vec![1, 3, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0];
        for v in [0.0_f64, 0.0, 1.0, 0.0, 1.0, 1.0] {
            bytes.extend(v.to_le_bytes());
        }
        let mut shapes = Shapes::default();
        assert_eq!(decode_into(&bytes, &mut shapes), Ok(1));
        assert_eq!(shapes.coords.first(), shapes.coords.last());
        assert_eq!(shapes.n_coords(), 4);
    }

    #[test]
    fn curves_are_refused_by_name_and_nonsense_by_number() {
        let refuse = |code: u32| {
            let mut bytes = vec![1];
            bytes.extend(code.to_le_bytes());
            bytes.extend([0; 4]);
            decode(&bytes)
        };
        assert_eq!(refuse(10), Err(WkbError::Unsupported("CurvePolygon")));
        assert_eq!(refuse(1012), Err(WkbError::Unsupported("MultiSurface")));
        assert_eq!(refuse(4711), Err(WkbError::UnknownType(4711)));
        assert_eq!(decode(&[7, 1, 0, 0, 0]), Err(WkbError::ByteOrder(7)));
    }

    #[test]
    fn endless_nesting_is_refused() {
        let mut bytes = Vec::new();
        for _ in 0..100_000 {
            bytes.extend([1, 7, 0, 0, 0, 1, 0, 0, 0]);
        }
        assert_eq!(decode(&bytes), Err(WkbError::TooDeep));
    }

    #[test]
    fn infinite_coordinates_are_refused() {
        let mut bytes = vec![1, 2, 0, 0, 0, 1, 0, 0, 0];
        bytes.extend(f64::INFINITY.to_le_bytes());
        bytes.extend(1.0_f64.to_le_bytes());
        assert_eq!(decode(&bytes), Err(WkbError::NotFinite));
    }
}
