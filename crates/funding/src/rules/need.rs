//! `need`: most need first.
//!
//! Favours the areas that score highest, whatever they cost. Monotone in the budget with `partial`. It can be
//! any distance from the optimum: one dear needy area may take all the money.

use super::{Order, missing_last, sorted_rows};
use crate::field::Field;

/// By score, highest first; where scores are equal by rank, then by the larger gap in persons, then by code.
/// Candidates without a score come after all others.
pub(crate) fn order(field: &Field<'_>) -> Order {
    let score = |i: usize| field.score[i].filter(|score| score.is_finite());
    let rows = sorted_rows(field, |a, b| {
        missing_last(score(a), score(b), |a, b| b.total_cmp(&a))
            .then_with(|| missing_last(field.rank[a], field.rank[b], |a, b| a.cmp(&b)))
    });
    Order {
        rows,
        keys: (0..field.len()).map(score).collect(),
        label: "need score".to_string(),
        findings: Vec::new(),
    }
}
