//! How a crawl can break its contract with whoever drives it.

use core::fmt;
use crawlspace::{Time, Wake};

/// Why a simulation could not go on: each is a defect, of the engine or of what stands between.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Stuck {
    /// It took more steps than the [limit](crate::Simulation::steps).
    TooManySteps(u64),
    /// The engine waits, and nothing is to come.
    Stalled(Wake),
    /// The engine wants to be woken at a time that is not after its own.
    WakeNotAfterNow {
        /// The engine's time.
        now: Time,
        /// When it wants to be woken.
        wake: Time,
    },
    /// Polling again at the same time brought something else (X32).
    PollChanged(String),
    /// A saved crawl could not be gone on with.
    NotResumed(String),
}

impl fmt::Display for Stuck {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooManySteps(limit) => write!(f, "no end after {limit} steps"),
            Self::Stalled(wake) => write!(f, "the engine waits ({wake:?}), and nothing is to come"),
            Self::WakeNotAfterNow { now, wake } => {
                write!(f, "at {now} the engine wants to be woken at {wake}, which is not after")
            }
            Self::PollChanged(what) => write!(f, "polling again changed something: {what}"),
            Self::NotResumed(why) => write!(f, "the saved crawl could not be resumed: {why}"),
        }
    }
}

impl core::error::Error for Stuck {}
