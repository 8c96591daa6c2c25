//! `cargo xtask plugin`: the QGIS plugin as a zip that QGIS installs.

use crate::command::{find_program, run};
use crate::say;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Writes `target/whitespot-qgis.zip` by `qgis/make_zip.py`, which the tests use too.
pub(crate) fn write_plugin(root: &Path) -> Result<()> {
    let target = root.join("target");
    std::fs::create_dir_all(&target)?;
    let archive = target.join("whitespot-qgis.zip");
    // Python makes archives everywhere QGIS runs; a crate for this one file would not pay.
    let Some(python) = find_program("python3") else { bail!("python3 is needed to make the archive") };
    let mut make = Command::new(python);
    make.arg(root.join("qgis/make_zip.py")).arg(&archive);
    run(make).context("making the archive")?;
    say(&archive.display().to_string());
    Ok(())
}
