//! `auction`: descending clock over given bids.
//!
//! Favours whoever would build for least relative to what the candidate is reckoned to cost. The price starts
//! at 100 % of each candidate's grant and falls step by step; a bidder stays while the price is at least their
//! bid. As soon as what the remaining candidates would be paid fits the money and every cap, the candidates
//! with one bidder are assigned at that price; where several remain the price falls on until one is left.
//! What competition saves is left over. Not monotone in the budget: more money ends the clock earlier, at
//! higher prices. It can be any distance from the optimum.

use super::{Order, Solved, missing_last, sorted_rows};
use crate::{
    error::FundingError,
    field::Field,
    fill::{Filling, pay_in_order},
    limits::BoundLimits,
    scenario::Scenario,
};
use std::collections::BTreeMap;
use whitespot_model::funding::{Bid, Reason};

/// By lowest bid as a share of the grant asked for; candidates without bids last.
pub(crate) fn order(field: &Field<'_>, scenario: &Scenario) -> Result<Order, FundingError> {
    let bids = bids_by_row(field, scenario)?;
    let keys: Vec<Option<f64>> = (0..field.len())
        .map(|i| bids[i].first().map(|bid| bid.bid_sek as f64 / field.asked_sek[i].max(1) as f64))
        .collect();
    Ok(Order {
        rows: sorted_rows(field, |a, b| missing_last(keys[a], keys[b], |a, b| a.total_cmp(&b))),
        keys,
        label: "lowest bid as a share of the grant".to_string(),
        findings: Vec::new(),
    })
}

/// Runs the clock. Everyone assigned is paid the price at which they were assigned and connects everyone.
///
/// Two bidders who would leave at the same step: the lower bid stays, then the lower name, at the last price
/// both held. Candidates that must be funded are assigned first, to their lowest bid at the opening price if
/// there is no rival, whatever the clock says.
///
/// Errors: no bids, bids for what is no candidate, bids below 0; a candidate that must be funded without bids;
/// floors that are not reached.
pub(crate) fn solve(
    field: &Field<'_>,
    scenario: &Scenario,
    order: &Order,
    limits: &BoundLimits,
    years: &[i64],
) -> Result<Solved, FundingError> {
    let bids = bids_by_row(field, scenario)?;
    let n_steps = (1.0 / scenario.clock_step).ceil() as u64;
    let clock = Clock { field, bids: &bids, step: scenario.clock_step, n_steps };
    let budget: i64 = years.iter().sum();
    let mut paid: Vec<Option<i64>> = vec![None; field.len()];
    for i in (0..field.len()).filter(|&i| limits.must[i]) {
        paid[i] = Some(clock.assign(i, 0).ok_or_else(|| FundingError::MustFundIneligible {
            scenario: scenario.name.clone(),
            code: field.rows[i].code.clone(),
            reason: "it has no bid within its grant".to_string(),
        })?);
    }
    let is_open = |i: usize| !limits.must[i] && !limits.never[i];
    // Each parent area has its own clock under its cap; the common clock stops under the budget.
    let must_sek = |p: Option<usize>| -> i64 {
        (0..field.len()).filter(|&i| p.is_none_or(|p| field.parent[i] == p)).filter_map(|i| paid[i]).sum()
    };
    let due = |p: Option<usize>, step_of: &dyn Fn(usize) -> u64| -> i64 {
        (0..field.len())
            .filter(|&i| is_open(i) && p.is_none_or(|p| field.parent[i] == p))
            .filter(|&i| clock.n_in(i, step_of(i)) > 0)
            .map(|i| clock.price(i, step_of(i)))
            .sum()
    };
    let own_step: Vec<u64> = (0..=field.n_parents)
        .map(|p| match limits.cap_sek[p] {
            None => 0,
            Some(cap) => {
                let room = cap - must_sek(Some(p));
                (0..=n_steps).find(|&step| due(Some(p), &|_| step) <= room).unwrap_or(n_steps + 1)
            }
        })
        .collect();
    let at = |step: u64| move |i: usize, own: &[u64]| step.max(own[field.parent[i]]);
    let room = budget - must_sek(None);
    let stop =
        (0..=n_steps).find(|&step| due(None, &|i| at(step)(i, &own_step)) <= room).unwrap_or(n_steps + 1);
    let mut n_started = limits.must.iter().filter(|&&must| must).count() as u64;
    let most = limits.max_per_year.map(|most| u64::from(most) * years.len() as u64);
    let mut given = Filling::empty(field);
    for &i in &order.rows {
        let i = i as usize;
        let is_full = most.is_some_and(|most| n_started >= most);
        if is_open(i) && !is_full {
            paid[i] = clock.assign(i, stop.max(own_step[field.parent[i]]));
            n_started += u64::from(paid[i].is_some());
        }
        given.reason[i] = match paid[i] {
            _ if limits.never[i] => Reason::NeverFund,
            Some(_) if limits.must[i] => Reason::MustFund,
            Some(_) => Reason::Bid,
            None if is_full => Reason::YearFull,
            None => Reason::NoBid,
        };
        given.grant_sek[i] = paid[i].unwrap_or(0);
        given.connections[i] = if paid[i].is_some() { field.connections[i] } else { 0 };
    }
    for p in 0..field.n_parents {
        let reached: i64 =
            (0..field.len()).filter(|&i| field.parent[i] == p).map(|i| given.grant_sek[i]).sum();
        if reached < limits.floor_sek[p] {
            return Err(limits.floor_not_reachable(field, p, reached, scenario.unaffordable));
        }
    }
    if !pay_in_order(field, &order.rows, limits, years, true, &mut given) {
        return Err(FundingError::LimitNotForRule {
            scenario: scenario.name.clone(),
            limit: "max_candidates_per_year over several years",
            rule: "auction",
        });
    }
    Ok(given.into())
}

struct Clock<'a> {
    field: &'a Field<'a>,
    /// Bids by row, lowest first.
    bids: &'a [Vec<&'a Bid>],
    step: f64,
    n_steps: u64,
}

impl Clock<'_> {
    /// What a row is paid at a step: its grant × (1 − step × size of a step), rounded down; 0 at the end.
    fn price(&self, i: usize, step: u64) -> i64 {
        let share = (1.0 - self.step * step as f64).max(0.0);
        (self.field.asked_sek[i] as f64 * share + 1e-6).floor() as i64
    }

    /// Bidders still in at a step.
    fn n_in(&self, i: usize, step: u64) -> usize {
        if step > self.n_steps {
            return 0;
        }
        let price = self.price(i, step);
        self.bids[i].iter().take_while(|bid| bid.bid_sek <= price).count()
    }

    /// The price at which one bidder is left, from a step on; `None` where none is in.
    fn assign(&self, i: usize, from: u64) -> Option<i64> {
        let mut step = from;
        if self.n_in(i, step) == 0 {
            return None;
        }
        while self.n_in(i, step) > 1 {
            if self.n_in(i, step + 1) == 0 {
                break;
            }
            step += 1;
        }
        Some(self.price(i, step))
    }
}

fn bids_by_row<'a>(field: &Field<'_>, scenario: &'a Scenario) -> Result<Vec<Vec<&'a Bid>>, FundingError> {
    if scenario.bids.is_empty() {
        return Err(FundingError::NoBids { scenario: scenario.name.clone() });
    }
    let mut by_row: Vec<BTreeMap<&str, &Bid>> = vec![BTreeMap::new(); field.len()];
    for bid in &scenario.bids {
        let bad = |what: &str| FundingError::BadBid {
            bidder: bid.bidder.clone(),
            code: bid.candidate.clone(),
            what: what.to_string(),
        };
        if bid.bid_sek < 0 {
            return Err(bad("is negative"));
        }
        let Some(i) = field.row_of(&bid.candidate) else {
            if field.ineligible.iter().any(|x| x.code == bid.candidate) {
                continue;
            }
            return Err(bad("names no candidate"));
        };
        if by_row[i].insert(&bid.bidder, bid).is_some() {
            return Err(bad("stands twice"));
        }
    }
    Ok(by_row
        .into_iter()
        .map(|bids| {
            let mut bids: Vec<&Bid> = bids.into_values().collect();
            bids.sort_by_key(|bid| bid.bid_sek);
            bids
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use crate::{
        Bid, FundingError, Scenario, allocate,
        testing::{by_letter, candidate},
    };
    use whitespot_model::{
        config::funding::{LimitBy, SekOrShare},
        funding::{Allocation, Candidates, Reason, RuleName},
    };

    fn three() -> Candidates {
        by_letter(vec![
            candidate("a1", 0.1, 10, 1_000),
            candidate("b1", 0.1, 10, 1_000),
            candidate("c1", 0.1, 10, 1_000),
        ])
    }

    fn run(budget: i64, bids: &[(&str, &str, i64)], cap: Option<i64>) -> Result<Allocation, FundingError> {
        let mut scenario = Scenario::new("auction", RuleName::Auction, budget);
        scenario.clock_step = 0.1;
        scenario.caps = cap.map(|sek| LimitBy::Each(SekOrShare::Sek(sek)));
        let bid = |&(candidate, bidder, bid_sek): &(&str, &str, i64)| Bid {
            candidate: candidate.to_string(),
            bidder: bidder.to_string(),
            bid_sek,
        };
        scenario.bids = bids.iter().map(bid).collect();
        allocate(&three(), &scenario)
    }

    fn paid(got: &Allocation, code: &str) -> i64 {
        got.grants.iter().find(|g| g.code == code).unwrap().grant_sek
    }

    #[test]
    fn the_clock_falls_until_what_remains_fits_the_budget() {
        // At 100–90 % three would cost 3,000–2,700; at 80 % c1 has left and two cost 1,600.
        let got = run(2_000, &[("a1", "x", 500), ("b1", "x", 700), ("c1", "x", 850)], None).unwrap();
        assert_eq!((paid(&got, "a1"), paid(&got, "b1"), paid(&got, "c1")), (800, 800, 0));
        assert_eq!(got.leftover_sek, 400);
        assert_eq!(got.grants.iter().find(|g| g.code == "c1").unwrap().reason, Reason::NoBid);
    }

    #[test]
    fn where_several_remain_the_price_falls_on_until_one_is_left() {
        let got = run(5_000, &[("a1", "x", 400), ("a1", "y", 650), ("b1", "x", 400)], None).unwrap();
        assert_eq!((paid(&got, "a1"), paid(&got, "b1")), (600, 1_000));
        // Both leave at once: the last price that both held.
        let got = run(5_000, &[("a1", "x", 620), ("a1", "y", 650)], None).unwrap();
        assert_eq!(paid(&got, "a1"), 700);
    }

    #[test]
    fn a_cap_lowers_the_price_in_its_parent_area_only() {
        let got = run(5_000, &[("a1", "x", 300), ("b1", "x", 900)], Some(900)).unwrap();
        assert_eq!((paid(&got, "a1"), paid(&got, "b1")), (900, 900));
        let got = run(5_000, &[("a1", "x", 300), ("b1", "x", 950)], Some(900)).unwrap();
        assert_eq!((paid(&got, "a1"), paid(&got, "b1")), (900, 0));
    }

    #[test]
    fn no_bids_and_wrong_bids_are_errors() {
        assert!(matches!(run(10, &[], None), Err(FundingError::NoBids { .. })));
        let error = |bids: &[(&str, &str, i64)]| run(10, bids, None).unwrap_err().to_string();
        assert_eq!(error(&[("a1", "x", -1)]), "the bid of `x` for `a1` is negative");
        assert_eq!(error(&[("zz", "x", 1)]), "the bid of `x` for `zz` names no candidate");
        assert_eq!(error(&[("a1", "x", 1), ("a1", "x", 2)]), "the bid of `x` for `a1` stands twice");
    }
}
