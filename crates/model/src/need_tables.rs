//! The published tables about the ranking: what it is made of, how sure it is, and what several actors make of it.
//!
//! Like [`crate::measures`] this is the only place that names their columns.

use crate::{
    measures::column_word,
    need::{Consultation, Firmness, Normalise, RankRobustness, Ranking, SobolIndex},
    table::{Table, Unit, Values},
};
use std::collections::BTreeMap;

/// Names of areas by code.
pub type Names = BTreeMap<String, String>;

fn text(values: impl IntoIterator<Item = Option<String>>) -> Values {
    Values::Text(values.into_iter().collect())
}

fn int(values: impl IntoIterator<Item = Option<i64>>) -> Values {
    Values::Int(values.into_iter().collect())
}

fn real(values: impl IntoIterator<Item = Option<f64>>) -> Values {
    Values::Real(values.into_iter().collect())
}

fn push_area(table: &mut Table, codes: &[&str], names: &Names) {
    table.push(
        "area_code",
        Unit::Text,
        "Områdeskod",
        "Area code",
        text(codes.iter().map(|c| Some((*c).to_string()))),
    );
    let name = codes.iter().map(|c| names.get(*c).cloned());
    table.push("area_name", Unit::Text, "Område", "Area", text(name));
}

/// `public/robustness.csv`: one row a ranked area in the published order, then the unranked without values.
pub fn robustness_table(robustness: &RankRobustness, ranking: &Ranking, names: &Names) -> Table {
    let unranked = ranking.unranked.iter().map(|a| ranking.areas[*a as usize].code.as_str());
    let n_unranked = ranking.unranked.len();
    let areas = &robustness.areas;
    let codes: Vec<&str> = areas.iter().map(|a| a.code.as_str()).chain(unranked).collect();
    let ints = |f: &dyn Fn(&crate::need::AreaRobustness) -> u32| {
        int(areas.iter().map(|a| Some(i64::from(f(a)))).chain(std::iter::repeat_n(None, n_unranked)))
    };
    let reals = |f: &dyn Fn(&crate::need::AreaRobustness) -> f64| {
        real(areas.iter().map(|a| Some(f(a))).chain(std::iter::repeat_n(None, n_unranked)))
    };
    let mut t = Table::default();
    push_area(&mut t, &codes, names);
    t.push("rank", Unit::Rank, "Rang (1 = störst behov)", "Rank (1 = most need)", ints(&|a| a.rank));
    for (name, share, f) in [
        ("rank_p05", "5", (|a| a.rank_p05) as fn(&crate::need::AreaRobustness) -> u32),
        ("rank_p50", "50", |a| a.rank_p50),
        ("rank_p95", "95", |a| a.rank_p95),
    ] {
        let sv = format!("Rang som {share} % av dragningarna inte överstiger");
        let en = format!("Rank that {share} % of the draws do not exceed");
        t.push(name, Unit::Rank, &sv, &en, ints(&f));
    }
    t.push("mean_rank", Unit::Number, "Medelrang", "Mean rank", reals(&|a| a.mean_rank));
    let (sv, en) = ("Medelrangens slumpfel (Monte Carlo)", "Monte-Carlo error of the mean rank");
    t.push("mean_rank_error", Unit::Number, sv, en, reals(&|a| a.mean_rank_error));
    let draws = f64::from(robustness.draws.max(1));
    let (sv, en) =
        ("Andel dragningar där området kommer först", "Share of draws in which the area comes first");
    t.push("first_share", Unit::Share, sv, en, reals(&|a| f64::from(a.first) / draws));
    for (k, funding) in robustness.funding.iter().enumerate() {
        push_funding(&mut t, robustness, k, &column_word(&funding.scenario), n_unranked);
    }
    t
}

fn push_funding(t: &mut Table, robustness: &RankRobustness, k: usize, word: &str, n_unranked: usize) {
    let funding = &robustness.funding[k];
    let none = |n: usize| std::iter::repeat_n(None, n);
    let unique =
        |t: &Table, name: String| if t.column(&name).is_none() { name } else { format!("{name}_{}", k + 1) };
    let name = &funding.scenario;
    let funded = funding.areas.iter().map(|a| Some(a.is_funded)).chain(none(n_unranked)).collect();
    let column = unique(t, format!("{word}_funded"));
    let (sv, en) = (format!("Får medel i {name}"), format!("Funded in {name}"));
    t.push(&column, Unit::YesNo, &sv, &en, Values::Bool(funded));
    let shares =
        real(funding.areas.iter().map(|a| Some(a.frequency)).chain(std::iter::repeat_n(None, n_unranked)));
    let column = unique(t, format!("{word}_funded_share"));
    let (sv, en) =
        (format!("Andel dragningar med medel i {name}"), format!("Share of draws that fund it in {name}"));
    t.push(&column, Unit::Share, &sv, &en, shares);
    let errors =
        real(funding.areas.iter().map(|a| Some(a.error)).chain(std::iter::repeat_n(None, n_unranked)));
    let column = unique(t, format!("{word}_funded_error"));
    t.push(&column, Unit::Share, "Andelens slumpfel (Monte Carlo)", "Monte-Carlo error of the share", errors);
    let words = funding.areas.iter().map(|a| Some(firmness_word(a.firmness).to_string()));
    let column = unique(t, format!("{word}_firmness"));
    let sv = "firm = säker (minst 90 % av dragningarna), sensitive = osäker, not_funded = får inte medel";
    let en = "firm (at least 90 % of the draws), sensitive, or not_funded";
    t.push(&column, Unit::Text, sv, en, text(words.chain(std::iter::repeat_n(None, n_unranked))));
}

/// The word of a firmness in files.
pub fn firmness_word(firmness: Firmness) -> &'static str {
    match firmness {
        Firmness::Firm => "firm",
        Firmness::Sensitive => "sensitive",
        Firmness::NotFunded => "not_funded",
    }
}

/// `public/rank_acceptability.csv`: per area the share of draws that give it each rank (or band of ranks). Rows sum
/// to 1; where every band is one rank, columns do too.
pub fn acceptability_table(robustness: &RankRobustness, names: &Names) -> Table {
    let codes: Vec<&str> = robustness.areas.iter().map(|a| a.code.as_str()).collect();
    let mut t = Table::default();
    push_area(&mut t, &codes, names);
    let draws = f64::from(robustness.draws.max(1));
    let n_bands = robustness.areas.first().map_or(0, |a| a.acceptability.len());
    let width = robustness.ranks_per_band.max(1) as usize;
    for band in 0..n_bands {
        let (first, last) = (band * width + 1, ((band + 1) * width).min(robustness.areas.len()));
        let (name, ranks) = match first == last {
            true => (format!("rank_{first}"), first.to_string()),
            false => (format!("rank_{first}_{last}"), format!("{first}–{last}")),
        };
        let share = real(robustness.areas.iter().map(|a| Some(f64::from(a.acceptability[band]) / draws)));
        let (sv, en) =
            (format!("Andel dragningar med rang {ranks}"), format!("Share of draws with rank {ranks}"));
        t.push(&name, Unit::Share, &sv, &en, share);
    }
    t
}

/// `public/rank_pairs.csv`: how often one area comes before another, for the first areas of the ranking.
pub fn pairs_table(robustness: &RankRobustness) -> Table {
    let codes = &robustness.pairwise.codes;
    let pairs: Vec<(usize, usize)> = (0..codes.len())
        .flat_map(|i| (0..codes.len()).filter(move |j| i != *j).map(move |j| (i, j)))
        .collect();
    let draws = f64::from(robustness.draws.max(1));
    let mut t = Table::default();
    let (sv, en) = ("Områdeskod", "Area code");
    t.push("area_code", Unit::Text, sv, en, text(pairs.iter().map(|p| Some(codes[p.0].clone()))));
    let (sv, en) = ("Det andra områdets kod", "Code of the other area");
    t.push("other_code", Unit::Text, sv, en, text(pairs.iter().map(|p| Some(codes[p.1].clone()))));
    let share = pairs.iter().map(|p| Some(f64::from(robustness.pairwise.wins[p.0][p.1]) / draws));
    let (sv, en) = (
        "Andel dragningar där området kommer före det andra",
        "Share of draws in which it comes before the other",
    );
    t.push("before_share", Unit::Share, sv, en, real(share));
    t
}

/// `public/sensitivity.csv`: which assumption decides; one row an outcome and assumption.
pub fn sensitivity_table(robustness: &RankRobustness) -> Table {
    let rows: Vec<(&crate::need::SobolOutcome, &SobolIndex)> =
        robustness.sobol.iter().flat_map(|o| o.factors.iter().map(move |f| (o, f))).collect();
    let reals = |f: &dyn Fn(&SobolIndex) -> Option<f64>| real(rows.iter().map(|r| f(r.1)));
    let mut t = Table::default();
    let (sv, en) = ("Utfall", "Outcome");
    t.push("outcome", Unit::Text, sv, en, text(rows.iter().map(|r| Some(r.0.outcome.clone()))));
    let (sv, en) = ("Antagande", "Assumption");
    t.push("assumption", Unit::Text, sv, en, text(rows.iter().map(|r| Some(r.1.factor.clone()))));
    let (sv, en) = ("Sobolindex, första ordningen", "First-order Sobol index");
    t.push("first_order", Unit::Share, sv, en, reals(&|f| f.first));
    let (low, high) =
        (("95 % intervall, lägst", "95 % interval, low"), ("95 % intervall, högst", "95 % interval, high"));
    t.push("first_order_low", Unit::Share, low.0, low.1, reals(&|f| f.first_interval.map(|i| i[0])));
    t.push("first_order_high", Unit::Share, high.0, high.1, reals(&|f| f.first_interval.map(|i| i[1])));
    t.push("total", Unit::Share, "Sobolindex, totalt", "Total Sobol index", reals(&|f| f.total));
    t.push("total_low", Unit::Share, low.0, low.1, reals(&|f| f.total_interval.map(|i| i[0])));
    t.push("total_high", Unit::Share, high.0, high.1, reals(&|f| f.total_interval.map(|i| i[1])));
    let mean = real(rows.iter().map(|r| Some(r.0.mean)));
    t.push("outcome_mean", Unit::Number, "Utfallets medelvärde", "Mean of the outcome", mean);
    let variance = real(rows.iter().map(|r| Some(r.0.variance)));
    t.push("outcome_variance", Unit::Number, "Utfallets varians", "Variance of the outcome", variance);
    t
}

/// `public/indicators.csv`: one row an indicator: how it was used, and with `robustness` what the ranking is without
/// it and how it correlates with the others.
pub fn indicator_table(ranking: &Ranking, robustness: Option<&RankRobustness>) -> Table {
    let used = &ranking.indicators;
    let mut t = Table::default();
    let ids = text(used.iter().map(|i| Some(i.id.clone())));
    t.push("indicator", Unit::Text, "Indikator", "Indicator", ids);
    t.push("unit", Unit::Text, "Enhet", "Unit", text(used.iter().map(|i| Some(i.unit.clone()))));
    let direction = |i: &crate::need::IndicatorUsed| match i.direction {
        crate::config::need::Direction::HigherIsMoreNeed => "higher_is_more_need",
        crate::config::need::Direction::LowerIsMoreNeed => "lower_is_more_need",
    };
    let directions = text(used.iter().map(|i| Some(direction(i).to_string())));
    t.push("direction", Unit::Text, "Vad som är behov", "What is need", directions);
    let ways = text(used.iter().map(|i| Some(normalise_word(&i.normalise).to_string())));
    t.push("normalise", Unit::Text, "Normalisering", "Normalisation", ways);
    let scale = |k: usize| real(used.iter().map(move |i| i.scale.map(|s| s[k])));
    let (sv, en) = ("Skalans lägsta värde (z_score: medel)", "Low end of the scale (z_score: mean)");
    t.push("scale_low", Unit::Number, sv, en, scale(0));
    let (sv, en) =
        ("Skalans högsta värde (z_score: standardavvikelse)", "High end (z_score: standard deviation)");
    t.push("scale_high", Unit::Number, sv, en, scale(1));
    t.push("weight", Unit::Number, "Vikt", "Weight", real(used.iter().map(|i| Some(i.weight))));
    let missing = int(used.iter().map(|i| Some(i64::from(i.n_missing))));
    t.push("missing_areas", Unit::Number, "Områden utan värde", "Areas without a value", missing);
    let Some(robustness) = robustness else { return t };
    let without = |id: &str| robustness.leave_one_out.iter().find(|l| l.id == id);
    let shift = real(used.iter().map(|i| without(&i.id).map(|l| l.mean_rank_shift)));
    let (sv, en) = ("Medelflytt i rang utan indikatorn", "Mean rank shift without the indicator");
    t.push("without_mean_shift", Unit::Number, sv, en, shift);
    let most = int(used.iter().map(|i| without(&i.id).map(|l| i64::from(l.max_rank_shift))));
    let (sv, en) = ("Största flytt i rang utan indikatorn", "Largest rank shift without the indicator");
    t.push("without_max_shift", Unit::Number, sv, en, most);
    let whom = text(used.iter().map(|i| without(&i.id).and_then(|l| l.max_shift_code.clone())));
    t.push(
        "without_max_shift_code",
        Unit::Text,
        "Området som flyttar mest",
        "The area that shifts most",
        whom,
    );
    let tau = real(used.iter().map(|i| without(&i.id).and_then(|l| l.tau)));
    let (sv, en) =
        ("Kendalls tau-b mot ordningen utan indikatorn", "Kendall tau-b with the order without it");
    t.push("without_tau", Unit::Number, sv, en, tau);
    for (k, other) in used.iter().enumerate() {
        let r = real((0..used.len()).map(|i| robustness.correlations.get(i).and_then(|row| row[k])));
        let name = format!("correlation_{}", column_word(&other.id));
        let (sv, en) = (format!("Korrelation med {}", other.id), format!("Correlation with {}", other.id));
        if t.column(&name).is_none() {
            t.push(&name, Unit::Number, &sv, &en, r);
        }
    }
    t
}

fn normalise_word(way: &Normalise) -> &'static str {
    match way {
        Normalise::MinMax { .. } => "min_max",
        Normalise::Percentile => "percentile",
        Normalise::ZScore => "z_score",
        Normalise::Linear { .. } => "linear",
        Normalise::Bins { .. } => "bins",
        Normalise::None => "none",
    }
}

/// `public/why_this_rank.csv`: one row an area and indicator in the order of the ranking: raw value, value made
/// comparable, weight, contribution, and by how much that is more than the area ranked next has. Contributions of an
/// area sum to its score; for the arithmetic mean and points the differences sum to its distance to the next.
pub fn why_table(ranking: &Ranking, names: &Names) -> Table {
    let n = ranking.indicators.len();
    let areas = ranking.order.iter().chain(&ranking.unranked);
    let rows: Vec<(u32, usize)> = areas.flat_map(|a| (0..n).map(move |k| (*a, k))).collect();
    let area = |r: &(u32, usize)| &ranking.areas[r.0 as usize];
    let part = |r: &(u32, usize)| ranking.areas[r.0 as usize].parts[r.1];
    let codes: Vec<&str> = rows.iter().map(|r| area(r).code.as_str()).collect();
    let mut t = Table::default();
    let ranks = int(rows.iter().map(|r| area(r).rank.map(i64::from)));
    t.push("rank", Unit::Rank, "Rang (1 = störst behov)", "Rank (1 = most need)", ranks);
    push_area(&mut t, &codes, names);
    t.push("score", Unit::Number, "Behovsindex", "Need score", real(rows.iter().map(|r| area(r).score)));
    let ids = text(rows.iter().map(|r| Some(ranking.indicators[r.1].id.clone())));
    t.push("indicator", Unit::Text, "Indikator", "Indicator", ids);
    t.push("raw", Unit::Number, "Värde", "Value", real(rows.iter().map(|r| part(r).raw)));
    let (sv, en) = ("Normaliserat, mer är behov", "Normalised, more is need");
    t.push("normalised", Unit::Number, sv, en, real(rows.iter().map(|r| part(r).normalised)));
    t.push("weight", Unit::Number, "Vikt", "Weight", real(rows.iter().map(|r| Some(part(r).weight))));
    let contribution = real(rows.iter().map(|r| area(r).score.map(|_| part(r).contribution)));
    t.push("contribution", Unit::Number, "Bidrag till indexet", "Contribution to the score", contribution);
    let next = |r: &(u32, usize)| {
        let place = area(r).rank? as usize;
        let next = ranking.areas[*ranking.order.get(place)? as usize].parts[r.1];
        Some(part(r).contribution - next.contribution)
    };
    let (sv, en) = ("Mer än nästa område i rang", "More than the area ranked next");
    t.push("more_than_next", Unit::Number, sv, en, real(rows.iter().map(next)));
    let tied = rows.iter().map(|r| area(r).score.map(|_| area(r).is_tied)).collect();
    let (sv, en) = (
        "Samma index som ett annat område: fler personer i glappet gick före",
        "Same score as another area: the larger gap in persons went first",
    );
    t.push("is_tied", Unit::YesNo, sv, en, Values::Bool(tied));
    t
}

/// `public/consultation.csv`: one row an area: its rank by actor, in the two compromises, and whom each actor's
/// weights fund.
pub fn consultation_table(consultation: &Consultation, names: &Names) -> Table {
    let codes: Vec<&str> = consultation.codes.iter().map(String::as_str).collect();
    let mut t = Table::default();
    push_area(&mut t, &codes, names);
    for (k, actor) in consultation.actors.iter().enumerate() {
        let name = format!("{}_rank", actor_word(consultation, k));
        let (sv, en) = (format!("Rang enligt {}", actor.name), format!("Rank by {}", actor.name));
        t.push(&name, Unit::Rank, &sv, &en, int(actor.ranks.iter().map(|r| Some(i64::from(*r)))));
    }
    for (name, sv, en, order) in [
        (
            "borda_rank",
            "Rang i kompromissen enligt Borda",
            "Rank in the Borda compromise",
            &consultation.borda.order,
        ),
        (
            "kemeny_rank",
            "Rang i kompromissen enligt Kemeny",
            "Rank in the Kemeny compromise",
            &consultation.kemeny.order,
        ),
    ] {
        let place: BTreeMap<&str, i64> = order.iter().map(String::as_str).zip(1..).collect();
        t.push(name, Unit::Rank, sv, en, int(codes.iter().map(|c| place.get(c).copied())));
    }
    let first = codes.iter().map(|c| Some(consultation.first_for_all.iter().any(|f| f == c))).collect();
    let (sv, en) = ("Bland de första enligt alla", "Among the first for every actor");
    t.push("first_for_all", Unit::YesNo, sv, en, Values::Bool(first));
    for (s, scenario) in consultation.funded_by_all.iter().enumerate() {
        let word = column_word(&scenario.scenario);
        for (k, actor) in consultation.actors.iter().enumerate() {
            let Some(funded) = actor.funded.get(s) else { continue };
            let is_funded = codes.iter().map(|c| Some(funded.iter().any(|f| f == c))).collect();
            let name = format!("{word}_{}_funded", actor_word(consultation, k));
            let sv = format!("Får medel i {} med vikterna av {}", scenario.scenario, actor.name);
            let en = format!("Funded in {} by the weights of {}", scenario.scenario, actor.name);
            if t.column(&name).is_none() {
                t.push(&name, Unit::YesNo, &sv, &en, Values::Bool(is_funded));
            }
        }
    }
    t
}

/// A word for an actor that no other actor has.
fn actor_word(consultation: &Consultation, k: usize) -> String {
    let word = |i: usize| column_word(&consultation.actors[i].name);
    let is_taken = (0..k).any(|i| word(i) == word(k)) || word(k).is_empty();
    if is_taken { format!("{}_{}", word(k), k + 1).trim_matches('_').to_string() } else { word(k) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::need::{Aggregate, Direction},
        need::{AreaScore, IndicatorUsed, ScorePart},
    };

    fn ranking() -> Ranking {
        let used = |id: &str| IndicatorUsed {
            id: id.to_string(),
            unit: "share".to_string(),
            direction: Direction::HigherIsMoreNeed,
            normalise: Normalise::Percentile,
            scale: None,
            weight: 0.5,
            n_missing: 0,
        };
        let area = |code: &str, rank: Option<u32>, contributions: [f64; 2]| AreaScore {
            code: code.to_string(),
            score: rank.map(|_| contributions.iter().sum()),
            rank,
            is_tied: false,
            n_missing: 0,
            gap_persons: 0,
            parts: contributions
                .map(|c| ScorePart {
                    raw: Some(2.0 * c),
                    normalised: Some(2.0 * c),
                    weight: 0.5,
                    contribution: c,
                })
                .to_vec(),
        };
        Ranking {
            aggregate: Aggregate::Arithmetic,
            geometric_floor: 0.01,
            indicators: vec![used("gap"), used("aged")],
            areas: vec![
                area("a", Some(2), [0.25, 0.0]),
                area("b", Some(1), [0.125, 0.5]),
                area("c", None, [0.0, 0.0]),
            ],
            order: vec![1, 0],
            unranked: vec![2],
            findings: Vec::new(),
        }
    }

    #[test]
    fn why_lists_every_area_in_rank_order_and_the_difference_to_the_next() {
        let t = why_table(&ranking(), &Names::new());
        let column = |name: &str| {
            (0..t.n_rows()).map(|i| t.column(name).unwrap().values.to_text(i)).collect::<Vec<_>>()
        };
        assert_eq!(column("area_code"), ["b", "b", "a", "a", "c", "c"]);
        assert_eq!(column("more_than_next"), ["-0.125", "0.5", "", "", "", ""]);
        assert_eq!(column("contribution"), ["0.125", "0.5", "0.25", "0", "", ""]);
    }

    #[test]
    fn indicators_have_a_row_each_also_without_draws() {
        let t = indicator_table(&ranking(), None);
        assert_eq!((t.n_rows(), t.columns.len()), (2, 8));
    }
}
