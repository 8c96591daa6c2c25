//! 6 Method and limits: the formulae with one area's numbers, and what the data cannot tell.

use super::{Pen, service};
use crate::{columns, format};
use serde::Serialize;
use whitespot_model::{
    config::need::{Aggregate, Direction},
    need::{AreaScore, IndicatorUsed, Normalise, Ranking, ScorePart},
    result::RunResult,
};

/// Values of `method.html`.
#[derive(Serialize)]
pub(crate) struct Method {
    sentence: String,
    gap_example: Option<String>,
    services: Vec<ServiceRule>,
    score: Option<ScoreExample>,
    has_placeholders: bool,
    has_scenarios: bool,
}

#[derive(Serialize)]
struct ServiceRule {
    name: String,
    label: String,
    rule: String,
    target: Option<String>,
}

/// How the area that stands first came to its score.
#[derive(Serialize)]
struct ScoreExample {
    area: String,
    aggregate: String,
    parts: Vec<Part>,
    score: String,
    rank: u32,
    is_sum: bool,
}

#[derive(Serialize)]
struct Part {
    id: String,
    raw: String,
    direction: String,
    how: String,
    normalised: String,
    weight: String,
    contribution: String,
    /// 0–100 of the score, for the bar.
    percent: f64,
}

pub(crate) fn section(result: &RunResult, pen: &Pen) -> Method {
    let services = columns::published_services(result);
    Method {
        sentence: pen.text(if result.ranking.is_some() {
            "method.sentence_ranked"
        } else {
            "method.sentence"
        }),
        gap_example: gap_example(result, pen),
        services: services.iter().filter_map(|&name| service_rule(result, name, pen)).collect(),
        score: result.ranking.as_ref().and_then(|r| score_example(result, r, pen)),
        has_placeholders: result
            .scenarios
            .iter()
            .any(|s| s.candidates.rows.iter().any(|c| c.cost.placeholder)),
        has_scenarios: !result.scenarios.is_empty(),
    }
}

fn service_rule(result: &RunResult, name: &str, pen: &Pen) -> Option<ServiceRule> {
    let config = result.services.get(name)?;
    Some(ServiceRule {
        name: name.to_string(),
        label: service::label(result, name, pen),
        rule: service::rule(result, config, pen),
        target: config.target.map(|t| pen.share(t)),
    })
}

/// The gap share with the numbers of the area that stands first.
fn gap_example(result: &RunResult, pen: &Pen) -> Option<String> {
    let service = columns::shown_service(result)?;
    let first = result.ranking.as_ref().and_then(|r| r.order.first()).map_or(0, |&i| i as usize);
    if first >= columns::n_areas(result) {
        return None;
    }
    let areas = &result.areas;
    let gap = columns::int(areas, &format!("{service}_gap_persons"), first)?;
    let persons = columns::int(areas, "persons", first)?;
    let share = columns::number(areas, &format!("{service}_gap_share"), first)?;
    Some(pen.fill(
        "method.gap_example",
        &[
            ("area", columns::text(areas, "area_name", first)),
            ("service", &service::label(result, service, pen)),
            ("gap", &pen.count(gap)),
            ("persons", &pen.count(persons)),
            ("share", &pen.share(share)),
        ],
    ))
}

fn score_example(result: &RunResult, ranking: &Ranking, pen: &Pen) -> Option<ScoreExample> {
    let first = *ranking.order.first()? as usize;
    let area: &AreaScore = ranking.areas.get(first)?;
    let score = area.score?;
    let parts = ranking.indicators.iter().zip(&area.parts);
    Some(ScoreExample {
        area: columns::text(&result.areas, "area_name", first).to_string(),
        aggregate: pen.text(match ranking.aggregate {
            Aggregate::Arithmetic => "method.arithmetic",
            Aggregate::Geometric => "method.geometric",
            Aggregate::Points => "method.points",
        }),
        parts: parts.map(|(indicator, part)| example_part(result, indicator, part, score, pen)).collect(),
        score: format::real(score, 3, pen.lang),
        rank: area.rank?,
        is_sum: ranking.aggregate != Aggregate::Geometric,
    })
}

fn example_part(
    result: &RunResult,
    indicator: &IndicatorUsed,
    part: &ScorePart,
    score: f64,
    pen: &Pen,
) -> Part {
    let three = |v: f64| format::real(v, 3, pen.lang);
    Part {
        id: result.indicator_label(&indicator.id, pen.lang),
        raw: part.raw.map_or_else(|| pen.text("word.missing"), |v| raw(v, &indicator.unit, pen)),
        direction: pen.text(match indicator.direction {
            Direction::HigherIsMoreNeed => "method.more_is_need",
            Direction::LowerIsMoreNeed => "method.less_is_need",
        }),
        how: how(indicator, pen),
        normalised: part.normalised.map_or_else(|| pen.text("word.missing"), three),
        weight: pen.share(part.weight),
        contribution: three(part.contribution),
        percent: if score > 0.0 {
            (part.contribution / score * 1000.0).round().clamp(0.0, 1000.0) / 10.0
        } else {
            0.0
        },
    }
}

/// A raw value with its unit; shares as percent.
pub(crate) fn raw(value: f64, unit: &str, pen: &Pen) -> String {
    match unit {
        "share" => pen.share(value),
        "" => format::number(value, pen.lang),
        unit => format!("{}\u{a0}{}", format::number(value, pen.lang), unit_word(unit, pen)),
    }
}

/// Units of derived indicators in the language; others stand as the analysis file has them.
pub(crate) fn unit_word(unit: &str, pen: &Pen) -> String {
    match unit {
        "persons" => pen.text("word.persons"),
        "households" => pen.text("word.households"),
        "workplaces" => pen.text("word.workplaces"),
        "persons per km²" => pen.text("word.persons_per_km2"),
        "SEK per household" => pen.text("word.sek_per_household"),
        other => other.to_string(),
    }
}

/// How an indicator was made comparable, with its numbers.
fn how(indicator: &IndicatorUsed, pen: &Pen) -> String {
    let [low, high] = indicator.scale.unwrap_or_default().map(|v| raw(v, &indicator.unit, pen));
    let values: &[(&str, &str)] = &[("low", &low), ("high", &high)];
    match &indicator.normalise {
        Normalise::MinMax { bounds: None } => pen.fill("method.min_max", values),
        Normalise::MinMax { bounds: Some(_) } => pen.fill("method.min_max_frozen", values),
        Normalise::Percentile => pen.text("method.percentile"),
        Normalise::ZScore => pen.fill("method.z_score", values),
        Normalise::Linear { .. } => pen.fill("method.linear", values),
        Normalise::Bins { .. } => pen.text("method.bins"),
        Normalise::None => pen.text("method.as_it_stands"),
    }
}
