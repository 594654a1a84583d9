//! Order freedom: the same web gives the same report, byte for byte, whatever the order of answers.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::{Config, HostPolicy, Limit, Order, config::Builder};
use proptest::prelude::*;
use std::time::Duration;
use web::{Schedule, World, crawl, report_text};

fn config(concurrency: u32) -> Builder {
    let policy = HostPolicy { concurrency, gap: Duration::ZERO };
    Config::builder()
        .seed("http://h0.test/p0".parse().unwrap())
        .concurrency(concurrency)
        .own_hosts(policy)
        .other_hosts(policy)
}

/// One more way to write a schedule: answer order and concurrency.
const CONCURRENCIES: [u32; 4] = [1, 2, 8, 100];

fn check(world_seed: u64, change: impl Fn(Builder) -> Builder) {
    check_world(world_seed, &World::random(world_seed), true, change);
}

fn check_world(world_seed: u64, world: &World, same_urls: bool, change: impl Fn(Builder) -> Builder) {
    let reference = change(config(1)).build().unwrap();
    let (engine, log) = crawl(&reference, world, Schedule::Fifo);
    let expected = report_text(&engine);
    for (number, concurrency) in (1_u64..).zip(CONCURRENCIES) {
        let config = change(config(concurrency)).build().unwrap();
        for schedule in [Schedule::Lifo, Schedule::Random(number), Schedule::Random(world_seed ^ number)] {
            let (engine, other) = crawl(&config, world, schedule.clone());
            let got = report_text(&engine);
            assert_eq!(
                expected, got,
                "world {world_seed}, concurrency {concurrency}, {schedule:?}: the report depends on order"
            );
            if same_urls {
                assert_eq!(log.fetched(), other.fetched(), "world {world_seed}: other URLs were fetched");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, ..ProptestConfig::default() })]

    #[test]
    fn without_limits(world in any::<u64>()) {
        check(world, |config| config);
    }

    #[test]
    fn at_every_depth_limit(world in any::<u64>(), depth in 0..8_u32) {
        check(world, |config| config.depth(Limit::Max(depth)));
    }

    #[test]
    fn ordered_with_a_page_limit(world in any::<u64>(), pages in 0..20_u64) {
        check(world, |config| config.order(Order::Ordered).max_pages(Limit::Max(pages)));
    }

    #[test]
    fn ordered_with_every_limit(
        world in any::<u64>(), pages in 1..20_u64, depth in 0..6_u32, host in 1..10_u64, frontier in 1..20_u64,
    ) {
        check(world, |config| {
            config
                .order(Order::Ordered)
                .max_pages(Limit::Max(pages))
                .depth(Limit::Max(depth))
                .max_urls_per_host(Limit::Max(host))
                .max_frontier(Limit::Max(frontier))
        });
    }

    #[test]
    fn ordered_with_a_byte_limit(world in any::<u64>(), bytes in 1_000..4_000_u64) {
        check(world, |config| config.order(Order::Ordered).body_cap(1_000).max_bytes(Limit::Max(bytes)));
    }

    /// What comes into reach late may have been checked before anybody knew to ask robots.txt.
    #[test]
    fn with_a_site_that_moves(world in any::<u64>()) {
        check_world(world, &World::random_moving(world), false, |config| {
            config.seed("http://late.test/".parse().unwrap())
        });
    }

    #[test]
    fn with_few_redirects(world in any::<u64>(), redirects in 0..4_u32) {
        check(world, |config| config.max_redirects(redirects));
    }
}

/// A seed is gone through whatever the patterns say; what it links to is not.
#[test]
fn a_seed_needs_no_pattern() {
    use crawlspace::{Decision, Pattern, Scope};
    let site = World::default()
        .page("http://h0.test/p0", &["/docs/a", "/blog/b"])
        .page("http://h0.test/docs/a", &["/p0"])
        .page("http://h0.test/blog/b", &[]);
    let included = Scope::default().include(Pattern::new("/docs/").unwrap());
    let excluded = Scope::default()
        .rule(Pattern::new("/p0$").unwrap(), Decision::Ignore)
        .rule(Pattern::new("/blog/").unwrap(), Decision::Ignore);
    for scope in [included, excluded] {
        let (_, log) = crawl(&config(1).scope(scope).build().unwrap(), &site, Schedule::Fifo);
        let fetched: Vec<_> = log.fetched().into_iter().collect();
        assert_eq!(fetched, ["http://h0.test/docs/a", "http://h0.test/p0"]);
    }
}

/// Priority decides what comes first, and nothing else.
#[test]
fn priority_comes_before_depth() {
    use crawlspace::Pattern;
    let site = World::default()
        .page("http://h0.test/p0", &["/late", "/a", "/b"])
        .page("http://h0.test/late", &[])
        .page("http://h0.test/a", &["/first/c"])
        .page("http://h0.test/b", &[])
        .page("http://h0.test/first/c", &[]);
    let config = config(1)
        .priority(Pattern::new("/first/").unwrap(), 5)
        .priority(Pattern::new("/late").unwrap(), -5)
        .build()
        .unwrap();
    let (_, log) = crawl(&config, &site, Schedule::Fifo);
    let asked: Vec<_> = log.requests.iter().map(|(_, request)| request.url.path()).collect();
    assert_eq!(asked, ["/robots.txt", "/p0", "/a", "/first/c", "/b", "/late"]);
}
