//! Markdown, from bytes to links and headings: CommonMark with GitHub's additions, and HTML within.

use super::charset;
use super::html::{Found, Fragments, Keep};
use super::input::Input;
use super::place::Place;
use super::position::{Locator, Position};
use encoding_rs::Encoding;
use pulldown_cmark::{Event, LinkType, Options, Tag, TagEnd, utils::TextMergeWithOffset};
use std::collections::BTreeMap;

/// A document as far as it has come; it is read when it has ended, since a reference may be defined at the end.
#[derive(Debug)]
pub(super) struct Markdown<K> {
    input: Input,
    text: Vec<u8>,
    keep: K,
    text_chars: u32,
}

impl<K: Keep> Markdown<K> {
    /// `transport` is the encoding that the `Content-Type` field gives.
    pub(super) fn new(transport: Option<&'static Encoding>, keep: K, text_chars: u32) -> Self {
        Self { input: Input::new(charset::of_text, transport), text: Vec::new(), keep, text_chars }
    }

    /// Takes the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let Self { input, text, .. } = self;
        input.push(chunk, |piece| text.extend_from_slice(piece));
    }

    /// What was kept, and the document's encoding.
    pub(super) fn finish(mut self) -> (K, &'static Encoding) {
        let Self { input, text, .. } = &mut self;
        input.finish(|piece| text.extend_from_slice(piece));
        let text = String::from_utf8_lossy(&self.text);
        let reader = Reader {
            text: &text,
            locator: Locator::new(),
            html: Fragments::new(self.keep, self.text_chars),
            link: None,
            image: None,
            heading: None,
            heading_line: 0,
            slugs: BTreeMap::new(),
            verbatim: false,
        };
        (reader.read(), self.input.encoding())
    }
}

struct Reader<'a, K> {
    text: &'a str,
    locator: Locator,
    html: Fragments<K>,
    /// The text of the link that is open.
    link: Option<String>,
    image: Option<Image>,
    /// The text of the heading that is open.
    heading: Option<String>,
    /// The line of the last one.
    heading_line: u32,
    /// How often each heading's name has come.
    slugs: BTreeMap<String, u32>,
    /// Inside of a block of code.
    verbatim: bool,
}

/// An image whose text is still to come.
struct Image {
    url: String,
    at: Position,
    text: String,
}

impl<K: Keep> Reader<'_, K> {
    fn read(mut self) -> K {
        let options = Options::ENABLE_TABLES
            | Options::ENABLE_FOOTNOTES
            | Options::ENABLE_STRIKETHROUGH
            | Options::ENABLE_TASKLISTS
            | Options::ENABLE_HEADING_ATTRIBUTES
            | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
            | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
            | Options::ENABLE_GFM;
        self.locator.begin(self.text.as_bytes());
        let events = pulldown_cmark::Parser::new_ext(self.text, options).into_offset_iter();
        for (event, range) in TextMergeWithOffset::new(events) {
            self.event(event, range.start);
        }
        self.html.finish()
    }

    fn event(&mut self, event: Event<'_>, start: usize) {
        match event {
            Event::Start(tag) => self.start(tag, start),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => {
                self.words(&text);
                if self.link.is_none() && self.image.is_none() && !self.verbatim {
                    self.bare_links(&text, start);
                }
            }
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.words(&text),
            Event::Html(html) | Event::InlineHtml(html) => {
                let at = self.position(start);
                self.html.html(&html, at);
            }
            Event::SoftBreak | Event::HardBreak => self.words(" "),
            Event::FootnoteReference(_) | Event::Rule | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, start: usize) {
        match tag {
            Tag::Link { link_type, dest_url, .. } => {
                let at = self.position(start);
                let url = match link_type {
                    LinkType::Email => format!("mailto:{dest_url}"),
                    _ => dest_url.into_string(),
                };
                self.tell(Place::MARKDOWN_LINK, &url, "", at);
                self.link = Some(String::new());
            }
            Tag::Image { dest_url, .. } => {
                let at = self.position(start);
                self.image = Some(Image { url: dest_url.into_string(), at, text: String::new() });
            }
            Tag::Heading { id, .. } => {
                let line = self.position(start).line;
                self.heading_line = line;
                if let Some(id) = id.filter(|id| !id.is_empty()) {
                    self.name(&id, line);
                }
                self.heading = Some(String::new());
            }
            Tag::CodeBlock(_) | Tag::MetadataBlock(_) => self.verbatim = true,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Link => {
                if let Some(text) = self.link.take() {
                    let text = self.html.folded(&text);
                    if !self.html.ignores() {
                        self.html.keep().label(&text);
                    }
                }
            }
            TagEnd::Image => {
                if let Some(Image { url, at, text }) = self.image.take() {
                    let text = self.html.folded(&text);
                    self.tell(Place::MARKDOWN_IMAGE, &url, &text, at);
                }
            }
            TagEnd::Heading(_) => {
                if let Some(text) = self.heading.take() {
                    self.named(&text);
                }
            }
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => self.verbatim = false,
            _ => {}
        }
    }

    /// Text of whatever is open.
    fn words(&mut self, text: &str) {
        for open in [&mut self.link, &mut self.heading].into_iter().flatten() {
            open.push_str(text);
        }
        if let Some(image) = &mut self.image {
            image.text.push_str(text);
        }
        self.html.text(text);
    }

    /// A heading's name, as GitHub makes one for it.
    fn named(&mut self, text: &str) {
        let slug = slug(text);
        let count = self.slugs.entry(slug.clone()).or_default();
        let id = if *count == 0 { slug } else { format!("{slug}-{count}") };
        *count += 1;
        if !id.is_empty() {
            self.name(&id, self.heading_line);
        }
    }

    /// Keeps the id of a heading in this line.
    fn name(&mut self, id: &str, line: u32) {
        let keep = self.html.keep();
        keep.id(id);
        keep.spot(id, line);
    }

    /// Addresses that stand in the text as they are (GitHub Flavored Markdown section 6.9).
    fn bare_links(&mut self, text: &str, start: usize) {
        let mut rest = text;
        while let Some(found) = next_address(rest) {
            let (before, address) = (found.0, &rest[found.0..found.0 + found.1]);
            let offset = text.len() - rest.len() + before;
            // Where escapes and references stand before it, near it.
            let near = self.text.as_bytes().get(start..start + offset).map_or(start, |_| start + offset);
            let at = self.position(near);
            let url =
                if address.starts_with("www.") { format!("http://{address}") } else { address.to_owned() };
            let words = self.html.folded(address);
            self.tell(Place::MARKDOWN_LINK, &url, &words, at);
            rest = &rest[before + address.len()..];
        }
    }

    fn tell(&mut self, place: Place, url: &str, text: &str, at: Position) {
        if self.html.ignores() || !self.html.keep().wants_links() {
            return;
        }
        let labelled = place == Place::MARKDOWN_LINK && text.is_empty();
        let Position { line, column } = at;
        self.html.keep().link(&Found { place, url, rel: None, text, labelled, line, column });
    }

    fn position(&mut self, offset: usize) -> Position {
        self.locator.position(self.text.as_bytes(), offset)
    }
}

/// A heading's text in lower case, without punctuation, its spaces dashes.
fn slug(text: &str) -> String {
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '\u{300}'..='\u{36f}');
    let lower = text.trim().to_lowercase();
    lower.chars().filter(|c| is_word(*c) || *c == ' ').map(|c| if c == ' ' { '-' } else { c }).collect()
}

/// Where the next address begins, and how long it is.
fn next_address(text: &str) -> Option<(usize, usize)> {
    memchr::memchr2_iter(b'h', b'w', text.as_bytes()).find_map(|start| {
        let rest = &text[start..];
        let before = text[..start].chars().next_back();
        let may_begin = before.is_none_or(|c| c.is_whitespace() || matches!(c, '*' | '_' | '~' | '('));
        let scheme = ["http://", "https://", "www."].iter().find(|mark| rest.starts_with(**mark))?;
        let has_domain = || {
            let ends = |c: char| c.is_whitespace() || matches!(c, '/' | '?' | '#' | '<');
            let host = rest[scheme.len()..].split(ends).next().unwrap_or_default();
            host.bytes().any(|byte| byte.is_ascii_alphanumeric())
        };
        (may_begin && has_domain()).then(|| (start, address_length(rest)))
    })
}

/// The length of the address that the text begins with, what closes a sentence left out.
fn address_length(text: &str) -> usize {
    let end = text.find(|c: char| c.is_whitespace() || c == '<').unwrap_or(text.len());
    let mut address = &text.as_bytes()[..end];
    let count = |bracket| address.iter().filter(|byte| **byte == bracket).count();
    let mut unopened = count(b')').saturating_sub(count(b'('));
    while let [rest @ .., last] = address {
        match last {
            b'?' | b'!' | b'.' | b',' | b':' | b'*' | b'_' | b'~' | b'\'' | b'"' => {}
            b')' if unopened > 0 => unopened -= 1,
            _ => break,
        }
        address = rest;
    }
    address.len()
}
