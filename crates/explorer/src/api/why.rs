//! `POST /api/why`: why one area has its rank, and what would change it.

use super::{Question, allocate::allocated, reckon};
use crate::{error::Refused, run::ExploredRun};
use axum::{Json, extract::State};
use serde::Serialize;
use std::sync::Arc;
use whitespot_model::{
    config::need::Direction,
    funding::{RuleName, Status, Unaffordable},
    need::Ranking,
};
use whitespot_need::Weights;

/// How much more an indicator counts in what is tried: a tenth of all weight.
const MORE: f64 = 0.1;

/// One area's score, part by part, and what would change its rank and its grant.
#[derive(Debug, Serialize)]
pub(crate) struct Why {
    code: String,
    name: String,
    rank: Option<u32>,
    published_rank: Option<u32>,
    n_ranked: usize,
    score: Option<f64>,
    is_tied: bool,
    n_missing: u32,
    parts: Vec<Part>,
    /// Score of the area one place up, and of the last that is funded in order.
    above: Option<Other>,
    /// What its grant is, where it is a candidate.
    funding: Option<Funding>,
}

#[derive(Debug, Serialize)]
struct Part {
    id: String,
    unit: String,
    direction: Direction,
    raw: Option<f64>,
    normalised: Option<f64>,
    weight: f64,
    contribution: f64,
    /// Rank if this indicator's weight were a tenth of all weight more.
    rank_if_more: Option<u32>,
}

#[derive(Debug, Serialize)]
struct Other {
    name: String,
    score: Option<f64>,
}

#[derive(Debug, Serialize)]
struct Funding {
    status: Status,
    grant_sek: i64,
    asked_sek: i64,
    order: u32,
    cut_line: Option<u32>,
    /// Least budget with which it receives anything, and everything, under the rule and limits that are set; none
    /// where no budget does, or where the rule does not simply give more for more.
    first_sek: Option<i64>,
    whole_sek: Option<i64>,
}

pub(crate) async fn why(
    State(run): State<Arc<ExploredRun>>,
    Json(question): Json<Question>,
) -> Result<Json<Why>, Refused> {
    reckon(move || explain(&run, &question).map(Json)).await
}

fn explain(run: &ExploredRun, question: &Question) -> Result<Why, Refused> {
    let code = question.code.as_ref().ok_or(Refused::Missing)?;
    let area = run.codes.iter().position(|c| c == code).ok_or(Refused::Missing)?;
    let ranking = question.ranking(run)?;
    let mut why = Why {
        code: code.clone(),
        name: run.names[area].clone(),
        rank: None,
        published_rank: run.result.ranking.as_ref().and_then(|r| r.areas[area].rank),
        n_ranked: 0,
        score: None,
        is_tied: false,
        n_missing: 0,
        parts: Vec::new(),
        above: None,
        funding: None,
    };
    if let Some(ranking) = &ranking {
        let scored = &ranking.areas[area];
        (why.rank, why.score) = (scored.rank, scored.score);
        (why.is_tied, why.n_missing, why.n_ranked) = (scored.is_tied, scored.n_missing, ranking.order.len());
        why.parts = parts(run, question, ranking, area)?;
        let up = scored.rank.and_then(|r| r.checked_sub(2)).and_then(|at| ranking.order.get(at as usize));
        why.above = up
            .map(|&i| Other { name: run.names[i as usize].clone(), score: ranking.areas[i as usize].score });
    }
    if !run.scenarios.is_empty() {
        why.funding = funding(run, question, code)?;
    }
    Ok(why)
}

fn parts(
    run: &ExploredRun,
    question: &Question,
    ranking: &Ranking,
    area: usize,
) -> Result<Vec<Part>, Refused> {
    let table = run.table.as_ref().ok_or(Refused::Missing)?;
    let weights = question.weights_of(run)?;
    let rank_if_more = |k: usize| -> Option<u32> {
        let mut shares = weights.shares().to_vec();
        // The others give way in proportion.
        shares.iter_mut().for_each(|w| *w *= 1.0 - MORE);
        shares[k] += MORE;
        let changed = Weights::new(&shares, table).ok()?;
        whitespot_need::score(table, &changed, run.aggregation).ok()?.areas[area].rank
    };
    let of_area = ranking.indicators.iter().zip(&ranking.areas[area].parts).enumerate();
    Ok(of_area
        .map(|(k, (indicator, part))| Part {
            id: indicator.id.clone(),
            unit: indicator.unit.clone(),
            direction: indicator.direction,
            raw: part.raw,
            normalised: part.normalised,
            weight: part.weight,
            contribution: part.contribution,
            rank_if_more: rank_if_more(k),
        })
        .collect())
}

fn funding(run: &ExploredRun, question: &Question, code: &str) -> Result<Option<Funding>, Refused> {
    let (index, allocation) = allocated(run, question)?;
    let Some(grant) = allocation.grants.iter().find(|g| g.code == code) else { return Ok(None) };
    let mut funding = Funding {
        status: grant.status,
        grant_sek: grant.grant_sek,
        asked_sek: grant.asked_sek,
        order: grant.order,
        cut_line: allocation.cut_line,
        first_sek: None,
        whole_sek: None,
    };
    // Rules that search would be asked twenty times: too long for a click.
    let is_quick =
        matches!(allocation.rule, RuleName::Need | RuleName::CostEffectiveness | RuleName::NeedPerCost);
    if is_quick && allocation.unaffordable == Unaffordable::Partial {
        // With all that everyone asks for, whoever can be funded at all is.
        let rows = &run.result.scenarios[index].candidates.rows;
        let most = rows.iter().fold(0_i64, |sum, row| sum.saturating_add(row.grant_sek));
        let got = |budget: i64| -> Option<Status> {
            let asked = Question { budget_sek: Some(budget), ..question.clone() };
            let (_, a) = allocated(run, &asked).ok()?;
            Some(a.grants.iter().find(|g| g.code == code)?.status)
        };
        funding.first_sek = least(most, |b| got(b).is_some_and(|s| s != Status::Rejected));
        funding.whole_sek = least(most, |b| got(b) == Some(Status::Funded));
    }
    Ok(Some(funding))
}

/// Least budget up to `most` that does, to a thousandth of `most`, rounded up; none where even `most` does not. The
/// condition must stay true once it is.
fn least(most: i64, does: impl Fn(i64) -> bool) -> Option<i64> {
    if !does(most) {
        return None;
    }
    let step = (most / 1_000).max(1);
    let (mut too_little, mut enough) = (-1, most);
    while enough - too_little > step {
        let middle = too_little + (enough - too_little) / 2;
        if does(middle) {
            enough = middle;
        } else {
            too_little = middle;
        }
    }
    Some(enough)
}

#[cfg(test)]
mod tests {
    use super::least;

    #[test]
    fn the_least_budget_is_found_to_a_thousandth() {
        let found = least(1_000_000, |b| b >= 123_456).unwrap();
        assert!((123_456..124_456).contains(&found), "{found}");
        assert_eq!(least(10, |b| b >= 7), Some(7));
        assert_eq!(least(10, |_| false), None);
        assert_eq!(least(0, |_| true), Some(0));
    }
}
