//! `GET /api/run`: what the page starts from, as published.

use crate::{error::Refused, page::InLang, run::ExploredRun, words::words};
use axum::{
    Json,
    extract::{Query, State},
};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use whitespot_model::{
    config::{Lang, funding::LimitBy, need::Direction},
    coverage::{Kind, Status},
    funding::{Base, RuleName, ScenarioResult, Unaffordable},
    settlement::Counts,
    table::{Table, Values},
};

/// Everything that does not depend on what the page has set.
#[derive(Debug, Serialize)]
pub(crate) struct Overview {
    lang: &'static str,
    languages: Vec<&'static str>,
    words: BTreeMap<String, String>,
    title: String,
    is_synthetic: bool,
    /// Everyone.
    total: Counts,
    has_households: bool,
    has_points: bool,
    areas: Areas,
    services: Vec<Service>,
    shown_service: Option<usize>,
    indicators: Vec<Indicator>,
    presets: Vec<Preset>,
    scenarios: Vec<Scenario>,
    parents: BTreeMap<String, String>,
    /// West, south, east, north of the map's plane in degrees.
    bounds: Option<[f64; 4]>,
    has_robustness: bool,
    layers: Layers,
}

/// What can be laid over the areas.
#[derive(Debug, Serialize)]
struct Layers {
    clusters: Vec<ClusterLayer>,
    coverage: Vec<CoverageLayer>,
}

#[derive(Debug, Serialize)]
struct ClusterLayer {
    service: String,
    title: String,
}

/// One group of coverage; its place in the list is its number in the tiles' address.
#[derive(Debug, Serialize)]
struct CoverageLayer {
    layer: String,
    technology: &'static str,
    is_mobile: bool,
    is_planned: bool,
    reach_m: f64,
}

#[derive(Debug, Serialize)]
struct YearBudget {
    year: String,
    budget_sek: i64,
}

/// Columns of the areas, without the outside.
#[derive(Debug, Serialize)]
struct Areas {
    code: Vec<String>,
    name: Vec<String>,
    parent: Vec<Option<String>>,
    persons: Vec<Option<i64>>,
    /// A point inside each, in degrees of the map's plane.
    anchor: Vec<Option<[f64; 2]>>,
    score: Vec<Option<f64>>,
    rank: Vec<Option<u32>>,
}

#[derive(Debug, Serialize)]
struct Service {
    name: String,
    title: String,
    gap_persons: Vec<Option<i64>>,
    gap_share: Vec<Option<f64>>,
    all_gap_persons: Option<i64>,
    all_gap_share: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Indicator {
    id: String,
    title: String,
    unit: String,
    direction: Direction,
    weight: f64,
}

/// A weighting with a name: each actor's of the consultation.
#[derive(Debug, Serialize)]
struct Preset {
    name: String,
    weights: Vec<f64>,
}

#[derive(Debug, Serialize)]
struct Scenario {
    name: String,
    title: String,
    service: Option<String>,
    rule: RuleName,
    unaffordable: Unaffordable,
    budget_sek: i64,
    /// The budget beyond which nothing more happens.
    most_sek: i64,
    /// The limit that holds for each parent area, where there is such a one.
    cap_sek: Option<i64>,
    floor_sek: Option<i64>,
    /// Money by year; one for a single sum.
    years: Vec<YearBudget>,
    max_per_year: Option<u32>,
    /// Area of each candidate, where candidates are areas.
    area_of: Vec<Option<u32>>,
    codes: Vec<String>,
    names: Vec<String>,
    is_placeholder: bool,
    before: Base,
}

pub(crate) async fn overview(
    State(run): State<Arc<ExploredRun>>,
    Query(query): Query<InLang>,
) -> Result<Json<Overview>, Refused> {
    let lang = query.of(&run);
    let result = &run.result;
    let n = run.codes.len();
    let parent = match result.areas.column("parent_code").map(|c| &c.values) {
        Some(Values::Text(of)) => of.iter().take(n).cloned().collect(),
        _ => vec![None; n],
    };
    let parents = crate::run::texts(&result.parents, "area_code", result.parents.n_rows())
        .into_iter()
        .zip(crate::run::texts(&result.parents, "area_name", result.parents.n_rows()))
        .collect();
    let ranked = result.ranking.as_ref();
    let areas = Areas {
        code: run.codes.clone(),
        name: run.names.clone(),
        parent,
        persons: ints(&result.areas, "persons", n),
        anchor: (0..n).map(|i| run.plane.as_ref().and_then(|p| p.anchor(i))).collect(),
        score: (0..n).map(|i| ranked.and_then(|r| r.areas.get(i)?.score)).collect(),
        rank: (0..n).map(|i| ranked.and_then(|r| r.areas.get(i)?.rank)).collect(),
    };
    let services: Vec<Service> = result
        .services
        .iter()
        .filter(|(name, _)| result.areas.column(&format!("{name}_gap_persons")).is_some())
        .map(|(name, _)| Service {
            name: name.clone(),
            title: result.service_label(name, lang),
            gap_persons: ints(&result.areas, &format!("{name}_gap_persons"), n),
            gap_share: reals(&result.areas, &format!("{name}_gap_share"), n),
            all_gap_persons: ints(&result.totals, &format!("{name}_gap_persons"), 1).pop().flatten(),
            all_gap_share: reals(&result.totals, &format!("{name}_gap_share"), 1).pop().flatten(),
        })
        .collect();
    let shown = result.shown_service.as_ref();
    Ok(Json(Overview {
        lang: lang.code(),
        languages: vec!["sv", "en"],
        words: words(lang),
        title: result.title.in_lang(lang).to_string(),
        is_synthetic: result.is_synthetic(),
        total: result.total,
        has_households: result.has_households,
        has_points: run.points().is_some(),
        areas,
        shown_service: services
            .iter()
            .position(|s| Some(&s.name) == shown)
            .or((!services.is_empty()).then_some(0)),
        services,
        indicators: ranked.map_or_else(Vec::new, |r| {
            let of = |i: &whitespot_model::need::IndicatorUsed| Indicator {
                id: i.id.clone(),
                title: result.indicator_label(&i.id, lang),
                unit: i.unit.clone(),
                direction: i.direction,
                weight: i.weight,
            };
            r.indicators.iter().map(of).collect()
        }),
        presets: result
            .consultation
            .iter()
            .flat_map(|c| &c.actors)
            .map(|a| Preset { name: a.name.clone(), weights: a.weights.clone() })
            .collect(),
        scenarios: scenarios(&run, lang),
        parents,
        bounds: run.plane.as_ref().map(crate::tiles::Plane::bounds),
        has_robustness: ranked.is_some(),
        layers: layers(&run, lang),
    }))
}

fn scenarios(run: &ExploredRun, lang: Lang) -> Vec<Scenario> {
    let ready = run.result.scenarios.iter().zip(&run.scenarios);
    ready
        .map(|(result, ready)| {
            let rows = &result.candidates.rows;
            let config = &result.config;
            Scenario {
                name: result.name.clone(),
                title: config
                    .title
                    .as_ref()
                    .map_or_else(|| result.name.replace('_', " "), |t| t.in_lang(lang).to_string()),
                service: config.service.clone(),
                rule: result.allocation.rule,
                unaffordable: result.allocation.unaffordable,
                budget_sek: result.allocation.budget_sek,
                most_sek: whitespot_funding::curve::widest_budget(&result.candidates, &ready.scenario),
                cap_sek: common_limit(ready.scenario.caps.as_ref(), result),
                floor_sek: common_limit(ready.scenario.floors.as_ref(), result),
                years: ready
                    .scenario
                    .years
                    .iter()
                    .map(|y| YearBudget { year: y.name.clone(), budget_sek: y.budget_sek })
                    .collect(),
                max_per_year: ready.scenario.max_per_year,
                area_of: ready.area_of.clone(),
                codes: rows.iter().map(|c| c.code.clone()).collect(),
                names: rows.iter().map(|c| c.name.clone()).collect(),
                is_placeholder: rows.iter().any(|c| c.cost.placeholder),
                before: result.candidates.total,
            }
        })
        .collect()
}

/// The limit that holds for each parent area alike: one for all, or under a word that names no parent of its own.
fn common_limit(limit: Option<&LimitBy>, scenario: &ScenarioResult) -> Option<i64> {
    let budget_sek = scenario.allocation.budget_sek;
    let is_parent = |key: &str| scenario.candidates.parents.iter().any(|p| p.code == key || p.name == key);
    match limit? {
        LimitBy::Each(each) => Some(each.of(budget_sek)),
        LimitBy::Parent(by) => {
            by.iter().find(|(key, _)| !is_parent(key)).map(|(_, each)| each.of(budget_sek))
        }
    }
}

/// What can be laid over the areas.
fn layers(run: &ExploredRun, lang: Lang) -> Layers {
    let clusters = run.result.clusters.as_ref().filter(|_| run.clusters().is_some());
    let mut clustered: Vec<String> = Vec::new();
    for name in clusters.map_or_else(Vec::new, |c| crate::run::texts(&c.table, "service", c.table.n_rows())) {
        if !clustered.contains(&name) {
            clustered.push(name);
        }
    }
    let coverage = run.coverage().map_or(&[][..], |c| c.map.groups.as_slice());
    Layers {
        clusters: clustered
            .into_iter()
            .map(|name| ClusterLayer { title: run.result.service_label(&name, lang), service: name })
            .collect(),
        coverage: coverage
            .iter()
            .map(|g| CoverageLayer {
                layer: g.layer.clone(),
                technology: g.technology.name(),
                is_mobile: g.technology.kind() == Kind::Mobile,
                is_planned: g.status == Status::Planned,
                reach_m: g.reach_m,
            })
            .collect(),
    }
}

fn ints(table: &Table, column: &str, n: usize) -> Vec<Option<i64>> {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Int(v)) => v.iter().take(n).copied().collect(),
        _ => vec![None; n],
    }
}

fn reals(table: &Table, column: &str, n: usize) -> Vec<Option<f64>> {
    match table.column(column).map(|c| &c.values) {
        Some(Values::Real(v)) => v.iter().take(n).copied().collect(),
        _ => vec![None; n],
    }
}
