//! 5 How sure: what the ranking and the funding owe to assumptions, in words about the decision.

use super::{Pen, scenarios};
use crate::{columns, format};
use serde::Serialize;
use std::collections::BTreeMap;
use whitespot_model::{
    config::need::WeightVariation,
    need::{AreaRobustness, Consultation, Firmness, FundingFrequency, RankRobustness, SobolOutcome},
    result::RunResult,
};

/// Longer rankings show their first areas; the file holds the rest.
const MOST_ROWS: usize = 300;

/// Values of `certainty.html`.
#[derive(Serialize)]
pub(crate) struct Certainty {
    sentence: String,
    what_varied: String,
    scenario: Option<String>,
    n_ranks: usize,
    rows: Vec<Row>,
    n_left_out: Option<String>,
    decides: Vec<Decides>,
    actors: Option<Actors>,
}

/// One area: its rank, the range of ranks over the draws, and how often it is funded.
#[derive(Serialize)]
struct Row {
    name: String,
    rank: u32,
    range: String,
    /// Places on an axis from first to last rank, 0–100.
    from_percent: f64,
    to_percent: f64,
    rank_percent: f64,
    frequency: Option<String>,
    word: Option<String>,
    firmness: &'static str,
}

/// How much of an outcome's spread one assumption explains.
#[derive(Serialize)]
struct Decides {
    outcome: String,
    factors: Vec<Factor>,
}

#[derive(Serialize)]
struct Factor {
    name: String,
    first: Option<String>,
    total: Option<String>,
    percent: f64,
}

/// Several weightings side by side.
#[derive(Serialize)]
struct Actors {
    sentence: String,
    names: Vec<String>,
    rows: Vec<ActorRow>,
    spans: Vec<String>,
    first_for_all: String,
}

#[derive(Serialize)]
struct ActorRow {
    area: String,
    ranks: Vec<u32>,
    compromise: usize,
}

/// The section; `None` where neither robustness nor consultation was asked for.
pub(crate) fn section(result: &RunResult, pen: &Pen) -> Option<Certainty> {
    if result.robustness.is_none() && result.consultation.is_none() {
        return None;
    }
    let names = Names::of(result);
    let actors = result.consultation.as_ref().map(|c| actors(c, &names, pen));
    let Some(robustness) = &result.robustness else {
        return Some(Certainty {
            sentence: actors.as_ref().map_or_else(String::new, |a| a.sentence.clone()),
            what_varied: String::new(),
            scenario: None,
            n_ranks: 0,
            rows: Vec::new(),
            n_left_out: None,
            decides: Vec::new(),
            actors,
        });
    };
    let funding = robustness.funding.first();
    let frequency: BTreeMap<&str, &FundingFrequency> =
        funding.iter().flat_map(|f| &f.areas).map(|a| (a.code.as_str(), a)).collect();
    let n_ranks = robustness.areas.len();
    let rows = robustness.areas.iter().take(MOST_ROWS);
    Some(Certainty {
        sentence: sentence(robustness, result, pen),
        what_varied: what_varied(robustness, result, pen),
        scenario: funding.map(|f| scenario_title(result, &f.scenario, pen)),
        n_ranks,
        rows: rows.map(|a| row(a, frequency.get(a.code.as_str()).copied(), n_ranks, &names, pen)).collect(),
        n_left_out: (n_ranks > MOST_ROWS).then(|| pen.count((n_ranks - MOST_ROWS) as i64)),
        decides: robustness.sobol.iter().filter_map(|s| decides(s, result, pen)).collect(),
        actors,
    })
}

/// Names of the areas by code.
struct Names<'a> {
    by_code: BTreeMap<&'a str, &'a str>,
}

impl<'a> Names<'a> {
    fn of(result: &'a RunResult) -> Names<'a> {
        let rows = 0..columns::n_areas(result);
        let pair =
            |i| (columns::text(&result.areas, "area_code", i), columns::text(&result.areas, "area_name", i));
        Names { by_code: rows.map(pair).collect() }
    }

    fn get(&self, code: &str) -> String {
        let name = self.by_code.get(code).filter(|name| !name.is_empty());
        name.map_or_else(|| code.to_string(), |name| (*name).to_string())
    }
}

fn scenario_title(result: &RunResult, name: &str, pen: &Pen) -> String {
    let found = result.scenarios.iter().find(|s| s.name == name);
    found.map_or_else(|| name.replace('_', " "), |s| scenarios::title(s, pen))
}

/// About the decision where there is one, else about the ranks.
fn sentence(robustness: &RankRobustness, result: &RunResult, pen: &Pen) -> String {
    match robustness.funding.first() {
        Some(funding) if funding.n_funded > 0 => pen.fill(
            "certainty.sentence_funding",
            &[
                ("firm", &pen.count(i64::from(funding.n_firm))),
                ("funded", &pen.count(i64::from(funding.n_funded))),
                ("scenario", &scenario_title(result, &funding.scenario, pen)),
            ],
        ),
        _ => pen.fill(
            "certainty.sentence_ranks",
            &[("shift", &format::real(robustness.mean_rank_shift, 1, pen.lang))],
        ),
    }
}

fn what_varied(robustness: &RankRobustness, result: &RunResult, pen: &Pen) -> String {
    let weights = match robustness.weights {
        WeightVariation::Dirichlet(concentration) => {
            pen.fill("certainty.dirichlet", &[("n", &format::number(concentration, pen.lang))])
        }
        WeightVariation::Spread(spread) => pen.fill("certainty.spread", &[("share", &pen.share(spread))]),
    };
    let mut varied = vec![weights];
    varied.extend(robustness.axes.iter().map(|axis| factor_name(&axis.name, result, pen)));
    pen.fill(
        "certainty.varied",
        &[
            ("draws", &pen.count(i64::from(robustness.draws))),
            ("what", &pen.list(&varied)),
            ("seed", &robustness.seed.to_string()),
        ],
    )
}

fn row(
    area: &AreaRobustness,
    frequency: Option<&FundingFrequency>,
    n_ranks: usize,
    names: &Names,
    pen: &Pen,
) -> Row {
    let last = n_ranks.saturating_sub(1).max(1) as f64;
    let place = |rank: u32| ((f64::from(rank.saturating_sub(1)) / last * 1000.0).round() / 10.0).min(100.0);
    let (word, firmness) = match frequency.map(|f| f.firmness) {
        Some(Firmness::Firm) => (Some(pen.text("certainty.firm")), "firm"),
        Some(Firmness::Sensitive) => (Some(pen.text("certainty.sensitive")), "sensitive"),
        Some(Firmness::NotFunded) => (Some(pen.text("certainty.not_funded")), "unfunded"),
        None => (None, "firm"),
    };
    Row {
        name: names.get(&area.code),
        rank: area.rank,
        range: if area.rank_p05 == area.rank_p95 {
            area.rank_p05.to_string()
        } else {
            format!("{}–{}", area.rank_p05, area.rank_p95)
        },
        from_percent: place(area.rank_p05),
        to_percent: place(area.rank_p95),
        rank_percent: place(area.rank),
        frequency: frequency.map(|f| pen.share(f.frequency)),
        word,
        firmness,
    }
}

/// `None` where no assumption changes the outcome.
fn decides(sobol: &SobolOutcome, result: &RunResult, pen: &Pen) -> Option<Decides> {
    let outcome = match sobol.outcome.strip_prefix("funding ") {
        Some(name) => {
            pen.fill("certainty.decides_funding", &[("scenario", &scenario_title(result, name, pen))])
        }
        None => pen.text("certainty.decides_ranks"),
    };
    let mut factors: Vec<_> = sobol.factors.iter().filter(|f| f.total.is_some()).collect();
    factors.sort_by(|a, b| b.total.unwrap_or(0.0).total_cmp(&a.total.unwrap_or(0.0)));
    let share = |v: Option<f64>| v.map(|v| pen.share(v.clamp(0.0, 1.0)));
    (!factors.is_empty()).then(|| Decides {
        outcome,
        factors: factors
            .into_iter()
            .map(|f| Factor {
                name: factor_name(&f.factor, result, pen),
                first: share(f.first),
                total: share(f.total),
                percent: (f.total.unwrap_or(0.0).clamp(0.0, 1.0) * 1000.0).round() / 10.0,
            })
            .collect(),
    })
}

fn factor_name(factor: &str, result: &RunResult, pen: &Pen) -> String {
    if let Some(indicator) = factor.strip_prefix("weight ") {
        return pen
            .fill("certainty.weight_of", &[("indicator", &result.indicator_label(indicator, pen.lang))]);
    }
    match factor {
        "all weights" => pen.text("certainty.all_weights"),
        "normalise" => pen.text("certainty.normalise"),
        "aggregate" => pen.text("certainty.aggregate"),
        "thresholds" => pen.text("certainty.thresholds"),
        "reach_m" => pen.text("certainty.reach"),
        "mobile_margin" => pen.text("certainty.margin"),
        "unit_costs" => pen.text("certainty.unit_costs"),
        other => other.replace('_', " "),
    }
}

fn actors(consultation: &Consultation, names: &Names, pen: &Pen) -> Actors {
    let place: BTreeMap<&str, usize> =
        consultation.kemeny.order.iter().enumerate().map(|(i, c)| (c.as_str(), i + 1)).collect();
    let mut rows: Vec<ActorRow> = consultation
        .codes
        .iter()
        .enumerate()
        .map(|(i, code)| ActorRow {
            area: names.get(code),
            ranks: consultation.actors.iter().filter_map(|a| a.ranks.get(i).copied()).collect(),
            compromise: place.get(code.as_str()).copied().unwrap_or(0),
        })
        .collect();
    rows.sort_by_key(|r| r.compromise);
    rows.truncate(MOST_ROWS);
    let listed = |codes: &[String]| pen.list(&codes.iter().map(|c| names.get(c)).collect::<Vec<_>>());
    let n_actors = pen.count(consultation.actors.len() as i64);
    let sentence = match consultation.kendall_w {
        Some(w) => {
            pen.fill("certainty.actors_sentence", &[("n", &n_actors), ("w", &format::real(w, 2, pen.lang))])
        }
        None => pen.fill("certainty.actors_few", &[("n", &n_actors)]),
    };
    Actors {
        sentence,
        names: consultation.actors.iter().map(|a| a.name.clone()).collect(),
        rows,
        spans: consultation
            .widest
            .iter()
            .filter(|s| s.best_rank != s.worst_rank)
            .take(5)
            .map(|s| {
                pen.fill(
                    "certainty.span",
                    &[
                        ("area", &names.get(&s.code)),
                        ("best", &s.best_rank.to_string()),
                        ("best_by", &s.best_by),
                        ("worst", &s.worst_rank.to_string()),
                        ("worst_by", &s.worst_by),
                    ],
                )
            })
            .collect(),
        first_for_all: if consultation.first_for_all.is_empty() {
            pen.fill("certainty.first_for_none", &[("n", &pen.count(i64::from(consultation.n_first)))])
        } else {
            pen.fill(
                "certainty.first_for_all",
                &[
                    ("n", &pen.count(i64::from(consultation.n_first))),
                    ("areas", &listed(&consultation.first_for_all)),
                ],
            )
        },
    }
}
