//! OGC API – Features, class by class: what `/conformance` claims is asked of the server here, request by request.
//! Names in brackets are those of the requirements (OGC 17-069r4 and 18-058r1).

use crate::made_up;
use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, StatusCode},
};
use serde_json::Value;
use std::{collections::BTreeSet, path::Path, sync::Arc};
use tower::ServiceExt as _;
use whitespot_explorer::{ExploredRun, router};
use whitespot_io::{GeoPackageWriter, LayerCrs, LayerSpec};
use whitespot_model::{
    shapes::{Part, Shapes},
    table::{Table, Unit, Values},
};

const CRS84: &str = "http://www.opengis.net/def/crs/OGC/1.3/CRS84";
const SWEREF: &str = "http://www.opengis.net/def/crs/EPSG/0/3006";
const WGS84: &str = "http://www.opengis.net/def/crs/EPSG/0/4326";
const MERCATOR: &str = "http://www.opengis.net/def/crs/EPSG/0/3857";
const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// Squares of 1 km side by side from 600000, 7000000 eastwards, and a last feature without a shape.
const N_SQUARES: usize = 25;

fn write_package(folder: &Path) {
    std::fs::create_dir_all(folder.join("public")).unwrap();
    let crs = LayerCrs { code: "EPSG:3006".into(), name: "SWEREF99 TM".into(), wkt: String::new() };
    let path = folder.join("public/whitespot.gpkg");
    let mut package = GeoPackageWriter::create(&path, &crs).unwrap();
    let mut table = Table::default();
    let n = N_SQUARES + 1;
    let text = |of: &dyn Fn(usize) -> String| Values::Text((0..n).map(|i| Some(of(i))).collect());
    table.push("area_code", Unit::Text, "Kod", "Code", text(&|i| format!("{i:02}")));
    table.push("area_name", Unit::Text, "Namn", "Name", text(&|i| format!("Åsele & \"{}\"", i % 5)));
    table.push(
        "persons",
        Unit::Persons,
        "Personer",
        "Persons",
        Values::Int((0..n).map(|i| Some(i as i64 % 4)).collect()),
    );
    table.push(
        "share",
        Unit::Share,
        "Andel",
        "Share",
        Values::Real((0..n).map(|i| (i > 0).then_some(0.25)).collect()),
    );
    table.push(
        "is_funded",
        Unit::YesNo,
        "Får",
        "Funded",
        Values::Bool((0..n).map(|i| Some(i % 2 == 0)).collect()),
    );
    let mut shapes = Shapes::default();
    for i in 0..N_SQUARES {
        let (x, y) = (600_000.0 + 1_000.0 * i as f64, 7_000_000.0);
        shapes.begin_part(Part::Polygon);
        shapes.push_ring([(x, y), (x + 900.0, y), (x + 900.0, y + 900.0), (x, y + 900.0), (x, y)]);
        shapes.end_part();
        shapes.end_feature();
    }
    shapes.end_feature();
    package
        .add_layer(&LayerSpec::polygons("areas", "Areas & more", "What it shows"), &table, &shapes)
        .unwrap();
    let mut lines = Shapes::default();
    lines.begin_part(Part::Line);
    lines.push_ring([(600_000.0, 7_000_000.0), (605_000.0, 7_005_000.0)]);
    lines.end_part();
    lines.end_feature();
    let mut names = Table::default();
    names.push("area_code", Unit::Text, "", "", Values::Text(vec![Some("k1".into())]));
    package.add_layer(&LayerSpec::lines("trench", "Lines", ""), &names, &lines).unwrap();
    package.finish().unwrap();
}

/// A server over the package.
struct Server {
    run: Arc<ExploredRun>,
    runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }

    fn media_type(&self) -> &str {
        self.headers["content-type"].to_str().unwrap()
    }
}

impl Server {
    fn new() -> Server {
        let folder = tempfile::tempdir().unwrap();
        write_package(folder.path());
        let run = ExploredRun::new(folder.path().into(), made_up::run()).unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
        Server { run: Arc::new(run), runtime, _folder: folder }
    }

    fn ask(&self, method: &str, path: &str, accept: &str) -> Answer {
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("host", "127.0.0.1:4173")
            .header("accept", accept)
            .body(Body::empty())
            .unwrap();
        self.runtime.block_on(async {
            let response = router(Arc::clone(&self.run)).oneshot(request).await.unwrap();
            let (parts, body) = response.into_parts();
            let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
            Answer { status: parts.status, headers: parts.headers, body }
        })
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, "application/json")
    }

    /// The document of a path that must be there.
    fn json(&self, path: &str) -> Value {
        let answer = self.get(path);
        assert_eq!(answer.status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&answer.body));
        answer.json()
    }

    /// Status and `code` of a refusal.
    fn refused(&self, path: &str) -> u16 {
        let answer = self.get(path);
        let body = answer.json();
        assert!(body["code"].is_string() && body["description"].is_string(), "{path}: {body}");
        assert_eq!(answer.media_type(), "application/json");
        answer.status.as_u16()
    }
}

fn links<'a>(document: &'a Value, rel: &str) -> Vec<&'a Value> {
    let links = document["links"].as_array().unwrap();
    assert!(links.iter().all(|l| l["href"].is_string() && l["rel"].is_string() && l["type"].is_string()));
    links.iter().filter(|l| l["rel"] == rel).collect()
}

/// Path and query of the one link with a relation.
fn link(document: &Value, rel: &str) -> String {
    let found = links(document, rel);
    assert_eq!(found.len(), 1, "{rel}: {document}");
    found[0]["href"].as_str().unwrap().strip_prefix("http://127.0.0.1:4173").unwrap().to_string()
}

fn codes(page: &Value) -> Vec<&str> {
    let features = page["features"].as_array().unwrap();
    features.iter().map(|f| f["properties"]["area_code"].as_str().unwrap()).collect()
}

fn first_position(page: &Value) -> [f64; 2] {
    let position = &page["features"][0]["geometry"]["coordinates"][0][0][0];
    [position[0].as_f64().unwrap(), position[1].as_f64().unwrap()]
}

#[test]
fn core_the_landing_page_leads_to_everything_and_stays_the_explorer_for_people() {
    // [root-op], [root-success], [api-definition-op], [conformance-op], [conformance-success], [fc-md-op]
    let server = Server::new();
    let landing = server.json("/");
    assert_eq!(server.get("/?f=json").media_type(), "application/json");
    let api = server.get(&link(&landing, "service-desc"));
    assert_eq!((api.status, api.media_type()), (StatusCode::OK, OPENAPI));
    let conformance = server.json(&link(&landing, "conformance"));
    let classes: BTreeSet<&str> =
        conformance["conformsTo"].as_array().unwrap().iter().map(|c| c.as_str().unwrap()).collect();
    // What is claimed is what the tests of this file check, no more.
    assert_eq!(
        classes,
        BTreeSet::from([
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core",
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/geojson",
            "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/oas30",
            "http://www.opengis.net/spec/ogcapi-features-2/1.0/conf/crs",
            "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/core",
            "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/geodata-tilesets",
            "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt",
            "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tileset",
            "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/tilesets-list",
        ])
    );
    assert_eq!(server.get(&link(&landing, "data")).status, StatusCode::OK);
    for (accept, path) in
        [("text/html,application/xhtml+xml,*/*", "/"), ("*/*", "/"), ("application/json", "/?f=html")]
    {
        let page = server.ask("GET", path, accept);
        assert!(page.media_type().starts_with("text/html") && page.status == StatusCode::OK, "{accept}");
    }
    let head = server.ask("HEAD", "/collections", "*/*");
    assert!(head.status == StatusCode::OK && head.body.is_empty());
}

#[test]
fn core_collections_tell_their_extent_and_lead_to_their_items() {
    // [fc-md-success], [fc-md-links], [fc-md-items], [fc-md-items-links], [fc-md-extent], [sfc-md-op], [sfc-md-success]
    let server = Server::new();
    let all = server.json("/collections");
    assert_eq!(link(&all, "self"), "/collections");
    let collections = all["collections"].as_array().unwrap();
    let ids: Vec<&str> = collections.iter().map(|c| c["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["areas", "trench"]);
    for collection in collections {
        assert_eq!(&server.json(&link(collection, "self")), collection);
        let items = links(collection, "items");
        assert_eq!(items[0]["type"], "application/geo+json");
        assert_eq!(server.get(&link(collection, "items")).status, StatusCode::OK);
        assert_eq!(collection["itemType"], "feature");
        assert_eq!(collection["extent"]["spatial"]["crs"], CRS84);
    }
    assert_eq!(collections[0]["title"], "Areas & more");
    let sides: Vec<f64> = collections[0]["extent"]["spatial"]["bbox"][0]
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect();
    // West of Örnsköldsvik, by PROJ.
    for (side, expected) in sides.iter().zip([16.982302, 63.107738, 17.476086, 63.123563]) {
        assert!((side - expected).abs() < 0.001, "{sides:?}");
    }
    assert_eq!(server.refused("/collections/nobody"), 404);
    assert_eq!(server.refused("/collections/nobody/items"), 404);
}

#[test]
fn core_next_links_lead_through_every_feature_once_and_in_one_order() {
    // [fc-op], [fc-limit-definition], [fc-limit-response-1], [fc-links], [fc-next], [fc-numberMatched], [fc-numberReturned]
    let server = Server::new();
    let whole = server.json("/collections/areas/items");
    assert_eq!((&whole["numberMatched"], &whole["numberReturned"]), (&Value::from(26), &Value::from(26)));
    assert!(links(&whole, "next").is_empty() && links(&whole, "prev").is_empty());
    let mut path = "/collections/areas/items?limit=7".to_string();
    let mut seen = Vec::new();
    let mut n_pages = 0;
    loop {
        let page = server.json(&path);
        assert_eq!(page["numberMatched"], 26);
        let features = page["features"].as_array().unwrap();
        assert_eq!(page["numberReturned"], features.len());
        assert!(features.len() <= 7);
        seen.extend(features.clone());
        n_pages += 1;
        assert_eq!(link(&page, "self"), path);
        if links(&page, "next").is_empty() {
            break;
        }
        path = link(&page, "next");
    }
    assert_eq!((n_pages, &seen), (4, whole["features"].as_array().unwrap()));
    let beyond = server.json("/collections/areas/items?offset=26");
    assert_eq!((&beyond["numberReturned"], &beyond["numberMatched"]), (&Value::from(0), &Value::from(26)));
    assert!(links(&beyond, "next").is_empty());
    // More than the most there may be is no error.
    assert_eq!(server.json("/collections/areas/items?limit=99999999")["numberReturned"], 26);
    for wrong in ["0", "-1", "many", "", "1.5"] {
        assert_eq!(server.refused(&format!("/collections/areas/items?limit={wrong}")), 400, "{wrong}");
        if wrong != "0" {
            assert_eq!(server.refused(&format!("/collections/areas/items?offset={wrong}")), 400, "{wrong}");
        }
    }
}

#[test]
fn core_a_box_selects_what_it_meets_and_what_has_no_shape() {
    // [fc-bbox-definition], [fc-bbox-response]
    let server = Server::new();
    let found = |query: &str| {
        let page = server.json(&format!("/collections/areas/items?{query}"));
        codes(&page).into_iter().map(str::to_string).collect::<Vec<_>>()
    };
    // Between the first two squares, by PROJ: 600950 7000450 is 17.001398 63.119262.
    assert_eq!(found("bbox=17.0013,63.1192,17.0015,63.1193"), ["25"]);
    assert_eq!(found("bbox=16.997,63.1192,17.006,63.1193"), ["00", "01", "25"]);
    assert_eq!(found("bbox=16.997,63.1192,-1000,17.006,63.1193,9000"), ["00", "01", "25"]);
    assert_eq!(found("bbox=-180,-90,180,90").len(), 26);
    // Across the antimeridian: all the way round without Sweden, and with it.
    assert_eq!(found("bbox=30,-90,-30,90"), ["25"]);
    assert_eq!(found("bbox=30,-90,16.99,90"), ["00", "25"]);
    // A line meets the boxes it runs through, not all that its own box meets.
    let line =
        |query: &str| server.json(&format!("/collections/trench/items?{query}"))["numberMatched"].clone();
    assert_eq!(line(&format!("bbox-crs={SWEREF}&bbox=7002000,602000,7002500,602500")), 1);
    assert_eq!(line(&format!("bbox-crs={SWEREF}&bbox=7000500,603000,7001000,604000")), 0);
    for wrong in ["", "1,2,3", "1,2,3,x", "1,2,3,4,5", "0,50,10,40", "0,0,NaN,1", "0,0,200,1", "0,-91,1,1"] {
        assert_eq!(server.refused(&format!("/collections/areas/items?bbox={wrong}")), 400, "{wrong}");
    }
}

#[test]
fn core_properties_select_by_value_and_together_with_a_box() {
    // [fc-filters]
    let server = Server::new();
    let n = |query: &str| server.json(&format!("/collections/areas/items?{query}"))["numberMatched"].clone();
    assert_eq!(codes(&server.json("/collections/areas/items?area_code=07")), ["07"]);
    assert_eq!(n("area_name=%C3%85sele%20%26%20%223%22"), 5);
    assert_eq!(n("persons=3"), 6);
    assert_eq!(n("persons=3&is_funded=true"), 0);
    assert_eq!(n("is_funded=true"), 13);
    assert_eq!(n("share=0.25"), 25);
    assert_eq!(n("share=0.250"), 25);
    assert_eq!(n("area_code=01&bbox=16.997,63.1192,17.006,63.1193"), 1);
    assert_eq!(n("area_code=09&bbox=16.997,63.1192,17.006,63.1193"), 0);
    assert_eq!(n("area_code=%27%20OR%201%3D1%20--"), 0);
    let page = server.json("/collections/areas/items?area_name=%C3%85sele%20%26%20%223%22&limit=2");
    let next = server.json(&link(&page, "next"));
    assert_eq!((codes(&page), codes(&next)), (vec!["03", "08"], vec!["13", "18"]));
    for wrong in ["persons=many", "persons=1.5", "is_funded=perhaps", "share=x"] {
        assert_eq!(server.refused(&format!("/collections/areas/items?{wrong}")), 400, "{wrong}");
    }
}

#[test]
fn core_times_match_features_that_have_none_and_must_be_times() {
    // [fc-time-definition], [fc-time-response]
    let server = Server::new();
    for time in ["2026-01-31T00:00:00Z", "2026-01-31T00%3A00%3A00Z/..", "../2026-01-31T00:00:00Z"] {
        assert_eq!(server.json(&format!("/collections/areas/items?datetime={time}"))["numberMatched"], 26);
    }
    assert_eq!(server.refused("/collections/areas/items?datetime=yesterday"), 400);
    assert_eq!(server.refused("/collections/areas/items?datetime=.."), 400);
}

#[test]
fn core_unknown_and_repeated_parameters_are_refused_everywhere() {
    // [query-param-unknown], [query-param-invalid]
    let server = Server::new();
    for path in [
        "/?f=json&x=1",
        "/conformance?x=1",
        "/api?x=1",
        "/collections?x=1",
        "/collections/areas?x=1",
        "/collections/areas/items?x=1",
        "/collections/areas/items?limit=1&limit=2",
        "/collections/areas/items/1?x=1",
        "/collections/areas/items/1?limit=1",
        "/collections?f=gml",
        "/collections/areas/items?f=html",
    ] {
        assert_eq!(server.refused(path), 400, "{path}");
    }
}

#[test]
fn core_and_geojson_a_feature_is_found_by_its_id_as_its_page_shows_it() {
    // [f-op], [f-success], [f-links], [geojson/definition], [geojson/content], [crs84]
    let server = Server::new();
    let answer = server.get("/collections/areas/items");
    assert_eq!(answer.media_type(), "application/geo+json");
    let page = answer.json();
    assert_eq!(page["type"], "FeatureCollection");
    for shown in page["features"].as_array().unwrap() {
        let answer = server.get(&format!("/collections/areas/items/{}", shown["id"]));
        assert_eq!(answer.media_type(), "application/geo+json");
        let feature = answer.json();
        assert_eq!(link(&feature, "self"), format!("/collections/areas/items/{}", shown["id"]));
        assert_eq!(link(&feature, "collection"), "/collections/areas");
        for member in ["type", "id", "properties", "geometry"] {
            assert_eq!(feature[member], shown[member], "{member}");
        }
    }
    let first = &page["features"][0];
    assert_eq!(first["type"], "Feature");
    assert_eq!(first["geometry"]["type"], "MultiPolygon");
    assert_eq!(first["properties"]["area_name"], "Åsele & \"0\"");
    // Missing is null, and so is a shape that is not there.
    assert_eq!(
        (&first["properties"]["share"], &page["features"][25]["geometry"]),
        (&Value::Null, &Value::Null)
    );
    let [lon, lat] = first_position(&page);
    assert!((lon - 16.982302).abs() < 1e-6 && (lat - 63.1154899).abs() < 1e-6, "{lon} {lat}");
    for missing in ["0", "27", "-1", "x", "99999999999999999999"] {
        assert_eq!(server.refused(&format!("/collections/areas/items/{missing}")), 404, "{missing}");
    }
}

#[test]
fn crs_collections_list_their_systems_and_the_one_they_are_stored_in() {
    // [fc-md-crs-list], [fc-md-storageCrs], [fc-md-storageCrs-valid-value]
    let server = Server::new();
    let collection = server.json("/collections/areas");
    let systems = collection["crs"].as_array().unwrap();
    assert_eq!(systems[0], CRS84);
    assert_eq!(collection["storageCrs"], SWEREF);
    for wanted in [SWEREF, WGS84, MERCATOR] {
        assert!(systems.iter().any(|s| s == wanted), "{wanted}");
    }
}

#[test]
fn crs_answers_are_in_the_system_asked_for_in_its_order_of_axes_and_say_so() {
    // [fc-crs-definition], [fc-crs-default-value], [fc-crs-action], [ogc-crs-header], [ogc-crs-header-value]
    let server = Server::new();
    let at = |query: &str, path: &str| {
        let answer = server.get(&format!("{path}{query}"));
        let stated = answer.headers["content-crs"].to_str().unwrap().to_string();
        let body = answer.json();
        let page = if body["features"].is_array() { body } else { serde_json::json!({ "features": [body] }) };
        (first_position(&page), stated)
    };
    for path in ["/collections/areas/items", "/collections/areas/items/1"] {
        let ([lon, lat], stated) = at("", path);
        assert_eq!(stated, format!("<{CRS84}>"));
        assert_eq!(at(&format!("?crs={CRS84}"), path).0, [lon, lat]);
        assert_eq!(at(&format!("?crs={WGS84}"), path), ([lat, lon], format!("<{WGS84}>")));
        // EPSG:3006 lists northing first, EPSG:3857 easting.
        assert_eq!(at(&format!("?crs={SWEREF}"), path), ([7_000_000.0, 600_000.0], format!("<{SWEREF}>")));
        let ([x, y], _) = at(&format!("?crs={MERCATOR}"), path);
        assert!((x - lon.to_radians() * 6_378_137.0).abs() < 0.02, "{x}");
        let expected = 6_378_137.0 * (lat.to_radians() / 2.0 + std::f64::consts::FRAC_PI_4).tan().ln();
        assert!((y - expected).abs() < 0.05, "{y} {expected}");
    }
    for query in ["crs=EPSG:3006", "crs=", "crs=http://www.opengis.net/def/crs/EPSG/0/27700"] {
        // [crs-exception]
        assert_eq!(server.refused(&format!("/collections/areas/items?{query}")), 400, "{query}");
        assert_eq!(server.refused(&format!("/collections/areas/items/1?{query}")), 400, "{query}");
    }
    // The next page is in the same system.
    let page = server.json(&format!("/collections/areas/items?crs={SWEREF}&limit=1"));
    assert_eq!(first_position(&server.json(&link(&page, "next"))), [7_000_000.0, 601_000.0]);
}

#[test]
fn crs_boxes_are_read_in_the_system_they_name_whatever_that_of_the_answer() {
    // [fc-bbox-crs-definition], [fc-bbox-crs-valid-values], [fc-bbox-crs-default-value], [fc-bbox-crs-action],
    // [bbox-crs-exception]
    let server = Server::new();
    let n = |query: &str| server.json(&format!("/collections/areas/items?{query}"))["numberMatched"].clone();
    // Northing first. The edge of the third square belongs to it.
    assert_eq!(n(&format!("bbox-crs={SWEREF}&bbox=7000000,602900,7000001,602950")), 2);
    assert_eq!(n(&format!("bbox-crs={SWEREF}&bbox=7000000,602901,7000001,602950")), 1);
    assert_eq!(n(&format!("bbox-crs={SWEREF}&bbox=600000,7000000,601000,7000001")), 1);
    assert_eq!(n(&format!("bbox-crs={WGS84}&bbox=63.1192,16.997,63.1193,17.006&crs={MERCATOR}")), 3);
    assert_eq!(n(&format!("bbox-crs={MERCATOR}&bbox=-20037508,-20037508,20037508,20037508")), 26);
    assert_eq!(n(&format!("bbox-crs={MERCATOR}&bbox=0,0,1,1")), 1);
    assert_eq!(server.refused(&format!("/collections/areas/items?bbox-crs={SWEREF}&bbox=1,9,2,3")), 400);
    assert_eq!(server.refused("/collections/areas/items?bbox-crs=EPSG:3006&bbox=1,2,3,4"), 400);
}

/// Follows `$ref` within the document.
fn resolved<'a>(document: &'a Value, value: &'a Value) -> &'a Value {
    match value["$ref"].as_str() {
        Some(reference) => {
            document.pointer(reference.strip_prefix('#').unwrap()).unwrap_or_else(|| panic!("{reference}"))
        }
        None => value,
    }
}

/// Zoom, row and column of the tile in which 17.001398 63.119262 lies, between the first two squares: by the formula of
/// the set. Far above it the squares are smaller than a tile can draw.
fn tile_of_the_squares() -> (u32, u32, u32) {
    let zoom = 11;
    let n = f64::from(1_u32 << zoom);
    let lat = 63.119_262_f64.to_radians();
    let row = ((1.0 - lat.tan().asinh() / std::f64::consts::PI) / 2.0 * n) as u32;
    (zoom, row, ((17.001_398 + 180.0) / 360.0 * n) as u32)
}

#[test]
fn oas30_the_definition_holds_every_path_parameter_and_answer_that_there_is() {
    // [oas-definition-1], [oas-definition-2], [oas-impl], [completeness], [exception-codes]
    let server = Server::new();
    let api = server.json("/api");
    assert!(api["openapi"].as_str().unwrap().starts_with("3.0."));
    let mut operations = BTreeSet::new();
    for (path, item) in api["paths"].as_object().unwrap() {
        let operation = &item["get"];
        assert!(operations.insert(operation["operationId"].as_str().unwrap()), "{path}");
        let (zoom, row, column) = tile_of_the_squares();
        let tile = format!("{zoom}/{row}/{column}");
        let at = path.replace("{featureId}", "1").replace("{tileMatrix}/{tileRow}/{tileCol}", &tile);
        let query = if path == "/" { "?f=json" } else { "" };
        let answer = server.get(&format!("{at}{query}"));
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        let media_types = operation["responses"]["200"]["content"].as_object().unwrap();
        assert!(media_types.contains_key(answer.media_type()), "{path}: {}", answer.media_type());
        let schema = resolved(&api, &media_types[answer.media_type()]["schema"]);
        if schema["format"] == "binary" {
            continue;
        }
        for member in schema["required"].as_array().into_iter().flatten() {
            assert!(
                !answer.json()[member.as_str().unwrap()].is_null() || member == "geometry",
                "{path}: {member}"
            );
        }
        for (status, response) in operation["responses"].as_object().unwrap() {
            assert!(resolved(&api, response)["description"].is_string(), "{path} {status}");
        }
        for parameter in operation["parameters"].as_array().unwrap() {
            let parameter = resolved(&api, parameter);
            let name = parameter["name"].as_str().unwrap();
            if parameter["in"] == "path" {
                continue;
            }
            // Each is understood: never refused as unknown.
            let answer = server.get(&format!("{at}?{name}=1"));
            assert!(!String::from_utf8_lossy(&answer.body).contains("unknown parameter"), "{path} {name}");
        }
    }
    let paths: Vec<&String> = api["paths"].as_object().unwrap().keys().collect();
    for wanted in [
        "/",
        "/conformance",
        "/collections",
        "/collections/areas",
        "/collections/areas/items",
        "/collections/trench/items/{featureId}",
    ] {
        assert!(paths.iter().any(|p| *p == wanted), "{wanted}");
    }
    let items = api["paths"]["/collections/areas/items"]["get"]["parameters"].as_array().unwrap();
    let names: BTreeSet<&str> = items.iter().map(|p| resolved(&api, p)["name"].as_str().unwrap()).collect();
    for wanted in
        ["limit", "offset", "bbox", "bbox-crs", "crs", "datetime", "area_code", "persons", "is_funded"]
    {
        assert!(names.contains(wanted), "{wanted}");
    }
    let limit = &api["components"]["parameters"]["limit"]["schema"];
    assert_eq!(
        (&limit["minimum"], &limit["maximum"], &limit["default"]),
        (&1.into(), &10_000.into(), &1_000.into())
    );
}

#[test]
fn tiles_lead_from_the_collection_to_what_lies_in_them_and_nothing_else() {
    // OGC 20-057: [core/tc-op], [core/tc-success], [core/tc-error], [tileset/success], [tilesets-list/tsl-success],
    // [geodata-tilesets/desc-links], [mvt/content]
    let server = Server::new();
    let collection = server.json("/collections/areas");
    let list = server.json(&link(&collection, "http://www.opengis.net/def/rel/ogc/1.0/tilesets-vector"));
    assert_eq!(link(&list, "self"), "/collections/areas/tiles");
    let set = "http://www.opengis.net/def/tilematrixset/OGC/1.0/WebMercatorQuad";
    let listed = &list["tilesets"][0];
    assert_eq!(
        (&listed["dataType"], &listed["tileMatrixSetURI"], &listed["crs"]),
        (&"vector".into(), &set.into(), &MERCATOR.into())
    );
    let tileset = server.json(&link(listed, "self"));
    assert_eq!((&tileset["dataType"], &tileset["tileMatrixSetURI"]), (&"vector".into(), &set.into()));
    let template = links(&tileset, "item")[0];
    assert_eq!(
        (&template["templated"], &template["type"]),
        (&true.into(), &"application/vnd.mapbox-vector-tile".into())
    );
    let template = template["href"].as_str().unwrap().strip_prefix("http://127.0.0.1:4173").unwrap();
    let tile = |z: u32, row: u32, column: u32| {
        let path = template
            .replace("{tileMatrix}", &z.to_string())
            .replace("{tileRow}", &row.to_string())
            .replace("{tileCol}", &column.to_string());
        server.ask("GET", &path, "*/*")
    };
    let (zoom, row, column) = tile_of_the_squares();
    let answer = tile(zoom, row, column);
    assert_eq!((answer.status, answer.media_type()), (StatusCode::OK, "application/vnd.mapbox-vector-tile"));
    let holds = |text: &str| answer.body.windows(text.len()).any(|w| w == text.as_bytes());
    assert!(holds("areas") && holds("area_name") && holds("Åsele & \"0\"") && holds("persons"));
    let empty = tile(zoom, row, column + 40);
    assert_eq!((empty.status, empty.body.len()), (StatusCode::NO_CONTENT, 0));
    for path in ["0/0/1", "25/0/0", "-1/0/0", "a/0/0", "1/2/0"] {
        assert_eq!(
            server.refused(&format!("/collections/areas/tiles/WebMercatorQuad/{path}")),
            404,
            "{path}"
        );
    }
    assert_eq!(server.refused("/collections/areas/tiles/Other"), 404);
    assert_eq!(server.refused("/collections/areas/tiles/Other/0/0/0"), 404);
    assert_eq!(server.refused("/collections/nobody/tiles"), 404);
    assert_eq!(server.refused("/collections/areas/tiles/WebMercatorQuad/0/0/0?x=1"), 400);
    // A line is in the tiles it runs through.
    let lines =
        server.ask("GET", &format!("/collections/trench/tiles/WebMercatorQuad/{zoom}/{row}/{column}"), "*/*");
    assert_eq!(lines.status, StatusCode::OK);
}

#[test]
fn a_run_without_a_package_has_no_collections_and_says_why() {
    let run = Arc::new(ExploredRun::new("nowhere".into(), made_up::run()).unwrap());
    let server = Server { run, ..Server::new() };
    assert_eq!(server.json("/collections")["collections"], serde_json::json!([]));
    assert_eq!(server.refused("/collections/areas"), 404);
    assert_eq!(server.get("/api").status, StatusCode::OK);
}
