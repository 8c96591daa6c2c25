//! 4 What if: other budgets, stepped through as they were computed.

use super::{Pen, scenarios};
use crate::format;
use serde::Serialize;
use whitespot_model::{
    funding::{Curve, CurvePoint, ScenarioResult},
    result::RunResult,
};

/// Size of the drawing, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;

/// Values of `what_if.html`.
#[derive(Serialize)]
pub(crate) struct WhatIf {
    curves: Vec<Drawn>,
    script_data: String,
}

/// One scenario's outcomes over its budgets.
#[derive(Serialize)]
struct Drawn {
    title: String,
    service: String,
    path: String,
    ticks: Vec<Tick>,
    last: usize,
    published: usize,
    is_monotone: bool,
    /// Every tenth point, for readers without a script.
    rows: Vec<Row>,
    first_row: Row,
}

#[derive(Serialize)]
struct Tick {
    y: f64,
    text: String,
}

/// One budget.
#[derive(Clone, Serialize)]
struct Row {
    budget: String,
    /// Where it is in the drawing.
    x: f64,
    y: f64,
    text: String,
    reached: String,
    n_funded: String,
    after: Option<String>,
    worst: Option<String>,
    gini: Option<String>,
}

/// The section; `None` where no scenario was tried over many budgets.
pub(crate) fn section(result: &RunResult, pen: &Pen) -> Option<WhatIf> {
    let with_curve = result.scenarios.iter().filter_map(|s| Some((s, s.curve.as_ref()?)));
    let all: Vec<(Drawn, Vec<Row>)> =
        with_curve.filter(|(_, c)| c.points.len() > 1).map(|(s, c)| drawn(result, s, c, pen)).collect();
    if all.is_empty() {
        return None;
    }
    let (curves, rows): (Vec<Drawn>, Vec<Vec<Row>>) = all.into_iter().unzip();
    Some(WhatIf { script_data: crate::page::json_for_script(&rows), curves })
}

fn drawn(result: &RunResult, scenario: &ScenarioResult, curve: &Curve, pen: &Pen) -> (Drawn, Vec<Row>) {
    let reached = |p: &CurvePoint| if result.has_households { p.households } else { p.persons };
    let most_money = curve.points.iter().map(|p| p.budget_sek).max().unwrap_or(0).max(1) as f64;
    let most_reached = curve.points.iter().map(reached).max().unwrap_or(0);
    let step = round_step(most_reached);
    let top = (most_reached.div_ceil(step).max(1) * step) as f64;
    let place = |v: f64, most: f64, length: f64| (v / most * length * 10.0).round() / 10.0;
    let x = |p: &CurvePoint| place(p.budget_sek as f64, most_money, WIDTH);
    let y = |n: f64| ((HEIGHT - place(n, top, HEIGHT)) * 10.0).round() / 10.0;
    let rows: Vec<Row> =
        curve.points.iter().map(|p| row(result, p, x(p), y(reached(p) as f64), pen)).collect();
    let path = curve
        .points
        .iter()
        .zip(&rows)
        .filter(|(p, _)| p.infeasible.is_none())
        .map(|(_, r)| format!("{} {}", r.x, r.y))
        .collect::<Vec<_>>()
        .join("L");
    let budget = scenario.allocation.budget_sek;
    let published = (0..rows.len()).min_by_key(|&i| curve.points[i].budget_sek.abs_diff(budget)).unwrap_or(0);
    let tenth = (rows.len() - 1).div_ceil(10).max(1);
    let drawn = Drawn {
        title: scenarios::title(scenario),
        service: scenarios::service_label(result, scenario, pen),
        path: format!("M{path}"),
        ticks: (0..=(top as u64 / step))
            .map(|k| Tick { y: y((k * step) as f64), text: pen.unsigned(k * step) })
            .collect(),
        last: rows.len() - 1,
        published,
        is_monotone: curve.is_monotone,
        rows: rows.iter().step_by(tenth).cloned().collect(),
        first_row: rows[published].clone(),
    };
    (drawn, rows)
}

/// A step of 1, 2 or 5 times a power of ten that gives at most five ticks.
fn round_step(most: u64) -> u64 {
    let mut power = 1_u64;
    loop {
        for factor in [1, 2, 5] {
            if most.div_ceil(power) <= factor * 5 {
                return factor * power;
            }
        }
        power = power.saturating_mul(10);
    }
}

fn row(result: &RunResult, point: &CurvePoint, x: f64, y: f64, pen: &Pen) -> Row {
    let share = |v: Option<f64>| v.map(|v| pen.share(v));
    let budget = format::money(point.budget_sek, pen.lang);
    let (reached, unit) = if result.has_households {
        (point.households, "word.households")
    } else {
        (point.persons, "word.persons")
    };
    let text = match &point.infeasible {
        Some(why) => pen.fill("what_if.infeasible", &[("budget", &budget), ("why", why)]),
        None => pen.fill(
            "what_if.sentence",
            &[
                ("budget", &budget),
                ("reached", &pen.unsigned(reached)),
                ("unit", &pen.text(unit)),
                ("n", &pen.count(i64::from(point.n_funded))),
                ("after", &pen.share_or_missing(point.after_share)),
            ],
        ),
    };
    Row {
        budget,
        x,
        y,
        text,
        reached: pen.unsigned(reached),
        n_funded: pen.count(i64::from(point.n_funded)),
        after: share(point.after_share),
        worst: share(point.worst_share),
        gini: point.gini.map(|g| format::real(g, 3, pen.lang)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_of_an_axis_are_round_and_few() {
        for (most, step) in [(0, 1), (5, 1), (6, 2), (48, 10), (51, 20), (9_870, 2_000), (26_000, 10_000)] {
            assert_eq!(round_step(most), step, "{most}");
        }
    }
}
