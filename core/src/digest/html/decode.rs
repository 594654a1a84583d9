//! Character references, by html5ever; the few that nearly all pages keep to, here.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, CharacterTokens, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::borrow::Cow;
use std::cell::RefCell;

/// An attribute's value as the reader sees it, from what stands between its quotation marks (a space for none).
#[inline]
pub(super) fn value(raw: &[u8], quote: u8) -> Cow<'_, str> {
    if memchr::memchr3(b'&', b'\r', 0, raw).is_none() {
        return lossy(raw);
    }
    let text = String::from_utf8_lossy(raw);
    Cow::Owned(simple(&text, true).unwrap_or_else(|| attribute(&text, char::from(quote))))
}

/// Text as the reader sees it, from what stands between two tags.
pub(super) fn text(raw: &[u8]) -> Cow<'_, str> {
    if memchr::memchr3(b'&', b'\r', 0, raw).is_none() {
        return lossy(raw);
    }
    let text = String::from_utf8_lossy(raw);
    Cow::Owned(simple(&text, false).unwrap_or_else(|| characters(&text)))
}

/// UTF-8 as the Encoding standard decodes it; nearly always it is valid, which is found out faster so.
pub(super) fn lossy(raw: &[u8]) -> Cow<'_, str> {
    core::str::from_utf8(raw).map_or_else(|_| String::from_utf8_lossy(raw), Cow::Borrowed)
}

/// Decodes the references that cannot be read in two ways; `None` if there is another.
fn simple(text: &str, in_attribute: bool) -> Option<String> {
    const NAMED: [(&str, char); 8] = [
        ("amp;", '&'),
        ("quot;", '"'),
        ("lt;", '<'),
        ("gt;", '>'),
        ("#39;", '\''),
        ("#x27;", '\''),
        ("#34;", '"'),
        ("nbsp;", '\u{a0}'),
    ];
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr3(b'&', b'\r', 0, rest.as_bytes()) {
        out.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        rest = after;
        match rest_kind(text, rest) {
            b'\r' => {
                rest = after.strip_prefix('\n').unwrap_or(after);
                out.push('\n');
            }
            0 if in_attribute => out.push('\u{fffd}'),
            0 => {}
            _ => {
                let named = NAMED.iter().find_map(|(name, char)| Some((after.strip_prefix(name)?, *char)));
                if let Some((after, char)) = named {
                    out.push(char);
                    rest = after;
                } else if after
                    .as_bytes()
                    .first()
                    .is_some_and(|next| next.is_ascii_alphanumeric() || *next == b'#')
                {
                    return None;
                } else {
                    out.push('&');
                }
            }
        }
    }
    out.push_str(rest);
    Some(out)
}

/// The byte before `rest`, which is a tail of `text`.
fn rest_kind(text: &str, rest: &str) -> u8 {
    text.as_bytes()[text.len() - rest.len() - 1]
}

/// The value by html5ever, as that of the only attribute of a tag.
fn attribute(text: &str, quote: char) -> String {
    let quote = if quote == ' ' {
        ""
    } else if quote == '"' {
        "\""
    } else {
        "'"
    };
    let tag = ["<a b=", quote, text, quote, ">"].concat();
    tokenize(&tag, |token, out| {
        if let TagToken(tag) = token
            && let Some(attribute) = tag.attrs.first()
        {
            out.push_str(&attribute.value);
        }
    })
}

fn characters(text: &str) -> String {
    tokenize(text, |token, out| {
        if let CharacterTokens(text) = token {
            out.push_str(text);
        }
    })
}

fn tokenize(input: &str, take: fn(&Token, &mut String)) -> String {
    let sink = Taker { out: RefCell::new(String::with_capacity(input.len())), take };
    let tokenizer = Tokenizer::new(sink, TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() });
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(input));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.out.into_inner()
}

struct Taker {
    out: RefCell<String>,
    take: fn(&Token, &mut String),
}

impl TokenSink for Taker {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        (self.take)(&token, &mut self.out.borrow_mut());
        TokenSinkResult::Continue
    }
}
