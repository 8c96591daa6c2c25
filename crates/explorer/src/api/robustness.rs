//! `POST /api/robustness`: how sure ranks and funding are with what is set. Slow, so asked when a slider is let go.

use super::{Question, reckon};
use crate::{error::Refused, run::ExploredRun};
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;
use whitespot_funding::Redraw;
use whitespot_model::{config::need::Robustness, need::Firmness};
use whitespot_need::{Alternatives, DrawnRanking, FundingRule};

/// Draws while exploring: fewer than a published run has, so that an answer takes a moment; the page says how many.
const DRAWS: u32 = 1_000;
/// What draws × areas may be at most, so that a region of thousands of areas is answered too.
const MOST_WORK: u32 = 4_000_000;

/// Ranges of ranks and how often each area is funded, in the order of the areas.
#[derive(Debug, Serialize)]
pub(crate) struct HowSure {
    draws: u32,
    rank_p05: Vec<Option<u32>>,
    rank_p95: Vec<Option<u32>>,
    funded: Vec<Option<f64>>,
    firmness: Vec<Option<Firmness>>,
    n_funded: u32,
    n_firm: u32,
}

pub(crate) async fn robustness(
    State(run): State<Arc<ExploredRun>>,
    Json(question): Json<Question>,
) -> Result<Json<HowSure>, Refused> {
    reckon(move || how_sure(&run, &question).map(Json)).await
}

fn how_sure(run: &ExploredRun, question: &Question) -> Result<HowSure, Refused> {
    let table = run.table.as_ref().ok_or(Refused::Missing)?;
    let weights = question.weights_of(run)?;
    let n = table.n_areas();
    let published = run.result.robustness.as_ref();
    let config = Robustness {
        draws: DRAWS.min(MOST_WORK / (n as u32).max(1)).max(50),
        weights: published.map(|r| r.weights).unwrap_or_default(),
        seed: published.map_or(1, |r| r.seed),
        sobol_rows: 0,
        ..Robustness::default()
    };
    let no_answer = |e: &dyn std::fmt::Display| Refused::NoAnswer(e.to_string());
    let set = match run.scenarios.is_empty() {
        true => None,
        false => Some(question.scenario(run)?),
    };
    let fielded = set.map(|(index, scenario)| (index, question.candidates(run, index, None), scenario));
    let redraw = fielded
        .as_ref()
        .map(|(_, candidates, scenario)| Redraw::new(candidates, scenario))
        .transpose()
        .map_err(|e| no_answer(&e))?;
    let fund = |drawn: &DrawnRanking<'_>| -> Vec<u32> {
        let (Some((index, candidates, _)), Some(redraw)) = (&fielded, &redraw) else { return Vec::new() };
        let area_of = &run.scenarios[*index].area_of;
        let scores: Vec<Option<f64>> = area_of
            .iter()
            .zip(&candidates.rows)
            .map(|(area, row)| match area {
                Some(area) => Some(drawn.scores[*area as usize]).filter(|s| !s.is_nan()),
                None => row.score,
            })
            .collect();
        redraw.funded(&scores).into_iter().filter_map(|c| area_of[c as usize]).collect()
    };
    let rules = [FundingRule { scenario: "explored", fund: &fund }];
    let rules: &[FundingRule<'_>] = if redraw.is_some() { &rules } else { &[] };
    let none = Alternatives::default();
    let sure = whitespot_need::robustness(table, &weights, run.aggregation, &config, &none, rules)
        .map_err(|e| no_answer(&e))?;
    let mut out = HowSure {
        draws: sure.draws,
        rank_p05: vec![None; n],
        rank_p95: vec![None; n],
        funded: vec![None; n],
        firmness: vec![None; n],
        n_funded: sure.funding.first().map_or(0, |f| f.n_funded),
        n_firm: sure.funding.first().map_or(0, |f| f.n_firm),
    };
    // Both lists are in the order of the ranking; areas without a rank are in neither.
    let ranking = whitespot_need::score(table, &weights, run.aggregation).map_err(|e| no_answer(&e))?;
    for (area, &i) in sure.areas.iter().zip(&ranking.order) {
        out.rank_p05[i as usize] = Some(area.rank_p05);
        out.rank_p95[i as usize] = Some(area.rank_p95);
    }
    for (area, &i) in sure.funding.iter().flat_map(|f| &f.areas).zip(&ranking.order) {
        out.funded[i as usize] = Some(area.frequency);
        out.firmness[i as usize] = Some(area.firmness);
    }
    Ok(out)
}
