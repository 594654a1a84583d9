//! A tag that does not end in the chunk it begins in, byte by byte.
//!
//! What it finds is what [`Scanner`](super::scanner::Scanner) finds in a tag that is all there; it takes more time
//! and needs no more of the text than the values it keeps.

use super::super::position::Position;
use super::names::{ATTRIBUTE_NAME, Attribute, Attributes, Element, Key, LONGEST_NAME, TAG_NAME};
use super::tag::{LONGEST_VALUE, Span, Tag, Values};

/// A tag as far as it has come.
#[derive(Debug)]
pub(super) struct Partial {
    /// Where a start tag began; `None` for an end tag, whose attributes are read as a start tag's and dropped.
    pub(super) position: Option<Position>,
    pub(super) element: Element,
    step: Step,
    name: Name,
    attribute: Option<Attribute>,
    wanted: Attributes,
    slash: bool,
    values: Values,
    source: Vec<u8>,
    span: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Value,
}

/// A name as far as it has come; of a longer one than any that matters, only the length.
#[derive(Debug, Default)]
struct Name {
    key: Key,
    bytes: [u8; LONGEST_NAME],
}

impl Name {
    /// Takes a byte, and what it is in lower case.
    fn push(&mut self, byte: u8, lower: u8) {
        if let Some(slot) = self.bytes.get_mut(self.key.len) {
            *slot = byte;
        }
        self.key = self.key.with(lower);
    }
}

impl Partial {
    pub(super) fn new() -> Self {
        Self {
            position: None,
            element: Element::Other,
            step: Step::TagName,
            name: Name::default(),
            attribute: None,
            wanted: Attributes::NONE,
            slash: false,
            values: Values::new(),
            source: Vec::new(),
            span: Span::default(),
        }
    }

    /// Begins with the name of a start tag whose `<` was at this position, or of an end tag.
    pub(super) fn begin(&mut self, position: Option<Position>) {
        self.position = position;
        self.element = Element::Other;
        self.wanted = Attributes::NONE;
        self.step = Step::TagName;
        self.name = Name::default();
        self.values.seen = Attributes::NONE;
        self.source.clear();
        self.slash = false;
    }

    /// Begins behind the name of an end tag.
    pub(super) fn begin_behind_name(&mut self, element: Element) {
        self.begin(None);
        self.element = element;
        self.step = Step::BeforeName;
    }

    /// Takes bytes up to the tag's end; gives the offset behind its `>`, or `None` if that is still to come.
    pub(super) fn feed(&mut self, chunk: &[u8], mut at: usize) -> Option<usize> {
        while let Some(&byte) = chunk.get(at) {
            if self.step == Step::Value {
                at = self.value(chunk, at);
                continue;
            }
            if self.step(byte) == Outcome::Ended {
                return Some(at + 1);
            }
            at += 1;
        }
        None
    }

    /// The start tag that has come.
    pub(super) fn tag(&self) -> Tag<'_> {
        Tag {
            element: self.element,
            self_closing: self.slash,
            values: &self.values,
            source: &self.source,
            decoded: false,
        }
    }

    fn step(&mut self, byte: u8) -> Outcome {
        let slash = core::mem::replace(&mut self.slash, false);
        match (self.step, byte) {
            (Step::TagName, _) => {
                let lower = TAG_NAME[usize::from(byte)];
                if lower != 0 {
                    self.name.push(byte, lower);
                    return Outcome::GoesOn;
                }
                let Name { key, bytes } = &self.name;
                self.element = Element::of(*key, bytes);
                self.wanted =
                    if self.position.is_some() { self.element.attributes() } else { Attributes::NONE };
                self.separate(byte)
            }
            (Step::BeforeName, b'>') => {
                self.slash = slash;
                Outcome::Ended
            }
            (Step::BeforeName, b'/' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ') => self.separate(byte),
            (Step::BeforeName, _) => {
                self.name = Name::default();
                // An equals sign here is part of the name, and its 0 of no name that is known.
                self.name.push(byte, ATTRIBUTE_NAME[usize::from(byte)]);
                self.step = Step::Name;
                Outcome::GoesOn
            }
            (Step::Name, b'=') | (Step::AfterName, b'=') => {
                self.name_ended();
                self.step = Step::BeforeValue;
                Outcome::GoesOn
            }
            (Step::Name, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ') => {
                self.step = Step::AfterName;
                Outcome::GoesOn
            }
            (Step::Name, b'/' | b'>') => {
                self.valueless();
                self.separate(byte)
            }
            (Step::Name, _) => {
                self.name.push(byte, ATTRIBUTE_NAME[usize::from(byte)]);
                Outcome::GoesOn
            }
            (Step::AfterName | Step::BeforeValue, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ') => Outcome::GoesOn,
            (Step::AfterName, _) => {
                self.valueless();
                self.step = Step::BeforeName;
                self.step(byte)
            }
            (Step::BeforeValue, b'>') => {
                self.begin_value(b' ');
                self.end_value();
                Outcome::Ended
            }
            (Step::BeforeValue, b'"' | b'\'') => {
                self.begin_value(byte);
                Outcome::GoesOn
            }
            (Step::BeforeValue | Step::Value, _) => {
                self.begin_value(b' ');
                self.keep(&[byte]);
                Outcome::GoesOn
            }
        }
    }

    /// A byte that ends a name: white space, a slash or the end of the tag.
    fn separate(&mut self, byte: u8) -> Outcome {
        self.step = Step::BeforeName;
        self.slash = byte == b'/';
        if byte == b'>' { Outcome::Ended } else { Outcome::GoesOn }
    }

    fn name_ended(&mut self) {
        let Name { key, bytes } = &self.name;
        let known = Attribute::find(*key, bytes);
        self.attribute =
            known.filter(|attribute| self.wanted.has(*attribute) && !self.values.seen.has(*attribute));
    }

    fn valueless(&mut self) {
        self.name_ended();
        self.begin_value(b' ');
        self.end_value();
    }

    fn begin_value(&mut self, quote: u8) {
        self.span = Span { start: self.source.len(), end: self.source.len(), quote };
        self.step = Step::Value;
    }

    /// Takes as much of a value as there is; gives the offset of what follows.
    fn value(&mut self, chunk: &[u8], at: usize) -> usize {
        let rest = &chunk[at..];
        let quoted = self.span.quote != b' ';
        let end = if quoted {
            memchr::memchr(self.span.quote, rest)
        } else {
            rest.iter().position(|byte| matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'>'))
        };
        self.keep(&rest[..end.unwrap_or(rest.len())]);
        match end {
            // White space or the `>` behind a value without quotation marks is the next step's.
            Some(end) => {
                self.end_value();
                at + end + usize::from(quoted)
            }
            None => chunk.len(),
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        if self.attribute.is_some() {
            let room = LONGEST_VALUE.saturating_sub(self.source.len() - self.span.start);
            self.source.extend_from_slice(&bytes[..bytes.len().min(room)]);
        }
    }

    fn end_value(&mut self) {
        if let Some(attribute) = self.attribute.take() {
            self.values.note(attribute, Span { end: self.source.len(), ..self.span });
        }
        self.step = Step::BeforeName;
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    GoesOn,
    Ended,
}
