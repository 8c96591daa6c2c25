//! Results of ranking areas by need: scores that decompose, and the order.

use crate::{
    config::need::{Aggregate, Bin, Direction, WeightVariation},
    finding::Finding,
};
use serde::{Deserialize, Serialize};

/// A way to make raw values comparable, with its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalise {
    /// 0 at the lowest and 1 at the highest value; of the data where no bounds are frozen.
    MinMax {
        /// Frozen lowest and highest value.
        bounds: Option<[f64; 2]>,
    },
    /// Mean rank among the areas, from 0 to 1.
    Percentile,
    /// Standard deviations from the mean, −3 … +3 brought to 0 … 1.
    ZScore,
    /// 0 to 1 between two goalposts, clamped.
    Linear {
        /// Low and high goalpost.
        goalposts: [f64; 2],
    },
    /// Points from a table of limits.
    Bins {
        /// The rows; the first that holds counts.
        bins: Vec<Bin>,
    },
    /// The value as it stands.
    None,
}

/// Areas scored and ordered by need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranking {
    /// How the indicators became one score.
    pub aggregate: Aggregate,
    /// `geometric` only: normalised values below this count as this.
    #[serde(default = "default_floor")]
    pub geometric_floor: f64,
    /// What the score is made of, in the order of [`AreaScore::parts`].
    pub indicators: Vec<IndicatorUsed>,
    /// One entry an area, in the order of the table.
    pub areas: Vec<AreaScore>,
    /// Indices of the ranked areas, most need first.
    pub order: Vec<u32>,
    /// Indices of the areas that miss more than half of the indicators, in the order of the table.
    pub unranked: Vec<u32>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

fn default_floor() -> f64 {
    0.01
}

/// An indicator as it was used.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndicatorUsed {
    /// Its name.
    pub id: String,
    /// Unit of the raw values, for people.
    pub unit: String,
    /// Whether more or less of it is need.
    pub direction: Direction,
    /// How it was made comparable.
    pub normalise: Normalise,
    /// What the normalisation took from the data or the file, for the report: lowest and highest value
    /// (`min_max`), mean and standard deviation (`z_score`), the goalposts (`linear`); `None` otherwise.
    pub scale: Option<[f64; 2]>,
    /// Its weight: brought to sum 1, or as given where the aggregate is `points`.
    pub weight: f64,
    /// Areas without a value.
    pub n_missing: u32,
}

/// Score and rank of one area, and what they are made of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AreaScore {
    /// Code of the area.
    pub code: String,
    /// The sum of the parts' contributions in their order; `None` where unranked.
    pub score: Option<f64>,
    /// 1 = most need; `None` where unranked.
    pub rank: Option<u32>,
    /// Whether another area has the same score, so that the gap in persons, then the code, decided.
    pub is_tied: bool,
    /// Indicators (of weight above 0) without a value here; a ranked area with some is scored on the rest.
    pub n_missing: u32,
    /// Persons in the gap, by which ties are broken.
    pub gap_persons: u64,
    /// One part an indicator.
    pub parts: Vec<ScorePart>,
}

/// What one indicator adds to one area's score.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ScorePart {
    /// Value as read or derived; `None` where missing.
    pub raw: Option<f64>,
    /// Value made comparable, more is need; `None` where missing.
    pub normalised: Option<f64>,
    /// Weight in this area: 0 where the value is missing, the others then share its weight.
    pub weight: f64,
    /// What it adds to the score; 0 where missing.
    pub contribution: f64,
}

/// How sure a ranking is: what seeded draws over its assumptions do to ranks and funding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankRobustness {
    /// Number of draws.
    pub draws: u32,
    /// Start of the random numbers.
    pub seed: u64,
    /// How the weights varied.
    pub weights: WeightVariation,
    /// What else varied, with the alternatives; the first of each is the published one.
    pub axes: Vec<VariedAxis>,
    /// One entry a ranked area, in the order of the published ranking.
    pub areas: Vec<AreaRobustness>,
    /// Ranks a band of [`AreaRobustness::acceptability`] spans: 1 up to 100 areas.
    pub ranks_per_band: u32,
    /// Mean of |drawn rank − published rank| over all draws and areas.
    pub mean_rank_shift: f64,
    /// How often the first areas come before one another.
    pub pairwise: PairwiseWinning,
    /// One entry a scenario.
    pub funding: Vec<FundingRobustness>,
    /// Which assumption decides: one entry an outcome (mean rank shift, then each scenario's funding).
    pub sobol: Vec<SobolOutcome>,
    /// Correlation of the normalised indicators over the areas that have both; `None` where undefined.
    pub correlations: Vec<Vec<Option<f64>>>,
    /// What the ranking is without each indicator.
    pub leave_one_out: Vec<LeaveOneOut>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// Something other than the weights that varied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VariedAxis {
    /// `normalise`, `aggregate`, `thresholds`, `reach_m`, `mobile_margin` or `unit_costs`.
    pub name: String,
    /// The alternatives, drawn with equal chance.
    pub alternatives: Vec<String>,
}

/// Ranks of one area over the draws.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AreaRobustness {
    /// Code of the area.
    pub code: String,
    /// Its published rank.
    pub rank: u32,
    /// Rank that 5 % of the draws do not exceed.
    pub rank_p05: u32,
    /// Median rank.
    pub rank_p50: u32,
    /// Rank that 95 % of the draws do not exceed.
    pub rank_p95: u32,
    /// Mean rank.
    pub mean_rank: f64,
    /// Monte-Carlo standard error of the mean rank.
    pub mean_rank_error: f64,
    /// Draws per band of ranks, from the first; sums to the number of draws.
    pub acceptability: Vec<u32>,
    /// Draws in which the area comes first.
    pub first: u32,
    /// Mean weights of those draws: the priorities that speak for it; `None` without any.
    pub central_weights: Option<Vec<f64>>,
}

/// How often one area comes before another.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PairwiseWinning {
    /// Codes of the first areas of the published ranking, at most 100.
    pub codes: Vec<String>,
    /// Draws in which the area of the row comes before that of the column.
    pub wins: Vec<Vec<u32>>,
}

/// What the draws do to one scenario's funding.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundingRobustness {
    /// Name of the scenario.
    pub scenario: String,
    /// Areas funded with the published assumptions.
    pub n_funded: u32,
    /// Those of them that are firm.
    pub n_firm: u32,
    /// Mean over the draws of the share of areas funded in only one of the draw and the published
    /// allocation, among those funded in either (0 = the same areas always).
    pub mean_changed_share: f64,
    /// One entry a ranked area, in the order of the published ranking.
    pub areas: Vec<FundingFrequency>,
}

/// How often one area is funded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundingFrequency {
    /// Code of the area.
    pub code: String,
    /// Whether it is funded with the published assumptions.
    pub is_funded: bool,
    /// Draws in which it is funded.
    pub draws_funded: u32,
    /// The same as a share of the draws, 0–1.
    pub frequency: f64,
    /// Monte-Carlo standard error of the frequency.
    pub error: f64,
    /// In a word.
    pub firmness: Firmness,
}

/// How sure an area's funding is, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    /// Funded in at least 90 % of the draws.
    Firm,
    /// Neither of the others.
    Sensitive,
    /// Not funded with the published assumptions and in at most 10 % of the draws.
    NotFunded,
}

/// Which assumption decides one outcome.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SobolOutcome {
    /// `mean_rank_shift`, or `funding NAME`.
    pub outcome: String,
    /// Mean over the samples.
    pub mean: f64,
    /// Variance over the samples; 0 where no assumption changes anything, the indices are then absent.
    pub variance: f64,
    /// Number of evaluations behind it.
    pub evaluations: u64,
    /// One entry an assumption.
    pub factors: Vec<SobolIndex>,
}

/// First-order and total Sobol index of one assumption, with 95 % bootstrap intervals.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SobolIndex {
    /// `weight ID`, `all weights`, or the name of an axis.
    pub factor: String,
    /// Share of the variance that fixing it alone would remove; may fall slightly below 0 by chance.
    pub first: Option<f64>,
    /// Interval of `first`.
    pub first_interval: Option<[f64; 2]>,
    /// Share of the variance that remains when all others are fixed.
    pub total: Option<f64>,
    /// Interval of `total`.
    pub total_interval: Option<[f64; 2]>,
}

/// What the ranking is without one indicator.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeaveOneOut {
    /// The indicator left out.
    pub id: String,
    /// Mean |rank without − published rank| over the areas ranked in both.
    pub mean_rank_shift: f64,
    /// Largest such shift.
    pub max_rank_shift: u32,
    /// The area it happens to; the first in the published order; `None` where nothing shifts.
    pub max_shift_code: Option<String>,
    /// Kendall τ-b between the two orders; `None` with fewer than two areas.
    pub tau: Option<f64>,
}

/// Several weightings side by side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Consultation {
    /// Codes of the areas every actor's weighting ranks, in the order of the table.
    pub codes: Vec<String>,
    /// Codes of areas that some actor's weighting leaves unranked; they are not compared.
    pub not_compared: Vec<String>,
    /// One entry an actor.
    pub actors: Vec<ActorOutcome>,
    /// Kendall's W, 0 (no agreement) to 1 (all the same), corrected for ties; `None` with fewer than two actors
    /// or areas.
    pub kendall_w: Option<f64>,
    /// Kendall τ-b of each pair of actors; `None` where undefined.
    pub pair_tau: Vec<Vec<Option<f64>>>,
    /// The areas on which the actors disagree most, at most ten, widest span first.
    pub widest: Vec<RankSpan>,
    /// How many places count as "among the first": the neediest fifth.
    pub n_first: u32,
    /// Codes of the areas every actor places among the first, in the order of the table.
    pub first_for_all: Vec<String>,
    /// Compromise by mean rank.
    pub borda: Compromise,
    /// Compromise closest to all actors' orders.
    pub kemeny: Compromise,
    /// One entry a scenario: whom all actors' weightings fund.
    pub funded_by_all: Vec<FundedByAll>,
    /// What was noticed.
    pub findings: Vec<Finding>,
}

/// One actor's weighting and where it leads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ActorOutcome {
    /// Name.
    pub name: String,
    /// Weights by indicator, brought to sum 1.
    pub weights: Vec<f64>,
    /// Rank among the compared areas, one an area of [`Consultation::codes`].
    pub ranks: Vec<u32>,
    /// Kendall's W of the others, without this actor; higher than for all = this actor breaks the agreement.
    pub kendall_w_without: Option<f64>,
    /// Share of area pairs this actor orders otherwise than the Borda compromise, 0–1.
    pub distance_to_borda: f64,
    /// Share of area pairs this actor orders otherwise than the Kemeny compromise, 0–1.
    pub distance_to_kemeny: f64,
    /// One entry a scenario: codes of the areas this weighting funds, in the order of the table.
    pub funded: Vec<Vec<String>>,
}

/// Where agreement breaks: one area and how far apart the actors place it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankSpan {
    /// Code of the area.
    pub code: String,
    /// Best rank any actor gives it.
    pub best_rank: u32,
    /// The first actor who does.
    pub best_by: String,
    /// Worst rank any actor gives it.
    pub worst_rank: u32,
    /// The first actor who does.
    pub worst_by: String,
}

/// A ranking that stands between the actors'.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compromise {
    /// Codes, most need first.
    pub order: Vec<String>,
    /// Pairs of areas ordered otherwise, summed over the actors.
    pub disagreements: u64,
    /// No order has fewer disagreements than this.
    pub lower_bound: u64,
    /// Whether no order has fewer disagreements.
    pub is_proven_closest: bool,
}

/// Whom all actors' weightings fund in one scenario.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FundedByAll {
    /// Name of the scenario.
    pub scenario: String,
    /// Codes of areas funded whoever's weights are used, in the order of the table.
    pub by_all: Vec<String>,
    /// Codes of areas funded by some weightings and not by others, in the order of the table.
    pub by_some: Vec<String>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn a_ranking_survives_being_written_and_read_again_to_the_last_bit() {
        let bins = vec![Bin { below: Some(70.0), points: 14.0, ..Bin::default() }];
        let ranking = Ranking {
            aggregate: Aggregate::Geometric,
            geometric_floor: 0.01,
            indicators: vec![IndicatorUsed {
                id: "density".to_string(),
                unit: "persons per km²".to_string(),
                direction: Direction::LowerIsMoreNeed,
                normalise: Normalise::Bins { bins },
                scale: None,
                weight: 1.0 / 3.0,
                n_missing: 1,
            }],
            areas: vec![AreaScore {
                code: "0114".to_string(),
                score: Some(0.1 + 0.2),
                rank: Some(1),
                is_tied: false,
                n_missing: 0,
                gap_persons: 7,
                parts: vec![ScorePart { raw: None, ..ScorePart::default() }],
            }],
            order: vec![0],
            unranked: Vec::new(),
            findings: Vec::new(),
        };
        let text = serde_json::to_string(&ranking).unwrap();
        assert_eq!(serde_json::from_str::<Ranking>(&text).unwrap(), ranking);
    }
}
