//! The explorer's answers over a small made-up run: as published where nothing is set, refused where it makes no
//! sense, and for nobody but its own page.
#![allow(clippy::unwrap_used)]

mod made_up;
mod ogc;

use axum::{
    body::{Body, to_bytes},
    http::{Request, StatusCode},
};
use serde_json::{Value, json};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    sync::Arc,
};
use tower::ServiceExt as _;
use whitespot_explorer::{ExploredRun, router};

/// Status and body of a request to the router.
fn ask(method: &str, path: &str, body: &str) -> (StatusCode, Vec<u8>) {
    let run = Arc::new(ExploredRun::new("nowhere".into(), made_up::run()).unwrap());
    let request = Request::builder()
        .method(method)
        .uri(path)
        .header("content-type", "application/json")
        .body(Body::from(body.to_string()))
        .unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        let response = router(run).oneshot(request).await.unwrap();
        (response.status(), to_bytes(response.into_body(), usize::MAX).await.unwrap().to_vec())
    })
}

fn post(path: &str, question: &Value) -> Value {
    let (status, body) = ask("POST", path, &question.to_string());
    assert_eq!(status, StatusCode::OK, "{path}: {}", String::from_utf8_lossy(&body));
    serde_json::from_slice(&body).unwrap()
}

#[test]
fn where_nothing_is_set_the_answers_are_the_published_ones() {
    let run = made_up::run();
    let scored = post("/api/score", &json!({}));
    let ranking = run.ranking.as_ref().unwrap();
    assert_eq!(scored["ranks"], json!(ranking.areas.iter().map(|a| a.rank).collect::<Vec<_>>()));
    assert_eq!(scored["scores"], json!(ranking.areas.iter().map(|a| a.score).collect::<Vec<_>>()));
    let allocated = post("/api/allocate", &json!({}));
    let published = &run.scenarios[0].allocation;
    assert_eq!(allocated["spent_sek"], json!(published.spent_sek));
    assert_eq!(allocated["outcome"], serde_json::to_value(&published.outcome).unwrap());
    let grants: i64 = allocated["grant_sek"].as_array().unwrap().iter().map(|g| g.as_i64().unwrap()).sum();
    assert_eq!(grants, published.spent_sek);
}

#[test]
fn weights_times_any_number_give_the_same_ranks_and_other_weights_decide_the_money() {
    let one = post("/api/score", &json!({ "weights": [1.0, 3.0] }));
    assert_eq!(one["ranks"], post("/api/score", &json!({ "weights": [20.0, 60.0] }))["ranks"]);
    let first = |weights: Value| {
        let a = post("/api/allocate", &json!({ "weights": weights, "budget_sek": 100_000 }));
        a["order"].as_array().unwrap().iter().position(|o| o == &json!(1)).unwrap()
    };
    assert_ne!(first(json!([1.0, 0.0])), first(json!([0.0, 1.0])));
}

#[test]
fn more_money_never_reaches_fewer_and_a_cap_is_held() {
    let mut before = 0;
    for budget in [0, 100_000, 400_000, 5_000_000] {
        let a = post("/api/allocate", &json!({ "budget_sek": budget }));
        let households = a["outcome"]["households"].as_u64().unwrap();
        assert!(households >= before && a["spent_sek"].as_i64().unwrap() <= budget);
        before = households;
    }
    let capped = post("/api/allocate", &json!({ "budget_sek": 5_000_000, "cap_sek": 120_000 }));
    for parent in capped["outcome"]["parents"].as_array().unwrap() {
        assert!(parent["spent_sek"].as_i64().unwrap() <= 120_000, "{parent}");
    }
}

#[test]
fn why_adds_up_to_the_score_and_names_the_least_budget() {
    let why = post("/api/why", &json!({ "code": "03", "budget_sek": 0 }));
    let parts = why["parts"].as_array().unwrap();
    let sum: f64 = parts.iter().map(|p| p["contribution"].as_f64().unwrap()).sum();
    assert_eq!(sum, why["score"].as_f64().unwrap());
    let first = why["funding"]["first_sek"].as_i64().unwrap();
    let grant = |budget: i64| {
        post("/api/why", &json!({ "code": "03", "budget_sek": budget }))["funding"]["grant_sek"].as_i64()
    };
    assert!(grant(first).unwrap() > 0, "{why}");
    assert_eq!(grant(first * 9 / 10), Some(0));
}

#[test]
fn two_states_are_compared_and_robustness_counts_its_draws() {
    let compared =
        post("/api/compare", &json!({ "a": { "budget_sek": 0 }, "b": { "budget_sek": 5_000_000 } }));
    assert_eq!(compared["a"]["n_funded"], 0);
    assert_eq!(
        compared["pair"]["enter"].as_array().unwrap().len(),
        compared["b"]["n_funded"].as_u64().unwrap() as usize
    );
    let sure = post("/api/robustness", &json!({}));
    assert_eq!(sure["draws"], 1_000);
    assert!(sure["n_firm"].as_u64() <= sure["n_funded"].as_u64());
    assert!(sure["rank_p05"][0].as_u64() <= sure["rank_p95"][0].as_u64());
}

#[test]
fn a_state_becomes_a_block_that_the_analysis_file_understands() {
    let block = post(
        "/api/block",
        &json!({ "budget_sek": 90_000, "rule": "cost_effectiveness", "must_fund": ["02"] }),
    );
    let parsed: toml::Table = toml::from_str(block["toml"].as_str().unwrap()).unwrap();
    let scenario = parsed["scenario"][0].clone();
    let config: whitespot_model::config::funding::ScenarioConfig = scenario.try_into().unwrap();
    assert_eq!(
        (config.extends.as_deref(), config.rule.map(|r| r.as_str())),
        (Some("need"), Some("cost_effectiveness"))
    );
    assert_eq!(config.must_fund, Some(vec!["02".to_string()]));
}

#[test]
fn questions_that_make_no_sense_are_refused_with_a_reason() {
    for (question, status) in [
        (json!({ "weights": [1.0] }), 400),
        (json!({ "weights": [0.0, 0.0] }), 400),
        (json!({ "weights": [-1.0, 2.0] }), 400),
        (json!({ "budget_sek": -1 }), 400),
        (json!({ "rule": "auction" }), 400),
        (json!({ "scenario": "../../etc/passwd" }), 404),
        (json!({ "must_fund": ["no such area"] }), 422),
        (json!({ "file": "run.json" }), 422),
    ] {
        let (found, body) = ask("POST", "/api/allocate", &question.to_string());
        assert_eq!(found.as_u16(), status, "{question}: {}", String::from_utf8_lossy(&body));
    }
    assert_eq!(ask("POST", "/api/allocate", "{").0.as_u16(), 400);
}

#[test]
fn no_path_leads_to_a_file() {
    for path in [
        "/run.json",
        "/assets/../Cargo.toml",
        "/assets/%2e%2e%2fCargo.toml",
        "/internal/settlements.gpkg",
        "//etc/passwd",
    ] {
        assert_eq!(ask("GET", path, "").0, StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(ask("GET", "/assets/app.js", "").0, StatusCode::OK);
}

#[test]
fn names_from_data_stand_in_the_page_as_text_only() {
    let (_, page) = ask("GET", "/?lang=sv", "");
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("&lt;img src=x onerror=alert(1)&gt;") && !page.contains("<img"));
    assert!(page.contains("lang=\"sv\"") && !page.contains("{{"));
    assert!(!page.contains("<script>") && !page.contains("style=\"") && !page.contains(" onclick"));
}

#[test]
fn areas_are_in_the_tiles_where_they_are_and_nowhere_else() {
    let (status, tile) = ask("GET", "/tiles/areas/8/127/127", "");
    assert_eq!(status, StatusCode::OK);
    assert!(!tile.is_empty());
    assert!(ask("GET", "/tiles/areas/8/3/3", "").1.is_empty());
    for path in ["/tiles/areas/1/2/0", "/tiles/areas/99/0/0", "/tiles/points/12/2048/2048"] {
        assert_eq!(ask("GET", path, "").0, StatusCode::NOT_FOUND, "{path}");
    }
}

/// What the listening server answers to these bytes, until it closes the connection.
fn raw(address: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn the_server_listens_on_this_computer_and_answers_its_own_page_only() {
    let (tell, told) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        whitespot_explorer::serve("nowhere".into(), made_up::run(), 0, |a| tell.send(a).unwrap())
    });
    let address = told.recv().unwrap();
    assert!(address.ip().is_loopback());
    let get = |host: &str, more: &str| {
        raw(address, &format!("GET / HTTP/1.1\r\nHost: {host}\r\n{more}Connection: close\r\n\r\n"))
    };
    let own = format!("127.0.0.1:{}", address.port());
    let page = get(&own, "");
    assert!(page.starts_with("HTTP/1.1 200"), "{page}");
    let head = page.split("\r\n\r\n").next().unwrap().to_lowercase();
    for wanted in [
        "content-security-policy: default-src 'none'; script-src 'self'",
        "x-content-type-options: nosniff",
        "cache-control: no-store",
    ] {
        assert!(head.contains(wanted), "{head}");
    }
    assert!(!head.contains("unsafe") && !head.contains("access-control"), "{head}");
    assert!(get("evil.example", "").starts_with("HTTP/1.1 403"));
    assert!(get(&own, "Origin: http://evil.example\r\n").starts_with("HTTP/1.1 403"));
    assert!(get(&own, "Sec-Fetch-Site: cross-site\r\n").starts_with("HTTP/1.1 403"));
    let long = format!("POST /api/score HTTP/1.1\r\nHost: {own}\r\nContent-Length: 99999999\r\n\r\n");
    assert!(raw(address, &long).starts_with("HTTP/1.1 413"));
}
