//! Who may be funded, as far as it is told by candidate.
//!
//! `class`, `settlement_class`, `outside` and `no_planned_within_years` choose settlements: whoever counts a
//! candidate's gap applies them there, before it becomes a candidate.

use whitespot_model::{
    config::funding::EligibleConfig,
    funding::{Candidate, Candidates},
};

/// Marks the candidates that may not be funded; a mark that is there stays.
///
/// ```
/// use whitespot_funding::eligible::mark_ineligible;
/// use whitespot_model::{config::funding::EligibleConfig, funding::{Candidate, Candidates}};
///
/// let small = Candidate { code: "a".into(), households: 2, ..Candidate::default() };
/// let mut all = Candidates { rows: vec![small], ..Candidates::default() };
/// mark_ineligible(&mut all, &EligibleConfig { min_households: Some(3), ..EligibleConfig::default() });
/// assert_eq!(all.rows[0].ineligible.as_deref(), Some("2 households, fewer than 3"));
/// ```
pub fn mark_ineligible(candidates: &mut Candidates, eligible: &EligibleConfig) {
    let parents = &candidates.parents;
    for row in &mut candidates.rows {
        if row.ineligible.is_none() {
            let parent = row.parent.and_then(|p| parents.get(p as usize));
            let is_in = |codes: &[String]| {
                parent.is_some_and(|p| codes.iter().any(|code| *code == p.code || *code == p.name))
            };
            row.ineligible = match &eligible.parents {
                Some(codes) if !is_in(codes) => Some("not in the parent areas listed".to_string()),
                _ => reason(row, eligible),
            };
        }
    }
}

fn reason(row: &Candidate, eligible: &EligibleConfig) -> Option<String> {
    if eligible.codes.as_ref().is_some_and(|codes| !codes.contains(&row.code)) {
        return Some("not among the codes listed".to_string());
    }
    if let Some(least) = eligible.min_households.filter(|&least| row.households < least) {
        return Some(format!("{} households, fewer than {least}", row.households));
    }
    if let Some(least) = eligible.min_persons.filter(|&least| row.persons < least) {
        return Some(format!("{} persons, fewer than {least}", row.persons));
    }
    let most = eligible.max_cost_per_household?.0;
    let connections = i128::from(row.connections());
    let is_dear = i128::from(row.cost.total_sek) > i128::from(most) * connections;
    (is_dear && connections > 0).then(|| {
        let each = i128::from(row.cost.total_sek) / connections;
        format!("{each} per household, more than {most}")
    })
}
