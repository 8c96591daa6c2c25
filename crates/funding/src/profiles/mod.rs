//! Rules of real programmes as data: dated, with their source, and with what of them is not verified.
//!
//! A profile is a TOML text (`data/profiles/*.toml` holds those that ship; a user's own works the same). What
//! it says of candidates is asked by name, from the counts every candidate has (`households`, `persons`,
//! `grant` …) or from [`Candidate::values`].

mod points;
mod shares;

pub use points::{Criterion, Scale};
pub use shares::{Part, Shares};

use crate::error::FundingError;
use indexmap::IndexMap;
use serde::{Deserialize, Serialize};
use whitespot_model::{config::source::Date, funding::Candidate};

/// A dated, named set of rules of a real programme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Version of this format; 1.
    pub schema: u32,
    /// Name, as scenarios give it.
    pub name: String,
    /// Title by language.
    pub title: IndexMap<String, String>,
    /// Country code, or `EU`.
    pub country: String,
    /// Currency of its amounts.
    pub currency: String,
    /// Day or year from which the rules are.
    pub date: Date,
    /// Where the rules are published.
    pub source: Source,
    /// How the programme decides, in one paragraph by language.
    pub how: IndexMap<String, String>,
    /// What was checked against the source or its published results.
    #[serde(default)]
    pub verified: Vec<String>,
    /// What was not.
    #[serde(default)]
    pub unverified: Vec<String>,
    /// What it asks of each candidate beyond the usual counts, with a line of explanation.
    #[serde(default)]
    pub values: IndexMap<String, String>,
    /// The rule.
    pub rule: Rule,
}

/// Where a profile's rules are published.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Title and owner.
    pub name: String,
    /// Address, where there is one.
    #[serde(default)]
    pub url: Option<String>,
    /// How the numbers came here: read from the source itself or from a third party.
    pub read: String,
}

/// How a programme decides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rule {
    /// Lowest comparison value first: support per building, lowered for prioritised buildings.
    ComparisonValue(ComparisonValue),
    /// Shares of the pot by a formula.
    Shares(Shares),
    /// Most points first.
    Points {
        /// What gives points.
        criteria: Vec<Criterion>,
        /// Fewest points of a candidate that may be funded.
        #[serde(default)]
        least_points: Option<f64>,
    },
    /// Lowest grant per unit first.
    LowestCost {
        /// What is counted, such as `households` or `locations`.
        per: String,
    },
    /// Only some coverage classes, then lowest grant per unit first.
    Classes(Classes),
}

impl Rule {
    /// Whether money is shared by formula; else it follows an order.
    pub fn is_shares(&self) -> bool {
        matches!(self, Rule::Shares(_))
    }
}

/// Support per building × (1 − least of step × prioritised buildings and `most`).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ComparisonValue {
    /// Name of the support asked for.
    pub support: String,
    /// Name of the number of buildings that count.
    pub buildings: String,
    /// Name of the number of prioritised buildings; 0 where a candidate has none.
    pub prioritised: String,
    /// Deduction per prioritised building.
    pub step: f64,
    /// Most that is deducted.
    pub most: f64,
    /// Most of the buildings that may count as prioritised.
    pub most_prioritised_share: f64,
}

impl ComparisonValue {
    /// The comparison value, in money per building; `None` without buildings. No more than
    /// `most_prioritised_share` of the buildings count as prioritised.
    pub fn value(&self, support: f64, buildings: f64, prioritised: f64) -> Option<f64> {
        let counted = prioritised.clamp(0.0, (buildings * self.most_prioritised_share).floor());
        (buildings > 0.0).then(|| support / buildings * (1.0 - (self.step * counted).min(self.most)))
    }
}

/// Coverage classes by number of operators, and what a project must bring.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Classes {
    /// Name of the number of operators that reach the area at the speed that counts.
    pub operators: String,
    /// Classes that may be funded.
    pub fund: Vec<whitespot_model::config::funding::CoverageClass>,
    /// Name of today's download speed, Mbit/s; 0 where a candidate has none.
    pub speed_now: String,
    /// Name of the project's download speed, Mbit/s.
    pub speed_after: String,
    /// Least speed of the project, Mbit/s.
    pub least_speed: f64,
    /// Least factor between the two speeds.
    pub least_factor: f64,
    /// What the grant is divided by.
    pub per: String,
}

impl Classes {
    /// The class of an area reached by so many operators: white 0, grey 1, black 2 or more.
    pub fn class(n_operators: u32) -> whitespot_model::config::funding::CoverageClass {
        use whitespot_model::config::funding::CoverageClass;
        match n_operators {
            0 => CoverageClass::White,
            1 => CoverageClass::Grey,
            _ => CoverageClass::Black,
        }
    }

    /// Whether a project changes enough: at least the least speed, and at least the factor times today's.
    pub fn is_step_change(&self, speed_now: f64, speed_after: f64) -> bool {
        speed_after >= self.least_speed && speed_after >= self.least_factor * speed_now
    }
}

/// Reads a profile.
///
/// Errors: unknown keys, missing parts, numbers out of range; the message names the place in the text.
pub fn parse(text: &str) -> Result<Profile, FundingError> {
    let profile: Profile = toml::from_str(text)
        .map_err(|e| FundingError::BadProfile { profile: "(unread)".into(), what: e.to_string() })?;
    profile.check()?;
    Ok(profile)
}

impl Profile {
    fn check(&self) -> Result<(), FundingError> {
        let bad = |what: String| Err(FundingError::BadProfile { profile: self.name.clone(), what });
        if self.schema != 1 {
            return bad(format!("`schema = {}` is not known; this version reads 1", self.schema));
        }
        for language in ["sv", "en"] {
            if !self.title.contains_key(language) || !self.how.contains_key(language) {
                return bad(format!("`title` and `how` need `{language}`"));
            }
        }
        match &self.rule {
            Rule::ComparisonValue(rule) => {
                let is_share = |x: f64| (0.0..=1.0).contains(&x);
                if !(is_share(rule.step) && is_share(rule.most) && is_share(rule.most_prioritised_share)) {
                    return bad("`step`, `most` and `most_prioritised_share` are shares from 0 to 1".into());
                }
            }
            Rule::Shares(rule) => {
                if let Some(what) = rule.fault() {
                    return bad(what);
                }
            }
            Rule::Points { criteria, .. } => {
                if criteria.is_empty() {
                    return bad("`criteria` is empty".into());
                }
                if let Some(what) = criteria.iter().find_map(Criterion::fault) {
                    return bad(what);
                }
            }
            Rule::LowestCost { .. } | Rule::Classes(_) => {}
        }
        Ok(())
    }

    /// A number of a candidate by name.
    ///
    /// Errors: the candidate has none, or it is not finite.
    pub(crate) fn value(&self, row: &Candidate, name: &str) -> Result<f64, FundingError> {
        crate::rules::value_of(row, name).filter(|v| v.is_finite()).ok_or_else(|| {
            FundingError::MissingValue {
                profile: self.name.clone(),
                value: name.to_string(),
                code: row.code.clone(),
            }
        })
    }
}

#[cfg(test)]
mod golden;
