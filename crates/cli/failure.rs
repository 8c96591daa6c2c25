//! Why a command ends without its result, and the exit code that says who acts.

use whitespot_model::finding::Finding;

/// Why a command failed.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The analysis file or the data has a problem (exit code 1).
    Findings(Vec<Finding>),
    /// The output exists or cannot be written (exit code 3).
    Output(Finding),
    /// Something that must not happen (exit code 101).
    Bug(anyhow::Error),
}

impl Failure {
    /// The exit code of UX §1.3.
    pub(crate) fn exit_code(&self) -> u8 {
        match self {
            Failure::Findings(_) => 1,
            Failure::Output(_) => 3,
            Failure::Bug(_) => 101,
        }
    }

    /// A file of the results folder that cannot be written.
    pub(crate) fn unwritable(path: &std::path::Path, error: impl std::fmt::Display) -> Failure {
        let name = path.display().to_string();
        Failure::Output(
            Finding::error("unwritable", &name, format!("cannot write `{name}`: {error}"))
                .with_hint("check that the folder can be written to and that the disk has room, or choose another with `--out`"),
        )
    }
}

impl From<Vec<Finding>> for Failure {
    fn from(findings: Vec<Finding>) -> Failure {
        Failure::Findings(findings)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Failure {
        Failure::Bug(error)
    }
}
