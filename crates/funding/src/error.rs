//! What can be wrong with a scenario. Each message names the scenario, the numbers and a way out.

/// A scenario that cannot be allocated as it stands.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
#[allow(missing_docs)] // the messages say what the fields are
pub enum FundingError {
    #[error("two scenarios are named `{name}`; names must differ")]
    NameTwice { name: String },

    #[error("scenario `{name}` extends `{extends}`, which does not exist; there are: {known}")]
    UnknownExtends { name: String, extends: String, known: String },

    #[error("scenarios extend one another in a circle: {chain}")]
    ExtendsCircle { chain: String },

    #[error("scenario `{scenario}` has no budget; add `budget = \"90M\"`")]
    NoBudget { scenario: String },

    #[error("the budget of scenario `{scenario}` is negative: {sek}")]
    NegativeBudget { scenario: String, sek: i64 },

    #[error("scenario `{scenario}` sets `{key}` both on itself and under `limits`; keep one")]
    SetTwice { scenario: String, key: &'static str },

    #[error("scenario `{scenario}`: {what}")]
    BadValue { scenario: String, what: String },

    #[error("scenario `{scenario}` names `{code}` in `{list}`, which is no candidate{hint}")]
    UnknownCandidate { scenario: String, list: &'static str, code: String, hint: String },

    #[error("scenario `{scenario}` names `{parent}` in `{key}`, which is no parent area{hint}")]
    UnknownParent { scenario: String, key: &'static str, parent: String, hint: String },

    #[error("scenario `{scenario}` has `{code}` in both `must_fund` and `never_fund`")]
    MustAndNever { scenario: String, code: String },

    #[error("scenario `{scenario}` must fund `{code}`, which may not be funded: {reason}")]
    MustFundIneligible { scenario: String, code: String, reason: String },

    #[error(
        "the candidates of scenario `{scenario}` that must be funded need {needed}, but the budget is {budget}"
    )]
    MustFundOverBudget { scenario: String, needed: i64, budget: i64 },

    #[error(
        "the candidates of scenario `{scenario}` that must be funded need {needed} in `{parent}`, whose cap is {cap}"
    )]
    MustFundOverCap { scenario: String, parent: String, needed: i64, cap: i64 },

    #[error(
        "scenario `{scenario}` must fund {n} candidates, but `max_candidates_per_year` lets only {most} be started"
    )]
    MustFundOverYears { scenario: String, n: u64, most: u64 },

    #[error("the floors of scenario `{scenario}` need {needed}, but the budget is {budget}")]
    FloorsOverBudget { scenario: String, needed: i64, budget: i64 },

    #[error("scenario `{scenario}` gives `{parent}` at least {floor} and at most {cap}")]
    FloorOverCap { scenario: String, parent: String, floor: i64, cap: i64 },

    #[error(
        "scenario `{scenario}` cannot give `{parent}` its floor of {floor} with whole {what}: {reached} is reached; \
         lower the floor, raise the budget or cap, or set `unaffordable = \"partial\"`"
    )]
    FloorNotReachable { scenario: String, parent: String, floor: i64, reached: i64, what: &'static str },

    #[error("`{code}` stands twice among the candidates")]
    CodeTwice { code: String },

    #[error("candidate `{code}` has a negative {what}")]
    NegativeAmount { code: String, what: &'static str },

    #[error("{what} is more than 9,007,199,254,740,992 (2^53), too much to reckon with exactly")]
    TooLarge { what: String },

    #[error("candidate `{code}` names a parent area that does not exist")]
    NoSuchParent { code: String },

    #[error("scenario `{scenario}` asks for `{limit}`, which the rule `{rule}` does not know")]
    LimitNotForRule { scenario: String, limit: &'static str, rule: &'static str },

    #[error("scenario `{scenario}` asks for the rule `auction` but has no bids")]
    NoBids { scenario: String },

    #[error("the bid of `{bidder}` for `{code}` {what}")]
    BadBid { bidder: String, code: String, what: String },

    #[error(
        "scenario `{scenario}` asks for the rule `profile` but names none; add `profile = \"se-pts-2022\"`"
    )]
    NoProfile { scenario: String },

    #[error("profile `{profile}`: {what}")]
    BadProfile { profile: String, what: String },

    #[error("profile `{profile}` needs `{value}` of each candidate; `{code}` has none")]
    MissingValue { profile: String, value: String, code: String },

    #[error("no set of candidates satisfies all limits of scenario `{scenario}` together")]
    Infeasible { scenario: String },

    #[error("the solver gave up on scenario `{scenario}`: {what}")]
    Solver { scenario: String, what: String },

    #[error("two results cannot be compared: {what}")]
    NotComparable { what: String },
}
