use super::*;
use crate::table::tests::table;
use whitespot_model::need::Normalise;

fn actor(name: &str, weights: &[(&str, f64)]) -> Actor {
    Actor { name: name.to_string(), weights: weights.iter().map(|(id, w)| (id.to_string(), *w)).collect() }
}

/// Four areas, and three indicators that order them as three judges would.
fn judged() -> IndicatorTable {
    let mut t = table(&[&[0.9, 0.6, 0.3, 0.0], &[0.9, 0.3, 0.6, 0.0], &[0.6, 0.9, 0.0, 0.3]]);
    t.indicators.iter_mut().for_each(|i| i.normalise = Normalise::None);
    t
}

fn three() -> Vec<Actor> {
    vec![actor("region", &[("i0", 1.0)]), actor("coast", &[("i1", 2.0)]), actor("inland", &[("i2", 5.0)])]
}

#[test]
fn ranks_agreement_and_compromise_of_three_actors() {
    let fund = |ranking: &DrawnRanking<'_>| ranking.order[..2].to_vec();
    let result =
        consult(&judged(), &three(), Aggregation::default(), &[FundingRule { scenario: "two", fund: &fund }])
            .unwrap();
    let ranks: Vec<&[u32]> = result.actors.iter().map(|a| a.ranks.as_slice()).collect();
    assert_eq!(ranks, [[1, 2, 3, 4], [1, 3, 2, 4], [2, 1, 4, 3]]);
    // Sums 4, 6, 9, 11 around 7.5: S = 12.25 + 2.25 + 2.25 + 12.25 = 29; W = 12 × 29 / (9 × 60).
    assert!((result.kendall_w.unwrap() - 348.0 / 540.0).abs() < 1e-12);
    assert_eq!(result.borda.order, ["a", "b", "c", "d"]);
    assert_eq!(result.kemeny.order, ["a", "b", "c", "d"]);
    assert_eq!((result.kemeny.disagreements, result.kemeny.is_proven_closest), (3, true));
    assert!(result.borda.is_proven_closest);
    assert_eq!(result.actors[0].distance_to_kemeny, 0.0);
    assert_eq!(result.actors[2].distance_to_kemeny, 2.0 / 6.0);
    assert_eq!(result.actors[2].funded, [["a", "b"]]);
    assert_eq!(result.funded_by_all[0].by_all, ["a"]);
    assert_eq!(result.funded_by_all[0].by_some, ["b", "c"]);
    assert_eq!((result.n_first, result.first_for_all.len()), (1, 0));
    // Without "inland" the others agree more: that is where agreement breaks.
    let without: Vec<f64> = result.actors.iter().map(|a| a.kendall_w_without.unwrap()).collect();
    assert!(without[2] > result.kendall_w.unwrap() && without[2] > without[0] && without[2] > without[1]);
    let widest = &result.widest[0];
    assert_eq!((widest.code.as_str(), widest.best_rank, widest.worst_rank), ("b", 1, 3));
    assert_eq!((widest.best_by.as_str(), widest.worst_by.as_str()), ("inland", "coast"));
    assert_eq!(result.pair_tau[0][0], Some(1.0));
    assert!((result.pair_tau[0][1].unwrap() - 4.0 / 6.0).abs() < 1e-12);
}

#[test]
fn areas_everyone_places_first_are_listed() {
    let mut t = judged();
    t.values.iter_mut().for_each(|v| v[3] = 1.0);
    let result = consult(&t, &three(), Aggregation::default(), &[]).unwrap();
    assert_eq!(result.first_for_all, ["d"]);
}

#[test]
fn an_area_that_one_weighting_cannot_rank_is_not_compared() {
    let mut t = judged();
    t.values[1][1] = f64::NAN;
    let result = consult(&t, &three(), Aggregation::default(), &[]).unwrap();
    assert_eq!(result.not_compared, ["b"]);
    assert_eq!(result.codes, ["a", "c", "d"]);
    assert_eq!(result.actors[2].ranks, [1, 3, 2]);
}

#[test]
fn one_actor_and_none_are_defined() {
    let one = consult(&judged(), &three()[..1], Aggregation::default(), &[]).unwrap();
    assert_eq!((one.kendall_w, one.kemeny.disagreements), (None, 0));
    assert_eq!(one.kemeny.order, ["a", "b", "c", "d"]);
    let none = consult(&judged(), &[], Aggregation::default(), &[]).unwrap();
    assert_eq!((none.codes.len(), none.not_compared.len(), none.actors.len()), (0, 4, 0));
}

#[test]
fn unknown_indicators_zero_weights_and_double_names_are_refused() {
    let refused =
        |actors: &[Actor]| consult(&judged(), actors, Aggregation::default(), &[]).unwrap_err().to_string();
    assert!(refused(&[actor("x", &[("fibre", 1.0)])]).contains("there are: i0, i1, i2"));
    assert!(refused(&[actor("x", &[("i0", 0.0)])]).contains("all weights are 0 of actor `x`"));
    assert!(refused(&[actor("x", &[("i0", -1.0)])]).contains("weight -1"));
    assert!(refused(&[three()[0].clone(), three()[0].clone()]).contains("given twice"));
}

#[test]
fn multiplying_an_actors_weights_changes_nothing() {
    let base = vec![actor("x", &[("i0", 0.3), ("i1", 0.5)]), actor("y", &[("i2", 1.0), ("i0", 0.1)])];
    let times = vec![actor("x", &[("i0", 3.0), ("i1", 5.0)]), actor("y", &[("i2", 700.0), ("i0", 70.0)])];
    let run = |actors: &[Actor]| consult(&judged(), actors, Aggregation::default(), &[]).unwrap();
    assert_eq!(run(&base).kemeny, run(&times).kemeny);
    assert_eq!(run(&base).kendall_w, run(&times).kendall_w);
}
