//! Indicators of areas or clusters: from the run's own measures and from tables.

use crate::{inputs::Inputs, join::Joined};
use std::{collections::BTreeMap, path::Path};
use whitespot_load::statistics;
use whitespot_model::{
    area::Areas,
    config::{Analysis, need::NeedConfig},
    finding::{Finding, Severity},
    gap::GapRow,
    provenance::Provenance,
};
use whitespot_need::{
    IndicatorTable,
    derive::{Measures, derive_values},
    indicator_specs,
};

/// What is ranked: areas, or the clusters of a service.
pub(crate) struct Units<'a> {
    /// Codes and names, and land area.
    pub(crate) areas: &'a Areas,
    /// Their gaps, in the order of `areas`.
    pub(crate) rows: &'a [GapRow],
    /// By cost model: what reaching each one's gap costs.
    pub(crate) costs_sek: BTreeMap<String, Vec<Option<i64>>>,
    /// The row of a statistics table that speaks of each one: its own, or that of the area it lies in.
    pub(crate) table_rows: Vec<Option<u32>>,
}

/// Indicators read from tables; `None` for those derived from the run.
#[derive(Default)]
pub(crate) struct Tables {
    values: Vec<Option<Vec<f64>>>,
    /// What was noticed in them.
    pub(crate) findings: Vec<Finding>,
    /// Where they came from.
    pub(crate) provenance: Vec<Provenance>,
}

impl Tables {
    /// Reads every table once and joins it on these codes, ascending.
    ///
    /// # Errors
    /// Findings: files, columns, codes that stand twice.
    pub(crate) fn read(need: &NeedConfig, base: &Path, codes: &[String]) -> Result<Tables, Vec<Finding>> {
        let mut tables = Tables::default();
        let mut failure = Vec::new();
        for indicator in &need.indicators {
            let Some(file) = indicator.file.as_ref().filter(|_| indicator.derive.is_none()) else {
                tables.values.push(None);
                continue;
            };
            match statistics::read_indicator(indicator, file, base, codes) {
                Ok(loaded) => {
                    tables.findings.extend(loaded.findings);
                    tables.provenance.push(loaded.provenance);
                    tables.values.push(Some(loaded.value));
                }
                Err(findings) => failure.extend(findings),
            }
        }
        if failure.iter().any(|f| f.severity == Severity::Error) { Err(failure) } else { Ok(tables) }
    }
}

/// The table of indicators of some units.
///
/// # Errors
/// Findings: indicators that cannot be derived or are configured wrongly.
pub(crate) fn indicator_table(
    analysis: &Analysis,
    need: &NeedConfig,
    inputs: &Inputs,
    joined: &Joined,
    tables: &Tables,
    units: &Units<'_>,
) -> Result<IndicatorTable, Vec<Finding>> {
    let services = &inputs.services.services;
    let names: Vec<String> = services.iter().map(|s| s.name.clone()).collect();
    let by_operators: Vec<Option<u8>> = services.iter().map(|s| s.wants.by_operators).collect();
    let targets = analysis.targets.iter().map(|(name, target)| (name.clone(), target.share())).collect();
    let measures = Measures {
        rows: units.rows,
        services: &names,
        by_operators: &by_operators,
        columns: &joined.facts.extra,
        km2: &units.areas.km2,
        targets: &targets,
        costs_sek: &units.costs_sek,
    };
    let mut failure = Vec::new();
    let mut values = Vec::with_capacity(need.indicators.len());
    for (indicator, table) in need.indicators.iter().zip(&tables.values) {
        match (&indicator.derive, table) {
            (Some(derive), _) => match derive_values(&indicator.id, derive, &measures) {
                Ok(column) => values.push(column),
                Err(e) => failure.push(Finding::error("bad_indicator", "", e.to_string())),
            },
            (None, Some(column)) => {
                let value =
                    |row: &Option<u32>| row.and_then(|r| column.get(r as usize).copied()).unwrap_or(f64::NAN);
                values.push(units.table_rows.iter().map(value).collect());
            }
            (None, None) => values.push(vec![f64::NAN; units.areas.len()]),
        }
    }
    if !failure.is_empty() {
        return Err(failure);
    }
    Ok(IndicatorTable {
        codes: units.areas.codes.clone(),
        names: units.areas.names.clone(),
        indicators: indicator_specs(need)?,
        values,
        gap_persons: gap_persons(analysis, inputs, units.rows),
    })
}

/// Ties break by persons in the gap of the shown service, so that the larger gap goes first.
fn gap_persons(analysis: &Analysis, inputs: &Inputs, rows: &[GapRow]) -> Vec<u64> {
    let shown = analysis.report.service.as_ref().or_else(|| analysis.services.keys().next());
    let service = shown.and_then(|name| inputs.services.get(name)).map(|(s, _)| s);
    rows.iter().map(|row| service.map_or(row.total.persons, |s| row.services[s].gap.persons)).collect()
}
