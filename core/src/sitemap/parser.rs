//! Reading a sitemap, chunk by chunk.

use super::input::Input;
use super::text::Lines;
use super::tree::Tree;
use super::xml::Scanner;
use super::{Format, Sitemap};
use crate::digest::Appetite;
use crate::digest::position::Locator;
use encoding_rs::Encoding;

/// Reads a sitemap as it arrives. Any split into chunks gives the same [`Sitemap`]; memory is what its entries take.
///
/// ```
/// use crawlspace::digest::Appetite;
/// use crawlspace::sitemap::{MAX_ENTRIES, Parser};
///
/// let mut parser = Parser::new(None, MAX_ENTRIES);
/// assert_eq!(parser.push(b"https://example.com/\nhttps://example.c"), Appetite::More);
/// assert_eq!(parser.push(b"om/about\n"), Appetite::More);
/// assert_eq!(parser.finish().entries[1].url, "https://example.com/about");
/// ```
#[derive(Debug)]
pub struct Parser {
    input: Input,
    reader: Reader,
}

/// What becomes of the text.
#[derive(Debug)]
enum Reader {
    /// Nothing but white space has come.
    Unknown {
        locator: Locator,
        limit: u32,
    },
    Xml(Box<Xml>),
    Text(Box<Lines>),
}

#[derive(Debug)]
struct Xml {
    scanner: Scanner,
    tree: Tree,
}

impl Parser {
    /// Reads a sitemap whose `Content-Type` field names this character encoding (of any XML, a byte order mark comes
    /// before it, and the XML declaration after: XML 1.0 section 4.3.3), and keeps no more than `limit` entries.
    #[must_use]
    pub fn new(encoding: Option<&'static Encoding>, limit: u32) -> Self {
        Self { input: Input::new(encoding), reader: Reader::Unknown { locator: Locator::new(), limit } }
    }

    /// Takes the next chunk, of any size; [`Appetite::Enough`] once it is clear that this is no sitemap. Of one with
    /// more entries than the limit the rest is wanted too, since it is counted.
    pub fn push(&mut self, chunk: &[u8]) -> Appetite {
        let Self { input, reader } = self;
        input.push(chunk, false, &mut |text| reader.push(text));
        reader.appetite()
    }

    /// Whether what has come begins a sitemap or feed in XML.
    pub(crate) fn begins_xml_sitemap(mut self) -> bool {
        let Self { input, reader } = &mut self;
        input.push(&[], true, &mut |text| reader.push(text));
        matches!(&self.reader, Reader::Xml(xml) if xml.tree.format().is_some())
    }

    /// The sitemap, once the file has ended.
    #[must_use]
    pub fn finish(mut self) -> Sitemap {
        let Self { input, reader } = &mut self;
        input.push(&[], true, &mut |text| reader.push(text));
        match self.reader {
            Reader::Unknown { .. } => Sitemap::default(),
            Reader::Xml(xml) => {
                let in_tag = xml.scanner.is_in_tag();
                xml.tree.finish(in_tag)
            }
            Reader::Text(lines) => lines.finish(),
        }
    }
}

impl Reader {
    fn push(&mut self, text: &[u8]) {
        match self {
            Self::Unknown { locator, limit } => {
                let Some(start) = text.iter().position(|byte| !byte.is_ascii_whitespace()) else {
                    locator.begin(text);
                    locator.end(text);
                    return;
                };
                let (space, rest) = text.split_at(start);
                locator.begin(space);
                locator.end(space);
                let (locator, limit) = (core::mem::replace(locator, Locator::new()), *limit);
                *self = if rest[0] == b'<' {
                    Self::Xml(Box::new(Xml { scanner: Scanner::new(locator), tree: Tree::new(limit) }))
                } else {
                    Self::Text(Box::new(Lines::new(locator, limit)))
                };
                self.push(rest);
            }
            Self::Xml(xml) => xml.scanner.push(text, &mut xml.tree),
            Self::Text(lines) => lines.push(text),
        }
    }

    fn appetite(&self) -> Appetite {
        match self {
            Self::Xml(xml) => xml.tree.appetite(),
            Self::Unknown { .. } | Self::Text(_) => Appetite::More,
        }
    }
}

/// Entries as they are found, up to a limit.
#[derive(Debug)]
pub(super) struct Entries {
    pub(super) kept: Vec<super::Entry>,
    limit: u32,
    left_out: u64,
}

impl Entries {
    pub(super) fn new(limit: u32) -> Self {
        Self { kept: Vec::new(), limit, left_out: 0 }
    }

    pub(super) fn push(&mut self, entry: super::Entry) {
        if self.kept.len() < usize::try_from(self.limit).unwrap_or(usize::MAX) {
            self.kept.push(entry);
        } else {
            self.left_out = self.left_out.saturating_add(1);
        }
    }

    pub(super) fn finish(self, format: Option<Format>) -> Sitemap {
        Sitemap { format, entries: self.kept, left_out: self.left_out }
    }
}
