//! The indicator table: one number per indicator and area, with what it means.

use crate::NeedError;
use std::collections::{BTreeMap, BTreeSet};
use whitespot_model::{config::need::Direction, finding::Finding, need::Normalise};

/// One indicator: what its numbers mean and how they count.
#[derive(Clone, Debug, PartialEq)]
pub struct IndicatorSpec {
    /// Unique name.
    pub id: String,
    /// Unit of the raw values, for people.
    pub unit: String,
    /// Whether more or less of it is need.
    pub direction: Direction,
    /// How raw values become comparable.
    pub normalise: Normalise,
    /// Weight as given, from 0.
    pub weight: f64,
}

/// Raw values of all indicators for all areas to be ranked. What lies outside all areas is left out of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct IndicatorTable {
    /// Unique codes of the areas.
    pub codes: Vec<String>,
    /// Their names.
    pub names: Vec<String>,
    /// The indicators.
    pub indicators: Vec<IndicatorSpec>,
    /// Per indicator one value an area; missing is NaN. Infinite values count as missing, with a finding.
    pub values: Vec<Vec<f64>>,
    /// Persons in the gap, by which ties are broken.
    pub gap_persons: Vec<u64>,
}

impl IndicatorTable {
    /// Number of areas.
    pub fn n_areas(&self) -> usize {
        self.codes.len()
    }

    /// Tells whether the columns fit together and every indicator can be normalised.
    ///
    /// # Errors
    /// The first thing that does not fit.
    pub fn check(&self) -> Result<(), NeedError> {
        if self.indicators.is_empty() {
            return Err(NeedError::NoIndicators);
        }
        let expected = self.n_areas();
        let same_length = |column: &str, found: usize| match found == expected {
            true => Ok(()),
            false => Err(NeedError::Shape { column: column.to_string(), found, expected }),
        };
        same_length("names", self.names.len())?;
        same_length("gap_persons", self.gap_persons.len())?;
        if self.values.len() != self.indicators.len() {
            return Err(NeedError::WeightCount { found: self.values.len(), expected: self.indicators.len() });
        }
        let mut ids = BTreeSet::new();
        for (indicator, values) in self.indicators.iter().zip(&self.values) {
            same_length(&indicator.id, values.len())?;
            if !ids.insert(indicator.id.as_str()) {
                return Err(NeedError::DuplicateIndicator { id: indicator.id.clone() });
            }
            crate::normalise::check(&indicator.id, &indicator.normalise)?;
        }
        let mut codes = BTreeSet::new();
        match self.codes.iter().find(|code| !codes.insert(code.as_str())) {
            Some(code) => Err(NeedError::DuplicateArea { code: code.clone() }),
            None => Ok(()),
        }
    }
}

/// Values of a table joined on the area code: one value an area, NaN where the table has no row for it.
///
/// `rows` are code and value (NaN where the cell is empty) in file order; codes are compared as text, so
/// `0114` and `114` differ. Findings: areas absent from the table, rows that match no area, codes that stand
/// twice (the first counts), and codes that would match but for leading zeros.
pub fn values_by_code(
    area_codes: &[String],
    rows: &[(String, f64)],
    indicator: &str,
    file: &str,
) -> (Vec<f64>, Vec<Finding>) {
    let mut by_code: BTreeMap<&str, f64> = BTreeMap::new();
    let mut twice: Vec<String> = Vec::new();
    for (code, value) in rows {
        match by_code.entry(code) {
            std::collections::btree_map::Entry::Vacant(place) => {
                place.insert(*value);
            }
            std::collections::btree_map::Entry::Occupied(_) => twice.push(code.clone()),
        }
    }
    let areas: BTreeSet<&str> = area_codes.iter().map(String::as_str).collect();
    let values =
        area_codes.iter().map(|code| by_code.get(code.as_str()).copied().unwrap_or(f64::NAN)).collect();
    let absent: Vec<String> =
        area_codes.iter().filter(|code| !by_code.contains_key(code.as_str())).cloned().collect();
    let unused: Vec<String> =
        by_code.keys().filter(|code| !areas.contains(*code)).map(|c| c.to_string()).collect();

    let mut findings = Vec::new();
    if !twice.is_empty() {
        findings.push(
            Finding::warning(
                "duplicate_codes",
                file,
                format!(
                    "{} rows of `{indicator}` repeat an area code; the first of each counts",
                    twice.len()
                ),
            )
            .with_count(twice.len() as u64)
            .with_hint("add `where = { … }` to choose one year or group")
            .with_examples(twice),
        );
    }
    if !absent.is_empty() {
        let bare = |code: &str| code.trim_start_matches('0').to_string();
        let unused_bare: BTreeSet<String> = unused.iter().map(|code| bare(code)).collect();
        let hint = match absent.iter().any(|code| unused_bare.contains(&bare(code))) {
            true => "codes differ by leading zeros: store the code column as text",
            false => "these areas are scored on the other indicators and flagged",
        };
        findings.push(
            Finding::warning(
                "codes_absent",
                file,
                format!("{} of {} areas have no row for `{indicator}`", absent.len(), area_codes.len()),
            )
            .with_count(absent.len() as u64)
            .with_hint(hint)
            .with_examples(absent),
        );
    }
    if !unused.is_empty() {
        findings.push(
            Finding::note(
                "codes_unused",
                file,
                format!("{} rows of `{indicator}` belong to no area of the analysis", unused.len()),
            )
            .with_count(unused.len() as u64)
            .with_examples(unused),
        );
    }
    (values, findings)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A table with areas `a`, `b`, … and min-max indicators `i0`, `i1`, … of weight 1; no gaps.
    pub(crate) fn table(values: &[&[f64]]) -> IndicatorTable {
        let n = values.first().map_or(0, |v| v.len());
        let codes: Vec<String> = (0..n).map(|i| char::from(b'a' + i as u8).to_string()).collect();
        IndicatorTable {
            names: codes.clone(),
            codes,
            indicators: (0..values.len())
                .map(|i| IndicatorSpec {
                    id: format!("i{i}"),
                    unit: "share".to_string(),
                    direction: Direction::HigherIsMoreNeed,
                    normalise: Normalise::MinMax { bounds: None },
                    weight: 1.0,
                })
                .collect(),
            values: values.iter().map(|v| v.to_vec()).collect(),
            gap_persons: vec![0; n],
        }
    }

    fn codes(list: &[&str]) -> Vec<String> {
        list.iter().map(|c| c.to_string()).collect()
    }

    #[test]
    fn columns_that_do_not_fit_are_refused() {
        let mut t = table(&[&[1.0, 2.0]]);
        t.gap_persons.pop();
        assert!(matches!(t.check(), Err(NeedError::Shape { found: 1, expected: 2, .. })));
        let mut t = table(&[&[1.0, 2.0], &[1.0, 2.0]]);
        t.indicators[1].id = "i0".into();
        assert!(matches!(t.check(), Err(NeedError::DuplicateIndicator { .. })));
        let mut t = table(&[&[1.0, 2.0]]);
        t.codes[1] = "a".into();
        assert!(matches!(t.check(), Err(NeedError::DuplicateArea { .. })));
        assert!(matches!(table(&[]).check(), Err(NeedError::NoIndicators)));
    }

    #[test]
    fn an_area_absent_from_the_statistics_is_missing_and_found() {
        let rows = [("b".to_string(), 2.0), ("x".to_string(), 9.0), ("b".to_string(), 3.0)];
        let (values, findings) = values_by_code(&codes(&["a", "b"]), &rows, "aged_80", "age.csv");
        assert!(values[0].is_nan());
        assert_eq!(values[1], 2.0);
        let found: Vec<&str> = findings.iter().map(|f| f.code.as_str()).collect();
        assert_eq!(found, ["duplicate_codes", "codes_absent", "codes_unused"]);
        assert_eq!(findings[1].examples, ["a"]);
    }

    #[test]
    fn codes_that_lost_their_leading_zeros_get_a_hint() {
        let rows = [("114".to_string(), 2.0)];
        let (values, findings) = values_by_code(&codes(&["0114"]), &rows, "aged_80", "age.csv");
        assert!(values[0].is_nan());
        assert!(findings[0].hint.as_deref().unwrap().contains("leading zeros"));
    }
}
