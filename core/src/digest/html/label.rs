//! The text of a link, as a reader sees it.

use super::decode;
use super::tag::Text;

/// Collects the text of one element at a time, white space folded, up to a limit.
#[derive(Debug)]
pub(super) struct Label {
    /// How many characters are kept.
    limit: usize,
    state: State,
    /// What has come since the last markup and may end in half a reference.
    piece: Vec<u8>,
    /// Whether an ampersand in the piece is one.
    literal: bool,
    text: String,
    characters: usize,
    space: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Closed,
    Open,
    Full,
}

/// The longest way to write a character of which there is need to know, and some white space.
const BYTES_PER_CHARACTER: usize = 40;

impl Label {
    pub(super) fn new(limit: u32) -> Self {
        Self {
            limit: usize::try_from(limit).unwrap_or(usize::MAX),
            state: State::Closed,
            piece: Vec::new(),
            literal: false,
            text: String::new(),
            characters: 0,
            space: false,
        }
    }

    pub(super) fn open(&mut self) {
        self.text.clear();
        self.characters = 0;
        self.space = false;
        self.state = if self.limit == 0 { State::Full } else { State::Open };
    }

    /// Closes it and gives the text, if it was open.
    pub(super) fn close(&mut self) -> Option<&str> {
        self.interrupt();
        let was_open = self.state != State::Closed;
        self.state = State::Closed;
        was_open.then_some(&*self.text)
    }

    #[inline]
    pub(super) fn is_open(&self) -> bool {
        self.state == State::Open
    }

    /// Whether there is more text than is kept.
    pub(super) fn is_full(&self) -> bool {
        self.state == State::Full
    }

    pub(super) fn push(&mut self, text: Text<'_>) {
        let (mut raw, literal) = match text {
            Text::Decoded(text) => return self.fold(text),
            Text::Raw(raw) => (raw, false),
            Text::Literal(raw) => (raw, true),
        };
        if self.piece.is_empty() {
            let trimmed = raw.trim_ascii_start();
            self.space |= trimmed.len() < raw.len();
            raw = trimmed;
            self.literal = literal;
        }
        let most = self.limit.saturating_mul(BYTES_PER_CHARACTER).saturating_add(64);
        let room = most.saturating_sub(self.piece.len());
        self.piece.extend_from_slice(&raw[..raw.len().min(room)]);
    }

    /// Markup has come: what is open of a reference stays open.
    #[inline]
    pub(super) fn interrupt(&mut self) {
        if !self.piece.is_empty() {
            self.flush();
        }
    }

    fn flush(&mut self) {
        let mut piece = core::mem::take(&mut self.piece);
        if self.state == State::Open && !self.take_plain(&piece) {
            let text = if self.literal { String::from_utf8_lossy(&piece) } else { decode::text(&piece) };
            self.fold(&text);
        }
        piece.clear();
        self.piece = piece;
    }

    /// Takes a text as most are: the first, short, with nothing to fold and no reference.
    #[inline]
    fn take_plain(&mut self, text: &[u8]) -> bool {
        if !self.text.is_empty() || text.len() > self.limit || !is_plain(text) {
            return false;
        }
        let Ok(text) = core::str::from_utf8(text) else { return false };
        self.text.push_str(text);
        self.characters = text.len();
        self.space = false;
        true
    }

    fn fold(&mut self, text: &str) {
        if self.take_plain(text.as_bytes()) {
            return;
        }
        for character in text.chars() {
            match character {
                '\0' => {}
                _ if character.is_whitespace() => self.space = true,
                _ if self.characters >= self.limit => {
                    self.state = State::Full;
                    return;
                }
                _ => {
                    if core::mem::take(&mut self.space) && !self.text.is_empty() {
                        self.text.push(' ');
                        self.characters += 1;
                        if self.characters >= self.limit {
                            self.state = State::Full;
                            return;
                        }
                    }
                    self.text.push(character);
                    self.characters += 1;
                }
            }
        }
    }
}

/// Whether decoding and folding change nothing, and bytes are characters: single spaces between what is visible in
/// ASCII, no ampersand.
fn is_plain(text: &[u8]) -> bool {
    let mut before = b' ';
    for &byte in text {
        if !(byte.is_ascii_graphic() && byte != b'&' || byte == b' ' && before != b' ') {
            return false;
        }
        before = byte;
    }
    before != b' '
}

/// A text with white space folded and cut to a limit, as [`Label`] does it.
pub(super) fn folded(text: &str, limit: u32) -> String {
    let mut label = Label::new(limit);
    label.open();
    label.fold(text);
    label.text.truncate(label.text.trim_end().len());
    label.text
}
