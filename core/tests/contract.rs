//! The contract of `Engine`, as properties over random webs. P1, P2 and P3 (a wake-up is in the future, polling
//! again changes nothing, waiting as told brings something) are checked by the driver at every wait of every test.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::digest::{Digest, Transfer};
use crawlspace::{
    Config, Engine, Event, Failure, HostPolicy, Kind, Limit, Outcome, Output, Request, Retry, Seed, Snapshot,
    Stop, Time, UnixTime, Wake, config::Builder,
};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use web::{Draws, Log, Page, Run, Schedule, World, crawl, report_text};

const GAP: Duration = Duration::from_millis(250);

fn polite() -> Builder {
    let policy = HostPolicy { concurrency: 2, gap: GAP };
    Config::builder()
        .seed("http://h0.test/p0".parse().unwrap())
        .concurrency(3)
        .own_hosts(policy)
        .other_hosts(policy)
        .retry(Retry { max: 1, base: Duration::from_secs(2), cap: Duration::from_secs(60) })
}

fn engine(config: &Config) -> Engine {
    Engine::new(config.clone(), Seed(7), UnixTime::from_secs(1_000_000))
}

fn resume(config: &Config, snapshot: Snapshot) -> Engine {
    Engine::resume(config.clone(), snapshot, UnixTime::from_secs(1_000_500)).unwrap()
}

/// P4, seen from outside: starts of one host are a gap apart.
fn assert_polite(log: &Log, what: &str) {
    let mut last: BTreeMap<&str, Time> = BTreeMap::new();
    for (time, request) in &log.requests {
        let host = request.url.host_str().unwrap_or_default();
        if let Some(previous) = last.insert(host, *time) {
            assert!(time.since(previous) >= GAP, "{what}: {host} asked at {previous} and again at {time}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, ..ProptestConfig::default() })]

    /// P4: capacity and gap hold under any schedule.
    #[test]
    fn capacity_and_politeness(world in any::<u64>(), schedule in any::<u64>(), slots in 1..5_usize) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let mut engine = engine(&config);
        engine.set_capacity(slots);
        let mut run = Run::new(&site, Schedule::Random(schedule));
        run.finish(&mut engine);
        prop_assert!(run.log.most_in_flight <= slots.min(3), "world {}: {} in flight", world, run.log.most_in_flight);
        prop_assert!(run.log.most_of_one_host <= 2, "world {}: {} of a host", world, run.log.most_of_one_host);
        assert_polite(&run.log, &format!("world {world}"));
    }

    /// P5: no attempt before the time its event gave.
    #[test]
    fn no_attempt_before_its_backoff(world in any::<u64>(), schedule in any::<u64>()) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let mut engine = engine(&config);
        let mut run = Run::new(&site, Schedule::Random(schedule));
        let mut not_before: BTreeMap<String, Time> = BTreeMap::new();
        let (mut seen_events, mut seen_requests) = (0, 0);
        while run.step(&mut engine).is_some() {
            for event in &run.events[seen_events..] {
                if let Event::Retrying { url, at, .. } = event {
                    prop_assert!(*at > engine.now());
                    not_before.insert(engine.url(*url).to_string(), *at);
                }
            }
            seen_events = run.events.len();
            for (time, request) in &run.log.requests[seen_requests..] {
                if let Some(at) = not_before.remove(request.url.as_str()) {
                    prop_assert!(*time >= at, "world {}: {} asked at {}, not before {}", world, request.url, time, at);
                }
            }
            seen_requests = run.log.requests.len();
        }
    }

    /// P6 and I2: each URL is asked for at most once for each need and attempt, robots.txt first.
    #[test]
    fn once_and_robots_first(world in any::<u64>(), schedule in any::<u64>()) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let (_, log) = crawl(&config, &site, Schedule::Random(schedule));
        let mut asked = BTreeSet::new();
        let mut robots = BTreeSet::new();
        for (_, request) in &log.requests {
            let key = (request.url.as_str(), request.kind, request.need, request.method, request.attempt);
            prop_assert!(asked.insert(key), "world {}: asked twice: {:?}", world, key);
            let origin = request.url.origin().ascii_serialization();
            if request.kind == Kind::Robots {
                robots.insert(origin);
            } else if request.kind == Kind::Page {
                prop_assert!(robots.contains(&origin), "world {}: {} before robots.txt", world, request.url);
            }
        }
    }

    /// P7: the same inputs give the same outputs, byte for byte.
    #[test]
    fn same_inputs_same_outputs(world in any::<u64>(), schedule in any::<u64>()) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let trace = || {
            let (engine, log) = crawl(&config, &site, Schedule::Random(schedule));
            (format!("{:?}", log.requests), report_text(&engine), engine.snapshot())
        };
        prop_assert_eq!(trace(), trace());
    }

    /// P7: how long a URL waits for its next attempt is drawn by URL and attempt, whatever else failed before it.
    #[test]
    fn waits_do_not_depend_on_order(world in any::<u64>(), schedule in any::<u64>()) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let waits = |schedule| {
            let mut engine = engine(&config);
            let mut run = Run::new(&site, schedule);
            let (mut waits, mut seen) = (BTreeMap::new(), 0);
            while run.step(&mut engine).is_some() {
                for event in &run.events[seen..] {
                    if let Event::Retrying { url, at, attempts } = event {
                        let wait = at.since(engine.now());
                        waits.entry((engine.url(*url).to_string(), *attempts)).or_insert_with(Vec::new).push(wait);
                    }
                }
                seen = run.events.len();
            }
            waits
        };
        prop_assert_eq!(waits(Schedule::Fifo), waits(Schedule::Random(schedule)), "world {}", world);
    }

    /// P9, I18, I19: saved and loaded at any moments, with the answers in flight lost: the same report; nothing
    /// asked for again but what was in flight; polite all the same.
    #[test]
    fn saved_and_loaded_at_any_moment(world in any::<u64>(), schedule in any::<u64>(), crashes in 1..6_usize) {
        let site = World::random(world);
        // With a depth limit, what is found later by a shorter way has to be passed on, also over a crash.
        let depth = if schedule % 2 == 0 { Limit::None } else { Limit::Max((schedule >> 1) as u32 % 5) };
        let config = polite().depth(depth).build().unwrap();
        let expected = report_text(&crawl(&config, &site, Schedule::Fifo).0);
        let mut draws = Draws(schedule);
        let mut engine = engine(&config);
        let mut run = Run::new(&site, Schedule::Random(schedule));
        let mut lost = 0;
        let mut crashes = crashes;
        let mut until = draws.below(60);
        while run.step(&mut engine).is_some() {
            if until > 0 || crashes == 0 {
                until = until.saturating_sub(1);
                continue;
            }
            crashes -= 1;
            until = draws.below(60);
            lost += run.open().len();
            run.crash();
            let snapshot = engine.snapshot();
            engine = resume(&config, snapshot);
            let again = engine.snapshot();
            prop_assert_eq!(&resume(&config, again.clone()).snapshot(), &again, "world {}: not canonical", world);
        }
        prop_assert_eq!(report_text(&engine), expected, "world {}: another report after a crash", world);
        assert_polite(&run.log, &format!("world {world}"));
        let mut asked = BTreeSet::new();
        let key = |request: &Request| {
            (request.url.to_string(), request.kind, request.need, request.method, request.attempt)
        };
        let again = run.log.requests.iter().filter(|(_, request)| !asked.insert(key(request))).count();
        prop_assert!(again <= lost, "world {}: {} asked for again, {} were in flight", world, again, lost);
    }

    /// P10, I10: lost tickets never hang a crawl; each lapses at its deadline.
    #[test]
    fn lost_tickets_lapse(world in any::<u64>(), lossy in any::<u64>(), resumed_at in 0..60) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let mut engine = engine(&config);
        let mut draws = Draws(lossy);
        let mut now = Time::ZERO;
        let mut open = Vec::new();
        for step in 0.. {
            prop_assert!(step < 200_000, "world {world}: no end");
            match engine.poll(now) {
                Output::Fetch(fetch) => {
                    // Two in three are never answered.
                    if draws.one_in(3) { open.push(fetch) }
                }
                Output::Wait(wake) => match open.pop() {
                    Some(fetch) => {
                        let outcome = site.answer(&fetch.request, engine.spec().id_key);
                        engine.complete(fetch.ticket, outcome);
                    }
                    None => match wake {
                        // A deadline or a retry, neither of which is far, over a resume as before it.
                        Wake::At(at, _) if at.since(now) <= Duration::from_secs(60) => now = at,
                        Wake::At(at, _) => prop_assert!(false, "world {world}: waits until {at} at {now}"),
                        Wake::OnInput(_) => prop_assert!(false, "world {world}: waits for input for ever"),
                    },
                },
                Output::Finished => break,
                Output::Event(_) | Output::Cancel(_) => {}
            }
            if step == resumed_at {
                // What was open is asked for again, and may be lost again.
                engine = resume(&config, engine.snapshot());
                open.clear();
            }
        }
        prop_assert_eq!(engine.progress().in_flight, 0);
    }

    /// P11: an abort ends at once and keeps the work; `Finished` is for ever.
    #[test]
    fn abort_keeps_the_work(world in any::<u64>(), schedule in any::<u64>(), after in 0..80_usize) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let expected = report_text(&crawl(&config, &site, Schedule::Fifo).0);
        let mut engine = engine(&config);
        let mut run = Run::new(&site, Schedule::Random(schedule));
        for _ in 0..after {
            if run.step(&mut engine).is_none() {
                break;
            }
        }
        let open = run.take_open();
        // The stronger one counts, whichever comes last, and twice is as good as once.
        for how in [Stop::Drain, Stop::Abort, Stop::Abort, Stop::Drain] {
            engine.stop(how);
        }
        let mut cancelled = BTreeSet::new();
        for step in 0.. {
            prop_assert!(step < 10_000, "world {world}: an abort that does not end");
            match engine.poll(run.now) {
                Output::Finished => break,
                Output::Fetch(fetch) => prop_assert!(false, "world {world}: {fetch:?} after an abort"),
                Output::Wait(wake) => prop_assert!(false, "world {world}: an abort that waits: {wake:?}"),
                Output::Cancel(id) => prop_assert!(cancelled.insert(id), "world {}: {} twice", world, id),
                Output::Event(_) => {}
            }
        }
        prop_assert_eq!(cancelled, open.iter().map(|(ticket, _)| ticket.id()).collect(), "world {}", world);
        // Late answers are counted and change nothing else.
        let before = report_text(&engine);
        let late = open.len() as u64;
        let counted = engine.report().statistics().late_answers;
        for (ticket, _) in open {
            engine.complete(ticket, Outcome::Failed(Failure::Closed));
        }
        prop_assert_eq!(engine.poll(Time::MAX), Output::Finished);
        prop_assert_eq!(engine.report().statistics().late_answers, counted + late);
        prop_assert_eq!(report_text(&engine), before);
        let mut engine = resume(&config, engine.snapshot());
        let mut rest = Run::new(&site, Schedule::Random(schedule));
        rest.now = engine.now();
        rest.finish(&mut engine);
        prop_assert_eq!(report_text(&engine), expected, "world {}: an abort lost work", world);
    }

    /// I25: time that goes backwards is read as no time passed.
    #[test]
    fn time_that_goes_backwards(world in any::<u64>(), schedule in any::<u64>()) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let mut engine = engine(&config);
        let mut run = Run::new(&site, Schedule::Random(schedule));
        while run.step(&mut engine).is_some() {
            let latest = engine.now();
            let (mut straight, mut back) = (engine.clone(), engine.clone());
            let output = straight.poll(latest);
            prop_assert_eq!(&output, &back.poll(Time::ZERO));
            prop_assert_eq!(straight.snapshot(), back.snapshot());
            if let Output::Wait(_) | Output::Finished = output {
                // P2: polling more often than needed leaves no trace either.
                prop_assert_eq!(&output, &back.poll(latest));
                prop_assert_eq!(straight.snapshot(), back.snapshot());
            }
        }
    }

    /// I19, I20: any bytes, and any damage to a snapshot, give an error; never a panic, never half a state.
    #[test]
    fn damaged_snapshots(world in any::<u64>(), at in any::<prop::sample::Index>(), bit in 0..8_u8) {
        let site = World::random(world);
        let config = polite().build().unwrap();
        let mut engine = engine(&config);
        let mut run = Run::new(&site, Schedule::Random(world));
        for _ in 0..40 {
            if run.step(&mut engine).is_none() { break }
        }
        let bytes = engine.snapshot().as_bytes().to_vec();
        let mut flipped = bytes.clone();
        flipped[at.index(bytes.len())] ^= 1 << bit;
        let resume = |bytes| Engine::resume(config.clone(), Snapshot::from_bytes(bytes), UnixTime::default());
        prop_assert!(resume(flipped).is_err());
        prop_assert!(resume(bytes[..at.index(bytes.len())].to_vec()).is_err());
    }
}

#[test]
fn nothing_to_do_is_finished() {
    let mut engine = engine(&Config::builder().build().unwrap());
    assert_eq!(engine.poll(Time::ZERO), Output::Finished);
    assert_eq!(engine.poll(Time::MAX), Output::Finished);
}

/// P11: `Finished` is for ever, whatever is said afterwards.
#[test]
fn what_comes_after_the_end_begins_nothing() {
    let world = World::default().page("http://h0.test/p0", &[]).page("http://h0.test/late", &[]);
    let (mut engine, _) = crawl(&polite().build().unwrap(), &world, Schedule::Fifo);
    let before = report_text(&engine);
    engine.add("http://h0.test/late".parse().unwrap());
    engine.add_each("http://h0.test/p0".parse().unwrap());
    engine.add_sitemap("http://h0.test/sitemap.xml".parse().unwrap());
    engine.set_capacity(7);
    engine.stop(Stop::Drain);
    for now in [engine.now(), Time::MAX, Time::ZERO] {
        assert_eq!(engine.poll(now), Output::Finished);
    }
    assert_eq!(report_text(&engine), before);
}

#[test]
fn a_paused_crawl_waits_for_a_command() {
    let config = polite().build().unwrap();
    let mut engine = engine(&config);
    engine.set_capacity(0);
    assert!(matches!(engine.poll(Time::ZERO), Output::Wait(Wake::OnInput(crawlspace::Why::Paused))));
    engine.set_capacity(1);
    assert!(matches!(engine.poll(Time::ZERO), Output::Fetch(_)));
}

#[test]
fn a_wait_names_what_is_waited_for() {
    use crawlspace::Why;
    let why = |output: Output| match output {
        Output::Wait(Wake::At(_, why) | Wake::OnInput(why)) => why,
        other => panic!("{other:?}"),
    };
    let world = World::default().page("http://h0.test/p0", &["http://b.test/1", "http://c.test/2"]);
    let hour = Limit::Max(Duration::from_secs(3_600));
    for limit in [Limit::None, hour] {
        let config = polite().max_time(limit).build().unwrap();
        let mut engine = engine(&config);
        engine.set_capacity(1);
        let mut run = Run::new(&world, Schedule::Fifo);
        run.step(&mut engine);
        assert_eq!(
            why(engine.poll(run.now)),
            Why::Saturated,
            "the seed waits for robots.txt, which has the slot"
        );
        engine.set_capacity(2);
        assert_eq!(why(engine.poll(run.now)), Why::InFlight);
        while run.log.count("http://h0.test/p0") == 0 {
            run.step(&mut engine);
        }
        while run.open().len() < 2 {
            run.step(&mut engine);
        }
        assert_eq!(why(engine.poll(run.now)), Why::InFlight, "all that there is");
        engine.set_capacity(0);
        for (ticket, _) in run.take_open() {
            engine.complete(ticket, Outcome::Failed(Failure::Connect(crawlspace::Connect::Refused)));
        }
        while run.step(&mut engine).is_some() && !matches!(engine.poll(run.now), Output::Wait(_)) {}
        assert_eq!(why(engine.poll(run.now)), Why::Backoff, "no slot, but nothing queued either");
    }
}

#[test]
fn a_foreign_answer_is_counted() {
    let config = polite().build().unwrap();
    let mut other = Engine::new(config.clone(), Seed(8), UnixTime::default());
    let Output::Fetch(foreign) = other.poll(Time::ZERO) else { panic!("a fetch first") };
    let mut engine = engine(&config);
    let Output::Fetch(own) = engine.poll(Time::ZERO) else { panic!("a fetch first") };
    engine.complete(foreign.ticket, Outcome::Failed(Failure::Closed));
    let _ = engine.poll(Time::ZERO);
    assert_eq!(engine.report().statistics().late_answers, 1);
    assert_eq!(engine.progress().in_flight + engine.progress().queued, 1);
    drop(own);
}

#[test]
fn another_configuration_does_not_resume() {
    let config = polite().build().unwrap();
    let snapshot = engine(&config).snapshot();
    let deeper = polite().depth(Limit::Max(3)).build().unwrap();
    let error = Engine::resume(deeper, snapshot.clone(), UnixTime::default()).unwrap_err();
    assert!(matches!(error, crawlspace::ResumeError::Config { .. }), "{error}");
    // Pacing may change.
    let faster = polite().concurrency(50).fetch_timeout(Duration::from_secs(5)).build().unwrap();
    assert!(Engine::resume(faster, snapshot, UnixTime::default()).is_ok());
}

#[test]
fn a_time_limit_ends_the_crawl_and_is_named() {
    let mut world = World::default();
    for n in 0..100 {
        world = world.page(&format!("http://h0.test/p{n}"), &[&format!("/p{}", n + 1)]);
    }
    let config = polite().max_time(Limit::Max(Duration::from_secs(5))).build().unwrap();
    let (engine, _) = crawl(&config, &world, Schedule::Fifo);
    let summary = engine.report().summary();
    assert_eq!(summary.partial, [crawlspace::LimitKind::MaxTime]);
    assert!((1..=21).contains(&summary.checked), "{summary:?}");
    let skipped = engine.report().findings().filter(|finding| finding.class.as_str() == "skipped").count();
    assert_eq!(skipped, 1, "the page whose turn did not come");
}

/// A fetch that takes long does not hold up the end of the crawl's time.
#[test]
fn the_end_of_the_time_wakes_who_waits_for_an_answer() {
    let limit = Duration::from_secs(5);
    let config = polite().max_time(Limit::Max(limit)).build().unwrap();
    let mut engine = engine(&config);
    let Output::Fetch(fetch) = engine.poll(Time::ZERO) else { panic!("a fetch first") };
    assert!(fetch.request.budget > limit);
    let Output::Wait(Wake::At(end, why)) = engine.poll(Time::ZERO) else { panic!("it waits for a time") };
    assert_eq!((end, why), (Time::ZERO + limit, crawlspace::Why::InFlight));
    assert_eq!(engine.poll(end), Output::Event(Event::LimitReached(crawlspace::LimitKind::MaxTime)));
}

/// I19: what another version wrote is named, even if it is damaged besides, since that is what helps.
#[test]
fn a_state_of_another_version_names_it() {
    let config = polite().build().unwrap();
    let bytes = engine(&config).snapshot().as_bytes().to_vec();
    // After four bytes of magic, the versions of the format and of the identity rules.
    for at in [4, 5] {
        let mut other = bytes.clone();
        other[at] ^= 1;
        let error =
            Engine::resume(config.clone(), Snapshot::from_bytes(other), UnixTime::default()).unwrap_err();
        assert!(matches!(error, crawlspace::ResumeError::Version { .. }), "byte {at}: {error}");
        assert!(error.to_string().contains("start anew"), "{error}");
    }
}

#[test]
fn items_of_their_own_are_fetched_and_reported_each() {
    let world = World::default().page("http://h0.test/p0", &[]);
    let scope = crawlspace::Scope::default().no_reach();
    let config = Config::builder().scope(scope).build().unwrap();
    let mut engine = engine(&config);
    for _ in 0..3 {
        engine.add_each("http://h0.test/p0".parse().unwrap());
    }
    let mut run = Run::new(&world, Schedule::Fifo);
    run.finish(&mut engine);
    assert_eq!(run.log.count("http://h0.test/p0"), 3);
    assert_eq!(engine.report().links().count(), 3);
}

/// A crash at every step of a small crawl, one after another, until the crawl ends before it: here what is only
/// passed on within a poll, the lesser depth of a page that was read before, is in the state that is saved.
#[test]
fn a_crash_at_every_step() {
    let world = World::default()
        .page("http://h0.test/p0", &["/s", "/a"])
        .page("http://h0.test/a", &["/b"])
        .page("http://h0.test/b", &["/c"])
        .page("http://h0.test/c", &["/t"])
        .page("http://h0.test/s", &["/c"])
        .page("http://h0.test/t", &[]);
    let at_once = HostPolicy { concurrency: 3, gap: Duration::ZERO };
    let config = polite().own_hosts(at_once).depth(Limit::Max(3)).build().unwrap();
    let expected = report_text(&crawl(&config, &world, Schedule::Fifo).0);
    assert!(expected.contains("http://h0.test/t\", fragment: None, class: Ok"));
    for crash in 0.. {
        let mut engine = engine(&config);
        let mut open = Vec::new();
        let mut steps = 0;
        // What was asked for last is answered first, so the long way is gone before the short one is known.
        let ended = loop {
            if steps == crash {
                break false;
            }
            steps += 1;
            match engine.poll(Time::ZERO) {
                Output::Fetch(fetch) => open.push(fetch),
                Output::Wait(_) => {
                    let last = open.pop().expect("it waits for an answer");
                    let outcome = world.answer(&last.request, engine.spec().id_key);
                    engine.complete(last.ticket, outcome);
                }
                Output::Event(_) | Output::Cancel(_) => {}
                Output::Finished => break true,
            }
        };
        if ended {
            break;
        }
        let mut engine = resume(&config, engine.snapshot());
        Run::new(&world, Schedule::Fifo).finish(&mut engine);
        assert_eq!(report_text(&engine), expected, "a crash at step {crash}");
    }
}

/// What each host was asked and what came of it, beside the sums.
#[test]
fn statistics_tell_of_each_host() {
    let answer = |encoded, first_byte, total| {
        let (first_byte, total) = (Duration::from_millis(first_byte), Duration::from_millis(total));
        let transfer = Transfer { encoded, decoded: 3 * encoded, first_byte, total };
        Page::Digest(Box::new(Digest { status: 200, transfer, ..Digest::default() }))
    };
    let world = World::default()
        .page("http://a.test/", &["http://b.test/1", "http://b.test/2", "http://c.test/", "mailto:d@d.test"])
        .with("http://b.test/1", answer(10, 100, 900))
        .with("http://b.test/2", answer(30, 300, 400))
        .with("http://c.test/", Page::Fails(Failure::Dns(crawlspace::Dns::NoSuchName)));
    let config = Config::builder().seed("http://a.test/".parse().unwrap()).build().unwrap();
    let (engine, log) = crawl(&config, &world, Schedule::Fifo);
    let statistics = engine.report().statistics();
    assert_eq!(statistics.fetches, log.requests.len() as u64);
    assert_eq!(statistics.hosts.keys().collect::<Vec<_>>(), ["a.test", "b.test", "c.test"]);
    let (a, b, c) = (&statistics.hosts["a.test"], &statistics.hosts["b.test"], &statistics.hosts["c.test"]);
    assert_eq!((a.answered, a.failed, a.bytes_encoded), (2, 0, 100), "robots.txt and the page");
    assert_eq!((b.answered, b.failed, b.bytes_encoded), (2, 0, 40));
    assert_eq!((b.mean_first_byte, b.slowest), (Duration::from_millis(200), Duration::from_millis(900)));
    assert_eq!((c.answered, c.failed, c.slowest), (0, 1, Duration::ZERO));
    assert_eq!((statistics.bytes_encoded, statistics.bytes_decoded), (140, 100 + 3 * 40));
}
