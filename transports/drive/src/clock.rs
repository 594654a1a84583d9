//! Crawl time from a monotonic clock.

use core::fmt;
use core::time::Duration;
use crawlspace::Time;
use std::time::Instant;

/// Tells crawl time.
///
/// A clock must go on from where the engine stands: one that starts at zero under a resumed engine makes no time
/// pass until it has caught up. [`Crawl::new`](crate::Crawl::new) sees to it.
///
/// ```
/// use crawlspace::Time;
/// use crawlspace_drive::Clock;
///
/// let clock = Clock::starting_at(Time::from_secs(40));
/// assert!(clock.now() >= Time::from_secs(40));
/// ```
pub struct Clock(Box<dyn Fn() -> Time + Send>);

impl Clock {
    /// A clock that reads `time` now and runs with the system's monotonic clock.
    #[must_use]
    pub fn starting_at(time: Time) -> Self {
        let origin = Instant::now();
        Self::from_fn(move || time + truncate_to_micros(origin.elapsed()))
    }

    /// A clock of one's own: simulated, or turned by hand in a test. It should not go backwards; the engine reads
    /// that as no time having passed.
    #[must_use]
    pub fn from_fn(now: impl Fn() -> Time + Send + 'static) -> Self {
        Self(Box::new(now))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Time {
        (self.0)()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

/// Adding to a [`Time`] rounds up, which is right for a wait and would put a clock ahead.
fn truncate_to_micros(elapsed: Duration) -> Duration {
    Duration::new(elapsed.as_secs(), elapsed.subsec_micros() * 1_000)
}
