//! Small crawls, and driving one to its end.

#[path = "../web/mod.rs"]
mod web;

use crawlspace::digest::Place;
use crawlspace::{
    Config, Engine, HostPolicy, Limit, Order, Outcome, Output, Retry, RobotsPolicy, Seed, Snapshot, Time,
    UnixTime,
};
use std::time::Duration;
use web::{Page, Run, Schedule, World, report_text};

pub(crate) use web::Draws;

/// More outputs than any of the crawls here can have.
const STEPS: usize = 50_000;

/// A configuration, and the web that it is let loose on.
pub(crate) struct Crawl {
    pub(crate) config: Config,
    world: World,
}

/// How many crawls there are.
pub(crate) const CRAWLS: usize = 4;

impl Crawl {
    /// Crawls that differ in order, limits and robots.
    pub(crate) fn numbered(number: usize) -> Self {
        let policy = HostPolicy { concurrency: 2, gap: Duration::from_millis(100) };
        let builder = Config::builder()
            .seed("http://h0.test/p0".parse().unwrap())
            .concurrency(3)
            .own_hosts(policy)
            .other_hosts(policy)
            .body_cap(1_000)
            .retry(Retry { max: 1, base: Duration::from_secs(2), cap: Duration::from_secs(60) });
        let builder = match number {
            0 => builder,
            1 => builder.order(Order::Ordered).depth(Limit::Max(3)).max_pages(Limit::Max(5)),
            2 => builder
                .max_bytes(Limit::Max(3_000))
                .max_urls_per_host(Limit::Max(9))
                .max_frontier(Limit::Max(4)),
            _ => builder
                .order(Order::Ordered)
                .robots(RobotsPolicy { crawl: true, check: true })
                .max_bytes(Limit::Max(5_000))
                .max_frontier(Limit::Max(6))
                .max_redirects(1),
        };
        Self { config: builder.build().unwrap(), world: world(number as u64) }
    }

    pub(crate) fn begin(&self) -> Engine {
        Engine::new(self.config.clone(), Seed(7), UnixTime::from_secs(1_000_000))
    }

    pub(crate) fn resume(&self, bytes: &[u8]) -> Option<Engine> {
        let snapshot = Snapshot::from_bytes(bytes.to_vec());
        Engine::resume(self.config.clone(), snapshot, UnixTime::from_secs(1_000_500)).ok()
    }

    pub(crate) fn restore(&self, bytes: &[u8]) -> Option<Engine> {
        Engine::restore(self.config.clone(), &Snapshot::from_bytes(bytes.to_vec())).ok()
    }

    /// States of this crawl after so many outputs each, with answers in an order that this number chooses.
    pub(crate) fn states(&self, every: usize, order: u64) -> Vec<Vec<u8>> {
        let mut engine = self.begin();
        let mut states = vec![engine.snapshot().as_bytes().to_vec()];
        let mut run = Run::new(&self.world, Schedule::Random(order));
        let mut steps = 0;
        while run.step(&mut engine).is_some() {
            steps += 1;
            if steps % every == 0 {
                states.push(engine.snapshot().as_bytes().to_vec());
            }
        }
        states.push(engine.snapshot().as_bytes().to_vec());
        states
    }

    /// Answers all there is to answer, until the crawl is over. It must end, and can be reported on.
    pub(crate) fn finish(&self, engine: &mut Engine) {
        let mut run = Run::new(&self.world, Schedule::Random(1));
        run.now = engine.now();
        for _ in 0..STEPS {
            if run.step(engine).is_none() {
                report_text(engine);
                return;
            }
        }
        panic!("{STEPS} outputs and no end");
    }
}

/// A random web, begun with links to most of it.
fn world(number: u64) -> World {
    let mut world = World::random(number);
    let mut urls: Vec<String> = world.pages.keys().take(14).cloned().collect();
    urls.extend(
        ["http://h0.test/p1#f1", "http://h1.test:8080/", "mailto:a@b.test", "http://["].map(str::to_owned),
    );
    let links = urls.into_iter().map(|url| (url, Place::A_HREF)).collect();
    let ids = vec!["f1".to_owned()];
    world.pages.insert("http://h0.test/p0".to_owned(), Page::Html { links, ids });
    world.robots.insert("http://h0.test".to_owned(), "User-agent: *\nDisallow: /p6\n".to_owned());
    world
}

/// Gives this answer to each of a crawl's first fetches, and to the rest what the web has.
pub(super) fn answer_all(crawl: &Crawl, outcome: &Outcome) {
    let mut engine = crawl.begin();
    let mut now = Time::ZERO;
    for _ in 0..20 {
        match engine.poll(now) {
            Output::Fetch(fetch) => engine.complete(fetch.ticket, outcome.clone()),
            Output::Wait(crawlspace::Wake::At(at, _)) => now = at,
            Output::Finished => break,
            _ => {}
        }
    }
    let state = engine.snapshot();
    crawl.finish(&mut engine);
    let mut resumed = crawl.resume(state.as_bytes()).expect("what is saved can be resumed");
    crawl.finish(&mut resumed);
}
