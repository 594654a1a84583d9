//! Pieces of HTML in a document of another kind.

use super::super::position::Position;
use super::collect::{Collector, Keep};
use super::label::folded;
use super::scanner::{Scanner, Syntax};
use super::tag::{Sink, Text};

/// Pieces of HTML as far as they have come, and what stands between them.
#[derive(Debug)]
pub(in super::super) struct Fragments<K> {
    scanner: Scanner,
    collector: Collector<K>,
    text_chars: u32,
}

impl<K: Keep> Fragments<K> {
    /// `text_chars` is how much of a link's text is kept.
    pub(in super::super) fn new(keep: K, text_chars: u32) -> Self {
        let collector = Collector::new(keep, text_chars, false);
        Self { scanner: Scanner::new(Syntax::Html), collector, text_chars }
    }

    /// Reads a piece of HTML that begins at this place.
    pub(in super::super) fn html(&mut self, html: &str, start: Position) {
        self.scanner.seek(start);
        self.scanner.push(html.as_bytes(), &mut self.collector);
    }

    /// Text stands between two pieces.
    pub(in super::super) fn text(&mut self, text: &str) {
        if self.collector.wants_text() {
            self.collector.text(Text::Decoded(text));
        }
    }

    /// What is kept, to add to it.
    pub(in super::super) fn keep(&mut self) -> &mut K {
        &mut self.collector.keep
    }

    /// Whether links are left out here.
    pub(in super::super) fn ignores(&self) -> bool {
        self.collector.ignores()
    }

    /// A text with white space folded, cut to the limit.
    pub(in super::super) fn folded(&self, text: &str) -> String {
        folded(text, self.text_chars)
    }

    /// The document has ended.
    pub(in super::super) fn finish(mut self) -> K {
        self.scanner.finish(&mut self.collector);
        self.collector.finish()
    }
}
