//! `need_per_cost`: most need per krona first.
//!
//! Favours needy places that are cheap to reach: a score of 0.8 at 40,000 a household goes before 0.9 at
//! 60,000. Monotone in the budget with `partial`. Counted in need-weighted households it is within one
//! connection of the optimum (no limits, `partial`); counted in persons it can be any distance from it.

use super::{Order, cost_effectiveness::unit_of, missing_last, sorted_rows};
use crate::field::Field;
use whitespot_model::funding::Objective;

/// By score divided by the grant per household (or per person, as in `cost_effectiveness`), highest first.
/// What costs nothing comes first; candidates without a score or without households come last.
pub(crate) fn order(field: &Field<'_>, objective: Option<Objective>) -> Order {
    let (objective, unit) = unit_of(field, objective);
    let key = |i: usize| {
        let row = field.rows[i];
        let score = field.score[i].filter(|score| score.is_finite() && *score >= 0.0)?;
        let units = match objective {
            Objective::Households => row.households,
            // Persons times the score: the need is in the key already.
            Objective::Persons | Objective::NeedWeightedPersons => row.persons,
        };
        // In lowest terms, so that equal scores at equal prices are a tie whatever the candidates' sizes.
        let asked = field.asked_sek[i].unsigned_abs();
        let common = greatest_common_divisor(units, asked).max(1);
        let per_million = score * 1e6 * (units / common) as f64 / (asked / common) as f64;
        (units > 0).then_some(if asked == 0 { f64::INFINITY } else { per_million })
    };
    let keys: Vec<Option<f64>> = (0..field.len()).map(key).collect();
    let rows = sorted_rows(field, |a, b| missing_last(keys[a], keys[b], |a, b| b.total_cmp(&a)));
    // An infinite key has no place in a table.
    let keys = keys.into_iter().map(|key| key.filter(|k| k.is_finite())).collect();
    let unit = if unit == "household" { unit } else { "person" };
    Order { rows, keys, label: format!("need score × {unit}s per million"), findings: Vec::new() }
}

/// Largest whole number that divides both; the other where one is 0.
pub(crate) fn greatest_common_divisor(a: u64, b: u64) -> u64 {
    let (mut a, mut b) = (a, b);
    while b > 0 {
        (a, b) = (b, a % b);
    }
    a
}
