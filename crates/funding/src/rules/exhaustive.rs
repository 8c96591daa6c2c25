//! Every rule against plain reimplementation and exhaustive search on small random worlds.

use crate::{
    FundingError, Scenario, allocate, curve,
    testing::{by_letter, candidate, fixed_cases},
};
use indexmap::IndexMap;
use proptest::prelude::*;
use whitespot_model::{
    config::funding::{LimitBy, SekOrShare},
    funding::{Allocation, Candidates, Objective, RuleName, Status, Unaffordable},
};

const IN_ORDER: [RuleName; 3] = [RuleName::Need, RuleName::CostEffectiveness, RuleName::NeedPerCost];
const WITHOUT_BIDS: [RuleName; 7] = [
    RuleName::Need,
    RuleName::CostEffectiveness,
    RuleName::NeedPerCost,
    RuleName::Proportional,
    RuleName::EqualShare,
    RuleName::Optimal,
    RuleName::Leximin,
];

/// Candidates in parent areas a, b and c with few connections, so that every allocation can be tried.
fn worlds(most_rows: usize, most_households: u64) -> impl Strategy<Value = Candidates> {
    let row = (0..3usize, 1..=most_households, 1..40i64, 0..20u32);
    prop::collection::vec(row, 1..=most_rows).prop_map(|rows| {
        let rows = rows
            .into_iter()
            .enumerate()
            .map(|(n, (parent, households, sek, score))| {
                let code = format!("{}{n:02}", ["a", "b", "c"][parent]);
                candidate(&code, f64::from(score) / 19.0, households, sek * households as i64)
            })
            .collect();
        by_letter(rows)
    })
}

/// A scenario with random limits; floors and lists may be impossible.
fn scenarios(rules: &'static [RuleName]) -> impl Strategy<Value = Scenario> {
    let limits = (
        prop::option::of(0..150i64),
        prop::option::of(0..60i64),
        prop::collection::vec(any::<prop::sample::Index>(), 0..2),
        prop::collection::vec(any::<prop::sample::Index>(), 0..2),
        prop::option::weighted(0.2, 1..5u32),
    );
    let unaffordable =
        prop::sample::select(vec![Unaffordable::Partial, Unaffordable::Skip, Unaffordable::Stop]);
    (prop::sample::select(rules), 0..500i64, unaffordable, limits).prop_map(
        |(rule, budget, unaffordable, (cap, floor, must, never, most))| {
            let mut scenario = Scenario::new("random", rule, budget);
            scenario.unaffordable = unaffordable;
            scenario.caps = cap.map(|sek| LimitBy::Each(SekOrShare::Sek(sek)));
            let of_a = |sek| LimitBy::Parent(IndexMap::from([("a".to_string(), SekOrShare::Sek(sek))]));
            scenario.floors = floor.map(of_a);
            // Positions stand for codes until the candidates are known.
            scenario.must_fund = must.iter().map(|at| at.index(12).to_string()).collect();
            scenario.never_fund = never.iter().map(|at| at.index(12).to_string()).collect();
            scenario.max_per_year = most;
            scenario
        },
    )
}

fn with_codes(scenario: &Scenario, all: &Candidates) -> Scenario {
    let mut scenario = scenario.clone();
    let code = |at: &String| all.rows.get(at.parse::<usize>().unwrap()).map(|row| row.code.clone());
    scenario.must_fund = scenario.must_fund.iter().filter_map(code).collect();
    scenario.never_fund = scenario.never_fund.iter().filter_map(code).collect();
    if !all.parents.iter().any(|p| p.code == "a") {
        scenario.floors = None;
    }
    scenario
}

fn spent_in(allocation: &Allocation, parent: &str) -> i64 {
    allocation.grants.iter().filter(|g| g.parent_code.as_deref() == Some(parent)).map(|g| g.grant_sek).sum()
}

/// All connections by row: every combination, or only all and none.
fn all_choices(all: &Candidates, is_partial: bool) -> Vec<Vec<u64>> {
    let mut choices = vec![Vec::new()];
    for row in &all.rows {
        let k: Vec<u64> = if is_partial { (0..=row.households).collect() } else { vec![0, row.households] };
        choices = choices
            .into_iter()
            .flat_map(|choice: Vec<u64>| {
                k.iter().map(move |&k| choice.iter().copied().chain([k]).collect::<Vec<u64>>())
            })
            .collect();
    }
    choices
}

/// Grant of `k` connections; in these worlds each costs the same whole amount.
fn grant(all: &Candidates, i: usize, k: u64) -> i64 {
    all.rows[i].grant_sek / all.rows[i].households as i64 * k as i64
}

fn is_allowed(all: &Candidates, scenario: &Scenario, choice: &[u64]) -> bool {
    let sek = |p: &str| -> i64 {
        (0..choice.len()).filter(|&i| all.rows[i].code.starts_with(p)).map(|i| grant(all, i, choice[i])).sum()
    };
    let total: i64 = (0..choice.len()).map(|i| grant(all, i, choice[i])).sum();
    let cap = match scenario.caps {
        Some(LimitBy::Each(SekOrShare::Sek(cap))) => cap,
        _ => i64::MAX,
    };
    let floor = match &scenario.floors {
        Some(LimitBy::Parent(map)) => map["a"].of(0),
        _ => 0,
    };
    let demand: i64 = all
        .rows
        .iter()
        .filter(|r| r.code.starts_with('a') && !scenario.never_fund.contains(&r.code))
        .map(|r| r.grant_sek)
        .sum();
    let lists_hold = all.rows.iter().zip(choice).all(|(row, &k)| {
        (!scenario.must_fund.contains(&row.code) || k == row.households)
            && (!scenario.never_fund.contains(&row.code) || k == 0)
    });
    let n_started = choice.iter().filter(|&&k| k > 0).count();
    total <= scenario.budget_sek()
        && ["a", "b", "c"].iter().all(|p| sek(p) <= cap)
        && sek("a") >= floor.min(demand)
        && lists_hold
        && scenario.max_per_year.is_none_or(|most| n_started <= most as usize)
}

fn value(all: &Candidates, objective: Objective, choice: &[u64]) -> f64 {
    all.rows
        .iter()
        .zip(choice)
        .map(|(row, &k)| match objective {
            Objective::Households => k as f64,
            Objective::Persons => 2.0 * k as f64,
            Objective::NeedWeightedPersons => 2.0 * k as f64 * row.score.unwrap(),
        })
        .sum()
}

fn choice_of(all: &Candidates, allocation: &Allocation) -> Vec<u64> {
    let funded =
        |code: &str| allocation.grants.iter().find(|g| g.code == code).map_or(0, |g| g.funded_connections);
    all.rows.iter().map(|row| funded(&row.code)).collect()
}

/// Coverage of the parent areas from the lowest up, exactly: reached persons of each times the others' persons.
fn levels(all: &Candidates, choice: &[u64]) -> Vec<(u64, u64)> {
    let mut levels: Vec<(u64, u64)> = all
        .parents
        .iter()
        .map(|p| {
            let gained: u64 = all
                .rows
                .iter()
                .zip(choice)
                .filter(|(r, _)| r.code.starts_with(&p.code))
                .map(|(_, k)| 2 * k)
                .sum();
            (p.base.reached_persons + gained, p.base.persons)
        })
        .collect();
    levels.sort_by(|a, b| (a.0 * b.1).cmp(&(b.0 * a.1)));
    levels
}

fn is_lower(a: &[(u64, u64)], b: &[(u64, u64)]) -> bool {
    for (x, y) in a.iter().zip(b) {
        match (x.0 * y.1).cmp(&(y.0 * x.1)) {
            std::cmp::Ordering::Equal => {}
            other => return other.is_lt(),
        }
    }
    false
}

proptest! {
    #![proptest_config(fixed_cases(3_000))]

    #[test]
    fn every_rule_holds_budget_floors_caps_and_lists(all in worlds(12, 6), scenario in scenarios(&WITHOUT_BIDS)) {
        let scenario = with_codes(&scenario, &all);
        let Ok(got) = allocate(&all, &scenario) else { return Ok(()) };
        prop_assert!(got.spent_sek <= scenario.budget_sek());
        prop_assert_eq!(got.spent_sek + got.leftover_sek, scenario.budget_sek());
        prop_assert_eq!(got.spent_sek, got.grants.iter().map(|g| g.grant_sek).sum::<i64>());
        prop_assert_eq!(got.years[0].spent_sek, got.spent_sek);
        if let Some(LimitBy::Each(SekOrShare::Sek(cap))) = scenario.caps {
            prop_assert!(["a", "b", "c"].iter().all(|p| spent_in(&got, p) <= cap));
        }
        if let Some(LimitBy::Parent(floors)) = &scenario.floors {
            let of_a = |g: &&whitespot_model::funding::Grant| {
                g.parent_code.as_deref() == Some("a") && !scenario.never_fund.contains(&g.code)
            };
            let demand: i64 = got.grants.iter().filter(of_a).map(|g| g.asked_sek).sum();
            prop_assert!(spent_in(&got, "a") >= floors["a"].of(0).min(demand));
        }
        for g in &got.grants {
            prop_assert!(g.grant_sek <= g.asked_sek && g.funded_connections <= g.connections);
            if scenario.must_fund.contains(&g.code) {
                prop_assert_eq!(g.status, Status::Funded);
            }
            if scenario.never_fund.contains(&g.code) {
                prop_assert_eq!((g.status, g.grant_sek), (Status::Rejected, 0));
            }
        }
        if let Some(most) = scenario.max_per_year {
            prop_assert!(got.outcome.n_funded <= most);
        }
        prop_assert_eq!(got.outcome.persons, got.grants.iter().map(|g| g.persons).sum::<u64>());
        prop_assert_eq!(
            got.outcome.after.reached_persons,
            got.outcome.before.reached_persons + got.outcome.persons
        );
    }

    #[test]
    fn the_order_of_the_candidates_does_not_matter(all in worlds(12, 6), scenario in scenarios(&WITHOUT_BIDS)) {
        let scenario = with_codes(&scenario, &all);
        let mut turned = all.clone();
        turned.rows.reverse();
        prop_assert_eq!(allocate(&all, &scenario), allocate(&turned, &scenario));
    }

    #[test]
    fn proportional_sums_to_the_pot_exactly_as_long_as_anyone_can_use_it(
        all in worlds(12, 6),
        budget in 0..2_000i64,
    ) {
        let got = allocate(&all, &Scenario::new("p", RuleName::Proportional, budget)).unwrap();
        let asked: i64 = all.rows.iter().map(|r| r.grant_sek).sum();
        prop_assert_eq!(got.spent_sek, budget.min(asked));
    }

    #[test]
    fn equal_share_gives_each_parent_area_the_same_unless_it_can_use_less(
        all in worlds(12, 6),
        budget in 0..2_000i64,
    ) {
        let got = allocate(&all, &Scenario::new("e", RuleName::EqualShare, budget)).unwrap();
        // Plain water-filling, a krona at a time.
        let demand: Vec<i64> = all
            .parents
            .iter()
            .map(|p| all.rows.iter().filter(|r| r.code.starts_with(&p.code)).map(|r| r.grant_sek).sum())
            .collect();
        let mut shares = vec![0i64; demand.len()];
        for _ in 0..budget {
            let open = (0..shares.len()).filter(|&p| shares[p] < demand[p]).min_by_key(|&p| shares[p]);
            let Some(p) = open else { break };
            shares[p] += 1;
        }
        for (p, parent) in all.parents.iter().enumerate() {
            let dearest = all.rows.iter().map(|r| r.grant_sek / r.households as i64).max().unwrap();
            let spent = spent_in(&got, &parent.code);
            prop_assert!(spent <= shares[p] && spent > shares[p] - dearest, "{shares:?} {spent}");
        }
    }

    #[test]
    fn partial_never_reaches_fewer_persons_with_more_money(all in worlds(12, 6), scenario in scenarios(&IN_ORDER)) {
        let mut scenario = with_codes(&scenario, &all);
        scenario.unaffordable = Unaffordable::Partial;
        let asked: i64 = all.rows.iter().map(|r| r.grant_sek).sum();
        let budgets = curve::even_budgets(asked + 100);
        let got = curve::curve(&all, &scenario, &budgets).unwrap();
        let feasible: Vec<u64> = got.points.iter().filter(|p| p.infeasible.is_none()).map(|p| p.persons).collect();
        prop_assert!(feasible.windows(2).all(|w| w[0] <= w[1]), "{feasible:?}");
        // Once possible, always possible.
        let first = got.points.iter().position(|p| p.infeasible.is_none());
        prop_assert!(first.is_none_or(|first| got.points[first..].iter().all(|p| p.infeasible.is_none())));
    }

    #[test]
    fn an_order_is_followed_as_a_plain_loop_would(all in worlds(12, 6), budget in 0..500i64) {
        let got = allocate(&all, &Scenario::new("need", RuleName::Need, budget)).unwrap();
        let mut rows: Vec<_> = all.rows.iter().collect();
        rows.sort_by(|a, b| {
            b.score.unwrap().total_cmp(&a.score.unwrap()).then(b.persons.cmp(&a.persons)).then(a.code.cmp(&b.code))
        });
        let mut rest = budget;
        let mut is_over = false;
        for (row, grant) in rows.iter().zip(&got.grants) {
            prop_assert_eq!(&row.code, &grant.code);
            let each = row.grant_sek / row.households as i64;
            let mut k = 0;
            while !is_over && k < row.households {
                is_over = rest < each;
                if !is_over {
                    rest -= each;
                    k += 1;
                }
            }
            prop_assert_eq!(k, grant.funded_connections);
        }
    }
}

proptest! {
    #![proptest_config(fixed_cases(1_000))]

    #[test]
    fn optimal_equals_exhaustive_search_whole(all in worlds(10, 4), scenario in scenarios(&[RuleName::Optimal])) {
        let mut scenario = with_codes(&scenario, &all);
        scenario.unaffordable = Unaffordable::Skip;
        check_optimal(&all, &scenario)?;
    }

    #[test]
    fn optimal_equals_exhaustive_search_by_connection(all in worlds(5, 4), scenario in scenarios(&[RuleName::Optimal])) {
        let mut scenario = with_codes(&scenario, &all);
        scenario.unaffordable = Unaffordable::Partial;
        check_optimal(&all, &scenario)?;
    }

    #[test]
    fn optimal_is_at_least_as_good_as_every_other_rule(all in worlds(12, 6), scenario in scenarios(&[RuleName::Optimal])) {
        let scenario = with_codes(&scenario, &all);
        let Ok(best) = allocate(&all, &scenario) else { return Ok(()) };
        let objective = scenario.objective.unwrap_or_default();
        let best = value(&all, objective, &choice_of(&all, &best));
        for rule in WITHOUT_BIDS {
            let mut other = scenario.clone();
            other.rule = rule;
            let shares_money = matches!(rule, RuleName::Proportional);
            if shares_money && (scenario.unaffordable != Unaffordable::Partial || scenario.floors.is_some()) {
                continue; // shares are amounts, not whole candidates; a floor may be met by an amount
            }
            if let Ok(got) = allocate(&all, &other) {
                let got = value(&all, objective, &choice_of(&all, &got));
                prop_assert!(best >= got - 1e-9, "{rule:?}: {got} > {best}");
            }
        }
    }

    #[test]
    fn leximin_is_lexicographically_largest(
        all in worlds(6, 3),
        scenario in scenarios(&[RuleName::Leximin]),
        is_partial in any::<bool>(),
    ) {
        let mut scenario = with_codes(&scenario, &all);
        scenario.max_per_year = None;
        scenario.unaffordable = if is_partial { Unaffordable::Partial } else { Unaffordable::Skip };
        let best = all_choices(&all, is_partial)
            .into_iter()
            .filter(|choice| is_allowed(&all, &scenario, choice))
            .map(|choice| levels(&all, &choice))
            .reduce(|a, b| if is_lower(&a, &b) { b } else { a });
        let got = allocate(&all, &scenario);
        match (best, got) {
            (Some(best), Ok(got)) => {
                prop_assert!(got.proof.as_ref().is_some_and(|proof| proof.is_proven));
                let got = levels(&all, &choice_of(&all, &got));
                prop_assert!(!is_lower(&got, &best), "{got:?} is lower than {best:?}");
            }
            (Some(best), Err(error)) => prop_assert!(false, "{best:?} exists, but: {error}"),
            (None, Ok(_)) => prop_assert!(false, "nothing is allowed, but something was allocated"),
            (None, Err(_)) => {}
        }
    }
}

fn check_optimal(all: &Candidates, scenario: &Scenario) -> Result<(), TestCaseError> {
    for objective in [Objective::Persons, Objective::NeedWeightedPersons] {
        let mut scenario = scenario.clone();
        scenario.objective = Some(objective);
        let is_partial = scenario.unaffordable == Unaffordable::Partial;
        let best = all_choices(all, is_partial)
            .into_iter()
            .filter(|choice| is_allowed(all, &scenario, choice))
            .map(|choice| value(all, objective, &choice))
            .max_by(f64::total_cmp);
        match (best, allocate(all, &scenario)) {
            (Some(best), Ok(got)) => {
                let found = value(all, objective, &choice_of(all, &got));
                prop_assert!((found - best).abs() < 1e-6, "found {found}, best {best}");
                let proof = got.proof.unwrap();
                prop_assert!(proof.bound >= best - 1e-6, "bound {} below {best}", proof.bound);
                prop_assert!(proof.value >= proof.greedy_value);
            }
            (Some(best), Err(error)) => prop_assert!(false, "{best} exists, but: {error}"),
            (None, Ok(got)) => prop_assert!(false, "nothing is allowed, but {} was spent", got.spent_sek),
            (None, Err(FundingError::Solver { what, .. })) => prop_assert!(false, "{what}"),
            (None, Err(_)) => {}
        }
    }
    Ok(())
}
