//! `cost_effectiveness`: least grant per household first.
//!
//! Favours dense and easy places: the most households for the money, the neediest last. Monotone in the budget
//! with `partial`. Without limits, counted in households and with `partial`, it is within one connection of the
//! optimum; with `skip` it may miss up to the value of one candidate.

use super::{Order, missing_last, sorted_rows};
use crate::field::Field;
use std::cmp::Ordering;
use whitespot_model::funding::Objective;

/// By grant per unit of the objective (households where none is stated; persons where no candidate has
/// households), lowest first, compared exactly. Candidates without any such unit come last.
pub(crate) fn order(field: &Field<'_>, objective: Option<Objective>) -> Order {
    let (objective, unit) = unit_of(field, objective);
    let value = |i: usize| Some(field.value(i, objective)).filter(|&v| v > 0.0);
    let asked = &field.asked_sek;
    let rows = sorted_rows(field, |a, b| {
        missing_last(value(a), value(b), |va, vb| compare_ratios((asked[a], va), (asked[b], vb)))
    });
    Order {
        rows,
        keys: (0..field.len()).map(|i| value(i).map(|v| asked[i] as f64 / v)).collect(),
        label: format!("grant per {unit}"),
        findings: Vec::new(),
    }
}

/// Orders a/x and b/y, exactly where both divisors are whole.
pub(crate) fn compare_ratios((a, x): (i64, f64), (b, y): (i64, f64)) -> Ordering {
    if x.fract() == 0.0 && y.fract() == 0.0 && x < 1e15 && y < 1e15 {
        (i128::from(a) * y as i128).cmp(&(i128::from(b) * x as i128))
    } else {
        (a as f64 / x).total_cmp(&(b as f64 / y))
    }
}

/// What gain is counted in where a rule divides by it, and its name.
pub(crate) fn unit_of(field: &Field<'_>, objective: Option<Objective>) -> (Objective, &'static str) {
    let has_households = field.rows.iter().any(|row| row.households > 0);
    let objective = objective.unwrap_or(match has_households {
        true => Objective::Households,
        false => Objective::Persons,
    });
    let unit = match objective {
        Objective::Households => "household",
        Objective::Persons => "person",
        Objective::NeedWeightedPersons => "need-weighted person",
    };
    (objective, unit)
}
