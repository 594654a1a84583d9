//! From a case to a configuration: what the engine is told, and what the judges know of it.

use crawlspace::{
    Config, HeaderSetId, HostPolicy, Limit, Order, Reach, Retry, RobotsPolicy, Scope, config::Builder,
};
use crawlspace_sim::{Case, Draws};
use std::time::Duration;
use url::Url;

/// How a case is crawled. Drawn from the case's seed, so that the case's line brings all of it back.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Where the crawl begins.
    pub seed: Url,
    /// Fetches in flight in all.
    pub concurrency: u32,
    /// Fetches in flight of one host.
    pub of_host: u32,
    /// From one fetch of a host to the next.
    pub gap: Duration,
    /// Attempts after the first.
    pub retries: u32,
    /// The longest wait.
    pub cap: Duration,
    /// How deep.
    pub depth: Option<u32>,
    /// Redirects in a row.
    pub redirects: u32,
    /// Whether URLs that are only checked ask robots.txt too.
    pub robots_check: bool,
    /// Whether all hosts of the web are crawled, or the seed's origin only.
    pub everywhere: bool,
    /// Pages at most.
    pub pages: Option<u64>,
    /// Each depth to its end before the next.
    pub ordered: bool,
    /// A sitemap that is given.
    pub sitemap: Option<Url>,
    /// Whether the sitemaps that robots.txt files name are read.
    pub declared: bool,
    /// A fetch's budget.
    pub timeout: Duration,
    /// Bytes of a body at most.
    pub body_cap: u64,
}

/// The set of headers that only the seed's origin may see.
pub const SECRET: HeaderSetId = HeaderSetId(7);

impl Plan {
    /// The plan that goes with a case.
    #[must_use]
    pub fn of(case: &Case) -> Self {
        let mut draws = Draws::new(case.seed).fork("plan");
        let mut of_maps = draws.fork("sitemaps");
        let mut pick = |values: &[u64]| values[draws.below(values.len() as u64) as usize];
        Self {
            seed: case.web().seeds()[0].clone(),
            concurrency: pick(&[1, 2, 5, 16, 64, 256]) as u32,
            of_host: pick(&[1, 2, 3, 50]) as u32,
            gap: Duration::from_millis(pick(&[0, 0, 100, 250, 1_000])),
            retries: pick(&[0, 1, 2, 3]) as u32,
            cap: Duration::from_secs(pick(&[1, 10, 60])),
            depth: Some(pick(&[99, 99, 99, 99, 1, 2, 4]))
                .filter(|depth| *depth != 99)
                .map(|depth| depth as u32),
            redirects: pick(&[10, 10, 10, 0, 2]) as u32,
            robots_check: pick(&[0, 1]) == 1,
            everywhere: pick(&[0, 1]) == 1,
            pages: Some(pick(&[0, 0, 0, 0, 5, 20])).filter(|pages| *pages > 0),
            ordered: pick(&[0, 0, 1]) == 1,
            sitemap: of_maps.one_in(3).then(|| case.web().seeds()[0].join("/sitemap.xml").ok()).flatten(),
            declared: of_maps.one_in(2),
            timeout: Duration::from_secs(pick(&[1, 10, 30])),
            body_cap: pick(&[1_000, 1 << 20]),
        }
    }

    /// Without limits that may leave something out.
    #[must_use]
    pub fn unlimited(mut self) -> Self {
        self.pages = None;
        self
    }

    /// The configuration that says so.
    ///
    /// # Panics
    ///
    /// If it is none that can be: a defect of the plan.
    #[must_use]
    pub fn config(&self) -> Config {
        let config = self.builder().build();
        config.unwrap_or_else(|error| panic!("a plan is a configuration: {error}"))
    }

    /// The same, to be changed in places.
    pub fn builder(&self) -> Builder {
        let policy = HostPolicy { concurrency: self.of_host, gap: self.gap };
        let everywhere = Reach::Domain("sim.test".to_owned());
        let scope = if self.everywhere { Scope::default().reach(everywhere) } else { Scope::default() };
        let builder =
            self.sitemap.iter().fold(Config::builder(), |builder, url| builder.sitemap(url.clone()));
        builder
            .seed(self.seed.clone())
            .scope(scope)
            .concurrency(self.concurrency)
            .own_hosts(policy)
            .other_hosts(policy)
            .retry(Retry { max: self.retries, base: Duration::from_millis(500), cap: self.cap })
            .depth(self.depth.map_or(Limit::None, Limit::Max))
            .max_redirects(self.redirects)
            .max_pages(self.pages.map_or(Limit::None, Limit::Max))
            .order(if self.ordered { Order::Ordered } else { Order::Fast })
            .robots(RobotsPolicy { crawl: true, check: self.robots_check })
            .declared_sitemaps(self.declared)
            // Which of a host's URLs would be skipped depends on timing.
            .max_host_failures(Limit::None)
            // The addresses that it asks for are no part of these webs.
            .soft_404(false)
            .fetch_timeout(self.timeout)
            .body_cap(self.body_cap)
            .headers(SECRET, [self.seed.origin().ascii_serialization()])
    }

    /// Whether a URL is crawled, not only checked.
    #[must_use]
    pub fn crawls(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        url.origin() == self.seed.origin()
            || (self.everywhere && (host == "sim.test" || host.ends_with(".sim.test")))
    }

    /// When the engine gives a fetch up: the budget, a quarter and a second.
    #[must_use]
    pub fn deadline(&self) -> Duration {
        self.timeout + self.timeout / 4 + Duration::from_secs(1)
    }
}
