//! The engine alone: no network, no parsing; answers are ready when they are asked for.
//!
//! `cargo bench -p crawlspace --bench engine [-- PAGES…]` prints microseconds a page at 62 links a page. Only the
//! engine's own calls are timed; making the answers is not. For instruction counts, run the binary under
//! `valgrind --tool=callgrind --toggle-collect='*Engine*poll*'`.
//!
//! Last figures: see `core/benches/README.md`.
#![allow(clippy::disallowed_methods, clippy::disallowed_types, clippy::print_stdout, missing_docs)]

#[path = "support/web.rs"]
mod web;

use crawlspace::{Config, Engine, HostPolicy, Output, Seed, Time, UnixTime};
use std::time::{Duration, Instant};

fn main() {
    let sizes: Vec<u32> = std::env::args().skip(1).filter_map(|arg| arg.parse().ok()).collect();
    let sizes = if sizes.is_empty() { vec![10_000, 100_000] } else { sizes };
    for pages in sizes {
        let (engine, spent) = crawl(pages);
        let summary_began = Instant::now();
        let summary = engine.report().summary();
        let summary_took = summary_began.elapsed();
        let saving_began = Instant::now();
        let saved = engine.snapshot();
        let saving_took = saving_began.elapsed();
        let micros = spent.as_secs_f64() * 1e6 / f64::from(pages);
        println!(
            "{pages} pages: {micros:.2} µs a page, {} links; report's totals in {:.0} ms; saved in {:.1} ms, {} bytes",
            summary.links,
            summary_took.as_secs_f64() * 1e3,
            saving_took.as_secs_f64() * 1e3,
            saved.as_bytes().len(),
        );
        assert_eq!(summary.checked, u64::from(pages));
    }
}

fn crawl(pages: u32) -> (Engine, Duration) {
    let config = Config::builder()
        .seed("http://site.test/".parse().expect("a URL"))
        .own_hosts(HostPolicy { concurrency: 64, gap: Duration::ZERO })
        .robots(crawlspace::RobotsPolicy { crawl: false, check: false })
        .build()
        .expect("a configuration");
    let mut engine = Engine::new(config, Seed(1), UnixTime::from_secs(0));
    let mut open = Vec::new();
    let mut answers = Vec::new();
    let mut spent = Duration::ZERO;
    loop {
        for fetch in open.drain(..) {
            let crawlspace::Fetch { ticket, request } = fetch;
            answers.push((ticket, web::answer(&request, pages, 62)));
        }
        let began = Instant::now();
        for (ticket, outcome) in answers.drain(..) {
            engine.complete(ticket, outcome);
        }
        let finished = loop {
            match engine.poll(Time::ZERO) {
                Output::Fetch(fetch) => open.push(fetch),
                Output::Wait(_) => break false,
                Output::Finished => break true,
                Output::Event(_) | Output::Cancel(_) => {}
            }
        };
        spent += began.elapsed();
        if finished {
            return (engine, spent);
        }
    }
}
