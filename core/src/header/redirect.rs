//! Redirects: `Location`.

use crate::digest::Location;
use crate::identity::{Identity, push_percent_encoded};
use crate::reference::join;
use http::HeaderMap;
use http::header::LOCATION;
use url::Url;

/// Whether a status redirects (Fetch standard, "redirect status"): 301, 302, 303, 307 and 308. A 300 leaves the
/// choice to a person, 304 to 306 redirect nothing. GET and HEAD stay what they are over all of them.
#[must_use]
pub const fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

/// Whether a redirect says that links should be changed (RFC 9110 sections 15.4.2 and 15.4.9): 301 and 308.
#[must_use]
pub const fn is_permanent(status: u16) -> bool {
    matches!(status, 301 | 308)
}

/// Where a response redirects, resolved against the URL that was fetched (RFC 9110 section 10.2.2); `None` if its
/// status is not a redirect's or it has no `Location`. Of several lines the first counts.
///
/// A target may have any scheme; whether to go there is the engine's to decide.
#[must_use]
pub fn location(status: u16, headers: &HeaderMap, url: &Url) -> Option<Location> {
    if !is_redirect(status) {
        return None;
    }
    let raw = text_of(headers.get(LOCATION)?.as_bytes());
    Some(match join(url, &raw) {
        Ok(target) => Location::To {
            url: Identity::of(&target).as_str().to_owned(),
            fragment: target.fragment().map(str::to_owned),
        },
        Err(_) => Location::Invalid(raw),
    })
}

/// The URL that a link to `url` leads to over a redirect: the target, with the link's fragment where the target has
/// none of its own. `None` if there is nothing to follow: no URL, or one that is not fetched by HTTP.
#[must_use]
pub fn next_url(url: &Url, location: &Location) -> Option<Url> {
    let Location::To { url: target, fragment } = location else { return None };
    let mut target = Url::parse(target).ok()?;
    if !matches!(target.scheme(), "http" | "https") {
        return None;
    }
    target.set_fragment(fragment.as_deref().or(url.fragment()));
    Some(target)
}

/// UTF-8 as it is; of other octets each that is not ASCII percent-encoded, so that the server gets back what it
/// sent.
fn text_of(value: &[u8]) -> String {
    if let Ok(text) = core::str::from_utf8(value) {
        return text.to_owned();
    }
    let mut text = String::with_capacity(value.len() + 16);
    for &octet in value {
        if octet.is_ascii() {
            text.push(char::from(octet));
        } else {
            push_percent_encoded(&mut text, octet);
        }
    }
    text
}
