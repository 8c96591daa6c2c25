//! `whitespot check`: every problem at once; computes and writes nothing.

use crate::{
    args::{CheckArgs, Common, OutputForm},
    config,
    failure::Failure,
    messages::Messages,
    pipeline,
    vocabulary::word,
};
use std::io::Write as _;
use whitespot_model::finding::{Finding, Severity};

/// Reads every input and prints its findings on stdout, grouped by file, worst first.
pub(crate) fn run(args: &CheckArgs, common: &Common, messages: &Messages) -> Result<(), Failure> {
    let findings = match config::read(&common.config, &args.set) {
        Ok(file) => pipeline::check(&file, messages)?,
        Err(Failure::Findings(findings)) => findings,
        Err(other) => return Err(other),
    };
    let count = |s: Severity| findings.iter().filter(|f| f.severity == s).count();
    let (n_errors, n_warnings, n_notes) =
        (count(Severity::Error), count(Severity::Warning), count(Severity::Note));
    let mut out = std::io::stdout().lock();
    // Nobody is left to tell when stdout is closed.
    let _ = match args.format {
        OutputForm::Json => writeln!(out, "{}", serde_json::json!({ "findings": findings })),
        OutputForm::Text => writeln!(out, "{}", as_text(&findings, messages)),
    };
    messages.stage("Found", &format!("{n_errors} errors, {n_warnings} warnings, {n_notes} notes"));
    if n_errors > 0 || (args.strict && n_warnings > 0) {
        return Err(Failure::Findings(Vec::new()));
    }
    Ok(())
}

/// The findings by file in the order of first mention, worst first.
fn as_text(findings: &[Finding], messages: &Messages) -> String {
    if findings.is_empty() {
        return word("nothing to remark", messages.lang()).to_string();
    }
    let mut files: Vec<&str> = Vec::new();
    for finding in findings {
        if !files.contains(&finding.file.as_str()) {
            files.push(&finding.file);
        }
    }
    let mut blocks = Vec::new();
    for file in files {
        let mut of_file: Vec<&Finding> = findings.iter().filter(|f| f.file == file).collect();
        of_file.sort_by_key(|f| std::cmp::Reverse(f.severity));
        let title = if file.is_empty() { word("the analysis", messages.lang()) } else { file };
        let texts: Vec<String> = of_file.iter().map(|f| messages.text_of(f)).collect();
        blocks.push(format!("── {title}\n{}", texts.join("\n")));
    }
    blocks.join("\n\n")
}
