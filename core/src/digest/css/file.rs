//! A style sheet of its own, from bytes to links.

use super::super::charset;
use super::super::html::{Found, Keep};
use super::super::input::Input;
use super::super::place::Place;
use super::super::position::Position;
use super::{Css, CssUrl};
use encoding_rs::Encoding;

/// A style sheet as far as it has come.
#[derive(Debug)]
pub(in super::super) struct CssFile<K> {
    input: Input,
    css: Css,
    keep: K,
}

impl<K: Keep> CssFile<K> {
    /// `transport` is the encoding that the `Content-Type` field gives.
    pub(in super::super) fn new(transport: Option<&'static Encoding>, keep: K) -> Self {
        let start = Position { line: 1, column: 1 };
        Self { input: Input::new(charset::of_css, transport), css: Css::sheet(start), keep }
    }

    /// Reads the next chunk, of any size.
    pub(in super::super) fn push(&mut self, chunk: &[u8]) {
        let Self { input, css, keep } = self;
        if keep.wants_links() {
            input.push(chunk, |text| css.push(text, &mut |url| tell(url, keep)));
        }
    }

    /// What was kept, and the style sheet's encoding.
    pub(in super::super) fn finish(mut self) -> (K, &'static Encoding) {
        let Self { input, css, keep } = &mut self;
        input.finish(|text| css.push(text, &mut |url| tell(url, keep)));
        css.finish(&mut |url| tell(url, keep));
        (self.keep, self.input.encoding())
    }
}

fn tell(found: CssUrl<'_>, keep: &mut impl Keep) {
    keep.link(&Found {
        place: if found.is_import { Place::CSS_IMPORT } else { Place::CSS_URL },
        url: found.url,
        rel: None,
        text: "",
        labelled: false,
        line: found.at.line,
        column: found.at.column,
    });
}
