//! Why a URL was not asked for.

use crate::engine::LimitKind;
use core::fmt;

/// Why a URL was not asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Skip {
    /// Its scheme is not one that can be fetched (`mailto:`, `tel:`, `javascript:` and others).
    Scheme,
    /// It is out of reach, and such URLs are not checked.
    External,
    /// It matches none of the patterns to include.
    NotIncluded,
    /// A rule excludes it.
    Excluded {
        /// Which of the scope's rules, counted from 0.
        rule: u32,
    },
    /// robots.txt disallows it (RFC 9309).
    Robots {
        /// The line of the deciding rule, counted from 1; 0 if the whole origin is closed because its robots.txt
        /// cannot be had.
        line: u32,
    },
    /// It is further from the seeds than the depth limit.
    Depth,
    /// A limit was reached before its turn.
    Limit(LimitKind),
    /// It only stands in the page, such as a form's action: asking could have effects.
    Recorded,
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Scheme => f.write_str("skipped: the scheme is not checked"),
            Self::External => f.write_str("skipped: out of scope"),
            Self::NotIncluded => f.write_str("skipped: matches no included pattern"),
            Self::Excluded { rule } => write!(f, "skipped: excluded by rule {}", rule + 1),
            Self::Robots { line: 0 } => f.write_str("skipped: robots.txt cannot be had"),
            Self::Robots { line } => write!(f, "skipped: disallowed by robots.txt, line {line}"),
            Self::Depth => f.write_str("skipped: deeper than the depth limit"),
            Self::Limit(limit) => write!(f, "skipped: limit {} reached", limit.as_str()),
            Self::Recorded => f.write_str("skipped: only recorded, never requested"),
        }
    }
}
