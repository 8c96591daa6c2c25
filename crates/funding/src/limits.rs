//! Limits of a scenario bound to its candidates and budget.

use crate::{error::FundingError, field::Field, scenario::Scenario};
use indexmap::IndexMap;
use whitespot_model::{
    config::funding::{LimitBy, SekOrShare},
    finding::Finding,
    funding::{Limit, Unaffordable},
};

/// Words for "each parent area" in `caps = { municipality = … }`.
const EACH_PARENT: [&str; 14] = [
    "each",
    "every",
    "all",
    "parent",
    "parents",
    "municipality",
    "municipalities",
    "kommun",
    "kommuner",
    "county",
    "region",
    "län",
    "lan",
    "district",
];

/// Limits by row and parent area.
#[derive(Clone, Debug)]
pub(crate) struct BoundLimits {
    /// Name of the scenario, for messages.
    pub(crate) scenario: String,
    /// Floor by parent area, brought down to what its candidates ask for; one more entry, 0, for no parent.
    pub(crate) floor_sek: Vec<i64>,
    /// Cap by parent area; one more entry for no parent.
    pub(crate) cap_sek: Vec<Option<i64>>,
    /// Rows that are funded first.
    pub(crate) must: Vec<bool>,
    /// Rows that are never funded.
    pub(crate) never: Vec<bool>,
    /// Most rows started in one year.
    pub(crate) max_per_year: Option<u32>,
    /// Whether any floor is above 0.
    pub(crate) has_floors: bool,
    /// What was noticed.
    pub(crate) findings: Vec<Finding>,
}

impl BoundLimits {
    /// Binds and checks the limits for a budget.
    ///
    /// A floor above what a parent area's candidates ask for is brought down to that, with a finding.
    /// Errors: unknown codes, contradictions, and lists or floors that need more than there is.
    pub(crate) fn bind(
        field: &Field<'_>,
        scenario: &Scenario,
        years: &[i64],
    ) -> Result<BoundLimits, FundingError> {
        let budget_sek: i64 = years.iter().sum();
        let name = scenario.name.clone();
        let mut bound = BoundLimits {
            scenario: name.clone(),
            floor_sek: vec![0; field.n_parents + 1],
            cap_sek: vec![None; field.n_parents + 1],
            must: vec![false; field.len()],
            never: vec![false; field.len()],
            max_per_year: scenario.max_per_year,
            has_floors: false,
            findings: Vec::new(),
        };
        bound.mark_lists(field, scenario)?;
        if let Some(caps) = &scenario.caps {
            for (p, limit) in by_parent(field, scenario, "caps", caps)? {
                if matches!(limit, SekOrShare::Share(_)) && bound.findings.is_empty() {
                    bound.findings.push(Finding::note(
                        "share_cap",
                        "",
                        format!(
                            "scenario `{name}` caps parent areas at a share of the budget: more money may then mean \
                             fewer persons"
                        ),
                    ));
                }
                bound.cap_sek[p] = Some(limit.of(budget_sek));
            }
        }
        if let Some(floors) = &scenario.floors {
            let demand = bound.demand_sek(field);
            for (p, limit) in by_parent(field, scenario, "floors", floors)? {
                bound.set_floor(field, p, limit.of(budget_sek), demand[p])?;
            }
        }
        bound.check_sums(field, years)?;
        Ok(bound)
    }

    /// The limits as they are stated, for results.
    pub(crate) fn stated(&self, field: &Field<'_>) -> Vec<Limit> {
        let parent = |p: usize| field.all.parents[p].code.clone();
        let mut stated = Vec::new();
        for p in 0..field.n_parents {
            if self.floor_sek[p] > 0 {
                stated.push(Limit::Floor { parent: parent(p), sek: self.floor_sek[p] });
            }
        }
        for p in 0..field.n_parents {
            if let Some(sek) = self.cap_sek[p] {
                stated.push(Limit::Cap { parent: parent(p), sek });
            }
        }
        for (i, row) in field.rows.iter().enumerate() {
            if self.must[i] {
                stated.push(Limit::MustFund { code: row.code.clone() });
            }
        }
        for (i, row) in field.rows.iter().enumerate() {
            if self.never[i] {
                stated.push(Limit::NeverFund { code: row.code.clone() });
            }
        }
        stated.extend(self.max_per_year.map(|n| Limit::MaxPerYear { n }));
        let count = |is_kind: fn(&Limit) -> bool| stated.iter().filter(|l| is_kind(l)).count() as u32;
        let n_floors = count(|l| matches!(l, Limit::Floor { .. }));
        let n_caps = count(|l| matches!(l, Limit::Cap { .. }));
        stated.extend((n_floors > 1).then_some(Limit::AllFloors { n: n_floors }));
        stated.extend((n_caps > 1).then_some(Limit::AllCaps { n: n_caps }));
        stated
    }

    /// The same limits but one.
    pub(crate) fn without(&self, field: &Field<'_>, limit: &Limit) -> BoundLimits {
        let mut rest = self.clone();
        let parent = |code: &str| field.all.parents.iter().position(|p| p.code == code);
        match limit {
            Limit::Floor { parent: code, .. } => {
                if let Some(p) = parent(code) {
                    rest.floor_sek[p] = 0;
                }
                rest.has_floors = rest.floor_sek.iter().any(|&f| f > 0);
            }
            Limit::Cap { parent: code, .. } => {
                if let Some(p) = parent(code) {
                    rest.cap_sek[p] = None;
                }
            }
            Limit::MustFund { code } => {
                if let Some(i) = field.row_of(code) {
                    rest.must[i] = false;
                }
            }
            Limit::NeverFund { code } => {
                if let Some(i) = field.row_of(code) {
                    rest.never[i] = false;
                }
            }
            Limit::MaxPerYear { .. } => rest.max_per_year = None,
            Limit::AllFloors { .. } => {
                rest.floor_sek.fill(0);
                rest.has_floors = false;
            }
            Limit::AllCaps { .. } => rest.cap_sek.fill(None),
        }
        rest
    }

    /// The error for a floor that a rule did not reach.
    pub(crate) fn floor_not_reachable(
        &self,
        field: &Field<'_>,
        p: usize,
        reached: i64,
        unaffordable: Unaffordable,
    ) -> FundingError {
        FundingError::FloorNotReachable {
            scenario: self.scenario.clone(),
            parent: field.all.parents[p].code.clone(),
            floor: self.floor_sek[p],
            reached,
            what: match unaffordable {
                Unaffordable::Partial => "connections",
                Unaffordable::Skip | Unaffordable::Stop => "candidates",
            },
        }
    }

    fn mark_lists(&mut self, field: &Field<'_>, scenario: &Scenario) -> Result<(), FundingError> {
        let name = &self.scenario;
        let row_of = |code: &str, list: &'static str| match field.row_of(code) {
            Some(i) => Ok(Some(i)),
            None => match field.ineligible.iter().find(|x| x.code == *code) {
                Some(x) if list == "must_fund" && x.reason != "nobody to connect" => {
                    Err(FundingError::MustFundIneligible {
                        scenario: name.clone(),
                        code: code.to_string(),
                        reason: x.reason.clone(),
                    })
                }
                Some(_) => Ok(None),
                None => Err(FundingError::UnknownCandidate {
                    scenario: name.clone(),
                    list,
                    code: code.to_string(),
                    hint: nearest(code, field.all.rows.iter().map(|r| r.code.as_str())),
                }),
            },
        };
        for code in &scenario.never_fund {
            if let Some(i) = row_of(code, "never_fund")? {
                self.never[i] = true;
            }
        }
        for code in &scenario.must_fund {
            if let Some(i) = row_of(code, "must_fund")? {
                if self.never[i] {
                    return Err(FundingError::MustAndNever { scenario: name.clone(), code: code.clone() });
                }
                self.must[i] = true;
            }
        }
        Ok(())
    }

    fn demand_sek(&self, field: &Field<'_>) -> Vec<i64> {
        let mut demand = vec![0i64; field.n_parents + 1];
        for i in 0..field.len() {
            if !self.never[i] {
                demand[field.parent[i]] += field.asked_sek[i];
            }
        }
        demand
    }

    fn set_floor(
        &mut self,
        field: &Field<'_>,
        p: usize,
        floor_sek: i64,
        demand_sek: i64,
    ) -> Result<(), FundingError> {
        let parent = field.all.parents[p].code.clone();
        if let Some(cap) = self.cap_sek[p].filter(|&cap| cap < floor_sek.min(demand_sek)) {
            let (scenario, floor) = (self.scenario.clone(), floor_sek);
            return Err(FundingError::FloorOverCap { scenario, parent, floor, cap });
        }
        if floor_sek > demand_sek {
            self.findings.push(Finding::note(
                "floor_above_demand",
                "",
                format!(
                    "scenario `{}` gives `{parent}` at least {floor_sek}, but its candidates ask for {demand_sek}: \
                     that is its floor",
                    self.scenario
                ),
            ));
        }
        self.floor_sek[p] = floor_sek.min(demand_sek);
        self.has_floors |= self.floor_sek[p] > 0;
        Ok(())
    }

    /// Refuses lists and floors that plainly need more than there is.
    fn check_sums(&self, field: &Field<'_>, years: &[i64]) -> Result<(), FundingError> {
        let budget: i64 = years.iter().sum();
        let scenario = || self.scenario.clone();
        let mut must_sek = vec![0i64; field.n_parents + 1];
        for i in 0..field.len() {
            if self.must[i] {
                must_sek[field.parent[i]] += field.asked_sek[i];
            }
        }
        for (p, &needed) in must_sek.iter().enumerate() {
            if let Some(cap) = self.cap_sek[p].filter(|&cap| cap < needed) {
                let parent = field.all.parents[p].code.clone();
                return Err(FundingError::MustFundOverCap { scenario: scenario(), parent, needed, cap });
            }
        }
        let needed: i64 = must_sek.iter().sum();
        if needed > budget {
            return Err(FundingError::MustFundOverBudget { scenario: scenario(), needed, budget });
        }
        if let Some(most) = self.max_per_year {
            let n = self.must.iter().filter(|&&m| m).count() as u64;
            let most = u64::from(most) * years.len() as u64;
            if n > most {
                return Err(FundingError::MustFundOverYears { scenario: scenario(), n, most });
            }
        }
        let needed: i64 = must_sek.iter().zip(&self.floor_sek).map(|(&must, &floor)| must.max(floor)).sum();
        if needed > budget {
            return Err(FundingError::FloorsOverBudget { scenario: scenario(), needed, budget });
        }
        Ok(())
    }
}

/// The limit of each parent area that has one, by its index.
fn by_parent(
    field: &Field<'_>,
    scenario: &Scenario,
    key: &'static str,
    limits: &LimitBy,
) -> Result<IndexMap<usize, SekOrShare>, FundingError> {
    let parents = &field.all.parents;
    let mut each = None;
    let mut named = IndexMap::new();
    match limits {
        LimitBy::Each(limit) => each = Some(*limit),
        LimitBy::Parent(map) => {
            for (word, &limit) in map {
                match parents.iter().position(|p| p.code == *word || p.name == *word) {
                    Some(p) => _ = named.insert(p, limit),
                    None if EACH_PARENT.contains(&word.to_lowercase().as_str())
                        || scenario.parent_word.as_deref() == Some(word) =>
                    {
                        each = Some(limit);
                    }
                    None => {
                        return Err(FundingError::UnknownParent {
                            scenario: scenario.name.clone(),
                            key,
                            parent: word.clone(),
                            hint: nearest(
                                word,
                                parents.iter().flat_map(|p| [p.code.as_str(), p.name.as_str()]),
                            ),
                        });
                    }
                }
            }
        }
    }
    let all = each.into_iter().flat_map(|limit| (0..parents.len()).map(move |p| (p, limit)));
    let mut limits: IndexMap<usize, SekOrShare> = all.collect();
    limits.extend(named);
    for (&p, &limit) in &limits {
        let is_negative = match limit {
            SekOrShare::Sek(sek) => sek < 0,
            SekOrShare::Share(share) => share < 0.0,
        };
        if is_negative {
            return Err(FundingError::BadValue {
                scenario: scenario.name.clone(),
                what: format!("the limit of `{}` in `{key}` is negative", parents[p].code),
            });
        }
    }
    Ok(limits)
}

/// "; did you mean …?" for the nearest of the names, where one is near.
fn nearest<'a>(word: &str, names: impl Iterator<Item = &'a str>) -> String {
    let word = word.to_lowercase();
    names
        .map(|name| (strsim::levenshtein(&word, &name.to_lowercase()), name))
        .filter(|(distance, name)| *distance <= 1 + name.chars().count() / 4)
        .min_by(|a, b| a.0.cmp(&b.0).then(a.1.cmp(b.1)))
        .map_or(String::new(), |(_, name)| format!("; did you mean `{name}`?"))
}
