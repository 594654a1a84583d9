//! The fields of a request.

use crate::HeaderSets;
use crate::decode::ACCEPT_ENCODING;
use crawlspace::{Kind, Request, Spec};
use http::header::{self, HeaderMap, HeaderName, HeaderValue};

/// The fields to send with `request`: `User-Agent`, `Accept`, `Accept-Encoding`, the validators of a conditional
/// request (RFC 9110 section 13.1), and what is configured under [`Request::headers`], if the request's origin is
/// one of those the set is bound to. A configured field replaces one of the same name.
///
/// `Host` and what concerns the connection are the client's to add. There is never a `Referer`, and never an
/// `Authorization` made from user information in a URL, which a page's author may have put there.
#[must_use]
pub fn request_fields(request: &Request, spec: &Spec, sets: &HeaderSets) -> HeaderMap {
    let mut fields = HeaderMap::with_capacity(8);
    fields.insert(header::ACCEPT, HeaderValue::from_static(accept(request.kind)));
    fields.insert(header::ACCEPT_ENCODING, HeaderValue::from_static(ACCEPT_ENCODING));
    insert(&mut fields, header::USER_AGENT, Some(&spec.user_agent));
    insert(&mut fields, header::IF_NONE_MATCH, request.validators.etag.as_ref());
    insert(&mut fields, header::IF_MODIFIED_SINCE, request.validators.last_modified.as_ref());
    if let Some(configured) = sets.for_request(request) {
        for name in configured.keys() {
            fields.remove(name);
        }
        for (name, value) in configured {
            fields.append(name, value.clone());
        }
    }
    fields
}

/// Leaves the field out if the text cannot be a field value (RFC 9110 section 5.5).
fn insert(fields: &mut HeaderMap, name: HeaderName, text: Option<&String>) {
    if let Some(value) = text.and_then(|text| HeaderValue::from_str(text).ok()) {
        fields.insert(name, value);
    }
}

/// What is parsed comes first; anything else is welcome too, since the question may only be whether it is there.
const fn accept(kind: Kind) -> &'static str {
    match kind {
        Kind::Robots => "text/plain,*/*;q=0.8",
        Kind::Sitemap => "application/xml,text/xml,text/plain;q=0.9,*/*;q=0.8",
        _ => "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    }
}
