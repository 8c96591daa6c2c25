//! Features into rows: the wanted properties as columns, the geometry as shapes.

use super::geometry::{GeometryReader, raw_string};
use super::json::{Fault, key_is, read_members, skip_value, unescape};
use super::number::read_number;
use super::window::object_end;
use encoding_rs::Encoding;
use whitespot_model::features::{As, Column, Defect, DefectKind, Features, TextColumn};
use whitespot_model::numbers::{self, Parsed};

/// What is wanted of each feature.
#[derive(Clone, Debug, Default)]
pub(super) struct Wanted {
    pub(super) columns: Vec<(String, As)>,
    pub(super) geometry: bool,
    /// Encoding of strings; UTF-8 when none.
    pub(super) encoding: Option<&'static Encoding>,
}

/// Turns features, one after the other, into rows of one batch.
pub(super) struct RowReader<'w> {
    wanted: &'w Wanted,
    rows: Features,
    geometry: GeometryReader,
    /// Offset of the raw value of each wanted column in the feature being read.
    values: Vec<Option<usize>>,
}

impl<'w> RowReader<'w> {
    pub(super) fn new(wanted: &'w Wanted) -> RowReader<'w> {
        let columns = wanted.columns.iter().map(|(_, r#as)| match r#as {
            As::Number => Column::Number(Vec::new()),
            As::Text => Column::Text(TextColumn::default()),
        });
        RowReader {
            wanted,
            rows: Features { columns: columns.collect(), ..Features::default() },
            geometry: GeometryReader::default(),
            values: vec![None; wanted.columns.len()],
        }
    }

    /// Adds the feature (or bare geometry) that begins at `at` as a row.
    ///
    /// The last of duplicate members counts. A wanted column named `id` that the properties lack is taken
    /// from the feature's own `id`.
    pub(super) fn read_item(&mut self, text: &[u8], at: usize) -> Result<(), Fault> {
        let (mut kind, mut id) = (None, None);
        self.values.fill(None);
        read_members(text, at, |key, value| {
            if key_is(key, "geometry") {
                if self.wanted.geometry {
                    return self.geometry.read(text, value);
                }
            } else if key_is(key, "properties") {
                return self.find_values(text, value);
            } else if key_is(key, "type") {
                kind = Some(value);
            } else if key_is(key, "id") {
                id = Some(value);
            }
            skip_value(text, value)
        })?;
        match kind.and_then(|at| raw_string(text, at)) {
            Some(b"Feature") => {}
            Some(
                b"Point"
                | b"MultiPoint"
                | b"LineString"
                | b"MultiLineString"
                | b"Polygon"
                | b"MultiPolygon"
                | b"GeometryCollection",
            ) => {
                self.values.fill(None);
                id = None;
                if self.wanted.geometry {
                    self.geometry.read(text, at)?;
                }
            }
            Some(b"FeatureCollection") => {
                return Err(Fault::new(at, "a FeatureCollection stands where a feature is expected"));
            }
            Some(other) => {
                let name: String = String::from_utf8_lossy(other).chars().take(40).collect();
                return Err(Fault::new(
                    at,
                    format!("an object of type `{name}` is neither feature nor geometry"),
                ));
            }
            None => return Err(Fault::new(at, "an object without `type`, which should be `Feature`")),
        }
        self.end_row(text, id)
    }

    /// The rows read; features are numbered from `first_place`.
    pub(super) fn into_rows(mut self, first_place: u64) -> Features {
        self.rows.first_place = first_place;
        if self.wanted.geometry {
            self.rows.shapes = Some(self.geometry.shapes);
        }
        self.rows
    }

    fn find_values(&mut self, text: &[u8], at: usize) -> Result<usize, Fault> {
        self.values.fill(None);
        match text.get(at) {
            Some(b'{') => {}
            Some(b'n') => return skip_value(text, at),
            _ => return Err(Fault::new(at, "`properties` is neither an object nor null")),
        }
        if self.values.is_empty() {
            return skip_value(text, at);
        }
        read_members(text, at, |key, value| {
            for ((name, _), slot) in self.wanted.columns.iter().zip(&mut self.values) {
                if self.wanted.key_is(key, name) {
                    *slot = Some(value);
                }
            }
            skip_value(text, value)
        })
    }

    fn end_row(&mut self, text: &[u8], id: Option<usize>) -> Result<(), Fault> {
        let row = self.rows.n_rows;
        for (column, ((name, _), value)) in self.wanted.columns.iter().zip(&self.values).enumerate() {
            let value = value.or(if name == "id" { id } else { None });
            match &mut self.rows.columns[column] {
                Column::Text(texts) => push_text(texts, text, value, self.wanted.encoding)?,
                Column::Number(numbers) => match number_of(text, value, self.wanted.encoding)? {
                    Ok(number) => numbers.push(number),
                    Err(evidence) => {
                        numbers.push(f64::NAN);
                        let kind = DefectKind::NotANumber { column };
                        self.rows.defects.push(Defect { row, kind, evidence });
                    }
                },
            }
        }
        if self.wanted.geometry
            && let Some((kind, evidence)) = self.geometry.end_feature()
        {
            self.rows.defects.push(Defect { row, kind, evidence });
        }
        self.rows.n_rows += 1;
        Ok(())
    }
}

impl Wanted {
    fn key_is(&self, key: &[u8], name: &str) -> bool {
        match self.encoding {
            None => key_is(key, name),
            Some(_) => unescape(key, self.encoding).is_some_and(|k| k == name),
        }
    }
}

/// Adds the property names of the feature at `at` that `fields` lacks; `id` for a feature's own id.
pub(super) fn collect_fields(
    text: &[u8],
    at: usize,
    encoding: Option<&'static Encoding>,
    fields: &mut indexmap::IndexSet<String>,
) -> Result<(), Fault> {
    let mut has_id = false;
    read_members(text, at, |key, value| {
        if key_is(key, "properties") && text.get(value) == Some(&b'{') {
            return read_members(text, value, |key, value| {
                let name = unescape(key, encoding).ok_or_else(|| not_in_encoding(value))?;
                if !fields.contains(name.as_ref()) {
                    fields.insert(name.into_owned());
                }
                skip_value(text, value)
            });
        }
        has_id |= key_is(key, "id");
        // Shapes are checked when they are read, not when the file is only asked for its columns.
        let is_shape = key_is(key, "geometry") && text.get(value) == Some(&b'{');
        match is_shape.then(|| object_end(text, value)).flatten() {
            Some(end) => Ok(end),
            None => skip_value(text, value),
        }
    })?;
    if has_id {
        fields.insert("id".to_string());
    }
    Ok(())
}

fn push_text(
    texts: &mut TextColumn,
    text: &[u8],
    value: Option<usize>,
    encoding: Option<&'static Encoding>,
) -> Result<(), Fault> {
    let Some(at) = value else {
        texts.push(None);
        return Ok(());
    };
    match text[at] {
        b'n' => texts.push(None),
        b'"' => {
            let raw = raw_string(text, at).unwrap_or_default();
            texts.push(Some(&unescape(raw, encoding).ok_or_else(|| not_in_encoding(at))?));
        }
        _ => {
            let raw = &text[at..skip_value(text, at)?];
            let is_whole = raw.iter().all(|b| b.is_ascii_digit() || *b == b'-');
            match read_number(text, at) {
                Some((number, _)) if !is_whole => texts.push(Some(&numbers::code(number))),
                // Whole numbers, true and false, arrays and objects as they stand.
                _ => texts.push(Some(&unescape_bytes(raw, encoding).ok_or_else(|| not_in_encoding(at))?)),
            }
        }
    }
    Ok(())
}

fn unescape_bytes(raw: &[u8], encoding: Option<&'static Encoding>) -> Option<String> {
    match encoding {
        None => String::from_utf8(raw.to_vec()).ok(),
        Some(encoding) => Some(encoding.decode_without_bom_handling(raw).0.into_owned()),
    }
}

/// The value as a number (NaN when missing), or the text that is none.
fn number_of(
    text: &[u8],
    value: Option<usize>,
    encoding: Option<&'static Encoding>,
) -> Result<Result<f64, String>, Fault> {
    let Some(at) = value else { return Ok(Ok(f64::NAN)) };
    if let Some((number, _)) = read_number(text, at) {
        return Ok(Ok(number));
    }
    match text[at] {
        b'n' => Ok(Ok(f64::NAN)),
        b't' => Ok(Ok(1.0)),
        b'f' => Ok(Ok(0.0)),
        b'"' => {
            let raw = raw_string(text, at).unwrap_or_default();
            let said = unescape(raw, encoding).ok_or_else(|| not_in_encoding(at))?;
            Ok(match numbers::parse(&said) {
                Parsed::Number(number) => Ok(number),
                Parsed::Missing => Ok(f64::NAN),
                Parsed::Invalid => Err(said.chars().take(80).collect()),
            })
        }
        b'[' => Ok(Err("an array".to_string())),
        _ => Ok(Err("an object".to_string())),
    }
}

fn not_in_encoding(at: usize) -> Fault {
    Fault::new(at, "a text is not in the encoding of the file (UTF-8 unless `encoding` says otherwise)")
}
