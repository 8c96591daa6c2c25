//! Reading tables and views of a GeoPackage, and of plain SQLite files as tables without geometry.

use super::blob;
use crate::require_columns;
use crate::values::{BatchBuilder, Value};
use rusqlite::types::ValueRef;
use rusqlite::{Connection, OpenFlags, OptionalExtension};
use std::path::{Path, PathBuf};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{
    DefectKind, FeatureSource, Features, Format, ReadError, Request, SourceSchema,
};
use whitespot_model::shapes::Shapes;

/// The layers by name: feature tables first, then tables without geometry; styles and other furniture are
/// left out.
///
/// # Errors
/// When the file cannot be read as SQLite.
pub(crate) fn layers(path: &Path) -> Result<Vec<String>, ReadError> {
    let file = Database::open(path)?;
    Ok(file.layers()?.into_iter().map(|l| l.name).collect())
}

/// What the file says about a layer.
///
/// # Errors
/// When the file cannot be read as SQLite, or has no such layer, or several and none is named.
pub(crate) fn inspect(path: &Path, layer: Option<&str>) -> Result<SourceSchema, ReadError> {
    let file = Database::open(path)?;
    file.describe(layer).map(|table| table.schema)
}

/// Opens a layer for reading, in the order of its feature ids.
///
/// # Errors
/// As [`inspect`]; and [`ReadError::NoSuchColumn`].
pub(crate) fn open(path: &Path, request: &Request) -> Result<GeoPackageSource, ReadError> {
    let file = Database::open(path)?;
    let table = file.describe(request.layer.as_deref())?;
    require_columns(path, request, &table.schema.fields)?;
    Ok(GeoPackageSource { file, table, request: request.clone(), last_id: None, n_given: 0, is_ended: false })
}

/// A layer being read.
pub(crate) struct GeoPackageSource {
    file: Database,
    table: TableDescription,
    request: Request,
    /// Last feature id given, where the table has ids.
    last_id: Option<i64>,
    n_given: u64,
    is_ended: bool,
}

impl FeatureSource for GeoPackageSource {
    fn schema(&self) -> &SourceSchema {
        &self.table.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        if self.is_ended {
            return Ok(None);
        }
        let rows = self.read_rows(max_rows.max(1)).map_err(|e| self.file.error(&e))?;
        let n_rows = rows.as_ref().map_or(0, |r| r.n_rows);
        self.is_ended = n_rows < max_rows.max(1);
        self.n_given += n_rows as u64;
        Ok(rows)
    }
}

impl GeoPackageSource {
    fn read_rows(&mut self, max_rows: usize) -> rusqlite::Result<Option<Features>> {
        let table = &self.table;
        let wants_geometry = self.request.geometry && table.geometry.is_some();
        let mut selected: Vec<String> = Vec::new();
        selected.push(table.id.as_deref().map_or("NULL".to_string(), quoted));
        selected.push(match &table.geometry {
            Some(column) if wants_geometry => quoted(column),
            _ => "NULL".to_string(),
        });
        selected.extend(self.request.columns.iter().map(|(name, _)| quoted(name)));
        let (columns, name) = (selected.join(", "), quoted(&table.name));
        let max_rows_sql = i64::try_from(max_rows).unwrap_or(i64::MAX);
        // Ids let each batch begin where the last ended; a view must count its rows again.
        let (sql, from) = match &table.id {
            Some(id) => {
                let id = quoted(id);
                (
                    format!("SELECT {columns} FROM {name} WHERE {id} > ?1 ORDER BY {id} LIMIT ?2"),
                    self.last_id.unwrap_or(i64::MIN),
                )
            }
            None => (format!("SELECT {columns} FROM {name} LIMIT ?2 OFFSET ?1"), self.n_given as i64),
        };
        let is_boolean: Vec<bool> =
            self.request.columns.iter().map(|(name, _)| table.booleans.contains(name)).collect();
        let mut batch = BatchBuilder::new(&self.request, self.n_given + 1, table.id.is_some());
        let mut statement = self.file.connection.prepare_cached(&sql)?;
        let mut rows = statement.query((from, max_rows_sql))?;
        while let Some(row) = rows.next()? {
            let id = match row.get_ref(0)? {
                ValueRef::Integer(id) => id,
                _ => 0,
            };
            self.last_id = Some(id);
            let geometry = row.get_ref(1)?;
            batch.push_shape(|shapes| add_geometry(geometry, shapes));
            for (column, is_boolean) in is_boolean.iter().enumerate() {
                batch.push_value(column, &value_of(row.get_ref(column + 2)?, *is_boolean));
            }
            batch.end_row(id.max(0) as u64);
        }
        Ok(batch.finish())
    }
}

/// What is wrong with a geometry, if anything is.
fn add_geometry(value: ValueRef<'_>, shapes: &mut Shapes) -> Option<(DefectKind, String)> {
    match value {
        ValueRef::Null => None,
        ValueRef::Blob(bytes) => blob::decode_into(bytes, shapes),
        _ => Some((DefectKind::BadGeometry, "the geometry is not binary".to_string())),
    }
}

fn value_of(value: ValueRef<'_>, is_boolean: bool) -> Value<'_> {
    match value {
        ValueRef::Null => Value::Missing,
        ValueRef::Integer(v) if is_boolean => Value::Bool(v != 0),
        ValueRef::Integer(v) => Value::Integer(v),
        ValueRef::Real(v) => Value::Real(v),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes)),
        ValueRef::Blob(_) => Value::Other("a binary value"),
    }
}

/// A table or view as its file describes it.
struct TableDescription {
    name: String,
    schema: SourceSchema,
    /// The integer primary key.
    id: Option<String>,
    geometry: Option<String>,
    /// Columns declared BOOLEAN.
    booleans: Vec<String>,
}

struct Layer {
    name: String,
    has_geometry: bool,
}

pub(super) struct Database {
    pub(super) connection: Connection,
    path: PathBuf,
}

impl Database {
    pub(super) fn open(path: &Path) -> Result<Database, ReadError> {
        // Tells a missing or forbidden file in the operating system's words.
        drop(crate::open_file(path)?);
        // `immutable` reads without locks and leaves no file behind, but would not see a write-ahead log.
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        let has_log = std::fs::metadata(PathBuf::from(log)).is_ok_and(|m| m.len() > 0);
        let mode = if has_log { "mode=ro" } else { "mode=ro&immutable=1" };
        let uri = format!("file:{}?{mode}", percent_encoded(path));
        let flags =
            OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(uri, flags);
        let connection = connection.map_err(|e| malformed(path, &e))?;
        let file = Database { connection, path: path.to_path_buf() };
        file.connection.execute_batch("PRAGMA trusted_schema = OFF").map_err(|e| file.error(&e))?;
        Ok(file)
    }

    fn error(&self, error: &rusqlite::Error) -> ReadError {
        malformed(&self.path, error)
    }

    fn has_table(&self, name: &str) -> rusqlite::Result<bool> {
        let sql = "SELECT 1 FROM sqlite_master WHERE type IN ('table', 'view') AND lower(name) = lower(?1)";
        self.connection.prepare(sql)?.exists([name])
    }

    fn layers(&self) -> Result<Vec<Layer>, ReadError> {
        self.try_layers().map_err(|e| self.error(&e))
    }

    fn try_layers(&self) -> rusqlite::Result<Vec<Layer>> {
        let sql = if self.has_table("gpkg_contents")? {
            "SELECT table_name, data_type = 'features' FROM gpkg_contents
             WHERE data_type IN ('features', 'attributes', 'aspatial')
               AND table_name NOT IN ('layer_styles', 'qgis_projects')
             ORDER BY data_type <> 'features', rowid"
        } else {
            "SELECT name, 0 FROM sqlite_master
             WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite_%' ORDER BY rowid"
        };
        let mut statement = self.connection.prepare(sql)?;
        let rows =
            statement.query_map([], |row| Ok(Layer { name: row.get(0)?, has_geometry: row.get(1)? }))?;
        rows.collect()
    }

    /// The layer wanted; without a wish the only one, or the only one with geometry.
    fn choose_layer(&self, wanted: Option<&str>) -> Result<String, ReadError> {
        let layers = self.layers()?;
        let chosen = match wanted {
            Some(name) => {
                let is_listed = layers.iter().any(|l| l.name == name);
                let is_there = is_listed || self.has_table(name).map_err(|e| self.error(&e))?;
                is_there.then(|| name.to_string())
            }
            None => {
                let mut with_geometry = layers.iter().filter(|l| l.has_geometry);
                match (layers.as_slice(), with_geometry.next(), with_geometry.next()) {
                    ([only], ..) | (_, Some(only), None) => Some(only.name.clone()),
                    _ => None,
                }
            }
        };
        chosen.ok_or_else(|| ReadError::NoSuchLayer {
            file: self.path.clone(),
            wanted: wanted.unwrap_or_default().to_string(),
            present: layers.into_iter().map(|l| l.name).collect(),
        })
    }

    fn describe(&self, layer: Option<&str>) -> Result<TableDescription, ReadError> {
        let name = self.choose_layer(layer)?;
        self.try_describe(name).map_err(|e| self.error(&e))
    }

    fn try_describe(&self, name: String) -> rusqlite::Result<TableDescription> {
        let (geometry, crs) = self.geometry_column(&name)?.unzip();
        let mut statement = self.connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1)")?;
        let columns: Vec<(String, String, i64)> = statement
            .query_map([&name], |row| {
                Ok((row.get(0)?, row.get::<_, String>(1)?.to_ascii_uppercase(), row.get(2)?))
            })?
            .collect::<rusqlite::Result<_>>()?;
        let mut keys = columns.iter().filter(|c| c.2 > 0);
        let id = match (keys.next(), keys.next()) {
            (Some((id, kind, _)), None) if kind == "INTEGER" => Some(id.clone()),
            _ => None,
        };
        let fields =
            columns.iter().map(|c| &c.0).filter(|c| Some(*c) != geometry.as_ref()).cloned().collect();
        let booleans = columns.iter().filter(|c| c.1.starts_with("BOOL")).map(|c| c.0.clone()).collect();
        Ok(TableDescription {
            schema: SourceSchema {
                format: Format::GeoPackage.name(),
                layer: Some(name.clone()),
                fields,
                crs: crs.flatten(),
                has_geometry: geometry.is_some(),
                n_rows: self.n_rows(&name)?,
            },
            name,
            id,
            geometry,
            booleans,
        })
    }

    /// The geometry column of a table and its CRS.
    fn geometry_column(&self, table: &str) -> rusqlite::Result<Option<(String, Option<CrsDeclaration>)>> {
        if !self.has_table("gpkg_geometry_columns")? {
            return Ok(None);
        }
        let sql = "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?1)";
        let found: Option<(String, i64)> =
            self.connection.query_row(sql, [table], |row| Ok((row.get(0)?, row.get(1)?))).optional()?;
        let Some((column, srs_id)) = found else { return Ok(None) };
        Ok(Some((column, self.crs(srs_id)?)))
    }

    fn crs(&self, srs_id: i64) -> rusqlite::Result<Option<CrsDeclaration>> {
        if srs_id == 0 || srs_id == -1 {
            return Ok(Some(CrsDeclaration::Undefined));
        }
        let sql = "SELECT organization, organization_coordsys_id, definition
                   FROM gpkg_spatial_ref_sys WHERE srs_id = ?1";
        let found: Option<(String, i64, String)> = self
            .connection
            .query_row(sql, [srs_id], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
            .optional()?;
        let Some((organization, code, definition)) = found else { return Ok(None) };
        let organization = organization.trim().to_ascii_uppercase();
        Ok(Some(if matches!(organization.as_str(), "EPSG" | "ESRI") {
            CrsDeclaration::Code(format!("{organization}:{code}"))
        } else if definition.trim().is_empty() || definition.trim().eq_ignore_ascii_case("undefined") {
            CrsDeclaration::Undefined
        } else {
            CrsDeclaration::Wkt(definition)
        }))
    }

    /// The number of rows, where GDAL has left it.
    fn n_rows(&self, table: &str) -> rusqlite::Result<Option<u64>> {
        if !self.has_table("gpkg_ogr_contents")? {
            return Ok(None);
        }
        let sql = "SELECT feature_count FROM gpkg_ogr_contents WHERE lower(table_name) = lower(?1)";
        let n: Option<Option<i64>> = self.connection.query_row(sql, [table], |row| row.get(0)).optional()?;
        Ok(n.flatten().and_then(|n| u64::try_from(n).ok()))
    }
}

pub(super) fn malformed(path: &Path, error: &rusqlite::Error) -> ReadError {
    let what = error.to_string();
    let hint = if what.contains("lock") || what.contains("open") {
        Some("close the programs that have the file open (QGIS), or copy it".to_string())
    } else {
        None
    };
    ReadError::Malformed { file: path.to_path_buf(), format: Format::GeoPackage.name(), what, hint }
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// The path as it may stand in a URI.
fn percent_encoded(path: &Path) -> String {
    let mut out = String::new();
    for byte in path.as_os_str().as_encoded_bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                out.push(char::from(*byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
