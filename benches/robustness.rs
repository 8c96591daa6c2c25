//! How sure a ranking and what it funds are, at full size: 10,000 draws × 2,000 areas × 12 indicators through score and
//! allocation.
//!
//! `cargo bench --bench robustness -- [draws] [areas] [indicators]`. Every tenth draw is funded a second time by walking
//! down the drawn order in the plainest way, and both must fund the same; every area has one rank in every draw.
#![allow(clippy::print_stdout, clippy::unwrap_used, missing_docs)]

mod measure;

use measure::{arguments, with_threads};
use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::Instant,
};
use whitespot_funding::{Redraw, Scenario};
use whitespot_model::{
    config::need::{Direction, Robustness, Vary, WeightVariation},
    funding::{Base, Candidate, Candidates, Cost, ParentBase, RuleName, Unaffordable},
    need::Normalise,
};
use whitespot_need::{
    Aggregation, Alternatives, DrawnRanking, FundingRule, IndicatorSpec, IndicatorTable, Weights, robustness,
};

fn main() {
    let arguments = arguments();
    let number = |i: usize, default| arguments.get(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (draws, n_areas, n_indicators) = (number(0, 10_000), number(1, 2_000), number(2, 12));
    let mut world = World(1);
    let table = world.table(n_areas, n_indicators);
    let candidates = world.candidates(&table);
    let asked: i64 = candidates.rows.iter().map(|row| row.grant_sek).sum();
    println!("{draws} draws × {n_areas} areas × {n_indicators} indicators");
    for threads in [1, 2] {
        for (rule, unaffordable) in [
            (RuleName::Need, Unaffordable::Skip),
            (RuleName::Need, Unaffordable::Partial),
            (RuleName::NeedPerCost, Unaffordable::Partial),
            (RuleName::EqualShare, Unaffordable::Partial),
        ] {
            let mut scenario = Scenario::new("tenth", rule, asked / 10);
            scenario.unaffordable = unaffordable;
            let seconds = with_threads(threads, || draw(&table, &candidates, &scenario, draws));
            println!("  {threads} thread(s)  {:16} {unaffordable:?}: {seconds:.2} s", rule.as_str());
        }
    }
}

/// Seconds of the draws; asserts what they count.
fn draw(table: &IndicatorTable, candidates: &Candidates, scenario: &Scenario, draws: usize) -> f64 {
    let redraw = Redraw::new(candidates, scenario).unwrap();
    let (n_drawn, n_funded) = (AtomicU64::new(0), AtomicU64::new(0));
    let fund = |drawn: &DrawnRanking<'_>| {
        let scores: Vec<Option<f64>> = drawn.scores.iter().map(|s| s.is_finite().then_some(*s)).collect();
        let funded = redraw.funded(&scores);
        n_funded.fetch_add(funded.len() as u64, Ordering::Relaxed);
        let is_walked = n_drawn.fetch_add(1, Ordering::Relaxed).is_multiple_of(10);
        if is_walked && scenario.rule == RuleName::Need {
            assert_eq!(funded, walk_down(drawn.order, candidates, scenario));
        }
        funded
    };
    let config = Robustness {
        draws: draws as u32,
        weights: WeightVariation::Dirichlet(20.0),
        vary: vec![Vary::Normalise, Vary::Aggregate],
        sobol_rows: 0,
        ..Robustness::default()
    };
    let rules = [FundingRule { scenario: "tenth", fund: &fund }];
    let weights = Weights::of(table).unwrap();
    let started = Instant::now();
    let result =
        robustness(table, &weights, Aggregation::default(), &config, &Alternatives::default(), &rules)
            .unwrap();
    let seconds = started.elapsed().as_secs_f64();
    let ranks: u64 = result.areas.iter().flat_map(|a| &a.acceptability).map(|n| u64::from(*n)).sum();
    assert_eq!(ranks, (table.codes.len() * draws) as u64, "every area has a rank in every draw");
    let told: u64 = result.funding[0].areas.iter().map(|a| u64::from(a.draws_funded)).sum();
    assert!(told > 0 && told <= n_funded.into_inner(), "what is funded is counted");
    seconds
}

/// Whom the money reaches from the top of the order down.
fn walk_down(order: &[u32], candidates: &Candidates, scenario: &Scenario) -> Vec<u32> {
    let mut left = scenario.budget_sek();
    let mut funded = Vec::new();
    for &area in order {
        let row = &candidates.rows[area as usize];
        if row.households == 0 {
            continue;
        }
        if row.grant_sek <= left {
            left -= row.grant_sek;
            funded.push(area);
        } else if scenario.unaffordable == Unaffordable::Partial {
            // Whole households at the average price, and nobody after.
            if row.grant_sek / row.households as i64 <= left {
                funded.push(area);
            }
            break;
        }
    }
    funded.sort_unstable();
    funded
}

/// Made-up numbers, the same on every machine.
struct World(u64);

impl World {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }

    fn table(&mut self, n_areas: usize, n_indicators: usize) -> IndicatorTable {
        IndicatorTable {
            codes: (0..n_areas).map(|i| format!("{i:06}")).collect(),
            names: (0..n_areas).map(|i| format!("Area {i}")).collect(),
            indicators: (0..n_indicators)
                .map(|i| IndicatorSpec {
                    id: format!("indicator_{i}"),
                    unit: "share".to_string(),
                    direction: Direction::HigherIsMoreNeed,
                    normalise: Normalise::Percentile,
                    weight: 1.0 + (i % 3) as f64,
                })
                .collect(),
            values: (0..n_indicators).map(|_| (0..n_areas).map(|_| self.next()).collect()).collect(),
            gap_persons: (0..n_areas).map(|_| (self.next() * 5_000.0) as u64).collect(),
        }
    }

    fn candidates(&mut self, table: &IndicatorTable) -> Candidates {
        let mut all = Candidates::default();
        for p in 0..15 {
            let (code, name) = (format!("{p:02}"), format!("Parent {p}"));
            all.parents.push(ParentBase { code, name, base: Base::default() });
        }
        for (i, (code, &persons)) in table.codes.iter().zip(&table.gap_persons).enumerate() {
            let households = persons / 2;
            // A price that divides evenly, so that a part of an area is as easily told by hand.
            let per_household = 20_000 + (self.next() * 380.0) as i64 * 1_000;
            let sek = households as i64 * per_household;
            all.rows.push(Candidate {
                code: code.clone(),
                name: code.clone(),
                parent: Some(i as u32 % 15),
                persons,
                households,
                total_persons: 2 * persons,
                total_households: 2 * households,
                cost: Cost { total_sek: sek, ..Cost::default() },
                grant_sek: sek,
                score: Some(0.5),
                ..Candidate::default()
            });
        }
        all
    }
}
