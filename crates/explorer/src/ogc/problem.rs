//! Refusals, as the exception schema of OGC API – Features has them.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};

/// Why a request has no answer.
#[derive(Clone, Debug)]
pub(crate) struct Problem {
    status: StatusCode,
    code: &'static str,
    description: String,
}

impl Problem {
    /// A parameter is unknown or has a value that makes no sense.
    pub(super) fn parameter(description: impl Into<String>) -> Problem {
        Problem {
            status: StatusCode::BAD_REQUEST,
            code: "InvalidParameterValue",
            description: description.into(),
        }
    }

    /// There is no such collection or feature.
    pub(super) fn missing(description: impl Into<String>) -> Problem {
        Problem { status: StatusCode::NOT_FOUND, code: "NotFound", description: description.into() }
    }

    /// The package cannot be read any more.
    pub(super) fn unreadable(error: &whitespot_model::features::ReadError) -> Problem {
        Problem {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "ServerError",
            description: error.to_string(),
        }
    }

    /// A question that died on its way.
    pub(super) fn bug() -> Problem {
        Problem {
            status: StatusCode::INTERNAL_SERVER_ERROR,
            code: "ServerError",
            description: "this is a bug of whitespot".to_string(),
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "code": self.code, "description": self.description });
        (self.status, Json(body)).into_response()
    }
}
