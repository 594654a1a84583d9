//! Which of a style sheet's URLs are ever asked for (CSS Syntax section 5).
//!
//! All in declarations; of the preludes of rules, only what `@import` names, and only while imports may stand there.

use super::super::position::Position;
use super::CssUrl;
use super::tokens::{Block, Function, Token};

/// Follows the rules and blocks.
#[derive(Debug)]
pub(super) struct Sheet {
    /// The blocks and functions that are open.
    open: Vec<Frame>,
    prelude: Prelude,
    /// How many blocks are open around the prelude.
    depth: usize,
    /// Whether rules stand here, and not declarations.
    of_rules: bool,
    /// Whether another `@import` may come (CSS Cascade 5 section 2).
    may_import: bool,
    /// Where the function began whose text is to come.
    function: Position,
}

/// One of these for each opening bracket of a text that may be nothing else, so that they must be small.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Frame {
    Block(Block),
    /// `url(` or `src(`, with nothing behind it yet.
    Url,
    /// `image-set(`, whose texts are URLs too (CSS Images 4 section 2.4).
    ImageSet,
}

/// What stands before a rule's block.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prelude {
    /// Nothing: this is between rules, or among declarations.
    None,
    /// Selectors.
    Selectors,
    /// The URL of an import is next.
    Import,
    /// `@layer`, which may stand before imports if it has no block.
    Layer,
    /// Anything behind another at-keyword.
    At,
}

impl Sheet {
    pub(super) fn new() -> Self {
        Self {
            open: Vec::new(),
            prelude: Prelude::None,
            depth: 0,
            of_rules: true,
            may_import: true,
            function: Position { line: 1, column: 1 },
        }
    }

    pub(super) fn of_declarations() -> Self {
        Self { of_rules: false, may_import: false, ..Self::new() }
    }

    /// Takes the next token, which begins here.
    pub(super) fn token(&mut self, token: Token<'_>, at: Position, found: &mut dyn FnMut(CssUrl<'_>)) {
        if self.prelude == Prelude::None && self.open.is_empty() && self.of_rules {
            self.rule_begins(token);
        }
        let top = self.open.last().copied();
        if top == Some(Frame::Url) {
            // Only what comes first is a URL.
            self.replace_top(Frame::Block(Block::Round));
        }
        match token {
            Token::At(name) => self.at_rule(name),
            Token::Open(block) => self.begin(block),
            Token::Function(function) => {
                self.function = at;
                self.open.push(match function {
                    Function::Url => Frame::Url,
                    Function::ImageSet => Frame::ImageSet,
                    Function::Other => Frame::Block(Block::Round),
                });
            }
            Token::Close(block) => self.end(block),
            Token::Semicolon => {
                if self.is_at_rule() && self.open.len() == self.depth {
                    self.prelude = Prelude::None;
                }
            }
            Token::Url(url) => self.url(url, at, self.open.len(), found),
            Token::Text(text) => match top {
                Some(Frame::Url) => self.url(text, self.function, self.open.len() - 1, found),
                Some(Frame::ImageSet) => self.url(text, at, usize::MAX, found),
                _ if self.prelude == Prelude::Import => self.url(text, at, self.open.len(), found),
                _ => {}
            },
            Token::Other => self.import_passes(),
        }
    }

    /// Something comes where a rule begins.
    fn rule_begins(&mut self, token: Token<'_>) {
        match token {
            Token::At(_) => {}
            Token::Open(Block::Curly) => self.may_import = false,
            _ => {
                self.prelude = Prelude::Selectors;
                self.depth = 0;
            }
        }
    }

    fn at_rule(&mut self, name: &[u8]) {
        let in_block = matches!(self.open.last(), None | Some(Frame::Block(Block::Curly)));
        if self.prelude != Prelude::None || !in_block {
            return self.import_passes();
        }
        let is_top = self.open.is_empty();
        let is = |known: &str| name.eq_ignore_ascii_case(known.as_bytes());
        self.depth = self.open.len();
        self.prelude = if is_top && self.may_import && is("import") {
            Prelude::Import
        } else if is_top && is("layer") {
            Prelude::Layer
        } else {
            Prelude::At
        };
        if is_top && !["import", "layer", "charset"].iter().any(|known| is(known)) {
            self.may_import = false;
        }
    }

    fn is_at_rule(&self) -> bool {
        matches!(self.prelude, Prelude::Import | Prelude::Layer | Prelude::At)
    }

    /// What comes behind `@import` is no URL.
    fn import_passes(&mut self) {
        if self.prelude == Prelude::Import && self.open.len() == self.depth {
            self.prelude = Prelude::At;
        }
    }

    fn begin(&mut self, block: Block) {
        if block == Block::Curly && self.prelude != Prelude::None && self.open.len() == self.depth {
            self.may_import &= self.depth > 0;
            self.prelude = Prelude::None;
        } else {
            self.import_passes();
        }
        self.open.push(Frame::Block(block));
    }

    /// A closing bracket that does not match is none.
    fn end(&mut self, block: Block) {
        let matches = match self.open.last() {
            Some(Frame::Block(open)) => *open == block,
            Some(Frame::Url | Frame::ImageSet) => block == Block::Round,
            None => false,
        };
        if !matches {
            return self.import_passes();
        }
        self.open.pop();
        if self.open.len() < self.depth {
            // The block ends, and with it the rule that had begun in it.
            self.prelude = Prelude::None;
            self.depth = self.open.len();
        } else {
            // What was `url()`, but held no text.
            self.import_passes();
        }
    }

    /// A URL, with so many blocks open around it.
    fn url(&mut self, url: &str, at: Position, around: usize, found: &mut dyn FnMut(CssUrl<'_>)) {
        let is_import = self.prelude == Prelude::Import && around == self.depth;
        if is_import {
            self.prelude = Prelude::At;
        } else if self.prelude != Prelude::None {
            return;
        }
        // No resource (CSS Values section 4.5.4), and a place in the document itself (section 4.5.3).
        if !url.is_empty() && !url.starts_with('#') {
            found(CssUrl { url, is_import, at });
        }
    }

    fn replace_top(&mut self, frame: Frame) {
        if let Some(top) = self.open.last_mut() {
            *top = frame;
        }
    }
}
