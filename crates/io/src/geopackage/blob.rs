//! The header of a GeoPackage geometry, before its well-known binary (OGC 12-128r19, clause 2.1.3).

use whitespot_model::features::DefectKind;
use whitespot_model::shapes::Shapes;
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
