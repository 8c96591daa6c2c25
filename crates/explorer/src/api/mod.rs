//! The answers to the page: each question holds the whole state it is about, so that no answer depends on another.

pub(crate) mod allocate;
pub(crate) mod block;
pub(crate) mod clusters;
pub(crate) mod compare;
pub(crate) mod overview;
pub(crate) mod robustness;
pub(crate) mod score;
pub(crate) mod why;

use crate::{error::Refused, run::ExploredRun};
use serde::Deserialize;
use whitespot_funding::{Scenario, Year};
use whitespot_model::{
    config::funding::{LimitBy, SekOrShare},
    funding::{Candidates, RuleName, Unaffordable},
    need::Ranking,
};
use whitespot_need::Weights;

/// Most years that can be tried.
const MOST_YEARS: usize = 10;

/// What the page has set; whatever is left out is as published.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Question {
    /// One weight an indicator, from 0.
    pub(crate) weights: Option<Vec<f64>>,
    /// Name of a scenario; the first where left out.
    pub(crate) scenario: Option<String>,
    /// Budget in all; spread over the years as they stand.
    pub(crate) budget_sek: Option<i64>,
    /// Money by year, from the first; one number for a single sum.
    pub(crate) years_sek: Option<Vec<i64>>,
    pub(crate) rule: Option<RuleName>,
    pub(crate) unaffordable: Option<Unaffordable>,
    /// Most money any parent area may have; 0 for no such limit.
    pub(crate) cap_sek: Option<i64>,
    /// Least money each parent area is to have; 0 for no such limit.
    pub(crate) floor_sek: Option<i64>,
    /// Most candidates started in one year; 0 for no such limit.
    pub(crate) max_per_year: Option<u32>,
    /// Codes that are funded first, beside those of the scenario.
    pub(crate) must_fund: Vec<String>,
    /// Codes that are never funded, beside those of the scenario.
    pub(crate) never_fund: Vec<String>,
    /// The area or candidate that is asked about.
    pub(crate) code: Option<String>,
}

impl Question {
    /// The ranking with the weights that are set; `None` where the run has no ranking.
    pub(crate) fn ranking(&self, run: &ExploredRun) -> Result<Option<Ranking>, Refused> {
        let Some(table) = &run.table else { return Ok(None) };
        let weights = self.weights_of(run)?;
        let ranking = whitespot_need::score(table, &weights, run.aggregation);
        ranking.map(Some).map_err(|e| Refused::Question(e.to_string()))
    }

    /// The weights that are set.
    pub(crate) fn weights_of(&self, run: &ExploredRun) -> Result<Weights, Refused> {
        let table = run.table.as_ref().ok_or(Refused::Missing)?;
        match &self.weights {
            Some(given) => Weights::new(given, table),
            None => Weights::of(table),
        }
        .map_err(|e| Refused::Question(e.to_string()))
    }

    /// Index of the scenario that is asked about.
    pub(crate) fn scenario_index(&self, run: &ExploredRun) -> Result<usize, Refused> {
        match &self.scenario {
            Some(name) => run.scenario(name).ok_or(Refused::Missing),
            None if run.scenarios.is_empty() => Err(Refused::Missing),
            None => Ok(0),
        }
    }

    /// The scenario with what is set of it.
    pub(crate) fn scenario(&self, run: &ExploredRun) -> Result<(usize, Scenario), Refused> {
        let index = self.scenario_index(run)?;
        let mut scenario = run.scenarios[index].scenario.clone();
        if let Some(years) = &self.years_sek {
            scenario.years = self.years(years, &scenario.years)?;
        }
        scenario = match self.budget_sek {
            Some(sek) if sek < 0 => return Err(Refused::Question("a budget is at least 0".to_string())),
            Some(sek) => scenario.with_budget(sek),
            None => scenario,
        };
        let published = &run.scenarios[index].scenario;
        if let Some(rule) = self.rule {
            let needs_more = matches!(rule, RuleName::Auction | RuleName::Profile);
            if needs_more && rule != published.rule {
                return Err(Refused::Question(format!(
                    "`{}` needs what this scenario does not have",
                    rule.as_str()
                )));
            }
            scenario.rule = rule;
        }
        if let Some(unaffordable) = self.unaffordable {
            scenario.unaffordable = unaffordable;
        }
        match self.cap_sek {
            Some(sek) if sek < 0 => return Err(Refused::Question("a cap is at least 0".to_string())),
            Some(0) => scenario.caps = None,
            Some(sek) => scenario.caps = Some(LimitBy::Each(SekOrShare::Sek(sek))),
            None => {}
        }
        match self.floor_sek {
            Some(sek) if sek < 0 => return Err(Refused::Question("a floor is at least 0".to_string())),
            Some(0) => scenario.floors = None,
            Some(sek) => scenario.floors = Some(LimitBy::Each(SekOrShare::Sek(sek))),
            None => {}
        }
        match self.max_per_year {
            Some(0) => scenario.max_per_year = None,
            Some(n) => scenario.max_per_year = Some(n),
            None => {}
        }
        let add = |list: &mut Vec<String>, more: &[String]| {
            list.extend(more.iter().filter(|code| !list.contains(code)).cloned().collect::<Vec<_>>());
        };
        add(&mut scenario.must_fund, &self.must_fund);
        add(&mut scenario.never_fund, &self.never_fund);
        Ok((index, scenario))
    }

    /// The years that are set, named as the published ones and on from there.
    fn years(&self, given: &[i64], published: &[Year]) -> Result<Vec<Year>, Refused> {
        if given.is_empty() || given.len() > MOST_YEARS || given.iter().any(|sek| *sek < 0) {
            return Err(Refused::Question("a budget is at least 0 in each of 1 to 10 years".to_string()));
        }
        let first = published.first().and_then(|y| y.name.parse::<i64>().ok()).unwrap_or(1);
        let named = given.iter().enumerate().map(|(y, sek)| Year {
            name: published.get(y).map_or_else(|| (first + y as i64).to_string(), |year| year.name.clone()),
            budget_sek: *sek,
        });
        Ok(named.collect())
    }

    /// The candidates of a scenario with the scores of a ranking.
    pub(crate) fn candidates(
        &self,
        run: &ExploredRun,
        index: usize,
        ranking: Option<&Ranking>,
    ) -> Candidates {
        let mut candidates = run.result.scenarios[index].candidates.clone();
        if let (Some(ranking), Some(_)) = (ranking, &self.weights) {
            for (candidate, area) in candidates.rows.iter_mut().zip(&run.scenarios[index].area_of) {
                let Some(area) = area.and_then(|a| ranking.areas.get(a as usize)) else { continue };
                (candidate.score, candidate.rank) = (area.score, area.rank);
            }
        }
        candidates
    }
}

/// Runs what takes more than a moment off the threads that answer.
pub(crate) async fn reckon<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Refused> + Send + 'static,
) -> Result<T, Refused> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|_| Err(Refused::NoAnswer("this is a bug of whitespot".to_string())))
}
