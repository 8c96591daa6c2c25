//! Scoring: indicators from the gaps and from tables, then the ranking.

use crate::{
    allocate::Prepared,
    failure::Failure,
    inputs::Inputs,
    messages::{Messages, thousands},
};
use std::{collections::BTreeMap, path::Path};
use whitespot_load::statistics;
use whitespot_model::{
    config::{
        Analysis,
        need::{NeedConfig, Robustness, Vary},
    },
    finding::{Finding, Severity},
    gap::GapTable,
    measures::SettlementFacts,
    need::{Consultation, RankRobustness, Ranking},
    provenance::Provenance,
};
use whitespot_need::{
    Aggregation, Alternatives, FundingRule, IndicatorTable, Weights, actor_problems, consult,
    derive::{Measures, derive_values},
    indicator_specs, robustness, robustness_problems, score,
};

/// The ranking with what was noticed on the way.
#[derive(Default)]
pub(crate) struct Scored {
    /// The ranking; `None` where the analysis asks for none.
    pub(crate) ranking: Option<Ranking>,
    /// What it was made of; `None` without a ranking.
    table: Option<IndicatorTable>,
    /// How sure it is; `None` where the analysis does not ask.
    pub(crate) robustness: Option<RankRobustness>,
    /// The actors' weightings side by side; `None` without actors.
    pub(crate) consultation: Option<Consultation>,
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
    let weights = Weights::of(&table).map_err(as_findings)?;
    let ranking = score(&table, &weights, Aggregation::of(need)).map_err(as_findings)?;
    messages.stage("Scoring", &format!("{} areas, {} indicators", table.codes.len(), table.indicators.len()));
    scored.findings.extend(ranking.findings.iter().cloned());
    scored.ranking = Some(ranking);
    scored.table = Some(table);
    Ok(scored)
}

/// Says how sure the ranking and the scenarios' funding are, and what the actors' weightings do to both.
///
/// # Errors
/// Findings: variations that cannot be drawn.
pub(crate) fn tell_how_sure(
    scored: &mut Scored,
    analysis: &Analysis,
    scenarios: &[Prepared],
    messages: &Messages,
) -> Result<(), Failure> {
    let (Some(need), Some(table)) = (&analysis.need, &scored.table) else { return Ok(()) };
    let draws = analysis.robustness.as_ref().filter(|r| r.draws > 0);
    if draws.is_none() && analysis.actor.is_empty() {
        return Ok(());
    }
    let redraws: Vec<_> = scenarios.iter().filter_map(|s| Some((s.name(), s.redraw()?))).collect();
    let rules: Vec<FundingRule<'_>> =
        redraws.iter().map(|(name, fund)| FundingRule { scenario: name, fund }).collect();
    let weights = Weights::of(table).map_err(as_findings)?;
    if let Some(config) = draws {
        scored.findings.extend(robustness_problems(config));
        scored.findings.extend(not_varied(config));
        let none = Alternatives::default();
        let how_sure =
            robustness(table, &weights, Aggregation::of(need), config, &none, &rules).map_err(as_findings)?;
        messages.stage("Robustness", &format!("{} weight draws", thousands(u64::from(config.draws))));
        scored.robustness = Some(how_sure);
    }
    if !analysis.actor.is_empty() {
        scored.findings.extend(actor_problems(&analysis.actor, need));
        let side_by_side =
            consult(table, &analysis.actor, Aggregation::of(need), &rules).map_err(as_findings)?;
        scored.consultation = Some(side_by_side);
    }
    Ok(())
}

#[allow(clippy::needless_pass_by_value)] // for `map_err`
fn as_findings(e: whitespot_need::NeedError) -> Failure {
    Failure::Findings(vec![Finding::error("need", "", e.to_string())])
}

/// Assumptions that the analysis file asks to vary and that a run does not vary: said, not passed over.
fn not_varied(config: &Robustness) -> Option<Finding> {
    let left: Vec<&str> = config
        .vary
        .iter()
        .filter_map(|v| match v {
            Vary::Normalise | Vary::Aggregate => None,
            Vary::Thresholds => Some("thresholds"),
            Vary::ReachM => Some("reach_m"),
            Vary::MobileMargin => Some("mobile_margin"),
            Vary::UnitCosts => Some("unit_costs"),
        })
        .collect();
    (!left.is_empty()).then(|| {
        Finding::warning(
            "not_varied",
            "",
            format!("`robustness.vary` asks for {}, which a run does not vary yet", left.join(", ")),
        )
        .with_hint("leave them out; weights, `normalise` and `aggregate` are varied")
    })
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
    let by_operators: Vec<Option<u8>> =
        inputs.services.services.iter().map(|s| s.wants.by_operators).collect();
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
            (None, Some(file)) => {
                match statistics::read_indicator(indicator, file, base, &inputs.areas.codes) {
                    Ok(loaded) => {
                        scored.findings.extend(loaded.findings);
                        scored.provenance.push(loaded.provenance);
                        values.push(loaded.value);
                    }
                    Err(findings) => failure.extend(findings),
                }
            }
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
