//! Bounds without a magic zero.

use core::fmt;

/// A bound, or none.
///
/// ```
/// use crawlspace::Limit;
///
/// assert!(Limit::Max(3).allows(3));
/// assert!(!Limit::Max(3).allows(4));
/// assert!(Limit::None.allows(u64::MAX));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum Limit<T> {
    /// At most this much.
    Max(T),
    /// As much as there is.
    None,
}

impl<T: PartialOrd> Limit<T> {
    /// Whether this much is within the bound.
    pub fn allows(&self, amount: T) -> bool {
        match self {
            Self::Max(max) => amount <= *max,
            Self::None => true,
        }
    }
}

impl<T: Copy> Limit<T> {
    /// The bound, if there is one.
    pub const fn max(&self) -> Option<T> {
        match self {
            Self::Max(max) => Some(*max),
            Self::None => None,
        }
    }
}

impl<T: fmt::Display> fmt::Display for Limit<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Max(max) => max.fmt(f),
            Self::None => f.write_str("none"),
        }
    }
}
