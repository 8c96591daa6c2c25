//! This year's result against last year's: what changed, and because of what.

use crate::{allocate::allocate, compare::pair, error::FundingError, scenario::Scenario};
use std::collections::BTreeMap;
use whitespot_model::funding::{Allocation, Candidate, Candidates, Change, ChangeCause, ChangeStep, Cost};

/// Takes over one cause after another from the later result and allocates anew after each, so that every step
/// says what its cause alone does after those before it: people, costs, need, eligibility, rules. The steps sum
/// to the whole difference. Candidates that only one of the results has come and go with the people.
///
/// After the people and before the costs, a candidate's grant follows its number of connections at the earlier
/// price.
///
/// Errors: those of [`allocate`] at any step, such as floors that the earlier costs cannot meet.
pub fn explain_change(
    before: (&Candidates, &Scenario),
    after: (&Candidates, &Scenario),
) -> Result<Change, FundingError> {
    let (old, new) = (by_code(before.0), by_code(after.0));
    let mut world = before.0.clone();
    let mut last = allocate(&world, before.1)?;
    let first = last.clone();
    let mut steps = Vec::new();
    for cause in [ChangeCause::People, ChangeCause::Costs, ChangeCause::Need, ChangeCause::Eligibility] {
        let n_candidates = take_over(&mut world, cause, &old, &new, after.0);
        let next = allocate(&world, before.1)?;
        steps.push(step(cause, n_candidates, &last, &next));
        last = next;
    }
    let next = allocate(after.0, after.1)?;
    let n_rules = if before.1 == after.1 { 0 } else { new.len() as u32 };
    steps.push(step(ChangeCause::Rules, n_rules, &last, &next));
    let only_in = |a: &BTreeMap<&str, &Candidate>, b: &BTreeMap<&str, &Candidate>| -> Vec<String> {
        a.keys().filter(|code| !b.contains_key(*code)).map(ToString::to_string).collect()
    };
    Ok(Change {
        pair: pair(&first, &next),
        new_codes: only_in(&new, &old),
        gone_codes: only_in(&old, &new),
        steps,
    })
}

fn by_code(candidates: &Candidates) -> BTreeMap<&str, &Candidate> {
    candidates.rows.iter().map(|row| (row.code.as_str(), row)).collect()
}

/// Brings one cause from the later result into the world and counts the candidates in which it differs.
fn take_over(
    world: &mut Candidates,
    cause: ChangeCause,
    old: &BTreeMap<&str, &Candidate>,
    new: &BTreeMap<&str, &Candidate>,
    later: &Candidates,
) -> u32 {
    if cause == ChangeCause::People {
        let rows: Vec<Candidate> = new
            .values()
            .map(|&row| match old.get(row.code.as_str()) {
                Some(&held) => with_people_of(held, row),
                None => row.clone(),
            })
            .collect();
        let n_gone = old.keys().filter(|code| !new.contains_key(*code)).count();
        let n_changed =
            rows.iter().filter(|row| old.get(row.code.as_str()).is_none_or(|held| *held != *row)).count();
        *world = Candidates { rows, parents: later.parents.clone(), total: later.total };
        return (n_changed + n_gone) as u32;
    }
    let mut n_changed = 0;
    for row in &mut world.rows {
        let Some(&target) = new.get(row.code.as_str()) else { continue };
        let before = row.clone();
        match cause {
            ChangeCause::Costs => (row.cost, row.grant_sek) = (target.cost, target.grant_sek),
            ChangeCause::Need => (row.score, row.rank) = (target.score, target.rank),
            _ => *row = target.clone(),
        }
        n_changed += u32::from(*row != before);
    }
    n_changed
}

fn with_people_of(held: &Candidate, row: &Candidate) -> Candidate {
    let (was, is) = (held.connections().max(1), row.connections());
    let scaled = |sek: i64| (i128::from(sek) * i128::from(is) / i128::from(was)) as i64;
    Candidate {
        code: row.code.clone(),
        name: row.name.clone(),
        parent: row.parent,
        persons: row.persons,
        households: row.households,
        workplaces: row.workplaces,
        settlements: row.settlements,
        total_persons: row.total_persons,
        total_households: row.total_households,
        cost: Cost { total_sek: scaled(held.cost.total_sek), ..held.cost },
        grant_sek: scaled(held.grant_sek),
        ..held.clone()
    }
}

fn step(cause: ChangeCause, n_candidates: u32, last: &Allocation, next: &Allocation) -> ChangeStep {
    ChangeStep {
        cause,
        n_candidates,
        persons: next.outcome.persons as i64 - last.outcome.persons as i64,
        households: next.outcome.households as i64 - last.outcome.households as i64,
        spent_sek: next.spent_sek - last.spent_sek,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{by_letter, candidate};
    use whitespot_model::funding::RuleName;

    #[test]
    fn the_steps_name_the_cause_and_sum_to_the_difference() {
        let before = by_letter(vec![
            candidate("a1", 0.9, 10, 1_000),
            candidate("b1", 0.5, 10, 1_000),
            candidate("c1", 0.1, 10, 1_000),
        ]);
        let mut after = by_letter(vec![
            candidate("a1", 0.9, 5, 500),    // half of the people are gone
            candidate("b1", 0.5, 10, 2_000), // dearer
            candidate("d1", 0.2, 10, 1_000), // in place of c1
        ]);
        after.rows[1].rank = Some(1);
        let scenario = |sek| Scenario::new("s", RuleName::Need, sek);
        let got = explain_change((&before, &scenario(2_000)), (&after, &scenario(3_000))).unwrap();
        assert_eq!((got.new_codes, got.gone_codes), (vec!["d1".to_string()], vec!["c1".to_string()]));
        let steps: Vec<(ChangeCause, i64)> = got.steps.iter().map(|s| (s.cause, s.persons)).collect();
        assert_eq!(
            steps,
            [
                (ChangeCause::People, 0),  // a1 5, b1 10, d1 5 households instead of a1 10, b1 10
                (ChangeCause::Costs, -16), // b1 takes all that is left: 7 households of 10
                (ChangeCause::Need, 0),
                (ChangeCause::Eligibility, 0),
                (ChangeCause::Rules, 6 + 10),
            ]
        );
        assert_eq!(got.steps.iter().map(|s| s.persons).sum::<i64>(), got.pair.persons);
        assert_eq!(got.steps.iter().map(|s| s.spent_sek).sum::<i64>(), got.pair.spent_sek);
    }

    #[test]
    fn nothing_changed_is_no_step_of_any_size() {
        let all = by_letter(vec![candidate("a1", 0.9, 10, 1_000)]);
        let scenario = Scenario::new("s", RuleName::Need, 500);
        let got = explain_change((&all, &scenario), (&all, &scenario)).unwrap();
        assert!(got.steps.iter().all(|s| (s.n_candidates, s.persons, s.spent_sek) == (0, 0, 0)));
    }
}
