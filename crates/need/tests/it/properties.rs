//! What must hold for every table.

use crate::{indicator, table};
use proptest::prelude::*;
use whitespot_model::{
    config::need::{Aggregate, Direction},
    need::Normalise,
};
use whitespot_need::{Aggregation, IndicatorTable, Weights, score};

fn any_way() -> impl Strategy<Value = Normalise> {
    prop_oneof![
        Just(Normalise::MinMax { bounds: None }),
        Just(Normalise::MinMax { bounds: Some([20.0, 60.0]) }),
        Just(Normalise::Percentile),
        Just(Normalise::ZScore),
        Just(Normalise::Linear { goalposts: [10.0, 90.0] }),
        Just(Normalise::None),
    ]
}

fn any_aggregation() -> impl Strategy<Value = Aggregation> {
    prop_oneof![Just(Aggregate::Arithmetic), Just(Aggregate::Geometric), Just(Aggregate::Points)]
        .prop_map(|aggregate| Aggregation { aggregate, ..Aggregation::default() })
}

/// Up to 15 areas × 4 indicators of whole values 0–100; `missing` in a hundred are missing.
fn any_table(missing: u32) -> impl Strategy<Value = IndicatorTable> {
    let value = (0u8..=100, 0u32..100).prop_map(move |(value, luck)| (luck >= missing).then_some(value));
    let area = (prop::collection::vec(value, 4), 0u64..4);
    let spec = (any_way(), any::<bool>(), 1u8..9);
    (prop::collection::vec(area, 1..15), prop::collection::vec(spec, 4)).prop_map(|(areas, specs)| {
        let names: Vec<String> = (0..areas.len()).map(|i| format!("{i:02}")).collect();
        let head: Vec<(&str, u64)> = names.iter().zip(&areas).map(|(n, a)| (n.as_str(), a.1)).collect();
        let column =
            |i: usize| areas.iter().map(|a| a.0[i].map_or(f64::NAN, f64::from)).collect::<Vec<f64>>();
        let indicators = specs
            .iter()
            .enumerate()
            .map(|(i, (way, less, weight))| {
                let mut spec = indicator(&format!("i{i}"), f64::from(*weight), way.clone());
                if *less {
                    spec.direction = Direction::LowerIsMoreNeed;
                }
                (spec, column(i))
            })
            .collect();
        table(&head, indicators)
    })
}

fn codes_in_order(table: &IndicatorTable, aggregation: Aggregation) -> Vec<String> {
    let ranking = score(table, &Weights::of(table).unwrap(), aggregation).unwrap();
    ranking.order.iter().map(|area| ranking.areas[*area as usize].code.clone()).collect()
}

proptest! {
    #[test]
    fn contributions_sum_to_the_score_exactly_and_ranks_are_1_to_n(t in any_table(15), how in any_aggregation()) {
        let ranking = score(&t, &Weights::of(&t).unwrap(), how).unwrap();
        for area in &ranking.areas {
            let sum: f64 = area.parts.iter().map(|p| p.contribution).sum();
            if let Some(score) = area.score {
                prop_assert_eq!(sum.to_bits(), score.to_bits());
            }
            prop_assert_eq!(area.score.is_some(), area.rank.is_some());
        }
        let mut ranks: Vec<u32> = ranking.areas.iter().filter_map(|a| a.rank).collect();
        ranks.sort_unstable();
        prop_assert_eq!(ranks, (1..=ranking.order.len() as u32).collect::<Vec<_>>());
        prop_assert_eq!(ranking.order.len() + ranking.unranked.len(), t.n_areas());
    }

    #[test]
    fn normalised_indicators_give_scores_from_0_to_1(mut t in any_table(15), geometric in any::<bool>()) {
        for spec in t.indicators.iter_mut().filter(|s| s.normalise == Normalise::None) {
            spec.normalise = Normalise::Percentile;
        }
        let aggregate = if geometric { Aggregate::Geometric } else { Aggregate::Arithmetic };
        let how = Aggregation { aggregate, ..Aggregation::default() };
        for area in score(&t, &Weights::of(&t).unwrap(), how).unwrap().areas {
            prop_assert!(area.parts.iter().all(|p| p.normalised.is_none_or(|n| (0.0..=1.0).contains(&n))));
            prop_assert!(area.score.is_none_or(|s| (0.0..=1.0 + 1e-12).contains(&s)));
        }
    }

    #[test]
    fn weights_times_k_give_the_same_order(t in any_table(15), k in prop_oneof![Just(1e-9), Just(3.0), Just(1e12)], geometric in any::<bool>()) {
        let aggregate = if geometric { Aggregate::Geometric } else { Aggregate::Arithmetic };
        let how = Aggregation { aggregate, ..Aggregation::default() };
        let mut times = t.clone();
        times.indicators.iter_mut().for_each(|i| i.weight *= k);
        prop_assert_eq!(codes_in_order(&t, how), codes_in_order(&times, how));
    }

    #[test]
    fn the_order_of_areas_and_of_indicators_changes_nothing(t in any_table(15), how in any_aggregation(), seed in any::<u64>()) {
        let mut turned = t.clone();
        let swap = |n: usize, k: u64| if n == 0 { 0 } else { (seed.rotate_left(k as u32) % n as u64) as usize };
        for k in 0..8 {
            let (a, b) = (swap(t.n_areas(), k), swap(t.n_areas(), k + 20));
            turned.codes.swap(a, b);
            turned.names.swap(a, b);
            turned.gap_persons.swap(a, b);
            turned.values.iter_mut().for_each(|v| v.swap(a, b));
            let (i, j) = (swap(4, k + 7), swap(4, k + 13));
            turned.indicators.swap(i, j);
            turned.values.swap(i, j);
        }
        prop_assert_eq!(codes_in_order(&t, how), codes_in_order(&turned, how));
    }

    #[test]
    fn a_constant_indicator_changes_no_order(t in any_table(0), how in any_aggregation(), value in 0u8..100) {
        let mut more = t.clone();
        more.indicators.push(indicator("constant", 1.0, Normalise::Percentile));
        more.values.push(vec![f64::from(value); t.n_areas()]);
        prop_assert_eq!(codes_in_order(&t, how), codes_in_order(&more, how));
    }

    #[test]
    fn more_gap_never_lowers_the_need_of_an_area(mut t in any_table(0), how in any_aggregation(), by in 1u8..200, pick in any::<prop::sample::Index>()) {
        t.indicators[0].direction = Direction::HigherIsMoreNeed;
        let area = pick.index(t.n_areas());
        let weights = Weights::of(&t).unwrap();
        let before = score(&t, &weights, how).unwrap().areas[area].score.unwrap();
        t.values[0][area] += f64::from(by);
        let after = score(&t, &weights, how).unwrap().areas[area].score.unwrap();
        // Alone among equals an area is neutral (1/2) before, and above it after; nothing may fall.
        prop_assert!(after >= before - 1e-9, "{} {}", before, after);
    }

    #[test]
    fn no_values_and_no_weights_make_it_panic(
        values in prop::collection::vec(prop_oneof![any::<f64>(), Just(f64::NAN), Just(f64::INFINITY), Just(f64::MAX), Just(-f64::MAX), Just(0.0)], 12),
        weights in prop::collection::vec(prop_oneof![any::<f64>(), 0.0..5.0], 3),
        ways in prop::collection::vec(any_way(), 3),
        how in any_aggregation(),
    ) {
        let indicators = (0..3).map(|i| (indicator(&format!("i{i}"), weights[i], ways[i].clone()), values[i * 4..i * 4 + 4].to_vec())).collect();
        let t = table(&[("a", 0), ("b", u64::MAX), ("c", 1), ("d", 1)], indicators);
        if let Ok(weights) = Weights::of(&t) {
            let ranking = score(&t, &weights, how).unwrap();
            prop_assert!(ranking.areas.iter().all(|a| a.score.is_none_or(|s| !s.is_nan())));
        }
    }
}
