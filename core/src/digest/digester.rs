//! The streaming side: a head, then chunks, then a [`Digest`].

use super::html::Html;
use super::keep::Packed;
use super::media::{ContentType, looks_like_html};
use super::{Digest, End, Location, Media, Transfer};
use crate::failure::RetryAfter;
use crate::fetch::{Kind, Method, Need, Request};
use crate::identity::Identity;
use crate::spec::Spec;
use core::time::Duration;
use encoding_rs::Encoding;
use http::StatusCode;
use http::header::{self, HeaderMap, HeaderName};
use std::sync::Arc;
use url::Url;

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
/// Any split of the body into chunks gives the same digest. Only an answer with a status of success is digested,
/// only as far as the request [needs](crate::Need), and only what [`Media`] names.
#[derive(Debug)]
pub struct Digester {
    spec: Arc<Spec>,
    /// What the document's references are resolved against.
    url: Url,
    wants_links: bool,
    appetite: Appetite,
    body: Body,
    digest: Digest,
}

/// What becomes of the body.
#[derive(Debug)]
enum Body {
    /// Nothing.
    Ignored,
    /// No header field says what it is; these are its first bytes.
    Unknown(Vec<u8>),
    Html(Box<Html<Packed>>),
}

const _: () = {
    const fn crosses_threads<T: Send + 'static>() {}
    crosses_threads::<Digester>();
};

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
        let has_body = request.method == Method::Get && head.status.is_success();
        let appetite =
            if has_body && digest.media != Media::Other { Appetite::More } else { Appetite::Enough };
        let mut digester = Self {
            spec: Arc::clone(spec),
            url: request.url.clone(),
            wants_links: request.need == Need::Links,
            appetite,
            body: Body::Ignored,
            digest,
        };
        if has_body && digester.digest.media == Media::Other && request.need > Need::Status {
            digester.choose(&head.headers);
        }
        digester
    }

    /// Whether the body is of use at all.
    pub fn appetite(&self) -> Appetite {
        self.appetite
    }

    /// Takes the next chunk of the *decoded* body, of any size.
    pub fn push(&mut self, chunk: &[u8]) -> Appetite {
        match &mut self.body {
            Body::Ignored => {}
            Body::Html(html) => html.push(chunk),
            Body::Unknown(prefix) => {
                prefix.extend_from_slice(chunk);
                if prefix.len() >= SNIFFED {
                    self.sniff();
                }
            }
        }
        self.appetite
    }

    /// The digest, once the body has ended.
    #[must_use]
    pub fn finish(mut self, end: End, transfer: Transfer) -> Digest {
        if matches!(self.body, Body::Unknown(_)) {
            self.sniff();
        }
        self.digest.end = end;
        self.digest.transfer = transfer;
        if let Body::Html(html) = self.body {
            let (packed, encoding) = html.finish();
            packed.into_digest(&self.url, encoding, &mut self.digest);
        }
        self.digest
    }

    /// Decides by the header fields what becomes of the body (MIME Sniffing section 7).
    fn choose(&mut self, headers: &HeaderMap) {
        let values = headers.get_all(header::CONTENT_TYPE).iter().filter_map(|value| value.to_str().ok());
        let content_type = values.filter_map(ContentType::parse).next_back();
        match content_type.as_ref().and_then(ContentType::media) {
            Some(media) => self.read_as(media, content_type.and_then(|found| found.charset)),
            None if text(headers, header::X_CONTENT_TYPE_OPTIONS)
                .is_some_and(|value| value.eq_ignore_ascii_case("nosniff")) => {}
            None => {
                self.body = Body::Unknown(Vec::new());
                self.appetite = Appetite::More;
            }
        }
    }

    fn sniff(&mut self) {
        let Body::Unknown(prefix) = core::mem::replace(&mut self.body, Body::Ignored) else { return };
        let is_html = looks_like_html(&prefix[..prefix.len().min(SNIFFED)]);
        self.read_as(if is_html { Media::Html } else { Media::Other }, None);
        let _ = self.push(&prefix);
    }

    fn read_as(&mut self, media: Media, charset: Option<&'static Encoding>) {
        self.digest.media = media;
        let is_document = matches!(media, Media::Html | Media::Xhtml);
        self.appetite = if is_document { Appetite::More } else { Appetite::Enough };
        self.body = if is_document {
            let packed = Packed::new(&self.spec, self.wants_links);
            let text_chars = self.spec.limits.text_chars;
            Body::Html(Box::new(Html::new(media == Media::Xhtml, charset, packed, text_chars)))
        } else {
            Body::Ignored
        };
    }
}

/// How many bytes decide what a body of unknown type is; all patterns are shorter, white space aside
/// (MIME Sniffing section 5.2 reads as many).
const SNIFFED: usize = 1445;

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
