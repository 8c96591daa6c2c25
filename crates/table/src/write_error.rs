//! Why a table cannot be written.

use std::{io, path::PathBuf};

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// The operating system refuses: no permission, disk full.
    #[error("cannot write `{}`: {source}", file.display())]
    Io {
        /// The file.
        file: PathBuf,
        /// Its reason.
        #[source]
        source: io::Error,
    },
    /// A batch has other columns than the file.
    #[error("`{}` cannot take the batch: {what}", file.display())]
    OtherColumns {
        /// The file.
        file: PathBuf,
        /// The difference.
        what: String,
    },
    /// GeoParquet states a CRS in PROJJSON, and none is given.
    #[error("`{}` needs the PROJJSON of the CRS {crs}", file.display())]
    NeedsProjJson {
        /// The file.
        file: PathBuf,
        /// The CRS as declared.
        crs: String,
    },
    /// The encoder fails.
    #[error("cannot write `{}`: {what}", file.display())]
    Encoder {
        /// The file.
        file: PathBuf,
        /// Its reason.
        what: String,
    },
}
