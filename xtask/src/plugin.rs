//! `cargo xtask plugin`: the QGIS plugin as a zip that QGIS installs.

use crate::command::{find_program, run};
use crate::say;
use anyhow::{Context, Result, bail};
use std::path::Path;
use std::process::Command;

/// Where the plugin stands in the repository, and how its folder in the archive is called.
const FOLDER: &str = "qgis";
const PLUGIN: &str = "whitespot";

/// Writes `target/whitespot-qgis.zip`: one folder with the plugin and its licence, nothing compiled.
pub(crate) fn write_plugin(root: &Path) -> Result<()> {
    let target = root.join("target");
    let archive = target.join("whitespot-qgis.zip");
    let staging = target.join("whitespot-qgis");
    let _ = std::fs::remove_dir_all(&staging);
    let _ = std::fs::remove_file(&archive);
    copy_folder(&root.join(FOLDER).join(PLUGIN), &staging.join(PLUGIN))?;
    for licence in ["LICENSE-MIT", "LICENSE-APACHE"] {
        std::fs::copy(root.join(licence), staging.join(PLUGIN).join(licence))?;
    }
    // Python makes archives everywhere QGIS runs; a crate for this one file would not pay.
    let Some(python) = find_program("python3") else { bail!("python3 is needed to make the archive") };
    let mut zip = Command::new(python);
    zip.args(["-m", "zipfile", "-c"]).arg(&archive).arg(format!("{PLUGIN}/")).current_dir(&staging);
    run(zip).context("making the archive")?;
    std::fs::remove_dir_all(&staging)?;
    say(&archive.display().to_string());
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    std::fs::create_dir_all(to)?;
    let mut entries: Vec<_> = std::fs::read_dir(from)?.collect::<std::io::Result<_>>()?;
    entries.sort_by_key(std::fs::DirEntry::file_name);
    for entry in entries {
        let (path, target) = (entry.path(), to.join(entry.file_name()));
        let name = entry.file_name();
        if name == "__pycache__" || path.extension().is_some_and(|e| e == "pyc") {
            continue;
        }
        if path.is_dir() {
            copy_folder(&path, &target)?;
        } else {
            std::fs::copy(&path, &target).with_context(|| path.display().to_string())?;
        }
    }
    Ok(())
}
