//! A small web in memory, a clock turned by hand, and one way to run either loop.
#![allow(dead_code, clippy::print_stderr, reason = "each test file uses its own part")]

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, Link, Links, Media, Place, Role, Target};
use crawlspace::{
    Config, Engine, HostPolicy, Kind, Outcome, Request, Retry, RobotsPolicy, Seed, Time, UnixTime,
};
use crawlspace_drive::{Clock, Crawl, Observer};
use futures::channel::oneshot;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use url::Url;

pub(crate) const ORIGIN: &str = "http://site.test";
pub(crate) const LOOPS: [Loop; 2] = [Loop::Pool, Loop::Async];
/// Far longer than any test runs: only ever passes where a test turns the clock.
pub(crate) const BUDGET: Duration = Duration::from_secs(3_600);

pub(crate) fn url(path: &str) -> Url {
    format!("{ORIGIN}{path}").parse().unwrap()
}

pub(crate) fn config() -> Builder {
    let policy = HostPolicy { concurrency: 1_000, gap: Duration::ZERO };
    Config::builder()
        .seed(url("/"))
        .own_hosts(policy)
        .robots(RobotsPolicy { crawl: false, check: false })
        .retry(Retry { max: 0, base: Duration::ZERO, cap: Duration::ZERO })
        .fetch_timeout(BUDGET)
}

pub(crate) fn engine(config: Builder) -> Engine {
    Engine::new(config.build().unwrap(), Seed(1), UnixTime::from_secs(1_700_000_000))
}

/// A page with these links.
pub(crate) fn page<'a>(paths: impl IntoIterator<Item = &'a str>) -> Outcome {
    let mut links = Links::default();
    for (line, path) in paths.into_iter().enumerate() {
        links.push(&Link {
            target: Target::Url { origin: ORIGIN, origin_index: 0, rest: path },
            fragment: None,
            text: "",
            spelling: None,
            place: Place::A_HREF,
            role: Role::Followed,
            nofollow: false,
            line: u32::try_from(line).unwrap() + 1,
            column: 1,
        });
    }
    Outcome::Answered(Box::new(Digest { status: 200, media: Media::Html, links, ..Digest::default() }))
}

pub(crate) fn not_found() -> Outcome {
    Outcome::Answered(Box::new(Digest { status: 404, ..Digest::default() }))
}

/// What a transport saw.
#[derive(Default)]
pub(crate) struct Seen {
    fetches: Mutex<BTreeMap<String, u32>>,
    running: AtomicUsize,
    most: AtomicUsize,
}

impl Seen {
    /// Notes that a fetch runs while `f` does.
    pub(crate) fn during<T>(&self, request: &Request, f: impl FnOnce() -> T) -> T {
        assert_eq!(request.kind, Kind::Page);
        *self.fetches.lock().unwrap().entry(request.url.path().to_owned()).or_default() += 1;
        let running = self.running.fetch_add(1, Ordering::SeqCst) + 1;
        self.most.fetch_max(running, Ordering::SeqCst);
        let result = f();
        self.running.fetch_sub(1, Ordering::SeqCst);
        result
    }

    /// How often each path was fetched.
    pub(crate) fn fetches(&self) -> BTreeMap<String, u32> {
        self.fetches.lock().unwrap().clone()
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.fetches().into_keys().collect()
    }

    /// How many fetches ran at once, at most.
    pub(crate) fn most(&self) -> usize {
        self.most.load(Ordering::SeqCst)
    }
}

/// Either loop, run to its end with a blocking fetch.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Loop {
    Pool,
    Async,
}

impl Loop {
    pub(crate) fn run<O, F>(self, crawl: Crawl<O>, slots: usize, fetch: F) -> Engine
    where
        O: Observer,
        F: Fn(&Request) -> Outcome + Send + Sync + 'static,
    {
        let _watchdog = Watchdog::new();
        match self {
            Self::Pool => crawl.run_pool(slots, fetch),
            Self::Async => block_on(crawl.run_async(threaded(fetch), tokio::time::sleep, slots)),
        }
    }
}

pub(crate) fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(future)
}

/// Ends a test run that hangs. No test depends on how long it waits.
struct Watchdog(mpsc::Sender<()>);

impl Watchdog {
    fn new() -> Self {
        let (alive, dead) = mpsc::channel();
        std::thread::spawn(move || {
            if dead.recv_timeout(Duration::from_secs(100)) == Err(mpsc::RecvTimeoutError::Timeout) {
                eprintln!("a loop hangs");
                std::process::abort();
            }
        });
        Self(alive)
    }
}

/// An async transport out of a blocking one. A panic on its thread panics here.
fn threaded<F>(
    fetch: F,
) -> impl Fn(Request) -> std::pin::Pin<Box<dyn Future<Output = Outcome> + Send>> + Send + Sync
where
    F: Fn(&Request) -> Outcome + Send + Sync + 'static,
{
    let fetch = Arc::new(fetch);
    move |request| {
        let (answer, answered) = oneshot::channel();
        let fetch = Arc::clone(&fetch);
        std::thread::spawn(move || drop(answer.send(fetch(&request))));
        Box::pin(async move { answered.await.expect("the fetch panicked") })
    }
}

/// A clock that moves when told to, and gives up on a loop that turns without end.
#[derive(Clone, Default)]
pub(crate) struct Hands {
    micros: Arc<AtomicU64>,
    reads: Arc<AtomicU64>,
}

impl Hands {
    const READS: u64 = 100_000;

    pub(crate) fn clock(&self) -> Clock {
        let hands = self.clone();
        Clock::from_fn(move || {
            assert!(hands.reads.fetch_add(1, Ordering::SeqCst) < Self::READS, "the loop spins");
            Time::from_micros(hands.micros.load(Ordering::SeqCst))
        })
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.micros.fetch_add(u64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    /// How often a loop has looked at it.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::SeqCst)
    }
}

/// A door that tests wait at: opened once, for all. Gives up only where a test would hang.
#[derive(Clone, Default)]
pub(crate) struct Gate(Arc<(Mutex<bool>, std::sync::Condvar)>);

impl Gate {
    pub(crate) fn open(&self) {
        *self.0.0.lock().unwrap() = true;
        self.0.1.notify_all();
    }

    #[track_caller]
    pub(crate) fn pass(&self) {
        let open = self.0.0.lock().unwrap();
        let (_open, hung) =
            self.0.1.wait_timeout_while(open, Duration::from_secs(60), |open| !*open).unwrap();
        assert!(!hung.timed_out(), "nobody opened the gate");
    }
}
