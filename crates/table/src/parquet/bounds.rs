//! Where the shapes or points of a Parquet file and of each of its row groups lie, as far as its footer tells: so that
//! what lies elsewhere need not be read.
//!
//! GeoParquet 1.1 names the leaves of a bounding-box column as `covering`; the smallest and largest values of a row
//! group are in its statistics. Points in two plain columns are told by the statistics of these.

use super::{file::ParquetFile, geo::Geometry};
use polars_parquet::{parquet::statistics::Statistics, read::ColumnChunkMetadata};

/// Smallest x and y, largest x and y.
pub(crate) type Bounds = [f64; 4];

/// The bounds of a row group by the file's bounding-box column; `None` where it does not tell.
///
/// A box that crosses the antimeridian has its west end east of its east end, which extremes of many boxes cannot
/// tell. Longitudes therefore count only where the file as a whole lies between −180 and 180, else −∞ – ∞.
pub(crate) fn of_row_group(file: &ParquetFile, geometry: &Geometry, row_group: usize) -> Option<Bounds> {
    let covering = geometry.covering.as_ref()?;
    let [x0, y0, x1, y1] = [0, 1, 2, 3].map(|i| extremes(file, row_group, &covering[i]));
    let (y0, y1) = (y0?.0, y1?.1);
    let within = |[west, _, east, _]: Bounds| west > -180.0 && west <= east && east < 180.0;
    let is_plain = !geometry.is_geographic || geometry.bounds.is_some_and(within);
    let (x0, x1) = if is_plain { (x0?.0, x1?.1) } else { (f64::NEG_INFINITY, f64::INFINITY) };
    (x0 <= x1 && y0 <= y1).then_some([x0, y0, x1, y1])
}

/// The bounds of all shapes as the file's metadata tell; `None` where they do not, or cross the antimeridian.
pub(crate) fn of_shapes(geometry: &Geometry) -> Option<Bounds> {
    geometry.bounds.filter(|[x0, y0, x1, y1]| x0 <= x1 && y0 <= y1)
}

/// The bounds of points in two columns, over all row groups.
pub(crate) fn of_points(file: &ParquetFile, x: &str, y: &str) -> Option<Bounds> {
    let mut bounds: Option<Bounds> = None;
    for row_group in (0..file.n_row_groups()).filter(|&g| file.n_rows_of(g) > 0) {
        let ((x0, x1), (y0, y1)) =
            (extremes(file, row_group, &[x.to_string()])?, extremes(file, row_group, &[y.to_string()])?);
        let [a, b, c, d] = bounds.unwrap_or([x0, y0, x1, y1]);
        bounds = Some([a.min(x0), b.min(y0), c.max(x1), d.max(y1)]);
    }
    bounds
}

/// Whether two boxes touch.
pub(crate) fn touch(a: &Bounds, b: &Bounds) -> bool {
    a[0] <= b[2] && b[0] <= a[2] && a[1] <= b[3] && b[1] <= a[3]
}

/// Smallest and largest number of a leaf in a row group; `None` where the statistics do not tell.
fn extremes(file: &ParquetFile, row_group: usize, path: &[String]) -> Option<(f64, f64)> {
    let leaf = file.leaves(row_group).iter().find(|leaf| {
        let own = &leaf.descriptor().path_in_schema;
        own.len() == path.len() && own.iter().zip(path).all(|(a, b)| a.as_str() == b)
    })?;
    numbers(leaf, file.footer()).filter(|(least, most)| least.is_finite() && most.is_finite())
}

fn numbers(leaf: &ColumnChunkMetadata, footer: &[u8]) -> Option<(f64, f64)> {
    match leaf.statistics(footer)?.ok()? {
        Statistics::Double(s) => s.min_value.zip(s.max_value),
        Statistics::Float(s) => s.min_value.zip(s.max_value).map(|(a, b)| (f64::from(a), f64::from(b))),
        Statistics::Int32(s) => s.min_value.zip(s.max_value).map(|(a, b)| (f64::from(a), f64::from(b))),
        // Beyond 2⁵³ the nearest double would do for no coordinate anyway.
        Statistics::Int64(s) => s.min_value.zip(s.max_value).map(|(a, b)| (a as f64, b as f64)),
        _ => None,
    }
}
