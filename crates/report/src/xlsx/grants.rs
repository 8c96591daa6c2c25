//! The sheets of scenarios: what each does, and who receives what.

use super::{Cell, MOST_ROWS, Sheet};
use crate::sections::{
    Pen,
    scenarios::{order, rule_phrase, title},
};
use rust_xlsxwriter::{Worksheet, XlsxError};
use whitespot_model::{
    funding::{Grant, ScenarioResult},
    result::RunResult,
};

/// One line a measure, "no grant" first, then one column a scenario.
pub(super) fn outcomes(sheet: &mut Worksheet, result: &RunResult, pen: &Pen) -> Result<(), XlsxError> {
    let mut head = vec![pen.text("scenarios.measure"), pen.text("scenarios.no_grant")];
    head.extend(result.scenarios.iter().map(|s| title(s, pen)));
    let mut widths = vec![40.0, 14.0];
    widths.resize(head.len(), 24.0);
    let mut written = Sheet::begin(
        sheet,
        &pen.text("xlsx.sheet_scenarios"),
        &pen.text("xlsx.scenarios_title"),
        &[pen.text("xlsx.money")],
    )?;
    written.head(&head, &widths, 0)?;
    let zero = Cell::count(Some(0));
    let mut add = |key: &str, without: Cell, with: &dyn Fn(&ScenarioResult) -> Cell| {
        let mut cells = vec![Cell::Text(pen.text(key)), without];
        cells.extend(result.scenarios.iter().map(with));
        written.line(&cells)
    };
    let before = &result.scenarios[0].allocation.outcome;
    add("xlsx.rule", Cell::Empty, &|s| Cell::Text(rule_phrase(s, pen)))?;
    add("scenarios.budget", zero.clone(), &|s| Cell::count(Some(s.allocation.budget_sek)))?;
    add("scenarios.spent", zero.clone(), &|s| Cell::count(Some(s.allocation.spent_sek)))?;
    add("scenarios.leftover", Cell::Empty, &|s| Cell::count(Some(s.allocation.leftover_sek)))?;
    add("scenarios.n_funded", zero.clone(), &|s| {
        Cell::count(Some(i64::from(s.allocation.outcome.n_funded)))
    })?;
    add("scenarios.persons", zero.clone(), &|s| Cell::count(whole(s.allocation.outcome.persons)))?;
    if result.has_households {
        add("scenarios.households", zero, &|s| Cell::count(whole(s.allocation.outcome.households)))?;
        add("scenarios.sek_per_household", Cell::Empty, &|s| {
            Cell::count(s.allocation.outcome.sek_per_household.map(|v| v.round() as i64))
        })?;
    }
    add("scenarios.covered", Cell::share(before.before.reached_share()), &|s| {
        Cell::share(s.allocation.outcome.after.reached_share())
    })?;
    let gini = |e: &Option<whitespot_model::funding::Equity>| Cell::real(e.as_ref().and_then(|e| e.gini));
    add("scenarios.gini", gini(&before.equity_before), &|s| gini(&s.allocation.outcome.equity_after))?;
    add("scenarios.neediest_fifth", Cell::Empty, &|s| Cell::share(s.allocation.outcome.neediest_fifth_share))
}

/// One row a scenario and candidate in the rule's order.
pub(super) fn grants(sheet: &mut Worksheet, result: &RunResult, pen: &Pen) -> Result<(), XlsxError> {
    let mut keys = vec![
        "xlsx.scenario",
        "scenarios.place",
        "xlsx.code",
        "scenarios.candidate",
        "scenarios.status",
        "xlsx.reason",
        "xlsx.gap_before",
        "xlsx.persons_funded",
    ];
    if result.has_households {
        keys.extend(["xlsx.households_before", "xlsx.households_funded"]);
    }
    keys.extend(["scenarios.cost", "scenarios.grant"]);
    let head: Vec<String> = keys.into_iter().map(|key| pen.text(key)).collect();
    let widths = [30.0, 8.0, 12.0, 26.0, 14.0, 30.0];
    let mut notes = vec![pen.text("xlsx.money")];
    notes.extend(super::ranking::withheld(result, pen));
    let n_rows: usize = result
        .scenarios
        .iter()
        .map(|s| s.allocation.grants.len() + usize::from(together(s, result).is_some()))
        .sum();
    let mut written =
        Sheet::begin(sheet, &pen.text("xlsx.sheet_grants"), &pen.text("xlsx.grants_title"), &notes)?;
    written.head(&head, &widths, n_rows.min(MOST_ROWS))?;
    let lines = result.scenarios.iter().flat_map(|s| {
        s.allocation.grants.iter().map(move |g| line(s, g, result, pen)).chain(together_line(s, result, pen))
    });
    for cells in lines.take(MOST_ROWS) {
        written.line(&cells)?;
    }
    Ok(())
}

fn line(scenario: &ScenarioResult, grant: &Grant, result: &RunResult, pen: &Pen) -> Vec<Cell> {
    let is_withheld = result.withheld.as_ref().is_some_and(|w| w.has(&scenario.name, &grant.code));
    let told = |cell: Cell| if is_withheld { Cell::Empty } else { cell };
    let mut cells = vec![
        Cell::Text(title(scenario, pen)),
        Cell::count(Some(i64::from(grant.order))),
        Cell::text(grant.code.clone()),
        Cell::text(grant.name.clone()),
        Cell::Text(pen.text(order::status(grant.status).1)),
        Cell::Text(pen.text(order::reason(grant.reason))),
        Cell::count(whole(grant.gap_persons)),
        told(Cell::count(whole(grant.persons))),
    ];
    if result.has_households {
        cells.push(told(Cell::count(whole(grant.gap_households))));
        cells.push(told(Cell::count(whole(grant.households))));
    }
    cells.push(told(Cell::count(Some(grant.cost_sek))));
    cells.push(told(Cell::count(Some(grant.grant_sek))));
    cells
}

fn together<'a>(
    scenario: &ScenarioResult,
    result: &'a RunResult,
) -> Option<&'a whitespot_model::suppress::Together> {
    result.withheld.as_ref()?.together.get(&scenario.name)
}

/// The withheld candidates as one line, so that the columns add up.
fn together_line(scenario: &ScenarioResult, result: &RunResult, pen: &Pen) -> Option<Vec<Cell>> {
    let sum = together(scenario, result)?;
    let label = pen.fill("scenarios.together", &[("n", &pen.unsigned(sum.n))]);
    let mut cells = vec![Cell::Text(title(scenario, pen)), Cell::Empty, Cell::Empty, Cell::Text(label)];
    cells.extend([Cell::Empty, Cell::Empty, Cell::Empty, Cell::count(whole(sum.persons))]);
    if result.has_households {
        cells.extend([Cell::count(whole(sum.gap_households)), Cell::count(whole(sum.households))]);
    }
    cells.extend([Cell::count(Some(sum.cost_sek)), Cell::count(Some(sum.grant_sek))]);
    Some(cells)
}

fn whole(value: u64) -> Option<i64> {
    i64::try_from(value).ok()
}
