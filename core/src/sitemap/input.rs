//! From bytes to text in UTF-8, in a stream.

use crate::digest::charset;
use core::fmt;
use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8};

/// Text as far as its bytes have come.
pub(super) enum Input {
    /// Not enough has come to tell the encoding.
    Start { prefix: Vec<u8>, transport: Option<&'static Encoding> },
    /// It is read as it is.
    Utf8,
    /// It is decoded, a part at a time.
    Other(Box<Decoder>),
}

/// Bytes of decoded text that are held at a time.
const DECODED: usize = 8 * 1024;

impl Input {
    /// `transport` is the encoding that the `Content-Type` field gives.
    pub(super) fn new(transport: Option<&'static Encoding>) -> Self {
        Self::Start { prefix: Vec::new(), transport }
    }

    /// Takes the next bytes, and hands the text they stand for to `out`; of bytes that are no UTF-8, as they are.
    pub(super) fn push(&mut self, bytes: &[u8], is_last: bool, out: &mut dyn FnMut(&[u8])) {
        match self {
            Self::Start { prefix, .. } => {
                prefix.extend_from_slice(bytes);
                if is_last || prefix.len() >= charset::PRESCAN {
                    let prefix = core::mem::take(prefix);
                    self.begin(&prefix, is_last, out);
                }
            }
            Self::Utf8 => out(bytes),
            Self::Other(decoder) => decode(decoder, bytes, is_last, out),
        }
    }

    fn begin(&mut self, prefix: &[u8], is_last: bool, out: &mut dyn FnMut(&[u8])) {
        let Self::Start { transport, .. } = self else { return };
        // White space before the XML declaration is an error that must not hide what it says.
        let has_mark = charset::by_mark(prefix).is_some();
        let start = if has_mark { prefix } else { prefix.trim_ascii_start() };
        let encoding = charset::of_xml(start, *transport);
        if encoding == UTF_8 {
            *self = Self::Utf8;
            out(prefix.strip_prefix(b"\xef\xbb\xbf").unwrap_or(prefix));
        } else {
            let mut decoder = Box::new(encoding.new_decoder_with_bom_removal());
            decode(&mut decoder, prefix, is_last, out);
            *self = Self::Other(decoder);
        }
    }
}

fn decode(decoder: &mut Decoder, mut bytes: &[u8], is_last: bool, out: &mut dyn FnMut(&[u8])) {
    let mut text = String::with_capacity(DECODED);
    loop {
        text.clear();
        let (result, read, _) = decoder.decode_to_string(bytes, &mut text, is_last);
        out(text.as_bytes());
        bytes = &bytes[read..];
        if result == CoderResult::InputEmpty {
            return;
        }
    }
}

impl fmt::Debug for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Start { .. } => "Start",
            Self::Utf8 => "Utf8",
            Self::Other(decoder) => decoder.encoding().name(),
        })
    }
}
