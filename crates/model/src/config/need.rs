//! `[need]`, `[robustness]` and `[[actor]]`: indicators, weights, and what may vary.

use super::{
    Title,
    source::{SourceInfo, Where},
};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// `[need]`: how indicators become a score per area.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NeedConfig {
    /// How raw values become comparable, unless an indicator says otherwise; `min_max` where absent.
    #[serde(default)]
    pub normalise: NormaliseKind,
    /// How normalised indicators become one score; `arithmetic` where absent.
    #[serde(default)]
    pub aggregate: Aggregate,
    /// `geometric` only: normalised values below this count as this, so that one zero does not silence all
    /// other indicators; above 0 and below 1, 0.01 where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub geometric_floor: Option<f64>,
    /// The indicators, in the order of their columns.
    pub indicators: Vec<IndicatorConfig>,
}

/// One indicator: a number per area, from the run itself (`derive`) or from a table (`file`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorConfig {
    /// Unique name; also the name of its column.
    pub id: String,
    /// Name for people, as one text or one a language; told by `derive` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// A measure of the run, such as `{ gap_share = "fibre" }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub derive: Option<Derive>,
    /// A table joined on the area code: CSV, Parquet or XLSX.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<PathBuf>,
    /// Sheet or layer of the table, where the file has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// Column mapping that ships with whitespot, or a path to one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schema: Option<String>,
    /// Text encoding, such as `windows-1252`, where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Rows of the table to read.
    #[serde(default, rename = "where", skip_serializing_if = "IndexMap::is_empty")]
    pub filter: Where,
    /// Columns of the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub columns: Option<IndicatorColumns>,
    /// Year the values of the table are of, for the report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<i32>,
    /// Whose table, from when, under which licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceInfo>,
    /// Unit for people, such as `share` or `SEK`; told by `derive` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Whether more or less of it is need; told by `derive` where absent, for a table `higher_is_more_need`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub direction: Option<Direction>,
    /// Share of the score; any number from 0, all weights together are brought to 1. 1 where absent.
    #[serde(default = "one")]
    pub weight: f64,
    /// How raw values become comparable; `need.normalise` where absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub normalise: Option<NormaliseKind>,
    /// `min_max` only: frozen `[lowest, highest]` instead of those of the data; values beyond count as the bound.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bounds: Option<[f64; 2]>,
    /// `linear` only: the two values `[low, high]` between which need runs from 0 to 1 (from 1 to 0 where
    /// less is need); values beyond count as the goalpost.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub goalposts: Option<[f64; 2]>,
    /// `bins` only: the first row that holds gives the points; none gives 0.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bins: Vec<Bin>,
}

fn one() -> f64 {
    1.0
}

/// `columns` of an indicator's table.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndicatorColumns {
    /// Column with the area code.
    #[serde(default)]
    pub code: String,
    /// Column with the value; with `schema` the name it gives the value, the indicator's id where absent.
    #[serde(default)]
    pub value: String,
}

/// Whether more or less of an indicator is need.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum Direction {
    /// The higher the value, the more need.
    #[default]
    #[serde(rename = "higher_is_more_need", alias = "more")]
    HigherIsMoreNeed,
    /// The lower the value, the more need.
    #[serde(rename = "lower_is_more_need", alias = "less")]
    LowerIsMoreNeed,
}

/// Names of the ways to make raw values comparable; `whitespot_need::normalise` gives the formulas.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum NormaliseKind {
    /// 0 at the lowest and 1 at the highest value, of the data or frozen by `bounds`.
    #[default]
    MinMax,
    /// Mean rank among the areas, from 0 to 1.
    Percentile,
    /// Standard deviations from the mean; −3 is 0 and +3 is 1.
    ZScore,
    /// 0 to 1 between two `goalposts`, clamped.
    Linear,
    /// Points from a table of limits.
    Bins,
    /// The value as it stands.
    None,
}

/// How normalised indicators become one score.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// Weighted mean: indicators make up for one another.
    #[default]
    Arithmetic,
    /// Weighted geometric mean: little need in one indicator holds the score down.
    Geometric,
    /// Plain sum of points, each times its weight as given (1 where absent).
    Points,
}

/// One row of a `bins` table: exactly one limit, and the points of values it holds for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bin {
    /// Holds for values below the limit (the limit itself not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub below: Option<f64>,
    /// Holds for values up to the limit (the limit included).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub up_to: Option<f64>,
    /// Holds for values above the limit (the limit itself not).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub above: Option<f64>,
    /// Holds for values from the limit (the limit included).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<f64>,
    /// The points; not below 0.
    pub points: f64,
}

/// A measure of the run per area, by the words of SPEC §5 and §6. Each takes the name of a service, unless
/// it says otherwise. `whitespot_need::derive` gives formula, unit, direction and what is missing when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Derive {
    /// Persons of the area (`derive = "persons"`).
    Persons,
    /// Households of the area (`derive = "households"`).
    Households,
    /// Workplaces of the area (`derive = "workplaces"`).
    Workplaces,
    /// Persons per km² of land (`derive = "density"`).
    Density,
    /// Persons the service reaches.
    ReachedPersons(String),
    /// Households the service reaches.
    ReachedHouseholds(String),
    /// Workplaces the service reaches.
    ReachedWorkplaces(String),
    /// Share of persons the service reaches.
    ReachedShare(String),
    /// Persons the service does not reach.
    GapPersons(String),
    /// Households the service does not reach.
    GapHouseholds(String),
    /// Workplaces the service does not reach.
    GapWorkplaces(String),
    /// Share of persons the service does not reach.
    GapShare(String),
    /// Persons whom none of the services reaches (double gap); a list of services.
    GapPersonsAll(Vec<String>),
    /// Share of persons whom none of the services reaches (double gap); a list of services.
    GapShareAll(Vec<String>),
    /// Persons reached by exactly one pair of operator and technology.
    SinglePathPersons(String),
    /// Share of persons reached by exactly one pair of operator and technology.
    SinglePathShare(String),
    /// Persons in white places: no operator.
    WhitePersons(String),
    /// Share of persons in white places.
    WhiteShare(String),
    /// Persons in grey places: one operator.
    GreyPersons(String),
    /// Share of persons in grey places.
    GreyShare(String),
    /// Persons in black places: two or more operators.
    BlackPersons(String),
    /// Share of persons in black places.
    BlackShare(String),
    /// Persons reached by so many operators: `{ operators_persons = { service = "mobile_4g", operators = 1 } }`.
    OperatorsPersons(ByOperators),
    /// Share of persons reached by so many operators.
    OperatorsShare(ByOperators),
    /// Person-weighted mean distance of unreached settlements to the nearest reached one or to the network.
    DistanceMeanM(String),
    /// Person-weighted median of that distance.
    DistanceMedianM(String),
    /// Distance within which nine tenths of the unreached persons live.
    #[serde(rename = "distance_p90_m")]
    DistanceP90M(String),
    /// Share of persons lacking to the target of the service; 0 where it is met.
    Shortfall(String),
    /// Persons lacking to the target of the service; 0 where it is met.
    ShortfallPersons(String),
    /// Cost of reaching the gap, per household in the gap; the name of a cost model (`[cost.NAME]`).
    CostPerHousehold(String),
    /// Sum of a settlement column (`settlements.extra`) over the area.
    SettlementSum(String),
    /// Plain mean of a settlement column over the settlements that have a value.
    SettlementMean(String),
    /// Person-weighted mean of a settlement column over the settlements that have a value.
    SettlementWeightedMean(String),
}

/// Argument of `operators_persons` and `operators_share`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ByOperators {
    /// A service with `by_operators`.
    pub service: String,
    /// Exactly so many independent operators; the service's `by_operators` itself means so many or more.
    pub operators: u8,
}

/// `[robustness]`: seeded draws over the assumptions behind the ranking.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Robustness {
    /// How many draws; 0 leaves the analysis out. 10,000 where absent.
    #[serde(default = "default_draws")]
    pub draws: u32,
    /// How weights vary around those given; `{ spread = 0.25 }` where absent.
    #[serde(default)]
    pub weights: WeightVariation,
    /// What varies besides the weights.
    #[serde(default)]
    pub vary: Vec<Vary>,
    /// Start of the random numbers: the same seed gives the same draws on any machine and thread count.
    #[serde(default = "default_seed")]
    pub seed: u64,
    /// `vary = ["normalise"]`: the alternatives, beside the published one; min_max, percentile and z_score
    /// where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub normalise: Vec<NormaliseKind>,
    /// `vary = ["aggregate"]`: the alternatives, beside the published one; arithmetic and geometric where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aggregate: Vec<Aggregate>,
    /// `vary = ["thresholds"]`: factors on the services' speed limits; `[0.5, 2.0]` where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub threshold_factors: Vec<f64>,
    /// `vary = ["reach_m"]`: factors on the layers' reach distance; `[0.5, 2.0]` where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reach_factors: Vec<f64>,
    /// `vary = ["mobile_margin"]`: added to the services' `min_level`, dB; `[-8.0, 8.0]` where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mobile_margin_db: Vec<f64>,
    /// `vary = ["unit_costs"]`: factors on all unit prices; `[0.75, 1.25]` where absent.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unit_cost_factors: Vec<f64>,
    /// Rows of the two sample matrices behind the Sobol indices; 0 leaves them out. 1,024 where absent.
    #[serde(default = "default_sobol_rows")]
    pub sobol_rows: u32,
}

fn default_draws() -> u32 {
    10_000
}

fn default_seed() -> u64 {
    1
}

fn default_sobol_rows() -> u32 {
    1024
}

impl Default for Robustness {
    fn default() -> Self {
        Robustness {
            draws: default_draws(),
            weights: WeightVariation::default(),
            vary: Vec::new(),
            seed: default_seed(),
            normalise: Vec::new(),
            aggregate: Vec::new(),
            threshold_factors: Vec::new(),
            reach_factors: Vec::new(),
            mobile_margin_db: Vec::new(),
            unit_cost_factors: Vec::new(),
            sobol_rows: default_sobol_rows(),
        }
    }
}

/// How weights vary around those given.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", expecting = "expected { dirichlet = 20 } or { spread = 0.25 }")]
pub enum WeightVariation {
    /// Dirichlet around the given weights with this concentration (sum of its parameters), above 0: the
    /// higher, the closer to them. `{ dirichlet = n }` over n equal weights is any weighting at all.
    Dirichlet(f64),
    /// Each weight times a uniform factor within ± this share, 0–1; then brought to 1.
    Spread(f64),
}

impl Default for WeightVariation {
    fn default() -> Self {
        WeightVariation::Spread(0.25)
    }
}

/// What may vary besides the weights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Vary {
    /// The way of making values comparable.
    Normalise,
    /// The way of making one score of them.
    Aggregate,
    /// The services' speed limits.
    Thresholds,
    /// The layers' reach distance.
    ReachM,
    /// The services' signal margin.
    MobileMargin,
    /// Unit prices.
    UnitCosts,
}

/// `[[actor]]`: a named weighting for consultation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Actor {
    /// Unique name.
    pub name: String,
    /// Weight by indicator id; any numbers from 0, brought to 1. Indicators not named weigh 0.
    pub weights: IndexMap<String, f64>,
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    #[test]
    fn the_need_block_of_the_guide_reads() {
        let config: NeedConfig = toml::from_str(
            r#"
            normalise = "percentile"
            aggregate = "arithmetic"
            indicators = [
              { id = "fibre_gap_share",  derive = { gap_share = "fibre" },                      weight = 0.40 },
              { id = "no_service_share", derive = { gap_share_all = ["fibre", "mobile_30"] },   weight = 0.30 },
              { id = "aged_80_share",    file = "data/scb_alder.csv", columns = { code = "desokod", value = "andel_80_plus" }, unit = "share", direction = "higher_is_more_need", weight = 0.30 },
              { id = "density", derive = "density", normalise = "bins", bins = [{ below = 70, points = 14 }, { from = 70, points = 1 }] },
              { id = "operators", derive = { operators_share = { service = "mobile_4g", operators = 1 } }, direction = "less", normalise = "linear", goalposts = [0, 1] },
            ]"#,
        )
        .unwrap();
        assert_eq!(config.normalise, NormaliseKind::Percentile);
        assert_eq!(config.indicators[0].derive, Some(Derive::GapShare("fibre".into())));
        assert_eq!(
            config.indicators[1].derive,
            Some(Derive::GapShareAll(vec!["fibre".into(), "mobile_30".into()]))
        );
        assert_eq!(config.indicators[2].columns.as_ref().unwrap().value, "andel_80_plus");
        assert_eq!(config.indicators[3].derive, Some(Derive::Density));
        assert_eq!((config.indicators[3].bins[0].below, config.indicators[3].weight), (Some(70.0), 1.0));
        assert_eq!(config.indicators[4].direction, Some(Direction::LowerIsMoreNeed));
    }

    #[test]
    fn the_robustness_and_actor_blocks_of_the_guide_read() {
        let config: Robustness = toml::from_str(
            "draws = 10_000\nweights = { dirichlet = 20 }\nvary = [\"normalise\", \"unit_costs\", \"reach_m\"]\nseed = 20260101",
        )
        .unwrap();
        assert_eq!(config.weights, WeightVariation::Dirichlet(20.0));
        assert_eq!(config.vary, [Vary::Normalise, Vary::UnitCosts, Vary::ReachM]);
        let spread: Robustness = toml::from_str("weights = { spread = 0.25 }").unwrap();
        assert_eq!(spread, Robustness::default());
        let actor: Actor = toml::from_str("name = \"coast\"\nweights = { b = 2, a = 1 }").unwrap();
        assert_eq!(actor.weights.keys().collect::<Vec<_>>(), ["b", "a"]);
    }

    #[test]
    fn a_mistyped_key_or_word_is_an_error_that_names_what_there_is() {
        for (text, hint) in [
            ("indicators = []\nnormalize = \"min_max\"", "normalise"),
            ("indicators = [{ id = \"x\", wieght = 1 }]", "weight"),
            ("indicators = [{ id = \"x\", derive = { gap_shares = \"fibre\" } }]", "gap_share"),
            ("indicators = []\nnormalise = \"z\"", "z_score"),
            ("indicators = [{ id = \"x\", direction = \"up\" }]", "higher_is_more_need"),
        ] {
            let error = toml::from_str::<NeedConfig>(text).unwrap_err().to_string();
            assert!(error.contains(hint), "{error}");
        }
    }

    #[test]
    fn a_configuration_survives_being_written_and_read_again() {
        let text =
            "indicators = [{ id = \"x\", derive = { distance_p90_m = \"fibre\" }, direction = \"more\" }]";
        let config: NeedConfig = toml::from_str(text).unwrap();
        let again: NeedConfig = toml::from_str(&toml::to_string(&config).unwrap()).unwrap();
        assert_eq!(config, again);
    }
}
