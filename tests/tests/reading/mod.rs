//! Reads pages in the plainest way there is, to judge by.

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::states::RawKind::{Rawtext, Rcdata, ScriptData};
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// The links and fragment targets of one page.
#[derive(Default)]
pub(crate) struct Page {
    pub(crate) base: Option<String>,
    pub(crate) links: Vec<(String, String)>,
    pub(crate) ids: BTreeSet<String>,
}

#[derive(Default)]
struct Reader(RefCell<Page>);

impl TokenSink for Reader {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else { return TokenSinkResult::Continue };
        if tag.kind == TagKind::EndTag {
            return TokenSinkResult::Continue;
        }
        self.0.borrow_mut().take(&tag);
        match &*tag.name {
            "script" => TokenSinkResult::RawData(ScriptData),
            "style" | "iframe" => TokenSinkResult::RawData(Rawtext),
            "title" | "textarea" => TokenSinkResult::RawData(Rcdata),
            _ => TokenSinkResult::Continue,
        }
    }
}

impl Page {
    pub(crate) fn read(html: &[u8]) -> Self {
        let input = BufferQueue::default();
        input.push_back(StrTendril::from_slice(core::str::from_utf8(html).unwrap()));
        let tokenizer = Tokenizer::new(Reader::default(), TokenizerOpts::default());
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink.0.into_inner()
    }

    fn take(&mut self, tag: &Tag) {
        let element = &*tag.name;
        for attribute in &tag.attrs {
            let value = attribute.value.to_string();
            match (element, &*attribute.name.local) {
                ("base", "href") => {
                    self.base.get_or_insert(value);
                }
                ("img" | "source", "srcset") => {
                    for candidate in value.split(", ") {
                        let url = candidate.split_whitespace().next().unwrap().to_owned();
                        self.links.push((format!("{element}[srcset]"), url));
                    }
                }
                ("a" | "area" | "link", "href")
                | ("img" | "script" | "iframe" | "source" | "video" | "audio" | "track", "src")
                | ("video", "poster")
                | ("form", "action") => {
                    self.links.push((format!("{element}[{}]", attribute.name.local), value));
                }
                ("meta", "content") if is_refresh(tag) => {
                    let (_, url) = value.split_once('=').unwrap();
                    self.links.push(("meta[content]".to_owned(), url.trim_matches('\'').to_owned()));
                }
                (_, "id") | ("a", "name") => {
                    self.ids.insert(value);
                }
                _ => {}
            }
        }
    }
}

fn is_refresh(tag: &Tag) -> bool {
    let equiv = tag.attrs.iter().find(|attribute| &*attribute.name.local == "http-equiv");
    equiv.is_some_and(|attribute| attribute.value.eq_ignore_ascii_case("refresh"))
}
