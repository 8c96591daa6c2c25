//! Builds [`ReadError`]s.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};
use whitespot_model::features::ReadError;

/// Opens a file for reading; a folder is refused.
pub(crate) fn open_file(path: &Path) -> Result<File, ReadError> {
    let file = File::open(path).map_err(|e| io(path, e))?;
    if file.metadata().is_ok_and(|m| m.is_dir()) {
        return Err(io(path, io::Error::new(io::ErrorKind::IsADirectory, "it is a folder")));
    }
    Ok(file)
}

/// The system's refusal as ours.
pub(crate) fn io(path: &Path, source: io::Error) -> ReadError {
    if source.kind() == io::ErrorKind::NotFound {
        ReadError::Missing { file: path.to_path_buf() }
    } else {
        ReadError::Io { file: path.to_path_buf(), source }
    }
}

/// A file that is not what its format demands.
pub(crate) fn malformed(path: &Path, format: &'static str, what: impl Into<String>) -> Malformed {
    Malformed { file: path.to_path_buf(), format, what: what.into(), hint: None }
}

/// A column that is not there.
pub(crate) fn no_such_column(path: &Path, wanted: &str, present: &[String]) -> ReadError {
    ReadError::NoSuchColumn {
        file: path.to_path_buf(),
        wanted: wanted.to_string(),
        present: present.to_vec(),
    }
}

/// [`ReadError::Malformed`] in the making.
pub(crate) struct Malformed {
    file: PathBuf,
    format: &'static str,
    what: String,
    hint: Option<String>,
}

impl Malformed {
    /// Adds a way out.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl From<Malformed> for ReadError {
    fn from(m: Malformed) -> ReadError {
        ReadError::Malformed { file: m.file, format: m.format, what: m.what, hint: m.hint }
    }
}
