//! `/collections`: what layers there are.

use super::{
    dataset::Dataset,
    json,
    links::{GEOJSON, JSON, Link, base_of},
    parameters::Parameters,
    problem::Problem,
    systems::CRS84,
    tiles::TILESETS,
};
use crate::run::ExploredRun;
use axum::{
    extract::{Path, Query, State},
    http::HeaderMap,
    response::Response,
};
use serde_json::{Value, json as value};
use std::sync::Arc;

/// All collections.
pub(super) async fn list(
    State(run): State<Arc<ExploredRun>>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    Parameters::new(pairs.0)?.allow(&["f"])?;
    let base = base_of(&headers);
    let collections: Vec<Value> = match run.dataset() {
        Some(dataset) => (0..dataset.layers.len()).map(|i| described(&run, dataset, i, &base)).collect(),
        None => Vec::new(),
    };
    let systems: Vec<&str> =
        run.dataset().map(|d| d.systems.iter().map(|s| s.uri.as_str()).collect()).unwrap_or_default();
    let links = [Link::new("self", format!("{base}/collections"), JSON, "This document")];
    Ok(json(&value!({ "links": links, "collections": collections, "crs": systems })))
}

/// One collection.
pub(super) async fn one(
    State(run): State<Arc<ExploredRun>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    Parameters::new(pairs.0)?.allow(&["f"])?;
    let dataset = dataset_of(&run, &name)?;
    let layer = dataset.layer(&name)?;
    Ok(json(&described(&run, dataset, layer, &base_of(&headers))))
}

/// The open package, where a collection is asked for by name.
pub(super) fn dataset_of<'a>(run: &'a ExploredRun, name: &str) -> Result<&'a Dataset, Problem> {
    run.dataset().ok_or_else(|| {
        Problem::missing(format!(
            "there is no collection `{name}`: the run has no public/whitespot.gpkg (`outputs.formats`)"
        ))
    })
}

fn described(run: &ExploredRun, dataset: &Dataset, layer: usize, base: &str) -> Value {
    let info = &dataset.layers[layer];
    let at = format!("{base}/collections/{}", info.name);
    let mut links = vec![
        Link::new("self", at.clone(), JSON, "This document"),
        Link::new("items", format!("{at}/items"), GEOJSON, info.title.clone()),
    ];
    links.push(Link::new(TILESETS, format!("{at}/tiles"), JSON, format!("{} as vector tiles", info.title)));
    let publication = run.result.analysis.as_ref().and_then(|a| a.publication.as_ref());
    if let Some(licence) = publication.and_then(|p| p.licence.as_ref()).filter(|l| l.starts_with("http")) {
        links.push(Link::new("license", licence.clone(), "text/html", "Licence"));
    }
    let systems: Vec<&str> = dataset.systems.iter().map(|s| s.uri.as_str()).collect();
    let mut collection = value!({
        "id": info.name,
        "title": info.title,
        "description": info.description,
        "itemType": "feature",
        "links": links,
        "crs": systems,
        "storageCrs": dataset.storage().uri,
    });
    if let Some([west, south, east, north]) = dataset.bounds(layer, 0) {
        // Rounded outwards to about a metre.
        let (down, up) = (|v: f64| (v * 1e5).floor() / 1e5, |v: f64| (v * 1e5).ceil() / 1e5);
        let sides = [down(west), down(south), up(east), up(north)];
        collection["extent"] = value!({ "spatial": { "bbox": [sides], "crs": CRS84 } });
    }
    collection
}
