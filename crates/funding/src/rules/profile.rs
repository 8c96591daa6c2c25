//! `profile`: the rule of a real programme, kept as data.
//!
//! What it favours, and how far from the optimum it is, depends on the programme; see its own page. Rules that
//! give an order are monotone in the budget with `partial`, as `need` is; rules that give shares are as
//! `proportional`.

use super::{
    Order, Solved,
    cost_effectiveness::compare_ratios,
    missing_last,
    proportional::{self, Ceiling},
    sorted_rows,
};
use crate::{
    error::FundingError,
    field::Field,
    fill::fill_in_order,
    limits::BoundLimits,
    profiles::{Classes, Profile, Rule, Shares},
    scenario::Scenario,
};
use whitespot_model::funding::Reason;

/// The programme's order.
///
/// Errors: no profile; a number it asks for that a candidate lacks.
pub(crate) fn order(field: &Field<'_>, scenario: &Scenario) -> Result<Order, FundingError> {
    let profile = profile_of(scenario)?;
    let rows = &field.rows;
    match &profile.rule {
        Rule::ComparisonValue(rule) => {
            let mut keys = Vec::with_capacity(rows.len());
            for row in rows {
                let prioritised = profile.value(row, &rule.prioritised).unwrap_or(0.0);
                let buildings = profile.value(row, &rule.buildings)?;
                keys.push(rule.value(profile.value(row, &rule.support)?, buildings, prioritised));
            }
            Ok(ordered(field, keys, false, "comparison value"))
        }
        Rule::Points { criteria, least_points } => {
            let mut keys = Vec::with_capacity(rows.len());
            for row in rows {
                let mut points = 0.0;
                for criterion in criteria {
                    let mut number = profile.value(row, &criterion.value)?;
                    if let Some(per) = &criterion.per {
                        let divisor = profile.value(row, per)?;
                        number = if divisor > 0.0 { number / divisor } else { 0.0 };
                    }
                    points += criterion.weight * criterion.points(number);
                }
                keys.push(Some(points).filter(|points| least_points.is_none_or(|least| *points >= least)));
            }
            Ok(ordered(field, keys, true, "points"))
        }
        Rule::LowestCost { per } => lowest_cost(field, profile, per, |_| Ok(true)),
        Rule::Classes(rule) => {
            lowest_cost(field, profile, &rule.per, |i| may_be_funded(field, profile, rule, i))
        }
        Rule::Shares(rule) => {
            let weights = weights(field, profile, rule)?;
            Ok(proportional::order(field, &weights, format!("share of `{}`", profile.name)))
        }
    }
}

/// Hands out money along the order or by the shares. Candidates to which the programme gives no place receive
/// nothing, unless they must be funded.
pub(crate) fn solve(
    field: &Field<'_>,
    scenario: &Scenario,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
) -> Result<Solved, FundingError> {
    let profile = profile_of(scenario)?;
    if let Rule::Shares(rule) = &profile.rule {
        let weights = weights(field, profile, rule)?;
        let ceiling = if rule.capped_by_cost { Ceiling::Asked } else { Ceiling::None };
        return proportional::solve_with_base(field, &weights, order, limits, years, ceiling, rule.floor.0);
    }
    let mut placed = limits.clone();
    let has_no_place = |i: usize| order.keys[i].is_none() && !limits.must[i] && !limits.never[i];
    for i in 0..field.len() {
        placed.never[i] |= has_no_place(i);
    }
    let mut given = fill_in_order(field, &order.rows, &placed, years, scenario.unaffordable)?;
    for i in (0..field.len()).filter(|&i| has_no_place(i)) {
        given.reason[i] = Reason::NoPlace;
    }
    Ok(given.into())
}

fn profile_of(scenario: &Scenario) -> Result<&Profile, FundingError> {
    scenario.profile.as_ref().ok_or_else(|| FundingError::NoProfile { scenario: scenario.name.clone() })
}

fn ordered(field: &Field<'_>, keys: Vec<Option<f64>>, is_largest_first: bool, label: &str) -> Order {
    let rows = sorted_rows(field, |a, b| {
        missing_last(
            keys[a],
            keys[b],
            |a, b| if is_largest_first { b.total_cmp(&a) } else { a.total_cmp(&b) },
        )
    });
    Order { rows, keys, label: label.to_string(), findings: Vec::new() }
}

fn lowest_cost(
    field: &Field<'_>,
    profile: &Profile,
    per: &str,
    is_placed: impl Fn(usize) -> Result<bool, FundingError>,
) -> Result<Order, FundingError> {
    let mut units = Vec::with_capacity(field.len());
    for (i, row) in field.rows.iter().enumerate() {
        let n = profile.value(row, per)?;
        units.push((n > 0.0 && is_placed(i)?).then_some(n));
    }
    let asked = &field.asked_sek;
    Ok(Order {
        rows: sorted_rows(field, |a, b| {
            missing_last(units[a], units[b], |x, y| compare_ratios((asked[a], x), (asked[b], y)))
        }),
        keys: (0..field.len()).map(|i| units[i].map(|n| asked[i] as f64 / n)).collect(),
        label: format!("grant per {per}"),
        findings: Vec::new(),
    })
}

fn may_be_funded(
    field: &Field<'_>,
    profile: &Profile,
    rule: &Classes,
    i: usize,
) -> Result<bool, FundingError> {
    let row = field.rows[i];
    let class = Classes::class(profile.value(row, &rule.operators)?.max(0.0) as u32);
    let speed_now = profile.value(row, &rule.speed_now).unwrap_or(0.0);
    Ok(rule.fund.contains(&class) && rule.is_step_change(speed_now, profile.value(row, &rule.speed_after)?))
}

fn weights(field: &Field<'_>, profile: &Profile, rule: &Shares) -> Result<Vec<f64>, FundingError> {
    let mut sums = Vec::with_capacity(rule.parts.len());
    for part in &rule.parts {
        let mut of_part = vec![0.0; field.len()];
        for (name, factor) in &part.of {
            for (sum, row) in of_part.iter_mut().zip(&field.rows) {
                *sum += factor * profile.value(row, name)?.max(0.0);
            }
        }
        sums.push(of_part);
    }
    Ok(rule.shares(&sums))
}
