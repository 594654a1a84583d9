//! Finding the tags and the text of XML, in a stream, and going on after any error.
//!
//! Each byte is looked at once, or twice where markup turns out to be none. The grammar is that of XML 1.0 with these
//! mistakes let pass: a `<` that begins no markup is text; a tag ends where the next one begins; the XML declaration
//! ends at any `>`.

use super::tree::Tree;
use crate::digest::position::{Locator, Position};

/// Reads chunks, and tells a [`Tree`] what is in them.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    /// Whether a document type's own declarations are being read.
    in_subset: bool,
    /// What has come of a tag behind its `<`, up to [`LONGEST`]; or of what may yet be a tag.
    tag: Vec<u8>,
    /// Where the `<` is.
    at: Position,
    locator: Locator,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Text,
    /// Behind a `<`.
    Open,
    /// In a tag: whether an attribute's value may begin, or the mark that ends it (0 for none).
    Tag {
        after_equals: bool,
        quote: u8,
    },
    /// `<!-- … -->`, and how many dashes came last.
    Comment {
        dashes: u8,
    },
    /// `<![CDATA[ … ]]>`, and how many brackets came last.
    Data {
        brackets: u8,
    },
    /// `<? … ?>`, and whether a question mark came last.
    Instruction {
        asked: bool,
    },
    /// `<!DOCTYPE …`.
    Doctype {
        quote: u8,
    },
    /// The part of a document type between brackets.
    Subset,
    /// `<! … >` in there.
    Declaration {
        quote: u8,
    },
    /// Behind its bracket.
    DoctypeEnd,
}

/// Bytes of a tag that are kept; the rest of a longer one is not read.
const LONGEST: usize = 16 * 1024;

const DATA: &[u8] = b"![CDATA[";

impl Scanner {
    /// A scanner of the text that begins where the locator stands.
    pub(super) fn new(locator: Locator) -> Self {
        let at = Position { line: 1, column: 1 };
        Self { state: State::Text, in_subset: false, tag: Vec::new(), at, locator }
    }

    pub(super) fn push(&mut self, chunk: &[u8], tree: &mut Tree) {
        self.locator.begin(chunk);
        let mut at = 0;
        while at < chunk.len() {
            at = self.step(chunk, at, tree);
        }
        self.locator.end(chunk);
    }

    /// Whether the text has ended in a tag.
    pub(super) const fn is_in_tag(&self) -> bool {
        matches!(self.state, State::Open | State::Tag { .. })
    }

    /// Reads on from here, and says how far it came; if no further, then to another state.
    fn step(&mut self, chunk: &[u8], at: usize, tree: &mut Tree) -> usize {
        let rest = &chunk[at..];
        match self.state {
            State::Text => {
                let length = memchr::memchr(b'<', rest).unwrap_or(rest.len());
                tree.text(&rest[..length], false);
                if length == rest.len() {
                    return chunk.len();
                }
                self.open(chunk, at + length);
                at + length + 1
            }
            State::Open => at + self.opened(rest[0], tree),
            State::Tag { after_equals, quote } => at + self.in_tag(rest, after_equals, quote, tree),
            State::Comment { dashes } => at + self.in_comment(rest, dashes),
            State::Data { brackets } => at + self.in_data(rest, brackets, tree),
            State::Instruction { asked } => at + self.in_instruction(rest, asked),
            State::Doctype { quote } => {
                let (length, byte, quote) = to_mark(rest, quote, b'[');
                self.state = match byte {
                    b'>' => State::Text,
                    b'[' => {
                        self.in_subset = true;
                        State::Subset
                    }
                    _ => State::Doctype { quote },
                };
                at + length
            }
            State::Subset => {
                let length = memchr::memchr2(b'<', b']', rest).unwrap_or(rest.len());
                match rest.get(length) {
                    Some(b'<') => self.open(chunk, at + length),
                    Some(_) => {
                        self.in_subset = false;
                        self.state = State::DoctypeEnd;
                    }
                    None => return chunk.len(),
                }
                at + length + 1
            }
            State::Declaration { quote } => {
                let (length, byte, quote) = to_mark(rest, quote, b'>');
                self.state = if byte == b'>' { State::Subset } else { State::Declaration { quote } };
                at + length
            }
            State::DoctypeEnd => match memchr::memchr(b'>', rest) {
                Some(length) => {
                    self.state = State::Text;
                    at + length + 1
                }
                None => chunk.len(),
            },
        }
    }

    fn open(&mut self, chunk: &[u8], at: usize) {
        self.at = self.locator.position(chunk, at);
        self.tag.clear();
        self.state = State::Open;
    }

    /// Back to what surrounds comments and instructions.
    fn outside(&self) -> State {
        if self.in_subset { State::Subset } else { State::Text }
    }

    /// The next byte behind a `<`: how many were taken.
    fn opened(&mut self, byte: u8, tree: &mut Tree) -> usize {
        match (self.tag.first(), byte) {
            (None, b'!') => {}
            (None, b'?') => self.state = State::Instruction { asked: false },
            (None, byte) if byte == b'/' || is_name_start(byte) => {
                // A document type whose bracket is missing ends where the document begins.
                self.in_subset = false;
                self.state = State::Tag { after_equals: false, quote: 0 };
            }
            (None, _) => {
                self.state = self.outside();
                if !self.in_subset {
                    tree.text(b"<", false);
                }
                return 0;
            }
            (Some(_), b'-') if self.tag == b"!-" => self.state = State::Comment { dashes: 0 },
            (Some(_), b'-') if self.tag == b"!" => {}
            (Some(_), byte) if DATA.get(self.tag.len()) == Some(&byte) => {
                if self.tag.len() + 1 == DATA.len() {
                    self.state = if self.in_subset { State::Subset } else { State::Data { brackets: 0 } };
                }
            }
            (Some(_), _) => {
                self.state = if self.in_subset {
                    State::Declaration { quote: 0 }
                } else {
                    tree.doctype();
                    State::Doctype { quote: 0 }
                };
                return 0;
            }
        }
        self.tag.push(byte);
        1
    }

    fn in_tag(&mut self, rest: &[u8], mut after_equals: bool, mut quote: u8, tree: &mut Tree) -> usize {
        for (length, &byte) in rest.iter().enumerate() {
            match byte {
                // No value holds one, so the tag was not ended.
                b'<' => {
                    self.keep(&rest[..length]);
                    self.end_tag(tree);
                    return length;
                }
                b'>' if quote == 0 => {
                    self.keep(&rest[..length]);
                    self.end_tag(tree);
                    return length + 1;
                }
                _ if quote != 0 => {
                    if byte == quote {
                        quote = 0;
                    }
                }
                b'"' | b'\'' if after_equals => (after_equals, quote) = (false, byte),
                b'=' => after_equals = true,
                byte => after_equals &= byte.is_ascii_whitespace(),
            }
        }
        self.keep(rest);
        self.state = State::Tag { after_equals, quote };
        rest.len()
    }

    fn keep(&mut self, part: &[u8]) {
        let room = LONGEST.saturating_sub(self.tag.len());
        self.tag.extend_from_slice(&part[..part.len().min(room)]);
    }

    fn end_tag(&mut self, tree: &mut Tree) {
        self.state = State::Text;
        match self.tag.strip_prefix(b"/") {
            Some(name) => tree.end(name.trim_ascii()),
            None => tree.start(&self.tag, (self.at.line, self.at.column)),
        }
    }

    fn in_comment(&mut self, rest: &[u8], dashes: u8) -> usize {
        let skipped = if dashes == 0 { memchr::memchr(b'-', rest).unwrap_or(rest.len()) } else { 0 };
        let Some(&byte) = rest.get(skipped) else { return rest.len() };
        self.state = match byte {
            b'-' => State::Comment { dashes: (dashes + 1).min(2) },
            b'>' if dashes == 2 => self.outside(),
            _ => State::Comment { dashes: 0 },
        };
        skipped + 1
    }

    fn in_data(&mut self, rest: &[u8], brackets: u8, tree: &mut Tree) -> usize {
        if brackets == 0 {
            let length = memchr::memchr(b']', rest).unwrap_or(rest.len());
            tree.text(&rest[..length], true);
            if length < rest.len() {
                self.state = State::Data { brackets: 1 };
                return length + 1;
            }
            return length;
        }
        match rest[0] {
            b']' if brackets == 1 => self.state = State::Data { brackets: 2 },
            b']' => tree.text(b"]", true),
            b'>' if brackets == 2 => self.state = State::Text,
            _ => {
                tree.text(&b"]]"[..usize::from(brackets)], true);
                self.state = State::Data { brackets: 0 };
                return 0;
            }
        }
        1
    }

    fn in_instruction(&mut self, rest: &[u8], asked: bool) -> usize {
        const DECLARATION: &[u8] = b"?xml";
        let byte = rest[0];
        if self.tag.len() <= DECLARATION.len() {
            self.tag.push(byte);
        }
        let is_declaration =
            self.tag.strip_prefix(DECLARATION).is_some_and(|rest| rest.first().is_some_and(|b| *b <= b' '));
        self.state = match byte {
            b'>' if asked || is_declaration => self.outside(),
            byte => State::Instruction { asked: byte == b'?' },
        };
        1
    }
}

/// How far it is to the byte behind a `>` or the other mark, whichever comes first outside of quotation marks; which
/// it was (0 for neither), and the quotation mark that is open then.
fn to_mark(rest: &[u8], mut quote: u8, mark: u8) -> (usize, u8, u8) {
    for (length, &byte) in rest.iter().enumerate() {
        if quote != 0 {
            if byte == quote {
                quote = 0;
            }
        } else if byte == b'>' || byte == mark {
            return (length + 1, byte, 0);
        } else if matches!(byte, b'"' | b'\'') {
            quote = byte;
        }
    }
    (rest.len(), 0, quote)
}

/// XML 1.0 section 2.3, "NameStartChar", as far as a byte of UTF-8 tells.
const fn is_name_start(byte: u8) -> bool {
    byte.is_ascii_alphabetic() || matches!(byte, b'_' | b':' | 0x80..)
}
