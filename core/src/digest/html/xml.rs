//! Tags of XML, whose names mean what their namespaces say (Namespaces in XML 1.0).
//!
//! A document that is not well-formed shows an error in place of what follows; here it is read on, as far as it can be.

use super::super::position::Position;
use super::names::{Attribute, Element, Key};
use super::scopes::Namespace;
use super::tag::{Span, Tag, Values};
use core::ops::Range;

/// The tag that is being read, and the elements that are open around it.
#[derive(Debug)]
pub(super) struct XmlTags {
    /// Where a start tag began; `None` for an end tag.
    pub(super) position: Option<Position>,
    /// What stands in the tag, from its name on.
    text: Vec<u8>,
    /// The quotation mark that is open, 0 for none.
    quote: u8,
    values: Values,
    open: Vec<Open>,
    /// The names of the open elements, one behind the other.
    names: Vec<u8>,
    /// What prefixes stand for, the innermost last.
    bindings: Vec<Binding>,
}

/// An element that is open.
#[derive(Debug)]
struct Open {
    element: Element,
    /// How much there was of the names and bindings before it.
    names: usize,
    bindings: usize,
}

#[derive(Debug)]
struct Binding {
    prefix: Vec<u8>,
    space: Space,
}

/// Where in a document type of XML (XML section 2.8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Subset {
    /// Whether its brackets are open.
    is_open: bool,
    /// The quotation mark that is open, `>` for a comment's end, 0 for none.
    quote: u8,
    /// How much of `<!--`, or of `-->`, came last.
    comment: u8,
}

/// What a namespace is to us.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Space {
    Html,
    Svg,
    MathMl,
    XLink,
    Other,
}

/// Bytes of a tag that are looked at.
const LONGEST_TAG: usize = 256 * 1024;

/// Prefixes that are looked through for one.
const PREFIXES: usize = 256;

/// Elements that an end tag may close besides its own, in a document that is not well-formed.
const UNCLOSED: usize = 64;

impl XmlTags {
    pub(super) fn new() -> Self {
        Self {
            position: None,
            text: Vec::new(),
            quote: 0,
            values: Values::new(),
            open: Vec::new(),
            names: Vec::new(),
            bindings: Vec::new(),
        }
    }

    /// Whether a name may begin with this byte (XML section 2.3).
    pub(super) const fn begins_name(byte: u8) -> bool {
        byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..)
    }

    /// Begins with the name of a start tag whose `<` was at this position, or of an end tag.
    pub(super) fn begin(&mut self, position: Option<Position>) {
        self.position = position;
        self.text.clear();
        self.quote = 0;
    }

    /// Takes bytes up to the tag's end; gives the offset behind its `>`, or `None` if that is still to come.
    pub(super) fn feed(&mut self, chunk: &[u8], mut at: usize) -> Option<usize> {
        loop {
            let rest = chunk.get(at..)?;
            let end = match self.quote {
                0 => memchr::memchr3(b'>', b'"', b'\'', rest),
                quote => memchr::memchr(quote, rest),
            };
            let ended = end.is_some_and(|end| rest[end] == b'>' && self.quote == 0);
            let taken = end.map_or(rest.len(), |end| end + usize::from(!ended));
            let room = LONGEST_TAG - self.text.len();
            self.text.extend_from_slice(&rest[..taken.min(room)]);
            match end {
                None => return None,
                Some(end) if ended => return Some(at + end + 1),
                Some(end) => self.quote = if self.quote == 0 { rest[end] } else { 0 },
            }
            at += taken;
        }
    }

    /// The start tag that has come, and its namespace; what is of one that does not matter here is taken for MathML.
    pub(super) fn start(&mut self) -> (Tag<'_>, Namespace) {
        let Self { text, values, open, names, bindings, .. } = self;
        let self_closing = text.last() == Some(&b'/');
        let name = name_at(text, 0);
        let before = bindings.len();
        for (name, span) in attributes(text, name.end) {
            let prefix = match &text[name] {
                b"xmlns" => &[][..],
                name => match name.strip_prefix(b"xmlns:") {
                    Some(prefix) => prefix,
                    None => continue,
                },
            };
            bindings.push(Binding { prefix: prefix.to_vec(), space: Space::of(&text[span.start..span.end]) });
        }
        // Forgotten, and plain what is meant. Browsers show such a page as text without links; its author would want to
        // hear of those that are dead all the same.
        if open.is_empty() && &text[name.clone()] == b"html" && binding_of(bindings, &[]).is_none() {
            bindings.push(Binding { prefix: Vec::new(), space: Space::Html });
        }
        let (prefix, local) = split(&text[name.clone()]);
        let space = space_of(bindings, prefix);
        let element = match space {
            Space::Html if local == b"image" => Element::Other,
            Space::Html | Space::Svg | Space::MathMl => Element::of_xml(Key::of(local), local),
            Space::XLink | Space::Other => Element::Other,
        };
        values.seen = super::names::Attributes::NONE;
        for (name, span) in attributes(text, name.end) {
            let attribute = match split(&text[name]) {
                ([], local) => Attribute::of_xml(Key::of(local), local),
                (prefix, b"href") if space_of(bindings, prefix) == Space::XLink => Some(Attribute::XlinkHref),
                _ => None,
            };
            let is_wanted = |attribute: &Attribute| match space {
                Space::Html | Space::Svg | Space::MathMl => element.attributes().has(*attribute),
                Space::XLink | Space::Other => *attribute == Attribute::Id,
            };
            if let Some(attribute) = attribute.filter(is_wanted) {
                values.note(attribute, span);
            }
        }
        if self_closing {
            bindings.truncate(before);
        } else {
            open.push(Open { element, names: names.len(), bindings: before });
            names.extend_from_slice(&text[name]);
        }
        let namespace = match space {
            Space::Html => Namespace::Html,
            Space::Svg => Namespace::Svg,
            Space::MathMl | Space::XLink | Space::Other => Namespace::MathMl,
        };
        (Tag { element, self_closing, values, source: text, decoded: false }, namespace)
    }

    /// The elements that the end tag that has come closes, the innermost first.
    pub(super) fn end(&mut self) -> Vec<Element> {
        let name = &self.text[name_at(&self.text, 0)];
        let mut until = self.names.len();
        let mut last = self.open.len();
        for open in self.open.iter().rev().take(UNCLOSED) {
            last -= 1;
            if self.names[open.names..until] == *name {
                let Some(outermost) = self.open.get(last) else { break };
                self.names.truncate(outermost.names);
                self.bindings.truncate(outermost.bindings);
                return self.open.drain(last..).rev().map(|open| open.element).collect();
            }
            until = open.names;
        }
        Vec::new()
    }
}

impl Subset {
    /// What it is behind this byte; `None` if it has ended.
    pub(super) fn behind(mut self, byte: u8) -> Option<Self> {
        const COMMENT_END: u8 = b'>';
        match (self.quote, byte) {
            (COMMENT_END, b'-') => self.comment = (self.comment + 1).min(2),
            (COMMENT_END, b'>') if self.comment == 2 => (self.quote, self.comment) = (0, 0),
            (COMMENT_END, _) => self.comment = 0,
            (0, b'>') if !self.is_open => return None,
            (0, _) => {
                self.comment = match (self.comment, byte) {
                    (_, b'<') => 1,
                    (1, b'!') => 2,
                    (2, b'-') => 3,
                    (3, b'-') => {
                        self.quote = COMMENT_END;
                        0
                    }
                    _ => 0,
                };
                match byte {
                    b'"' | b'\'' => self.quote = byte,
                    b'[' => self.is_open = true,
                    b']' => self.is_open = false,
                    _ => {}
                }
            }
            (quote, byte) if quote == byte => self.quote = 0,
            _ => {}
        }
        Some(self)
    }
}

impl Space {
    fn of(name: &[u8]) -> Self {
        match name {
            b"http://www.w3.org/1999/xhtml" => Self::Html,
            b"http://www.w3.org/2000/svg" => Self::Svg,
            b"http://www.w3.org/1998/Math/MathML" => Self::MathMl,
            b"http://www.w3.org/1999/xlink" => Self::XLink,
            _ => Self::Other,
        }
    }
}

/// What a prefix stands for; an empty one is that of names that have none.
fn space_of(bindings: &[Binding], prefix: &[u8]) -> Space {
    binding_of(bindings, prefix).map_or(Space::Other, |binding| binding.space)
}

fn binding_of<'a>(bindings: &'a [Binding], prefix: &[u8]) -> Option<&'a Binding> {
    bindings.iter().rev().take(PREFIXES).find(|binding| binding.prefix == prefix)
}

/// A name's prefix and the rest.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b':', name) {
        Some(colon) => (&name[..colon], &name[colon + 1..]),
        None => (&[], name),
    }
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The name that begins here.
fn name_at(text: &[u8], start: usize) -> Range<usize> {
    let is_end = |byte: &u8| is_space(*byte) || matches!(byte, b'=' | b'/' | b'"' | b'\'');
    start..text[start..].iter().position(is_end).map_or(text.len(), |end| start + end)
}

/// The attributes of a tag: their names and values.
fn attributes(text: &[u8], mut at: usize) -> impl Iterator<Item = (Range<usize>, Span)> {
    let skip = move |at: usize, is: fn(u8) -> bool| {
        text[at..].iter().position(|byte| !is(*byte)).map_or(text.len(), |end| at + end)
    };
    core::iter::from_fn(move || {
        let start = skip(at, |byte| is_space(byte) || matches!(byte, b'/' | b'=' | b'"' | b'\''));
        if start == text.len() {
            return None;
        }
        let name = name_at(text, start);
        at = name.end;
        let equals = skip(at, is_space);
        if text.get(equals) != Some(&b'=') {
            return Some((name, Span { start: at, end: at, quote: b'"' }));
        }
        let value = skip(equals + 1, is_space);
        let span = match text.get(value) {
            Some(&quote @ (b'"' | b'\'')) => {
                let end = memchr::memchr(quote, &text[value + 1..]).map_or(text.len(), |end| value + 1 + end);
                Span { start: value + 1, end, quote }
            }
            _ => {
                let end = text[value..]
                    .iter()
                    .position(|byte| is_space(*byte))
                    .map_or(text.len(), |end| value + end);
                Span { start: value, end, quote: b'"' }
            }
        };
        at = span.end;
        Some((name, span))
    })
}
