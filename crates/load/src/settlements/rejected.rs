//! Rows that are no settlement, and why.

use std::collections::HashMap;
use whitespot_model::{
    features::{DefectKind, Features},
    finding::Finding,
};

/// Rows rejected for one reason.
pub(super) struct Rejected {
    pub(super) reason: Reason,
    count: u64,
    /// Sum over the rows whose persons are known.
    persons: u64,
    n_unknown: u64,
    examples: Vec<String>,
}

impl Rejected {
    pub(super) fn new(reason: Reason) -> Rejected {
        Rejected { reason, count: 0, persons: 0, n_unknown: 0, examples: Vec::new() }
    }

    /// Counts a row; `persons` is `None` where its cell does not tell a number of people.
    pub(super) fn add(&mut self, persons: Option<f64>, example: impl FnOnce() -> String) {
        self.count += 1;
        match persons.filter(|p| p.is_finite() && *p >= 0.0) {
            Some(known) => self.persons += known.round() as u64,
            None => self.n_unknown += 1,
        }
        if self.examples.len() < 5 {
            self.examples.push(example());
        }
    }

    /// The finding; its persons are missing where no row tells any.
    pub(super) fn finding(self, name: &str) -> Finding {
        let (what, hint) = self.reason.words();
        let message = format!("{} rows of `{name}` {what} and are rejected", self.count);
        let finding = Finding::warning(self.reason.code(), name, message)
            .with_count(self.count)
            .with_examples(self.examples)
            .with_hint(hint);
        match (self.n_unknown, self.count - self.n_unknown) {
            (0, _) => finding.with_persons(self.persons),
            (_, 0) => finding,
            (n, _) => finding
                .with_persons(self.persons)
                .with_evidence(format!("{n} of them have no known number of persons")),
        }
    }
}

/// Why a row is no settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    NoPosition,
    NotOnEarth,
    UnreadableGeometry,
    NotAPoint,
    NoPersons,
    PersonsNotANumber,
    NegativePersons,
    TooManyPersons,
    NegativeCount,
    FieldCount,
    DuplicateId,
}

impl Reason {
    pub(super) fn code(self) -> &'static str {
        match self {
            Reason::NoPosition => "no_position",
            Reason::NotOnEarth => "not_on_earth",
            Reason::UnreadableGeometry => "unreadable_geometry",
            Reason::NotAPoint => "not_a_point",
            Reason::NoPersons => "no_persons",
            Reason::PersonsNotANumber => "persons_not_a_number",
            Reason::NegativePersons => "negative_persons",
            Reason::TooManyPersons => "too_many_persons",
            Reason::NegativeCount => "negative_count",
            Reason::FieldCount => "field_count",
            Reason::DuplicateId => "duplicate_id",
        }
    }

    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Reason::NoPosition => (
                "have no position (empty, not a number, or infinite)",
                "fill the coordinates in, or filter the rows with `where`",
            ),
            Reason::NotOnEarth => (
                "have a latitude beyond 90° or a longitude beyond 540°",
                "check the coordinate columns and `crs`",
            ),
            Reason::UnreadableGeometry => {
                ("have a geometry that cannot be read", "check them with Check Validity in QGIS")
            }
            Reason::NotAPoint => {
                ("are lines or several points, not one place", "give one point or one polygon a row")
            }
            Reason::NoPersons => {
                ("have no value for persons", "write 0 where nobody lives, or filter the rows with `where`")
            }
            Reason::PersonsNotANumber => ("have persons that are not a number", "correct the cells"),
            Reason::NegativePersons => {
                ("have negative persons", "correct the cells, or filter the rows with `where`")
            }
            Reason::TooManyPersons => ("have more than 4 294 967 295 persons", "correct the cells"),
            Reason::NegativeCount => ("have negative households or workplaces", "correct the cells"),
            Reason::FieldCount => (
                "have another number of fields than the header",
                "check quotes and separators in those lines",
            ),
            Reason::DuplicateId => ("repeat an id", "`duplicate_ids = \"keep\"` counts them all"),
        }
    }
}

/// The first reason to reject a row that the reader itself noticed.
pub(super) fn defects_by_row(rows: &Features, persons: usize) -> HashMap<usize, Reason> {
    let mut by_row = HashMap::new();
    for defect in &rows.defects {
        let reason = match defect.kind {
            DefectKind::NotANumber { column } if column == persons => Reason::PersonsNotANumber,
            // A coordinate that is no number leaves no position; other columns are merely missing.
            DefectKind::BadGeometry | DefectKind::UnsupportedGeometry => Reason::UnreadableGeometry,
            DefectKind::FieldCount => Reason::FieldCount,
            _ => continue,
        };
        by_row.entry(defect.row).or_insert(reason);
    }
    by_row
}
