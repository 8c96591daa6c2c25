//! Parquet in: plain columns, and shapes of GeoParquet written as WKB.
//!
//! Rows stream by blocks of a row group: only the wanted columns are read, as bytes of one row group at a
//! time, and decoded about 32 MiB at a time. Memory is that, and the compressed bytes of the wanted columns of
//! the largest row group (most writers close one after 10⁵–10⁶ rows).

mod bounds;
mod file;
mod footer;
mod geo;
mod sink;
mod values;
mod wkb_encode;
pub(crate) mod write;

use crate::failure;
use file::{Chunk, ParquetFile, is_plain};
use geo::Geometry;
use polars_arrow::array::Array;
use std::path::{Path, PathBuf};
use whitespot_model::{
    features::{
        As, Column, Defect, DefectKind, FeatureSource, Features, ReadError, Request, SourceSchema, TextColumn,
    },
    shapes::Shapes,
    wkb::{self, WkbError},
};

/// Name of the format in errors.
const FORMAT: &str = "Parquet";
/// About how much is decoded at once.
const BLOCK_BYTES: usize = 32 << 20;
/// A batch ends early when a column's texts or shapes reach this size.
const MAX_TEXT_BYTES: usize = 64 << 20;

/// Reads the columns, the row count and the CRS of a Parquet file.
///
/// # Errors
/// When the file cannot be read or is damaged.
pub(crate) fn inspect(path: &Path) -> Result<SourceSchema, ReadError> {
    let file = ParquetFile::open(path)?;
    let geometry = geometry_of(path, &file)?;
    Ok(schema(&file, geometry.as_ref()))
}

/// Opens a Parquet file for the columns of a request. A column of structs, lists or times of day cannot be
/// asked for.
///
/// # Errors
/// As [`inspect`], when a column is not there or not plain, and for shapes that are not written as WKB.
pub(crate) fn open(path: &Path, request: &Request) -> Result<Box<dyn FeatureSource>, ReadError> {
    let file = ParquetFile::open(path)?;
    let geometry = geometry_of(path, &file)?;
    let schema = schema(&file, geometry.as_ref());
    let mut columns = Vec::with_capacity(request.columns.len() + 1);
    let mut kinds = Vec::with_capacity(request.columns.len());
    for (name, kind) in &request.columns {
        let found = file.columns().iter().position(|f| f.name == name.as_str());
        let column = found.ok_or_else(|| failure::no_such_column(path, name, &schema.fields))?;
        if !is_plain(file.columns()[column].dtype()) {
            let what = format!(
                "column `{name}` holds {:?}, not one number or text a row",
                file.columns()[column].dtype()
            );
            return Err(failure::malformed(path, FORMAT, what).into());
        }
        columns.push(column);
        kinds.push(*kind);
    }
    let is_elsewhere = is_elsewhere(&file, geometry.as_ref(), request);
    let has_shapes = match geometry.filter(|_| request.geometry) {
        Some(geometry) => {
            columns.push(wkb_column(path, &file, &geometry)?);
            true
        }
        None => false,
    };
    Ok(Box::new(ParquetSource {
        path: path.to_path_buf(),
        file,
        schema,
        columns,
        kinds,
        has_shapes,
        is_elsewhere,
        n_skipped: 0,
        row_group: 0,
        n_decoded: 0,
        chunks: Vec::new(),
        block: Block::default(),
        n_given: 0,
    }))
}

/// Per row group whether no polygon of it touches [`Request::within`]; empty where the file does not tell, or holds
/// lines or points, which matter at a distance.
fn is_elsewhere(file: &ParquetFile, geometry: Option<&Geometry>, request: &Request) -> Vec<bool> {
    let (Some(within), Some(geometry)) = (&request.within, geometry.filter(|g| g.is_polygonal)) else {
        return Vec::new();
    };
    let is_elsewhere =
        |group| bounds::of_row_group(file, geometry, group).is_some_and(|own| !bounds::touch(&own, within));
    (0..file.n_row_groups()).map(is_elsewhere).collect()
}

/// Smallest x and y, largest x and y of what a Parquet file holds, by its footer alone: of the points in two columns
/// where named, else of its shapes.
///
/// # Errors
/// As [`inspect`].
pub(crate) fn extent(path: &Path, points: Option<(&str, &str)>) -> Result<Option<[f64; 4]>, ReadError> {
    let file = ParquetFile::open(path)?;
    Ok(match points {
        Some((x, y)) => bounds::of_points(&file, x, y),
        None => geometry_of(path, &file)?.and_then(|geometry| bounds::of_shapes(&geometry)),
    })
}

fn geometry_of(path: &Path, file: &ParquetFile) -> Result<Option<Geometry>, ReadError> {
    file.metadata_value("geo").map(|json| geo::parse(path, json)).transpose()
}

fn schema(file: &ParquetFile, geometry: Option<&Geometry>) -> SourceSchema {
    let is_attribute = |name: &str| geometry.is_none_or(|g| g.column != name);
    let names = file.columns().iter().map(|f| f.name.as_str());
    SourceSchema {
        format: if geometry.is_some() { "GeoParquet" } else { FORMAT },
        layer: None,
        fields: names.filter(|name| is_attribute(name)).map(str::to_string).collect(),
        crs: geometry.map(|g| g.crs.clone()),
        has_geometry: geometry.is_some(),
        n_rows: Some(file.n_rows()),
    }
}

fn wkb_column(path: &Path, file: &ParquetFile, geometry: &Geometry) -> Result<usize, ReadError> {
    if !geometry.encoding.eq_ignore_ascii_case("wkb") {
        let what = format!("its shapes are written as `{}`; only WKB is read", geometry.encoding);
        return Err(failure::malformed(path, "GeoParquet", what)
            .hint("rewrite it: ogr2ogr -lco GEOMETRY_ENCODING=WKB new.parquet old.parquet")
            .into());
    }
    let column = file.columns().iter().position(|f| f.name == geometry.column.as_str());
    column
        .filter(|&c| *file.columns()[c].dtype() == polars_arrow::datatypes::ArrowDataType::BinaryView)
        .ok_or_else(|| {
            let what =
                format!("its `geo` metadata names the column `{}`, which holds no binary", geometry.column);
            failure::malformed(path, "GeoParquet", what).into()
        })
}

struct ParquetSource {
    path: PathBuf,
    file: ParquetFile,
    schema: SourceSchema,
    /// Positions in the file: the columns asked for, then the geometry if wanted.
    columns: Vec<usize>,
    kinds: Vec<As>,
    has_shapes: bool,
    /// Row groups that lie outside of what is wanted; empty where none is known to.
    is_elsewhere: Vec<bool>,
    /// Rows of those that have been passed over.
    n_skipped: u64,
    /// The row group being read, how many of its rows are decoded, and its bytes once read.
    row_group: usize,
    n_decoded: usize,
    chunks: Vec<Chunk>,
    block: Block,
    /// Rows given in all batches.
    n_given: u64,
}

/// Decoded rows that wait to be given.
#[derive(Default)]
struct Block {
    /// Per column the arrays in order.
    columns: Vec<Vec<Box<dyn Array>>>,
    n_rows: usize,
    n_given: usize,
}

impl FeatureSource for ParquetSource {
    fn schema(&self) -> &SourceSchema {
        &self.schema
    }

    fn n_skipped(&self) -> u64 {
        self.n_skipped
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        while self.block.n_given == self.block.n_rows {
            if !self.decode_block()? {
                return Ok(None);
            }
        }
        let n_left = self.block.n_rows - self.block.n_given;
        let n_rows = self.block.rows_within_memory(n_left.min(max_rows.max(1)));
        let batch = self.batch(n_rows)?;
        self.block.n_given += n_rows;
        self.n_given += n_rows as u64;
        Ok(Some(batch))
    }
}

impl ParquetSource {
    /// Decodes the next rows of the row group, or of the next one; whether there was one.
    fn decode_block(&mut self) -> Result<bool, ReadError> {
        self.block = Block::default();
        while self.row_group < self.file.n_row_groups() {
            let n_rows = self.file.n_rows_of(self.row_group);
            if self.n_decoded == 0 && self.is_elsewhere.get(self.row_group) == Some(&true) {
                self.n_skipped += n_rows as u64;
                self.n_decoded = n_rows;
            }
            if self.n_decoded == n_rows {
                self.row_group += 1;
                self.n_decoded = 0;
                self.chunks.clear();
                continue;
            }
            if self.chunks.len() < self.columns.len() {
                for &column in &self.columns {
                    self.chunks.push(self.file.read_chunk(self.row_group, column)?);
                }
            }
            let bytes_per_row: usize = self.chunks.iter().map(Chunk::bytes_per_row).sum();
            let n_block = (BLOCK_BYTES / bytes_per_row.max(16)).clamp(1, n_rows - self.n_decoded);
            let rows = self.n_decoded..self.n_decoded + n_block;
            for chunk in &self.chunks {
                self.block.columns.push(self.file.decode(chunk, rows.clone())?);
            }
            self.block.n_rows = n_block;
            self.n_decoded += n_block;
            return Ok(true);
        }
        Ok(false)
    }

    fn batch(&self, n_rows: usize) -> Result<Features, ReadError> {
        let mut batch =
            Features { n_rows, first_place: self.n_given + self.n_skipped + 1, ..Features::default() };
        for (i, kind) in self.kinds.iter().enumerate() {
            let column = match kind {
                As::Number => {
                    let mut numbers = Vec::with_capacity(n_rows);
                    self.block.for_each_array(i, n_rows, |array| {
                        values::push_numbers(array, i, &mut numbers, &mut batch.defects);
                    });
                    Column::Number(numbers)
                }
                As::Text => {
                    let mut texts = TextColumn::default();
                    self.block.for_each_array(i, n_rows, |array| values::push_texts(array, &mut texts));
                    Column::Text(texts)
                }
            };
            batch.columns.push(column);
        }
        if self.has_shapes {
            let mut shapes = Shapes::default();
            self.block.for_each_array(self.kinds.len(), n_rows, |array| {
                push_shapes(array, &mut shapes, &mut batch.defects);
            });
            if shapes.n_features() != n_rows {
                let what = "its geometry column holds no binary values";
                return Err(failure::malformed(&self.path, "GeoParquet", what).into());
            }
            batch.shapes = Some(shapes);
        }
        Ok(batch)
    }
}

impl Block {
    /// Calls `take` with the arrays of the next `n_rows` rows of a column.
    fn for_each_array(&self, column: usize, n_rows: usize, mut take: impl FnMut(&dyn Array)) {
        let (mut skip, mut left) = (self.n_given, n_rows);
        for array in &self.columns[column] {
            let here = array.len().saturating_sub(skip).min(left);
            if here > 0 {
                take(array.sliced(skip, here).as_ref());
            }
            skip = skip.saturating_sub(array.len());
            left -= here;
        }
    }

    /// At most `n_rows`, fewer where their text would be too long, at least one.
    fn rows_within_memory(&self, n_rows: usize) -> usize {
        let mut n_within = n_rows;
        for column in 0..self.columns.len() {
            let (mut n, mut bytes_left) = (0, MAX_TEXT_BYTES);
            self.for_each_array(column, n_within, |array| n += values::n_rows_within(array, &mut bytes_left));
            n_within = n;
        }
        n_within.max(1)
    }
}

/// Appends a feature a row; a missing shape is an empty one.
fn push_shapes(array: &dyn Array, shapes: &mut Shapes, defects: &mut Vec<Defect>) {
    for bytes in values::bytes_of(array).into_iter().flatten() {
        let defect = match bytes.map(|b| wkb::decode_into(b, shapes)) {
            None | Some(Ok(0)) => None,
            Some(Ok(n)) => Some((DefectKind::UnclosedRing, format!("{n} ring(s) not closed, closed here"))),
            Some(Err(e @ WkbError::Unsupported(_))) => Some((DefectKind::UnsupportedGeometry, e.to_string())),
            Some(Err(e)) => Some((DefectKind::BadGeometry, e.to_string())),
        };
        defects.extend(defect.map(|(kind, evidence)| Defect { row: shapes.n_features(), kind, evidence }));
        shapes.end_feature();
    }
}
