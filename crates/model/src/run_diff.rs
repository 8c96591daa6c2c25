//! Two runs against each other: what changed, and which input caused it. Plain data and the list of changed
//! settings; the arithmetic is in `whitespot-funding`.

use crate::{config::Analysis, funding::Change};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What changed from an earlier run to a later one.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RunDiff {
    /// Id of the earlier run.
    pub before_run: String,
    /// Id of the later run.
    pub after_run: String,
    /// Version of whitespot of the earlier run; results of two versions may differ for that alone.
    pub before_version: String,
    /// Version of whitespot of the later run.
    pub after_version: String,
    /// Every input of either run, in the order of the later one.
    pub inputs: Vec<InputChange>,
    /// Settings of the analysis file that differ, by key.
    pub settings: Vec<SettingChange>,
    /// Kinds of causes that there are at all, in the order of [`Cause`].
    pub causes: Vec<Cause>,
    /// Every service that both runs have, in the order of the later one.
    pub services: Vec<ServiceChange>,
    /// Services that only the earlier run has.
    pub gone_services: Vec<String>,
    /// Services that only the later run has.
    pub new_services: Vec<String>,
    /// The need rankings, where both runs have one.
    pub ranking: Option<RankingChange>,
    /// Every scenario that both runs have, in the order of the later one.
    pub scenarios: Vec<ScenarioChange>,
    /// Scenarios that only the earlier run has.
    pub gone_scenarios: Vec<String>,
    /// Scenarios that only the later run has.
    pub new_scenarios: Vec<String>,
}

/// What can differ between two runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// The settlements.
    Population,
    /// A coverage layer.
    Coverage,
    /// The areas or their parents.
    Areas,
    /// Tables that indicators are read from.
    Statistics,
    /// Projects, bids and profiles of scenarios.
    Funding,
    /// Settings of the analysis file.
    Settings,
    /// The version of whitespot.
    Version,
}

/// One input in the two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputChange {
    /// What it is for, as in [`crate::provenance::Provenance::role`].
    pub role: String,
    /// What became of it.
    pub what: InputState,
    /// Date declared in the earlier run.
    pub before_date: Option<String>,
    /// Date declared in the later run.
    pub after_date: Option<String>,
    /// Rows used in the earlier run.
    pub before_rows: Option<u64>,
    /// Rows used in the later run.
    pub after_rows: Option<u64>,
}

/// What became of an input.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputState {
    /// The same bytes.
    Same,
    /// Other bytes.
    Changed,
    /// Only the later run has it.
    New,
    /// Only the earlier run has it.
    Gone,
}

/// A setting that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SettingChange {
    /// Its key, parts joined by dots; elements of a list by their name or id.
    pub key: String,
    /// Before, as JSON; `None` where it was not set.
    pub before: Option<String>,
    /// After, as JSON.
    pub after: Option<String>,
}

/// One service in the two runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ServiceChange {
    /// Name.
    pub service: String,
    /// All persons before.
    pub before_persons: i64,
    /// All persons after.
    pub after_persons: i64,
    /// Persons without the service before.
    pub before_gap: i64,
    /// Persons without the service after.
    pub after_gap: i64,
    /// Part of the difference of the gaps that comes of who lives where.
    pub by_population: i64,
    /// Part of it that comes of whom the service reaches: coverage, and where `rule_changed`, the service's rule.
    pub by_coverage: i64,
    /// Whether only one of the two changed, so that the parts are certain; else people are counted at the earlier
    /// share without the service in each area, and the rest is put down to coverage.
    pub is_certain: bool,
    /// Whether the rule of the service differs.
    pub rule_changed: bool,
    /// Areas by code, those with the largest change first, at most ten; only areas that both runs have.
    pub most_changed: Vec<AreaChange>,
}

/// One area in the two runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AreaChange {
    /// Code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Persons before.
    pub before_persons: i64,
    /// Persons after.
    pub after_persons: i64,
    /// Persons without the service before.
    pub before_gap: i64,
    /// Persons without the service after.
    pub after_gap: i64,
}

/// The need ranking in the two runs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RankingChange {
    /// Areas ranked in both.
    pub n_common: u32,
    /// Kendall's τ-b of the two orders; `None` with fewer than two.
    pub kendall_tau_b: Option<f64>,
    /// Areas that moved most, at most ten.
    pub most_moved: Vec<RankMove>,
}

/// An area that moved in the ranking.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RankMove {
    /// Code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Rank before.
    pub before_rank: u32,
    /// Rank after.
    pub after_rank: u32,
    /// The indicator whose contribution to the score changed most; `None` where the indicators differ or none did.
    pub because_of: Option<String>,
    /// By how much it changed.
    pub by: f64,
}

/// One scenario in the two runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioChange {
    /// Name.
    pub name: String,
    /// What changed, cause after cause; `None` where it cannot be told apart.
    pub change: Option<Change>,
    /// Why it cannot be told apart.
    pub trouble: Option<String>,
    /// Persons reached before and after.
    pub persons: [u64; 2],
    /// Households reached before and after.
    pub households: [u64; 2],
    /// Money granted before and after.
    pub spent_sek: [i64; 2],
}

/// Settings that differ, ordered by key. Where results go and in which languages is no setting of the analysis.
pub fn changed_settings(before: &Analysis, after: &Analysis) -> Vec<SettingChange> {
    let (before, after) = (settings_of(before), settings_of(after));
    let mut keys: Vec<&String> = before.keys().chain(after.keys()).collect();
    keys.sort();
    keys.dedup();
    keys.into_iter()
        .filter(|key| before.get(*key) != after.get(*key))
        .map(|key| SettingChange {
            key: key.clone(),
            before: before.get(key).cloned(),
            after: after.get(key).cloned(),
        })
        .collect()
}

fn settings_of(analysis: &Analysis) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    if let Ok(value) = serde_json::to_value(analysis) {
        flatten("", &value, &mut settings);
    }
    let is_setting = |key: &str| {
        let first = key.split('.').next().unwrap_or("");
        !["out", "language", "title", "outputs", "report"].contains(&first)
    };
    settings.retain(|key, _| is_setting(key));
    settings
}

fn flatten(key: &str, value: &serde_json::Value, into: &mut BTreeMap<String, String>) {
    let join = |part: &str| if key.is_empty() { part.to_string() } else { format!("{key}.{part}") };
    match value {
        serde_json::Value::Object(map) => map.iter().for_each(|(k, v)| flatten(&join(k), v, into)),
        serde_json::Value::Array(items) if items.iter().any(serde_json::Value::is_object) => {
            for (i, item) in items.iter().enumerate() {
                let name = ["name", "id"].iter().find_map(|k| item.get(*k)?.as_str());
                flatten(&join(name.unwrap_or(&(i + 1).to_string())), item, into);
            }
        }
        serde_json::Value::Null => {}
        other => _ = into.insert(key.to_string(), other.to_string()),
    }
}
