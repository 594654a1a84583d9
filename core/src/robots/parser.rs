//! Reading a robots.txt, chunk by chunk.

use super::{RobotsFile, Rule, pattern};
use crate::digest::Appetite;
use core::time::Duration;
use memchr::memchr2;

/// Reads a robots.txt for one crawler as it arrives. Any split into chunks gives the same [`RobotsFile`].
///
/// ```
/// use crawlspace::digest::Appetite;
/// use crawlspace::robots::Parser;
///
/// let mut parser = Parser::new("crawlspace", 500 * 1024);
/// assert_eq!(parser.push(b"User-agent: *\nDisal"), Appetite::More);
/// assert_eq!(parser.push(b"low: /x\n"), Appetite::More);
/// assert_eq!(parser.finish().rules[0].pattern, "/x");
/// ```
#[derive(Clone, Debug)]
pub struct Parser {
    /// The crawler's product token, in lower case.
    token: Vec<u8>,
    /// Bytes that may still be read.
    room: u64,
    truncated: bool,
    /// The beginning of a line whose end has not come yet.
    partial: Vec<u8>,
    /// The number of the line being read.
    line: u32,
    /// Whether the last octet was a carriage return, so that a line feed would belong to it.
    after_return: bool,
    /// Whom the rules that follow are for.
    rules_for: Audience,
    /// Whom a `Crawl-delay` that follows is for. Not the same: that line is no part of the protocol, so it must not
    /// part the agents above it from the rules below (RFC 9309 section 2.2.4), yet it means those above it only.
    delay_for: Audience,
    /// What is said to the token by name.
    named: Said,
    /// What is said to everyone else.
    others: Said,
    sitemaps: Vec<String>,
}

/// The agents that the `User-agent` lines of a group name, as far as they matter here.
#[derive(Clone, Copy, Debug, Default)]
struct Audience {
    named: bool,
    others: bool,
    /// Whether something was said to them, so that the next `User-agent` line begins a new group.
    closed: bool,
}

#[derive(Clone, Debug, Default)]
struct Said {
    /// Whether there is such a group at all.
    any: bool,
    rules: Vec<Rule>,
    delay: Option<Duration>,
}

impl Parser {
    /// Reads for the crawler with this product token, and no further than `cap` bytes (RFC 9309 section 2.5 asks for
    /// at least 500 KiB). A line that the cap cuts is dropped.
    #[must_use]
    pub fn new(product_token: &str, cap: u64) -> Self {
        Self {
            token: product_token_of(product_token.as_bytes()).to_ascii_lowercase(),
            room: cap,
            truncated: false,
            partial: Vec::new(),
            line: 1,
            after_return: false,
            rules_for: Audience::default(),
            delay_for: Audience::default(),
            named: Said::default(),
            others: Said::default(),
            sitemaps: Vec::new(),
        }
    }

    /// Takes the next chunk, of any size; [`Appetite::Enough`] once the cap is reached and more has come.
    pub fn push(&mut self, chunk: &[u8]) -> Appetite {
        if self.truncated {
            return Appetite::Enough;
        }
        let fits = usize::try_from(self.room).map_or(chunk.len(), |room| room.min(chunk.len()));
        let (chunk, beyond) = chunk.split_at(fits);
        self.room -= chunk.len() as u64;
        self.lines(chunk);
        match beyond.first() {
            None => Appetite::More,
            Some(next) => {
                self.truncated = true;
                // The line is whole if only its end lies beyond the cap.
                if matches!(next, b'\n' | b'\r') {
                    self.end_line(b"");
                } else {
                    self.partial.clear();
                }
                Appetite::Enough
            }
        }
    }

    /// The rules, once the file has ended.
    #[must_use]
    pub fn finish(mut self) -> RobotsFile {
        if !self.truncated {
            self.end_line(b"");
        }
        let said = if self.named.any { self.named } else { self.others };
        RobotsFile {
            rules: said.rules,
            crawl_delay: said.delay,
            sitemaps: self.sitemaps,
            truncated: self.truncated,
        }
    }

    fn lines(&mut self, mut chunk: &[u8]) {
        if self.after_return
            && let Some((&first, rest)) = chunk.split_first()
        {
            self.after_return = false;
            if first == b'\n' {
                chunk = rest;
            }
        }
        while let Some(end) = memchr2(b'\n', b'\r', chunk) {
            self.end_line(&chunk[..end]);
            self.line = self.line.saturating_add(1);
            let returned = chunk[end] == b'\r';
            chunk = &chunk[end + 1..];
            match chunk.first() {
                Some(b'\n') if returned => chunk = &chunk[1..],
                None => self.after_return = returned,
                _ => {}
            }
        }
        self.partial.extend_from_slice(chunk);
    }

    /// Takes a line that is complete with these octets.
    fn end_line(&mut self, rest: &[u8]) {
        if self.partial.is_empty() {
            self.take_line(rest);
        } else {
            let mut line = core::mem::take(&mut self.partial);
            line.extend_from_slice(rest);
            self.take_line(&line);
            line.clear();
            self.partial = line;
        }
    }

    fn take_line(&mut self, line: &[u8]) {
        let line = if self.line == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line) } else { line };
        let Some((field, value)) = split_line(line) else { return };
        match field {
            Field::UserAgent => self.user_agent(value),
            Field::Rule { allow } => self.rule(allow, value),
            Field::CrawlDelay => self.crawl_delay(value),
            Field::Sitemap if value.is_empty() => {}
            Field::Sitemap => self.sitemaps.push(String::from_utf8_lossy(value).into_owned()),
        }
    }

    fn user_agent(&mut self, value: &[u8]) {
        let token = product_token_of(value);
        let others = token == b"*";
        let named = !others && !token.is_empty() && token.eq_ignore_ascii_case(&self.token);
        self.named.any |= named;
        self.others.any |= others;
        for audience in [&mut self.rules_for, &mut self.delay_for] {
            if audience.closed {
                *audience = Audience::default();
            }
            audience.named |= named;
            audience.others |= others;
        }
    }

    fn rule(&mut self, allow: bool, value: &[u8]) {
        self.rules_for.closed = true;
        self.delay_for.closed = true;
        let Audience { named, others, .. } = self.rules_for;
        if !named && !others {
            return;
        }
        let Some(pattern) = pattern::normalise_pattern(value) else { return };
        let rule = Rule { allow, pattern, line: self.line };
        if named && others {
            self.others.rules.push(rule.clone());
            self.named.rules.push(rule);
        } else if named {
            self.named.rules.push(rule);
        } else {
            self.others.rules.push(rule);
        }
    }

    fn crawl_delay(&mut self, value: &[u8]) {
        self.delay_for.closed = true;
        let Some(delay) = seconds(value) else { return };
        if self.delay_for.named {
            self.named.delay = self.named.delay.max(Some(delay));
        }
        if self.delay_for.others {
            self.others.delay = self.others.delay.max(Some(delay));
        }
    }
}

enum Field {
    UserAgent,
    Rule { allow: bool },
    CrawlDelay,
    Sitemap,
}

/// The field and value of a line, without comment and surrounding white space.
fn split_line(line: &[u8]) -> Option<(Field, &[u8])> {
    let end = memchr::memchr(b'#', line).unwrap_or(line.len());
    let line = line[..end].trim_ascii();
    let (name, value) = match memchr::memchr(b':', line) {
        Some(colon) => (&line[..colon], &line[colon + 1..]),
        // A forgotten colon is common enough that Google's parser reads these too: two words and no more.
        None => {
            let space = line.iter().position(u8::is_ascii_whitespace)?;
            let value = line[space..].trim_ascii();
            if value.iter().any(u8::is_ascii_whitespace) {
                return None;
            }
            (&line[..space], value)
        }
    };
    Some((field(name.trim_ascii())?, value.trim_ascii()))
}

/// Fields without regard to case, with the misspellings that the parsers in wide use accept.
fn field(name: &[u8]) -> Option<Field> {
    const LONGEST: usize = 11;
    let mut buffer = [0; LONGEST];
    let lower = buffer.get_mut(..name.len())?;
    lower.copy_from_slice(name);
    lower.make_ascii_lowercase();
    Some(match &*lower {
        b"user-agent" | b"user agent" | b"useragent" => Field::UserAgent,
        b"allow" => Field::Rule { allow: true },
        b"disallow" | b"dissallow" | b"dissalow" | b"disalow" | b"diasllow" | b"disallaw" => {
            Field::Rule { allow: false }
        }
        b"crawl-delay" | b"crawl delay" | b"crawldelay" => Field::CrawlDelay,
        b"sitemap" | b"site-map" => Field::Sitemap,
        _ => return None,
    })
}

/// The product token that a `User-agent` line or a crawler's name begins with. More octets count than RFC 9309
/// section 2.2.1 lets a token have, since real crawlers have digits and letters of all scripts in their names.
pub(crate) fn product_token_of(value: &[u8]) -> &[u8] {
    let value = value.trim_ascii();
    let ends = |octet: &u8| octet.is_ascii_whitespace() || matches!(octet, b'/' | b',' | b';' | b'(');
    &value[..value.iter().position(ends).unwrap_or(value.len())]
}

/// A plain decimal number of seconds; anything else (a sign, an exponent, a unit, `inf`) is no delay.
fn seconds(value: &[u8]) -> Option<Duration> {
    let text = core::str::from_utf8(value).ok()?;
    if !text.bytes().all(|octet| octet.is_ascii_digit() || octet == b'.') {
        return None;
    }
    let seconds = text.parse::<f64>().ok()?;
    // Whole microseconds, as the codec and the engine's time have them; as many as there are still mean
    // "practically never".
    let delay = Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX);
    Some(Duration::from_micros(u64::try_from(delay.as_nanos().div_ceil(1_000)).unwrap_or(u64::MAX)))
}
