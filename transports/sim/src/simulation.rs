//! Setting up a run.

use crate::answer::{Mode, Server};
use crate::network::Network;
use crate::run::Run;
use crate::stuck::Stuck;
use crate::web::Web;
use crawlspace::{Config, Engine, Seed, UnixTime};

/// A crawl of a simulated web: one thread, no real time, the same every time.
#[derive(Clone, Debug)]
pub struct Simulation {
    web: Web,
    network: Network,
    mode: Mode,
    seed: Seed,
    steps: u64,
    keeps_log: bool,
    keeps_trace: bool,
}

impl Simulation {
    /// A simulation of this web behind a [`Network`] where nothing goes wrong.
    #[must_use]
    pub fn new(web: Web) -> Self {
        Self {
            web,
            network: Network::new(0),
            mode: Mode::Plain,
            seed: Seed(0),
            steps: 10_000_000,
            keeps_log: true,
            keeps_trace: false,
        }
    }

    /// What lies between the crawl and the web.
    #[must_use]
    pub fn network(mut self, network: Network) -> Self {
        self.network = network;
        self
    }

    /// How answers are made.
    #[must_use]
    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    /// The engine's seed. Default: 0.
    #[must_use]
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// After how many steps a crawl counts as one without an end. Default: ten million.
    #[must_use]
    pub fn steps(mut self, limit: u64) -> Self {
        self.steps = limit;
        self
    }

    /// Whether to keep what the servers saw, outcomes included. Default: yes; without it, millions of fetches take
    /// no memory here.
    #[must_use]
    pub fn keep_log(mut self, keep: bool) -> Self {
        self.keeps_log = keep;
        self
    }

    /// Whether to keep the steps in words, for reading. Default: no.
    #[must_use]
    pub fn keep_trace(mut self, keep: bool) -> Self {
        self.keeps_trace = keep;
        self
    }

    /// Crawls to the end.
    ///
    /// # Errors
    ///
    /// If the crawl stalls or has no end: see [`Stuck`].
    pub fn run(&self, config: Config) -> Result<Run, Stuck> {
        let mut run = self.begin(config);
        run.finish()?;
        Ok(run)
    }

    /// Begins a crawl, to be gone on with step by step.
    #[must_use]
    pub fn begin(&self, config: Config) -> Run {
        self.begin_with(Engine::new(config, self.seed, UnixTime::from_secs(1_800_000_000)))
    }

    /// Goes on with an engine that stands somewhere.
    #[must_use]
    pub fn begin_with(&self, engine: Engine) -> Run {
        let server = Server::new(self.web.clone(), self.network.clone(), self.mode, engine.spec().clone());
        Run::new(engine, server, self.steps, self.keeps_log, self.keeps_trace)
    }
}
