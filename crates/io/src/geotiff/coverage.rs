//! Coverage by threshold: the pixels that reach a value, as few rectangles as their rows and columns allow.

use super::grid::Grid;
use std::path::Path;
use whitespot_model::{
    crs::CrsDeclaration,
    features::ReadError,
    shapes::{Part, Shapes},
};

/// The covered part of a raster.
#[derive(Debug)]
pub struct RasterCoverage {
    /// The CRS that the file declares.
    pub crs: Option<CrsDeclaration>,
    /// One feature of rectangles, empty where nothing reaches the threshold.
    pub shapes: Shapes,
    /// Pixels with data.
    pub n_pixels: u64,
    /// Those that reach the threshold.
    pub n_covered: u64,
    /// Smallest and largest value there is; NaN without any.
    pub range: (f64, f64),
}

/// Reads which pixels are at least `min_value`, band by band of tiles.
///
/// Pixels side by side are one rectangle, and so are equal stretches of rows below one another; edges of
/// rectangles are the pixels' own, so a settlement on the edge of a covered pixel is covered.
///
/// # Errors
/// When the file is missing, damaged, turned, or without a place.
pub fn read_raster_coverage(path: &Path, min_value: f64) -> Result<RasterCoverage, ReadError> {
    let mut grid = Grid::open(path)?;
    let mut found = RasterCoverage {
        crs: grid.crs.clone(),
        shapes: Shapes::default(),
        n_pixels: 0,
        n_covered: 0,
        range: (f64::NAN, f64::NAN),
    };
    let width = grid.width as usize;
    // Stretches of the row before, with the row they began in.
    let mut open: Vec<Stretch> = Vec::new();
    let mut band: Vec<bool> = Vec::new();
    let n_bands = grid.height.div_ceil(grid.chunk_size.1);
    for b in 0..n_bands {
        let first_row = b * grid.chunk_size.1;
        let n_rows = grid.chunk_size.1.min(grid.height - first_row) as usize;
        band.clear();
        band.resize(n_rows * width, false);
        for c in 0..grid.chunks_across {
            let Some(chunk) = grid.read_chunk(b * grid.chunks_across + c)? else { continue };
            for (at, value) in chunk.values.iter().enumerate().filter(|(_, v)| !v.is_nan()) {
                found.n_pixels += 1;
                found.range = (found.range.0.min(*value), found.range.1.max(*value));
                if *value >= min_value {
                    found.n_covered += 1;
                    let (row, column) = chunk.pixel(at);
                    band[(row - first_row) as usize * width + column as usize] = true;
                }
            }
        }
        for (i, row) in band.chunks_exact(width).enumerate() {
            open = extend(open, row, first_row + i as u32, &grid, &mut found.shapes);
        }
    }
    for stretch in open {
        push(&stretch, grid.height, &grid, &mut found.shapes);
    }
    found.shapes.end_feature();
    Ok(found)
}

/// Covered pixels side by side, in equal columns since a row.
struct Stretch {
    columns: (u32, u32),
    since: u32,
}

/// Goes on with the stretches that the row has too; writes those that end and begins those that are new.
fn extend(open: Vec<Stretch>, row: &[bool], at: u32, grid: &Grid, shapes: &mut Shapes) -> Vec<Stretch> {
    let mut before = open.into_iter().peekable();
    let mut now = Vec::new();
    let mut column = 0;
    while column < row.len() {
        if !row[column] {
            column += 1;
            continue;
        }
        let start = column;
        while column < row.len() && row[column] {
            column += 1;
        }
        let columns = (start as u32, column as u32);
        // Both lists run from west to east.
        while let Some(ended) = before.next_if(|s| s.columns < columns) {
            push(&ended, at, grid, shapes);
        }
        let since = before.next_if(|s| s.columns == columns).map_or(at, |s| s.since);
        now.push(Stretch { columns, since });
    }
    for ended in before {
        push(&ended, at, grid, shapes);
    }
    now
}

fn push(stretch: &Stretch, end_row: u32, grid: &Grid, shapes: &mut Shapes) {
    let (west, east) = (grid.x(stretch.columns.0), grid.x(stretch.columns.1));
    let (north, south) = (grid.y(stretch.since), grid.y(end_row));
    shapes.begin_part(Part::Polygon);
    shapes.push_ring([(west, south), (east, south), (east, north), (west, north), (west, south)]);
    shapes.end_part();
}
