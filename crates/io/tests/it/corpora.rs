//! Walks the format corpora kept beside the checkout: no panic, and the verdict of each file on record.

use crate::{read_all, request};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn corpora() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/test-only/formats");
    if path.is_dir() {
        return Some(path);
    }
    println!("skipped: the format corpora are not here");
    None
}

fn files_below(folder: &Path, extensions: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if extensions.iter().any(|e| path.extension().is_some_and(|x| x.eq_ignore_ascii_case(e))) {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// One line: rows, shapes and defects, or the error.
fn verdict(path: &Path) -> String {
    let mut line = String::new();
    let layers = match whitespot_io::layers(path) {
        Ok(layers) if layers.len() > 1 => layers.into_iter().map(Some).collect(),
        Ok(_) => vec![None],
        Err(error) => return format!("refused: {error}"),
    };
    for layer in layers {
        let mut wanted = request(&[]);
        wanted.layer = layer;
        match read_all(path, &wanted, 1000) {
            Ok(rows) => {
                let shapes = rows.shapes.unwrap_or_default();
                let _ = write!(
                    line,
                    "{} rows, {} parts, {} coordinates",
                    rows.n_rows,
                    shapes.n_parts(),
                    shapes.n_coords()
                );
                for defect in rows.defects.iter().take(2) {
                    let _ = write!(line, "; row {}: {:?} {}", defect.row, defect.kind, defect.evidence);
                }
            }
            Err(error) => {
                let _ = write!(line, "refused: {error}");
            }
        }
        line.push_str(" | ");
    }
    line
}

#[test]
fn every_file_of_the_corpora_is_read_or_refused() {
    let Some(corpora) = corpora() else { return };
    for path in files_below(&corpora, &["geojson", "json", "gpkg", "shp", "fgb", "zip"]) {
        println!("{}: {}", path.strip_prefix(&corpora).unwrap().display(), verdict(&path));
    }
}

#[test]
fn good_geojson_has_no_defect() {
    let Some(corpora) = corpora() else { return };
    for path in files_below(&corpora.join("geojsonhint/good"), &["geojson"]) {
        let rows = read_all(&path, &request(&[]), 1000).unwrap();
        assert_eq!(rows.defects, [], "{}", path.display());
    }
}
