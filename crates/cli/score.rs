//! Scoring: indicators from the gaps and from tables, then the ranking.

use crate::{failure::Failure, inputs::Inputs, messages::Messages};
use std::{collections::BTreeMap, path::Path};
use whitespot_load::statistics;
use whitespot_model::{
    config::{Analysis, need::NeedConfig},
    finding::{Finding, Severity},
    gap::GapTable,
    measures::SettlementFacts,
    need::Ranking,
    provenance::Provenance,
};
use whitespot_need::{
    Aggregation, IndicatorTable, Weights,
    derive::{Measures, derive_values},
    indicator_specs, score,
};

/// The ranking with what was noticed on the way.
#[derive(Default)]
pub(crate) struct Scored {
    /// The ranking; `None` where the analysis asks for none.
    pub(crate) ranking: Option<Ranking>,
    /// What was noticed in the tables.
    pub(crate) findings: Vec<Finding>,
    /// Where the tables came from.
    pub(crate) provenance: Vec<Provenance>,
}

/// Ranks the areas by need.
///
/// # Errors
/// Findings: indicators that cannot be derived, tables that cannot be read, weights that are all 0.
pub(crate) fn score_areas(
    analysis: &Analysis,
    base: &Path,
    inputs: &Inputs,
    gaps: &GapTable,
    facts: &SettlementFacts,
    messages: &Messages,
) -> Result<Scored, Failure> {
    let Some(need) = &analysis.need else { return Ok(Scored::default()) };
    let indicators = indicator_specs(need).map_err(Failure::Findings)?;
    let mut scored = Scored::default();
    let values = indicator_values(need, base, inputs, gaps, facts, analysis, &mut scored)?;
    let table = IndicatorTable {
        codes: inputs.areas.codes.clone(),
        names: inputs.areas.names.clone(),
        indicators,
        values,
        gap_persons: gap_persons(analysis, inputs, gaps),
    };
    let as_finding = |e: whitespot_need::NeedError| Failure::Findings(vec![Finding::error("need", "", e.to_string())]);
    let weights = Weights::of(&table).map_err(as_finding)?;
    let ranking = score(&table, &weights, Aggregation::of(need)).map_err(as_finding)?;
    messages.stage("Scoring", &format!("{} areas, {} indicators", table.codes.len(), table.indicators.len()));
    scored.findings.extend(ranking.findings.iter().cloned());
    scored.ranking = Some(ranking);
    Ok(scored)
}

fn indicator_values(
    need: &NeedConfig,
    base: &Path,
    inputs: &Inputs,
    gaps: &GapTable,
    facts: &SettlementFacts,
    analysis: &Analysis,
    scored: &mut Scored,
) -> Result<Vec<Vec<f64>>, Failure> {
    let services: Vec<String> = inputs.services.services.iter().map(|s| s.name.clone()).collect();
    let by_operators: Vec<Option<u8>> = inputs.services.services.iter().map(|s| s.wants.by_operators).collect();
    let targets: BTreeMap<String, f64> =
        analysis.targets.iter().map(|(name, target)| (name.clone(), target.share())).collect();
    let costs_sek = crate::allocate::area_costs(analysis, inputs, gaps, facts);
    let measures = Measures {
        rows: &gaps.areas,
        services: &services,
        by_operators: &by_operators,
        columns: &facts.extra,
        km2: &inputs.areas.km2,
        targets: &targets,
        costs_sek: &costs_sek,
    };
    let mut failure = Vec::new();
    let mut values = Vec::with_capacity(need.indicators.len());
    for indicator in &need.indicators {
        match (&indicator.derive, &indicator.file) {
            (Some(derive), _) => match derive_values(&indicator.id, derive, &measures) {
                Ok(column) => values.push(column),
                Err(e) => failure.push(Finding::error("bad_indicator", "", e.to_string())),
            },
            (None, Some(file)) => match statistics::read_indicator(indicator, file, base, &inputs.areas.codes) {
                Ok(loaded) => {
                    scored.findings.extend(loaded.findings);
                    scored.provenance.push(loaded.provenance);
                    values.push(loaded.value);
                }
                Err(findings) => failure.extend(findings),
            },
            (None, None) => {}
        }
    }
    let has_error = failure.iter().any(|f| f.severity == Severity::Error);
    if has_error { Err(Failure::Findings(failure)) } else { Ok(values) }
}

/// Ties break by persons in the gap of the shown service, so that the larger gap goes first.
fn gap_persons(analysis: &Analysis, inputs: &Inputs, gaps: &GapTable) -> Vec<u64> {
    let shown = analysis.report.service.as_ref().or_else(|| analysis.services.keys().next());
    let service = shown.and_then(|name| inputs.services.get(name)).map(|(s, _)| s);
    gaps.areas.iter().map(|row| service.map_or(row.total.persons, |s| row.services[s].gap.persons)).collect()
}
