//! Times the rules at full size and checks their answers: `cargo bench -p whitespot-funding --bench allocate`.
//!
//! 5,000 candidates in 15 parent areas, heavy-tailed sizes, costs per household from 20,000 to 400,000: one budget
//! curve a rule (101 budgets), an auction, then `optimal` with floors and caps for every parent area. The persons
//! each rule reaches half way are fixed below, so that a fast wrong answer cannot win; `optimal` must prove its gap.
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use rand::{RngExt, SeedableRng};
use std::time::Instant;
use whitespot_funding::{Bid, Scenario, allocate, curve, curve::even_budgets};
use whitespot_model::{
    config::funding::{LimitBy, SekOrShare},
    funding::{Base, Candidate, Candidates, Cost, ParentBase, RuleName, Unaffordable},
};

/// Persons each rule reaches with the 51st budget of its curve.
const HALF_WAY: [(RuleName, u64); 6] = [
    (RuleName::Need, 20_095),
    (RuleName::CostEffectiveness, 47_660),
    (RuleName::NeedPerCost, 41_009),
    (RuleName::Proportional, 33_183),
    (RuleName::EqualShare, 20_282),
    (RuleName::Leximin, 47_729),
];
/// Seconds the six curves may take together.
const CURVES_S: f64 = 5.0;
/// Seconds `optimal` may take with floors and caps, and the largest gap it may leave unproven.
const OPTIMAL_S: f64 = 30.0;
const OPTIMAL_GAP: f64 = 0.001;

fn main() {
    let all = candidates(5_000, 15);
    let asked: i64 = all.rows.iter().map(|row| row.grant_sek).sum();
    println!("{} candidates ask for {} million", all.rows.len(), asked / 1_000_000);
    let budgets = even_budgets(asked / 2);
    let mut total = 0.0;
    let mut wrong = Vec::new();
    for (rule, persons) in HALF_WAY {
        let started = Instant::now();
        let curve = curve(&all, &Scenario::new("curve", rule, asked / 4), &budgets).unwrap();
        let seconds = started.elapsed().as_secs_f64();
        total += seconds;
        let middle = &curve.points[50];
        assert!(curve.points.iter().all(|p| p.spent_sek <= p.budget_sek), "{rule:?} spends too much");
        println!(
            "{:20} 101 budgets in {seconds:.2} s; half way {} persons, monotone {}",
            rule.as_str(),
            middle.persons,
            curve.is_monotone
        );
        if middle.persons != persons {
            wrong.push(format!("{}: {} persons instead of {persons}", rule.as_str(), middle.persons));
        }
    }
    println!("{:20} {total:.2} s of {CURVES_S} s", "together");
    auction(&all, asked / 4);
    for unaffordable in [Unaffordable::Skip, Unaffordable::Partial] {
        for (floor, cap, most) in [(0.0, 1.0, None), (0.02, 0.09, None), (0.02, 0.09, Some(800))] {
            optimal(&all, asked / 10, unaffordable, (floor, cap), most);
        }
    }
    assert!(wrong.is_empty(), "answers changed: {wrong:?}");
    assert!(total < CURVES_S, "the curves took {total:.2} s");
}

fn optimal(
    all: &Candidates,
    budget: i64,
    unaffordable: Unaffordable,
    (floor, cap): (f64, f64),
    most: Option<u32>,
) {
    let mut scenario = Scenario::new("optimal", RuleName::Optimal, budget);
    scenario.unaffordable = unaffordable;
    scenario.floors = Some(LimitBy::Each(SekOrShare::Share(floor)));
    scenario.caps = Some(LimitBy::Each(SekOrShare::Share(cap)));
    scenario.max_per_year = most;
    let started = Instant::now();
    let got = allocate(all, &scenario).unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let proof = got.proof.unwrap();
    assert!(proof.value >= proof.greedy_value && proof.bound >= proof.value);
    println!(
        "optimal {unaffordable:?} floor {floor} cap {cap} most {most:?}: {seconds:.2} s, value {:.1}, bound {:.1}, gap \
         {:.5} %, best order {:.1}; {} ({} limits bind)",
        proof.value,
        proof.bound,
        100.0 * proof.gap,
        proof.greedy_value,
        proof.solver,
        got.limits.len()
    );
    assert!(proof.gap <= OPTIMAL_GAP, "a gap of {} is left", proof.gap);
    assert!(seconds < OPTIMAL_S, "optimal took {seconds:.2} s");
}
fn auction(all: &Candidates, budget: i64) {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(2);
    let mut scenario = Scenario::new("auction", RuleName::Auction, budget);
    for row in &all.rows {
        for bidder in 0..rng.random_range(0..4) {
            let bid_sek = (row.grant_sek as f64 * rng.random_range(0.4..1.1)) as i64;
            scenario.bids.push(Bid { candidate: row.code.clone(), bidder: format!("b{bidder}"), bid_sek });
        }
    }
    let started = Instant::now();
    let got = allocate(all, &scenario).unwrap();
    println!(
        "{:20} one budget in {:.2} s, {} persons",
        "auction",
        started.elapsed().as_secs_f64(),
        got.outcome.persons
    );
}

fn candidates(n: usize, n_parents: usize) -> Candidates {
    let mut rng = rand_chacha::ChaCha8Rng::seed_from_u64(1);
    let mut all = Candidates::default();
    for p in 0..n_parents {
        all.parents.push(ParentBase {
            code: format!("{p:02}"),
            name: format!("Area {p}"),
            base: Base::default(),
        });
    }
    for i in 0..n {
        let households = (3.0 * rng.random_range(0.001f64..1.0).powf(-0.7)) as u64;
        let persons = (households as f64 * rng.random_range(1.5..2.6)) as u64;
        let per_household = 20_000.0 * 20f64.powf(rng.random_range(0.0..1.0));
        let sek = (households as f64 * per_household) as i64;
        let parent = (rng.random_range(0.0f64..1.0).powi(2) * n_parents as f64) as usize;
        let base = &mut all.parents[parent].base;
        base.persons += 5 * persons;
        base.reached_persons += 4 * persons;
        all.total.persons += 5 * persons;
        all.total.reached_persons += 4 * persons;
        all.rows.push(Candidate {
            code: format!("c{i:05}"),
            name: format!("Candidate {i}"),
            parent: Some(parent as u32),
            persons,
            households,
            total_persons: 2 * persons,
            total_households: 2 * households,
            cost: Cost { total_sek: sek, ..Cost::default() },
            grant_sek: sek,
            score: Some(rng.random_range(0.0..1.0)),
            ..Candidate::default()
        });
    }
    all
}
