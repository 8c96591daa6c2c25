//! 7 Data and download: whose data, from when, what became of their rows, and which files there are.

use super::Pen;
use crate::format;
use serde::Serialize;
use whitespot_model::{config::OutputFormat, provenance::Provenance, result::RunResult};

/// Values of `data.html`.
#[derive(Serialize)]
pub(crate) struct Data {
    sentence: String,
    inputs: Vec<Input>,
    files: Vec<File>,
    run_id: String,
    version: String,
    crs: String,
    withheld: Option<String>,
}

#[derive(Serialize)]
struct Input {
    role: String,
    file: String,
    layer: Option<String>,
    owner: Option<String>,
    date: Option<String>,
    licence: Option<String>,
    format: String,
    crs: String,
    size: String,
    sha256: String,
    read: String,
    accepted: String,
    repaired: String,
    rejected: String,
    left_out: Option<String>,
    has_rejected: bool,
    synthetic: bool,
}

#[derive(Serialize)]
struct File {
    path: String,
    what: String,
}

pub(crate) fn section(result: &RunResult, pen: &Pen) -> Data {
    let sum = |f: fn(&Provenance) -> u64| result.inputs.iter().map(f).sum::<u64>();
    let written = |n: u64| pen.unsigned(n);
    let n_files = result.inputs.len() as u64;
    let sentence = pen.fill(
        "data.sentence",
        &[
            ("files", &pen.words.count("data.n_files", n_files, &written(n_files))),
            ("read", &written(sum(|p| p.rows.read))),
            ("repaired", &written(sum(|p| p.rows.repaired))),
            ("rejected", &written(sum(|p| p.rows.rejected))),
        ],
    );
    Data {
        sentence,
        inputs: result.inputs.iter().map(|p| input(p, result, pen)).collect(),
        files: files(result, pen),
        run_id: result.run_id.clone(),
        version: result.version.clone(),
        crs: result.crs.clone(),
        withheld: result
            .withheld
            .as_ref()
            .map(|w| pen.fill("data.withheld", &[("n", &pen.count(i64::from(w.min_cell)))])),
    }
}

fn input(p: &Provenance, result: &RunResult, pen: &Pen) -> Input {
    let written = |n: u64| pen.unsigned(n);
    Input {
        role: pen.role(&p.role, result),
        file: p.file.clone(),
        layer: p.layer.clone(),
        owner: p.owner.clone(),
        date: p.date.clone(),
        licence: p.licence.clone(),
        format: p.format.clone(),
        crs: p.crs.clone(),
        size: format::bytes(p.bytes, pen.lang),
        sha256: p.sha256.clone(),
        read: written(p.rows.read),
        accepted: written(p.rows.accepted),
        repaired: written(p.rows.repaired),
        rejected: written(p.rows.rejected),
        left_out: (p.rows.left_out > 0).then(|| written(p.rows.left_out)),
        has_rejected: p.rows.rejected > 0,
        synthetic: p.synthetic,
    }
}

fn files(result: &RunResult, pen: &Pen) -> Vec<File> {
    let has = |format| result.formats.contains(&format);
    let mut files: Vec<(String, &str)> = vec![("areas.csv".into(), "data.areas")];
    if result.parents.n_rows() > 0 {
        files.push(("parents.csv".into(), "data.parents"));
    }
    if has(OutputFormat::Parquet) {
        files.push(("areas.parquet".into(), "data.areas_parquet"));
    }
    // Without shapes there are no layers.
    let has_layers = |format| has(format) && result.map.is_some();
    if has_layers(OutputFormat::Geojson) {
        files.push(("areas.geojson".into(), "data.geojson"));
    }
    if has_layers(OutputFormat::Geoparquet) {
        files.push(("geoparquet/areas.parquet".into(), "data.geoparquet"));
    }
    if has_layers(OutputFormat::Gpkg) {
        files.push(("whitespot.gpkg".into(), "data.gpkg"));
    }
    if has(OutputFormat::Xlsx) {
        files.push(("areas.xlsx".into(), "data.xlsx"));
    }
    if result.clusters.is_some() {
        files.push(("clusters.csv".into(), "data.clusters"));
    }
    if result.ranking.is_some() {
        files.push(("why_this_rank.csv".into(), "data.why"));
    }
    if result.robustness.is_some() {
        files.push(("robustness.csv".into(), "data.robustness"));
    }
    if result.consultation.is_some() {
        files.push(("consultation.csv".into(), "data.consultation"));
    }
    for scenario in &result.scenarios {
        files.push((format!("scenarios/{}.csv", scenario.name), "data.scenario"));
    }
    if !result.scenarios.is_empty() {
        files.push(("scenarios/comparison.csv".into(), "data.comparison"));
    }
    files.into_iter().map(|(path, key)| File { path, what: pen.text(key) }).collect()
}
