//! Own time: integers that can be saved, compared and written in a test.

use core::fmt;
use core::time::Duration;

/// Microseconds since the crawl began.
///
/// The engine never reads a clock: this value enters by [`Engine::poll`](crate::Engine::poll) alone. A resumed
/// crawl goes on from [`Engine::now`](crate::Engine::now).
///
/// ```
/// use crawlspace::Time;
/// use std::time::Duration;
///
/// let t = Time::ZERO + Duration::from_millis(3);
/// assert_eq!(t, Time::from_micros(3_000));
/// assert_eq!(t.since(Time::from_micros(1_000)), Duration::from_millis(2));
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Time(u64);

impl Time {
    /// The moment the crawl began.
    pub const ZERO: Self = Self(0);
    /// The last moment that can be written.
    pub const MAX: Self = Self(u64::MAX);

    /// A moment, in microseconds since the crawl began.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A moment, in milliseconds since the crawl began; stops at [`Time::MAX`].
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// A moment, in seconds since the crawl began; stops at [`Time::MAX`].
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// Microseconds since the crawl began.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_micros(self.0.saturating_sub(earlier.0))
    }
}

impl core::ops::Add<Duration> for Time {
    type Output = Self;

    /// Saturates at [`Time::MAX`]; a fraction of a microsecond is rounded up, so that a wait is never too short.
    fn add(self, wait: Duration) -> Self {
        let micros = u64::try_from(wait.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX);
        Self(self.0.saturating_add(micros))
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:06}s", self.0 / 1_000_000, self.0 % 1_000_000)
    }
}

/// Seconds since 1970-01-01T00:00:00Z, leap seconds not counted.
///
/// Needed for dates that servers give (`Retry-After`, `Last-Modified`); nothing else in the engine knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct UnixTime(i64);

impl UnixTime {
    /// A date, in seconds since 1970.
    #[must_use]
    pub const fn from_secs(secs: i64) -> Self {
        Self(secs)
    }

    /// Seconds since 1970.
    #[must_use]
    pub const fn as_secs(self) -> i64 {
        self.0
    }
}

impl fmt::Display for UnixTime {
    /// In universal time, as RFC 3339 has it: `2026-02-01T12:30:00Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const DAY: i64 = 86_400;
        /// Days in 400 years, after which the calendar repeats.
        const ERA: i64 = 146_097;
        let (days, seconds) = (self.0.div_euclid(DAY), self.0.rem_euclid(DAY));
        // Years counted from a first of March end with their leap day.
        let days = days + 719_468;
        let (era, day) = (days.div_euclid(ERA), days.rem_euclid(ERA));
        let year = (day - day / 1_460 + day / 36_524 - day / (ERA - 1)) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let (year, month) = if month < 10 { (year, month + 3) } else { (year + 1, month - 9) };
        let (hour, minute, second) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
        let year = era * 400 + year;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
    }
}
