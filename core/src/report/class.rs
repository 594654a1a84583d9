//! Verdicts: what became of a link, finer than one bit.

use crate::failure::{Connect, Failure, Protocol};
use core::fmt;
use core::str::FromStr;

/// What became of a link.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Class {
    /// It works.
    Ok,
    /// It works after redirects; the link could name the new place.
    Redirected,
    /// A client error: 404, 410 or another 4xx that says the link is wrong.
    Broken,
    /// A server error (5xx).
    ServerError,
    /// Not for us: 401, 403, 407, 451, 999, or a bot wall.
    Blocked,
    /// Too many requests (429), also after waiting.
    RateLimited,
    /// Time ran out.
    Timeout,
    /// The host name does not resolve.
    Dns,
    /// The TLS handshake failed.
    Tls,
    /// No connection could be made, or it broke.
    Unreachable,
    /// The page exists, the fragment does not.
    DeadFragment,
    /// The redirects come back to where they were.
    RedirectLoop,
    /// More redirects in a row than the limit.
    TooManyRedirects,
    /// Not a URL, or a redirect to what is not one.
    InvalidUrl,
    /// The answer is not HTTP as it should be.
    Protocol,
    /// The body is larger than the cap.
    TooLarge,
    /// The address policy does not allow it.
    Refused,
    /// Not asked for; the reason is named.
    Skipped,
}

impl Class {
    /// All classes.
    pub const ALL: [Self; 18] = [
        Self::Ok,
        Self::Redirected,
        Self::Broken,
        Self::ServerError,
        Self::Blocked,
        Self::RateLimited,
        Self::Timeout,
        Self::Dns,
        Self::Tls,
        Self::Unreachable,
        Self::DeadFragment,
        Self::RedirectLoop,
        Self::TooManyRedirects,
        Self::InvalidUrl,
        Self::Protocol,
        Self::TooLarge,
        Self::Refused,
        Self::Skipped,
    ];

    /// The name used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Redirected => "redirected",
            Self::Broken => "broken",
            Self::ServerError => "server-error",
            Self::Blocked => "blocked",
            Self::RateLimited => "rate-limited",
            Self::Timeout => "timeout",
            Self::Dns => "dns",
            Self::Tls => "tls",
            Self::Unreachable => "unreachable",
            Self::DeadFragment => "dead-fragment",
            Self::RedirectLoop => "redirect-loop",
            Self::TooManyRedirects => "too-many-redirects",
            Self::InvalidUrl => "invalid-url",
            Self::Protocol => "protocol",
            Self::TooLarge => "too-large",
            Self::Refused => "refused",
            Self::Skipped => "skipped",
        }
    }

    /// How bad it is, by default. In-scope links are held to a stricter rule: their site can mend them.
    #[must_use]
    pub const fn severity(self, in_scope: bool) -> Severity {
        match self {
            Self::Ok | Self::Redirected | Self::Skipped => Severity::Info,
            Self::TooLarge | Self::Refused => Severity::Warning,
            Self::Blocked | Self::RateLimited | Self::Timeout if !in_scope => Severity::Warning,
            Self::Blocked
            | Self::RateLimited
            | Self::Timeout
            | Self::Broken
            | Self::ServerError
            | Self::Dns
            | Self::Tls
            | Self::Unreachable
            | Self::DeadFragment
            | Self::RedirectLoop
            | Self::TooManyRedirects
            | Self::InvalidUrl
            | Self::Protocol => Severity::Error,
        }
    }

    /// The class of a final status code that is not accepted and not a redirect that was followed. What a bot wall
    /// answers says nothing about the URL.
    pub(crate) fn of_status(status: u16, challenge: bool) -> Self {
        match status {
            _ if challenge => Self::Blocked,
            401 | 403 | 407 | 451 | 999 => Self::Blocked,
            429 => Self::RateLimited,
            408 => Self::Timeout,
            400..=499 => Self::Broken,
            500..=599 => Self::ServerError,
            _ => Self::Protocol,
        }
    }

    pub(crate) fn of_failure(failure: &Failure) -> Self {
        match failure {
            Failure::Dns(_) => Self::Dns,
            Failure::Connect(Connect::Refused | Connect::Unreachable | Connect::Reset)
            | Failure::Closed
            | Failure::Local(_) => Self::Unreachable,
            Failure::Tls(_) => Self::Tls,
            Failure::Timeout(_) | Failure::Lapsed => Self::Timeout,
            Failure::Truncated
            | Failure::Encoding(_)
            | Failure::Protocol(
                Protocol::Malformed
                | Protocol::HeadTooLarge
                | Protocol::TooManyInformational
                | Protocol::Version,
            ) => Self::Protocol,
            // Nobody was asked, so nothing is known of it.
            Failure::Refused(crate::failure::Refusal::Offline | crate::failure::Refusal::Scheme)
            | Failure::NotInArchive => Self::Skipped,
            Failure::Refused(_) => Self::Refused,
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(name: &str) -> Result<Self, UnknownClass> {
        Self::ALL
            .into_iter()
            .find(|class| class.as_str() == name)
            .ok_or_else(|| UnknownClass(name.to_owned()))
    }
}

/// There is no class of that name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownClass(String);

impl fmt::Display for UnknownClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\" is no class; classes are ", self.0)?;
        for (index, class) in Class::ALL.iter().enumerate() {
            write!(f, "{}{class}", if index > 0 { ", " } else { "" })?;
        }
        Ok(())
    }
}

impl core::error::Error for UnknownClass {}

/// How bad a finding is. Greater is worse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Severity {
    /// A rule says that it does not matter: no finding at all.
    Ignored,
    /// Good to know.
    Info,
    /// May be wrong; does not fail a run.
    Warning,
    /// Wrong.
    Error,
}

impl Severity {
    /// The name used in reports.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ignored => "ignored",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
