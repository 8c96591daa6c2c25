//! Single values of a file into the columns of a batch.

use std::borrow::Cow;
use whitespot_model::features::{As, Column, Defect, DefectKind, Features, Request, TextColumn};
use whitespot_model::numbers::{self, Parsed};
use whitespot_model::shapes::Shapes;

/// One value as a file holds it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Value<'a> {
    Missing,
    Text(Cow<'a, str>),
    Integer(i64),
    Real(f64),
    Bool(bool),
    /// Bytes, dates of unknown make and other things that are neither text nor number.
    Other(&'static str),
}

/// A batch being filled row by row.
pub(crate) struct BatchBuilder {
    rows: Features,
    places: Option<Vec<u64>>,
    shapes: Option<Shapes>,
}

impl BatchBuilder {
    /// An empty batch for a request; places are told where `has_places`.
    pub(crate) fn new(request: &Request, first_place: u64, has_places: bool) -> BatchBuilder {
        let columns = request.columns.iter().map(|(_, wanted)| match wanted {
            As::Number => Column::Number(Vec::new()),
            As::Text => Column::Text(TextColumn::default()),
        });
        BatchBuilder {
            rows: Features { first_place, columns: columns.collect(), ..Features::default() },
            places: has_places.then(Vec::new),
            shapes: request.geometry.then(Shapes::default),
        }
    }

    pub(crate) fn n_rows(&self) -> usize {
        self.rows.n_rows
    }

    /// Adds a shape, if shapes are wanted: `add` adds its parts and tells what is wrong with it.
    pub(crate) fn push_shape(&mut self, add: impl FnOnce(&mut Shapes) -> Option<(DefectKind, String)>) {
        let Some(shapes) = &mut self.shapes else { return };
        let flaw = add(shapes);
        shapes.end_feature();
        if let Some((kind, evidence)) = flaw {
            self.rows.defects.push(Defect { row: self.rows.n_rows, kind, evidence });
        }
    }

    /// Adds a value to a column; what is no number where one is wanted becomes a missing value and a defect.
    pub(crate) fn push_value(&mut self, column: usize, value: &Value<'_>) {
        let evidence = match &mut self.rows.columns[column] {
            Column::Text(texts) => {
                push_text(texts, value);
                None
            }
            Column::Number(numbers) => match number_of(value) {
                Ok(number) => {
                    numbers.push(number);
                    None
                }
                Err(evidence) => {
                    numbers.push(f64::NAN);
                    Some(evidence)
                }
            },
        };
        if let Some(evidence) = evidence {
            let kind = DefectKind::NotANumber { column };
            self.rows.defects.push(Defect { row: self.rows.n_rows, kind, evidence });
        }
    }

    /// Ends the row.
    pub(crate) fn end_row(&mut self, place: u64) {
        if let Some(places) = &mut self.places {
            places.push(place);
        }
        self.rows.n_rows += 1;
    }

    /// The batch, if it has rows.
    pub(crate) fn finish(mut self) -> Option<Features> {
        self.rows.shapes = self.shapes;
        self.rows.places = self.places;
        (self.rows.n_rows > 0).then_some(self.rows)
    }
}

fn push_text(texts: &mut TextColumn, value: &Value<'_>) {
    match value {
        Value::Missing | Value::Other(_) => texts.push(None),
        Value::Text(text) => texts.push(Some(text)),
        Value::Integer(v) => texts.push(Some(&v.to_string())),
        Value::Real(v) if v.is_nan() => texts.push(None),
        Value::Real(v) => texts.push(Some(&numbers::code(*v))),
        Value::Bool(v) => texts.push(Some(if *v { "true" } else { "false" })),
    }
}

/// The value as a number, NaN when missing; or the text that is none.
fn number_of(value: &Value<'_>) -> Result<f64, String> {
    match value {
        Value::Missing => Ok(f64::NAN),
        Value::Integer(v) => Ok(*v as f64),
        Value::Real(v) => Ok(*v),
        Value::Bool(v) => Ok(f64::from(u8::from(*v))),
        Value::Other(what) => Err((*what).to_string()),
        Value::Text(text) => match numbers::parse(text) {
            Parsed::Number(v) => Ok(v),
            Parsed::Missing => Ok(f64::NAN),
            Parsed::Invalid => Err(text.chars().take(80).collect()),
        },
    }
}
