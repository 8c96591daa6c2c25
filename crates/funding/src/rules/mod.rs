//! How money is handed out, one file a rule.
//!
//! A rule gives an order; most then hand out money along it ([`fill_in_order`]), the others solve for shares
//! or for a set and use the order to show the result.

pub mod auction;
mod need;

use crate::{
    error::FundingError,
    field::Field,
    fill::{Filling, fill_in_order},
    limits::BoundLimits,
    scenario::Scenario,
};
use std::cmp::Ordering;
use whitespot_model::{
    finding::Finding,
    funding::{Objective, Proof, RuleName},
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
    Ok(order_by(field, scenario.rule, scenario.objective))
}

/// The order of a rule that needs nothing but the candidates.
pub(crate) fn order_by(field: &Field<'_>, rule: RuleName, _objective: Option<Objective>) -> Order {
    match rule {
        _ => need::order(field),
    }
}

/// Who gets what by the scenario's rule.
pub(crate) fn solve(
    field: &Field<'_>,
    scenario: &Scenario,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
) -> Result<Solved, FundingError> {
    Ok(fill_in_order(field, &order.rows, limits, years, scenario.unaffordable)?.into())
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
