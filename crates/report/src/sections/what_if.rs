//! 4 What if: other budgets, stepped through as they were computed, and what targets and limits cost.

use super::{Pen, effects, scenarios};
use crate::format;
use serde::Serialize;
use whitespot_model::{
    funding::{Curve, CurvePoint, ScenarioResult},
    result::RunResult,
    wording,
};

/// Size of the drawing, in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 240.0;

/// Values of `what_if.html`.
#[derive(Serialize)]
pub(crate) struct WhatIf {
    curves: Vec<Drawn>,
    /// Whether the curves all build the same service, which one caption then names.
    is_one_service: bool,
    ticks: Vec<Tick>,
    money_ticks: Vec<MoneyTick>,
    effects: Option<effects::Effects>,
    script_data: String,
}

/// One scenario's outcomes over its budgets.
#[derive(Serialize)]
struct Drawn {
    title: String,
    service: String,
    path: String,
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

#[derive(Serialize)]
struct MoneyTick {
    x: f64,
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

/// The section; `None` where no scenario was tried over many budgets and nothing is known of targets and limits.
pub(crate) fn section(result: &RunResult, pen: &Pen) -> Option<WhatIf> {
    let with_curve: Vec<(&ScenarioResult, &Curve)> = result
        .scenarios
        .iter()
        .filter_map(|s| Some((s, s.curve.as_ref().filter(|c| c.points.len() > 1)?)))
        .collect();
    let effects = effects::of(result, pen);
    if with_curve.is_empty() && effects.is_none() {
        return None;
    }
    let scale = Scale::of(result, with_curve.iter().flat_map(|(_, c)| &c.points));
    let all: Vec<(Drawn, Vec<Row>)> =
        with_curve.into_iter().map(|(s, c)| drawn(result, s, c, &scale, pen)).collect();
    let (curves, rows): (Vec<Drawn>, Vec<Vec<Row>>) = all.into_iter().unzip();
    Some(WhatIf {
        is_one_service: curves.windows(2).all(|pair| pair[0].service == pair[1].service),
        ticks: (0..=scale.top / scale.step)
            .map(|k| Tick { y: scale.y(k * scale.step), text: pen.unsigned(k * scale.step) })
            .collect(),
        money_ticks: scale.money_ticks(pen),
        effects,
        script_data: crate::page::json_for_script(&rows),
        curves,
    })
}

/// One scale for all curves, so that they can be compared.
struct Scale {
    most_money: f64,
    step: u64,
    top: u64,
}

impl Scale {
    fn of<'a>(result: &RunResult, points: impl Iterator<Item = &'a CurvePoint>) -> Scale {
        let (money, n) =
            points.fold((1, 0), |(money, n), p| (p.budget_sek.max(money), reached(result, p).max(n)));
        let step = round_step(n);
        Scale { most_money: money as f64, step, top: n.div_ceil(step).max(1) * step }
    }

    /// Round sums along the axis.
    fn money_ticks(&self, pen: &Pen) -> Vec<MoneyTick> {
        let most = self.most_money as i64;
        let step = round_step(most.unsigned_abs()).max(1) as i64;
        (0..=most / step)
            .map(|k| MoneyTick { x: self.x(k * step), text: format::money(k * step, pen.lang) })
            .collect()
    }

    fn x(&self, sek: i64) -> f64 {
        (sek as f64 / self.most_money * WIDTH * 10.0).round() / 10.0
    }

    fn y(&self, n: u64) -> f64 {
        (HEIGHT * (1.0 - n as f64 / self.top as f64) * 10.0).round() / 10.0
    }
}

/// What is counted: households, where the source has them, else persons.
fn reached(result: &RunResult, point: &CurvePoint) -> u64 {
    if result.has_households { point.households } else { point.persons }
}

fn drawn(
    result: &RunResult,
    scenario: &ScenarioResult,
    curve: &Curve,
    scale: &Scale,
    pen: &Pen,
) -> (Drawn, Vec<Row>) {
    let rows: Vec<Row> = curve
        .points
        .iter()
        .map(|p| row(result, p, [scale.x(p.budget_sek), scale.y(reached(result, p))], pen))
        .collect();
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
        title: scenarios::title(scenario, pen),
        service: scenarios::service_label(result, scenario, pen),
        path: format!("M{path}"),
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

fn row(result: &RunResult, point: &CurvePoint, [x, y]: [f64; 2], pen: &Pen) -> Row {
    let share = |v: Option<f64>| v.map(|v| pen.share(v));
    let budget = format::money(point.budget_sek, pen.lang);
    let unit = if result.has_households { "word.households" } else { "word.persons" };
    let reached = reached(result, point);
    let n_funded = pen.count(i64::from(point.n_funded));
    let text = match &point.infeasible {
        Some(why) => {
            pen.fill("what_if.infeasible", &[("budget", &budget), ("why", &wording::in_lang(why, pen.lang))])
        }
        None => pen.fill(
            "what_if.sentence",
            &[
                ("budget", &budget),
                ("reached", &pen.unsigned(reached)),
                ("unit", &pen.text(unit)),
                ("areas", &pen.words.count("what_if.areas", u64::from(point.n_funded), &n_funded)),
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
        n_funded,
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
