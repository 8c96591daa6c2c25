//! Writing layers into a new GeoPackage, the same bytes for the same content.

use super::blob;
use super::metadata::{qgis_metadata, xml_escaped};
use super::rtree::SpatialIndex;
use super::schema::{CORE_TABLES, LAYER_STYLES, RTREE_TRIGGERS};
use crate::qml::Style;
use crate::write_error::WriteError;
use geo_types::Coord;
use rusqlite::types::ToSqlOutput;
use rusqlite::{Connection, ToSql, params};
use std::path::{Path, PathBuf};
use whitespot_model::shapes::Shapes;
use whitespot_model::table::{Table, Values};

/// The CRS of all layers of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerCrs {
    /// Authority and code: `EPSG:3006`. Other text makes an entry of no organisation.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Definition as well-known text (WKT 1); empty becomes `undefined`.
    pub wkt: String,
}

/// What all shapes of a layer are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LayerGeometry {
    /// Multipolygons.
    MultiPolygon,
    /// Points.
    Point,
    /// Multilinestrings.
    MultiLineString,
    /// A table without geometry.
    None,
}

/// A layer to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerSpec {
    /// Name of the table: ASCII `snake_case`.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// What the layer shows, from which sources and dates, and the run's id.
    pub description: String,
    /// What its shapes are.
    pub geometry: LayerGeometry,
    /// QGIS styles; the first is applied when the layer is opened, the others can be chosen.
    pub styles: Vec<LayerStyle>,
}

/// A style of a layer with its name, unique among the layer's styles.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerStyle {
    /// Name for people, at most 30 characters.
    pub name: String,
    /// The style.
    pub style: Style,
}

impl LayerSpec {
    /// A layer of multipolygons.
    pub fn polygons(name: &str, title: &str, description: &str) -> LayerSpec {
        LayerSpec {
            name: name.to_string(),
            title: title.to_string(),
            description: description.to_string(),
            geometry: LayerGeometry::MultiPolygon,
            styles: Vec::new(),
        }
    }

    /// A layer of points.
    pub fn points(name: &str, title: &str, description: &str) -> LayerSpec {
        LayerSpec { geometry: LayerGeometry::Point, ..LayerSpec::polygons(name, title, description) }
    }

    /// A layer of multilinestrings.
    pub fn lines(name: &str, title: &str, description: &str) -> LayerSpec {
        LayerSpec {
            geometry: LayerGeometry::MultiLineString,
            ..LayerSpec::polygons(name, title, description)
        }
    }

    /// A table without geometry.
    pub fn table(name: &str, title: &str, description: &str) -> LayerSpec {
        LayerSpec { geometry: LayerGeometry::None, ..LayerSpec::polygons(name, title, description) }
    }

    /// Adds a style; the first one added is the layer's default.
    #[must_use]
    pub fn with_style(mut self, name: &str, style: Style) -> LayerSpec {
        self.styles.push(LayerStyle { name: name.chars().take(30).collect(), style });
        self
    }
}

/// A new GeoPackage; useless until [`finish`](GeoPackageWriter::finish) has returned.
pub struct GeoPackageWriter {
    pub(super) connection: Connection,
    pub(super) path: PathBuf,
    pub(super) srs_id: i32,
    crs_name: String,
    last_change: String,
    n_styles: usize,
}

impl GeoPackageWriter {
    /// Begins a package at `path`, where no file may be.
    ///
    /// # Errors
    /// [`WriteError`] when the file exists or cannot be made.
    pub fn create(path: &Path, crs: &LayerCrs) -> Result<GeoPackageWriter, WriteError> {
        std::fs::File::create_new(path).map_err(WriteError::io(path))?;
        let fail = WriteError::database(path);
        let connection = Connection::open(path).map_err(&fail)?;
        // Version 1.3: GDAL before 3.7 warns of every newer one, and nothing here needs more.
        // A package that is not finished is thrown away, so nothing is kept for going back.
        connection
            .execute_batch(
                "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA locking_mode = EXCLUSIVE;
                 PRAGMA application_id = 0x47504B47; PRAGMA user_version = 10300; BEGIN;",
            )
            .and_then(|()| connection.execute_batch(CORE_TABLES))
            .map_err(&fail)?;
        let writer = GeoPackageWriter {
            connection,
            path: path.to_path_buf(),
            srs_id: srs_id(&crs.code),
            crs_name: crs.name.clone(),
            last_change: "1970-01-01T00:00:00.000Z".to_string(),
            n_styles: 0,
        };
        writer.insert_crs(crs).map_err(&fail)?;
        Ok(writer)
    }

    /// Sets the time of change that all layers state, `2026-01-31T00:00:00.000Z`. It is not read from the clock,
    /// so that equal content has equal bytes; without a call it is the beginning of 1970.
    #[must_use]
    pub fn changed_at(mut self, time: &str) -> GeoPackageWriter {
        self.last_change = time.to_string();
        self
    }

    /// Adds a layer. Row `i` gets feature id `i + 1`; an empty shape becomes NULL.
    ///
    /// # Errors
    /// [`WriteError::Mismatch`] when rows and shapes differ in number, or a shape is not of the layer's kind;
    /// [`WriteError::Database`].
    pub fn add_layer(&mut self, spec: &LayerSpec, table: &Table, shapes: &Shapes) -> Result<(), WriteError> {
        let has_geometry = spec.geometry != LayerGeometry::None;
        if has_geometry && table.n_rows() != shapes.n_features() {
            let what = format!("{} rows, but {} shapes", table.n_rows(), shapes.n_features());
            return Err(WriteError::mismatch(&self.path, &spec.name, what));
        }
        let mut rows = self.begin_rows(spec, table)?;
        for row in 0..table.n_rows() {
            let blob = match spec.geometry {
                LayerGeometry::None => None,
                geometry => blob::encode(shapes, row, geometry, self.srs_id).map_err(|what| {
                    WriteError::mismatch(&self.path, &spec.name, format!("row {row}: {what}"))
                })?,
            };
            let bounds = has_geometry.then(|| shapes.bounds_of(row)).flatten();
            self.insert_row(&mut rows, table, row, blob.as_deref(), bounds)?;
        }
        self.end_rows(spec, table, &rows)
    }

    /// Ends the package.
    ///
    /// # Errors
    /// [`WriteError::Database`], on a full disk for example.
    pub fn finish(self) -> Result<(), WriteError> {
        let fail = WriteError::database(&self.path);
        self.connection.execute_batch("COMMIT").map_err(&fail)?;
        self.connection.close().map_err(|(_, error)| fail(error))
    }

    fn fail(&self) -> impl Fn(rusqlite::Error) -> WriteError + '_ {
        WriteError::database(&self.path)
    }

    fn insert_crs(&self, crs: &LayerCrs) -> rusqlite::Result<()> {
        let (organization, code) = match crs.code.split_once(':').map(|(o, c)| (o, c.parse::<i32>())) {
            Some((organization, Ok(code))) => (organization.to_ascii_uppercase(), code),
            _ => ("NONE".to_string(), self.srs_id),
        };
        let wkt = if crs.wkt.trim().is_empty() { "undefined" } else { crs.wkt.as_str() };
        let sql = "INSERT OR IGNORE INTO gpkg_spatial_ref_sys VALUES (?1, ?2, ?3, ?4, ?5, NULL)";
        self.connection.execute(sql, params![crs.name, self.srs_id, organization, code, wkt])?;
        Ok(())
    }

    /// Makes the table of a layer and the statement that fills it.
    pub(super) fn begin_rows(&self, spec: &LayerSpec, table: &Table) -> Result<Rows, WriteError> {
        let name = quoted(&spec.name);
        let mut columns = vec!["\"fid\" INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL".to_string()];
        let mut names = vec!["\"fid\"".to_string()];
        if let Some(kind) = geometry_type(spec.geometry) {
            columns.push(format!("\"geom\" {kind}"));
            names.push("\"geom\"".to_string());
        }
        for column in &table.columns {
            columns.push(format!("{} {}", quoted(&column.name), sql_type(&column.values)));
            names.push(quoted(&column.name));
        }
        let marks = vec!["?"; names.len()].join(", ");
        let create = format!("CREATE TABLE {name} (\n  {}\n)", columns.join(",\n  "));
        self.connection.execute_batch(&create).map_err(self.fail())?;
        Ok(Rows {
            insert: format!("INSERT INTO {name} ({}) VALUES ({marks})", names.join(", ")),
            columns: table.columns.iter().map(|c| (c.name.clone(), sql_type(&c.values))).collect(),
            has_geometry: spec.geometry != LayerGeometry::None,
            n_rows: 0,
            index: SpatialIndex::default(),
        })
    }

    pub(super) fn insert_row(
        &self,
        rows: &mut Rows,
        table: &Table,
        row: usize,
        blob: Option<&[u8]>,
        bounds: Option<(Coord<f64>, Coord<f64>)>,
    ) -> Result<(), WriteError> {
        rows.n_rows += 1;
        let fid = rows.n_rows;
        let insert = || -> rusqlite::Result<()> {
            let mut statement = self.connection.prepare_cached(&rows.insert)?;
            statement.raw_bind_parameter(1, fid)?;
            if rows.has_geometry {
                statement.raw_bind_parameter(2, blob)?;
            }
            let first = 2 + usize::from(rows.has_geometry);
            for (i, column) in table.columns.iter().enumerate() {
                statement.raw_bind_parameter(first + i, Cell { values: &column.values, row })?;
            }
            statement.raw_execute().map(|_| ())
        };
        insert().map_err(self.fail())?;
        if let (Some(_), Some(bounds)) = (blob, bounds) {
            rows.index.add(fid, bounds);
        }
        Ok(())
    }

    /// Enters the layer in the package's tables of contents.
    pub(super) fn end_rows(
        &mut self,
        spec: &LayerSpec,
        table: &Table,
        rows: &Rows,
    ) -> Result<(), WriteError> {
        let path = self.path.clone();
        self.enter(spec, table, rows).map_err(WriteError::database(&path))
    }

    fn enter(&mut self, spec: &LayerSpec, table: &Table, rows: &Rows) -> rusqlite::Result<()> {
        let connection = &self.connection;
        self.enter_contents(spec, rows.index.bounds())?;
        if let Some(kind) = geometry_type(spec.geometry) {
            connection.execute(
                "INSERT INTO gpkg_geometry_columns VALUES (?1, 'geom', ?2, ?3, 0, 0)",
                params![spec.name, kind, self.srs_id],
            )?;
            rows.index.write(connection, &spec.name)?;
            connection.execute_batch(
                &RTREE_TRIGGERS
                    .replace("rtree_T_C", &format!("rtree_{}_geom", spec.name.replace('"', "\"\"")))
                    .replace("\"T\"", &quoted(&spec.name))
                    .replace("\"C\"", "\"geom\""),
            )?;
            connection.execute(
                "INSERT INTO gpkg_extensions VALUES
                   (?1, 'geom', 'gpkg_rtree_index', 'http://www.geopackage.org/spec120/#extension_rtree', 'write-only')",
                [&spec.name],
            )?;
        }
        self.enter_metadata(spec, table)?;
        for (i, style) in spec.styles.iter().enumerate() {
            self.enter_style(spec, style, i == 0)?;
        }
        Ok(())
    }

    /// Lists the layer with its extent among the package's contents.
    pub(super) fn enter_contents(
        &self,
        spec: &LayerSpec,
        bounds: Option<(Coord<f64>, Coord<f64>)>,
    ) -> rusqlite::Result<()> {
        let has_geometry = spec.geometry != LayerGeometry::None;
        let is_taken = self
            .connection
            .prepare("SELECT 1 FROM gpkg_contents WHERE identifier = ?1")?
            .exists([&spec.title])?;
        // Identifiers are unique in a package, titles need not be.
        let identifier = match spec.title.as_str() {
            "" => spec.name.clone(),
            title if is_taken => format!("{title} ({})", spec.name),
            title => title.to_string(),
        };
        self.connection.execute(
            "INSERT INTO gpkg_contents VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            params![
                spec.name,
                if has_geometry { "features" } else { "attributes" },
                identifier,
                spec.description,
                self.last_change,
                bounds.map(|b| b.0.x),
                bounds.map(|b| b.0.y),
                bounds.map(|b| b.1.x),
                bounds.map(|b| b.1.y),
                has_geometry.then_some(self.srs_id),
            ],
        )?;
        Ok(())
    }

    pub(super) fn enter_metadata(&self, spec: &LayerSpec, table: &Table) -> rusqlite::Result<()> {
        let xml = qgis_metadata(&spec.name, &spec.title, &spec.description, &self.crs_name, table);
        self.connection.execute(
            "INSERT INTO gpkg_metadata (md_scope, md_standard_uri, mime_type, metadata)
             VALUES ('dataset', 'http://mrcc.com/qgis.dtd', 'text/xml', ?1)",
            [xml],
        )?;
        let id = self.connection.last_insert_rowid();
        self.connection.execute(
            "INSERT INTO gpkg_metadata_reference VALUES ('table', ?1, NULL, NULL, ?2, ?3, NULL)",
            params![spec.name, self.last_change, id],
        )?;
        Ok(())
    }

    pub(super) fn enter_style(
        &mut self,
        spec: &LayerSpec,
        style: &LayerStyle,
        is_default: bool,
    ) -> rusqlite::Result<()> {
        let connection = &self.connection;
        if self.n_styles == 0 {
            connection.execute_batch(LAYER_STYLES)?;
            connection.execute(
                "INSERT INTO gpkg_contents (table_name, data_type, identifier, description, last_change)
                 VALUES ('layer_styles', 'attributes', 'layer_styles', 'QGIS styles', ?1)",
                [&self.last_change],
            )?;
        }
        self.n_styles += 1;
        let geometry_column = if spec.geometry == LayerGeometry::None { "" } else { "geom" };
        connection.execute(
            "INSERT INTO layer_styles (f_table_catalog, f_table_schema, f_table_name, f_geometry_column,
               styleName, styleQML, styleSLD, useAsDefault, description, owner, update_time)
             VALUES ('', '', ?1, ?2, ?3, ?4, '', ?5, ?6, '', ?7)",
            params![
                spec.name,
                geometry_column,
                style.name,
                style.style.qml(),
                is_default,
                xml_escaped(&spec.title),
                self.last_change
            ],
        )?;
        Ok(())
    }
}

/// A layer being filled.
pub(super) struct Rows {
    insert: String,
    pub(super) columns: Vec<(String, &'static str)>,
    has_geometry: bool,
    n_rows: i64,
    index: SpatialIndex,
}

/// One value of a table, as SQLite takes it.
struct Cell<'a> {
    values: &'a Values,
    row: usize,
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        match self.values {
            Values::Text(v) => v[self.row].to_sql(),
            Values::Int(v) => v[self.row].to_sql(),
            Values::Real(v) => match v[self.row] {
                Some(x) if x.is_finite() => Ok(x.into()),
                _ => rusqlite::types::Null.to_sql(),
            },
            Values::Bool(v) => v[self.row].to_sql(),
        }
    }
}

/// Names of clause 2.1.1 (table 1) of the standard.
pub(super) fn sql_type(values: &Values) -> &'static str {
    match values {
        Values::Text(_) => "TEXT",
        Values::Int(_) => "INTEGER",
        Values::Real(_) => "REAL",
        Values::Bool(_) => "BOOLEAN",
    }
}

fn geometry_type(geometry: LayerGeometry) -> Option<&'static str> {
    match geometry {
        LayerGeometry::MultiPolygon => Some("MULTIPOLYGON"),
        LayerGeometry::Point => Some("POINT"),
        LayerGeometry::MultiLineString => Some("MULTILINESTRING"),
        LayerGeometry::None => None,
    }
}

/// The code's number where it has one, else the first number that no organisation uses.
fn srs_id(code: &str) -> i32 {
    code.split_once(':').and_then(|(_, number)| number.parse().ok()).unwrap_or(999_999)
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
