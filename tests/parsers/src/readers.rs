//! The parsers, each taking the same facts from a page: the URLs of six common attributes, and the ids.
//!
//! The digest does more than the others here: places of all kinds, lines and columns, texts, resolved URLs. They are
//! asked for no more than the values, as a program that has only a parser would begin.

use crate::pages::{self, ADDRESS, TYPE};
use crawlspace::Need;
use crawlspace::digest::document;
use html5ever::tendril::{StrTendril, TendrilSink};
use html5ever::tokenizer::{
    BufferQueue, TagKind, TagToken, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use html5gum::{Span, Tokenizer as Gum};
use lol_html::{HtmlRewriter, Settings, element};
use markup5ever_rcdom::{Handle, NodeData, RcDom};
use std::cell::Cell;
use std::convert::Infallible;
use std::hint::black_box;
use url::Url;

/// What was found.
#[derive(Clone, Copy, Debug, Default)]
pub struct Facts {
    pub links: usize,
    pub ids: usize,
}

/// A way to read a page.
pub struct Reader {
    /// Its name on the command line.
    pub key: &'static str,
    pub name: &'static str,
    pub read: fn(&[u8]) -> Facts,
}

/// All of them, the fastest first.
pub const READERS: &[Reader] = &[
    Reader { key: "digest", name: "crawlspace: digest (all it does)", read: digest },
    Reader { key: "ids", name: "crawlspace: digest, ids alone", read: digest_ids },
    Reader { key: "document", name: "crawlspace: document (in full text)", read: full },
    Reader { key: "lol_html", name: "lol_html (values alone)", read: lol },
    Reader { key: "html5gum", name: "html5gum, callbacks (values alone)", read: gum },
    Reader { key: "tokenizer", name: "html5ever, its tokenizer (values alone)", read: tokenizer },
    Reader { key: "tree", name: "html5ever, a tree (values alone)", read: tree },
];

const CHUNK: usize = 16 * 1024;

/// Counts an attribute's value, if it is one that the others are asked for.
fn note(facts: &mut Facts, name: &[u8], value: &[u8]) {
    match name {
        b"href" | b"src" | b"srcset" | b"action" | b"poster" | b"cite" => {
            black_box(value);
            facts.links += 1;
        }
        b"id" => {
            black_box(value);
            facts.ids += 1;
        }
        _ => {}
    }
}

fn digest(page: &[u8]) -> Facts {
    digest_for(page, Need::Links)
}

fn digest_ids(page: &[u8]) -> Facts {
    digest_for(page, Need::Ids)
}

fn digest_for(page: &[u8], need: Need) -> Facts {
    let digest = black_box(pages::digest(page, need, CHUNK));
    Facts { links: digest.links.len(), ids: digest.ids.len() }
}

fn full(page: &[u8]) -> Facts {
    let document = black_box(document(&Url::parse(ADDRESS).expect("a URL"), Some(TYPE), page));
    Facts { links: document.links.len(), ids: document.ids.len() }
}

fn lol(page: &[u8]) -> Facts {
    let facts = Cell::new(Facts::default());
    let handler = element!(
        "[href], [src], [srcset], [action], [poster], [cite], [id]",
        |element: &mut lol_html::html_content::Element<'_, '_>| {
            let mut found = facts.get();
            for attribute in element.attributes() {
                note(&mut found, attribute.name().as_bytes(), attribute.value().as_bytes());
            }
            facts.set(found);
            Ok(())
        }
    );
    let settings = Settings { element_content_handlers: vec![handler], ..Settings::new() };
    let mut rewriter = HtmlRewriter::new(settings, |_: &[u8]| {});
    for chunk in page.chunks(CHUNK) {
        rewriter.write(chunk).expect("within the memory that it may take");
    }
    rewriter.end().expect("the end");
    facts.get()
}

fn gum(page: &[u8]) -> Facts {
    let mut facts = Facts::default();
    let mut name = Vec::new();
    let take = |event: CallbackEvent<'_>, _: Span<()>| -> Option<Infallible> {
        match event {
            CallbackEvent::AttributeName { name: new } => {
                name.clear();
                name.extend_from_slice(new);
            }
            CallbackEvent::AttributeValue { value } => note(&mut facts, &name, value),
            _ => {}
        }
        None
    };
    let mut emitter = CallbackEmitter::new(take);
    emitter.naively_switch_states(true);
    for token in Gum::new_with_emitter(page, emitter) {
        match token {
            Ok(none) => match none {},
            Err(none) => match none {},
        }
    }
    facts
}

fn tokenizer(page: &[u8]) -> Facts {
    struct Sink(Cell<Facts>);
    impl TokenSink for Sink {
        type Handle = ();

        fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
            if let TagToken(tag) = token
                && tag.kind == TagKind::StartTag
            {
                let mut facts = self.0.get();
                for attribute in &tag.attrs {
                    note(&mut facts, attribute.name.local.as_bytes(), attribute.value.as_bytes());
                }
                self.0.set(facts);
                if &*tag.name == "script" {
                    return TokenSinkResult::RawData(html5ever::tokenizer::states::RawKind::ScriptData);
                }
            }
            TokenSinkResult::Continue
        }
    }
    let tokenizer = Tokenizer::new(Sink(Cell::default()), TokenizerOpts::default());
    let queue = BufferQueue::default();
    queue.push_back(StrTendril::from_slice(&String::from_utf8_lossy(page)));
    let _ = tokenizer.feed(&queue);
    tokenizer.end();
    tokenizer.sink.0.get()
}

fn tree(page: &[u8]) -> Facts {
    let dom =
        html5ever::parse_document(RcDom::default(), html5ever::ParseOpts::default()).from_utf8().one(page);
    let mut facts = Facts::default();
    let mut open: Vec<Handle> = vec![dom.document.clone()];
    while let Some(node) = open.pop() {
        if let NodeData::Element { attrs, .. } = &node.data {
            for attribute in attrs.borrow().iter() {
                note(&mut facts, attribute.name.local.as_bytes(), attribute.value.as_bytes());
            }
        }
        open.extend(node.children.borrow().iter().cloned());
    }
    facts
}
