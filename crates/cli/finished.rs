//! A finished run: its folder and its `run.json`.

use crate::{args::Common, config, failure::Failure};
use std::path::{Path, PathBuf};
use whitespot_model::{
    config::Lang,
    finding::Finding,
    result::{RunResult, SCHEMA},
};

/// A finished run that has been read.
pub(crate) struct FinishedRun {
    /// Its results folder.
    pub(crate) folder: PathBuf,
    /// Its result.
    pub(crate) result: RunResult,
}

/// Reads the run of a results folder; where none is given, that of the analysis file's `out`.
///
/// # Errors
/// Findings: no analysis file, no such folder, no finished run in it, one of another whitespot.
pub(crate) fn read(run: Option<&Path>, common: &Common) -> Result<FinishedRun, Failure> {
    let folder = match run {
        Some(folder) => folder.to_path_buf(),
        None => {
            let file = config::read(&common.config, &[])?;
            file.base.join(&file.analysis.out)
        }
    };
    let path = folder.join("run.json");
    let name = path.display().to_string();
    let wrong = |code: &str, message: String, hint: &str| {
        Failure::Findings(vec![Finding::error(code, &name, message).with_hint(hint)])
    };
    let text = std::fs::read_to_string(&path).map_err(|e| {
        let folder = folder.display();
        match e.kind() {
            std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory => wrong(
                "no_run",
                format!("`{folder}` holds no finished run"),
                "`whitespot run` makes one; name its results folder",
            ),
            _ => wrong("unreadable_file", format!("cannot read `{name}`: {e}"), "check the permissions"),
        }
    })?;
    let again = "run the analysis again with this whitespot";
    let schema = serde_json::from_str::<Schema>(&text)
        .map_err(|e| wrong("bad_run", format!("`{name}` is damaged: {e}"), again))?
        .schema;
    if schema != SCHEMA {
        let message = format!("`{name}` has schema {schema}, this whitespot reads schema {SCHEMA}");
        return Err(wrong("unknown_schema", message, again));
    }
    let result = serde_json::from_str(&text)
        .map_err(|e| wrong("bad_run", format!("`{name}` cannot be read: {e}"), again))?;
    Ok(FinishedRun { folder, result })
}

#[derive(serde::Deserialize)]
struct Schema {
    schema: u32,
}

/// The language of what is printed about a run: as asked for, else the run's first.
pub(crate) fn language(common: &Common, result: &RunResult) -> Lang {
    common.lang.map(Into::into).or_else(|| result.language.first().copied()).unwrap_or(Lang::En)
}
