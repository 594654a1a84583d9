//! The same, by html5ever's tokenizer, a character at a time: what the scanner must agree with.
//!
//! html5ever tells lines only, and those of a tag's end. A tag begins at the first `<` behind the last token that
//! came out before it, and characters come out one by one if they go in so.

use super::super::charset;
use super::super::position::Position;
use super::collect::{Collector, Keep};
use super::names::{Attribute, Element, Key};
use super::scanner::COMMENT;
use super::tag::{At, Content, Sink, Span, Tag, Text, Values};
use encoding_rs::Encoding;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind;
use html5ever::tokenizer::{
    self, BufferQueue, CharacterTokens, CommentToken, DoctypeToken, EOFToken, NullCharacterToken, ParseError,
    TagKind, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::cell::{Cell, RefCell};

/// Reads a whole document of HTML.
pub(in super::super) fn read<K: Keep>(
    body: &[u8],
    transport: Option<&'static Encoding>,
    keep: K,
    text_chars: u32,
) -> (K, &'static Encoding) {
    let encoding = charset::of_html(body, transport);
    let (text, _) = encoding.decode_with_bom_removal(body);
    let sink = Driver {
        collector: RefCell::new(Collector::new(keep, text_chars, false)),
        raw: Cell::new(false),
        raw_begins: Cell::new(false),
        open: Cell::new(None),
    };
    let options = TokenizerOpts { discard_bom: false, ..TokenizerOpts::default() };
    let tokenizer = Tokenizer::new(sink, options);
    let queue = BufferQueue::default();
    let mut position = Position { line: 1, column: 1 };
    let mut after_cr = false;
    let mut buffer = [0; 4];
    for (at, character) in text.char_indices() {
        queue.push_back(StrTendril::from_slice(character.encode_utf8(&mut buffer)));
        let _ = tokenizer.feed(&queue);
        // An end tag without a name is no token.
        if character == '>'
            && text[..at].ends_with("</")
            && tokenizer.sink.open.get().is_some_and(|open| open.1 + 2 == at)
        {
            tokenizer.sink.open.set(None);
        }
        if character == '<' && tokenizer.sink.open.get().is_none() {
            tokenizer.sink.open.set(Some((position, at)));
        }
        match character {
            '\n' if after_cr => {}
            '\n' | '\r' => position = Position { line: position.line + 1, column: 1 },
            _ => position.column += 1,
        }
        after_cr = character == '\r';
        if tokenizer.sink.raw_begins.take() {
            tokenizer.sink.collector.borrow_mut().raw_begins(&mut At::Known(position));
        }
    }
    tokenizer.end();
    (tokenizer.sink.collector.into_inner().finish(), encoding)
}

struct Driver<K> {
    collector: RefCell<Collector<K>>,
    /// Whether characters are those of an element whose text is not markup.
    raw: Cell<bool>,
    /// Whether they begin now, and are of use.
    raw_begins: Cell<bool>,
    /// Where the tag that comes next may have begun, and its offset.
    open: Cell<Option<(Position, usize)>>,
}

impl<K: Keep> TokenSink for Driver<K> {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let mut collector = self.collector.borrow_mut();
        let open = match token {
            ParseError(_) => return TokenSinkResult::Continue,
            _ => self.open.take(),
        };
        match token {
            TagToken(tag) => {
                self.raw.set(false);
                let element = Element::of(Key::of(tag.name.as_bytes()), tag.name.as_bytes());
                if tag.kind == TagKind::EndTag {
                    collector.end(element);
                    return TokenSinkResult::Continue;
                }
                let at = open.map_or(Position { line: 0, column: 0 }, |open| open.0);
                let content = start(&mut collector, element, &tag, at);
                self.raw.set(content != Content::Markup);
                self.raw_begins.set(content != Content::Markup && collector.wants_raw());
                return answer(content);
            }
            CharacterTokens(text) if !self.raw.get() && collector.wants_text() => {
                collector.text(Text::Decoded(&text));
            }
            CharacterTokens(text) if self.raw.get() && collector.wants_raw() => {
                collector.raw(text.as_bytes());
            }
            CommentToken(text) => collector.comment(&text.as_bytes()[..text.len().min(COMMENT)]),
            CharacterTokens(_) | NullCharacterToken | DoctypeToken(_) | EOFToken | ParseError(_) => {}
        }
        TokenSinkResult::Continue
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.collector.borrow().allows_cdata()
    }
}

fn start<K: Keep>(
    collector: &mut Collector<K>,
    element: Element,
    tag: &tokenizer::Tag,
    at: Position,
) -> Content {
    let mut values = Values::new();
    let mut source = Vec::new();
    for attribute in &tag.attrs {
        let name = attribute.name.local.as_bytes();
        let Some(known) = Attribute::find(Key::of(name), name) else { continue };
        if element.attributes().has(known) {
            let start = source.len();
            source.extend_from_slice(attribute.value.as_bytes());
            values.note(known, Span { start, end: source.len(), quote: b'"' });
        }
    }
    let tag =
        Tag { element, self_closing: tag.self_closing, values: &values, source: &source, decoded: true };
    collector.start(&tag, &mut At::Known(at))
}

/// The state that html5ever's tree builder would put the tokenizer in.
fn answer(content: Content) -> TokenSinkResult<()> {
    match content {
        Content::Markup => TokenSinkResult::Continue,
        Content::Script => TokenSinkResult::RawData(RawKind::ScriptData),
        Content::Plaintext => TokenSinkResult::Plaintext,
        Content::Text(Element::Title | Element::Textarea) => TokenSinkResult::RawData(RawKind::Rcdata),
        Content::Text(_) => TokenSinkResult::RawData(RawKind::Rawtext),
    }
}
