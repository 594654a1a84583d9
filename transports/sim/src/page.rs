//! What a URL answers.

use core::time::Duration;
use crawlspace::digest::{Place, Role};
use crawlspace::{Failure, RetryAfter};

/// What a URL answers: by default, `200 OK` and an HTML document without links.
///
/// ```
/// use crawlspace_sim::Web;
/// use std::time::Duration;
///
/// let web = Web::new()
///     .page("https://a.example/", |page| page.link("/team#anna").image("/logo.png").form("/search"))
///     .page("https://a.example/team", |page| page.id("anna").latency(Duration::from_millis(80)))
///     .page("https://a.example/logo.png", |page| page.other())
///     .page("https://a.example/search", |page| page.status(500));
/// ```
#[derive(Clone, Debug)]
pub struct Page {
    pub(crate) status: u16,
    pub(crate) body: Body,
    /// All hrefs and ids, one behind the other.
    pub(crate) text: String,
    pub(crate) links: Vec<Row>,
    pub(crate) ids: Vec<(u32, u32)>,
    pub(crate) location: Option<String>,
    pub(crate) retry_after: Option<RetryAfter>,
    pub(crate) size: u64,
    pub(crate) latency: Option<Duration>,
    pub(crate) failure: Option<Failure>,
    pub(crate) flaky: u32,
    pub(crate) head: Option<u16>,
    /// Says one charset and is in another.
    pub(crate) garbled: bool,
    /// Asks that none of its links be gone through.
    pub(crate) nofollow: bool,
}

/// What the body is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Body {
    Html,
    Other,
    /// A style sheet.
    Sheet,
    Robots(String),
    Sitemap,
    /// A sitemap of sitemaps.
    Index,
}

/// One link, as a place in [`Page::text`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Row {
    pub(crate) element: Element,
    pub(crate) nofollow: bool,
    pub(crate) start: u32,
    /// Length of the origin if the rest is known to be an identity's; 0 for a reference still to be resolved.
    pub(crate) origin: u32,
    /// Length of origin and path, or of the whole reference.
    pub(crate) len: u32,
    /// Length of the fragment behind it, its `#` not counted; only of resolved ones.
    pub(crate) fragment: Option<u32>,
}

/// Elements that a page of this web can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Element {
    A,
    Img,
    Iframe,
    Script,
    Form,
    /// Of a style sheet.
    CssUrl,
    /// Of a sitemap.
    Loc,
    /// Of a sitemap of sitemaps.
    IndexLoc,
}

impl Element {
    pub(crate) const fn place(self) -> Place {
        match self {
            Self::A => Place::A_HREF,
            Self::Img => Place::IMG_SRC,
            Self::Iframe => Place::IFRAME_SRC,
            Self::Script => Place::SCRIPT_SRC,
            Self::Form => Place::FORM_ACTION,
            Self::CssUrl => Place::CSS_URL,
            Self::Loc | Self::IndexLoc => Place::SITEMAP_LOC,
        }
    }

    pub(crate) fn role(self) -> Role {
        if self == Self::IndexLoc { Role::Resource } else { self.place().role() }
    }
}

impl Default for Page {
    fn default() -> Self {
        Self {
            status: 200,
            body: Body::Html,
            text: String::new(),
            links: Vec::new(),
            ids: Vec::new(),
            location: None,
            retry_after: None,
            size: 0,
            latency: None,
            failure: None,
            flaky: 0,
            head: None,
            garbled: false,
            nofollow: false,
        }
    }
}

impl Page {
    /// A page without links.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Answers with this status instead of 200. Outside 100 to 999 it is no HTTP, and answers as such.
    #[must_use]
    pub fn status(mut self, status: u16) -> Self {
        self.status = status;
        self
    }

    /// An `<a href>` to this reference, relative or not, with or without a fragment.
    #[must_use]
    pub fn link(self, href: &str) -> Self {
        self.reference(Element::A, href)
    }

    /// Several links.
    #[must_use]
    pub fn links<'a>(self, hrefs: impl IntoIterator<Item = &'a str>) -> Self {
        hrefs.into_iter().fold(self, Self::link)
    }

    /// An `<img src>`: checked, not gone through.
    #[must_use]
    pub fn image(self, src: &str) -> Self {
        self.reference(Element::Img, src)
    }

    /// An `<iframe src>`: gone through as a link is.
    #[must_use]
    pub fn frame(self, src: &str) -> Self {
        self.reference(Element::Iframe, src)
    }

    /// A `<script src>`.
    #[must_use]
    pub fn script(self, src: &str) -> Self {
        self.reference(Element::Script, src)
    }

    /// A `<form action>`, which nothing may ask for.
    #[must_use]
    pub fn form(self, action: &str) -> Self {
        self.reference(Element::Form, action)
    }

    /// An `<a rel="nofollow">`: checked, and not gone through where robots are obeyed.
    #[must_use]
    pub fn nofollow_link(mut self, href: &str) -> Self {
        self.push_row(Element::A, "", href, None);
        self.mark_nofollow();
        self
    }

    /// Asks robots, by `<meta name="robots">`, to go through none of its links.
    #[must_use]
    pub fn nofollow(mut self) -> Self {
        self.nofollow = true;
        self
    }

    /// A style sheet that names these.
    #[must_use]
    pub fn sheet<'a>(mut self, urls: impl IntoIterator<Item = &'a str>) -> Self {
        self.body = Body::Sheet;
        urls.into_iter().fold(self, |page, url| page.reference(Element::CssUrl, url))
    }

    /// An element with this id, for fragments to point to.
    #[must_use]
    pub fn id(mut self, id: &str) -> Self {
        self.push_id(id);
        self
    }

    /// Not HTML: nothing in it is read.
    #[must_use]
    pub fn other(mut self) -> Self {
        self.body = Body::Other;
        self
    }

    /// Redirects there, with 301, 302, 303, 307 or 308.
    #[must_use]
    pub fn redirect(mut self, status: u16, location: &str) -> Self {
        self.status = status;
        self.location = Some(location.to_owned());
        self
    }

    /// Sends a `Retry-After` field.
    #[must_use]
    pub fn retry_after(mut self, when: RetryAfter) -> Self {
        self.retry_after = Some(when);
        self
    }

    /// The body has at least this many bytes.
    #[must_use]
    pub fn size(mut self, bytes: u64) -> Self {
        self.size = bytes;
        self
    }

    /// Takes this long to answer, whatever the network's [`Latency`](crate::Latency) is.
    #[must_use]
    pub fn latency(mut self, latency: Duration) -> Self {
        self.latency = Some(latency);
        self
    }

    /// Never answers: every attempt fails so.
    #[must_use]
    pub fn fails(mut self, failure: Failure) -> Self {
        self.failure = Some(failure);
        self
    }

    /// The connection breaks on the first so many attempts.
    #[must_use]
    pub fn flaky(mut self, attempts: u32) -> Self {
        self.flaky = attempts;
        self
    }

    /// Answers HEAD with this status, whatever GET brings.
    #[must_use]
    pub fn head_status(mut self, status: u16) -> Self {
        self.head = Some(status);
        self
    }

    /// A link that is resolved already: a scheme and host, a path that is an identity's, and a fragment. Costs
    /// less than [`Page::link`] where pages are made by the million.
    pub fn push_resolved(&mut self, origin: &str, path: &str, fragment: Option<&str>) {
        self.push_row(Element::A, origin, path, fragment);
    }

    /// Back to an empty page, its memory kept.
    pub fn clear(&mut self) {
        let (mut text, mut links, mut ids) = (
            core::mem::take(&mut self.text),
            core::mem::take(&mut self.links),
            core::mem::take(&mut self.ids),
        );
        text.clear();
        links.clear();
        ids.clear();
        *self = Self { text, links, ids, ..Self::default() };
    }

    pub(crate) fn reference(mut self, element: Element, href: &str) -> Self {
        self.push_row(element, "", href, None);
        self
    }

    /// Makes the last link one that says `nofollow`.
    pub(crate) fn mark_nofollow(&mut self) {
        if let Some(row) = self.links.last_mut() {
            row.nofollow = true;
        }
    }

    pub(crate) fn push_id(&mut self, id: &str) {
        let start = as_u32(self.text.len());
        self.text.push_str(id);
        self.ids.push((start, as_u32(id.len())));
    }

    pub(crate) fn push_row(&mut self, element: Element, origin: &str, path: &str, fragment: Option<&str>) {
        let start = as_u32(self.text.len());
        self.text.push_str(origin);
        self.text.push_str(path);
        self.text.push_str(fragment.unwrap_or_default());
        self.links.push(Row {
            element,
            nofollow: false,
            start,
            origin: as_u32(origin.len()),
            len: as_u32(origin.len() + path.len()),
            fragment: fragment.map(|fragment| as_u32(fragment.len())),
        });
    }

    /// Adds a link whose origin and path are written in place; `write` gives where the origin ends.
    pub(crate) fn push_row_with(&mut self, fragment: Option<&str>, write: impl FnOnce(&mut String) -> usize) {
        let start = self.text.len();
        let origin = write(&mut self.text) - start;
        let len = self.text.len() - start;
        self.text.push_str(fragment.unwrap_or_default());
        self.links.push(Row {
            element: Element::A,
            nofollow: false,
            start: as_u32(start),
            origin: as_u32(origin),
            len: as_u32(len),
            fragment: fragment.map(|fragment| as_u32(fragment.len())),
        });
    }

    /// A link's origin, which is empty if it is still to be resolved; its path or reference; its fragment.
    pub(crate) fn parts(&self, row: &Row) -> (&str, &str, Option<&str>) {
        let start = row.start as usize;
        let (origin, len) = (row.origin as usize, row.len as usize);
        let end = start + len;
        let fragment = row.fragment.map(|fragment| &self.text[end..end + fragment as usize]);
        (&self.text[start..start + origin], &self.text[start + origin..end], fragment)
    }

    pub(crate) fn id_texts(&self) -> impl Iterator<Item = &str> {
        self.ids.iter().map(|&(start, len)| &self.text[start as usize..(start + len) as usize])
    }
}

/// A page's text is far below 4 GiB.
fn as_u32(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
