//! `POST /api/allocate`: who gets what with another budget, rule, limit or weighting.

use super::{Question, reckon};
use crate::{error::Refused, run::ExploredRun};
use axum::{Json, extract::State};
use serde::Serialize;
use std::{collections::BTreeMap, sync::Arc};
use whitespot_model::funding::{
    Allocation, LimitEffect, Marginal, Outcome, Proof, Reason, RuleName, Status, YearMoney,
};

/// An allocation, column by column in the order of the scenario's candidates.
#[derive(Debug, Serialize)]
pub(crate) struct Allocated {
    scenario: String,
    rule: RuleName,
    budget_sek: i64,
    spent_sek: i64,
    leftover_sek: i64,
    years: Vec<YearMoney>,
    /// Place in the rule's order, from 1; none for those that may not be funded.
    order: Vec<Option<u32>>,
    grant_sek: Vec<i64>,
    asked_sek: Vec<i64>,
    persons: Vec<u64>,
    households: Vec<u64>,
    status: Vec<Option<Status>>,
    reason: Vec<Option<Reason>>,
    cut_line: Option<u32>,
    /// Index of the last candidate that receives anything, and of the first that does not.
    last_funded: Option<usize>,
    first_rejected: Option<usize>,
    marginal: Option<Marginal>,
    limits: Vec<LimitEffect>,
    proof: Option<Proof>,
    outcome: Outcome,
    notes: Vec<String>,
}

pub(crate) async fn allocate(
    State(run): State<Arc<ExploredRun>>,
    Json(question): Json<Question>,
) -> Result<Json<Allocated>, Refused> {
    reckon(move || {
        let (index, allocation) = allocated(&run, &question)?;
        Ok(Json(columns(&run, index, allocation)))
    })
    .await
}

/// The allocation of what is asked, with the index of its scenario.
pub(crate) fn allocated(run: &ExploredRun, question: &Question) -> Result<(usize, Allocation), Refused> {
    let (index, scenario) = question.scenario(run)?;
    let ranking = question.weights.as_ref().map(|_| question.ranking(run)).transpose()?.flatten();
    let candidates = question.candidates(run, index, ranking.as_ref());
    let allocation = whitespot_funding::allocate(&candidates, &scenario);
    allocation.map(|a| (index, a)).map_err(|e| Refused::NoAnswer(e.to_string()))
}

fn columns(run: &ExploredRun, index: usize, allocation: Allocation) -> Allocated {
    let rows = &run.result.scenarios[index].candidates.rows;
    let row_of: BTreeMap<&str, usize> = rows.iter().enumerate().map(|(i, c)| (c.code.as_str(), i)).collect();
    let n = rows.len();
    let mut out = Allocated {
        scenario: allocation.scenario,
        rule: allocation.rule,
        budget_sek: allocation.budget_sek,
        spent_sek: allocation.spent_sek,
        leftover_sek: allocation.leftover_sek,
        years: allocation.years,
        order: vec![None; n],
        grant_sek: vec![0; n],
        asked_sek: vec![0; n],
        persons: vec![0; n],
        households: vec![0; n],
        status: vec![None; n],
        reason: vec![None; n],
        cut_line: allocation.cut_line,
        last_funded: None,
        first_rejected: allocation.first_rejected.and_then(|code| row_of.get(code.as_str()).copied()),
        marginal: allocation.marginal,
        limits: allocation.limits,
        proof: allocation.proof,
        outcome: allocation.outcome,
        notes: allocation.findings.into_iter().map(|f| f.message).collect(),
    };
    for grant in &allocation.grants {
        let Some(&i) = row_of.get(grant.code.as_str()) else { continue };
        out.order[i] = Some(grant.order);
        out.grant_sek[i] = grant.grant_sek;
        out.asked_sek[i] = grant.asked_sek;
        out.persons[i] = grant.persons;
        out.households[i] = grant.households;
        out.status[i] = Some(grant.status);
        out.reason[i] = Some(grant.reason);
        if Some(grant.order) == out.cut_line {
            out.last_funded = Some(i);
        }
    }
    out
}
