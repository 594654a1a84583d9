//! How much of one host is asked for at a time: more while it answers quickly, less when it is in trouble.
//!
//! Additive increase, multiplicative decrease, as TCP does with what it knows of a network. A window opens by one
//! after as many quick answers as it is wide, and only if it was used to the full; it is halved by trouble, once for
//! all fetches that were under way together. Each answer costs a few comparisons.

use crate::codec::plain_struct;
use crate::config::{HostPolicy, Retry};
use crate::time::Time;
use core::time::Duration;

/// A foreign host's window at first: one answer shows whether it is quick, and whether its HEAD can be trusted.
const FIRST: u32 = 1;

/// Trouble so often in a row makes a host one that is down.
const DOWN: u32 = 3;

/// An answer that came within this time is quick.
pub(in crate::engine) const QUICK: Duration = Duration::from_secs(1);

/// What the end of a fetch says of its host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::engine) enum Sign {
    /// It answered at once.
    Quick,
    /// It took its time, and answered.
    Slow,
    /// It is overloaded, or does not answer: 429, 503, time-outs, resets, refusals.
    Trouble,
    /// It is not the host's doing.
    Nothing,
}

/// A fetch that has ended.
#[derive(Clone, Copy, Debug)]
pub(in crate::engine) struct Ended {
    /// When.
    pub(in crate::engine) at: Time,
    /// What that says.
    pub(in crate::engine) sign: Sign,
    /// Its number.
    pub(in crate::engine) fetch: u64,
    /// The number of the fetch that began last.
    pub(in crate::engine) last: u64,
}

/// What is known of a host's ease. A report never depends on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::engine) struct Pace {
    /// Fetches at once; none while only the policy has spoken.
    window: Option<u32>,
    /// Whether the window has been full since it was changed.
    full: bool,
    /// Quick answers since then.
    streak: u32,
    /// Trouble in a row, counted once for all that was under way together.
    failures: u32,
    /// The last fetch that began before trouble was counted: what becomes of it and those before is no news.
    counted: u64,
    /// Whether its last answer was quick.
    quick: bool,
}

plain_struct!(Pace { window, full, streak, failures, counted, quick });

impl Pace {
    /// How many fetches may be in flight at once, never more than the policy allows.
    pub(super) fn window(&self, policy: HostPolicy, own: bool) -> u32 {
        let first = if own { policy.concurrency } else { FIRST };
        self.window.unwrap_or(first).clamp(1, policy.concurrency)
    }

    pub(super) fn is_quick(&self) -> bool {
        self.quick
    }

    /// Trouble in a row.
    pub(in crate::engine) fn failures(&self) -> u32 {
        self.failures
    }

    /// The host turns out to be the crawl's own: unless there was trouble, its policy speaks anew.
    pub(in crate::engine) fn become_own(&mut self) {
        if self.counted == 0 {
            self.change(None);
        }
    }

    fn change(&mut self, window: Option<u32>) {
        (self.window, self.full, self.streak) = (window, false, 0);
    }

    /// A fetch begins; with it, so many are in flight.
    pub(super) fn begin(&mut self, in_flight: u32, window: u32) {
        self.full |= in_flight >= window;
    }

    /// Takes in how a fetch ended. Says whether trouble was counted.
    pub(super) fn end(&mut self, ended: Ended, window: u32) -> bool {
        match ended.sign {
            Sign::Nothing => false,
            Sign::Slow => {
                (self.failures, self.quick) = (0, false);
                false
            }
            Sign::Quick => {
                (self.failures, self.quick) = (0, true);
                self.streak = self.streak.saturating_add(u32::from(self.full));
                if self.streak >= window {
                    self.change(Some(window.saturating_add(1)));
                }
                false
            }
            Sign::Trouble => {
                self.quick = false;
                let is_news = ended.fetch > self.counted;
                if is_news {
                    self.counted = ended.last;
                    self.failures = self.failures.saturating_add(1);
                    self.change(Some(if self.failures >= DOWN { 1 } else { (window / 2).max(1) }));
                }
                is_news
            }
        }
    }

    /// How long a host that is down is left alone; for growing times, as often as one URL would be tried again. After
    /// that it is asked for one URL at a time, so that a host that stays down does not keep the crawl from ending.
    pub(super) fn rest(&self, retry: Retry) -> Option<Duration> {
        let before = self.failures.checked_sub(DOWN).filter(|before| *before < retry.max)?;
        Some(retry.base.saturating_mul(1 << before.min(30)).min(retry.cap))
    }
}
