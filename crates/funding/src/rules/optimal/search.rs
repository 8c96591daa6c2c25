//! Branch and bound over what the multipliers leave open.

use super::{
    Problem,
    bound::{Multipliers, reduced_value},
    use_the_rest,
};
use good_lp::{
    Expression, ResolutionError, Solution, SolutionStatus, SolverModel, Variable, WithMipGap, WithTimeLimit,
    constraint, microlp, variable, variables,
};
use std::time::Duration;

/// What the search found.
pub(crate) struct Found {
    /// Connections by row of the best answer within all limits; `None` where none was found.
    pub(crate) connections: Option<Vec<u64>>,
    /// No answer is better than this, as far as the search tells.
    pub(crate) bound: f64,
    /// Whether it is certain that no answer holds the limits.
    pub(crate) is_infeasible: bool,
    /// Whether time ended the search.
    pub(crate) is_time_limited: bool,
    /// What searched.
    pub(crate) solver: String,
}

/// From so many rows on, the search ends at a gap of [`GAP_OF_MANY`]; below it goes on to the optimum.
pub(super) const MANY_ROWS: usize = 400;
/// 0.02 % of the bound.
pub(super) const GAP_OF_MANY: f64 = 2e-4;

/// Fixes every row whose reduced value is larger than what lies between the bound and the value held (choosing
/// it otherwise would lose more than there is to gain), and solves the rest as an integer programme.
pub(crate) fn search(
    problem: &Problem<'_>,
    multipliers: &Multipliers,
    bound: f64,
    held: Option<f64>,
    time_limit: Duration,
) -> Found {
    let field = problem.field;
    let room = held.map_or(f64::INFINITY, |held| (bound - held).max(0.0) * (1.0 + 1e-9) + 1e-9);
    let fix = |i: usize| {
        let all = field.connections[i];
        let whole = reduced_value(problem, multipliers, i);
        let start = if problem.most_started.is_some() { multipliers.start } else { 0.0 };
        // What one connection adds or takes away, where they are chosen one by one.
        let one = if problem.is_partial { (whole + start) / all as f64 } else { whole + start };
        let least_loss = one.min(whole);
        let most_gain = (one - start).max(whole);
        match () {
            () if problem.limits.never[i] => Some(0),
            () if problem.limits.must[i] => Some(all),
            () if least_loss > room => Some(all),
            () if most_gain < -room => Some(0),
            () => None,
        }
    };
    let fixed: Vec<Option<u64>> = (0..field.len()).map(fix).collect();
    let open: Vec<usize> = (0..field.len()).filter(|&i| fixed[i].is_none()).collect();
    let mut found = Found {
        connections: None,
        bound: f64::INFINITY,
        is_infeasible: false,
        is_time_limited: false,
        solver: format!("good_lp 1.15 with microlp 0.6: {} of {} rows open", open.len(), field.len()),
    };
    let mut connections: Vec<u64> = fixed.iter().map(|k| k.unwrap_or(0)).collect();
    let fixed_value = problem.value_of(&connections);
    if !open.is_empty() {
        // The solver sees the open rows only: its gap is brought from the whole to their part of the value.
        let open_value = (bound - fixed_value).max(bound * 1e-3);
        let gap = if open.len() > MANY_ROWS { (GAP_OF_MANY * bound / open_value) as f32 } else { 0.0 };
        match solve_open(problem, &fixed, &open, gap, time_limit) {
            Ok((chosen, value, status)) => {
                for (&i, k) in open.iter().zip(chosen) {
                    connections[i] = k;
                }
                match status {
                    SolutionStatus::Optimal => found.bound = fixed_value + value,
                    SolutionStatus::GapLimit => {
                        found.bound = fixed_value + value * (1.0 + f64::from(gap) * 1.01);
                    }
                    SolutionStatus::TimeLimit => found.is_time_limited = true,
                }
            }
            Err(ResolutionError::Infeasible) => {
                // Under the assumption that something better than what is held exists, nothing does.
                found.is_infeasible = held.is_none();
                found.bound = held.unwrap_or(f64::INFINITY);
                return found;
            }
            Err(_) => {
                found.is_time_limited = true;
                return found;
            }
        }
    }
    if found.bound.is_finite() {
        // The solver works with a tolerance; and what is held may already be the best.
        found.bound = (found.bound + found.bound.abs() * 1e-9 + 1e-7).max(held.unwrap_or(0.0));
    } else if open.is_empty() {
        found.bound = fixed_value.max(held.unwrap_or(0.0));
    }
    found.connections = mended(problem, connections);
    found
}

type Chosen = (Vec<u64>, f64, SolutionStatus);

fn solve_open(
    problem: &Problem<'_>,
    fixed: &[Option<u64>],
    open: &[usize],
    gap: f32,
    time_limit: Duration,
) -> Result<Chosen, ResolutionError> {
    let (field, limits) = (problem.field, problem.limits);
    // In units in which the budget is 1,000 times the number of open rows at most: solvers dislike large numbers.
    let scale = (problem.budget_sek as f64 / 10_000.0).max(1.0);
    let mut parent_fixed = vec![0i64; field.n_parents + 1];
    let mut n_fixed = 0u64;
    for (i, k) in fixed.iter().enumerate() {
        parent_fixed[field.parent[i]] += field.grant_for(i, k.unwrap_or(0));
        n_fixed += u64::from(k.unwrap_or(0) > 0);
    }
    let mut model = variables!();
    let has_starts = problem.is_partial && problem.most_started.is_some();
    let chosen: Vec<Variable> = open
        .iter()
        .map(|&i| {
            let most =
                if problem.is_partial { field.connections[i].min(i32::MAX as u64) as f64 } else { 1.0 };
            model.add(variable().integer().min(0.0).max(most))
        })
        .collect();
    let starts: Vec<Variable> =
        if has_starts { open.iter().map(|_| model.add(variable().binary())).collect() } else { Vec::new() };
    let per =
        |i: usize, whole: f64| if problem.is_partial { whole / field.connections[i] as f64 } else { whole };
    let mut gain = Expression::default();
    let mut money = vec![Expression::default(); field.n_parents + 1];
    let mut has_open = vec![false; field.n_parents + 1];
    let mut all_money = Expression::default();
    for (&i, &x) in open.iter().zip(&chosen) {
        gain.add_mul(per(i, problem.value[i]), x);
        let sek = per(i, field.asked_sek[i] as f64) / scale;
        money[field.parent[i]].add_mul(sek, x);
        all_money.add_mul(sek, x);
        has_open[field.parent[i]] = true;
    }
    let budget = problem.budget_sek - parent_fixed.iter().sum::<i64>();
    let mut solver = model
        .maximise(gain.clone())
        .using(microlp)
        .with_time_limit(time_limit.as_secs_f64())
        .with(constraint!(all_money <= budget as f64 / scale));
    if gap > 0.0 {
        solver = solver.with_mip_gap(gap).map_err(|e| ResolutionError::Str(e.to_string()))?;
    }
    for (p, spent) in money.into_iter().enumerate() {
        let floor = limits.floor_sek[p] - parent_fixed[p];
        if !has_open[p] {
            if floor > 0 || limits.cap_sek[p].is_some_and(|cap| cap < parent_fixed[p]) {
                return Err(ResolutionError::Infeasible);
            }
            continue;
        }
        if floor > 0 {
            solver = solver.with(constraint!(spent.clone() >= floor as f64 / scale));
        }
        if let Some(cap) = limits.cap_sek[p] {
            solver = solver.with(constraint!(spent <= (cap - parent_fixed[p]) as f64 / scale));
        }
    }
    if let Some(most) = problem.most_started {
        let places = most.saturating_sub(n_fixed) as f64;
        let mut n_started = Expression::default();
        for (at, &x) in chosen.iter().enumerate() {
            if let Some(&start) = starts.get(at) {
                let all = field.connections[open[at]] as f64;
                solver = solver.with(constraint!(x <= all * start));
                n_started.add_mul(1.0, start);
            } else {
                n_started.add_mul(1.0, x);
            }
        }
        solver = solver.with(constraint!(n_started <= places));
    }
    let solution = solver.solve()?;
    let connections = open
        .iter()
        .zip(&chosen)
        .map(|(&i, &x)| {
            let k = solution.value(x).round().max(0.0) as u64;
            if problem.is_partial { k.min(field.connections[i]) } else { k.min(1) * field.connections[i] }
        })
        .collect();
    Ok((connections, solution.eval(gain), solution.status()))
}

/// The answer in whole money: rounding up each grant may exceed budget or cap by some kronor, which single
/// connections give back; what is then left is used again. `None` where that does not hold the limits.
fn mended(problem: &Problem<'_>, mut connections: Vec<u64>) -> Option<Vec<u64>> {
    let field = problem.field;
    let mut rows: Vec<u32> = (0..field.len() as u32).collect();
    let per_sek = |i: usize| problem.value[i] / (field.asked_sek[i].max(1)) as f64;
    rows.sort_by(|&a, &b| per_sek(b as usize).total_cmp(&per_sek(a as usize)).then(a.cmp(&b)));
    if problem.is_partial {
        for group in (0..=field.n_parents).map(Some).chain([None]) {
            let most = match group {
                Some(p) => problem.limits.cap_sek[p],
                None => Some(problem.budget_sek),
            };
            let Some(most) = most else { continue };
            let members: Vec<usize> = rows
                .iter()
                .map(|&i| i as usize)
                .filter(|&i| group.is_none_or(|p| field.parent[i] == p) && !problem.limits.must[i])
                .collect();
            let spent = |connections: &[u64]| -> i64 {
                (0..field.len())
                    .filter(|&i| group.is_none_or(|p| field.parent[i] == p))
                    .map(|i| field.grant_for(i, connections[i]))
                    .sum()
            };
            let mut over = spent(&connections) - most;
            for &i in members.iter().rev() {
                while over > 0 && connections[i] > 0 && field.asked_sek[i] > 0 {
                    connections[i] -= 1;
                    over = spent(&connections) - most;
                }
            }
        }
    }
    if problem.is_allowed(&connections) {
        use_the_rest(problem, &rows, &mut connections);
    }
    problem.is_allowed(&connections).then_some(connections)
}
