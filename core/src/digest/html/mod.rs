//! HTML and XHTML, from bytes to links and ids, in a stream.
//!
//! [`scanner`] finds the tags, [`collect`] knows what they mean, [`scopes`] where they stand. The scanner is proven
//! equal to html5ever's tokenizer, by [`reference`].

mod collect;
mod decode;
mod frames;
mod label;
mod names;
mod partial;
mod rawtext;
pub(super) mod reference;
mod scanner;
mod scopes;
mod sheet;
mod tag;

pub(super) use collect::{Found, Keep, Mark};

use super::charset;
use collect::Collector;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};
use scanner::{Scanner, Syntax};

/// A document as far as it has come.
#[derive(Debug)]
pub(super) struct Html<K> {
    input: Input,
    syntax: Syntax,
    scanner: Scanner,
    collector: Collector<K>,
}

enum Input {
    /// Not enough has come to tell the encoding.
    Start { prefix: Vec<u8>, transport: Option<&'static Encoding> },
    /// It is read as it is.
    Utf8,
    /// It is decoded, a part at a time.
    Other { decoder: Box<Decoder>, text: String },
}

impl core::fmt::Debug for Input {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(match self {
            Self::Start { .. } => "Start",
            Self::Utf8 => "Utf8",
            Self::Other { decoder, .. } => decoder.encoding().name(),
        })
    }
}

/// Bytes of decoded text that are held at a time.
const DECODED: usize = 8 * 1024;

impl<K: Keep> Html<K> {
    /// `transport` is the encoding that the `Content-Type` field gives; `text_chars` how much of a link's text is
    /// kept.
    pub(super) fn new(is_xml: bool, transport: Option<&'static Encoding>, keep: K, text_chars: u32) -> Self {
        let syntax = if is_xml { Syntax::Xml } else { Syntax::Html };
        Self {
            input: Input::Start { prefix: Vec::new(), transport },
            syntax,
            scanner: Scanner::new(syntax),
            collector: Collector::new(keep, text_chars, is_xml),
        }
    }

    /// Reads the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let Input::Start { prefix, transport } = &mut self.input else {
            self.read(chunk, false);
            return;
        };
        if prefix.is_empty() && is_enough(chunk, transport.is_some()) {
            self.begin(chunk);
            return;
        }
        prefix.extend_from_slice(chunk);
        if is_enough(prefix, transport.is_some()) {
            let prefix = core::mem::take(prefix);
            self.begin(&prefix);
        }
    }

    /// What was kept, and the document's encoding.
    pub(super) fn finish(mut self) -> (K, &'static Encoding) {
        if let Input::Start { prefix, .. } = &mut self.input {
            let prefix = core::mem::take(prefix);
            self.begin(&prefix);
        }
        self.read(&[], true);
        self.scanner.finish(&mut self.collector);
        let encoding = match &self.input {
            Input::Other { decoder, .. } => decoder.encoding(),
            Input::Start { .. } | Input::Utf8 => UTF_8,
        };
        (self.collector.finish(), encoding)
    }

    fn begin(&mut self, prefix: &[u8]) {
        let Input::Start { transport, .. } = self.input else { return };
        let encoding = match self.syntax {
            Syntax::Html => charset::of_html(prefix, transport),
            Syntax::Xml => charset::of_xml(prefix, transport),
        };
        if encoding == UTF_8 {
            self.input = Input::Utf8;
            self.read(prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix), false);
        } else {
            let decoder = Box::new(encoding.new_decoder_with_bom_removal());
            self.input = Input::Other { decoder, text: String::with_capacity(DECODED) };
            self.read(prefix, false);
        }
    }

    fn read(&mut self, mut bytes: &[u8], is_last: bool) {
        let Input::Other { decoder, text } = &mut self.input else {
            self.scanner.push(bytes, &mut self.collector);
            return;
        };
        loop {
            text.clear();
            let (result, read, _) = decoder.decode_to_string(bytes, text, is_last);
            self.scanner.push(text.as_bytes(), &mut self.collector);
            bytes = &bytes[read..];
            if result == CoderResult::InputEmpty {
                return;
            }
        }
    }
}

/// Whether the encoding can be told from these bytes, whatever follows.
fn is_enough(prefix: &[u8], is_known: bool) -> bool {
    prefix.len() >= charset::PRESCAN
        || prefix.len() >= charset::MARK && (is_known || charset::by_mark(prefix).is_some())
}
