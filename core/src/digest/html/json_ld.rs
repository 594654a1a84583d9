//! The URLs in a page's JSON-LD: what stands under the names that schema.org has for URLs.

use super::super::position::{Locator, Position};

/// A script of JSON-LD as far as it has come. Reads any text; what is no JSON has no URLs, or wrong ones.
#[derive(Debug)]
pub(super) struct JsonLd {
    locator: Locator,
    state: State,
    /// What has come of the current string.
    value: Vec<u8>,
    /// Where it began.
    at: Position,
    /// The objects and arrays that are open.
    open: Vec<Frame>,
    /// Whether the next string is a name.
    is_name: bool,
    /// Whether values are URLs, by the name they have.
    is_url: bool,
}

#[derive(Clone, Copy, Debug)]
struct Frame {
    is_object: bool,
    was_url: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Between,
    String,
    /// Behind a backslash.
    Escape,
    /// Behind that many digits of a `\u` escape with this value.
    Digits(u8, u16),
}

/// The longest part of a string that is kept, in bytes.
const LONGEST: usize = 8 * 1024;

/// Names whose values are addresses of something. `@id` is not among them: it names, and often leads nowhere.
const NAMES: [&str; 16] = [
    "codeRepository",
    "contentUrl",
    "discussionUrl",
    "downloadUrl",
    "embedUrl",
    "hasMap",
    "image",
    "installUrl",
    "license",
    "logo",
    "mainEntityOfPage",
    "photo",
    "sameAs",
    "thumbnail",
    "thumbnailUrl",
    "url",
];

impl JsonLd {
    pub(super) fn new(start: Position) -> Self {
        Self {
            locator: Locator::starting_at(start),
            state: State::Between,
            value: Vec::new(),
            at: start,
            open: Vec::new(),
            is_name: false,
            is_url: false,
        }
    }

    /// Reads the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8], found: &mut dyn FnMut(&str, Position)) {
        self.locator.begin(chunk);
        for (at, &byte) in chunk.iter().enumerate() {
            match self.state {
                State::Between => self.between(byte, chunk, at),
                State::String => match byte {
                    b'"' => self.string_ends(found),
                    b'\\' => self.state = State::Escape,
                    _ => self.keep(&[byte]),
                },
                State::Escape => {
                    self.state = State::String;
                    match byte {
                        b'u' => self.state = State::Digits(0, 0),
                        b'b' | b'f' | b'n' | b'r' | b't' => self.keep(b" "),
                        _ => self.keep(&[byte]),
                    }
                }
                State::Digits(count, value) => {
                    let digit = char::from(byte).to_digit(16).unwrap_or_default();
                    let value = value << 4 | digit as u16;
                    self.state = if count < 3 { State::Digits(count + 1, value) } else { State::String };
                    if count == 3 {
                        // Half of a pair stands for a character that no URL is written with.
                        let character = char::from_u32(value.into()).unwrap_or('\u{fffd}');
                        self.keep(character.encode_utf8(&mut [0; 4]).as_bytes());
                    }
                }
            }
        }
        self.locator.end(chunk);
    }

    fn between(&mut self, byte: u8, chunk: &[u8], at: usize) {
        match byte {
            b'"' => {
                self.value.clear();
                self.state = State::String;
                if self.is_url && !self.is_name {
                    self.at = self.locator.position(chunk, at);
                }
            }
            b'{' | b'[' => {
                let is_object = byte == b'{';
                self.open.push(Frame { is_object, was_url: self.is_url });
                self.is_name = is_object;
            }
            b'}' | b']' => {
                if let Some(frame) = self.open.pop() {
                    self.is_url = frame.was_url;
                }
                self.is_name = false;
            }
            b',' => self.is_name = self.open.last().is_some_and(|frame| frame.is_object),
            _ => {}
        }
    }

    fn string_ends(&mut self, found: &mut dyn FnMut(&str, Position)) {
        self.state = State::Between;
        if core::mem::take(&mut self.is_name) {
            self.is_url = NAMES.iter().any(|name| name.as_bytes() == self.value);
        } else if self.is_url
            && let Ok(url) = core::str::from_utf8(&self.value)
            && is_address(url)
        {
            found(url, self.at);
        }
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = LONGEST.saturating_sub(self.value.len());
        self.value.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// Whether a value is meant as an address, and not as a name or a template of one.
fn is_address(value: &str) -> bool {
    let starts = ["http://", "https://", "/", "./", "../"]
        .iter()
        .any(|start| value.get(..start.len()).is_some_and(|found| found.eq_ignore_ascii_case(start)));
    starts && !value.contains(['{', ' '])
}
