//! Funding: candidates, and the results of trying a budget and a rule on them. Plain data; the arithmetic is
//! in `whitespot-funding`.
//!
//! Money is whole units of the smallest unit used (kronor in Sweden); the names say `sek` for short.

mod comparison;
mod outcome;

use crate::{
    config::funding::{ScenarioConfig, TargetConfig},
    finding::Finding,
};
pub use comparison::*;
use indexmap::IndexMap;
pub use outcome::*;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// How money is handed out.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum RuleName {
    /// Most need first.
    #[default]
    Need,
    /// Least grant per household first.
    CostEffectiveness,
    /// Most need per krona first.
    NeedPerCost,
    /// Shares by a formula.
    Proportional,
    /// The same to each parent area, inside it most need first.
    EqualShare,
    /// The most persons, households or need-weighted persons the money can reach.
    Optimal,
    /// The worst-off parent area's coverage first.
    Leximin,
    /// Descending clock over given bids.
    Auction,
    /// The rule of a profile.
    Profile,
}

impl RuleName {
    /// Every rule, in the order of the documentation.
    pub const ALL: [RuleName; 9] = [
        RuleName::Need,
        RuleName::CostEffectiveness,
        RuleName::NeedPerCost,
        RuleName::Proportional,
        RuleName::EqualShare,
        RuleName::Optimal,
        RuleName::Leximin,
        RuleName::Auction,
        RuleName::Profile,
    ];

    /// The name as it stands in the analysis file.
    pub fn as_str(self) -> &'static str {
        match self {
            RuleName::Need => "need",
            RuleName::CostEffectiveness => "cost_effectiveness",
            RuleName::NeedPerCost => "need_per_cost",
            RuleName::Proportional => "proportional",
            RuleName::EqualShare => "equal_share",
            RuleName::Optimal => "optimal",
            RuleName::Leximin => "leximin",
            RuleName::Auction => "auction",
            RuleName::Profile => "profile",
        }
    }
}

/// What happens to a candidate the money does not suffice for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unaffordable {
    /// It gets whole connections until the money ends, and nobody after it gets any: more money never means
    /// fewer persons.
    #[default]
    Partial,
    /// It is passed over, and the next that can be afforded is funded.
    Skip,
    /// Funding ends before it.
    Stop,
}

/// What counts as gain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Objective {
    /// Persons.
    #[default]
    Persons,
    /// Households.
    Households,
    /// Persons times the need score of where they live.
    NeedWeightedPersons,
}

/// A candidate for a grant: whom it would connect, and what that costs.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// Unique code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Index into [`Candidates::parents`].
    pub parent: Option<u32>,
    /// Persons without the service: those the candidate would connect.
    pub persons: u64,
    /// Households without the service; 0 where the source has none.
    pub households: u64,
    /// Workplaces without the service; 0 where the source has none.
    pub workplaces: u64,
    /// Settlements (buildings) without the service.
    pub settlements: u64,
    /// All persons of the area, reached or not; the gap itself for a cluster.
    pub total_persons: u64,
    /// All households of the area.
    pub total_households: u64,
    /// What connecting everyone costs.
    pub cost: Cost,
    /// What the grant for connecting everyone would be.
    pub grant_sek: i64,
    /// Need score, where ranked.
    pub score: Option<f64>,
    /// Need rank, 1 = most need, where ranked.
    pub rank: Option<u32>,
    /// Why it may not be funded; `None` where it may.
    pub ineligible: Option<String>,
    /// Further numbers that formulas and profiles ask for, by name.
    #[serde(default, skip_serializing_if = "IndexMap::is_empty")]
    pub values: IndexMap<String, f64>,
}

impl Candidate {
    /// What whole connections are counted in: households; where there are none workplaces, then settlements;
    /// 1 where nothing of that is known but persons are; 0 where there is nobody to connect.
    pub fn connections(&self) -> u64 {
        [self.households, self.workplaces, self.settlements, u64::from(self.persons > 0)]
            .into_iter()
            .find(|&n| n > 0)
            .unwrap_or(0)
    }
}

/// What connecting everyone of a candidate costs, and what that is made of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Cost {
    /// Everything: the sum of the parts.
    pub total_sek: i64,
    /// Price per household × households.
    pub households_sek: i64,
    /// Price per workplace × workplaces.
    pub workplaces_sek: i64,
    /// Length × price per metre.
    pub line_sek: i64,
    /// Length of the line, detour included.
    pub line_m: f64,
    /// How it was reckoned, 0–3 (SPEC §7); `None` where it was given.
    pub tier: Option<u8>,
    /// Whether prices are placeholders.
    pub placeholder: bool,
}

/// Candidates of a scenario with the parent areas they lie in.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Candidates {
    /// The candidates; any order, codes are unique.
    pub rows: Vec<Candidate>,
    /// Parent areas ordered by code.
    pub parents: Vec<ParentBase>,
    /// Everyone: parents and what lies outside them.
    pub total: Base,
}

/// Whom a parent area holds, and who of them is reached before any grant.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ParentBase {
    /// Code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Its people.
    pub base: Base,
}

/// Persons and households, all and reached before any grant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Base {
    /// All persons.
    pub persons: u64,
    /// Persons reached.
    pub reached_persons: u64,
    /// All households.
    pub households: u64,
    /// Households reached.
    pub reached_households: u64,
}

impl Base {
    /// Persons not reached.
    pub fn lacking_persons(&self) -> u64 {
        self.persons.saturating_sub(self.reached_persons)
    }

    /// Households not reached.
    pub fn lacking_households(&self) -> u64 {
        self.households.saturating_sub(self.reached_households)
    }

    /// Share of the persons reached, 0–1; `None` without persons.
    pub fn reached_share(&self) -> Option<f64> {
        (self.persons > 0).then(|| self.reached_persons as f64 / self.persons as f64)
    }

    /// Share of the persons not reached, 0–1; `None` without persons.
    pub fn lacking_share(&self) -> Option<f64> {
        (self.persons > 0).then(|| self.lacking_persons() as f64 / self.persons as f64)
    }
}

/// One scenario with all that was computed for it; enough to try another budget later.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScenarioResult {
    /// Name.
    pub name: String,
    /// The scenario with everything it extends.
    pub config: ScenarioConfig,
    /// What could be funded.
    pub candidates: Candidates,
    /// Who gets what.
    pub allocation: Allocation,
    /// The same over 101 budgets, where reckoned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub curve: Option<Curve>,
    /// Least money for the target, where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_to_target: Option<CostToTarget>,
    /// What the scenario took from elsewhere.
    #[serde(default)]
    pub taken: Taken,
}

/// What a scenario took from outside its own block of the analysis file, so that it can be tried again from the
/// results alone.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    /// Target of the service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetConfig>,
    /// Text of the rule profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Bids of the auction.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bids: Vec<Bid>,
    /// The user's word for parent areas in `floors` and `caps`, besides the usual ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_word: Option<String>,
}

/// One bid of an auction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bid {
    /// Code of the candidate.
    pub candidate: String,
    /// Name of the bidder.
    pub bidder: String,
    /// Least grant the bidder would connect everyone of the candidate for.
    pub bid_sek: i64,
}

/// What each candidate receives in a scenario.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Allocation {
    /// Name of the scenario.
    pub scenario: String,
    /// Rule.
    pub rule: RuleName,
    /// Profile, for the rule of that name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// What the order is by, for people: `need score`, `SEK per household`.
    pub order_by: String,
    /// What happens when money does not suffice.
    pub unaffordable: Unaffordable,
    /// What counts as gain.
    pub objective: Objective,
    /// Everything there is to hand out.
    pub budget_sek: i64,
    /// By year, in order; one entry for a single sum.
    pub years: Vec<YearMoney>,
    /// What was granted.
    pub spent_sek: i64,
    /// What was left over.
    pub leftover_sek: i64,
    /// Every eligible candidate in the rule's order, funded or not.
    pub grants: Vec<Grant>,
    /// Candidates that may not be funded, ordered by code.
    pub ineligible: Vec<Ineligible>,
    /// Order number of the last candidate that receives anything; `None` where nobody does.
    pub cut_line: Option<u32>,
    /// Code of the first candidate in order that receives nothing for lack of money or by a limit.
    pub first_rejected: Option<String>,
    /// Limits that changed the outcome, and what each costs.
    pub limits: Vec<LimitEffect>,
    /// What the next million would do.
    pub marginal: Option<Marginal>,
    /// For rules that search: how good the answer provably is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proof: Option<Proof>,
    /// What was noticed.
    pub findings: Vec<Finding>,
    /// What the grants do.
    pub outcome: Outcome,
}

/// Money of one year.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct YearMoney {
    /// Name of the year; `1`, `2` … where the analysis file names none.
    pub year: String,
    /// Budget of the year.
    pub budget_sek: i64,
    /// Granted in the year.
    pub spent_sek: i64,
    /// Left at the end of the year, brought to the next.
    pub carried_sek: i64,
    /// Candidates that first receive money in the year.
    pub n_started: u32,
}

/// What one candidate receives.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// Place in the rule's order, from 1.
    pub order: u32,
    /// Code.
    pub code: String,
    /// Name for people.
    pub name: String,
    /// Code of the parent area.
    pub parent_code: Option<String>,
    /// What the order is by; `None` where it has none (it then stands last).
    pub key: Option<f64>,
    /// Need score.
    pub score: Option<f64>,
    /// Need rank.
    pub rank: Option<u32>,
    /// Persons without the service before.
    pub gap_persons: u64,
    /// Households without the service before.
    pub gap_households: u64,
    /// Workplaces without the service before.
    pub gap_workplaces: u64,
    /// What connecting everyone costs.
    pub cost_sek: i64,
    /// The grant that would connect everyone.
    pub asked_sek: i64,
    /// The grant given.
    pub grant_sek: i64,
    /// What others pay for the connections that are funded.
    pub own_sek: i64,
    /// Whole connections asked for.
    pub connections: u64,
    /// Whole connections funded.
    pub funded_connections: u64,
    /// Persons who get the service.
    pub persons: u64,
    /// Households that get the service.
    pub households: u64,
    /// Workplaces that get the service.
    pub workplaces: u64,
    /// Whether it is funded wholly, in part or not.
    pub status: Status,
    /// Why.
    pub reason: Reason,
    /// The grant by year, in the order of [`Allocation::years`]; empty for a single sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_year_sek: Vec<i64>,
}

/// Whether a candidate is funded.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Every connection.
    Funded,
    /// Some connections.
    Partial,
    /// None.
    #[default]
    Rejected,
}

/// Why a candidate is funded, or not (further).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// By its place in the order.
    Order,
    /// On the list of those to be funded first.
    MustFund,
    /// To give its parent area the least it is to have.
    Floor,
    /// By its share of the formula.
    Share,
    /// By the search for the best set.
    Chosen,
    /// By its bid.
    Bid,
    /// On the list of those never to be funded.
    NeverFund,
    /// The money ended here or before.
    #[default]
    Money,
    /// The most its parent area may have is used up.
    Cap,
    /// As many candidates as one year may hold had been started.
    YearFull,
    /// Another set does more for the same money.
    NotChosen,
    /// It has no bid, or its bidders left the auction.
    NoBid,
    /// Its share of the formula is 0.
    NoShare,
    /// The profile gives it no place.
    NoPlace,
}

/// A candidate that may not be funded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ineligible {
    /// Code.
    pub code: String,
    /// Why.
    pub reason: String,
}

/// A limit of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "limit")]
pub enum Limit {
    /// Least money of a parent area.
    Floor {
        /// Code of the parent area.
        parent: String,
        /// Amount.
        sek: i64,
    },
    /// Most money of a parent area.
    Cap {
        /// Code of the parent area.
        parent: String,
        /// Amount.
        sek: i64,
    },
    /// A candidate that is funded first.
    MustFund {
        /// Code of the candidate.
        code: String,
    },
    /// A candidate that is never funded.
    NeverFund {
        /// Code of the candidate.
        code: String,
    },
    /// Most candidates a year.
    MaxPerYear {
        /// How many.
        n: u32,
    },
    /// All floors together: one of several may cost nothing because of the others.
    AllFloors {
        /// How many.
        n: u32,
    },
    /// All caps together.
    AllCaps {
        /// How many.
        n: u32,
    },
}

/// A limit that changed the outcome: the outcome without it minus the outcome with it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LimitEffect {
    /// The limit.
    #[serde(flatten)]
    pub limit: Limit,
    /// Persons it costs; negative where more persons are reached thanks to it.
    pub costs_persons: i64,
    /// Households it costs; negative where more are reached thanks to it.
    pub costs_households: i64,
}

/// What a further million would do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Marginal {
    /// How much further money, 1,000,000.
    pub extra_sek: i64,
    /// Further persons; negative under a rule that is not monotone.
    pub persons: i64,
    /// Further households.
    pub households: i64,
    /// Of it granted.
    pub spent_sek: i64,
}

/// How good an answer provably is.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Proof {
    /// What searched: name and version of the solver, or the method.
    pub solver: String,
    /// Value of the answer in the objective.
    pub value: f64,
    /// No answer can be better than this.
    pub bound: f64,
    /// (bound − value) / bound; 0 where the bound is 0.
    pub gap: f64,
    /// Whether no better answer exists.
    pub is_proven: bool,
    /// Whether the time limit ended the search.
    pub is_time_limited: bool,
    /// Value of the best simple rule, for comparison.
    pub greedy_value: f64,
}
