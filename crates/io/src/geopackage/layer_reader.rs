//! Layers of a GeoPackage asked by place, by value and by feature id, as a server of features needs them.

use super::blob;
use super::read::{Database, malformed, quoted};
use crate::LayerGeometry;
use rusqlite::OptionalExtension;
use rusqlite::types::{Value, ValueRef};
use std::path::{Path, PathBuf};
use whitespot_model::features::ReadError;
use whitespot_model::shapes::Shapes;
use whitespot_model::table::{Table, Unit, Values};

/// The layers of a GeoPackage that whitespot wrote, opened for questions.
pub struct LayerReader {
    file: Database,
    path: PathBuf,
    layers: Vec<LayerInfo>,
}

/// A layer as its package describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerInfo {
    /// Name of the table.
    pub name: String,
    /// Title for people.
    pub title: String,
    /// What it shows, from which sources and dates.
    pub description: String,
    /// What its shapes are.
    pub geometry: LayerGeometry,
    /// Columns in the order of the table, without feature id and geometry.
    pub columns: Vec<LayerColumn>,
    /// West, south, east and north of its shapes, in its CRS.
    pub bounds: Option<[f64; 4]>,
}

/// A column of a layer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LayerColumn {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: ColumnKind,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Text.
    Text,
    /// Whole numbers.
    Int,
    /// Real numbers.
    Real,
    /// Yes or no.
    Bool,
}

/// A value that a column is to have.
#[derive(Clone, Debug, PartialEq)]
pub enum Wanted {
    /// This text.
    Text(String),
    /// This whole number.
    Int(i64),
    /// This number.
    Real(f64),
    /// Yes or no.
    Bool(bool),
}

/// Some rows of a layer.
#[derive(Clone, Debug, Default)]
pub struct LayerRows {
    /// Their feature ids.
    pub ids: Vec<i64>,
    /// Their values, every column of the layer.
    pub table: Table,
    /// Their shapes.
    pub shapes: Shapes,
}

impl LayerReader {
    /// Opens a package for reading; all its layers with shapes are described at once.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn open(path: &Path) -> Result<LayerReader, ReadError> {
        let file = Database::open(path)?;
        let layers = describe_all(&file).map_err(|e| malformed(path, &e))?;
        Ok(LayerReader { file, path: path.to_path_buf(), layers })
    }

    /// The layers with shapes, in the order they were written.
    pub fn layers(&self) -> &[LayerInfo] {
        &self.layers
    }

    /// Feature ids in ascending order: those of rows whose columns have the wanted values and whose box meets the
    /// given one (west, south, east, north in the layer's CRS). Rows without a shape meet every box.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn ids(
        &self,
        layer: &LayerInfo,
        equal: &[(&str, Wanted)],
        in_box: Option<[f64; 4]>,
    ) -> Result<Vec<i64>, ReadError> {
        let table = quoted(&layer.name);
        let mut conditions: Vec<String> =
            equal.iter().enumerate().map(|(i, (name, _))| format!("{} = ?{}", quoted(name), i + 1)).collect();
        let mut values: Vec<Value> = equal.iter().map(|(_, wanted)| sql_value(wanted)).collect();
        if let Some(sides) = in_box {
            let n = values.len();
            values.extend(sides.map(Value::Real));
            conditions.push(format!(
                "(geom IS NULL OR fid IN (SELECT id FROM {} WHERE maxx >= ?{} AND maxy >= ?{} AND minx <= ?{} \
                 AND miny <= ?{}))",
                quoted(&format!("rtree_{}_geom", layer.name)),
                n + 1,
                n + 2,
                n + 3,
                n + 4
            ));
        }
        let filter = match conditions.is_empty() {
            true => String::new(),
            false => format!(" WHERE {}", conditions.join(" AND ")),
        };
        let read = || -> rusqlite::Result<Vec<i64>> {
            let mut statement = self
                .file
                .connection
                .prepare_cached(&format!("SELECT fid FROM {table}{filter} ORDER BY fid"))?;
            let rows = statement.query_map(rusqlite::params_from_iter(values.iter()), |row| row.get(0))?;
            rows.collect()
        };
        read().map_err(|e| malformed(&self.path, &e))
    }

    /// The rows with these feature ids, in this order; ids that are not there are left out.
    ///
    /// # Errors
    /// When the file cannot be read, or a geometry in it.
    pub fn rows(&self, layer: &LayerInfo, ids: &[i64]) -> Result<LayerRows, ReadError> {
        self.read_rows(layer, &layer.columns, ids)
    }

    /// As [`Self::rows`], without the columns' values.
    ///
    /// # Errors
    /// When the file cannot be read, or a geometry in it.
    pub fn shapes(&self, layer: &LayerInfo, ids: &[i64]) -> Result<LayerRows, ReadError> {
        self.read_rows(layer, &[], ids)
    }

    fn read_rows(
        &self,
        layer: &LayerInfo,
        columns: &[LayerColumn],
        ids: &[i64],
    ) -> Result<LayerRows, ReadError> {
        let names: String = columns.iter().map(|c| format!(", {}", quoted(&c.name))).collect();
        let sql = format!("SELECT geom{names} FROM {} WHERE fid = ?1", quoted(&layer.name));
        let mut rows = LayerRows::default();
        let mut values: Vec<Values> = columns.iter().map(|c| no_values(c.kind)).collect();
        let mut flaw = None;
        let mut read = || -> rusqlite::Result<()> {
            let mut statement = self.file.connection.prepare_cached(&sql)?;
            for id in ids {
                let mut found = statement.query([id])?;
                let Some(row) = found.next()? else { continue };
                if let ValueRef::Blob(bytes) = row.get_ref(0)? {
                    flaw = flaw.take().or(blob::decode_into(bytes, &mut rows.shapes).map(|f| (*id, f.1)));
                }
                rows.shapes.end_feature();
                rows.ids.push(*id);
                for (i, column) in values.iter_mut().enumerate() {
                    push(column, row.get_ref(i + 1)?);
                }
            }
            Ok(())
        };
        read().map_err(|e| malformed(&self.path, &e))?;
        if let Some((id, what)) = flaw {
            return Err(ReadError::Malformed {
                file: self.path.clone(),
                format: "GeoPackage",
                what: format!("feature {id} of `{}`: {what}", layer.name),
                hint: None,
            });
        }
        for (column, values) in columns.iter().zip(values) {
            rows.table.push(&column.name, Unit::Number, "", "", values);
        }
        Ok(rows)
    }
}

fn describe_all(file: &Database) -> rusqlite::Result<Vec<LayerInfo>> {
    let sql = "SELECT c.table_name, c.identifier, c.description, g.geometry_type_name,
                      c.min_x, c.min_y, c.max_x, c.max_y
               FROM gpkg_contents c JOIN gpkg_geometry_columns g USING (table_name)
               WHERE c.data_type = 'features' AND g.column_name = 'geom' ORDER BY c.rowid";
    let mut statement = file.connection.prepare(sql)?;
    let mut rows = statement.query([])?;
    let mut layers = Vec::new();
    while let Some(row) = rows.next()? {
        let geometry = match row.get::<_, String>(3)?.to_ascii_uppercase().as_str() {
            "MULTIPOLYGON" => LayerGeometry::MultiPolygon,
            "MULTILINESTRING" => LayerGeometry::MultiLineString,
            "POINT" => LayerGeometry::Point,
            _ => continue,
        };
        let name: String = row.get(0)?;
        let sides: [Option<f64>; 4] = [row.get(4)?, row.get(5)?, row.get(6)?, row.get(7)?];
        let (Some(columns), true) = (columns_of(file, &name)?, has_index(file, &name)?) else { continue };
        layers.push(LayerInfo {
            title: row.get::<_, Option<String>>(1)?.unwrap_or_else(|| name.clone()),
            description: row.get::<_, Option<String>>(2)?.unwrap_or_default(),
            name,
            geometry,
            columns,
            bounds: match sides {
                [Some(west), Some(south), Some(east), Some(north)] => Some([west, south, east, north]),
                _ => None,
            },
        });
    }
    Ok(layers)
}

/// The columns of a table; `None` where its id is not `fid`, as in tables that others wrote.
fn columns_of(file: &Database, table: &str) -> rusqlite::Result<Option<Vec<LayerColumn>>> {
    let mut statement = file.connection.prepare("SELECT name, type, pk FROM pragma_table_info(?1)")?;
    let mut rows = statement.query([table])?;
    let mut columns = Vec::new();
    let mut has_id = false;
    while let Some(row) = rows.next()? {
        let name: String = row.get(0)?;
        let declared = row.get::<_, String>(1)?.to_ascii_uppercase();
        if row.get::<_, i64>(2)? > 0 {
            has_id = name == "fid";
            continue;
        }
        let kind = match declared.as_str() {
            "BOOLEAN" => ColumnKind::Bool,
            "REAL" | "DOUBLE" | "FLOAT" => ColumnKind::Real,
            t if t.contains("INT") => ColumnKind::Int,
            t if t.starts_with("TEXT") => ColumnKind::Text,
            _ => continue,
        };
        columns.push(LayerColumn { name, kind });
    }
    Ok(has_id.then_some(columns))
}

fn has_index(file: &Database, table: &str) -> rusqlite::Result<bool> {
    let name = format!("rtree_{table}_geom");
    let sql = "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?1";
    Ok(file.connection.query_row(sql, [name], |_| Ok(())).optional()?.is_some())
}

fn sql_value(wanted: &Wanted) -> Value {
    match wanted {
        Wanted::Text(text) => Value::Text(text.clone()),
        Wanted::Int(v) => Value::Integer(*v),
        Wanted::Real(v) => Value::Real(*v),
        Wanted::Bool(v) => Value::Integer(i64::from(*v)),
    }
}

fn no_values(kind: ColumnKind) -> Values {
    match kind {
        ColumnKind::Text => Values::Text(Vec::new()),
        ColumnKind::Int => Values::Int(Vec::new()),
        ColumnKind::Real => Values::Real(Vec::new()),
        ColumnKind::Bool => Values::Bool(Vec::new()),
    }
}

/// Adds a value; one of another type than the column's counts as missing.
fn push(column: &mut Values, value: ValueRef<'_>) {
    match column {
        Values::Text(v) => v.push(value.as_str().ok().map(str::to_string)),
        Values::Int(v) => v.push(value.as_i64().ok()),
        Values::Bool(v) => v.push(value.as_i64().ok().map(|b| b != 0)),
        Values::Real(v) => v.push(match value {
            ValueRef::Integer(i) => Some(i as f64),
            other => other.as_f64().ok(),
        }),
    }
}
