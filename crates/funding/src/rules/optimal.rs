//! `optimal`: the most persons, households or need-weighted persons the money can reach under all limits.
//!
//! Favours whatever is cheap per unit of the objective, and uses the last krona better than any order can. It
//! is the yardstick for the other rules: their distance to it is the price of their principle. Larger budgets
//! never lower the objective, but may drop a candidate that a smaller budget funded.
//!
//! With `skip` and `stop` candidates are funded wholly or not at all (a 0/1 programme); with `partial` whole
//! connections are chosen. The answer is never worse than that of an order, and comes with a bound that no
//! answer can exceed: Lagrange multipliers of the continuous problem, whose optimum is known in closed form
//! because limits per parent area are nested in the budget. What the multipliers leave open is decided by
//! branch and bound.

mod bound;
mod search;

use super::{Effort, Order, Solved, cost_effectiveness, need, need_per_cost};
use crate::{
    error::FundingError,
    field::Field,
    fill::{Filling, fill_in_order, pay_in_order},
    limits::BoundLimits,
    scenario::Scenario,
};
use whitespot_model::{
    finding::Finding,
    funding::{Objective, Proof, Reason, Unaffordable},
};

/// By grant per unit of the objective, lowest first.
pub(crate) fn order(field: &Field<'_>, objective: Objective) -> Order {
    cost_effectiveness::order(field, Some(objective))
}

/// The problem in numbers: choose connections so that the value is largest.
pub(super) struct Problem<'a> {
    pub(super) field: &'a Field<'a>,
    pub(super) limits: &'a BoundLimits,
    pub(super) budget_sek: i64,
    /// Value of all connections of each row.
    pub(super) value: Vec<f64>,
    /// Whether connections are chosen one by one; else all or none.
    pub(super) is_partial: bool,
    /// Most rows that may be started over all years.
    pub(super) most_started: Option<u64>,
}

impl Problem<'_> {
    /// Value of so many connections by row.
    pub(super) fn value_of(&self, connections: &[u64]) -> f64 {
        (0..self.field.len())
            .map(|i| self.value[i] * (connections[i] as f64 / self.field.connections[i] as f64))
            .sum()
    }

    /// Whether connections hold every limit, reckoned in whole money.
    pub(super) fn is_allowed(&self, connections: &[u64]) -> bool {
        let (field, limits) = (self.field, self.limits);
        let mut parent_sek = vec![0i64; field.n_parents + 1];
        let mut n_started = 0;
        for (i, &k) in connections.iter().enumerate() {
            let all = field.connections[i];
            let is_whole = self.is_partial || k == 0 || k == all;
            if k > all || !is_whole || (limits.never[i] && k > 0) || (limits.must[i] && k < all) {
                return false;
            }
            n_started += u64::from(k > 0);
            parent_sek[field.parent[i]] += field.grant_for(i, k);
        }
        let within = |p: usize| {
            parent_sek[p] >= limits.floor_sek[p] && limits.cap_sek[p].is_none_or(|cap| parent_sek[p] <= cap)
        };
        parent_sek.iter().sum::<i64>() <= self.budget_sek
            && (0..parent_sek.len()).all(within)
            && self.most_started.is_none_or(|most| n_started <= most)
    }
}

/// The best allocation found, with its bound. With little effort only orders are tried and improved.
///
/// Errors: limits that nothing satisfies together.
pub(crate) fn solve(
    field: &Field<'_>,
    scenario: &Scenario,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
    effort: Effort,
) -> Result<Solved, FundingError> {
    let objective = scenario.objective.unwrap_or_default();
    let problem = Problem {
        field,
        limits,
        budget_sek: years.iter().sum(),
        value: (0..field.len()).map(|i| field.value(i, objective)).collect(),
        is_partial: scenario.unaffordable == Unaffordable::Partial,
        most_started: limits.max_per_year.map(|most| u64::from(most) * years.len() as u64),
    };
    let multipliers = bound::multipliers(&problem, &order.rows);
    let (mut best, greedy_value) = best_order(&problem, scenario, order, &multipliers, years);
    let mut bound = bound::value(&problem, &multipliers);
    let mut is_time_limited = false;
    let mut solver = "orders with Lagrangian bound".to_string();
    if effort == Effort::Full {
        let held = best.as_ref().map(|given| problem.value_of(&given.connections));
        if held.is_none_or(|value| !is_good_enough(&problem, value, bound)) {
            let found = search::search(&problem, &multipliers, bound, held, scenario.time_limit);
            if let Some(connections) = found.connections {
                let given = settled(&problem, order, &connections, years);
                if let Some(given) = given.filter(|_| held.is_none_or(|v| problem.value_of(&connections) > v))
                {
                    best = Some(given);
                }
            }
            if found.is_infeasible && best.is_none() {
                return Err(FundingError::Infeasible { scenario: scenario.name.clone() });
            }
            bound = found.bound.min(bound);
            is_time_limited = found.is_time_limited;
            solver = found.solver;
        }
    }
    let Some(given) = best else {
        let error = fill_in_order(field, &order.rows, limits, years, scenario.unaffordable).err();
        return Err(error.unwrap_or(FundingError::Infeasible { scenario: scenario.name.clone() }));
    };
    let value = problem.value_of(&given.connections);
    let bound = bound.max(value);
    let gap = if bound > 0.0 { (bound - value) / bound } else { 0.0 };
    let is_proven = is_closed(&problem, value, bound);
    let proof = Proof {
        solver,
        value,
        bound,
        gap,
        is_proven,
        is_time_limited,
        greedy_value: greedy_value.unwrap_or(0.0),
    };
    let finding = is_time_limited.then(|| {
        Finding::warning(
            "time_limited",
            "",
            format!(
                "scenario `{}`: the search for the optimum was ended by its time limit; another machine may find \
                 another answer, none can be better by more than {:.2} %",
                scenario.name,
                100.0 * gap
            ),
        )
        .with_hint("raise `time_limit_s`, or leave out `max_candidates_per_year`")
    });
    Ok(Solved { given, proof: Some(proof), findings: finding.into_iter().collect() })
}

/// Whether no better value exists: the next possible one lies above the bound.
fn is_closed(problem: &Problem<'_>, value: f64, bound: f64) -> bool {
    let next = match step(problem) {
        Some(step) => value + step - 1e-6,
        None => value * (1.0 + 1e-9) + 1e-9,
    };
    bound < next
}

/// The least by which two values can differ, where all values are whole numbers: their greatest common divisor. With
/// equal prices everywhere this ends a search that could otherwise only try one tie after another.
fn step(problem: &Problem<'_>) -> Option<f64> {
    let mut step = 0u64;
    for (i, &value) in problem.value.iter().enumerate() {
        let each = if problem.is_partial { value / problem.field.connections[i] as f64 } else { value };
        if each.fract() != 0.0 || !(0.0..9e15).contains(&each) {
            return None;
        }
        step = need_per_cost::greatest_common_divisor(step, each as u64);
    }
    (step > 0).then_some(step as f64)
}

/// Whether the search can end: nothing better exists, or among many candidates next to nothing.
fn is_good_enough(problem: &Problem<'_>, value: f64, bound: f64) -> bool {
    let is_many = problem.field.len() > search::MANY_ROWS;
    is_closed(problem, value, bound) || (is_many && bound - value <= search::GAP_OF_MANY * bound)
}

/// The best of the simple rules under the limits, and its value; `None` where none of them can hold the limits.
fn best_order(
    problem: &Problem<'_>,
    scenario: &Scenario,
    order: &Order,
    multipliers: &bound::Multipliers,
    years: &[i64],
) -> (Option<Filling>, Option<f64>) {
    let (field, limits) = (problem.field, problem.limits);
    let objective = scenario.objective.unwrap_or_default();
    // Where whole candidates are funded, passing over what does not fit is never worse than ending there.
    let unaffordable = if problem.is_partial { Unaffordable::Partial } else { Unaffordable::Skip };
    let mut largest = order.rows.clone();
    largest.sort_by(|&a, &b| problem.value[b as usize].total_cmp(&problem.value[a as usize]));
    // What is left of the value per krona once a place among the most that may be started is paid for.
    let net = |i: u32| {
        let i = i as usize;
        (problem.value[i] - multipliers.start) / field.asked_sek[i].max(1) as f64
    };
    let mut by_net = order.rows.clone();
    by_net.sort_by(|&a, &b| net(b).total_cmp(&net(a)));
    let tries = [
        order.rows.clone(),
        by_net,
        need::order(field).rows,
        need_per_cost::order(field, Some(objective)).rows,
        cost_effectiveness::order(field, None).rows,
        need_per_cost::order(field, None).rows,
        largest,
    ];
    let mut best: Option<(f64, Filling)> = None;
    for rows in &tries {
        keep_better(problem, &mut best, fill_in_order(field, rows, limits, years, unaffordable).ok());
        if !problem.is_partial {
            // `stop` is what the user's own rule may do; it can only matter with floors.
            keep_better(
                problem,
                &mut best,
                fill_in_order(field, rows, limits, years, Unaffordable::Stop).ok(),
            );
        }
    }
    if let Some((_, given)) = best.as_ref().filter(|_| problem.is_partial) {
        let mut connections = given.connections.clone();
        use_the_rest(problem, &order.rows, &mut connections);
        let given = settled(problem, order, &connections, years);
        keep_better(problem, &mut best, given);
    }
    let value = best.as_ref().map(|(value, _)| *value);
    let mut best = best.map(|(_, given)| given);
    if let Some(given) = &mut best {
        mark_chosen(problem, given);
    }
    (best, value)
}

fn keep_better(problem: &Problem<'_>, best: &mut Option<(f64, Filling)>, given: Option<Filling>) {
    let Some(given) = given else { return };
    let value = problem.value_of(&given.connections);
    if best.as_ref().is_none_or(|(held, _)| value > *held) {
        *best = Some((value, given));
    }
}

/// Spends what is left on further connections in order, within all limits.
pub(super) fn use_the_rest(problem: &Problem<'_>, rows: &[u32], connections: &mut [u64]) {
    let (field, limits) = (problem.field, problem.limits);
    let mut parent_sek = vec![0i64; field.n_parents + 1];
    let mut rest = problem.budget_sek;
    let mut n_started = 0u64;
    for (i, &k) in connections.iter().enumerate() {
        let sek = field.grant_for(i, k);
        parent_sek[field.parent[i]] += sek;
        rest -= sek;
        n_started += u64::from(k > 0);
    }
    for &i in rows {
        let i = i as usize;
        let p = field.parent[i];
        let is_full_year = connections[i] == 0 && problem.most_started.is_some_and(|most| n_started >= most);
        if limits.never[i] || connections[i] == field.connections[i] || is_full_year {
            continue;
        }
        let has = field.grant_for(i, connections[i]);
        let by_cap = limits.cap_sek[p].map_or(i64::MAX, |cap| cap - parent_sek[p] + has);
        let mut k = field.connections_for(i, by_cap.min(rest + has));
        if !problem.is_partial && k < field.connections[i] {
            k = 0;
        }
        if k > connections[i] {
            let sek = field.grant_for(i, k) - has;
            n_started += u64::from(connections[i] == 0);
            connections[i] = k;
            parent_sek[p] += sek;
            rest -= sek;
        }
    }
}

/// Connections as a filling paid over the years; `None` where a limit does not hold or the years do not suffice.
fn settled(problem: &Problem<'_>, order: &Order, connections: &[u64], years: &[i64]) -> Option<Filling> {
    if !problem.is_allowed(connections) {
        return None;
    }
    let field = problem.field;
    let mut given = Filling::empty(field);
    for (i, &k) in connections.iter().enumerate() {
        given.connections[i] = k;
        given.grant_sek[i] = field.grant_for(i, k);
    }
    mark_chosen(problem, &mut given);
    pay_in_order(field, &order.rows, problem.limits, years, problem.is_partial, &mut given).then_some(given)
}

fn mark_chosen(problem: &Problem<'_>, given: &mut Filling) {
    for i in 0..problem.field.len() {
        given.reason[i] = match () {
            () if problem.limits.never[i] => Reason::NeverFund,
            () if problem.limits.must[i] => Reason::MustFund,
            () if given.connections[i] > 0 => Reason::Chosen,
            () => Reason::NotChosen,
        };
    }
}
