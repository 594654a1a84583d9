//! What lies between the crawl and the web: time and faults.

use crate::draws::{keyed, scale, unit};
use crate::fault::{Fault, Faults};
use core::time::Duration;
use crawlspace::{Request, Time};

/// How long an answer takes, from the start of the fetch to its end. Drawn by URL and attempt.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Latency {
    /// Always as long.
    Constant(Duration),
    /// From the first to the second, all alike.
    Uniform(Duration, Duration),
    /// Exponential, with this mean.
    Exponential(Duration),
    /// Half of the answers come within this time, one in ten takes over ten times as long, one in a hundred over a
    /// hundred times (a Pareto distribution).
    LongTailed(Duration),
}

impl Latency {
    fn draw(self, draw: u64) -> Duration {
        match self {
            Self::Constant(latency) => latency,
            Self::Uniform(least, most) => {
                let range = u64::try_from(most.saturating_sub(least).as_micros()).unwrap_or(u64::MAX);
                least + Duration::from_micros(scale(draw, range.saturating_add(1)))
            }
            Self::Exponential(mean) => mean.mul_f64(-unit(draw).ln()),
            Self::LongTailed(median) => median.mul_f64((0.5 / unit(draw)).min(1e4)),
        }
    }
}

/// Virtual time, latencies and faults between a crawl and a [`Web`](crate::Web).
///
/// What a request meets depends on its URL and attempt and on the network's seed, not on when it is made or
/// what came before, but for the faults that [depend on time](Fault::depends_on_time).
#[derive(Clone, Debug)]
pub struct Network {
    seed: u64,
    latency: Latency,
    pub(crate) faults: Faults,
    /// The faults that strike, so that none costs nothing.
    active: Vec<Fault>,
    /// None strikes from this time on.
    healed_at: Time,
    /// None of a single attempt strikes after so many.
    attempts: u32,
}

impl Network {
    /// A network where each answer takes 20 ms and nothing goes wrong.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            latency: Latency::Constant(Duration::from_millis(20)),
            faults: Faults::none(),
            active: Vec::new(),
            healed_at: Time::MAX,
            attempts: u32::MAX,
        }
    }

    /// How long answers take.
    #[must_use]
    pub fn latency(mut self, latency: Latency) -> Self {
        self.latency = latency;
        self
    }

    /// What goes wrong.
    #[must_use]
    pub fn faults(mut self, faults: Faults) -> Self {
        self.active = faults.active().collect();
        self.faults = faults;
        self
    }

    /// From this time on nothing goes wrong any more: the second phase of a test, in which a crawl must come to its
    /// end.
    #[must_use]
    pub fn healed_at(mut self, time: Time) -> Self {
        self.healed_at = time;
        self
    }

    /// Faults of single attempts strike the first so many attempts at a URL only.
    #[must_use]
    pub fn only_attempts(mut self, attempts: u32) -> Self {
        self.attempts = attempts;
        self
    }

    pub(crate) const fn seed(&self) -> u64 {
        self.seed
    }

    pub(crate) fn draw_latency(&self, key: &Key) -> Duration {
        if let Latency::Constant(latency) = self.latency {
            return latency;
        }
        self.latency.draw(keyed(self.seed, 0x6c61, key.attempt))
    }

    /// Whether nothing can go wrong at this time.
    pub(crate) fn is_calm(&self, now: Time) -> bool {
        self.active.is_empty() || now >= self.healed_at
    }

    /// Whether a fault strikes this request; the draw that decided, for what it does.
    pub(crate) fn strikes(&self, fault: Fault, key: &Key, now: Time) -> Option<u64> {
        use crate::fault::Grain;
        if !self.active.contains(&fault) || now >= self.healed_at {
            return None;
        }
        let which = match fault.grain() {
            Grain::Host => key.host,
            Grain::Url => key.url,
            Grain::Attempt if key.attempts > self.attempts => return None,
            Grain::Attempt => key.attempt,
            Grain::Time => self.window(fault, key, now),
            Grain::Driver => return None,
        };
        let draw = keyed(self.seed, 0xfa00 + fault as u64, which);
        self.faults.strikes(fault, draw).then(|| keyed(draw, 1, which))
    }

    /// Whether a fault of the driver strikes, by a draw of the driver's own.
    pub(crate) fn strikes_driver(&self, fault: Fault, draw: u64, now: Time) -> bool {
        now < self.healed_at && self.faults.strikes(fault, draw)
    }

    /// Numbers the stretch of time that a fault is drawn for.
    fn window(&self, fault: Fault, key: &Key, now: Time) -> u64 {
        let whose = if fault == Fault::Storm { 0 } else { key.host };
        keyed(self.seed, whose, now.as_micros() / window_length(fault).as_micros().max(1) as u64)
    }

    /// When the stretch of time ends that a fault is drawn for.
    pub(crate) fn end_of_window(fault: Fault, now: Time) -> Time {
        let length = window_length(fault).as_micros().max(1) as u64;
        Time::from_micros((now.as_micros() / length).saturating_add(1).saturating_mul(length))
    }
}

fn window_length(fault: Fault) -> Duration {
    if fault == Fault::Storm { Duration::from_secs(90) } else { Duration::from_secs(3) }
}

/// What a request is known by to the draws.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    pub(crate) host: u64,
    pub(crate) url: u64,
    /// URL and number of the attempt; not the method, since HEAD is to answer as GET does.
    pub(crate) attempt: u64,
    pub(crate) attempts: u32,
}

impl Key {
    pub(crate) fn of(request: &Request) -> Self {
        let url = crate::draws::hash(request.url.as_str());
        Self {
            host: crate::draws::hash(request.url.host_str().unwrap_or_default()),
            url,
            attempt: keyed(url, 0xa7, u64::from(request.attempt)),
            attempts: request.attempt,
        }
    }
}
