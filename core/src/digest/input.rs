//! A document's bytes, decoded as they come once its encoding is known.

use super::charset;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

/// How the encoding of a kind of document is told from its first bytes, and from what the transport says.
pub(super) type Choose = fn(&[u8], Option<&'static Encoding>) -> &'static Encoding;

/// A document as far as it has come.
pub(super) struct Input {
    choose: Choose,
    state: State,
}

enum State {
    /// Not enough has come to tell the encoding.
    Start { prefix: Vec<u8>, transport: Option<&'static Encoding> },
    /// It is read as it is.
    Utf8,
    /// It is decoded, a part at a time.
    Other { decoder: Box<Decoder>, text: String },
}

impl core::fmt::Debug for Input {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.encoding().name())
    }
}

/// Bytes of decoded text that are held at a time.
const DECODED: usize = 8 * 1024;

impl Input {
    /// `transport` is the encoding that the `Content-Type` field gives.
    pub(super) fn new(choose: Choose, transport: Option<&'static Encoding>) -> Self {
        Self { choose, state: State::Start { prefix: Vec::new(), transport } }
    }

    /// Decodes the next chunk, of any size, into none or more.
    #[inline]
    pub(super) fn push(&mut self, chunk: &[u8], mut take: impl FnMut(&[u8])) {
        let State::Start { prefix, transport } = &mut self.state else {
            self.read(chunk, false, &mut take);
            return;
        };
        if prefix.is_empty() && is_enough(chunk, transport.is_some()) {
            self.begin(chunk, &mut take);
            return;
        }
        prefix.extend_from_slice(chunk);
        if is_enough(prefix, transport.is_some()) {
            let prefix = core::mem::take(prefix);
            self.begin(&prefix, &mut take);
        }
    }

    /// Decodes what is left at the end.
    pub(super) fn finish(&mut self, mut take: impl FnMut(&[u8])) {
        if let State::Start { prefix, .. } = &mut self.state {
            let prefix = core::mem::take(prefix);
            self.begin(&prefix, &mut take);
        }
        self.read(&[], true, &mut take);
    }

    /// The document's encoding, once that is known.
    pub(super) fn encoding(&self) -> &'static Encoding {
        match &self.state {
            State::Other { decoder, .. } => decoder.encoding(),
            State::Start { .. } | State::Utf8 => UTF_8,
        }
    }

    fn begin(&mut self, prefix: &[u8], take: &mut impl FnMut(&[u8])) {
        let State::Start { transport, .. } = self.state else { return };
        let encoding = (self.choose)(prefix, transport);
        if encoding == UTF_8 {
            self.state = State::Utf8;
            self.read(prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix), false, take);
        } else {
            let decoder = Box::new(encoding.new_decoder_with_bom_removal());
            self.state = State::Other { decoder, text: String::with_capacity(DECODED) };
            self.read(prefix, false, take);
        }
    }

    fn read(&mut self, mut bytes: &[u8], is_last: bool, take: &mut impl FnMut(&[u8])) {
        let State::Other { decoder, text } = &mut self.state else {
            take(bytes);
            return;
        };
        loop {
            text.clear();
            let (result, read, _) = decoder.decode_to_string(bytes, text, is_last);
            take(text.as_bytes());
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
