//! Handing out money in an order, under all limits, year by year.

use crate::{error::FundingError, field::Field, limits::BoundLimits};
use whitespot_model::funding::{Reason, Unaffordable};

/// Who has received what; index = row of the [`Field`].
#[derive(Clone, Debug)]
pub(crate) struct Filling {
    /// Whole connections funded.
    pub(crate) connections: Vec<u64>,
    /// Grant given.
    pub(crate) grant_sek: Vec<i64>,
    /// Why, or why not.
    pub(crate) reason: Vec<Reason>,
    /// Grant by year and row; empty for a single year.
    pub(crate) by_year_sek: Vec<Vec<i64>>,
}

impl Filling {
    /// Nobody has anything.
    pub(crate) fn empty(field: &Field<'_>) -> Self {
        Filling {
            connections: vec![0; field.len()],
            grant_sek: vec![0; field.len()],
            reason: vec![Reason::Money; field.len()],
            by_year_sek: Vec::new(),
        }
    }

    /// Everything granted.
    pub(crate) fn spent_sek(&self) -> i64 {
        self.grant_sek.iter().sum()
    }
}

/// Money by year.
pub(crate) type Years = [i64];

/// Hands out money in `order`: first whoever must be funded, then what floors ask for, then everyone, each
/// time in the same order. What one year leaves is carried to the next.
///
/// With [`Unaffordable::Partial`] money is given connection by connection along a fixed sequence, so that a
/// larger budget only goes further along it. A parent area that reaches its cap is closed.
///
/// Errors: floors that cannot be reached. Cost: O(years × candidates).
pub(crate) fn fill_in_order(
    field: &Field<'_>,
    order: &[u32],
    limits: &BoundLimits,
    years: &Years,
    unaffordable: Unaffordable,
) -> Result<Filling, FundingError> {
    let mut hand = Hand::new(field, limits, years.len() > 1);
    for (y, &money) in years.iter().enumerate() {
        hand.purse_sek += money;
        hand.n_started = 0;
        hand.year = y;
        let is_last = y + 1 == years.len();
        // Money that must and floor need is not given to others meanwhile: it waits for the next year.
        let reserved_is_met = hand.fund_must(order, unaffordable) && hand.fund_floors(order, unaffordable);
        if reserved_is_met {
            hand.fund_all(order, unaffordable);
        }
        if is_last {
            hand.check_floors(unaffordable)?;
        }
    }
    Ok(hand.given)
}

/// Pays grants that are settled already as the money of the years comes, in `order`, and notes what is paid
/// when. Returns whether all could be paid: a most per year, or whole candidates only, may stand against it.
///
/// What floors and caps ask for is settled with the grants.
pub(crate) fn pay_in_order(
    field: &Field<'_>,
    order: &[u32],
    limits: &BoundLimits,
    years: &Years,
    is_partial: bool,
    given: &mut Filling,
) -> bool {
    let n_years = years.len();
    let mut paid = vec![0i64; field.len()];
    let mut is_started = vec![false; field.len()];
    let mut by_year = vec![vec![0i64; n_years]; if n_years > 1 { field.len() } else { 0 }];
    let mut purse = 0i64;
    for (y, &money) in years.iter().enumerate() {
        purse += money;
        let mut n_started = 0;
        for &i in order {
            let i = i as usize;
            let due = given.grant_sek[i] - paid[i];
            let is_new = !is_started[i] && given.connections[i] > 0;
            if (due == 0 && !is_new) || (due > purse && !is_partial) || (purse == 0 && due > 0) {
                continue;
            }
            if is_new && limits.max_per_year.is_some_and(|most| n_started >= most) {
                continue;
            }
            n_started += u32::from(is_new);
            is_started[i] = true;
            let now = due.min(purse);
            paid[i] += now;
            purse -= now;
            if let Some(row) = by_year.get_mut(i) {
                row[y] = now;
            }
        }
    }
    given.by_year_sek = by_year;
    let is_everyone_started = (0..field.len()).all(|i| is_started[i] || given.connections[i] == 0);
    paid == given.grant_sek && is_everyone_started
}

struct Hand<'a> {
    field: &'a Field<'a>,
    limits: &'a BoundLimits,
    given: Filling,
    purse_sek: i64,
    parent_sek: Vec<i64>,
    is_closed: Vec<bool>,
    year: usize,
    n_started: u32,
}

/// Why a pass ended before its end.
#[derive(PartialEq)]
enum End {
    Done,
    Money,
    YearFull,
}

impl<'a> Hand<'a> {
    fn new(field: &'a Field<'a>, limits: &'a BoundLimits, is_by_year: bool) -> Self {
        let mut given = Filling::empty(field);
        if is_by_year {
            given.by_year_sek = vec![Vec::new(); field.len()];
        }
        for i in 0..field.len() {
            if limits.never[i] {
                given.reason[i] = Reason::NeverFund;
            }
        }
        Hand {
            field,
            limits,
            given,
            purse_sek: 0,
            parent_sek: vec![0; field.n_parents + 1],
            is_closed: vec![false; field.n_parents + 1],
            year: 0,
            n_started: 0,
        }
    }

    /// Whether everyone who must be funded now is.
    fn fund_must(&mut self, order: &[u32], unaffordable: Unaffordable) -> bool {
        for &i in order {
            let i = i as usize;
            if !self.limits.must[i] || self.is_full(i) {
                continue;
            }
            let wanted = self.field.connections[i];
            let end = match unaffordable {
                Unaffordable::Partial => self.give_part(i, wanted, Reason::MustFund),
                Unaffordable::Skip | Unaffordable::Stop => self.give_whole(i, Reason::MustFund),
            };
            if end != End::Done || !self.is_full(i) {
                return false;
            }
        }
        true
    }

    /// Whether every parent area now has its floor.
    fn fund_floors(&mut self, order: &[u32], unaffordable: Unaffordable) -> bool {
        if !self.limits.has_floors {
            return true;
        }
        for &i in order {
            let i = i as usize;
            let p = self.field.parent[i];
            let lacking = self.limits.floor_sek[p] - self.parent_sek[p];
            if lacking <= 0 || self.limits.never[i] || self.is_full(i) {
                continue;
            }
            let end = match unaffordable {
                Unaffordable::Partial => {
                    let wanted = self.field.connections_to_spend(i, self.given.grant_sek[i] + lacking);
                    self.give_part(i, wanted, Reason::Floor)
                }
                Unaffordable::Skip | Unaffordable::Stop => self.give_whole(i, Reason::Floor),
            };
            if end != End::Done && unaffordable == Unaffordable::Partial {
                return false;
            }
        }
        (0..self.field.n_parents).all(|p| self.parent_sek[p] >= self.limits.floor_sek[p])
    }

    fn fund_all(&mut self, order: &[u32], unaffordable: Unaffordable) {
        for (at, &i) in order.iter().enumerate() {
            let i = i as usize;
            if self.limits.never[i] || self.is_full(i) {
                continue;
            }
            let wanted = self.field.connections[i];
            let end = match unaffordable {
                Unaffordable::Partial => self.give_part(i, wanted, Reason::Order),
                Unaffordable::Skip | Unaffordable::Stop => self.give_whole(i, Reason::Order),
            };
            let why = match end {
                End::Done => continue,
                End::Money if unaffordable == Unaffordable::Skip => continue,
                End::Money => Reason::Money,
                End::YearFull => Reason::YearFull,
            };
            for &rest in &order[at..] {
                let rest = rest as usize;
                if self.given.connections[rest] == 0 && !self.limits.never[rest] {
                    self.given.reason[rest] = why;
                }
            }
            return;
        }
    }

    /// Gives connections up to `wanted`, as far as money and cap go.
    fn give_part(&mut self, i: usize, wanted: u64, reason: Reason) -> End {
        let p = self.field.parent[i];
        if self.is_closed[p] {
            self.refuse(i, Reason::Cap);
            return End::Done;
        }
        if self.is_year_full(i) {
            self.refuse(i, Reason::YearFull);
            return End::YearFull;
        }
        let has_sek = self.given.grant_sek[i];
        let by_cap = match self.limits.cap_sek[p] {
            Some(cap) => self.field.connections_for(i, cap - self.parent_sek[p] + has_sek),
            None => u64::MAX,
        };
        let by_money = self.field.connections_for(i, self.purse_sek + has_sek);
        let k = wanted.min(by_cap).min(by_money).max(self.given.connections[i]);
        self.give(i, k, reason);
        if by_money < wanted.min(by_cap) {
            self.refuse(i, Reason::Money);
            return End::Money;
        }
        if by_cap < wanted {
            self.is_closed[p] = true;
            self.refuse(i, Reason::Cap);
        }
        End::Done
    }

    /// Gives all connections or none.
    fn give_whole(&mut self, i: usize, reason: Reason) -> End {
        let p = self.field.parent[i];
        let asked = self.field.asked_sek[i];
        if self.limits.cap_sek[p].is_some_and(|cap| self.parent_sek[p] + asked > cap) {
            self.refuse(i, Reason::Cap);
            return End::Done;
        }
        if self.is_year_full(i) {
            self.refuse(i, Reason::YearFull);
            return End::YearFull;
        }
        if asked > self.purse_sek {
            self.refuse(i, Reason::Money);
            return End::Money;
        }
        self.give(i, self.field.connections[i], reason);
        End::Done
    }

    fn give(&mut self, i: usize, k: u64, reason: Reason) {
        let had = self.given.connections[i];
        if k <= had {
            return;
        }
        let sek = self.field.grant_for(i, k) - self.given.grant_sek[i];
        if had == 0 {
            self.n_started += 1;
            self.given.reason[i] = reason;
        }
        self.given.connections[i] = k;
        self.given.grant_sek[i] += sek;
        self.purse_sek -= sek;
        self.parent_sek[self.field.parent[i]] += sek;
        if let Some(by_year) = self.given.by_year_sek.get_mut(i) {
            by_year.resize(self.year + 1, 0);
            by_year[self.year] += sek;
        }
    }

    fn refuse(&mut self, i: usize, reason: Reason) {
        if self.given.connections[i] == 0 {
            self.given.reason[i] = reason;
        }
    }

    fn is_full(&self, i: usize) -> bool {
        self.given.connections[i] == self.field.connections[i]
    }

    fn is_year_full(&self, i: usize) -> bool {
        self.given.connections[i] == 0 && self.limits.max_per_year.is_some_and(|most| self.n_started >= most)
    }

    fn check_floors(&self, unaffordable: Unaffordable) -> Result<(), FundingError> {
        for p in 0..self.field.n_parents {
            let (floor, reached_sek) = (self.limits.floor_sek[p], self.parent_sek[p]);
            if reached_sek < floor {
                return Err(self.limits.floor_not_reachable(self.field, p, reached_sek, unaffordable));
            }
        }
        Ok(())
    }
}
