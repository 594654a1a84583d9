//! Waits that are left out: time jumps ahead, but never over a fetch in hand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{BUDGET, Gate, block_on, config, engine, page};
use core::future::{pending, ready};
use core::ops::ControlFlow;
use crawlspace::{Engine, Failure, HostPolicy, Outcome, Request, Retry, Stop, Time, Wake};
use crawlspace_drive::{Crawl, Observer};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// A crawl of four fetches, an hour after each other, of which one is tried three times.
fn patient() -> Engine {
    let gap = HostPolicy { concurrency: 4, gap: HOUR };
    engine(config().own_hosts(gap).retry(Retry { max: 2, base: HOUR, cap: HOUR }))
}

fn answer(request: &Request) -> Outcome {
    match request.url.path() {
        "/" => page(["/flaky", "/there"]),
        "/flaky" if request.attempt < 3 => Outcome::Failed(Failure::Closed),
        _ => page([]),
    }
}

fn assert_whole(engine: &Engine) {
    assert!(engine.now() >= Time::ZERO + 3 * HOUR, "{:?}", engine.now());
    let report = engine.report();
    assert_eq!((report.findings().count(), report.summary().pages), (0, 3));
}

#[test]
fn nobody_waits_for_the_pool() {
    assert_whole(&Crawl::new(patient()).skip_waits().run_pool(2, answer));
}

#[test]
fn nobody_waits_for_the_loop() {
    let crawl = Crawl::new(patient()).skip_waits();
    let fetch = |request: Request| ready(answer(&request));
    // The timer never ends.
    assert_whole(&block_on(crawl.run_async(fetch, |_| pending::<()>(), 2)));
}

/// Lets a fetch go on once the loop has been about to wait several times.
struct Release(Gate, usize);

impl Observer for Release {
    fn waiting(&mut self, engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        self.1 += usize::from(engine.progress().in_flight == 1);
        if self.1 == 10 {
            self.0.open();
        }
        ControlFlow::Continue(())
    }

    fn tick(&self) -> Option<Duration> {
        Some(Duration::from_millis(1))
    }
}

#[test]
fn time_does_not_jump_over_a_fetch_in_hand() {
    let gate = Gate::default();
    let gap = HostPolicy { concurrency: 4, gap: 2 * BUDGET };
    let release = Release(gate.clone(), 0);
    let crawl = Crawl::new(engine(config().own_hosts(gap))).observer(release).skip_waits();
    let engine = crawl.run_pool(2, move |request: &Request| match request.url.path() {
        "/" => page(["/slow", "/later"]),
        "/slow" => {
            gate.pass();
            page([])
        }
        _ => page([]),
    });
    let report = engine.report();
    assert_eq!((report.findings().count(), report.summary().pages), (0, 3), "the slow one has lapsed");
}
