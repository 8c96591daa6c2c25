//! Tasks of the whitespot project: `cargo xtask demo`, `test`, `ci`, `fuzz`.

#![cfg_attr(test, allow(clippy::unwrap_used))]

mod ci;
mod clients;
mod command;
mod demo;
mod fuzz;
mod licences;
mod plugin;
mod run_tests;

use anyhow::{Result, bail};
use std::path::Path;

const USAGE: &str = "Usage: cargo xtask <TASK>

Tasks:
  demo      Write data/vasterbotten again from its sources (same bytes each time)
  test      Run every test, with the real clients (GDAL, QGIS, Chromium) where they can be installed
  fuzz      Feed every reader damaged files: [--minutes 60] [--seeds FOLDER] [--no-build] [TARGET…]
  plugin    Pack the QGIS plugin as target/whitespot-qgis.zip
  licences  Licences, banned packages and sources, by deny.toml
  ci        Formatting, lints, tests, docs and licences: what must pass before a merge
";

fn main() -> Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap_or(Path::new("."));
    match std::env::args().nth(1).as_deref() {
        Some("demo") => demo::write(root),
        Some("test") => run_tests::run_tests(root),
        Some("fuzz") => fuzz::run_fuzz(root, &std::env::args().skip(2).collect::<Vec<_>>()),
        Some("plugin") => plugin::write_plugin(root),
        Some("licences") => licences::check_licences(root),
        Some("ci") => ci::run_ci(root),
        Some("help" | "--help" | "-h") => {
            say(USAGE);
            Ok(())
        }
        Some(other) => bail!("there is no task `{other}`\n\n{USAGE}"),
        None => bail!("which task?\n\n{USAGE}"),
    }
}

/// Prints a line for the person who started the task.
#[allow(clippy::print_stdout, reason = "a task talks to the terminal")]
pub(crate) fn say(line: &str) {
    println!("{line}");
}
