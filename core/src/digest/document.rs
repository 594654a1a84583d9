//! A document in full text, for people and other programs: what `crawlspace links` prints.

use super::css::CssFile;
use super::html::{Found, Html, Keep, Mark};
use super::keep::{base_url, directives, encoding_at};
#[cfg(feature = "markdown")]
use super::markdown::Markdown;
use super::media::media_of;
use super::place::{Place, PlaceSet};
use super::refresh::Refresh;
use super::resolve::join;
use super::{Media, html::reference};
use crate::header::MediaType;
use encoding_rs::Encoding;
use url::Url;

/// What a document holds, nothing hashed, cut or left out.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Document {
    /// What its links are resolved against (HTML section 2.4.3, "document base URL").
    pub base: Url,
    /// The WHATWG name of its encoding.
    pub charset: &'static str,
    /// Its links in document order, also those to schemes that are never fetched and hints to the browser.
    pub links: Vec<DocumentLink>,
    /// The values that name places in it, in document order.
    pub ids: Vec<String>,
    /// The first declarative refresh, if there is one.
    pub refresh: Option<DocumentRefresh>,
    /// What its robots `meta` elements ask for, in lower case, in document order.
    pub robots: Vec<String>,
}

/// A link of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentLink {
    /// The URL, resolved, fragment and all; `None` if it is no URL.
    pub url: Option<Url>,
    /// The URL as written, references decoded.
    pub raw: String,
    /// The place that holds it.
    pub place: Place,
    /// The element's `rel`, as written.
    pub rel: Option<String>,
    /// What a reader sees of it.
    pub text: String,
    /// The line of the element's `<`, counted from 1.
    pub line: u32,
    /// The column of the element's `<`, in characters counted from 1.
    pub column: u32,
}

/// A declarative refresh of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DocumentRefresh {
    /// After how many seconds.
    pub seconds: u64,
    /// Where to, as written; `None` if the refresh names nothing.
    pub raw: Option<String>,
    /// Where to; the document's own URL if the refresh names none, `None` if what it names is no URL.
    pub url: Option<Url>,
}

/// Characters of a link's text that are kept here.
const TEXT: u32 = 1_000;

/// Reads a whole document. `content_type` is the value of the header field, if there is one. XHTML, style sheets and
/// (with the feature `markdown`) Markdown are read as what they are, anything else as HTML.
///
/// ```
/// use crawlspace::digest::document;
///
/// let url = url::Url::parse("https://example.com/a/")?;
/// let document = document(&url, Some("text/html; charset=utf-8"), b"<a rel=next href='../b#c'>On</a>");
/// assert_eq!(document.links[0].url.as_ref().map(url::Url::as_str), Some("https://example.com/b#c"));
/// assert_eq!((document.links[0].raw.as_str(), document.links[0].text.as_str()), ("../b#c", "On"));
/// # Ok::<(), url::ParseError>(())
/// ```
#[must_use]
pub fn document(url: &Url, content_type: Option<&str>, body: &[u8]) -> Document {
    document_in_chunks(url, content_type, [body])
}

/// Reads a document that comes in chunks; how it is cut makes no difference.
#[must_use]
pub fn document_in_chunks<'a>(
    url: &Url,
    content_type: Option<&str>,
    chunks: impl IntoIterator<Item = &'a [u8]>,
) -> Document {
    let media_type = content_type.and_then(|value| MediaType::parse(value.as_bytes()));
    let media = media_type.as_ref().and_then(media_of);
    let charset = media_type.as_ref().and_then(MediaType::encoding);
    let (texts, encoding) = match media {
        Some(Media::Css) => {
            let mut css = CssFile::new(charset, Texts::default());
            chunks.into_iter().for_each(|chunk| css.push(chunk));
            css.finish()
        }
        #[cfg(feature = "markdown")]
        Some(Media::Markdown) => {
            let mut markdown = Markdown::new(charset, Texts::default(), TEXT);
            chunks.into_iter().for_each(|chunk| markdown.push(chunk));
            markdown.finish()
        }
        _ => {
            let mut html = Html::new(media == Some(Media::Xhtml), charset, Texts::default(), TEXT);
            chunks.into_iter().for_each(|chunk| html.push(chunk));
            html.finish()
        }
    };
    texts.into_document(url, encoding)
}

/// Reads a whole document of HTML with html5ever's tokenizer: slow, and what [`document()`] is measured by.
#[doc(hidden)]
#[must_use]
pub fn reference_document(url: &Url, content_type: Option<&str>, body: &[u8]) -> Document {
    let media_type = content_type.and_then(|value| MediaType::parse(value.as_bytes()));
    let transport = media_type.as_ref().and_then(MediaType::encoding);
    let (texts, encoding) = reference::read(body, transport, Texts::default(), TEXT);
    texts.into_document(url, encoding)
}

#[derive(Debug, Default)]
struct Texts {
    links: Vec<DocumentLink>,
    labelled: Option<usize>,
    base: Option<String>,
    ids: Vec<String>,
    refresh: Option<(u64, Option<String>)>,
    robots: Vec<String>,
}

impl Texts {
    fn into_document(self, url: &Url, encoding: &'static Encoding) -> Document {
        let base = self.base.and_then(|href| base_url(url, &href, encoding)).unwrap_or_else(|| url.clone());
        let resolve = |reference: &str, encoding| join(&base, reference, encoding).ok();
        let mut links = self.links;
        for link in &mut links {
            link.url = resolve(&link.raw, encoding_at(link.place, encoding));
        }
        let refresh = self.refresh.map(|(seconds, target)| DocumentRefresh {
            seconds,
            url: match &target {
                Some(target) => resolve(target, encoding),
                None => Some(url.clone()),
            },
            raw: target,
        });
        Document { charset: encoding.name(), links, ids: self.ids, refresh, robots: self.robots, base }
    }
}

impl Keep for Texts {
    fn id(&mut self, id: &str) {
        self.ids.push(id.to_owned());
    }

    fn link(&mut self, found: &Found<'_>) {
        if found.labelled {
            self.labelled = Some(self.links.len());
        }
        self.links.push(DocumentLink {
            url: None,
            raw: found.url.to_owned(),
            place: found.place,
            rel: found.rel.map(str::to_owned),
            text: found.text.to_owned(),
            line: found.line,
            column: found.column,
        });
    }

    fn label(&mut self, text: &str) {
        if let Some(link) = self.labelled.take().and_then(|index| self.links.get_mut(index)) {
            text.clone_into(&mut link.text);
        }
    }

    fn base(&mut self, href: &str, _line: u32, _column: u32) {
        self.base = Some(href.to_owned());
    }

    fn refresh(&mut self, refresh: &Refresh<'_>) {
        self.refresh.get_or_insert_with(|| (refresh.seconds, refresh.url.map(str::to_owned)));
    }

    fn robots(&mut self, name: &str, content: &str) {
        if name == "robots" {
            self.robots.extend(directives(content));
        }
    }

    fn wants_links(&self) -> bool {
        true
    }

    fn wants(&self, place: Place) -> bool {
        PlaceSet::default().contains(place)
    }

    fn mark(&self) -> Mark {
        Mark { links: self.links.len(), ids: self.ids.len(), spots: 0 }
    }

    fn forget(&mut self, since: Mark) {
        self.links.truncate(since.links);
        self.ids.truncate(since.ids);
        self.labelled = None;
    }
}
