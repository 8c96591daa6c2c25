//! `/api`: the API as OpenAPI 3.0 describes it, with every collection's own parameters.

use super::{
    dataset::Dataset,
    items::{DEFAULT_LIMIT, MOST_LIMIT, filters},
    links::{GEOJSON, JSON, OPENAPI, base_of},
    parameters::Parameters,
    problem::Problem,
    systems::CRS84,
    tiles,
};
use crate::run::ExploredRun;
use axum::{
    extract::{Query, State},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use whitespot_io::ColumnKind;
use whitespot_model::config::Lang;

/// The definition.
pub(super) async fn api(
    State(run): State<Arc<ExploredRun>>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    Parameters::new(pairs.0)?.allow(&["f"])?;
    let definition = definition(&run, &base_of(&headers));
    Ok(([(header::CONTENT_TYPE, OPENAPI)], definition.to_string()).into_response())
}

fn definition(run: &ExploredRun, base: &str) -> Value {
    let lang = run.result.language.first().copied().unwrap_or(Lang::En);
    let mut paths = Map::new();
    let f = reference("parameters", "f");
    let lang_parameter = json!({ "name": "lang", "in": "query", "required": false, "schema": { "type": "string", "enum": ["sv", "en"] } });
    let mut add = |path: String, operation: Value| paths.insert(path, json!({ "get": operation }));
    add(
        "/".into(),
        operation("landingPage", "Landing page", &[f.clone(), lang_parameter], "LandingPage", JSON),
    );
    add(
        "/conformance".into(),
        operation("conformance", "Conformance classes", std::slice::from_ref(&f), "Conformance", JSON),
    );
    add("/api".into(), operation("api", "This definition", std::slice::from_ref(&f), "Any", OPENAPI));
    add(
        "/collections".into(),
        operation("collections", "The collections", std::slice::from_ref(&f), "Collections", JSON),
    );
    let layers = run.dataset().map_or(&[][..], |d| d.layers.as_slice());
    for (i, layer) in layers.iter().enumerate() {
        let at = format!("/collections/{}", layer.name);
        let id = |what: &str| format!("{what}_{}", layer.name);
        let mut collection =
            operation(&id("collection"), &layer.title, std::slice::from_ref(&f), "Collection", JSON);
        collection["responses"]["404"] = reference("responses", "NotFound");
        add(at.clone(), collection);
        let mut own: Vec<Value> = ["f", "limit", "offset", "bbox", "bbox-crs", "crs", "datetime"]
            .map(|name| reference("parameters", name))
            .to_vec();
        own.extend(run.dataset().into_iter().flat_map(|d| property_parameters(run, d, i, lang)));
        add(format!("{at}/items"), operation(&id("items"), &layer.title, &own, "Features", GEOJSON));
        let feature_id = json!({
            "name": "featureId", "in": "path", "required": true, "schema": { "type": "integer" }
        });
        let own = [feature_id, reference("parameters", "f"), reference("parameters", "crs")];
        let mut feature = operation(&id("item"), "One feature", &own, "Feature", GEOJSON);
        feature["responses"]["404"] = reference("responses", "NotFound");
        add(format!("{at}/items/{{featureId}}"), feature);
        let tiles = tiles::paths(&layer.name, &f, &reference("responses", "NotFound"));
        tiles.into_iter().for_each(|(path, operation)| {
            add(path, operation);
        });
    }
    let systems: Vec<&str> =
        run.dataset().map(|d| d.systems.iter().map(|s| s.uri.as_str()).collect()).unwrap_or_default();
    json!({
        "openapi": "3.0.3",
        "info": {
            "title": run.result.title.in_lang(lang),
            "description": "The published layers of one run of whitespot, as OGC API – Features.",
            "version": run.result.version,
        },
        "servers": [{ "url": base }],
        "tags": [{ "name": "features" }, { "name": "tiles" }],
        "paths": paths,
        "components": {
            "parameters": parameters(&systems),
            "responses": {
                "BadRequest": problem("A parameter is unknown or has a value that makes no sense."),
                "NotFound": problem("There is no such collection or feature."),
                "ServerError": problem("The run's files cannot be read any more."),
            },
            "schemas": schemas(),
        },
    })
}

fn reference(kind: &str, name: &str) -> Value {
    json!({ "$ref": format!("#/components/{kind}/{name}") })
}

fn operation(id: &str, summary: &str, parameters: &[Value], schema: &str, media_type: &str) -> Value {
    json!({
        "tags": ["features"],
        "operationId": id,
        "summary": summary,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": summary,
                "content": { media_type: { "schema": reference("schemas", schema) } },
            },
            "400": reference("responses", "BadRequest"),
            "500": reference("responses", "ServerError"),
        },
    })
}

fn problem(description: &str) -> Value {
    json!({
        "description": description,
        "content": { JSON: { "schema": reference("schemas", "Exception") } },
    })
}

fn parameters(systems: &[&str]) -> Value {
    let query = |name: &str, description: &str, schema: Value| {
        json!({
            "name": name, "in": "query", "required": false, "description": description, "schema": schema,
            "style": "form", "explode": false,
        })
    };
    let crs = json!({ "type": "string", "format": "uri", "enum": systems, "default": CRS84 });
    let numbers = json!({
        "type": "array", "items": { "type": "number" },
        "oneOf": [{ "minItems": 4, "maxItems": 4 }, { "minItems": 6, "maxItems": 6 }],
    });
    json!({
        "f": query("f", "Format of the answer", json!({ "type": "string", "enum": ["json"] })),
        "limit": query("limit", "Features of a page at most", json!({
            "type": "integer", "minimum": 1, "maximum": MOST_LIMIT, "default": DEFAULT_LIMIT
        })),
        "offset": query("offset", "Features to pass over", json!({ "type": "integer", "minimum": 0, "default": 0 })),
        "bbox": query("bbox", "Features that meet this box: lower and upper corner, in `bbox-crs`", numbers),
        "bbox-crs": query("bbox-crs", "CRS of `bbox`", crs.clone()),
        "crs": query("crs", "CRS of the answer", crs),
        "datetime": query(
            "datetime",
            "A time or interval (RFC 3339). No feature has a time, so that all match.",
            json!({ "type": "string" }),
        ),
    })
}

/// A parameter a column: rows with this value.
fn property_parameters(run: &ExploredRun, dataset: &Dataset, layer: usize, lang: Lang) -> Vec<Value> {
    filters(dataset, layer)
        .map(|column| {
            let kind = match column.kind {
                ColumnKind::Text => "string",
                ColumnKind::Int => "integer",
                ColumnKind::Real => "number",
                ColumnKind::Bool => "boolean",
            };
            json!({
                "name": column.name, "in": "query", "required": false, "style": "form", "explode": false,
                "description": label(run, &column.name, lang), "schema": { "type": kind },
            })
        })
        .collect()
}

/// What a column means, where the run's tables tell.
fn label(run: &ExploredRun, name: &str, lang: Lang) -> String {
    let result = &run.result;
    let clusters = result.clusters.as_ref();
    let tables =
        [Some(&result.areas), Some(&result.parents), clusters.map(|c| &c.table), clusters.map(|c| &c.trench)];
    let column = tables.into_iter().flatten().find_map(|t| t.column(name));
    column.map_or_else(
        || name.to_string(),
        |c| match lang {
            Lang::Sv => c.label_sv.clone(),
            Lang::En => c.label_en.clone(),
        },
    )
}

fn schemas() -> Value {
    let object = |properties: Value, required: &[&str]| json!({ "type": "object", "properties": properties, "required": required });
    let links = json!({ "type": "array", "items": reference("schemas", "Link") });
    let text = json!({ "type": "string" });
    let texts = json!({ "type": "array", "items": text });
    json!({
        "Any": { "type": "object" },
        "Exception": object(json!({ "code": text, "description": text }), &["code"]),
        "Link": object(json!({ "href": text, "rel": text, "type": text, "title": text }), &["href", "rel"]),
        "LandingPage": object(json!({ "title": text, "description": text, "links": links }), &["links"]),
        "Conformance": object(json!({ "conformsTo": texts }), &["conformsTo"]),
        "Collection": object(
            json!({
                "id": text, "title": text, "description": text, "links": links, "itemType": text,
                "extent": { "type": "object" }, "crs": texts, "storageCrs": text,
            }),
            &["id", "links"],
        ),
        "Collections": object(
            json!({
                "links": links, "crs": texts,
                "collections": { "type": "array", "items": reference("schemas", "Collection") },
            }),
            &["links", "collections"],
        ),
        "Feature": object(
            json!({
                "type": { "type": "string", "enum": ["Feature"] }, "id": { "type": "integer" },
                "properties": { "type": "object", "nullable": true },
                "geometry": { "type": "object", "nullable": true }, "links": links,
            }),
            &["type", "properties", "geometry"],
        ),
        "Features": object(
            json!({
                "type": { "type": "string", "enum": ["FeatureCollection"] }, "links": links,
                "numberMatched": { "type": "integer", "minimum": 0 },
                "numberReturned": { "type": "integer", "minimum": 0 },
                "features": { "type": "array", "items": reference("schemas", "Feature") },
            }),
            &["type", "features"],
        ),
    })
}
