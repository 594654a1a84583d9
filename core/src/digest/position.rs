//! Lines and columns, counted once over the text and only up to where they are asked for.

/// A place in a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// Counted from 1.
    pub(crate) line: u32,
    /// In characters, counted from 1.
    pub(crate) column: u32,
}

/// Follows the text chunk by chunk. Each byte is counted once, however many positions are asked for.
#[derive(Debug)]
pub(crate) struct Locator {
    at: Position,
    /// How much of the current chunk is counted.
    counted: usize,
    /// Whether the last byte that was counted is a CR, whose line feed is no second line.
    after_cr: bool,
    /// Whether the current chunk holds a CR; without one, line feeds are found many at a time.
    has_cr: bool,
    characters: Characters,
}

impl Locator {
    pub(crate) const fn new() -> Self {
        Self {
            at: Position { line: 1, column: 1 },
            counted: 0,
            after_cr: false,
            has_cr: false,
            characters: Characters::NONE,
        }
    }

    /// For a text that begins at this place of another.
    pub(crate) const fn starting_at(at: Position) -> Self {
        Self { at, ..Self::new() }
    }

    pub(crate) fn begin(&mut self, chunk: &[u8]) {
        self.counted = 0;
        self.has_cr = memchr::memchr(b'\r', chunk).is_some();
    }

    pub(crate) fn end(&mut self, chunk: &[u8]) {
        self.position(chunk, chunk.len());
    }

    /// The position of the byte at this offset of the current chunk; offsets never go back.
    pub(crate) fn position(&mut self, chunk: &[u8], offset: usize) -> Position {
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
            self.characters = Characters::NONE;
        }
        self.at.column = self.at.column.saturating_add(saturate(self.characters.count(last_line)));
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
                _ => {}
            }
            let begins = self.characters.begins(byte);
            if !matches!(byte, b'\n' | b'\r') {
                self.at.column = self.at.column.saturating_add(u32::from(begins));
            }
            self.after_cr = byte == b'\r';
        }
    }
}

/// Counts characters; of what is no UTF-8, those that it is replaced by (Encoding section 8.1.1, "UTF-8 decoder").
#[derive(Clone, Copy, Debug)]
struct Characters {
    /// How many bytes of the character are to come, and the least and greatest that the next one may be.
    left: u8,
    next: (u8, u8),
}

impl Characters {
    const NONE: Self = Self { left: 0, next: (0x80, 0xbf) };

    fn count(&mut self, text: &[u8]) -> usize {
        if text.is_ascii() {
            if !text.is_empty() {
                *self = Self::NONE;
            }
            return text.len();
        }
        if self.left == 0 && core::str::from_utf8(text).is_ok() {
            return text.iter().filter(|&&byte| byte & 0xc0 != 0x80).count();
        }
        text.iter().filter(|byte| self.begins(**byte)).count()
    }

    /// Whether a character begins with this byte.
    fn begins(&mut self, byte: u8) -> bool {
        let (least, greatest) = self.next;
        if self.left > 0 && (least..=greatest).contains(&byte) {
            *self = Self { left: self.left - 1, ..Self::NONE };
            return false;
        }
        let (left, next) = match byte {
            0xc2..=0xdf => (1, Self::NONE.next),
            0xe0 => (2, (0xa0, 0xbf)),
            0xed => (2, (0x80, 0x9f)),
            0xe1..=0xef => (2, Self::NONE.next),
            0xf0 => (3, (0x90, 0xbf)),
            0xf1..=0xf3 => (3, Self::NONE.next),
            0xf4 => (3, (0x80, 0x8f)),
            _ => (0, Self::NONE.next),
        };
        *self = Self { left, next };
        true
    }
}

/// Counts in bytes as long as these cannot overflow, which compiles to a few instructions for 16 bytes of text.
fn line_feeds(text: &[u8]) -> usize {
    let count = |part: &[u8]| part.iter().fold(0_u8, |count, byte| count + u8::from(*byte == b'\n'));
    text.chunks(224).map(|part| usize::from(count(part))).sum()
}

fn saturate(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
