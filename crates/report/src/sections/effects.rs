//! What more money does, what a target costs, and what each limit costs, scenario by scenario.

use super::{Pen, scenarios};
use crate::format;
use serde::Serialize;
use whitespot_model::{
    funding::{Limit, LimitEffect, Proof, ScenarioResult},
    result::RunResult,
    wording,
};

/// Tables below the curves.
#[derive(Serialize)]
pub(crate) struct Effects {
    has_households: bool,
    more: Vec<More>,
    has_target: bool,
    limits: Vec<Limits>,
    proofs: Vec<String>,
}

/// What a further million and a target mean in one scenario.
#[derive(Serialize)]
struct More {
    title: String,
    persons: Option<String>,
    households: Option<String>,
    target: Option<String>,
    whole: Option<String>,
    every: Option<String>,
}

/// What each limit of one scenario costs.
#[derive(Serialize)]
struct Limits {
    title: String,
    rows: Vec<LimitRow>,
}

/// What one limit costs.
#[derive(Serialize)]
struct LimitRow {
    limit: String,
    persons: String,
    households: String,
}

/// `None` where nothing is known of any scenario.
pub(crate) fn of(result: &RunResult, pen: &Pen) -> Option<Effects> {
    let effects = Effects {
        has_households: result.has_households,
        more: result.scenarios.iter().filter_map(|s| more(s, pen)).collect(),
        has_target: result.scenarios.iter().any(|s| s.cost_to_target.is_some()),
        limits: result.scenarios.iter().filter_map(|s| limits(s, pen)).collect(),
        proofs: result
            .scenarios
            .iter()
            .filter_map(|s| Some(proof(s, s.allocation.proof.as_ref()?, pen)))
            .collect(),
    };
    (!(effects.more.is_empty() && effects.limits.is_empty() && effects.proofs.is_empty())).then_some(effects)
}

fn more(scenario: &ScenarioResult, pen: &Pen) -> Option<More> {
    let (next, cost) = (scenario.allocation.marginal.as_ref(), scenario.cost_to_target.as_ref());
    if next.is_none() && cost.is_none() {
        return None;
    }
    let money = |sek: Option<i64>| {
        sek.map_or_else(|| pen.text("scenarios.never"), |sek| format::money(sek, pen.lang))
    };
    Some(More {
        title: scenarios::title(scenario, pen),
        persons: next.map(|n| pen.count(n.persons)),
        households: next.map(|n| pen.count(n.households)),
        target: cost.map(|c| {
            let unit = if c.of_households { "word.households" } else { "word.persons" };
            format!("{} {}", pen.share(c.target_share), pen.text(unit))
        }),
        whole: cost.map(|c| money(c.whole_sek)),
        every: cost.map(|c| money(c.every_parent_sek)),
    })
}

/// Limits that change the outcome; one that changes it for the better has a minus.
fn limits(scenario: &ScenarioResult, pen: &Pen) -> Option<Limits> {
    let effects = scenario.allocation.limits.iter();
    let rows: Vec<LimitRow> = effects
        .map(|effect| LimitRow {
            limit: limit(effect, scenario, pen),
            persons: pen.count(effect.costs_persons),
            households: pen.count(effect.costs_households),
        })
        .collect();
    (!rows.is_empty()).then(|| Limits { title: scenarios::title(scenario, pen), rows })
}

fn limit(effect: &LimitEffect, scenario: &ScenarioResult, pen: &Pen) -> String {
    let parent = |code: &str| {
        let found = scenario.candidates.parents.iter().find(|p| p.code == code);
        found.map_or_else(|| code.to_string(), |p| p.name.clone())
    };
    let candidate = |code: &str| {
        let found = scenario.candidates.rows.iter().find(|c| c.code == code);
        found.map_or_else(|| code.to_string(), |c| c.name.clone())
    };
    let money = |sek: i64| format::money(sek, pen.lang);
    match &effect.limit {
        Limit::Floor { parent: code, sek } => {
            pen.fill("effects.floor", &[("parent", &parent(code)), ("sek", &money(*sek))])
        }
        Limit::Cap { parent: code, sek } => {
            pen.fill("effects.cap", &[("parent", &parent(code)), ("sek", &money(*sek))])
        }
        Limit::MustFund { code } => pen.fill("effects.must_fund", &[("name", &candidate(code))]),
        Limit::NeverFund { code } => pen.fill("effects.never_fund", &[("name", &candidate(code))]),
        Limit::MaxPerYear { n } => pen.fill("effects.max_per_year", &[("n", &pen.count(i64::from(*n)))]),
        Limit::AllFloors { n } => pen.fill("effects.all_floors", &[("n", &pen.count(i64::from(*n)))]),
        Limit::AllCaps { n } => pen.fill("effects.all_caps", &[("n", &pen.count(i64::from(*n)))]),
    }
}

/// How good a searched answer is.
fn proof(scenario: &ScenarioResult, proof: &Proof, pen: &Pen) -> String {
    let name = scenarios::title(scenario, pen);
    let solver = wording::in_lang(&proof.solver, pen.lang);
    if proof.is_proven {
        pen.fill("effects.proven", &[("scenario", &name), ("solver", &solver)])
    } else {
        let gap = pen.share(proof.gap);
        pen.fill("effects.bounded", &[("scenario", &name), ("solver", &solver), ("gap", &gap)])
    }
}
