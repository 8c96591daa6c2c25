//! OGC API – Features over the layers of `public/whitespot.gpkg`, so that QGIS, GDAL and other clients connect live.
//!
//! Part 1 (OGC 17-069r4): Core, GeoJSON and OpenAPI 3.0; Part 2 (OGC 18-058r1): coordinate reference systems by
//! reference. And as vector tiles: OGC API – Tiles, Part 1 (OGC 20-057), in the tile matrix set WebMercatorQuad. What is served is the package that a run publishes, so small counts stay withheld and settlements stay
//! in `internal/`. A run without that file has no collections.

mod boxes;
mod collections;
mod dataset;
mod definition;
mod items;
mod links;
mod parameters;
mod problem;
mod systems;
mod tiles;

pub(crate) use dataset::Dataset;

use crate::{page, run::ExploredRun};
use axum::{
    Router,
    extract::{Query, State, rejection::QueryRejection},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
    routing::get,
};
use links::{JSON, Link, OPENAPI, base_of};
use parameters::Parameters;
use problem::Problem;
use std::sync::Arc;

/// What the server holds itself to; `tests/it/ogc.rs` checks each class request by request.
pub(crate) const CONFORMANCE: [&str; 9] = [
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
    "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
    "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
    "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
];

/// The paths of the API, beside those of the page.
pub(crate) fn routes() -> Router<Arc<ExploredRun>> {
    Router::new()
        .route("/", get(root))
        .route("/conformance", get(conformance))
        .route("/api", get(definition::api))
        .route("/collections", get(collections::list))
        .route("/collections/{collection}", get(collections::one))
        .route("/collections/{collection}/items", get(items::page))
        .route("/collections/{collection}/items/{feature}", get(items::feature))
        .route("/collections/{collection}/tiles", get(tiles::list))
        .route("/collections/{collection}/tiles/{set}", get(tiles::tileset))
        .route("/collections/{collection}/tiles/{set}/{matrix}/{row}/{column}", get(tiles::tile))
}

/// The landing page: for people the explorer, for clients that ask for JSON the links of the API.
async fn root(
    State(run): State<Arc<ExploredRun>>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
    in_lang: Result<Query<page::InLang>, QueryRejection>,
) -> Result<Response, Problem> {
    let wanted = pairs.iter().find(|(key, _)| key == "f").map(|(_, value)| value.as_str());
    if wanted != Some("json") && (wanted == Some("html") || !prefers_json(&headers)) {
        return Ok(match in_lang {
            Ok(in_lang) => page::index(State(run), in_lang).await,
            Err(rejection) => rejection.into_response(),
        });
    }
    Parameters::new(pairs.0)?.allow(&["f", "lang"])?;
    let base = base_of(&headers);
    let lang = run.result.language.first().copied().unwrap_or(whitespot_model::config::Lang::En);
    let title = run.result.title.in_lang(lang);
    let links = [
        Link::new("self", format!("{base}/?f=json"), JSON, "This document"),
        Link::new("alternate", format!("{base}/?f=html"), "text/html", "The explorer"),
        Link::new("service-desc", format!("{base}/api"), OPENAPI, "The API's definition"),
        Link::new("service-doc", format!("{base}/?f=html"), "text/html", "The explorer"),
        Link::new("conformance", format!("{base}/conformance"), JSON, "Conformance classes"),
        Link::new("data", format!("{base}/collections"), JSON, "The collections"),
    ];
    let description =
        format!("Run {} of whitespot {}, on this computer only", run.result.run_id, run.result.version);
    Ok(json(&serde_json::json!({ "title": title, "description": description, "links": links })))
}

async fn conformance(pairs: Query<Vec<(String, String)>>) -> Result<Response, Problem> {
    Parameters::new(pairs.0)?.allow(&["f"])?;
    Ok(json(&serde_json::json!({ "conformsTo": CONFORMANCE })))
}

/// Whether a client asks for JSON by name, and not for a page too, as browsers do.
fn prefers_json(headers: &HeaderMap) -> bool {
    let accepted = headers.get_all(header::ACCEPT).iter().filter_map(|v| v.to_str().ok());
    let (mut has_json, mut has_page) = (false, false);
    for text in accepted {
        has_json |= text.contains("json");
        has_page |= text.contains("text/html");
    }
    has_json && !has_page
}

/// A JSON document.
fn json(value: &serde_json::Value) -> Response {
    ([(header::CONTENT_TYPE, JSON)], value.to_string()).into_response()
}
