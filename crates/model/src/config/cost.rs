//! The part of the analysis file that says what building costs: `[cost.NAME]`.

use super::amount::Sek;
use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
