//! How sure a ranking is, after the OECD/JRC *Handbook on Constructing Composite Indicators* (2008), step 8, and
//! SMAA-2 (Lahdelma and Salminen, *Operations Research* 49 (2001) 444–454).
//!
//! Every draw takes one weighting around the published one and, with equal chance, one alternative of each varied
//! assumption; it ranks the areas and funds them. Draw `i` comes from stream `i` of a seeded ChaCha8 generator, all
//! sums are integers or in the order of the draws, so the result does not depend on the number of threads.

mod draws;
mod effects;
mod scorer;
mod sobol;
mod tallies;

pub use effects::{correlations, leave_one_out};
pub use sobol::{SobolSamples, sobol_indices};

use crate::{Aggregation, NeedError, Weights, score, table::IndicatorTable};
use draws::{Draw, Sampler};
use rayon::prelude::*;
use scorer::{Choices, Scorer, Scratch};
use tallies::Tallies;
use whitespot_model::{
    config::need::{Aggregate, NormaliseKind, Robustness, Vary},
    need::{Normalise, RankRobustness, SobolOutcome, VariedAxis},
};

/// Tables in which assumptions behind the indicators themselves differ (thresholds, reach distance, mobile margin,
/// unit costs): all combinations of the axes' alternatives.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alternatives {
    /// The axes; the first alternative of each is the published one. No axes: only the published table.
    pub axes: Vec<VariedAxis>,
    /// One table a combination, in the order of [`combinations`]; the first is the published table.
    pub tables: Vec<IndicatorTable>,
}

/// All combinations of the axes' alternatives, as one index an axis; the last axis varies fastest.
pub fn combinations(axes: &[VariedAxis]) -> Vec<Vec<usize>> {
    axes.iter().fold(vec![Vec::new()], |all, axis| {
        all.iter()
            .flat_map(|head| (0..axis.alternatives.len()).map(|i| [head.as_slice(), &[i]].concat()))
            .collect()
    })
}

/// A drawn ranking, as a funding rule sees it.
#[derive(Clone, Copy, Debug)]
pub struct DrawnRanking<'a> {
    /// Indices of the ranked areas in the table, most need first.
    pub order: &'a [u32],
    /// Score of each area of the table; NaN where unranked.
    pub scores: &'a [f64],
    /// The alternative drawn of each axis of [`Alternatives::axes`]; all 0 for the published assumptions.
    pub choices: &'a [usize],
}

/// A scenario as the robustness analysis sees it: whom an order of areas funds.
pub struct FundingRule<'a> {
    /// Name of the scenario.
    pub scenario: &'a str,
    /// Indices of the areas that are funded; in any order. Must give the same answer to the same ranking.
    pub fund: &'a (dyn Fn(&DrawnRanking<'_>) -> Vec<u32> + Sync),
}

/// Draws rankings around the published one and tells how they differ.
///
/// `config.vary` decides about normalisation and aggregation; the axes of `alternatives` are varied whenever they are
/// given. Areas without a published rank are left out. No draws give empty tallies; one area, equal areas and a single
/// indicator are fine. Memory: about 16 million ranks at most are told apart, beyond 4,096 areas in bands of ranks.
///
/// # Errors
/// What [`score()`] refuses; a weight variation that cannot be drawn; alternative normalisations that need parameters;
/// alternative tables of other areas or indicators, or not one a combination.
pub fn robustness(
    table: &IndicatorTable,
    weights: &Weights,
    aggregation: Aggregation,
    config: &Robustness,
    alternatives: &Alternatives,
    funding: &[FundingRule<'_>],
) -> Result<RankRobustness, NeedError> {
    let published = score(table, weights, aggregation)?;
    let choices = choices(table, weights, aggregation, config, alternatives)?;
    let scorer = Scorer::new(&choices, &published.order);
    let mut sizes = vec![choices.normalise.len(), choices.aggregates.len()];
    sizes.extend(&choices.table_axes);
    let sampler = Sampler::new(weights.shares(), config.weights, sizes.clone(), config.seed)?;
    let run = Run { table, scorer: &scorer, funding, n_axes: sizes.len() };

    let as_published = run.published(weights.shares());
    let mut tallies = Tallies::new(&as_published, weights.shares().len(), config.draws);
    let block = 256;
    for first in (0..config.draws).step_by(block) {
        let last = config.draws.min(first + block as u32);
        let outcomes: Vec<Outcome> = (first..last)
            .into_par_iter()
            .map_init(|| run.scratch(weights), |scratch, i| run.outcome(&sampler.draw(u64::from(i)), scratch))
            .collect();
        tallies.add(&outcomes);
    }

    let mut axes = varied_axes(config, &choices);
    axes.extend(alternatives.axes.iter().cloned());
    let sobol = sobol_outcomes(&run, &sampler, weights, &as_published, &axes, config);
    let mut findings = Vec::new();
    let correlations = correlations(table, aggregation, &mut findings);
    let mut result = RankRobustness {
        draws: config.draws,
        seed: config.seed,
        weights: config.weights,
        axes: axes.into_iter().filter(|axis| axis.alternatives.len() > 1).collect(),
        areas: Vec::new(),
        ranks_per_band: 1,
        mean_rank_shift: 0.0,
        pairwise: Default::default(),
        funding: Vec::new(),
        sobol,
        correlations,
        leave_one_out: leave_one_out(table, weights, aggregation, &published)?,
        findings,
    };
    tallies.report(&scorer.areas, table, funding, &mut result);
    Ok(result)
}

/// Ranks and funding of one draw.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outcome {
    /// Rank, from 0, of each area of the scorer.
    pub(crate) ranks: Vec<u32>,
    /// The weights drawn.
    pub(crate) weights: Vec<f64>,
    /// Per funding rule: whether each area of the scorer is funded.
    pub(crate) is_funded: Vec<Vec<bool>>,
}

/// What every draw needs.
struct Run<'a> {
    table: &'a IndicatorTable,
    scorer: &'a Scorer,
    funding: &'a [FundingRule<'a>],
    n_axes: usize,
}

impl Run<'_> {
    fn scratch(&self, weights: &Weights) -> Scratch {
        Scratch::new(self.scorer.n_areas(), weights.shares().len())
    }

    fn published(&self, shares: &[f64]) -> Outcome {
        let log_weights = shares.iter().map(|share| share.ln()).collect();
        let draw = Draw { log_weights, choices: vec![0; self.n_axes] };
        self.outcome(&draw, &mut Scratch::new(self.scorer.n_areas(), shares.len()))
    }

    fn outcome(&self, draw: &Draw, scratch: &mut Scratch) -> Outcome {
        self.scorer.ranks_of(draw, scratch);
        Outcome {
            ranks: scratch.ranks.clone(),
            weights: scratch.weights.clone(),
            is_funded: self.fund(&draw.choices[2..], scratch),
        }
    }

    fn fund(&self, choices: &[usize], scratch: &Scratch) -> Vec<Vec<bool>> {
        if self.funding.is_empty() {
            return Vec::new();
        }
        let areas = &self.scorer.areas;
        let order: Vec<u32> = scratch.keys.iter().map(|(_, area)| areas[*area as usize]).collect();
        let mut scores = vec![f64::NAN; self.table.n_areas()];
        let mut number = vec![u32::MAX; self.table.n_areas()];
        for (i, area) in areas.iter().enumerate() {
            scores[*area as usize] = scratch.scores[i];
            number[*area as usize] = i as u32;
        }
        let ranking = DrawnRanking { order: &order, scores: &scores, choices };
        let fund_by = |rule: &FundingRule<'_>| {
            let mut is_funded = vec![false; areas.len()];
            for area in (rule.fund)(&ranking) {
                let number = number.get(area as usize).copied().unwrap_or(u32::MAX);
                if let Some(slot) = is_funded.get_mut(number as usize) {
                    *slot = true;
                }
            }
            is_funded
        };
        self.funding.iter().map(fund_by).collect()
    }
}

/// The alternatives of every axis, the published one first and none twice.
fn choices<'a>(
    table: &'a IndicatorTable,
    weights: &Weights,
    aggregation: Aggregation,
    config: &Robustness,
    alternatives: &'a Alternatives,
) -> Result<Choices<'a>, NeedError> {
    let published: Vec<Normalise> = table.indicators.iter().map(|i| i.normalise.clone()).collect();
    let mut normalise = vec![published.clone()];
    if config.vary.contains(&Vary::Normalise) {
        for kind in normalise_kinds(config) {
            let ways: Vec<Normalise> =
                published.iter().map(|way| replaced(way, kind)).collect::<Result<_, NeedError>>()?;
            if !normalise.contains(&ways) {
                normalise.push(ways);
            }
        }
    }
    let mut aggregates = vec![aggregation.aggregate];
    if config.vary.contains(&Vary::Aggregate) {
        for aggregate in aggregate_kinds(config) {
            if !aggregates.contains(&aggregate) {
                aggregates.push(aggregate);
            }
        }
    }
    let table_axes: Vec<usize> = alternatives.axes.iter().map(|axis| axis.alternatives.len()).collect();
    let expected: usize = table_axes.iter().product();
    let tables: Vec<&IndicatorTable> = match table_axes.is_empty() {
        true => vec![table],
        false => alternatives.tables.iter().collect(),
    };
    if tables.len() != expected || expected == 0 {
        return Err(NeedError::AlternativeCount { found: tables.len(), expected });
    }
    for (index, other) in tables.iter().enumerate() {
        other.check()?;
        let ids = |t: &IndicatorTable| t.indicators.iter().map(|i| i.id.clone()).collect::<Vec<_>>();
        if other.codes != table.codes || ids(other) != ids(table) {
            return Err(NeedError::AlternativeDiffers { index });
        }
    }
    let given_total = weights.given().iter().sum();
    Ok(Choices { tables, table_axes, normalise, aggregates, floor: aggregation.geometric_floor, given_total })
}

/// A way of normalising replaced by one that needs no parameters. Points and values taken as they stand are rules of
/// the programme, not assumptions, and stay; so does the published way (frozen bounds are kept) where it is the same.
fn replaced(published: &Normalise, kind: NormaliseKind) -> Result<Normalise, NeedError> {
    let other = match kind {
        NormaliseKind::MinMax => Normalise::MinMax { bounds: None },
        NormaliseKind::Percentile => Normalise::Percentile,
        NormaliseKind::ZScore => Normalise::ZScore,
        NormaliseKind::Linear | NormaliseKind::Bins | NormaliseKind::None => {
            let what =
                "`normalise` takes `min_max`, `percentile` and `z_score`: the others need goalposts or bins";
            return Err(NeedError::BadVariation { what: what.to_string() });
        }
    };
    Ok(match (published, &other) {
        (Normalise::Bins { .. } | Normalise::None, _) => published.clone(),
        (Normalise::MinMax { .. }, Normalise::MinMax { .. }) => published.clone(),
        _ => other,
    })
}

fn normalise_kinds(config: &Robustness) -> Vec<NormaliseKind> {
    match config.normalise.is_empty() {
        true => vec![NormaliseKind::MinMax, NormaliseKind::Percentile, NormaliseKind::ZScore],
        false => config.normalise.clone(),
    }
}

fn aggregate_kinds(config: &Robustness) -> Vec<Aggregate> {
    match config.aggregate.is_empty() {
        true => vec![Aggregate::Arithmetic, Aggregate::Geometric],
        false => config.aggregate.clone(),
    }
}

/// The axes of normalisation and aggregation, with their alternatives for people.
fn varied_axes(config: &Robustness, choices: &Choices<'_>) -> Vec<VariedAxis> {
    let kind = |way: &Normalise| match way {
        Normalise::MinMax { .. } => "min_max",
        Normalise::Percentile => "percentile",
        Normalise::ZScore => "z_score",
        Normalise::Linear { .. } => "linear",
        Normalise::Bins { .. } => "bins",
        Normalise::None => "none",
    };
    let label = |ways: &Vec<Normalise>| {
        let mut kinds: Vec<&str> = ways.iter().map(kind).collect();
        kinds.dedup();
        kinds.join(", ")
    };
    let aggregate = |aggregate: &Aggregate| match aggregate {
        Aggregate::Arithmetic => "arithmetic",
        Aggregate::Geometric => "geometric",
        Aggregate::Points => "points",
    };
    debug_assert!(choices.normalise.len() == 1 || config.vary.contains(&Vary::Normalise));
    vec![
        VariedAxis {
            name: "normalise".to_string(),
            alternatives: choices.normalise.iter().map(label).collect(),
        },
        VariedAxis {
            name: "aggregate".to_string(),
            alternatives: choices.aggregates.iter().map(|a| aggregate(a).to_string()).collect(),
        },
    ]
}

/// What one factor takes from the second sample.
#[derive(Clone, Copy)]
enum Factor {
    Weight(usize),
    AllWeights,
    Axis(usize),
}

/// Sobol indices of the mean rank shift and of each scenario's funding.
fn sobol_outcomes(
    run: &Run<'_>,
    sampler: &Sampler,
    weights: &Weights,
    published: &Outcome,
    axes: &[VariedAxis],
    config: &Robustness,
) -> Vec<SobolOutcome> {
    if config.sobol_rows == 0 || run.scorer.n_areas() == 0 {
        return Vec::new();
    }
    let weighted: Vec<usize> = (0..weights.shares().len()).filter(|i| weights.shares()[*i] > 0.0).collect();
    let mut factors: Vec<(String, Factor)> = Vec::new();
    if weighted.len() > 1 {
        factors.push(("all weights".to_string(), Factor::AllWeights));
        for i in weighted {
            factors.push((format!("weight {}", run.table.indicators[i].id), Factor::Weight(i)));
        }
    }
    for (i, axis) in axes.iter().enumerate().filter(|(_, axis)| axis.alternatives.len() > 1) {
        factors.push((axis.name.clone(), Factor::Axis(i)));
    }
    let names: Vec<String> = factors.iter().map(|(name, _)| name.clone()).collect();
    // Per row: outcomes of A, of B, and of A with each factor from B.
    let rows: Vec<Vec<Vec<f64>>> = (0..config.sobol_rows)
        .into_par_iter()
        .map_init(
            || run.scratch(weights),
            |scratch, row| {
                let (a, b) = sampler.pair(u64::from(row));
                let mut evaluate = |draw: &Draw| distances(&run.outcome(draw, scratch), published);
                let mut found = vec![evaluate(&a), evaluate(&b)];
                found.extend(factors.iter().map(|(_, factor)| evaluate(&mixed(&a, &b, *factor))));
                found
            },
        )
        .collect();
    let outcomes = ["mean_rank_shift".to_string()]
        .into_iter()
        .chain(run.funding.iter().map(|rule| format!("funding {}", rule.scenario)));
    outcomes
        .enumerate()
        .map(|(o, outcome)| {
            let column = |i: usize| rows.iter().map(|row| row[i][o]).collect::<Vec<f64>>();
            let samples = SobolSamples {
                a: column(0),
                b: column(1),
                ab: (0..names.len()).map(|i| column(2 + i)).collect(),
            };
            sobol_indices(&outcome, &names, &samples, config.seed)
        })
        .collect()
}

/// The first sample with one factor taken from the second.
fn mixed(a: &Draw, b: &Draw, factor: Factor) -> Draw {
    let mut mixed = a.clone();
    match factor {
        Factor::Weight(i) => mixed.log_weights[i] = b.log_weights[i],
        Factor::AllWeights => mixed.log_weights.clone_from(&b.log_weights),
        Factor::Axis(i) => mixed.choices[i] = b.choices[i],
    }
    mixed
}

/// How far an outcome is from the published one: mean rank shift, then per funding rule the share of areas funded in
/// only one of the two among those funded in either.
fn distances(outcome: &Outcome, published: &Outcome) -> Vec<f64> {
    let shift: u64 = outcome.ranks.iter().zip(&published.ranks).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    let mut distances = vec![shift as f64 / outcome.ranks.len().max(1) as f64];
    distances.extend(outcome.is_funded.iter().zip(&published.is_funded).map(|(a, b)| changed_share(a, b)));
    distances
}

/// Areas funded in only one of two allocations, among those funded in either; 0 where neither funds any.
pub(crate) fn changed_share(a: &[bool], b: &[bool]) -> f64 {
    let count = |wanted: fn(bool, bool) -> bool| a.iter().zip(b).filter(|(a, b)| wanted(**a, **b)).count();
    match count(|a, b| a || b) {
        0 => 0.0,
        either => count(|a, b| a != b) as f64 / either as f64,
    }
}

#[cfg(test)]
mod tests;
