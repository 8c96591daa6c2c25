//! The page and what it is made of, all built in.

use crate::{run::ExploredRun, words::words};
use axum::{
    extract::{Path, Query, State},
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use serde::Deserialize;
use std::sync::Arc;
use whitespot_model::config::Lang;

const INDEX: &str = include_str!("../assets/index.html");

/// Built-in files by name, with their type.
const ASSETS: [(&str, &str, &[u8]); 13] = [
    ("style.css", "text/css; charset=utf-8", include_bytes!("../assets/style.css")),
    ("app.js", "text/javascript; charset=utf-8", include_bytes!("../assets/app.js")),
    ("ask.js", "text/javascript; charset=utf-8", include_bytes!("../assets/ask.js")),
    ("words.js", "text/javascript; charset=utf-8", include_bytes!("../assets/words.js")),
    ("state.js", "text/javascript; charset=utf-8", include_bytes!("../assets/state.js")),
    ("controls.js", "text/javascript; charset=utf-8", include_bytes!("../assets/controls.js")),
    ("table.js", "text/javascript; charset=utf-8", include_bytes!("../assets/table.js")),
    ("layers.js", "text/javascript; charset=utf-8", include_bytes!("../assets/layers.js")),
    ("map.js", "text/javascript; charset=utf-8", include_bytes!("../assets/map.js")),
    ("why.js", "text/javascript; charset=utf-8", include_bytes!("../assets/why.js")),
    (
        "maplibre-gl-csp.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/maplibre/maplibre-gl-csp.js"),
    ),
    (
        "maplibre-gl-csp-worker.js",
        "text/javascript; charset=utf-8",
        include_bytes!("../assets/maplibre/maplibre-gl-csp-worker.js"),
    ),
    ("maplibre-gl.css", "text/css; charset=utf-8", include_bytes!("../assets/maplibre/maplibre-gl.css")),
];

/// `?lang=sv`
#[derive(Debug, Default, Deserialize)]
pub(crate) struct InLang {
    lang: Option<Lang>,
}

impl InLang {
    /// The language asked for; else the first of the run.
    pub(crate) fn of(&self, run: &ExploredRun) -> Lang {
        self.lang.or_else(|| run.result.language.first().copied()).unwrap_or(Lang::En)
    }
}

/// The page, with its texts in the language.
pub(crate) async fn index(State(run): State<Arc<ExploredRun>>, Query(query): Query<InLang>) -> Response {
    let lang = query.of(&run);
    let words = words(lang);
    let mut html = String::with_capacity(INDEX.len() * 2);
    let mut rest = INDEX;
    while let Some((before, after)) = rest.split_once("{{") {
        html.push_str(before);
        let Some((key, after)) = after.split_once("}}") else { break };
        match key {
            "lang" => html.push_str(lang.code()),
            "title" => html.push_str(&escaped(run.result.title.in_lang(lang))),
            "run" => html.push_str(&escaped(&run.result.run_id)),
            "version" => html.push_str(&escaped(&run.result.version)),
            key => html.push_str(&escaped(words.get(key).map_or(key, String::as_str))),
        }
        rest = after;
    }
    html.push_str(rest);
    ([(header::CONTENT_TYPE, "text/html; charset=utf-8")], html).into_response()
}

/// A built-in file.
pub(crate) async fn asset(Path(name): Path<String>) -> Response {
    match ASSETS.iter().find(|(known, _, _)| *known == name) {
        Some((_, kind, bytes)) => ([(header::CONTENT_TYPE, *kind)], *bytes).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

/// Every other path.
pub(crate) async fn missing() -> StatusCode {
    StatusCode::NOT_FOUND
}

/// Text that cannot become markup, inside an element or a quoted attribute.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}
