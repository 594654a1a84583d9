//! What the engine holds at a million known URLs: the model, and the heap as measured.
//!
//! `cargo bench -p crawlspace --bench memory [-- PAGES LINKS]`. Last figures: see `core/benches/README.md`.
#![allow(clippy::disallowed_methods, clippy::print_stdout, missing_docs)]

#[path = "support/web.rs"]
mod web;

use crawlspace::{Config, Engine, HostPolicy, Output, RobotsPolicy, Seed, Time, UnixTime};
use std::collections::BTreeSet;

#[global_allocator]
static HEAP: peak_alloc::PeakAlloc = peak_alloc::PeakAlloc;

fn main() {
    let mut sizes = std::env::args().skip(1).filter_map(|arg| arg.parse::<u32>().ok());
    let pages = sizes.next().unwrap_or(1_000_000);
    let links = sizes.next().unwrap_or(12);
    let config = Config::builder()
        .seed("http://site.test/".parse().expect("a URL"))
        .own_hosts(HostPolicy { concurrency: 64, gap: std::time::Duration::ZERO })
        .robots(RobotsPolicy { crawl: false, check: false })
        .build()
        .expect("a configuration");
    let before = HEAP.current_usage();
    HEAP.reset_peak_usage();
    let mut engine = Engine::new(config, Seed(1), UnixTime::from_secs(0));
    let mut peak = 0;
    loop {
        match engine.poll(Time::ZERO) {
            Output::Fetch(fetch) => engine.complete(fetch.ticket, web::answer(&fetch.request, pages, links)),
            Output::Finished => break,
            Output::Wait(wake) => panic!("answers are ready at once, yet it waits: {wake:?}"),
            Output::Event(_) | Output::Cancel(_) => {}
        }
        peak = peak.max(HEAP.current_usage());
    }
    let live = HEAP.current_usage() - before;
    let report = engine.report();
    let summary = report.summary();
    let ids = summary.pages * 6;
    let mut text_bytes = 0;
    let mut texts = BTreeSet::new();
    let mut url_bytes = 0;
    for page in 0..pages {
        url_bytes += "http://site.test".len() + web::path(page).len();
        if page < 977 {
            texts.insert(format!("Link {page}"));
        }
    }
    for text in &texts {
        text_bytes += text.len() as u64;
    }
    let model = 128 * u64::from(pages) + 16 * summary.links + 8 * ids + text_bytes;
    println!(
        "{pages} URLs of {} bytes on average, {} links, {ids} ids",
        url_bytes / pages as usize,
        summary.links
    );
    println!("model     {:>7.1} MB", model as f64 / 1e6);
    println!("live heap {:>7.1} MB", live as f64 / 1e6);
    println!("peak heap {:>7.1} MB", (peak - before) as f64 / 1e6);
    let rest = live as f64 - (16 * summary.links + 8 * ids + text_bytes) as f64;
    println!("so {:.1} bytes a URL beside 16 a link, 8 an id and the texts", rest / f64::from(pages));
}
