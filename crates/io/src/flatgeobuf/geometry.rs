//! FlatGeobuf geometries into shapes.

use super::flatbuffer::Table;
use geo_types::Coord;
use whitespot_model::features::DefectKind;
use whitespot_model::shapes::{Part, Shapes};

/// How deep collections may nest.
const MAX_DEPTH: usize = 32;

const BROKEN: &str = "the geometry is broken";

/// Why a geometry is not taken.
enum Flaw {
    Bad(&'static str),
    Unsupported(u8),
}

/// Adds the parts of a geometry; what is wrong with it. `file_type` counts where the geometry tells no type.
pub(super) fn add_to(
    geometry: Table<'_>,
    file_type: u8,
    shapes: &mut Shapes,
) -> Option<(DefectKind, String)> {
    let before = (shapes.coords.len(), shapes.ring_ends.len(), shapes.parts.len());
    let mut n_unclosed = 0;
    let own_type = if file_type == 0 { geometry.u8(6).unwrap_or(0) } else { file_type };
    let flaw = add_nested(geometry, own_type, shapes, &mut n_unclosed, 0).err();
    if flaw.is_some() {
        shapes.coords.truncate(before.0);
        shapes.ring_ends.truncate(before.1);
        shapes.parts.truncate(before.2);
        shapes.part_ends.truncate(before.2);
    }
    match flaw {
        Some(Flaw::Bad(what)) => Some((DefectKind::BadGeometry, what.to_string())),
        Some(Flaw::Unsupported(kind)) => {
            let name = [
                "Unknown",
                "",
                "",
                "",
                "",
                "",
                "",
                "",
                "CircularString",
                "CompoundCurve",
                "CurvePolygon",
                "MultiCurve",
                "MultiSurface",
                "Curve",
                "Surface",
                "PolyhedralSurface",
                "TIN",
                "Triangle",
            ]
            .get(usize::from(kind))
            .map_or_else(|| format!("number {kind}"), ToString::to_string);
            Some((DefectKind::UnsupportedGeometry, format!("geometry type {name} is not supported")))
        }
        None if n_unclosed > 0 => {
            Some((DefectKind::UnclosedRing, format!("{n_unclosed} ring(s) not closed, closed here")))
        }
        None => None,
    }
}

fn add_nested(
    geometry: Table<'_>,
    kind: u8,
    shapes: &mut Shapes,
    n_unclosed: &mut usize,
    depth: usize,
) -> Result<(), Flaw> {
    if depth > MAX_DEPTH {
        return Err(Flaw::Bad("collections are nested too deep"));
    }
    match kind {
        1 | 4 => {
            for c in coords(geometry)? {
                shapes.begin_part(Part::Point);
                shapes.push_ring([(c.x, c.y)]);
                shapes.end_part();
            }
            Ok(())
        }
        2 | 5 => {
            for line in chains(geometry)? {
                shapes.begin_part(Part::Line);
                shapes.push_ring(line.iter().map(|c| (c.x, c.y)));
                shapes.end_part();
            }
            Ok(())
        }
        3 => {
            let rings = chains(geometry)?;
            if rings.is_empty() {
                return Ok(());
            }
            shapes.begin_part(Part::Polygon);
            for mut ring in rings {
                if ring.first() != ring.last() {
                    ring.push(ring[0]);
                    *n_unclosed += 1;
                }
                shapes.push_ring(ring.iter().map(|c| (c.x, c.y)));
            }
            shapes.end_part();
            Ok(())
        }
        6 | 7 => {
            for part in geometry.tables(7) {
                let part = part.ok_or(Flaw::Bad(BROKEN))?;
                let kind = if kind == 6 { 3 } else { part.u8(6).unwrap_or(0) };
                add_nested(part, kind, shapes, n_unclosed, depth + 1)?;
            }
            Ok(())
        }
        other => Err(Flaw::Unsupported(other)),
    }
}

/// All positions.
fn coords(geometry: Table<'_>) -> Result<Vec<Coord<f64>>, Flaw> {
    if !geometry.has(1) {
        return Ok(Vec::new());
    }
    let bytes = geometry.vector(1, 8).ok_or(Flaw::Bad(BROKEN))?;
    let number = |b: &[u8]| b.first_chunk().map_or(f64::NAN, |b| f64::from_le_bytes(*b));
    let coords: Vec<_> = bytes.chunks_exact(16).map(|b| Coord { x: number(b), y: number(&b[8..]) }).collect();
    match &coords[..] {
        // A point of NaN is how some writers say "empty".
        [only] if only.x.is_nan() && only.y.is_nan() => Ok(Vec::new()),
        all if all.iter().any(|c| !(c.x.is_finite() && c.y.is_finite())) => {
            Err(Flaw::Bad("a coordinate is not a finite number"))
        }
        _ => Ok(coords),
    }
}

/// Positions cut at the ends the geometry lists; one chain where it lists none.
fn chains(geometry: Table<'_>) -> Result<Vec<Vec<Coord<f64>>>, Flaw> {
    let coords = coords(geometry)?;
    let ends: Vec<usize> = match geometry.vector(0, 4) {
        Some(bytes) => bytes
            .chunks_exact(4)
            .filter_map(|b| b.first_chunk())
            .map(|b| u32::from_le_bytes(*b) as usize)
            .collect(),
        None if geometry.has(0) => return Err(Flaw::Bad(BROKEN)),
        None => Vec::new(),
    };
    let ends = if ends.is_empty() { vec![coords.len()] } else { ends };
    let mut start = 0;
    let mut chains = Vec::new();
    for end in ends {
        let chain = coords.get(start..end).ok_or(Flaw::Bad("its rings do not follow one another"))?;
        if !chain.is_empty() {
            chains.push(chain.to_vec());
        }
        start = end;
    }
    Ok(chains)
}
