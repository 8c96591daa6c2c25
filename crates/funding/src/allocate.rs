//! From candidates and a scenario to who gets what.

use crate::{
    error::FundingError,
    field::{Field, MOST_SEK},
    fill::Filling,
    limits::BoundLimits,
    outcome,
    rules::{self, Effort, Order, Solved},
    scenario::Scenario,
};
use whitespot_model::{
    finding::Finding,
    funding::{Allocation, Candidates, Grant, LimitEffect, Marginal, Reason, RuleName, Status, YearMoney},
};

/// How much further money [`Allocation::marginal`] tries.
pub const MARGINAL_SEK: i64 = 1_000_000;

/// Hands out the scenario's budget by its rule and limits, and says what that does.
///
/// The result depends on nothing but the arguments; the order of the candidates does not matter. A budget of 0
/// funds nobody (but connections that cost nothing); a budget above all cost leaves the rest over. Candidates
/// with nobody to connect are listed as ineligible.
///
/// Errors: see [`FundingError`].
pub fn allocate(candidates: &Candidates, scenario: &Scenario) -> Result<Allocation, FundingError> {
    let field = Field::new(candidates)?;
    let trial = Trial::new(&field, scenario)?;
    let years: Vec<i64> = scenario.years.iter().map(|year| year.budget_sek).collect();
    let limits = BoundLimits::bind(&field, scenario, &years)?;
    let solved = trial.solve(&limits, &years, Effort::Full)?;
    let baseline = trial.baseline(&limits, &years, &solved.given);
    let mut allocation = assemble(&trial, &limits, &years, solved);
    allocation.marginal = trial.marginal(&baseline, &years);
    allocation.limits = trial.limit_effects(&limits, &years, &baseline);
    Ok(allocation)
}

/// A scenario on a field: the order is reckoned once and used for any budget.
pub(crate) struct Trial<'a> {
    pub(crate) field: &'a Field<'a>,
    pub(crate) scenario: &'a Scenario,
    pub(crate) order: Order,
}

impl<'a> Trial<'a> {
    pub(crate) fn new(field: &'a Field<'a>, scenario: &'a Scenario) -> Result<Self, FundingError> {
        if let Some(year) = scenario.years.iter().find(|year| year.budget_sek < 0) {
            let (scenario, sek) = (scenario.name.clone(), year.budget_sek);
            return Err(FundingError::NegativeBudget { scenario, sek });
        }
        if scenario.years.is_empty() {
            return Err(FundingError::NoBudget { scenario: scenario.name.clone() });
        }
        if scenario.budget_sek() > MOST_SEK {
            return Err(FundingError::TooLarge {
                what: format!("the budget of scenario `{}`", scenario.name),
            });
        }
        let order = rules::order(field, scenario)?;
        Ok(Trial { field, scenario, order })
    }

    pub(crate) fn solve(
        &self,
        limits: &BoundLimits,
        years: &[i64],
        effort: Effort,
    ) -> Result<Solved, FundingError> {
        rules::solve(self.field, self.scenario, &self.order, limits, years, effort)
    }

    /// The filling at another total, with little effort.
    pub(crate) fn fill(&self, budget_sek: i64) -> Result<Filling, FundingError> {
        let years = self.scenario.years_of(budget_sek);
        let limits = BoundLimits::bind(self.field, self.scenario, &years)?;
        Ok(self.solve(&limits, &years, Effort::Quick)?.given)
    }

    /// What a rule that searches would answer with little effort, so that what-ifs are compared with their like;
    /// for all others the answer itself.
    fn baseline(&self, limits: &BoundLimits, years: &[i64], with: &Filling) -> Filling {
        let is_searched = self.scenario.rule == RuleName::Optimal;
        let quick = is_searched.then(|| self.solve(limits, years, Effort::Quick).ok()).flatten();
        quick.map_or_else(|| with.clone(), |solved| solved.given)
    }

    fn marginal(&self, baseline: &Filling, years: &[i64]) -> Option<Marginal> {
        let budget_sek: i64 = years.iter().sum();
        let further = self.fill(budget_sek.checked_add(MARGINAL_SEK)?).ok()?;
        let ((persons, households), before) = (self.totals(&further), self.totals(baseline));
        Some(Marginal {
            extra_sek: MARGINAL_SEK,
            persons: persons - before.0,
            households: households - before.1,
            spent_sek: further.spent_sek() - baseline.spent_sek(),
        })
    }

    /// Every limit whose absence would change the outcome, with what it costs. A limit without which the others
    /// cannot be satisfied is left out.
    fn limit_effects(&self, limits: &BoundLimits, years: &[i64], baseline: &Filling) -> Vec<LimitEffect> {
        let before = self.totals(baseline);
        let mut effects = Vec::new();
        for limit in limits.stated(self.field) {
            let without = limits.without(self.field, &limit);
            let Ok(solved) = self.solve(&without, years, Effort::Quick) else { continue };
            if solved.given.grant_sek == baseline.grant_sek {
                continue;
            }
            let (persons, households) = self.totals(&solved.given);
            effects.push(LimitEffect {
                limit,
                costs_persons: persons - before.0,
                costs_households: households - before.1,
            });
        }
        effects
    }

    pub(crate) fn totals(&self, given: &Filling) -> (i64, i64) {
        (0..self.field.len()).fold((0, 0), |(persons, households), i| {
            let [p, h, _] = outcome::reached(self.field, given, i);
            (persons + p as i64, households + h as i64)
        })
    }
}

fn assemble(trial: &Trial<'_>, limits: &BoundLimits, years: &[i64], solved: Solved) -> Allocation {
    let Trial { field, scenario, order } = trial;
    let given = &solved.given;
    let budget_sek: i64 = years.iter().sum();
    let spent_sek = given.spent_sek();
    let grants: Vec<Grant> = order
        .rows
        .iter()
        .enumerate()
        .map(|(at, &i)| grant(trial, given, years.len(), at as u32 + 1, i as usize))
        .collect();
    let mut findings = limits.findings.clone();
    findings.extend(order.findings.iter().cloned());
    findings.extend(solved.findings);
    let n_free = (0..field.len()).filter(|&i| field.asked_sek[i] == 0).count();
    if n_free > 0 {
        findings.push(
            Finding::warning(
                "no_cost",
                "",
                format!(
                    "scenario `{}`: {n_free} candidates cost nothing, so they are funded first",
                    scenario.name
                ),
            )
            .with_count(n_free as u64)
            .with_hint("give the scenario a cost model: `cost = \"NAME\"` and `[cost.NAME]`"),
        );
    }
    let first_rejected = grants
        .iter()
        .find(|g| g.status == Status::Rejected && g.reason != Reason::NeverFund)
        .map(|g| g.code.clone());
    Allocation {
        scenario: scenario.name.clone(),
        rule: scenario.rule,
        profile: scenario.profile.as_ref().map(|profile| profile.name.clone()),
        order_by: order.label.clone(),
        unaffordable: scenario.unaffordable,
        objective: scenario.objective.unwrap_or_default(),
        budget_sek,
        years: year_money(trial, years, given),
        spent_sek,
        leftover_sek: budget_sek - spent_sek,
        cut_line: grants.iter().rev().find(|g| g.status != Status::Rejected).map(|g| g.order),
        first_rejected,
        ineligible: field.ineligible.clone(),
        limits: Vec::new(),
        marginal: None,
        proof: solved.proof,
        findings,
        outcome: outcome::outcome(field, scenario, given),
        grants,
    }
}

fn grant(trial: &Trial<'_>, given: &Filling, n_years: usize, order: u32, i: usize) -> Grant {
    let field = trial.field;
    let row = field.rows[i];
    let [persons, households, workplaces] = outcome::reached(field, given, i);
    let mut by_year_sek = given.by_year_sek.get(i).cloned().unwrap_or_default();
    if n_years > 1 {
        by_year_sek.resize(n_years, 0);
    }
    Grant {
        order,
        code: row.code.clone(),
        name: row.name.clone(),
        parent_code: field.all.parents.get(field.parent[i]).map(|p| p.code.clone()),
        key: trial.order.keys.get(i).copied().flatten(),
        score: row.score,
        rank: row.rank,
        gap_persons: row.persons,
        gap_households: row.households,
        gap_workplaces: row.workplaces,
        cost_sek: row.cost.total_sek,
        asked_sek: row.grant_sek,
        grant_sek: given.grant_sek[i],
        own_sek: outcome::own_sek(field, given, i),
        connections: field.connections[i],
        funded_connections: given.connections[i],
        persons,
        households,
        workplaces,
        status: match given.connections[i] {
            0 if given.grant_sek[i] == 0 => Status::Rejected,
            k if k == field.connections[i] => Status::Funded,
            _ => Status::Partial,
        },
        reason: given.reason[i],
        by_year_sek,
    }
}

fn year_money(trial: &Trial<'_>, years: &[i64], given: &Filling) -> Vec<YearMoney> {
    let n = trial.field.len();
    let spent_in = |y: usize, i: usize| match given.by_year_sek.get(i) {
        Some(by_year) => by_year.get(y).copied().unwrap_or(0),
        None => given.grant_sek[i],
    };
    let mut carried_sek = 0;
    (0..years.len())
        .map(|y| {
            let spent_sek: i64 = (0..n).map(|i| spent_in(y, i)).sum();
            let is_started =
                |i: &usize| spent_in(y, *i) > 0 && (0..y).all(|earlier| spent_in(earlier, *i) == 0);
            carried_sek += years[y] - spent_sek;
            YearMoney {
                year: trial.scenario.years[y].name.clone(),
                budget_sek: years[y],
                spent_sek,
                carried_sek,
                n_started: (0..n).filter(is_started).count() as u32,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{by_letter, candidate};
    use indexmap::IndexMap;
    use whitespot_model::{
        config::funding::{LimitBy, SekOrShare},
        funding::{Limit, RuleName, Unaffordable},
    };

    /// North (10 households, most need, 100 each), centre (4, 1,000 each), south (20, 10 each).
    fn three() -> Candidates {
        by_letter(vec![
            candidate("n1", 0.9, 10, 1_000),
            candidate("c1", 0.5, 4, 4_000),
            candidate("s1", 0.1, 20, 200),
        ])
    }

    fn try_with(change: impl FnOnce(&mut Scenario)) -> Result<Allocation, FundingError> {
        let mut scenario = Scenario::new("test", RuleName::Need, 2_500);
        change(&mut scenario);
        allocate(&three(), &scenario)
    }

    fn granted(allocation: &Allocation) -> Vec<(&str, i64)> {
        allocation.grants.iter().map(|g| (g.code.as_str(), g.grant_sek)).collect()
    }

    #[test]
    fn partial_gives_the_last_one_whole_connections_until_the_money_ends() {
        let got = try_with(|_| {}).unwrap();
        assert_eq!(granted(&got), [("n1", 1_000), ("c1", 1_000), ("s1", 0)]);
        assert_eq!((got.spent_sek, got.leftover_sek), (2_000, 500));
        assert_eq!((got.cut_line, got.first_rejected.as_deref()), (Some(2), Some("s1")));
        assert_eq!((got.grants[1].status, got.grants[1].households), (Status::Partial, 1));
    }

    #[test]
    fn skip_funds_the_next_that_can_be_afforded_and_stop_ends() {
        let skip = try_with(|s| s.unaffordable = Unaffordable::Skip).unwrap();
        assert_eq!(granted(&skip), [("n1", 1_000), ("c1", 0), ("s1", 200)]);
        assert_eq!((skip.cut_line, skip.first_rejected.as_deref()), (Some(3), Some("c1")));
        let stop = try_with(|s| s.unaffordable = Unaffordable::Stop).unwrap();
        assert_eq!(granted(&stop), [("n1", 1_000), ("c1", 0), ("s1", 0)]);
    }

    #[test]
    fn a_budget_of_0_funds_nobody_and_one_above_all_cost_leaves_the_rest_over() {
        let nothing = try_with(|s| *s = s.with_budget(0)).unwrap();
        assert_eq!((nothing.spent_sek, nothing.cut_line, nothing.outcome.persons), (0, None, 0));
        assert_eq!(nothing.outcome.sek_per_household, None);
        let all = try_with(|s| *s = s.with_budget(10_000)).unwrap();
        assert_eq!((all.spent_sek, all.leftover_sek, all.first_rejected), (5_200, 4_800, None));
        assert_eq!(all.outcome.persons, 68);
    }

    #[test]
    fn a_negative_budget_is_an_error() {
        let error = try_with(|s| s.years[0].budget_sek = -1).unwrap_err();
        assert!(matches!(error, FundingError::NegativeBudget { sek: -1, .. }));
    }

    #[test]
    fn sums_too_large_to_be_exact_are_errors() {
        let error = try_with(|s| s.years[0].budget_sek = i64::MAX).unwrap_err();
        assert!(matches!(error, FundingError::TooLarge { .. }));
        let rows = vec![candidate("a", 0.5, 3, i64::MAX), candidate("b", 0.5, 3, i64::MAX)];
        let error = allocate(&by_letter(rows), &Scenario::new("t", RuleName::Need, 1)).unwrap_err();
        assert!(matches!(error, FundingError::TooLarge { .. }));
    }

    #[test]
    fn nobody_to_fund_is_a_result_of_nothing() {
        let got = allocate(&Candidates::default(), &Scenario::new("t", RuleName::Optimal, 100)).unwrap();
        assert_eq!((got.spent_sek, got.leftover_sek, got.cut_line), (0, 100, None));
        for rule in RuleName::ALL.into_iter().filter(|r| !matches!(r, RuleName::Auction | RuleName::Profile))
        {
            assert!(allocate(&Candidates::default(), &Scenario::new("t", rule, 100)).is_ok(), "{rule:?}");
        }
    }

    #[test]
    fn equal_scores_go_to_the_larger_gap_then_the_lower_code() {
        let rows = vec![candidate("b", 0.5, 3, 30), candidate("c", 0.5, 4, 40), candidate("a", 0.5, 3, 30)];
        let got = allocate(&by_letter(rows), &Scenario::new("t", RuleName::Need, 100)).unwrap();
        assert_eq!(granted(&got), [("c", 40), ("a", 30), ("b", 30)]);
    }

    #[test]
    fn candidates_without_households_are_counted_in_workplaces_and_empty_ones_are_ineligible() {
        let mut works = candidate("w", 0.9, 0, 100);
        works.workplaces = 4;
        let rows = vec![works, candidate("x", 0.8, 0, 100)];
        let got = allocate(&by_letter(rows), &Scenario::new("t", RuleName::Need, 60)).unwrap();
        assert_eq!(
            (got.grants[0].connections, got.grants[0].workplaces, got.grants[0].grant_sek),
            (4, 2, 50)
        );
        assert_eq!(got.ineligible[0].code, "x");
        assert_eq!(got.outcome.sek_per_household, None);
    }

    #[test]
    fn a_cap_closes_its_parent_area_and_says_what_it_costs() {
        let got = try_with(|s| {
            s.caps = Some(LimitBy::Each(SekOrShare::Sek(550)));
        })
        .unwrap();
        assert_eq!(granted(&got), [("n1", 500), ("c1", 0), ("s1", 200)]);
        let north =
            got.limits.iter().find(|l| l.limit == Limit::Cap { parent: "n".into(), sek: 550 }).unwrap();
        assert_eq!(north.costs_persons, 10);
    }

    #[test]
    fn must_fund_comes_first_and_never_fund_not_at_all() {
        let got = try_with(|s| {
            s.must_fund = vec!["s1".into()];
            s.never_fund = vec!["n1".into()];
        })
        .unwrap();
        assert_eq!(granted(&got), [("n1", 0), ("c1", 2_000), ("s1", 200)]);
        assert_eq!(got.grants[2].reason, Reason::MustFund);
        assert_eq!(got.first_rejected, None);
        let error = try_with(|s| s.must_fund = vec!["c1".into()]).unwrap_err();
        assert!(matches!(error, FundingError::MustFundOverBudget { needed: 4_000, budget: 2_500, .. }));
        let error = try_with(|s| s.must_fund = vec!["c2".into()]).unwrap_err();
        assert!(error.to_string().contains("did you mean `c1`"), "{error}");
    }

    #[test]
    fn floors_are_served_before_the_order_and_refused_where_they_need_more_than_there_is() {
        let floors = |pairs: &[(&str, i64)]| {
            let map: IndexMap<_, _> =
                pairs.iter().map(|&(p, sek)| (p.to_string(), SekOrShare::Sek(sek))).collect();
            Some(LimitBy::Parent(map))
        };
        let got = try_with(|s| s.floors = floors(&[("s", 95)])).unwrap();
        assert_eq!(granted(&got), [("n1", 1_000), ("c1", 1_000), ("s1", 100)]);
        assert_eq!(got.grants[2].reason, Reason::Floor);
        let error = try_with(|s| s.floors = floors(&[("c", 2_000), ("n", 600)])).unwrap_err();
        assert!(matches!(error, FundingError::FloorsOverBudget { needed: 2_600, budget: 2_500, .. }));
        let clipped = try_with(|s| s.floors = floors(&[("s", 900)])).unwrap();
        assert_eq!(clipped.findings[0].code, "floor_above_demand");
        let whole = try_with(|s| {
            s.floors = floors(&[("c", 100)]);
            s.unaffordable = Unaffordable::Skip;
        });
        assert!(matches!(whole.unwrap_err(), FundingError::FloorNotReachable { .. }));
    }

    #[test]
    fn what_a_year_leaves_is_carried_to_the_next_and_a_started_candidate_goes_on() {
        let got = try_with(|s| {
            s.years = ["2026", "2027"]
                .map(|name| crate::Year { name: name.to_string(), budget_sek: 1_550 })
                .to_vec();
        })
        .unwrap();
        assert_eq!(got.grants[0].by_year_sek, [1_000, 0]);
        assert_eq!(got.grants[1].by_year_sek, [0, 2_000]);
        assert_eq!((got.years[0].carried_sek, got.years[1].carried_sek), (550, 100));
    }

    #[test]
    fn no_more_candidates_are_started_in_a_year_than_allowed() {
        let got = try_with(|s| {
            s.max_per_year = Some(1);
            *s = s.with_budget(100_000);
        })
        .unwrap();
        assert_eq!(granted(&got), [("n1", 1_000), ("c1", 0), ("s1", 0)]);
        assert_eq!(got.grants[1].reason, Reason::YearFull);
    }

    #[test]
    fn the_next_million_is_tried() {
        let got = try_with(|_| {}).unwrap();
        assert_eq!(got.marginal.unwrap().persons, 6 + 40);
    }
}
