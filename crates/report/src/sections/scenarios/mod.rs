//! 3 Scenarios: what each budget and rule does, against "no grant" and against one another.

pub(crate) mod order;
mod outcomes;
mod small_map;

use super::{Pen, service};
use crate::{columns, format};
use serde::Serialize;
use whitespot_model::{
    funding::{Comparison, ComparisonPair, RuleName, ScenarioResult},
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
    more_pairs: Vec<String>,
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
    // The first scenario against each other one; the rest is for those who want it.
    let all = result.comparison.iter().flat_map(|c| pairs(result, c, pen));
    let (pairs, more_pairs): (Vec<_>, Vec<_>) = all.partition(|(is_with_first, _)| *is_with_first);
    let texts = |pairs: Vec<(bool, String)>| pairs.into_iter().map(|p| p.1).collect();
    let (pairs, more_pairs) = (texts(pairs), texts(more_pairs));
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
        pairs,
        more_pairs,
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

/// Every pair of scenarios in words: "A minus B", and whether the first scenario is one of them.
fn pairs(result: &RunResult, comparison: &Comparison, pen: &Pen) -> Vec<(bool, String)> {
    let first = result.scenarios.first().map(|s| s.name.as_str());
    let named = |name: &str| result.scenarios.iter().find(|s| s.name == name).map(|s| title(s, pen));
    let both = |p: &ComparisonPair| Some((named(&p.a)?, named(&p.b)?));
    let with_first = |p: &ComparisonPair| first == Some(p.a.as_str()) || first == Some(p.b.as_str());
    let told = |p| both(p).map(|(a, b)| (with_first(p), pair(p, &a, &b, result, pen)));
    comparison.pairs.iter().filter_map(told).collect()
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
