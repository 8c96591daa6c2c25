//! The candidates of a scenario as columns, checked once, that every rule works on.

use crate::error::FundingError;
use std::{cmp::Ordering, collections::HashSet};
use whitespot_model::funding::{Candidate, Candidates, Ineligible, Objective};

/// Largest sum of money: up to here every whole amount is exact as a floating-point number too.
pub(crate) const MOST_SEK: i64 = 1 << 53;

/// Eligible candidates, ordered by code. Index `i` of every column is the same candidate.
#[derive(Clone)]
pub(crate) struct Field<'a> {
    /// All that was given.
    pub(crate) all: &'a Candidates,
    /// The candidate of each row.
    pub(crate) rows: Vec<&'a Candidate>,
    /// Index of its parent area; `n_parents` for none.
    pub(crate) parent: Vec<usize>,
    /// Number of parent areas.
    pub(crate) n_parents: usize,
    /// Need score, where ranked.
    pub(crate) score: Vec<Option<f64>>,
    /// Need rank, where ranked.
    pub(crate) rank: Vec<Option<u32>>,
    /// Whole connections asked for; at least 1.
    pub(crate) connections: Vec<u64>,
    /// Grant asked for; not negative.
    pub(crate) asked_sek: Vec<i64>,
    /// Those that may not be funded, ordered by code.
    pub(crate) ineligible: Vec<Ineligible>,
}

impl<'a> Field<'a> {
    /// Checks the candidates and keeps the eligible ones that have somebody to connect.
    ///
    /// Errors: codes that stand twice, negative or too large amounts, parents that do not exist.
    pub(crate) fn new(all: &'a Candidates) -> Result<Self, FundingError> {
        let too_large = |what: &str| FundingError::TooLarge { what: what.to_string() };
        let total = |sek: fn(&Candidate) -> i64| {
            all.rows.iter().try_fold(0i64, |sum, row| sum.checked_add(sek(row).max(0)))
        };
        total(|row| row.grant_sek)
            .filter(|&sek| sek <= MOST_SEK)
            .ok_or_else(|| too_large("what candidates ask for"))?;
        total(|row| row.cost.total_sek)
            .filter(|&sek| sek <= MOST_SEK)
            .ok_or_else(|| too_large("the cost of all"))?;
        let mut rows: Vec<&Candidate> = all.rows.iter().collect();
        rows.sort_by(|a, b| a.code.cmp(&b.code));
        let mut seen = HashSet::new();
        let mut field = Field {
            all,
            rows: Vec::new(),
            parent: Vec::new(),
            score: Vec::new(),
            rank: Vec::new(),
            n_parents: all.parents.len(),
            connections: Vec::new(),
            asked_sek: Vec::new(),
            ineligible: Vec::new(),
        };
        for row in rows {
            let code = || row.code.clone();
            if !seen.insert(row.code.as_str()) {
                return Err(FundingError::CodeTwice { code: code() });
            }
            if row.grant_sek < 0 {
                return Err(FundingError::NegativeAmount { code: code(), what: "grant" });
            }
            if row.cost.total_sek < 0 {
                return Err(FundingError::NegativeAmount { code: code(), what: "cost" });
            }
            if row.parent.is_some_and(|p| p as usize >= field.n_parents) {
                return Err(FundingError::NoSuchParent { code: code() });
            }
            let reason = match (&row.ineligible, row.connections()) {
                (Some(reason), _) => Some(reason.clone()),
                (None, 0) => Some("nobody to connect".to_string()),
                (None, _) => None,
            };
            if let Some(reason) = reason {
                field.ineligible.push(Ineligible { code: code(), reason });
                continue;
            }
            field.parent.push(row.parent.map_or(field.n_parents, |p| p as usize));
            field.score.push(row.score);
            field.rank.push(row.rank);
            field.connections.push(row.connections());
            field.asked_sek.push(row.grant_sek);
            field.rows.push(row);
        }
        Ok(field)
    }

    /// Number of eligible candidates.
    pub(crate) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Row of a code, where it is eligible.
    pub(crate) fn row_of(&self, code: &str) -> Option<usize> {
        self.rows.binary_search_by(|row| row.code.as_str().cmp(code)).ok()
    }

    /// Grant for the first `k` connections of a candidate: its part of the whole grant, rounded up.
    pub(crate) fn grant_for(&self, i: usize, k: u64) -> i64 {
        let (asked, all) = (self.asked_sek[i] as i128, self.connections[i] as i128);
        ((asked * k as i128 + all - 1) / all) as i64
    }

    /// Most connections whose grant is at most `sek`.
    pub(crate) fn connections_for(&self, i: usize, sek: i64) -> u64 {
        let all = self.connections[i];
        if sek < 0 {
            return 0;
        }
        if sek >= self.asked_sek[i] {
            return all;
        }
        ((sek as i128 * all as i128) / self.asked_sek[i] as i128) as u64
    }

    /// Fewest connections whose grant is at least `sek`; all where even they are not enough.
    pub(crate) fn connections_to_spend(&self, i: usize, sek: i64) -> u64 {
        let all = self.connections[i];
        if sek <= 0 {
            return 0;
        }
        if sek >= self.asked_sek[i] {
            return all;
        }
        ((sek as i128 - 1) * all as i128 / self.asked_sek[i] as i128) as u64 + 1
    }

    /// Part of a count that `k` connections carry, rounded down; everything at the last connection.
    pub(crate) fn part(&self, i: usize, k: u64, count: u64) -> u64 {
        (count as u128 * k as u128 / self.connections[i] as u128) as u64
    }

    /// What connecting everyone is worth; 0 for need-weighted persons of a candidate without a score.
    pub(crate) fn value(&self, i: usize, objective: Objective) -> f64 {
        let row = self.rows[i];
        match objective {
            Objective::Persons => row.persons as f64,
            Objective::Households => row.households as f64,
            Objective::NeedWeightedPersons => self.score[i].unwrap_or(0.0).max(0.0) * row.persons as f64,
        }
    }

    /// Larger gap in persons first, then lower code (SPEC §6).
    pub(crate) fn break_tie(&self, a: usize, b: usize) -> Ordering {
        self.rows[b].persons.cmp(&self.rows[a].persons).then(a.cmp(&b))
    }
}
