//! `POST /api/block`: the state as blocks of the analysis file, to be copied into it.

use super::Question;
use crate::{error::Refused, run::ExploredRun};
use axum::{Json, extract::State};
use serde::Serialize;
use std::{fmt::Write as _, sync::Arc};
use whitespot_model::config::funding::{BudgetConfig, LimitBy, Sek, SekOrShare};

/// TOML for the analysis file.
#[derive(Debug, Serialize)]
pub(crate) struct Block {
    toml: String,
}

pub(crate) async fn block(
    State(run): State<Arc<ExploredRun>>,
    Json(question): Json<Question>,
) -> Result<Json<Block>, Refused> {
    Ok(Json(Block { toml: toml_of(&run, &question)? }))
}

fn toml_of(run: &ExploredRun, question: &Question) -> Result<String, Refused> {
    let mut text = String::new();
    if let (Some(weights), Some(table)) = (&question.weights, &run.table) {
        // Checks them, too.
        question.weights_of(run)?;
        let _ = writeln!(text, "# weights of [need]: set these on its indicators");
        for (indicator, weight) in table.indicators.iter().zip(weights) {
            let _ = writeln!(text, "#   {}: weight = {weight}", indicator.id.replace(['\n', '\r'], " "));
        }
    }
    if run.scenarios.is_empty() {
        return Ok(text);
    }
    let (index, scenario) = question.scenario(run)?;
    let base = &run.result.scenarios[index];
    let mut config = base.config.clone();
    config.name = format!("{}_explored", base.name);
    config.title = None;
    config.extends = Some(base.name.clone());
    // What is inherited need not stand here again.
    config.service = None;
    config.cost = None;
    config.aid = None;
    config.eligible = None;
    config.candidates = None;
    config.budget = Some(match scenario.years.as_slice() {
        [year] => BudgetConfig::Total(Sek(year.budget_sek)),
        years => BudgetConfig::ByYear(years.iter().map(|y| (y.name.clone(), Sek(y.budget_sek))).collect()),
    });
    config.rule = Some(scenario.rule);
    config.unaffordable = Some(scenario.unaffordable);
    if let Some(LimitBy::Each(SekOrShare::Sek(sek))) = &scenario.caps {
        config.caps = Some(LimitBy::Each(SekOrShare::Sek(*sek)));
    }
    if let Some(LimitBy::Each(SekOrShare::Sek(sek))) = &scenario.floors {
        config.floors = Some(LimitBy::Each(SekOrShare::Sek(*sek)));
    }
    if question.max_per_year.is_some() {
        config.max_candidates_per_year = scenario.max_per_year;
    }
    if !question.must_fund.is_empty() {
        config.must_fund = Some(scenario.must_fund.clone());
    }
    if !question.never_fund.is_empty() {
        config.never_fund = Some(scenario.never_fund.clone());
    }
    let block = toml::to_string(&config).map_err(|e| Refused::NoAnswer(e.to_string()))?;
    let _ = write!(text, "[[scenario]]\n{block}");
    Ok(text)
}
