//! Which faults led to which outcomes.

use crate::fault::Fault;
use core::fmt;
use crawlspace::{Failure, Outcome};

/// What a fetch came to, as coarse as a table can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Ending {
    /// 2xx.
    Success,
    /// 3xx.
    Redirect,
    /// 4xx.
    ClientError,
    /// 5xx.
    ServerError,
    /// Any other status.
    OtherStatus,
    /// [`Failure::Dns`].
    Dns,
    /// [`Failure::Connect`].
    Connect,
    /// [`Failure::Tls`].
    Tls,
    /// [`Failure::Timeout`].
    Timeout,
    /// [`Failure::Closed`] or [`Failure::Truncated`].
    Broken,
    /// [`Failure::Protocol`] or [`Failure::Encoding`].
    Protocol,
    /// [`Failure::Refused`].
    Refused,
    /// [`Failure::Local`].
    Local,
    /// No answer in time.
    Lapsed,
}

impl Ending {
    /// How many there are.
    pub const COUNT: usize = 14;

    /// All of them, in order.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Success,
        Self::Redirect,
        Self::ClientError,
        Self::ServerError,
        Self::OtherStatus,
        Self::Dns,
        Self::Connect,
        Self::Tls,
        Self::Timeout,
        Self::Broken,
        Self::Protocol,
        Self::Refused,
        Self::Local,
        Self::Lapsed,
    ];

    /// The ending of an outcome.
    #[must_use]
    pub fn of(outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Answered(digest) => match digest.status {
                200..=299 => Self::Success,
                300..=399 => Self::Redirect,
                400..=499 => Self::ClientError,
                500..=599 => Self::ServerError,
                _ => Self::OtherStatus,
            },
            Outcome::Failed(failure) => match failure {
                Failure::Dns(_) => Self::Dns,
                Failure::Connect(_) => Self::Connect,
                Failure::Tls(_) => Self::Tls,
                Failure::Timeout(_) => Self::Timeout,
                Failure::Closed | Failure::Truncated => Self::Broken,
                Failure::Protocol(_) | Failure::Encoding(_) => Self::Protocol,
                Failure::Refused(_) => Self::Refused,
                Failure::Lapsed => Self::Lapsed,
                _ => Self::Local,
            },
        }
    }

    /// A name of at most seven letters.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Success => "2xx",
            Self::Redirect => "3xx",
            Self::ClientError => "4xx",
            Self::ServerError => "5xx",
            Self::OtherStatus => "other",
            Self::Dns => "dns",
            Self::Connect => "connect",
            Self::Tls => "tls",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Protocol => "proto",
            Self::Refused => "refused",
            Self::Local => "local",
            Self::Lapsed => "lapsed",
        }
    }
}

/// How often each fault struck, by what the fetch came to. Its `Display` is a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    /// One row for each fault, and one for fetches without any.
    rows: Vec<[u64; Ending::COUNT]>,
}

impl Default for Tally {
    fn default() -> Self {
        Self { rows: vec![[0; Ending::COUNT]; Fault::COUNT + 1] }
    }
}

impl Tally {
    /// Counts one fetch.
    pub(crate) fn count(&mut self, fault: Option<Fault>, ending: Ending) {
        self.rows[row(fault)][ending as usize] += 1;
    }

    /// How many fetches that a fault struck (none: no fault) came to this.
    #[must_use]
    pub fn get(&self, fault: Option<Fault>, ending: Ending) -> u64 {
        self.rows[row(fault)][ending as usize]
    }

    /// How often a fault struck.
    #[must_use]
    pub fn of(&self, fault: Option<Fault>) -> u64 {
        self.rows[row(fault)].iter().sum()
    }

    /// How many pairs of a fault and an ending there were.
    #[must_use]
    pub fn pairs(&self) -> usize {
        self.rows[..Fault::COUNT].iter().flatten().filter(|count| **count > 0).count()
    }

    /// Adds another tally to this one.
    pub fn add(&mut self, other: &Self) {
        for (row, more) in self.rows.iter_mut().zip(&other.rows) {
            row.iter_mut().zip(more).for_each(|(count, more)| *count += more);
        }
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<20}", "fault")?;
        Ending::ALL.iter().try_for_each(|ending| write!(f, " {:>8}", ending.as_str()))?;
        for fault in Fault::all().map(Some).chain([None]) {
            let name = fault.map_or("(none)".to_owned(), |fault| format!("{:<4}{fault}", fault.id()));
            write!(f, "\n{name:<20}")?;
            for ending in Ending::ALL {
                match self.get(fault, ending) {
                    0 => write!(f, " {:>8}", "·")?,
                    count => write!(f, " {count:>8}")?,
                }
            }
        }
        Ok(())
    }
}

fn row(fault: Option<Fault>) -> usize {
    fault.map_or(Fault::COUNT, |fault| fault as usize)
}
