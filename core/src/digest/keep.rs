//! What a digest keeps of a document: its links packed, its ids hashed.

use super::html::{Found, Keep, Mark};
use super::links::{Link, Links, Target};
use super::place::Place;
use super::prose::Prose;
use super::refresh::{self, Refresh};
use super::resolve::{Resolver, join, trimmed};
use super::{Digest, Directives, DuplicateId};
use crate::header::{self as fields, meta_robots};
use crate::spec::Spec;
use core::ops::Range;
use encoding_rs::Encoding;
use http::header::{self, HeaderMap, HeaderName};
use std::sync::Arc;
use url::Url;

/// Links wait here until the document has ended, since a `base` element counts for those before it too.
#[derive(Debug)]
pub(super) struct Packed {
    spec: Arc<Spec>,
    wants_links: bool,
    waiting: Vec<Waiting>,
    /// References and texts of the waiting links.
    text: String,
    labelled: Option<usize>,
    base: Option<Range<usize>>,
    ids: Vec<u64>,
    /// Where ids stand, if it is asked which several elements have.
    spots: Vec<Spot>,
    prose: Option<Prose>,
    directives: Directives,
    left_out: u32,
}

/// A link that is not resolved yet.
#[derive(Debug)]
struct Waiting {
    url: Range<usize>,
    label: Range<usize>,
    place: Place,
    too_long: bool,
    nofollow: bool,
    line: u32,
    column: u32,
}

/// The id of an element.
#[derive(Debug)]
struct Spot {
    hash: u64,
    id: Range<usize>,
    line: u32,
}

/// Bytes that are kept of what is no URL to fetch: data, and what is too long to be one.
const KEPT: usize = 256;

impl Packed {
    pub(super) fn new(spec: &Arc<Spec>, wants_links: bool) -> Self {
        Self {
            spec: Arc::clone(spec),
            wants_links,
            waiting: Vec::new(),
            text: String::new(),
            labelled: None,
            base: None,
            ids: Vec::new(),
            spots: Vec::new(),
            prose: None,
            directives: Directives::default(),
            left_out: 0,
        }
    }

    /// Takes the links of the header fields.
    pub(super) fn take_headers(&mut self, headers: &HeaderMap) {
        let mut take = |place, url: &str, rel: Option<&str>| {
            // A header has no lines.
            self.link(&Found { place, url, rel, text: "", labelled: false, line: 0, column: 0 });
        };
        for link in fields::links(headers) {
            take(Place::HEADER_LINK, &link.target, link.parameter("rel"));
        }
        let text =
            |name: HeaderName| Some(String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned());
        if let Some(value) = text(header::REFRESH)
            && let Some(url) = refresh::parse(&value).and_then(|refresh| refresh.url)
        {
            take(Place::HEADER_REFRESH, url, None);
        }
        if let Some(url) = text(header::CONTENT_LOCATION).filter(|url| !url.trim_ascii().is_empty()) {
            take(Place::HEADER_CONTENT_LOCATION, &url, None);
        }
    }

    /// Moves what was found into a digest, links resolved against the document's base URL.
    pub(super) fn into_digest(mut self, url: &Url, encoding: &'static Encoding, digest: &mut Digest) {
        self.ids.sort_unstable();
        self.ids.dedup();
        digest.extra.duplicate_ids = self.duplicate_ids();
        digest.extra.prose = self.prose.take();
        digest.links = self.links(url, encoding);
        digest.ids = self.ids;
        digest.left_out = digest.left_out.saturating_add(self.left_out);
        digest.directives.noindex |= self.directives.noindex;
        digest.directives.nofollow |= self.directives.nofollow;
    }

    /// The ids that stand at several spots, by the first of them.
    fn duplicate_ids(&mut self) -> Vec<DuplicateId> {
        self.spots.sort_by_key(|spot| spot.hash);
        let several = self.spots.chunk_by(|a, b| a.hash == b.hash).filter(|spots| spots.len() > 1);
        let mut found: Vec<_> = several
            .map(|spots| DuplicateId {
                id: self.text[spots[0].id.clone()].to_owned(),
                lines: spots.iter().map(|spot| spot.line).collect(),
            })
            .collect();
        found.sort_by(|a, b| (&a.lines, &a.id).cmp(&(&b.lines, &b.id)));
        found
    }

    fn links(&self, url: &Url, encoding: &'static Encoding) -> Links {
        let mut fallback = Resolver::new(url.clone());
        let base = self.base.clone().and_then(|href| base_url(url, &self.text[href], encoding));
        let mut based = base.map(Resolver::new);
        let mut links = Links::with_capacity(self.waiting.len(), self.text.len());
        for waiting in &self.waiting {
            let resolver = match &mut based {
                Some(based) if !is_of_response(waiting.place) => based,
                _ => &mut fallback,
            };
            self.resolve(waiting, resolver, encoding, &mut links);
        }
        links
    }

    fn resolve(
        &self,
        waiting: &Waiting,
        resolver: &mut Resolver,
        encoding: &'static Encoding,
        links: &mut Links,
    ) {
        let reference = &self.text[waiting.url.clone()];
        let limit = usize::try_from(self.spec.limits.url_bytes).unwrap_or(usize::MAX);
        let mut link = Link {
            target: Target::Invalid(reference),
            fragment: None,
            text: &self.text[waiting.label.clone()],
            spelling: None,
            place: waiting.place,
            role: waiting.place.role(),
            nofollow: waiting.nofollow,
            line: waiting.line,
            column: waiting.column,
        };
        if !waiting.too_long
            && let Some(resolved) = resolver.resolve(reference, encoding_at(waiting.place, encoding))
        {
            if resolved.origin.len() + resolved.rest.len() <= limit {
                link.target = Target::Url { origin: resolved.origin, origin_index: 0, rest: resolved.rest };
                link.fragment = resolved.fragment;
                link.spelling = resolved.normalised.then_some(reference);
            } else {
                link.target = Target::Invalid(head(reference, KEPT));
            }
        }
        links.push(&link);
    }

    fn wait(&mut self, found: &Found<'_>) {
        if self.waiting.len() >= usize::try_from(self.spec.limits.links).unwrap_or(usize::MAX) {
            self.left_out = self.left_out.saturating_add(1);
            return;
        }
        let limit = usize::try_from(self.spec.limits.url_bytes).unwrap_or(usize::MAX);
        let url = trimmed(found.url);
        let is_data = url.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("data:"));
        let too_long = !is_data && url.len() > limit;
        let url = if is_data || too_long { head(url, KEPT) } else { url };
        if found.labelled {
            self.labelled = Some(self.waiting.len());
        }
        let url = self.put(url);
        let label = self.put(found.text);
        let nofollow = has_token(found.rel, "nofollow");
        let Found { place, line, column, .. } = *found;
        self.waiting.push(Waiting { url, label, place, too_long, nofollow, line, column });
    }

    fn put(&mut self, text: &str) -> Range<usize> {
        let start = self.text.len();
        self.text.push_str(text);
        start..self.text.len()
    }
}

impl Keep for Packed {
    fn id(&mut self, id: &str) {
        if self.ids.len() < usize::try_from(self.spec.limits.ids).unwrap_or(usize::MAX) {
            self.ids.push(self.spec.id_key.hash(id.as_bytes()));
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    fn link(&mut self, found: &Found<'_>) {
        let may_be_hint = matches!(found.place, Place::LINK_HREF | Place::HEADER_LINK);
        if self.spec.places.contains(found.place) && !(may_be_hint && is_hint(found.rel)) {
            self.wait(found);
        }
    }

    fn label(&mut self, text: &str) {
        if let Some(index) = self.labelled.take() {
            let label = self.put(text);
            self.waiting[index].label = label;
        }
    }

    fn base(&mut self, href: &str, line: u32, column: u32) {
        self.base = Some(self.put(href));
        if self.wants_links {
            self.link(&Found {
                place: Place::BASE_HREF,
                url: href,
                rel: None,
                text: "",
                labelled: false,
                line,
                column,
            });
        }
    }

    fn refresh(&mut self, _refresh: &Refresh<'_>) {}

    fn robots(&mut self, name: &str, content: &str) {
        let asked = meta_robots(name, content, &self.spec.robots_token);
        self.directives.noindex |= asked.noindex;
        self.directives.nofollow |= asked.nofollow;
    }

    fn wants_links(&self) -> bool {
        self.wants_links
    }

    fn wants(&self, place: Place) -> bool {
        self.spec.places.contains(place)
    }

    fn wants_spots(&self) -> bool {
        self.spec.extras.duplicate_ids
    }

    fn spot(&mut self, id: &str, line: u32) {
        // Those that are over the limit are left out here too.
        let hash = self.spec.id_key.hash(id.as_bytes());
        if self.ids.last() == Some(&hash) {
            let id = self.put(head(id, KEPT));
            self.spots.push(Spot { hash, id, line });
        }
    }

    fn wants_prose(&self) -> bool {
        self.spec.extras.proses
    }

    fn prose(&mut self, prose: Prose) {
        self.prose = Some(prose);
    }

    fn mark(&self) -> Mark {
        Mark { links: self.waiting.len(), ids: self.ids.len(), spots: self.spots.len() }
    }

    fn forget(&mut self, since: Mark) {
        self.waiting.truncate(since.links);
        self.ids.truncate(since.ids);
        self.spots.truncate(since.spots);
        self.labelled = None;
    }
}

/// The directives of a robots `meta` element, in lower case.
pub(super) fn directives(content: &str) -> impl Iterator<Item = String> {
    content.split(',').map(str::trim_ascii).filter(|word| !word.is_empty()).map(str::to_ascii_lowercase)
}

/// The URL that a `base` element sets, against the document's own (HTML section 4.2.3, "set the frozen base URL");
/// `None` if it sets none.
pub(super) fn base_url(document: &Url, href: &str, encoding: &'static Encoding) -> Option<Url> {
    join(document, href, encoding).ok().filter(|url| !matches!(url.scheme(), "data" | "javascript"))
}

/// By which encoding the query of a URL at this place is written: the document's for what is of HTML (HTML section
/// 2.4.1), UTF-8 for what stands in a style (CSS Values section 4.5.4) or in JSON, wherever that is.
pub(super) fn encoding_at(place: Place, document: &'static Encoding) -> &'static Encoding {
    match place {
        Place::STYLE_ATTRIBUTE
        | Place::STYLE_ELEMENT
        | Place::STYLE_IMPORT
        | Place::CSS_URL
        | Place::CSS_IMPORT
        | Place::JSON_LD => encoding_rs::UTF_8,
        _ => document,
    }
}

/// Whether a place's URLs are resolved against the response's, whatever the document says.
fn is_of_response(place: Place) -> bool {
    let header = [Place::HEADER_LINK, Place::HEADER_REFRESH, Place::HEADER_CONTENT_LOCATION];
    place == Place::BASE_HREF || header.contains(&place)
}

fn has_token(rel: Option<&str>, token: &str) -> bool {
    rel.is_some_and(|rel| rel.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(token)))
}

/// Whether a `link` only tells which host will be needed: `rel` says so, and nothing else.
fn is_hint(rel: Option<&str>) -> bool {
    let Some(rel) = rel else { return false };
    let mut words = rel.split_ascii_whitespace().peekable();
    let is_any = words.peek().is_some();
    is_any
        && words
            .all(|word| word.eq_ignore_ascii_case("preconnect") || word.eq_ignore_ascii_case("dns-prefetch"))
}

/// At most this many bytes of the text's start, never half a character.
fn head(text: &str, bytes: usize) -> &str {
    let mut end = text.len().min(bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
