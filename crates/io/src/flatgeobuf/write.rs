//! FlatGeobuf out: for maps on the web, which read of it only what they show.

use super::build::{Field, Table as Record};
use super::index::{NODE_SIZE, Node, hilbert_order, pack};
use crate::geopackage::LayerCrs;
use crate::rings::right_hand_rings;
use crate::write_error::WriteError;
use geo_types::Coord;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use whitespot_model::shapes::{Part, Shapes};
use whitespot_model::table::{Table, TableColumn, Values};

/// Magic bytes with the version of the format, 3.
const MAGIC: [u8; 8] = *b"fgb\x03fgb\x01";

/// Numbers of geometry types (`GeometryType` of the specification).
const POINT: u8 = 1;
const POLYGON: u8 = 3;
const MULTI_LINE: u8 = 5;
const MULTI_POLYGON: u8 = 6;

/// Writes a layer of one kind of shape with its spatial index; an existing file is replaced.
///
/// Features stand in the order of a Hilbert curve, not of the table. Where a row has no shape there is no index and
/// the order is the table's. Missing values are left out.
///
/// # Errors
/// [`WriteError::Mismatch`] when rows and shapes differ in number, or shapes in kind; [`WriteError::Io`].
pub fn write_flatgeobuf(
    path: &Path,
    layer: &str,
    table: &Table,
    shapes: &Shapes,
    crs: &LayerCrs,
) -> Result<(), WriteError> {
    let mismatch = |what: String| WriteError::mismatch(path, layer, what);
    if table.n_rows() != shapes.n_features() {
        return Err(mismatch(format!("{} rows, but {} shapes", table.n_rows(), shapes.n_features())));
    }
    let part = shapes.parts.first().copied().unwrap_or(Part::Polygon);
    if shapes.parts.iter().any(|p| *p != part) {
        return Err(mismatch("shapes of several kinds".to_string()));
    }
    let boxes: Option<Vec<_>> = (0..table.n_rows()).map(|row| shapes.bounds_of(row)).collect();
    let has_index = boxes.as_ref().is_some_and(|b| !b.is_empty());
    let order = match &boxes {
        Some(boxes) => hilbert_order(boxes),
        None => (0..table.n_rows()).collect(),
    };
    let features: Vec<Vec<u8>> = order.iter().map(|&row| feature(table, shapes, row, part)).collect();
    let write = || -> std::io::Result<()> {
        let mut out = BufWriter::with_capacity(256 * 1024, File::create(path)?);
        out.write_all(&MAGIC)?;
        out.write_all(&header(layer, table, shapes, part, crs, has_index))?;
        if let Some(boxes) = boxes.filter(|b| !b.is_empty()) {
            let mut offset = 0;
            let mut leaves = Vec::with_capacity(order.len());
            for (&row, bytes) in order.iter().zip(&features) {
                leaves.push(Node { lo: boxes[row].0, hi: boxes[row].1, offset });
                offset += bytes.len() as u64;
            }
            for node in pack(&leaves) {
                for side in [node.lo.x, node.lo.y, node.hi.x, node.hi.y] {
                    out.write_all(&side.to_le_bytes())?;
                }
                out.write_all(&node.offset.to_le_bytes())?;
            }
        }
        features.iter().try_for_each(|bytes| out.write_all(bytes))?;
        out.flush()
    };
    write().map_err(WriteError::io(path))
}

fn header(
    layer: &str,
    table: &Table,
    shapes: &Shapes,
    part: Part,
    crs: &LayerCrs,
    has_index: bool,
) -> Vec<u8> {
    let mut record = Record::default().with(0, Field::Text(layer));
    if let Some((lo, hi)) = shapes.bounds() {
        record = record.with(1, Field::Numbers(vec![lo.x, lo.y, hi.x, hi.y]));
    }
    let columns = table.columns.iter().map(column).collect();
    let (authority, code) = crs.code.split_once(':').unwrap_or(("", ""));
    let mut system = Record::default();
    if let Ok(code) = code.parse() {
        system = system.with(0, Field::Text(authority)).with(1, Field::I32(code));
    }
    system = system.with(2, Field::Text(&crs.name));
    if !crs.wkt.is_empty() {
        system = system.with(4, Field::Text(&crs.wkt));
    }
    record
        .with(2, Field::U8(type_of(part)))
        .with(7, Field::Tables(columns))
        .with(8, Field::U64(table.n_rows() as u64))
        .with(9, Field::U16(if has_index { NODE_SIZE } else { 0 }))
        .with(10, Field::Table(system))
        .size_prefixed()
}

fn type_of(part: Part) -> u8 {
    match part {
        Part::Point => POINT,
        Part::Line => MULTI_LINE,
        Part::Polygon => MULTI_POLYGON,
    }
}

fn column(column: &TableColumn) -> Record<'_> {
    // Numbers of `ColumnType` of the specification.
    let kind = match column.values {
        Values::Bool(_) => 2,
        Values::Int(_) => 7,
        Values::Real(_) => 10,
        Values::Text(_) => 11,
    };
    Record::default()
        .with(0, Field::Text(&column.name))
        .with(1, Field::U8(kind))
        .with(2, Field::Text(&column.label_sv))
        .with(3, Field::Text(&column.label_en))
}

fn feature(table: &Table, shapes: &Shapes, row: usize, part: Part) -> Vec<u8> {
    let mut properties = Vec::new();
    for (i, column) in table.columns.iter().enumerate() {
        let value = match &column.values {
            Values::Bool(v) => v[row].map(|b| vec![u8::from(b)]),
            Values::Int(v) => v[row].map(|n| n.to_le_bytes().to_vec()),
            Values::Real(v) => v[row].filter(|x| x.is_finite()).map(|x| x.to_le_bytes().to_vec()),
            Values::Text(v) => v[row].as_ref().map(|text| {
                let mut bytes = (text.len() as u32).to_le_bytes().to_vec();
                bytes.extend(text.as_bytes());
                bytes
            }),
        };
        if let Some(value) = value {
            properties.extend((i as u16).to_le_bytes());
            properties.extend(value);
        }
    }
    let mut record = Record::default();
    if let Some(geometry) = geometry(shapes, row, part) {
        record = record.with(0, Field::Table(geometry));
    }
    record.with(1, Field::Bytes(&properties)).size_prefixed()
}

fn geometry(shapes: &Shapes, row: usize, part: Part) -> Option<Record<'static>> {
    let parts = shapes.parts_of(row);
    if parts.is_empty() {
        return None;
    }
    let flat = |coords: &[Coord<f64>]| coords.iter().flat_map(|c| [c.x, c.y]).collect::<Vec<f64>>();
    let kind = Field::U8(type_of(part));
    Some(match part {
        Part::Point => Record::default().with(1, Field::Numbers(flat(shapes.coords_of(row)))).with(6, kind),
        Part::Line => {
            let (mut ends, mut n) = (Vec::new(), 0);
            for p in parts {
                n += shapes.ring(shapes.rings_of(p).start).len() as u32;
                ends.push(n);
            }
            let all = Field::Numbers(flat(shapes.coords_of(row)));
            Record::default().with(0, Field::Ends(ends)).with(1, all).with(6, kind)
        }
        Part::Polygon => {
            let polygons = parts.map(|p| {
                let (mut ends, mut positions) = (Vec::new(), Vec::new());
                for ring in right_hand_rings(shapes, p) {
                    positions.extend(ring.coords().flat_map(|c| [c.x, c.y]));
                    ends.push((positions.len() / 2) as u32);
                }
                let polygon = Record::default().with(0, Field::Ends(ends));
                polygon.with(1, Field::Numbers(positions)).with(6, Field::U8(POLYGON))
            });
            Record::default().with(6, kind).with(7, Field::Tables(polygons.collect()))
        }
    })
}
