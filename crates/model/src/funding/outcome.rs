//! What an allocation achieves: who is reached, how equally, and what more money would do.

use super::Base;
use serde::{Deserialize, Serialize};

/// What the grants of a scenario do.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// Persons who get the service.
    pub persons: u64,
    /// Households that get the service.
    pub households: u64,
    /// Workplaces that get the service.
    pub workplaces: u64,
    /// Candidates that receive anything.
    pub n_funded: u32,
    /// Granted.
    pub spent_sek: i64,
    /// What others pay.
    pub own_sek: i64,
    /// Grant per household that gets the service.
    pub sek_per_household: Option<f64>,
    /// Grant per person who gets the service.
    pub sek_per_person: Option<f64>,
    /// Everyone before.
    pub before: Base,
    /// Everyone after; only the reached change.
    pub after: Base,
    /// Each parent area, in the order of [`super::Candidates::parents`].
    pub parents: Vec<ParentOutcome>,
    /// How equal parent areas are before.
    pub equity_before: Option<Equity>,
    /// How equal parent areas are after.
    pub equity_after: Option<Equity>,
    /// Share of the money that goes to the fifth of the ranked candidates with most need; `None` where nothing
    /// is granted or nobody is ranked.
    pub neediest_fifth_share: Option<f64>,
    /// Coverage of the worst-off candidate area, before and after; `None` without persons.
    pub worst_area: Option<WorstArea>,
    /// Shortfall to the target of the service, where there is one.
    pub target: Option<TargetOutcome>,
}

/// A parent area before and after.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParentOutcome {
    /// Code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Granted to its candidates.
    pub spent_sek: i64,
    /// Share of all that is granted; `None` where nothing is.
    pub spent_share: Option<f64>,
    /// Persons who get the service.
    pub persons: u64,
    /// Households that get the service.
    pub households: u64,
    /// Share of the persons reached before; `None` without persons.
    pub before_share: Option<f64>,
    /// Share of the persons reached after.
    pub after_share: Option<f64>,
    /// Persons lacking to the target before, where there is one.
    pub shortfall_before_persons: Option<u64>,
    /// Persons lacking to the target after.
    pub shortfall_persons: Option<u64>,
}

/// How equally a service is spread over parent areas, each counted with its persons.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Equity {
    /// Gini coefficient of the coverage shares, 0 (equal) to 1.
    pub gini: Option<f64>,
    /// Theil's T of the coverage shares, 0 (equal) upwards.
    pub theil: Option<f64>,
    /// Atkinson index of the coverage shares, 0 (equal) to 1.
    pub atkinson: Option<f64>,
    /// Its aversion to inequality.
    pub atkinson_epsilon: f64,
    /// Lowest coverage share.
    pub worst_share: f64,
    /// Code of the parent area that has it; the lowest code of several.
    pub worst_code: String,
}

/// The worst-off area before and after; they may be two different areas.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct WorstArea {
    /// Code before.
    pub before_code: String,
    /// Coverage share before.
    pub before_share: f64,
    /// Code after.
    pub after_code: String,
    /// Coverage share after.
    pub after_share: f64,
}

/// How far a target is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct TargetOutcome {
    /// Share to be reached.
    pub target_share: f64,
    /// Whether households are counted; else persons.
    pub of_households: bool,
    /// Lacking before, in what is counted.
    pub shortfall_before: u64,
    /// Lacking after.
    pub shortfall_after: u64,
    /// Parent areas that meet it before.
    pub parents_met_before: u32,
    /// Parent areas that meet it after.
    pub parents_met_after: u32,
}

/// Outcomes over many budgets.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// The budgets, rising.
    pub points: Vec<CurvePoint>,
    /// Whether persons never fall from one point to the next.
    pub is_monotone: bool,
    /// Codes of the candidates, in an order that [`CurvePoint::grants_sek`] follows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub codes: Vec<String>,
}

/// One budget of a curve.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CurvePoint {
    /// Budget.
    pub budget_sek: i64,
    /// Why no allocation exists at this budget (floors or lists need more); all else is then 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub infeasible: Option<String>,
    /// Granted.
    pub spent_sek: i64,
    /// Persons who get the service.
    pub persons: u64,
    /// Households that get the service.
    pub households: u64,
    /// Candidates that receive anything.
    pub n_funded: u32,
    /// Share of all persons reached after.
    pub after_share: Option<f64>,
    /// Gini of the parent areas after.
    pub gini: Option<f64>,
    /// Lowest coverage share of a parent area after.
    pub worst_share: Option<f64>,
    /// Share of the money that goes to the neediest fifth.
    pub neediest_fifth_share: Option<f64>,
    /// Grant of each candidate, in the order of [`Curve::codes`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub grants_sek: Vec<i64>,
}

/// Least money that reaches a target under a scenario's rule and limits.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct CostToTarget {
    /// Share to be reached.
    pub target_share: f64,
    /// Whether households are counted; else persons.
    pub of_households: bool,
    /// For the whole; `None` where no budget does.
    pub whole_sek: Option<i64>,
    /// For every parent area; `None` where no budget does.
    pub every_parent_sek: Option<i64>,
    /// Whether it is certain that no smaller budget does: true for rules that are monotone in the budget.
    pub is_least: bool,
}
