//! One crawl four ways: live over HTTP, replayed from its archive, replayed from its journal, and simulated with the
//! recorded answers in another order. The reports are equal, byte for byte.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use crawlspace::report::Class;
use crawlspace::{Config, Engine, Event, HostPolicy, Output, Request, Retry, UnixTime};
use crawlspace_drive::Crawl;
use crawlspace_drive::journal::{Found, Journal, replay};
use crawlspace_http::Settings;
use crawlspace_sim::{Latency, Network, Run, Simulation, Web};
use crawlspace_tests::crawl::{Through, bytes, crawl, engine, same_rows};
use crawlspace_tests::site::{Shape, Site};
use crawlspace_tests::web::Bound;
use crawlspace_warc::{Archive, Recorder};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

const AT_ONCE: u32 = 8;

fn config(seed: &str) -> Config {
    let policy = HostPolicy { concurrency: AT_ONCE, gap: Duration::ZERO };
    let soon = Duration::from_millis(1);
    Config::builder()
        .seed(Url::parse(seed).unwrap())
        .concurrency(AT_ONCE)
        .own_hosts(policy)
        .other_hosts(policy)
        .retry(Retry { max: 1, base: soon, cap: soon })
        .build()
        .unwrap()
}

/// Over real HTTP, to an archive and to a journal that is kept whole.
fn live(config: &Config, archive: &Path, state: &Path) -> Engine {
    let (journal, found) = Journal::open(state, config, UnixTime::from_secs(1_700_000_000)).unwrap();
    assert!(matches!(found, Found::Nothing), "{found:?}");
    let engine = engine(config);
    let spec = Arc::new(engine.spec().clone());
    let recorder = Recorder::builder(archive, Arc::clone(&spec)).create().unwrap();
    let settings = Settings::new(spec).taps(Arc::new(recorder.clone()));
    let client = crawlspace_ureq::Client::builder(settings).build();
    let crawl = Crawl::new(engine).journal(journal.keep_history()).unwrap();
    let engine = crawl.run_pool(AT_ONCE as usize, move |request: &Request| client.fetch(request));
    recorder.finish().unwrap();
    engine
}

/// In virtual time: each recorded answer comes after a time that is drawn by `seed`.
fn simulated(config: &Config, archive: &Archive, seed: u64) -> Run {
    let engine = engine(config);
    let replay = archive.replay(Arc::new(engine.spec().clone()));
    let recorded = Web::new().answers(move |request| replay.fetch(request));
    let anyhow = Latency::Uniform(Duration::from_micros(1), Duration::from_secs(1));
    let mut run = Simulation::new(recorded).network(Network::new(seed).latency(anyhow)).begin_with(engine);
    run.finish().unwrap();
    run
}

fn answered(engine: &Engine, event: &Event) -> Option<String> {
    match event {
        Event::Answered { url, .. } => Some(engine.url(*url).to_string()),
        _ => None,
    }
}

fn assert_same(live: &Engine, other: &Engine, how: &str) {
    if let Err(difference) = same_rows(live, other) {
        panic!("{how}: {difference}");
    }
    assert!(bytes(live) == bytes(other), "{how}: other bytes from equal rows");
}

#[test]
fn four_equal_reports() {
    let bound = Bound::new().unwrap();
    let origin = Some(bound.origin());
    let site =
        Site::generate(Shape { pages: 200, bytes_per_page: 4_000, seed: 23, origin, ..Shape::default() });
    let web = bound.serve(move |path, _| site.answer(path));
    let folder = tempfile::tempdir().unwrap();
    let (file, state) = (folder.path().join("crawl.warc.gz"), folder.path().join("state"));
    let config = config(web.origin());

    let live = live(&config, &file, &state);
    let classes: BTreeSet<_> = live.report().links().map(|link| link.class).collect();
    for class in [Class::Ok, Class::Broken, Class::Redirected, Class::DeadFragment] {
        assert!(classes.contains(&class), "nothing is {class}: {classes:?}");
    }
    web.reset();

    let archive = Archive::open([&file]).unwrap();
    assert!(archive.problems().is_empty(), "{:?}", archive.problems());
    assert_same(&live, &crawl(&config, &Through::Replay(archive.clone())), "replayed from the archive");

    let mut order = Vec::new();
    let replayed = replay(&state, &config, |engine, output| {
        if let Output::Event(event) = output {
            order.extend(answered(engine, event));
        }
    })
    .unwrap();
    assert_eq!(replayed.cut, 0);
    assert!(replayed.records > live.report().summary().checked, "{} records", replayed.records);
    assert_same(&live, &replayed.engine, "replayed from the journal");

    for seed in 0..3 {
        let run = simulated(&config, &archive, seed);
        let other_order: Vec<_> =
            run.events().iter().filter_map(|event| answered(run.engine(), event)).collect();
        assert_ne!(order, other_order, "the answers came in the same order");
        assert_same(&live, run.engine(), &format!("simulated with seed {seed}"));
    }
    assert!(web.requests().is_empty(), "only the live crawl asked the server");
}
