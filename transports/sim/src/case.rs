//! One simulated world as a line of text; trying many, and making one that fails smaller.

use crate::draws::Draws;
use crate::fault::Faults;
use crate::network::{Latency, Network};
use crate::shape::Shape;
use crate::simulation::Simulation;
use crate::web::Web;
use core::error::Error;
use core::fmt;
use core::ops::Range;
use core::str::FromStr;
use core::time::Duration;
use crawlspace::{Seed, Time};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// All that makes a world: a seed, a shape, a size, what goes wrong, and for how long.
///
/// As text it is one line, which is what a failure prints:
///
/// ```
/// use crawlspace_sim::Case;
///
/// let case: Case = "seed=7 shape=tree pages=40 heals=600 faults=lost:0.05,doubled:0.2".parse()?;
/// assert_eq!(case.to_string(), "seed=7 shape=tree pages=40 heals=600 faults=doubled:0.2,lost:0.05");
/// # Ok::<(), String>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// Where everything comes from that is drawn.
    pub seed: u64,
    /// What the web looks like.
    pub shape: Shape,
    /// How many pages it has.
    pub pages: u64,
    /// After how many seconds nothing goes wrong any more.
    pub heals: u64,
    /// What goes wrong until then.
    pub faults: Faults,
}

impl Case {
    /// A case of a shape, a size up to 60 pages and a swarm of faults, all drawn from a seed. One in four has no
    /// faults at all. Shapes without an end are left out, for a crawl of them needs a limit.
    #[must_use]
    pub fn draw(seed: u64) -> Self {
        let mut draws = Draws::new(seed).fork("case");
        let shapes: Vec<Shape> = Shape::ALL.into_iter().filter(|shape| !shape.is_endless()).collect();
        let shape =
            if draws.one_in(2) { Shape::Mixed } else { shapes[draws.below(shapes.len() as u64) as usize] };
        let faults = if draws.one_in(4) { Faults::none() } else { Faults::swarm(seed) };
        Self { seed, shape, pages: 1 + draws.below(60), heals: 30 * draws.below(40), faults }
    }

    /// The web.
    #[must_use]
    pub fn web(&self) -> Web {
        Web::generate(self.shape, self.pages, self.seed)
    }

    /// The network: latencies of a distribution that is drawn from the seed.
    #[must_use]
    pub fn network(&self) -> Network {
        let mut draws = Draws::new(self.seed).fork("latency");
        let millis = |draws: &mut Draws, most| Duration::from_millis(1 + draws.below(most));
        let latency = match draws.below(4) {
            0 => Latency::Constant(millis(&mut draws, 100)),
            1 => Latency::Uniform(Duration::ZERO, millis(&mut draws, 2_000)),
            2 => Latency::Exponential(millis(&mut draws, 500)),
            _ => Latency::LongTailed(millis(&mut draws, 50)),
        };
        Network::new(self.seed)
            .latency(latency)
            .faults(self.faults.clone())
            .healed_at(Time::from_secs(self.heals))
    }

    /// The simulation: this web behind this network.
    #[must_use]
    pub fn simulation(&self) -> Simulation {
        Simulation::new(self.web()).network(self.network()).seed(Seed(self.seed)).steps(1_000_000)
    }

    /// Cases that are smaller by one step: fewer pages, one fault less, healed sooner, a plainer shape.
    fn smaller(&self) -> impl Iterator<Item = Self> + '_ {
        let pages = [1, self.pages / 4, self.pages / 2, self.pages.saturating_sub(1)];
        let pages = pages.into_iter().filter(|pages| (1..self.pages).contains(pages));
        let pages = pages.map(|pages| Self { pages, ..self.clone() });
        let none = (self.faults != Faults::none()).then(|| Self { faults: Faults::none(), ..self.clone() });
        let faults = self.faults.active();
        let faults = faults.map(|fault| Self { faults: self.faults.clone().without(fault), ..self.clone() });
        let heals = [0, self.heals / 2].into_iter().filter(|heals| *heals < self.heals);
        let heals = heals.map(|heals| Self { heals, ..self.clone() });
        none.into_iter().chain(pages).chain(faults).chain(heals)
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seed, shape, pages, heals, faults } = self;
        write!(f, "seed={seed} shape={shape} pages={pages} heals={heals} faults={faults}")
    }
}

impl FromStr for Case {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        let mut case = Self { seed: 0, shape: Shape::Mixed, pages: 10, heals: 0, faults: Faults::none() };
        for part in line.split_whitespace() {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("\"{part}\" is no name=value"))?;
            let number = || value.parse::<u64>().map_err(|error| format!("{part}: {error}"));
            match name {
                "seed" => case.seed = number()?,
                "shape" => case.shape = value.parse()?,
                "pages" => case.pages = number()?,
                "heals" => case.heals = number()?,
                "faults" => case.faults = value.parse()?,
                _ => return Err(format!("\"{name}\" is none of seed, shape, pages, heals, faults")),
            }
        }
        Ok(case)
    }
}

/// A case that failed, made as small as it could be.
#[derive(Clone, Debug)]
pub struct Failed {
    /// The smallest case found that fails.
    pub case: Case,
    /// What it said.
    pub why: String,
    /// The case as it was drawn.
    pub drawn: Case,
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  CRAWLSPACE_SIM='{}' brings it back (drawn as {})", self.why, self.case, self.drawn)
    }
}

impl Error for Failed {}

/// What a test of a case comes to.
pub type Tested = Result<(), Box<dyn Error>>;

/// Runs a test over the cases of a range of seeds; or over the one case that the environment variable
/// `CRAWLSPACE_SIM` holds.
///
/// # Panics
///
/// If the test fails or panics for a case: with one line that brings back the smallest such case that was found.
pub fn check(seeds: Range<u64>, test: impl Fn(&Case) -> Tested) {
    if let Ok(line) = std::env::var("CRAWLSPACE_SIM") {
        let outcome = line.parse::<Case>().map_err(Into::into).and_then(|case| test(&case));
        assert!(outcome.is_ok(), "{line}: {outcome:?}");
        return;
    }
    for seed in seeds {
        let case = Case::draw(seed);
        if let Err(failed) = minimise(&case, &test) {
            panic!("{failed}");
        }
    }
}

/// Runs a test of one case; if it fails, looks for a smaller case that fails.
///
/// # Errors
///
/// The smallest case that was found to fail, be it by an error or a panic.
pub fn minimise(case: &Case, test: impl Fn(&Case) -> Tested) -> Result<(), Box<Failed>> {
    let outcome = |case: &Case| {
        catch_unwind(AssertUnwindSafe(|| test(case).map_err(|error| error.to_string())))
            .unwrap_or_else(|panic| Err(panic_text(panic.as_ref())))
            .err()
    };
    let Some(mut why) = outcome(case) else { return Ok(()) };
    let drawn = case.clone();
    let mut case = case.clone();
    // Each round makes it smaller, so there is an end.
    loop {
        let smaller = case.smaller().find_map(|smaller| Some((outcome(&smaller)?, smaller)));
        let Some((reason, smaller)) = smaller else { break };
        (case, why) = (smaller, reason);
    }
    Err(Box::new(Failed { case, why, drawn }))
}

fn panic_text(panic: &(dyn core::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| panic.downcast_ref::<&str>().copied()).unwrap_or("a panic").to_owned()
}
