//! The streaming side: a head, then chunks, then a [`Digest`].

use super::challenge::is_challenge;
use super::content::Content;
use super::css::CssFile;
use super::html::{Html, Keep};
use super::keep::Packed;
#[cfg(feature = "markdown")]
use super::markdown::Markdown;
use super::media::{looks_like_html, media_of};
use super::{Digest, End, Media, RateLimit, Transfer};
use crate::failure::RetryAfter;
use crate::fetch::{Kind, Method, Need, Request, Validators};
use crate::header::{self as fields, MediaType};
use crate::robots::Parser;
use crate::sitemap;
use crate::spec::Spec;
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
    appetite: Appetite,
    /// What was found before the body, until that takes it over.
    found: Option<Packed>,
    body: Body,
    /// Where what the document reads like is asked for.
    content: Option<Content>,
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
    Css(Box<CssFile<Packed>>),
    #[cfg(feature = "markdown")]
    Markdown(Box<Markdown<Packed>>),
    Robots(Box<Parser>),
    /// Asked for as a sitemap; these are its first bytes, and what the header fields take it for.
    Listing {
        prefix: Vec<u8>,
        media: Option<Media>,
        charset: Option<&'static Encoding>,
    },
    Sitemap(Box<sitemap::Parser>),
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
            location: fields::location(head.status.as_u16(), &head.headers, &request.url),
            directives: fields::x_robots_tag(&head.headers, &spec.robots_token),
            retry_after: RetryAfter::of(&head.headers),
            rate_limit: RateLimit::of(&head.headers),
            challenge: is_challenge(head),
            validators: validators(&head.headers),
            ..Digest::default()
        };
        let mut digester = Self {
            spec: Arc::clone(spec),
            url: request.url.clone(),
            appetite: Appetite::Enough,
            found: None,
            body: Body::Ignored,
            content: None,
            digest,
        };
        if request.method == Method::Get && head.status.is_success() && !digester.digest.challenge {
            if request.kind == Kind::Robots {
                digester.read_as_robots();
            } else {
                let found = digester.found.insert(Packed::new(spec, request.need == Need::Links));
                if request.kind == Kind::Sitemap {
                    digester.choose_sitemap(&head.headers);
                } else {
                    // Also where the body is not of use: that there are links tells that there is more to learn.
                    found.take_headers(&head.headers);
                    if request.need > Need::Status {
                        digester.choose(&head.headers);
                    }
                }
            }
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
            Body::Html(html) => {
                if let Some(content) = &mut self.content {
                    content.push(chunk);
                }
                html.push(chunk);
            }
            Body::Css(css) => css.push(chunk),
            #[cfg(feature = "markdown")]
            Body::Markdown(markdown) => markdown.push(chunk),
            Body::Robots(parser) => self.appetite = parser.push(chunk),
            Body::Sitemap(parser) => self.appetite = parser.push(chunk),
            Body::Listing { prefix, .. } => {
                prefix.extend_from_slice(chunk);
                if prefix.len() >= SNIFFED {
                    self.sniff_sitemap();
                }
            }
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
        if matches!(self.body, Body::Listing { .. }) {
            self.sniff_sitemap();
        }
        self.digest.end = end;
        self.digest.extra.content = self.content.map(Content::finish);
        self.digest.transfer = transfer;
        let found = match self.body {
            Body::Html(html) => Some(html.finish()),
            Body::Css(css) => Some(css.finish()),
            #[cfg(feature = "markdown")]
            Body::Markdown(markdown) => Some(markdown.finish()),
            Body::Robots(parser) => {
                self.digest.robots = Some(parser.finish());
                None
            }
            Body::Sitemap(parser) => {
                super::sitemap::into_digest(&parser.finish(), &self.url, &self.spec, &mut self.digest);
                None
            }
            Body::Ignored | Body::Unknown(_) | Body::Listing { .. } => {
                self.found.map(|found| (found, encoding_rs::UTF_8))
            }
        };
        if let Some((packed, encoding)) = found {
            packed.into_digest(&self.url, encoding, &mut self.digest);
        }
        self.digest
    }

    /// Decides by the header fields what becomes of the body (MIME Sniffing section 7).
    fn choose(&mut self, headers: &HeaderMap) {
        let media_type = MediaType::of(headers);
        match media_type.as_ref().and_then(media_of) {
            Some(media) => self.read_as(media, media_type.as_ref().and_then(MediaType::encoding)),
            None if text(headers, header::X_CONTENT_TYPE_OPTIONS)
                .is_some_and(|value| value.eq_ignore_ascii_case("nosniff")) => {}
            None => {
                self.body = Body::Unknown(Vec::new());
                self.appetite = Appetite::More;
            }
        }
    }

    /// A sitemap is told by its first bytes, whatever the header fields call it, since servers call it anything. What
    /// is none is read as the document that it is.
    fn choose_sitemap(&mut self, headers: &HeaderMap) {
        let media_type = MediaType::of(headers);
        let media = media_type.as_ref().and_then(media_of);
        let charset = media_type.as_ref().and_then(MediaType::encoding);
        self.body = Body::Listing { prefix: Vec::new(), media, charset };
        self.appetite = Appetite::More;
    }

    fn sniff_sitemap(&mut self) {
        let body = core::mem::replace(&mut self.body, Body::Ignored);
        let Body::Listing { prefix, media, charset } = body else { return };
        let start = &prefix[..prefix.len().min(SNIFFED)];
        let limit = self.spec.limits.links.min(sitemap::MAX_ENTRIES);
        let mut probe = sitemap::Parser::new(charset, limit);
        let _ = probe.push(start);
        let is_html = match media {
            Some(Media::Html | Media::Xhtml) => true,
            Some(_) => false,
            None => looks_like_html(start),
        };
        if is_html && !probe.begins_xml_sitemap() {
            self.read_as(media.unwrap_or(Media::Html), charset);
        } else {
            self.body = Body::Sitemap(Box::new(sitemap::Parser::new(charset, limit)));
        }
        let _ = self.push(&prefix);
    }

    /// The rules are text whatever the header fields call them (RFC 9309 section 2.3).
    fn read_as_robots(&mut self) {
        self.digest.media = Media::Robots;
        self.appetite = Appetite::More;
        let cap = u64::from(self.spec.limits.robots_bytes);
        self.body = Body::Robots(Box::new(Parser::new(&self.spec.robots_token, cap)));
    }

    fn sniff(&mut self) {
        let Body::Unknown(prefix) = core::mem::replace(&mut self.body, Body::Ignored) else { return };
        let is_html = looks_like_html(&prefix[..prefix.len().min(SNIFFED)]);
        self.read_as(if is_html { Media::Html } else { Media::Other }, None);
        let _ = self.push(&prefix);
    }

    fn read_as(&mut self, media: Media, charset: Option<&'static Encoding>) {
        self.digest.media = media;
        self.appetite = Appetite::Enough;
        let Some(found) =
            self.found.take_if(|found| media.has_ids() || media.has_links() && found.wants_links())
        else {
            self.body = Body::Ignored;
            return;
        };
        self.appetite = Appetite::More;
        if matches!(media, Media::Html | Media::Xhtml) && self.spec.extras.contents {
            self.content = Some(Content::new(self.spec.id_key, &self.url));
        }
        let text_chars = self.spec.limits.text_chars;
        self.body = match media {
            Media::Css => Body::Css(Box::new(CssFile::new(charset, found))),
            #[cfg(feature = "markdown")]
            Media::Markdown => Body::Markdown(Box::new(Markdown::new(charset, found, text_chars))),
            _ => Body::Html(Box::new(Html::new(media == Media::Xhtml, charset, found, text_chars))),
        };
    }
}

/// How many bytes decide what a body of unknown type is; all patterns are shorter, white space aside
/// (MIME Sniffing section 5.2 reads as many).
const SNIFFED: usize = 1445;

fn text(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

/// What a later fetch can be conditional on (RFC 9110 section 8.8).
fn validators(headers: &HeaderMap) -> Validators {
    let owned = |name| text(headers, name).map(str::to_owned);
    Validators { etag: owned(header::ETAG), last_modified: owned(header::LAST_MODIFIED) }
}
