//! `equal_share`: the same to each parent area, inside it most need first.
//!
//! Favours small parent areas: each receives the same whatever its size. What one cannot use is shared equally
//! by the others. Without parent areas each candidate receives the same. Monotone in the budget with `partial`
//! but for the rounding of single kronor. It can be any distance from the optimum.

use super::{Order, Solved};
use crate::{
    error::FundingError,
    field::Field,
    fill::{Filling, fill_in_order},
    limits::BoundLimits,
    waterfill::{Bounds, share_pot},
};
use whitespot_model::funding::{Reason, Unaffordable};

/// Shares the budget over parent areas by water-filling between floors and what each can use, then hands out
/// each share in `order`. What whole connections or candidates leave of a share stays unspent.
///
/// Errors: floors that need more than the budget, or cannot be reached.
pub(crate) fn solve(
    field: &Field<'_>,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
    unaffordable: Unaffordable,
) -> Result<Solved, FundingError> {
    let pot: i64 = years.iter().sum();
    if field.n_parents == 0 {
        return Ok(per_candidate(field, limits, years, unaffordable)?.into());
    }
    let usable = usable_sek(field, limits);
    let bounds: Vec<Bounds> = (0..=field.n_parents)
        .map(|p| {
            let least = least_sek(field, order, limits, p, unaffordable);
            Bounds { least, most: usable[p].max(least) }
        })
        .collect();
    let needed: i64 = bounds.iter().map(|b| b.least).sum();
    if needed > pot {
        return Err(FundingError::FloorsOverBudget {
            scenario: limits.scenario.clone(),
            needed,
            budget: pot,
        });
    }
    let weights: Vec<f64> = usable.iter().map(|&sek| if sek > 0 { 1.0 } else { 0.0 }).collect();
    let mut shared = limits.clone();
    for (p, sek) in share_pot(&weights, &bounds, pot).into_iter().enumerate() {
        shared.cap_sek[p] = Some(sek);
    }
    Ok(fill_in_order(field, &order.rows, &shared, years, unaffordable)?.into())
}

/// What the candidates of each parent area ask for, within its cap.
fn usable_sek(field: &Field<'_>, limits: &BoundLimits) -> Vec<i64> {
    let mut usable = vec![0i64; field.n_parents + 1];
    for i in (0..field.len()).filter(|&i| !limits.never[i]) {
        usable[field.parent[i]] += field.asked_sek[i];
    }
    for (sek, cap) in usable.iter_mut().zip(&limits.cap_sek) {
        *sek = cap.map_or(*sek, |cap| cap.min(*sek));
    }
    usable
}

/// What must be spent in a parent area: its list, and its floor in whole connections or candidates.
fn least_sek(
    field: &Field<'_>,
    order: &Order,
    limits: &BoundLimits,
    p: usize,
    unaffordable: Unaffordable,
) -> i64 {
    let members =
        || order.rows.iter().map(|&i| i as usize).filter(|&i| field.parent[i] == p && !limits.never[i]);
    let mut sek: i64 = members().filter(|&i| limits.must[i]).map(|i| field.asked_sek[i]).sum();
    for i in members().filter(|&i| !limits.must[i]) {
        let lacking = limits.floor_sek[p] - sek;
        if lacking <= 0 {
            break;
        }
        let step = match unaffordable {
            Unaffordable::Partial => field.grant_for(i, field.connections_to_spend(i, lacking)),
            Unaffordable::Skip | Unaffordable::Stop => field.asked_sek[i],
        };
        if limits.cap_sek[p].is_none_or(|cap| sek + step <= cap) {
            sek += step;
        }
    }
    sek
}

fn per_candidate(
    field: &Field<'_>,
    limits: &BoundLimits,
    years: &[i64],
    unaffordable: Unaffordable,
) -> Result<Filling, FundingError> {
    if limits.max_per_year.is_some() || years.len() > 1 {
        return Err(FundingError::LimitNotForRule {
            scenario: limits.scenario.clone(),
            limit: "max_candidates_per_year or several years without parent areas",
            rule: "equal_share",
        });
    }
    let bounds: Vec<Bounds> = (0..field.len())
        .map(|i| match (limits.must[i], limits.never[i]) {
            (true, _) => Bounds { least: field.asked_sek[i], most: field.asked_sek[i] },
            (_, true) => Bounds { least: 0, most: 0 },
            _ => Bounds { least: 0, most: field.asked_sek[i] },
        })
        .collect();
    let shares = share_pot(&vec![1.0; field.len()], &bounds, years.iter().sum());
    let mut given = Filling::empty(field);
    for (i, sek) in shares.into_iter().enumerate() {
        given.reason[i] = Reason::Share;
        if limits.never[i] {
            given.reason[i] = Reason::NeverFund;
            continue;
        }
        let k = field.connections_for(i, sek);
        let is_enough = unaffordable == Unaffordable::Partial || k == field.connections[i];
        given.connections[i] = if is_enough { k } else { 0 };
        given.grant_sek[i] = field.grant_for(i, given.connections[i]);
    }
    Ok(given)
}
