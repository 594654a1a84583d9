//! Limits over a set: reached exactly, never overshot, and named.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, Media, Place, Transfer};
use crawlspace::report::{Class, Skip};
use crawlspace::{Engine, Limit, LimitKind, Order, RobotsPolicy};
use std::time::Duration;
use web::{Log, Page, Schedule, World, crawl, eager, verdicts};

fn config() -> Builder {
    eager(100).robots(RobotsPolicy { crawl: false, check: false })
}

/// The start links to this many pages, `/00`, `/01` and so on, and each of them to an image of its own.
fn site(pages: usize) -> World {
    let links: Vec<String> = (0..pages).map(|n| format!("/{n:02}")).collect();
    let mut world =
        World::default().page("http://a.test/", &links.iter().map(String::as_str).collect::<Vec<_>>());
    for link in links {
        let image = format!("{link}.png");
        world = world
            .places(&format!("http://a.test{link}"), &[(&image, Place::IMG_SRC)])
            .with(&format!("http://a.test{image}"), Page::Asset);
    }
    world
}

const ORDERS: [Order; 2] = [Order::Fast, Order::Ordered];

/// Crawls in several orders of answers: each one is given to the check.
fn each(config: Builder, world: &World, check: impl Fn(&Engine, &Log, &str)) {
    let config = config.build().unwrap();
    for schedule in [Schedule::Fifo, Schedule::Lifo, Schedule::Random(5)] {
        let (engine, log) = crawl(&config, world, schedule.clone());
        check(&engine, &log, &format!("{schedule:?}"));
    }
}

fn skipped_for(engine: &Engine, limit: LimitKind) -> usize {
    engine.report().links().filter(|link| link.skip == Some(Skip::Limit(limit))).count()
}

#[test]
fn pages() {
    for order in ORDERS {
        for (limit, asked) in [(0, 0), (1, 1), (2, 2), (9, 9), (10, 10), (11, 11), (12, 11)] {
            let config = config().order(order).max_pages(Limit::Max(limit));
            each(config, &site(10), |engine, log, how| {
                let pages = log.fetched().iter().filter(|url| !url.ends_with(".png")).count();
                assert_eq!(pages, asked, "limit {limit}, {order:?}, {how}");
                let images = log.fetched().len() - pages;
                assert_eq!(images, asked.saturating_sub(1), "what pages embed is not counted");
                let partial = engine.report().summary().partial;
                let expected: &[LimitKind] = if limit < 11 { &[LimitKind::MaxPages] } else { &[] };
                assert_eq!(partial, expected, "limit {limit}, {order:?}, {how}");
                let left = if limit == 0 { 1 } else { 11 - asked };
                let skipped = skipped_for(engine, LimitKind::MaxPages);
                assert_eq!(skipped, left, "limit {limit}, {order:?}, {how}");
            });
        }
    }
}

/// The start embeds `/e0`, `/e1` and so on, documents that each link to one of their own, and links to `/z`.
fn embedding(documents: usize) -> World {
    let embedded: Vec<String> = (0..documents).map(|n| format!("/e{n}")).collect();
    let mut places: Vec<_> = embedded.iter().map(|link| (link.as_str(), Place::IMG_SRC)).collect();
    places.push(("/z", Place::A_HREF));
    let world = World::default().places("http://a.test/", &places).page("http://a.test/z", &[]);
    embedded.iter().fold(world, |world, link| {
        let (from, to) = (format!("http://a.test{link}"), format!("{link}/linked"));
        world.page(&from, &[&to]).page(&format!("http://a.test{to}"), &[])
    })
}

#[test]
fn a_limit_that_is_never_reached_leaves_out_no_links_of_embedded_documents() {
    for order in ORDERS {
        // The start, `/z`, and two for each that is embedded.
        for (limit, whole) in [(Limit::None, true), (Limit::Max(8), true), (Limit::Max(7), false)] {
            each(config().order(order).max_pages(limit), &embedding(3), |engine, log, how| {
                let how = format!("limit {limit:?}, {order:?}, {how}");
                let partial = engine.report().summary().partial;
                assert_eq!(partial.is_empty(), whole, "{partial:?}, {how}");
                assert_eq!(log.fetched().len() == 8, whole, "{how}");
                assert!((0..3).all(|n| log.count(&format!("http://a.test/e{n}")) == 1), "{how}");
                assert!(engine.report().summary().pages <= limit.max().unwrap_or(8), "{how}");
            });
        }
    }
}

#[test]
fn of_embedded_documents_the_ordered_mode_takes_the_first_by_depth_and_identity() {
    for limit in 2..8 {
        let config = config().order(Order::Ordered).max_pages(Limit::Max(limit));
        each(config, &embedding(3), |engine, log, how| {
            // The start and `/z` come first, then what is embedded, then what that links to.
            let read = (limit - 2).min(3);
            let linked = (limit - 2).saturating_sub(3);
            let fetched = log.fetched();
            let found = (0..3).filter(|n| fetched.contains(&format!("http://a.test/e{n}/linked")));
            assert_eq!(found.collect::<Vec<_>>(), (0..linked).collect::<Vec<_>>(), "limit {limit}, {how}");
            let told =
                (0..3).filter(|n| verdicts(engine).contains_key(&format!("http://a.test/e{n}/linked")));
            assert_eq!(told.collect::<Vec<_>>(), (0..read).collect::<Vec<_>>(), "limit {limit}, {how}");
            assert_eq!(engine.report().summary().partial, [LimitKind::MaxPages], "limit {limit}, {how}");
        });
    }
}

#[test]
fn the_frontier_has_room_for_what_has_its_answer() {
    let config = config().order(Order::Ordered).max_pages(Limit::Max(100)).max_frontier(Limit::Max(4));
    each(config, &embedding(3), |engine, log, how| {
        assert_eq!(log.fetched().len(), 8, "{how}");
        assert!(engine.report().summary().partial.is_empty(), "{how}");
    });
}

#[test]
fn the_ordered_mode_takes_the_first_by_depth_and_identity() {
    let config = config().order(Order::Ordered).max_pages(Limit::Max(4));
    each(config, &site(10), |_, log, how| {
        let pages: Vec<_> = log.fetched().into_iter().filter(|url| !url.ends_with(".png")).collect();
        let expected = ["http://a.test/", "http://a.test/00", "http://a.test/01", "http://a.test/02"];
        assert_eq!(pages, expected, "{how}");
    });
}

#[test]
fn a_page_limit_leaves_what_is_only_checked() {
    let world = site(3).page("http://a.test/", &["/00", "/01", "http://b.test/1", "http://b.test/2"]);
    let world = world.with("http://b.test/1", Page::Asset).with("http://b.test/2", Page::Asset);
    for order in ORDERS {
        each(config().order(order).max_pages(Limit::Max(2)), &world, |engine, log, how| {
            assert_eq!((log.count("http://b.test/1"), log.count("http://b.test/2")), (1, 1), "{how}");
            assert_eq!(skipped_for(engine, LimitKind::MaxPages), 1, "{how}");
        });
    }
}

/// Pages whose bodies have these many bytes.
fn bodies(sizes: &[u64]) -> World {
    let links: Vec<String> = (0..sizes.len()).map(|n| format!("/{n:02}")).collect();
    let mut world =
        World::default().page("http://a.test/", &links.iter().map(String::as_str).collect::<Vec<_>>());
    for (link, &decoded) in links.iter().zip(sizes) {
        let transfer = Transfer { encoded: decoded, decoded, ..Transfer::default() };
        let digest = Digest { status: 200, media: Media::Html, transfer, ..Digest::default() };
        world = world.with(&format!("http://a.test{link}"), Page::Digest(Box::new(digest)));
    }
    world
}

#[test]
fn bytes() {
    // The start has 100, and every fetch must have room for 1,000 before it begins.
    let world = bodies(&[1_000; 8]);
    for order in ORDERS {
        for (limit, pages) in
            [(1_000, 1), (1_099, 1), (1_100, 2), (2_099, 2), (2_100, 3), (8_099, 8), (8_100, 9)]
        {
            let config = config().order(order).body_cap(1_000).max_bytes(Limit::Max(limit));
            each(config, &world, |engine, log, how| {
                let how = format!("limit {limit}, {order:?}, {how}");
                assert_eq!(log.requests.len(), pages, "{how}");
                assert!(engine.report().statistics().bytes_decoded <= limit, "{how}");
                let partial = engine.report().summary().partial;
                assert_eq!(!partial.is_empty(), pages < 9, "{how}: {partial:?}");
                assert_eq!(skipped_for(engine, LimitKind::MaxBytes), 9 - pages, "{how}");
            });
        }
    }
}

#[test]
fn bytes_that_were_reserved_and_not_used_are_given_back() {
    let world = bodies(&[10; 8]);
    for order in ORDERS {
        let config = config().order(order).body_cap(1_000).max_bytes(Limit::Max(1_180));
        each(config, &world, |engine, log, how| {
            assert_eq!(log.requests.len(), 9, "100 + 7 * 10 + 1,000 fits: {order:?}, {how}");
            assert!(engine.report().summary().partial.is_empty());
        });
    }
}

#[test]
fn urls_of_a_host() {
    let world = site(10).page(
        "http://a.test/",
        &["/00", "/01", "/02", "http://b.test/1", "http://b.test/2", "http://b.test/3"],
    );
    let world = (1..=3).fold(world, |world, n| world.with(&format!("http://b.test/{n}"), Page::Asset));
    for order in ORDERS {
        for limit in [1, 2, 3] {
            let config = config().order(order).max_urls_per_host(Limit::Max(limit));
            each(config, &world, |engine, log, how| {
                let of = |host: &str| log.fetched().iter().filter(|url| url.contains(host)).count() as u64;
                let how = format!("limit {limit}, {order:?}, {how}");
                assert_eq!((of("a.test"), of("b.test")), (limit, limit), "{how}");
                assert!(engine.report().summary().partial.contains(&LimitKind::MaxUrlsPerHost), "{how}");
            });
        }
        let config = config().order(order).max_urls_per_host(Limit::Max(7));
        each(config, &world, |engine, log, how| {
            assert_eq!(log.requests.len(), 10, "1 + 3 + 3 images, and 3: {how}");
            assert!(engine.report().summary().partial.is_empty(), "{how}");
        });
    }
}

#[test]
fn the_frontier() {
    for order in ORDERS {
        for (limit, asked) in [(1, 1), (5, 5), (9, 9), (10, 10), (11, 10)] {
            let config = config().order(order).max_frontier(Limit::Max(limit)).concurrency(1);
            // Only the start has links, so that they all come at once.
            let mut world = site(10);
            for n in 0..10 {
                world = world.page(&format!("http://a.test/{n:02}"), &[]);
            }
            each(config, &world, |engine, log, how| {
                let how = format!("limit {limit}, {order:?}, {how}");
                assert_eq!(log.requests.len(), 1 + asked, "{how}");
                assert_eq!(skipped_for(engine, LimitKind::MaxFrontier), 10 - asked, "{how}");
                assert_eq!(engine.report().summary().partial.is_empty(), asked == 10, "{how}");
            });
        }
    }
}

#[test]
fn depth() {
    let world = World::default()
        .page("http://a.test/", &["/1", "/short"])
        .page("http://a.test/1", &["/2"])
        .page("http://a.test/2", &["/3"])
        .page("http://a.test/3", &["/4"])
        .page("http://a.test/short", &["/3"])
        .page("http://a.test/4", &[]);
    for order in ORDERS {
        for (limit, asked) in [(0, 1), (1, 3), (2, 5), (3, 6), (4, 6)] {
            each(config().order(order).depth(Limit::Max(limit)), &world, |engine, log, how| {
                let how = format!("limit {limit}, {order:?}, {how}");
                assert_eq!(log.requests.len(), asked, "{how}");
                assert!(engine.report().summary().partial.is_empty(), "a depth is a scope, not a cut: {how}");
                let deep = verdicts(engine).values().filter(|class| **class == Class::Skipped).count();
                assert_eq!(deep, [2, 2, 1, 0, 0][limit as usize], "{how}");
            });
        }
    }
}

#[test]
fn at_depth_0_only_the_seeds_are_asked_for_and_their_links_are_told() {
    let world = World::default().page("http://a.test/", &["/1", "http://b.test/", "http://["]);
    each(config().depth(Limit::Max(0)), &world, |engine, log, _| {
        assert_eq!(log.fetched(), ["http://a.test/".to_owned()].into());
        let found = verdicts(engine);
        assert_eq!(found["http://a.test/1"], Class::Skipped);
        assert_eq!(found["http://b.test/"], Class::Skipped);
        assert_eq!(found["http://["], Class::InvalidUrl);
        let report = engine.report();
        let skips: Vec<_> = report.findings().filter_map(|finding| finding.skip).collect();
        assert_eq!(skips, [Skip::Depth, Skip::Depth]);
    });
}

#[test]
fn a_limit_that_just_suffices_is_not_named() {
    let all = |config: Builder| {
        config
            .max_pages(Limit::Max(11))
            .max_urls_per_host(Limit::Max(21))
            .max_frontier(Limit::Max(1_000))
            .max_time(Limit::Max(Duration::from_secs(3_600)))
    };
    for order in ORDERS {
        each(all(config().order(order)), &site(10), |engine, log, how| {
            assert_eq!(log.requests.len(), 21, "{order:?}, {how}");
            assert!(engine.report().summary().partial.is_empty(), "{order:?}, {how}");
        });
    }
}
