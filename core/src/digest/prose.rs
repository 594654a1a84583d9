//! A document's text as text fragments search it.

use crate::codec::{Corrupt, Decode, Encode};
use icu_normalizer::DecomposingNormalizerBorrowed;

/// The text of a document, folded: white space is one space, letters are small and without accents, one line for each
/// block.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Prose {
    lines: String,
    whole: bool,
}

/// The longest text that is kept of a document, in bytes.
const LONGEST: usize = 512 * 1024;

impl Prose {
    pub(super) fn new() -> Self {
        Self { lines: String::new(), whole: true }
    }

    /// Adds a block, of which white space is folded already. Says whether there may be more.
    pub(super) fn push(&mut self, block: &str) -> bool {
        let start = self.lines.len();
        fold(block, &mut self.lines);
        self.lines.push('\n');
        if self.lines.len() > LONGEST {
            self.lines.truncate(start);
            self.whole = false;
        }
        self.whole
    }

    /// Notes that there is more text than this.
    pub(super) fn lacks(&mut self) {
        self.whole = false;
    }

    /// One line for each block.
    #[must_use]
    pub fn lines(&self) -> &str {
        &self.lines
    }

    /// Whether this is all: what is not found here is not there.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

/// Folds what is compared alike: letters by their base (Unicode Technical Standard 10, primary level, as near as
/// compatibility decomposition comes to that), quotation marks by their kind.
pub(crate) fn fold(text: &str, out: &mut String) {
    if text.is_ascii() {
        out.extend(text.chars().map(|letter| letter.to_ascii_lowercase()));
        return;
    }
    let letters = DecomposingNormalizerBorrowed::new_nfkd().normalize_iter(text.chars());
    out.extend(letters.flat_map(char::to_lowercase).filter_map(|letter| {
        Some(match letter {
            '\u{2018}'..='\u{201b}' | '\u{2039}' | '\u{203a}' => '\'',
            '\u{201c}'..='\u{201f}' | '\u{ab}' | '\u{bb}' => '"',
            'ς' => 'σ',
            'ı' => 'i',
            letter if is_mark(letter) => return None,
            letter if letter.is_whitespace() => ' ',
            letter => letter,
        })
    }));
}

/// Accents and points, and what is not seen at all.
const fn is_mark(letter: char) -> bool {
    matches!(
        letter,
        '\u{300}'..='\u{36f}' | '\u{483}'..='\u{489}' | '\u{591}'..='\u{5bd}' | '\u{610}'..='\u{61a}'
        | '\u{64b}'..='\u{65f}' | '\u{670}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{3099}' | '\u{309a}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}'
        | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
    )
}

impl Encode for Prose {
    fn encode(&self, out: &mut Vec<u8>) {
        self.whole.encode(out);
        self.lines.encode(out);
    }
}

impl Decode for Prose {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let (whole, lines) = (bool::decode(input)?, String::decode(input)?);
        if lines.len() > LONGEST { Err(Corrupt) } else { Ok(Self { lines, whole }) }
    }
}
