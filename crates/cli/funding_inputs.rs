//! What scenarios take from elsewhere: the scenarios they extend, project files, bids, rule profiles, targets.

use crate::profile_files;
use std::path::Path;
use whitespot_funding::resolve_extends;
use whitespot_load::projects::{Projects, read_bids, read_projects};
use whitespot_model::{
    config::{
        Analysis,
        funding::{BidsConfig, CandidatesConfig, CandidatesFile, ScenarioConfig},
    },
    finding::Finding,
    funding::{Bid, RuleName, Taken},
    provenance::Provenance,
};
use whitespot_spatial::crs::Crs;

/// Everything of scenarios that is read before settlements are.
#[derive(Default)]
pub(crate) struct FundingInputs {
    /// The scenarios with everything they extend.
    pub(crate) scenarios: Vec<ScenarioConfig>,
    /// What each of them takes from elsewhere.
    pub(crate) taken: Vec<Taken>,
    /// The project files, each once.
    pub(crate) projects: Vec<(CandidatesFile, Projects)>,
    /// Where they came from.
    pub(crate) provenance: Vec<Provenance>,
}

impl FundingInputs {
    /// The projects of a scenario, with their place among all.
    pub(crate) fn projects_of(&self, config: &ScenarioConfig) -> Option<(usize, &Projects)> {
        let Some(CandidatesConfig::File(wanted)) = &config.candidates else { return None };
        let found = self.projects.iter().enumerate().find(|(_, (file, _))| file == wanted);
        found.map(|(i, (_, projects))| (i, projects))
    }
}

/// Reads what the scenarios need; `crs` is the analysis CRS. Findings are added to `findings`.
pub(crate) fn load(
    analysis: &Analysis,
    base: &Path,
    crs: &Crs,
    findings: &mut Vec<Finding>,
) -> FundingInputs {
    let mut inputs = FundingInputs::default();
    let scenarios = match resolve_extends(&analysis.scenario) {
        Ok(scenarios) => scenarios,
        Err(e) => {
            findings.push(Finding::error("bad_scenario", "", e.to_string()));
            return inputs;
        }
    };
    let mut bids: Vec<(BidsConfig, Vec<Bid>)> = Vec::new();
    for mut scenario in scenarios {
        findings.extend(bad_name(&scenario.name));
        start_from_profile(&mut scenario, analysis);
        let section = format!("scenario {}", scenario.name);
        let mut taken = Taken {
            target: scenario.service.as_ref().and_then(|s| analysis.targets.get(s)).cloned(),
            parent_word: analysis.areas.columns.parent.clone(),
            ..Taken::default()
        };
        if let Some(name) = scenario.profile.as_deref().filter(|_| scenario.rule == Some(RuleName::Profile)) {
            match profile_files::find(name, base) {
                Ok(file) => {
                    taken.profile = Some(file.text);
                    let is_new = |p: &Provenance| inputs.provenance.iter().all(|q| q.role != p.role);
                    let new = file.provenance.filter(is_new);
                    inputs.provenance.extend(new);
                }
                Err(finding) => findings.push(finding),
            }
        }
        if let Some(config) = &scenario.bids {
            if !bids.iter().any(|(read, _)| read == config) {
                match read_bids(config, &section, base) {
                    Ok(loaded) => {
                        inputs.provenance.push(loaded.provenance);
                        bids.push((config.clone(), loaded.value));
                    }
                    Err(failure) => findings.extend(failure),
                }
            }
            let read = bids.iter().find(|(read, _)| read == config);
            taken.bids = read.map_or_else(Vec::new, |(_, bids)| bids.clone());
        }
        if let Some(CandidatesConfig::File(file)) = &scenario.candidates
            && !inputs.projects.iter().any(|(read, _)| read == file)
        {
            match read_projects(file, &section, base, crs) {
                Ok(loaded) => {
                    findings.extend(loaded.findings);
                    inputs.provenance.push(loaded.provenance);
                    inputs.projects.push((file.clone(), loaded.value));
                }
                Err(failure) => findings.extend(failure),
            }
        }
        inputs.taken.push(taken);
        inputs.scenarios.push(scenario);
    }
    inputs
}

/// The analysis' profile is the rule of every scenario that names none; a scenario that names a profile but no rule
/// follows it.
fn start_from_profile(scenario: &mut ScenarioConfig, analysis: &Analysis) {
    let is_profile = matches!(scenario.rule, None | Some(RuleName::Profile));
    if scenario.profile.is_none() && is_profile {
        scenario.profile.clone_from(&analysis.profile);
    }
    if scenario.profile.is_some() && scenario.rule.is_none() {
        scenario.rule = Some(RuleName::Profile);
    }
}

/// A scenario's name is part of file names: letters, digits, `_`, `-`, `.` and spaces, and none that the results
/// use themselves.
fn bad_name(name: &str) -> Option<Finding> {
    let is_plain = |c: char| c.is_alphanumeric() || "_-. ".contains(c);
    let is_fit = !name.trim().is_empty() && name.chars().all(is_plain) && !name.starts_with(['.', ' ']);
    let is_taken = name == "comparison" || name.starts_with("comparison_");
    (!is_fit || is_taken).then(|| {
        Finding::error("bad_scenario_name", "", format!("`{name}` cannot be the name of a scenario")).with_hint(
            "use letters, digits, `_` and `-`, such as `need_120M` (names that begin with `comparison` are taken); \
             `title` may hold any text",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cannot_be_files_are_refused() {
        for name in ["need_120M", "behov 120 Mkr", "a.b", "ökat-stöd"] {
            assert!(bad_name(name).is_none(), "{name}");
        }
        for name in ["", " ", "../up", "a/b", "c:\\d", ".hidden", "comparison", "comparison_pairs", "a\nb"] {
            assert!(bad_name(name).is_some(), "{name}");
        }
    }
}
