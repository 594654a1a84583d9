//! `Retry-After`.

use super::date::lenient_date;
use crate::failure::RetryAfter;
use crate::time::UnixTime;
use core::time::Duration;
use http::HeaderMap;
use http::header::RETRY_AFTER;

impl RetryAfter {
    /// What a response's `Retry-After` asks for, if it has one that can be read.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        Self::parse(headers.get(RETRY_AFTER)?.as_bytes())
    }

    /// Reads a value: whole seconds, or a date (RFC 9110 section 10.2.3). Of dates, spellings are accepted that
    /// servers use (a day of one digit, `UTC` or no zone, any case), of numbers none but digits.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let text = core::str::from_utf8(value).ok()?.trim_matches([' ', '\t']);
        if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
            // More than the codec's microseconds can hold says nothing.
            let seconds = text.parse::<u64>().ok().filter(|&seconds| seconds <= u64::MAX / 1_000_000)?;
            return Some(Self::Delay(Duration::from_secs(seconds)));
        }
        lenient_date(text).map(Self::Date)
    }

    /// How long to wait, if the answer came now; zero if the date has passed.
    #[must_use]
    pub fn wait(self, now: UnixTime) -> Duration {
        match self {
            Self::Delay(wait) => wait,
            Self::Date(date) => {
                let seconds = date.as_secs().saturating_sub(now.as_secs());
                Duration::from_secs(u64::try_from(seconds).unwrap_or(0))
            }
        }
    }
}
