//! Lines and columns, counted once over the text and only up to where they are asked for.

/// A place in the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// Counted from 1.
    pub(super) line: u32,
    /// In characters, counted from 1.
    pub(super) column: u32,
}

/// Follows the text chunk by chunk. Each byte is counted once, however many positions are asked for.
#[derive(Debug)]
pub(super) struct Locator {
    at: Position,
    /// How much of the current chunk is counted.
    counted: usize,
    /// Whether the last byte that was counted is a CR, whose line feed is no second line.
    after_cr: bool,
    /// Whether the current chunk holds a CR; without one, line feeds are found many at a time.
    has_cr: bool,
}

impl Locator {
    pub(super) const fn new() -> Self {
        Self { at: Position { line: 1, column: 1 }, counted: 0, after_cr: false, has_cr: false }
    }

    pub(super) fn begin(&mut self, chunk: &[u8]) {
        self.counted = 0;
        self.has_cr = memchr::memchr(b'\r', chunk).is_some();
    }

    pub(super) fn end(&mut self, chunk: &[u8]) {
        self.position(chunk, chunk.len());
    }

    /// The position of the byte at this offset of the current chunk; offsets never go back.
    pub(super) fn position(&mut self, chunk: &[u8], offset: usize) -> Position {
        let text = chunk.get(self.counted..offset).unwrap_or_default();
        self.counted = self.counted.max(offset);
        if text.is_empty() {
            return self.at;
        }
        if self.has_cr || self.after_cr {
            self.count_slowly(text);
            return self.at;
        }
        let lines = line_feeds(text);
        let mut last_line = text;
        if lines > 0 {
            self.at.line = self.at.line.saturating_add(saturate(lines));
            self.at.column = 1;
            last_line = memchr::memrchr(b'\n', text).map_or(text, |end| &text[end + 1..]);
        }
        self.at.column = self.at.column.saturating_add(saturate(characters(last_line)));
        self.at
    }

    fn count_slowly(&mut self, text: &[u8]) {
        for &byte in text {
            match byte {
                b'\n' if self.after_cr => {}
                b'\n' | b'\r' => {
                    self.at.line = self.at.line.saturating_add(1);
                    self.at.column = 1;
                }
                _ => self.at.column = self.at.column.saturating_add(u32::from(begins_character(byte))),
            }
            self.after_cr = byte == b'\r';
        }
    }
}

/// Every byte of UTF-8 but a continuation begins a character.
const fn begins_character(byte: u8) -> bool {
    byte & 0xc0 != 0x80
}

fn characters(text: &[u8]) -> usize {
    if text.is_ascii() { text.len() } else { text.iter().filter(|&&byte| begins_character(byte)).count() }
}

/// Counts in bytes as long as these cannot overflow, which compiles to a few instructions for 16 bytes of text.
fn line_feeds(text: &[u8]) -> usize {
    let count = |part: &[u8]| part.iter().fold(0_u8, |count, byte| count + u8::from(*byte == b'\n'));
    text.chunks(128).map(|part| usize::from(count(part))).sum()
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
