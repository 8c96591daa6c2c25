//! Allocating: each scenario's candidates, and what its budget and rule give them.

use crate::{
    candidates::{BeforeFunding, Fielded, candidates_of},
    clusters::Work,
    failure::Failure,
    inputs::Inputs,
    join::Joined,
    messages::{Messages, thousands},
    pipeline::RunOptions,
    score::Scored,
};
use std::collections::BTreeMap;
use whitespot_funding::{
    Redraw, Scenario, allocate, compare,
    cost::{ToConnect, price, tier},
    cost_to_target, curve,
    curve::{even_budgets, widest_budget},
};
use whitespot_model::{
    config::{Analysis, funding::ScenarioConfig},
    finding::Finding,
    funding::{Allocation, Comparison, ScenarioResult, Taken},
    gap::{GapRow, GapTable},
    table::Table,
};
use whitespot_need::DrawnRanking;

/// A scenario with its candidates, ready to be tried with any budget and any scores.
pub(crate) struct Prepared {
    config: ScenarioConfig,
    scenario: Scenario,
    taken: Taken,
    fielded: Fielded,
}

/// Counts and prices the candidates of every scenario of the analysis, or of those asked for.
///
/// # Errors
/// Findings: names that are not there, values out of range.
pub(crate) fn prepare_all(
    analysis: &Analysis,
    options: &RunOptions,
    inputs: &Inputs,
    joined: &Joined,
    scored: &Scored,
    areas_table: &Table,
) -> Result<Vec<Prepared>, Failure> {
    let scenarios = &inputs.funding.scenarios;
    let names: Vec<String> = scenarios.iter().map(|s| s.name.clone()).collect();
    if let Some(unknown) = options.scenarios.iter().find(|wanted| !names.contains(wanted)) {
        return Err(Failure::Findings(vec![
            Finding::error("unknown_scenario", "", format!("there is no scenario `{unknown}`"))
                .with_hint(whitespot_load::suggest::hint(unknown, &names)),
        ]));
    }
    let wanted = |s: &ScenarioConfig| options.scenarios.is_empty() || options.scenarios.contains(&s.name);
    let mut prepared = Vec::new();
    let mut failure = Vec::new();
    for (config, taken) in scenarios.iter().zip(&inputs.funding.taken).filter(|(s, _)| wanted(s)) {
        match prepare(config, taken, analysis, inputs, joined, scored, areas_table) {
            Ok(one) => prepared.push(one),
            Err(finding) => failure.push(finding),
        }
    }
    if failure.is_empty() { Ok(prepared) } else { Err(Failure::Findings(failure)) }
}

fn prepare(
    config: &ScenarioConfig,
    taken: &Taken,
    analysis: &Analysis,
    inputs: &Inputs,
    joined: &Joined,
    scored: &Scored,
    areas_table: &Table,
) -> Result<Prepared, Finding> {
    let wrong = |what: String| bad_scenario(&config.name, &what);
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
    let (mut config, mut taken) = (config.clone(), taken.clone());
    config.service = Some(service.name.clone());
    taken.target = taken.target.or_else(|| analysis.targets.get(&service.name).cloned());
    let fielded = candidates_of(
        &config,
        &taken,
        service,
        BeforeFunding { analysis, inputs, joined, scored, areas_table },
    )
    .map_err(wrong)?;
    let scenario = Scenario::with_taken(&config, &taken).map_err(|e| wrong(e.to_string()))?;
    Ok(Prepared { config, scenario, taken, fielded })
}

/// Tries every scenario.
///
/// # Errors
/// Findings: limits that cannot be held, rules that lack what they ask for.
pub(crate) fn allocate_all(
    prepared: &[Prepared],
    messages: &Messages,
) -> Result<Vec<ScenarioResult>, Failure> {
    let mut results = Vec::new();
    let mut failure = Vec::new();
    for one in prepared {
        match one.allocate() {
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

/// What is wrong with the scenarios, found by trying each with little effort; for `check`.
pub(crate) fn check_all(
    analysis: &Analysis,
    inputs: &Inputs,
    joined: &Joined,
    scored: &Scored,
    areas_table: &Table,
) -> Result<Vec<Finding>, Failure> {
    let all = RunOptions::default();
    let prepared = match prepare_all(analysis, &all, inputs, joined, scored, areas_table) {
        Ok(prepared) => prepared,
        Err(Failure::Findings(findings)) => return Ok(findings),
        Err(other) => return Err(other),
    };
    let trouble = |one: &Prepared| {
        let budget = [one.scenario.budget_sek()];
        let what = match curve(&one.fielded.candidates, &one.scenario, &budget) {
            Ok(curve) => curve.points[0].infeasible.clone()?,
            Err(e) => e.to_string(),
        };
        Some(bad_scenario(&one.config.name, &what))
    };
    Ok(prepared.iter().filter_map(trouble).collect())
}

impl Prepared {
    /// Index of the service whose clusters are the candidates; `None` for areas and projects.
    pub(crate) fn clusters_of(&self) -> Option<usize> {
        self.fielded.clusters_of
    }

    /// The scenario with its candidates counted and priced again: by the prices of `analysis`, and with the service that
    /// `variant` names in its place (promises then count whenever they are to be kept). `None` where that cannot be.
    pub(crate) fn again(
        &self,
        analysis: &Analysis,
        inputs: &Inputs,
        joined: &Joined,
        scored: &Scored,
        areas_table: &Table,
        variant: &dyn Fn(usize) -> usize,
    ) -> Option<Prepared> {
        let name = self.config.service.as_ref()?;
        let (s, _) = inputs.services.get(name)?;
        let mut config = self.config.clone();
        config.cost = config.cost.or_else(|| analysis.cost.contains_key(name).then(|| name.clone()));
        let service = &inputs.services.services[variant(s)];
        let fielded = candidates_of(
            &config,
            &self.taken,
            service,
            BeforeFunding { analysis, inputs, joined, scored, areas_table },
        )
        .ok()?;
        Some(Prepared { config, scenario: self.scenario.clone(), taken: self.taken.clone(), fielded })
    }

    /// Name of the scenario.
    pub(crate) fn name(&self) -> &str {
        &self.config.name
    }

    fn allocate(&self) -> Result<ScenarioResult, Finding> {
        let (candidates, scenario) = (&self.fielded.candidates, &self.scenario);
        let wrong = |e: whitespot_funding::FundingError| bad_scenario(&self.config.name, &e.to_string());
        let allocation = allocate(candidates, scenario).map_err(wrong)?;
        let budgets = even_budgets(widest_budget(candidates, scenario));
        let curve = curve(candidates, scenario, &budgets).map_err(wrong)?;
        let cost_to_target = scenario
            .target
            .map(|target| cost_to_target(candidates, scenario, target))
            .transpose()
            .map_err(wrong)?;
        Ok(ScenarioResult {
            name: self.config.name.clone(),
            config: self.config.clone(),
            candidates: candidates.clone(),
            allocation,
            curve: Some(curve),
            cost_to_target,
            taken: self.taken.clone(),
        })
    }

    /// Whom a drawn ranking funds: the areas in which a candidate receives anything. `None` where the scenario
    /// cannot be allocated at all, which allocating it says.
    pub(crate) fn redraw(&self) -> Option<impl Fn(&DrawnRanking<'_>) -> Vec<u32> + Sync + '_> {
        let redraw = Redraw::new(&self.fielded.candidates, &self.scenario).ok()?;
        Some(move |drawn: &DrawnRanking<'_>| {
            let score = |area: u32| drawn.scores.get(area as usize).copied().filter(|s| s.is_finite());
            self.fielded.areas_of(&redraw.funded(&self.fielded.scores(score)))
        })
    }
}

/// The scenarios side by side with "no grant"; `None` without scenarios.
pub(crate) fn compare_all(scenarios: &[ScenarioResult]) -> Option<Comparison> {
    let allocations: Vec<&Allocation> = scenarios.iter().map(|s| &s.allocation).collect();
    (!allocations.is_empty()).then(|| compare(&allocations))
}

/// What is wrong with a scenario; messages that name it already are left as they are.
pub(crate) fn bad_scenario(name: &str, what: &str) -> Finding {
    let message = if what.contains(&format!("scenario `{name}`")) {
        what.to_string()
    } else {
        format!("scenario `{name}`: {what}")
    };
    Finding::error("bad_scenario", "", message)
}

/// Per cost model named after a service: what reaching the whole gap of each area costs.
pub(crate) fn area_costs(
    analysis: &Analysis,
    inputs: &Inputs,
    gaps: &GapTable,
    joined: &Joined,
) -> BTreeMap<String, Vec<Option<i64>>> {
    area_costs_by(analysis, inputs, &gaps.areas, joined, &|s| s)
}

/// As [`area_costs`], under other limits: `variant` tells which service stands for another.
pub(crate) fn area_costs_by(
    analysis: &Analysis,
    inputs: &Inputs,
    rows: &[GapRow],
    joined: &Joined,
    variant: &dyn Fn(usize) -> usize,
) -> BTreeMap<String, Vec<Option<i64>>> {
    let facts = &joined.facts;
    let mut costs = BTreeMap::new();
    for (name, model) in &analysis.cost {
        let Some((s, _)) = inputs.services.get(name) else { continue };
        if tier(model) > 0 {
            let work = joined.ground.work_by_area(variant(s), model, facts, inputs.areas.len(), &|_, _| true);
            let of_area = |w: &Work| facts.has_households.then(|| w.cost(&facts.classes, model).total_sek);
            costs.insert(name.clone(), work.iter().map(of_area).collect());
            continue;
        }
        let of_area = |row: &GapRow| {
            let gap = &row.services[s];
            let households = if facts.classes.is_empty() {
                vec![("", gap.gap.households)]
            } else {
                facts.classes.iter().zip(&gap.gap_by_class).map(|(c, k)| (c.as_str(), k.households)).collect()
            };
            let what = ToConnect { households, workplaces: gap.gap.workplaces, length_m: Vec::new() };
            facts.has_households.then(|| price(&what, model).total_sek)
        };
        costs.insert(name.clone(), rows.iter().map(of_area).collect());
    }
    costs
}
