//! `RateLimit`, `RateLimit-Remaining` and `-Reset`, `X-RateLimit-Remaining` and `-Reset`.
//!
//! The first is that of draft-ietf-httpapi-ratelimit-headers, in its present form and in its older ones; the others
//! are what servers have sent since long before, each with its own idea of a reset.

use super::date::lenient_date;
use crate::digest::RateLimit;
use crate::failure::RetryAfter;
use crate::time::UnixTime;
use core::time::Duration;
use http::HeaderMap;

/// Numbers from here on are dates, not waits: 2001 in seconds, a wait of more than thirty years.
const SMALLEST_DATE: u64 = 1_000_000_000;
/// From here on they are dates in milliseconds: 2001 again.
const SMALLEST_MILLIS: u64 = 1_000_000_000_000;
/// No date that a signed number of seconds could not hold comes of this many.
const LARGEST: u64 = 1 << 53;

/// Names of fields: requests left, seconds until there are more, and when that is.
const APART: [[&str; 3]; 3] = [
    ["ratelimit-remaining", "ratelimit-reset-after", "ratelimit-reset"],
    ["x-ratelimit-remaining", "x-ratelimit-reset-after", "x-ratelimit-reset"],
    ["x-rate-limit-remaining", "x-rate-limit-reset-after", "x-rate-limit-reset"],
];

impl RateLimit {
    /// What a response says of it; the tightest, if it says several things. What cannot be read is left out.
    ///
    /// ```
    /// use crawlspace::digest::RateLimit;
    /// use crawlspace::RetryAfter;
    /// use http::HeaderMap;
    /// use std::time::Duration;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("ratelimit", "\"minute\";r=0;t=20, \"day\";r=12345;t=3600".parse()?);
    /// let limit = RateLimit::of(&headers).ok_or("none")?;
    /// assert_eq!(limit, RateLimit { remaining: 0, reset: RetryAfter::Delay(Duration::from_secs(20)) });
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let listed = headers.get_all("ratelimit").iter().filter_map(|value| value.to_str().ok());
        let apart = APART.iter().filter_map(|names| Self::apart(headers, names));
        listed.filter_map(Self::parse).chain(apart).reduce(Self::tighter)
    }

    /// Reads a value of `RateLimit`: a list of policies with parameters `r` and `t`, or (drafts 3 to 7) a dictionary
    /// with `remaining` and `reset`. Of several policies the tightest counts.
    #[must_use]
    pub fn parse(value: &str) -> Option<Self> {
        let (mut tightest, mut pair) = (None, Pair::default());
        for member in Split::new(value, b',') {
            let mut policy = Pair::default();
            for (index, parameter) in Split::new(member, b';').enumerate() {
                let Some((name, number)) = parameter.split_once('=') else { continue };
                let of = if index == 0 { &mut pair } else { &mut policy };
                match name.trim() {
                    "r" if index > 0 => of.remaining = whole(number),
                    "t" if index > 0 => of.reset = wait(number),
                    "remaining" if index == 0 => of.remaining = whole(number),
                    "reset" if index == 0 => of.reset = wait(number),
                    _ => {}
                }
            }
            tightest = policy.both().into_iter().chain(tightest).reduce(Self::tighter);
        }
        pair.both().into_iter().chain(tightest).reduce(Self::tighter)
    }

    /// The fields that give each number a line of its own.
    fn apart(headers: &HeaderMap, [left, after, at]: &[&str; 3]) -> Option<Self> {
        let get = |name: &str| headers.get(name)?.to_str().ok();
        let remaining = whole(get(left)?);
        let reset = get(after).and_then(wait).or_else(|| get(at).and_then(reset));
        Pair { remaining, reset }.both()
    }

    /// The one that leaves less; of two that leave nothing, the one that takes longer, dates last.
    fn tighter(self, other: Self) -> Self {
        let key = |limit: &Self| {
            let (date, late) = match limit.reset {
                RetryAfter::Delay(wait) => (false, i64::try_from(wait.as_micros()).unwrap_or(i64::MAX)),
                RetryAfter::Date(date) => (true, date.as_secs()),
            };
            (core::cmp::Reverse(limit.remaining), date, late)
        };
        if key(&other) > key(&self) { other } else { self }
    }
}

#[derive(Default)]
struct Pair {
    remaining: Option<u64>,
    reset: Option<RetryAfter>,
}

impl Pair {
    fn both(&self) -> Option<RateLimit> {
        Some(RateLimit { remaining: self.remaining?, reset: self.reset? })
    }
}

/// A whole number; a fraction, which some servers send, is left out of it. A debt is nothing left.
fn whole(text: &str) -> Option<u64> {
    let text = text.trim();
    if text.strip_prefix('-').is_some_and(|debt| decimal(debt).is_some()) {
        return Some(0);
    }
    decimal(text).map(|(whole, _)| whole)
}

/// Seconds from now, a fraction of them rounded up.
fn wait(text: &str) -> Option<RetryAfter> {
    let (whole, more) = decimal(text.trim())?;
    Some(RetryAfter::Delay(Duration::from_secs(whole + u64::from(more))))
}

/// Seconds from now, or a date: in seconds or milliseconds since 1970, or in words.
fn reset(text: &str) -> Option<RetryAfter> {
    let text = text.trim();
    let Some((whole, more)) = decimal(text) else { return lenient_date(text).map(RetryAfter::Date) };
    let seconds = if whole >= SMALLEST_MILLIS { whole.div_ceil(1_000) } else { whole + u64::from(more) };
    if whole < SMALLEST_DATE {
        return Some(RetryAfter::Delay(Duration::from_secs(seconds)));
    }
    i64::try_from(seconds).ok().map(|seconds| RetryAfter::Date(UnixTime::from_secs(seconds)))
}

/// Digits, and whether a fraction follows that is more than nothing.
fn decimal(text: &str) -> Option<(u64, bool)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) {
        return None;
    }
    let whole = whole.parse::<u64>().ok().filter(|whole| *whole < LARGEST)?;
    Some((whole, fraction.bytes().any(|digit| digit != b'0')))
}

/// Parts between separators that stand outside of quotes (RFC 9651 section 3.3.3).
struct Split<'a> {
    rest: Option<&'a str>,
    separator: u8,
}

impl<'a> Split<'a> {
    fn new(text: &'a str, separator: u8) -> Self {
        Self { rest: Some(text), separator }
    }
}

impl<'a> Iterator for Split<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let text = self.rest.take()?;
        let (mut quoted, mut escaped) = (false, false);
        for (at, byte) in text.bytes().enumerate() {
            match byte {
                _ if escaped => escaped = false,
                b'\\' if quoted => escaped = true,
                b'"' => quoted = !quoted,
                _ if byte == self.separator && !quoted => {
                    self.rest = Some(&text[at + 1..]);
                    return Some(text[..at].trim());
                }
                _ => {}
            }
        }
        Some(text.trim())
    }
}
