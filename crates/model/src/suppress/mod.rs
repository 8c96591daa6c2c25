//! What of a result may be published: small household counts are withheld, with as many others as it takes so
//! that they do not follow from sums, shares of money or other files (SPEC §12).
//!
//! Everything under `public/` is written from [`public_result`]; `run.json` and the explorer, which stay inside,
//! use the whole result. What is withheld together with a small count, and why:
//!
//! - of an area, the households a service reaches and does not reach, since they add up to its households;
//! - of a candidate, its households, those funded, and every amount of money, since money is a price times
//!   households; what is withheld is published as one sum a scenario, so that totals stay right;
//! - of a curve, points that differ from their neighbour by a small count;
//! - of an indicator that counts households, its value and what the value adds to the score.
//!
//! Persons, workplaces and shares of persons are published as they are: only households are protected.

mod choose;

use crate::{
    funding::{Allocation, Candidate, Curve, Grant, ScenarioResult},
    need::ScorePart,
    result::RunResult,
    table::{Table, Unit, Values},
};
use choose::{Hidden, Tree, choose};
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What was withheld from a published result.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Withheld {
    /// Counts from 1 to one below this are small.
    pub min_cell: u32,
    /// Areas of which some household count is withheld.
    pub n_areas: u64,
    /// By scenario, the candidates of which households and money are withheld.
    pub candidates: IndexMap<String, BTreeSet<String>>,
    /// By scenario, what is withheld of them, as one sum.
    pub together: IndexMap<String, Together>,
}

impl Withheld {
    /// Whether a candidate's households and money are withheld in a scenario.
    pub fn has(&self, scenario: &str, code: &str) -> bool {
        self.candidates.get(scenario).is_some_and(|codes| codes.contains(code))
    }
}

/// The withheld candidates of a scenario as one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Together {
    /// How many.
    pub n: u64,
    /// Households without the service before.
    pub gap_households: u64,
    /// Cost of connecting everyone.
    pub cost_sek: i64,
    /// The grants that would connect everyone.
    pub asked_sek: i64,
    /// The grants given.
    pub grant_sek: i64,
    /// What others pay.
    pub own_sek: i64,
    /// Persons who get the service.
    pub persons: u64,
    /// Households that get it.
    pub households: u64,
}

/// The result as it may be published: household counts from 1 to `min_cell − 1` are withheld with as many others
/// as it takes. Withheld cells of tables are missing and a column `households_withheld` marks their rows;
/// [`RunResult::withheld`] says the rest. The same where nothing is small, there are no households, or
/// `min_cell` is at most 1.
pub fn public_result(result: &RunResult, min_cell: u32) -> RunResult {
    if min_cell <= 1 || !result.has_households {
        return result.clone();
    }
    let mut public = result.clone();
    let plan = Plan::of(result, u64::from(min_cell));
    plan.mask_tables(&mut public);
    let mut withheld = Withheld { min_cell, n_areas: plan.n_areas(), ..Withheld::default() };
    for scenario in &mut public.scenarios {
        let codes = plan.codes_of.get(&scenario.name).cloned().unwrap_or_default();
        if !codes.is_empty() {
            withheld.together.insert(scenario.name.clone(), mask_scenario(scenario, &codes));
            withheld.candidates.insert(scenario.name.clone(), codes);
        }
        if let Some(curve) = &mut scenario.curve {
            thin_curve(curve, scenario.allocation.outcome.households, u64::from(min_cell));
        }
        mask_what_ifs(&mut scenario.allocation, u64::from(min_cell));
    }
    mask_comparison(&mut public, &withheld);
    if let Some(clusters) = &mut public.clusters {
        clusters.withhold_households_below(min_cell);
    }
    if plan.is_whole_hidden {
        // What is said of the whole region is then said in persons only.
        public.has_households = false;
    }
    if withheld.n_areas > 0 || !withheld.candidates.is_empty() {
        public.withheld = Some(withheld);
    }
    public
}

/// What is withheld of each part of the result.
struct Plan {
    /// The areas' households, and per service what it reaches and does not reach.
    columns: Vec<(Vec<String>, Hidden)>,
    /// Areas of which anything is withheld.
    any: Hidden,
    codes_of: BTreeMap<String, BTreeSet<String>>,
    is_whole_hidden: bool,
}

impl Plan {
    fn of(result: &RunResult, min_cell: u64) -> Plan {
        let tree = tree_of_areas(&result.areas, &result.parents);
        let mut plan = Plan {
            columns: Vec::new(),
            any: tree.nothing(),
            codes_of: BTreeMap::new(),
            is_whole_hidden: false,
        };
        let nothing = tree.nothing();
        let Some(households) = counts(&result.areas, "households") else { return plan };
        let of_areas = choose(&tree, &[households], min_cell, &nothing, &nothing);
        plan.any.add(&of_areas);
        plan.columns.push((vec!["households".to_string()], of_areas.clone()));

        let codes = texts(&result.areas, "area_code");
        let row_of: BTreeMap<&str, usize> = codes.iter().enumerate().map(|(i, c)| (c.as_str(), i)).collect();
        let is_of_areas =
            |s: &ScenarioResult| s.candidates.rows.iter().all(|c| row_of.contains_key(c.code.as_str()));
        for name in result.services.keys() {
            let names = ["gap", "reached"].map(|what| format!("{name}_{what}_households"));
            let mut measures: Vec<Vec<u64>> =
                names.iter().filter_map(|column| counts(&result.areas, column)).collect();
            if measures.is_empty() {
                continue;
            }
            let building =
                || result.scenarios.iter().filter(|s| service_of(s, result) == Some(name) && is_of_areas(s));
            for scenario in building() {
                measures.extend(scenario_measures(scenario, codes.len(), &|code| row_of.get(code).copied()));
            }
            let hidden = choose(&tree, &measures, min_cell, &of_areas, &plan.any);
            plan.any.add(&hidden);
            for scenario in building() {
                let of_scenario = candidate_codes(scenario)
                    .filter(|c| row_of.get(c.as_str()).is_some_and(|i| hidden.leaves[*i]))
                    .collect();
                plan.codes_of.insert(scenario.name.clone(), of_scenario);
            }
            plan.columns.push((names.to_vec(), hidden));
        }
        plan.is_whole_hidden = plan.any.whole;
        plan.add_other_candidates(result, min_cell);
        plan
    }

    /// Candidates that are no areas (clusters, projects), or of areas but of no published service: scenarios with
    /// the same candidates withhold the same ones.
    fn add_other_candidates(&mut self, result: &RunResult, min_cell: u64) {
        let mut groups: BTreeMap<Vec<String>, Vec<&ScenarioResult>> = BTreeMap::new();
        for scenario in result.scenarios.iter().filter(|s| !self.codes_of.contains_key(&s.name)) {
            let mut codes: Vec<String> = candidate_codes(scenario).collect();
            codes.sort_unstable();
            groups.entry(codes).or_default().push(scenario);
        }
        for (codes, scenarios) in groups {
            let parent_of: BTreeMap<&str, usize> = scenarios[0]
                .candidates
                .rows
                .iter()
                .filter_map(|c| Some((c.code.as_str(), c.parent? as usize)))
                .collect();
            let tree = Tree {
                parent_of: codes.iter().map(|c| parent_of.get(c.as_str()).copied()).collect(),
                n_parents: scenarios[0].candidates.parents.len(),
            };
            let row = |code: &str| codes.binary_search_by(|c| c.as_str().cmp(code)).ok();
            let measures: Vec<Vec<u64>> =
                scenarios.iter().flat_map(|s| scenario_measures(s, codes.len(), &row)).collect();
            let hidden = choose(&tree, &measures, min_cell, &tree.nothing(), &tree.nothing());
            self.is_whole_hidden |= hidden.whole;
            for scenario in scenarios {
                let of_scenario = candidate_codes(scenario)
                    .filter(|c| row(c.as_str()).is_some_and(|i| hidden.leaves[i]))
                    .collect();
                self.codes_of.insert(scenario.name.clone(), of_scenario);
            }
        }
    }

    fn n_areas(&self) -> u64 {
        self.any.leaves.iter().filter(|h| **h).count() as u64
    }

    fn mask_tables(&self, public: &mut RunResult) {
        for (names, hidden) in &self.columns {
            for name in names {
                mask(&mut public.areas, name, &hidden.leaves);
                mask(&mut public.parents, name, &hidden.parents);
                mask(&mut public.totals, name, &[hidden.whole]);
            }
        }
        mark(&mut public.areas, &self.any.leaves);
        mark(&mut public.parents, &self.any.parents);
        let Some(ranking) = &mut public.ranking else { return };
        for (k, indicator) in ranking.indicators.iter().enumerate() {
            if indicator.unit != "households" {
                continue;
            }
            mask(&mut public.areas, &indicator.id, &self.any.leaves);
            let withheld = ranking.areas.iter_mut().zip(&self.any.leaves).filter(|(_, h)| **h);
            withheld.for_each(|(area, _)| area.parts[k] = ScorePart::default());
        }
    }
}

/// The service a scenario builds; the only one where it names none.
fn service_of<'a>(scenario: &'a ScenarioResult, result: &'a RunResult) -> Option<&'a String> {
    scenario.config.service.as_ref().or_else(|| result.services.keys().next())
}

fn candidate_codes(scenario: &ScenarioResult) -> impl Iterator<Item = String> + '_ {
    scenario.candidates.rows.iter().map(|c| c.code.clone())
}

/// Households of the candidates: without the service, funded, and left.
fn scenario_measures(
    scenario: &ScenarioResult,
    n: usize,
    row: &dyn Fn(&str) -> Option<usize>,
) -> [Vec<u64>; 3] {
    let mut measures = [vec![0; n], vec![0; n], vec![0; n]];
    for grant in &scenario.allocation.grants {
        let Some(i) = row(&grant.code) else { continue };
        measures[0][i] = grant.gap_households;
        measures[1][i] = grant.households;
        measures[2][i] = grant.gap_households.saturating_sub(grant.households);
    }
    measures
}

/// The areas (the last row lies outside all) and the parents they add up to.
fn tree_of_areas(areas: &Table, parents: &Table) -> Tree {
    let codes = texts(parents, "area_code");
    let row_of: BTreeMap<&str, usize> = codes.iter().enumerate().map(|(i, c)| (c.as_str(), i)).collect();
    let parent_of = match areas.column("parent_code").map(|c| &c.values) {
        Some(Values::Text(of)) => {
            of.iter().map(|p| p.as_deref().and_then(|p| row_of.get(p).copied())).collect()
        }
        _ => vec![None; areas.n_rows()],
    };
    Tree { parent_of, n_parents: codes.len() }
}

fn texts(table: &Table, column: &str) -> Vec<String> {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Text(values)) => values.iter().map(|v| v.clone().unwrap_or_default()).collect(),
        _ => Vec::new(),
    }
}

fn counts(table: &Table, column: &str) -> Option<Vec<u64>> {
    match &table.column(column)?.values {
        Values::Int(values) => {
            Some(values.iter().map(|v| v.and_then(|v| u64::try_from(v).ok()).unwrap_or(0)).collect())
        }
        _ => None,
    }
}

fn mask(table: &mut Table, column: &str, hidden: &[bool]) {
    let Some(column) = table.columns.iter_mut().find(|c| c.name == column) else { return };
    match &mut column.values {
        Values::Int(v) => v.iter_mut().zip(hidden).filter(|(_, h)| **h).for_each(|(v, _)| *v = None),
        Values::Real(v) => v.iter_mut().zip(hidden).filter(|(_, h)| **h).for_each(|(v, _)| *v = None),
        Values::Text(_) | Values::Bool(_) => {}
    }
}

/// Marks the rows of which something is withheld, where there are any.
fn mark(table: &mut Table, hidden: &[bool]) {
    if hidden.contains(&true) && table.column("households_withheld").is_none() {
        table.push(
            "households_withheld",
            Unit::YesNo,
            "Hushållstal är utelämnade eftersom de är små",
            "Household counts are withheld because they are small",
            Values::Bool(hidden.iter().map(|h| Some(*h)).collect()),
        );
    }
}

/// Empties the withheld candidates of everything that tells their households; gives their sums.
fn mask_scenario(scenario: &mut ScenarioResult, codes: &BTreeSet<String>) -> Together {
    let mut together = Together::default();
    for grant in scenario.allocation.grants.iter_mut().filter(|g| codes.contains(&g.code)) {
        together.n += 1;
        together.gap_households += grant.gap_households;
        together.cost_sek += grant.cost_sek;
        together.asked_sek += grant.asked_sek;
        together.grant_sek += grant.grant_sek;
        together.own_sek += grant.own_sek;
        together.persons += grant.persons;
        together.households += grant.households;
        *grant = Grant {
            order: grant.order,
            code: std::mem::take(&mut grant.code),
            name: std::mem::take(&mut grant.name),
            parent_code: grant.parent_code.take(),
            score: grant.score,
            rank: grant.rank,
            gap_persons: grant.gap_persons,
            gap_workplaces: grant.gap_workplaces,
            status: grant.status,
            reason: grant.reason,
            ..Grant::default()
        };
    }
    for candidate in scenario.candidates.rows.iter_mut().filter(|c| codes.contains(&c.code)) {
        let placeholder = candidate.cost.placeholder;
        *candidate = Candidate {
            code: std::mem::take(&mut candidate.code),
            name: std::mem::take(&mut candidate.name),
            parent: candidate.parent,
            persons: candidate.persons,
            total_persons: candidate.total_persons,
            score: candidate.score,
            rank: candidate.rank,
            ineligible: candidate.ineligible.take(),
            ..Candidate::default()
        };
        candidate.cost.placeholder = placeholder;
    }
    together
}

/// Leaves out the points whose households differ by a small count from the point before or from the published
/// allocation, and what each candidate would get.
fn thin_curve(curve: &mut Curve, published: u64, min_cell: u64) {
    curve.codes.clear();
    let mut last = None;
    curve.points.retain_mut(|point| {
        point.grants_sek.clear();
        let is_near = |other: u64| (1..min_cell).contains(&point.households.abs_diff(other));
        let keeps = !is_near(published) && !last.is_some_and(is_near);
        if keeps {
            last = Some(point.households);
        }
        keeps
    });
}

/// What a further million or the absence of a limit would change, where that is a small count of households.
fn mask_what_ifs(allocation: &mut Allocation, min_cell: u64) {
    let is_small = |households: i64| (1..min_cell).contains(&households.unsigned_abs());
    if allocation.marginal.is_some_and(|m| is_small(m.households)) {
        allocation.marginal = None;
    }
    allocation.limits.retain(|limit| !is_small(limit.costs_households));
}

fn mask_comparison(public: &mut RunResult, withheld: &Withheld) {
    let Some(comparison) = &mut public.comparison else { return };
    for (k, scenario) in comparison.scenarios.iter().enumerate() {
        for row in comparison.rows.iter_mut().filter(|row| withheld.has(&scenario.name, &row.code)) {
            row.grants_sek[k] = None;
            row.persons[k] = None;
        }
    }
}

#[cfg(test)]
mod tests;
