//! Who may ask, and what the page may do: Host and Origin checks, and the headers of every answer.

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use std::net::SocketAddr;

/// No inline script or style, nothing from elsewhere, no framing. `data:` is for MapLibre's own icons.
const POLICY: &str = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The names this server goes by, with its port.
#[derive(Clone, Debug)]
pub(crate) struct Names {
    hosts: [String; 2],
}

impl Names {
    /// The names of a server at an address.
    pub(crate) fn of(address: SocketAddr) -> Names {
        let port = address.port();
        Names { hosts: [format!("127.0.0.1:{port}"), format!("localhost:{port}")] }
    }

    /// Whether a request comes from our own page: a foreign site that has bent a name to 127.0.0.1 sends its own
    /// name as Host, and one that posts here sends its own Origin.
    fn are_meant(&self, headers: &HeaderMap) -> bool {
        let text = |value: &HeaderValue| value.to_str().map(str::to_ascii_lowercase).unwrap_or_default();
        let mut hosts = headers.get_all(header::HOST).iter();
        let host = hosts.next().map(text).unwrap_or_default();
        let is_ours = |name: &str| self.hosts.iter().any(|h| h == name);
        let is_origin_ours = headers
            .get_all(header::ORIGIN)
            .iter()
            .all(|origin| text(origin).strip_prefix("http://").is_some_and(is_ours));
        let is_site_ours = headers
            .get("sec-fetch-site")
            .is_none_or(|site| matches!(site.to_str(), Ok("same-origin" | "none")));
        is_ours(&host) && hosts.next().is_none() && is_origin_ours && is_site_ours
    }
}

/// Refuses what is not meant for this server; adds the security headers to every answer.
pub(crate) async fn guard(State(names): State<Names>, request: Request, next: Next) -> Response {
    let mut response = match names.are_meant(request.headers()) {
        true => next.run(request).await,
        false => StatusCode::FORBIDDEN.into_response(),
    };
    let headers = response.headers_mut();
    let mut set = |name: HeaderName, value: &'static str| {
        headers.insert(name, HeaderValue::from_static(value));
    };
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::X_FRAME_OPTIONS, "DENY");
    // Results may be personal data: nothing stays in the browser's cache.
    set(header::CACHE_CONTROL, "no-store");
    set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_meant(pairs: &[(&'static str, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, HeaderValue::from_str(value).unwrap());
        }
        Names::of("127.0.0.1:4173".parse().unwrap()).are_meant(&headers)
    }

    #[test]
    fn only_our_own_page_may_ask() {
        assert!(is_meant(&[("host", "127.0.0.1:4173")]));
        assert!(is_meant(&[("host", "localhost:4173"), ("origin", "http://localhost:4173")]));
        assert!(!is_meant(&[]));
        assert!(!is_meant(&[("host", "evil.example:4173")]));
        assert!(!is_meant(&[("host", "127.0.0.1")]));
        assert!(!is_meant(&[("host", "127.0.0.1:4173"), ("host", "evil.example")]));
        assert!(!is_meant(&[("host", "127.0.0.1:4173"), ("origin", "http://evil.example")]));
        assert!(!is_meant(&[("host", "127.0.0.1:4173"), ("origin", "null")]));
        assert!(!is_meant(&[("host", "127.0.0.1:4173"), ("sec-fetch-site", "cross-site")]));
    }
}
