//! Shapes as well-known binary.

use geo_types::Coord;
use std::collections::BTreeSet;
use whitespot_model::shapes::{Part, Shapes};

/// Appends feature `f` as little-endian ISO WKB and notes the name of its type; `false` and nothing for an
/// empty one. Polygons are always a MultiPolygon and lines a MultiLineString, so that a layer has one type;
/// a single point is a Point. Kinds that mix make a GeometryCollection.
pub(crate) fn encode(
    shapes: &Shapes,
    f: usize,
    out: &mut Vec<u8>,
    types: &mut BTreeSet<&'static str>,
) -> bool {
    let parts: Vec<usize> = shapes.parts_of(f).collect();
    let Some(&first) = parts.first() else { return false };
    let kind = shapes.parts[first];
    if parts.iter().all(|&p| shapes.parts[p] == kind) {
        let (name, code) = match kind {
            Part::Point if parts.len() == 1 => {
                types.insert("Point");
                encode_part(shapes, first, out);
                return true;
            }
            Part::Point => ("MultiPoint", 4),
            Part::Line => ("MultiLineString", 5),
            Part::Polygon => ("MultiPolygon", 6),
        };
        types.insert(name);
        header(code, out);
    } else {
        types.insert("GeometryCollection");
        header(7, out);
    }
    count(parts.len(), out);
    for p in parts {
        encode_part(shapes, p, out);
    }
    true
}

fn encode_part(shapes: &Shapes, p: usize, out: &mut Vec<u8>) {
    let rings = shapes.rings_of(p);
    match shapes.parts[p] {
        Part::Point => {
            header(1, out);
            let missing = Coord { x: f64::NAN, y: f64::NAN };
            position(
                rings
                    .start
                    .lt(&rings.end)
                    .then(|| shapes.ring(rings.start))
                    .and_then(|r| r.first())
                    .unwrap_or(&missing),
                out,
            );
        }
        Part::Line => {
            header(2, out);
            let line: Vec<&Coord<f64>> = rings.flat_map(|r| shapes.ring(r)).collect();
            count(line.len(), out);
            line.into_iter().for_each(|c| position(c, out));
        }
        Part::Polygon => {
            header(3, out);
            count(rings.len(), out);
            for r in rings {
                count(shapes.ring(r).len(), out);
                shapes.ring(r).iter().for_each(|c| position(c, out));
            }
        }
    }
}

fn header(code: u32, out: &mut Vec<u8>) {
    out.push(1);
    out.extend_from_slice(&code.to_le_bytes());
}

fn count(n: usize, out: &mut Vec<u8>) {
    // Shapes hold fewer than 2^32 coordinates.
    out.extend_from_slice(&(n as u32).to_le_bytes());
}

fn position(c: &Coord<f64>, out: &mut Vec<u8>) {
    out.extend_from_slice(&c.x.to_le_bytes());
    out.extend_from_slice(&c.y.to_le_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::wkb;

    #[test]
    fn what_is_encoded_decodes_to_the_same_shapes() {
        let mut shapes = Shapes::default();
        shapes.push_point(1.0, 2.0);
        for kinds in [
            &[Part::Polygon][..],
            &[Part::Polygon, Part::Polygon],
            &[Part::Line],
            &[Part::Point, Part::Point],
            &[Part::Point, Part::Line, Part::Polygon],
        ] {
            for &kind in kinds {
                shapes.begin_part(kind);
                match kind {
                    Part::Point => shapes.push_ring([(1.0, 2.0)]),
                    Part::Line => shapes.push_ring([(0.0, 0.0), (1.0, 1.5)]),
                    Part::Polygon => {
                        shapes.push_ring([(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (0.0, 0.0)]);
                        shapes.push_ring([(1.0, 0.5), (2.0, 0.5), (2.0, 1.0), (1.0, 0.5)]);
                    }
                }
                shapes.end_part();
            }
            shapes.end_feature();
        }
        shapes.end_feature();
        let mut decoded = Shapes::default();
        let mut types = BTreeSet::new();
        for f in 0..shapes.n_features() {
            let mut bytes = Vec::new();
            if encode(&shapes, f, &mut bytes, &mut types) {
                wkb::decode_into(&bytes, &mut decoded).unwrap();
            }
            decoded.end_feature();
        }
        assert_eq!(decoded, shapes);
        let expected = ["GeometryCollection", "MultiLineString", "MultiPoint", "MultiPolygon", "Point"];
        assert_eq!(types.into_iter().collect::<Vec<_>>(), expected);
    }
}
