//! Handles: each command reaches a loop that waits; after the end they say so.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Gate, Hands, LOOPS, Seen, block_on, config, engine, not_found, page, url};
use core::future::pending;
use crawlspace::{Engine, Request, Stop, UnixTime};
use crawlspace_drive::{Crawl, Ended};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

#[test]
fn what_is_added_is_fetched_while_the_loop_waits() {
    for by in LOOPS {
        let (begun, added) = (Gate::default(), Gate::default());
        let crawl = Crawl::new(engine(config())).clock(Hands::default().clock());
        let handle = crawl.handle();
        let helper = thread::spawn({
            let begun = begun.clone();
            move || {
                begun.pass();
                let added = handle.add(url("/added"));
                // A second time is no second fetch; by then the crawl may have ended.
                let _ = handle.add(url("/added"));
                added
            }
        });
        let seen = Arc::new(Seen::default());
        let fetch = {
            let seen = Arc::clone(&seen);
            move |request: &Request| {
                seen.during(request, || {
                    if request.url.path() == "/" {
                        begun.open();
                        added.pass();
                    } else {
                        added.open();
                    }
                    not_found()
                })
            }
        };
        by.run(crawl, 2, fetch);
        assert_eq!(helper.join().unwrap(), Ok(()));
        assert_eq!(seen.fetches(), [("/".to_owned(), 1), ("/added".to_owned(), 1)].into(), "{by:?}");
    }
}

#[test]
fn what_is_added_before_the_start_is_kept_and_add_each_asks_again() {
    for by in LOOPS {
        let crawl = Crawl::new(engine(config()));
        let handle = crawl.handle();
        handle.clone().add_each(url("/")).unwrap();
        let seen = Arc::new(Seen::default());
        let fetch = {
            let seen = Arc::clone(&seen);
            move |request: &Request| seen.during(request, not_found)
        };
        by.run(crawl, 2, fetch);
        assert_eq!(seen.fetches()["/"], 2, "{by:?}");
    }
}

#[test]
fn abort_ends_a_crawl_whose_fetches_hang() {
    for by in LOOPS {
        let (begun, never) = (Gate::default(), Gate::default());
        let crawl = Crawl::new(engine(config())).clock(Hands::default().clock());
        let handle = crawl.handle();
        let helper = thread::spawn({
            let begun = begun.clone();
            move || {
                begun.pass();
                handle.stop(Stop::Abort)
            }
        });
        let engine = by.run(crawl, 2, {
            let never = never.clone();
            move |_: &Request| {
                begun.open();
                never.pass();
                not_found()
            }
        });
        assert_eq!(helper.join().unwrap(), Ok(()));
        assert_eq!(engine.progress().terminal, 0, "{by:?}");
        never.open();
    }
}

/// What a fetcher aborts the crawl for before it answers is no answer: whoever goes on asks again.
#[test]
fn abort_before_an_answer_counts_before_it() {
    for by in LOOPS {
        let crawl = Crawl::new(engine(config()));
        let handle = crawl.handle();
        let engine = by.run(crawl, 2, move |_: &Request| {
            handle.stop(Stop::Abort).unwrap();
            not_found()
        });
        assert_eq!(engine.progress().terminal, 0, "{by:?}");
        let (seen, snapshot) = (Arc::new(Seen::default()), engine.snapshot());
        let engine = Engine::resume(engine.config().clone(), snapshot, UnixTime::default()).unwrap();
        let fetch = {
            let seen = Arc::clone(&seen);
            move |request: &Request| seen.during(request, not_found)
        };
        assert!(by.run(Crawl::new(engine), 2, fetch).is_complete(), "{by:?}");
        assert_eq!(seen.fetches()["/"], 1, "{by:?}");
    }
}

#[test]
fn abort_takes_as_many_steps_as_there_are_fetches() {
    const FETCHES: usize = 600;
    for by in LOOPS {
        let (begun, never) = (AtomicUsize::new(0), Gate::default());
        let crawl = Crawl::new(engine(config().concurrency(1_000))).clock(Hands::default().clock());
        let handle = crawl.handle();
        let engine = by.run(crawl, FETCHES, {
            let never = never.clone();
            move |request: &Request| {
                if request.url.path() == "/" {
                    let paths: Vec<_> = (0..FETCHES).map(|number| format!("/{number}")).collect();
                    return page(paths.iter().map(String::as_str));
                }
                if begun.fetch_add(1, Ordering::SeqCst) + 1 == FETCHES {
                    handle.stop(Stop::Abort).unwrap();
                }
                never.pass();
                not_found()
            }
        });
        assert_eq!(engine.progress().terminal, 1, "{by:?}");
        never.open();
    }
}

#[test]
fn drain_lets_what_is_in_flight_come_home() {
    for by in LOOPS {
        let crawl = Crawl::new(engine(config())).clock(Hands::default().clock());
        let handle = crawl.handle();
        let engine = by.run(crawl, 2, move |_: &Request| {
            handle.stop(Stop::Drain).unwrap();
            page(["/1", "/2"])
        });
        assert_eq!(engine.progress().terminal, 1, "{by:?}");
    }
}

#[test]
fn a_snapshot_of_a_waiting_crawl_can_be_resumed() {
    for by in LOOPS {
        let (begun, asked) = (Gate::default(), Gate::default());
        let crawl = Crawl::new(engine(config())).clock(Hands::default().clock());
        let handle = crawl.handle();
        let helper = thread::spawn({
            let (begun, asked) = (begun.clone(), asked.clone());
            move || {
                begun.pass();
                let snapshots = [handle.snapshot(), block_on(handle.snapshot_async())];
                asked.open();
                snapshots
            }
        });
        let pages = |request: &Request| match request.url.path() {
            "/" => page(["/1", "/2", "/3"]),
            _ => not_found(),
        };
        by.run(crawl, 2, move |request: &Request| {
            if request.url.path() == "/2" {
                begun.open();
                asked.pass();
            }
            pages(request)
        });
        for snapshot in helper.join().unwrap() {
            let at = UnixTime::from_secs(1_700_000_009);
            let resumed = Engine::resume(config().build().unwrap(), snapshot.unwrap(), at).unwrap();
            let seen = Arc::new(Seen::default());
            let fetch = {
                let seen = Arc::clone(&seen);
                move |request: &Request| seen.during(request, || pages(request))
            };
            let engine = by.run(Crawl::new(resumed), 2, fetch);
            assert_eq!(engine.progress().terminal, 4, "{by:?}");
            assert_eq!(seen.fetches().get("/2"), Some(&1), "{by:?}: it was in flight");
        }
    }
}

#[test]
fn after_the_end_every_method_says_so() {
    for by in LOOPS {
        let crawl = Crawl::new(engine(config()));
        let handle = crawl.handle();
        by.run(crawl, 1, |_: &Request| not_found());
        assert_eq!(handle.add(url("/")), Err(Ended));
        assert_eq!(handle.add_each(url("/")), Err(Ended));
        assert_eq!(handle.stop(Stop::Abort), Err(Ended));
        assert_eq!(handle.snapshot(), Err(Ended));
        assert_eq!(block_on(handle.snapshot_async()), Err(Ended));
    }
}

#[test]
fn who_waits_for_a_snapshot_learns_that_the_crawl_was_dropped() {
    let crawl = Crawl::new(engine(config()));
    let handle = crawl.handle();
    let asks = thread::spawn({
        let handle = handle.clone();
        move || handle.snapshot()
    });
    let snapshot = handle.snapshot_async();
    let mut snapshot = Box::pin(snapshot);
    assert!(futures::FutureExt::now_or_never(snapshot.as_mut()).is_none());
    drop(crawl);
    assert_eq!(asks.join().unwrap(), Err(Ended));
    assert_eq!(block_on(snapshot), Err(Ended));

    // The same when it is the running loop that is dropped.
    let crawl = Crawl::new(engine(config()));
    let handle = crawl.handle();
    let mut run = Box::pin(crawl.run_async(|_: Request| pending(), |_| pending(), 3));
    assert!(futures::FutureExt::now_or_never(run.as_mut()).is_none());
    drop(run);
    assert_eq!(handle.stop(Stop::Drain), Err(Ended));
}
