//! `/collections/{collection}/items`: features, page by page or by id.

use super::{
    boxes,
    collections::dataset_of,
    dataset::{Dataset, Question},
    links::{GEOJSON, JSON, Link, base_of, percent_encoded},
    parameters::{Parameters, check_datetime},
    problem::Problem,
    systems::{in_axis_order, transformed},
};
use crate::run::ExploredRun;
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, HeaderName, header},
    response::{IntoResponse, Response},
};
use std::sync::Arc;
use whitespot_io::{ColumnKind, FeatureText, LayerColumn, LayerRows, Wanted};

/// Features of a page where no `limit` is given.
pub(super) const DEFAULT_LIMIT: u64 = 1_000;
/// Most features of a page.
pub(super) const MOST_LIMIT: u64 = 10_000;

/// Parameters that are none of a property.
pub(super) const OWN: [&str; 7] = ["f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime"];

/// A page of features.
pub(super) async fn page(
    State(run): State<Arc<ExploredRun>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let parameters = Parameters::new(pairs.0)?;
    let base = base_of(&headers);
    off_the_threads(move || {
        let dataset = dataset_of(&run, &name)?;
        let question = question(dataset, &name, &parameters)?;
        let system = system_of(dataset, &parameters, "crs")?;
        let limit = match parameters.whole_number("limit")? {
            Some(0) => return Err(Problem::parameter("`limit` is at least 1")),
            Some(limit) => limit.min(MOST_LIMIT),
            None => DEFAULT_LIMIT,
        };
        let offset = parameters.whole_number("offset")?.unwrap_or(0);
        let ids = dataset.find(&question)?;
        let from = usize::try_from(offset).unwrap_or(usize::MAX).min(ids.len());
        let to = from + usize::try_from(limit).unwrap_or(usize::MAX).min(ids.len() - from);
        let at = format!("{base}/collections/{}", percent_encoded(&name));
        let mut links = vec![
            Link::new("self", format!("{at}/items{}", parameters.with(&[])), GEOJSON, "This page"),
            Link::new("collection", at.clone(), JSON, "The collection"),
        ];
        let page_at = |offset: u64| {
            let query = parameters.with(&[("limit", limit.to_string()), ("offset", offset.to_string())]);
            format!("{at}/items{query}")
        };
        if to < ids.len() {
            links.push(Link::new("next", page_at(to as u64), GEOJSON, "The next page"));
        }
        if from > 0 {
            links.push(Link::new("prev", page_at(offset.saturating_sub(limit)), GEOJSON, "The page before"));
        }
        let rows = dataset.rows(question.layer, &ids[from..to])?;
        let mut body = format!(
            "{{\"type\":\"FeatureCollection\",\"numberMatched\":{},\"numberReturned\":{},\"links\":{},\"features\":[",
            ids.len(),
            rows.ids.len(),
            serde_json::json!(links),
        )
        .into_bytes();
        push_features(&mut body, dataset, &rows, system, |_| String::new());
        body.extend_from_slice(b"]}");
        Ok(answer(dataset, system, body))
    })
    .await
}

/// One feature.
pub(super) async fn feature(
    State(run): State<Arc<ExploredRun>>,
    Path((name, id)): Path<(String, String)>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    let parameters = Parameters::new(pairs.0)?;
    parameters.allow(&["f", "crs"])?;
    let base = base_of(&headers);
    off_the_threads(move || {
        let dataset = dataset_of(&run, &name)?;
        let layer = dataset.layer(&name)?;
        let system = system_of(dataset, &parameters, "crs")?;
        let missing = || Problem::missing(format!("`{name}` has no feature `{id}`"));
        let rows = dataset.rows(layer, &[id.parse().map_err(|_| missing())?])?;
        if rows.ids.is_empty() {
            return Err(missing());
        }
        let at = format!("{base}/collections/{}", percent_encoded(&name));
        let mut body = Vec::new();
        push_features(&mut body, dataset, &rows, system, |id| {
            let links = [
                Link::new(
                    "self",
                    format!("{at}/items/{id}{}", parameters.with(&[])),
                    GEOJSON,
                    "This feature",
                ),
                Link::new("collection", at.clone(), JSON, "The collection"),
            ];
            format!(",\"links\":{}", serde_json::json!(links))
        });
        Ok(answer(dataset, system, body))
    })
    .await
}

/// Appends features in a system, commas between them; `more` gives further members of each by its id.
fn push_features(
    body: &mut Vec<u8>,
    dataset: &Dataset,
    rows: &LayerRows,
    system: usize,
    more: impl Fn(i64) -> String,
) {
    let shown = &dataset.systems[system];
    let shapes = in_axis_order(transformed(&rows.shapes, &dataset.transform_to(system)), shown);
    let texts = FeatureText::new(&rows.table, &shapes, shown.decimals);
    for (row, id) in rows.ids.iter().enumerate() {
        if row > 0 {
            body.extend_from_slice(b",\n");
        }
        texts.push(body, *id, row, &more(*id));
    }
}

fn answer(dataset: &Dataset, system: usize, body: Vec<u8>) -> Response {
    let content_crs = format!("<{}>", dataset.systems[system].uri);
    let headers =
        [(header::CONTENT_TYPE, GEOJSON.to_string()), (HeaderName::from_static("content-crs"), content_crs)];
    (headers, body).into_response()
}

/// Which features are asked for.
fn question(dataset: &Dataset, name: &str, parameters: &Parameters) -> Result<Question, Problem> {
    let layer = dataset.layer(name)?;
    let columns: Vec<&LayerColumn> = filters(dataset, layer).collect();
    let known: Vec<&str> = OWN.into_iter().chain(columns.iter().map(|c| c.name.as_str())).collect();
    parameters.allow(&known)?;
    if let Some(text) = parameters.get("datetime") {
        check_datetime(text)?;
    }
    let box_system = system_of(dataset, parameters, "bbox-crs")?;
    let boxes = match parameters.get("bbox") {
        Some(text) => Some((boxes::parse(text, &dataset.systems[box_system])?, box_system)),
        None => None,
    };
    let mut equal = Vec::new();
    for column in columns {
        if let Some(text) = parameters.get(&column.name) {
            equal.push((column.name.clone(), wanted(column, text)?));
        }
    }
    Ok(Question { layer, equal, boxes })
}

/// The columns that can be filtered by.
pub(super) fn filters(dataset: &Dataset, layer: usize) -> impl Iterator<Item = &LayerColumn> {
    dataset.layers[layer].columns.iter().filter(|c| !OWN.contains(&c.name.as_str()))
}

/// A value as its column has it.
fn wanted(column: &LayerColumn, text: &str) -> Result<Wanted, Problem> {
    let (value, kind) = match column.kind {
        ColumnKind::Text => (Some(Wanted::Text(text.to_string())), "a text"),
        ColumnKind::Int => (text.parse().ok().map(Wanted::Int), "a whole number"),
        ColumnKind::Real => (text.parse().ok().filter(|v: &f64| v.is_finite()).map(Wanted::Real), "a number"),
        ColumnKind::Bool => (text.parse().ok().map(Wanted::Bool), "true or false"),
    };
    value.ok_or_else(|| Problem::parameter(format!("`{}={text}` is not {kind}", column.name)))
}

/// Index of the system that a parameter names; CRS84 where it names none.
fn system_of(dataset: &Dataset, parameters: &Parameters, key: &str) -> Result<usize, Problem> {
    let Some(uri) = parameters.get(key) else { return Ok(0) };
    dataset.system(uri).ok_or_else(|| {
        let uris: Vec<&str> = dataset.systems.iter().map(|s| s.uri.as_str()).collect();
        Problem::parameter(format!("`{key}={uri}` is not offered; {} are", uris.join(", ")))
    })
}

/// Runs what reads the package off the threads that answer.
pub(super) async fn off_the_threads(
    work: impl FnOnce() -> Result<Response, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|_| Err(Problem::bug()))
}
