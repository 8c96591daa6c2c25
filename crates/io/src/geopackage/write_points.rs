//! A layer of points that is too large to be held: written batch by batch.

use super::blob;
use super::write::{GeoPackageWriter, LayerCrs, LayerGeometry, LayerSpec, Rows, quoted, sql_type};
use crate::write_error::WriteError;
use geo_types::Coord;
use std::path::Path;
use whitespot_model::table::{Table, TableColumn, Values};

/// A layer of points written batch by batch: for millions of settlements, in one transaction.
///
/// ```
/// use geo_types::Coord;
/// use whitespot_io::{LayerCrs, LayerSpec, PointLayerWriter};
/// use whitespot_model::table::{Table, Unit, Values};
///
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("settlements.gpkg");
/// let crs = LayerCrs { code: "EPSG:3006".into(), name: "SWEREF99 TM".into(), wkt: String::new() };
/// let mut batch = Table::default();
/// batch.push("persons", Unit::Persons, "Personer", "Persons", Values::Int(vec![Some(3)]));
/// let spec = LayerSpec::points("settlements", "Settlements", "One row a settlement");
/// let mut layer = PointLayerWriter::create(&path, &crs, spec)?;
/// layer.add_points(&batch, &[Coord { x: 758_000.0, y: 7_088_000.0 }])?;
/// layer.finish()?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PointLayerWriter {
    package: GeoPackageWriter,
    spec: LayerSpec,
    /// The table as its first batch made it.
    rows: Option<(Rows, Table)>,
    views: Vec<View>,
}

/// A layer that shows the points whose yes-or-no column says yes: no copy of them.
struct View {
    column: String,
    spec: LayerSpec,
    bounds: Option<(Coord<f64>, Coord<f64>)>,
}

impl PointLayerWriter {
    /// Begins a package with one layer of points.
    ///
    /// # Errors
    /// As [`GeoPackageWriter::create`].
    pub fn create(path: &Path, crs: &LayerCrs, spec: LayerSpec) -> Result<PointLayerWriter, WriteError> {
        let spec = LayerSpec { geometry: LayerGeometry::Point, ..spec };
        Ok(PointLayerWriter {
            package: GeoPackageWriter::create(path, crs)?,
            spec,
            rows: None,
            views: Vec::new(),
        })
    }

    /// Adds a layer of the points whose yes-or-no column `column` says yes. It is a view, so that it costs no room.
    #[must_use]
    pub fn with_view(mut self, column: &str, spec: LayerSpec) -> PointLayerWriter {
        let spec = LayerSpec { geometry: LayerGeometry::Point, ..spec };
        self.views.push(View { column: column.to_string(), spec, bounds: None });
        self
    }

    /// Adds rows with their points; the first batch decides the columns. Feature ids go on from batch to batch.
    ///
    /// # Errors
    /// [`WriteError::Mismatch`] when rows and points differ in number, or the columns from the first batch's;
    /// [`WriteError::Database`].
    pub fn add_points(&mut self, batch: &Table, points: &[Coord<f64>]) -> Result<(), WriteError> {
        let mismatch = |what: String| WriteError::mismatch(&self.package.path, &self.spec.name, what);
        if batch.n_rows() != points.len() {
            return Err(mismatch(format!("{} rows, but {} points", batch.n_rows(), points.len())));
        }
        if self.rows.is_none() {
            self.rows = Some((self.package.begin_rows(&self.spec, batch)?, without_rows(batch)));
        }
        let Some((rows, _)) = &mut self.rows else { return Ok(()) };
        let columns = batch.columns.iter().map(|c| (c.name.clone(), sql_type(&c.values)));
        if !columns.eq(rows.columns.iter().cloned()) {
            return Err(mismatch("the columns differ from those of the first batch".to_string()));
        }
        for view in &mut self.views {
            let Some(Values::Bool(is_shown)) = batch.column(&view.column).map(|c| &c.values) else {
                continue;
            };
            let shown = points.iter().zip(is_shown).filter(|(_, shown)| **shown == Some(true));
            for (&point, _) in shown.filter(|(p, _)| p.x.is_finite() && p.y.is_finite()) {
                let (lo, hi) = view.bounds.unwrap_or((point, point));
                view.bounds = Some((
                    Coord { x: lo.x.min(point.x), y: lo.y.min(point.y) },
                    Coord { x: hi.x.max(point.x), y: hi.y.max(point.y) },
                ));
            }
        }
        for (row, &point) in points.iter().enumerate() {
            let blob = blob::encode_point(point, self.package.srs_id);
            let blob = blob.as_ref().map(<[u8; 29]>::as_slice);
            self.package.insert_row(rows, batch, row, blob, Some((point, point)))?;
        }
        Ok(())
    }

    /// Ends layer and package. Without any batch the layer is an empty table of ids and points.
    ///
    /// # Errors
    /// As [`GeoPackageWriter::finish`].
    pub fn finish(mut self) -> Result<(), WriteError> {
        let (rows, table) = match self.rows.take() {
            Some(begun) => begun,
            None => (self.package.begin_rows(&self.spec, &Table::default())?, Table::default()),
        };
        self.package.end_rows(&self.spec, &table, &rows)?;
        let views = std::mem::take(&mut self.views);
        for view in views.iter().filter(|v| table.column(&v.column).is_some()) {
            self.enter_view(view, &table).map_err(WriteError::database(&self.package.path))?;
        }
        self.package.finish()
    }

    fn enter_view(&mut self, view: &View, table: &Table) -> rusqlite::Result<()> {
        let columns: Vec<String> = table.columns.iter().map(|c| quoted(&c.name)).collect();
        self.package.connection.execute_batch(&format!(
            // GDAL takes the column of this name for the feature id of a view.
            "CREATE VIEW {} AS SELECT \"fid\" AS \"OGC_FID\", \"geom\", {} FROM {} WHERE {}",
            quoted(&view.spec.name),
            columns.join(", "),
            quoted(&self.spec.name),
            quoted(&view.column),
        ))?;
        self.package.enter_contents(&view.spec, view.bounds)?;
        self.package.connection.execute(
            "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', 'POINT', ?2, 0, 0)",
            rusqlite::params![view.spec.name, self.package.srs_id],
        )?;
        self.package.enter_metadata(&view.spec, table)?;
        for (i, style) in view.spec.styles.iter().enumerate() {
            self.package.enter_style(&view.spec, style, i == 0)?;
        }
        Ok(())
    }
}

fn without_rows(table: &Table) -> Table {
    let columns = table.columns.iter().map(|c| TableColumn {
        values: match c.values {
            Values::Text(_) => Values::Text(Vec::new()),
            Values::Int(_) => Values::Int(Vec::new()),
            Values::Real(_) => Values::Real(Vec::new()),
            Values::Bool(_) => Values::Bool(Vec::new()),
        },
        ..c.clone()
    });
    Table { columns: columns.collect() }
}
