//! Coverage keyed by settlement id: whether the ids of both sides meet.

use std::collections::{BTreeMap, HashSet};
use whitespot_model::{
    config::Analysis, coverage::CoverageLayer, finding::Finding, settlement::SettlementBatch,
};

/// Counts the settlements that each keyed layer knows.
pub(crate) struct KeyWatch<'a> {
    /// By position of the layer: its ids, and settlements met so far.
    layers: BTreeMap<usize, (HashSet<&'a str>, u64)>,
}

impl<'a> KeyWatch<'a> {
    /// Watches the layers that have keys.
    pub(crate) fn new(layers: &'a [CoverageLayer]) -> KeyWatch<'a> {
        let keyed = layers.iter().enumerate().filter(|(_, l)| !l.keyed.is_empty());
        KeyWatch {
            layers: keyed
                .map(|(i, l)| (i, (l.keyed.iter().map(|(id, _)| id.as_str()).collect(), 0)))
                .collect(),
        }
    }

    /// Notes a batch of settlements.
    pub(crate) fn see(&mut self, batch: &SettlementBatch) {
        let Some(ids) = &batch.ids else { return };
        for (known, n_met) in self.layers.values_mut() {
            *n_met += ids.iter().flatten().filter(|id| known.contains(id)).count() as u64;
        }
    }

    /// An error where settlements have no ids to meet; a warning where none of them met a layer.
    pub(crate) fn findings(&self, analysis: &Analysis, has_ids: bool) -> Vec<Finding> {
        let mut findings = Vec::new();
        for (i, (known, n_met)) in &self.layers {
            let Some(config) = analysis.coverage.get(*i) else { continue };
            let file = config.file.display().to_string();
            let n = known.len();
            if !has_ids || *n_met == 0 {
                findings.push(
                    Finding::warning(
                        "keys_unmatched",
                        &file,
                        format!("none of the {n} settlement ids of `{file}` is that of a settlement, so it reaches nobody"),
                    )
                    .with_count(n as u64)
                    .with_hint("name the same ids in `settlements.columns.id`; leading zeros and prefixes count"),
                );
            } else {
                findings.push(
                    Finding::note(
                        "keys_matched",
                        &file,
                        format!("{n_met} settlements have one of the {n} ids of `{file}`"),
                    )
                    .with_count(*n_met),
                );
            }
        }
        findings
    }
}
