//! Allocating: each scenario's candidates, and what its budget and rule give them.

use crate::{
    failure::Failure,
    inputs::Inputs,
    join::Joined,
    messages::{Messages, thousands},
    pipeline::RunOptions,
};
use std::collections::BTreeMap;
use whitespot_funding::{
    Scenario, allocate, compare,
    cost::{ToConnect, grant, price, tier},
    cost_to_target, curve,
    curve::{even_budgets, widest_budget},
    eligible::mark_ineligible,
    resolve_extends,
};
use whitespot_model::{
    config::{
        Analysis,
        funding::{CandidatesConfig, CandidatesOf, CostConfig, ScenarioConfig},
    },
    finding::Finding,
    funding::{Allocation, Base, Candidate, Candidates, Comparison, ParentBase, ScenarioResult},
    gap::GapTable,
    measures::SettlementFacts,
    need::Ranking,
    service::Service,
    settlement::Counts,
};

/// Tries every scenario of the analysis, or those asked for.
///
/// # Errors
/// Findings: names that are not there, values out of range, limits that cannot be held.
pub(crate) fn allocate_all(
    analysis: &Analysis,
    options: &RunOptions,
    inputs: &Inputs,
    joined: &Joined,
    ranking: Option<&Ranking>,
    messages: &Messages,
) -> Result<Vec<ScenarioResult>, Failure> {
    let scenarios = resolve_extends(&analysis.scenario).map_err(|e| one_finding(&e.to_string()))?;
    let names: Vec<String> = scenarios.iter().map(|s| s.name.clone()).collect();
    if let Some(unknown) = options.scenarios.iter().find(|wanted| !names.contains(wanted)) {
        return Err(Failure::Findings(vec![
            Finding::error("unknown_scenario", "", format!("there is no scenario `{unknown}`"))
                .with_hint(whitespot_load::suggest::hint(unknown, &names)),
        ]));
    }
    let wanted = |s: &&ScenarioConfig| options.scenarios.is_empty() || options.scenarios.contains(&s.name);
    let mut results = Vec::new();
    let mut failure = Vec::new();
    for config in scenarios.iter().filter(wanted) {
        match try_scenario(config, analysis, inputs, joined, ranking) {
            Ok(result) => {
                let a = &result.allocation;
                messages.stage(
                    "Allocating",
                    &format!(
                        "{}: {} households, {} persons, {} of {}",
                        result.name,
                        thousands(a.outcome.households),
                        thousands(a.outcome.persons),
                        thousands(a.spent_sek.unsigned_abs()),
                        thousands(a.budget_sek.unsigned_abs())
                    ),
                );
                results.push(result);
            }
            Err(finding) => failure.push(finding),
        }
    }
    if failure.is_empty() { Ok(results) } else { Err(Failure::Findings(failure)) }
}

fn try_scenario(
    config: &ScenarioConfig,
    analysis: &Analysis,
    inputs: &Inputs,
    joined: &Joined,
    ranking: Option<&Ranking>,
) -> Result<ScenarioResult, Finding> {
    let name = &config.name;
    let wrong = |what: String| Finding::error("bad_scenario", "", format!("scenario `{name}`: {what}"));
    if !matches!(config.candidates, None | Some(CandidatesConfig::Of(CandidatesOf::Areas))) {
        return Err(wrong("only `candidates = \"areas\"` can be tried so far".to_string())
            .with_hint("leave `candidates` out; clusters and project files come later"));
    }
    let service_names: Vec<String> = analysis.services.keys().cloned().collect();
    let service = match (&config.service, service_names.as_slice()) {
        (Some(service), _) => service,
        (None, [only]) => only,
        (None, _) => {
            return Err(wrong("it names no `service`".to_string()).with_hint("set `service = \"…\"`"));
        }
    };
    let Some((_, service)) = inputs.services.get(service) else {
        return Err(wrong(format!("there is no service `{service}`"))
            .with_hint(whitespot_load::suggest::hint(service, &service_names)));
    };
    let cost = cost_model(config, &service.name, analysis).map_err(wrong)?;
    let mut candidates = candidates_of(config, service, cost, inputs, joined, ranking).map_err(wrong)?;
    if let Some(eligible) = &config.eligible {
        mark_ineligible(&mut candidates, eligible);
    }
    let mut scenario = Scenario::from_config(config).map_err(|e| wrong(e.to_string()))?;
    scenario.target = analysis.targets.get(&service.name).map(Into::into);
    let allocation = allocate(&candidates, &scenario).map_err(|e| wrong(e.to_string()))?;
    let budgets = even_budgets(widest_budget(&candidates, &scenario));
    let curve = curve(&candidates, &scenario, &budgets).map_err(|e| wrong(e.to_string()))?;
    let cost_to_target = scenario
        .target
        .map(|target| cost_to_target(&candidates, &scenario, target))
        .transpose()
        .map_err(|e| wrong(e.to_string()))?;
    Ok(ScenarioResult {
        name: name.clone(),
        config: config.clone(),
        candidates,
        allocation,
        curve: Some(curve),
        cost_to_target,
    })
}

/// The scenarios side by side with "no grant"; `None` without scenarios.
pub(crate) fn compare_all(scenarios: &[ScenarioResult]) -> Option<Comparison> {
    let allocations: Vec<&Allocation> = scenarios.iter().map(|s| &s.allocation).collect();
    (!allocations.is_empty()).then(|| compare(&allocations))
}

/// The cost model of a scenario: the one it names, that of its service, or the only one.
fn cost_model<'a>(
    config: &ScenarioConfig,
    service: &str,
    analysis: &'a Analysis,
) -> Result<&'a CostConfig, String> {
    let model = match &config.cost {
        Some(name) => analysis.cost.get(name).ok_or_else(|| {
            let names: Vec<String> = analysis.cost.keys().cloned().collect();
            format!("there is no cost model `{name}`; {}", whitespot_load::suggest::hint(name, &names))
        })?,
        None => analysis
            .cost
            .get(service)
            .or_else(|| analysis.cost.values().next().filter(|_| analysis.cost.len() == 1))
            .ok_or_else(|| {
                format!("there are no prices for `{service}`; write a section `[cost.{service}]`")
            })?,
    };
    if tier(model) > 0 {
        return Err(
            "prices per metre need clusters, which come later; leave `per_metre_to_reached` out".to_string()
        );
    }
    Ok(model)
}

/// The areas as candidates: whoever of them the scenario may reach.
fn candidates_of(
    config: &ScenarioConfig,
    service: &Service,
    cost: &CostConfig,
    inputs: &Inputs,
    joined: &Joined,
    ranking: Option<&Ranking>,
) -> Result<Candidates, String> {
    let areas = &inputs.areas;
    let classes = &joined.facts.classes;
    let may_be_chosen = chooser(config, service, classes)?;
    let in_gap = |class: u8, offers: &[u64]| !service.is_reached(offers) && may_be_chosen(class, offers);
    let gaps = joined.tally.sum_by_area(areas.len(), in_gap);
    let totals = joined.tally.sum_by_area(areas.len(), |_, _| true);
    let reached = joined.tally.sum_by_area(areas.len(), |_, offers| service.is_reached(offers));
    let by_class: Vec<Vec<Counts>> = (0..classes.len())
        .map(|k| {
            joined
                .tally
                .sum_by_area(areas.len(), |class, offers| class as usize == k && in_gap(class, offers))
        })
        .collect();
    let rows = (0..areas.len())
        .map(|a| {
            let gap = gaps[a];
            let households = if classes.is_empty() {
                vec![("", gap.households)]
            } else {
                classes.iter().zip(&by_class).map(|(name, of)| (name.as_str(), of[a].households)).collect()
            };
            let cost_of_all =
                price(&ToConnect { households, workplaces: gap.workplaces, length_m: Vec::new() }, cost);
            let scored = ranking.map(|r| &r.areas[a]);
            let mut candidate = Candidate {
                code: areas.codes[a].clone(),
                name: areas.names[a].clone(),
                parent: areas.parent_of[a],
                persons: gap.persons,
                households: gap.households,
                workplaces: gap.workplaces,
                settlements: gap.settlements,
                total_persons: totals[a].persons,
                total_households: totals[a].households,
                cost: cost_of_all,
                score: scored.and_then(|s| s.score),
                rank: scored.and_then(|s| s.rank),
                ..Candidate::default()
            };
            candidate.grant_sek =
                grant(cost_of_all.total_sek, candidate.connections(), Some(cost), config.aid.as_ref());
            candidate
        })
        .collect();
    let base = |total: Counts, reached: Counts| Base {
        persons: total.persons,
        reached_persons: reached.persons,
        households: total.households,
        reached_households: reached.households,
    };
    let parents = areas
        .parents
        .iter()
        .enumerate()
        .map(|(p, parent)| {
            let sum = |counts: &[Counts]| -> Counts {
                counts
                    .iter()
                    .zip(&areas.parent_of)
                    .filter(|(_, of)| **of == Some(p as u32))
                    .map(|(c, _)| *c)
                    .sum()
            };
            ParentBase {
                code: parent.code.clone(),
                name: parent.name.clone(),
                base: base(sum(&totals), sum(&reached)),
            }
        })
        .collect();
    let everyone = joined.tally.total();
    let everyone_reached = joined.tally.sum_where(|_, offers| service.is_reached(offers));
    Ok(Candidates { rows, parents, total: base(everyone, everyone_reached) })
}

/// Tells by settlement class and offers whether a scenario may reach a settlement.
type Chooser<'a> = Box<dyn Fn(u8, &[u64]) -> bool + 'a>;

/// Which settlements of the gap a scenario may reach, by settlement class and planned coverage.
fn chooser<'a>(
    config: &ScenarioConfig,
    service: &'a Service,
    classes: &[String],
) -> Result<Chooser<'a>, String> {
    let Some(eligible) = &config.eligible else { return Ok(Box::new(|_, _| true)) };
    let indices = |names: &[String]| -> Result<Vec<u8>, String> {
        names
            .iter()
            .map(|name| {
                classes.iter().position(|c| c == name).map(|k| k as u8).ok_or_else(|| {
                    format!(
                        "no settlement has the class `{name}`; {}",
                        whitespot_load::suggest::hint(name, classes)
                    )
                })
            })
            .collect()
    };
    let only = eligible.settlement_class.as_ref().map(|n| indices(n.as_slice())).transpose()?;
    let not = eligible.outside.as_ref().map(|n| indices(n.as_slice())).transpose()?;
    let operators = eligible.class.as_ref().map(|c| c.as_slice().to_vec());
    let without_planned = eligible.no_planned_within_years.is_some();
    Ok(Box::new(move |class, offers| {
        use whitespot_model::config::funding::CoverageClass::{Black, Grey, White};
        let n_operators = match service.n_operators(offers) {
            0 => White,
            1 => Grey,
            _ => Black,
        };
        only.as_ref().is_none_or(|k| k.contains(&class))
            && not.as_ref().is_none_or(|k| !k.contains(&class))
            && operators.as_ref().is_none_or(|k| k.contains(&n_operators))
            && !(without_planned && service.is_reached_with_planned(offers))
    }))
}

/// Per cost model named after a service: what reaching the whole gap of each area costs.
pub(crate) fn area_costs(
    analysis: &Analysis,
    inputs: &Inputs,
    gaps: &GapTable,
    facts: &SettlementFacts,
) -> BTreeMap<String, Vec<Option<i64>>> {
    let mut costs = BTreeMap::new();
    for (name, model) in &analysis.cost {
        let Some((s, _)) = inputs.services.get(name).filter(|_| tier(model) == 0) else { continue };
        let of_area = |row: &whitespot_model::gap::GapRow| {
            let gap = &row.services[s];
            let households = if facts.classes.is_empty() {
                vec![("", gap.gap.households)]
            } else {
                facts.classes.iter().zip(&gap.gap_by_class).map(|(c, k)| (c.as_str(), k.households)).collect()
            };
            let what = ToConnect { households, workplaces: gap.gap.workplaces, length_m: Vec::new() };
            facts.has_households.then(|| price(&what, model).total_sek)
        };
        costs.insert(name.clone(), gaps.areas.iter().map(of_area).collect());
    }
    costs
}

fn one_finding(message: &str) -> Failure {
    Failure::Findings(vec![Finding::error("bad_scenario", "", message)])
}
