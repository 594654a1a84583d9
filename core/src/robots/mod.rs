//! The Robots Exclusion Protocol (RFC 9309): what a site asks of crawlers.
//!
//! ```
//! use crawlspace::robots::RobotsFile;
//!
//! let file = RobotsFile::parse(b"User-agent: *\nDisallow: /private\nAllow: /private/open$\n", "crawlspace");
//! let decision = file.decide("/private/letters?page=2");
//! assert!(!decision.allowed);
//! assert_eq!(decision.rule.map(|rule| rule.line), Some(2));
//! assert!(file.decide("/private/open").allowed);
//! ```

mod parser;
mod pattern;

pub use parser::Parser;
pub(crate) use parser::product_token_of;

use core::fmt;
use core::time::Duration;
use url::Url;

/// What a robots.txt says to one crawler: the rules of the groups that apply to its product token, merged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct RobotsFile {
    /// The rules in the order of the file. Lines that can match no path (an empty value, or one that begins with
    /// neither `/` nor `*`) are left out.
    pub rules: Vec<Rule>,
    /// How long to wait between two fetches: `Crawl-delay`, which is no part of the standard but widely meant. The
    /// longest, if the groups that apply name several; not capped.
    pub crawl_delay: Option<Duration>,
    /// The sitemaps it names, as written; they belong to no group.
    pub sitemaps: Vec<String>,
    /// Whether the file went on beyond the cap; what came after was not read.
    pub truncated: bool,
}

/// One `Allow` or `Disallow` line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
#[non_exhaustive]
pub struct Rule {
    /// Whether the line allows.
    pub allow: bool,
    /// The path pattern, percent-encoding normalised; `*` and a final `$` are special, literal ones are encoded.
    pub pattern: String,
    /// The line's number in the file, counted from 1.
    pub line: u32,
}

/// Whether a path may be fetched, and why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Decision<'a> {
    /// Whether it may.
    pub allowed: bool,
    /// The rule that says so; `None` if no rule matches, or none is asked (`/robots.txt` itself).
    pub rule: Option<&'a Rule>,
}

/// What the answer to a request for robots.txt means (RFC 9309 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Access {
    /// The body holds the rules.
    Parse,
    /// The rules are elsewhere. After five redirects, or where there is nowhere to go, the file counts as
    /// unavailable, as for [`Access::AllowAll`]; the rules found hold for the origin that was asked first.
    FollowRedirect,
    /// There is no robots.txt: everything may be fetched.
    AllowAll,
    /// The file cannot be reached: nothing may be fetched for now.
    DisallowAll,
}

impl RobotsFile {
    /// Reads a whole file for the crawler with this product token (RFC 9309 section 2.2.1), of whatever size. Any
    /// bytes are a robots.txt; what is not understood is ignored.
    ///
    /// A whole `User-Agent` value will do for the token: it counts up to the first `/`, white space or list mark.
    #[must_use]
    pub fn parse(bytes: &[u8], product_token: &str) -> Self {
        let mut parser = Parser::new(product_token, u64::MAX);
        let _ = parser.push(bytes);
        parser.finish()
    }

    /// Whether this path, with its query, may be fetched (RFC 9309 section 2.2.2): the matching rule with the most
    /// octets decides, `Allow` before `Disallow` if two have as many.
    ///
    /// The work is linear in the length of path and rules, whatever the rules are.
    #[must_use]
    pub fn decide(&self, path_and_query: &str) -> Decision<'_> {
        let path = pattern::normalise_path(path_and_query);
        if path == "/robots.txt" {
            return Decision { allowed: true, rule: None };
        }
        let mut best: Option<&Rule> = None;
        for rule in &self.rules {
            let stronger = best.is_none_or(|best| rule.strength() > best.strength());
            if stronger && pattern::matches(rule.pattern.as_bytes(), path.as_bytes()) {
                best = Some(rule);
            }
        }
        Decision { allowed: best.is_none_or(|rule| rule.allow), rule: best }
    }
}

impl Rule {
    fn strength(&self) -> (usize, bool) {
        (self.pattern.len(), self.allow)
    }
}

impl fmt::Display for Rule {
    /// The line as it could stand in a robots.txt.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", if self.allow { "Allow" } else { "Disallow" }, self.pattern)
    }
}

/// What the status of the answer to a request for robots.txt means (RFC 9309 section 2.3.1).
///
/// 429 is read as the server's overload that it is, not as a missing file; a status of no known class counts as a
/// server error (RFC 9110 section 15). A request that failed without a status is [`Access::DisallowAll`] too.
#[must_use]
pub const fn access(status: u16) -> Access {
    match status {
        200..=299 => Access::Parse,
        300..=399 => Access::FollowRedirect,
        429 => Access::DisallowAll,
        400..=499 => Access::AllowAll,
        _ => Access::DisallowAll,
    }
}

/// Where the rules for a URL are kept (RFC 9309 section 2.3): `/robots.txt` of its scheme, host and port, without
/// credentials. `None` if its scheme is not `http` or `https`.
#[must_use]
pub fn robots_url(url: &Url) -> Option<Url> {
    if !matches!(url.scheme(), "http" | "https") {
        return None;
    }
    let mut robots = url.clone();
    robots.set_path("/robots.txt");
    robots.set_query(None);
    robots.set_fragment(None);
    robots.set_username("").ok()?;
    robots.set_password(None).ok()?;
    Some(robots)
}
