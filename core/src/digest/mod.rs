//! From a response to the few facts the engine needs, chunk by chunk where the bytes are.

mod challenge;
pub(crate) mod charset;
mod content;
mod css;
mod digester;
mod document;
mod extra;
pub(crate) mod html;
mod input;
mod keep;
mod links;
#[cfg(feature = "markdown")]
mod markdown;
mod media;
mod place;
pub(crate) mod position;
pub(crate) mod prose;
pub mod refresh;
mod resolve;
mod sitemap;
pub mod srcset;

pub use digester::{Appetite, Digester, Head};
pub use document::{
    Document, DocumentLink, DocumentRefresh, document, document_in_chunks, reference_document,
};
pub use extra::{DuplicateId, Extra, Extras};
pub use links::{Link, Links, Target};
pub(crate) use links::{PackedLink, Row};
pub use place::{Place, PlaceSet, Role};
pub use prose::Prose;

use crate::failure::RetryAfter;
use crate::fetch::Validators;
use crate::robots::RobotsFile;
use core::time::Duration;

/// What the engine learns from one response.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Digest {
    /// The status code (RFC 9110 section 15), 100 to 999.
    pub status: u16,
    /// What kind of document the body was taken for; [`Media::Other`] if it was not digested.
    pub media: Media,
    /// Where a redirect points; `None` if the status is not a redirect's or there is no `Location`.
    pub location: Option<Location>,
    /// The document's links.
    pub links: Links,
    /// Hashes of the document's fragment targets under [`Spec::id_key`](crate::Spec::id_key), ascending, each once.
    pub ids: Vec<u64>,
    /// What meta elements and header fields ask of robots.
    pub directives: Directives,
    /// The rules, if this was a robots.txt.
    pub robots: Option<RobotsFile>,
    /// When to come again.
    pub retry_after: Option<RetryAfter>,
    /// How many more requests the server takes for now.
    pub rate_limit: Option<RateLimit>,
    /// Whether the response carries the marks of a bot wall, and so is not the site's own answer.
    pub challenge: bool,
    /// What a later fetch can be conditional on.
    pub validators: Validators,
    /// How the body ended.
    pub end: End,
    /// Links and ids that a limit left out.
    pub left_out: u32,
    /// What [`Spec::extras`](crate::Spec::extras) asks for beside.
    pub extra: Extra,
    /// Sizes and times: what may differ between runs.
    pub transfer: Transfer,
}

/// How many more requests a server takes, and until when (draft-ietf-httpapi-ratelimit-headers, and the `X-` fields
/// that came before it).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RateLimit {
    /// Requests left.
    pub remaining: u64,
    /// When there will be more again.
    pub reset: RetryAfter,
}

/// What a body was taken for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Media {
    /// Nothing that is digested.
    #[default]
    Other,
    /// HTML (`text/html`).
    Html,
    /// XHTML (`application/xhtml+xml`).
    Xhtml,
    /// A style sheet (`text/css`).
    Css,
    /// A robots.txt.
    Robots,
    /// A sitemap or feed.
    Sitemap,
    /// Markdown (`text/markdown`, RFC 7763).
    Markdown,
}

impl Media {
    /// Whether this is read for links.
    #[must_use]
    pub const fn has_links(self) -> bool {
        matches!(self, Self::Html | Self::Xhtml | Self::Css | Self::Markdown)
    }

    /// Whether fragments name places in this that the digest knows.
    #[must_use]
    pub const fn has_ids(self) -> bool {
        matches!(self, Self::Html | Self::Xhtml | Self::Markdown)
    }
}

/// Where a redirect points (RFC 9110 section 10.2.2), resolved against the URL that was fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Location {
    /// To this URL.
    To {
        /// The target's identity.
        url: String,
        /// Its fragment, without `#`; where there is none, the link's own is inherited.
        fragment: Option<String>,
    },
    /// To something that is not a URL, as it was written.
    Invalid(String),
}

/// What a page asks of robots, by `<meta name=robots>` or `X-Robots-Tag`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Directives {
    /// Not to be indexed.
    pub noindex: bool,
    /// Its links not to be followed.
    pub nofollow: bool,
}

/// How a body ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum End {
    /// It was read to its end.
    #[default]
    Complete,
    /// The rest was not wanted.
    Enough,
    /// It was larger than [`Request::body_cap`](crate::Request::body_cap); what came before was digested.
    TooLarge,
}

/// Sizes and times of one transfer, for statistics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Transfer {
    /// Bytes of body as they came over the wire.
    pub encoded: u64,
    /// Bytes of body after decoding.
    pub decoded: u64,
    /// From the start of the fetch to the head of the response.
    pub first_byte: Duration,
    /// From the start of the fetch to its end.
    pub total: Duration,
}
