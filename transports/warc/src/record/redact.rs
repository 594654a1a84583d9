//! Heads as they are recorded: with secrets left out.

use crawlspace::digest::Head;
use http::HeaderMap;
use http::header::{
    AUTHORIZATION, COOKIE, HeaderName, HeaderValue, PROXY_AUTHORIZATION, SET_COOKIE, TRANSFER_ENCODING,
};
use url::{Position, Url};

/// What is written in place of a secret.
const REDACTED: &[u8] = b"REDACTED";

/// Fields whose values are secrets wherever they come from.
const SECRET: [HeaderName; 4] = [AUTHORIZATION, COOKIE, PROXY_AUTHORIZATION, SET_COOKIE];

/// The name of a response's `Transfer-Encoding` in the archive: what is recorded is what HTTP's own framing was taken
/// off, and a reader must not look for it.
const WAS_FRAMED: &str = "x-archive-orig-transfer-encoding";

/// The head of a request, in the form of HTTP/1.1 whatever it was sent over.
pub(crate) fn request_head(method: &str, url: &Url, fields: &HeaderMap, keep: bool) -> Vec<u8> {
    let target = &url[Position::BeforePath..Position::AfterQuery];
    let host = &url[Position::BeforeHost..Position::AfterPort];
    let mut head = format!("{method} {target} HTTP/1.1\r\nhost: {host}\r\n").into_bytes();
    write_fields(&mut head, fields, keep);
    head
}

/// The head of a response. Its reason phrase is the standard's, since not every protocol has one of its own.
pub(crate) fn response_head(Head { status, headers }: &Head, keep: bool) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or_default();
    let mut head = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    write_fields(&mut head, headers, keep);
    head
}

fn write_fields(head: &mut Vec<u8>, fields: &HeaderMap, keep: bool) {
    for (name, value) in fields {
        let name_written = if *name == TRANSFER_ENCODING { WAS_FRAMED } else { name.as_str() };
        head.extend_from_slice(name_written.as_bytes());
        head.extend_from_slice(b": ");
        head.extend_from_slice(if keep || !is_secret(name, value) { value.as_bytes() } else { REDACTED });
        head.extend_from_slice(b"\r\n");
    }
    head.extend_from_slice(b"\r\n");
}

/// Configured fields are marked as sensitive where they are read.
fn is_secret(name: &HeaderName, value: &HeaderValue) -> bool {
    value.is_sensitive() || SECRET.contains(name)
}

/// The URL without user information, unless that is to be kept. None is ever sent.
pub(crate) fn target(url: &Url, keep: bool) -> Url {
    let mut url = url.clone();
    url.set_fragment(None);
    if !keep {
        // Fails only for URLs that have no host, and so nothing to leave out.
        let _ = url.set_username("");
        let _ = url.set_password(None);
    }
    url
}
