//! Links between the documents, with whole addresses, since not every client resolves relative ones.

use axum::http::{HeaderMap, header};
use serde::Serialize;

pub(super) const JSON: &str = "application/json";
pub(super) const GEOJSON: &str = "application/geo+json";
pub(super) const OPENAPI: &str = "application/vnd.oai.openapi+json;version=3.0";

/// A link as RFC 8288 means it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Link {
    href: String,
    rel: &'static str,
    #[serde(rename = "type")]
    media_type: &'static str,
    title: String,
}

impl Link {
    pub(super) fn new(
        rel: &'static str,
        href: String,
        media_type: &'static str,
        title: impl Into<String>,
    ) -> Link {
        Link { href, rel, media_type, title: title.into() }
    }
}

/// The address the client reached us by; the guard has let only our own names through.
pub(super) fn base_of(headers: &HeaderMap) -> String {
    let host = headers.get(header::HOST).and_then(|h| h.to_str().ok()).unwrap_or("localhost");
    format!("http://{host}")
}

/// Text as it may stand in a path or as a value of a query.
pub(super) fn percent_encoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'~' | b',' | b':' | b'/' => {
                out.push(char::from(byte));
            }
            byte => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}
