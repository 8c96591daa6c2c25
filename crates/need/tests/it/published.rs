//! Published worked examples, to the printed digits.

use crate::{indicator, table};
use whitespot_model::{
    config::need::{Actor, Aggregate, Direction},
    need::Normalise,
};
use whitespot_need::{Aggregation, Weights, consult, score};

fn linear(low: f64, high: f64) -> Normalise {
    Normalise::Linear { goalposts: [low, high] }
}

fn digits(value: f64) -> String {
    format!("{value:.3}")
}

/// UNDP, Mozambique National Human Development Report 2000, technical note 1 (the method of the Human Development
/// Report 1999): goalposts, arithmetic mean of three dimensions, education two thirds literacy and one third enrolment.
#[test]
fn the_human_development_index_of_2000_for_germany_china_and_mozambique() {
    let gdp: Vec<f64> = [21_260.0f64, 3_130.0, 740.0].iter().map(|v| v.ln()).collect();
    let t = table(
        &[("Germany", 0), ("China", 0), ("Mozambique", 0)],
        vec![
            (indicator("life_expectancy", 3.0, linear(25.0, 85.0)), vec![77.2, 69.8, 42.3]),
            (indicator("literacy", 2.0, linear(0.0, 100.0)), vec![99.0, 82.9, 39.5]),
            (indicator("enrolment", 1.0, linear(0.0, 100.0)), vec![88.1, 68.9, 32.0]),
            (indicator("gdp", 3.0, linear(100f64.ln(), 40_000f64.ln())), gdp),
        ],
    );
    let ranking = score(&t, &Weights::of(&t).unwrap(), Aggregation::default()).unwrap();
    let printed = |i: usize| -> Vec<String> {
        let area = &ranking.areas[i];
        area.parts
            .iter()
            .map(|p| digits(p.normalised.unwrap()))
            .chain([digits(area.score.unwrap())])
            .collect()
    };
    assert_eq!(printed(0), ["0.870", "0.990", "0.881", "0.895", "0.906"]);
    assert_eq!(printed(1), ["0.747", "0.829", "0.689", "0.575", "0.701"]);
    assert_eq!(printed(2), ["0.288", "0.395", "0.320", "0.334", "0.331"]);
    assert_eq!(ranking.order, [0, 1, 2]);
}

/// UNDP, Human Development Report 2011, technical note 1: geometric mean of three goalpost indices.
#[test]
fn the_human_development_index_of_2011_for_china() {
    let education = (7.5 / 13.1 * 11.6 / 18.0f64).sqrt();
    let t = table(
        &[("China", 0)],
        vec![
            (indicator("life_expectancy", 1.0, linear(20.0, 83.4)), vec![73.5]),
            (indicator("education", 1.0, linear(0.0, 0.978)), vec![education]),
            (indicator("income", 1.0, linear(100f64.ln(), 107_721f64.ln())), vec![7_476f64.ln()]),
        ],
    );
    let geometric = Aggregation { aggregate: Aggregate::Geometric, ..Aggregation::default() };
    let ranking = score(&t, &Weights::of(&t).unwrap(), geometric).unwrap();
    let china = &ranking.areas[0];
    let indices: Vec<String> = china.parts.iter().map(|p| digits(p.normalised.unwrap())).collect();
    assert_eq!(indices, ["0.844", "0.621", "0.618"]);
    assert_eq!(digits(china.score.unwrap()), "0.687");
}

/// The capital of Tennessee, as textbooks on voting tell it: 42, 26, 15 and 17 voters; Borda puts Memphis third,
/// Kemeny last.
#[test]
fn borda_and_kemeny_of_the_capital_of_tennessee() {
    let cities = ["Memphis", "Nashville", "Chattanooga", "Knoxville"];
    let ballots: [(usize, [usize; 4]); 4] =
        [(42, [0, 1, 2, 3]), (26, [1, 2, 3, 0]), (15, [2, 3, 1, 0]), (17, [3, 2, 1, 0])];
    let indicators = ballots
        .iter()
        .map(|(voters, order)| {
            let mut values = vec![0.0; 4];
            (0..4).for_each(|place| values[order[place]] = 3.0 - place as f64);
            (indicator(&format!("like_{voters}"), 1.0, Normalise::MinMax { bounds: None }), values)
        })
        .collect();
    let t = table(&cities.map(|c| (c, 0)), indicators);
    let voters: Vec<Actor> = ballots
        .iter()
        .flat_map(|(n, _)| (0..*n).map(move |i| (format!("{n}/{i}"), format!("like_{n}"))))
        .map(|(name, id)| Actor { name, weights: [(id, 1.0)].into_iter().collect() })
        .collect();
    assert_eq!(voters.len(), 100);
    let result = consult(&t, &voters, Aggregation::default(), &[]).unwrap();
    assert_eq!(result.borda.order, ["Nashville", "Chattanooga", "Memphis", "Knoxville"]);
    assert_eq!(result.kemeny.order, ["Nashville", "Chattanooga", "Knoxville", "Memphis"]);
    assert_eq!((result.kemeny.disagreements, result.kemeny.is_proven_closest), (207, true));
    assert!(result.borda.disagreements > 207 && !result.borda.is_proven_closest);
}

/// The example of `docs/need.md`.
#[test]
fn the_worked_example_of_the_docs() {
    let min_max = || Normalise::MinMax { bounds: None };
    let mut t = table(
        &[("A", 120), ("B", 900), ("C", 300), ("D", 60)],
        vec![
            (indicator("fibre_gap_share", 0.4, min_max()), vec![0.10, 0.50, 0.30, 0.20]),
            (indicator("density", 0.3, Normalise::Percentile), vec![40.0, 2.0, 2.0, 9.0]),
            (indicator("aged_80_share", 0.3, linear(0.05, 0.15)), vec![0.05, f64::NAN, 0.12, 0.17]),
        ],
    );
    t.indicators[1].direction = Direction::LowerIsMoreNeed;
    let ranking = score(&t, &Weights::of(&t).unwrap(), Aggregation::default()).unwrap();
    let row = |i: usize| -> Vec<String> {
        let area = &ranking.areas[i];
        let parts = area.parts.iter().map(|p| match p.normalised {
            Some(n) => format!("{n:.3} × {:.3} = {:.3}", p.weight, p.contribution),
            None => "missing".to_string(),
        });
        parts.chain([format!("{:.3}", area.score.unwrap()), area.rank.unwrap().to_string()]).collect()
    };
    assert_eq!(
        row(0),
        ["0.000 × 0.400 = 0.000", "0.000 × 0.300 = 0.000", "0.000 × 0.300 = 0.000", "0.000", "4"]
    );
    assert_eq!(row(1), ["1.000 × 0.571 = 0.571", "0.833 × 0.429 = 0.357", "missing", "0.929", "1"]);
    assert_eq!(
        row(2),
        ["0.500 × 0.400 = 0.200", "0.833 × 0.300 = 0.250", "0.700 × 0.300 = 0.210", "0.660", "2"]
    );
    assert_eq!(
        row(3),
        ["0.250 × 0.400 = 0.100", "0.333 × 0.300 = 0.100", "1.000 × 0.300 = 0.300", "0.500", "3"]
    );
}
