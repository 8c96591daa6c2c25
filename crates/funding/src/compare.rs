//! Scenarios side by side, and this result against an earlier one.

use std::collections::{BTreeMap, BTreeSet};
use whitespot_model::funding::{
    Allocation, ComparedScenario, Comparison, ComparisonPair, ComparisonRow, Grant, Outcome, ParentOutcome,
};

/// Sets any number of allocations side by side, "no grant" (an empty name) always first. Scenarios keep their
/// order; rows are ordered by code. Without allocations there is only "no grant", with an empty outcome.
pub fn compare(allocations: &[&Allocation]) -> Comparison {
    let no_grant = allocations.first().map_or_else(Outcome::default, |first| without_grants(&first.outcome));
    let mut scenarios = vec![ComparedScenario { outcome: no_grant, ..ComparedScenario::default() }];
    scenarios.extend(allocations.iter().map(|allocation| ComparedScenario {
        name: allocation.scenario.clone(),
        rule: Some(allocation.rule),
        budget_sek: allocation.budget_sek,
        leftover_sek: allocation.leftover_sek,
        outcome: allocation.outcome.clone(),
    }));
    let mut pairs = Vec::new();
    for (i, a) in allocations.iter().enumerate() {
        pairs.extend(allocations[i + 1..].iter().map(|b| pair(a, b)));
    }
    Comparison { scenarios, rows: rows(allocations), pairs }
}

/// Two allocations against each other: who enters and leaves the funded when going from `a` to `b`, how alike
/// the orders are, and the differences, `b` minus `a`.
pub fn pair(a: &Allocation, b: &Allocation) -> ComparisonPair {
    let funded = |allocation: &Allocation| -> BTreeSet<String> {
        allocation
            .grants
            .iter()
            .filter(|g| g.grant_sek > 0 || g.funded_connections > 0)
            .map(|g| g.code.clone())
            .collect()
    };
    let (in_a, in_b) = (funded(a), funded(b));
    let place_in_b: BTreeMap<&str, u32> = b.grants.iter().map(|g| (g.code.as_str(), g.order)).collect();
    let places: Vec<(f64, f64)> = a
        .grants
        .iter()
        .filter_map(|g| place_in_b.get(g.code.as_str()).map(|&other| (f64::from(g.order), f64::from(other))))
        .collect();
    let difference = |x: u64, y: u64| y as i64 - x as i64;
    ComparisonPair {
        a: a.scenario.clone(),
        b: b.scenario.clone(),
        enter: in_b.difference(&in_a).cloned().collect(),
        leave: in_a.difference(&in_b).cloned().collect(),
        kendall_tau_b: kendall_tau_b(&places),
        persons: difference(a.outcome.persons, b.outcome.persons),
        households: difference(a.outcome.households, b.outcome.households),
        spent_sek: b.spent_sek - a.spent_sek,
    }
}

/// Kendall's τ-b of pairs of values: −1 (opposite order) to 1 (same order), corrected for ties; `None` with
/// fewer than two pairs, or where either side has no two different values. Cost: O(n log² n).
///
/// ```
/// use whitespot_funding::compare::kendall_tau_b;
/// assert_eq!(kendall_tau_b(&[(1.0, 1.0), (2.0, 3.0), (3.0, 2.0)]), Some(1.0 / 3.0));
/// ```
pub fn kendall_tau_b(pairs: &[(f64, f64)]) -> Option<f64> {
    let n = pairs.len() as u64;
    let all = n * n.saturating_sub(1) / 2;
    let mut by_x = pairs.to_vec();
    by_x.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1)));
    let tied_x = n_tied(&by_x, |a, b| a.0 == b.0);
    let tied_both = n_tied(&by_x, |a, b| a == b);
    let mut ys: Vec<f64> = by_x.iter().map(|p| p.1).collect();
    // Knight's algorithm: discordant pairs are the swaps that sorting by y needs.
    let discordant = n_swaps(&mut ys);
    let tied_y = n_tied(&ys, |a, b| a == b);
    if all == tied_x || all == tied_y {
        return None;
    }
    let score = all as f64 - tied_x as f64 - tied_y as f64 + tied_both as f64 - 2.0 * discordant as f64;
    Some(score / (((all - tied_x) as f64) * ((all - tied_y) as f64)).sqrt())
}

/// Pairs of equal neighbours-in-order.
fn n_tied<T>(sorted: &[T], is_equal: impl Fn(&T, &T) -> bool) -> u64 {
    sorted.chunk_by(is_equal).map(|run| run.len() as u64 * (run.len() as u64 - 1) / 2).sum()
}

/// Sorts and counts the pairs that stood in falling order.
fn n_swaps(values: &mut Vec<f64>) -> u64 {
    if values.len() < 2 {
        return 0;
    }
    let mut right = values.split_off(values.len() / 2);
    let mut left = std::mem::take(values);
    let mut swaps = n_swaps(&mut left) + n_swaps(&mut right);
    let (mut l, mut r) = (0, 0);
    while l < left.len() || r < right.len() {
        if r == right.len() || (l < left.len() && left[l] <= right[r]) {
            values.push(left[l]);
            l += 1;
        } else {
            swaps += (left.len() - l) as u64;
            values.push(right[r]);
            r += 1;
        }
    }
    swaps
}

fn rows(allocations: &[&Allocation]) -> Vec<ComparisonRow> {
    let mut rows: BTreeMap<&str, ComparisonRow> = BTreeMap::new();
    for (at, allocation) in allocations.iter().enumerate() {
        for grant in &allocation.grants {
            let row = rows.entry(&grant.code).or_insert_with(|| empty_row(grant, allocations.len()));
            row.grants_sek[at + 1] = Some(grant.grant_sek);
            row.persons[at + 1] = Some(grant.persons);
            row.n_funded_in += u32::from(grant.grant_sek > 0 || grant.funded_connections > 0);
        }
    }
    rows.into_values().collect()
}

fn empty_row(grant: &Grant, n_scenarios: usize) -> ComparisonRow {
    let mut grants_sek = vec![None; n_scenarios + 1];
    let mut persons = vec![None; n_scenarios + 1];
    (grants_sek[0], persons[0]) = (Some(0), Some(0));
    ComparisonRow {
        code: grant.code.clone(),
        name: grant.name.clone(),
        parent_code: grant.parent_code.clone(),
        grants_sek,
        persons,
        n_funded_in: 0,
    }
}

/// The outcome of granting nothing, taken from another's before.
fn without_grants(outcome: &Outcome) -> Outcome {
    let parents = outcome
        .parents
        .iter()
        .map(|parent| ParentOutcome {
            code: parent.code.clone(),
            name: parent.name.clone(),
            before_share: parent.before_share,
            after_share: parent.before_share,
            shortfall_persons: parent.shortfall_before_persons,
            shortfall_before_persons: parent.shortfall_before_persons,
            ..ParentOutcome::default()
        })
        .collect();
    Outcome {
        before: outcome.before,
        after: outcome.before,
        parents,
        equity_before: outcome.equity_before.clone(),
        equity_after: outcome.equity_before.clone(),
        worst_area: outcome.worst_area.clone().map(|mut worst| {
            (worst.after_code, worst.after_share) = (worst.before_code.clone(), worst.before_share);
            worst
        }),
        target: outcome.target.clone().map(|mut target| {
            target.shortfall_after = target.shortfall_before;
            target.parents_met_after = target.parents_met_before;
            target
        }),
        ..Outcome::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        Scenario, Target, allocate,
        testing::{by_letter, candidate},
    };
    use whitespot_model::funding::RuleName;

    fn two() -> [Allocation; 2] {
        let all = by_letter(vec![
            candidate("a1", 0.9, 5, 1_000),
            candidate("b1", 0.5, 10, 1_000),
            candidate("b2", 0.4, 20, 1_000),
        ]);
        [RuleName::Need, RuleName::CostEffectiveness].map(|rule| {
            let mut scenario = Scenario::new(rule.as_str(), rule, 1_000);
            scenario.target = Some(Target { share: 0.9, of_households: false });
            allocate(&all, &scenario).unwrap()
        })
    }

    #[test]
    fn no_grant_stands_first_and_changes_nothing() {
        let [need, cheap] = two();
        let got = compare(&[&need, &cheap]);
        let names: Vec<&str> = got.scenarios.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["", "need", "cost_effectiveness"]);
        let none = &got.scenarios[0].outcome;
        assert_eq!((none.persons, none.before, none.after), (0, need.outcome.before, need.outcome.before));
        assert_eq!(none.equity_before, none.equity_after);
        assert_eq!(none.parents[0].shortfall_persons, none.parents[0].shortfall_before_persons);
        assert!(compare(&[]).rows.is_empty());
    }

    #[test]
    fn a_pair_names_who_crosses_the_cut_line() {
        let [need, cheap] = two();
        let got = compare(&[&need, &cheap]);
        assert_eq!(
            (&got.pairs[0].enter[..], &got.pairs[0].leave[..]),
            (&["b2".to_string()][..], &["a1".to_string()][..])
        );
        assert_eq!(got.pairs[0].persons, 40 - 10);
        assert_eq!(got.pairs[0].kendall_tau_b, Some(-1.0));
        assert_eq!(got.rows[0].grants_sek, [Some(0), Some(1_000), Some(0)]);
        assert_eq!(got.rows[1].n_funded_in, 0);
    }

    #[test]
    fn tau_b_equals_counting_all_pairs() {
        let pairs: Vec<(f64, f64)> =
            (0..40).map(|i| (f64::from(i * 7 % 11), f64::from(i * i % 13))).collect();
        let (mut score, mut x, mut y) = (0.0f64, 0.0f64, 0.0f64);
        for (at, a) in pairs.iter().enumerate() {
            for b in &pairs[at + 1..] {
                let sign = |d: f64| if d == 0.0 { 0.0 } else { d.signum() };
                score += sign(a.0 - b.0) * sign(a.1 - b.1);
                x += sign(a.0 - b.0).abs();
                y += sign(a.1 - b.1).abs();
            }
        }
        assert!((kendall_tau_b(&pairs).unwrap() - score / (x * y).sqrt()).abs() < 1e-12);
        assert_eq!(kendall_tau_b(&[(1.0, 1.0), (1.0, 2.0)]), None);
        assert_eq!(kendall_tau_b(&[]), None);
    }
}
