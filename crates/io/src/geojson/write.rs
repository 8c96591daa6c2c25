//! GeoJSON out: RFC 7946, one feature a line, so that versions can be compared line by line.

use crate::rings::{Ring, right_hand_rings};
use crate::write_error::WriteError;
use geo_types::Coord;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;
use whitespot_model::shapes::{Part, Shapes};
use whitespot_model::table::{Table, Values};

/// Writes the table with its shapes, row by row; an existing file is replaced.
///
/// `shapes` are WGS 84, x = longitude and y = latitude, in degrees. Positions have 7 decimals (about a
/// centimetre), shells wind counter-clockwise, a missing value is `null`, an empty shape is a `null` geometry,
/// and there is no `crs` member. Polygons are always MultiPolygon, lines MultiLineString; a lone point is a
/// Point.
///
/// # Errors
/// [`WriteError::Mismatch`] when the numbers of rows and shapes differ; [`WriteError::Io`].
pub fn write_geojson(path: &Path, table: &Table, shapes: &Shapes, name: &str) -> Result<(), WriteError> {
    if table.n_rows() != shapes.n_features() {
        let what = format!("{} rows, but {} shapes", table.n_rows(), shapes.n_features());
        return Err(WriteError::mismatch(path, name, what));
    }
    let file = File::create(path).map_err(WriteError::io(path))?;
    let mut out = BufWriter::with_capacity(256 * 1024, file);
    write_collection(&mut out, table, shapes, name).and_then(|()| out.flush()).map_err(WriteError::io(path))
}

fn write_collection(out: &mut impl Write, table: &Table, shapes: &Shapes, name: &str) -> io::Result<()> {
    let keys = Keys::of(table);
    writeln!(out, "{{\"type\":\"FeatureCollection\",\"name\":{},\"features\":[", json_string(name))?;
    for row in 0..table.n_rows() {
        out.write_all(b"{\"type\":\"Feature\",")?;
        keys.write_members(out, table, shapes, row, DEGREE_DECIMALS)?;
        out.write_all(if row + 1 == table.n_rows() { b"}\n" } else { b"},\n" })?;
    }
    out.write_all(b"]}\n")
}

/// Features as text, one at a time, for answers that are put together elsewhere.
pub struct FeatureText<'a> {
    keys: Keys,
    table: &'a Table,
    shapes: &'a Shapes,
    decimals: u32,
}

impl<'a> FeatureText<'a> {
    /// Rows with their shapes, which have as many features; positions get at most so many decimals (0–9).
    pub fn new(table: &'a Table, shapes: &'a Shapes, decimals: u32) -> FeatureText<'a> {
        FeatureText { keys: Keys::of(table), table, shapes, decimals: decimals.min(9) }
    }

    /// Appends row `row` as a feature with an id; `more` is appended before its end: further members, each after a
    /// comma.
    pub fn push(&self, out: &mut Vec<u8>, id: i64, row: usize, more: &str) {
        let mut write = || -> io::Result<()> {
            write!(out, "{{\"type\":\"Feature\",\"id\":{id},")?;
            self.keys.write_members(out, self.table, self.shapes, row, self.decimals)?;
            write!(out, "{more}}}")
        };
        write().expect("memory can be written to");
    }
}

/// Decimals of degrees: about a centimetre.
const DEGREE_DECIMALS: u32 = 7;

/// Names of the properties, quoted.
struct Keys(Vec<String>);

impl Keys {
    fn of(table: &Table) -> Keys {
        Keys(table.columns.iter().map(|c| json_string(&c.name)).collect())
    }

    /// The members `properties` and `geometry` of a row.
    fn write_members(
        &self,
        out: &mut impl Write,
        table: &Table,
        shapes: &Shapes,
        row: usize,
        decimals: u32,
    ) -> io::Result<()> {
        out.write_all(b"\"properties\":{")?;
        for (i, (key, column)) in self.0.iter().zip(&table.columns).enumerate() {
            write!(out, "{}{key}:", if i == 0 { "" } else { "," })?;
            write_value(out, &column.values, row)?;
        }
        out.write_all(b"},\"geometry\":")?;
        write_geometry(out, shapes, row, decimals)
    }
}

fn write_value(out: &mut impl Write, values: &Values, row: usize) -> io::Result<()> {
    match values {
        Values::Text(v) => match &v[row] {
            Some(text) => out.write_all(json_string(text).as_bytes()),
            None => out.write_all(b"null"),
        },
        Values::Int(v) => match v[row] {
            Some(n) => write!(out, "{n}"),
            None => out.write_all(b"null"),
        },
        Values::Real(v) => match v[row] {
            Some(x) if x.is_finite() => write!(out, "{x}"),
            _ => out.write_all(b"null"),
        },
        Values::Bool(v) => match v[row] {
            Some(b) => write!(out, "{b}"),
            None => out.write_all(b"null"),
        },
    }
}

fn json_string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn write_geometry(out: &mut impl Write, shapes: &Shapes, f: usize, decimals: u32) -> io::Result<()> {
    let parts = shapes.parts_of(f);
    if parts.is_empty() {
        return out.write_all(b"null");
    }
    let has = |part: Part| shapes.parts[parts.clone()].contains(&part);
    let kinds: Vec<Part> = [Part::Point, Part::Line, Part::Polygon].into_iter().filter(|p| has(*p)).collect();
    if let [only] = kinds[..] {
        return write_parts(out, shapes, parts, only, decimals);
    }
    out.write_all(b"{\"type\":\"GeometryCollection\",\"geometries\":[")?;
    for (i, kind) in kinds.into_iter().enumerate() {
        out.write_all(if i == 0 { b"" } else { b"," })?;
        write_parts(out, shapes, parts.clone(), kind, decimals)?;
    }
    out.write_all(b"]}")
}

/// All parts of one kind as one geometry.
fn write_parts(
    out: &mut impl Write,
    shapes: &Shapes,
    parts: std::ops::Range<usize>,
    kind: Part,
    decimals: u32,
) -> io::Result<()> {
    let parts: Vec<usize> = parts.filter(|&p| shapes.parts[p] == kind).collect();
    let name = match (kind, parts.len()) {
        (Part::Point, 1) => "Point",
        (Part::Point, _) => "MultiPoint",
        (Part::Line, _) => "MultiLineString",
        (Part::Polygon, _) => "MultiPolygon",
    };
    write!(out, "{{\"type\":\"{name}\",\"coordinates\":")?;
    if name == "Point" {
        let ring = shapes.rings_of(parts[0]).start;
        write_position(out, shapes.ring(ring)[0], decimals)?;
        return out.write_all(b"}");
    }
    out.write_all(b"[")?;
    for (i, &p) in parts.iter().enumerate() {
        out.write_all(if i == 0 { b"" } else { b"," })?;
        match kind {
            Part::Point => write_position(out, shapes.ring(shapes.rings_of(p).start)[0], decimals)?,
            Part::Line => {
                write_positions(out, shapes.ring(shapes.rings_of(p).start).iter().copied(), decimals)?;
            }
            Part::Polygon => write_rings(out, right_hand_rings(shapes, p), decimals)?,
        }
    }
    out.write_all(b"]}")
}

fn write_rings<'a>(
    out: &mut impl Write,
    rings: impl Iterator<Item = Ring<'a>>,
    decimals: u32,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, ring) in rings.enumerate() {
        out.write_all(if i == 0 { b"" } else { b"," })?;
        write_positions(out, ring.coords(), decimals)?;
    }
    out.write_all(b"]")
}

fn write_positions(
    out: &mut impl Write,
    coords: impl Iterator<Item = Coord<f64>>,
    decimals: u32,
) -> io::Result<()> {
    out.write_all(b"[")?;
    for (i, c) in coords.enumerate() {
        out.write_all(if i == 0 { b"" } else { b"," })?;
        write_position(out, c, decimals)?;
    }
    out.write_all(b"]")
}

fn write_position(out: &mut impl Write, c: Coord<f64>, decimals: u32) -> io::Result<()> {
    out.write_all(b"[")?;
    write_decimals(out, c.x, decimals)?;
    out.write_all(b",")?;
    write_decimals(out, c.y, decimals)?;
    out.write_all(b"]")
}

/// A number with at most so many decimals and no trailing zeros.
fn write_decimals(out: &mut impl Write, number: f64, decimals: u32) -> io::Result<()> {
    let unit = 10_u64.pow(decimals);
    let rounded = (number * unit as f64).round() as i64;
    let (whole, mut fraction) = (rounded.unsigned_abs() / unit, rounded.unsigned_abs() % unit);
    write!(out, "{}{whole}", if rounded < 0 { "-" } else { "" })?;
    if fraction == 0 {
        return Ok(());
    }
    let mut n_digits = decimals as usize;
    while fraction % 10 == 0 {
        fraction /= 10;
        n_digits -= 1;
    }
    write!(out, ".{fraction:0n_digits$}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use whitespot_model::table::Unit;

    fn written(table: &Table, shapes: &Shapes) -> String {
        let mut out = Vec::new();
        write_collection(&mut out, table, shapes, "areas").unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn features_follow_rfc_7946_one_a_line() {
        let mut table = Table::default();
        let names = Values::Text(vec![Some("\"Å\"\n".into()), None, Some("p".into())]);
        table.push("name", Unit::Text, "", "", names);
        table.push("persons", Unit::Persons, "", "", Values::Int(vec![Some(3), None, Some(-1)]));
        table.push("share", Unit::Share, "", "", Values::Real(vec![Some(0.25), None, Some(f64::NAN)]));
        table.push("is_funded", Unit::YesNo, "", "", Values::Bool(vec![Some(true), None, Some(false)]));
        let mut shapes = Shapes::default();
        shapes.begin_part(Part::Polygon); // clockwise shell, counter-clockwise hole
        shapes.push_ring([(0.0, 0.0), (0.0, 9.0), (9.0, 9.0), (0.0, 0.0)]);
        shapes.push_ring([(1.0, 2.0), (2.0, 2.5), (1.0, 3.0), (1.0, 2.0)]);
        shapes.end_part();
        shapes.end_feature();
        shapes.end_feature();
        shapes.push_point(-0.00000001, 63.123_456_789);
        assert_eq!(
            written(&table, &shapes).lines().collect::<Vec<_>>(),
            [
                r#"{"type":"FeatureCollection","name":"areas","features":["#,
                r#"{"type":"Feature","properties":{"name":"\"Å\"\n","persons":3,"share":0.25,"is_funded":true},"geometry":{"type":"MultiPolygon","coordinates":[[[[0,0],[9,9],[0,9],[0,0]],[[1,2],[1,3],[2,2.5],[1,2]]]]}},"#,
                r#"{"type":"Feature","properties":{"name":null,"persons":null,"share":null,"is_funded":null},"geometry":null},"#,
                r#"{"type":"Feature","properties":{"name":"p","persons":-1,"share":null,"is_funded":false},"geometry":{"type":"Point","coordinates":[0,63.1234568]}}"#,
                "]}",
            ]
        );
    }

    #[test]
    fn degrees_have_at_most_seven_decimals() {
        for (degrees, text) in [
            (-0.5, "-0.5"),
            (20.0, "20"),
            (-179.999_999_96, "-180"),
            (0.000_000_1, "0.0000001"),
            (-12.050_000_04, "-12.05"),
        ] {
            let mut out = Vec::new();
            write_decimals(&mut out, degrees, DEGREE_DECIMALS).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), text);
        }
    }
}
