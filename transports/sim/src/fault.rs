//! What can go wrong, and how often.

use crate::draws::{Draws, scale};
use core::fmt;
use core::str::FromStr;

/// What a fault is drawn by: how far one goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Grain {
    /// A host has it or not, for the whole crawl.
    Host,
    /// A URL has it or not, for the whole crawl.
    Url,
    /// Each attempt has it or not.
    Attempt,
    /// It comes and goes with time.
    Time,
    /// The driver has it, between two polls.
    Driver,
}

macro_rules! faults {
    ($($(#[$doc:meta])* $fault:ident = $id:literal $name:literal $grain:ident;)*) => {
        /// Something that goes wrong, at the level of a request and what comes back.
        ///
        /// Each is one of the transport faults X1 to X32 (X42, traps, is a [`Shape`](crate::Shape)); the doc of each
        /// says what the engine is told. How wide one is drawn is its [`Grain`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Fault { $($(#[$doc])* $fault),* }

        const TABLE: &[(Fault, &str, &str, Grain)] = &[$((Fault::$fault, $id, $name, Grain::$grain)),*];
    };
}

faults! {
    /// The name does not exist: `Failed(Dns(NoSuchName))`.
    NoSuchName = "X1" "no-such-name" Host;
    /// The resolver cannot say: `Failed(Dns(Temporary))`, or `Timeout(Resolve)` after a while.
    NoResolver = "X1" "no-resolver" Attempt;
    /// The name leads to an address that may not be dialled: `Failed(Refused(Address))`.
    Rebinding = "X2" "rebinding" Host;
    /// Nothing listens: `Failed(Connect(Refused))`.
    Refused = "X3" "refused" Attempt;
    /// Nothing listens anywhere for some minutes: `Failed(Connect(Refused))` for all hosts.
    Storm = "X3" "storm" Time;
    /// The handshake never ends: `Failed(Timeout(Connect))`, half of the budget later.
    ConnectHang = "X4" "connect-hang" Attempt;
    /// No route: `Failed(Connect(Unreachable))`.
    Unreachable = "X5" "unreachable" Attempt;
    /// This machine has no socket left: `Failed(Local(Resources))`.
    NoSockets = "X5" "no-sockets" Attempt;
    /// The certificate or the handshake is wrong: `Failed(Tls(_))`, of seven kinds.
    BadTls = "X6" "bad-tls" Host;
    /// Reset before the first byte: `Failed(Closed)`.
    Closed = "X7" "closed" Attempt;
    /// No head within the budget: `Failed(Timeout(Head))`.
    HeadTimeout = "X8" "head-timeout" Attempt;
    /// The body stops coming: `Failed(Timeout(Body))`.
    BodyTimeout = "X8" "body-timeout" Attempt;
    /// Reset in the head or the body: `Failed(Closed)` or `Failed(Truncated)`.
    Reset = "X9" "reset" Attempt;
    /// The body ends before its announced length: `Failed(Truncated)`.
    Truncated = "X10" "truncated" Attempt;
    /// A byte now and then: `Failed(Timeout(Total))` when the budget is used up.
    Drip = "X11" "drip" Attempt;
    /// A body without end: answered with `End::TooLarge` and as many bytes as the cap allows.
    EndlessBody = "X12" "endless-body" Url;
    /// A head without end: `Failed(Protocol(HeadTooLarge))`.
    EndlessHead = "X12" "endless-head" Url;
    /// A flood of 1xx answers: `Failed(Protocol(TooManyInformational))`.
    Informational = "X13" "informational" Url;
    /// Lengths that contradict each other, broken chunks: `Failed(Protocol(Malformed))`.
    Malformed = "X14" "malformed" Url;
    /// A status that nobody has registered (299 to 999), or another version: answered, or
    /// `Failed(Protocol(Version))`.
    OddStatus = "X15" "odd-status" Url;
    /// Header bytes that mean nothing: a redirect with `Location::Invalid`, bidi controls in it.
    BadHeader = "X16" "bad-header" Url;
    /// A content coding that is unknown, stacked or broken: `Failed(Encoding(_))`.
    BadEncoding = "X17" "bad-encoding" Url;
    /// The body is in another charset than the head says, and damaged. Links are found all the same.
    BadCharset = "X18" "bad-charset" Url;
    /// A redirect to itself, to a private address, to `mailto:`, to nothing, or up a long way.
    BadRedirect = "X19" "bad-redirect" Url;
    /// 429 or 503, with a `Retry-After` of nothing, a second, ages, or a date long past or far away.
    ComeLater = "X20" "come-later" Attempt;
    /// robots.txt answers 5xx, 403, 429, HTML, redirects (once, or too often), or is huge.
    BadRobots = "X21" "bad-robots" Url;
    /// The same URL has other links each time.
    OtherContent = "X22" "other-content" Attempt;
    /// The answer comes twice to five times.
    Doubled = "X23" "doubled" Attempt;
    /// An answer to no fetch of this crawl comes too.
    Foreign = "X24" "foreign" Attempt;
    /// Answers of a host are held back for some seconds, then come at once.
    Clogged = "X25" "clogged" Time;
    /// The answer never comes: the engine lets the fetch lapse.
    Lost = "X26" "lost" Attempt;
    /// The answer comes after its fetch has lapsed.
    Late = "X27" "late" Attempt;
    /// The driver takes fewer fetches for a while, or none.
    Busy = "X28" "busy" Driver;
    /// The worker panics: `Failed(Local(Panicked))`.
    Panicked = "X29" "panicked" Attempt;
    /// An answer that contradicts itself or the request: larger than the cap, unsorted ids, links to a HEAD.
    Forged = "X30" "forged" Attempt;
    /// The clock goes back, from a millisecond to a year.
    ClockBack = "X31" "clock-back" Driver;
    /// The clock jumps ahead, from a millisecond to ten years, while no time goes by.
    ClockAhead = "X31" "clock-ahead" Driver;
    /// The driver polls again though nothing has happened; nothing may come of it.
    Polled = "X32" "polled" Driver;
    /// The machine sleeps for about a day, as a laptop does whose lid is closed: time goes on for all, nothing is
    /// done, and then everything is due at once. Half of what was in flight is `Failed(Closed)` when it wakes.
    Suspended = "X31" "suspended" Driver;
}

impl Fault {
    /// How many there are.
    pub const COUNT: usize = TABLE.len();

    /// All faults, in order.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(fault, ..)| *fault)
    }

    /// The fault's name, for [`Faults`] as text.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// Which of the transport faults X1 to X32 it is.
    #[must_use]
    pub fn id(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// How wide one is drawn.
    #[must_use]
    pub fn grain(self) -> Grain {
        TABLE[self as usize].3
    }

    /// Whether one more attempt may do without it, so that a crawl with enough attempts reports as if it had never
    /// been: true for single attempts and for what the driver does.
    #[must_use]
    pub fn is_passing(self) -> bool {
        !matches!(self, Self::OtherContent | Self::Forged)
            && matches!(self.grain(), Grain::Attempt | Grain::Driver)
    }

    /// Whether what is answered may depend on the time or the order of requests, beside the requests themselves.
    #[must_use]
    pub fn depends_on_time(self) -> bool {
        matches!(self.grain(), Grain::Time | Grain::Driver)
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// How often each fault strikes. As text: `lost:0.05,doubled:0.2`, or `none`.
///
/// ```
/// use crawlspace_sim::{Fault, Faults};
///
/// let faults = Faults::none().with(Fault::Lost, 0.05).with(Fault::Doubled, 0.2);
/// assert_eq!(faults.to_string(), "doubled:0.2,lost:0.05");
/// assert_eq!("doubled:0.2,lost:0.05".parse::<Faults>()?, faults);
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Faults {
    /// Parts in a million.
    rates: [u32; Fault::COUNT],
}

/// Parts that make a whole.
const WHOLE: u32 = 1_000_000;

impl Faults {
    /// Nothing goes wrong.
    #[must_use]
    pub const fn none() -> Self {
        Self { rates: [0; Fault::COUNT] }
    }

    /// A subset of the faults drawn from a seed: each left out altogether one time in two, the others with a rate
    /// drawn up to 12 percent, now and then up to half. Testing with many different subsets finds more than testing
    /// with all at once (swarm testing).
    #[must_use]
    pub fn swarm(seed: u64) -> Self {
        let mut draws = Draws::new(seed).fork("faults");
        let mut faults = Self::none();
        let scarce = draws.one_in(2);
        for fault in Fault::all() {
            if draws.one_in(2) || (scarce && draws.one_in(2)) {
                continue;
            }
            let most = if draws.one_in(10) { WHOLE / 2 } else { WHOLE / 8 };
            // What ends a whole host, or the whole network, leaves something to crawl.
            let most = match fault.grain() {
                Grain::Host => most / 8,
                Grain::Time => most / 2,
                _ => most,
            };
            faults.rates[fault as usize] = 1_000 + (draws.below(u64::from(most)) as u32 / 1_000) * 1_000;
        }
        faults
    }

    /// With one fault at this rate, from 0 to 1.
    #[must_use]
    pub fn with(mut self, fault: Fault, rate: f64) -> Self {
        // A float that is out of range becomes the nearest number.
        self.rates[fault as usize] = ((rate * f64::from(WHOLE)).round() as u32).min(WHOLE);
        self
    }

    /// Without one fault.
    #[must_use]
    pub fn without(self, fault: Fault) -> Self {
        self.with(fault, 0.0)
    }

    /// Only those faults that a test accepts.
    #[must_use]
    pub fn only(mut self, accept: impl Fn(Fault) -> bool) -> Self {
        for fault in Fault::all().filter(|fault| !accept(*fault)) {
            self.rates[fault as usize] = 0;
        }
        self
    }

    /// How often a fault strikes, from 0 to 1.
    #[must_use]
    pub fn rate(&self, fault: Fault) -> f64 {
        f64::from(self.rates[fault as usize]) / f64::from(WHOLE)
    }

    /// The faults that strike at all.
    pub fn active(&self) -> impl Iterator<Item = Fault> + '_ {
        Fault::all().filter(|fault| self.rates[*fault as usize] > 0)
    }

    /// Whether a fault strikes, by a 64-bit draw.
    pub(crate) fn strikes(&self, fault: Fault, draw: u64) -> bool {
        scale(draw, u64::from(WHOLE)) < u64::from(self.rates[fault as usize])
    }
}

impl Default for Faults {
    fn default() -> Self {
        Self::none()
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, fault) in self.active().enumerate() {
            write!(f, "{}{fault}:{}", if index > 0 { "," } else { "" }, self.rate(fault))?;
        }
        if self.active().next().is_none() {
            f.write_str("none")?;
        }
        Ok(())
    }
}

impl fmt::Debug for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Faults({self})")
    }
}

impl FromStr for Faults {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        if text == "none" {
            return Ok(Self::none());
        }
        text.split(',').try_fold(Self::none(), |faults, part| {
            let bad = || format!("\"{part}\" is no fault with its rate, such as lost:0.05");
            let (name, rate) = part.split_once(':').ok_or_else(bad)?;
            let fault = Fault::all().find(|fault| fault.as_str() == name).ok_or_else(bad)?;
            let rate = rate.parse().ok().filter(|rate| (0.0..=1.0).contains(rate)).ok_or_else(bad)?;
            Ok(faults.with(fault, rate))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Faults};

    #[test]
    fn the_table_is_in_order() {
        for (index, fault) in Fault::all().enumerate() {
            assert_eq!(fault as usize, index);
        }
    }

    #[test]
    fn each_of_the_transport_faults_is_there() {
        let ids: std::collections::BTreeSet<&str> = Fault::all().map(Fault::id).collect();
        let expected: Vec<String> = (1..=32).map(|number| format!("X{number}")).collect();
        assert_eq!(ids, expected.iter().map(String::as_str).collect());
    }

    #[test]
    fn a_swarm_leaves_out_about_half_and_reads_what_it_writes() {
        let mut active = [0; Fault::COUNT];
        for seed in 0..1_000 {
            let faults = Faults::swarm(seed);
            faults.active().for_each(|fault| active[fault as usize] += 1);
            assert_eq!(faults.to_string().parse(), Ok(faults));
        }
        assert!(active.iter().all(|count| (250..500).contains(count)), "{active:?}");
    }
}
