//! What grants do: who is reached, where, at what price, and how equal it becomes.

use crate::{
    equity::{self, Unit},
    field::Field,
    fill::Filling,
    scenario::{Scenario, Target},
};
use whitespot_model::funding::{Base, Equity, Outcome, ParentOutcome, RuleName, TargetOutcome, WorstArea};

/// Persons, households and workplaces that a row's funded connections carry.
pub(crate) fn reached(field: &Field<'_>, given: &Filling, i: usize) -> [u64; 3] {
    let (row, k) = (field.rows[i], given.connections[i]);
    [row.persons, row.households, row.workplaces].map(|count| field.part(i, k, count))
}

/// Share of `part` in `whole`; `None` where the whole is 0.
pub(crate) fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Whole persons or households lacking to a share.
pub(crate) fn shortfall(share: f64, all: u64, reached: u64) -> u64 {
    // A share such as 0.98 is not exact in binary; the margin keeps 98 % of 100 at 98.
    let wanted = (share * all as f64 * (1.0 - 1e-12) - 1e-9).ceil().max(0.0) as u64;
    wanted.min(all).saturating_sub(reached)
}

/// Everyone and each parent area after the grants.
pub(crate) fn bases_after(field: &Field<'_>, given: &Filling) -> (Base, Vec<Base>) {
    let mut total = field.all.total;
    let mut parents: Vec<Base> = field.all.parents.iter().map(|p| p.base).collect();
    for i in 0..field.len() {
        let [persons, households, _] = reached(field, given, i);
        for base in std::iter::once(&mut total).chain(parents.get_mut(field.parent[i])) {
            base.reached_persons += persons;
            base.reached_households += households;
        }
    }
    (total, parents)
}

/// Equity of coverage over parent areas; `None` where there are none with persons.
pub(crate) fn equity_of(field: &Field<'_>, bases: &[Base], epsilon: f64) -> Option<Equity> {
    let mut units = Vec::with_capacity(bases.len());
    let mut worst: Option<(f64, usize)> = None;
    for (p, base) in bases.iter().enumerate() {
        let Some(value) = share(base.reached_persons, base.persons) else { continue };
        units.push(Unit { value, weight: base.persons as f64 });
        if worst.is_none_or(|(lowest, _)| value < lowest) {
            worst = Some((value, p));
        }
    }
    worst.map(|(worst_share, p)| Equity {
        gini: equity::gini(&units),
        theil: equity::theil(&units),
        atkinson: equity::atkinson(&units, epsilon),
        atkinson_epsilon: epsilon,
        worst_share,
        worst_code: field.all.parents[p].code.clone(),
    })
}

/// Share of the money that goes to the fifth of the ranked candidates with most need (one fifth of their
/// number, rounded up).
pub(crate) fn neediest_fifth_share(by_need: &[u32], given: &Filling, spent_sek: i64) -> Option<f64> {
    let fifth = by_need.len().div_ceil(5);
    let sek: i64 = by_need[..fifth].iter().map(|&i| given.grant_sek[i as usize]).sum();
    (fifth > 0 && spent_sek > 0).then(|| sek as f64 / spent_sek as f64)
}

/// Ranked rows, most need first.
pub(crate) fn ranked_by_need(field: &Field<'_>) -> Vec<u32> {
    let mut order = crate::rules::order_by(field, RuleName::Need, None).rows;
    order.retain(|&i| field.score[i as usize].is_some() || field.rank[i as usize].is_some());
    order
}

/// Everything SPEC §8 states about an outcome.
pub(crate) fn outcome(field: &Field<'_>, scenario: &Scenario, given: &Filling) -> Outcome {
    let spent_sek = given.spent_sek();
    let mut result = Outcome { spent_sek, ..Outcome::default() };
    for i in 0..field.len() {
        let [persons, households, workplaces] = reached(field, given, i);
        result.persons += persons;
        result.households += households;
        result.workplaces += workplaces;
        result.n_funded += u32::from(given.connections[i] > 0);
        result.own_sek += own_sek(field, given, i);
    }
    let per = |n: u64| (n > 0).then(|| spent_sek as f64 / n as f64);
    result.sek_per_household = per(result.households);
    result.sek_per_person = per(result.persons);
    let before: Vec<Base> = field.all.parents.iter().map(|p| p.base).collect();
    let (total, after) = bases_after(field, given);
    result.before = field.all.total;
    result.after = total;
    result.equity_before = equity_of(field, &before, scenario.atkinson_epsilon);
    result.equity_after = equity_of(field, &after, scenario.atkinson_epsilon);
    result.neediest_fifth_share = neediest_fifth_share(&ranked_by_need(field), given, spent_sek);
    result.worst_area = worst_area(field, given);
    result.target =
        scenario.target.map(|target| target_outcome(target, (result.before, total), (&before, &after)));
    result.parents = parent_outcomes(field, scenario, given, &after);
    result
}

/// What others pay for the connections of a row that are funded: their part of the cost beyond the grant.
pub(crate) fn own_sek(field: &Field<'_>, given: &Filling, i: usize) -> i64 {
    let (row, k, all) = (field.rows[i], given.connections[i], field.connections[i]);
    let cost = (i128::from(row.cost.total_sek) * i128::from(k) / i128::from(all)) as i64;
    (cost - given.grant_sek[i]).max(0)
}

fn parent_outcomes(
    field: &Field<'_>,
    scenario: &Scenario,
    given: &Filling,
    after: &[Base],
) -> Vec<ParentOutcome> {
    let spent_sek = given.spent_sek();
    let mut parents: Vec<ParentOutcome> = field
        .all
        .parents
        .iter()
        .zip(after)
        .map(|(parent, after)| ParentOutcome {
            code: parent.code.clone(),
            name: parent.name.clone(),
            before_share: share(parent.base.reached_persons, parent.base.persons),
            after_share: share(after.reached_persons, after.persons),
            shortfall_before_persons: scenario
                .target
                .map(|target| shortfall(target.share, after.persons, parent.base.reached_persons)),
            shortfall_persons: scenario
                .target
                .map(|target| shortfall(target.share, after.persons, after.reached_persons)),
            ..ParentOutcome::default()
        })
        .collect();
    for i in 0..field.len() {
        if let Some(parent) = parents.get_mut(field.parent[i]) {
            let [persons, households, _] = reached(field, given, i);
            parent.persons += persons;
            parent.households += households;
            parent.spent_sek += given.grant_sek[i];
        }
    }
    for parent in &mut parents {
        parent.spent_share = (spent_sek > 0).then(|| parent.spent_sek as f64 / spent_sek as f64);
    }
    parents
}

fn worst_area(field: &Field<'_>, given: &Filling) -> Option<WorstArea> {
    // Every row counts, also those that may not be funded: they stay as they are.
    let mut worst: Option<WorstArea> = None;
    let mut rows: Vec<_> = field.all.rows.iter().collect();
    rows.sort_by(|a, b| a.code.cmp(&b.code));
    for row in rows {
        let reached_before = row.total_persons.saturating_sub(row.persons);
        let Some(before) = share(reached_before, row.total_persons) else { continue };
        let gained = field.row_of(&row.code).map_or(0, |i| reached(field, given, i)[0]);
        let after = (reached_before + gained) as f64 / row.total_persons as f64;
        let worst = worst.get_or_insert_with(|| WorstArea {
            before_code: row.code.clone(),
            before_share: before,
            after_code: row.code.clone(),
            after_share: after,
        });
        if before < worst.before_share {
            (worst.before_code, worst.before_share) = (row.code.clone(), before);
        }
        if after < worst.after_share {
            (worst.after_code, worst.after_share) = (row.code.clone(), after);
        }
    }
    worst
}

/// All and reached of a base in what a target counts.
pub(crate) fn counted(base: &Base, of_households: bool) -> (u64, u64) {
    if of_households {
        (base.households, base.reached_households)
    } else {
        (base.persons, base.reached_persons)
    }
}

fn target_outcome(
    target: Target,
    (before, after): (Base, Base),
    parents: (&[Base], &[Base]),
) -> TargetOutcome {
    let lacking = |base: &Base| {
        let (all, reached) = counted(base, target.of_households);
        shortfall(target.share, all, reached)
    };
    let n_met = |bases: &[Base]| bases.iter().filter(|base| lacking(base) == 0).count() as u32;
    TargetOutcome {
        target_share: target.share,
        of_households: target.of_households,
        shortfall_before: lacking(&before),
        shortfall_after: lacking(&after),
        parents_met_before: n_met(parents.0),
        parents_met_after: n_met(parents.1),
    }
}
