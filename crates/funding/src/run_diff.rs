//! Two runs against each other: what changed, and because of which input.

use crate::{change::explain_change, compare::kendall_tau_b, scenario::Scenario};
use std::collections::BTreeMap;
use whitespot_model::{
    funding::ScenarioResult,
    provenance::Provenance,
    result::RunResult,
    run_diff::{
        AreaChange, Cause, InputChange, InputState, RankMove, RankingChange, RunDiff, ScenarioChange,
        ServiceChange, changed_settings,
    },
    table::{Table, Values},
};

/// Longest list of areas.
const MOST_LISTED: usize = 10;

/// Sets an earlier and a later run side by side.
///
/// An input counts as changed when its bytes differ. Where the settlements changed and coverage, areas and the
/// service's rule did not, the whole change of a gap is the population's, and the other way round; where both
/// changed, each area's people are counted at its earlier share without the service, and the rest is put down to
/// coverage (`is_certain` is then false). Scenarios of the same name are explained cause by cause
/// ([`explain_change`]).
pub fn compare_runs(before: &RunResult, after: &RunResult) -> RunDiff {
    let inputs = input_changes(&before.inputs, &after.inputs);
    let settings = match (&before.analysis, &after.analysis) {
        (Some(a), Some(b)) => changed_settings(a, b),
        _ => Vec::new(),
    };
    let mut causes: Vec<Cause> =
        inputs.iter().filter(|i| i.what != InputState::Same).map(|i| cause_of(&i.role)).collect();
    // A file that moved is no change of settings; its bytes tell.
    if settings.iter().any(|s| !s.key.ends_with("file") && !s.key.contains(".source.")) {
        causes.push(Cause::Settings);
    }
    if before.version != after.version {
        causes.push(Cause::Version);
    }
    causes.sort_unstable();
    causes.dedup();
    let has = |cause| causes.contains(&cause);
    let people_moved = has(Cause::Population) || has(Cause::Areas);
    let areas_same = !has(Cause::Areas);
    let services = after
        .services
        .iter()
        .filter_map(|(name, rule)| Some((name, before.services.get(name)? != rule)))
        .map(|(name, rule_changed)| {
            let reach_changed = has(Cause::Coverage) || rule_changed;
            service_change(name, rule_changed, before, after, (people_moved, reach_changed, areas_same))
        })
        .collect();
    let missing = |of: &RunResult, from: &RunResult| -> Vec<String> {
        from.services.keys().filter(|name| !of.services.contains_key(*name)).cloned().collect()
    };
    let scenario = |run: &'_ RunResult, name: &str| run.scenarios.iter().position(|s| s.name == name);
    let only = |run: &RunResult, other: &RunResult| -> Vec<String> {
        let names = run.scenarios.iter().map(|s| s.name.clone());
        names.filter(|name| scenario(other, name).is_none()).collect()
    };
    RunDiff {
        before_run: before.run_id.clone(),
        after_run: after.run_id.clone(),
        before_version: before.version.clone(),
        after_version: after.version.clone(),
        gone_services: missing(after, before),
        new_services: missing(before, after),
        ranking: ranking_change(before, after),
        scenarios: after
            .scenarios
            .iter()
            .filter_map(|s| Some(scenario_change(&before.scenarios[scenario(before, &s.name)?], s)))
            .collect(),
        gone_scenarios: only(before, after),
        new_scenarios: only(after, before),
        inputs,
        settings,
        causes,
        services,
    }
}

/// What kind of cause an input is, by its role.
fn cause_of(role: &str) -> Cause {
    match role.split(' ').next().unwrap_or("") {
        "coverage" => Cause::Coverage,
        "areas" | "parents" => Cause::Areas,
        "statistics" => Cause::Statistics,
        "candidates" | "bids" | "profile" => Cause::Funding,
        _ => Cause::Population,
    }
}

fn input_changes(before: &[Provenance], after: &[Provenance]) -> Vec<InputChange> {
    let change = |role: &str, old: Option<&Provenance>, new: Option<&Provenance>| InputChange {
        role: role.to_string(),
        what: match (old, new) {
            (Some(a), Some(b)) if a.sha256 == b.sha256 && a.layer == b.layer => InputState::Same,
            (Some(_), Some(_)) => InputState::Changed,
            (None, _) => InputState::New,
            (_, None) => InputState::Gone,
        },
        before_date: old.and_then(|p| p.date.clone()),
        after_date: new.and_then(|p| p.date.clone()),
        before_rows: old.map(|p| p.rows.accepted + p.rows.repaired),
        after_rows: new.map(|p| p.rows.accepted + p.rows.repaired),
    };
    let find = |inputs: &'_ [Provenance], role: &str| inputs.iter().position(|p| p.role == role);
    let mut changes: Vec<InputChange> = after
        .iter()
        .map(|new| change(&new.role, find(before, &new.role).map(|i| &before[i]), Some(new)))
        .collect();
    let gone = before.iter().filter(|old| find(after, &old.role).is_none());
    changes.extend(gone.map(|old| change(&old.role, Some(old), None)));
    changes
}

fn service_change(
    name: &str,
    rule_changed: bool,
    before: &RunResult,
    after: &RunResult,
    (people_moved, reach_changed, areas_same): (bool, bool, bool),
) -> ServiceChange {
    let column = format!("{name}_gap_persons");
    let (old, new) = (people_of(&before.areas, &column), people_of(&after.areas, &column));
    let total = |people: &BTreeMap<String, Held>| {
        people.values().fold((0, 0), |(p, g), held| (p + held.persons, g + held.gap))
    };
    let ((before_persons, before_gap), (after_persons, after_gap)) = (total(&old), total(&new));
    let difference = after_gap - before_gap;
    let by_population = match (people_moved, reach_changed) {
        (false, _) => 0,
        (true, false) => difference,
        // Areas that cannot be matched are compared as a whole.
        (true, true) if !areas_same => at_earlier_share(before_persons, before_gap, after_persons, after_gap),
        (true, true) => {
            let none = Held::default();
            let codes = new.keys().chain(old.keys().filter(|code| !new.contains_key(*code)));
            codes
                .map(|code| {
                    let (a, b) = (old.get(code).unwrap_or(&none), new.get(code).unwrap_or(&none));
                    at_earlier_share(a.persons, a.gap, b.persons, b.gap)
                })
                .sum()
        }
    };
    let mut most_changed: Vec<AreaChange> = new
        .iter()
        .filter_map(|(code, b)| {
            let a = old.get(code)?;
            (a.persons != b.persons || a.gap != b.gap).then(|| AreaChange {
                code: code.clone(),
                name: b.name.clone(),
                before_persons: a.persons,
                after_persons: b.persons,
                before_gap: a.gap,
                after_gap: b.gap,
            })
        })
        .collect();
    most_changed.sort_by_key(|c| std::cmp::Reverse((c.after_gap - c.before_gap).abs()));
    most_changed.truncate(MOST_LISTED);
    ServiceChange {
        service: name.to_string(),
        before_persons,
        after_persons,
        before_gap,
        after_gap,
        by_population,
        by_coverage: difference - by_population,
        is_certain: !(people_moved && reach_changed),
        rule_changed,
        most_changed,
    }
}

/// How the gap changes with the people alone: their change at the earlier share; everyone of a place nobody lived in.
fn at_earlier_share(before_persons: i64, before_gap: i64, after_persons: i64, after_gap: i64) -> i64 {
    if before_persons == 0 {
        return after_gap;
    }
    let exact = (after_persons - before_persons) as f64 * before_gap as f64 / before_persons as f64;
    exact.round() as i64
}

/// Persons of an area and those without a service.
#[derive(Default)]
struct Held {
    name: String,
    persons: i64,
    gap: i64,
}

fn people_of(areas: &Table, gap_column: &str) -> BTreeMap<String, Held> {
    let text = |name: &str, i: usize| areas.column(name).map_or_else(String::new, |c| c.values.to_text(i));
    let int = |name: &str, i: usize| match areas.column(name).map(|c| &c.values) {
        Some(Values::Int(v)) => v[i].unwrap_or(0),
        _ => 0,
    };
    (0..areas.n_rows())
        .map(|i| {
            let held =
                Held { name: text("area_name", i), persons: int("persons", i), gap: int(gap_column, i) };
            (text("area_code", i), held)
        })
        .collect()
}

fn ranking_change(before: &RunResult, after: &RunResult) -> Option<RankingChange> {
    let (old, new) = (before.ranking.as_ref()?, after.ranking.as_ref()?);
    let names = people_of(&after.areas, "");
    let old_areas: BTreeMap<&str, _> = old.areas.iter().map(|a| (a.code.as_str(), a)).collect();
    let ids =
        |r: &whitespot_model::need::Ranking| r.indicators.iter().map(|i| i.id.clone()).collect::<Vec<_>>();
    let is_same_indicators = ids(old) == ids(new);
    let mut places = Vec::new();
    let mut moves = Vec::new();
    for area in &new.areas {
        let Some(was) = old_areas.get(area.code.as_str()) else { continue };
        let (Some(before_rank), Some(after_rank)) = (was.rank, area.rank) else { continue };
        places.push((f64::from(before_rank), f64::from(after_rank)));
        if before_rank == after_rank {
            continue;
        }
        let changes = was.parts.iter().zip(&area.parts).map(|(a, b)| b.contribution - a.contribution);
        let largest = changes.enumerate().max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let because = largest.filter(|(_, by)| is_same_indicators && *by != 0.0);
        moves.push(RankMove {
            code: area.code.clone(),
            name: names.get(&area.code).map_or_else(|| area.code.clone(), |held| held.name.clone()),
            before_rank,
            after_rank,
            because_of: because.map(|(i, _)| new.indicators[i].id.clone()),
            by: because.map_or(0.0, |(_, by)| by),
        });
    }
    moves.sort_by_key(|m| (std::cmp::Reverse(m.before_rank.abs_diff(m.after_rank)), m.after_rank));
    moves.truncate(MOST_LISTED);
    let n_common = places.len() as u32;
    Some(RankingChange { n_common, kendall_tau_b: kendall_tau_b(&places), most_moved: moves })
}

fn scenario_change(old: &ScenarioResult, new: &ScenarioResult) -> ScenarioChange {
    let both = |f: fn(&ScenarioResult) -> u64| [f(old), f(new)];
    let explained = Scenario::with_taken(&old.config, &old.taken).and_then(|a| {
        let b = Scenario::with_taken(&new.config, &new.taken)?;
        explain_change((&old.candidates, &a), (&new.candidates, &b))
    });
    let (change, trouble) = match explained {
        Ok(change) => (Some(change), None),
        Err(error) => (None, Some(error.to_string())),
    };
    ScenarioChange {
        name: new.name.clone(),
        change,
        trouble,
        persons: both(|s| s.allocation.outcome.persons),
        households: both(|s| s.allocation.outcome.households),
        spent_sek: [old.allocation.spent_sek, new.allocation.spent_sek],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_counted_at_the_earlier_share() {
        assert_eq!(at_earlier_share(100, 40, 150, 10), 20, "50 more at 40 %");
        assert_eq!(at_earlier_share(100, 40, 50, 0), -20);
        assert_eq!(at_earlier_share(0, 0, 50, 30), 30, "nobody lived there: all of it comes with the people");
        assert_eq!(at_earlier_share(100, 0, 200, 50), 0);
    }

    #[test]
    fn roles_tell_the_cause() {
        assert_eq!(cause_of("coverage fibre"), Cause::Coverage);
        assert_eq!(cause_of("settlements"), Cause::Population);
        assert_eq!(cause_of("statistics aged"), Cause::Statistics);
        assert_eq!(cause_of("candidates projects.gpkg"), Cause::Funding);
        assert_eq!(cause_of("parents"), Cause::Areas);
    }
}
