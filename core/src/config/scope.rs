//! Which URLs are crawled, which are only checked, which are left alone.

use core::fmt;
use url::{Host, Url};

use super::ConfigError;

/// What is to become of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Decision {
    /// Not asked for.
    Ignore,
    /// Asked for, its links not followed.
    Check,
    /// Asked for, its links followed.
    Crawl,
}

/// A part of the web that is crawled.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reach {
    /// The origin (scheme, host and port) of each seed, and of where a seed redirects within its site.
    SeedOrigins,
    /// Everything with the origin of this URL.
    Origin(Url),
    /// Every scheme and port of this host: a name or an address.
    Host(String),
    /// This registrable domain by the public suffix list, and every name below it.
    Domain(String),
    /// Everything whose URL begins with this one; a path counts up to its last slash.
    Prefix(Url),
}

/// A regular expression on a URL's identity, of limited size.
#[derive(Clone)]
pub struct Pattern(regex::Regex);

/// Compiled size in bytes that a pattern may have, so that matching stays fast on any URL.
const PATTERN_SIZE_LIMIT: usize = 256 * 1_024;

impl Pattern {
    /// Compiles an expression in the syntax of the `regex` crate.
    ///
    /// # Errors
    ///
    /// If it is not such an expression, or compiles to more than 256 KiB.
    pub fn new(expression: &str) -> Result<Self, ConfigError> {
        regex::RegexBuilder::new(expression).size_limit(PATTERN_SIZE_LIMIT).build().map(Self).map_err(
            |error| {
                let why = match error {
                    regex::Error::CompiledTooBig(limit) => {
                        format!("a pattern that compiles to at most {limit} bytes")
                    }
                    // Above the last line stands the expression, marked at a place that one line cannot show.
                    other => {
                        let text = other.to_string();
                        let why = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                        format!("a regular expression: {why}")
                    }
                };
                ConfigError::new("pattern", format_args!("\"{expression}\""), why)
            },
        )
    }

    /// Whether it matches somewhere in this URL.
    #[must_use]
    pub fn matches(&self, url: &str) -> bool {
        self.0.is_match(url)
    }

    /// The expression as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

/// Which URLs are crawled, checked or ignored: what is within [`Reach`] is crawled, the rest is checked; then rules
/// by pattern may say otherwise.
///
/// ```
/// use crawlspace::{Decision, Pattern, Scope};
///
/// let scope = Scope::default()
///     .rule(Pattern::new("/archive/")?, Decision::Check)
///     .rule(Pattern::new(r"\.zip$")?, Decision::Ignore);
/// # Ok::<(), crawlspace::ConfigError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Scope {
    pub(crate) reach: Vec<Reach>,
    pub(crate) external: Decision,
    pub(crate) include: Vec<Pattern>,
    pub(crate) rules: Vec<(Pattern, Decision)>,
}

impl Default for Scope {
    /// The seeds' origins are crawled, all else is checked.
    fn default() -> Self {
        Self {
            reach: vec![Reach::SeedOrigins],
            external: Decision::Check,
            include: Vec::new(),
            rules: Vec::new(),
        }
    }
}

impl Scope {
    /// Crawls this too.
    #[must_use]
    pub fn reach(mut self, reach: Reach) -> Self {
        self.reach.push(reach);
        self
    }

    /// Crawls only what is added after this.
    #[must_use]
    pub fn no_reach(mut self) -> Self {
        self.reach.clear();
        self
    }

    /// What becomes of URLs out of reach: checked (the default) or ignored.
    #[must_use]
    pub fn external(mut self, decision: Decision) -> Self {
        self.external = decision;
        self
    }

    /// Only URLs that match one of the included patterns are asked for at all; seeds always are.
    #[must_use]
    pub fn include(mut self, pattern: Pattern) -> Self {
        self.include.push(pattern);
        self
    }

    /// URLs that match are decided so, wherever they are. Of several rules that match, the last one counts.
    #[must_use]
    pub fn rule(mut self, pattern: Pattern, decision: Decision) -> Self {
        self.rules.push((pattern, decision));
        self
    }

    /// What becomes of a URL, and why it is left alone where it is. A seed is never left alone.
    pub(crate) fn decide(&self, identity: &str, about: &About<'_>) -> Verdict {
        let rule = self.rules.iter().rposition(|(pattern, _)| pattern.matches(identity));
        let ruled = rule.map(|rule| (rule, self.rules[rule].1));
        if !about.seed {
            if let Some((rule, Decision::Ignore)) = ruled {
                return Verdict::Excluded { rule };
            }
            if !self.is_included(identity) {
                return Verdict::NotIncluded;
            }
        }
        match ruled {
            Some((_, decision @ (Decision::Check | Decision::Crawl))) => Verdict::Take(decision),
            _ if self.reach.iter().any(|reach| reach.covers(identity, about)) => {
                Verdict::Take(Decision::Crawl)
            }
            _ if self.external == Decision::Ignore && !about.seed => Verdict::External,
            _ => Verdict::Take(Decision::Check.max(self.external)),
        }
    }

    /// What becomes of a URL, and what that is decided by.
    pub(crate) fn explain(&self, identity: &str, about: &About<'_>) -> (Decision, Because<'_>) {
        let rule = self.rules.iter().rfind(|(pattern, _)| pattern.matches(identity));
        match (self.decide(identity, about), rule) {
            (Verdict::Excluded { .. }, Some((pattern, _))) => {
                (Decision::Ignore, Because::Rule(pattern.as_str()))
            }
            (Verdict::NotIncluded, _) => (Decision::Ignore, Because::NotIncluded),
            (Verdict::External | Verdict::Excluded { .. }, _) => (Decision::Ignore, Because::OutOfReach),
            (Verdict::Take(decision), Some((pattern, ruled))) if decision == *ruled => {
                (decision, Because::Rule(pattern.as_str()))
            }
            (Verdict::Take(decision), _) => {
                let because = match self.reach.iter().find(|reach| reach.covers(identity, about)) {
                    Some(reach) => Because::Reach(reach),
                    None => Because::OutOfReach,
                };
                (decision, because)
            }
        }
    }

    /// The pattern of a rule, counted from 0.
    pub(crate) fn rule_at(&self, rule: u32) -> Option<&Pattern> {
        let (pattern, _) = self.rules.get(usize::try_from(rule).ok()?)?;
        Some(pattern)
    }

    fn is_included(&self, identity: &str) -> bool {
        self.include.is_empty() || self.include.iter().any(|pattern| pattern.matches(identity))
    }
}

/// What the scope says of a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Take(Decision),
    External,
    NotIncluded,
    Excluded { rule: usize },
}

/// What decided on a URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Because<'a> {
    /// The last rule whose pattern matches.
    Rule(&'a str),
    /// There are patterns to include, and none of them matches.
    NotIncluded,
    /// It is within this part of the web.
    Reach(&'a Reach),
    /// It is in no part of the web that is crawled.
    OutOfReach,
    /// It is in scope, but all links to it say `nofollow`, and robots are obeyed: its own links are not followed.
    Nofollow,
    /// Its scheme is not one that can be fetched.
    Scheme,
}

/// What scopes look at of a URL, beside its text.
pub(crate) struct About<'a> {
    pub(crate) origin: &'a str,
    /// As the URL standard serialises it; an IPv6 address in brackets.
    pub(crate) host: &'a str,
    /// Whether the embedder gave it.
    pub(crate) seed: bool,
    /// Whether its origin is among those that [`Reach::SeedOrigins`] stands for.
    pub(crate) of_seed: bool,
}

impl Reach {
    fn covers(&self, identity: &str, about: &About<'_>) -> bool {
        match self {
            Self::SeedOrigins => about.of_seed,
            Self::Origin(url) => about.origin == url.origin().ascii_serialization(),
            Self::Host(host) => about.host == host,
            Self::Domain(domain) => {
                about.host == domain
                    || about.host.strip_suffix(domain.as_str()).is_some_and(|rest| rest.ends_with('.'))
            }
            Self::Prefix(url) => {
                let prefix = crate::identity::Identity::of(url);
                let cut = prefix.as_str().rfind('/').map_or(prefix.as_str().len(), |slash| slash + 1);
                identity.starts_with(&prefix.as_str()[..cut])
            }
        }
    }
}

/// The registrable domain of a host name by the public suffix list (`example.co.uk` of `www.example.co.uk`); `None`
/// for an address, a public suffix itself, and a name without one.
#[must_use]
pub fn registrable_domain(url: &Url) -> Option<&str> {
    match url.host()? {
        Host::Domain(name) => psl::domain_str(name.trim_end_matches('.')),
        Host::Ipv4(_) | Host::Ipv6(_) => None,
    }
}
