//! Why the explorer cannot start, or cannot answer.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use std::net::SocketAddr;

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
