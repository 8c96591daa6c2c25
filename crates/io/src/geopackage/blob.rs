//! GeoPackage geometries: a header before well-known binary (OGC 12-128r19, clause 2.1.3).

use super::write::LayerGeometry;
use crate::rings::right_hand_rings;
use geo_types::Coord;
use whitespot_model::features::DefectKind;
use whitespot_model::shapes::{Part, Shapes};
use whitespot_model::wkb::{self, WkbError};

/// Adds the geometry to the open feature of `shapes`; what is wrong with it, if anything is.
pub(super) fn decode_into(blob: &[u8], shapes: &mut Shapes) -> Option<(DefectKind, String)> {
    let wkb = match wkb_of(blob) {
        Ok(Some(wkb)) => wkb,
        Ok(None) => return None,
        Err(what) => return Some((DefectKind::BadGeometry, what.to_string())),
    };
    match wkb::decode_into(wkb, shapes) {
        Ok(0) => None,
        Ok(n) => Some((DefectKind::UnclosedRing, format!("{n} ring(s) not closed, closed here"))),
        Err(error @ WkbError::Unsupported(_)) => Some((DefectKind::UnsupportedGeometry, error.to_string())),
        Err(error) => Some((DefectKind::BadGeometry, error.to_string())),
    }
}

/// The well-known binary of a blob; `None` for an empty geometry.
fn wkb_of(blob: &[u8]) -> Result<Option<&[u8]>, &'static str> {
    let [b'G', b'P', _version, flags, _, _, _, _, rest @ ..] = blob else {
        return Err("the value does not begin as a GeoPackage geometry");
    };
    let is_extended = flags & 0x20 != 0;
    if is_extended {
        return Err("an extended GeoPackage geometry of a vendor");
    }
    let n_envelope_bytes = match (flags >> 1) & 7 {
        0 => 0,
        1 => 32,
        2 | 3 => 48,
        4 => 64,
        _ => return Err("the geometry's envelope is of no known kind"),
    };
    let wkb = rest.get(n_envelope_bytes..).ok_or("the geometry ends within its envelope")?;
    let is_empty = flags & 0x10 != 0;
    Ok((!is_empty).then_some(wkb))
}

/// Feature `f` as a geometry of the layer's type; `None` for an empty one. Shells wind counter-clockwise.
///
/// # Errors
/// When a part is not of the layer's kind, or a point layer's feature has several.
pub(super) fn encode(
    shapes: &Shapes,
    f: usize,
    geometry: LayerGeometry,
    srs_id: i32,
) -> Result<Option<Vec<u8>>, &'static str> {
    let parts = shapes.parts_of(f);
    if parts.is_empty() {
        return Ok(None);
    }
    let (part, type_code) = match geometry {
        LayerGeometry::Point => (Part::Point, 1),
        LayerGeometry::MultiLineString => (Part::Line, 5),
        LayerGeometry::MultiPolygon => (Part::Polygon, 6),
        LayerGeometry::None => return Ok(None),
    };
    if shapes.parts[parts.clone()].iter().any(|p| *p != part) {
        return Err("a shape is not of the layer's kind");
    }
    if part == Part::Point {
        return match shapes.coords_of(f) {
            &[point] => Ok(encode_point(point, srs_id).map(|blob| blob.to_vec())),
            _ => Err("a shape of a point layer has several points"),
        };
    }
    let mut blob = Vec::with_capacity(64 + shapes.coords_of(f).len() * 16);
    blob.extend(header(1, srs_id));
    let (lo, hi) = shapes.bounds_of(f).ok_or("a shape without any finite coordinate")?;
    for side in [lo.x, hi.x, lo.y, hi.y] {
        blob.extend(side.to_le_bytes());
    }
    begin(&mut blob, type_code, parts.len());
    for p in parts {
        if part == Part::Line {
            let line = shapes.ring(shapes.rings_of(p).start);
            begin(&mut blob, 2, line.len());
            line.iter().for_each(|c| push_position(&mut blob, *c));
        } else {
            let rings = right_hand_rings(shapes, p);
            begin(&mut blob, 3, rings.len());
            for ring in rings {
                blob.extend((ring.len() as u32).to_le_bytes());
                ring.coords().for_each(|c| push_position(&mut blob, c));
            }
        }
    }
    Ok(Some(blob))
}

/// Feature `f` as well-known binary, little-endian, without a GeoPackage's header; otherwise as [`encode`].
pub(crate) fn wkb_of_feature(
    shapes: &Shapes,
    f: usize,
    geometry: LayerGeometry,
) -> Result<Option<Vec<u8>>, &'static str> {
    let blob = encode(shapes, f, geometry, 0)?;
    // A point has no envelope, everything else has one of four numbers.
    let header = if geometry == LayerGeometry::Point { 8 } else { 8 + 32 };
    Ok(blob.map(|mut blob| blob.split_off(header)))
}

/// A point; `None` where a coordinate is missing or not finite.
pub(super) fn encode_point(point: Coord<f64>, srs_id: i32) -> Option<[u8; 29]> {
    if !(point.x.is_finite() && point.y.is_finite()) {
        return None;
    }
    let mut blob = [0; 29];
    blob[..8].copy_from_slice(&header(0, srs_id));
    blob[8..13].copy_from_slice(&[1, 1, 0, 0, 0]);
    blob[13..21].copy_from_slice(&point.x.to_le_bytes());
    blob[21..].copy_from_slice(&point.y.to_le_bytes());
    Some(blob)
}

/// Magic, version 0, flags (little-endian, kind of envelope) and CRS.
fn header(envelope: u8, srs_id: i32) -> [u8; 8] {
    let [a, b, c, d] = srs_id.to_le_bytes();
    [b'G', b'P', 0, envelope << 1 | 1, a, b, c, d]
}

fn begin(blob: &mut Vec<u8>, type_code: u32, n: usize) {
    blob.push(1);
    blob.extend(type_code.to_le_bytes());
    blob.extend((n as u32).to_le_bytes());
}

fn push_position(blob: &mut Vec<u8>, c: Coord<f64>) {
    blob.extend(c.x.to_le_bytes());
    blob.extend(c.y.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(flags: u8, n_envelope_bytes: usize) -> Vec<u8> {
        let mut blob = vec![b'G', b'P', 0, flags, 0, 0, 0, 0];
        blob.extend(vec![0xaa; n_envelope_bytes]);
        blob.extend([1, 1, 0, 0, 0]);
        blob.extend(3.0_f64.to_le_bytes());
        blob.extend(4.0_f64.to_le_bytes());
        blob
    }

    #[test]
    fn every_envelope_is_passed_over() {
        for (kind, n_bytes) in [(0, 0), (1, 32), (2, 48), (3, 48), (4, 64)] {
            let mut shapes = Shapes::default();
            assert_eq!(decode_into(&point(kind << 1 | 1, n_bytes), &mut shapes), None);
            assert_eq!(shapes.coords[0].y, 4.0);
        }
    }

    #[test]
    fn empty_and_broken_blobs_add_nothing() {
        let mut shapes = Shapes::default();
        assert_eq!(decode_into(&point(0x11, 0), &mut shapes), None);
        for blob in [
            &b""[..],
            b"GP",
            b"XX\0\0\0\0\0\0",
            &point(1 << 1, 10)[..20],
            &point(5 << 1, 64),
            &point(0x21, 0),
        ] {
            assert_eq!(decode_into(blob, &mut shapes).map(|d| d.0), Some(DefectKind::BadGeometry));
        }
        assert_eq!(shapes, Shapes::default());
    }
}
