//! HTML and XHTML, from bytes to links and ids, in a stream.
//!
//! [`scanner`] finds the tags, [`collect`] knows what they mean, [`scopes`] where they stand. The scanner is proven
//! equal to html5ever's tokenizer, by [`reference`].

mod collect;
mod decode;
mod embedded;
#[cfg(feature = "markdown")]
mod fragments;
mod frames;
mod json_ld;
mod label;
mod names;
mod partial;
mod rawtext;
pub(super) mod reference;
mod rows;
mod scanner;
mod scopes;
mod tag;
mod text;
mod xml;

pub(super) use collect::{Found, Keep, Mark};
#[cfg(feature = "markdown")]
pub(super) use fragments::Fragments;

use super::charset;
use super::input::{Choose, Input};
use collect::Collector;
use encoding_rs::Encoding;
use scanner::{Scanner, Syntax};
use text::Reading;

/// A document as far as it has come.
#[derive(Debug)]
pub(super) struct Html<K> {
    input: Input,
    scanner: Scanner,
    collector: Collector<K>,
    /// Where the text is asked for.
    text: Option<Box<Reading>>,
}

impl<K: Keep> Html<K> {
    /// `transport` is the encoding that the `Content-Type` field gives; `text_chars` how much of a link's text is
    /// kept.
    pub(super) fn new(is_xml: bool, transport: Option<&'static Encoding>, keep: K, text_chars: u32) -> Self {
        let (syntax, choose): (_, Choose) =
            if is_xml { (Syntax::Xml, charset::of_xml) } else { (Syntax::Html, charset::of_html) };
        Self {
            text: keep.wants_prose().then(|| Box::new(Reading::new(syntax))),
            input: Input::new(choose, transport),
            scanner: Scanner::new(syntax),
            collector: Collector::new(keep, text_chars, is_xml),
        }
    }

    /// Reads the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let Self { input, scanner, collector, text: reading } = self;
        input.push(chunk, |text| {
            scanner.push(text, collector);
            if let Some(reading) = reading {
                reading.push(text);
            }
        });
    }

    /// What was kept, and the document's encoding.
    pub(super) fn finish(mut self) -> (K, &'static Encoding) {
        let Self { input, scanner, collector, text: reading } = &mut self;
        input.finish(|text| {
            scanner.push(text, collector);
            if let Some(reading) = reading {
                reading.push(text);
            }
        });
        scanner.finish(collector);
        if let Some(reading) = self.text {
            self.collector.keep.prose(reading.finish());
        }
        (self.collector.finish(), self.input.encoding())
    }
}
