//! The outcome table: one line a measure, "no grant" first, then one column a scenario.

use super::{Pen, title};
use crate::format;
use serde::Serialize;
use whitespot_model::{
    funding::{Equity, ScenarioResult, Status},
    result::RunResult,
};

/// One measure in all scenarios.
#[derive(Serialize)]
pub(crate) struct Line {
    label: String,
    note: Option<String>,
    /// "No grant" first; `None` where the measure has no value.
    cells: Vec<Option<String>>,
}

/// Coverage of each parent area without a grant and in each scenario.
#[derive(Serialize)]
pub(crate) struct ByParent {
    scenarios: Vec<String>,
    rows: Vec<ParentRow>,
}

#[derive(Serialize)]
struct ParentRow {
    name: String,
    before: Option<String>,
    before_percent: Option<f64>,
    after: Vec<After>,
}

#[derive(Serialize)]
struct After {
    share: Option<String>,
    percent: Option<f64>,
    money: String,
}

/// The measures that any scenario has a value for.
pub(crate) fn lines(result: &RunResult, pen: &Pen) -> Vec<Line> {
    let Some(first) = result.scenarios.first() else { return Vec::new() };
    let before = &first.allocation.outcome;
    let money = |sek: i64| Some(format::money(sek, pen.lang));
    let share = |v: Option<f64>| v.map(|v| pen.share(v));
    let three = |v: Option<f64>| v.map(|v| format::real(v, 3, pen.lang));
    let worst = |e: &Option<Equity>| e.as_ref().map(|e| e.worst_share);
    let gini = |e: &Option<Equity>| e.as_ref().and_then(|e| e.gini);
    let zero = || Some(pen.count(0));

    let mut lines: Vec<Line> = Vec::new();
    let mut add =
        |label: &str, no_grant: Option<String>, with: &dyn Fn(&ScenarioResult) -> Option<String>| {
            let cells: Vec<_> = std::iter::once(no_grant).chain(result.scenarios.iter().map(with)).collect();
            if cells[1..].iter().any(Option::is_some) {
                lines.push(Line { label: pen.text(label), note: note(label, pen), cells });
            }
        };
    add("scenarios.budget", zero(), &|s| money(s.allocation.budget_sek));
    add("scenarios.spent", zero(), &|s| money(s.allocation.spent_sek));
    add("scenarios.leftover", None, &|s| money(s.allocation.leftover_sek));
    add("scenarios.n_funded", zero(), &|s| Some(n_funded(s, pen)));
    if result.has_households {
        add("scenarios.households", zero(), &|s| Some(pen.unsigned(s.allocation.outcome.households)));
    }
    add("scenarios.persons", zero(), &|s| Some(pen.unsigned(s.allocation.outcome.persons)));
    add("scenarios.sek_per_household", None, &|s| {
        s.allocation.outcome.sek_per_household.and_then(|sek| money(sek.round() as i64))
    });
    add("scenarios.covered", share(before.before.reached_share()), &|s| {
        share(s.allocation.outcome.after.reached_share())
    });
    // With one part there is nothing to be equal to.
    if before.parents.len() > 1 {
        add("scenarios.worst", share(worst(&before.equity_before)), &|s| {
            share(worst(&s.allocation.outcome.equity_after))
        });
        add("scenarios.gini", three(gini(&before.equity_before)), &|s| {
            three(gini(&s.allocation.outcome.equity_after))
        });
    }
    add("scenarios.neediest_fifth", None, &|s| share(s.allocation.outcome.neediest_fifth_share));
    let shortfall_before = before.target.as_ref().map(|t| pen.unsigned(t.shortfall_before));
    add("scenarios.shortfall", shortfall_before, &|s| {
        s.allocation.outcome.target.as_ref().map(|t| pen.unsigned(t.shortfall_after))
    });
    if let (Some(line), Some(target)) = (lines.last_mut(), &before.target) {
        let key =
            if target.of_households { "scenarios.target_households" } else { "scenarios.target_persons" };
        line.note = Some(pen.fill(key, &[("share", &pen.share(target.target_share))]));
    }
    lines
}

/// What a measure means, where its name alone does not tell.
fn note(label: &str, pen: &Pen) -> Option<String> {
    let key = match label {
        "scenarios.worst" => "scenarios.worst_note",
        "scenarios.gini" => "scenarios.gini_note",
        "scenarios.neediest_fifth" => "scenarios.neediest_fifth_note",
        _ => return None,
    };
    Some(pen.text(key))
}

/// How many candidates are funded wholly and in part.
fn n_funded(scenario: &ScenarioResult, pen: &Pen) -> String {
    let n = |status| scenario.allocation.grants.iter().filter(|g| g.status == status).count() as i64;
    match (n(Status::Funded), n(Status::Partial)) {
        (whole, 0) => pen.count(whole),
        (whole, part) => {
            pen.fill("scenarios.whole_and_part", &[("whole", &pen.count(whole)), ("part", &pen.count(part))])
        }
    }
}

/// `None` where there are not several parent areas.
pub(crate) fn by_parent(result: &RunResult, pen: &Pen) -> Option<ByParent> {
    let first = result.scenarios.first()?;
    let mut parents: Vec<_> = first.allocation.outcome.parents.iter().collect();
    if parents.len() < 2 {
        return None;
    }
    parents.sort_by(|a, b| format::compare_names(&a.name, &b.name, pen.lang));
    let percent = |v: Option<f64>| v.map(|v| (v * 1000.0).round() / 10.0);
    let rows = parents
        .into_iter()
        .map(|parent| ParentRow {
            name: parent.name.clone(),
            before: parent.before_share.map(|v| pen.share(v)),
            before_percent: percent(parent.before_share),
            after: result
                .scenarios
                .iter()
                .map(|s| {
                    let found = s.allocation.outcome.parents.iter().find(|p| p.code == parent.code);
                    let after = found.and_then(|p| p.after_share);
                    After {
                        share: after.map(|v| pen.share(v)),
                        percent: percent(after),
                        money: format::money(found.map_or(0, |p| p.spent_sek), pen.lang),
                    }
                })
                .collect(),
        })
        .collect();
    Some(ByParent { scenarios: result.scenarios.iter().map(|s| title(s, pen)).collect(), rows })
}
