use super::*;
use crate::table::tests::table;
use whitespot_model::{
    config::need::{Bin, Direction, WeightVariation},
    need::Firmness,
};

fn config(draws: u32, weights: WeightVariation, vary: &[Vary]) -> Robustness {
    Robustness {
        draws,
        weights,
        vary: vary.to_vec(),
        seed: 20260101,
        sobol_rows: 64,
        ..Robustness::default()
    }
}

fn run(table: &IndicatorTable, config: &Robustness, funding: &[FundingRule<'_>]) -> RankRobustness {
    let weights = Weights::of(table).unwrap();
    robustness(table, &weights, Aggregation::default(), config, &Alternatives::default(), funding).unwrap()
}

/// Pseudo-random values, some missing, with few distinct ones so that ties occur.
fn made_up(n_areas: usize, n_indicators: usize, seed: u64, missing_percent: u64) -> IndicatorTable {
    let mut state = seed;
    let mut next = |n: u64| {
        state = state.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (state >> 33) % n
    };
    let mut t = table(&[]);
    t.codes = (0..n_areas).map(|i| format!("{i:05}")).collect();
    t.names = t.codes.clone();
    t.gap_persons = (0..n_areas).map(|_| next(50)).collect();
    let spec = table(&[&[1.0]]).indicators[0].clone();
    for i in 0..n_indicators {
        t.indicators.push(crate::IndicatorSpec {
            id: format!("i{i}"),
            weight: 1.0 + i as f64,
            direction: if i % 3 == 2 { Direction::LowerIsMoreNeed } else { Direction::HigherIsMoreNeed },
            normalise: [Normalise::MinMax { bounds: None }, Normalise::Percentile, Normalise::ZScore][i % 3]
                .clone(),
            ..spec.clone()
        });
        let values =
            (0..n_areas).map(|_| if next(100) < missing_percent { f64::NAN } else { next(1000) as f64 });
        t.values.push(values.collect());
    }
    t
}

#[test]
fn without_variation_every_draw_is_the_published_ranking() {
    for (aggregate, missing) in [
        (Aggregate::Arithmetic, 0),
        (Aggregate::Arithmetic, 20),
        (Aggregate::Geometric, 20),
        (Aggregate::Points, 20),
    ] {
        let t = made_up(120, 5, 3, missing);
        let weights = Weights::of(&t).unwrap();
        let aggregation = Aggregation { aggregate, ..Aggregation::default() };
        let published = score(&t, &weights, aggregation).unwrap();
        let config = config(10, WeightVariation::Spread(0.0), &[]);
        let result = robustness(&t, &weights, aggregation, &config, &Alternatives::default(), &[]).unwrap();
        assert_eq!(result.areas.len(), published.order.len());
        for (area, index) in result.areas.iter().zip(&published.order) {
            assert_eq!(Some(area.rank), published.areas[*index as usize].rank);
            assert_eq!((area.rank_p05, area.rank_p50, area.rank_p95), (area.rank, area.rank, area.rank));
            assert_eq!((area.mean_rank, area.mean_rank_error), (f64::from(area.rank), 0.0));
        }
        assert_eq!(result.mean_rank_shift, 0.0);
        assert!(result.sobol[0].factors.iter().all(|f| f.total.is_none()));
    }
}

#[test]
fn acceptabilities_sum_to_1_over_ranks_and_over_areas() {
    let t = made_up(40, 4, 5, 10);
    let result =
        run(&t, &config(500, WeightVariation::Dirichlet(4.0), &[Vary::Normalise, Vary::Aggregate]), &[]);
    assert_eq!(result.ranks_per_band, 1);
    for area in &result.areas {
        assert_eq!(area.acceptability.iter().sum::<u32>(), 500);
        assert!(area.rank_p05 <= area.rank_p50 && area.rank_p50 <= area.rank_p95);
        let mean: f64 =
            (1..).zip(&area.acceptability).map(|(r, n)| f64::from(r) * f64::from(*n)).sum::<f64>() / 500.0;
        assert!((mean - area.mean_rank).abs() < 1e-9);
        assert_eq!(area.first, area.acceptability[0]);
    }
    for rank in 0..result.areas.len() {
        assert_eq!(result.areas.iter().map(|a| a.acceptability[rank]).sum::<u32>(), 500);
    }
    for (i, row) in result.pairwise.wins.iter().enumerate() {
        for (j, wins) in row.iter().enumerate() {
            assert_eq!(wins + result.pairwise.wins[j][i], if i == j { 0 } else { 500 });
        }
    }
}

#[test]
fn with_two_indicators_acceptability_and_central_weights_are_those_of_geometry() {
    // Weight w of the first, uniform on 0–1. a = w, b = 1 − w, c = 0.6: a is first for w > 0.6, b for w < 0.4, else c.
    let mut t = table(&[&[1.0, 0.0, 0.6], &[0.0, 1.0, 0.6]]);
    t.indicators.iter_mut().for_each(|i| i.normalise = Normalise::None);
    let result = run(&t, &config(40_000, WeightVariation::Dirichlet(2.0), &[]), &[]);
    let area = |code: &str| result.areas.iter().find(|a| a.code == code).unwrap();
    for (code, first, weight) in [("a", 0.4, 0.8), ("b", 0.4, 0.2), ("c", 0.2, 0.5)] {
        assert!((f64::from(area(code).first) / 40_000.0 - first).abs() < 0.01, "{:?}", area(code));
        assert!((area(code).central_weights.as_ref().unwrap()[0] - weight).abs() < 0.01, "{:?}", area(code));
    }
    // c is never last: a or b is.
    assert_eq!(area("c").acceptability[2], 0);
    assert!((f64::from(result.pairwise.wins[0][1]) / 40_000.0 - 0.6).abs() < 0.01, "{:?}", result.pairwise);
}

#[test]
fn results_do_not_depend_on_the_number_of_threads_or_the_order_of_areas() {
    let t = made_up(300, 6, 11, 5);
    let config = config(700, WeightVariation::Dirichlet(20.0), &[Vary::Normalise]);
    let fund = |ranking: &DrawnRanking<'_>| ranking.order[..50].to_vec();
    let on = |threads: usize, t: &IndicatorTable| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| run(t, &config, &[FundingRule { scenario: "first 50", fund: &fund }]))
    };
    let one = on(1, &t);
    assert_eq!(one, on(3, &t));
    let mut turned = t.clone();
    turned.codes.reverse();
    turned.names.reverse();
    turned.gap_persons.reverse();
    turned.values.iter_mut().for_each(|v| v.reverse());
    let turned = on(2, &turned);
    assert_eq!((one.areas, one.funding, one.sobol), (turned.areas, turned.funding, turned.sobol));
}

#[test]
fn funding_is_firm_from_nine_tenths_of_the_draws() {
    // a leads whatever the weights, d trails; b and c change places.
    let t = table(&[&[1.0, 0.9, 0.1, 0.0], &[1.0, 0.1, 0.85, 0.0]]);
    let fund = |ranking: &DrawnRanking<'_>| ranking.order[..2].to_vec();
    let result = run(
        &t,
        &config(2_000, WeightVariation::Dirichlet(2.0), &[]),
        &[FundingRule { scenario: "two", fund: &fund }],
    );
    let funding = &result.funding[0];
    let of = |code: &str| funding.areas.iter().find(|a| a.code == code).unwrap();
    assert_eq!((of("a").firmness, of("a").frequency, of("a").error), (Firmness::Firm, 1.0, 0.0));
    assert_eq!(of("b").firmness, Firmness::Sensitive);
    assert_eq!(of("c").firmness, Firmness::Sensitive);
    assert_eq!((of("d").firmness, of("d").draws_funded), (Firmness::NotFunded, 0));
    assert_eq!((funding.n_funded, funding.n_firm), (2, 1));
    assert_eq!(of("b").draws_funded + of("c").draws_funded, 2_000);
    // A draw that funds c instead of b changes two of the three areas funded in either.
    assert!((funding.mean_changed_share - of("c").frequency * 2.0 / 3.0).abs() < 1e-9);
    let outcome = result.sobol.iter().find(|s| s.outcome == "funding two").unwrap();
    assert!(outcome.variance > 0.0);
}

#[test]
fn the_assumption_that_alone_changes_ranks_has_all_of_the_variance() {
    // Both indicators order the areas alike, so weights change nothing; the alternative table reverses them.
    let t = table(&[&[1.0, 2.0, 3.0, 4.0], &[1.0, 2.0, 3.0, 4.0]]);
    let mut reversed = t.clone();
    reversed.values.iter_mut().for_each(|v| v.reverse());
    let axis = VariedAxis { name: "reach_m".into(), alternatives: vec!["× 1".into(), "× 2".into()] };
    let alternatives = Alternatives { axes: vec![axis], tables: vec![t.clone(), reversed] };
    let weights = Weights::of(&t).unwrap();
    let config = config(400, WeightVariation::Dirichlet(5.0), &[]);
    let result = robustness(&t, &weights, Aggregation::default(), &config, &alternatives, &[]).unwrap();
    let index = |name: &str| result.sobol[0].factors.iter().find(|f| f.factor == name).unwrap();
    assert!((index("reach_m").first.unwrap() - 1.0).abs() < 0.3);
    assert!((index("reach_m").total.unwrap() - 1.0).abs() < 0.3);
    assert_eq!(index("all weights").total, Some(0.0));
    assert_eq!(index("weight i0").total, Some(0.0));
    // Rank 1 or 4 in half of the draws each.
    assert!((f64::from(result.areas[0].first) / 400.0 - 0.5).abs() < 0.1);
    assert_eq!(result.axes.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["reach_m"]);
}

#[test]
fn combinations_count_with_the_last_axis_fastest() {
    let axis = |n: usize| VariedAxis { name: String::new(), alternatives: vec![String::new(); n] };
    assert_eq!(combinations(&[]), [Vec::<usize>::new()]);
    assert_eq!(combinations(&[axis(2), axis(3)]), [[0, 0], [0, 1], [0, 2], [1, 0], [1, 1], [1, 2]]);
}

#[test]
fn alternative_tables_must_be_one_a_combination_and_of_the_same_areas() {
    let t = table(&[&[1.0, 2.0]]);
    let axis = VariedAxis { name: "reach_m".into(), alternatives: vec!["1".into(), "2".into()] };
    let run = |tables: Vec<IndicatorTable>| {
        let alternatives = Alternatives { axes: vec![axis.clone()], tables };
        let config = config(1, WeightVariation::default(), &[]);
        robustness(&t, &Weights::of(&t).unwrap(), Aggregation::default(), &config, &alternatives, &[])
    };
    assert!(matches!(run(vec![t.clone()]), Err(NeedError::AlternativeCount { found: 1, expected: 2 })));
    let mut other = t.clone();
    other.codes[0] = "z".into();
    assert_eq!(run(vec![t.clone(), other]).unwrap_err(), NeedError::AlternativeDiffers { index: 1 });
}

#[test]
fn points_and_frozen_bounds_are_rules_and_do_not_vary() {
    let bins = Normalise::Bins { bins: vec![Bin { above: Some(1.0), points: 2.0, ..Bin::default() }] };
    assert_eq!(replaced(&bins, NormaliseKind::Percentile).unwrap(), bins);
    let frozen = Normalise::MinMax { bounds: Some([0.0, 9.0]) };
    assert_eq!(replaced(&frozen, NormaliseKind::MinMax).unwrap(), frozen);
    assert_eq!(replaced(&frozen, NormaliseKind::ZScore).unwrap(), Normalise::ZScore);
    assert!(replaced(&frozen, NormaliseKind::Linear).is_err());
}

#[test]
fn degenerate_tables_have_defined_robustness() {
    let fund = |ranking: &DrawnRanking<'_>| ranking.order.to_vec();
    let all = [Vary::Normalise, Vary::Aggregate];
    for t in [
        table(&[&[7.0]]),
        table(&[&[]]),
        table(&[&[5.0, 5.0, 5.0]]),
        table(&[&[f64::NAN, f64::NAN], &[f64::NAN, f64::NAN]]),
        table(&[&[1.0, f64::INFINITY], &[f64::NAN, 2.0]]),
    ] {
        let result = run(
            &t,
            &config(50, WeightVariation::Dirichlet(1.0), &all),
            &[FundingRule { scenario: "all", fund: &fund }],
        );
        assert!(result.areas.iter().all(|a| a.acceptability.iter().sum::<u32>() == 50));
        assert!(result.funding[0].areas.iter().all(|a| a.firmness == Firmness::Firm));
    }
    let none = run(&table(&[&[1.0, 2.0]]), &config(0, WeightVariation::default(), &[]), &[]);
    assert!(none.areas.is_empty());
}

#[test]
fn many_areas_are_told_apart_in_bands() {
    let t = made_up(250, 2, 9, 0);
    let result = run(&t, &config(20, WeightVariation::Dirichlet(2.0), &[]), &[]);
    assert_eq!(result.ranks_per_band, 3);
    assert!(
        result.areas.iter().all(|a| a.acceptability.len() == 84 && a.acceptability.iter().sum::<u32>() == 20)
    );
    assert_eq!(result.pairwise.codes.len(), 100);
}
