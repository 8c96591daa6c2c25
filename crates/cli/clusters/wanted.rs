//! Which services need clusters, and which the way to their network.

use crate::inputs::Inputs;
use std::collections::BTreeSet;
use whitespot_funding::cost::tier;
use whitespot_model::{
    config::{
        Analysis, ClustersConfig,
        funding::{CandidatesConfig, CandidatesOf, ScenarioConfig},
    },
    finding::Finding,
};

/// The services to cluster, and those that only need the way to their network (prices per metre, distances).
pub(super) fn wanted_services(
    analysis: &Analysis,
    inputs: &Inputs,
    config: &ClustersConfig,
) -> Result<(BTreeSet<usize>, BTreeSet<usize>), Vec<Finding>> {
    let mut findings = Vec::new();
    if !(config.link_m >= 0.0 && config.link_m.is_finite()) {
        let what = "`clusters.link_m` is a distance of 0 or more metres";
        findings.push(Finding::error("bad_value", "", what).with_hint("set `link_m = 500`"));
    }
    if !(config.lattice_m() > 0.0 && config.lattice_m().is_finite()) {
        findings.push(Finding::error("bad_value", "", "`clusters.lattice_m` is a distance above 0 metres"));
    }
    let known: Vec<String> = analysis.services.keys().cloned().collect();
    let mut find = |name: &str, key: &str| match inputs.services.get(name) {
        Some((s, _)) => Some(s),
        None => {
            let message = format!("`{key}` names `{name}`, and there is no such service");
            let hint = whitespot_load::suggest::hint(name, &known);
            findings.push(Finding::error("unknown_service", "", message).with_hint(hint));
            None
        }
    };
    let mut clustered = BTreeSet::new();
    clustered.extend(analysis.areas.clusters.as_ref().and_then(|name| find(name, "areas.clusters")));
    for name in config.service.iter().flat_map(|names| names.as_slice()) {
        clustered.extend(find(name, "clusters.service"));
    }
    let mut priced = BTreeSet::new();
    for (name, model) in &analysis.cost {
        if tier(model) > 0 {
            priced.extend(inputs.services.get(name).map(|(s, _)| s));
        }
    }
    // Scenarios name their service, or there is only one; what is wrong there the scenario says itself.
    let scenarios = whitespot_funding::resolve_extends(&analysis.scenario).unwrap_or_default();
    for scenario in &scenarios {
        let Some((s, _)) = service_of(scenario, &known).and_then(|name| inputs.services.get(name)) else {
            continue;
        };
        if matches!(scenario.candidates, Some(CandidatesConfig::Of(CandidatesOf::Clusters))) {
            clustered.insert(s);
        }
        if analysis.cost.values().any(|model| tier(model) > 0) {
            priced.insert(s);
        }
    }
    if !clustered.is_empty() {
        priced.extend(
            (0..inputs.services.services.len()).filter(|&s| inputs.services.services[s].wants.distance),
        );
    }
    if findings.is_empty() { Ok((clustered, priced)) } else { Err(findings) }
}

fn service_of<'a>(scenario: &'a ScenarioConfig, known: &'a [String]) -> Option<&'a str> {
    match (&scenario.service, known) {
        (Some(service), _) => Some(service),
        (None, [only]) => Some(only),
        (None, _) => None,
    }
}
