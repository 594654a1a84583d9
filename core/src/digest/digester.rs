//! The streaming side: a head, then chunks, then a [`Digest`].

use super::{Digest, End, Location, Media, Transfer};
use crate::failure::RetryAfter;
use crate::fetch::{Kind, Method, Request};
use crate::identity::Identity;
use crate::spec::Spec;
use core::time::Duration;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName};
use std::sync::Arc;

/// The head of a response: what comes before its body.
#[derive(Clone, Debug)]
pub struct Head {
    /// The status code.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
}

/// Whether more of a body is of use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use]
pub enum Appetite {
    /// Go on.
    More,
    /// The rest is not wanted: stop reading, and finish with [`End::Enough`].
    Enough,
}

/// Turns one response into a [`Digest`], chunk by chunk as it arrives, where the bytes are.
///
/// Any split of the body into chunks gives the same digest.
#[derive(Debug)]
pub struct Digester {
    #[allow(dead_code)]
    spec: Arc<Spec>,
    appetite: Appetite,
    digest: Digest,
}

impl Digester {
    /// A digester for the response to `request`, whose head has come.
    #[must_use]
    pub fn new(request: &Request, spec: &Arc<Spec>, head: &Head) -> Self {
        let digest = Digest {
            status: head.status.as_u16(),
            media: if request.kind == Kind::Robots { Media::Robots } else { Media::Other },
            location: location(request, head),
            retry_after: retry_after(&head.headers),
            ..Digest::default()
        };
        let appetite = if request.method == Method::Head || digest.media == Media::Other {
            Appetite::Enough
        } else {
            Appetite::More
        };
        Self { spec: Arc::clone(spec), appetite, digest }
    }

    /// Whether the body is of use at all.
    pub fn appetite(&self) -> Appetite {
        self.appetite
    }

    /// Takes the next chunk of the *decoded* body, of any size.
    pub fn push(&mut self, _chunk: &[u8]) -> Appetite {
        self.appetite
    }

    /// The digest, once the body has ended.
    #[must_use]
    pub fn finish(mut self, end: End, transfer: Transfer) -> Digest {
        self.digest.end = end;
        self.digest.transfer = transfer;
        self.digest
    }
}

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn location(request: &Request, head: &Head) -> Option<Location> {
    if !matches!(head.status.as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let raw = String::from_utf8_lossy(head.headers.get(header::LOCATION)?.as_bytes()).into_owned();
    Some(match request.url.join(&raw) {
        Ok(url) => Location::To {
            url: Identity::of(&url).as_str().to_owned(),
            fragment: url.fragment().map(str::to_owned),
        },
        Err(_) => Location::Invalid(raw),
    })
}

fn retry_after(headers: &HeaderMap) -> Option<RetryAfter> {
    let seconds = text(headers, header::RETRY_AFTER)?.parse().ok()?;
    Some(RetryAfter::Delay(Duration::from_secs(seconds)))
}
