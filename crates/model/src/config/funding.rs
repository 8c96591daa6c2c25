//! The funding part of the analysis file: `[cost.NAME]`, `[targets]` and `[[scenario]]`.
//!
//! Amounts are whole numbers of the smallest unit used (kronor in Sweden). They are written as integers or as
//! text: `120_000_000`, `"120M"`, `"1.5M"`, `"120 Mkr"`, `"90 000 000"`.

use super::{
    OneOrMany, Title,
    source::{SourceInfo, Where},
};
use crate::funding::{Objective, RuleName, Unaffordable};
use indexmap::IndexMap;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{borrow::Cow, fmt};

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

/// `[cost.NAME]`: unit prices. They count as placeholders, and every result says so, until
/// `placeholder = false` states that they are one's own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CostConfig {
    /// Way of reckoning: 0 per household, 1 distance to the nearest reached, 2 spanning tree, 3 spanning tree
    /// along roads. Left out: 1 where there is a price per metre, else 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tier: Option<u8>,
    /// Price per household: one, or by settlement class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_per_household: Option<PriceBy>,
    /// Price per workplace; none where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_per_workplace: Option<Sek>,
    /// Price per metre of line: one, or by class of ground or road.
    #[serde(default, alias = "per_metre", skip_serializing_if = "Option::is_none")]
    pub per_metre_to_reached: Option<PriceBy>,
    /// How much longer the line is than the straight distance, at least 1; 1 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detour: Option<f64>,
    /// Road layer for tier 3: a path relative to the analysis file, or a source with layer, CRS and class column.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub roads: Option<RoadsConfig>,
    /// Share of the cost that others than the grant pay, 0–1; 0 where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub private_share: Option<f64>,
    /// The most the grant pays per household; no limit where left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_grant_per_household: Option<Sek>,
    /// Whether the prices are invented; true until one's own are in.
    #[serde(default = "yes")]
    pub placeholder: bool,
    /// Where the prices are from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
}

impl Default for CostConfig {
    fn default() -> Self {
        CostConfig {
            tier: None,
            base_per_household: None,
            base_per_workplace: None,
            per_metre_to_reached: None,
            detour: None,
            roads: None,
            private_share: None,
            max_grant_per_household: None,
            placeholder: true,
            source: None,
        }
    }
}

fn yes() -> bool {
    true
}

/// `cost.NAME.roads`: lines along which trenches run (tier 3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a path, or { file = \"…\", layer = \"…\", crs = \"…\", class = \"…\" }"
)]
pub enum RoadsConfig {
    /// A file whose lines are all of one class.
    File(String),
    /// A file and how to read it.
    Source(RoadsSource),
}

/// A road layer and how to read it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RoadsSource {
    /// Path, relative to the analysis file.
    pub file: String,
    /// Layer of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub layer: Option<String>,
    /// CRS of the coordinates; wins over what the file declares.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub crs: Option<String>,
    /// Column with the class of a road, by which `per_metre_to_reached` may price it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
}

impl RoadsConfig {
    /// The source, whichever way it was written.
    pub fn source(&self) -> RoadsSource {
        match self {
            RoadsConfig::File(file) => RoadsSource { file: file.clone(), ..RoadsSource::default() },
            RoadsConfig::Source(source) => source.clone(),
        }
    }
}

/// One price, or prices by class; the key `default` stands for classes that are not named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(
    untagged,
    expecting = "expected a price such as 25000, or prices by class such as { default = 25000 }"
)]
pub enum PriceBy {
    /// One price.
    One(Sek),
    /// By class.
    Class(IndexMap<String, Sek>),
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

/// An amount of money in whole units.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sek(pub i64);

/// A share, 0–1; written as a number or as `"98 %"`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Share(pub f64);

/// An amount, or a share of the budget.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SekOrShare {
    /// An amount: `36_000_000`, `"36M"`.
    Sek(i64),
    /// A share of the whole budget, 0–1: `0.3`, `"30 %"`.
    Share(f64),
}

impl SekOrShare {
    /// The amount out of a budget; shares are rounded down.
    pub fn of(self, budget_sek: i64) -> i64 {
        match self {
            SekOrShare::Sek(sek) => sek,
            // A share of an amount below 2^53 is exact enough to round down to the unit.
            SekOrShare::Share(share) => (budget_sek as f64 * share + 1e-6).floor() as i64,
        }
    }
}

/// A text that is no amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not an amount; write 120000000, \"120M\", \"1.5M\" or \"90 000 000\"")]
pub struct AmountError {
    /// The text.
    pub text: String,
}

/// Reads an amount as people write it: `90M`, `1.5M`, `1,5 M`, `120 Mkr`, `750k`, `2 mdkr`, `90_000_000`,
/// `90 000 000 kr`, `-5`. The result must be a whole number that fits; anything else is an error.
///
/// ```
/// use whitespot_model::config::funding::parse_amount;
/// assert_eq!(parse_amount("1.5M"), Ok(1_500_000));
/// assert_eq!(parse_amount("120 Mkr"), Ok(120_000_000));
/// assert!(parse_amount("lots").is_err());
/// ```
pub fn parse_amount(text: &str) -> Result<i64, AmountError> {
    let wrong = || AmountError { text: text.to_string() };
    let plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '_').collect();
    let plain = plain.replace('\u{2212}', "-").replace(',', ".");
    let end = plain.find(|c: char| c.is_alphabetic()).unwrap_or(plain.len());
    let (number, unit) = plain.split_at(end);
    let mut unit = unit.to_lowercase();
    for currency in ["kr", "sek", "nok", "dkk", "eur", "usd", "gbp"] {
        if let Some(rest) = unit.strip_suffix(currency) {
            unit = rest.to_string();
            break;
        }
    }
    let zeros: i32 = match unit.trim_end_matches('.') {
        "" => 0,
        "k" | "t" | "tusen" | "thousand" => 3,
        "m" | "mn" | "milj" | "miljon" | "miljoner" | "million" => 6,
        "md" | "mrd" | "bn" | "b" | "miljard" | "miljarder" | "billion" => 9,
        _ => return Err(wrong()),
    };
    let (sign, digits) = number.strip_prefix('-').map_or((1, number), |rest| (-1, rest));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let fraction = fraction.trim_end_matches('0');
    let is_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !is_digits(whole) || !is_digits(fraction) {
        return Err(wrong());
    }
    let missing_zeros = zeros - fraction.len() as i32;
    if missing_zeros < 0 || whole.len() > 19 {
        return Err(wrong());
    }
    let joined = format!("{whole}{fraction}{}", "0".repeat(missing_zeros as usize));
    let value: i64 = joined.parse().map_err(|_| wrong())?;
    Ok(sign * value)
}

/// Reads `0.98`, `98 %` as a share; `None` for what is no number.
fn parse_share(text: &str) -> Option<f64> {
    let text = text.trim();
    match text.strip_suffix('%') {
        Some(percent) => percent.trim().replace(',', ".").parse::<f64>().ok().map(|p| p / 100.0),
        None => text.replace(',', ".").parse().ok(),
    }
    .filter(|share| share.is_finite())
}

struct SekVisitor;

impl de::Visitor<'_> for SekVisitor {
    type Value = Sek;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount such as 120000000, \"120M\" or \"1.5M\"")
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Sek, E> {
        Ok(Sek(v))
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Sek, E> {
        i64::try_from(v).map(Sek).map_err(|_| E::custom("the amount is too large"))
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Sek, E> {
        if v.fract() == 0.0 && v.abs() < 9e15 {
            Ok(Sek(v as i64))
        } else {
            Err(E::custom("an amount is a whole number of kronor (or of the smallest unit used)"))
        }
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Sek, E> {
        parse_amount(v).map(Sek).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Sek {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SekVisitor)
    }
}

impl Serialize for Sek {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl JsonSchema for Sek {
    fn schema_name() -> Cow<'static, str> {
        "Sek".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount: 120000000, \"120M\", \"1.5M\", \"120 Mkr\".",
            "type": ["integer", "string"]
        })
    }
}

struct ShareVisitor;

impl de::Visitor<'_> for ShareVisitor {
    type Value = Share;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a share from 0 to 1, such as 0.98 or \"98 %\"")
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<Share, E> {
        if (0.0..=1.0).contains(&v) {
            Ok(Share(v))
        } else {
            Err(E::custom(format!("{v} is no share from 0 to 1 (write 98 % as 0.98 or \"98 %\")")))
        }
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<Share, E> {
        self.visit_f64(v as f64)
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<Share, E> {
        self.visit_f64(v as f64)
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<Share, E> {
        match parse_share(v) {
            Some(share) => self.visit_f64(share),
            None => Err(E::custom(format!("`{v}` is no share (write 0.98 or \"98 %\")"))),
        }
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ShareVisitor)
    }
}

impl Serialize for Share {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.0)
    }
}

impl JsonSchema for Share {
    fn schema_name() -> Cow<'static, str> {
        "Share".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A share from 0 to 1: 0.98 or \"98 %\".",
            "anyOf": [{ "type": "number", "minimum": 0, "maximum": 1 }, { "type": "string" }]
        })
    }
}

struct SekOrShareVisitor;

impl de::Visitor<'_> for SekOrShareVisitor {
    type Value = SekOrShare;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an amount such as 36000000 or \"36M\", or a share such as 0.3 or \"30 %\"")
    }

    fn visit_i64<E: de::Error>(self, v: i64) -> Result<SekOrShare, E> {
        Ok(SekOrShare::Sek(v))
    }

    fn visit_u64<E: de::Error>(self, v: u64) -> Result<SekOrShare, E> {
        SekVisitor.visit_u64(v).map(|sek| SekOrShare::Sek(sek.0))
    }

    fn visit_f64<E: de::Error>(self, v: f64) -> Result<SekOrShare, E> {
        if (0.0..=1.0).contains(&v) {
            Ok(SekOrShare::Share(v))
        } else {
            SekVisitor.visit_f64(v).map(|sek| SekOrShare::Sek(sek.0))
        }
    }

    fn visit_str<E: de::Error>(self, v: &str) -> Result<SekOrShare, E> {
        if v.trim_end().ends_with('%') {
            ShareVisitor.visit_str(v).map(|share| SekOrShare::Share(share.0))
        } else {
            SekVisitor.visit_str(v).map(|sek| SekOrShare::Sek(sek.0))
        }
    }
}

impl<'de> Deserialize<'de> for SekOrShare {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(SekOrShareVisitor)
    }
}

impl Serialize for SekOrShare {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            SekOrShare::Sek(sek) => serializer.serialize_i64(*sek),
            SekOrShare::Share(share) => serializer.serialize_f64(*share),
        }
    }
}

impl JsonSchema for SekOrShare {
    fn schema_name() -> Cow<'static, str> {
        "SekOrShare".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "An amount (36000000, \"36M\") or a share of the budget (0.3, \"30 %\").",
            "type": ["integer", "number", "string"]
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_as_people_write_them() {
        for (text, sek) in [
            ("90M", 90_000_000),
            ("1.5M", 1_500_000),
            ("1,5 M", 1_500_000),
            ("120 Mkr", 120_000_000),
            ("120 mkr", 120_000_000),
            ("2 mdkr", 2_000_000_000),
            ("750k", 750_000),
            ("90_000_000", 90_000_000),
            ("90 000 000 kr", 90_000_000),
            ("-5", -5),
            ("0", 0),
            ("1.50M", 1_500_000),
        ] {
            assert_eq!(parse_amount(text), Ok(sek), "{text}");
        }
        for text in ["", "M", "lots", "1.5", "1.2345678M", "1e6", "99999999999999999999", "12 apples", "1-2"]
        {
            assert!(parse_amount(text).is_err(), "{text}");
        }
    }

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
