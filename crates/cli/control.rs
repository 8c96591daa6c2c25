//! Control totals: the settlements' sums against totals somebody else published.

use crate::{failure::Failure, inputs::Inputs};
use std::path::Path;
use whitespot_load::control;
use whitespot_model::{config::Analysis, finding::Finding, gap::GapTable, provenance::Provenance};

/// What the comparison says; empty where no control totals are given.
#[derive(Default)]
pub(crate) struct Compared {
    pub(crate) findings: Vec<Finding>,
    pub(crate) provenance: Option<Provenance>,
}

/// Reads the control totals, if any, and compares them with the sums of the run.
pub(crate) fn compare(
    analysis: &Analysis,
    base: &Path,
    inputs: &Inputs,
    gaps: &GapTable,
) -> Result<Compared, Failure> {
    let Some(config) = &analysis.settlements.control else { return Ok(Compared::default()) };
    let loaded = control::read_control(config, base)?;
    let mut findings = loaded.findings;
    findings.extend(control::compare(config, &loaded.value, &inputs.areas, gaps));
    Ok(Compared { findings, provenance: Some(loaded.provenance) })
}
