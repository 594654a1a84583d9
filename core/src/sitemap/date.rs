//! The dates of sitemaps and feeds.

use crate::time::UnixTime;

/// A date of a sitemap or of Atom (W3C Datetime, RFC 3339), or of RSS (RFC 822 section 5), in universal time to the
/// second. A date without a time is its first second; a time without a zone is no moment.
pub(super) fn date(text: &str) -> Option<UnixTime> {
    let text = text.trim();
    w3c(text).or_else(|| rfc822(text))
}

fn w3c(text: &str) -> Option<UnixTime> {
    let (date, time) = match text.split_once(['T', 't', ' ']) {
        Some((date, time)) => (date, Some(time)),
        None => (text, None),
    };
    let mut parts = date.split('-');
    let year = digits(parts.next()?, 4..=4)?;
    let month = parts.next().map_or(Some(1), |part| digits(part, 2..=2))?;
    let day = parts.next().map_or(Some(1), |part| digits(part, 2..=2))?;
    if parts.next().is_some() {
        return None;
    }
    let days = days_since_1970(year, month, day)?;
    let Some(time) = time else { return Some(UnixTime::from_secs(days * 86_400)) };
    let zone = time.find(['Z', 'z', '+', '-'])?;
    let (time, zone) = time.split_at(zone);
    let offset = match zone {
        "Z" | "z" => 0,
        zone => offset(zone)?,
    };
    moment(days, seconds_of_day(time.trim_end(), true)?, offset)
}

const MONTHS: [&str; 12] =
    ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];

fn rfc822(text: &str) -> Option<UnixTime> {
    // The day of the week may be missing, and is not compared.
    let text = text.split_once(',').map_or(text, |(_, rest)| rest);
    let mut words = text.split_ascii_whitespace();
    let day = digits(words.next()?, 1..=2)?;
    let name = words.next()?;
    let name = name.get(..3)?;
    let month = 1 + MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))? as i64;
    let year = words.next()?;
    let year = match (digits(year, 2..=4)?, year.len()) {
        (year @ 70.., 2) => year + 1_900,
        (year, 2) => year + 2_000,
        (_, 3) => return None,
        (year, _) => year,
    };
    let seconds = seconds_of_day(words.next()?, false)?;
    let offset = match words.next()? {
        zone if zone.starts_with(['+', '-']) => offset(zone)?,
        zone => named_zone(zone)?,
    };
    moment(days_since_1970(year, month, day)?, seconds, offset)
}

/// RFC 822 section 5.1; the military letters are left out, which never meant one thing (RFC 1123 section 5.2.14).
fn named_zone(name: &str) -> Option<i64> {
    const HOURS: [(&str, i64); 12] = [
        ("GMT", 0),
        ("UT", 0),
        ("UTC", 0),
        ("Z", 0),
        ("EST", -5),
        ("EDT", -4),
        ("CST", -6),
        ("CDT", -5),
        ("MST", -7),
        ("MDT", -6),
        ("PST", -8),
        ("PDT", -7),
    ];
    HOURS.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, hours)| hours * 3_600)
}

/// `+hh:mm`, `+hhmm` or `+hh`, in seconds.
fn offset(text: &str) -> Option<i64> {
    let (sign, rest) = text.split_at_checked(1)?;
    let (hours, minutes) = rest.split_at_checked(2)?;
    let minutes = minutes.strip_prefix(':').unwrap_or(minutes);
    let hours = digits(hours, 2..=2).filter(|hours| *hours < 24)?;
    let minutes = if minutes.is_empty() && rest.len() == 2 { 0 } else { digits(minutes, 2..=2)? };
    let seconds = hours * 3_600 + Some(minutes).filter(|minutes| *minutes < 60)? * 60;
    Some(if sign == "-" { -seconds } else { seconds })
}

/// `hh:mm` or `hh:mm:ss`, a fraction of a second cut off where there may be one.
fn seconds_of_day(text: &str, may_have_fraction: bool) -> Option<i64> {
    let text = match text.split_once(['.', ',']) {
        Some((whole, fraction)) => {
            let is_fraction = may_have_fraction && digits(fraction, 1..=18).is_some();
            is_fraction.then_some(whole)?
        }
        None => text,
    };
    let mut parts = text.split(':').map(|part| digits(part, 2..=2));
    let (hour, minute) = (parts.next()??, parts.next()??);
    let second = parts.next().unwrap_or(Some(0))?;
    // Second 60 is a leap second.
    let fits = parts.next().is_none() && hour < 24 && minute < 60 && second <= 60;
    fits.then_some(hour * 3_600 + minute * 60 + second)
}

fn moment(days: i64, seconds: i64, offset: i64) -> Option<UnixTime> {
    Some(UnixTime::from_secs(days * 86_400 + seconds - offset))
}

fn digits(text: &str, lengths: core::ops::RangeInclusive<usize>) -> Option<i64> {
    let fits = lengths.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok())?
}

fn days_since_1970(year: i64, month: i64, day: i64) -> Option<i64> {
    crate::header::days_since_1970(year, usize::try_from(month - 1).ok()?, day)
}
