//! `leximin`: raise the worst-off parent area's coverage first.
//!
//! Favours whoever has least: money goes to the parent area with the lowest coverage until another is lower.
//! Of two outcomes the one whose worst-off area is better off is preferred; if those are equal, the one whose
//! second worst is, and so on. Not monotone in persons: with more money a dear worst-off area may take what a
//! cheaper one had. It can be any distance from the optimum: the worst-off area may be the dearest.
//!
//! Small cases are searched exhaustively and the answer is proven. Large ones follow each parent area's
//! candidates in order of grant per person; the answer is then the best for that order but for single
//! connections (or candidates, with `skip` and `stop`).

use super::{Order, Solved, cost_effectiveness};
use crate::{
    error::FundingError,
    field::Field,
    fill::{Filling, fill_in_order, pay_in_order},
    limits::BoundLimits,
};
use std::{
    cmp::{Ordering, Reverse},
    collections::BinaryHeap,
};
use whitespot_model::{
    finding::Finding,
    funding::{Objective, Proof, Reason, Unaffordable},
};

mod exact;

/// By grant per person, lowest first: the order inside each parent area.
pub(crate) fn order(field: &Field<'_>) -> Order {
    cost_effectiveness::order(field, Some(Objective::Persons))
}

/// Coverage of a unit as a ratio; compared exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Level {
    pub(crate) reached: u64,
    pub(crate) all: u64,
}

impl Ord for Level {
    fn cmp(&self, other: &Self) -> Ordering {
        (u128::from(self.reached) * u128::from(other.all))
            .cmp(&(u128::from(other.reached) * u128::from(self.all)))
    }
}

impl PartialOrd for Level {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Level {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Level {}

/// What is raised together: the candidates of a parent area, or a single candidate without one.
pub(crate) struct Unit {
    /// Rows in the order they are funded; those that must be come first, those that may not be are left out.
    pub(crate) rows: Vec<usize>,
    /// Coverage before.
    pub(crate) before: Level,
    /// Least and most money.
    pub(crate) floor_sek: i64,
    pub(crate) cap_sek: i64,
}

/// Raises the lowest coverage, then the next. Where nobody lives nothing is raised: only floors and the list of
/// those to be funded first bring money there. With a most per year, money is handed out along the
/// order in which units would be raised, and nothing is proven.
pub(crate) fn solve(
    field: &Field<'_>,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
    unaffordable: Unaffordable,
) -> Result<Solved, FundingError> {
    let pot: i64 = years.iter().sum();
    let units = units(field, order, limits);
    let is_partial = unaffordable == Unaffordable::Partial;
    let (connections, is_proven) = match exact::solve(field, &units, limits, pot, is_partial) {
        Some(connections) => (connections, true),
        None => (raise_along_order(field, &units, limits, pot, is_partial)?, false),
    };
    let mut given = Filling::empty(field);
    for (i, &k) in connections.iter().enumerate() {
        given.connections[i] = k;
        given.grant_sek[i] = field.grant_for(i, k);
        given.reason[i] = match () {
            () if limits.never[i] => Reason::NeverFund,
            () if limits.must[i] => Reason::MustFund,
            () if k > 0 => Reason::Chosen,
            () => Reason::NotChosen,
        };
    }
    let raised = raising_order(field, &units, &given);
    let is_paid = pay_in_order(field, &raised, limits, years, is_partial, &mut given);
    let mut solved = Solved { given, proof: None, findings: Vec::new() };
    if !is_paid {
        solved.given = fill_in_order(field, &raised, limits, years, unaffordable)?;
        solved.findings.push(Finding::note(
            "leximin_by_year",
            "",
            format!(
                "scenario `{}`: `max_candidates_per_year` leaves `leximin` no room; money follows the order in which \
                 areas would be raised",
                limits.scenario
            ),
        ));
    } else if is_proven {
        let worst = units.iter().map(|unit| level_after(field, unit, &solved.given)).min();
        let share = worst.map_or(1.0, |level| level.reached as f64 / level.all as f64);
        solved.proof = Some(Proof {
            solver: "exhaustive search".to_string(),
            value: share,
            bound: share,
            is_proven,
            ..Proof::default()
        });
    }
    Ok(solved)
}

fn units(field: &Field<'_>, order: &Order, limits: &BoundLimits) -> Vec<Unit> {
    let ordered = |is_must: bool| {
        order.rows.iter().map(|&i| i as usize).filter(move |&i| !limits.never[i] && limits.must[i] == is_must)
    };
    let mut units: Vec<Unit> = field
        .all
        .parents
        .iter()
        .enumerate()
        .map(|(p, parent)| Unit {
            rows: Vec::new(),
            before: Level { reached: parent.base.reached_persons, all: parent.base.persons },
            floor_sek: limits.floor_sek[p],
            cap_sek: limits.cap_sek[p].unwrap_or(i64::MAX),
        })
        .collect();
    for i in ordered(true).chain(ordered(false)) {
        if field.parent[i] < field.n_parents {
            units[field.parent[i]].rows.push(i);
        } else {
            let row = field.rows[i];
            let all = row.total_persons.max(row.persons);
            let before = Level { reached: all - row.persons, all };
            units.push(Unit { rows: vec![i], before, floor_sek: 0, cap_sek: i64::MAX });
        }
    }
    for unit in &mut units {
        // Where the people of the parent area are not given, its candidates' are all there is.
        let gap: u64 = unit.rows.iter().map(|&i| field.rows[i].persons).sum();
        unit.before.all = unit.before.all.max(unit.before.reached + gap);
        if unit.before.all == 0 {
            // Nobody lives here, so nobody lacks anything.
            unit.before = Level { reached: 1, all: 1 };
        }
    }
    units.retain(|unit| !unit.rows.is_empty());
    units
}

fn level_after(field: &Field<'_>, unit: &Unit, given: &Filling) -> Level {
    let gained = |&i: &usize| field.part(i, given.connections[i], field.rows[i].persons);
    let reached = unit.before.reached + unit.rows.iter().map(gained).sum::<u64>();
    Level { reached, all: unit.before.all }
}

/// A unit with the steps by which its candidates can be funded one after another.
struct Ladder<'a> {
    unit: &'a Unit,
    /// Money and persons before each row of the unit, and after the last.
    sek: Vec<i64>,
    persons: Vec<u64>,
    is_partial: bool,
}

/// A place on a ladder: so many whole rows and so many connections of the next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Place {
    n_rows: usize,
    k: u64,
}

impl<'a> Ladder<'a> {
    fn new(field: &Field<'_>, unit: &'a Unit, is_partial: bool) -> Self {
        let (mut sek, mut persons) = (vec![0], vec![0]);
        for (at, &i) in unit.rows.iter().enumerate() {
            sek.push(sek[at] + field.asked_sek[i]);
            persons.push(persons[at] + field.rows[i].persons);
        }
        Ladder { unit, sek, persons, is_partial }
    }

    fn sek_at(&self, field: &Field<'_>, place: Place) -> i64 {
        self.sek[place.n_rows] + self.unit.rows.get(place.n_rows).map_or(0, |&i| field.grant_for(i, place.k))
    }

    fn level_at(&self, field: &Field<'_>, place: Place) -> Level {
        let part =
            self.unit.rows.get(place.n_rows).map_or(0, |&i| field.part(i, place.k, field.rows[i].persons));
        let reached = self.unit.before.reached + self.persons[place.n_rows] + part;
        Level { reached, all: self.unit.before.all }
    }

    /// The last place within the cap.
    fn top(&self, field: &Field<'_>) -> Place {
        let n_rows = self.sek.partition_point(|&sek| sek <= self.unit.cap_sek) - 1;
        let rest = self.unit.cap_sek.saturating_sub(self.sek[n_rows]);
        let k = match self.unit.rows.get(n_rows) {
            Some(&i) if self.is_partial => field.connections_for(i, rest),
            _ => 0,
        };
        Place { n_rows, k }
    }

    /// The first place that spends at least so much and funds at least so many rows.
    fn first_spending(&self, field: &Field<'_>, sek: i64, n_must: usize) -> Place {
        let n_rows = self.sek.partition_point(|&s| s < sek).saturating_sub(1).max(n_must);
        let lacking = sek - self.sek[n_rows];
        self.place(field, n_rows, |i| field.connections_to_spend(i, lacking), lacking > 0)
    }

    /// The first place whose coverage is at least a share.
    fn first_reaching(&self, field: &Field<'_>, share: f64) -> Place {
        let wanted = (share * self.unit.before.all as f64).ceil() as u64;
        let wanted = wanted.saturating_sub(self.unit.before.reached);
        let n_rows = self.persons.partition_point(|&p| p < wanted).saturating_sub(1);
        let lacking = wanted.saturating_sub(self.persons[n_rows]);
        let k_for = |i: usize| {
            let (all, persons) = (u128::from(field.connections[i]), u128::from(field.rows[i].persons));
            (u128::from(lacking) * all).div_ceil(persons.max(1)).min(all) as u64
        };
        self.place(field, n_rows, k_for, lacking > 0)
    }

    fn place(
        &self,
        field: &Field<'_>,
        n_rows: usize,
        k_for: impl Fn(usize) -> u64,
        is_lacking: bool,
    ) -> Place {
        match self.unit.rows.get(n_rows) {
            Some(&i) if is_lacking => {
                let k = if self.is_partial { k_for(i) } else { field.connections[i] };
                if k == field.connections[i] {
                    Place { n_rows: n_rows + 1, k: 0 }
                } else {
                    Place { n_rows, k }
                }
            }
            _ => Place { n_rows, k: 0 },
        }
    }

    /// The next place that raises coverage; `None` at the top.
    fn next(&self, field: &Field<'_>, place: Place, top: Place) -> Option<Place> {
        let here = self.level_at(field, place);
        let mut next = place;
        loop {
            let &i = self.unit.rows.get(next.n_rows)?;
            let k = if self.is_partial { next.k + 1 } else { field.connections[i] };
            next = if k >= field.connections[i] {
                Place { n_rows: next.n_rows + 1, k: 0 }
            } else {
                Place { n_rows: next.n_rows, k }
            };
            if (next.n_rows, next.k) > (top.n_rows, top.k) {
                return None;
            }
            if self.level_at(field, next) > here {
                return Some(next);
            }
            let &i = self.unit.rows.get(next.n_rows)?;
            if field.rows[i].persons == 0 {
                // Nobody lives here: its connections raise nothing, so it is gone through at once.
                next = Place { n_rows: next.n_rows + 1, k: 0 };
                if (next.n_rows, next.k) > (top.n_rows, top.k) {
                    return None;
                }
            }
        }
    }
}

fn raise_along_order(
    field: &Field<'_>,
    units: &[Unit],
    limits: &BoundLimits,
    pot: i64,
    is_partial: bool,
) -> Result<Vec<u64>, FundingError> {
    let ladders: Vec<Ladder<'_>> = units.iter().map(|unit| Ladder::new(field, unit, is_partial)).collect();
    let tops: Vec<Place> = ladders.iter().map(|ladder| ladder.top(field)).collect();
    let starts: Vec<Place> = ladders
        .iter()
        .map(|ladder| {
            let n_must = ladder.unit.rows.iter().take_while(|&&i| limits.must[i]).count();
            ladder.first_spending(field, ladder.unit.floor_sek, n_must)
        })
        .collect();
    let needed: i64 = ladders.iter().zip(&starts).map(|(ladder, &place)| ladder.sek_at(field, place)).sum();
    let is_over = |start: &Place, top: &Place| (start.n_rows, start.k) > (top.n_rows, top.k);
    if let Some(u) = (0..units.len()).find(|&u| is_over(&starts[u], &tops[u])) {
        let p = field.parent[units[u].rows[0]];
        let reached = ladders[u].sek_at(field, tops[u]);
        let unaffordable = if is_partial { Unaffordable::Partial } else { Unaffordable::Skip };
        return Err(limits.floor_not_reachable(field, p, reached, unaffordable));
    }
    if needed > pot {
        return Err(FundingError::FloorsOverBudget {
            scenario: limits.scenario.clone(),
            needed,
            budget: pot,
        });
    }
    // Everyone to the highest common share that the money allows; who can go no further stays at their top.
    let at_share = |u: usize, share: f64| {
        let place = ladders[u].first_reaching(field, share);
        let place = if is_over(&place, &tops[u]) { tops[u] } else { place };
        if is_over(&starts[u], &place) { starts[u] } else { place }
    };
    let sek_at_share =
        |share: f64| -> i64 { (0..units.len()).map(|u| ladders[u].sek_at(field, at_share(u, share))).sum() };
    let (mut low, mut high) = (0.0f64, 1.0f64);
    if sek_at_share(high) <= pot {
        low = high;
    }
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        if sek_at_share(middle) <= pot {
            low = middle;
        } else {
            high = middle;
        }
    }
    let mut places: Vec<Place> = (0..units.len()).map(|u| at_share(u, low)).collect();
    // What is over raises single connections, the lowest first.
    let mut rest: i64 = pot - sek_at_share(low);
    let mut queue = BinaryHeap::new();
    let step = |u: usize, place: Place| {
        let next = ladders[u].next(field, place, tops[u])?;
        let sek = ladders[u].sek_at(field, next) - ladders[u].sek_at(field, place);
        Some(Reverse((ladders[u].level_at(field, place), sek, u)))
    };
    queue.extend((0..units.len()).filter_map(|u| step(u, places[u])));
    while let Some(Reverse((_, sek, u))) = queue.pop() {
        if sek > rest {
            continue;
        }
        let Some(next) = ladders[u].next(field, places[u], tops[u]) else { continue };
        rest -= sek;
        places[u] = next;
        queue.extend(step(u, next));
    }
    let mut connections = vec![0; field.len()];
    for (unit, place) in units.iter().zip(&places) {
        for &i in &unit.rows[..place.n_rows] {
            connections[i] = field.connections[i];
        }
        if let Some(&i) = unit.rows.get(place.n_rows) {
            connections[i] = place.k;
        }
    }
    Ok(connections)
}

/// Funded rows in the order of their unit's coverage before, then of the unit.
fn raising_order(field: &Field<'_>, units: &[Unit], given: &Filling) -> Vec<u32> {
    let mut by_level: Vec<&Unit> = units.iter().collect();
    by_level.sort_by_key(|unit| unit.before);
    let mut rows: Vec<u32> = Vec::with_capacity(field.len());
    for is_funded in [true, false] {
        for unit in &by_level {
            rows.extend(
                unit.rows.iter().filter(|&&i| (given.connections[i] > 0) == is_funded).map(|&i| i as u32),
            );
        }
    }
    rows
}
