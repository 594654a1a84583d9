//! The links that were told last, and which is expected behind which.

use crate::codec::Corrupt;
use crate::digest::{Links, Row};

/// Links that are remembered, a power of two, so that a number takes two bytes.
pub(super) const LINKS: usize = 1 << 13;

/// Bytes of their strings.
const TEXT: usize = 1 << 19;

/// Bytes of the longest strings of one link that are remembered: what strangers send must not fill the window.
pub(super) const LONGEST: usize = 1 << 10;

/// One link of the window.
#[derive(Clone, Copy, Debug)]
pub(super) struct Seen {
    /// Its line is the number of lines from the link before, and its start that of its strings in the window.
    pub(super) row: Row,
    /// Bytes of its strings, which stand one behind another: path, fragment, text, spelling.
    pub(super) size: u32,
    /// The link that is expected behind it.
    pub(super) next: u16,
}

impl Seen {
    const NONE: Self = Self { row: Row::EMPTY, size: 0, next: 0 };

    pub(super) fn move_to(&mut self, step: u32, column: u32) {
        (self.row.line, self.row.column) = (step, column);
    }
}

/// The links that were told last.
#[derive(Debug)]
pub(super) struct Window {
    links: Vec<Seen>,
    text: Vec<u8>,
    /// The place of the next new link, and of its strings.
    end: (u16, u32),
    /// The link that a document is expected to begin with.
    first: u16,
}

impl Default for Window {
    fn default() -> Self {
        let links = vec![Seen::NONE; LINKS];
        Self { links, text: vec![0; TEXT], end: (0, 0), first: 0 }
    }
}

/// How far one has come in a document.
pub(super) struct Led {
    pub(super) expected: u16,
    /// The link of the window that was met last.
    last: Option<u16>,
    pub(super) line: u32,
}

impl Led {
    /// The link that was expected has come.
    pub(super) fn go_on(&mut self, next: u16) {
        self.last = Some(self.expected);
        self.expected = next;
    }

    /// Puts a link behind those that have come.
    pub(super) fn append(&mut self, links: &mut Links, row: &Row, strings: &[u8]) -> Result<(), Corrupt> {
        self.line = self.line.wrapping_add(row.line);
        let strings = core::str::from_utf8(strings).map_err(|_| Corrupt)?;
        links.push_packed(Row { line: self.line, ..*row }, strings).ok_or(Corrupt)
    }
}

impl Window {
    pub(super) fn begin(&self) -> Led {
        Led { expected: self.first, last: None, line: 0 }
    }

    /// It is not the link that was expected which comes, but this one: so it is from now on.
    pub(super) fn lead(&mut self, led: &mut Led, to: u16) {
        led.expected = to;
        match led.last {
            Some(last) => self.get_mut(last).next = to,
            None => self.first = to,
        }
    }

    #[inline]
    pub(super) fn get(&self, number: u16) -> &Seen {
        &self.links[usize::from(number) % LINKS]
    }

    #[inline]
    pub(super) fn get_mut(&mut self, number: u16) -> &mut Seen {
        &mut self.links[usize::from(number) % LINKS]
    }

    /// The strings of a link. Others may have taken their place, for who reads as for who writes.
    #[inline]
    pub(super) fn strings(&self, seen: &Seen) -> &[u8] {
        self.text
            .get(seen.row.start as usize..)
            .and_then(|text| text.get(..seen.size as usize))
            .unwrap_or_default()
    }

    /// The strings behind the path of the link that is expected.
    pub(super) fn expected_strings(&self, led: &Led) -> [&[u8]; 3] {
        let expected = self.get(led.expected);
        let strings = self.strings(expected);
        pieces(strings.get(expected.row.path as usize..).unwrap_or_default(), &expected.row)
    }

    /// A link has come that the window does not hold. If it has a text or the like in common with the one that was
    /// expected, it stands in that one's place, and otherwise before it. If it is to be remembered, it takes the place of
    /// the oldest.
    pub(super) fn take_in(
        &mut self,
        led: &mut Led,
        mut row: Row,
        strings: &[u8],
        in_common: [bool; 3],
        remember: bool,
    ) -> Option<u16> {
        if in_common != [false; 3] {
            led.go_on(self.get(led.expected).next);
        }
        if !remember {
            return None;
        }
        let (number, text_end) = self.end;
        let start = if text_end as usize + strings.len() > TEXT { 0 } else { text_end };
        self.text.get_mut(start as usize..start as usize + strings.len())?.copy_from_slice(strings);
        // There are few enough of them for 16 bits, and of their bytes for 32.
        let (next, size) = ((number + 1) % LINKS as u16, strings.len() as u32);
        self.end = (next, start + size);
        row.start = start;
        *self.get_mut(number) = Seen { row, size, next };
        Some(number)
    }
}

/// The strings of a link behind its path: fragment, text and spelling.
pub(super) fn pieces<'a>(mut strings: &'a [u8], row: &Row) -> [&'a [u8]; 3] {
    row.lengths().map(|length| {
        let size = length.saturating_sub(1) as usize;
        let (piece, behind) = strings.split_at_checked(size).unwrap_or((strings, &[]));
        strings = behind;
        piece
    })
}
