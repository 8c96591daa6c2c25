//! Points of a GeoPackage layer by place, through its spatial index.

use super::read::{Database, malformed, quoted};
use std::path::{Path, PathBuf};
use whitespot_model::features::ReadError;

/// A layer of points that whitespot wrote, opened for questions by place.
pub struct PointReader {
    file: Database,
    path: PathBuf,
    layer: String,
    columns: Vec<String>,
}

/// A point with the numbers asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct PointRow {
    /// Easting in metres.
    pub x: f64,
    /// Northing in metres.
    pub y: f64,
    /// The columns asked for; truth values are 0 and 1, missing and absent ones `None`.
    pub values: Vec<Option<i64>>,
}

impl PointReader {
    /// Opens a layer with the columns `easting_m` and `northing_m` and a spatial index.
    ///
    /// # Errors
    /// When the file cannot be read, or has no such layer, column or index.
    pub fn open(path: &Path, layer: &str) -> Result<PointReader, ReadError> {
        let file = Database::open(path)?;
        let columns: Vec<String> = file
            .connection
            .prepare("SELECT name FROM pragma_table_info(?1)")
            .and_then(|mut s| s.query_map([layer], |row| row.get(0))?.collect())
            .map_err(|e| malformed(path, &e))?;
        for wanted in ["easting_m", "northing_m"] {
            if !columns.iter().any(|c| c == wanted) {
                let (file, wanted) = (path.to_path_buf(), wanted.to_string());
                return Err(ReadError::NoSuchColumn { file, wanted, present: columns });
            }
        }
        let reader = PointReader { file, path: path.to_path_buf(), layer: layer.to_string(), columns };
        reader.in_box([0.0; 4], &[], 1)?;
        Ok(reader)
    }

    /// At most so many points in a box (west, south, east, north), those with most persons first, then in the order of
    /// the layer.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn in_box(
        &self,
        [west, south, east, north]: [f64; 4],
        columns: &[&str],
        most: usize,
    ) -> Result<Vec<PointRow>, ReadError> {
        let has = |name: &str| self.columns.iter().any(|c| c == name);
        let selected: Vec<String> = columns
            .iter()
            .map(|name| if has(name) { format!(", p.{}", quoted(name)) } else { ", NULL".to_string() })
            .collect();
        let order = if has("persons") { "p.persons DESC, r.id" } else { "r.id" };
        let sql = format!(
            "SELECT p.easting_m, p.northing_m{} FROM {} r JOIN {} p ON p.fid = r.id
             WHERE r.maxx >= ?1 AND r.minx <= ?3 AND r.maxy >= ?2 AND r.miny <= ?4 ORDER BY {order} LIMIT ?5",
            selected.concat(),
            quoted(&format!("rtree_{}_geom", self.layer)),
            quoted(&self.layer),
        );
        let read = || -> rusqlite::Result<Vec<PointRow>> {
            let mut statement = self.file.connection.prepare_cached(&sql)?;
            let most = i64::try_from(most).unwrap_or(i64::MAX);
            let rows = statement.query_map((west, south, east, north, most), |row| {
                let values = (0..columns.len()).map(|k| row.get(k + 2)).collect::<rusqlite::Result<_>>()?;
                Ok(PointRow { x: row.get(0)?, y: row.get(1)?, values })
            })?;
            rows.collect()
        };
        read().map_err(|e| malformed(&self.path, &e))
    }
}
