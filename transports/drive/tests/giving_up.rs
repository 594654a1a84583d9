//! Fetches that the engine gives up: a pool cannot cut them short, the async loop drops them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{BUDGET, Gate, Hands, Loop, Seen, block_on, config, engine, not_found, page};
use core::future::{pending, ready};
use core::ops::ControlFlow;
use crawlspace::{Engine, Event, Request, Stop, Wake};
use crawlspace_drive::{Crawl, Observer};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Notes how many fetches are in flight, and which paths ended without a status.
#[derive(Default)]
struct Notes {
    most: u64,
    lost: Vec<String>,
}

impl Observer for Notes {
    fn event(&mut self, engine: &Engine, event: &Event) -> ControlFlow<Stop> {
        if let Event::Answered { url, status: None, .. } = event {
            self.lost.push(engine.url(*url).rest.to_owned());
            self.most = 0;
        }
        ControlFlow::Continue(())
    }

    fn waiting(&mut self, engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        self.most = self.most.max(engine.progress().in_flight);
        ControlFlow::Continue(())
    }
}

#[test]
fn a_stuck_worker_takes_its_slot_with_it() {
    let (hands, seen, mut notes) = (Hands::default(), Arc::new(Seen::default()), Notes::default());
    let (stuck, free) = (Gate::default(), Gate::default());
    let fetch = {
        let (hands, seen, free) = (hands.clone(), Arc::clone(&seen), free.clone());
        move |request: &Request| {
            seen.during(request, || match request.url.path() {
                "/" => page(["/stuck", "/late"]),
                "/stuck" => {
                    stuck.open();
                    free.pass();
                    not_found()
                }
                "/late" => {
                    stuck.pass();
                    hands.advance(2 * BUDGET);
                    page(["/1", "/2", "/3", "/4", "/5"])
                }
                _ => page([]),
            })
        }
    };
    let crawl = Crawl::new(engine(config())).clock(hands.clock()).observer(&mut notes);
    let engine = Loop::Pool.run(crawl, 2, fetch);
    assert_eq!(engine.progress().terminal, 8, "the crawl ends, stuck worker or not");
    assert_eq!(notes.lost, ["/stuck"], "no other fetch lapsed");
    assert_eq!(notes.most, 1, "in flight at once after the first worker was stuck");
    assert_eq!(seen.most(), 2, "never more than two at once, the stuck one included");
    free.open();
}

#[test]
fn a_worker_that_comes_back_brings_its_slot_back() {
    let (hands, mut notes) = (Hands::default(), Notes::default());
    let (stuck, free, meeting) = (Gate::default(), Gate::default(), [Gate::default(), Gate::default()]);
    let fetch = {
        let hands = hands.clone();
        move |request: &Request| match request.url.path() {
            "/" => page(["/stuck", "/late"]),
            "/stuck" => {
                stuck.open();
                free.pass();
                not_found()
            }
            "/late" => {
                stuck.pass();
                hands.advance(2 * BUDGET);
                page(["/free"])
            }
            "/free" => {
                free.open();
                page(["/left", "/right"])
            }
            path => {
                let own = usize::from(path == "/left");
                meeting[own].open();
                meeting[1 - own].pass();
                page([])
            }
        }
    };
    let crawl = Crawl::new(engine(config())).clock(hands.clock()).observer(&mut notes);
    let engine = Loop::Pool.run(crawl, 2, fetch);
    assert_eq!((engine.progress().terminal, notes.most), (6, 2));
    assert_eq!(notes.lost, ["/stuck"], "its late answer changes nothing");
    assert_eq!(engine.report().statistics().late_answers, 1);
}

/// Makes hours pass at each tick once the flag is up.
struct Flying {
    hands: Hands,
    flag: Arc<AtomicBool>,
}

impl Observer for Flying {
    fn waiting(&mut self, _engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        if self.flag.load(Ordering::SeqCst) {
            self.hands.advance(2 * BUDGET);
        }
        ControlFlow::Continue(())
    }

    fn tick(&self) -> Option<Duration> {
        Some(Duration::from_millis(1))
    }
}

#[test]
fn a_crawl_ends_even_if_all_workers_are_stuck() {
    let (hands, flag) = (Hands::default(), Arc::new(AtomicBool::new(false)));
    let (seen, free) = (Arc::new(Seen::default()), Gate::default());
    let observer = Flying { hands: hands.clone(), flag: Arc::clone(&flag) };
    let (gone, fetch) = {
        let (seen, free, gone) = (Arc::clone(&seen), free.clone(), Arc::new(()));
        let weak = Arc::downgrade(&gone);
        let fetch = move |request: &Request| {
            let _held = &gone;
            seen.during(request, || {
                if request.url.path() == "/" {
                    return page(["/1", "/2", "/3"]);
                }
                flag.store(true, Ordering::SeqCst);
                free.pass();
                not_found()
            })
        };
        (weak, fetch)
    };
    let crawl = Crawl::new(engine(config())).clock(hands.clock()).observer(observer);
    let engine = Loop::Pool.run(crawl, 1, fetch);
    assert_eq!(engine.progress().terminal, 4);
    assert_eq!(seen.fetches().len(), 2, "the others lapsed while they waited for a worker");
    free.open();
    while gone.strong_count() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(seen.fetches().len(), 2, "and are not carried out afterwards");
}

/// Has the first fetch lapse, and the second, which waits for a worker; frees the worker when the third waits.
struct Freeing {
    hands: Hands,
    stuck: Arc<AtomicBool>,
    free: Gate,
    statuses: Vec<Option<u16>>,
}

impl Observer for Freeing {
    fn event(&mut self, _engine: &Engine, event: &Event) -> ControlFlow<Stop> {
        if let Event::Answered { status, .. } = event {
            self.statuses.push(*status);
        }
        ControlFlow::Continue(())
    }

    fn waiting(&mut self, _engine: &Engine, _wake: Wake) -> ControlFlow<Stop> {
        match self.statuses.len() {
            1 | 2 if self.stuck.load(Ordering::SeqCst) => self.hands.advance(2 * BUDGET),
            3 => self.free.open(),
            _ => {}
        }
        ControlFlow::Continue(())
    }

    fn tick(&self) -> Option<Duration> {
        Some(Duration::from_millis(1))
    }
}

#[test]
fn a_fetch_without_a_worker_waits_for_the_first_that_comes_back() {
    let (hands, stuck, free) = (Hands::default(), Arc::new(AtomicBool::new(false)), Gate::default());
    let mut observer =
        Freeing { hands: hands.clone(), stuck: Arc::clone(&stuck), free: free.clone(), statuses: Vec::new() };
    let seen = Arc::new(Seen::default());
    let fetch = {
        let seen = Arc::clone(&seen);
        move |request: &Request| {
            seen.during(request, || match request.url.path() {
                "/" => page(["/1", "/2", "/3"]),
                "/1" => {
                    stuck.store(true, Ordering::SeqCst);
                    free.pass();
                    not_found()
                }
                _ => page([]),
            })
        }
    };
    Loop::Pool.run(Crawl::new(engine(config())).clock(hands.clock()).observer(&mut observer), 1, fetch);
    assert_eq!(observer.statuses, [Some(200), None, None, Some(200)]);
    assert_eq!(seen.paths(), ["/", "/1", "/3"], "what lapsed while it waited is not carried out");
}

/// Counts what is dropped.
struct Dropped(Arc<AtomicUsize>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn the_async_loop_drops_a_fetch_at_its_deadline_and_uses_the_slot() {
    let (hands, dropped, mut notes) = (Hands::default(), Arc::new(AtomicUsize::new(0)), Notes::default());
    let asked = Mutex::new(Vec::new());
    let fetch = |request: Request| {
        let held = Dropped(Arc::clone(&dropped));
        asked.lock().unwrap().push((request.url.path().to_owned(), dropped.load(Ordering::SeqCst)));
        async move {
            let _held = held;
            match request.url.path() {
                "/" => page(["/1", "/2"]),
                _ => pending().await,
            }
        }
    };
    // Time passes exactly as the loop waits for it.
    let timer = |wait: Duration| {
        hands.advance(wait);
        ready(())
    };
    let crawl = Crawl::new(engine(config())).clock(hands.clock()).observer(&mut notes);
    let engine = block_on(crawl.run_async(fetch, timer, 1));
    assert_eq!(
        (engine.progress().terminal, notes.lost.as_slice()),
        (3, ["/1".into(), "/2".into()].as_slice())
    );
    let asked = asked.into_inner().unwrap();
    assert_eq!(asked, [("/".to_owned(), 0), ("/1".to_owned(), 1), ("/2".to_owned(), 2)]);
    assert!(hands.reads() < 50, "{} looks at the clock", hands.reads());
}

#[test]
fn dropping_the_async_loop_drops_its_fetches() {
    let dropped = Arc::new(AtomicUsize::new(0));
    let fetch = |request: Request| {
        let held = Dropped(Arc::clone(&dropped));
        async move {
            let _held = held;
            if request.url.path() == "/" { page(["/1", "/2", "/3"]) } else { pending().await }
        }
    };
    let mut run = Box::pin(Crawl::new(engine(config())).run_async(fetch, |_| pending(), 10));
    assert!(futures::FutureExt::now_or_never(run.as_mut()).is_none());
    assert_eq!(dropped.load(Ordering::SeqCst), 1);
    drop(run);
    assert_eq!(dropped.load(Ordering::SeqCst), 4);
}

#[test]
fn a_panic_of_an_async_transport_costs_one_fetch_wherever_it_comes_from() {
    let mut notes = Notes::default();
    let fetch = |request: Request| {
        assert_ne!(request.url.path(), "/call", "as the test wants it");
        async move {
            tokio::task::yield_now().await;
            assert_ne!(request.url.path(), "/future", "as the test wants it");
            page(["/call", "/future", "/fine"])
        }
    };
    let crawl = Crawl::new(engine(config())).observer(&mut notes);
    let engine = block_on(crawl.run_async(fetch, tokio::time::sleep, 2));
    notes.lost.sort();
    assert_eq!((engine.progress().terminal, notes.lost), (4, vec!["/call".into(), "/future".into()]));
}

#[test]
fn the_async_loop_gives_way_though_every_answer_is_there_at_once() {
    let fetched = AtomicUsize::new(0);
    let fetch = |request: Request| {
        assert!(fetched.fetch_add(1, Ordering::SeqCst) < 100_000, "nobody else had a turn");
        let index: usize = request.url.path()[1..].parse().unwrap_or(0);
        ready(page([format!("/{}", index + 1).as_str()]))
    };
    let crawl = Crawl::new(engine(config()));
    let handle = crawl.handle();
    let other = async {
        for _ in 0..10 {
            tokio::task::yield_now().await;
        }
        handle.stop(Stop::Abort)
    };
    let (engine, stopped) = block_on(futures::future::join(crawl.run_async(fetch, |_| pending(), 4), other));
    assert_eq!(stopped, Ok(()));
    assert!(engine.progress().terminal > 0);
}
