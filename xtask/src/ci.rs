//! `cargo xtask ci`: what must pass before a merge.

use crate::command::{cargo, run};
use crate::licences::check_licences;
use crate::run_tests::{PROFILE, run_tests};
use crate::say;
use anyhow::{Context, Result};
use std::path::Path;
use std::time::Instant;

/// Runs every check in order, the quick ones first, and stops at the first that fails.
///
/// Everything is built in one profile. Clippy and rustdoc share what they know of the dependencies, and build
/// scripts and procedural macros are built once for all of them.
pub(crate) fn run_ci(root: &Path) -> Result<()> {
    let started = Instant::now();
    step("formatting", || run(cargo(root, &["fmt", "--all", "--", "--check"])))?;
    step("licences", || check_licences(root))?;
    step("lints", || {
        let lints = [
            "clippy",
            "--workspace",
            "--all-targets",
            "--locked",
            "--profile",
            PROFILE,
            "--",
            "-D",
            "warnings",
        ];
        run(cargo(root, &lints))
    })?;
    step("documentation", || {
        let mut doc = cargo(root, &["doc", "--no-deps", "--workspace", "--locked", "--profile", PROFILE]);
        doc.env("RUSTDOCFLAGS", "-Dwarnings");
        run(doc)
    })?;
    step("tests", || run_tests(root))?;
    say(&format!("All checks passed in {} s", started.elapsed().as_secs()));
    Ok(())
}

fn step(name: &str, check: impl FnOnce() -> Result<()>) -> Result<()> {
    let started = Instant::now();
    say(&format!("\n== {name}"));
    check().with_context(|| format!("{name} did not pass"))?;
    say(&format!("== {name} passed in {} s", started.elapsed().as_secs()));
    Ok(())
}
