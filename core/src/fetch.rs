//! What passes between the engine and whoever carries out its fetches.

use crate::digest::Digest;
use crate::failure::Failure;
use core::fmt;
use core::time::Duration;
use url::Url;

/// Names one fetch for the whole life of a crawl, over any number of resumes. For logs, maps and
/// [`Output::Cancel`](crate::Output::Cancel); it gives no right to answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct FetchId(pub(crate) u64);

impl FetchId {
    /// The number behind the name, counted from 1 within a crawl.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

impl fmt::Display for FetchId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "#{}", self.0)
    }
}

/// The right to answer one fetch, once. Neither `Clone` nor `Copy`: answering consumes it.
///
/// Losing a ticket costs nothing but time: the fetch lapses at its deadline.
#[derive(Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[must_use = "a fetch whose ticket is dropped is held until its deadline"]
pub struct Ticket {
    pub(crate) id: FetchId,
    /// Tells this crawl's tickets from another's.
    pub(crate) crawl: u64,
}

impl Ticket {
    /// The fetch this ticket answers.
    #[must_use]
    pub const fn id(&self) -> FetchId {
        self.id
    }
}

/// One fetch to carry out: a right to answer, and what is asked.
#[derive(Debug, PartialEq, Eq)]
pub struct Fetch {
    /// Goes back with the answer, to [`Engine::complete`](crate::Engine::complete).
    pub ticket: Ticket,
    /// What to ask for.
    pub request: Request,
}

/// What to ask for: plain data that can cross a queue.
///
/// A transport sends exactly one request. It never follows a redirect, never retries, never decides.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Request {
    /// Which fetch this is.
    pub id: FetchId,
    /// What to fetch: an identity, without a fragment.
    pub url: Url,
    /// What the answer is for.
    pub kind: Kind,
    /// How to ask.
    pub method: Method,
    /// How much of the answer is needed.
    pub need: Need,
    /// Which attempt this is, counted from 1.
    pub attempt: u32,
    /// How long the whole fetch may take, from the moment it is begun. The transport's own time-outs must end
    /// before it; the engine's deadline is the backstop.
    pub budget: Duration,
    /// How many decoded bytes of body may be read.
    pub body_cap: u64,
    /// Which of the transport's configured headers to send. The values never enter the engine.
    pub headers: HeaderSetId,
    /// What is known from before, for a conditional request (RFC 9110 section 13).
    pub validators: Validators,
    /// Which [`Spec`](crate::Spec) the answer is to be digested by.
    pub spec: Fingerprint,
}

/// What a fetch is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Kind {
    /// An in-scope URL, digested in full.
    Page,
    /// A URL that is only checked.
    Check,
    /// An origin's `/robots.txt` (RFC 9309), or where it redirects.
    Robots,
    /// A sitemap.
    Sitemap,
    /// A question of the engine's own, such as whether a host answers 200 to everything.
    Probe,
}

/// How to ask (RFC 9110 section 9.3). A crawler sends no other method.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "UPPERCASE"))]
pub enum Method {
    /// The head alone: of URLs that are only checked, and no link names a fragment of. Only a good answer stands, an
    /// accepted status or a redirect; any other is asked for again with GET, since many servers and what stands before
    /// them mistreat HEAD. A host that was seen to is asked with GET at once from then on.
    Head,
    /// Head and body.
    Get,
}

impl Method {
    /// The method's name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "HEAD",
            Self::Get => "GET",
        }
    }
}

/// How much of an answer is needed; the need of a URL is the greatest over the links that name it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Need {
    /// Whether it answers, and how.
    #[default]
    Status,
    /// Also which fragments it has.
    Ids,
    /// Also which links it holds.
    Links,
}

/// Names a set of configured headers. The values live with the transport or the worker, never in the engine, a
/// journal or a queue; the engine only knows which origins a set is bound to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HeaderSetId(pub u16);

impl HeaderSetId {
    /// No configured headers.
    pub const NONE: Self = Self(0);
}

/// What is known of a representation from an earlier fetch (RFC 9110 section 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Validators {
    /// The `ETag` field's value as it was given.
    pub etag: Option<String>,
    /// The `Last-Modified` field's value as it was given.
    pub last_modified: Option<String>,
}

/// A 64-bit name of a [`Spec`](crate::Spec) or a configuration: equal ones have equal names.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Fingerprint(pub u64);

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

/// How a fetch ended. Errors are ordinary input.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Outcome {
    /// A response came, whatever its status.
    Answered(Box<Digest>),
    /// No response came, or none that could be read.
    Failed(Failure),
}
