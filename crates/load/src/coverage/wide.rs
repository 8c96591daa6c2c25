//! Columns that say how much of a row is reached: one value, or one a technology and speed.

use super::attributes::Texts;
use crate::{
    Failure,
    source::{Columns, SourceRef, number_at},
};
use std::borrow::Cow;
use whitespot_model::{
    config::{CoverageConfig, ValueOffer},
    features::{As, Features, SourceSchema},
};

/// What decides whether a row reaches anybody, and with what.
pub(super) struct Wide {
    /// The least value that counts as reached.
    pub(super) min_value: f64,
    value: Option<usize>,
    entries: Vec<Entry>,
}

/// One column with the offer it stands for.
pub(super) struct Entry {
    column: usize,
    /// Entries of one technology, operator and status are one ladder of speeds.
    ladder: usize,
    mbps: f64,
    technology: Option<String>,
    operator: Option<String>,
    download: Option<String>,
    upload: Option<String>,
    status: Option<String>,
}

impl Entry {
    fn new(offer: &ValueOffer, column: usize, ladder: usize) -> Entry {
        Entry {
            column,
            ladder,
            mbps: offer.download_mbps.unwrap_or(0.0),
            technology: offer.technology.clone(),
            operator: offer.operator.clone(),
            download: offer.download_mbps.map(|v| v.to_string()),
            upload: offer.upload_mbps.map(|v| v.to_string()),
            status: offer.status.clone(),
        }
    }

    /// The layer's texts with what the entry says itself.
    pub(super) fn over<'a>(&'a self, texts: &Texts<'a>) -> Texts<'a> {
        let mut own = texts.clone();
        for (slot, told) in [
            (0, &self.technology),
            (1, &self.operator),
            (2, &self.download),
            (3, &self.upload),
            (4, &self.status),
        ] {
            if let Some(told) = told {
                own[slot] = Some(Cow::Borrowed(told));
            }
        }
        own
    }
}

impl Wide {
    pub(super) fn resolve(
        config: &CoverageConfig,
        source: &SourceRef<'_>,
        schema: &SourceSchema,
        columns: &mut Columns,
        failure: &mut Failure,
    ) -> Wide {
        let mut want = |role: &str, name: &String| {
            if !schema.fields.contains(name) {
                failure.push(source.no_column(role, name, &schema.fields));
            }
            // Flags come as `true` and `false`, which only text keeps.
            columns.want(name, As::Text)
        };
        let value = config.value.as_ref().map(|v| want("value", v));
        let mut ladders: Vec<(&Option<String>, &Option<String>, &Option<String>)> = Vec::new();
        let mut entries: Vec<Entry> = Vec::new();
        for offer in &config.offers {
            let key = (&offer.technology, &offer.operator, &offer.status);
            let ladder = ladders.iter().position(|l| *l == key).unwrap_or_else(|| {
                ladders.push(key);
                ladders.len() - 1
            });
            entries.push(Entry::new(offer, want("offers", &offer.value), ladder));
        }
        entries.sort_by(|a, b| a.ladder.cmp(&b.ladder).then(a.mbps.total_cmp(&b.mbps)));
        Wide { min_value: config.min_value.unwrap_or(1.0), value, entries }
    }

    /// Whether each row makes one offer by its attributes alone.
    pub(super) fn is_plain(&self) -> bool {
        self.entries.is_empty()
    }

    /// Whether the row's value is missing or too small.
    pub(super) fn is_below(&self, rows: &Features, i: usize) -> bool {
        self.value.is_some_and(|column| {
            let value = share_at(rows, column, i);
            value.is_nan() || value < self.min_value
        })
    }

    /// Of each ladder the entry with the highest speed that is reached.
    pub(super) fn reached<'a>(&'a self, rows: &'a Features, i: usize) -> impl Iterator<Item = &'a Entry> {
        let is_reached = move |e: &Entry| share_at(rows, e.column, i) >= self.min_value;
        self.entries
            .chunk_by(|a, b| a.ladder == b.ladder)
            .filter_map(move |ladder| ladder.iter().rev().find(|e| is_reached(e)))
    }

    /// Whether more is reached at a higher speed than at a lower one of the same ladder.
    pub(super) fn rises_with_speed(&self, rows: &Features, i: usize) -> bool {
        self.entries.windows(2).any(|pair| {
            let is_step = pair[0].ladder == pair[1].ladder && pair[0].mbps < pair[1].mbps;
            is_step && share_at(rows, pair[1].column, i) > share_at(rows, pair[0].column, i) + 1e-9
        })
    }
}

/// The number of a row: flags are 1 and 0, missing is NaN.
fn share_at(rows: &Features, column: usize, i: usize) -> f64 {
    let column = &rows.columns[column];
    let Some(text) = crate::source::text_at(column, i) else {
        return number_at(column, i).unwrap_or(f64::NAN);
    };
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "y" | "t" => 1.0,
        "false" | "no" | "n" | "f" => 0.0,
        _ => match whitespot_model::numbers::parse(text.trim_end_matches('%')) {
            whitespot_model::numbers::Parsed::Number(v) => v,
            _ => f64::NAN,
        },
    }
}
