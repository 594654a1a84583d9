//! Dates.

use crate::time::UnixTime;

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"];

/// An HTTP-date in one of its three forms (RFC 9110 section 5.6.7), to the letter; the name of the day is not
/// compared with the date.
///
/// ```
/// use crawlspace::UnixTime;
/// use crawlspace::header::http_date;
///
/// let then = Some(UnixTime::from_secs(784_111_777));
/// assert_eq!(http_date("Sun, 06 Nov 1994 08:49:37 GMT"), then);
/// assert_eq!(http_date("Sunday, 06-Nov-94 08:49:37 GMT"), then);
/// assert_eq!(http_date("Sun Nov  6 08:49:37 1994"), then);
/// assert_eq!(http_date("Sun, 6 Nov 1994 08:49:37 GMT"), None);
/// ```
#[must_use]
pub fn http_date(text: &str) -> Option<UnixTime> {
    let (day, rest) = text.split_at_checked(text.find([',', ' '])?)?;
    let short = DAYS.iter().any(|name| name[..3] == *day);
    let form = match rest.len() {
        26 if short => ", dd bbb yyyy hh:mm:ss GMT",
        21 if short => " bbb _d hh:mm:ss yyyy",
        24 if DAYS.contains(&day) => ", dd-bbb-yy hh:mm:ss GMT",
        _ => return None,
    };
    Fields::by_form(rest, form)?.to_unix()
}

/// A date in whatever order and spelling servers give it (after RFC 6265 section 5.1.1), in universal time.
pub(super) fn lenient_date(text: &str) -> Option<UnixTime> {
    let mut date = Fields::default();
    let (mut time, mut day, mut month, mut year) = (false, false, false, false);
    for word in text.split([' ', '\t', ',', '-']).filter(|word| !word.is_empty()) {
        let digits = word.bytes().all(|byte| byte.is_ascii_digit());
        if !time && word.contains(':') {
            let mut parts = word.split(':').map(|part| number(part, 2));
            (date.hour, date.minute, date.second) = (parts.next()??, parts.next()??, parts.next()??);
            time = parts.next().is_none();
        } else if !day && digits && word.len() <= 2 {
            date.day = number(word, 2)?;
            day = true;
        } else if !year && digits && matches!(word.len(), 2 | 4) {
            date.year = number(word, 4)?;
            date.short_year = word.len() == 2;
            year = true;
        } else if !month && let Some(found) = MONTHS.iter().position(|name| name.eq_ignore_ascii_case(word)) {
            date.month = found;
            month = true;
        } else if !is_day_or_zone(word) {
            return None;
        }
    }
    if time && day && month && year { date.to_unix() } else { None }
}

/// A day's name, whole or its first three letters, or a name of universal time. Any other zone makes a date that
/// cannot be trusted.
fn is_day_or_zone(word: &str) -> bool {
    let zone = ["gmt", "utc", "ut", "z", "+0000"].iter().any(|name| name.eq_ignore_ascii_case(word));
    zone || DAYS.iter().any(|name| name.eq_ignore_ascii_case(word) || name[..3].eq_ignore_ascii_case(word))
}

fn number(text: &str, longest: usize) -> Option<i64> {
    let digits = !text.is_empty() && text.len() <= longest && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok())?
}

#[derive(Default)]
struct Fields {
    year: i64,
    short_year: bool,
    /// From 0.
    month: usize,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Fields {
    /// Of the form, `bbb` stands for a month's name, `_` for a digit or a space, the other small letters for a digit
    /// each, and all else for itself.
    fn by_form(text: &str, form: &str) -> Option<Self> {
        let mut date = Self::default();
        let mut month = String::new();
        if text.len() != form.len() || !text.is_ascii() {
            return None;
        }
        for (sign, char) in form.chars().zip(text.chars()) {
            let field = match sign {
                'y' => &mut date.year,
                'd' | '_' => &mut date.day,
                'h' => &mut date.hour,
                'm' => &mut date.minute,
                's' => &mut date.second,
                'b' if char.is_ascii_alphabetic() => {
                    month.push(char);
                    continue;
                }
                _ if sign == char => continue,
                _ => return None,
            };
            let digit = match char {
                ' ' if sign == '_' => 0,
                _ => char.to_digit(10)?,
            };
            *field = *field * 10 + i64::from(digit);
        }
        date.month = MONTHS.iter().position(|name| *name == month)?;
        date.short_year = !form.contains("yyyy");
        Some(date)
    }

    fn to_unix(&self) -> Option<UnixTime> {
        // Two digits would need today's date to be sure (RFC 9110 section 5.6.7); this holds until 2069.
        let year = match self.year {
            year if !self.short_year => year,
            year @ 70.. => year + 1_900,
            year => year + 2_000,
        };
        let days = days_since_1970(year, self.month, self.day)?;
        // Second 60 is a leap second.
        if self.hour > 23 || self.minute > 59 || self.second > 60 {
            return None;
        }
        Some(UnixTime::from_secs(days * 86_400 + self.hour * 3_600 + self.minute * 60 + self.second))
    }
}

/// The days from 1970-01-01 to a date; its month is counted from 0. `None` if there is no such date.
pub(crate) fn days_since_1970(year: i64, month: usize, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let lengths = [31, if leap { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    if !(1..=*lengths.get(month)?).contains(&day) {
        return None;
    }
    let before = year - 1;
    let leaps = before.div_euclid(4) - before.div_euclid(100) + before.div_euclid(400);
    Some(before * 365 + leaps - 719_162 + lengths[..month].iter().sum::<i64>() + day - 1)
}
