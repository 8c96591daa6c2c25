//! Layers into a schema of a database, all of them in one transaction.

use super::address::without_password;
use super::client::Client;
use super::read::{literal, quoted};
use crate::geopackage::{LayerCrs, LayerGeometry, LayerSpec, wkb_of_feature};
use crate::write_error::WriteError;
use std::path::PathBuf;
use whitespot_model::shapes::Shapes;
use whitespot_model::table::{Table, Values};

/// Bytes sent at a time.
const CHUNK_BYTES: usize = 1 << 20;

/// Writes layers into a schema; nothing of it is seen by others, or stays, unless [`finish`](PostgisWriter::finish)
/// returns.
pub struct PostgisWriter {
    client: Client,
    file: PathBuf,
    schema: String,
    srid: i32,
}

impl PostgisWriter {
    /// Connects and begins. The schema is made where it is not there; what else it holds is left alone.
    ///
    /// # Errors
    /// [`WriteError::Database`].
    pub fn begin(address: &str, schema: &str, crs: &LayerCrs) -> Result<PostgisWriter, WriteError> {
        let file = PathBuf::from(without_password(address));
        let fail = |what: String| WriteError::Database { file: file.clone(), what };
        let mut client = Client::connect(address).map_err(fail)?;
        client.query(&format!("BEGIN; CREATE SCHEMA IF NOT EXISTS {}", quoted(schema))).map_err(fail)?;
        let code = crs.code.split_once(':').and_then(|(_, code)| code.parse::<i32>().ok()).unwrap_or(0);
        let known =
            client.query(&format!("SELECT 1 FROM spatial_ref_sys WHERE srid = {code}")).map_err(fail)?;
        let srid = if known.rows.is_empty() { 0 } else { code };
        Ok(PostgisWriter { client, file, schema: schema.to_string(), srid })
    }

    /// Writes a layer as a table of its name, in place of an earlier one.
    ///
    /// # Errors
    /// [`WriteError::Mismatch`] when rows and shapes differ in number or kind; [`WriteError::Database`], also where
    /// something else (a view) depends on the earlier table.
    pub fn add_layer(&mut self, spec: &LayerSpec, table: &Table, shapes: &Shapes) -> Result<(), WriteError> {
        let has_geometry = spec.geometry != LayerGeometry::None;
        if has_geometry && table.n_rows() != shapes.n_features() {
            let what = format!("{} rows, but {} shapes", table.n_rows(), shapes.n_features());
            return Err(WriteError::mismatch(&self.file, &spec.name, what));
        }
        let name = format!("{}.{}", quoted(&self.schema), quoted(&spec.name));
        self.execute(&table_sql(&name, spec, table, self.srid))?;
        let file = self.file.clone();
        let fail = |what: String| WriteError::Database { file: file.clone(), what };
        let mut columns: Vec<String> = vec!["\"fid\"".to_string()];
        columns.extend(table.columns.iter().map(|c| quoted(&c.name)));
        columns.extend(has_geometry.then(|| "\"geom\"".to_string()));
        let copy = format!("COPY {name} ({}) FROM STDIN", columns.join(", "));
        let (mut row, srid, n_rows) = (0, self.srid, table.n_rows());
        let next = || {
            let mut chunk = String::new();
            while row < n_rows && chunk.len() < CHUNK_BYTES {
                push_row(&mut chunk, table, row);
                if has_geometry {
                    chunk.push('\t');
                    match wkb_of_feature(shapes, row, spec.geometry)
                        .map_err(|what| format!("row {row}: {what}"))?
                    {
                        Some(wkb) => push_ewkb(&mut chunk, &wkb, srid),
                        None => chunk.push_str("\\N"),
                    }
                }
                chunk.push('\n');
                row += 1;
            }
            Ok((!chunk.is_empty()).then_some(chunk))
        };
        self.client.copy_in(&copy, next).map_err(fail)?;
        if has_geometry {
            self.execute(&format!("CREATE INDEX ON {name} USING gist (\"geom\")"))?;
        }
        Ok(())
    }

    /// Ends the transaction: now everything is there.
    ///
    /// # Errors
    /// [`WriteError::Database`]; then nothing is.
    pub fn finish(mut self) -> Result<(), WriteError> {
        self.execute("COMMIT")
    }

    fn execute(&mut self, sql: &str) -> Result<(), WriteError> {
        let file = self.file.clone();
        self.client.query(sql).map(|_| ()).map_err(|what| WriteError::Database { file, what })
    }
}

/// Drops an earlier table, makes the new one, and says what it and its columns mean.
fn table_sql(name: &str, spec: &LayerSpec, table: &Table, srid: i32) -> String {
    let mut columns = vec!["\"fid\" bigint PRIMARY KEY".to_string()];
    for column in &table.columns {
        let kind = match column.values {
            Values::Text(_) => "text",
            Values::Int(_) => "bigint",
            Values::Real(_) => "double precision",
            Values::Bool(_) => "boolean",
        };
        columns.push(format!("{} {kind}", quoted(&column.name)));
    }
    let geometry = match spec.geometry {
        LayerGeometry::MultiPolygon => Some("MultiPolygon"),
        LayerGeometry::Point => Some("Point"),
        LayerGeometry::MultiLineString => Some("MultiLineString"),
        LayerGeometry::None => None,
    };
    columns.extend(geometry.map(|kind| format!("\"geom\" geometry({kind}, {srid})")));
    let mut sql = format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} ({})", columns.join(", "));
    sql.push_str(&format!("; COMMENT ON TABLE {name} IS {}", literal(&spec.description)));
    for column in &table.columns {
        let meaning = literal(&format!("{} / {}", column.label_en, column.label_sv));
        sql.push_str(&format!("; COMMENT ON COLUMN {name}.{} IS {meaning}", quoted(&column.name)));
    }
    sql
}

/// A row in COPY's text form, from the feature id on.
fn push_row(out: &mut String, table: &Table, row: usize) {
    out.push_str(&(row + 1).to_string());
    for column in &table.columns {
        out.push('\t');
        match &column.values {
            Values::Text(v) => match &v[row] {
                Some(text) => push_escaped(out, text),
                None => out.push_str("\\N"),
            },
            Values::Int(v) => push_or_null(out, v[row]),
            Values::Real(v) => push_or_null(out, v[row].filter(|x| x.is_finite())),
            Values::Bool(v) => push_or_null(out, v[row]),
        }
    }
}

fn push_or_null(out: &mut String, value: Option<impl ToString>) {
    match value {
        Some(value) => out.push_str(&value.to_string()),
        None => out.push_str("\\N"),
    }
}

fn push_escaped(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            // PostgreSQL has no such character in text.
            '\0' => {}
            c => out.push(c),
        }
    }
}

/// Well-known binary (little-endian) with its CRS number, in hex.
fn push_ewkb(out: &mut String, wkb: &[u8], srid: i32) {
    const HAS_SRID: u32 = 0x2000_0000;
    let mut hex = |bytes: &[u8]| bytes.iter().for_each(|b| out.push_str(&format!("{b:02x}")));
    let kind = u32::from_le_bytes([wkb[1], wkb[2], wkb[3], wkb[4]]) | HAS_SRID;
    hex(&wkb[..1]);
    hex(&kind.to_le_bytes());
    hex(&srid.to_le_bytes());
    hex(&wkb[5..]);
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::table::Unit;

    #[test]
    fn text_cannot_break_out_of_its_field_or_statement() {
        let mut table = Table::default();
        let texts = vec![Some("a\tb\nc\\N".to_string()), None, Some(String::new())];
        table.push("x", Unit::Text, "", "", Values::Text(texts));
        let mut out = String::new();
        (0..3).for_each(|row| push_row(&mut out, &table, row));
        assert_eq!(out, "1\ta\\tb\\nc\\\\N2\t\\N3\t");
    }

    #[test]
    fn shapes_carry_the_number_of_their_crs() {
        let mut out = String::new();
        push_ewkb(&mut out, &[1, 1, 0, 0, 0, 0xff], 3006);
        assert_eq!(out, "0101000020be0b0000ff");
    }
}
