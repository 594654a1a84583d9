//! Sitemaps: what a site says it consists of (the protocol of sitemaps.org), and feeds, which stand in for them.
//!
//! Read are the XML formats (`urlset`, `sitemapindex`), text with one URL a line, RSS and Atom. Compressed files are
//! decompressed before: the engine's transports do so by their first bytes, whatever their media type.
//!
//! ```
//! use crawlspace::sitemap::{Format, Sitemap};
//!
//! let sitemap = Sitemap::parse(
//!     b"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>
//!         <url><loc>https://example.com/?a=1&amp;b=2</loc><lastmod>2026-02-01</lastmod></url>
//!       </urlset>",
//! );
//! assert_eq!(sitemap.format, Some(Format::UrlSet));
//! assert_eq!(sitemap.entries[0].url, "https://example.com/?a=1&b=2");
//! assert_eq!((sitemap.entries[0].line, sitemap.entries[0].column), (2, 14));
//! assert!(sitemap.entries[0].lastmod.is_some());
//! ```
//!
//! What is no well-formed XML is read as far as its meaning is plain, since most who list their pages so never hear of
//! it: an `&` that begins no reference stands for itself, elements that are not closed end where the next one begins,
//! and a file that is cut off gives what came before the cut. Entities are never expanded and nothing outside the
//! file is read: in a file with a document type, references to entities it may declare are left out.

mod date;
mod input;
mod parser;
mod text;
mod tree;
mod xml;

pub use parser::Parser;

use crate::time::UnixTime;
use core::fmt;

/// How many entries a sitemap may have (sitemaps.org, "Protocol": 50,000).
pub const MAX_ENTRIES: u32 = 50_000;

/// How many bytes a sitemap may have, decompressed (sitemaps.org, "Protocol": 50 MiB).
pub const MAX_BYTES: u64 = 50 * 1_024 * 1_024;

/// What a sitemap holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Sitemap {
    /// What it is; `None` if it is no sitemap at all, and then it has no entries.
    pub format: Option<Format>,
    /// What it names, in the order of the file, repetitions included.
    pub entries: Vec<Entry>,
    /// Entries beyond the limit, which were not kept.
    pub left_out: u64,
}

/// The formats that are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Format {
    /// `urlset`: pages.
    #[cfg_attr(feature = "serde", serde(rename = "urlset"))]
    UrlSet,
    /// `sitemapindex`: other sitemaps.
    Index,
    /// RSS 0.9x, 1.0 or 2.0: the items' links.
    Rss,
    /// Atom (RFC 4287): the entries' alternate links.
    Atom,
    /// One URL a line.
    Text,
}

/// One URL of a sitemap.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Entry {
    /// The URL as written, references decoded and white space around it taken off; not checked, not resolved.
    pub url: String,
    /// When it last changed, as far as the sitemap tells a moment: a date counts as its first second in universal
    /// time, a time of day without a zone as none.
    pub lastmod: Option<UnixTime>,
    /// The line of the `<` of the element that holds the URL, or of the URL in a text, counted from 1.
    pub line: u32,
    /// The column of the same, in characters counted from 1.
    pub column: u32,
}

impl Sitemap {
    /// Reads a whole sitemap that is not compressed, of whatever size, up to [`MAX_ENTRIES`].
    #[must_use]
    pub fn parse(bytes: &[u8]) -> Self {
        let mut parser = Parser::new(None, MAX_ENTRIES);
        let _ = parser.push(bytes);
        parser.finish()
    }
}

impl Format {
    /// The name used in the output of `crawlspace sitemap`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UrlSet => "urlset",
            Self::Index => "index",
            Self::Rss => "rss",
            Self::Atom => "atom",
            Self::Text => "text",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
