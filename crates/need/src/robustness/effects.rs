//! Whether indicators tell the same thing twice, and what each of them does to the ranking.

use crate::{
    Aggregation, NeedError, Weights, consultation::tau_b, normalise::normalise, score, table::IndicatorTable,
};
use whitespot_model::{
    finding::Finding,
    need::{LeaveOneOut, Ranking},
};

/// Correlation from which two indicators count as telling the same thing.
const STRONG: f64 = 0.9;

/// Pearson correlation of each pair of normalised indicators, over the areas that have both. `None` with fewer than
/// three such areas, or where one of the two is constant there. Pairs beyond ±0.9 are added to the findings: what they
/// share counts twice in the score.
pub fn correlations(
    table: &IndicatorTable,
    aggregation: Aggregation,
    findings: &mut Vec<Finding>,
) -> Vec<Vec<Option<f64>>> {
    let columns: Vec<Vec<f64>> = table
        .indicators
        .iter()
        .zip(&table.values)
        .map(|(spec, raw)| normalise(spec, raw, aggregation.is_points()).values)
        .collect();
    let matrix: Vec<Vec<Option<f64>>> =
        columns.iter().map(|x| columns.iter().map(|y| correlation(x, y)).collect()).collect();
    for (i, row) in matrix.iter().enumerate() {
        for (j, r) in row.iter().enumerate().take(i) {
            if let Some(r) = r.filter(|r| r.abs() >= STRONG) {
                let (a, b) = (&table.indicators[j].id, &table.indicators[i].id);
                let message =
                    format!("`{a}` and `{b}` are strongly correlated ({r:.2}): what they share counts twice");
                findings.push(
                    Finding::note("correlated_indicators", "", message)
                        .with_hint("drop one of them, or lower both weights"),
                );
            }
        }
    }
    matrix
}

fn correlation(x: &[f64], y: &[f64]) -> Option<f64> {
    let both: Vec<(f64, f64)> =
        x.iter().zip(y).filter(|(x, y)| !x.is_nan() && !y.is_nan()).map(|(x, y)| (*x, *y)).collect();
    if both.len() < 3 {
        return None;
    }
    let n = both.len() as f64;
    let mean_x = both.iter().map(|p| p.0).sum::<f64>() / n;
    let mean_y = both.iter().map(|p| p.1).sum::<f64>() / n;
    let sum = |of: &dyn Fn(f64, f64) -> f64| both.iter().map(|p| of(p.0 - mean_x, p.1 - mean_y)).sum::<f64>();
    let (xx, yy, xy) = (sum(&|x, _| x * x), sum(&|_, y| y * y), sum(&|x, y| x * y));
    // Beneath this, the spread is float dust of a constant.
    (xx > 1e-24 && yy > 1e-24).then(|| (xy / (xx.sqrt() * yy.sqrt())).clamp(-1.0, 1.0))
}

/// The ranking without each indicator of weight above 0, against the published one. A table with one such indicator
/// gives none.
///
/// # Errors
/// As [`score()`].
pub fn leave_one_out(
    table: &IndicatorTable,
    weights: &Weights,
    aggregation: Aggregation,
    published: &Ranking,
) -> Result<Vec<LeaveOneOut>, NeedError> {
    let weighted: Vec<usize> = (0..weights.given().len()).filter(|i| weights.given()[*i] > 0.0).collect();
    if weighted.len() < 2 {
        return Ok(Vec::new());
    }
    let without = |left_out: usize| {
        let mut given = weights.given().to_vec();
        given[left_out] = 0.0;
        let ranking = score(table, &Weights::new(&given, table)?, aggregation)?;
        // Ranks among the areas ranked in both, so that an area that drops out shifts no other.
        let place = |ranking: &Ranking, other: &Ranking| {
            let mut places = vec![None; ranking.areas.len()];
            let both = ranking.order.iter().filter(|area| other.areas[**area as usize].rank.is_some());
            for (place, area) in (0u32..).zip(both) {
                places[*area as usize] = Some(place);
            }
            places
        };
        let (before, after) = (place(published, &ranking), place(&ranking, published));
        let shifts: Vec<(u32, u32)> = published
            .order
            .iter()
            .filter_map(|area| Some((*area, before[*area as usize]?.abs_diff(after[*area as usize]?))))
            .collect();
        let largest = shifts.iter().map(|(_, shift)| *shift).max().unwrap_or(0);
        let at = shifts.iter().find(|(_, shift)| *shift == largest && largest > 0);
        let columns =
            |places: &[Option<u32>]| places.iter().flatten().map(|p| f64::from(*p)).collect::<Vec<f64>>();
        Ok(LeaveOneOut {
            id: table.indicators[left_out].id.clone(),
            mean_rank_shift: shifts.iter().map(|(_, s)| u64::from(*s)).sum::<u64>() as f64
                / shifts.len().max(1) as f64,
            max_rank_shift: largest,
            max_shift_code: at.map(|(area, _)| table.codes[*area as usize].clone()),
            tau: tau_b(&columns(&before), &columns(&after)),
        })
    };
    weighted.into_iter().map(without).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::tests::table;

    #[test]
    fn correlations_are_those_of_the_need_not_of_the_raw_values() {
        let mut t = table(&[
            &[1.0, 2.0, 3.0, 4.0],
            &[8.0, 6.0, 4.0, 2.0],
            &[1.0, 1.0, 1.0, 1.0],
            &[1.0, 3.0, 2.0, f64::NAN],
        ]);
        t.indicators[1].direction = whitespot_model::config::need::Direction::LowerIsMoreNeed;
        let mut findings = Vec::new();
        let matrix = correlations(&t, Aggregation::default(), &mut findings);
        assert!((matrix[0][1].unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(matrix[0][2], None);
        assert!((matrix[0][3].unwrap() - 0.5).abs() < 1e-12);
        assert_eq!(findings.len(), 1);
        assert!(findings[0].message.contains("`i0` and `i1`"));
    }

    #[test]
    fn leaving_an_indicator_out_shows_whom_it_moves() {
        let t = table(&[&[3.0, 2.0, 1.0], &[0.0, 0.0, 9.0]]);
        let weights = Weights::of(&t).unwrap();
        let published = score(&t, &weights, Aggregation::default()).unwrap();
        assert_eq!(published.order, [0, 2, 1]);
        let effects = leave_one_out(&t, &weights, Aggregation::default(), &published).unwrap();
        // Without i0 the order is c, a, b (a and b tie, the lower code first); without i1 it is a, b, c.
        assert_eq!((effects[0].max_rank_shift, effects[0].max_shift_code.as_deref()), (1, Some("a")));
        assert!((effects[1].mean_rank_shift - 2.0 / 3.0).abs() < 1e-12);
        assert!((effects[1].tau.unwrap() - 1.0 / 3.0).abs() < 1e-12);
        assert!(
            leave_one_out(
                &table(&[&[1.0, 2.0]]),
                &Weights::of(&table(&[&[1.0, 2.0]])).unwrap(),
                Aggregation::default(),
                &published
            )
            .unwrap()
            .is_empty()
        );
    }
}
