//! Published tables: named, typed columns with units. Every exporter writes these and computes nothing.

use serde::{Deserialize, Serialize};

/// Unit of a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    /// Codes, names, words.
    Text,
    /// Persons.
    Persons,
    /// Households.
    Households,
    /// Workplaces.
    Workplaces,
    /// Settlements.
    Settlements,
    /// A share, 0–1.
    Share,
    /// Metres.
    Metres,
    /// Square kilometres.
    Km2,
    /// Persons per km².
    PersonsPerKm2,
    /// The smallest unit of the currency used (SEK).
    Sek,
    /// An order, 1 = first.
    Rank,
    /// A number without unit (scores, indices) or with the unit of its source.
    Number,
    /// Yes or no.
    YesNo,
}

/// Values of a column; missing is `None`, never 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Values {
    /// Text.
    Text(Vec<Option<String>>),
    /// Whole numbers.
    Int(Vec<Option<i64>>),
    /// Real numbers; finite.
    Real(Vec<Option<f64>>),
    /// Yes or no.
    Bool(Vec<Option<bool>>),
}

impl Values {
    /// Number of rows.
    pub fn len(&self) -> usize {
        match self {
            Values::Text(v) => v.len(),
            Values::Int(v) => v.len(),
            Values::Real(v) => v.len(),
            Values::Bool(v) => v.len(),
        }
    }

    /// Whether there are no rows.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The value of row `i` as text for CSV and people: empty where missing, shortest exact form of a real.
    pub fn to_text(&self, i: usize) -> String {
        match self {
            Values::Text(v) => v[i].clone().unwrap_or_default(),
            Values::Int(v) => v[i].map(|x| x.to_string()).unwrap_or_default(),
            Values::Real(v) => v[i].map(|x| x.to_string()).unwrap_or_default(),
            Values::Bool(v) => v[i].map(|x| x.to_string()).unwrap_or_default(),
        }
    }

    /// The value of row `i` as a number, where it is one.
    pub fn number(&self, i: usize) -> Option<f64> {
        match self {
            Values::Int(v) => v[i].map(|x| x as f64),
            Values::Real(v) => v[i],
            Values::Bool(v) => v[i].map(|x| f64::from(u8::from(x))),
            Values::Text(_) => None,
        }
    }
}

/// A column with its meaning.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableColumn {
    /// Name in files: ASCII `snake_case` with the unit as suffix.
    pub name: String,
    /// Unit.
    pub unit: Unit,
    /// One line for people, Swedish.
    pub label_sv: String,
    /// One line for people, English.
    pub label_en: String,
    /// The values.
    pub values: Values,
}

/// Columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Table {
    /// The columns in published order.
    pub columns: Vec<TableColumn>,
}

impl Table {
    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, |c| c.values.len())
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&TableColumn> {
        self.columns.iter().find(|c| c.name == name)
    }

    /// Adds a column.
    ///
    /// # Panics
    /// When its length differs from the others' or its name is taken.
    pub fn push(&mut self, name: &str, unit: Unit, label_sv: &str, label_en: &str, values: Values) {
        assert!(
            self.columns.is_empty() || values.len() == self.n_rows(),
            "column `{name}` has another length"
        );
        assert!(self.column(name).is_none(), "column `{name}` stands twice");
        self.columns.push(TableColumn {
            name: name.to_string(),
            unit,
            label_sv: label_sv.to_string(),
            label_en: label_en.to_string(),
            values,
        });
    }
}
