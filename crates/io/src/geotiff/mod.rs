//! GeoTIFF in: population grids as cells, and coverage as the area whose value reaches a threshold.
//!
//! Streamed tile by tile or strip by strip, so memory is bounded by one of them (at most [`MAX_CHUNK_BYTES`]).
//! Grids must be north-up; the first band of the first image is read. Pixels without data (`GDAL_NODATA`, NaN)
//! and pixels of 0 are no cells.

mod coverage;
mod grid;

pub use coverage::{RasterCoverage, read_raster_coverage};

use crate::values::{BatchBuilder, Value};
use grid::{Chunk, Grid};
use std::path::Path;
use whitespot_model::{
    features::{As, FeatureSource, Features, Format, ReadError, Request, SourceSchema},
    shapes::Part,
};

/// Largest tile or strip that is decoded.
pub(crate) const MAX_CHUNK_BYTES: usize = 256 << 20;

/// The one column: the value of the cell.
pub const VALUE: &str = "value";

/// What the file says about itself.
pub(crate) fn inspect(path: &Path) -> Result<SourceSchema, ReadError> {
    Ok(schema_of(&Grid::open(path)?))
}

fn schema_of(grid: &Grid) -> SourceSchema {
    SourceSchema {
        format: Format::GeoTiff.name(),
        layer: None,
        fields: vec![VALUE.to_string()],
        crs: grid.crs.clone(),
        has_geometry: true,
        n_rows: None,
    }
}

/// Opens a file for reading its cells: one row a pixel with data other than 0, tile by tile, each from left to
/// right and top to bottom. A row's place is the pixel's number counted so over the whole image, from 1.
pub(crate) fn open(path: &Path, request: &Request) -> Result<GeoTiffSource, ReadError> {
    let grid = Grid::open(path)?;
    let schema = schema_of(&grid);
    crate::require_columns(path, request, &schema.fields)?;
    Ok(GeoTiffSource { grid, schema, request: request.clone(), next_chunk: 0, chunk: None, at: 0 })
}

/// A raster being read cell by cell.
pub(crate) struct GeoTiffSource {
    grid: Grid,
    schema: SourceSchema,
    request: Request,
    next_chunk: u32,
    chunk: Option<Chunk>,
    /// Position in the chunk's values.
    at: usize,
}

impl FeatureSource for GeoTiffSource {
    fn schema(&self) -> &SourceSchema {
        &self.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        let mut batch = BatchBuilder::new(&self.request, 1, true);
        while batch.n_rows() < max_rows.max(1) {
            let Some(chunk) = &self.chunk else {
                if self.next_chunk >= self.grid.n_chunks() {
                    break;
                }
                self.chunk = self.grid.read_chunk(self.next_chunk)?;
                self.next_chunk += 1;
                self.at = 0;
                continue;
            };
            if self.at >= chunk.values.len() {
                self.chunk = None;
                continue;
            }
            let value = chunk.values[self.at];
            if !value.is_nan() && value != 0.0 {
                let (row, column) = chunk.pixel(self.at);
                push_cell(&mut batch, &self.request, &self.grid, (row, column), value);
            }
            self.at += 1;
        }
        Ok(batch.finish())
    }
}

fn push_cell(batch: &mut BatchBuilder, request: &Request, grid: &Grid, pixel: (u32, u32), value: f64) {
    let (row, column) = pixel;
    batch.push_shape(|shapes| {
        let (west, east) = (grid.x(column), grid.x(column + 1));
        let (south, north) = (grid.y(row + 1), grid.y(row));
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(west, south), (east, south), (east, north), (west, north), (west, south)]);
        shapes.end_part();
        None
    });
    for (i, (_, kind)) in request.columns.iter().enumerate() {
        let value = if *kind == As::Text && value.fract() == 0.0 && value.abs() < 1e15 {
            Value::Integer(value as i64)
        } else {
            Value::Real(value)
        };
        batch.push_value(i, &value);
    }
    batch.end_row(u64::from(row) * u64::from(grid.width) + u64::from(column) + 1);
}
