//! Tests of the readers and writers through the crate's public face.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod corpora;
mod geojson;
mod geopackage;
mod geotiff;
mod others;

use std::path::{Path, PathBuf};
use whitespot_model::features::{As, Features, ReadError, Request};

/// A file with this content, in a folder of its own that lives as long as the first value.
fn file(name: &str, content: impl AsRef<[u8]>) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    std::fs::write(&path, content).unwrap();
    (folder, path)
}

/// A request for geometry and the columns.
fn request(columns: &[(&str, As)]) -> Request {
    Request {
        columns: columns.iter().map(|(name, r#as)| (name.to_string(), *r#as)).collect(),
        geometry: true,
        ..Request::default()
    }
}

/// All rows in batches of at most `max_rows`, joined.
fn read_all(path: &Path, request: &Request, max_rows: usize) -> Result<Features, ReadError> {
    let mut source = whitespot_io::open(path, request)?;
    let mut all: Option<Features> = None;
    while let Some(rows) = source.next_batch(max_rows)? {
        match &mut all {
            None => all = Some(rows),
            Some(all) => all.append(rows),
        }
    }
    Ok(all.unwrap_or_default())
}
