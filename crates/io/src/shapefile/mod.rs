//! Shapefiles in: `.shp` with `.dbf`, `.prj` and `.cpg`, also within a zip archive.
//!
//! Read here and not by a crate, because records of fixed layout go straight into columns, with every length
//! checked against the bytes that are there.

mod archive;
mod dbf;
mod rings;
mod shp;

use crate::values::{BatchBuilder, Value};
use archive::Archive;
use dbf::{RecordReader, encoding_of_cpg};
use shp::ShapeReader;
use std::fs::File;
use std::io::{BufReader, Cursor, Read};
use std::path::{Path, PathBuf};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{FeatureSource, Features, Format, ReadError, Request, SourceSchema};

/// The shapefiles of an archive by their path inside; none for a plain shapefile.
pub(crate) fn layers(path: &Path, format: Format) -> Result<Vec<String>, ReadError> {
    match format {
        Format::ZippedShapefile => {
            let archive =
                Archive::open(crate::open_file(path)?).map_err(|what| malformed(path, format, what))?;
            Ok(archive.stems())
        }
        _ => Ok(Vec::new()),
    }
}

/// What the file says about itself; no CRS without a `.prj`.
pub(crate) fn inspect(
    path: &Path,
    format: Format,
    layer: Option<&str>,
    encoding: Option<&str>,
) -> Result<SourceSchema, ReadError> {
    Opened::open(path, format, layer, encoding).map(|opened| opened.schema)
}

/// Opens a shapefile for reading. Records marked as deleted are passed over.
pub(crate) fn open(path: &Path, format: Format, request: &Request) -> Result<ShapefileSource, ReadError> {
    let opened = Opened::open(path, format, request.layer.as_deref(), request.encoding.as_deref())?;
    crate::require_columns(path, request, &opened.schema.fields)?;
    let position = |name: &str| opened.schema.fields.iter().position(|f| f == name);
    let columns = request.columns.iter().filter_map(|(name, _)| position(name)).collect();
    Ok(ShapefileSource {
        path: path.to_path_buf(),
        format,
        request: request.clone(),
        opened,
        columns,
        n_read: 0,
    })
}

/// A shapefile being read.
pub(crate) struct ShapefileSource {
    path: PathBuf,
    format: Format,
    request: Request,
    opened: Opened,
    /// Field of each wanted column.
    columns: Vec<usize>,
    n_read: u64,
}

impl FeatureSource for ShapefileSource {
    fn schema(&self) -> &SourceSchema {
        &self.opened.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let io = |source| ReadError::Io { file: self.path.clone(), source };
        let broken = |what: String| malformed(&self.path, self.format, what);
        let mut batch = BatchBuilder::new(&self.request, self.n_read + 1, true);
        while batch.n_rows() < max_rows.max(1) && self.opened.shapes.next().map_err(io)?.map_err(broken)? {
            self.n_read += 1;
            if let Some(records) = &mut self.opened.records {
                if !records.next().map_err(io)? {
                    let what = format!("the .dbf file ends before record {}", self.n_read);
                    return Err(broken(what));
                }
                if records.is_deleted() {
                    continue;
                }
            }
            batch.push_shape(|shapes| self.opened.shapes.add_to(shapes));
            for (column, &field) in self.columns.iter().enumerate() {
                let value = self.opened.records.as_ref().map_or(Value::Missing, |r| r.value(field));
                batch.push_value(column, &value);
            }
            batch.end_row(self.n_read);
        }
        Ok(batch.finish())
    }
}

struct Opened {
    schema: SourceSchema,
    shapes: ShapeReader,
    records: Option<RecordReader>,
}

/// The parts of one shapefile.
struct Parts {
    name: Option<String>,
    shp: Box<dyn Read + Send>,
    dbf: Option<Box<dyn Read + Send>>,
    prj: Option<Vec<u8>>,
    cpg: Option<Vec<u8>>,
}

impl Opened {
    fn open(
        path: &Path,
        format: Format,
        layer: Option<&str>,
        encoding: Option<&str>,
    ) -> Result<Opened, ReadError> {
        let io = |source| ReadError::Io { file: path.to_path_buf(), source };
        let broken = |what| malformed(path, format, what);
        let asked = crate::encoding_named(path, format, encoding)?;
        let parts = match format {
            Format::ZippedShapefile => parts_of_archive(path, layer)?,
            _ => parts_of_folder(path)?,
        };
        let told = || parts.cpg.as_ref().and_then(|t| encoding_of_cpg(&String::from_utf8_lossy(t)));
        let shapes = ShapeReader::new(parts.shp).map_err(io)?.map_err(broken)?;
        let records = match parts.dbf {
            Some(dbf) => Some(RecordReader::new(dbf, asked.or_else(told)).map_err(io)?.map_err(broken)?),
            None => None,
        };
        let prj =
            parts.prj.map(|p| String::from_utf8_lossy(&p).trim().trim_start_matches('\u{feff}').to_string());
        let fields = records.iter().flat_map(|r| r.fields.iter().map(|f| f.name.clone())).collect();
        let schema = SourceSchema {
            format: format.name(),
            layer: parts.name,
            fields,
            crs: prj.filter(|p| !p.is_empty()).map(CrsDeclaration::Wkt),
            has_geometry: true,
            n_rows: records.as_ref().map(|r| r.n_records),
        };
        Ok(Opened { schema, shapes, records })
    }
}

/// The `.shp` at `path` and the files beside it with the same stem, whatever the case of their extensions.
fn parts_of_folder(path: &Path) -> Result<Parts, ReadError> {
    let sibling = |extension: &str| -> Option<File> {
        let cases = [extension.to_string(), extension.to_ascii_uppercase()];
        cases.iter().find_map(|e| File::open(path.with_extension(e)).ok())
    };
    let read = |extension: &str| -> Option<Vec<u8>> {
        let mut bytes = Vec::new();
        // A definition of a CRS or an encoding is short.
        sibling(extension)?.take(64 * 1024).read_to_end(&mut bytes).ok()?;
        Some(bytes)
    };
    let buffered = |file: File| -> Box<dyn Read + Send> { Box::new(BufReader::with_capacity(1 << 20, file)) };
    Ok(Parts {
        name: None,
        shp: buffered(crate::open_file(path)?),
        dbf: sibling("dbf").map(buffered),
        prj: read("prj"),
        cpg: read("cpg"),
    })
}

fn parts_of_archive(path: &Path, layer: Option<&str>) -> Result<Parts, ReadError> {
    let broken = |what| malformed(path, Format::ZippedShapefile, what);
    let mut archive = Archive::open(crate::open_file(path)?).map_err(broken)?;
    let stems = archive.stems();
    if stems.is_empty() {
        return Err(broken("the archive holds no .shp file".to_string()));
    }
    let name_of = |stem: &str| stem.rsplit('/').next().unwrap_or(stem).to_string();
    let chosen = match layer {
        Some(wanted) => stems.iter().find(|s| *s == wanted || name_of(s) == wanted),
        None if stems.len() == 1 => stems.first(),
        None => None,
    };
    let Some(stem) = chosen else {
        return Err(ReadError::NoSuchLayer {
            file: path.to_path_buf(),
            wanted: layer.unwrap_or_default().to_string(),
            present: stems,
        });
    };
    let mut read = |extension: &str| archive.read(stem, extension).map_err(broken);
    let boxed = |bytes: Vec<u8>| -> Box<dyn Read + Send> { Box::new(Cursor::new(bytes)) };
    Ok(Parts {
        name: Some(stem.clone()),
        shp: boxed(read("shp")?.unwrap_or_default()),
        dbf: read("dbf")?.map(boxed),
        prj: read("prj")?,
        cpg: read("cpg")?,
    })
}

fn malformed(path: &Path, format: Format, what: String) -> ReadError {
    ReadError::Malformed { file: path.to_path_buf(), format: format.name(), what, hint: None }
}
