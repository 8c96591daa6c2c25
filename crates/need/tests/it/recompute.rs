//! The score by another hand: every formula written out plainly, area by area, without the crate's own code.

use crate::{indicator, table};
use proptest::prelude::*;
use whitespot_model::{
    config::need::{Aggregate, Direction},
    need::Normalise,
};
use whitespot_need::{Aggregation, Weights, score};

fn normalised(way: &Normalise, values: &[f64], x: f64) -> f64 {
    let known: Vec<f64> = values.iter().copied().filter(|v| !v.is_nan()).collect();
    let n = known.len() as f64;
    let low = known.iter().copied().fold(f64::INFINITY, f64::min);
    let high = known.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    match way {
        Normalise::MinMax { bounds: None } if low == high => 0.5,
        Normalise::MinMax { bounds: None } => (x - low) / (high - low),
        Normalise::MinMax { bounds: Some([a, b]) } | Normalise::Linear { goalposts: [a, b] } => {
            (x.clamp(*a, *b) - a) / (b - a)
        }
        Normalise::Percentile if n == 1.0 => 0.5,
        Normalise::Percentile => {
            let mut rank = 0.5;
            for v in &known {
                rank += if *v < x {
                    1.0
                } else if *v == x {
                    0.5
                } else {
                    0.0
                };
            }
            (rank - 1.0) / (n - 1.0)
        }
        Normalise::ZScore if low == high => 0.5,
        Normalise::ZScore => {
            let mean = known.iter().sum::<f64>() / n;
            let sd = (known.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n).sqrt();
            (0.5 + (x - mean) / (6.0 * sd)).clamp(0.0, 1.0)
        }
        _ => x,
    }
}

fn ways() -> impl Strategy<Value = Normalise> {
    prop_oneof![
        Just(Normalise::MinMax { bounds: None }),
        Just(Normalise::MinMax { bounds: Some([10.0, 40.0]) }),
        Just(Normalise::Percentile),
        Just(Normalise::ZScore),
        Just(Normalise::Linear { goalposts: [5.0, 45.0] }),
    ]
}

proptest! {
    #[test]
    fn scores_and_ranks_equal_the_plain_recomputation(
        rows in prop::collection::vec(prop::collection::vec(prop::option::weighted(0.85, 0u8..50), 4), 1..12),
        gaps in prop::collection::vec(0u64..3, 12),
        chosen in prop::collection::vec((ways(), any::<bool>(), 0u8..5), 4),
        geometric in any::<bool>(),
    ) {
        prop_assume!(chosen.iter().any(|c| c.2 > 0));
        let names: Vec<String> = (0..rows.len()).map(|i| format!("{i:02}")).collect();
        let areas: Vec<(&str, u64)> = names.iter().zip(&gaps).map(|(n, g)| (n.as_str(), *g)).collect();
        let value = |v: Option<u8>| v.map_or(f64::NAN, f64::from);
        let columns: Vec<Vec<f64>> = (0..4).map(|i| rows.iter().map(|r| value(r[i])).collect()).collect();
        let indicators = chosen
            .iter()
            .zip(&columns)
            .enumerate()
            .map(|(i, ((way, less, weight), column))| {
                let mut spec = indicator(&format!("i{i}"), f64::from(*weight), way.clone());
                if *less { spec.direction = Direction::LowerIsMoreNeed }
                (spec, column.clone())
            })
            .collect();
        let t = table(&areas, indicators);
        let aggregate = if geometric { Aggregate::Geometric } else { Aggregate::Arithmetic };
        let aggregation = Aggregation { aggregate, ..Aggregation::default() };
        let ranking = score(&t, &Weights::of(&t).unwrap(), aggregation).unwrap();

        let mut expected: Vec<(usize, f64)> = Vec::new();
        for (area, result) in ranking.areas.iter().enumerate() {
            let weighted: Vec<usize> = (0..4).filter(|i| chosen[*i].2 > 0).collect();
            let present: Vec<usize> = weighted.iter().copied().filter(|i| !columns[*i][area].is_nan()).collect();
            if (weighted.len() - present.len()) * 2 > weighted.len() {
                prop_assert_eq!(result.rank, None);
                continue;
            }
            let total: f64 = present.iter().map(|i| f64::from(chosen[*i].2)).sum();
            let (mut sum, mut product) = (0.0, 1.0);
            for i in present {
                let up = normalised(&chosen[i].0, &columns[i], columns[i][area]);
                let need = if chosen[i].1 { 1.0 - up } else { up };
                let weight = f64::from(chosen[i].2) / total;
                sum += weight * need;
                product *= need.max(0.01).powf(weight);
            }
            let score = if geometric { product } else { sum };
            prop_assert!((result.score.unwrap() - score).abs() < 1e-12, "{} {}", result.score.unwrap(), score);
            expected.push((area, score));
        }
        // Order: score to 12 decimals, larger gap, lower code.
        expected.sort_by(|(a, x), (b, y)| {
            let key = |v: f64| (v * 1e9).round() as i64;
            key(*y).cmp(&key(*x)).then(gaps[*b].cmp(&gaps[*a])).then(a.cmp(b))
        });
        let order: Vec<u32> = expected.iter().map(|(area, _)| *area as u32).collect();
        prop_assert_eq!(ranking.order, order);
    }
}
