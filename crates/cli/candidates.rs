//! Candidates of a scenario: whom each would connect, what that costs, and how much need there is.

use crate::{
    inputs::Inputs,
    join::Joined,
    planned::{planned_by, planned_service},
    score::Scored,
};
use std::collections::{BTreeMap, BTreeSet};
use whitespot_funding::{
    cost::{ToConnect, grant, price, tier},
    eligible::mark_ineligible,
};
use whitespot_load::projects::Projects;
use whitespot_model::{
    area::OUTSIDE,
    config::{
        Analysis,
        funding::{CandidatesConfig, CandidatesOf, CostConfig, LimitsBy, ScenarioConfig},
    },
    funding::{Base, Candidate, Candidates, Cost, ParentBase, Taken},
    gap::Tally,
    need::Ranking,
    service::Service,
    settlement::Counts,
    table::Table,
};

/// Candidates with what ties them to the areas.
pub(crate) struct Fielded {
    /// The candidates.
    pub(crate) candidates: Candidates,
    /// Per candidate the areas it lies in, with its persons without the service there.
    pub(crate) held: Vec<Vec<(u32, u64)>>,
    /// The service whose clusters are the candidates, each its own area in `held`; `None` for areas and projects.
    pub(crate) clusters_of: Option<usize>,
}

impl Fielded {
    /// Need score of each candidate out of those of the areas: their mean, weighted by the persons it would connect.
    pub(crate) fn scores(&self, of_area: impl Fn(u32) -> Option<f64>) -> Vec<Option<f64>> {
        self.held.iter().map(|held| mean_score(held, &of_area)).collect()
    }

    /// Areas in which any of these candidates lies, rising.
    pub(crate) fn areas_of(&self, candidates: &[u32]) -> Vec<u32> {
        let areas: BTreeSet<u32> =
            candidates.iter().flat_map(|&c| self.held[c as usize].iter().map(|(area, _)| *area)).collect();
        areas.into_iter().collect()
    }
}

fn mean_score(held: &[(u32, u64)], of_area: impl Fn(u32) -> Option<f64>) -> Option<f64> {
    if let [(area, _)] = held {
        return of_area(*area); // no rounding where there is nothing to weigh
    }
    let scored = held.iter().filter_map(|&(area, persons)| Some((of_area(area)?, persons.max(1) as f64)));
    let (sum, weight) = scored.fold((0.0, 0.0), |(sum, weight), (score, w)| (sum + w * score, weight + w));
    (weight > 0.0).then(|| sum / weight)
}

/// Settlements counted by candidate and area, whatever the candidates are.
struct Groups<'a> {
    codes: &'a [String],
    names: &'a [String],
    /// Candidate and area of each entry of the tally.
    pairs: Vec<(u32, u32)>,
    tally: &'a Tally,
    projects: Option<&'a Projects>,
    /// The area each candidate lies in, for clusters.
    area_of: Option<Vec<Option<u32>>>,
    /// The service whose clusters they are.
    clusters_of: Option<usize>,
}

/// What a run knows before it tries a scenario.
#[derive(Clone, Copy)]
pub(crate) struct BeforeFunding<'a> {
    /// The analysis.
    pub(crate) analysis: &'a Analysis,
    /// Areas, layers and services.
    pub(crate) inputs: &'a Inputs,
    /// The joined settlements.
    pub(crate) joined: &'a Joined,
    /// The ranking.
    pub(crate) scored: &'a Scored,
    /// The table of areas, whose columns `values` and `weights` may name.
    pub(crate) areas_table: &'a Table,
}

/// The candidates of a scenario.
pub(crate) fn candidates_of(
    config: &ScenarioConfig,
    taken: &Taken,
    service: &Service,
    before: BeforeFunding<'_>,
) -> Result<Fielded, String> {
    let BeforeFunding { analysis, inputs, joined, scored, areas_table } = before;
    let areas = &inputs.areas;
    let groups = match &config.candidates {
        None | Some(CandidatesConfig::Of(CandidatesOf::Areas)) => Groups {
            codes: &areas.codes,
            names: &areas.names,
            pairs: (0..areas.len() as u32).map(|a| (a, a)).collect(),
            tally: &joined.tally,
            projects: None,
            area_of: None,
            clusters_of: None,
        },
        Some(CandidatesConfig::Of(CandidatesOf::Clusters)) => {
            let found = inputs.services.get(&service.name).map(|(s, _)| s);
            let (s, clusters) = found
                .and_then(|s| Some((s, joined.ground.clusters(s)?)))
                .ok_or_else(|| format!("`{}` has no clusters", service.name))?;
            Groups {
                codes: &clusters.areas.codes,
                names: &clusters.areas.names,
                pairs: (0..clusters.areas.len() as u32).map(|c| (c, c)).collect(),
                tally: &clusters.tally,
                projects: None,
                area_of: Some(clusters.rows.iter().map(|c| c.area).collect()),
                clusters_of: Some(s),
            }
        }
        Some(CandidatesConfig::File(file)) => {
            let (i, projects) = inputs
                .funding
                .projects_of(config)
                .ok_or_else(|| format!("the projects of `{}` were not read", file.file))?;
            let counted =
                joined.projects.get(i).ok_or_else(|| "its projects were not counted".to_string())?;
            Groups {
                codes: &projects.codes,
                names: &projects.names,
                pairs: counted.pairs.clone(),
                tally: &counted.tally,
                projects: Some(projects),
                area_of: None,
                clusters_of: None,
            }
        }
    };
    let level = Level::of(config, inputs);
    let by = planned_by(analysis, config).map(|by| planned_service(&service.name, &by));
    let promised = by.and_then(|name| inputs.services.get(&name)).map(|(_, s)| s);
    let mut fielded = count(&groups, config, (service, promised), joined, &level)?;
    price_all(&mut fielded.candidates, &groups, config, (service, promised), analysis, inputs, joined)?;
    let ranking = match groups.clusters_of {
        Some(s) => scored.clusters.get(&s).map(|c| &c.ranking),
        None => scored.ranking.as_ref(),
    };
    score_all(&mut fielded, ranking);
    take_values(&mut fielded.candidates, &groups, config, taken, areas_table)?;
    fielded.candidates.parents = level.parents(service, joined);
    let everyone_reached = joined.tally.sum_where(|_, offers| service.is_reached(offers));
    fielded.candidates.total = base(joined.tally.total(), everyone_reached);
    if let Some(eligible) = &config.eligible {
        mark_ineligible(&mut fielded.candidates, eligible);
    }
    Ok(fielded)
}

/// Areas that limits and measures of equality are about.
struct Level<'a> {
    codes: Vec<&'a str>,
    names: Vec<&'a str>,
    /// Index by area.
    of_area: Vec<Option<u32>>,
}

impl<'a> Level<'a> {
    fn of(config: &ScenarioConfig, inputs: &'a Inputs) -> Level<'a> {
        let areas = &inputs.areas;
        let usual = if areas.parents.len() > 1 { LimitsBy::Parents } else { LimitsBy::Areas };
        match config.limits_by.unwrap_or(usual) {
            LimitsBy::Parents => Level {
                codes: areas.parents.iter().map(|p| p.code.as_str()).collect(),
                names: areas.parents.iter().map(|p| p.name.as_str()).collect(),
                of_area: areas.parent_of.clone(),
            },
            LimitsBy::Areas => Level {
                codes: areas.codes.iter().map(String::as_str).collect(),
                names: areas.names.iter().map(String::as_str).collect(),
                of_area: (0..areas.len() as u32).map(Some).collect(),
            },
        }
    }

    fn parent_of(&self, area: u32) -> Option<u32> {
        self.of_area.get(area as usize).copied().flatten()
    }

    fn find(&self, word: &str) -> Option<u32> {
        let at =
            self.codes.iter().position(|c| *c == word).or_else(|| self.names.iter().position(|n| *n == word));
        at.map(|p| p as u32)
    }

    fn parents(&self, service: &Service, joined: &Joined) -> Vec<ParentBase> {
        let n_areas = self.of_area.len();
        let totals = joined.tally.sum_by_area(n_areas, |_, _| true);
        let reached = joined.tally.sum_by_area(n_areas, |_, offers| service.is_reached(offers));
        let sum = |counts: &[Counts], p: usize| -> Counts {
            let of = counts.iter().zip(&self.of_area).filter(|(_, of)| **of == Some(p as u32));
            of.map(|(c, _)| *c).sum()
        };
        let parent = |p: usize| ParentBase {
            code: self.codes[p].to_string(),
            name: self.names[p].to_string(),
            base: base(sum(&totals, p), sum(&reached, p)),
        };
        (0..self.codes.len()).map(parent).collect()
    }
}

fn base(total: Counts, reached: Counts) -> Base {
    Base {
        persons: total.persons,
        reached_persons: reached.persons,
        households: total.households,
        reached_households: reached.households,
    }
}

/// Whom each candidate would connect, and where they live.
fn count(
    groups: &Groups<'_>,
    config: &ScenarioConfig,
    (service, promised): (&Service, Option<&Service>),
    joined: &Joined,
    level: &Level<'_>,
) -> Result<Fielded, String> {
    let may_be_chosen = chooser(config, service, promised, &joined.facts.classes)?;
    let in_gap = |class: u8, offers: &[u64]| !service.is_reached(offers) && may_be_chosen(class, offers);
    let gaps = groups.tally.sum_by_area(groups.pairs.len(), in_gap);
    let totals = groups.tally.sum_by_area(groups.pairs.len(), |_, _| true);
    let n = groups.codes.len();
    let mut held: Vec<Vec<(u32, u64)>> = vec![Vec::new(); n];
    let mut rows: Vec<Candidate> = (0..n)
        .map(|g| Candidate {
            code: groups.codes[g].clone(),
            name: groups.names[g].clone(),
            ..Candidate::default()
        })
        .collect();
    let mut by_parent: Vec<BTreeMap<u32, u64>> = vec![BTreeMap::new(); n];
    for ((&(group, area), gap), total) in groups.pairs.iter().zip(&gaps).zip(&totals) {
        let row = &mut rows[group as usize];
        row.persons += gap.persons;
        row.households += gap.households;
        row.workplaces += gap.workplaces;
        row.settlements += gap.settlements;
        row.total_persons += total.persons;
        row.total_households += total.households;
        let is_whole = groups.projects.is_none();
        if area != OUTSIDE && (is_whole || gap.settlements > 0) {
            held[group as usize].push((area, gap.persons));
            let area = match &groups.area_of {
                Some(area_of) => area_of[group as usize].unwrap_or(OUTSIDE),
                None => area,
            };
            if let Some(parent) = level.parent_of(area) {
                *by_parent[group as usize].entry(parent).or_default() += gap.persons.max(gap.settlements);
            }
        }
    }
    for held in &mut held {
        held.sort_unstable();
    }
    for (g, row) in rows.iter_mut().enumerate() {
        let told = groups.projects.and_then(|p| p.parents[g].as_deref());
        row.parent = match told {
            Some(word) => Some(level.find(word).ok_or_else(|| {
                format!("project `{}` names the parent area `{word}`, which does not exist", row.code)
            })?),
            // Most of whom it connects; of equals the lower code.
            None => by_parent[g].iter().max_by(|a, b| a.1.cmp(b.1).then(b.0.cmp(a.0))).map(|(p, _)| *p),
        };
    }
    let candidates = Candidates { rows, ..Candidates::default() };
    Ok(Fielded { candidates, held, clusters_of: groups.clusters_of })
}

/// What connecting everyone costs and what the grant for it would be: as the file says, else by the cost model.
fn price_all(
    candidates: &mut Candidates,
    groups: &Groups<'_>,
    config: &ScenarioConfig,
    (service, promised): (&Service, Option<&Service>),
    analysis: &Analysis,
    inputs: &Inputs,
    joined: &Joined,
) -> Result<(), String> {
    let classes = &joined.facts.classes;
    let given = |name: &str, g: usize| {
        let value = groups.projects.and_then(|p| p.values.get(name)?[g]);
        value.map(|v| v.round().min(9e15) as i64)
    };
    let all_given = (0..groups.codes.len()).all(|g| given("cost", g).or(given("support", g)).is_some());
    let model = match cost_model(config, &service.name, analysis) {
        Ok(model) => Some(model),
        Err(_) if all_given => None,
        Err(e) => return Err(e),
    };
    let may_be_chosen = chooser(config, service, promised, classes)?;
    let lines = match model.filter(|model| tier(model) > 0) {
        Some(_) if groups.projects.is_some() && !all_given => {
            return Err("prices per metre need clusters or areas; give the projects a `cost`".to_string());
        }
        Some(model) if groups.projects.is_none() => {
            let s = inputs.services.get(&service.name).map_or(0, |(s, _)| s);
            Some(match groups.clusters_of {
                Some(s) => joined.ground.work_by_cluster(s, model, &joined.facts, &*may_be_chosen),
                None => {
                    let n_areas = groups.codes.len();
                    joined.ground.work_by_area(s, model, &joined.facts, n_areas, &*may_be_chosen)
                }
            })
        }
        _ => None,
    };
    let mut by_class = vec![vec![0u64; classes.len()]; candidates.rows.len()];
    for (k, _) in classes.iter().enumerate() {
        let in_class = |class: u8, offers: &[u64]| {
            class as usize == k && !service.is_reached(offers) && may_be_chosen(class, offers)
        };
        let counts = groups.tally.sum_by_area(groups.pairs.len(), in_class);
        for (&(group, _), counts) in groups.pairs.iter().zip(&counts) {
            by_class[group as usize][k] += counts.households;
        }
    }
    for (g, row) in candidates.rows.iter_mut().enumerate() {
        let households = if classes.is_empty() {
            vec![("", row.households)]
        } else {
            classes.iter().map(String::as_str).zip(by_class[g].iter().copied()).collect()
        };
        let (cost, support) = (given("cost", g), given("support", g));
        row.cost = match (cost.or(support), model) {
            (Some(total_sek), _) => {
                Cost { total_sek: total_sek.max(support.unwrap_or(0)), ..Cost::default() }
            }
            (None, Some(model)) if lines.is_some() => lines
                .as_ref()
                .and_then(|work| work.get(g))
                .map(|w| w.cost(classes, model))
                .unwrap_or_default(),
            (None, Some(model)) => {
                price(&ToConnect { households, workplaces: row.workplaces, length_m: Vec::new() }, model)
            }
            (None, None) => Cost::default(),
        };
        let by_aid = grant(row.cost.total_sek, row.connections(), model, config.aid.as_ref());
        row.grant_sek = support.unwrap_or(by_aid);
    }
    Ok(())
}

/// Score and rank of each candidate: an area's own; a project's the mean of its areas' by whom it connects.
fn score_all(fielded: &mut Fielded, ranking: Option<&Ranking>) {
    let Some(ranking) = ranking else { return };
    let scores = fielded.scores(|area| ranking.areas.get(area as usize).and_then(|a| a.score));
    let is_by_area =
        fielded.held.iter().all(|held| held.len() == 1) && fielded.held.len() == ranking.areas.len();
    let rows = &mut fielded.candidates.rows;
    for (row, score) in rows.iter_mut().zip(&scores) {
        row.score = *score;
    }
    if is_by_area {
        for (row, scored) in rows.iter_mut().zip(&ranking.areas) {
            row.rank = scored.rank;
        }
        return;
    }
    let mut order: Vec<usize> = (0..rows.len()).filter(|&i| rows[i].score.is_some()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&rows[a], &rows[b]);
        let by_score = b.score.unwrap_or(0.0).total_cmp(&a.score.unwrap_or(0.0));
        by_score.then(b.persons.cmp(&a.persons)).then(a.code.cmp(&b.code))
    });
    for (rank, i) in order.into_iter().enumerate() {
        rows[i].rank = Some(rank as u32 + 1);
    }
}

/// Numbers that `values`, `weights` and the profile ask for: of a project from its file, of an area from the columns
/// of `areas.csv`.
fn take_values(
    candidates: &mut Candidates,
    groups: &Groups<'_>,
    config: &ScenarioConfig,
    taken: &Taken,
    areas_table: &Table,
) -> Result<(), String> {
    if let Some(projects) = groups.projects {
        for (name, values) in &projects.values {
            for (row, value) in candidates.rows.iter_mut().zip(values) {
                row.values.extend(value.map(|v| (name.clone(), v)));
            }
        }
        return Ok(());
    }
    let mut wanted: BTreeMap<String, String> = BTreeMap::new();
    let profile = taken.profile.as_deref().and_then(|text| whitespot_funding::profiles::parse(text).ok());
    let asked = profile.iter().flat_map(|p| p.values.keys());
    for name in config.weights.iter().flat_map(|w| w.keys()).chain(asked) {
        if areas_table.column(name).is_some() {
            wanted.insert(name.clone(), name.clone());
        }
    }
    for (name, column) in config.values.iter().flatten() {
        if areas_table.column(column).is_none() {
            let known: Vec<String> = areas_table.columns.iter().map(|c| c.name.clone()).collect();
            return Err(format!(
                "`values.{name}` names the column `{column}`, which areas.csv does not have; {}",
                whitespot_load::suggest::hint(column, &known)
            ));
        }
        wanted.insert(name.clone(), column.clone());
    }
    // `households` and the like are whom the candidate would connect, not everyone of its area.
    const OWN: [&str; 3] = ["persons", "households", "workplaces"];
    for (name, column) in wanted.iter().filter(|(name, _)| !OWN.contains(&name.as_str())) {
        let Some(column) = areas_table.column(column) else { continue };
        for (c, row) in candidates.rows.iter_mut().enumerate() {
            let a = match &groups.area_of {
                Some(area_of) => area_of[c].map(|a| a as usize),
                None => Some(c),
            };
            let Some(a) = a else { continue };
            row.values.extend(column.values.number(a).map(|v| (name.clone(), v)));
        }
    }
    Ok(())
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
    Ok(model)
}

/// Tells by settlement class and offers whether a scenario may reach a settlement.
type Chooser<'a> = Box<dyn Fn(u8, &[u64]) -> bool + Sync + 'a>;

/// Which settlements of the gap a scenario may reach, by settlement class and planned coverage; `promised` also counts
/// promises kept in time (without it, every promise does).
fn chooser<'a>(
    config: &ScenarioConfig,
    service: &'a Service,
    promised: Option<&'a Service>,
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
    if eligible.no_planned_within_years.is_some_and(|years| !(0.0..=1000.0).contains(&years)) {
        return Err("`eligible.no_planned_within_years` is a number of years, 0 or more".to_string());
    }
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
            && !(without_planned
                && promised.map_or_else(|| service.is_reached_with_planned(offers), |p| p.is_reached(offers)))
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_projects_need_is_the_mean_of_its_areas_by_whom_it_connects() {
        let scores = [Some(0.2), Some(0.8), None];
        let of = |area: u32| scores[area as usize];
        assert_eq!(mean_score(&[(0, 30), (1, 10)], of), Some(0.35));
        assert_eq!(mean_score(&[(1, 0)], of), Some(0.8), "one area: its own score, people or not");
        assert_eq!(mean_score(&[(0, 10), (2, 90)], of), Some(0.2), "unranked areas do not count");
        assert_eq!(mean_score(&[(2, 5)], of), None);
        assert_eq!(mean_score(&[], of), None);
    }
}
