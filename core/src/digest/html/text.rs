//! What a reader sees of a document, block by block.
//!
//! A second look at the document, for those who ask for it: nobody else pays. Style sheets are not looked at, so that
//! text is taken to be shown, and elements to be blocks, as they are without any (HTML section 15.3).

use super::super::prose::Prose;
use super::collect::content;
use super::label::Label;
use super::names::Element;
use super::scanner::{Scanner, Syntax};
use super::scopes::{Namespace, Scopes};
use super::tag::{At, Content, Sink, Tag, Text};

/// The text of a document as far as it has come.
#[derive(Debug)]
pub(super) struct Reading {
    scanner: Scanner,
    reader: Reader,
}

#[derive(Debug)]
struct Reader {
    /// The element of XML that is open and whose text HTML would not take for markup, or show.
    hidden: Option<Element>,
    scopes: Scopes,
    /// The text of the block that is open.
    block: Label,
    prose: Prose,
    /// Whether more text would be kept.
    has_room: bool,
}

/// Characters of a block that are kept.
const LONGEST_BLOCK: u32 = 64 * 1024;

impl Reading {
    pub(super) fn new(syntax: Syntax) -> Self {
        let mut block = Label::new(LONGEST_BLOCK);
        block.open();
        let reader =
            Reader { hidden: None, scopes: Scopes::default(), block, prose: Prose::new(), has_room: true };
        Self { scanner: Scanner::new(syntax), reader }
    }

    /// Reads the next chunk, of any size.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.scanner.push(chunk, &mut self.reader);
    }

    /// The text, once the document has ended.
    pub(super) fn finish(mut self) -> Prose {
        self.scanner.finish(&mut self.reader);
        self.reader.end_block();
        self.reader.prose
    }
}

impl Reader {
    fn end_block(&mut self) {
        if let Some(text) = self.block.close()
            && !text.is_empty()
        {
            self.has_room &= self.prose.push(text);
        }
        self.block.open();
    }

    fn begin(&mut self, element: Element) {
        // What reads in two directions, or is no markup, or stands in other documents, is not searched well.
        if matches!(element, Element::Ruby | Element::Xmp | Element::Plaintext | Element::Frameset) {
            self.prose.lacks();
        }
        self.pass(element);
    }

    fn pass(&mut self, element: Element) {
        if is_block(element) {
            self.end_block();
        } else if matches!(element, Element::Br | Element::Td | Element::Th | Element::Tr) {
            self.block.push(Text::Decoded(" "));
        }
    }
}

impl Sink for Reader {
    fn start(&mut self, tag: &Tag<'_>, _at: &mut At<'_>) -> Content {
        let borders = matches!(tag.element, Element::Svg | Element::Math | Element::Template);
        let is_plain = self.scopes.is_plain() && !borders;
        let namespace = if is_plain { Namespace::Html } else { self.scopes.start(tag) };
        if namespace != Namespace::Html {
            return Content::Markup;
        }
        self.scopes.note(tag.element);
        self.begin(tag.element);
        content(tag.element)
    }

    fn start_named(&mut self, tag: &Tag<'_>, namespace: Namespace, _at: &mut At<'_>) {
        if namespace != Namespace::Html {
            return;
        }
        self.begin(tag.element);
        if tag.element == Element::Template {
            self.scopes.enter_template();
        }
        if self.hidden.is_none() && content(tag.element) != Content::Markup {
            self.hidden = Some(tag.element);
        }
        if tag.self_closing {
            self.end(tag.element);
        }
    }

    fn end(&mut self, element: Element) {
        if !self.scopes.is_plain() {
            self.scopes.end(element);
        }
        if self.hidden == Some(element) {
            self.hidden = None;
        }
        self.pass(element);
    }

    fn wants_ends(&self) -> bool {
        true
    }

    fn text(&mut self, text: Text<'_>) {
        self.block.push(text);
    }

    fn wants_text(&self) -> bool {
        self.has_room && self.hidden.is_none() && !self.scopes.in_template()
    }

    fn raw(&mut self, _text: &[u8]) {}

    fn wants_raw(&self) -> bool {
        false
    }

    fn raw_begins(&mut self, _at: &mut At<'_>) {}

    fn comment(&mut self, _text: &[u8]) {}

    fn interrupt(&mut self) {
        self.block.interrupt();
        if self.block.is_full() {
            self.prose.lacks();
        }
    }

    fn allows_cdata(&self) -> bool {
        self.scopes.is_foreign()
    }
}

/// Whether an element is a block where no style sheet says otherwise (HTML section 15.3.3 ff). What stands in a table's
/// cells is of one block with its row (URL Fragment Text Directives section 3.5.3).
const fn is_block(element: Element) -> bool {
    use Element as El;
    matches!(
        element,
        El::Address
            | El::Article
            | El::Aside
            | El::Blockquote
            | El::Body
            | El::Caption
            | El::Center
            | El::Dd
            | El::Details
            | El::Dialog
            | El::Div
            | El::Dl
            | El::Dt
            | El::Fieldset
            | El::Figcaption
            | El::Figure
            | El::Footer
            | El::Form
            | El::H1
            | El::H2
            | El::H3
            | El::H4
            | El::H5
            | El::H6
            | El::Header
            | El::Hgroup
            | El::Hr
            | El::Html
            | El::Legend
            | El::Li
            | El::Listing
            | El::Main
            | El::Menu
            | El::Nav
            | El::Ol
            | El::P
            | El::Pre
            | El::Search
            | El::Section
            | El::Summary
            | El::Table
            | El::Ul
    )
}
