//! The whole run, top to bottom: load → join → aggregate → score → allocate → publish.
//!
//! Read this first; each step is a file of its own or a crate.

use crate::{
    allocate, area_share, cluster_tables, clusters,
    config::AnalysisFile,
    control,
    failure::Failure,
    inputs::{self, Inputs},
    join::{self, Joined},
    messages::{Messages, thousands},
    publish,
    results::Staging,
    robust::{self, Known},
    score,
};
use std::path::PathBuf;
use whitespot_model::{
    config::Analysis,
    finding::{Finding, Severity},
    gap::GapTable,
    measures,
    result::{MapShapes, RunResult, SCHEMA},
};

/// What a run is asked to do beside what the analysis file says.
#[derive(Clone, Debug, Default)]
pub(crate) struct RunOptions {
    /// Only these scenarios; all where empty.
    pub(crate) scenarios: Vec<String>,
    /// Whether warnings stop the run.
    pub(crate) is_strict: bool,
    /// Settlements joined at a time; results do not depend on it.
    pub(crate) batch_rows: usize,
}

/// Runs an analysis and writes its results into the staging folder.
pub(crate) fn run(
    file: &AnalysisFile,
    options: &RunOptions,
    staging: &Staging,
    messages: &Messages,
) -> Result<RunResult, Failure> {
    let AnalysisFile { analysis, base } = file;
    let analysis = &whitespot_load::schemas::resolve(analysis, base)?;

    let mut inputs = inputs::load(analysis, base, messages)?;
    let mut joined = join::join_settlements(analysis, base, &inputs, options.batch_rows, staging, messages)?;
    joined.ground = clusters::lay_ground(analysis, base, &inputs, &mut joined, messages)?;
    clusters::become_areas(analysis, &mut inputs, &mut joined, staging)?;
    let mut findings = joined.findings.clone();
    findings.extend(joined.ground.findings.iter().cloned());
    findings.extend(robust::problems(analysis, &joined.facts));
    refuse(&findings, options)?;

    let mut gaps = GapTable::from_tally(
        &joined.tally,
        &inputs.areas,
        &inputs.services,
        joined.facts.classes.len(),
        joined.facts.extra.len(),
    );
    joined.add_distances(&mut gaps, &inputs);
    let control = control::compare(analysis, base, &inputs, &gaps)?;
    findings.extend(control.findings);
    let scored = score::score_areas(analysis, base, &inputs, &gaps, &joined, messages)?;
    let ranking = scored.ranking.as_ref();
    let area_table = measures::area_table(&inputs.areas, &gaps, &inputs.services, &joined.facts, ranking);
    let prepared = allocate::prepare_all(analysis, options, &inputs, &joined, &scored, &area_table)?;
    let scenarios = allocate::allocate_all(&prepared, messages)?;
    findings.extend(scored.findings.iter().cloned());
    findings.extend(scenarios.iter().flat_map(|s| s.allocation.findings.iter().cloned()));
    refuse(&findings, options)?;
    let known = Known {
        analysis,
        base,
        gaps: &gaps,
        joined: &joined,
        scored: &scored,
        scenarios: &prepared,
        area_table: &area_table,
        batch_rows: options.batch_rows,
    };
    let certainty = robust::how_sure(&known, &mut inputs, messages)?;
    findings.extend(certainty.findings.iter().cloned());
    refuse(&findings, options)?;
    let layers = cluster_tables::cluster_layers(analysis, &inputs, &joined, &scored, &certainty);

    let Inputs { areas, services, .. } = &inputs;
    let shapes = inputs.area_shapes();
    let mut provenance = vec![joined.provenance.clone()];
    provenance.extend(control.provenance);
    provenance
        .extend(inputs.provenance.iter().chain(&scored.provenance).chain(&joined.ground.provenance).cloned());
    let mut result = RunResult {
        schema: SCHEMA,
        run_id: publish::run_id(analysis, &provenance)?,
        version: env!("CARGO_PKG_VERSION").to_string(),
        title: analysis.title.clone(),
        language: analysis.language.clone(),
        crs: inputs.crs.code().to_string(),
        inputs: provenance,
        findings,
        services: analysis.services.clone(),
        shown_service: analysis.report.service.clone().or_else(|| analysis.services.keys().next().cloned()),
        total: gaps.total.total,
        has_households: joined.facts.has_households,
        has_workplaces: joined.facts.has_workplaces,
        areas: area_table,
        parents: measures::parent_table(areas, &gaps, services, &joined.facts),
        totals: measures::total_table(&gaps, services, &joined.facts),
        map: shapes.as_ref().and_then(|shapes| MapShapes::from_shapes(shapes, 4000)),
        ranking: scored.ranking,
        robustness: certainty.robustness,
        consultation: certainty.consultation,
        clusters: layers.as_ref().map(|l| l.result.clone()),
        comparison: allocate::compare_all(&scenarios),
        scenarios,
        formats: analysis.outputs.formats.clone(),
        min_cell: analysis.outputs.min_cell,
        withheld: None,
        analysis: Some(Box::new(Analysis { out: PathBuf::new(), ..analysis.clone() })),
    };
    findings_of_shares(&joined, &inputs, &gaps, &mut result);
    publish::write_results(&result, analysis, shapes.as_ref(), &inputs, layers.as_ref(), staging, messages)?;
    Ok(result)
}

/// With `representation = "both"` puts the count by area share beside that by centres, and says how far they are apart.
fn findings_of_shares(joined: &Joined, inputs: &Inputs, gaps: &GapTable, result: &mut RunResult) {
    let Some(tally) = &joined.area_share else { return };
    let Inputs { areas, services, .. } = inputs;
    let (n_classes, n_extra) = (joined.facts.classes.len(), joined.facts.extra.len());
    let shares = GapTable::from_tally(tally, areas, services, n_classes, n_extra);
    let rows: Vec<_> = shares.areas.iter().chain([&shares.outside]).collect();
    area_share::push_columns(&mut result.areas, &rows, services);
    area_share::push_columns(&mut result.parents, &shares.parents.iter().collect::<Vec<_>>(), services);
    area_share::push_columns(&mut result.totals, &[&shares.total], services);
    result.findings.push(area_share::spread_finding(gaps, &shares, services, &joined.provenance.file));
}

/// Stops where a finding forbids to go on: an error, or under `--strict` a warning.
fn refuse(findings: &[Finding], options: &RunOptions) -> Result<(), Failure> {
    let worst = if options.is_strict { Severity::Warning } else { Severity::Error };
    if findings.iter().any(|f| f.severity >= worst) {
        return Err(Failure::Findings(findings.to_vec()));
    }
    Ok(())
}

/// Reads everything and gives all findings; computes and writes nothing.
pub(crate) fn check(file: &AnalysisFile, messages: &Messages) -> Result<Vec<Finding>, Failure> {
    let AnalysisFile { analysis, base } = file;
    let analysis = match whitespot_load::schemas::resolve(analysis, base) {
        Ok(resolved) => resolved,
        Err(findings) => return Ok(findings),
    };
    let analysis = &analysis;
    let inputs = inputs::load_all_findings(analysis, base, messages);
    let (mut inputs, mut findings) = match inputs {
        Ok(inputs) => (inputs, Vec::new()),
        Err(findings) => {
            // Without areas and layers the settlements can still be read, so that all problems show at once.
            let mut findings = findings;
            findings.extend(join::check_settlements(analysis, base, messages));
            return Ok(findings);
        }
    };
    let n = |count: u64| thousands(count);
    let joined = join::join_settlements(analysis, base, &inputs, 1 << 16, &Staging::nowhere(), messages);
    match joined {
        Ok(mut joined) => {
            match clusters::lay_ground(analysis, base, &inputs, &mut joined, messages) {
                Ok(ground) => {
                    joined.ground = ground;
                    clusters::become_areas(analysis, &mut inputs, &mut joined, &Staging::nowhere())?;
                }
                Err(Failure::Findings(more)) => findings.extend(more),
                Err(other) => return Err(other),
            }
            messages.stage("Checked", &format!("{} settlements", n(joined.tally.total().settlements)));
            findings.extend(joined.findings.clone());
            let gaps = GapTable::from_tally(
                &joined.tally,
                &inputs.areas,
                &inputs.services,
                joined.facts.classes.len(),
                joined.facts.extra.len(),
            );
            match control::compare(analysis, base, &inputs, &gaps) {
                Ok(control) => findings.extend(control.findings),
                Err(Failure::Findings(more)) => findings.extend(more),
                Err(other) => return Err(other),
            }
            findings.extend(robust::problems(analysis, &joined.facts));
            match score::score_areas(analysis, base, &inputs, &gaps, &joined, messages) {
                Ok(scored) => {
                    let ranking = scored.ranking.as_ref();
                    let table =
                        measures::area_table(&inputs.areas, &gaps, &inputs.services, &joined.facts, ranking);
                    findings.extend(scored.findings.iter().cloned());
                    findings.extend(allocate::check_all(analysis, &inputs, &joined, &scored, &table)?);
                }
                Err(Failure::Findings(more)) => findings.extend(more),
                Err(other) => return Err(other),
            }
        }
        Err(Failure::Findings(more)) => findings.extend(more),
        Err(other) => return Err(other),
    }
    Ok(findings)
}
