//! The same scenario with other need scores, many times: for how often each candidate is funded.

use crate::{
    allocate::Trial,
    error::FundingError,
    field::Field,
    limits::BoundLimits,
    rules::{self, Effort},
    scenario::Scenario,
};
use whitespot_model::funding::{Candidates, Objective, RuleName};

/// A scenario ready to be tried with any scores.
pub struct Redraw<'a> {
    field: Field<'a>,
    scenario: &'a Scenario,
    limits: BoundLimits,
    years: Vec<i64>,
    /// Index in the candidates of each row of the field.
    candidate_of: Vec<u32>,
    /// The answer where scores do not matter.
    always: Option<Vec<u32>>,
}

impl<'a> Redraw<'a> {
    /// Checks and binds once what no draw changes.
    ///
    /// Errors: those of [`crate::allocate()`].
    pub fn new(candidates: &'a Candidates, scenario: &'a Scenario) -> Result<Redraw<'a>, FundingError> {
        let field = Field::new(candidates)?;
        let years: Vec<i64> = scenario.years.iter().map(|year| year.budget_sek).collect();
        let limits = BoundLimits::bind(&field, scenario, &years)?;
        let mut by_code: Vec<u32> = (0..candidates.rows.len() as u32).collect();
        by_code.sort_by(|&a, &b| candidates.rows[a as usize].code.cmp(&candidates.rows[b as usize].code));
        let candidate_of = field
            .rows
            .iter()
            .filter_map(|row| {
                let at = by_code.binary_search_by(|&i| candidates.rows[i as usize].code.cmp(&row.code));
                at.ok().map(|at| by_code[at])
            })
            .collect();
        let mut redraw = Redraw { field, scenario, limits, years, candidate_of, always: None };
        if !uses_scores(scenario) {
            let trial = Trial::new(&redraw.field, scenario)?;
            let given = trial.solve(&redraw.limits, &redraw.years, Effort::Quick)?.given;
            redraw.always = Some(redraw.funded_of(&given.connections));
        }
        Ok(redraw)
    }

    /// Indices of the candidates that receive anything with these scores, one a candidate, rising; nobody where the
    /// limits cannot be held with them. Ties go to the larger gap in persons, then to the lower code. `optimal`
    /// answers as in a curve.
    ///
    /// # Panics
    /// When there is not one score a candidate.
    pub fn funded(&self, scores: &[Option<f64>]) -> Vec<u32> {
        assert_eq!(scores.len(), self.field.all.rows.len(), "one score a candidate");
        if let Some(always) = &self.always {
            return always.clone();
        }
        let mut field = self.field.clone();
        for (row, &candidate) in self.candidate_of.iter().enumerate() {
            field.score[row] = scores[candidate as usize];
        }
        // The published ranks belong to the published scores.
        field.rank.fill(None);
        let solved = rules::order(&field, self.scenario).and_then(|order| {
            rules::solve(&field, self.scenario, &order, &self.limits, &self.years, Effort::Quick)
        });
        solved.map_or_else(|_| Vec::new(), |solved| self.funded_of(&solved.given.connections))
    }

    fn funded_of(&self, connections: &[u64]) -> Vec<u32> {
        let rows = connections.iter().zip(&self.candidate_of);
        let mut funded: Vec<u32> = rows.filter(|(k, _)| **k > 0).map(|(_, &candidate)| candidate).collect();
        funded.sort_unstable();
        funded
    }
}

/// Whether the outcome of a scenario can depend on need scores.
fn uses_scores(scenario: &Scenario) -> bool {
    match scenario.rule {
        RuleName::Need | RuleName::NeedPerCost | RuleName::EqualShare => true,
        RuleName::Optimal => scenario.objective == Some(Objective::NeedWeightedPersons),
        RuleName::CostEffectiveness
        | RuleName::Proportional
        | RuleName::Leximin
        | RuleName::Auction
        | RuleName::Profile => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        allocate,
        testing::{by_letter, candidate},
    };
    use whitespot_model::config::funding::{LimitBy, SekOrShare};

    #[test]
    fn the_published_scores_fund_whom_the_allocation_funds() {
        let all = by_letter(vec![
            candidate("b2", 0.4, 20, 1_000),
            candidate("a1", 0.9, 5, 1_000),
            candidate("b1", 0.5, 10, 1_000),
        ]);
        for rule in RuleName::ALL.into_iter().filter(|r| !matches!(r, RuleName::Auction | RuleName::Profile))
        {
            let mut scenario = Scenario::new("s", rule, 1_500);
            scenario.caps = Some(LimitBy::Each(SekOrShare::Sek(1_200)));
            let allocation = allocate(&all, &scenario).unwrap();
            let redraw = Redraw::new(&all, &scenario).unwrap();
            let scores: Vec<Option<f64>> = all.rows.iter().map(|row| row.score).collect();
            let codes: Vec<&str> =
                redraw.funded(&scores).iter().map(|&i| all.rows[i as usize].code.as_str()).collect();
            let mut expected: Vec<&str> = allocation
                .grants
                .iter()
                .filter(|g| g.funded_connections > 0)
                .map(|g| g.code.as_str())
                .collect();
            expected.sort_by_key(|code| all.rows.iter().position(|row| row.code == *code));
            assert_eq!(codes, expected, "{rule:?}");
        }
    }

    #[test]
    fn other_scores_fund_others_only_where_the_rule_asks_for_need() {
        let all = by_letter(vec![candidate("a1", 0.9, 5, 1_000), candidate("b1", 0.1, 10, 1_000)]);
        let turned = [Some(0.1), Some(0.9)];
        let need = Scenario::new("s", RuleName::Need, 1_000);
        assert_eq!(Redraw::new(&all, &need).unwrap().funded(&turned), [1]);
        let cheap = Scenario::new("s", RuleName::CostEffectiveness, 1_000);
        assert_eq!(Redraw::new(&all, &cheap).unwrap().funded(&turned), [1]);
        let (equal, unranked) = ([Some(0.5), Some(0.5)], [None, Some(0.0)]);
        assert_eq!(Redraw::new(&all, &need).unwrap().funded(&equal), [1], "the larger gap breaks a tie");
        assert_eq!(Redraw::new(&all, &need).unwrap().funded(&unranked), [1], "no score comes last");
    }
}
