//! Both loops crawl: what is fetched, how often, how many at once; panics; who is told.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Gate, Hands, LOOPS, Loop, Seen, block_on, config, engine, not_found, page, url};
use core::ops::ControlFlow;
use crawlspace::{Engine, Event, Outcome, Output, Request, Retry, Stop, Time, Wake};
use crawlspace_drive::{Crawl, Observer};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Duration;

/// Paths by number; page `i` links to `web[i]`; numbers without a page are not there.
fn path(index: usize) -> String {
    if index == 0 { "/".to_owned() } else { format!("/{index}") }
}

fn answer(web: &[Vec<usize>], request: &Request) -> Outcome {
    let index = request.url.path()[1..].parse().unwrap_or(0);
    match web.get(index) {
        Some(links) => {
            let links: Vec<_> = links.iter().map(|&link| path(link)).collect();
            page(links.iter().map(String::as_str))
        }
        None => not_found(),
    }
}

fn reachable(web: &[Vec<usize>]) -> BTreeSet<String> {
    let (mut found, mut queue) = (BTreeSet::from([0]), vec![0]);
    while let Some(index) = queue.pop() {
        for &link in web.get(index).into_iter().flatten() {
            if found.insert(link) {
                queue.push(link);
            }
        }
    }
    found.into_iter().map(path).collect()
}

fn report(engine: &Engine) -> String {
    let rows: Vec<_> = engine.report().links().map(|finding| format!("{finding:?}")).collect();
    format!("{:?}\n{}", engine.report().summary(), rows.join("\n"))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn each_loop_fetches_all_that_can_be_reached_once_and_never_too_many_at_a_time(
        web in prop::collection::vec(prop::collection::vec(0..30_usize, 0..6), 1..25),
        slots in 1..6_usize,
    ) {
        let reports = LOOPS.map(|by| {
            let (seen, web, hands) = (Arc::new(Seen::default()), web.clone(), Hands::default());
            let fetch = { let (seen, web) = (Arc::clone(&seen), web.clone()); move |r: &Request| seen.during(r, || answer(&web, r)) };
            let engine = by.run(Crawl::new(engine(config())).clock(hands.clock()), slots, fetch);
            assert_eq!(seen.paths().into_iter().collect::<BTreeSet<_>>(), reachable(&web), "{by:?}");
            assert!(seen.fetches().values().all(|&times| times == 1), "{by:?}: {:?}", seen.fetches());
            assert!(seen.most() <= slots, "{by:?}: {} at once in {slots} slots", seen.most());
            report(&engine)
        });
        prop_assert_eq!(&reports[0], &reports[1]);
    }
}

#[test]
fn all_slots_are_used() {
    for by in LOOPS {
        let web = vec![vec![1, 2, 3], vec![], vec![], vec![]];
        let meeting = Arc::new(std::sync::Barrier::new(3));
        let fetch = move |request: &Request| {
            if request.url.path() != "/" {
                meeting.wait();
            }
            answer(&web, request)
        };
        by.run(Crawl::new(engine(config())), 3, fetch);
    }
}

#[test]
fn a_panic_costs_one_fetch() {
    for by in LOOPS {
        let seen = Arc::new(Seen::default());
        let fetch = {
            let seen = Arc::clone(&seen);
            move |request: &Request| {
                seen.during(request, || ());
                assert_ne!(request.url.path(), "/boom", "as the test wants it");
                page(["/boom", "/after", "/more"])
            }
        };
        let mut lost = Vec::new();
        let crawl = Crawl::new(engine(config().retry(Retry {
            max: 1,
            base: Duration::from_millis(1),
            cap: Duration::from_millis(1),
        })))
        .on_event(|engine, event| {
            if let Event::Answered { url, status: None, .. } = event {
                lost.push(engine.url(*url).to_string());
            }
            ControlFlow::Continue(())
        });
        by.run(crawl, 1, fetch);
        assert_eq!(lost, [url("/boom").to_string()], "{by:?}");
        assert_eq!(seen.fetches()["/boom"], 2, "{by:?}: tried again, as any failure that may pass");
        assert_eq!(seen.paths(), ["/", "/after", "/boom", "/more"], "{by:?}");
    }
}

/// A web without end.
fn endless(request: &Request) -> Outcome {
    let index: usize = request.url.path()[1..].parse().unwrap_or(0);
    page([path(2 * index + 1).as_str(), path(2 * index + 2).as_str()])
}

#[test]
fn an_event_can_stop_the_crawl() {
    for by in LOOPS {
        for how in [Stop::Drain, Stop::Abort] {
            let (hands, mut events) = (Hands::default(), 0);
            let crawl = Crawl::new(engine(config())).clock(hands.clock()).on_event(|_, event| {
                events += u32::from(matches!(event, Event::Answered { .. }));
                if events < 20 { ControlFlow::Continue(()) } else { ControlFlow::Break(how) }
            });
            let engine = by.run(crawl, 3, endless);
            assert!(engine.progress().terminal >= 20, "{by:?} {how:?}");
        }
    }
}

/// Breaks at each call, and counts them.
struct Impatient(Arc<AtomicU64>);

impl Observer for Impatient {
    fn waiting(&mut self, _engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        self.0.fetch_add(1, Ordering::SeqCst);
        ControlFlow::Break(Stop::Drain)
    }
}

#[test]
fn an_observer_that_goes_on_breaking_does_not_make_the_loop_spin() {
    for by in LOOPS {
        let (hands, calls, gate) = (Hands::default(), Arc::new(AtomicU64::new(0)), Gate::default());
        let crawl = Crawl::new(engine(config())).clock(hands.clock()).observer(Impatient(Arc::clone(&calls)));
        let handle = crawl.handle();
        // The loop has stopped the crawl and answers once more before the only fetch comes back.
        let helper = std::thread::spawn({
            let gate = gate.clone();
            move || {
                let asked = (0..10).try_for_each(|_| handle.snapshot().map(drop));
                gate.open();
                asked
            }
        });
        let engine = by.run(crawl, 3, move |_: &Request| {
            gate.pass();
            page(["/1"])
        });
        assert_eq!(helper.join().unwrap(), Ok(()), "{by:?}");
        assert_eq!(engine.progress().terminal, 1, "{by:?}: drained, and nothing new begun");
        assert!(
            calls.load(Ordering::SeqCst) <= 20 && hands.reads() <= 60,
            "{by:?}: {calls:?} {}",
            hands.reads()
        );
    }
}

/// Opens a gate at its third call.
struct Ticking(Gate, u32);

impl Observer for Ticking {
    fn waiting(&mut self, _engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        self.1 += 1;
        if self.1 == 3 {
            self.0.open();
        }
        ControlFlow::Continue(())
    }

    fn tick(&self) -> Option<Duration> {
        Some(Duration::ZERO)
    }
}

#[test]
fn an_observer_is_called_again_while_nothing_happens() {
    for by in LOOPS {
        let gate = Gate::default();
        let mut observer = Ticking(gate.clone(), 0);
        by.run(Crawl::new(engine(config())).observer(&mut observer), 1, move |_: &Request| {
            gate.pass();
            not_found()
        });
        assert!(observer.1 >= 3);
    }
}

#[test]
fn the_clock_goes_on_from_where_the_engine_stands() {
    for by in LOOPS {
        let mut engine = engine(config());
        engine.set_capacity(0);
        let start = Time::from_secs(1_000);
        assert!(matches!(engine.poll(start), Output::Wait(_)), "as if resumed here");
        let mut events = 0;
        let crawl = Crawl::new(engine).on_event(|_, _| {
            events += 1;
            if events < 1_000 { ControlFlow::Continue(()) } else { ControlFlow::Break(Stop::Abort) }
        });
        assert!(by.run(crawl, 1, endless).now() > start, "{by:?}: a clock that starts at zero stands still");
    }
}

#[test]
fn no_slot_is_taken_for_one() {
    for by in LOOPS {
        let engine = by.run(Crawl::new(engine(config())), 0, |_: &Request| not_found());
        assert_eq!(engine.progress().terminal, 1, "{by:?}");
    }
}

/// Takes its time to be dropped.
struct Slow(Arc<AtomicUsize>);

impl Drop for Slow {
    fn drop(&mut self) {
        (0..1_000).for_each(|_| std::thread::yield_now());
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_fetcher_is_dropped_when_the_pool_has_ended() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let held = Slow(Arc::clone(&dropped));
    Loop::Pool.run(Crawl::new(engine(config())), 4, move |_: &Request| {
        assert_eq!(held.0.load(Ordering::SeqCst), 0);
        page(["/1", "/2", "/3", "/4", "/5"])
    });
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
}

#[test]
fn the_async_loop_is_send_and_runs_on_any_executor() {
    fn sendable<T: Send>(future: T) -> T {
        future
    }
    let fetch = |_: Request| async { not_found() };
    let timer = |_: Duration| std::future::pending();
    let engine = block_on(sendable(Crawl::new(engine(config())).run_async(fetch, timer, 5)));
    assert_eq!(engine.progress().terminal, 1);
}
