//! The Robots Exclusion Protocol (RFC 9309).

use core::time::Duration;

/// What a robots.txt says to one crawler: the rules of the groups that apply to its product token, merged.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct RobotsFile {
    /// The rules in the order of the file.
    pub rules: Vec<Rule>,
    /// How long to wait between two fetches: `Crawl-delay`, which is no part of the standard but widely meant.
    pub crawl_delay: Option<Duration>,
    /// The sitemaps it names, as written; they belong to no group.
    pub sitemaps: Vec<String>,
}

impl Eq for RobotsFile {}

/// One `Allow` or `Disallow` line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Rule {
    /// Whether the line allows.
    pub allow: bool,
    /// The path pattern, percent-encoding normalised; `*` and a final `$` are special.
    pub pattern: String,
    /// The line's number in the file, counted from 1.
    pub line: u32,
}
