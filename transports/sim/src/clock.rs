//! Two clocks: the one that time is kept by, and the one that the crawl can read, which may be wrong.

use core::time::Duration;
use crawlspace::Time;

#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    now: Time,
    /// Microseconds by which the crawl's clock is ahead; less than nothing if it is behind.
    ahead: i128,
    /// How long the crawl's machine has been asleep.
    slept: Duration,
}

impl Clock {
    /// Right, and at this time.
    pub(crate) const fn at(now: Time) -> Self {
        Self { now, ahead: 0, slept: Duration::ZERO }
    }

    pub(crate) const fn true_time(&self) -> Time {
        self.now
    }

    /// The time without that which was slept through: what faults that come and go are told by, so that one night does
    /// not use up the time in which things go wrong.
    pub(crate) fn awake_time(&self) -> Time {
        Time::from_micros(as_micros(i128::from(self.now.as_micros()) - micros(self.slept)))
    }

    /// The true time at which the crawl will have been awake for so long, if it does not sleep again.
    pub(crate) fn when_awake_for(&self, time: Time) -> Time {
        time + self.slept
    }

    /// What the crawl reads.
    pub(crate) fn reading(&self) -> Time {
        Time::from_micros(as_micros(i128::from(self.now.as_micros()) + self.ahead))
    }

    /// The true time at which the crawl reads this.
    pub(crate) fn when_it_reads(&self, reading: Time) -> Time {
        Time::from_micros(as_micros(i128::from(reading.as_micros()) - self.ahead))
    }

    pub(crate) fn pass_to(&mut self, time: Time) {
        self.now = self.now.max(time);
    }

    /// The crawl's clock goes wrong by this much more.
    pub(crate) fn jump(&mut self, span: Duration, back: bool) {
        self.ahead += if back { -micros(span) } else { micros(span) };
    }

    /// Time goes by while the crawl's machine is asleep.
    pub(crate) fn sleep(&mut self, span: Duration) {
        self.now = self.now + span;
        self.slept += span;
    }

    /// A new process goes on from this reading.
    pub(crate) fn restart(&mut self, reading: Time) {
        self.ahead = i128::from(reading.as_micros()) - i128::from(self.now.as_micros());
    }
}

fn micros(span: Duration) -> i128 {
    i128::try_from(span.as_micros()).unwrap_or(i128::MAX)
}

fn as_micros(micros: i128) -> u64 {
    u64::try_from(micros.max(0)).unwrap_or(u64::MAX)
}
