//! Metadata for open-data portals: `public/dcat.jsonld` and `public/datapackage.json`, from what the folder holds.

mod datapackage;
mod dcat;

use crate::{failure::Failure, results::Staging, words};
use rayon::prelude::*;
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::{collections::BTreeMap, io::Read as _, path::Path};
use whitespot_model::{
    config::{Analysis, Lang, Publication, Title},
    result::RunResult,
    table::Table,
};

/// What the metadata are written from.
pub(crate) struct Described<'a> {
    pub(crate) result: &'a RunResult,
    pub(crate) analysis: &'a Analysis,
    /// Tables written as CSV, by path within the results folder, for their columns.
    pub(crate) tables: &'a BTreeMap<String, Table>,
    /// West, south, east and north in degrees; `None` where areas have no shapes.
    pub(crate) bounds: Option<[f64; 4]>,
}

/// Writes both files; the last of `public/`, since they tell sizes and checksums of all others.
pub(crate) fn write(described: &Described<'_>, staging: &Staging) -> Result<(), Failure> {
    let files = public_files(&staging.path("public")?)?;
    staging.write("public/datapackage.json", &datapackage::text(described, &files)?)?;
    staging.write("public/dcat.jsonld", &dcat::text(described, &files)?)
}

/// Brings sizes and checksums in both files up to date after files of a finished run's `public/` have been written
/// again, and lists new ones. Where the run wrote no such metadata there is nothing to do.
pub(crate) fn refresh(folder: &Path, publication: &Publication) -> Result<(), Failure> {
    let files = public_files(folder)?;
    for (name, refreshed) in [
        ("datapackage.json", &datapackage::refresh as &dyn Fn(&mut Value, &[PublicFile])),
        ("dcat.jsonld", &|document: &mut Value, files: &[PublicFile]| {
            dcat::refresh(document, publication, files);
        }),
    ] {
        let path = folder.join(name);
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        // What somebody has made of the file by hand is not ours to mend.
        let Ok(mut document) = serde_json::from_str::<Value>(&text) else { continue };
        refreshed(&mut document, &files);
        let text = serde_json::to_string_pretty(&document).map_err(anyhow::Error::from)? + "\n";
        write_whole(&path, text.as_bytes())?;
    }
    Ok(())
}

/// Writes beside the file and renames, so that a reader never finds half of it.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let beside = path.with_extension(format!("{}.tmp", std::process::id()));
    std::fs::write(&beside, bytes)
        .and_then(|()| std::fs::rename(&beside, path))
        .inspect_err(|_| {
            let _ = std::fs::remove_file(&beside);
        })
        .map_err(|e| Failure::unwritable(path, e))
}

/// A file of `public/`.
struct PublicFile {
    /// Path within `public/`, with `/`.
    path: String,
    bytes: u64,
    /// Lower-case hex.
    sha256: String,
    kind: &'static Kind,
}

/// What files of an extension are.
struct Kind {
    extension: &'static str,
    name: &'static str,
    /// As registered with IANA, or the usual one.
    media_type: &'static str,
    /// Code in the EU vocabulary of file types, where it has one.
    eu_file_type: Option<&'static str>,
    sv: &'static str,
    en: &'static str,
}

const KINDS: [Kind; 10] = [
    Kind {
        extension: "csv",
        name: "CSV",
        media_type: "text/csv",
        eu_file_type: Some("CSV"),
        sv: "tabell",
        en: "table",
    },
    Kind {
        extension: "fgb",
        name: "FlatGeobuf",
        media_type: "application/vnd.flatgeobuf",
        eu_file_type: None,
        sv: "kartskikt för webben",
        en: "map layer for the web",
    },
    Kind {
        extension: "geojson",
        name: "GeoJSON",
        media_type: "application/geo+json",
        eu_file_type: Some("GEOJSON"),
        sv: "kartskikt (WGS 84)",
        en: "map layer (WGS 84)",
    },
    Kind {
        extension: "gpkg",
        name: "GeoPackage",
        media_type: "application/geopackage+sqlite3",
        eu_file_type: Some("GPKG"),
        sv: "kartskikt med stilar",
        en: "map layers with styles",
    },
    Kind {
        extension: "html",
        name: "HTML",
        media_type: "text/html",
        eu_file_type: Some("HTML"),
        sv: "rapport",
        en: "report",
    },
    Kind {
        extension: "parquet",
        name: "Parquet",
        media_type: "application/vnd.apache.parquet",
        eu_file_type: Some("PARQUET"),
        sv: "tabell",
        en: "table",
    },
    Kind {
        extension: "pdf",
        name: "PDF",
        media_type: "application/pdf",
        eu_file_type: Some("PDF"),
        sv: "rapport för utskrift",
        en: "report to print",
    },
    Kind {
        extension: "qgz",
        name: "QGIS project",
        media_type: "application/zip",
        eu_file_type: Some("ZIP"),
        sv: "QGIS-projekt till GeoPackage-filen",
        en: "QGIS project for the GeoPackage",
    },
    Kind {
        extension: "qml",
        name: "QGIS style",
        media_type: "text/xml",
        eu_file_type: Some("XML"),
        sv: "QGIS-stil",
        en: "QGIS style",
    },
    Kind {
        extension: "xlsx",
        name: "XLSX",
        media_type: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        eu_file_type: Some("XLSX"),
        sv: "arbetsbok",
        en: "workbook",
    },
];

/// Every file of the folder that a kind is known of, by path.
fn public_files(folder: &Path) -> Result<Vec<PublicFile>, Failure> {
    let mut paths = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(next) = open.pop() {
        let entries = std::fs::read_dir(&next).map_err(|e| Failure::unwritable(&next, e))?;
        for entry in entries {
            let path = entry.map_err(|e| Failure::unwritable(&next, e))?.path();
            if path.is_dir() {
                open.push(path);
            } else {
                paths.push(path);
            }
        }
    }
    paths.sort();
    let known = paths.par_iter().filter_map(|path| {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default();
        Some((path, KINDS.iter().find(|k| k.extension == extension)?))
    });
    known
        .map(|(path, kind)| {
            let relative = path.strip_prefix(folder).unwrap_or(path);
            let parts: Vec<_> = relative.iter().map(|part| part.to_string_lossy().into_owned()).collect();
            let (sha256, bytes) = checksum(path).map_err(|e| Failure::unwritable(path, e))?;
            Ok(PublicFile { path: parts.join("/"), bytes, sha256, kind })
        })
        .collect()
}

fn checksum(path: &Path) -> std::io::Result<(String, u64)> {
    let mut file = std::fs::File::open(path)?;
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let n = file.read(&mut buffer)?;
        if n == 0 {
            break;
        }
        hash.update(&buffer[..n]);
        bytes += n as u64;
    }
    Ok((hash.finalize().iter().map(|b| format!("{b:02x}")).collect(), bytes))
}

/// Both languages, Swedish first.
const LANGUAGES: [Lang; 2] = [Lang::Sv, Lang::En];

/// What the data are, in a language: what the analysis file says, else what the run did.
fn description(described: &Described<'_>, lang: Lang) -> String {
    let Described { result, analysis, .. } = described;
    let own = analysis.publication.as_ref().and_then(|p| p.description.as_ref());
    let mut text = match (own, lang) {
        (Some(own), _) => own.in_lang(lang).to_string(),
        (None, Lang::Sv) => format!(
            "Hur många personer och hushåll som saknar {} i varje område, med behovsordning och bidragsscenarier. \
             Andelar är 0–1, saknade värden är tomma, antal hushåll under {} är dolda.",
            service_names(result, lang),
            analysis.outputs.min_cell
        ),
        (None, Lang::En) => format!(
            "How many persons and households lack {} in each area, with a ranking by need and funding scenarios. \
             Shares are 0–1, missing values are empty, household counts below {} are suppressed.",
            service_names(result, lang),
            analysis.outputs.min_cell
        ),
    };
    let made_up: Vec<String> =
        result.inputs.iter().filter(|i| i.synthetic).map(|i| words::role(&i.role, lang)).collect();
    if !made_up.is_empty() {
        let words = match lang {
            Lang::Sv => " OBS! Påhittade indata: ",
            Lang::En => " NOTE: made-up inputs: ",
        };
        text.push_str(words);
        text.push_str(&made_up.join(", "));
        text.push('.');
    }
    text
}

fn service_names(result: &RunResult, lang: Lang) -> String {
    let names: Vec<&str> = result
        .services
        .iter()
        .map(|(name, config)| config.title.as_ref().map_or(name.as_str(), |t: &Title| t.in_lang(lang)))
        .collect();
    names.join(", ")
}

/// Where the numbers come from, in a sentence an input.
fn lineage(result: &RunResult, lang: Lang) -> String {
    let inputs: Vec<String> = result
        .inputs
        .iter()
        .map(|i| {
            let facts = [i.owner.as_deref(), i.date.as_deref(), i.licence.as_deref(), Some(i.crs.as_str())];
            let facts: Vec<&str> = facts.into_iter().flatten().filter(|f| !f.is_empty()).collect();
            format!("{} ({})", words::role(&i.role, lang), facts.join(", "))
        })
        .collect();
    match lang {
        Lang::Sv => format!(
            "Beräknat av whitespot {}, körning {}, av {}. Samma indata och inställningar ger samma filer.",
            result.version,
            result.run_id,
            inputs.join("; ")
        ),
        Lang::En => format!(
            "Computed by whitespot {}, run {}, from {}. The same inputs and settings give the same files.",
            result.version,
            result.run_id,
            inputs.join("; ")
        ),
    }
}

/// A path as it may stand in a URL.
fn url_path(path: &str) -> String {
    let mut out = String::new();
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'/' | b'.' | b'-' | b'_' | b'~' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
