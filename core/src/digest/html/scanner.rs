//! Finds tags in a stream of text, fast.
//!
//! A scanner is the tokenizer of HTML section 13.2.5 with all left out that nothing here asks for: it looks for
//! the byte that can end what it is in and skips the rest. Tags that stand in one chunk are read in place; for one
//! that does not, [`Partial`] takes over.

use super::super::position::{Locator, Position};
use super::names::{ATTRIBUTE_NAME, Attribute, Attributes, Element, Key, TAG_NAME};
use super::partial::Partial;
use super::rawtext::RawText;
use super::tag::{At, Content, Sink, Span, Tag, Text, Values};
use super::xml::{Subset, XmlTags};

/// The rules by which markup is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Syntax {
    /// HTML (section 13.2.5).
    Html,
    /// XML 1.0, as far as well-formed documents go: no raw text, sections of CDATA anywhere.
    Xml,
}

/// Reads a document in chunks, in UTF-8 or what passes for it, and tells a [`Sink`] what is in it.
#[derive(Debug)]
pub(super) struct Scanner {
    /// The tags, if this is XML.
    xml: Option<Box<XmlTags>>,
    state: State,
    locator: Locator,
    values: Values,
    partial: Partial,
    /// What may be raw text or the beginning of its end tag.
    held: Vec<u8>,
    /// The beginning of the comment that is open.
    comment: Vec<u8>,
}

/// As much of a comment is told.
pub(super) const COMMENT: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Markup,
    /// Behind `<` at this position.
    Open(Position),
    /// Behind `</`.
    EndOpen,
    /// In a tag that began in a chunk before.
    Tag,
    /// In a tag of XML.
    XmlTag,
    /// Behind `<!`.
    Declaration,
    /// Behind `<!-`.
    DeclarationDash,
    /// Behind `<![` and that many bytes of `CDATA[`.
    DeclarationCdata(usize),
    Comment(Comment),
    /// In anything that ends at the first `>`: comments that are none, and the document type.
    Bogus,
    /// In the document type of XML.
    DocumentType(Subset),
    /// In a processing instruction of XML; behind its `?` or not.
    Instruction(bool),
    /// In a section of CDATA, behind that many closing brackets (2 for more).
    Cdata(usize),
    Raw(RawText),
    Plaintext,
}

/// How much of a comment's end has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Comment {
    /// Nothing of the comment: `>` ends it.
    Start,
    /// One dash of the comment: `>` ends it.
    StartDash,
    Body,
    Dash,
    DashDash,
    DashDashBang,
}

const CDATA: &[u8] = b"CDATA[";

impl Scanner {
    pub(super) fn new(syntax: Syntax) -> Self {
        Self {
            xml: (syntax == Syntax::Xml).then(|| Box::new(XmlTags::new())),
            state: State::Markup,
            locator: Locator::new(),
            values: Values::new(),
            partial: Partial::new(),
            held: Vec::new(),
            comment: Vec::new(),
        }
    }

    /// What comes next stands at this place.
    #[cfg(feature = "markdown")]
    pub(super) fn seek(&mut self, position: Position) {
        self.locator = Locator::starting_at(position);
    }

    /// Reads the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8], sink: &mut impl Sink) {
        self.locator.begin(chunk);
        let mut at = 0;
        while at < chunk.len() {
            at = match self.state {
                State::Markup if self.xml.is_none() => self.markup(chunk, at, sink),
                State::Markup => self.xml_text(chunk, at, sink),
                state => self.elsewhere(state, chunk, at, sink),
            };
        }
        self.locator.end(chunk);
    }

    /// The document has ended. A tag that is not complete is none; what looked like the start of one is text.
    pub(super) fn finish(&mut self, sink: &mut impl Sink) {
        match self.state {
            State::Open(_) if sink.wants_text() => sink.text(Text::Raw(b"<")),
            State::EndOpen if sink.wants_text() => sink.text(Text::Raw(b"</")),
            State::Cdata(brackets) => literal(sink, &b"]]"[..brackets]),
            State::Raw(_) if sink.wants_raw() => sink.raw(&self.held),
            _ => {}
        }
        sink.interrupt();
    }

    /// Reads text and whole tags as long as they come.
    fn markup(&mut self, chunk: &[u8], mut at: usize, sink: &mut impl Sink) -> usize {
        loop {
            let rest = &chunk[at..];
            let open = find::<b'<'>(rest).map_or(chunk.len(), |open| at + open);
            if open > at && sink.wants_text() {
                sink.text(Text::Raw(&chunk[at..open]));
            }
            let Some(&next) = chunk.get(open + 1) else {
                if open < chunk.len() {
                    self.state = State::Open(self.locator.position(chunk, open));
                }
                return chunk.len();
            };
            let behind = if next.is_ascii_alphabetic() {
                self.start_tag(chunk, open, sink)
            } else if next == b'/' && chunk.get(open + 2).is_some_and(u8::is_ascii_alphabetic) {
                self.end_tag(chunk, open, sink)
            } else {
                self.state = State::Open(self.locator.position(chunk, open));
                return open + 1;
            };
            match behind {
                Some(behind) if self.state == State::Markup => at = behind,
                Some(behind) => return behind,
                None => {
                    let is_end = next == b'/';
                    self.partial.begin((!is_end).then(|| self.locator.position(chunk, open)));
                    self.state = State::Tag;
                    return open + 1 + usize::from(is_end);
                }
            }
            if at >= chunk.len() {
                return at;
            }
        }
    }

    /// Reads a start tag; `None` if it does not end in this chunk.
    #[inline]
    fn start_tag(&mut self, chunk: &[u8], open: usize, sink: &mut impl Sink) -> Option<usize> {
        let (key, name_end) = tag_name(chunk, open + 1)?;
        let element = Element::of(key, &chunk[open + 1..name_end]);
        self.values.seen = Attributes::NONE;
        let (behind, self_closing) = if chunk[name_end] == b'>' {
            (name_end + 1, false)
        } else {
            attributes(chunk, name_end, element.attributes(), &mut self.values)?
        };
        let values = &self.values;
        let tag = Tag { element, self_closing, values, source: chunk, decoded: false };
        let mut position = At::Offset { locator: &mut self.locator, chunk, offset: open };
        sink.interrupt();
        let content = sink.start(&tag, &mut position);
        if content != Content::Markup {
            self.enter(content);
            if sink.wants_raw() {
                sink.raw_begins(&mut At::Offset { locator: &mut self.locator, chunk, offset: behind });
            }
        }
        Some(behind)
    }

    /// Reads an end tag; `None` if it does not end in this chunk.
    #[inline]
    fn end_tag(&mut self, chunk: &[u8], open: usize, sink: &mut impl Sink) -> Option<usize> {
        let (key, name_end) = tag_name(chunk, open + 2)?;
        let behind = if chunk[name_end] == b'>' {
            name_end + 1
        } else {
            attributes(chunk, name_end, Attributes::NONE, &mut self.values)?.0
        };
        sink.interrupt();
        if key == Key::of(b"a") {
            sink.end(Element::A);
        } else if sink.wants_ends() {
            sink.end(Element::of(key, &chunk[open + 2..name_end]));
        }
        Some(behind)
    }

    /// Reads text of XML.
    fn xml_text(&mut self, chunk: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let open = memchr::memchr(b'<', &chunk[at..]).map_or(chunk.len(), |open| at + open);
        if open > at && sink.wants_text() {
            sink.text(Text::Raw(&chunk[at..open]));
        }
        if open < chunk.len() {
            self.state = State::Open(self.locator.position(chunk, open));
        }
        open + 1
    }

    /// Begins a tag, of which the name comes next.
    fn begin_tag(&mut self, position: Option<Position>) {
        self.state = match &mut self.xml {
            Some(xml) => {
                xml.begin(position);
                State::XmlTag
            }
            None => {
                self.partial.begin(position);
                State::Tag
            }
        };
    }

    /// Whether a tag's name begins with this byte.
    fn begins_name(&self, byte: u8) -> bool {
        if self.xml.is_some() { XmlTags::begins_name(byte) } else { byte.is_ascii_alphabetic() }
    }

    /// Goes on with a tag of XML.
    fn xml_tag(&mut self, chunk: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let Some(xml) = &mut self.xml else { return chunk.len() };
        let Some(behind) = xml.feed(chunk, at) else { return chunk.len() };
        self.state = State::Markup;
        sink.interrupt();
        if let Some(position) = xml.position {
            let (tag, namespace) = xml.start();
            sink.start_named(&tag, namespace, &mut At::Known(position));
        } else {
            for element in xml.end() {
                if element == Element::A || sink.wants_ends() {
                    sink.end(element);
                }
            }
        }
        behind
    }

    fn enter(&mut self, content: Content) {
        self.state = match content {
            Content::Markup => State::Markup,
            Content::Text(element) => State::Raw(RawText::of(element)),
            Content::Script => State::Raw(RawText::script()),
            Content::Plaintext => State::Plaintext,
        };
    }

    /// Everything but text and whole tags. Gives the offset of the next byte to read, which may be the same one if
    /// it is to be read in another state.
    fn elsewhere(&mut self, state: State, chunk: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let byte = chunk[at];
        match state {
            State::Markup => at,
            State::Open(position) => self.open(position, byte, at, sink),
            State::EndOpen => self.end_open(byte, at, sink),
            State::Tag => match self.partial.feed(chunk, at) {
                Some(behind) => {
                    self.state = State::Markup;
                    self.partial_ended(chunk, behind, sink);
                    behind
                }
                None => chunk.len(),
            },
            State::XmlTag => self.xml_tag(chunk, at, sink),
            State::Declaration => match byte {
                b'-' => self.go(State::DeclarationDash, at),
                b'[' if self.xml.is_some() || sink.allows_cdata() => self.go(State::DeclarationCdata(0), at),
                _ if self.xml.is_some() => {
                    self.state = State::DocumentType(Subset::default());
                    at
                }
                _ => self.bogus(at),
            },
            State::DocumentType(subset) => match subset.behind(byte) {
                Some(subset) => self.go(State::DocumentType(subset), at),
                None => self.go(State::Markup, at),
            },
            State::DeclarationDash if byte == b'-' => {
                self.comment.clear();
                self.go(State::Comment(Comment::Start), at)
            }
            State::DeclarationCdata(matched) if CDATA.get(matched) == Some(&byte) => {
                let next = matched + 1;
                self.go(if next == CDATA.len() { State::Cdata(0) } else { State::DeclarationCdata(next) }, at)
            }
            State::DeclarationDash | State::DeclarationCdata(_) => self.bogus(at),
            State::Comment(comment) => self.comment(comment, chunk, at, sink),
            State::Bogus => match memchr::memchr(b'>', &chunk[at..]) {
                Some(end) => self.go(State::Markup, at + end),
                None => chunk.len(),
            },
            State::Instruction(question) => match byte {
                b'>' if question => self.go(State::Markup, at),
                _ => self.go(State::Instruction(byte == b'?'), at),
            },
            State::Cdata(brackets) => self.cdata(brackets, chunk, at, sink),
            State::Raw(mut raw) => {
                let behind = raw.feed(chunk, at);
                if sink.wants_raw() {
                    self.tell_raw(raw, &chunk[at..behind], sink);
                }
                self.state = State::Raw(raw);
                if raw.is_over() {
                    self.partial.begin_behind_name(raw.element());
                    self.state = State::Tag;
                }
                behind
            }
            State::Plaintext => chunk.len(),
        }
    }

    /// Goes on in another state behind this byte.
    fn go(&mut self, state: State, at: usize) -> usize {
        self.state = state;
        at + 1
    }

    /// Goes on with this byte in what is no markup declaration.
    fn bogus(&mut self, at: usize) -> usize {
        self.state = State::Bogus;
        at
    }

    /// HTML section 13.2.5.6.
    fn open(&mut self, position: Position, byte: u8, at: usize, sink: &mut impl Sink) -> usize {
        match byte {
            b'/' => return self.go(State::EndOpen, at),
            b'!' => {
                sink.interrupt();
                return self.go(State::Declaration, at);
            }
            b'?' => {
                sink.interrupt();
                return self
                    .go(if self.xml.is_some() { State::Instruction(false) } else { State::Bogus }, at);
            }
            _ if self.begins_name(byte) => self.begin_tag(Some(position)),
            _ => {
                self.state = State::Markup;
                if sink.wants_text() {
                    sink.text(Text::Raw(b"<"));
                }
            }
        }
        at
    }

    /// HTML section 13.2.5.7.
    fn end_open(&mut self, byte: u8, at: usize, sink: &mut impl Sink) -> usize {
        sink.interrupt();
        match byte {
            b'>' => return self.go(State::Markup, at),
            _ if self.begins_name(byte) => self.begin_tag(None),
            _ => self.state = State::Bogus,
        }
        at
    }

    fn partial_ended(&mut self, chunk: &[u8], behind: usize, sink: &mut impl Sink) {
        sink.interrupt();
        if let Some(position) = self.partial.position {
            let content = sink.start(&self.partial.tag(), &mut At::Known(position));
            self.enter(content);
            if content != Content::Markup && sink.wants_raw() {
                sink.raw_begins(&mut At::Offset { locator: &mut self.locator, chunk, offset: behind });
            }
        } else {
            sink.end(self.partial.element);
        }
    }

    /// Tells of raw text all but what may be the end tag.
    fn tell_raw(&mut self, raw: RawText, read: &[u8], sink: &mut impl Sink) {
        if raw.is_over() {
            return self.held.clear();
        }
        let pending = raw.pending();
        if self.held.is_empty() && read.len() >= pending {
            let (text, end) = read.split_at(read.len() - pending);
            sink.raw(text);
            self.held.extend_from_slice(end);
            return;
        }
        self.held.extend_from_slice(read);
        let text = self.held.len().saturating_sub(pending);
        sink.raw(&self.held[..text]);
        self.held.drain(..text);
    }

    /// HTML sections 13.2.5.43 to 13.2.5.52.
    fn comment(&mut self, comment: Comment, chunk: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        let next = match (comment, chunk[at]) {
            (Comment::Start | Comment::StartDash | Comment::DashDash | Comment::DashDashBang, b'>') => {
                sink.comment(&self.comment);
                return self.go(State::Markup, at);
            }
            (Comment::Start, b'-') => Comment::StartDash,
            (Comment::StartDash | Comment::Dash | Comment::DashDash, b'-') => Comment::DashDash,
            (Comment::Body | Comment::DashDashBang, b'-') => Comment::Dash,
            (Comment::DashDash, b'!') => Comment::DashDashBang,
            _ => {
                self.state = State::Comment(Comment::Body);
                let end = memchr::memchr(b'-', &chunk[at..]).map_or(chunk.len(), |dash| at + dash);
                self.note_comment(&chunk[at..end]);
                return end;
            }
        };
        self.note_comment(&chunk[at..=at]);
        self.go(State::Comment(next), at)
    }

    fn note_comment(&mut self, text: &[u8]) {
        let room = COMMENT - self.comment.len();
        self.comment.extend_from_slice(&text[..text.len().min(room)]);
    }

    /// HTML sections 13.2.5.69 to 13.2.5.71.
    fn cdata(&mut self, brackets: usize, chunk: &[u8], at: usize, sink: &mut impl Sink) -> usize {
        match (brackets, chunk[at]) {
            (2, b'>') => {
                sink.interrupt();
                self.go(State::Markup, at)
            }
            (2, b']') => {
                literal(sink, b"]");
                at + 1
            }
            (_, b']') => self.go(State::Cdata(brackets + 1), at),
            _ => {
                let text = &chunk[at..];
                let end = memchr::memchr(b']', text).unwrap_or(text.len());
                literal(sink, &b"]]"[..brackets]);
                literal(sink, &text[..end]);
                self.state = State::Cdata(0);
                at + end
            }
        }
    }
}

fn literal(sink: &mut impl Sink, text: &[u8]) {
    if !text.is_empty() && sink.wants_text() {
        sink.text(Text::Literal(text));
    }
}

/// The key of the tag's name that begins here, and where the name ends; `None` if that is not in this chunk.
#[inline]
fn tag_name(chunk: &[u8], start: usize) -> Option<(Key, usize)> {
    let mut key = Key::default();
    let mut at = start;
    loop {
        let lower = TAG_NAME[usize::from(*chunk.get(at)?)];
        if lower == 0 {
            return Some((key, at));
        }
        key = key.with(lower);
        at += 1;
    }
}

/// Reads what stands between a tag's name and its end (HTML sections 13.2.5.32 to 13.2.5.40). Gives the offset
/// behind the tag and whether it closes itself; `None` if it does not end in this chunk.
#[inline]
fn attributes(chunk: &[u8], mut at: usize, wanted: Attributes, values: &mut Values) -> Option<(usize, bool)> {
    let mut slash = usize::MAX;
    loop {
        let byte = *chunk.get(at)?;
        match byte {
            b' ' | b'\n' | b'\t' | b'\r' | b'\x0c' => {
                at += 1;
                continue;
            }
            b'>' => return Some((at + 1, slash == at.wrapping_sub(1))),
            b'/' => {
                slash = at;
                at += 1;
                continue;
            }
            _ => {}
        }
        let start = at;
        // An equals sign here is part of the name, and its 0 of no name that is known.
        let mut key = Key::default().with(ATTRIBUTE_NAME[usize::from(byte)]);
        at += 1;
        let end = loop {
            let byte = *chunk.get(at)?;
            let lower = ATTRIBUTE_NAME[usize::from(byte)];
            if lower == 0 {
                break byte;
            }
            key = key.with(lower);
            at += 1;
        };
        let name = &chunk[start..at];
        if end != b'=' {
            at = skip_space(chunk, at)?;
        }
        let mut span = Span { start: at, end: at, quote: b' ' };
        if chunk[at] == b'=' {
            at = skip_space(chunk, at + 1)?;
            (span, at) = value(chunk, at)?;
        }
        if let Some(attribute) = Attribute::find(key, name)
            && wanted.has(attribute)
        {
            values.note(attribute, span);
        }
    }
}

#[inline]
fn skip_space(chunk: &[u8], mut at: usize) -> Option<usize> {
    while matches!(chunk.get(at)?, b' ' | b'\n' | b'\t' | b'\r' | b'\x0c') {
        at += 1;
    }
    Some(at)
}

/// The value that begins here, and what follows it.
#[inline]
fn value(chunk: &[u8], at: usize) -> Option<(Span, usize)> {
    match chunk[at] {
        b'"' => quoted::<b'"'>(chunk, at + 1),
        b'\'' => quoted::<b'\''>(chunk, at + 1),
        _ => {
            let is_end = |byte: &u8| matches!(byte, b'>' | b' ' | b'\n' | b'\t' | b'\r' | b'\x0c');
            let end = at + chunk[at..].iter().position(is_end)?;
            Some((Span { start: at, end, quote: b' ' }, end))
        }
    }
}

#[inline]
fn quoted<const QUOTE: u8>(chunk: &[u8], start: usize) -> Option<(Span, usize)> {
    let end = start + find::<QUOTE>(&chunk[start..])?;
    Some((Span { start, end, quote: QUOTE }, end + 1))
}

/// The first such byte. Markup is dense: most are so near that a call of memchr takes longer.
#[inline]
fn find<const BYTE: u8>(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    let mut words = text.chunks_exact(8);
    for start in [0, 8] {
        let Some(word) = words.next().and_then(|word| word.try_into().ok()) else { break };
        // The highest bit of each byte that is nought; only those above the first may be wrong.
        let differs = u64::from_le_bytes(word) ^ (ONES * BYTE as u64);
        let found = differs.wrapping_sub(ONES) & !differs & (ONES << 7);
        if found != 0 {
            return Some(start + (found.trailing_zeros() / 8) as usize);
        }
    }
    memchr::memchr(BYTE, text)
}
