//! Scores that decompose, and the order they give.

use crate::{
    Aggregation, NeedError, Weights,
    normalise::{self, Normalised},
    table::IndicatorTable,
};
use whitespot_model::{
    config::need::Aggregate,
    finding::Finding,
    need::{AreaScore, IndicatorUsed, Normalise, Ranking, ScorePart},
};

/// Scores and ranks all areas of a table.
///
/// - An area that misses indicators is scored on the rest: the others share the missing weight in proportion.
/// - An area that misses more than half of the indicators (counting those with a weight above 0) is unranked
///   and listed, never dropped.
/// - Scores that agree to 12 decimals are ties, broken by the larger gap in persons, then the lower code.
/// - The contributions of an area sum to its score exactly, added in the order of the indicators.
///
/// A table without areas gives an empty ranking; one area gets rank 1. Order: linear in the table, plus a sort.
///
/// # Errors
/// A table, weights or floor that cannot be used; see [`IndicatorTable::check`].
pub fn score(
    table: &IndicatorTable,
    weights: &Weights,
    aggregation: Aggregation,
) -> Result<Ranking, NeedError> {
    table.check()?;
    aggregation.check()?;
    let n_indicators = table.indicators.len();
    if weights.shares().len() != n_indicators {
        return Err(NeedError::WeightCount { found: weights.shares().len(), expected: n_indicators });
    }
    let normalised: Vec<Normalised> = table
        .indicators
        .iter()
        .zip(&table.values)
        .map(|(spec, raw)| normalise::normalise(spec, raw, aggregation.is_points()))
        .collect();
    let used = if aggregation.is_points() { weights.given() } else { weights.shares() };

    let mut areas: Vec<AreaScore> = Vec::with_capacity(table.n_areas());
    let mut row = vec![f64::NAN; n_indicators];
    let mut row_weights = vec![0.0; n_indicators];
    let mut contributions = vec![0.0; n_indicators];
    for area in 0..table.n_areas() {
        for (value, indicator) in row.iter_mut().zip(&normalised) {
            *value = indicator.values[area];
        }
        let n_missing = row.iter().zip(used).filter(|(n, w)| n.is_nan() && **w > 0.0).count() as u32;
        let is_ranked = !misses_too_much(&row, used);
        share_weights(&row, used, &mut row_weights);
        aggregation.contributions(&row, &row_weights, &mut contributions);
        let parts = (0..n_indicators)
            .map(|i| ScorePart {
                raw: Some(table.values[i][area]).filter(|v| v.is_finite()),
                normalised: Some(row[i]).filter(|v| !v.is_nan()),
                weight: row_weights[i],
                contribution: contributions[i],
            })
            .collect();
        areas.push(AreaScore {
            code: table.codes[area].clone(),
            score: is_ranked.then(|| contributions.iter().sum()),
            rank: None,
            is_tied: false,
            n_missing,
            gap_persons: table.gap_persons[area],
            parts,
        });
    }

    let scores: Vec<Option<f64>> = areas.iter().map(|a| a.score).collect();
    let order = order_by_need(&scores, &table.gap_persons, &table.codes);
    for (i, area) in order.iter().enumerate() {
        let key = |area: u32| scores[area as usize].map(tie_key);
        let neighbours = [i.checked_sub(1).map(|p| order[p]), order.get(i + 1).copied()];
        areas[*area as usize].rank = Some(i as u32 + 1);
        areas[*area as usize].is_tied =
            neighbours.into_iter().flatten().any(|other| key(other) == key(*area));
    }
    let unranked: Vec<u32> = (0..areas.len() as u32).filter(|a| areas[*a as usize].score.is_none()).collect();
    let findings = notice(table, &normalised, used, &areas, aggregation);
    let indicators = table
        .indicators
        .iter()
        .zip(&normalised)
        .zip(used)
        .map(|((spec, n), weight)| IndicatorUsed {
            id: spec.id.clone(),
            unit: spec.unit.clone(),
            direction: spec.direction,
            normalise: spec.normalise.clone(),
            scale: n.scale,
            weight: *weight,
            n_missing: n.values.iter().filter(|v| v.is_nan()).count() as u32,
        })
        .collect();
    Ok(Ranking {
        aggregate: aggregation.aggregate,
        geometric_floor: aggregation.geometric_floor,
        indicators,
        areas,
        order,
        unranked,
        findings,
    })
}

/// Indices of the areas that have a score, most need first: higher score (to 12 decimals), then larger gap in
/// persons, then lower code. A total order: it does not depend on the order of the areas.
///
/// The three columns have the same length.
pub fn order_by_need(scores: &[Option<f64>], gap_persons: &[u64], codes: &[String]) -> Vec<u32> {
    let mut keyed: Vec<(f64, u32)> =
        scores.iter().enumerate().filter_map(|(i, s)| s.map(|s| (tie_key(s), i as u32))).collect();
    keyed.sort_unstable_by(|(key_a, a), (key_b, b)| {
        let (a, b) = (*a as usize, *b as usize);
        key_b
            .total_cmp(key_a)
            .then_with(|| gap_persons[b].cmp(&gap_persons[a]))
            .then_with(|| codes[a].cmp(&codes[b]))
            .then_with(|| a.cmp(&b))
    });
    keyed.into_iter().map(|(_, i)| i).collect()
}

/// A score as it is compared: rounded to 12 decimals (from 1 up to 40 binary digits, about 12 decimal ones), so
/// that the last bits of a float never decide who is funded. Never turns the order of two scores round.
pub(crate) fn tie_key(score: f64) -> f64 {
    if score.abs() < 1.0 {
        // Adding 0.0 turns −0.0 into 0.0, which `total_cmp` would tell apart.
        (score * 1e12).round() / 1e12 + 0.0
    } else if score.is_finite() {
        f64::from_bits(score.to_bits().saturating_add(1 << 11) & !((1 << 12) - 1))
    } else {
        score
    }
}

/// Whether more than half of the indicators with a weight above 0 are missing (NaN).
pub(crate) fn misses_too_much(normalised: &[f64], weights: &[f64]) -> bool {
    let counted = || normalised.iter().zip(weights).filter(|(_, w)| **w > 0.0);
    2 * counted().filter(|(n, _)| n.is_nan()).count() > counted().count()
}

/// Weights of one area: those of missing values are shared out among the others in proportion, so that the
/// sum stays the same. All 0 where every value is missing.
pub(crate) fn share_weights(normalised: &[f64], weights: &[f64], out: &mut [f64]) {
    if normalised.iter().all(|n| !n.is_nan()) {
        out.copy_from_slice(weights);
        return;
    }
    let total: f64 = weights.iter().sum();
    let present: f64 = normalised.iter().zip(weights).filter(|(n, _)| !n.is_nan()).map(|(_, w)| w).sum();
    for ((share, n), w) in out.iter_mut().zip(normalised).zip(weights) {
        *share = if n.is_nan() || present == 0.0 { 0.0 } else { w / present * total };
    }
}

/// What the committee should know about this ranking.
fn notice(
    table: &IndicatorTable,
    normalised: &[Normalised],
    weights: &[f64],
    areas: &[AreaScore],
    aggregation: Aggregation,
) -> Vec<Finding> {
    let mut findings: Vec<Finding> = normalised.iter().flat_map(|n| n.findings.iter().cloned()).collect();
    let mut list = |code: &str, what: &str, hint: &str, concerned: Vec<&AreaScore>| {
        if !concerned.is_empty() {
            let finding = match code {
                "floored_zeros" => Finding::note(code, "", format!("{} {what}", concerned.len())),
                _ => Finding::warning(code, "", format!("{} {what}", concerned.len())),
            };
            findings.push(
                finding
                    .with_count(concerned.len() as u64)
                    .with_hint(hint)
                    .with_examples(concerned.iter().map(|a| a.code.clone())),
            );
        }
    };
    list(
        "scored_on_the_rest",
        "areas miss some indicators and are scored on the rest",
        "fill in the values, or leave the indicator out",
        areas.iter().filter(|a| a.score.is_some() && a.n_missing > 0).collect(),
    );
    list(
        "unranked",
        "areas miss more than half of the indicators and have no rank",
        "fill in the values, or leave the thin indicators out",
        areas.iter().filter(|a| a.score.is_none()).collect(),
    );
    if aggregation.aggregate == Aggregate::Geometric {
        let floor = aggregation.geometric_floor;
        let is_below = |p: &ScorePart| p.weight > 0.0 && p.normalised.is_some_and(|n| n < floor);
        list(
            "floored_zeros",
            &format!("areas have an indicator below {floor}, which counts as {floor} in the geometric mean"),
            "set `geometric_floor` to change the floor",
            areas.iter().filter(|a| a.score.is_some() && a.parts.iter().any(is_below)).collect(),
        );
    }
    for (spec, weight) in table.indicators.iter().zip(weights) {
        if *weight == 0.0 {
            let message = format!("`{}` has weight 0 and counts for nothing", spec.id);
            findings.push(Finding::note("weight_zero", "", message));
        }
        if aggregation.is_points() && !matches!(spec.normalise, Normalise::Bins { .. } | Normalise::None) {
            let message = format!("`{}` gives between 0 and 1 point: it is not a table of points", spec.id);
            findings.push(
                Finding::note("points_of_one", "", message)
                    .with_hint("set its `weight` to the most points it can give"),
            );
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::table;
    use whitespot_model::config::need::{Bin, Direction};

    fn rank(table: &IndicatorTable) -> Ranking {
        score(table, &Weights::of(table).unwrap(), Aggregation::default()).unwrap()
    }

    fn scores(ranking: &Ranking) -> Vec<Option<f64>> {
        ranking.areas.iter().map(|a| a.score).collect()
    }

    #[test]
    fn a_score_is_the_sum_of_weight_times_normalised_value() {
        let mut t = table(&[&[10.0, 20.0, 30.0], &[4.0, 2.0, 3.0]]);
        t.indicators[0].weight = 3.0;
        t.indicators[1].direction = Direction::LowerIsMoreNeed;
        let ranking = rank(&t);
        // b: 0.75 × (20 − 10) / 20 + 0.25 × (1 − (2 − 2) / 2)
        assert_eq!(scores(&ranking), [Some(0.0), Some(0.625), Some(0.875)]);
        assert_eq!(ranking.order, [2, 1, 0]);
        let part = ranking.areas[1].parts[0];
        assert_eq!(
            (part.raw, part.normalised, part.weight, part.contribution),
            (Some(20.0), Some(0.5), 0.75, 0.375)
        );
    }

    #[test]
    fn percentile_gives_ties_their_mean_rank() {
        let mut t = table(&[&[5.0, 1.0, 5.0, 9.0]]);
        t.indicators[0].normalise = Normalise::Percentile;
        // Ranks 1, 2.5, 2.5, 4 of four.
        assert_eq!(scores(&rank(&t)), [Some(0.5), Some(0.0), Some(0.5), Some(1.0)]);
    }

    #[test]
    fn z_scores_run_from_minus_three_to_three_standard_deviations() {
        let mut t = table(&[&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]]);
        t.indicators[0].normalise = Normalise::ZScore;
        // Mean 5, population standard deviation 2: the textbook example.
        let ranking = rank(&t);
        assert_eq!(ranking.indicators[0].scale, Some([5.0, 2.0]));
        assert_eq!(ranking.areas[7].score, Some(0.5 + 2.0 / 6.0));
        assert_eq!(ranking.areas[0].score, Some(0.5 - 1.5 / 6.0));
    }

    #[test]
    fn values_beyond_frozen_bounds_and_goalposts_count_as_the_end() {
        for normalise in
            [Normalise::MinMax { bounds: Some([0.0, 10.0]) }, Normalise::Linear { goalposts: [0.0, 10.0] }]
        {
            let mut t = table(&[&[-5.0, 2.5, 20.0]]);
            t.indicators[0].normalise = normalise;
            assert_eq!(scores(&rank(&t)), [Some(0.0), Some(0.25), Some(1.0)]);
            t.indicators[0].direction = Direction::LowerIsMoreNeed;
            assert_eq!(scores(&rank(&t)), [Some(1.0), Some(0.75), Some(0.0)]);
        }
    }

    #[test]
    fn bins_take_the_first_row_that_holds_and_say_whether_the_limit_counts() {
        let bins = vec![
            Bin { below: Some(70.0), points: 14.0, ..Bin::default() },
            Bin { up_to: Some(80.0), points: 13.0, ..Bin::default() },
        ];
        let mut t = table(&[&[69.9, 70.0, 80.0, 80.1]]);
        t.indicators[0].normalise = Normalise::Bins { bins };
        let weights = Weights::of(&t).unwrap();
        let points = Aggregation { aggregate: Aggregate::Points, ..Default::default() };
        let ranking = score(&t, &weights, points).unwrap();
        assert_eq!(scores(&ranking), [Some(14.0), Some(13.0), Some(13.0), Some(0.0)]);
        assert!(ranking.findings.iter().any(|f| f.code == "no_bin" && f.count == 1));
        assert_eq!(rank(&t).areas[1].score, Some(13.0 / 14.0));
    }

    #[test]
    fn points_are_added_plainly() {
        let mut t = table(&[&[3.0, 1.0], &[2.0, 9.0]]);
        t.indicators.iter_mut().for_each(|i| i.normalise = Normalise::None);
        let points = Aggregation { aggregate: Aggregate::Points, ..Default::default() };
        let ranking = score(&t, &Weights::of(&t).unwrap(), points).unwrap();
        assert_eq!(scores(&ranking), [Some(5.0), Some(10.0)]);
    }

    #[test]
    fn a_missing_indicator_leaves_its_weight_to_the_others() {
        let t = table(&[&[0.0, 1.0, f64::NAN], &[0.0, 1.0, 0.5], &[0.0, 1.0, 0.75]]);
        let ranking = rank(&t);
        assert_eq!(ranking.areas[2].score, Some(0.625));
        assert_eq!(ranking.areas[2].n_missing, 1);
        assert_eq!(ranking.areas[2].parts[0].normalised, None);
        assert!(ranking.findings.iter().any(|f| f.code == "scored_on_the_rest" && f.examples == ["c"]));
    }

    #[test]
    fn half_missing_is_ranked_and_more_than_half_is_listed_without_a_rank() {
        let nan = f64::NAN;
        let t = table(&[
            &[0.0, 1.0, nan, nan],
            &[0.0, 1.0, nan, 0.5],
            &[0.0, 1.0, nan, 1.0],
            &[0.0, 1.0, 0.5, nan],
        ]);
        let ranking = rank(&t);
        assert_eq!(ranking.unranked, [2]);
        assert_eq!((ranking.areas[2].score, ranking.areas[2].rank), (None, None));
        assert_eq!(ranking.areas[3].score, Some(0.75));
        assert_eq!(ranking.order, [1, 3, 0]);
    }

    #[test]
    fn an_indicator_of_weight_0_is_not_missed() {
        let nan = f64::NAN;
        let mut t = table(&[&[0.0, 1.0, 0.5], &[nan, nan, nan], &[nan, nan, nan]]);
        t.indicators[1].weight = 0.0;
        t.indicators[2].weight = 0.0;
        let ranking = rank(&t);
        assert_eq!(ranking.order, [1, 2, 0]);
        assert_eq!(ranking.areas[0].n_missing, 0);
    }

    #[test]
    fn ties_go_to_the_larger_gap_then_to_the_lower_code() {
        let mut t = table(&[&[1.0, 1.0, 1.0, 2.0]]);
        t.gap_persons = vec![5, 9, 5, 0];
        let ranking = rank(&t);
        assert_eq!(ranking.order, [3, 1, 0, 2]);
        assert_eq!(ranking.areas.iter().map(|a| a.is_tied).collect::<Vec<_>>(), [true, true, true, false]);
    }

    #[test]
    fn the_last_bits_of_a_float_break_no_tie() {
        // 0.1 + 0.2 and 0.3 differ in the last bit; the larger gap decides.
        let mut t = table(&[&[0.1, 0.3, 0.0, 1.0], &[0.2, 0.0, 0.0, 1.0]]);
        t.gap_persons = vec![1, 2, 0, 0];
        assert_eq!(rank(&t).order, [3, 1, 0, 2]);
    }

    #[test]
    fn rounding_for_ties_keeps_the_order_of_scores() {
        let scores = [
            -2.5,
            -1.0,
            -1e-13,
            0.0,
            1e-13,
            0.3,
            1.0 - 1e-12,
            1.0,
            1.0 + 1e-9,
            37.0,
            1500.0,
            1e300,
            f64::MAX,
        ];
        assert!(scores.windows(2).all(|w| tie_key(w[0]) <= tie_key(w[1])));
        assert_eq!(tie_key(1500.0), tie_key(1500.0 + 2e-13));
        assert!(tie_key(0.3) > tie_key(0.3 - 1e-11));
    }

    #[test]
    fn one_area_equal_areas_no_areas_and_all_missing_have_defined_results() {
        assert_eq!(scores(&rank(&table(&[&[7.0]]))), [Some(0.5)]);
        let equal = rank(&table(&[&[7.0, 7.0, 7.0]]));
        assert_eq!(equal.order, [0, 1, 2]);
        assert!(equal.findings.iter().any(|f| f.code == "constant_indicator"));
        let missing = rank(&table(&[&[f64::NAN, f64::NAN]]));
        assert_eq!((missing.order.len(), missing.unranked.len()), (0, 2));
        assert_eq!(rank(&table(&[&[]])).order.len(), 0);
    }

    #[test]
    fn infinite_values_count_as_missing_and_are_found() {
        let ranking = rank(&table(&[&[f64::INFINITY, 1.0, 3.0], &[1.0, 0.0, 0.5]]));
        assert_eq!(ranking.areas[0].score, Some(1.0));
        assert!(ranking.findings.iter().any(|f| f.code == "infinite_values"));
    }

    #[test]
    fn huge_values_give_finite_scores() {
        for normalise in [Normalise::MinMax { bounds: None }, Normalise::ZScore, Normalise::Percentile] {
            let mut t = table(&[&[-1.7e308, 1.7e308, 0.0]]);
            t.indicators[0].normalise = normalise;
            assert!(rank(&t).areas.iter().all(|a| a.score.unwrap().is_finite()));
            assert_eq!(rank(&t).order, [1, 2, 0]);
        }
    }
}
