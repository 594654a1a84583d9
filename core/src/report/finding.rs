//! The rows of a report.

use super::class::{Class, Severity};
use super::skip::Skip;
use crate::digest::Place;
use core::fmt;

/// A URL's text, in the two parts it is stored in.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UrlText<'a> {
    /// Scheme, user information, host and port, or the scheme and its colon; empty for text that is not a URL.
    pub origin: &'a str,
    /// Path and query, or the text that is not a URL.
    pub rest: &'a str,
}

impl UrlText<'_> {
    fn bytes(&self) -> impl Iterator<Item = u8> + '_ {
        self.origin.bytes().chain(self.rest.bytes())
    }
}

impl Ord for UrlText<'_> {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        if self.origin == other.origin { self.rest.cmp(other.rest) } else { self.bytes().cmp(other.bytes()) }
    }
}

impl PartialOrd for UrlText<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl From<UrlText<'_>> for String {
    /// In one allocation, of just the size.
    fn from(url: UrlText<'_>) -> Self {
        [url.origin, url.rest].concat()
    }
}

impl fmt::Display for UrlText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.origin)?;
        f.write_str(self.rest)
    }
}

impl fmt::Debug for UrlText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for UrlText<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// What became of one link target: a row of the report. Its key is (`url`, `fragment`, `class`).
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Finding<'a> {
    /// The link's target before redirects, by identity, without a fragment.
    pub url: UrlText<'a>,
    /// The fragment, where the finding is about one.
    pub fragment: Option<&'a str>,
    /// What became of it.
    pub class: Class,
    /// How bad that is, the report's [`Rules`](super::Rules) taken into account.
    pub severity: Severity,
    /// Whether it is this site's own to mend: it is crawled, or no URL at all.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub in_scope: bool,
    /// The last status code; `None` if there was none.
    pub status: Option<u16>,
    /// Where the redirects ended; the URL itself if there were none.
    pub final_url: UrlText<'a>,
    /// The redirects on the way, in order.
    pub redirects: Vec<Hop<'a>>,
    /// What happened, in words; made from the facts, the same for every transport.
    pub message: String,
    /// Why it was not asked for, if it was not.
    #[cfg_attr(feature = "serde", serde(skip))]
    pub skip: Option<Skip>,
    /// All places that link to it, by page, then by line and column.
    pub referrers: Vec<Referrer<'a>>,
}

/// One redirect: who redirected, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Hop<'a> {
    /// The URL that answered with a redirect.
    pub url: UrlText<'a>,
    /// Its status code: 301 and 308 are permanent, 302, 303 and 307 temporary.
    pub status: u16,
}

/// One place that links to a target.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Referrer<'a> {
    /// The page.
    pub page: UrlText<'a>,
    /// The line of the element's `<`, counted from 1.
    pub line: u32,
    /// The column of the element's `<`, in characters counted from 1.
    pub column: u32,
    /// The element and attribute.
    pub place: Place,
    /// What a reader sees of the link.
    pub text: &'a str,
    /// How the URL was written, where its identity does not tell.
    pub spelling: Option<&'a str>,
}

#[cfg(feature = "serde")]
impl serde::Serialize for Referrer<'_> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        use serde::ser::SerializeStruct;
        let mut row = serializer.serialize_struct("Referrer", 6)?;
        row.serialize_field("page", &self.page)?;
        row.serialize_field("line", &self.line)?;
        row.serialize_field("column", &self.column)?;
        row.serialize_field("element", self.place.element())?;
        row.serialize_field("attribute", self.place.attribute())?;
        row.serialize_field("text", self.text)?;
        row.end()
    }
}
