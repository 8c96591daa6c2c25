//! 3 Scenarios: what each budget and rule does, against "no grant" and against one another.

pub(crate) mod order;
mod outcomes;
mod small_map;

use super::{Pen, service};
use crate::{columns, format};
use serde::Serialize;
use whitespot_model::{
    funding::{Comparison, ComparisonPair, Limit, LimitEffect, RuleName, ScenarioResult},
    result::RunResult,
};

/// Values of `scenarios.html`.
#[derive(Serialize)]
pub(crate) struct Scenarios {
    sentence: String,
    names: Vec<Heading>,
    outcomes: Vec<outcomes::Line>,
    parents: Option<outcomes::ByParent>,
    maps: Vec<small_map::SmallMap>,
    shapes_view_box: Option<[i32; 4]>,
    orders: Vec<order::Order>,
    pairs: Vec<String>,
    effects: Vec<String>,
}

/// Head of a scenario's column.
#[derive(Serialize)]
struct Heading {
    title: String,
    rule: String,
    service: String,
}

/// The section; `None` without scenarios.
pub(crate) fn section(result: &RunResult, small_view_box: Option<[i32; 4]>, pen: &Pen) -> Option<Scenarios> {
    let scenarios = result.scenarios.as_slice();
    let first = scenarios.first()?;
    let draws_maps = small_view_box.is_some() && small_map::is_light(result);
    Some(Scenarios {
        sentence: sentence(result, first, pen),
        names: scenarios
            .iter()
            .map(|s| Heading {
                title: title(s, pen),
                rule: rule_phrase(s, pen),
                service: service_label(result, s, pen),
            })
            .collect(),
        outcomes: outcomes::lines(result, pen),
        parents: outcomes::by_parent(result, pen),
        maps: if draws_maps {
            scenarios.iter().filter_map(|s| small_map::of(result, s, pen)).collect()
        } else {
            Vec::new()
        },
        shapes_view_box: small_view_box,
        orders: scenarios.iter().map(|s| order::of(result, s, pen)).collect(),
        pairs: result.comparison.iter().flat_map(|c| pairs(result, c, pen)).collect(),
        effects: scenarios.iter().flat_map(|s| effects(s, pen)).collect(),
    })
}

/// The scenario's name for people.
pub(crate) fn title(scenario: &ScenarioResult, pen: &Pen) -> String {
    let title = scenario.config.title.as_ref().map(|t| t.in_lang(pen.lang).to_string());
    title.unwrap_or_else(|| scenario.name.replace('_', " "))
}

/// The name for people of the service a scenario builds.
pub(crate) fn service_label(result: &RunResult, scenario: &ScenarioResult, pen: &Pen) -> String {
    let name = scenario.config.service.as_deref().or_else(|| columns::shown_service(result));
    name.map_or_else(String::new, |name| service::label(result, name, pen))
}

/// How the money is handed out, as a phrase after an amount.
pub(crate) fn rule_phrase(scenario: &ScenarioResult, pen: &Pen) -> String {
    pen.text(match scenario.allocation.rule {
        RuleName::Need => "rule.need",
        RuleName::CostEffectiveness => "rule.cost_effectiveness",
        RuleName::NeedPerCost => "rule.need_per_cost",
        RuleName::Proportional => "rule.proportional",
        RuleName::EqualShare => "rule.equal_share",
        RuleName::Optimal => "rule.optimal",
        RuleName::Leximin => "rule.leximin",
        RuleName::Auction => "rule.auction",
        RuleName::Profile => {
            let profile = scenario.allocation.profile.as_deref().unwrap_or("");
            return pen.fill("rule.profile", &[("profile", profile)]);
        }
    })
}

/// `With SEK 120 million, most need first, 3,412 of 9,870 households without fibre get it.`
pub(crate) fn sentence(result: &RunResult, scenario: &ScenarioResult, pen: &Pen) -> String {
    let outcome = &scenario.allocation.outcome;
    let (key, reached, lacking) = if result.has_households {
        ("scenarios.sentence_households", outcome.households, outcome.before.lacking_households())
    } else {
        ("scenarios.sentence_persons", outcome.persons, outcome.before.lacking_persons())
    };
    pen.fill(
        key,
        &[
            ("budget", &format::money(scenario.allocation.budget_sek, pen.lang)),
            ("rule", &rule_phrase(scenario, pen)),
            ("reached", &pen.unsigned(reached)),
            ("lacking", &pen.unsigned(lacking)),
            ("service", &service_label(result, scenario, pen)),
        ],
    )
}

/// Every pair of scenarios in words: "A minus B".
fn pairs(result: &RunResult, comparison: &Comparison, pen: &Pen) -> Vec<String> {
    let named = |name: &str| result.scenarios.iter().find(|s| s.name == name).map(|s| title(s, pen));
    let both = |p: &ComparisonPair| Some((named(&p.a)?, named(&p.b)?));
    comparison.pairs.iter().filter_map(|p| both(p).map(|(a, b)| pair(p, &a, &b, result, pen))).collect()
}

fn pair(pair: &ComparisonPair, a: &str, b: &str, result: &RunResult, pen: &Pen) -> String {
    let (difference, unit) = if result.has_households {
        (pair.households, pen.text("word.households"))
    } else {
        (pair.persons, pen.text("word.persons"))
    };
    let key = match difference {
        0 => "scenarios.pair_same",
        d if d > 0 => "scenarios.pair_more",
        _ => "scenarios.pair_fewer",
    };
    let codes = |codes: &[String]| {
        let names: Vec<String> = codes.iter().take(8).map(|c| candidate_name(result, c)).collect();
        let more = codes.len().saturating_sub(names.len());
        if names.is_empty() {
            pen.text("scenarios.nobody")
        } else if more > 0 {
            pen.fill("scenarios.and_more", &[("names", &names.join(", ")), ("n", &pen.count(more as i64))])
        } else {
            pen.list(&names)
        }
    };
    let mut text = pen
        .fill(key, &[("a", a), ("b", b), ("n", &pen.unsigned(difference.unsigned_abs())), ("unit", &unit)]);
    text.push(' ');
    text.push_str(
        &pen.fill("scenarios.pair_cross", &[("enter", &codes(&pair.enter)), ("leave", &codes(&pair.leave))]),
    );
    text
}

fn candidate_name(result: &RunResult, code: &str) -> String {
    let rows = result.scenarios.iter().flat_map(|s| &s.candidates.rows);
    let name = rows.into_iter().find(|c| c.code == code).map(|c| c.name.clone());
    name.filter(|n| !n.is_empty()).unwrap_or_else(|| code.to_string())
}

/// What a further million would do, what each limit costs, and how good a searched answer is.
fn effects(scenario: &ScenarioResult, pen: &Pen) -> Vec<String> {
    let allocation = &scenario.allocation;
    let name = title(scenario, pen);
    let mut effects = Vec::new();
    if let Some(next) = &allocation.marginal {
        effects.push(pen.fill(
            "scenarios.marginal",
            &[
                ("scenario", &name),
                ("extra", &format::money(next.extra_sek, pen.lang)),
                ("persons", &pen.count(next.persons)),
                ("households", &pen.count(next.households)),
            ],
        ));
    }
    effects.extend(allocation.limits.iter().map(|limit| limit_effect(limit, scenario, &name, pen)));
    if let Some(proof) = &allocation.proof {
        effects.push(if proof.is_proven {
            pen.fill("scenarios.proven", &[("scenario", &name), ("solver", &proof.solver)])
        } else {
            pen.fill(
                "scenarios.bounded",
                &[("scenario", &name), ("solver", &proof.solver), ("gap", &pen.share(proof.gap))],
            )
        });
    }
    if let Some(cost) = &scenario.cost_to_target {
        let money = |sek: Option<i64>| {
            sek.map_or_else(|| pen.text("scenarios.never"), |sek| format::money(sek, pen.lang))
        };
        effects.push(pen.fill(
            "scenarios.cost_to_target",
            &[
                ("scenario", &name),
                ("target", &pen.share(cost.target_share)),
                ("whole", &money(cost.whole_sek)),
                ("every", &money(cost.every_parent_sek)),
            ],
        ));
    }
    effects
}

fn limit_effect(effect: &LimitEffect, scenario: &ScenarioResult, name: &str, pen: &Pen) -> String {
    let parent = |code: &str| {
        let found = scenario.candidates.parents.iter().find(|p| p.code == code);
        found.map_or_else(|| code.to_string(), |p| p.name.clone())
    };
    let candidate = |code: &str| {
        let found = scenario.candidates.rows.iter().find(|c| c.code == code);
        found.map_or_else(|| code.to_string(), |c| c.name.clone())
    };
    let money = |sek: i64| format::money(sek, pen.lang);
    let limit = match &effect.limit {
        Limit::Floor { parent: code, sek } => {
            pen.fill("scenarios.floor", &[("parent", &parent(code)), ("sek", &money(*sek))])
        }
        Limit::Cap { parent: code, sek } => {
            pen.fill("scenarios.cap", &[("parent", &parent(code)), ("sek", &money(*sek))])
        }
        Limit::MustFund { code } => pen.fill("scenarios.must_fund", &[("name", &candidate(code))]),
        Limit::NeverFund { code } => pen.fill("scenarios.never_fund", &[("name", &candidate(code))]),
        Limit::MaxPerYear { n } => pen.fill("scenarios.max_per_year", &[("n", &pen.count(i64::from(*n)))]),
        Limit::AllFloors { n } => pen.fill("scenarios.all_floors", &[("n", &pen.count(i64::from(*n)))]),
        Limit::AllCaps { n } => pen.fill("scenarios.all_caps", &[("n", &pen.count(i64::from(*n)))]),
    };
    let key = if effect.costs_persons < 0 { "scenarios.limit_gains" } else { "scenarios.limit_costs" };
    pen.fill(
        key,
        &[
            ("scenario", name),
            ("limit", &limit),
            ("persons", &pen.unsigned(effect.costs_persons.unsigned_abs())),
            ("households", &pen.unsigned(effect.costs_households.unsigned_abs())),
        ],
    )
}
