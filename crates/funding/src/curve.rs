//! The same scenario over many budgets, and the least budget that reaches a target.

use crate::{
    allocate::Trial,
    error::FundingError,
    field::Field,
    fill::Filling,
    outcome,
    scenario::{Scenario, Target},
};
use whitespot_model::funding::{Base, Candidates, CostToTarget, Curve, CurvePoint, RuleName, Unaffordable};

/// Budgets of a curve where none are named: 0 to `most` in 100 equal steps.
pub fn even_budgets(most_sek: i64) -> Vec<i64> {
    (0..=100i128).map(|step| (i128::from(most_sek.max(0)) * step / 100) as i64).collect()
}

/// The highest budget worth trying: twice the scenario's, but no more than all candidates ask for together
/// and no less than the scenario's own.
pub fn widest_budget(candidates: &Candidates, scenario: &Scenario) -> i64 {
    let asked: i64 = candidates.rows.iter().fold(0i64, |sum, row| sum.saturating_add(row.grant_sek.max(0)));
    let own = scenario.budget_sek();
    own.saturating_mul(2).min(asked).max(own)
}

/// Tries every budget. A budget that floors or lists make impossible is a point that says so.
///
/// `optimal` is answered by its simple rules here (its gap on one budget is in the allocation); everything else
/// exactly as [`crate::allocate()`] does.
///
/// Errors: those that hold for any budget.
pub fn curve(candidates: &Candidates, scenario: &Scenario, budgets: &[i64]) -> Result<Curve, FundingError> {
    let field = Field::new(candidates)?;
    let trial = Trial::new(&field, scenario)?;
    let by_need = outcome::ranked_by_need(&field);
    let points: Vec<CurvePoint> = budgets
        .iter()
        .map(|&budget_sek| match trial.fill(budget_sek.max(0)) {
            Ok(given) => point(&trial, &by_need, budget_sek, &given),
            Err(error) => {
                CurvePoint { budget_sek, infeasible: Some(error.to_string()), ..CurvePoint::default() }
            }
        })
        .collect();
    Ok(Curve {
        is_monotone: points.windows(2).all(|w| w[0].persons <= w[1].persons),
        codes: field.rows.iter().map(|row| row.code.clone()).collect(),
        points,
    })
}

fn point(trial: &Trial<'_>, by_need: &[u32], budget_sek: i64, given: &Filling) -> CurvePoint {
    let field = trial.field;
    let spent_sek = given.spent_sek();
    let (total, parents) = outcome::bases_after(field, given);
    let equity = outcome::equity_of(field, &parents, trial.scenario.atkinson_epsilon);
    let (persons, households) = trial.totals(given);
    CurvePoint {
        budget_sek,
        infeasible: None,
        spent_sek,
        persons: persons as u64,
        households: households as u64,
        n_funded: given.connections.iter().filter(|&&k| k > 0).count() as u32,
        after_share: outcome::share(total.reached_persons, total.persons),
        gini: equity.as_ref().and_then(|e| e.gini),
        worst_share: equity.as_ref().map(|e| e.worst_share),
        neediest_fifth_share: outcome::neediest_fifth_share(by_need, given, spent_sek),
        grants_sek: given.grant_sek.clone(),
    }
}

/// The least budget with which the scenario's rule and limits reach a target, for the whole and for every
/// parent area that has people.
///
/// By bisection between 0 and what all candidates ask for, to the krona; for rules that are not monotone in
/// the budget the answer reaches the target but a smaller one may too (`is_least` is then false). Shares of the
/// budget as limits are reckoned anew at each budget. Floors and lists that need more than a budget make it too
/// small.
pub fn cost_to_target(
    candidates: &Candidates,
    scenario: &Scenario,
    target: Target,
) -> Result<CostToTarget, FundingError> {
    let field = Field::new(candidates)?;
    let trial = Trial::new(&field, scenario)?;
    let is_met = |base: &Base| {
        let (all, reached) = outcome::counted(base, target.of_households);
        outcome::shortfall(target.share, all, reached) == 0
    };
    let least = |is_reached: &dyn Fn(&Filling) -> bool| -> Option<i64> {
        let reaches = |sek: i64| trial.fill(sek).is_ok_and(|given| is_reached(&given));
        // A little more than everything, so that rounding between years or parents cannot hide the target.
        let asked: i64 = field.asked_sek.iter().fold(0i64, |sum, &sek| sum.saturating_add(sek));
        let (mut low, mut high) = (0i64, asked.saturating_add(field.len() as i64));
        if reaches(low) {
            return Some(low);
        }
        if !reaches(high) {
            return None;
        }
        while high - low > 1 {
            let middle = low + (high - low) / 2;
            if reaches(middle) {
                high = middle;
            } else {
                low = middle;
            }
        }
        Some(high)
    };
    Ok(CostToTarget {
        target_share: target.share,
        of_households: target.of_households,
        whole_sek: least(&|given| is_met(&outcome::bases_after(&field, given).0)),
        every_parent_sek: (field.n_parents > 0)
            .then(|| least(&|given| outcome::bases_after(&field, given).1.iter().all(is_met)))
            .flatten(),
        is_least: is_monotone(scenario),
    })
}

/// Whether more money can never mean fewer persons, by the rule and limits.
pub fn is_monotone(scenario: &Scenario) -> bool {
    use whitespot_model::config::funding::{LimitBy, SekOrShare};
    let is_share = |limits: &Option<LimitBy>| match limits {
        None => false,
        Some(LimitBy::Each(limit)) => matches!(limit, SekOrShare::Share(_)),
        Some(LimitBy::Parent(map)) => map.values().any(|limit| matches!(limit, SekOrShare::Share(_))),
    };
    // Money then only goes further along a fixed sequence. Floors in whole candidates take what fits instead.
    let is_along_a_sequence = match scenario.unaffordable {
        Unaffordable::Partial => true,
        Unaffordable::Stop => scenario.floors.is_none(),
        Unaffordable::Skip => false,
    };
    let is_in_order = match scenario.rule {
        RuleName::Need | RuleName::CostEffectiveness | RuleName::NeedPerCost => is_along_a_sequence,
        RuleName::Profile => {
            scenario.profile.as_ref().is_some_and(|profile| !profile.rule.is_shares()) && is_along_a_sequence
        }
        _ => false,
    };
    is_in_order && !is_share(&scenario.caps) && !is_share(&scenario.floors)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{by_letter, candidate};
    use whitespot_model::config::funding::{LimitBy, SekOrShare};

    fn two() -> Candidates {
        by_letter(vec![candidate("a1", 0.9, 10, 1_000), candidate("b1", 0.5, 10, 2_000)])
    }

    #[test]
    fn a_curve_has_101_budgets_from_0_to_the_most() {
        let budgets = even_budgets(1_000);
        assert_eq!((budgets.len(), budgets[0], budgets[50], budgets[100]), (101, 0, 500, 1_000));
    }

    #[test]
    fn a_point_of_the_curve_equals_the_allocation_at_that_budget() {
        let scenario = Scenario::new("a", RuleName::Need, 1_300);
        let got = curve(&two(), &scenario, &[0, 1_300, 9_999]).unwrap();
        let one = crate::allocate(&two(), &scenario).unwrap();
        assert_eq!((got.points[1].persons, got.points[1].spent_sek), (one.outcome.persons, one.spent_sek));
        assert_eq!(got.points[1].gini, one.outcome.equity_after.unwrap().gini);
        assert_eq!(got.points[2].spent_sek, 3_000);
        assert!(got.is_monotone);
    }

    #[test]
    fn a_budget_below_the_floors_is_a_point_that_says_so() {
        let mut scenario = Scenario::new("a", RuleName::Need, 1_000);
        scenario.floors = Some(LimitBy::Each(SekOrShare::Sek(400)));
        let got = curve(&two(), &scenario, &[700, 800]).unwrap();
        assert!(got.points[0].infeasible.as_ref().unwrap().contains("need 800"));
        assert_eq!(got.points[1].spent_sek, 800);
    }

    #[test]
    fn cost_to_target_is_the_least_budget_that_meets_it() {
        // 40 persons in each area, 20 of them reached. 75 % of all: 20 more persons; 75 % of each: 10 more in each.
        let scenario = Scenario::new("a", RuleName::Need, 0);
        let target = Target { share: 0.75, of_households: false };
        let got = cost_to_target(&two(), &scenario, target).unwrap();
        assert_eq!((got.whole_sek, got.every_parent_sek, got.is_least), (Some(1_000), Some(2_000), true));
        let unreachable =
            cost_to_target(&two(), &scenario, Target { share: 1.0, of_households: true }).unwrap();
        assert_eq!(unreachable.whole_sek, Some(3_000));
        let mut never = scenario.clone();
        never.never_fund = vec!["b1".to_string()];
        let got = cost_to_target(&two(), &never, Target { share: 0.9, of_households: false }).unwrap();
        assert_eq!((got.whole_sek, got.every_parent_sek), (None, None));
    }

    #[test]
    fn shares_of_the_budget_as_limits_are_not_monotone_by_promise() {
        let mut scenario = Scenario::new("a", RuleName::Need, 1);
        assert!(is_monotone(&scenario));
        scenario.caps = Some(LimitBy::Each(SekOrShare::Share(0.3)));
        assert!(!is_monotone(&scenario));
        assert!(!is_monotone(&Scenario::new("a", RuleName::Auction, 1)));
    }
}
