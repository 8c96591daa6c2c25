//! Where each attribute of a layer comes from: a constant, or a column with a translation.

use crate::{
    Failure,
    source::{Columns, SourceRef, text_at},
};
use std::{borrow::Cow, collections::HashMap};
use whitespot_model::{
    config::{
        Attribute, CoverageConfig, Scalar,
        inputs::Ready,
        source::{Date, FieldAttribute},
    },
    features::{As, Features, SourceSchema},
    numbers::{self, Parsed},
};

/// The texts that make up an offer: technology, operator, download, upload, status, ready, basis, level.
pub(super) type Texts<'a> = [Option<Cow<'a, str>>; 8];

/// Where each attribute comes from.
pub(super) struct Attributes {
    technology: Source,
    operator: Source,
    download_mbps: Source,
    upload_mbps: Source,
    status: Source,
    ready: Source,
    basis: Source,
    level: Source,
}

/// A constant, a column with a translation, or nothing.
enum Source {
    Absent,
    Constant(String),
    Column { column: usize, map: HashMap<String, String>, scale: Option<f64> },
}

impl Source {
    fn resolve(
        key: &str,
        attribute: Option<&Attribute>,
        source: &SourceRef<'_>,
        schema: &SourceSchema,
        columns: &mut Columns,
        failure: &mut Failure,
    ) -> Source {
        match attribute {
            None => Source::Absent,
            Some(Attribute::Constant(value)) => Source::Constant(value.to_text()),
            Some(Attribute::Field(FieldAttribute { field, map, scale })) => {
                if !schema.fields.contains(field) {
                    failure.push(source.no_column(key, field, &schema.fields));
                }
                Source::Column {
                    column: columns.want(field, As::Text),
                    map: map.iter().map(|(from, to)| (from.clone(), Scalar::to_text(to))).collect(),
                    scale: *scale,
                }
            }
        }
    }

    fn value<'a>(&'a self, rows: &'a Features, i: usize) -> Option<Cow<'a, str>> {
        match self {
            Source::Absent => None,
            Source::Constant(text) => Some(Cow::Borrowed(text)),
            Source::Column { column, map, scale } => {
                let text = text_at(&rows.columns[*column], i)?;
                let text = map.get(text).map_or(text, String::as_str);
                let Some(scale) = scale else { return Some(Cow::Borrowed(text)) };
                Some(match numbers::parse(text) {
                    Parsed::Number(v) => Cow::Owned((v * scale).to_string()),
                    _ => Cow::Borrowed(text),
                })
            }
        }
    }
}

impl Attributes {
    pub(super) fn resolve(
        config: &CoverageConfig,
        source: &SourceRef<'_>,
        schema: &SourceSchema,
        columns: &mut Columns,
        failure: &mut Failure,
    ) -> Attributes {
        let ready = config.ready.as_ref().map(|r| match r {
            Ready::Date(Date(day)) => Attribute::Constant(Scalar::Text(day.clone())),
            Ready::Field(field) => Attribute::Field(field.clone()),
        });
        let mut of = |key: &str, attribute: Option<&Attribute>| {
            Source::resolve(key, attribute, source, schema, columns, failure)
        };
        Attributes {
            technology: of("technology", config.technology.as_ref()),
            operator: of("operator", config.operator.as_ref()),
            download_mbps: of("download_mbps", config.download_mbps.as_ref()),
            upload_mbps: of("upload_mbps", config.upload_mbps.as_ref()),
            status: of("status", config.status.as_ref()),
            ready: of("ready", ready.as_ref()),
            basis: of("basis", config.basis.as_ref()),
            level: of("level", config.level.as_ref()),
        }
    }

    /// The texts that make up the offer of row `i`, in a fixed order.
    pub(super) fn texts<'a>(&'a self, rows: &'a Features, i: usize) -> Texts<'a> {
        [
            &self.technology,
            &self.operator,
            &self.download_mbps,
            &self.upload_mbps,
            &self.status,
            &self.ready,
            &self.basis,
            &self.level,
        ]
        .map(|s| s.value(rows, i))
    }
}
