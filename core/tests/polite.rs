//! How hosts are treated: pace, limits they ask for, hosts that are down, and what that must never change.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, RateLimit};
use crawlspace::report::{Class, Skip};
use crawlspace::{
    Config, Connect, Engine, Failure, Fetch, HostPolicy, Limit, LimitKind, Output, Phase, Request, Retry,
    RetryAfter, Seed, Ticket, Time, UnixTime, Wake,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;
use web::{Draws, Log, Page, Schedule, World, crawl, crawl_at_once, eager, linking, report_text, verdicts};

const START: UnixTime = UnixTime::from_secs(1_000_000);

fn seconds(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

fn config() -> Builder {
    eager(8).retry(Retry { max: 2, base: seconds(4), cap: seconds(60) })
}

fn host(request: &Request) -> &str {
    request.url.host_str().unwrap_or_default()
}

/// What a crawl looked like from outside, in virtual time.
#[derive(Default)]
struct Seen {
    log: Log,
    /// For each host, how many were in flight whenever one began.
    in_flight: BTreeMap<String, Vec<usize>>,
    /// When the last answer of each host came.
    last_answer: BTreeMap<String, Time>,
    end: Time,
}

/// Drives an engine over a world whose answers take their time.
struct Clocked<'w, F> {
    world: &'w World,
    latency: F,
    open: BTreeMap<(Time, u64), (Ticket, Request)>,
    now: Time,
    seen: Seen,
}

impl<'w, F: Fn(&Request) -> Duration> Clocked<'w, F> {
    fn new(world: &'w World, latency: F) -> Self {
        Self { world, latency, open: BTreeMap::new(), now: Time::ZERO, seen: Seen::default() }
    }

    fn step(&mut self, engine: &mut Engine) -> bool {
        match engine.poll(self.now) {
            Output::Event(_) | Output::Cancel(_) => {}
            Output::Fetch(Fetch { ticket, request }) => {
                let of_host = self.open.values().filter(|(_, open)| host(open) == host(&request)).count();
                self.seen.in_flight.entry(host(&request).to_owned()).or_default().push(of_host + 1);
                self.seen.log.requests.push((self.now, request.clone()));
                let answered = self.now + (self.latency)(&request);
                self.open.insert((answered, request.id.get()), (ticket, request));
            }
            Output::Wait(wake) => {
                let answer = self.open.first_key_value().map(|((at, _), _)| *at);
                let told = if let Wake::At(at, _) = wake { Some(at) } else { None };
                self.now = answer.into_iter().chain(told).min().expect("nothing is to come");
                while let Some(open) = self.open.first_entry()
                    && open.key().0 <= self.now
                {
                    let (ticket, request) = open.remove();
                    self.seen.last_answer.insert(host(&request).to_owned(), self.now);
                    engine.complete(ticket, self.world.answer(&request, engine.spec().id_key));
                }
            }
            Output::Finished => return false,
        }
        true
    }

    fn finish(mut self, engine: &mut Engine) -> Seen {
        for step in 0..web::MAX_STEPS {
            if !self.step(engine) {
                self.seen.end = self.now;
                return self.seen;
            }
            assert!(step + 1 < web::MAX_STEPS, "live-lock");
        }
        self.seen
    }
}

fn timed(config: &Config, world: &World, latency: impl Fn(&Request) -> Duration) -> (Engine, Seen) {
    let mut engine = Engine::new(config.clone(), Seed(7), START);
    let seen = Clocked::new(world, latency).finish(&mut engine);
    (engine, seen)
}

// ------------------------------------------------------------------ what hosts ask for

#[test]
fn a_crawl_delay_is_a_gap_up_to_the_cap() {
    for (asked, kept) in
        [("2.5", millis(2_500)), ("0", Duration::ZERO), ("3600", seconds(60)), ("x", Duration::ZERO)]
    {
        let world = World::default()
            .page("http://a.test/", &["/1", "/2", "/3"])
            .robots("http://a.test", &format!("User-agent: *\nCrawl-delay: {asked}\n"));
        let (_, log) = crawl_at_once(&config().build().unwrap(), &world);
        let times: Vec<_> = log.requests.iter().map(|(time, _)| *time).collect();
        // robots.txt came before anybody knew.
        assert!(times[1..].windows(2).all(|pair| pair[1].since(pair[0]) == kept), "{asked}: {times:?}");
    }
}

/// When the first and second URL of a host were asked for, if the first is answered so; then another host's.
fn after(rate_limit: RateLimit) -> (Duration, Duration) {
    let first =
        Page::Digest(Box::new(Digest { status: 200, rate_limit: Some(rate_limit), ..Digest::default() }));
    let world = linking("b.test", 2, &Page::Asset).with("http://b.test/000", first);
    let world = world.page("http://a.test/", &["http://b.test/000", "http://b.test/001", "http://c.test/"]);
    let (_, log) = crawl_at_once(&config().build().unwrap(), &world.with("http://c.test/", Page::Asset));
    let [b0, b1, c] =
        ["http://b.test/000", "http://b.test/001", "http://c.test/"].map(|url| log.times(url)[0]);
    (b1.since(b0), c.since(b0))
}

#[test]
fn a_host_whose_limit_is_used_up_is_left_alone_until_the_reset() {
    let limit = |remaining, reset| RateLimit { remaining, reset };
    let delay = |asked| RetryAfter::Delay(seconds(asked));
    let date = |asked| RetryAfter::Date(UnixTime::from_secs(asked));
    assert_eq!(after(limit(0, delay(20))), (seconds(20), Duration::ZERO), "and no other is");
    assert_eq!(after(limit(0, date(1_000_030))).0, seconds(30));
    assert_eq!(after(limit(0, date(999_000))).0, Duration::ZERO, "it has passed");
    for beyond in [delay(61), delay(u64::MAX >> 24), date(i64::MAX)] {
        assert_eq!(after(limit(0, beyond)).0, seconds(60), "{beyond:?}: capped");
    }
    assert_eq!(after(limit(1, delay(20))).0, Duration::ZERO, "one is left");
}

/// What is in flight already may use up what is left.
#[test]
fn a_limit_counts_what_is_in_flight() {
    let limited = |remaining| {
        let reset = RetryAfter::Delay(seconds(30));
        let page =
            Digest { status: 200, rate_limit: Some(RateLimit { remaining, reset }), ..Digest::default() };
        let world = linking("a.test", 20, &Page::Digest(Box::new(page)));
        let (_, seen) = timed(&config().build().unwrap(), &world, |request| millis(request.id.get()));
        seen.log.requests.iter().filter(|(time, _)| *time < Time::from_secs(20)).count()
    };
    assert_eq!(limited(1_000), 22, "robots.txt, the start, and all");
    assert_eq!(limited(5), 10, "robots.txt, the start, and as many as were in flight");
}

// ------------------------------------------------------------------ pace

#[test]
fn a_foreign_host_starts_with_one_and_gets_one_more_for_each_round_of_quick_answers() {
    let world = linking("b.test", 60, &Page::Asset);
    let (_, seen) = timed(&config().build().unwrap(), &world, |_| millis(100));
    let most: Vec<_> = seen.in_flight["b.test"]
        .iter()
        .scan(0, |most, now| {
            *most = (*most).max(*now);
            Some(*most)
        })
        .collect();
    assert_eq!(most[..10], [1, 1, 2, 2, 2, 3, 3, 3, 3, 4], "{most:?}");
    assert_eq!(most.last(), Some(&8), "up to the policy's number: {most:?}");
}

#[test]
fn slow_answers_open_no_window() {
    let world = linking("b.test", 30, &Page::Asset);
    let (_, seen) = timed(&config().build().unwrap(), &world, |_| millis(1_001));
    assert!(seen.in_flight["b.test"].iter().all(|now| *now == 1), "{:?}", seen.in_flight["b.test"]);
}

#[test]
fn the_own_site_starts_with_its_number_and_shrinks_on_trouble() {
    for trouble in [
        Page::Status(429),
        Page::Status(503),
        Page::Fails(Failure::Timeout(Phase::Head)),
        Page::Fails(Failure::Closed),
        Page::Fails(Failure::Truncated),
        Page::Fails(Failure::Connect(Connect::Reset)),
    ] {
        let world = linking("a.test", 60, &Page::Asset).with("http://a.test/010", trouble.clone());
        let config =
            config().retry(Retry { max: 0, base: Duration::ZERO, cap: seconds(60) }).build().unwrap();
        let (_, seen) = timed(&config, &world, |request| millis(100 + request.id.get()));
        let seen = &seen.in_flight["a.test"];
        assert_eq!(seen.iter().max(), Some(&8), "{trouble:?}");
        // The trouble is the thirteenth answer, and eight were in flight.
        let after = &seen[20..26];
        assert!(after.iter().all(|now| *now <= 5), "{trouble:?}: halved, and one more for a round: {seen:?}");
        assert!(seen[50..].iter().any(|now| *now >= 6), "{trouble:?}: and grows again: {seen:?}");
    }
}

#[test]
fn what_is_one_url_s_own_fault_slows_nobody() {
    for page in
        [Page::Status(404), Page::Status(500), Page::Fails(Failure::Encoding(crawlspace::Encoding::Corrupt))]
    {
        let world = linking("a.test", 60, &page);
        let config =
            config().retry(Retry { max: 0, base: Duration::ZERO, cap: seconds(60) }).build().unwrap();
        let (_, seen) = timed(&config, &world, |request| millis(100 + request.id.get()));
        let seen = &seen.in_flight["a.test"];
        assert_eq!(seen[10..].iter().filter(|now| **now == 8).count(), seen.len() - 10, "{page:?}: {seen:?}");
    }
}

/// Eight that fail together are one trouble, not eight.
#[test]
fn what_was_under_way_together_counts_once() {
    let mut world = linking("a.test", 60, &Page::Asset);
    for n in 0..8 {
        world = world.with(&format!("http://a.test/{n:03}"), Page::Fails(Failure::Closed));
    }
    let config = config().retry(Retry { max: 0, base: Duration::ZERO, cap: seconds(60) }).build().unwrap();
    let (_, seen) = timed(&config, &world, |_| millis(100));
    let seen = &seen.in_flight["a.test"];
    assert_eq!(seen[10..14], [1, 2, 3, 4], "halved once: {seen:?}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// Whatever the answers take, the windows stay within the policy and the report is the same.
    #[test]
    fn pace_changes_no_report(world in any::<u64>(), latencies in any::<u64>(), slots in 1..20_u32) {
        let site = World::random(world);
        let policy = HostPolicy { concurrency: 3, gap: millis(50) };
        let config = Config::builder()
            .seed("http://h0.test/p0".parse().unwrap())
            .own_hosts(policy)
            .other_hosts(policy)
            .retry(Retry { max: 2, base: seconds(2), cap: seconds(60) });
        let expected = report_text(&crawl(&config.clone().build().unwrap(), &site, Schedule::Fifo).0);
        let config = config.concurrency(slots).build().unwrap();
        let (engine, seen) = timed(&config, &site, |request| {
            let draw = Draws(latencies ^ request.id.get()).next();
            millis(if draw.is_multiple_of(3) { draw % 20_000 } else { draw % 700 })
        });
        prop_assert_eq!(report_text(&engine), expected, "world {}", world);
        for (host, in_flight) in &seen.in_flight {
            prop_assert!(in_flight.iter().all(|now| *now <= 3), "world {}: {}: {:?}", world, host, in_flight);
        }
    }

    /// P9 with the time that answers take: what is known of hosts is saved too.
    #[test]
    fn pace_is_saved(world in any::<u64>(), at in 0..200_u32) {
        let site = World::random(world);
        let config = config().build().unwrap();
        let latency = |request: &Request| millis(1_500 * (request.url.as_str().len() as u64 % 2));
        let mut engine = Engine::new(config.clone(), Seed(7), START);
        let mut clocked = Clocked::new(&site, latency);
        for _ in 0..at {
            if !clocked.step(&mut engine) { break }
        }
        let saved = engine.snapshot();
        let resumed = Engine::resume(config.clone(), saved.clone(), START).unwrap();
        let again = Engine::resume(config, resumed.snapshot(), START).unwrap();
        prop_assert_eq!(resumed.snapshot(), again.snapshot());
    }
}

#[test]
fn a_resumed_crawl_goes_on_as_gently() {
    let world = linking("a.test", 60, &Page::Fails(Failure::Closed));
    let config = config().retry(Retry { max: 0, base: Duration::ZERO, cap: seconds(60) }).build().unwrap();
    let mut engine = Engine::new(config.clone(), Seed(7), START);
    let mut clocked = Clocked::new(&world, |_| millis(100));
    while clocked.seen.log.requests.len() < 40 {
        assert!(clocked.step(&mut engine));
    }
    let mut resumed = Engine::resume(config, engine.snapshot(), START).unwrap();
    let mut rest = Clocked::new(&world, |_| millis(100));
    rest.now = resumed.now();
    let seen = rest.finish(&mut resumed);
    assert!(seen.in_flight["a.test"].iter().all(|now| *now == 1), "{:?}", seen.in_flight["a.test"]);
}

// ------------------------------------------------------------------ hosts that are down

/// A host that takes ten seconds to fail, beside one that works, and the same without it.
fn beside_a_dead_host(config: &Config) -> (Engine, Seen, Seen) {
    let links: Vec<_> = (0..40).flat_map(|n| [format!("http://dead.test/{n}"), format!("/{n}")]).collect();
    let links: Vec<_> = links.iter().map(String::as_str).collect();
    let alone: Vec<_> = links.iter().copied().filter(|link| link.starts_with('/')).collect();
    let mut world = World::default();
    for n in 0..40 {
        world = world
            .with(&format!("http://dead.test/{n}"), Page::Fails(Failure::Timeout(Phase::Connect)))
            .with(&format!("http://a.test/{n}"), Page::Asset);
    }
    let latency = |request: &Request| if host(request) == "dead.test" { seconds(10) } else { millis(100) };
    let (engine, seen) = timed(config, &world.clone().page("http://a.test/", &links), latency);
    let (_, alone) = timed(config, &world.page("http://a.test/", &alone), latency);
    (engine, seen, alone)
}

#[test]
fn a_host_that_is_down_is_probed_one_at_a_time_and_holds_nobody_up() {
    let config = config().build().unwrap();
    let (engine, seen, alone) = beside_a_dead_host(&config);
    assert_eq!(
        seen.last_answer["a.test"], alone.last_answer["a.test"],
        "the healthy host is as fast as alone"
    );
    assert!(seen.in_flight["dead.test"].iter().all(|now| *now == 1));
    let starts: Vec<_> =
        seen.log.requests.iter().filter(|(_, request)| host(request) == "dead.test").collect();
    let waits: Vec<_> = starts.windows(2).map(|pair| pair[1].0.since(pair[0].0)).collect();
    assert_eq!(
        waits[2..5],
        [seconds(14), seconds(18), seconds(10)],
        "left alone for 4 s, then 8 s, then probed"
    );
    for n in 0..40 {
        let url = format!("http://dead.test/{n}");
        assert_eq!(seen.log.count(&url), 3, "as often as it may");
        assert_eq!(verdicts(&engine)[&url], Class::Timeout);
    }
    assert!(engine.report().summary().partial.is_empty());
}

#[test]
fn a_host_can_be_given_up() {
    let config = config().max_host_failures(Limit::Max(5)).build().unwrap();
    let (engine, seen, alone) = beside_a_dead_host(&config);
    assert_eq!(seen.last_answer["a.test"], alone.last_answer["a.test"]);
    let asked = seen.log.requests.iter().filter(|(_, request)| host(request) == "dead.test").count();
    assert!((5..=10).contains(&asked), "{asked} requests: five, and once more what was waiting");
    let report = engine.report();
    assert_eq!(report.summary().partial, [LimitKind::MaxHostFailures]);
    let skipped = |skip| skip == Some(Skip::Limit(LimitKind::MaxHostFailures));
    let left = report.links().filter(|link| skipped(link.skip)).count();
    let failed = report.links().filter(|link| link.class == Class::Timeout).count();
    assert_eq!((left + failed, failed <= 5), (40, true), "each URL has one verdict");
    assert_eq!(
        report.links().filter(|link| skipped(link.skip)).map(|link| link.message).next().unwrap(),
        "skipped: limit max-host-failures reached"
    );
}

#[test]
fn a_host_that_answers_again_is_not_given_up() {
    let mut world = linking("b.test", 30, &Page::Asset);
    for n in (0..30).filter(|n| n % 3 != 0) {
        world = world.with(&format!("http://b.test/{n:03}"), Page::Fails(Failure::Closed));
    }
    let config = config().max_host_failures(Limit::Max(5)).build().unwrap();
    let (engine, _) = timed(&config, &world, |_| millis(10));
    assert!(engine.report().summary().partial.is_empty());
}

/// I30: a thousand hosts that hang, and a few that work.
#[test]
fn a_thousand_slow_hosts_beside_healthy_ones() {
    let own: Vec<_> = (0..400).map(|n| format!("/{n}")).collect();
    let quick: Vec<_> = (0..60).map(|n| format!("http://quick{}.test/{n}", n % 3)).collect();
    let slow: Vec<_> = (0..1_000).map(|n| format!("http://slow{n}.test/")).collect();
    let mut world = World::default();
    for url in own.iter().map(|path| format!("http://a.test{path}")).chain(quick.iter().cloned()) {
        world = world.with(&url, Page::Asset);
    }
    for url in &slow {
        world = world.with(url, Page::Fails(Failure::Timeout(Phase::Connect)));
    }
    let links = |lists: &[&Vec<String>]| -> Vec<String> {
        lists.iter().flat_map(|list| list.iter().cloned()).collect()
    };
    let page = |world: &World, links: &[String]| {
        world.clone().page("http://a.test/", &links.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let config = Config::builder().seed("http://a.test/".parse().unwrap()).build().unwrap();
    let latency =
        |request: &Request| if host(request).starts_with("slow") { seconds(30) } else { millis(80) };
    let (_, alone) = timed(&config, &page(&world, &links(&[&quick, &own])), latency);
    let (engine, seen) = timed(&config, &page(&world, &links(&[&quick, &slow, &own])), latency);
    for host in ["a.test", "quick0.test", "quick1.test", "quick2.test"] {
        assert_eq!(seen.last_answer[host], alone.last_answer[host], "{host} is as fast as alone");
    }
    assert_eq!(engine.report().links().filter(|link| link.class == Class::Timeout).count(), 1_000);
    assert!(seen.log.requests.len() <= 1 + 1 + 460 + 3_000);
    // The slow ones get all the slots once nobody else needs them.
    assert!(seen.end < Time::from_secs(3 * 1_000 * 30 / 128 + 100), "{}", seen.end);
}

/// Slow hosts leave half of the slots to the own one as long as it has anything under way, which may bring more.
#[test]
fn what_is_under_way_keeps_its_slots() {
    let others: Vec<_> = (0..30).map(|n| format!("http://b{n}.test/")).collect();
    let links: Vec<_> = others.iter().map(String::as_str).chain(["/slow"]).collect();
    let world = others
        .iter()
        .fold(World::default().page("http://a.test/", &links), |world, url| world.with(url, Page::Asset));
    let config = config().concurrency(4).build().unwrap();
    let latency = |request: &Request| seconds(if request.url.path() == "/slow" { 25 } else { 5 });
    let (_, seen) = timed(&config, &world.with("http://a.test/slow", Page::Asset), latency);
    let begun = seen.log.times("http://a.test/slow")[0];
    let over = seen.last_answer["a.test"];
    let foreign = seen.log.requests.iter().filter(|(_, request)| host(request) != "a.test");
    let times: Vec<Time> =
        foreign.map(|(time, _)| *time).filter(|time| *time > begun && *time < over).collect();
    assert!(times.len() > 6, "{times:?}");
    assert!(times.windows(3).all(|three| three[2].since(three[0]) >= seconds(5)), "{times:?}");
}

/// However few slots there are, nobody starves.
#[test]
fn with_one_slot_both_lines_take_turns() {
    let mut world = linking("a.test", 20, &Page::Asset);
    let links: Vec<_> = (0..20).map(|n| format!("/{n:03}")).chain(["http://b.test/".to_owned()]).collect();
    world = world.page("http://a.test/", &links.iter().map(String::as_str).collect::<Vec<_>>());
    let config = config().concurrency(1).build().unwrap();
    let (_, seen) = timed(&config, &world.with("http://b.test/", Page::Asset), |_| millis(100));
    let at = seen.log.requests.iter().position(|(_, request)| host(request) == "b.test").unwrap();
    assert!(at < 6, "asked as number {at}");
}

// ------------------------------------------------------------------ the last attempt

#[test]
fn the_last_attempt_at_a_check_waits_until_the_network_is_quiet() {
    let busy: Vec<_> = (0..200).map(|n| format!("/{n}")).chain(["http://b.test/".to_owned()]).collect();
    let links: Vec<_> = busy.iter().map(String::as_str).collect();
    for page in [
        Page::Fails(Failure::Timeout(Phase::Connect)),
        Page::Fails(Failure::Connect(Connect::Refused)),
        Page::Fails(Failure::Dns(crawlspace::Dns::Temporary)),
        Page::Status(500),
        Page::Status(429),
    ] {
        for retries in 0..4 {
            let mut world =
                World::default().page("http://a.test/", &links).with("http://b.test/", page.clone());
            for n in 0..200 {
                world = world.with(&format!("http://a.test/{n}"), Page::Asset);
            }
            let one = HostPolicy { concurrency: 1, gap: Duration::ZERO };
            let retry = Retry { max: retries, base: millis(10), cap: seconds(1) };
            let config = config().own_hosts(one).retry(retry).build().unwrap();
            let (_, seen) = timed(&config, &world, |_| millis(100));
            let times: Vec<_> = {
                let of_b = seen.log.requests.iter().filter(|(_, request)| host(request) == "b.test");
                let mut asked: Vec<_> = of_b.map(|(time, request)| (request.attempt, *time)).collect();
                // A HEAD and the GET after it are one attempt.
                asked.dedup_by_key(|(attempt, _)| *attempt);
                asked
            };
            let last_own = seen.last_answer["a.test"];
            assert_eq!(times.len(), 1 + retries as usize, "{page:?}: {times:?}");
            let early = times.iter().filter(|(_, time)| *time < last_own).count();
            let expected = if retries == 0 { 1 } else { retries as usize };
            assert_eq!(
                early, expected,
                "{page:?}, {retries} retries: all but the last one at once: {times:?}"
            );
        }
    }
}

#[test]
fn what_is_crawled_is_not_put_off() {
    let links: Vec<_> = (0..200).map(|n| format!("/{n}")).collect();
    let links: Vec<_> = links.iter().map(String::as_str).collect();
    let mut world = World::default().page("http://a.test/", &links);
    for link in &links {
        world = world.with(&format!("http://a.test{link}"), Page::Asset);
    }
    let world = world.with("http://b.test/", Page::Flaky(2, Box::new(Page::Asset)));
    let one = HostPolicy { concurrency: 1, gap: Duration::ZERO };
    let retry = Retry { max: 2, base: millis(10), cap: seconds(1) };
    let config =
        config().seed("http://b.test/".parse().unwrap()).own_hosts(one).retry(retry).build().unwrap();
    let (_, seen) = timed(&config, &world, |_| millis(100));
    assert_eq!(seen.log.count("http://b.test/"), 3);
    assert!(seen.last_answer["b.test"] < Time::from_secs(2), "its links may lead on");
    assert!(seen.last_answer["a.test"] > Time::from_secs(20));
}

#[test]
fn what_only_failed_for_the_traffic_is_found_to_work() {
    let world = linking("b.test", 30, &Page::Flaky(2, Box::new(Page::Asset)));
    let (engine, _) = timed(&config().build().unwrap(), &world, |_| millis(100));
    assert_eq!(engine.report().findings().count(), 0);
}
