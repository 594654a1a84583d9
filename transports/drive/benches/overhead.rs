//! What the loops cost beside the engine: `cargo bench -p crawlspace-drive`.
//!
//! A crawl of 10,000 pages with two links each, answered at once: by the engine polled by hand, by the async loop
//! with futures that are ready and futures that are woken once, by the pool. The difference to the first is the
//! loop's own; for the pool, whose answers are too quick here to come in batches, two thread switches a page.
//!
//! Last on two cores: engine alone 920 ns a page, async 1,121 and 1,194, pool 7,600 to 7,900 at 1, 8 and 100 threads.
#![allow(clippy::print_stdout, reason = "it prints its figures")]

use crawlspace::digest::{Digest, Link, Links, Media, Place, Role, Target};
use crawlspace::{Config, Engine, HostPolicy, Outcome, Output, Request, RobotsPolicy, Seed, Time, UnixTime};
use crawlspace_drive::Crawl;
use std::future::{pending, ready};
use std::hint::black_box;
use std::time::{Duration, Instant};

const PAGES: usize = 10_000;
const LINKS: usize = 2;
const SLOTS: usize = 100;
const ROUNDS: usize = 15;

fn engine() -> Engine {
    let policy = HostPolicy { concurrency: 1_000, gap: Duration::ZERO };
    let config = Config::builder()
        .seed("http://site.test/0".parse().expect("a URL"))
        .own_hosts(policy)
        .concurrency(1_000)
        .robots(RobotsPolicy { crawl: false, check: false })
        .build()
        .expect("a configuration");
    Engine::new(config, Seed(1), UnixTime::from_secs(1_700_000_000))
}

fn answer(request: &Request) -> Outcome {
    let index: usize = request.url.path()[1..].parse().unwrap_or(0);
    let mut links = Links::default();
    for link in (1..=LINKS).map(|nth| LINKS * index + nth).filter(|&link| link < PAGES) {
        links.push(&Link {
            target: Target::Url { origin: "http://site.test", origin_index: 0, rest: &format!("/{link}") },
            fragment: None,
            text: "",
            spelling: None,
            place: Place::A_HREF,
            role: Role::Followed,
            nofollow: false,
            line: 1,
            column: 1,
        });
    }
    Outcome::Answered(Box::new(Digest { status: 200, media: Media::Html, links, ..Digest::default() }))
}

fn by_hand() -> Engine {
    let mut engine = engine();
    engine.set_capacity(SLOTS);
    let mut open = Vec::with_capacity(SLOTS);
    loop {
        match engine.poll(Time::ZERO) {
            Output::Event(_) | Output::Cancel(_) => {}
            Output::Fetch(fetch) => open.push(fetch),
            Output::Wait(_) => {
                for fetch in open.drain(..) {
                    engine.complete(fetch.ticket, answer(&fetch.request));
                }
            }
            Output::Finished => return engine,
        }
    }
}

/// The fastest of some rounds, in nanoseconds a page.
fn measure(name: &str, mut run: impl FnMut() -> Engine) {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let engine = black_box(run());
        best = best.min(start.elapsed());
        assert_eq!(engine.progress().terminal, PAGES as u64);
    }
    println!("{name:<28}{:>8} ns a page", best.as_nanos() / PAGES as u128);
}

fn main() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    measure("engine alone", by_hand);
    measure("async, ready", || {
        let fetch = |request: Request| ready(answer(&request));
        runtime.block_on(Crawl::new(engine()).run_async(fetch, |_| pending(), SLOTS))
    });
    measure("async, one wake each", || {
        let fetch = |request: Request| async move {
            tokio::task::yield_now().await;
            answer(&request)
        };
        runtime.block_on(Crawl::new(engine()).run_async(fetch, tokio::time::sleep, SLOTS))
    });
    for threads in [1, 8, 100] {
        measure(&format!("pool, {threads} threads"), || Crawl::new(engine()).run_pool(threads, answer));
    }
}
