//! Tables and queries as layers, read by a cursor in one read-only transaction, so that all batches are of one state.

use super::address::without_password;
use super::client::Client;
use crate::require_columns;
use crate::values::{BatchBuilder, Value};
use std::path::{Path, PathBuf};
use whitespot_model::crs::CrsDeclaration;
use whitespot_model::features::{
    DefectKind, FeatureSource, Features, Format, ReadError, Request, SourceSchema,
};
use whitespot_model::wkb::{self, WkbError};

/// Rows fetched at a time at most: callers that want all at once ask for more than a server counts to.
const MOST_ROWS: usize = 1 << 18;

/// What a table or query says about itself.
pub(crate) fn inspect(address: &Path, layer: Option<&str>) -> Result<SourceSchema, ReadError> {
    Opened::open(address, layer).map(|opened| opened.schema)
}

/// The tables with a geometry, as `schema.table`.
pub(crate) fn layers(address: &Path) -> Result<Vec<String>, ReadError> {
    let mut client = connected(address)?;
    layers_of(&mut client, address)
}

/// Opens a table or query for reading.
pub(crate) fn open(address: &Path, request: &Request) -> Result<PostgisSource, ReadError> {
    let mut opened = Opened::open(address, request.layer.as_deref())?;
    let fail = failure(address);
    require_columns(
        Path::new(&without_password(&address.to_string_lossy())),
        request,
        &opened.schema.fields,
    )?;
    let mut selected = Vec::new();
    let mut kinds = Vec::new();
    for (name, _) in &request.columns {
        let kind = opened.columns.iter().find(|c| &c.0 == name).map_or(Fetched::Text, |c| fetched_as(c.1));
        let cast = match kind {
            Fetched::Real => "float8",
            Fetched::Integer => "int8",
            Fetched::Text => "text",
        };
        selected.push(format!("q.{}::{cast}", quoted(name)));
        kinds.push(kind);
    }
    let has_geometry = request.geometry && opened.geometry.is_some();
    if let Some(geometry) = opened.geometry.as_ref().filter(|_| has_geometry) {
        selected.push(format!("ST_AsBinary(ST_Force2D(q.{}::geometry))", quoted(geometry)));
    }
    if selected.is_empty() {
        selected.push("1::int8".to_string());
    }
    let order = match opened.order.as_str() {
        "" => String::new(),
        order => format!(" ORDER BY {order}"),
    };
    let sql = format!(
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; DECLARE whitespot_rows NO SCROLL CURSOR FOR SELECT {} FROM {} AS q{order}",
        selected.join(", "),
        opened.from
    );
    opened.client.query(&sql).map_err(&fail)?;
    let address = address.to_path_buf();
    Ok(PostgisSource {
        address,
        opened,
        request: request.clone(),
        kinds,
        has_geometry,
        n_given: 0,
        is_ended: false,
    })
}

/// How a column is fetched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fetched {
    Real,
    Integer,
    Text,
}

/// By the fixed numbers of the types; text that is a number counts as one, what is none becomes a defect of its row.
fn fetched_as(type_number: u32) -> Fetched {
    const INTEGERS: [u32; 3] = [20, 21, 23];
    // Codes kept as decimals come without a fraction, as from every other source.
    const REALS: [u32; 3] = [700, 701, 1700];
    if INTEGERS.contains(&type_number) {
        Fetched::Integer
    } else if REALS.contains(&type_number) {
        Fetched::Real
    } else {
        Fetched::Text
    }
}

/// A table or query being read.
pub(crate) struct PostgisSource {
    address: PathBuf,
    opened: Opened,
    request: Request,
    kinds: Vec<Fetched>,
    has_geometry: bool,
    n_given: u64,
    is_ended: bool,
}

impl FeatureSource for PostgisSource {
    fn schema(&self) -> &SourceSchema {
        &self.opened.schema
    }

    fn next_batch(&mut self, max_rows: usize) -> Result<Option<Features>, ReadError> {
        if self.is_ended {
            return Ok(None);
        }
        let n_wanted = max_rows.clamp(1, MOST_ROWS);
        let sql = format!("FETCH FORWARD {n_wanted} FROM whitespot_rows");
        let mut batch = BatchBuilder::new(&self.request, self.n_given + 1, false);
        let mut n_rows = 0;
        let (kinds, has_geometry) = (&self.kinds, self.has_geometry);
        let fetched = self.opened.client.each_row(&sql, |row| {
            n_rows += 1;
            push_row(&mut batch, row, kinds, has_geometry);
        });
        fetched.map_err(failure(&self.address))?;
        self.is_ended = n_rows < n_wanted;
        self.n_given += n_rows as u64;
        Ok(batch.finish())
    }
}

/// Adds a row: the columns as they are fetched, and the geometry last.
fn push_row(batch: &mut BatchBuilder, row: &[Option<&[u8]>], kinds: &[Fetched], has_geometry: bool) {
    for (i, kind) in kinds.iter().enumerate() {
        let text = row.get(i).copied().flatten().map(String::from_utf8_lossy);
        let value = text.map_or(Value::Missing, |text| match kind {
            Fetched::Real => text.parse().map_or(Value::Missing, Value::Real),
            Fetched::Integer => text.parse().map_or(Value::Missing, Value::Integer),
            Fetched::Text => Value::Text(text),
        });
        batch.push_value(i, &value);
    }
    let geometry = row.get(kinds.len()).copied().flatten().filter(|_| has_geometry);
    batch.push_shape(|shapes| {
        let Some(wkb) = bytes_of(geometry?) else {
            return Some((DefectKind::BadGeometry, "the geometry is not readable".to_string()));
        };
        match wkb::decode_into(&wkb, shapes) {
            Ok(0) => None,
            Ok(n) => Some((DefectKind::UnclosedRing, format!("{n} ring(s) not closed, closed here"))),
            Err(error @ WkbError::Unsupported(_)) => {
                Some((DefectKind::UnsupportedGeometry, error.to_string()))
            }
            Err(error) => Some((DefectKind::BadGeometry, error.to_string())),
        }
    });
    batch.end_row(0);
}

/// Bytes as PostgreSQL writes them as text: `\x00ff`.
fn bytes_of(text: &[u8]) -> Option<Vec<u8>> {
    let hex = text.strip_prefix(b"\\x")?;
    let digit = |c: u8| char::from(c).to_digit(16).map(|d| d as u8);
    hex.chunks_exact(2).map(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}

/// A connection with what is known of the layer.
struct Opened {
    client: Client,
    schema: SourceSchema,
    /// All columns but the geometry, with the numbers of their types.
    columns: Vec<(String, u32)>,
    geometry: Option<String>,
    /// What stands after FROM: a table or a query in parentheses.
    from: String,
    /// What stands after ORDER BY; empty where there is no order but the query's own.
    order: String,
}

impl Opened {
    fn open(address: &Path, layer: Option<&str>) -> Result<Opened, ReadError> {
        let mut client = connected(address)?;
        let fail = failure(address);
        let layer = layer.map(str::trim).unwrap_or_default().trim_end_matches(';');
        if layer.is_empty() {
            let present = layers_of(&mut client, address)?;
            return Err(no_such_layer(address, "", present));
        }
        let (from, order) = if is_query(layer) {
            (format!("({layer})"), String::new())
        } else {
            let (schema, table) =
                layer.split_once('.').map_or((None, layer), |(s, t)| (Some(unquoted(s)), unquoted(t)));
            match relation(&mut client, schema, table).map_err(&fail)? {
                Some(found) => found,
                None => {
                    let present = layers_of(&mut client, address)?;
                    return Err(no_such_layer(address, layer, present));
                }
            }
        };
        let all = client.query(&format!("SELECT * FROM {from} AS q LIMIT 0")).map_err(&fail)?.columns;
        let sql = "SELECT oid::text FROM pg_type WHERE typname IN ('geometry', 'geography')";
        let shapes = client.query(sql).map_err(&fail)?;
        let is_geometry =
            |kind: u32| shapes.rows.iter().any(|row| row[0].as_deref() == Some(&kind.to_string()));
        let geometry = all.iter().find(|c| is_geometry(c.1)).map(|c| c.0.clone());
        let columns: Vec<(String, u32)> = all.into_iter().filter(|c| !is_geometry(c.1)).collect();
        let crs = match &geometry {
            Some(geometry) => crs_of(&mut client, &from, geometry, address)?,
            None => None,
        };
        let schema = SourceSchema {
            format: Format::PostGis.name(),
            layer: Some(layer.to_string()),
            fields: columns.iter().map(|c| c.0.clone()).collect(),
            crs,
            has_geometry: geometry.is_some(),
            n_rows: None,
        };
        Ok(Opened { client, schema, columns, geometry, from, order })
    }
}

fn is_query(layer: &str) -> bool {
    let first = layer.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or_default();
    (first.eq_ignore_ascii_case("select") || first.eq_ignore_ascii_case("with"))
        && layer.contains(char::is_whitespace)
}

/// A table or view as it stands after FROM, and the order of its rows: its primary key, else as they are stored.
fn relation(
    client: &mut Client,
    schema: Option<&str>,
    table: &str,
) -> Result<Option<(String, String)>, String> {
    let place = match schema {
        Some(schema) => format!("n.nspname = {}", literal(schema)),
        None => "pg_table_is_visible(c.oid)".to_string(),
    };
    let found = client.query(&format!(
        "SELECT c.oid::text, n.nspname, c.relkind::text
         FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
         WHERE c.relname = {} AND c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {place}",
        literal(table)
    ))?;
    let [Some(oid), Some(schema), Some(kind)] = found.rows.first().map(Vec::as_slice).unwrap_or_default()
    else {
        return Ok(None);
    };
    let keys = client.query(&format!(
        "SELECT a.attname FROM pg_index i
         CROSS JOIN LATERAL unnest(i.indkey::int2[]) WITH ORDINALITY AS k(attnum, place)
         JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = k.attnum
         WHERE i.indrelid = {oid} AND i.indisprimary ORDER BY k.place"
    ))?;
    let keys: Vec<String> = keys
        .rows
        .iter()
        .filter_map(|row| row[0].as_deref())
        .map(|key| format!("q.{}", quoted(key)))
        .collect();
    let order = match (keys.is_empty(), kind.as_str()) {
        (false, _) => keys.join(", "),
        (true, "r" | "m") => "q.ctid".to_string(),
        _ => String::new(),
    };
    Ok(Some((format!("{}.{}", quoted(schema), quoted(table)), order)))
}

/// The CRS of a geometry column, by the numbers its shapes carry.
fn crs_of(
    client: &mut Client,
    from: &str,
    geometry: &str,
    address: &Path,
) -> Result<Option<CrsDeclaration>, ReadError> {
    let fail = failure(address);
    let column = format!("q.{}::geometry", quoted(geometry));
    let sql = format!(
        "SELECT DISTINCT ST_SRID({column})::text FROM {from} AS q WHERE {column} IS NOT NULL LIMIT 2"
    );
    let answer = client.query(&sql).map_err(&fail)?;
    let numbers: Vec<&str> = answer.rows.iter().filter_map(|row| row[0].as_deref()).collect();
    let srid = match numbers[..] {
        [] => return Ok(None),
        [srid] => srid,
        _ => {
            return Err(ReadError::Malformed {
                file: PathBuf::from(without_password(&address.to_string_lossy())),
                format: Format::PostGis.name(),
                what: format!("its shapes are in several CRSs ({} and {})", numbers[0], numbers[1]),
                hint: Some("bring them to one in a query: ST_Transform(geom, 3006)".to_string()),
            });
        }
    };
    let sql = format!("SELECT auth_name, auth_srid::text, srtext FROM spatial_ref_sys WHERE srid = {srid}");
    let known = client.query(&sql).map_err(&fail)?;
    Ok(Some(match known.rows.first().map(Vec::as_slice) {
        Some([Some(authority), Some(code), _]) if authority == "EPSG" || authority == "ESRI" => {
            CrsDeclaration::Code(format!("{authority}:{code}"))
        }
        Some([_, _, Some(text)]) => CrsDeclaration::Wkt(text.clone()),
        _ => CrsDeclaration::Undefined,
    }))
}

fn layers_of(client: &mut Client, address: &Path) -> Result<Vec<String>, ReadError> {
    let sql = "SELECT DISTINCT f_table_schema::text || '.' || f_table_name::text AS name FROM geometry_columns ORDER BY name";
    let answer = client.query(sql).map_err(failure(address))?;
    Ok(answer.rows.into_iter().filter_map(|mut row| row.remove(0)).collect())
}

/// A connection that can only read: a query of the analysis file changes nothing.
fn connected(address: &Path) -> Result<Client, ReadError> {
    let connect = || {
        let mut client = Client::connect(&address.to_string_lossy())?;
        client.query("SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY")?;
        Ok(client)
    };
    connect().map_err(|what: String| ReadError::Malformed {
        file: PathBuf::from(without_password(&address.to_string_lossy())),
        format: Format::PostGis.name(),
        what,
        hint: Some(
            "check host, port, database and user; the password is taken from PGPASSWORD or ~/.pgpass"
                .to_string(),
        ),
    })
}

fn no_such_layer(address: &Path, wanted: &str, present: Vec<String>) -> ReadError {
    ReadError::NoSuchLayer {
        file: PathBuf::from(without_password(&address.to_string_lossy())),
        wanted: wanted.to_string(),
        present,
    }
}

fn failure(address: &Path) -> impl Fn(String) -> ReadError + '_ {
    move |what| ReadError::Malformed {
        file: PathBuf::from(without_password(&address.to_string_lossy())),
        format: Format::PostGis.name(),
        what,
        hint: Some("try the table or query in `psql` or QGIS' database manager".to_string()),
    }
}

fn unquoted(name: &str) -> &str {
    name.strip_prefix('"').and_then(|n| n.strip_suffix('"')).unwrap_or(name)
}

pub(super) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

/// A text as it may stand in a statement. Backslashes mean themselves in a standard string; a zero byte cannot be sent.
pub(super) fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''").replace('\0', ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_and_names_are_read_as_the_server_writes_them() {
        assert_eq!(bytes_of(b"\\x00ff10"), Some(vec![0, 255, 16]));
        assert_eq!(bytes_of(b"00ff"), None);
        assert_eq!(literal("a'; DROP TABLE x; --\0"), "'a''; DROP TABLE x; --'");
        assert_eq!(quoted("a\"b"), "\"a\"\"b\"");
    }

    #[test]
    fn a_layer_is_a_query_where_it_begins_as_one() {
        assert!(is_query("SELECT * FROM a") && is_query("with x as (select 1) select * from x"));
        assert!(!is_query("selection") && !is_query("public.with_fibre") && !is_query("select"));
    }
}
