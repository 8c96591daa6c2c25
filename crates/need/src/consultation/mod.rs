//! Consultation: several weightings side by side, how far they agree, and what stands between them.
//!
//! Areas that some actor's weighting leaves unranked are not compared, and listed. Distances are shares of area pairs
//! ordered otherwise (Kendall); agreement is Kendall's W over the scores, ties included.

mod concordance;
mod kemeny;

pub use concordance::{kendall_w, tau_b};
pub use kemeny::{Closest, closest_order};

use crate::{
    Aggregation, NeedError, Weights, robustness::DrawnRanking, robustness::FundingRule, score,
    score::tie_key, table::IndicatorTable,
};
use concordance::pairs_ordered_otherwise;
use whitespot_model::{
    config::need::Actor,
    finding::Finding,
    need::{ActorOutcome, Compromise, Consultation, FundedByAll, RankSpan},
};

/// Most areas for which the closest order is looked for; beyond, the Borda order stands in (with a finding), since
/// the number of pairs would outgrow the memory.
const MAX_KEMENY: usize = 5_000;

/// Areas listed as those the actors disagree about most.
const MAX_WIDEST: usize = 10;

/// The weights of an actor, in the order of the table's indicators; indicators not named weigh 0.
///
/// # Errors
/// A name that is no indicator; a weight below 0 or not finite; all weights 0.
pub fn actor_weights(actor: &Actor, table: &IndicatorTable) -> Result<Weights, NeedError> {
    for id in actor.weights.keys() {
        if !table.indicators.iter().any(|i| i.id == *id) {
            let known: Vec<&str> = table.indicators.iter().map(|i| i.id.as_str()).collect();
            return Err(NeedError::UnknownIndicator {
                actor: actor.name.clone(),
                id: id.clone(),
                known: known.join(", "),
            });
        }
    }
    let given: Vec<f64> =
        table.indicators.iter().map(|i| actor.weights.get(&i.id).copied().unwrap_or(0.0)).collect();
    Weights::new(&given, table).map_err(|error| match error {
        NeedError::WeightsAllZero { .. } => {
            NeedError::WeightsAllZero { of: format!(" of actor `{}`", actor.name) }
        }
        other => other,
    })
}

/// Puts the actors' weightings side by side. `funding` tells whom a ranking funds, per scenario.
///
/// No actors give an empty comparison; one actor agrees with itself (W is then undefined).
///
/// # Errors
/// What [`actor_weights`] and [`score()`] refuse, and two actors of one name.
pub fn consult(
    table: &IndicatorTable,
    actors: &[Actor],
    aggregation: Aggregation,
    funding: &[FundingRule<'_>],
) -> Result<Consultation, NeedError> {
    table.check()?;
    for (i, actor) in actors.iter().enumerate() {
        if actors[..i].iter().any(|other| other.name == actor.name) {
            return Err(NeedError::DuplicateActor { name: actor.name.clone() });
        }
    }
    let weights: Vec<Weights> = actors.iter().map(|a| actor_weights(a, table)).collect::<Result<_, _>>()?;
    let rankings: Vec<_> =
        weights.iter().map(|w| score(table, w, aggregation)).collect::<Result<Vec<_>, _>>()?;

    let is_compared =
        |area: &usize| !rankings.is_empty() && rankings.iter().all(|r| r.areas[*area].rank.is_some());
    let compared: Vec<usize> = (0..table.n_areas()).filter(is_compared).collect();
    let n = compared.len();
    let code = |i: u32| table.codes[compared[i as usize]].clone();
    // Per actor: score and rank (from 0) of each compared area; ranks close the gaps of areas not compared.
    let scores: Vec<Vec<f64>> = rankings
        .iter()
        .map(|r| compared.iter().map(|area| r.areas[*area].score.map_or(f64::NAN, |s| -tie_key(s))).collect())
        .collect();
    let mut number = vec![u32::MAX; table.n_areas()];
    (0..).zip(&compared).for_each(|(i, area)| number[*area] = i);
    let ranks: Vec<Vec<u32>> = rankings
        .iter()
        .map(|r| {
            let mut ranks = vec![0; n];
            let order = r.order.iter().map(|area| number[*area as usize]).filter(|i| *i != u32::MAX);
            (0..).zip(order).for_each(|(rank, i)| ranks[i as usize] = rank);
            ranks
        })
        .collect();

    let borda_order = borda(&ranks, &compared, table);
    let mut findings: Vec<Finding> = Vec::new();
    let closest = match n <= MAX_KEMENY {
        true => closest_order(&ranks, &borda_order),
        false => {
            let message =
                format!("{n} areas are too many for the closest (Kemeny) order; the Borda order stands in");
            findings.push(Finding::note("kemeny_left_out", "", message));
            let disagreements = total_distance(&borda_order, &ranks);
            Closest {
                order: borda_order.clone(),
                disagreements,
                lower_bound: 0,
                is_proven: disagreements == 0,
            }
        }
    };
    let n_first = n.div_ceil(5);
    let is_first_for_all = |i: &u32| ranks.iter().all(|r| (r[*i as usize] as usize) < n_first);
    let pairs = (n as u64 * (n as u64).saturating_sub(1) / 2).max(1) as f64;
    let judges = |left_out: Option<usize>| {
        scores
            .iter()
            .enumerate()
            .filter(|(a, _)| Some(*a) != left_out)
            .map(|(_, s)| s.as_slice())
            .collect::<Vec<_>>()
    };
    let funded: Vec<Vec<Vec<bool>>> = rankings.iter().map(|r| fund(table, r, funding)).collect();
    let codes_where = |is: &dyn Fn(usize) -> bool| {
        (0..table.n_areas())
            .filter(|area| is(*area))
            .map(|area| table.codes[area].clone())
            .collect::<Vec<String>>()
    };
    let outcomes = (0..actors.len())
        .map(|a| ActorOutcome {
            name: actors[a].name.clone(),
            weights: weights[a].shares().to_vec(),
            ranks: ranks[a].iter().map(|rank| rank + 1).collect(),
            kendall_w_without: kendall_w(&judges(Some(a))),
            distance_to_borda: pairs_ordered_otherwise(&borda_order, &ranks[a]) as f64 / pairs,
            distance_to_kemeny: pairs_ordered_otherwise(&closest.order, &ranks[a]) as f64 / pairs,
            funded: funded[a].iter().map(|is_funded| codes_where(&|area| is_funded[area])).collect(),
        })
        .collect();
    let borda_disagreements = total_distance(&borda_order, &ranks);
    Ok(Consultation {
        codes: (0..n as u32).map(code).collect(),
        not_compared: codes_where(&|area| number[area] == u32::MAX),
        actors: outcomes,
        kendall_w: kendall_w(&judges(None)),
        pair_tau: scores.iter().map(|a| scores.iter().map(|b| tau_b(a, b)).collect()).collect(),
        widest: widest(&ranks, actors, &code),
        n_first: n_first as u32,
        first_for_all: (0..n as u32).filter(is_first_for_all).map(code).collect(),
        borda: Compromise {
            order: borda_order.iter().map(|i| code(*i)).collect(),
            disagreements: borda_disagreements,
            lower_bound: closest.lower_bound,
            is_proven_closest: borda_disagreements == closest.lower_bound
                || closest.is_proven && borda_disagreements == closest.disagreements,
        },
        kemeny: Compromise {
            order: closest.order.iter().map(|i| code(*i)).collect(),
            disagreements: closest.disagreements,
            lower_bound: closest.lower_bound,
            is_proven_closest: closest.is_proven,
        },
        funded_by_all: funding
            .iter()
            .enumerate()
            .map(|(rule, funding)| FundedByAll {
                scenario: funding.scenario.to_string(),
                by_all: codes_where(&|area| {
                    !funded.is_empty() && funded.iter().all(|actor| actor[rule][area])
                }),
                by_some: codes_where(&|area| {
                    funded.iter().any(|actor| actor[rule][area])
                        && !funded.iter().all(|actor| actor[rule][area])
                }),
            })
            .collect(),
        findings,
    })
}

/// Areas (numbers) by sum of ranks, lowest first; ties by the larger gap in persons, then the lower code.
fn borda(ranks: &[Vec<u32>], compared: &[usize], table: &IndicatorTable) -> Vec<u32> {
    let mut order: Vec<u32> = (0..compared.len() as u32).collect();
    let sum = |i: u32| ranks.iter().map(|r| u64::from(r[i as usize])).sum::<u64>();
    order.sort_by_cached_key(|i| {
        let area = compared[*i as usize];
        (sum(*i), std::cmp::Reverse(table.gap_persons[area]), table.codes[area].clone())
    });
    order
}

fn total_distance(order: &[u32], ranks: &[Vec<u32>]) -> u64 {
    ranks.iter().map(|r| pairs_ordered_otherwise(order, r)).sum()
}

/// The areas with the widest span of ranks.
fn widest(ranks: &[Vec<u32>], actors: &[Actor], code: &dyn Fn(u32) -> String) -> Vec<RankSpan> {
    let n = ranks.first().map_or(0, Vec::len);
    let mut spans: Vec<RankSpan> = (0..n)
        .filter_map(|i| {
            // `min_by_key` gives the first of equal ones, `max_by_key` the last: look from behind.
            let best = ranks.iter().enumerate().min_by_key(|(_, r)| r[i])?;
            let worst = ranks.iter().enumerate().rev().max_by_key(|(_, r)| r[i])?;
            Some(RankSpan {
                code: code(i as u32),
                best_rank: best.1[i] + 1,
                best_by: actors[best.0].name.clone(),
                worst_rank: worst.1[i] + 1,
                worst_by: actors[worst.0].name.clone(),
            })
        })
        .filter(|span| span.worst_rank > span.best_rank)
        .collect();
    spans.sort_by_key(|span| std::cmp::Reverse(span.worst_rank - span.best_rank));
    spans.truncate(MAX_WIDEST);
    spans
}

/// Per funding rule: whether each area of the table is funded with this ranking.
fn fund(
    table: &IndicatorTable,
    ranking: &whitespot_model::need::Ranking,
    funding: &[FundingRule<'_>],
) -> Vec<Vec<bool>> {
    let scores: Vec<f64> = ranking.areas.iter().map(|a| a.score.unwrap_or(f64::NAN)).collect();
    let fund_by = |rule: &FundingRule<'_>| {
        let mut is_funded = vec![false; table.n_areas()];
        for area in (rule.fund)(&DrawnRanking { order: &ranking.order, scores: &scores, choices: &[] }) {
            if let Some(slot) = is_funded.get_mut(area as usize) {
                *slot = true;
            }
        }
        is_funded
    };
    funding.iter().map(fund_by).collect()
}

#[cfg(test)]
mod tests;
