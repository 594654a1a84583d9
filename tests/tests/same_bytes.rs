//! A generated site behind a real server: a crawl finds its truth, no more and no less, and the same bytes of report
//! whatever carries it and however many fetches are in flight.
//!
//! `CRAWLSPACE_SITE_PAGES` sets the size of the large site (10,000 pages by default), `CRAWLSPACE_SITE_SEED` its seed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crawlspace::config::Builder;
use crawlspace::report::{Class, Skip};
use crawlspace::{Config, Engine, HostPolicy, Limit, LimitKind, Order, Retry, Snapshot, UnixTime};
use crawlspace_tests::crawl::{Through, bytes, crawl, engine, run, same_rows};
use crawlspace_tests::site::{GHOST, Host, Shape, Site, Truth};
use crawlspace_tests::web::{Bound, Web};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// URL, fragment and class to the pages that link there.
type Found = BTreeMap<(String, Option<String>, Class), BTreeSet<String>>;

/// A site and the server it stands behind.
struct Served {
    site: Arc<Site>,
    web: Web,
    origin: String,
    /// For every failure's message: how to have the same site again.
    named: String,
}

impl Served {
    fn new(pages: usize, seed: u64, host: Host) -> Self {
        let bound = Bound::new().unwrap();
        let origin = bound.origin();
        let shape = Shape {
            pages,
            bytes_per_page: 4_000,
            seed,
            host,
            origin: Some(origin.clone()),
            ..Shape::default()
        };
        let site = Arc::new(Site::generate(shape));
        let answers = Arc::clone(&site);
        let web = bound.serve(move |path, _| answers.answer(path));
        Self { site, web, origin, named: format!("{host:?} site of {pages} pages, seed {seed}") }
    }

    /// So many fetches at once, none of them tried again.
    fn config(&self, at_once: u32) -> Builder {
        Config::builder()
            .seed(Url::parse(&self.origin).unwrap())
            .concurrency(at_once)
            .own_hosts(HostPolicy { concurrency: 2 * at_once, gap: Duration::ZERO })
            .retry(Retry { max: 0, base: Duration::from_secs(1), cap: Duration::from_secs(1) })
            .fetch_timeout(Duration::from_secs(300))
    }

    /// Crawls, and checks what the server saw of it. `all` says whether nothing keeps the crawl from seeing all.
    fn crawl(&self, config: &Config, through: &Through, all: bool) -> Engine {
        self.web.reset();
        let engine = crawl(config, through);
        let at_once = u64::from(config.concurrency());
        let how = format!("{}, {through:?}, {at_once} at once", self.named);
        assert!(self.web.most_at_once() <= at_once, "{how}: {} at once", self.web.most_at_once());
        let requests = self.web.requests();
        let again: Vec<_> = requests.iter().filter(|(_, count)| **count != 1).collect();
        assert!(again.is_empty(), "{how}: asked more than once: {again:?}");
        let asked: BTreeSet<&str> = requests.keys().map(|(_, path)| path.as_str()).collect();
        let ghosts: Vec<_> = asked.iter().filter(|path| path.starts_with(GHOST)).collect();
        assert!(ghosts.is_empty(), "{how}: asked for what is no link: {ghosts:?}");
        let mut there: BTreeSet<&str> = self.site.truth().urls.keys().map(String::as_str).collect();
        there.insert("/robots.txt");
        let beyond: Vec<_> = asked.difference(&there).collect();
        assert!(beyond.is_empty(), "{how}: asked for what there is no leave to ask for: {beyond:?}");
        if all && !matches!(through, Through::Dir(..)) {
            let never: Vec<_> = there.difference(&asked).collect();
            assert!(never.is_empty(), "{how}: never asked for: {never:?}");
        }
        engine
    }

    fn assert_finds_the_truth(&self, engine: &Engine) {
        let (expected, found) = (expected(self.site.truth()), found(engine));
        let named = &self.named;
        for (key, pages) in &expected {
            assert_eq!(
                found.get(key),
                Some(pages),
                "{named}: {key:?} is there, on the right; missed on the left"
            );
        }
        for (key, pages) in &found {
            assert!(expected.contains_key(key), "{named}: {key:?} is reported, on {pages:?}, and not there");
        }
    }

    /// What a limit lets through is still nothing but the truth.
    fn assert_finds_only_truth(&self, engine: &Engine) {
        let expected = expected(self.site.truth());
        for (key, pages) in found(engine) {
            let there = expected.get(&key).is_some_and(|there| pages.is_subset(there));
            assert!(there, "{}: {key:?} is reported, on {pages:?}, and not there", self.named);
        }
    }

    fn assert_same(&self, expected: &Engine, found: &Engine, how: &str) {
        if let Err(difference) = same_rows(expected, found) {
            panic!("{}, {how}: {difference}", self.named);
        }
        // Equal rows make equal bytes; on a large site that is taken for granted.
        if self.site.pages().len() < 1_000 {
            assert!(bytes(expected) == bytes(found), "{}, {how}: other bytes from equal rows", self.named);
        }
    }
}

fn expected(truth: &Truth) -> Found {
    let mut found = Found::new();
    for (url, broken) in &truth.broken {
        let class = match broken.status {
            403 => Class::Blocked,
            500.. => Class::ServerError,
            _ => Class::Broken,
        };
        found.insert((url.clone(), None, class), broken.pages.clone());
    }
    for (url, redirected) in &truth.redirected {
        found.insert((url.clone(), None, Class::Redirected), redirected.pages.clone());
    }
    for ((url, fragment), pages) in &truth.dead_fragments {
        found.insert((url.clone(), Some(fragment.clone()), Class::DeadFragment), pages.clone());
    }
    let simple = [
        (&truth.loops, Class::RedirectLoop),
        (&truth.invalid, Class::InvalidUrl),
        (&truth.disallowed, Class::Skipped),
    ];
    for (urls, class) in simple {
        found.extend(urls.iter().map(|(url, pages)| ((url.clone(), None, class), pages.clone())));
    }
    found
}

/// What is reported, but for what was never to be asked for: by scheme, by limit, or because it is only a base.
fn found(engine: &Engine) -> Found {
    let report = engine.report();
    let rows = report.findings().filter(|finding| match finding.skip {
        Some(Skip::Robots { .. }) | None => true,
        Some(why) => {
            let base = why == Skip::Recorded && finding.url.rest == "/docs/";
            assert!(base || matches!(why, Skip::Scheme | Skip::Depth | Skip::Limit(_)), "{finding:?}");
            false
        }
    });
    rows.map(|finding| {
        let key = (finding.url.rest.to_owned(), finding.fragment.map(str::to_owned), finding.class);
        (key, finding.referrers.iter().map(|referrer| referrer.page.rest.to_owned()).collect())
    })
    .collect()
}

fn number(variable: &str, default: usize) -> usize {
    std::env::var(variable).map_or(default, |text| text.parse().expect(variable))
}

#[test]
fn a_large_site() {
    let pages = number("CRAWLSPACE_SITE_PAGES", 10_000);
    let seed = number("CRAWLSPACE_SITE_SEED", 1) as u64;
    let served = Served::new(pages, seed, Host::Server);
    let reference = served.crawl(&served.config(8).build().unwrap(), &Through::Ureq, true);
    served.assert_finds_the_truth(&reference);
    for (through, at_once) in [(Through::Hyper, 100), (Through::Ureq, 100), (Through::Hyper, 1)] {
        let engine = served.crawl(&served.config(at_once).build().unwrap(), &through, true);
        served.assert_same(&reference, &engine, &format!("{through:?}, {at_once} at once"));
    }
}

/// Every way to carry a crawl over HTTP.
const WAYS: [(Through, u32); 6] = [
    (Through::Ureq, 1),
    (Through::Ureq, 8),
    (Through::Ureq, 100),
    (Through::Hyper, 1),
    (Through::Hyper, 8),
    (Through::Hyper, 100),
];

/// Crawls in every way under one set of limits, and gives one of the engines, which are all alike.
fn in_every_way(served: &Served, all: bool, limits: impl Fn(Builder) -> Builder) -> Engine {
    let mut ways = WAYS.iter().map(|(through, at_once)| {
        let config = limits(served.config(*at_once)).build().unwrap();
        (format!("{through:?}, {at_once} at once"), served.crawl(&config, through, all))
    });
    let (_, reference) = ways.next().unwrap();
    for (how, engine) in ways {
        served.assert_same(&reference, &engine, &how);
    }
    reference
}

#[test]
fn in_every_way_without_limits() {
    for seed in [2, 3] {
        let served = Served::new(150, seed, Host::Server);
        let engine = in_every_way(&served, true, |config| config);
        served.assert_finds_the_truth(&engine);
    }
}

#[test]
fn in_every_way_with_a_depth_limit() {
    let served = Served::new(150, 4, Host::Server);
    let mut pages = Vec::new();
    for depth in [1, 3] {
        let engine = in_every_way(&served, false, |config| config.depth(Limit::Max(depth)));
        served.assert_finds_only_truth(&engine);
        pages.push(engine.report().summary().pages);
    }
    assert!(1 < pages[0] && pages[0] < pages[1], "{}: pages by depth: {pages:?}", served.named);
}

#[test]
fn in_every_way_with_a_page_limit() {
    let served = Served::new(150, 5, Host::Server);
    for pages in [1, 20, 73] {
        let engine =
            in_every_way(&served, false, |config| config.order(Order::Ordered).max_pages(Limit::Max(pages)));
        served.assert_finds_only_truth(&engine);
        // What is asked for and redirects, or is broken, takes room without being a document.
        assert!((1..=pages).contains(&engine.report().summary().pages), "{}: {pages}", served.named);
    }
}

#[test]
fn in_every_way_with_depth_and_page_limits() {
    let served = Served::new(150, 6, Host::Server);
    let engine = in_every_way(&served, false, |config| {
        config.order(Order::Ordered).max_pages(Limit::Max(60)).depth(Limit::Max(2))
    });
    served.assert_finds_only_truth(&engine);
}

#[test]
fn a_folder_is_as_good_as_its_server() {
    let served = Served::new(150, 7, Host::Folder);
    let folder = tempfile::tempdir().unwrap();
    served.site.write_to(folder.path()).unwrap();
    let dir = Through::Dir(folder.path().to_owned(), Url::parse(&served.origin).unwrap());
    type Limits = fn(Builder) -> Builder;
    let all_limits: [Limits; 3] = [
        |config| config,
        |config| config.depth(Limit::Max(1)),
        |config| config.order(Order::Ordered).max_pages(Limit::Max(33)),
    ];
    for (number, limits) in all_limits.into_iter().enumerate() {
        let over_http =
            served.crawl(&limits(served.config(8)).build().unwrap(), &Through::Hyper, number == 0);
        for at_once in [1, 8] {
            let config = limits(served.config(at_once)).build().unwrap();
            let engine = served.crawl(&config, &dir, false);
            assert!(
                served.web.requests().is_empty(),
                "{}: the folder was asked, not the server",
                served.named
            );
            served.assert_same(
                &over_http,
                &engine,
                &format!("the folder, {at_once} at once, limits {number}"),
            );
        }
        if number == 0 {
            served.assert_finds_the_truth(&over_http);
        }
    }
}

/// A stream of numbers from a seed (splitmix64).
fn draws(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |bound| {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

#[test]
fn interrupted_and_taken_up_by_another_transport() {
    for (seed, ordered) in [(8, false), (9, true), (10, false)] {
        let served = Served::new(150, seed, Host::Server);
        let config = |at_once| {
            let config = served.config(at_once);
            let config =
                if ordered { config.order(Order::Ordered).max_pages(Limit::Max(90)) } else { config };
            config.build().unwrap()
        };
        let reference = served.crawl(&config(8), &Through::Ureq, !ordered);
        let mut draw = draws(seed);
        served.web.reset();
        let mut interrupted = engine(&config(8));
        let mut moments = Vec::new();
        let mut most_lost = 0;
        for through in [Through::Hyper, Through::Ureq, Through::Hyper, Through::Ureq] {
            let answers = 1 + draw(25);
            let at_once = [1, 8, 100][draw(3) as usize];
            moments.push((format!("{through:?}"), answers, at_once));
            let aborted = run(resume(&config(at_once), &interrupted), &through, answers);
            let partial = aborted.report().summary().partial;
            assert!(partial.contains(&LimitKind::Stopped), "{}, {moments:?}: no interruption", served.named);
            interrupted = resume(&config(at_once), &aborted);
            most_lost += u64::from(at_once);
        }
        let finished = run(interrupted, &Through::Hyper, u64::MAX);
        served.assert_same(&reference, &finished, &format!("interrupted by {moments:?}"));
        let again: u64 = served.web.requests().values().map(|count| count - 1).sum();
        assert!(again <= most_lost, "{}, {moments:?}: {again} asked for again", served.named);
    }
}

/// The crawl as another process would take it up.
fn resume(config: &Config, from: &Engine) -> Engine {
    let bytes = from.snapshot().as_bytes().to_vec();
    Engine::resume(config.clone(), Snapshot::from_bytes(bytes), UnixTime::from_secs(1_700_000_100)).unwrap()
}
