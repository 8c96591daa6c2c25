//! Findings: what was noticed in the data, worst first.

use super::Pen;
use serde::Serialize;
use whitespot_model::{
    finding::{Finding, Severity},
    result::RunResult,
};

/// Values of `findings.html`.
#[derive(Serialize)]
pub(crate) struct Findings {
    sentence: String,
    rows: Vec<Row>,
}

#[derive(Serialize)]
struct Row {
    severity: &'static str,
    word: String,
    file: String,
    message: String,
    evidence: Vec<String>,
    examples: Vec<String>,
    count: Option<String>,
    persons: Option<String>,
    hint: Option<String>,
}

pub(crate) fn section(result: &RunResult, pen: &Pen) -> Findings {
    let ranking = result.ranking.iter().flat_map(|r| &r.findings);
    let scenarios = result.scenarios.iter().flat_map(|s| &s.allocation.findings);
    let mut all: Vec<&Finding> = Vec::new();
    for finding in result.findings.iter().chain(ranking).chain(scenarios) {
        if !all.contains(&finding) {
            all.push(finding);
        }
    }
    all.sort_by_key(|f| std::cmp::Reverse(f.severity));
    let n = |severity| all.iter().filter(|f| f.severity == severity).count() as u64;
    let warnings = n(Severity::Warning) + n(Severity::Error);
    let notes = n(Severity::Note);
    let sentence = if all.is_empty() {
        pen.text("findings.none")
    } else {
        let counted = |key, n| pen.words.count(key, n, &pen.count(n as i64));
        pen.fill(
            "findings.sentence",
            &[
                ("warnings", &counted("findings.warnings", warnings)),
                ("notes", &counted("findings.notes", notes)),
            ],
        )
    };
    Findings { sentence, rows: all.into_iter().map(|f| row(f, pen)).collect() }
}

fn row(finding: &Finding, pen: &Pen) -> Row {
    let (severity, word) = match finding.severity {
        Severity::Note => ("note", "findings.note"),
        Severity::Warning => ("warning", "findings.warning"),
        Severity::Error => ("error", "findings.error"),
    };
    let written = |n: u64| pen.unsigned(n);
    Row {
        severity,
        word: pen.text(word),
        file: finding.file.clone(),
        message: finding.message.clone(),
        evidence: finding.evidence.clone(),
        examples: finding.examples.clone(),
        count: (finding.count > 0).then(|| written(finding.count)),
        persons: finding.persons.map(written),
        hint: finding.hint.clone(),
    }
}
