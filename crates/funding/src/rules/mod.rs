//! How money is handed out, one file a rule.
//!
//! A rule gives an order; most then hand out money along it (`fill.rs`), the others solve for shares
//! or for a set and use the order to show the result.

pub mod auction;
mod cost_effectiveness;
mod equal_share;
#[cfg(test)]
mod exhaustive;
mod leximin;
mod need;
mod need_per_cost;
mod optimal;
#[cfg(test)]
mod plain;
mod profile;
mod proportional;

use crate::{
    error::FundingError,
    field::Field,
    fill::{Filling, fill_in_order},
    limits::BoundLimits,
    scenario::Scenario,
};
use proportional::Ceiling;
use std::cmp::Ordering;
use whitespot_model::{
    finding::Finding,
    funding::{Candidate, Objective, Proof, RuleName},
};

/// Rows of a field in a rule's order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Order {
    /// Rows, first to be funded first.
    pub(crate) rows: Vec<u32>,
    /// What the order is by, by row; `None` stands last.
    pub(crate) keys: Vec<Option<f64>>,
    /// What the keys are, for people.
    pub(crate) label: String,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

/// A rule's answer.
#[derive(Clone, Debug)]
pub(crate) struct Solved {
    pub(crate) given: Filling,
    pub(crate) proof: Option<Proof>,
    pub(crate) findings: Vec<Finding>,
}

impl From<Filling> for Solved {
    fn from(given: Filling) -> Solved {
        Solved { given, proof: None, findings: Vec::new() }
    }
}

/// The order of the scenario's rule.
pub(crate) fn order(field: &Field<'_>, scenario: &Scenario) -> Result<Order, FundingError> {
    Ok(match scenario.rule {
        RuleName::Proportional => {
            let (weights, label) = proportional::weights(field, scenario)?;
            proportional::order(field, &weights, label)
        }
        RuleName::Auction => auction::order(field, scenario)?,
        RuleName::Profile => profile::order(field, scenario)?,
        rule => order_by(field, rule, scenario.objective),
    })
}

/// The order of a rule that needs nothing but the candidates.
pub(crate) fn order_by(field: &Field<'_>, rule: RuleName, objective: Option<Objective>) -> Order {
    match rule {
        RuleName::CostEffectiveness => cost_effectiveness::order(field, objective),
        RuleName::NeedPerCost => need_per_cost::order(field, objective),
        RuleName::Optimal => optimal::order(field, objective.unwrap_or_default()),
        RuleName::Leximin => leximin::order(field),
        RuleName::Need
        | RuleName::EqualShare
        | RuleName::Proportional
        | RuleName::Auction
        | RuleName::Profile => need::order(field),
    }
}

/// Who gets what by the scenario's rule.
pub(crate) fn solve(
    field: &Field<'_>,
    scenario: &Scenario,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
    effort: Effort,
) -> Result<Solved, FundingError> {
    match scenario.rule {
        RuleName::Need | RuleName::CostEffectiveness | RuleName::NeedPerCost => {
            Ok(fill_in_order(field, &order.rows, limits, years, scenario.unaffordable)?.into())
        }
        RuleName::Proportional => {
            let (weights, _) = proportional::weights(field, scenario)?;
            proportional::solve(field, &weights, order, limits, years, Ceiling::Asked)
        }
        RuleName::EqualShare => equal_share::solve(field, order, limits, years, scenario.unaffordable),
        RuleName::Optimal => optimal::solve(field, scenario, order, limits, years, effort),
        RuleName::Leximin => leximin::solve(field, order, limits, years, scenario.unaffordable),
        RuleName::Auction => auction::solve(field, scenario, order, limits, years),
        RuleName::Profile => profile::solve(field, scenario, order, limits, years),
    }
}

/// How hard a rule that searches may try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effort {
    /// Until proven or the scenario's time limit.
    Full,
    /// What simple rules and rounding give; for curves and what-ifs.
    Quick,
}

/// A count or value of a candidate by name: `persons`, `households`, `workplaces`, `settlements` (all without
/// the service), `score`, or one of [`Candidate::values`]; values come first.
pub(crate) fn value_of(row: &Candidate, name: &str) -> Option<f64> {
    row.values.get(name).copied().or(match name {
        "persons" => Some(row.persons as f64),
        "households" => Some(row.households as f64),
        "workplaces" => Some(row.workplaces as f64),
        "settlements" | "buildings" => Some(row.settlements as f64),
        "total_persons" => Some(row.total_persons as f64),
        "total_households" => Some(row.total_households as f64),
        "connections" => Some(row.connections() as f64),
        "score" => row.score,
        "support" | "grant" => Some(row.grant_sek as f64),
        "cost" => Some(row.cost.total_sek as f64),
        _ => None,
    })
}

/// Sorts rows by a comparison; ties by larger gap in persons, then lower code.
pub(crate) fn sorted_rows(field: &Field<'_>, compare: impl Fn(usize, usize) -> Ordering) -> Vec<u32> {
    let mut rows: Vec<u32> = (0..field.len() as u32).collect();
    rows.sort_by(|&a, &b| {
        let (a, b) = (a as usize, b as usize);
        compare(a, b).then_with(|| field.break_tie(a, b))
    });
    rows
}

/// Compares two optional numbers so that the first wanted comes first and a missing one last.
pub(crate) fn missing_last<T>(a: Option<T>, b: Option<T>, compare: impl Fn(T, T) -> Ordering) -> Ordering {
    match (a, b) {
        (Some(a), Some(b)) => compare(a, b),
        (Some(_), None) => Ordering::Less,
        (None, Some(_)) => Ordering::Greater,
        (None, None) => Ordering::Equal,
    }
}
