//! `/collections/{collection}/tiles`: the layers as vector tiles in Web Mercator, where other maps lie too. (The
//! explorer's own map is drawn from other tiles, which keep areas true to size.)

use super::{
    collections::dataset_of,
    dataset::Dataset,
    items::off_the_threads,
    json,
    links::{JSON, Link, base_of},
    parameters::Parameters,
    problem::Problem,
    systems::transformed,
};
use crate::{
    run::ExploredRun,
    tiles::{
        EXTENT, MARGIN, clip,
        mvt::{Layer, Value},
    },
};
use axum::{
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use serde_json::{Value as Json, json as value};
use std::sync::Arc;
use whitespot_io::LayerRows;
use whitespot_model::{
    shapes::{Part, Shapes},
    table::{TableColumn, Values},
};

/// The relation of a link to a list of vector tilesets.
pub(super) const TILESETS: &str = "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector";
/// Media type of a tile.
pub(super) const MVT: &str = "application/vnd.mapbox-vector-tile";
/// The one tile matrix set, by its name and by its address.
pub(super) const SET: &str = "WebMercatorQuad";
const SET_URI: &str = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
const MERCATOR: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
/// Half the side of the world in it, metres.
const HALF_M: f64 = 20_037_508.342_789_244;
/// The last tile matrix of the set.
pub(super) const MOST_ZOOM: u8 = 24;

/// The tilesets of a collection.
pub(super) async fn list(
    State(run): State<Arc<ExploredRun>>,
    Path(name): Path<String>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    Parameters::new(pairs.0)?.allow(&["f"])?;
    let dataset = dataset_of(&run, &name)?;
    let title = &dataset.layers[dataset.layer(&name)?].title;
    let at = format!("{}/collections/{name}/tiles", base_of(&headers));
    let tileset = value!({
        "title": title, "dataType": "vector", "crs": MERCATOR, "tileMatrixSetURI": SET_URI,
        "links": [Link::new("self", format!("{at}/{SET}"), JSON, title.clone())],
    });
    let links = [Link::new("self", at, JSON, "This document")];
    Ok(json(&value!({ "links": links, "tilesets": [tileset] })))
}

/// One tileset.
pub(super) async fn tileset(
    State(run): State<Arc<ExploredRun>>,
    Path((name, set)): Path<(String, String)>,
    headers: HeaderMap,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    Parameters::new(pairs.0)?.allow(&["f"])?;
    let dataset = dataset_of(&run, &name)?;
    let layer = dataset.layer(&name)?;
    check_set(&set)?;
    let title = &dataset.layers[layer].title;
    let at = format!("{}/collections/{name}/tiles/{SET}", base_of(&headers));
    let mut links = vec![
        value!(Link::new("self", at.clone(), JSON, "This document")),
        value!(Link::new("http://www.opengis.net/def/rel/ogc/1.0/tiling-scheme", SET_URI.into(), JSON, SET)),
    ];
    links.push(value!({
        "rel": "item", "type": MVT, "templated": true, "title": "A tile",
        "href": format!("{at}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"),
    }));
    let mut tileset = value!({
        "title": title, "dataType": "vector", "crs": MERCATOR, "tileMatrixSetURI": SET_URI, "links": links,
        "layers": [{ "id": name, "dataType": "vector" }],
    });
    if let Some([west, south, east, north]) = dataset.bounds(layer, 0) {
        tileset["boundingBox"] = value!({ "lowerLeft": [west, south], "upperRight": [east, north] });
    }
    Ok(json(&tileset))
}

/// One tile; without content where nothing lies in it.
pub(super) async fn tile(
    State(run): State<Arc<ExploredRun>>,
    Path((name, set, matrix, row, column)): Path<(String, String, String, String, String)>,
    pairs: Query<Vec<(String, String)>>,
) -> Result<Response, Problem> {
    Parameters::new(pairs.0)?.allow(&[])?;
    off_the_threads(move || {
        let dataset = dataset_of(&run, &name)?;
        let layer = dataset.layer(&name)?;
        check_set(&set)?;
        let place = Place::parse(&matrix, &row, &column)
            .ok_or_else(|| Problem::missing(format!("there is no tile {matrix}/{row}/{column} in {SET}")))?;
        let tile = tile_of(dataset, layer, &place)?;
        if tile.is_empty() {
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
        Ok(([(header::CONTENT_TYPE, MVT)], tile).into_response())
    })
    .await
}

fn check_set(set: &str) -> Result<(), Problem> {
    match set {
        SET => Ok(()),
        _ => Err(Problem::missing(format!("there is no tile matrix set `{set}`; {SET} is the one there is"))),
    }
}

/// A tile of the set: its north-western corner and its side, metres.
struct Place {
    west: f64,
    north: f64,
    side_m: f64,
}

impl Place {
    fn parse(matrix: &str, row: &str, column: &str) -> Option<Place> {
        let zoom: u8 = matrix.parse().ok().filter(|z| *z <= MOST_ZOOM)?;
        let n = 1_u32 << zoom;
        let (row, column): (u32, u32) = (row.parse().ok()?, column.parse().ok()?);
        if row >= n || column >= n {
            return None;
        }
        let side_m = 2.0 * HALF_M / f64::from(n);
        let (west, north) = (-HALF_M + f64::from(column) * side_m, HALF_M - f64::from(row) * side_m);
        Some(Place { west, north, side_m })
    }

    /// West, south, east, north with the margin that tiles hold beyond their edge.
    fn sides(&self) -> [f64; 4] {
        let margin = self.side_m * MARGIN / EXTENT;
        [
            self.west - margin,
            self.north - self.side_m - margin,
            self.west + self.side_m + margin,
            self.north + margin,
        ]
    }

    /// Units of the tile from its north-western corner.
    fn units(&self, x: f64, y: f64) -> [f64; 2] {
        [(x - self.west) / self.side_m * EXTENT, (self.north - y) / self.side_m * EXTENT]
    }
}

fn tile_of(dataset: &Dataset, layer: usize, place: &Place) -> Result<Vec<u8>, Problem> {
    let system = dataset.system(MERCATOR).ok_or_else(Problem::bug)?;
    let ids = dataset.near(layer, system, &place.sides())?;
    let rows = dataset.rows(layer, &ids)?;
    let shapes = transformed(&rows.shapes, &dataset.transform_to(system));
    let mut tile = Layer::new(&dataset.layers[layer].name, EXTENT as u32);
    for (f, id) in rows.ids.iter().enumerate() {
        add_feature(&mut tile, *id as u64, &shapes, f, &rows, place);
    }
    Ok(tile.into_tile())
}

fn add_feature(tile: &mut Layer, id: u64, shapes: &Shapes, f: usize, rows: &LayerRows, place: &Place) {
    let (mut rings, mut lines, mut points) = (Vec::new(), Vec::new(), Vec::new());
    for part in shapes.parts_of(f) {
        for r in shapes.rings_of(part) {
            let units: Vec<[f64; 2]> = shapes.ring(r).iter().map(|c| place.units(c.x, c.y)).collect();
            match shapes.parts[part] {
                Part::Polygon => rings.push(clip::ring(&units, -MARGIN, EXTENT + MARGIN)),
                Part::Line => lines.extend(clip::line(&units, -MARGIN, EXTENT + MARGIN)),
                Part::Point => points.extend(units),
            }
        }
    }
    rings.retain(|ring| ring.len() >= 3);
    points.retain(|p| p.iter().all(|u| (0.0..EXTENT).contains(u)));
    if rings.is_empty() && lines.is_empty() && points.is_empty() {
        return;
    }
    let properties: Vec<(&str, Value)> =
        rows.table.columns.iter().filter_map(|c| Some((c.name.as_str(), property(c, f)?))).collect();
    tile.add_polygon(id, &rings, &properties);
    tile.add_lines(id, &lines, &properties);
    points.iter().for_each(|p| tile.add_point(*p, &properties));
}

/// A value as tiles have it; `None` where it is missing.
fn property(column: &TableColumn, row: usize) -> Option<Value> {
    Some(match &column.values {
        Values::Text(v) => Value::Text(v[row].clone()?),
        Values::Int(v) => Value::Int(v[row]?),
        Values::Real(v) => Value::Real(v[row]?.to_bits()),
        Values::Bool(v) => Value::Bool(v[row]?),
    })
}

/// The paths of a collection's tiles as OpenAPI describes them.
pub(super) fn paths(name: &str, f: &Json, missing: &Json) -> Vec<(String, Json)> {
    let whole = |name: &str| value!({ "name": name, "in": "path", "required": true, "schema": { "type": "integer", "minimum": 0 } });
    let operation = |id: &str, summary: &str, parameters: Json, content: Json| {
        value!({
            "tags": ["tiles"], "operationId": format!("{id}_{name}"), "summary": summary, "parameters": parameters,
            "responses": {
                "200": { "description": summary, "content": content },
                "400": { "$ref": "#/components/responses/BadRequest" },
                "404": missing,
                "500": { "$ref": "#/components/responses/ServerError" },
            },
        })
    };
    let document = value!({ JSON: { "schema": { "$ref": "#/components/schemas/Any" } } });
    let binary = value!({ MVT: { "schema": { "type": "string", "format": "binary" } } });
    let at = format!("/collections/{name}/tiles");
    let numbers = value!([whole("tileMatrix"), whole("tileRow"), whole("tileCol")]);
    let mut tile = operation("tile", "A vector tile", numbers, binary);
    tile["responses"]["204"] = value!({ "description": "Nothing lies in this tile." });
    vec![
        (at.clone(), operation("tilesets", "The tilesets", value!([f]), document.clone())),
        (format!("{at}/{SET}"), operation("tileset", "The tileset in Web Mercator", value!([f]), document)),
        (format!("{at}/{SET}/{{tileMatrix}}/{{tileRow}}/{{tileCol}}"), tile),
    ]
}
