//! What the elements of sitemaps and feeds mean.

use super::parser::Entries;
use super::{Entry, Format, Sitemap, date};
use crate::digest::Appetite;
use std::borrow::Cow;

/// The open elements, and what has been found.
#[derive(Debug)]
pub(super) struct Tree {
    /// Known once the root has come.
    format: Option<Format>,
    /// The root is that of something else.
    is_other: bool,
    has_doctype: bool,
    /// The namespace of the root.
    own_space: Vec<u8>,
    /// Namespaces by prefix, innermost last; an empty prefix is that of names without one.
    spaces: Vec<(Vec<u8>, Vec<u8>)>,
    open: Vec<Node>,
    /// How many elements are open beyond [`DEEPEST`].
    deeper: u64,
    item: Item,
    capture: Option<Field>,
    /// Text that is captured, decoded.
    value: String,
    /// Text that is captured and not decoded yet, since a reference or a character may be cut.
    raw: Vec<u8>,
    /// Whether that is from a CDATA section.
    raw_is_data: bool,
    /// Whether the text was longer than what is kept of it.
    is_cut: bool,
    entries: Entries,
}

#[derive(Debug)]
struct Node {
    /// As written, prefix and all.
    name: Vec<u8>,
    part: Part,
    /// How many of [`Tree::spaces`] are those of elements around it.
    spaces: usize,
}

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// The root, or RSS's `channel`.
    Body,
    Item,
    Field,
    /// With all that is in it, none of this.
    Other,
}

/// What text is captured for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Url,
    /// A URL that counts if there is no other: RSS's `guid`, or the text of an item itself.
    Fallback,
    Date,
    /// A date that counts if there is no other.
    Published,
}

/// An item as far as it has come.
#[derive(Debug, Default)]
struct Item {
    urls: Vec<(String, (u32, u32))>,
    fallback: Option<(String, (u32, u32))>,
    date: Option<String>,
    published: Option<String>,
    /// Where the element begins whose text is captured.
    at: (u32, u32),
}

/// Elements whose place is remembered; sitemaps need five.
const DEEPEST: usize = 64;
/// Namespaces that are told apart; others are like unknown ones.
const MOST_SPACES: usize = 64;
/// Bytes of a namespace by which it is told from others, since each element's is compared.
const LONGEST_SPACE: usize = 256;
/// Bytes of a URL or date that are kept. What is longer is none, and so that it is not taken for one it stays as long:
/// it is not decoded.
const LONGEST: usize = 64 * 1024;
/// Alternates of an Atom entry that are kept.
const MOST_ALTERNATES: usize = 100;

impl Tree {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            format: None,
            is_other: false,
            has_doctype: false,
            own_space: Vec::new(),
            spaces: Vec::new(),
            open: Vec::new(),
            deeper: 0,
            item: Item::default(),
            capture: None,
            value: String::new(),
            raw: Vec::new(),
            raw_is_data: false,
            is_cut: false,
            entries: Entries::new(limit),
        }
    }

    pub(super) fn appetite(&self) -> Appetite {
        if self.is_other { Appetite::Enough } else { Appetite::More }
    }

    pub(super) const fn format(&self) -> Option<Format> {
        self.format
    }

    /// `in_tag`: the file ended in a tag.
    pub(super) fn finish(mut self, in_tag: bool) -> Sitemap {
        if in_tag {
            self.end_field();
        }
        // Text that no tag ended was cut; a part of a URL is another URL.
        self.capture = None;
        self.end_item();
        self.entries.finish(self.format)
    }

    /// References to what a document type declares are neither expanded nor taken for text.
    pub(super) fn doctype(&mut self) {
        self.has_doctype = true;
    }

    /// The next part of a text, or of a CDATA section.
    pub(super) fn text(&mut self, part: &[u8], is_data: bool) {
        if self.capture.is_none() {
            return;
        }
        let is_start = self.value.is_empty() && self.raw.is_empty();
        let part = if is_start { part.trim_ascii_start() } else { part };
        if part.is_empty() {
            return;
        }
        if is_data != self.raw_is_data {
            self.decode();
            self.raw_is_data = is_data;
        }
        let room = LONGEST.saturating_sub(self.value.len() + self.raw.len());
        let (part, rest) = part.split_at(part.len().min(room));
        self.is_cut |= !rest.trim_ascii().is_empty();
        self.raw.extend_from_slice(part);
    }

    /// A start tag, without its brackets.
    pub(super) fn start(&mut self, tag: &[u8], at: (u32, u32)) {
        let (tag, is_empty) = match tag.strip_suffix(b"/") {
            Some(tag) => (tag, true),
            None => (tag, false),
        };
        let name_len = tag.iter().position(u8::is_ascii_whitespace).unwrap_or(tag.len());
        let (name, attributes) = tag.split_at(name_len);
        if self.deeper > 0 || self.open.len() >= DEEPEST {
            self.deeper += u64::from(!is_empty);
            return;
        }
        let spaces = self.spaces.len();
        if memchr::memchr(b'=', attributes).is_some() {
            self.declare(attributes);
        }
        if let Some(part) = self.part_of(name, attributes, at) {
            // A field that is not closed, and an item, end where the next one begins.
            self.open.push(Node { name: name.to_vec(), part, spaces: spaces.min(self.spaces.len()) });
            if is_empty {
                self.close();
            }
        } else {
            self.spaces.truncate(spaces);
        }
    }

    /// An end tag's name. One that ends nothing is passed over; one that ends what is further out ends all within.
    pub(super) fn end(&mut self, name: &[u8]) {
        if let Some(depth) = self.open.iter().rposition(|node| node.name == name) {
            // What is deeper may be a page's text whose elements nobody closes, so that this ends it too.
            self.deeper = 0;
            while self.open.len() > depth {
                self.close();
            }
        } else {
            self.deeper = self.deeper.saturating_sub(1);
        }
    }

    fn close(&mut self) {
        let Some(node) = self.open.pop() else { return };
        self.spaces.truncate(node.spaces);
        match node.part {
            Part::Field => self.end_field(),
            Part::Item => {
                self.end_field();
                self.end_item();
            }
            Part::Body | Part::Other => {}
        }
    }

    /// What an element is, where it stands; `None` for one that is not to be remembered.
    fn part_of(&mut self, name: &[u8], attributes: &[u8], at: (u32, u32)) -> Option<Part> {
        let colon = memchr::memchr(b':', name);
        let local = colon.map_or(name, |colon| &name[colon + 1..]);
        let Some(format) = self.format else {
            if self.is_other {
                return None;
            }
            self.own_space = self.space_of(name).into_owned();
            self.format = match local {
                b"urlset" => Some(Format::UrlSet),
                b"sitemapindex" => Some(Format::Index),
                b"rss" | b"RDF" => Some(Format::Rss),
                b"feed" => Some(Format::Atom),
                _ => None,
            };
            self.is_other = self.format.is_none();
            return Some(Part::Body);
        };
        loop {
            let within = self.open.last()?.part;
            let is_own = self.is_own(name);
            let is_item = is_own && is_item(format, local);
            let field = field(format, local).filter(|_| is_own).or_else(|| self.foreign_field(format, name));
            match within {
                Part::Other => return Some(Part::Other),
                Part::Body if is_own && format == Format::Rss && local == b"channel" => {
                    return Some(Part::Body);
                }
                Part::Body if is_item => {
                    self.begin_item(format, at);
                    return Some(Part::Item);
                }
                // Its item's tag is missing.
                Part::Body
                    if field == Some(Field::Url) && matches!(format, Format::UrlSet | Format::Index) =>
                {
                    self.begin_item(format, at);
                    self.open.push(Node {
                        name: item_name(format).to_vec(),
                        part: Part::Item,
                        spaces: self.spaces.len(),
                    });
                }
                Part::Body => return Some(Part::Other),
                Part::Item if is_item => self.close_early(),
                Part::Item => {
                    self.end_field();
                    if format == Format::Atom && is_own && local == b"link" {
                        self.alternate(attributes, at);
                        return Some(Part::Other);
                    }
                    let Some(field) = field else { return Some(Part::Other) };
                    if field == Field::Url && matches!(format, Format::UrlSet | Format::Index) {
                        // A second URL is an entry of its own.
                        if !self.item.urls.is_empty() {
                            self.end_item();
                        }
                    }
                    self.begin_field(field, at);
                    return Some(Part::Field);
                }
                // `<loc><url>…</url></loc>` has been seen.
                Part::Field if self.capture == Some(Field::Url) && local == b"url" => {
                    return Some(Part::Other);
                }
                Part::Field => self.close_early(),
            }
        }
    }

    /// Ends the innermost element because of a tag that cannot be in it, whose own namespaces stay.
    fn close_early(&mut self) {
        let Some(node) = self.open.last_mut() else { return };
        node.spaces = self.spaces.len();
        self.close();
    }

    fn begin_item(&mut self, format: Format, at: (u32, u32)) {
        self.item = Item::default();
        if matches!(format, Format::UrlSet | Format::Index) {
            self.begin_field(Field::Fallback, at);
        }
    }

    fn begin_field(&mut self, field: Field, at: (u32, u32)) {
        self.item.at = at;
        self.capture = Some(field);
        self.value.clear();
        self.raw.clear();
        self.is_cut = false;
    }

    fn end_field(&mut self) {
        let Some(field) = self.capture.take() else { return };
        self.decode();
        let text = if self.is_cut { &self.value } else { trim(&self.value) };
        if text.is_empty() {
            return;
        }
        let text = text.to_owned();
        let item = &mut self.item;
        match field {
            Field::Url => item.urls.push((text, item.at)),
            Field::Fallback if is_http(&text) => {
                item.fallback = item.fallback.take().or(Some((text, item.at)))
            }
            Field::Fallback => {}
            Field::Date => item.date = Some(text),
            Field::Published => item.published = Some(text),
        }
    }

    /// Keeps what an item named.
    fn end_item(&mut self) {
        let Item { urls, fallback, date, published, .. } = core::mem::take(&mut self.item);
        let lastmod = date.or(published).and_then(|text| date::date(&text));
        let fallback = if urls.is_empty() { fallback } else { None };
        for (url, (line, column)) in urls.into_iter().chain(fallback) {
            self.entries.push(Entry { url, lastmod, line, column });
        }
    }

    /// An Atom link is to the entry itself unless it says otherwise (RFC 4287 section 4.2.7.2).
    fn alternate(&mut self, attributes: &[u8], at: (u32, u32)) {
        let (mut rel, mut href) = (None, None);
        for (name, value) in Attributes(attributes) {
            match name {
                b"rel" => rel = Some(value),
                b"href" => href = Some(value),
                _ => {}
            }
        }
        const REGISTERED: &[u8] = b"http://www.iana.org/assignments/relation/alternate";
        let is_alternate = rel.is_none_or(|rel| {
            let rel = rel.trim_ascii();
            rel.is_empty() || rel.eq_ignore_ascii_case(b"alternate") || rel == REGISTERED
        });
        let Some(href) = href.filter(|_| is_alternate && self.item.urls.len() < MOST_ALTERNATES) else {
            return;
        };
        let mut url = String::new();
        decode(href, self.has_doctype, &mut url);
        let url = trim(&url);
        if !url.is_empty() {
            self.item.urls.push((url.to_owned(), at));
        }
    }

    fn decode(&mut self) {
        if self.raw_is_data || self.is_cut {
            self.value.push_str(&String::from_utf8_lossy(&self.raw));
        } else {
            decode(&self.raw, self.has_doctype, &mut self.value);
        }
        self.raw.clear();
    }

    /// Takes in the namespaces that a tag declares (Namespaces in XML 1.0 section 3).
    fn declare(&mut self, attributes: &[u8]) {
        for (name, value) in Attributes(attributes) {
            let Some(prefix) = name.strip_prefix(b"xmlns") else { continue };
            let prefix = match prefix.split_first() {
                None => prefix,
                Some((b':', prefix)) => prefix,
                Some(_) => continue,
            };
            if self.spaces.len() < MOST_SPACES {
                let space = value.trim_ascii();
                self.spaces.push((prefix.to_vec(), space[..space.len().min(LONGEST_SPACE)].to_vec()));
            }
        }
    }

    /// The namespace of an element. A prefix that was not declared, with its colon, stands for one of its own.
    fn space_of<'a>(&'a self, name: &'a [u8]) -> Cow<'a, [u8]> {
        let colon = memchr::memchr(b':', name);
        let prefix = colon.map_or(&[][..], |colon| &name[..colon]);
        match self.spaces.iter().rfind(|(known, _)| known == prefix) {
            Some((_, space)) => Cow::Borrowed(space),
            None => Cow::Borrowed(colon.map_or(&[][..], |colon| &name[..=colon])),
        }
    }

    /// Whether an element is of the sitemap's own vocabulary and not an extension: one without a namespace, one of
    /// the root's, or one of those that are well known.
    fn is_own(&self, name: &[u8]) -> bool {
        const KNOWN: [&[u8]; 6] = [
            b"http://www.sitemaps.org/schemas/sitemap/",
            b"https://www.sitemaps.org/schemas/sitemap/",
            b"http://www.google.com/schemas/sitemap/0.",
            b"https://www.google.com/schemas/sitemap/0.",
            b"http://purl.org/rss/1.0/",
            b"http://my.netscape.com/",
        ];
        let space = self.space_of(name);
        space.is_empty() || *space == *self.own_space || KNOWN.iter().any(|known| space.starts_with(known))
    }

    /// RSS 1.0 has its dates from Dublin Core.
    fn foreign_field(&self, format: Format, name: &[u8]) -> Option<Field> {
        let is_date = format == Format::Rss && name.ends_with(b":date");
        (is_date && *self.space_of(name) == *b"http://purl.org/dc/elements/1.1/").then_some(Field::Published)
    }
}

fn is_item(format: Format, local: &[u8]) -> bool {
    local == item_name(format)
}

const fn item_name(format: Format) -> &'static [u8] {
    match format {
        Format::UrlSet | Format::Text => b"url",
        Format::Index => b"sitemap",
        Format::Rss => b"item",
        Format::Atom => b"entry",
    }
}

fn field(format: Format, local: &[u8]) -> Option<Field> {
    Some(match (format, local) {
        (Format::UrlSet | Format::Index, b"loc") | (Format::Rss, b"link") => Field::Url,
        (Format::Rss, b"guid") => Field::Fallback,
        (Format::UrlSet | Format::Index, b"lastmod")
        | (Format::Rss, b"pubDate")
        | (Format::Atom, b"updated" | b"modified") => Field::Date,
        (Format::Atom, b"published" | b"issued") => Field::Published,
        _ => return None,
    })
}

/// Without white space around it, of any kind, and what some editors leave that nobody sees.
pub(super) fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || matches!(c, '\u{feff}' | '\u{200b}'))
}

fn is_http(text: &str) -> bool {
    ["http://", "https://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))
}

/// Decodes the references that XML itself knows (XML 1.0 sections 4.1 and 4.6). Others are left out if a document
/// type may declare them, and stand for themselves if none can.
fn decode(raw: &[u8], has_doctype: bool, out: &mut String) {
    let mut rest = raw;
    while let Some(at) = memchr::memchr(b'&', rest) {
        out.push_str(&String::from_utf8_lossy(&rest[..at]));
        rest = &rest[at + 1..];
        let length = rest.iter().take(LONGEST_NAME).position(|byte| *byte == b';');
        let name = length.map(|length| &rest[..length]).filter(|name| is_reference(name));
        let Some(name) = name else {
            out.push('&');
            continue;
        };
        match character(name) {
            Some(character) => out.push(character),
            None if has_doctype => {}
            None => {
                out.push('&');
                continue;
            }
        }
        rest = &rest[name.len() + 1..];
    }
    out.push_str(&String::from_utf8_lossy(rest));
}

/// Bytes that a reference may have; the name of an entity may be longer, but is not.
const LONGEST_NAME: usize = 64;

fn is_reference(name: &[u8]) -> bool {
    let name = name.strip_prefix(b"#").unwrap_or(name);
    !name.is_empty()
        && name
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.' | b':' | 0x80..))
}

fn character(name: &[u8]) -> Option<char> {
    Some(match name {
        b"amp" => '&',
        b"lt" => '<',
        b"gt" => '>',
        b"quot" => '"',
        b"apos" => '\'',
        [b'#', b'x' | b'X', digits @ ..] => number(digits, 16)?,
        [b'#', digits @ ..] => number(digits, 10)?,
        _ => return None,
    })
}

fn number(digits: &[u8], radix: u32) -> Option<char> {
    let text = core::str::from_utf8(digits).ok()?;
    let is_number = !text.is_empty() && text.chars().all(|digit| digit.is_digit(radix));
    let code = is_number.then(|| u32::from_str_radix(text, radix).unwrap_or(u32::MAX))?;
    // A reference to what is no character.
    Some(char::from_u32(code).filter(|c| *c != '\0').unwrap_or(char::REPLACEMENT_CHARACTER))
}

/// The attributes of a tag: name and raw value.
struct Attributes<'a>(&'a [u8]);

impl<'a> Iterator for Attributes<'a> {
    type Item = (&'a [u8], &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let rest = self.0.trim_ascii_start();
            if rest.is_empty() {
                return None;
            }
            let end = rest.iter().position(|byte| *byte == b'=' || byte.is_ascii_whitespace());
            let (name, rest) = rest.split_at(end.unwrap_or(rest.len()));
            let Some(rest) = rest.trim_ascii_start().strip_prefix(b"=") else {
                self.0 = rest;
                continue;
            };
            let rest = rest.trim_ascii_start();
            let (value, rest) = match rest.first() {
                Some(quote @ (b'"' | b'\'')) => {
                    let value = &rest[1..];
                    // What no mark ends was cut, and is only a part.
                    let end = memchr::memchr(*quote, value)?;
                    (&value[..end], &value[end + 1..])
                }
                _ => rest.split_at(rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len())),
            };
            self.0 = rest;
            return Some((name, value));
        }
    }
}
