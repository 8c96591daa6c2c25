//! `proportional`: shares by a formula, within floors and caps.
//!
//! Favours nobody by place or price: everyone receives in proportion to the formula (households without the
//! service, where none is stated), and nobody more than their connections cost. The amounts sum to the pot to
//! the last krona as long as anyone can use it. Monotone in the budget but for the rounding of single kronor.
//! It can be any distance from the optimum: money goes to dear places as to cheap ones.

use super::{Order, Solved, missing_last, sorted_rows};
use crate::{
    error::FundingError,
    field::Field,
    fill::Filling,
    limits::BoundLimits,
    scenario::Scenario,
    waterfill::{Bounds, find_level, round_to_sum, share_pot},
};
use indexmap::IndexMap;
use whitespot_model::{finding::Finding, funding::Reason};

/// By weight in the formula, highest first.
pub(crate) fn order(field: &Field<'_>, weights: &[f64], label: String) -> Order {
    let weight = |i: usize| Some(weights[i]).filter(|&w| w > 0.0);
    Order {
        rows: sorted_rows(field, |a, b| missing_last(weight(a), weight(b), |a, b| b.total_cmp(&a))),
        keys: (0..field.len()).map(weight).collect(),
        label,
        findings: Vec::new(),
    }
}

/// Weight of each row by the scenario's formula, and its name for people.
///
/// Errors: a name that is neither a count nor a value of every candidate, and values below 0.
pub(crate) fn weights(field: &Field<'_>, scenario: &Scenario) -> Result<(Vec<f64>, String), FundingError> {
    let formula = scenario.weights.clone().unwrap_or_else(|| {
        let has_households = field.rows.iter().any(|row| row.households > 0);
        IndexMap::from([(if has_households { "households" } else { "persons" }.to_string(), 1.0)])
    });
    let bad = |what: String| FundingError::BadValue { scenario: scenario.name.clone(), what };
    let mut weights = vec![0.0; field.len()];
    for (name, factor) in &formula {
        for (i, row) in field.rows.iter().enumerate() {
            let value = super::value_of(row, name).ok_or_else(|| {
                bad(format!("`weights` names `{name}`, which candidate `{}` has not", row.code))
            })?;
            if !(value >= 0.0 && value.is_finite()) {
                return Err(bad(format!(
                    "`{name}` of candidate `{}` is {value}; weights need 0 or more",
                    row.code
                )));
            }
            weights[i] += factor * value;
        }
    }
    let label = formula
        .iter()
        .map(|(name, factor)| if *factor == 1.0 { name.clone() } else { format!("{factor} × {name}") })
        .collect::<Vec<_>>()
        .join(" + ");
    Ok((weights, label))
}

/// What bounds a candidate's amount from above.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Ceiling {
    /// Its own costs.
    Asked,
    /// Nothing: the receiver decides what to build.
    None,
}

/// Shares the budget over candidates; parent areas' floors and caps are met by nested water-filling: one level
/// for everyone, but its own for each parent area that the level would bring below its floor or above its cap.
pub(crate) fn solve(
    field: &Field<'_>,
    weights: &[f64],
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
    ceiling: Ceiling,
) -> Result<Solved, FundingError> {
    solve_with_base(field, weights, order, limits, years, ceiling, 0)
}

/// The same, with an amount that each candidate of some weight has before the rest is shared by weight (or an
/// equal part of the budget, where that does not suffice).
pub(crate) fn solve_with_base(
    field: &Field<'_>,
    weights: &[f64],
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
    ceiling: Ceiling,
    base_sek: i64,
) -> Result<Solved, FundingError> {
    let is_counted = chosen_by_year(field, order, limits, years)?;
    let bounds: Vec<Bounds> = (0..field.len())
        .map(|i| {
            let asked = field.asked_sek[i];
            match (limits.must[i], is_counted[i], ceiling) {
                (true, _, Ceiling::Asked) => Bounds { least: asked, most: asked },
                (true, _, Ceiling::None) => Bounds { least: asked, most: i64::MAX / 4 },
                (_, false, _) => Bounds { least: 0, most: 0 },
                (_, _, Ceiling::Asked) => Bounds { least: 0, most: asked },
                (_, _, Ceiling::None) => Bounds { least: 0, most: i64::MAX / 4 },
            }
        })
        .collect();
    let pot: i64 = years.iter().sum();
    let groups = groups(field);
    let mut given = Filling::empty(field);
    let base = base_amounts(weights, &bounds, base_sek, pot);
    let bounds: Vec<Bounds> = bounds
        .iter()
        .zip(&base)
        .map(|(b, &sek)| Bounds { least: (b.least - sek).max(0), most: b.most - sek })
        .collect();
    let pot = pot - base.iter().sum::<i64>();
    let base_of = |members: &[usize]| -> i64 { members.iter().map(|&i| base[i]).sum() };
    let limits_left = {
        let mut left = limits.clone();
        for (p, members) in groups.iter().enumerate() {
            left.floor_sek[p] = (left.floor_sek[p] - base_of(members)).max(0);
            left.cap_sek[p] = left.cap_sek[p].map(|cap| (cap - base_of(members)).max(0));
        }
        left
    };
    let totals = share_between_parents(&groups, weights, &bounds, &limits_left, pot);
    for (p, members) in groups.iter().enumerate() {
        let group_weights: Vec<f64> = members.iter().map(|&i| weights[i]).collect();
        let group_bounds: Vec<Bounds> = members.iter().map(|&i| bounds[i]).collect();
        let amounts = share_pot(&group_weights, &group_bounds, totals[p]);
        let sum: i64 = amounts.iter().sum::<i64>() + base_of(members);
        if p < field.n_parents && sum < limits.floor_sek[p] {
            return Err(limits.floor_not_reachable(field, p, sum, Default::default()));
        }
        for (&i, &sek) in members.iter().zip(&amounts) {
            give(field, limits, &mut given, i, base[i] + sek, weights[i]);
        }
    }
    spread_over_years(field, &mut given, years);
    let has_no_cost = (0..field.len()).any(|i| given.grant_sek[i] > 0 && field.asked_sek[i] == 0);
    let findings = has_no_cost.then(|| {
        Finding::note(
            "shares_without_cost",
            "",
            format!(
                "scenario `{}`: without costs, whom the shares would reach is not known",
                limits.scenario
            ),
        )
    });
    Ok(Solved { given, proof: None, findings: findings.into_iter().collect() })
}

fn base_amounts(weights: &[f64], bounds: &[Bounds], base_sek: i64, pot: i64) -> Vec<i64> {
    let n = weights.iter().filter(|&&w| w > 0.0).count() as i64;
    let each = if n == 0 { 0 } else { base_sek.min(pot / n) };
    weights.iter().zip(bounds).map(|(&w, b)| if w > 0.0 { each.min(b.most) } else { 0 }).collect()
}

fn give(field: &Field<'_>, limits: &BoundLimits, given: &mut Filling, i: usize, sek: i64, weight: f64) {
    let is_free = field.asked_sek[i] == 0;
    given.grant_sek[i] = sek;
    given.connections[i] = match (limits.never[i], is_free) {
        (true, _) => 0,
        // Money without a known cost reaches an unknown number.
        (false, true) if sek > 0 => 0,
        (false, _) => field.connections_for(i, sek),
    };
    given.reason[i] = match () {
        () if limits.never[i] => Reason::NeverFund,
        () if limits.must[i] => Reason::MustFund,
        () if sek == 0 && weight == 0.0 => Reason::NoShare,
        () => Reason::Share,
    };
}

/// With a most per year, only so many candidates of highest weight take part.
fn chosen_by_year(
    field: &Field<'_>,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
) -> Result<Vec<bool>, FundingError> {
    let mut is_counted: Vec<bool> = limits.never.iter().map(|never| !never).collect();
    let Some(most) = limits.max_per_year else { return Ok(is_counted) };
    if years.len() > 1 {
        return Err(FundingError::LimitNotForRule {
            scenario: limits.scenario.clone(),
            limit: "max_candidates_per_year over several years",
            rule: "proportional",
        });
    }
    let mut n_left = u64::from(most).saturating_sub(limits.must.iter().filter(|&&m| m).count() as u64);
    for &i in &order.rows {
        let i = i as usize;
        let takes_place = is_counted[i] && !limits.must[i] && field.asked_sek[i] > 0;
        if takes_place && n_left == 0 {
            is_counted[i] = false;
        } else if takes_place {
            n_left -= 1;
        }
    }
    Ok(is_counted)
}

/// Rows of each parent area, and last those without one.
fn groups(field: &Field<'_>) -> Vec<Vec<usize>> {
    let mut groups = vec![Vec::new(); field.n_parents + 1];
    for i in 0..field.len() {
        groups[field.parent[i]].push(i);
    }
    groups
}

fn share_between_parents(
    groups: &[Vec<usize>],
    weights: &[f64],
    bounds: &[Bounds],
    limits: &BoundLimits,
    pot: i64,
) -> Vec<i64> {
    let sum_of = |members: &[usize], bound: fn(&Bounds) -> i64| -> i64 {
        let sum: i128 = members.iter().map(|&i| i128::from(bound(&bounds[i]))).sum();
        sum.min(i128::from(i64::MAX / 2)) as i64
    };
    let group_bounds: Vec<Bounds> = groups
        .iter()
        .enumerate()
        .map(|(p, members)| {
            let most = sum_of(members, |b| b.most).min(limits.cap_sek[p].unwrap_or(i64::MAX));
            let least = sum_of(members, |b| b.least).max(limits.floor_sek[p]).min(most);
            Bounds { least, most }
        })
        .collect();
    let at_level = |p: usize, level: f64| -> f64 {
        let raw: f64 = groups[p]
            .iter()
            .map(|&i| (weights[i] * level).clamp(bounds[i].least as f64, bounds[i].most as f64))
            .sum();
        raw.clamp(group_bounds[p].least as f64, group_bounds[p].most as f64)
    };
    let level = find_level(pot as f64, weights, |level| (0..groups.len()).map(|p| at_level(p, level)).sum());
    let exact: Vec<f64> = (0..groups.len()).map(|p| at_level(p, level)).collect();
    let group_weights: Vec<f64> =
        groups.iter().map(|members| members.iter().map(|&i| weights[i]).sum()).collect();
    round_to_sum(&exact, &group_bounds, &group_weights, pot)
}

/// Pays each candidate's share as the money comes: by the end of a year everyone has the same part of theirs.
fn spread_over_years(field: &Field<'_>, given: &mut Filling, years: &[i64]) {
    if years.len() < 2 {
        return;
    }
    let all: i128 = years.iter().map(|&sek| i128::from(sek)).sum();
    given.by_year_sek = (0..field.len())
        .map(|i| {
            let (mut come, mut paid) = (0i128, 0i64);
            years
                .iter()
                .map(|&sek| {
                    come += i128::from(sek);
                    let until =
                        if all == 0 { 0 } else { (i128::from(given.grant_sek[i]) * come / all) as i64 };
                    let now = until - paid;
                    paid = until;
                    now
                })
                .collect()
        })
        .collect();
}
