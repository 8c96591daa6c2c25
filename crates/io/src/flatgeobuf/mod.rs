//! FlatGeobuf in (specification 3): features one after the other, straight into columns; the index is passed
//! over, as everything is wanted.
//!
//! Read here and not by a crate: the format is a dozen fields, and so no offset is followed unchecked.

mod build;
mod flatbuffer;
mod geometry;
mod index;
mod write;

pub use write::write_flatgeobuf;

use crate::values::{BatchBuilder, Value};
use flatbuffer::Table;
use std::borrow::Cow;
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::{Path, PathBuf};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{
    DefectKind, FeatureSource, Features, Format, ReadError, Request, SourceSchema,
};

/// Largest header; real ones have some kilobytes.
const MAX_HEADER_BYTES: u32 = 64 << 20;

/// What the file says about itself.
pub(crate) fn inspect(path: &Path) -> Result<SourceSchema, ReadError> {
    Opened::open(path).map(|opened| opened.schema)
}

/// Opens a file for reading.
pub(crate) fn open(path: &Path, request: &Request) -> Result<FlatGeobufSource, ReadError> {
    let opened = Opened::open(path)?;
    if let Some(wanted) = request.layer.as_ref().filter(|l| opened.schema.layer.as_ref() != Some(l)) {
        return Err(ReadError::NoSuchLayer {
            file: path.to_path_buf(),
            wanted: wanted.clone(),
            present: opened.schema.layer.into_iter().collect(),
        });
    }
    crate::require_columns(path, request, &opened.schema.fields)?;
    let wanted = opened.schema.fields.iter().map(|field| {
        let positions = request.columns.iter().enumerate().filter(|(_, (name, _))| name == field);
        positions.map(|(i, _)| i).collect()
    });
    let wanted = wanted.collect();
    Ok(FlatGeobufSource { path: path.to_path_buf(), opened, request: request.clone(), wanted, n_read: 0 })
}

/// A file being read.
pub(crate) struct FlatGeobufSource {
    path: PathBuf,
    opened: Opened,
    request: Request,
    /// For each field of the file the wanted columns that take it.
    wanted: Vec<Vec<usize>>,
    n_read: u64,
}

impl FeatureSource for FlatGeobufSource {
    fn schema(&self) -> &SourceSchema {
        &self.opened.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let mut batch = BatchBuilder::new(&self.request, self.n_read + 1, false);
        let mut buffer = Vec::new();
        while batch.n_rows() < max_rows.max(1) && self.read_feature(&mut buffer)? {
            self.n_read += 1;
            let Some(feature) = Table::root(&buffer) else {
                return Err(malformed(&self.path, format!("feature {} is broken", self.n_read)));
            };
            batch.push_shape(|shapes| match (feature.table(0), feature.has(0)) {
                (Some(geometry), _) => geometry::add_to(geometry, self.opened.geometry_type, shapes),
                (None, true) => Some((DefectKind::BadGeometry, "the geometry is broken".to_string())),
                (None, false) => None,
            });
            let mut values = vec![Value::Missing; self.request.columns.len()];
            self.find_values(feature.vector(1, 1).unwrap_or_default(), &mut values);
            for (column, value) in values.iter().enumerate() {
                batch.push_value(column, value);
            }
            batch.end_row(self.n_read);
        }
        Ok(batch.finish())
    }
}

impl FlatGeobufSource {
    /// Reads the next feature into `buffer`; `false` at the end.
    fn read_feature(&mut self, buffer: &mut Vec<u8>) -> Result<bool, ReadError> {
        let io = |source| ReadError::Io { file: self.path.clone(), source };
        let cut = || malformed(&self.path, format!("the file ends within feature {}", self.n_read + 1));
        let mut size = [0; 4];
        match read_up_to(&mut self.opened.file, &mut size).map_err(io)? {
            4 => {}
            0 if self.opened.schema.n_rows.is_none_or(|n| n == self.n_read) => return Ok(false),
            _ => return Err(cut()),
        }
        let n = u64::from(u32::from_le_bytes(size));
        buffer.clear();
        (&mut self.opened.file).take(n).read_to_end(buffer).map_err(io)?;
        if (buffer.len() as u64) < n { Err(cut()) } else { Ok(true) }
    }

    /// Properties are pairs of column number and value; one of unknown make ends them.
    fn find_values<'b>(&self, mut properties: &'b [u8], values: &mut [Value<'b>]) {
        while let Some((index, rest)) = properties.split_first_chunk() {
            let index = usize::from(u16::from_le_bytes(*index));
            let Some((value, rest)) = self.opened.kinds.get(index).and_then(|kind| read_value(*kind, rest))
            else {
                return;
            };
            for &column in &self.wanted[index] {
                values[column] = value.clone();
            }
            properties = rest;
        }
    }
}

/// The value of a column type (`ColumnType` of the specification) at the beginning of the bytes, and the rest.
fn read_value(kind: u8, bytes: &[u8]) -> Option<(Value<'_>, &[u8])> {
    fn number<const N: usize>(
        bytes: &[u8],
        value: impl Fn([u8; N]) -> Value<'static>,
    ) -> Option<(Value<'_>, &[u8])> {
        bytes.split_first_chunk().map(|(b, rest)| (value(*b), rest))
    }
    match kind {
        0 => number(bytes, |b| Value::Integer(i8::from_le_bytes(b).into())),
        1 => number(bytes, |b| Value::Integer(u8::from_le_bytes(b).into())),
        2 => number(bytes, |[b]| Value::Bool(b != 0)),
        3 => number(bytes, |b| Value::Integer(i16::from_le_bytes(b).into())),
        4 => number(bytes, |b| Value::Integer(u16::from_le_bytes(b).into())),
        5 => number(bytes, |b| Value::Integer(i32::from_le_bytes(b).into())),
        6 => number(bytes, |b| Value::Integer(u32::from_le_bytes(b).into())),
        7 => number(bytes, |b| Value::Integer(i64::from_le_bytes(b))),
        8 => number(bytes, |b| {
            let value = u64::from_le_bytes(b);
            i64::try_from(value).map_or(Value::Text(Cow::Owned(value.to_string())), Value::Integer)
        }),
        9 => number(bytes, |b| Value::Real(f32::from_le_bytes(b).into())),
        10 => number(bytes, |b| Value::Real(f64::from_le_bytes(b))),
        11..=14 => {
            let (n, rest) = bytes.split_first_chunk()?;
            let (content, rest) = rest.split_at_checked(u32::from_le_bytes(*n) as usize)?;
            let value = if kind == 14 {
                Value::Other("a binary value")
            } else {
                Value::Text(String::from_utf8_lossy(content))
            };
            Some((value, rest))
        }
        _ => None,
    }
}

struct Opened {
    schema: SourceSchema,
    file: BufReader<File>,
    /// Type of each column.
    kinds: Vec<u8>,
    /// Type of all geometries; 0 where each tells its own.
    geometry_type: u8,
}

impl Opened {
    fn open(path: &Path) -> Result<Opened, ReadError> {
        let io = |source| ReadError::Io { file: path.to_path_buf(), source };
        let mut file = BufReader::with_capacity(1 << 20, crate::open_file(path)?);
        let mut start = [0; 12];
        let n = read_up_to(&mut file, &mut start).map_err(io)?;
        if n < 12 || !start.starts_with(b"fgb\x03fgb") {
            return Err(malformed(path, "the file does not begin as FlatGeobuf version 3".to_string()));
        }
        let n_header = flatbuffer::u32_at(&start, 8).unwrap_or(0);
        let mut bytes = Vec::new();
        (&mut file).take(u64::from(n_header.min(MAX_HEADER_BYTES))).read_to_end(&mut bytes).map_err(io)?;
        if bytes.len() < n_header as usize {
            return Err(malformed(path, "the file ends within its header".to_string()));
        }
        let header =
            Table::root(&bytes).ok_or_else(|| malformed(path, "the header is broken".to_string()))?;
        let n_features = header.u64(8).unwrap_or(0);
        let columns: Vec<(String, u8)> = header
            .tables(7)
            .map_while(|column| column.and_then(|c| Some((c.str(0)?.to_string(), c.u8(1).unwrap_or(0)))))
            .collect();
        let n_index = index_bytes(n_features, header.u16(9).unwrap_or(16));
        let n_skipped = io::copy(&mut (&mut file).take(n_index), &mut io::sink()).map_err(io)?;
        if n_skipped < n_index {
            return Err(malformed(path, "the file ends within its index".to_string()));
        }
        let schema = SourceSchema {
            format: Format::FlatGeobuf.name(),
            layer: header.str(0).filter(|n| !n.is_empty()).map(str::to_string),
            fields: columns.iter().map(|c| c.0.clone()).collect(),
            crs: header.table(10).and_then(crs),
            has_geometry: true,
            // 0 means that the writer did not know.
            n_rows: (n_features > 0).then_some(n_features),
        };
        let geometry_type = header.u8(2).unwrap_or(0);
        Ok(Opened { schema, file, kinds: columns.into_iter().map(|c| c.1).collect(), geometry_type })
    }
}

fn crs(crs: Table<'_>) -> Option<CrsDeclaration> {
    let code = crs.i32(1).unwrap_or(0);
    let organization = crs.str(0).filter(|o| !o.is_empty()).unwrap_or("EPSG").to_ascii_uppercase();
    let wkt = crs.str(4).filter(|w| !w.is_empty()).map(|w| CrsDeclaration::Wkt(w.to_string()));
    match (code, crs.str(5).filter(|c| !c.is_empty())) {
        (0, Some(code)) => Some(CrsDeclaration::Code(format!("{organization}:{code}"))),
        (0, None) => wkt,
        (code, _) if matches!(organization.as_str(), "EPSG" | "ESRI") || wkt.is_none() => {
            Some(CrsDeclaration::Code(format!("{organization}:{code}")))
        }
        _ => wkt,
    }
}

/// Length of the packed Hilbert R-tree: 40 bytes a node, levels of `n`, `n / node_size`, … down to 1.
fn index_bytes(n_features: u64, node_size: u16) -> u64 {
    if node_size < 2 || n_features == 0 {
        return 0;
    }
    let mut n = n_features;
    let mut n_nodes = n;
    while n > 1 {
        n = n.div_ceil(u64::from(node_size));
        n_nodes = n_nodes.saturating_add(n);
    }
    // A tree of one feature still has a root over it.
    if n_features == 1 {
        n_nodes = 2;
    }
    n_nodes.saturating_mul(40)
}

/// Reads until the buffer is full or the file ends; how many bytes there were.
fn read_up_to(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut n = 0;
    while n < buffer.len() {
        match file.read(&mut buffer[n..]) {
            Ok(0) => break,
            Ok(more) => n += more,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(n)
}

fn malformed(path: &Path, what: String) -> ReadError {
    ReadError::Malformed { file: path.to_path_buf(), format: Format::FlatGeobuf.name(), what, hint: None }
}
