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
    message: Vec<Piece>,
    evidence: Vec<Vec<Piece>>,
    examples: Vec<String>,
    count: Option<String>,
    persons: Option<String>,
    hint: Option<Vec<Piece>>,
}

/// A piece of a message: plain, or a name that stood between backticks.
#[derive(Debug, PartialEq, Serialize)]
struct Piece {
    text: String,
    is_code: bool,
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
    let finding = &*finding.in_lang(pen.lang);
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
        message: pieces(&finding.message),
        evidence: finding.evidence.iter().map(|line| pieces(line)).collect(),
        examples: finding.examples.clone(),
        count: (finding.count > 0).then(|| written(finding.count)),
        persons: finding.persons.map(written),
        hint: finding.hint.as_deref().map(pieces),
    }
}

/// Splits a text at its backticks; one without a partner stays as it is.
fn pieces(text: &str) -> Vec<Piece> {
    let parts: Vec<&str> = text.split('`').collect();
    let n_paired = (parts.len() - 1) / 2 * 2;
    let mut pieces: Vec<Piece> = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        let is_code = i % 2 == 1 && i < n_paired;
        let text = if i > n_paired { format!("`{part}") } else { (*part).to_string() };
        if !text.is_empty() {
            pieces.push(Piece { text, is_code });
        }
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_between_backticks_are_code_and_a_lone_backtick_stays() {
        let written =
            |text| -> Vec<(String, bool)> { pieces(text).into_iter().map(|p| (p.text, p.is_code)).collect() };
        let piece = |text: &str, is_code| (text.to_string(), is_code);
        assert_eq!(
            written("set `a` and `b`"),
            [piece("set ", false), piece("a", true), piece(" and ", false), piece("b", true)]
        );
        assert_eq!(written("it`s"), [piece("it", false), piece("`s", false)]);
        assert!(written("").is_empty());
    }
}
