//! Why a geometry file cannot be written.

use std::path::{Path, PathBuf};

/// Why a geometry file cannot be written. What has been written of it is of no use then.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system refuses: no permission, disk full, already there.
    #[error("cannot write `{}`: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Its reason.
        #[source]
        source: std::io::Error,
    },
    /// SQLite refuses (a full disk, as a rule).
    #[error("cannot write `{}`: {what}", file.display())]
    Database {
        /// The file.
        file: PathBuf,
        /// Its reason.
        what: String,
    },
    /// The table and its shapes do not belong together: an error of the caller.
    #[error("cannot write layer `{layer}` of `{}`: {what}", file.display())]
    Mismatch {
        /// The file.
        file: PathBuf,
        /// The layer.
        layer: String,
        /// The difference.
        what: String,
    },
}

impl WriteError {
    pub(crate) fn io(path: &Path) -> impl Fn(std::io::Error) -> WriteError + '_ {
        move |source| WriteError::Io { file: path.to_path_buf(), source }
    }

    pub(crate) fn database(path: &Path) -> impl Fn(rusqlite::Error) -> WriteError + '_ {
        move |error| WriteError::Database { file: path.to_path_buf(), what: error.to_string() }
    }

    pub(crate) fn mismatch(path: &Path, layer: &str, what: impl Into<String>) -> WriteError {
        WriteError::Mismatch { file: path.to_path_buf(), layer: layer.to_string(), what: what.into() }
    }
}
