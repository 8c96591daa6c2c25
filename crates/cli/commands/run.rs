//! `whitespot run`: the whole analysis into a results folder.

use crate::{
    args::{Common, OutputForm, RunArgs},
    config,
    failure::Failure,
    messages::{Messages, thousands},
    pipeline::{self, RunOptions},
    results::Staging,
};
use std::io::Write as _;
use whitespot_model::{finding::Severity, result::RunResult};

/// Settlements joined at a time for each thread (and as many being read): some 8 MB.
const BATCH_ROWS_A_THREAD: usize = 1 << 16;

/// Runs the analysis; prints the results folder (or a summary as JSON) on stdout.
pub(crate) fn run(args: &RunArgs, common: &Common, messages: &Messages) -> Result<(), Failure> {
    let file = config::read(&common.config, &args.set)?;
    let target = args.out.clone().unwrap_or_else(|| file.results_folder());
    let options = RunOptions {
        scenarios: args.scenario.clone(),
        is_strict: args.strict,
        batch_rows: args.batch.unwrap_or(BATCH_ROWS_A_THREAD * rayon::current_num_threads()).max(1),
    };
    let staging = Staging::begin(&target, args.force)?;
    let result = pipeline::run(&file, &options, &staging, messages)?;
    let folder = staging.commit()?;
    for finding in &result.findings {
        messages.finding(finding);
    }
    let n_warnings = result.findings.iter().filter(|f| f.severity == Severity::Warning).count();
    messages.stage("Finished", &format!("in {:.1} s      {n_warnings} warnings", messages.elapsed_s()));
    let line = match args.format {
        OutputForm::Text => folder.display().to_string(),
        OutputForm::Json => summary(&result, &folder).to_string(),
    };
    // Nobody is left to tell when stdout is closed.
    let _ = writeln!(std::io::stdout().lock(), "{line}");
    Ok(())
}

/// What a script wants to know of a run.
fn summary(result: &RunResult, folder: &std::path::Path) -> serde_json::Value {
    let gap =
        |name: &str| result.totals.column(&format!("{name}_gap_persons")).and_then(|c| c.values.number(0));
    serde_json::json!({
        "results": folder.display().to_string(),
        "run_id": result.run_id,
        "persons": result.total.persons,
        "areas": result.areas.n_rows().saturating_sub(1),
        "gap_persons": result.services.keys().map(|n| (n.clone(), gap(n).into())).collect::<serde_json::Map<_, _>>(),
        "scenarios": result.scenarios.iter().map(|s| serde_json::json!({
            "name": s.name,
            "budget_sek": s.allocation.budget_sek,
            "spent_sek": s.allocation.spent_sek,
            "persons": s.allocation.outcome.persons,
            "households": s.allocation.outcome.households,
        })).collect::<Vec<_>>(),
        "warnings": result.findings.iter().filter(|f| f.severity == Severity::Warning).count(),
        "message": format!("{} persons in {} areas", thousands(result.total.persons), result.areas.n_rows().saturating_sub(1)),
    })
}
