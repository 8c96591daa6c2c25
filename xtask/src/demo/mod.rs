//! `cargo xtask demo`: the Västerbotten demo, made from real totals and invented detail.
//!
//! The generator reads `data/vasterbotten/source` only and writes the same bytes each time.

mod check;
mod contours;
mod countryside;
mod dice;
mod fibre;
mod files;
mod ground;
mod mobile;
mod settlements;
mod source;
mod town;

use anyhow::{Context, Result};
use source::Source;
use std::collections::BTreeMap;
use std::path::Path;

/// Where the demo lives, from the root of the repository.
pub(crate) const FOLDER: &str = "data/vasterbotten";

/// Writes the demo and prints what it holds.
pub(crate) fn write(root: &Path) -> Result<()> {
    let folder = root.join(FOLDER);
    let source = source::read_source(&folder.join("source"))?;
    let files = generate(&source, &folder.join("source"))?;
    let shares = check::shares_of(&files)?;
    crate::say(&shares.to_string());
    shares.hold(&source.persons_2021())?;
    for (name, text) in &files {
        let path = folder.join(name);
        std::fs::write(&path, text).with_context(|| path.display().to_string())?;
        crate::say(&format!("{:>9} bytes  {FOLDER}/{name}", text.len()));
    }
    Ok(())
}

/// The generated files by name.
fn generate(source: &Source, source_folder: &Path) -> Result<BTreeMap<&'static str, String>> {
    let region = settlements::settle_region(source)?;
    let fibre = fibre::draw_fibre(source, &region);
    let mobile = mobile::draw_mobile(source, &region);
    Ok(BTreeMap::from([
        ("municipalities.geojson", files::municipalities_geojson(source_folder, &source.municipalities)?),
        ("statistics.csv", files::statistics_csv(source_folder, &source.municipalities)?),
        ("settlements.csv", files::settlements_csv(&region.settlements)),
        ("fibre.geojson", files::fibre_geojson(&fibre)),
        ("mobile.geojson", files::mobile_geojson(&mobile)),
    ]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> std::path::PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(FOLDER)
    }

    #[test]
    fn the_committed_demo_is_what_the_generator_writes_and_agrees_with_published_figures() {
        let source = source::read_source(&folder().join("source")).unwrap();
        let files = generate(&source, &folder().join("source")).unwrap();
        for (name, text) in &files {
            let committed = std::fs::read_to_string(folder().join(name)).unwrap();
            assert!(committed == *text, "{name} differs from what `cargo xtask demo` writes");
        }
        check::shares_of(&files).unwrap().hold(&source.persons_2021()).unwrap();
    }

    #[test]
    fn the_demo_stays_small() {
        let files = std::fs::read_dir(folder()).unwrap().filter_map(|entry| entry.unwrap().metadata().ok());
        let bytes: u64 = files.filter(std::fs::Metadata::is_file).map(|m| m.len()).sum();
        assert!((1..8_000_000).contains(&bytes), "{bytes} bytes");
    }

    #[test]
    fn every_invented_file_says_so() {
        for name in ["fibre.geojson", "mobile.geojson"] {
            let text = std::fs::read_to_string(folder().join(name)).unwrap();
            let json: serde_json::Value = serde_json::from_str(&text).unwrap();
            assert_eq!(json["synthetic"], true, "{name}");
            for feature in json["features"].as_array().unwrap() {
                assert_eq!(feature["properties"]["synthetic"], true, "{name}");
            }
        }
        let settlements = std::fs::read_to_string(folder().join("settlements.csv")).unwrap();
        assert!(settlements.lines().skip(1).all(|line| line.ends_with("synthetic")));
    }
}
