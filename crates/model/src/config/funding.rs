//! The funding part of the analysis file: `[targets]` and `[[scenario]]`; beside it `[cost.NAME]` and how amounts are
//! written.

use super::{
    OneOrMany, Title,
    source::{SourceInfo, Where},
};
pub use super::{
    amount::{AmountError, Sek, SekOrShare, Share, parse_amount},
    cost::{CostConfig, PriceBy, RoadsConfig, RoadsSource},
};
use crate::funding::{Objective, RuleName, Unaffordable};
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// `[cost]`: cost models by name.
pub type Costs = IndexMap<String, CostConfig>;

/// `[targets]`: what share of people each service is to reach, by the service's name.
pub type Targets = IndexMap<String, TargetConfig>;

/// `[[scenario]]`: one question of "what happens if". A key that is left out is taken from the scenario named
/// by `extends`, then from the documented default.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ScenarioConfig {
    /// Unique name; names files and columns of the results.
    pub name: String,
    /// Title for people, as one text or one a language; the name where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Title>,
    /// Name of the scenario this one changes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extends: Option<String>,
    /// What can be funded: `"areas"` (default), `"clusters"`, or a file of projects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub candidates: Option<CandidatesConfig>,
    /// Who may be funded; everyone with a gap where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub eligible: Option<EligibleConfig>,
    /// The service that gets built; after funding its settlements count as reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// Name of the cost model under `[cost]`; the service's name, else the only cost model, where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost: Option<String>,
    /// One sum, or one per year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub budget: Option<BudgetConfig>,
    /// Share of the cost that the grant pays, and the most per household; overrides the cost model's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aid: Option<AidConfig>,
    /// Limits per parent area and lists, together; the same keys may stand on the scenario itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits: Option<LimitsConfig>,
    /// Which areas `floors`, `caps`, equal shares and the measures of equality are about: `"parents"`, or
    /// `"areas"` where the areas have no parents or all the same one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limits_by: Option<LimitsBy>,
    /// Least money per parent area: `{ municipality = "2M" }` for each, or `{ "2480" = "5M" }` for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub floors: Option<LimitBy>,
    /// Most money per parent area: `{ municipality = 36_000_000 }` for each, or `{ "2480" = 0.3 }` for one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caps: Option<LimitBy>,
    /// Codes of candidates that are funded before all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_fund: Option<Vec<String>>,
    /// Codes of candidates that are never funded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_fund: Option<Vec<String>>,
    /// Most candidates that may be started in one year.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_candidates_per_year: Option<u32>,
    /// How money is handed out; `need` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleName>,
    /// Name of a rule profile or path of one's own, for `rule = "profile"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What `optimal` makes as large as possible, and what `cost_effectiveness` and `need_per_cost` divide by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub objective: Option<Objective>,
    /// What happens to a candidate the money does not suffice for; `partial` where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unaffordable: Option<Unaffordable>,
    /// Formula of `proportional`: columns of the candidates and their weights, such as
    /// `{ households = 1.0 }`; the households without the service where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights: Option<IndexMap<String, f64>>,
    /// Numbers that the profile or `weights` ask for and areas have under another name: columns of `areas.csv` by the
    /// name asked for, such as `{ households_below_10 = "fixed_10_gap_households" }`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub values: Option<IndexMap<String, String>>,
    /// Bids for `auction`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bids: Option<BidsConfig>,
    /// Most seconds `optimal` may search; 20 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_limit_s: Option<f64>,
    /// Aversion to inequality of the Atkinson index, at least 0; 0.5 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub atkinson_epsilon: Option<f64>,
}

/// Where the candidates of a scenario come from.
#[allow(clippy::large_enum_variant)] // one a scenario
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected \"areas\", \"clusters\", or a file of projects such as { file = \"projects.gpkg\" }"
)]
pub enum CandidatesConfig {
    /// The areas or the clusters of the run.
    Of(CandidatesOf),
    /// A file of project polygons, or a list of buildings with the project each belongs to.
    File(CandidatesFile),
}

/// Units of the run that can be funded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CandidatesOf {
    /// The areas.
    Areas,
    /// The clusters of unreached settlements.
    Clusters,
}

/// A file of candidates.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CandidatesFile {
    /// Path, relative to the analysis file.
    pub file: String,
    /// Layer of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// CRS, where the file does not declare one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Encoding of text, where the file does not tell.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Columns: `code`, `name`, `parent`, `cost`, `support`, `settlement` (a row is then a building, named by the
    /// settlement's id, and the file is a list), and any number that the profile or the weights ask for, by its
    /// name there.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, String>,
    /// Rows to read.
    #[serde(default, rename = "where", skip_serializing_if = "IndexMap::is_empty")]
    pub filter: Where,
    /// Owner, date and licence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<SourceInfo>,
}

/// Which areas limits, equal shares, `leximin` and the measures of equality are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LimitsBy {
    /// The areas themselves.
    Areas,
    /// Their parent areas.
    Parents,
}

/// Bids for the descending clock auction.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BidsConfig {
    /// Path, relative to the analysis file.
    pub file: String,
    /// Columns: `candidate`, `bidder`, `bid`.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub columns: IndexMap<String, String>,
    /// Step of the clock as a share of the opening price, above 0 and at most 1; 0.01 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<f64>,
}

/// Who may be funded. All conditions hold together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct EligibleConfig {
    /// Only the gap in these coverage classes: `white` (no operator), `grey` (one), `black` (two or more).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<OneOrMany<CoverageClass>>,
    /// Only the gap in these settlement classes, named as in the settlements' class column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub settlement_class: Option<OneOrMany<String>>,
    /// Only the gap outside these settlement classes, such as `"tätort"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outside: Option<OneOrMany<String>>,
    /// Only where nothing is planned to be ready within so many years.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_planned_within_years: Option<f64>,
    /// Fewest households without the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_households: Option<u64>,
    /// Fewest persons without the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_persons: Option<u64>,
    /// Highest cost per household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_cost_per_household: Option<Sek>,
    /// Only these candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codes: Option<Vec<String>>,
    /// Only candidates in these parent areas.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parents: Option<Vec<String>>,
}

/// How many independent operators reach a settlement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CoverageClass {
    /// None.
    White,
    /// One.
    Grey,
    /// Two or more.
    Black,
}

/// What the grant pays.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AidConfig {
    /// Share of the cost, 0–1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<f64>,
    /// The most per household.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_per_household: Option<Sek>,
}

/// Limits of a scenario, together.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LimitsConfig {
    /// Least money per parent area: one amount or share for each, or by code.
    #[serde(default, alias = "floors", skip_serializing_if = "Option::is_none")]
    pub floor: Option<LimitBy>,
    /// Most money per parent area: one amount or share for each, or by code.
    #[serde(default, alias = "caps", skip_serializing_if = "Option::is_none")]
    pub cap: Option<LimitBy>,
    /// Codes of candidates that are funded before all others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub must_fund: Option<Vec<String>>,
    /// Codes of candidates that are never funded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub never_fund: Option<Vec<String>>,
    /// Most candidates that may be started in one year.
    #[serde(default, alias = "max_per_year", skip_serializing_if = "Option::is_none")]
    pub max_candidates_per_year: Option<u32>,
}

/// A limit for every parent area alike, or by parent.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected an amount such as \"36M\" or a share such as 0.3 for each parent area, or { \"2480\" = \"36M\" } by parent area"
)]
pub enum LimitBy {
    /// The same for each parent area.
    Each(SekOrShare),
    /// By code or name of the parent area; a word for the level (`municipality`, `kommun`, `parent`) stands for
    /// each that is not named itself.
    Parent(IndexMap<String, SekOrShare>),
}

/// One sum, or one per year.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected an amount such as 90000000 or \"90M\", a list of amounts by year, or { 2026 = \"40M\", 2027 = \"60M\" }"
)]
pub enum BudgetConfig {
    /// One sum.
    Total(Sek),
    /// One sum a year, from the first year on.
    Yearly(Vec<Sek>),
    /// One sum by year: `{ 2026 = "40M", 2027 = "60M" }`.
    ByYear(IndexMap<String, Sek>),
}

/// A target: `0.98`, `"98 %"`, or with what it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a share such as 0.98 or \"98 %\", or { share = 0.98, of = \"households\" }"
)]
pub enum TargetConfig {
    /// A share of the persons.
    Share(Share),
    /// A share of the persons or households, by a year.
    Full(TargetFull),
}

/// A target with what it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TargetFull {
    /// Share to be reached, 0–1.
    pub share: Share,
    /// Whom the share counts; persons where left out.
    #[serde(default)]
    pub of: TargetOf,
    /// Year by which it is to be reached.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
}

/// Whom a target counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TargetOf {
    /// Persons.
    #[default]
    Persons,
    /// Households.
    Households,
}

impl TargetConfig {
    /// The share, 0–1.
    pub fn share(&self) -> f64 {
        match self {
            TargetConfig::Share(share) => share.0,
            TargetConfig::Full(full) => full.share.0,
        }
    }

    /// Whom the share counts.
    pub fn of(&self) -> TargetOf {
        match self {
            TargetConfig::Share(_) => TargetOf::Persons,
            TargetConfig::Full(full) => full.of,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scenario_blocks_of_the_guide_are_read() {
        #[derive(Deserialize)]
        struct File {
            cost: Costs,
            targets: Targets,
            scenario: Vec<ScenarioConfig>,
        }
        let file: File = toml::from_str(
            r#"
            [cost.fibre]
            base_per_household      = 25_000
            per_metre_to_reached    = 180
            detour                  = 1.3
            private_share           = 0.30
            max_grant_per_household = 100_000
            [targets]
            fibre = "98 %"
            mobile_30 = { share = 1.0, of = "households", year = 2028 }
            [[scenario]]
            name = "need_120M"
            service = "fibre"
            budget = "120 Mkr"
            rule = "need"
            unaffordable = "partial"
            caps = { municipality = 36_000_000 }
            [[scenario]]
            name = "cheapest_120M"
            extends = "need_120M"
            rule = "cost_effectiveness"
            budget = { 2026 = "40M", 2027 = "80M" }
            limits = { floor = 0.02, cap = { "2480" = "30 %" }, must_fund = ["a"], max_per_year = 3 }
            candidates = "clusters"
            eligible = { class = "white", outside = "tätort", min_households = 3 }
            "#,
        )
        .unwrap();
        assert!(file.cost["fibre"].placeholder);
        assert_eq!(file.targets["fibre"].share(), 0.98);
        assert_eq!(file.targets["mobile_30"].of(), TargetOf::Households);
        assert_eq!(file.scenario[0].budget, Some(BudgetConfig::Total(Sek(120_000_000))));
        let second = &file.scenario[1];
        assert_eq!(second.limits.as_ref().unwrap().floor, Some(LimitBy::Each(SekOrShare::Share(0.02))));
        assert!(matches!(&second.budget, Some(BudgetConfig::ByYear(y)) if y["2027"] == Sek(80_000_000)));
    }

    #[test]
    fn an_unknown_key_is_an_error() {
        let error = toml::from_str::<ScenarioConfig>("name = \"a\"\nbudgt = 5").unwrap_err();
        assert!(error.to_string().contains("budgt"), "{error}");
    }

    #[test]
    fn shares_outside_0_to_1_are_refused() {
        assert!(toml::from_str::<IndexMap<String, TargetConfig>>("a = 98").is_err());
    }
}
