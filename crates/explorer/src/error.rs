//! Why the explorer cannot start, or cannot answer.

use axum::{
    Json,
    extract::Request,
    http::StatusCode,
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::SocketAddr;
use whitespot_model::{config::Lang, wording};

/// The explorer cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ExplorerError {
    /// The port is taken or not allowed.
    #[error("cannot listen on {address}: {source}")]
    Port {
        /// Where it should listen.
        address: SocketAddr,
        /// The system's reason.
        #[source]
        source: std::io::Error,
    },
    /// The system gives no threads or timers.
    #[error("cannot start the local server: {0}")]
    Runtime(#[source] std::io::Error),
    /// The result does not fit together; a bug, or a damaged `run.json`.
    #[error("the result cannot be explored: {0}")]
    Result(String),
}

/// A question that has no answer: said to the page as `{"error": …}`.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The question makes no sense (status 400).
    Question(String),
    /// A limit cannot be held, or the rule lacks something (status 422).
    NoAnswer(String),
    /// There is no such thing (status 404).
    Missing,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let (status, message) = match self {
            Refused::Question(message) => (StatusCode::BAD_REQUEST, message),
            Refused::NoAnswer(message) => (StatusCode::UNPROCESSABLE_ENTITY, message),
            Refused::Missing => (StatusCode::NOT_FOUND, "not found".to_string()),
        };
        (status, Json(serde_json::json!({ "error": message }))).into_response()
    }
}

/// Says why there is no answer in the language that `?lang=` names; the rest of the code speaks English.
pub(crate) async fn in_language(request: Request, next: Next) -> Response {
    let is_swedish = request.uri().query().is_some_and(|q| q.split('&').any(|part| part == "lang=sv"));
    let response = next.run(request).await;
    if !(is_swedish && response.status().is_client_error()) {
        return response;
    }
    let (parts, body) = response.into_parts();
    let bytes = axum::body::to_bytes(body, 64 * 1024).await.unwrap_or_default();
    let told: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    match told.as_ref().and_then(|t| t["error"].as_str()) {
        Some(message) => {
            let swedish = wording::in_lang(message, Lang::Sv);
            (parts.status, Json(serde_json::json!({ "error": swedish }))).into_response()
        }
        None => Response::from_parts(parts, bytes.into()),
    }
}
