//! The small policies of a configuration.

use core::fmt;
use core::ops::RangeInclusive;
use core::str::FromStr;
use core::time::Duration;

use super::ConfigError;

/// How much of one host may be used at a time. A host is a name or a literal address; ports do not matter.
///
/// Below the bound given here, the engine adapts to what a host bears. A host of the crawl's own begins with all of it,
/// any other with one fetch at a time; both get one more for as many quick answers (within a second) as they have
/// fetches in flight, and half as many after a 429, 503, time-out or reset. A host that failed three times in a row is
/// down: it is asked for one URL at a time, after waits as those of [`Retry`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostPolicy {
    /// Fetches in flight at once, at most.
    pub concurrency: u32,
    /// From the start of one fetch to the start of the next, at least; a `Crawl-delay` in the host's robots.txt makes
    /// it longer, up to [`Retry::cap`].
    pub gap: Duration,
}

/// When a fetch that failed is tried again.
///
/// Tried again are 408, 425, 429, 5xx and the failures that [may pass](crate::Failure::is_temporary).
///
/// The last attempt at a URL that is only checked is put off until nothing else is under way, since what fails may fail
/// for the traffic of the crawl itself. A HEAD and the GET that follows it are one attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// How often, after the first attempt.
    pub max: u32,
    /// The wait before the second attempt; it doubles with each.
    pub base: Duration,
    /// The longest wait, also for what a server asks for by `Retry-After`, by a `RateLimit` that is used up, or by
    /// `Crawl-delay`.
    pub cap: Duration,
}

/// Which fetches ask robots.txt first (RFC 9309).
///
/// Following links through a site is what the standard is about, so crawled URLs obey by default. Checking a URL
/// that somebody's page links to is one request, as a reader's click is, so checked ones do not.
///
/// Where crawled URLs obey, so do they obey `nofollow` of `X-Robots-Tag`, of a robots `meta` element and of a link's
/// `rel`: what is linked so is fetched as its scope says, but its own links are not followed, unless another link
/// leads there without it. `noindex` says nothing about links.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RobotsPolicy {
    /// For URLs that are crawled.
    pub crawl: bool,
    /// For URLs that are only checked.
    pub check: bool,
}

/// In which order URLs are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// As they come, breadth first. A limit that bites makes the report depend on timing, and is named in it.
    Fast,
    /// Each depth to its end, redirects included, before the next; within one by identity. A limit picks the same
    /// set every time.
    Ordered,
}

/// A set of status codes, written like `200..=299,999`.
///
/// ```
/// use crawlspace::StatusSet;
///
/// let set: StatusSet = "200..=299, 999".parse()?;
/// assert!(set.contains(204) && set.contains(999) && !set.contains(404));
/// # Ok::<(), crawlspace::ConfigError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StatusSet(Vec<RangeInclusive<u16>>);

impl StatusSet {
    /// Whether a code is in the set.
    #[must_use]
    pub fn contains(&self, status: u16) -> bool {
        self.0.iter().any(|range| range.contains(&status))
    }
}

impl Default for StatusSet {
    /// 200 to 299.
    fn default() -> Self {
        Self(vec![200..=299])
    }
}

impl FromIterator<u16> for StatusSet {
    fn from_iter<I: IntoIterator<Item = u16>>(codes: I) -> Self {
        Self(codes.into_iter().map(|code| code..=code).collect())
    }
}

impl FromStr for StatusSet {
    type Err = ConfigError;

    /// # Errors
    ///
    /// If a part is neither a code from 100 to 999, nor a range that holds any (`200..=299`, `200..300`, `2xx`).
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let bad = |part: &str| {
            ConfigError::new(
                "accept",
                format_args!("\"{part}\""),
                "status codes from 100 to 999 and ranges of them, such as 200..=299,403,5xx",
            )
        };
        let code = |text: &str, part: &str| {
            text.trim().parse::<u16>().ok().filter(|code| (100..=999).contains(code)).ok_or_else(|| bad(part))
        };
        let filled =
            |low: u16, high: u16, part: &str| if low <= high { Ok(low..=high) } else { Err(bad(part)) };
        text.split(',')
            .map(|part| {
                let part = part.trim();
                if let Some((low, high)) = part.split_once("..=") {
                    filled(code(low, part)?, code(high, part)?, part)
                } else if let Some((low, high)) = part.split_once("..") {
                    filled(code(low, part)?, code(high, part)?.saturating_sub(1), part)
                } else if let Some(hundreds) = part.strip_suffix("xx") {
                    let hundreds = hundreds.parse::<u16>().ok().filter(|h| (1..=9).contains(h));
                    let low = hundreds.ok_or_else(|| bad(part))? * 100;
                    Ok(low..=low + 99)
                } else {
                    let code = code(part, part)?;
                    Ok(code..=code)
                }
            })
            .collect::<Result<_, _>>()
            .map(Self)
    }
}

impl fmt::Display for StatusSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, range) in self.0.iter().enumerate() {
            let comma = if index > 0 { "," } else { "" };
            if range.start() == range.end() {
                write!(f, "{comma}{}", range.start())?;
            } else {
                write!(f, "{comma}{}..={}", range.start(), range.end())?;
            }
        }
        Ok(())
    }
}
