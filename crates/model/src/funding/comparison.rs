//! Allocations side by side, and what changed between two runs.

use super::{Outcome, RuleName};
use serde::{Deserialize, Serialize};

/// Scenarios side by side.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Names in columns, "no grant" (an empty name) first.
    pub scenarios: Vec<ComparedScenario>,
    /// Every candidate that is in any of them, ordered by code.
    pub rows: Vec<ComparisonRow>,
    /// Every pair of scenarios.
    pub pairs: Vec<ComparisonPair>,
}

/// One scenario among others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparedScenario {
    /// Name; empty for "no grant".
    pub name: String,
    /// Rule; `None` for "no grant".
    pub rule: Option<RuleName>,
    /// Budget.
    pub budget_sek: i64,
    /// Left over.
    pub leftover_sek: i64,
    /// What it does.
    pub outcome: Outcome,
}

/// One candidate in all scenarios.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparisonRow {
    /// Code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Parent area's code.
    pub parent_code: Option<String>,
    /// Grant in each scenario, in their order; `None` where it is not a candidate.
    pub grants_sek: Vec<Option<i64>>,
    /// Persons who get the service in each scenario.
    pub persons: Vec<Option<u64>>,
    /// In how many scenarios it receives anything.
    pub n_funded_in: u32,
}

/// Two scenarios against each other.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComparisonPair {
    /// Name of the first.
    pub a: String,
    /// Name of the second.
    pub b: String,
    /// Codes that receive something in the second but not in the first, ordered by code.
    pub enter: Vec<String>,
    /// Codes that receive something in the first but not in the second, ordered by code.
    pub leave: Vec<String>,
    /// Kendall's τ-b of the two orders over common candidates, −1 to 1; `None` with fewer than two.
    pub kendall_tau_b: Option<f64>,
    /// Persons of the second minus the first.
    pub persons: i64,
    /// Households of the second minus the first.
    pub households: i64,
    /// Spent of the second minus the first.
    pub spent_sek: i64,
}

/// An earlier and a later result of the same scenario, and what makes the difference.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// The two against each other, the later minus the earlier.
    pub pair: ComparisonPair,
    /// Candidates that only the later has, ordered by code.
    pub new_codes: Vec<String>,
    /// Candidates that only the earlier has, ordered by code.
    pub gone_codes: Vec<String>,
    /// What changed, one cause after another; the steps sum to the whole difference.
    pub steps: Vec<ChangeStep>,
}

/// What one cause changes in the outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChangeStep {
    /// The cause.
    pub cause: ChangeCause,
    /// Candidates in which it differs.
    pub n_candidates: u32,
    /// Further persons who get the service.
    pub persons: i64,
    /// Further households that get the service.
    pub households: i64,
    /// Further money granted.
    pub spent_sek: i64,
}

/// Why an outcome differs from an earlier one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangeCause {
    /// Who lives where, and whom the service reaches.
    People,
    /// What connecting them costs.
    Costs,
    /// How much need there is.
    Need,
    /// Who may be funded, and other numbers that rules ask for.
    Eligibility,
    /// Budget, rule and limits.
    Rules,
}
