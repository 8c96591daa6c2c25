//! Findings: what was noticed in the input, with place, count, persons affected and a way out.

use serde::{Deserialize, Serialize};

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Worth knowing; changes nothing.
    Note,
    /// The run goes on; the result may not be what was meant. Fails under `--strict`.
    Warning,
    /// The run stops.
    Error,
}

/// One kind of thing noticed in one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Stable name of the kind in `snake_case`, for machines: `swapped_axes`, `outside_all_areas`.
    pub code: String,
    /// The file as named in the analysis file; empty for findings about the analysis as a whole.
    pub file: String,
    /// One sentence: what, where. Backticks around names.
    pub message: String,
    /// Evidence in further lines (what the values look like, why they are suspicious).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<String>,
    /// Number of rows, shapes or settlements concerned; 0 where counting makes no sense.
    pub count: u64,
    /// Persons concerned, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub persons: Option<u64>,
    /// First places (line, feature id, settlement id, coordinates), at most five.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<String>,
    /// A way out, as a line to paste or a thing to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Finding {
    /// A finding with a message; the builder methods add the rest.
    pub fn new(severity: Severity, code: &str, file: impl Into<String>, message: impl Into<String>) -> Self {
        Finding {
            severity,
            code: code.to_string(),
            file: file.into(),
            message: message.into(),
            evidence: Vec::new(),
            count: 0,
            persons: None,
            examples: Vec::new(),
            hint: None,
        }
    }

    /// An error.
    pub fn error(code: &str, file: impl Into<String>, message: impl Into<String>) -> Self {
        Finding::new(Severity::Error, code, file, message)
    }

    /// A warning.
    pub fn warning(code: &str, file: impl Into<String>, message: impl Into<String>) -> Self {
        Finding::new(Severity::Warning, code, file, message)
    }

    /// A note.
    pub fn note(code: &str, file: impl Into<String>, message: impl Into<String>) -> Self {
        Finding::new(Severity::Note, code, file, message)
    }

    /// Adds a line of evidence.
    #[must_use]
    pub fn with_evidence(mut self, line: impl Into<String>) -> Self {
        self.evidence.push(line.into());
        self
    }

    /// Sets the way out.
    #[must_use]
    pub fn with_hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Sets how many rows, shapes or settlements are concerned.
    #[must_use]
    pub fn with_count(mut self, count: u64) -> Self {
        self.count = count;
        self
    }

    /// Sets the persons concerned.
    #[must_use]
    pub fn with_persons(mut self, persons: u64) -> Self {
        self.persons = Some(persons);
        self
    }

    /// Sets the first places; only five are kept.
    #[must_use]
    pub fn with_examples(mut self, examples: impl IntoIterator<Item = String>) -> Self {
        self.examples = examples.into_iter().take(5).collect();
        self
    }
}
