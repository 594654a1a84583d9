//! What comes out of the engine.

use crate::fetch::{Fetch, FetchId, Kind};
use crate::time::Time;

/// What [`Engine::poll`](crate::Engine::poll) wants done. Closed on purpose: a driver that ignores an effect must
/// not compile.
#[derive(Debug, PartialEq, Eq)]
#[must_use = "an output that is dropped is an effect that never happens"]
pub enum Output {
    /// Something to tell the user; nothing needs to be done.
    Event(Event),
    /// Carry this out, and answer with its ticket.
    Fetch(Fetch),
    /// The answer to this fetch is no longer wanted. Advice: an answer that comes all the same is counted.
    Cancel(FetchId),
    /// Nothing to do for now.
    Wait(Wake),
    /// The crawl is over, for ever.
    Finished,
}

/// When polling again can bring something new. Ordered by urgency: of two wake-ups, the lesser one comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Wake {
    /// At this time, or when an answer or a command has come before.
    At(Time, Why),
    /// When an answer or a command has come; time alone changes nothing.
    OnInput(Why),
}

/// What a crawl waits for, for progress displays.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Why {
    /// The gap between two fetches of a host, or a pause a host asked for.
    Politeness,
    /// The wait before another attempt.
    Backoff,
    /// Answers to fetches in flight; a deadline bounds the wait.
    InFlight,
    /// A free slot: there is work, but as much is in flight as may be.
    Saturated,
    /// Leave to go on: the driver set the capacity to zero.
    Paused,
}

/// News, for progress displays and streaming use. URLs are given by [`UrlId`]; [`Engine::url`](crate::Engine::url)
/// tells the text.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// A URL has its answer; what it comes to in the report may still depend on redirects and fragments.
    Answered {
        /// Which URL.
        url: UrlId,
        /// The status code, if one came.
        status: Option<u16>,
        /// Whether the answer counts as working by itself: an accepted status, or a redirect.
        ok: bool,
    },
    /// A fetch failed and will be tried again.
    Retrying {
        /// Which URL.
        url: UrlId,
        /// Not before this time.
        at: Time,
        /// How many attempts there were.
        attempts: u32,
    },
    /// An origin's robots.txt has been read, or is taken as read.
    Robots {
        /// The fetch of the robots.txt itself or where it redirected.
        kind: Kind,
        /// Whether anything of the origin may be fetched.
        open: bool,
    },
    /// A limit was reached.
    LimitReached(LimitKind),
}

/// A URL the engine knows, in order of discovery. Stays the same over a resume.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UrlId(pub(crate) u32);

/// A limit of the configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum LimitKind {
    /// [`Builder::max_pages`](crate::config::Builder::max_pages).
    MaxPages,
    /// [`Builder::max_bytes`](crate::config::Builder::max_bytes).
    MaxBytes,
    /// [`Builder::max_time`](crate::config::Builder::max_time).
    MaxTime,
    /// [`Builder::max_frontier`](crate::config::Builder::max_frontier).
    MaxFrontier,
    /// [`Builder::max_urls_per_host`](crate::config::Builder::max_urls_per_host).
    MaxUrlsPerHost,
    /// The crawl was stopped before its end.
    Stopped,
    /// [`Builder::max_host_failures`](crate::config::Builder::max_host_failures).
    MaxHostFailures,
    /// [`Builder::max_sitemaps`](crate::config::Builder::max_sitemaps).
    MaxSitemaps,
}

impl LimitKind {
    /// The name used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MaxPages => "max-pages",
            Self::MaxBytes => "max-bytes",
            Self::MaxTime => "max-time",
            Self::MaxFrontier => "max-frontier",
            Self::MaxUrlsPerHost => "max-urls-per-host",
            Self::Stopped => "stopped",
            Self::MaxHostFailures => "max-host-failures",
            Self::MaxSitemaps => "max-sitemaps",
        }
    }
}

/// How to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stop {
    /// Start nothing new, wait for what is in flight.
    Drain,
    /// Cancel what is in flight too. It goes back to the queue, so that a snapshot loses nothing.
    Abort,
}
