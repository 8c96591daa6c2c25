//! 1 Answer: one sentence, three numbers with their denominators, and from when the data are.

use super::{Pen, scenarios, service};
use crate::columns;
use serde::Serialize;
use whitespot_model::{config::ServiceConfig, funding::ScenarioResult, result::RunResult};

/// Values of `answer.html`.
#[derive(Serialize)]
pub(crate) struct Answer {
    sentence: String,
    cards: Vec<Card>,
    dated: Vec<Dated>,
}

/// One number, of how many, and what it says.
#[derive(Serialize)]
struct Card {
    label: String,
    number: String,
    unit: String,
    of: String,
    /// 0–100, for the bar; `None` without a denominator.
    percent: Option<f64>,
    households: Option<String>,
    kind: &'static str,
}

/// A source and from when it is.
#[derive(Serialize)]
struct Dated {
    role: String,
    date: Option<String>,
    synthetic: bool,
}

pub(crate) fn section(result: &RunResult, pen: &Pen) -> Answer {
    let mut cards = Vec::new();
    let shown = columns::shown_service(result);
    for name in shown.into_iter().chain(second_service(result, shown)) {
        cards.push(gap_card(result, name, pen));
    }
    cards.extend(result.scenarios.first().map(|s| after_card(result, s, pen)));
    let sentence = match (shown, result.scenarios.first()) {
        (Some(name), Some(scenario)) => {
            format!("{} {}", gap_sentence(result, name, pen), scenarios::sentence(result, scenario, pen))
        }
        (Some(name), None) => gap_sentence(result, name, pen),
        (None, _) => pen.fill("answer.no_service", &[("persons", &pen.unsigned(result.total.persons))]),
    };
    Answer { sentence, cards, dated: dated(result, pen) }
}

/// Beside the shown service: one that several others add up to ("no service at all"), else the next.
fn second_service<'a>(result: &'a RunResult, shown: Option<&str>) -> Option<&'a str> {
    let others: Vec<&str> =
        columns::published_services(result).into_iter().filter(|&n| Some(n) != shown).collect();
    let joins_several = |s: &ServiceConfig| s.any_of.as_ref().is_some_and(|list| list.len() > 1);
    let joined = others.iter().copied().find(|&n| result.services.get(n).is_some_and(joins_several));
    joined.or(others.first().copied())
}

fn gap_sentence(result: &RunResult, name: &str, pen: &Pen) -> String {
    let totals = &result.totals;
    let gap = columns::int(totals, &format!("{name}_gap_persons"), 0);
    let persons = columns::int(totals, "persons", 0);
    let share = columns::number(totals, &format!("{name}_gap_share"), 0);
    let service = service::label(result, name, pen);
    let written = [
        ("gap", pen.count_or_missing(gap)),
        ("persons", pen.count_or_missing(persons)),
        ("share", pen.share_or_missing(share)),
        ("service", service),
    ];
    let values: Vec<(&str, &str)> = written.iter().map(|(k, v)| (*k, v.as_str())).collect();
    match gap {
        Some(0) => pen.fill("answer.sentence_none", &values),
        _ => pen.fill("answer.sentence", &values),
    }
}

fn gap_card(result: &RunResult, name: &str, pen: &Pen) -> Card {
    let totals = &result.totals;
    let gap = columns::int(totals, &format!("{name}_gap_persons"), 0);
    let persons = columns::int(totals, "persons", 0);
    let share = columns::number(totals, &format!("{name}_gap_share"), 0);
    let households = columns::int(totals, &format!("{name}_gap_households"), 0)
        .zip(columns::int(totals, "households", 0))
        .map(|(gap, all)| {
            pen.fill("answer.households", &[("gap", &pen.count(gap)), ("all", &pen.count(all))])
        });
    Card {
        label: pen.fill("answer.without", &[("service", &service::label(result, name, pen))]),
        number: pen.count_or_missing(gap),
        unit: pen.text("word.persons"),
        of: pen.fill(
            "answer.of",
            &[("all", &pen.count_or_missing(persons)), ("share", &pen.share_or_missing(share))],
        ),
        percent: share.map(percent),
        households,
        kind: "gap",
    }
}

/// Who is left after the first scenario's grants.
fn after_card(result: &RunResult, scenario: &ScenarioResult, pen: &Pen) -> Card {
    let after = &scenario.allocation.outcome.after;
    let share = after.lacking_share();
    Card {
        label: pen.fill(
            "answer.after_grant",
            &[
                ("service", &scenarios::service_label(result, scenario, pen)),
                ("scenario", &scenarios::title(scenario, pen)),
            ],
        ),
        number: pen.unsigned(after.lacking_persons()),
        unit: pen.text("word.persons"),
        of: pen.fill(
            "answer.of",
            &[("all", &pen.unsigned(after.persons)), ("share", &pen.share_or_missing(share))],
        ),
        percent: share.map(percent),
        households: result.has_households.then(|| {
            pen.fill(
                "answer.households",
                &[
                    ("gap", &pen.unsigned(after.lacking_households())),
                    ("all", &pen.unsigned(after.households)),
                ],
            )
        }),
        kind: "after",
    }
}

/// A share as percent with two decimals, for the length of a bar.
fn percent(share: f64) -> f64 {
    (share * 10_000.0).round() / 100.0
}

fn dated(result: &RunResult, pen: &Pen) -> Vec<Dated> {
    result
        .inputs
        .iter()
        .map(|p| Dated { role: pen.role(&p.role, result), date: p.date.clone(), synthetic: p.synthetic })
        .collect()
}
