//! An upper bound by Lagrange multipliers.
//!
//! Without whole numbers, and without a most per year, the problem is a knapsack whose groups have floors and
//! caps: filling by value per krona, floors first, is optimal, and the value per krona at which each group stops
//! is its multiplier. Whatever the multipliers, the bound holds; good ones only make it tight. A most per year
//! gets a multiplier of its own, found by golden section (the bound is convex in it).

use super::Problem;

/// Prices of the limits.
#[derive(Clone, Debug, Default)]
pub(crate) struct Multipliers {
    /// Value of a further krona of the budget; not negative.
    pub(crate) budget: f64,
    /// Value per krona at which each parent area stops: above `budget` where its cap binds, below where its
    /// floor does.
    pub(crate) parent: Vec<f64>,
    /// Value of a further candidate; not negative.
    pub(crate) start: f64,
}

/// Multipliers that make the bound tight, or nearly so.
pub(crate) fn multipliers(problem: &Problem<'_>, rows: &[u32]) -> Multipliers {
    let plain = fill_continuously(problem, rows, 0.0);
    let Some(most) = problem.most_started else { return plain };
    let n_rows = rows.len() as u64;
    if n_rows <= most {
        return plain;
    }
    let highest = problem.value.iter().copied().fold(0.0, f64::max);
    let at = |start: f64| {
        let multipliers = fill_continuously(problem, rows, start);
        (value(problem, &multipliers), multipliers)
    };
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = (0.0, highest);
    let (mut best_value, mut best) = (value(problem, &plain), plain);
    let mut left = high - golden * (high - low);
    let mut right = low + golden * (high - low);
    let (mut at_left, mut at_right) = (at(left), at(right));
    for _ in 0..60 {
        for (bound, multipliers) in [&at_left, &at_right] {
            if *bound < best_value {
                (best_value, best) = (*bound, multipliers.clone());
            }
        }
        if at_left.0 <= at_right.0 {
            (high, right, at_right) = (right, left, at_left);
            left = high - golden * (high - low);
            at_left = at(left);
        } else {
            (low, left, at_left) = (left, right, at_right);
            right = low + golden * (high - low);
            at_right = at(right);
        }
    }
    best
}

/// What the multipliers leave of a row's value once its money and start are paid for.
pub(crate) fn reduced_value(problem: &Problem<'_>, multipliers: &Multipliers, i: usize) -> f64 {
    let field = problem.field;
    problem.value[i]
        - multipliers.parent[field.parent[i]] * field.asked_sek[i] as f64
        - if problem.most_started.is_some() { multipliers.start } else { 0.0 }
}

/// The bound: no allocation within the limits has a higher value.
pub(crate) fn value(problem: &Problem<'_>, multipliers: &Multipliers) -> f64 {
    let (field, limits) = (problem.field, problem.limits);
    let mut bound = multipliers.budget * problem.budget_sek as f64;
    for (p, &price) in multipliers.parent.iter().enumerate() {
        let difference = price - multipliers.budget;
        if difference > 0.0 {
            bound += difference * limits.cap_sek[p].unwrap_or(0) as f64;
        } else {
            bound += difference * limits.floor_sek[p] as f64;
        }
    }
    if let Some(most) = problem.most_started {
        bound += multipliers.start * most as f64;
    }
    for i in 0..field.len() {
        let reduced = reduced_value(problem, multipliers, i);
        bound += match () {
            () if limits.never[i] => 0.0,
            () if limits.must[i] => reduced,
            () => reduced.max(0.0),
        };
    }
    // Sums of thousands of terms round; the bound must not fall below the truth for that.
    bound + bound.abs() * 1e-12
}

/// Fills by value per krona in fractions and reads the multipliers off where each group stops.
fn fill_continuously(problem: &Problem<'_>, rows: &[u32], start: f64) -> Multipliers {
    let (field, limits) = (problem.field, problem.limits);
    let n_groups = field.n_parents + 1;
    let density = |i: usize| {
        let net = problem.value[i] - start;
        if field.asked_sek[i] == 0 { f64::INFINITY } else { net / field.asked_sek[i] as f64 }
    };
    let mut by_density: Vec<usize> = rows.iter().map(|&i| i as usize).filter(|&i| !limits.never[i]).collect();
    by_density.sort_by(|&a, &b| density(b).total_cmp(&density(a)).then(a.cmp(&b)));
    let mut rest = problem.budget_sek as f64;
    let mut spent = vec![0.0f64; n_groups];
    let mut left: Vec<f64> = field.asked_sek.iter().map(|&sek| sek as f64).collect();
    for &i in by_density.iter().filter(|&&i| limits.must[i]) {
        spent[field.parent[i]] += left[i];
        rest -= left[i];
        left[i] = 0.0;
    }
    // Where a group stops: the value per krona of what it took last.
    let mut floor_price = vec![None; n_groups];
    for &i in &by_density {
        let p = field.parent[i];
        let lacking = limits.floor_sek[p] as f64 - spent[p];
        let take = left[i].min(lacking);
        if take > 0.0 {
            spent[p] += take;
            rest -= take;
            left[i] -= take;
            floor_price[p] = Some(density(i));
        }
    }
    let mut cap_price = vec![None; n_groups];
    let mut budget = 0.0;
    let mut has_group_spent_more = vec![false; n_groups];
    for &i in &by_density {
        let p = field.parent[i];
        if left[i] <= 0.0 || density(i) <= 0.0 {
            continue;
        }
        if rest <= 0.0 {
            budget = density(i);
            break;
        }
        let by_cap = limits.cap_sek[p].map_or(f64::INFINITY, |cap| cap as f64 - spent[p]);
        if by_cap <= 0.0 {
            // The first that the cap keeps out.
            cap_price[p] = cap_price[p].or(Some(density(i)));
            continue;
        }
        let take = left[i].min(by_cap).min(rest);
        spent[p] += take;
        rest -= take;
        left[i] -= take;
        has_group_spent_more[p] = true;
        if take < by_cap && left[i] > 0.0 {
            budget = density(i);
            break;
        }
        if left[i] > 0.0 {
            cap_price[p] = cap_price[p].or(Some(density(i)));
        }
    }
    let parent = (0..n_groups)
        .map(|p| match (cap_price[p], floor_price[p]) {
            (Some(price), _) if limits.cap_sek[p].is_some() => f64::max(price, budget),
            (_, Some(price)) if !has_group_spent_more[p] && limits.floor_sek[p] > 0 => {
                f64::min(price, budget)
            }
            _ => budget,
        })
        .map(|price| if price.is_finite() { price } else { budget })
        .collect();
    Multipliers { budget, parent, start }
}
