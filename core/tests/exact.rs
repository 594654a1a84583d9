//! An engine restored from a snapshot is the engine that was saved: what a journal's replay stands on.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::codec::{Decode, Encode};
use crawlspace::config::Builder;
use crawlspace::{
    Config, Engine, HostPolicy, Limit, Order, Outcome, Output, Pattern, Request, Retry, RobotsPolicy, Seed,
    Stop, Ticket, Time, UnixTime, Wake,
};
use proptest::prelude::*;
use std::time::Duration;
use web::{Draws, World};

const AT: UnixTime = UnixTime::from_secs(1_700_000_000);

fn config(draws: &mut Draws) -> Builder {
    let policy = |draws: &mut Draws| HostPolicy {
        concurrency: 1 + draws.below(3) as u32,
        gap: Duration::from_millis(100 * draws.below(4) as u64),
    };
    let mut config = Config::builder().seed("http://h0.test/p0".parse().unwrap());
    if draws.one_in(3) {
        config = config.order(Order::Ordered).depth(Limit::Max(3)).max_pages(Limit::Max(9));
    }
    if draws.one_in(4) {
        config = config.max_time(Limit::Max(Duration::from_secs(5)));
    }
    if draws.one_in(2) {
        // What only a few crawls use has state of its own, too.
        let few = |draws: &mut Draws, least: u64| {
            if draws.one_in(2) { Limit::Max(least + draws.below(9) as u64) } else { Limit::None }
        };
        let robots = RobotsPolicy { crawl: draws.one_in(2), check: draws.one_in(2) };
        let failures = if draws.one_in(2) { Limit::Max(1 + draws.below(2) as u32) } else { Limit::None };
        config = config
            .max_host_failures(failures)
            .max_urls_per_host(few(draws, 3))
            .max_frontier(few(draws, 3))
            .max_sitemaps(few(draws, 1))
            .declared_sitemaps(robots.crawl && draws.one_in(2))
            .soft_404(draws.one_in(2))
            .robots(robots);
        if draws.one_in(3) {
            config = config.body_cap(1_000).max_bytes(Limit::Max(1_000 * (2 + draws.below(4) as u64)));
        }
        if draws.one_in(2) {
            config = config.seed("http://h0.test/p1#nowhere".parse().unwrap());
        }
    }
    let retry = Retry { max: 2, base: Duration::from_millis(700), cap: Duration::from_secs(9) };
    let (own, other) = (policy(draws), policy(draws));
    let own_concurrency = 1 + draws.below(6) as u32;
    config.own_hosts(own).other_hosts(other).retry(retry).concurrency(own_concurrency)
}

fn again(ticket: &Ticket) -> Ticket {
    Ticket::from_bytes(&ticket.to_bytes()).unwrap()
}

/// Restored under a configuration that is paced otherwise: the pace that counts is the saved one.
fn restore(config: &Builder, engine: &Engine) -> Engine {
    let other = config
        .clone()
        .concurrency(1)
        .own_hosts(HostPolicy { concurrency: 1, gap: Duration::from_secs(1) })
        .retry(Retry { max: 0, base: Duration::ZERO, cap: Duration::ZERO })
        .fetch_timeout(Duration::from_secs(1))
        .priority(Pattern::new("p3").unwrap(), -9)
        .build()
        .unwrap();
    Engine::restore(other, &engine.snapshot()).unwrap()
}

/// The rows of a report.
fn report(engine: &Engine) -> Vec<String> {
    let report = engine.report();
    let rows = report.findings().chain(report.links()).map(|row| format!("{row:?}"));
    rows.chain([format!("{:?} {:?}", report.summary(), report.statistics())]).collect()
}

proptest! {
    /// I19: whatever comes after, both bring the same outputs, and are in the same state. Restored at any moment, with
    /// fetches open, asked for again, retried, lapsing, and while the crawl stops.
    #[test]
    fn restored_is_the_same(world in any::<u64>(), schedule in any::<u64>()) {
        let site = World::random(world);
        let mut draws = Draws(schedule);
        let builder = config(&mut draws);
        let config = builder.clone().build().unwrap();
        let mut engine = Engine::new(config.clone(), Seed(7), AT);
        let mut twin = engine.clone();
        let mut open: Vec<(Ticket, Request)> = Vec::new();
        let mut now = Time::ZERO;
        for _ in 0..600 {
            if draws.one_in(6) {
                twin = restore(&builder, &engine);
                prop_assert_eq!(engine.snapshot(), twin.snapshot(), "world {}", world);
            }
            if draws.one_in(80) {
                engine = Engine::resume(config.clone(), engine.snapshot(), AT).unwrap();
                twin = restore(&builder, &engine);
                if draws.one_in(2) {
                    open.clear();
                }
            }
            if draws.one_in(40) {
                let slots = draws.below(5);
                engine.set_capacity(slots);
                twin.set_capacity(slots);
            }
            if draws.one_in(300) {
                let how = if draws.one_in(2) { Stop::Drain } else { Stop::Abort };
                engine.stop(how);
                twin.stop(how);
            }
            if draws.one_in(60) {
                let url: url::Url = format!("http://h{}.test/p{}", draws.below(4), draws.below(30)).parse().unwrap();
                engine.add_each(url.clone());
                twin.add_each(url);
            }
            let (output, same) = (engine.poll(now), twin.poll(now));
            prop_assert_eq!(&output, &same, "world {}", world);
            match output {
                Output::Event(_) => {}
                Output::Cancel(id) => open.retain(|(ticket, _)| ticket.id() != id),
                Output::Fetch(fetch) => open.push((fetch.ticket, fetch.request)),
                Output::Finished => break,
                Output::Wait(wake) => {
                    engine.set_capacity(6);
                    twin.set_capacity(6);
                    let at = if let Wake::At(at, _) = wake { at } else { now };
                    if open.is_empty() || draws.one_in(5) {
                        now = at;
                        continue;
                    }
                    let (ticket, request) = open.remove(draws.below(open.len()));
                    let mut outcome = site.answer(&request, engine.spec().id_key);
                    if let Outcome::Answered(digest) = &mut outcome {
                        digest.transfer.first_byte = Duration::from_millis(draws.below(900) as u64);
                    }
                    twin.complete(again(&ticket), outcome.clone());
                    engine.complete(ticket, outcome);
                }
            }
        }
        prop_assert_eq!(engine.snapshot(), twin.snapshot());
        prop_assert_eq!(report(&engine), report(&twin), "world {}", world);
        // Also once it is over, or stopped with much left to do.
        engine.stop(Stop::Abort);
        while engine.poll(now) != Output::Finished {}
        prop_assert_eq!(engine.snapshot(), restore(&builder, &engine).snapshot());
    }
}
