//! Text in which a tag is no tag: up to its element's end tag, and in scripts with two kinds of escape.

use super::names::Element;

/// The inside of an element whose text is not markup (HTML sections 13.2.5.2 to 13.2.5.4 and 13.2.5.9 to 13.2.5.31).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RawText {
    element: Element,
    step: Step,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Text,
    /// Behind `<`.
    Open,
    /// Behind `</` and that many bytes of the element's name; whether escaped.
    EndName(u8, bool),
    /// Behind `<!` of a script.
    Bang,
    /// Behind `<!-` of a script.
    BangDash,
    /// Behind `<!--` of a script, and behind that many dashes (2 for more).
    Escaped(u8),
    EscapedOpen,
    /// Behind `<` and letters that may be those of `script`, which would make it doubly escaped.
    Doubling(u8),
    /// Behind `<script` in an escaped script.
    Double(u8),
    DoubleOpen,
    /// Behind `</` in a doubly escaped script, and letters that may be those of `script`.
    Undoubling(u8),
    /// Behind the name of the end tag.
    Over,
}

/// So many bytes of `script` have matched; this one is no count.
const MISMATCH: u8 = u8::MAX;
const SCRIPT: &[u8] = b"script";

impl RawText {
    pub(super) const fn of(element: Element) -> Self {
        Self { element, step: Step::Text }
    }

    pub(super) const fn script() -> Self {
        Self::of(Element::Script)
    }

    pub(super) const fn element(self) -> Element {
        self.element
    }

    /// Whether the name of the end tag has been read; what follows is the rest of a tag.
    pub(super) fn is_over(self) -> bool {
        self.step == Step::Over
    }

    /// How many of the last bytes may be those of the end tag, and not text.
    pub(super) fn pending(self) -> usize {
        match self.step {
            Step::Open | Step::EscapedOpen => 1,
            Step::EndName(matched, _) => 2 + usize::from(matched),
            _ => 0,
        }
    }

    /// Reads on. Gives the offset of the next byte to read, which may be the same one.
    pub(super) fn feed(&mut self, chunk: &[u8], at: usize) -> usize {
        let is_script = self.element == Element::Script;
        let byte = chunk[at];
        self.step = match (self.step, byte) {
            (Step::Text, _) => {
                let Some(found) = memchr::memchr(b'<', &chunk[at..]) else { return chunk.len() };
                self.step = Step::Open;
                return at + found + 1;
            }
            (Step::Open, b'/') => Step::EndName(0, false),
            (Step::Open, b'!') if is_script => Step::Bang,
            (Step::Bang, b'-') => Step::BangDash,
            (Step::BangDash, b'-') => Step::Escaped(2),
            (Step::Open | Step::Bang | Step::BangDash, _) => return self.again(Step::Text, at),
            (Step::EndName(matched, escaped), _) => {
                let name = self.element.name().as_bytes();
                match name.get(usize::from(matched)) {
                    Some(next) if byte.eq_ignore_ascii_case(next) => Step::EndName(matched + 1, escaped),
                    None if ends_name(byte) => return self.again(Step::Over, at),
                    _ => return self.again(if escaped { Step::Escaped(0) } else { Step::Text }, at),
                }
            }
            (Step::Escaped(_), b'<') => Step::EscapedOpen,
            (Step::Double(_), b'<') => Step::DoubleOpen,
            (Step::Escaped(dashes), b'-') => Step::Escaped((dashes + 1).min(2)),
            (Step::Double(dashes), b'-') => Step::Double((dashes + 1).min(2)),
            (Step::Escaped(2) | Step::Double(2), b'>') => Step::Text,
            (Step::Escaped(_) | Step::Double(_), _) => {
                self.step =
                    if matches!(self.step, Step::Escaped(_)) { Step::Escaped(0) } else { Step::Double(0) };
                return memchr::memchr2(b'-', b'<', &chunk[at..]).map_or(chunk.len(), |found| at + found);
            }
            (Step::EscapedOpen, b'/') => Step::EndName(0, true),
            (Step::EscapedOpen, _) if byte.is_ascii_alphabetic() => return self.again(Step::Doubling(0), at),
            (Step::EscapedOpen, _) => return self.again(Step::Escaped(0), at),
            (Step::DoubleOpen, b'/') => Step::Undoubling(0),
            (Step::DoubleOpen, _) => return self.again(Step::Double(0), at),
            (Step::Doubling(matched), _) => match letter_of_script(matched, byte) {
                Some(matched) => Step::Doubling(matched),
                None if !ends_name(byte) => return self.again(Step::Escaped(0), at),
                None if usize::from(matched) == SCRIPT.len() => Step::Double(0),
                None => Step::Escaped(0),
            },
            (Step::Undoubling(matched), _) => match letter_of_script(matched, byte) {
                Some(matched) => Step::Undoubling(matched),
                None if !ends_name(byte) => return self.again(Step::Double(0), at),
                None if usize::from(matched) == SCRIPT.len() => Step::Escaped(0),
                None => Step::Double(0),
            },
            (Step::Over, _) => return at,
        };
        at + 1
    }

    fn again(&mut self, step: Step, at: usize) -> usize {
        self.step = step;
        at
    }
}

/// One more letter: how many of `script` have matched with it; `None` if it is no letter.
fn letter_of_script(matched: u8, byte: u8) -> Option<u8> {
    byte.is_ascii_alphabetic().then(|| match SCRIPT.get(usize::from(matched)) {
        Some(next) if byte.eq_ignore_ascii_case(next) => matched + 1,
        _ => MISMATCH,
    })
}

const fn ends_name(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'/' | b'>')
}
