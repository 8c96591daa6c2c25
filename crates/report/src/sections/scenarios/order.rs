//! Who is funded, in the rule's order, with the cut line.

use super::{Pen, title};
use crate::format;
use serde::Serialize;
use whitespot_model::{
    funding::{Grant, Reason, RuleName, ScenarioResult, Status},
    result::RunResult,
    wording,
};

/// Longer lists show so many of the first and so many on each side of the cut line; the file holds the rest.
const MOST_ROWS: usize = 300;
const ROWS_AT_CUT: usize = 20;

/// One scenario's order.
#[derive(Serialize)]
pub(crate) struct Order {
    title: String,
    file: String,
    cut: String,
    by: String,
    has_households: bool,
    rows: Vec<Row>,
    together: Option<Together>,
    n_left_out: Option<String>,
    ineligible: Vec<String>,
    n_ineligible: Option<String>,
}

/// The withheld candidates as one line.
#[derive(Serialize)]
struct Together {
    label: String,
    cost: String,
    grant: String,
    persons: String,
    households: String,
}

#[derive(Serialize)]
struct Row {
    order: u32,
    name: String,
    key: Option<String>,
    cost: String,
    grant: String,
    persons: String,
    households: String,
    status: &'static str,
    status_word: String,
    reason: String,
    /// Whether the cut line runs below this row.
    is_cut: bool,
    /// How many rows before this one are only in the file.
    skipped: Option<String>,
}

pub(crate) fn of(result: &RunResult, scenario: &ScenarioResult, pen: &Pen) -> Order {
    let allocation = &scenario.allocation;
    let cut = allocation.cut_line;
    let n_rows = allocation.grants.len();
    let at_cut = cut.map_or(0, |cut| cut as usize);
    let n_first = n_rows.min(MOST_ROWS);
    let around =
        at_cut.saturating_sub(ROWS_AT_CUT).max(n_first)..n_rows.min(at_cut + ROWS_AT_CUT).max(n_first);
    let n_shown = n_first + around.len();
    let name_of = |code: &str| {
        let found = scenario.candidates.rows.iter().find(|c| c.code == code);
        found.map_or_else(|| code.to_string(), |c| c.name.clone())
    };
    let names: Vec<String> = allocation
        .ineligible
        .iter()
        .take(ROWS_AT_CUT)
        .map(|i| format!("{} ({})", name_of(&i.code), wording::in_lang(&i.reason, pen.lang)))
        .collect();
    Order {
        title: title(scenario, pen),
        file: format!("scenarios/{}.csv", scenario.name),
        cut: cut_sentence(scenario, &name_of, pen),
        by: by(scenario, pen),
        has_households: result.has_households,
        rows: (0..n_first)
            .chain(around.clone())
            .map(|i| {
                let grant = &allocation.grants[i];
                let is_withheld =
                    result.withheld.as_ref().is_some_and(|w| w.has(&scenario.name, &grant.code));
                let skipped = (i == around.start && i > n_first).then(|| pen.count((i - n_first) as i64));
                Row { skipped, ..row(grant, scenario, is_withheld, pen) }
            })
            .collect(),
        together: together(result, scenario, pen),
        n_left_out: (n_shown < n_rows).then(|| pen.count((n_rows - n_shown) as i64)),
        n_ineligible: (!names.is_empty()).then(|| pen.count(allocation.ineligible.len() as i64)),
        ineligible: names,
    }
}

fn cut_sentence(scenario: &ScenarioResult, name_of: &dyn Fn(&str) -> String, pen: &Pen) -> String {
    let allocation = &scenario.allocation;
    let last = allocation.cut_line.and_then(|cut| allocation.grants.iter().find(|g| g.order == cut));
    match (last, &allocation.first_rejected) {
        (None, _) => pen.text("scenarios.cut_nobody"),
        (Some(_), None) => pen.text("scenarios.cut_everybody"),
        (Some(last), Some(rejected)) => {
            pen.fill("scenarios.cut", &[("last", &name_of(&last.code)), ("rejected", &name_of(rejected))])
        }
    }
}

/// What the order is by.
fn by(scenario: &ScenarioResult, pen: &Pen) -> String {
    match scenario.allocation.rule {
        RuleName::Need => pen.text("scenarios.by_need"),
        RuleName::CostEffectiveness => pen.text("scenarios.by_cost"),
        RuleName::NeedPerCost => pen.text("scenarios.by_need_per_cost"),
        _ => pen.text("scenarios.by_other"),
    }
}

fn row(grant: &Grant, scenario: &ScenarioResult, is_withheld: bool, pen: &Pen) -> Row {
    let (status, word) = status(grant.status);
    // What is withheld is said to be, never shown as 0.
    let told = |text: String| if is_withheld { pen.text("scenarios.withheld") } else { text };
    Row {
        order: grant.order,
        name: if grant.name.is_empty() { grant.code.clone() } else { grant.name.clone() },
        key: grant.key.map(|k| format::number(k, pen.lang)),
        cost: told(pen.count(grant.cost_sek)),
        grant: told(pen.count(grant.grant_sek)),
        persons: told(pen.fill(
            "scenarios.x_of_y",
            &[("x", &pen.unsigned(grant.persons)), ("y", &pen.unsigned(grant.gap_persons))],
        )),
        households: told(pen.fill(
            "scenarios.x_of_y",
            &[("x", &pen.unsigned(grant.households)), ("y", &pen.unsigned(grant.gap_households))],
        )),
        status,
        status_word: pen.text(word),
        reason: pen.text(reason(grant.reason)),
        is_cut: scenario.allocation.cut_line == Some(grant.order)
            && scenario.allocation.first_rejected.is_some(),
        skipped: None,
    }
}

/// Sign and word of a status.
pub(crate) fn status(status: Status) -> (&'static str, &'static str) {
    match status {
        Status::Funded => ("f", "scenarios.funded"),
        Status::Partial => ("h", "scenarios.part"),
        Status::Rejected => ("r", "scenarios.rejected"),
    }
}

/// The withheld candidates as one, so that the columns add up.
fn together(result: &RunResult, scenario: &ScenarioResult, pen: &Pen) -> Option<Together> {
    let sum = result.withheld.as_ref()?.together.get(&scenario.name)?;
    Some(Together {
        label: pen.fill("scenarios.together", &[("n", &pen.unsigned(sum.n))]),
        cost: pen.count(sum.cost_sek),
        grant: pen.count(sum.grant_sek),
        persons: pen.unsigned(sum.persons),
        households: pen.fill(
            "scenarios.x_of_y",
            &[("x", &pen.unsigned(sum.households)), ("y", &pen.unsigned(sum.gap_households))],
        ),
    })
}

pub(crate) fn reason(reason: Reason) -> &'static str {
    match reason {
        Reason::Order => "reason.order",
        Reason::MustFund => "reason.must_fund",
        Reason::Floor => "reason.floor",
        Reason::Share => "reason.share",
        Reason::Chosen => "reason.chosen",
        Reason::Bid => "reason.bid",
        Reason::NeverFund => "reason.never_fund",
        Reason::Money => "reason.money",
        Reason::Cap => "reason.cap",
        Reason::YearFull => "reason.year_full",
        Reason::NotChosen => "reason.not_chosen",
        Reason::NoBid => "reason.no_bid",
        Reason::NoShare => "reason.no_share",
        Reason::NoPlace => "reason.no_place",
    }
}
