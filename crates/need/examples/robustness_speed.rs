//! Times the robustness analysis and a consultation of ten actors on made-up areas and checks that the tallies are complete.
//!
//! `cargo run --release -p whitespot-need --example robustness_speed -- [areas] [indicators] [draws]`
#![allow(clippy::print_stdout)]

use std::time::Instant;
use whitespot_model::{
    config::need::{Actor, Direction, Robustness, Vary, WeightVariation},
    need::Normalise,
};
use whitespot_need::{
    Aggregation, Alternatives, DrawnRanking, FundingRule, IndicatorSpec, IndicatorTable, NeedError, Weights,
    consult, robustness, score,
};

fn main() -> Result<(), NeedError> {
    let number =
        |i: usize, default: usize| std::env::args().nth(i).and_then(|a| a.parse().ok()).unwrap_or(default);
    let (n_areas, n_indicators, draws) = (number(1, 2_000), number(2, 12), number(3, 10_000));
    let table = made_up(n_areas, n_indicators);
    let weights = Weights::of(&table)?;
    let started = Instant::now();
    let ranking = score(&table, &weights, Aggregation::default())?;
    println!(
        "score: {n_areas} areas × {n_indicators} indicators in {:.1} ms",
        started.elapsed().as_secs_f64() * 1e3
    );
    assert_eq!(ranking.order.len(), n_areas);

    // Funds the first tenth, as a budget would.
    let fund = |ranking: &DrawnRanking<'_>| ranking.order[..ranking.order.len().div_ceil(10)].to_vec();
    for (label, vary, sobol_rows) in [
        ("weights only", vec![], 0),
        ("weights, normalise, aggregate", vec![Vary::Normalise, Vary::Aggregate], 0),
        ("the same with Sobol indices", vec![Vary::Normalise, Vary::Aggregate], 1_024),
    ] {
        let config = Robustness {
            draws: draws as u32,
            weights: WeightVariation::Dirichlet(20.0),
            vary,
            sobol_rows,
            ..Robustness::default()
        };
        let funding = [FundingRule { scenario: "first tenth", fund: &fund }];
        let started = Instant::now();
        let result = robustness(
            &table,
            &weights,
            Aggregation::default(),
            &config,
            &Alternatives::default(),
            &funding,
        )?;
        let seconds = started.elapsed().as_secs_f64();
        let counted: u64 = result.areas.iter().flat_map(|a| &a.acceptability).map(|n| u64::from(*n)).sum();
        assert_eq!(counted, n_areas as u64 * draws as u64, "every area has a rank in every draw");
        let funded: u64 = result.funding[0].areas.iter().map(|a| u64::from(a.draws_funded)).sum();
        assert_eq!(funded, n_areas.div_ceil(10) as u64 * draws as u64, "every draw funds a tenth");
        println!(
            "{label}: {draws} draws in {seconds:.2} s on {} threads; mean rank shift {:.3}",
            rayon::current_num_threads(),
            result.mean_rank_shift
        );
    }
    let actors: Vec<Actor> = (0..10usize)
        .map(|a| Actor {
            name: format!("actor {a}"),
            weights: (0..n_indicators)
                .map(|i| (format!("indicator_{i}"), ((a * 7 + i * 5) % 11) as f64))
                .collect(),
        })
        .collect();
    let started = Instant::now();
    let result = consult(&table, &actors, Aggregation::default(), &[])?;
    assert_eq!(result.kemeny.order.len() + result.not_compared.len(), n_areas);
    println!(
        "consultation of 10 actors in {:.2} s; Borda {}, Kemeny {}, at best {} disagreements",
        started.elapsed().as_secs_f64(),
        result.borda.disagreements,
        result.kemeny.disagreements,
        result.kemeny.lower_bound
    );
    Ok(())
}

fn made_up(n_areas: usize, n_indicators: usize) -> IndicatorTable {
    let mut state = 1u64;
    let mut next = || {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 11) as f64 / (1u64 << 53) as f64
    };
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
        // One value in fifty is missing.
        values: (0..n_indicators)
            .map(|_| (0..n_areas).map(|_| if next() < 0.02 { f64::NAN } else { next() }).collect())
            .collect(),
        gap_persons: (0..n_areas).map(|_| (next() * 5_000.0) as u64).collect(),
    }
}
