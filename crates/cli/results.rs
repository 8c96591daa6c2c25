//! The results folder: written beside its place, and put there whole or not at all.

use crate::failure::Failure;
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Mutex,
};
use whitespot_model::{finding::Finding, table::Table};

/// The folder being written, for the interrupt handler to take away.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

/// A results folder being written beside its final place.
pub(crate) struct Staging {
    folder: Option<PathBuf>,
    target: PathBuf,
    replaces: bool,
    /// Tables written as CSV, by path: what their columns mean.
    tables: Mutex<BTreeMap<String, Table>>,
}

impl Staging {
    /// Starts a results folder for `target`.
    ///
    /// # Errors
    /// Where the target exists and is not to be replaced, is no results folder, or cannot be written beside.
    pub(crate) fn begin(target: &Path, force: bool) -> Result<Staging, Failure> {
        let name = target.display().to_string();
        let is_there = target.exists();
        if is_there && !force {
            return Err(Failure::Output(
                Finding::error("out_exists", &name, format!("the results folder `{name}` is already there"))
                    .with_hint("`--force` replaces it, `--out DIR` writes elsewhere"),
            ));
        }
        if is_there && !looks_like_results(target) {
            return Err(Failure::Output(
                Finding::error(
                    "not_results",
                    &name,
                    format!("`{name}` is there and is no results folder; it is left alone"),
                )
                .with_hint("`--out DIR` writes elsewhere"),
            ));
        }
        let parent = target.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let last = target.file_name().map_or("results".into(), |n| n.to_string_lossy().into_owned());
        let folder = parent.join(format!(".whitespot-{last}-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("public").join("scenarios"))
            .map_err(|e| Failure::unwritable(&folder, e))?;
        *UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = Some(folder.clone());
        Ok(Staging {
            folder: Some(folder),
            target: target.to_path_buf(),
            replaces: is_there,
            tables: Mutex::default(),
        })
    }

    /// A staging that nothing is written to, for `check`.
    pub(crate) fn nowhere() -> Staging {
        Staging { folder: None, target: PathBuf::new(), replaces: false, tables: Mutex::default() }
    }

    /// Whether files may be written.
    pub(crate) fn is_somewhere(&self) -> bool {
        self.folder.is_some()
    }

    /// Where a file of the results folder is written for now; its folder is made.
    pub(crate) fn path(&self, relative: &str) -> Result<PathBuf, Failure> {
        let folder = self.folder.as_ref().ok_or_else(|| anyhow::anyhow!("`check` writes nothing"))?;
        let path = folder.join(relative);
        if let Some(parent) = path.parent() {
            std::fs::create_dir_all(parent).map_err(|e| Failure::unwritable(parent, e))?;
        }
        Ok(path)
    }

    /// Writes a text file of the results folder.
    pub(crate) fn write(&self, relative: &str, text: &str) -> Result<(), Failure> {
        let path = self.path(relative)?;
        std::fs::write(&path, text).map_err(|e| Failure::unwritable(&path, e))
    }

    /// Remembers the columns of a table that has been written, for the metadata.
    pub(crate) fn note_table(&self, relative: &str, table: &Table) {
        let mut tables = self.tables.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tables.insert(relative.to_string(), table.clone());
    }

    /// The tables noted so far.
    pub(crate) fn tables(&self) -> BTreeMap<String, Table> {
        self.tables.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// Puts the finished folder in its place.
    pub(crate) fn commit(mut self) -> Result<PathBuf, Failure> {
        let folder = self.folder.take().ok_or_else(|| anyhow::anyhow!("nothing was written"))?;
        let old = self.replaces.then(|| {
            let mut name = folder.file_name().unwrap_or_default().to_os_string();
            name.push("-old");
            folder.with_file_name(name)
        });
        if let Some(old) = &old {
            std::fs::rename(&self.target, old).map_err(|e| Failure::unwritable(&self.target, e))?;
        }
        if let Err(e) = std::fs::rename(&folder, &self.target) {
            if let Some(old) = &old {
                // The old results come back rather than none at all.
                let _ = std::fs::rename(old, &self.target);
            }
            let _ = std::fs::remove_dir_all(&folder);
            return Err(Failure::unwritable(&self.target, e));
        }
        *UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner) = None;
        if let Some(old) = old {
            let _ = std::fs::remove_dir_all(old);
        }
        Ok(self.target.clone())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Some(folder) = &self.folder {
            let _ = std::fs::remove_dir_all(folder);
        }
    }
}

/// Takes away what an interrupted run has written so far.
pub(crate) fn remove_unfinished() {
    let folder = UNFINISHED.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take();
    if let Some(folder) = folder {
        let _ = std::fs::remove_dir_all(folder);
    }
}

/// `--force` replaces only what a run has written, or an empty folder.
fn looks_like_results(folder: &Path) -> bool {
    folder.is_dir()
        && (folder.join("manifest.json").is_file()
            || std::fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_none()))
}
