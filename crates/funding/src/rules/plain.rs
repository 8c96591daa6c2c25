//! The rules that follow an order, shares and the clock, against plain reimplementations on small random worlds.

use crate::{
    Bid, Scenario, allocate,
    testing::{by_letter, candidate, fixed_cases},
};
use proptest::prelude::*;
use std::cmp::Ordering;
use whitespot_model::funding::{Allocation, Candidate, Candidates, RuleName, Unaffordable};

/// Up to 12 candidates; each connection costs the same whole amount, scores are sixteenths, so that ties are many and
/// exact.
fn worlds() -> impl Strategy<Value = Candidates> {
    let row = (0..3usize, 1..=6u64, 1..12i64, 0..8u32);
    prop::collection::vec(row, 1..=12).prop_map(|rows| {
        let rows = rows.into_iter().enumerate().map(|(n, (parent, households, sek, score))| {
            let code = format!("{}{n:02}", ["a", "b", "c"][parent]);
            candidate(&code, f64::from(score) / 16.0, households, sek * households as i64)
        });
        by_letter(rows.collect())
    })
}

fn each(row: &Candidate) -> i64 {
    row.grant_sek / row.households as i64
}

fn sixteenths(row: &Candidate) -> i64 {
    (row.score.unwrap() * 16.0).round() as i64
}

/// Who comes first by a rule, ties by larger gap, then lower code; all in whole numbers.
fn by_rule(rule: RuleName, a: &Candidate, b: &Candidate) -> Ordering {
    let first = match rule {
        RuleName::Need => sixteenths(b).cmp(&sixteenths(a)),
        RuleName::CostEffectiveness => each(a).cmp(&each(b)),
        _ => (sixteenths(b) * each(a)).cmp(&(sixteenths(a) * each(b))),
    };
    first.then(b.persons.cmp(&a.persons)).then(a.code.cmp(&b.code))
}

/// Code and connections of each candidate in order, by a loop anyone can follow.
fn by_a_plain_loop(all: &Candidates, rule: RuleName, way: Unaffordable, budget: i64) -> Vec<(String, u64)> {
    let mut rows: Vec<&Candidate> = all.rows.iter().collect();
    rows.sort_by(|a, b| by_rule(rule, a, b));
    let (mut rest, mut is_over) = (budget, false);
    let mut funded = Vec::new();
    for row in rows {
        let fits = row.grant_sek <= rest;
        let k = match way {
            _ if is_over => 0,
            _ if fits => row.households,
            Unaffordable::Partial => (rest / each(row)) as u64,
            Unaffordable::Skip | Unaffordable::Stop => 0,
        };
        is_over |= !fits && way != Unaffordable::Skip;
        rest -= each(row) * k as i64;
        funded.push((row.code.clone(), k));
    }
    funded
}

fn connections(allocation: &Allocation) -> Vec<(String, u64)> {
    allocation.grants.iter().map(|g| (g.code.clone(), g.funded_connections)).collect()
}

/// Shares by households between 0 and what each asks for: whoever would have more than they ask for is settled, the
/// rest is shared anew.
fn water_filled(all: &Candidates, budget: i64) -> Vec<f64> {
    let asked: Vec<f64> = all.rows.iter().map(|r| r.grant_sek as f64).collect();
    let weight: Vec<f64> = all.rows.iter().map(|r| r.households as f64).collect();
    let mut share = vec![0.0; asked.len()];
    let mut is_full = vec![false; asked.len()];
    loop {
        let settled: f64 = (0..asked.len()).filter(|&i| is_full[i]).map(|i| asked[i]).sum();
        let open: f64 = (0..asked.len()).filter(|&i| !is_full[i]).map(|i| weight[i]).sum();
        for i in 0..asked.len() {
            share[i] =
                if is_full[i] { asked[i] } else { (budget as f64 - settled).max(0.0) * weight[i] / open };
        }
        let over: Vec<usize> = (0..asked.len()).filter(|&i| !is_full[i] && share[i] > asked[i]).collect();
        if over.is_empty() {
            return share;
        }
        over.into_iter().for_each(|i| is_full[i] = true);
    }
}

/// The clock in tenths: stops where what remains fits, then falls on for each candidate until one bidder is left.
fn by_a_plain_clock(all: &Candidates, bids: &[Bid], budget: i64) -> Vec<(String, i64)> {
    let price = |row: &Candidate, step: i64| row.grant_sek * (10 - step) / 10;
    let n_in = |row: &Candidate, step: i64| {
        let within = |b: &&Bid| b.candidate == row.code && b.bid_sek <= price(row, step);
        if step > 10 { 0 } else { bids.iter().filter(within).count() }
    };
    let due = |step: i64| all.rows.iter().filter(|r| n_in(r, step) > 0).map(|r| price(r, step)).sum::<i64>();
    let stop = (0..=11).find(|&step| due(step) <= budget).unwrap();
    let paid = |row: &Candidate| {
        let mut step = stop;
        while n_in(row, step) > 1 && n_in(row, step + 1) > 0 {
            step += 1;
        }
        if n_in(row, step) > 0 { price(row, step) } else { 0 }
    };
    all.rows.iter().map(|row| (row.code.clone(), paid(row))).collect()
}

#[test]
fn equal_need_at_equal_prices_is_a_tie_whatever_the_size() {
    let rows = (1..40u64).map(|n| candidate(&format!("a{n:02}"), 5.0 / 19.0, n, 7 * n as i64)).collect();
    let got = allocate(&by_letter(rows), &Scenario::new("tie", RuleName::NeedPerCost, 0)).unwrap();
    assert!(got.grants.windows(2).all(|w| w[0].gap_persons > w[1].gap_persons), "the larger gap goes first");
}

#[test]
fn equal_prices_everywhere_are_no_endless_search_for_the_optimum() {
    let rows =
        (0..500u64).map(|n| candidate(&format!("a{n:03}"), 0.5, 1 + n % 40, 35_000 * (1 + n % 40) as i64));
    let all = by_letter(rows.collect());
    for way in [Unaffordable::Partial, Unaffordable::Skip] {
        let mut scenario = Scenario::new("equal", RuleName::Optimal, 119_990_000);
        scenario.unaffordable = way;
        let got = allocate(&all, &scenario).unwrap();
        let proof = got.proof.unwrap();
        assert!(proof.is_proven && !proof.is_time_limited, "{way:?}: {proof:?}");
        assert_eq!(got.outcome.households, 119_990_000 / 35_000, "{way:?}");
    }
}

proptest! {
    #![proptest_config(fixed_cases(3_000))]

    #[test]
    fn every_order_is_followed_as_a_plain_loop_would(
        all in worlds(),
        budget in 0..300i64,
        rule in prop::sample::select(vec![RuleName::Need, RuleName::CostEffectiveness, RuleName::NeedPerCost]),
        way in prop::sample::select(vec![Unaffordable::Partial, Unaffordable::Skip, Unaffordable::Stop]),
    ) {
        let mut scenario = Scenario::new("plain", rule, budget);
        scenario.unaffordable = way;
        let got = allocate(&all, &scenario).unwrap();
        prop_assert_eq!(connections(&got), by_a_plain_loop(&all, rule, way, budget));
    }

    #[test]
    fn proportional_shares_are_those_of_plain_water_filling(all in worlds(), budget in 0..300i64) {
        let got = allocate(&all, &Scenario::new("plain", RuleName::Proportional, budget)).unwrap();
        for (row, share) in all.rows.iter().zip(water_filled(&all, budget)) {
            let grant = got.grants.iter().find(|g| g.code == row.code).unwrap().grant_sek;
            // One rounding for the parent area's share, one inside it.
            prop_assert!((grant as f64 - share).abs() < 2.0 + 1e-9, "{}: {grant} for {share}", row.code);
        }
    }

    #[test]
    fn the_auction_is_that_of_a_plain_clock_and_never_pays_less_than_a_bid(
        all in worlds(),
        budget in 0..300i64,
        asks in prop::collection::vec((any::<prop::sample::Index>(), 0..3usize, 0..80i64), 1..20),
    ) {
        let mut bids: Vec<Bid> = Vec::new();
        for (at, bidder, bid_sek) in asks {
            let candidate = at.get(&all.rows).code.clone();
            let bidder = ["x", "y", "z"][bidder].to_string();
            if !bids.iter().any(|b| b.candidate == candidate && b.bidder == bidder) {
                bids.push(Bid { candidate, bidder, bid_sek });
            }
        }
        let mut scenario = Scenario::new("plain", RuleName::Auction, budget);
        (scenario.clock_step, scenario.bids) = (0.1, bids.clone());
        let got = allocate(&all, &scenario).unwrap();
        prop_assert!(got.spent_sek <= budget);
        for (code, sek) in by_a_plain_clock(&all, &bids, budget) {
            let grant = got.grants.iter().find(|g| g.code == code).unwrap();
            prop_assert_eq!(grant.grant_sek, sek, "{}", &code);
            let lowest = bids.iter().filter(|b| b.candidate == code).map(|b| b.bid_sek).min();
            prop_assert!(grant.funded_connections == 0 || lowest.is_some_and(|bid| bid <= sek));
        }
    }
}
