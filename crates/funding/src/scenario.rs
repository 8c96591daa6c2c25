//! A scenario with everything it extends and every default filled in.

use crate::{
    error::FundingError,
    profiles::{self, Profile},
};
use indexmap::IndexMap;
use std::time::Duration;
use whitespot_model::{
    config::funding::{BudgetConfig, LimitBy, LimitsConfig, ScenarioConfig, TargetConfig, TargetOf},
    funding::{Bid, Objective, RuleName, Taken, Unaffordable},
};

/// A scenario ready to be tried. Every value is legal; [`crate::allocate()`] says what does not fit together.
#[derive(Clone, Debug, PartialEq)]
pub struct Scenario {
    /// Name.
    pub name: String,
    /// Rule.
    pub rule: RuleName,
    /// What happens when money does not suffice.
    pub unaffordable: Unaffordable,
    /// What counts as gain, where the scenario says.
    pub objective: Option<Objective>,
    /// Money by year; a single sum is one year.
    pub years: Vec<Year>,
    /// Least money by parent area.
    pub floors: Option<LimitBy>,
    /// Most money by parent area.
    pub caps: Option<LimitBy>,
    /// Codes that are funded first.
    pub must_fund: Vec<String>,
    /// Codes that are never funded.
    pub never_fund: Vec<String>,
    /// Most candidates started in one year.
    pub max_per_year: Option<u32>,
    /// Formula of `proportional`: weight by name of a count or value; households where `None`.
    pub weights: Option<IndexMap<String, f64>>,
    /// Profile of the rule `profile`.
    pub profile: Option<Profile>,
    /// Bids of the rule `auction`.
    pub bids: Vec<Bid>,
    /// Step of the auction's clock as a share of the opening price.
    pub clock_step: f64,
    /// Target of the service, where there is one.
    pub target: Option<Target>,
    /// How long `optimal` may search.
    pub time_limit: Duration,
    /// Aversion to inequality of the Atkinson index.
    pub atkinson_epsilon: f64,
    /// The user's word for parent areas in `floors` and `caps`, besides the usual ones.
    pub parent_word: Option<String>,
}

/// Money of one year.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Year {
    /// Name.
    pub name: String,
    /// Amount.
    pub budget_sek: i64,
}

/// A share to be reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Target {
    /// Share, 0–1.
    pub share: f64,
    /// Whether households are counted; else persons.
    pub of_households: bool,
}

impl From<&TargetConfig> for Target {
    fn from(config: &TargetConfig) -> Target {
        Target { share: config.share(), of_households: config.of() == TargetOf::Households }
    }
}

impl Scenario {
    /// A scenario with a name, a rule, one sum, and defaults for all else.
    pub fn new(name: &str, rule: RuleName, budget_sek: i64) -> Scenario {
        Scenario {
            name: name.to_string(),
            rule,
            unaffordable: Unaffordable::Partial,
            objective: None,
            years: vec![Year { name: "1".to_string(), budget_sek }],
            floors: None,
            caps: None,
            must_fund: Vec::new(),
            never_fund: Vec::new(),
            max_per_year: None,
            weights: None,
            profile: None,
            bids: Vec::new(),
            clock_step: 0.01,
            target: None,
            time_limit: Duration::from_secs(20),
            atkinson_epsilon: 0.5,
            parent_word: None,
        }
    }

    /// The scenario of a block of the analysis file after [`resolve_extends`]. Profile, bids and target are the
    /// caller's to add.
    ///
    /// Errors: no budget, a negative one, a key set twice, a value out of its range.
    pub fn from_config(config: &ScenarioConfig) -> Result<Scenario, FundingError> {
        let name = || config.name.clone();
        let bad = |what: &str| Err(FundingError::BadValue { scenario: name(), what: what.to_string() });
        let mut scenario = Scenario::new(&config.name, config.rule.unwrap_or_default(), 0);
        scenario.years = years(config)?;
        scenario.unaffordable = config.unaffordable.unwrap_or_default();
        scenario.objective = config.objective;
        let limits = config.limits.clone().unwrap_or_default();
        scenario.floors = one_of(config, "floors", config.floors.clone(), limits.floor)?;
        scenario.caps = one_of(config, "caps", config.caps.clone(), limits.cap)?;
        scenario.must_fund =
            one_of(config, "must_fund", config.must_fund.clone(), limits.must_fund)?.unwrap_or_default();
        scenario.never_fund =
            one_of(config, "never_fund", config.never_fund.clone(), limits.never_fund)?.unwrap_or_default();
        scenario.max_per_year = one_of(
            config,
            "max_candidates_per_year",
            config.max_candidates_per_year,
            limits.max_candidates_per_year,
        )?;
        if let Some(weights) = &config.weights {
            if weights.values().any(|w| !w.is_finite() || *w < 0.0) {
                return bad("`weights` are numbers of at least 0");
            }
            if weights.values().all(|w| *w == 0.0) {
                return bad("all `weights` are 0; at least one must be more");
            }
            scenario.weights = Some(weights.clone());
        }
        if let Some(step) = config.bids.as_ref().and_then(|bids| bids.step) {
            if !(step > 0.0 && step <= 1.0) {
                return bad("`bids.step` is a share above 0 and at most 1");
            }
            scenario.clock_step = step;
        }
        if let Some(seconds) = config.time_limit_s {
            if !(seconds > 0.0 && seconds <= 86_400.0) {
                return bad("`time_limit_s` is more than 0 and at most 86400");
            }
            scenario.time_limit = Duration::from_secs_f64(seconds);
        }
        if let Some(epsilon) = config.atkinson_epsilon {
            if !(epsilon.is_finite() && epsilon >= 0.0) {
                return bad("`atkinson_epsilon` is a number of at least 0");
            }
            scenario.atkinson_epsilon = epsilon;
        }
        Ok(scenario)
    }

    /// The scenario of a block of the analysis file with what it takes from elsewhere: enough to try it anywhere.
    ///
    /// Errors: those of [`Scenario::from_config`]; a profile that cannot be read.
    pub fn with_taken(config: &ScenarioConfig, taken: &Taken) -> Result<Scenario, FundingError> {
        let mut scenario = Scenario::from_config(config)?;
        scenario.target = taken.target.as_ref().map(Into::into);
        scenario.profile = taken.profile.as_deref().map(profiles::parse).transpose()?;
        scenario.bids.clone_from(&taken.bids);
        scenario.parent_word.clone_from(&taken.parent_word);
        Ok(scenario)
    }

    /// Everything there is to hand out.
    pub fn budget_sek(&self) -> i64 {
        self.years.iter().fold(0i64, |sum, year| sum.saturating_add(year.budget_sek))
    }

    /// The same scenario with another total, spread over the years in the old proportions (equally where the
    /// old total is 0); the years sum to it exactly.
    #[must_use]
    pub fn with_budget(&self, budget_sek: i64) -> Scenario {
        let mut other = self.clone();
        for (year, sek) in other.years.iter_mut().zip(self.years_of(budget_sek)) {
            year.budget_sek = sek;
        }
        other
    }

    /// A total spread over the years as the scenario's own is.
    pub(crate) fn years_of(&self, budget_sek: i64) -> Vec<i64> {
        let old = self.budget_sek();
        let n = self.years.len() as i128;
        let (mut so_far, mut given) = (0i128, 0i64);
        self.years
            .iter()
            .enumerate()
            .map(|(y, year)| {
                so_far += i128::from(year.budget_sek);
                let until = match old {
                    0 => i128::from(budget_sek) * (y as i128 + 1) / n.max(1),
                    _ => i128::from(budget_sek) * so_far / i128::from(old),
                } as i64;
                let sek = until - given;
                given = until;
                sek
            })
            .collect()
    }
}

/// Fills in what each scenario leaves out from the one it extends. The result has the same order and names;
/// `extends` stays for the reader.
///
/// Errors: a name that stands twice, one that is not there, and circles.
pub fn resolve_extends(scenarios: &[ScenarioConfig]) -> Result<Vec<ScenarioConfig>, FundingError> {
    let mut by_name: IndexMap<&str, &ScenarioConfig> = IndexMap::new();
    for scenario in scenarios {
        if by_name.insert(&scenario.name, scenario).is_some() {
            return Err(FundingError::NameTwice { name: scenario.name.clone() });
        }
    }
    scenarios
        .iter()
        .map(|scenario| {
            let mut whole = scenario.clone();
            let mut chain = vec![scenario.name.as_str()];
            let mut next = scenario.extends.as_deref();
            while let Some(name) = next {
                if chain.contains(&name) {
                    chain.push(name);
                    return Err(FundingError::ExtendsCircle { chain: chain.join(" → ") });
                }
                let Some(base) = by_name.get(name) else {
                    return Err(FundingError::UnknownExtends {
                        name: chain[chain.len() - 1].to_string(),
                        extends: name.to_string(),
                        known: by_name.keys().copied().collect::<Vec<_>>().join(", "),
                    });
                };
                inherit(&mut whole, base);
                chain.push(name);
                next = base.extends.as_deref();
            }
            Ok(whole)
        })
        .collect()
}

/// Takes what is left out from `base`. `limits`, `aid` and `eligible` are taken key by key.
fn inherit(own: &mut ScenarioConfig, base: &ScenarioConfig) {
    macro_rules! take {
        ($own:expr, $base:expr, $($key:ident),+ $(,)?) => {
            { $(if $own.$key.is_none() { $own.$key = $base.$key.clone(); })+ }
        };
    }
    gather_limits(own);
    let mut base = base.clone();
    gather_limits(&mut base);
    match (&mut own.limits, &base.limits) {
        (Some(own), Some(base)) => {
            take!(own, base, floor, cap, must_fund, never_fund, max_candidates_per_year);
        }
        (None, limits) => own.limits.clone_from(limits),
        (Some(_), None) => {}
    }
    match (&mut own.aid, &base.aid) {
        (Some(own), Some(base)) => take!(own, base, share, max_per_household),
        (None, aid) => own.aid.clone_from(aid),
        (Some(_), None) => {}
    }
    match (&mut own.eligible, &base.eligible) {
        (Some(own), Some(base)) => take!(
            own,
            base,
            class,
            settlement_class,
            outside,
            no_planned_within_years,
            min_households,
            min_persons,
            max_cost_per_household,
            codes,
            parents,
        ),
        (None, eligible) => own.eligible.clone_from(eligible),
        (Some(_), None) => {}
    }
    take!(
        own,
        base,
        candidates,
        service,
        cost,
        budget,
        rule,
        profile,
        objective,
        unaffordable,
        limits_by,
        weights,
        values,
        bids,
        time_limit_s,
        atkinson_epsilon,
    );
}

/// Moves limits that stand on the scenario itself under `limits`, where that key is free.
fn gather_limits(config: &mut ScenarioConfig) {
    let mut limits = config.limits.take().unwrap_or_default();
    macro_rules! gather {
        ($($outer:ident $inner:ident),+) => {
            $(if limits.$inner.is_none() { limits.$inner = config.$outer.take(); })+
        };
    }
    gather!(floors floor, caps cap, must_fund must_fund, never_fund never_fund,
            max_candidates_per_year max_candidates_per_year);
    if limits != LimitsConfig::default() {
        config.limits = Some(limits);
    }
}

fn years(config: &ScenarioConfig) -> Result<Vec<Year>, FundingError> {
    let scenario = || config.name.clone();
    let numbered = |i: usize, sek: i64| Year { name: (i + 1).to_string(), budget_sek: sek };
    let years: Vec<Year> = match &config.budget {
        None => return Err(FundingError::NoBudget { scenario: scenario() }),
        Some(BudgetConfig::Total(sek)) => vec![numbered(0, sek.0)],
        Some(BudgetConfig::Yearly(list)) => {
            list.iter().enumerate().map(|(i, sek)| numbered(i, sek.0)).collect()
        }
        Some(BudgetConfig::ByYear(map)) => {
            let mut years: Vec<Year> =
                map.iter().map(|(name, sek)| Year { name: name.clone(), budget_sek: sek.0 }).collect();
            years.sort_by(|a, b| a.name.cmp(&b.name));
            years
        }
    };
    if years.is_empty() {
        return Err(FundingError::NoBudget { scenario: scenario() });
    }
    if let Some(year) = years.iter().find(|year| year.budget_sek < 0) {
        return Err(FundingError::NegativeBudget { scenario: scenario(), sek: year.budget_sek });
    }
    if years.iter().try_fold(0i64, |sum, year| sum.checked_add(year.budget_sek)).is_none() {
        return Err(FundingError::BadValue { scenario: scenario(), what: "the budget is too large".into() });
    }
    Ok(years)
}

fn one_of<T>(
    config: &ScenarioConfig,
    key: &'static str,
    own: Option<T>,
    in_limits: Option<T>,
) -> Result<Option<T>, FundingError> {
    match (own, in_limits) {
        (Some(_), Some(_)) => Err(FundingError::SetTwice { scenario: config.name.clone(), key }),
        (own, in_limits) => Ok(own.or(in_limits)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<ScenarioConfig> {
        #[derive(serde::Deserialize)]
        struct File {
            scenario: Vec<ScenarioConfig>,
        }
        toml::from_str::<File>(text).unwrap().scenario
    }

    #[test]
    fn a_scenario_takes_what_it_leaves_out_from_the_one_it_extends() {
        let got = resolve_extends(&read(
            r#"
            [[scenario]]
            name = "c"
            extends = "b"
            limits = { floor = 5 }
            [[scenario]]
            name = "a"
            budget = 10
            rule = "need"
            caps = { municipality = 3 }
            must_fund = ["x"]
            [[scenario]]
            name = "b"
            extends = "a"
            rule = "optimal"
            caps = { municipality = 4 }
            "#,
        ))
        .unwrap();
        let names: Vec<&str> = got.iter().map(|s| s.name.as_str()).collect();
        assert_eq!(names, ["c", "a", "b"]);
        let c = Scenario::from_config(&got[0]).unwrap();
        assert_eq!((c.rule, c.budget_sek(), c.must_fund), (RuleName::Optimal, 10, vec!["x".to_string()]));
        let cap = SekOrShare::Sek(4);
        assert_eq!(c.caps, Some(LimitBy::Parent(IndexMap::from([("municipality".to_string(), cap)]))));
        assert_eq!(c.floors, Some(LimitBy::Each(SekOrShare::Sek(5))));
    }

    #[test]
    fn circles_unknown_names_and_names_that_stand_twice_are_errors() {
        let of = |pairs: &[(&str, &str)]| {
            let configs: Vec<ScenarioConfig> = pairs
                .iter()
                .map(|&(name, extends)| ScenarioConfig {
                    name: name.to_string(),
                    extends: Some(extends.to_string()).filter(|e| !e.is_empty()),
                    ..ScenarioConfig::default()
                })
                .collect();
            resolve_extends(&configs).unwrap_err().to_string()
        };
        assert_eq!(of(&[("a", "b"), ("b", "a")]), "scenarios extend one another in a circle: a → b → a");
        assert_eq!(of(&[("a", "z")]), "scenario `a` extends `z`, which does not exist; there are: a");
        assert!(of(&[("a", ""), ("a", "")]).contains("two scenarios are named `a`"));
        assert!(of(&[("a", "a")]).contains("a → a"));
    }

    #[test]
    fn budgets_that_are_missing_negative_or_too_large_are_errors() {
        let of = |line: &str| {
            let configs = read(&format!("[[scenario]]\nname = \"a\"\n{line}"));
            Scenario::from_config(&configs[0])
        };
        assert!(matches!(of(""), Err(FundingError::NoBudget { .. })));
        assert!(matches!(of("budget = []"), Err(FundingError::NoBudget { .. })));
        assert!(matches!(of("budget = -5"), Err(FundingError::NegativeBudget { sek: -5, .. })));
        assert!(matches!(of("budget = [1, -1]"), Err(FundingError::NegativeBudget { sek: -1, .. })));
        let huge = "budget = [9000000000000000000, 9000000000000000000]";
        assert!(matches!(of(huge), Err(FundingError::BadValue { .. })));
        assert!(matches!(
            of("budget = 5\ncaps = 1\nlimits = { cap = 2 }"),
            Err(FundingError::SetTwice { key: "caps", .. })
        ));
        assert!(of("budget = 5\nweights = { households = 0.0 }").is_err());
    }

    #[test]
    fn another_total_is_spread_over_the_years_exactly() {
        let mut scenario = Scenario::new("a", RuleName::Need, 1);
        scenario.years = [1, 1, 1].map(|sek| Year { name: String::new(), budget_sek: sek }).to_vec();
        let years: Vec<i64> = scenario.with_budget(100).years.iter().map(|y| y.budget_sek).collect();
        assert_eq!(years, [33, 33, 34]);
        scenario.years.iter_mut().for_each(|year| year.budget_sek = 0);
        assert_eq!(scenario.with_budget(9).budget_sek(), 9);
    }

    use whitespot_model::config::funding::SekOrShare;
}
