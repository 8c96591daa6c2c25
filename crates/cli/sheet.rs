//! Tables made row by row: one closure a column.

use whitespot_model::table::{Table, Unit, Values};

/// Rows of something being made into a table.
pub(crate) struct Sheet<'a, R> {
    rows: &'a [R],
    table: Table,
}

impl<'a, R> Sheet<'a, R> {
    /// A table with one row each, without columns so far.
    pub(crate) fn new(rows: &'a [R]) -> Sheet<'a, R> {
        Sheet { rows, table: Table::default() }
    }

    /// Adds a column of texts.
    pub(crate) fn text(&mut self, name: &str, sv: &str, en: &str, f: impl Fn(&R) -> Option<String>) {
        let values = Values::Text(self.rows.iter().map(f).collect());
        self.table.push(name, Unit::Text, sv, en, values);
    }

    /// Adds a column of whole numbers.
    pub(crate) fn int(&mut self, name: &str, unit: Unit, sv: &str, en: &str, f: impl Fn(&R) -> Option<i64>) {
        let values = Values::Int(self.rows.iter().map(f).collect());
        self.table.push(name, unit, sv, en, values);
    }

    /// Adds a column of real numbers, rounded to six decimals as a reader can take in; those that are not finite are
    /// missing.
    pub(crate) fn real(&mut self, name: &str, unit: Unit, sv: &str, en: &str, f: impl Fn(&R) -> Option<f64>) {
        let rounded = |row| f(row).filter(|v| v.is_finite()).map(|v| (v * 1e6).round() / 1e6);
        let values = Values::Real(self.rows.iter().map(rounded).collect());
        self.table.push(name, unit, sv, en, values);
    }

    /// The table.
    pub(crate) fn finish(self) -> Table {
        self.table
    }
}

/// The word of a small enum as it stands in JSON.
pub(crate) fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}
