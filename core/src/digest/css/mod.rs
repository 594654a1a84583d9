//! Style sheets, from text to the URLs in them, in a stream (CSS Syntax 3, CSS Values 4 section 4.5).
//!
//! [`tokens`] cuts the text, [`sheet`] knows which URLs are ever asked for.

mod file;
#[cfg(test)]
mod reference;
mod sheet;
mod tokens;

pub(super) use file::CssFile;

use super::position::{Locator, Position};
use sheet::Sheet;
use tokens::Tokens;

/// A URL of a style sheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct CssUrl<'a> {
    /// As written, escapes decoded.
    pub(super) url: &'a str,
    /// Whether it is an `@import`'s: another style sheet.
    pub(super) is_import: bool,
    /// Where the function or string begins.
    pub(super) at: Position,
}

/// A style sheet, or a style attribute's declarations, as far as they have come.
#[derive(Debug)]
pub(super) struct Css {
    tokens: Tokens,
    sheet: Sheet,
}

impl Css {
    /// A style sheet that begins at this place.
    pub(super) fn sheet(start: Position) -> Self {
        Self { tokens: Tokens::counting(Locator::starting_at(start)), sheet: Sheet::new() }
    }

    /// A style sheet whose places are not known; all are said to be here.
    pub(super) fn sheet_at(place: Position) -> Self {
        Self { tokens: Tokens::at(place), sheet: Sheet::new() }
    }

    /// Declarations without a rule around them, in an attribute of an element that begins here.
    pub(super) fn declarations(place: Position) -> Self {
        Self { tokens: Tokens::at(place), sheet: Sheet::of_declarations() }
    }

    /// Reads the next chunk, of any size, in UTF-8 or what passes for it.
    pub(super) fn push(&mut self, chunk: &[u8], found: &mut dyn FnMut(CssUrl<'_>)) {
        let Self { tokens, sheet } = self;
        tokens.push(chunk, &mut |token, at| sheet.token(token, at, found));
    }

    /// The text has ended; so has what is open in it.
    pub(super) fn finish(&mut self, found: &mut dyn FnMut(CssUrl<'_>)) {
        let Self { tokens, sheet } = self;
        tokens.finish(&mut |token, at| sheet.token(token, at, found));
    }
}
