//! What the scanner tells of a document, and to whom.

use super::super::position::{Locator, Position};
use super::decode;
use super::names::{Attribute, Attributes, Element};
use super::scopes::Namespace;
use std::borrow::Cow;

/// The longest part of an attribute's value that is looked at, in bytes. No URL is that long; what is, is data.
pub(super) const LONGEST_VALUE: usize = 64 * 1024;

/// Takes what the scanner finds, in document order.
pub(super) trait Sink {
    /// A start tag. Says how what follows is to be read.
    fn start(&mut self, tag: &Tag<'_>, at: &mut At<'_>) -> Content;
    /// A start tag of XML, whose name says its namespace; what follows is markup.
    fn start_named(&mut self, tag: &Tag<'_>, namespace: Namespace, at: &mut At<'_>);
    /// An end tag; told only of an `a`, and of others if [`Sink::wants_ends`].
    fn end(&mut self, element: Element);
    /// Whether end tags of other elements than `a` are of use just now.
    fn wants_ends(&self) -> bool;
    /// A piece of text, all of it or a part; told only if [`Sink::wants_text`].
    fn text(&mut self, text: Text<'_>);
    /// Whether text is of use just now.
    fn wants_text(&self) -> bool;
    /// A piece of the text of an element whose text is not markup; told only if [`Sink::wants_raw`].
    fn raw(&mut self, text: &[u8]);
    /// Whether such text is of use just now.
    fn wants_raw(&self) -> bool;
    /// The element whose text is not markup begins its text here.
    fn raw_begins(&mut self, at: &mut At<'_>);
    /// A comment, without its marks; of a long one, the beginning.
    fn comment(&mut self, text: &[u8]);
    /// Text has ended at some markup: a reference that it left open is not continued by what comes.
    fn interrupt(&mut self);
    /// Whether `<![CDATA[` begins a section here: only in foreign content (HTML section 13.2.5.42).
    fn allows_cdata(&self) -> bool;
}

/// A piece of text.
#[derive(Clone, Copy, Debug)]
pub(super) enum Text<'a> {
    /// As it stands in the document, references not decoded.
    Raw(&'a [u8]),
    /// As it stands, and an ampersand is one.
    Literal(&'a [u8]),
    /// As the reader sees it.
    Decoded(&'a str),
}

/// How the text after a start tag is to be read (HTML section 13.2.5.1 ff).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Markup.
    Markup,
    /// Text up to the element's end tag; with references (`title`) or without (`style`), which nothing here asks.
    Text(Element),
    /// Text up to `</script>`, with the escapes for old browsers.
    Script,
    /// Text up to the end of the document.
    Plaintext,
}

/// Where in [`Tag`]'s source an attribute's value stands, and how it was quoted.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Span {
    pub(super) start: usize,
    pub(super) end: usize,
    /// The quotation mark, a space for none.
    pub(super) quote: u8,
}

/// The values of a tag's attributes that are of use; those not in the set are left from tags before.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) seen: Attributes,
    pub(super) spans: [Span; Attribute::COUNT],
    /// When each was noted, counted over all tags.
    ranks: [u32; Attribute::COUNT],
    noted: u32,
}

impl Values {
    pub(super) const fn new() -> Self {
        let spans = [Span { start: 0, end: 0, quote: b' ' }; Attribute::COUNT];
        Self { seen: Attributes::NONE, spans, ranks: [0; Attribute::COUNT], noted: 0 }
    }

    /// Notes a value, unless the attribute stood before: the first one counts (HTML section 13.2.5.33).
    #[inline]
    pub(super) fn note(&mut self, attribute: Attribute, span: Span) {
        if !self.seen.has(attribute) {
            self.seen = self.seen.with(attribute);
            self.spans[attribute as usize] = Span { end: span.end.min(span.start + LONGEST_VALUE), ..span };
            self.ranks[attribute as usize] = self.noted;
            self.noted = self.noted.wrapping_add(1);
        }
    }
}

/// A start tag.
#[derive(Clone, Copy, Debug)]
pub(super) struct Tag<'a> {
    pub(super) element: Element,
    pub(super) self_closing: bool,
    pub(super) values: &'a Values,
    /// What the spans are of.
    pub(super) source: &'a [u8],
    /// Whether the source is as the reader sees it.
    pub(super) decoded: bool,
}

impl<'a> Tag<'a> {
    /// Whether the attribute is there, be it empty.
    #[inline]
    pub(super) fn has(&self, attribute: Attribute) -> bool {
        self.values.seen.has(attribute)
    }

    /// Whether the tag has any of the attributes that are of use for it.
    #[inline]
    pub(super) fn is_bare(&self) -> bool {
        self.values.seen == Attributes::NONE
    }

    /// Where in the tag the attribute stands, for comparing with others of it.
    pub(super) fn rank(&self, attribute: Attribute) -> u32 {
        self.values.ranks[attribute as usize]
    }

    /// The attribute's value as the reader sees it; `None` if it is not there.
    #[inline]
    pub(super) fn get(&self, attribute: Attribute) -> Option<Cow<'a, str>> {
        if !self.has(attribute) {
            return None;
        }
        let Span { start, end, quote } = self.values.spans[attribute as usize];
        let raw = self.source.get(start..end).unwrap_or_default();
        Some(if self.decoded { decode::lossy(raw) } else { decode::value(raw, quote) })
    }
}

/// Where the tag stands; counted only if asked for.
#[derive(Debug)]
pub(super) enum At<'a> {
    Known(Position),
    Offset { locator: &'a mut Locator, chunk: &'a [u8], offset: usize },
}

impl At<'_> {
    pub(super) fn get(&mut self) -> Position {
        match self {
            Self::Known(position) => *position,
            Self::Offset { locator, chunk, offset } => locator.position(chunk, *offset),
        }
    }
}
