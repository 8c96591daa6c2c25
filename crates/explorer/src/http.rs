//! HTTP/1.1 over a loopback socket: requests in, the router's answers out.
//!
//! The router is axum's; the connections are ours, since hyper's server would turn on features of crates that
//! polars shares and build it again. What a browser on the same machine sends is all that is understood: no
//! chunked bodies, no upgrades, no trailers. Whatever else comes is refused, and the connection closed.

use axum::{
    Router,
    body::{Body, Bytes, to_bytes},
    http::{HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, header},
};
use std::{io, time::Duration};
use tokio::net::TcpStream;
use tower::ServiceExt as _;

/// Most bytes of a request's head.
const MOST_HEAD: usize = 16 * 1024;
/// Most bytes of a request's body: weights and lists of areas.
const MOST_BODY: usize = 1024 * 1024;
/// How long a connection may be idle, or take to send a request.
const IDLE: Duration = Duration::from_secs(60);

/// Answers the requests of one connection until it is closed.
pub(crate) async fn serve_connection(stream: TcpStream, router: Router) {
    // Whatever goes wrong with a connection concerns nobody but its browser.
    let _ = stream.set_nodelay(true);
    let mut buffer = Vec::new();
    while let Ok(true) = serve_request(&stream, &mut buffer, &router).await {}
}

/// Answers one request; `false` where the connection is to be closed.
async fn serve_request(stream: &TcpStream, buffer: &mut Vec<u8>, router: &Router) -> io::Result<bool> {
    let (head, head_len) = loop {
        match parse_head(buffer) {
            Parsed::Whole(head, len) => break (head, len),
            Parsed::Wrong(status) => return refuse(stream, status).await,
            Parsed::Part if buffer.len() >= MOST_HEAD => {
                return refuse(stream, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE).await;
            }
            Parsed::Part => {
                if !read_more(stream, buffer).await? {
                    return Ok(false);
                }
            }
        }
    };
    if head.body_len > MOST_BODY {
        return refuse(stream, StatusCode::PAYLOAD_TOO_LARGE).await;
    }
    while buffer.len() < head_len + head.body_len {
        if !read_more(stream, buffer).await? {
            return Ok(false);
        }
    }
    let body = Bytes::copy_from_slice(&buffer[head_len..head_len + head.body_len]);
    buffer.drain(..head_len + head.body_len);
    let mut request = Request::new(Body::from(body));
    *request.method_mut() = head.method.clone();
    *request.uri_mut() = head.uri;
    for (name, value) in head.headers {
        request.headers_mut().append(name, value);
    }
    let response = match router.clone().oneshot(request).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    write_response(stream, response, head.method == Method::HEAD, head.keeps_alive).await?;
    Ok(head.keeps_alive)
}

/// The head of a request.
struct Head {
    method: Method,
    uri: Uri,
    headers: Vec<(HeaderName, HeaderValue)>,
    body_len: usize,
    keeps_alive: bool,
}

enum Parsed {
    Whole(Head, usize),
    Part,
    Wrong(StatusCode),
}

fn parse_head(buffer: &[u8]) -> Parsed {
    let mut storage = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut storage);
    let len = match request.parse(buffer) {
        Ok(httparse::Status::Complete(len)) if len <= MOST_HEAD => len,
        Ok(httparse::Status::Complete(_)) => {
            return Parsed::Wrong(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        }
        Ok(httparse::Status::Partial) => return Parsed::Part,
        Err(_) => return Parsed::Wrong(StatusCode::BAD_REQUEST),
    };
    match head_of(&request) {
        Ok(head) => Parsed::Whole(head, len),
        Err(status) => Parsed::Wrong(status),
    }
}

fn head_of(request: &httparse::Request<'_, '_>) -> Result<Head, StatusCode> {
    let bad = StatusCode::BAD_REQUEST;
    let method = Method::from_bytes(request.method.unwrap_or_default().as_bytes()).map_err(|_| bad)?;
    // Only paths: a request to a proxy names a host of its own, which no header check would see.
    let uri: Uri = request.path.filter(|p| p.starts_with('/')).ok_or(bad)?.parse().map_err(|_| bad)?;
    let mut headers = Vec::with_capacity(request.headers.len());
    let mut lengths: Vec<usize> = Vec::new();
    let mut keeps_alive = request.version == Some(1);
    for header in request.headers.iter() {
        let name = HeaderName::from_bytes(header.name.as_bytes()).map_err(|_| bad)?;
        let value = HeaderValue::from_bytes(header.value).map_err(|_| bad)?;
        match name {
            header::TRANSFER_ENCODING | header::UPGRADE => return Err(StatusCode::NOT_IMPLEMENTED),
            header::CONTENT_LENGTH => {
                let text = value.to_str().map_err(|_| bad)?;
                let is_plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
                lengths.push(if is_plain { text.parse().map_err(|_| bad)? } else { return Err(bad) });
            }
            header::CONNECTION => {
                keeps_alive &= !value.to_str().is_ok_and(|v| v.to_ascii_lowercase().contains("close"));
            }
            _ => {}
        }
        headers.push((name, value));
    }
    let body_len = match lengths.as_slice() {
        [] => 0,
        [len] => *len,
        // Two lengths are how one request is smuggled inside another.
        _ => return Err(bad),
    };
    Ok(Head { method, uri, headers, body_len, keeps_alive })
}

/// Reads what has come; `false` where the other side has closed or been idle for too long.
async fn read_more(stream: &TcpStream, buffer: &mut Vec<u8>) -> io::Result<bool> {
    let mut piece = [0; 16 * 1024];
    loop {
        match tokio::time::timeout(IDLE, stream.readable()).await {
            Err(_) => return Ok(false),
            Ok(ready) => ready?,
        }
        match stream.try_read(&mut piece) {
            Ok(0) => return Ok(false),
            Ok(n) => {
                buffer.extend_from_slice(&piece[..n]);
                return Ok(true);
            }
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
}

async fn refuse(stream: &TcpStream, status: StatusCode) -> io::Result<bool> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    write_response(stream, response, false, false).await?;
    Ok(false)
}

async fn write_response(
    stream: &TcpStream,
    response: Response<Body>,
    is_head: bool,
    keeps_alive: bool,
) -> io::Result<()> {
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.map_err(io::Error::other)?;
    let mut out = format!(
        "HTTP/1.1 {} {}\r\n",
        parts.status.as_str(),
        parts.status.canonical_reason().unwrap_or_default()
    )
    .into_bytes();
    for (name, value) in parts.headers.iter().filter(|(name, _)| **name != header::CONTENT_LENGTH) {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
    let connection = if keeps_alive { "keep-alive" } else { "close" };
    out.extend_from_slice(
        format!("content-length: {}\r\nconnection: {connection}\r\n\r\n", body.len()).as_bytes(),
    );
    if !is_head {
        out.extend_from_slice(&body);
    }
    let mut written = 0;
    while written < out.len() {
        match tokio::time::timeout(IDLE, stream.writable()).await {
            Err(_) => return Err(io::ErrorKind::TimedOut.into()),
            Ok(ready) => ready?,
        }
        match stream.try_write(&out[written..]) {
            Ok(n) => written += n,
            Err(e) if e.kind() == io::ErrorKind::WouldBlock => {}
            Err(e) => return Err(e),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(request: &str) -> Option<StatusCode> {
        match parse_head(request.as_bytes()) {
            Parsed::Wrong(status) => Some(status),
            Parsed::Whole(..) | Parsed::Part => None,
        }
    }

    #[test]
    fn a_request_is_read_with_its_length_and_keeps_the_connection() {
        let request =
            "POST /api/score HTTP/1.1\r\nHost: 127.0.0.1:4173\r\nContent-Length: 7\r\n\r\n{\"a\":1}";
        let Parsed::Whole(head, len) = parse_head(request.as_bytes()) else { panic!("it is whole") };
        assert_eq!((head.body_len, len, head.keeps_alive), (7, request.len() - 7, true));
        assert!(matches!(parse_head(&request.as_bytes()[..40]), Parsed::Part));
    }

    #[test]
    fn what_could_hide_a_second_request_is_refused() {
        let twice = "POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 9\r\n\r\n";
        assert_eq!(status(twice), Some(StatusCode::BAD_REQUEST));
        assert_eq!(status("POST / HTTP/1.1\r\nContent-Length: +1\r\n\r\n"), Some(StatusCode::BAD_REQUEST));
        let chunked = "POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(status(chunked), Some(StatusCode::NOT_IMPLEMENTED));
        assert_eq!(status("GET http://example.org/ HTTP/1.1\r\n\r\n"), Some(StatusCode::BAD_REQUEST));
        assert_eq!(status("\u{1}\u{2}\r\n\r\n"), Some(StatusCode::BAD_REQUEST));
    }
}
