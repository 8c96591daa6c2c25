//! The `.shp` part: shapes, straight into columns (ESRI Shapefile Technical Description, July 1998).

use super::rings::push_polygons;
use geo_types::Coord;
use std::io::{self, Read};
use whitespot_model::features::DefectKind;
use whitespot_model::shapes::{Part, Shapes};

/// Reads shapes one after the other.
pub(super) struct ShapeReader {
    file: Box<dyn Read + Send>,
    /// Bytes left according to the header.
    n_left: u64,
    record: Vec<u8>,
    n_read: u64,
}

impl ShapeReader {
    /// Reads the header; why the file is none.
    pub(super) fn new(mut file: Box<dyn Read + Send>) -> io::Result<Result<ShapeReader, String>> {
        let mut header = [0; 100];
        if !fill(&mut file, &mut header)? {
            return Ok(Err("the file ends within its header".to_string()));
        }
        if be_u32(&header, 0) != Some(9994) {
            return Ok(Err("the file does not begin as a shapefile".to_string()));
        }
        let n_bytes = u64::from(be_u32(&header, 24).unwrap_or(0)) * 2;
        let n_left = n_bytes.saturating_sub(100);
        Ok(Ok(ShapeReader { file, n_left, record: Vec::new(), n_read: 0 }))
    }

    /// Reads the next record; `false` at the end. Then [`Self::add_to`] gives its shape.
    pub(super) fn next(&mut self) -> io::Result<Result<bool, String>> {
        if self.n_left == 0 {
            return Ok(Ok(false));
        }
        self.n_read += 1;
        let cut = Ok(Err(format!("the file ends within record {}", self.n_read)));
        let mut header = [0; 8];
        if !fill(&mut self.file, &mut header)? {
            return cut;
        }
        let n_bytes = u64::from(be_u32(&header, 4).unwrap_or(0)) * 2;
        self.record.clear();
        // Grows with what is there, whatever the length promises.
        (&mut self.file).take(n_bytes).read_to_end(&mut self.record)?;
        if (self.record.len() as u64) < n_bytes {
            return cut;
        }
        self.n_left = self.n_left.saturating_sub(8 + n_bytes);
        Ok(Ok(true))
    }

    /// Adds the parts of the record's shape; what is wrong with it.
    pub(super) fn add_to(&self, shapes: &mut Shapes) -> Option<(DefectKind, String)> {
        let bad = |what: &str| Some((DefectKind::BadGeometry, what.to_string()));
        let Some(kind) = le_u32(&self.record, 0) else { return bad("a record without a shape type") };
        let read = match kind {
            0 => Some(Ok(())),
            1 | 11 | 21 => read_point(&self.record, shapes),
            8 | 18 | 28 => read_points(&self.record, shapes),
            3 | 13 | 23 => read_lines(&self.record, shapes),
            5 | 15 | 25 => match read_polygon(&self.record, shapes) {
                Some(Ok(0)) => Some(Ok(())),
                Some(Ok(n)) => {
                    return Some((DefectKind::UnclosedRing, format!("{n} ring(s) not closed, closed here")));
                }
                Some(Err(what)) => Some(Err(what)),
                None => None,
            },
            31 => return Some((DefectKind::UnsupportedGeometry, "shape type MultiPatch".to_string())),
            other => return Some((DefectKind::UnsupportedGeometry, format!("shape type {other}"))),
        };
        match read {
            Some(Ok(())) => None,
            Some(Err(what)) => bad(what),
            None => bad("the record is shorter than its shape"),
        }
    }
}

/// Fills the buffer; `false` when the file ends before.
fn fill(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match file.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// `None` when the record is too short, an error when what it holds is no shape.
type Maybe<T> = Option<Result<T, &'static str>>;

const NOT_FINITE: &str = "a coordinate is not a finite number";

fn read_point(record: &[u8], shapes: &mut Shapes) -> Maybe<()> {
    let point = coords(record, 4, 1)?.next()?;
    Some(push_point(shapes, point))
}

fn read_points(record: &[u8], shapes: &mut Shapes) -> Maybe<()> {
    let n = le_u32(record, 36)? as usize;
    let points = coords(record, 40, n)?;
    if points.clone().any(|p| !is_finite(p)) {
        return Some(Err(NOT_FINITE));
    }
    points.for_each(|p| {
        let _ = push_point(shapes, p);
    });
    Some(Ok(()))
}

fn push_point(shapes: &mut Shapes, point: Coord<f64>) -> Result<(), &'static str> {
    if !is_finite(point) {
        return Err(NOT_FINITE);
    }
    shapes.begin_part(Part::Point);
    shapes.push_ring([(point.x, point.y)]);
    shapes.end_part();
    Ok(())
}

fn read_lines(record: &[u8], shapes: &mut Shapes) -> Maybe<()> {
    let chains = match read_chains(record)? {
        Ok(chains) => chains,
        Err(what) => return Some(Err(what)),
    };
    for chain in chains {
        shapes.begin_part(Part::Line);
        shapes.push_ring(chain.iter().map(|c| (c.x, c.y)));
        shapes.end_part();
    }
    Some(Ok(()))
}

/// Adds the polygons of a record; how many rings were not closed.
fn read_polygon(record: &[u8], shapes: &mut Shapes) -> Maybe<usize> {
    let mut rings = match read_chains(record)? {
        Ok(rings) => rings,
        Err(what) => return Some(Err(what)),
    };
    let mut n_unclosed = 0;
    for ring in &mut rings {
        if ring.first() != ring.last() {
            ring.push(ring[0]);
            n_unclosed += 1;
        }
    }
    push_polygons(&rings, shapes);
    Some(Ok(n_unclosed))
}

/// The chains of coordinates of a polyline or polygon; empty ones are left out.
fn read_chains(record: &[u8]) -> Maybe<Vec<Vec<Coord<f64>>>> {
    let n_parts = le_u32(record, 36)? as usize;
    let n_points = le_u32(record, 40)? as usize;
    let first_point = 44_usize.checked_add(n_parts.checked_mul(4)?)?;
    record.get(..first_point)?;
    let points: Vec<Coord<f64>> = coords(record, first_point, n_points)?.collect();
    if !points.iter().all(|p| is_finite(*p)) {
        return Some(Err(NOT_FINITE));
    }
    let starts: Vec<usize> =
        (0..n_parts).filter_map(|i| le_u32(record, 44 + 4 * i)).map(|s| s as usize).collect();
    let ends = starts.iter().copied().skip(1).chain([n_points]);
    let mut chains = Vec::new();
    for (start, end) in starts.iter().copied().zip(ends) {
        let Some(chain) = points.get(start..end) else {
            return Some(Err("its parts do not follow one another"));
        };
        if !chain.is_empty() {
            chains.push(chain.to_vec());
        }
    }
    Some(Ok(chains))
}

/// `n` positions from `at` on; `None` when the record is shorter.
fn coords(record: &[u8], at: usize, n: usize) -> Option<impl Iterator<Item = Coord<f64>> + Clone + '_> {
    let bytes = record.get(at..at.checked_add(n.checked_mul(16)?)?)?;
    let number = |b: &[u8]| b.first_chunk().map_or(f64::NAN, |b| f64::from_le_bytes(*b));
    Some(bytes.chunks_exact(16).map(move |b| Coord { x: number(b), y: number(&b[8..]) }))
}

fn is_finite(c: Coord<f64>) -> bool {
    c.x.is_finite() && c.y.is_finite()
}

fn le_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_le_bytes(*b))
}

fn be_u32(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..)?.first_chunk().map(|b| u32::from_be_bytes(*b))
}
