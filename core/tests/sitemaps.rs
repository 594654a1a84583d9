//! Sitemaps in a crawl: what they list is crawled, reported and told apart from what links reach.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::report::{Class, Skip};
use crawlspace::{
    Config, Decision, Engine, HostPolicy, Kind, Limit, LimitKind, Order, RobotsPolicy, Scope, Seed, Snapshot,
    UnixTime,
};
use proptest::prelude::*;
use std::time::Duration;
use web::{Draws, Log, Page, Run, Schedule, World, crawl, crawl_at_once, message, report_text, verdicts};

const SITEMAP: &str = "http://a.test/sitemap.xml";

fn config() -> Builder {
    let policy = HostPolicy { concurrency: 10, gap: Duration::ZERO };
    Config::builder().seed("http://a.test/".parse().unwrap()).own_hosts(policy).other_hosts(policy)
}

fn given() -> Builder {
    config().sitemap(SITEMAP.parse().unwrap())
}

fn declared() -> Builder {
    config().declared_sitemaps(true)
}

fn sitemap(urls: &[&str]) -> Page {
    Page::Sitemap(urls.iter().map(|url| (*url).to_owned()).collect())
}

fn index(urls: &[&str]) -> Page {
    Page::Index(urls.iter().map(|url| (*url).to_owned()).collect())
}

fn site() -> World {
    World::default()
        .page("http://a.test/", &["/linked"])
        .page("http://a.test/linked", &[])
        .page("http://a.test/lone", &["/behind", "http://b.test/from-lone"])
        .page("http://b.test/from-lone", &[])
}

fn crawled(config: Builder, world: &World) -> (Engine, Log) {
    crawl_at_once(&config.build().unwrap(), world)
}

fn skip(engine: &Engine, url: &str) -> Option<Skip> {
    let report = engine.report();
    report.links().find(|link| link.url.to_string() == url).and_then(|link| link.skip)
}

fn orphans(engine: &Engine) -> Vec<String> {
    engine.report().orphans().map(|url| url.to_string()).collect()
}

/// Of which kind this URL was asked for, each time.
fn kinds(log: &Log, url: &str) -> Vec<Kind> {
    let requests = log.requests.iter().filter(|(_, request)| request.url.as_str() == url);
    requests.map(|(_, request)| request.kind).collect()
}

#[test]
fn entries_in_scope_are_crawled_and_judged() {
    let world = site()
        .with(SITEMAP, sitemap(&["/lone", "/linked", "/gone", "/moved", "http://b.test/out", "http://[bad"]))
        .with("http://a.test/moved", Page::Redirect(301, "/linked".into()));
    let (engine, log) = crawled(given(), &world);
    assert_eq!(kinds(&log, SITEMAP), [Kind::Sitemap]);
    assert_eq!(log.count("http://b.test/out"), 0, "only a sitemap names it");
    assert_eq!(log.count("http://b.test/from-lone"), 1, "a page that the sitemap led to links to it");
    let found = verdicts(&engine);
    assert_eq!(found["http://a.test/gone"], Class::Broken);
    assert_eq!(found["http://a.test/moved"], Class::Redirected);
    assert_eq!(found["http://[bad"], Class::InvalidUrl);
    assert_eq!(found["http://b.test/out"], Class::Skipped);
    assert_eq!(skip(&engine, "http://b.test/out"), Some(Skip::External));
    let report = engine.report();
    let gone = report.findings().find(|finding| finding.url.rest == "/gone").unwrap();
    let place = &gone.referrers[0];
    assert_eq!((place.page.to_string(), place.line, place.place.element()), (SITEMAP.into(), 3, "sitemap"));
    assert_eq!(orphans(&engine), ["http://a.test/lone"]);
}

#[test]
fn without_a_sitemap_nothing_changes() {
    let world =
        site().with(SITEMAP, sitemap(&["/lone"])).robots("http://a.test", &format!("Sitemap: {SITEMAP}\n"));
    let (engine, log) = crawled(config(), &world);
    assert_eq!(log.count(SITEMAP), 0);
    assert!(orphans(&engine).is_empty());
}

#[test]
fn declared_sitemaps_are_read_wherever_they_are() {
    let robots = "User-agent: *\nDisallow: /secret/\nSitemap: /secret/s.xml\nSitemap: http://cdn.test/s.xml\n\
                  Sitemap: ftp://a.test/s.xml\n";
    let world = site()
        .robots("http://a.test", robots)
        .with("http://a.test/secret/s.xml", sitemap(&["/lone", "/secret/page"]))
        .with("http://cdn.test/s.xml", sitemap(&["http://a.test/more", "http://cdn.test/other"]))
        .page("http://a.test/more", &[]);
    let (engine, log) = crawled(declared(), &world);
    assert_eq!(kinds(&log, "http://a.test/secret/s.xml"), [Kind::Sitemap], "robots.txt itself names it");
    assert_eq!(kinds(&log, "http://cdn.test/s.xml"), [Kind::Sitemap]);
    assert_eq!(log.count("http://cdn.test/other"), 0);
    assert_eq!(skip(&engine, "http://a.test/secret/page"), Some(Skip::Robots { line: 2 }));
    assert_eq!(skip(&engine, "ftp://a.test/s.xml"), Some(Skip::Scheme));
    assert_eq!(orphans(&engine), ["http://a.test/lone", "http://a.test/more"]);

    let offline = declared().scope(Scope::default().external(Decision::Ignore));
    let (_, log) = crawled(offline, &world);
    assert_eq!(log.count("http://cdn.test/s.xml"), 0, "nothing is asked of other sites");
}

#[test]
fn sitemaps_of_sites_that_are_only_checked_are_not_read() {
    let world = World::default()
        .page("http://a.test/", &["http://b.test/x"])
        .page("http://b.test/x", &[])
        .robots("http://b.test", "Sitemap: http://b.test/s.xml\n");
    let (_, log) = crawled(declared().robots(RobotsPolicy { crawl: true, check: true }), &world);
    assert_eq!((log.count("http://b.test/x"), log.count("http://b.test/s.xml")), (1, 0));
}

#[test]
fn declared_ones_need_robots() {
    let error = declared().robots(RobotsPolicy { crawl: false, check: false }).build().unwrap_err();
    assert_eq!(error.field(), "declared_sitemaps");
}

#[test]
fn indexes_are_followed_three_deep_and_loops_end() {
    let at = |level: u8| format!("http://a.test/{level}.xml");
    let mut world = site().with(SITEMAP, index(&["/1.xml", "/sitemap.xml"]));
    for level in 1..6 {
        let child = format!("/{}.xml", level + 1);
        world = world.with(&at(level), index(&[&child, "/sitemap.xml"]));
    }
    let (engine, log) = crawled(given(), &world);
    let asked = |level| log.count(&at(level));
    assert_eq!([1, 2, 3, 4, 5].map(asked), [1, 1, 1, 0, 0]);
    assert_eq!(log.count(SITEMAP), 1);
    assert_eq!(skip(&engine, &at(4)), Some(Skip::Recorded));
    // A shorter way is the one that counts.
    let (_, log) = crawled(given().sitemap(at(2).parse().unwrap()), &world);
    assert_eq!([3, 4, 5, 6].map(|level| log.count(&at(level))), [1, 1, 1, 0]);
}

/// A shorter way that is known late brings in what was too deep.
#[test]
fn an_index_that_comes_nearer_is_followed_further() {
    let at = |level: u8| format!("http://a.test/{level}.xml");
    let mut world = site();
    for level in 1..8 {
        world = world.with(&at(level), index(&[&format!("/{}.xml", level + 1)]));
    }
    let config = config().sitemap(at(1).parse().unwrap()).build().unwrap();
    let mut engine = Engine::new(config, Seed(7), UnixTime::default());
    let mut run = Run::new(&world, Schedule::Fifo);
    while run.log.count(&at(4)) == 0 || !run.open().is_empty() {
        run.step(&mut engine).unwrap();
    }
    engine.add_sitemap(at(3).parse().unwrap());
    run.finish(&mut engine);
    assert_eq!([4, 5, 6, 7].map(|level| run.log.count(&at(level))), [1, 1, 1, 0]);
}

#[test]
fn a_sitemap_that_is_linked_to_is_read_once_it_is_known_as_one() {
    let world = site().page("http://a.test/", &["/sitemap.xml"]).with(SITEMAP, sitemap(&["/lone"]));
    let mut engine = Engine::new(config().build().unwrap(), Seed(7), UnixTime::default());
    let mut run = Run::new(&world, Schedule::Fifo);
    while run.log.count(SITEMAP) == 0 || !run.open().is_empty() {
        run.step(&mut engine).unwrap();
    }
    engine.add_sitemap(SITEMAP.parse().unwrap());
    run.finish(&mut engine);
    assert_eq!(kinds(&run.log, SITEMAP), [Kind::Page, Kind::Sitemap]);
    assert_eq!(engine.report().statistics().upgraded, 1);
    assert_eq!(orphans(&engine), ["http://a.test/lone"]);
    let (known, _) = crawled(given(), &world);
    assert_eq!(report_text(&engine), report_text(&known));
}

#[test]
fn redirected_and_failing_sitemaps() {
    let world = site()
        .with(SITEMAP, Page::Redirect(301, "http://cdn.test/real.xml".into()))
        .with("http://cdn.test/real.xml", sitemap(&["http://a.test/lone"]));
    let (engine, log) = crawled(given(), &world);
    assert_eq!(kinds(&log, "http://cdn.test/real.xml"), [Kind::Sitemap]);
    assert_eq!(orphans(&engine), ["http://a.test/lone"]);
    let class = |world: &World| {
        let (engine, _) = crawled(given(), world);
        let report = engine.report();
        report.findings().find(|finding| finding.url.to_string() == SITEMAP).map(|finding| finding.class)
    };
    assert_eq!(class(&world), Some(Class::Redirected));
    assert_eq!(class(&site()), Some(Class::Broken));
    let (engine, _) = crawled(given(), &site().page(SITEMAP, &[]));
    assert_eq!(engine.report().no_sitemaps().map(|url| url.to_string()).collect::<Vec<_>>(), [SITEMAP]);
}

#[test]
fn the_limit_of_sitemaps_is_named() {
    let world = site().with(SITEMAP, index(&["/1.xml", "/2.xml", "/3.xml"]));
    let (engine, log) = crawled(given().max_sitemaps(Limit::Max(2)).order(Order::Ordered), &world);
    assert_eq!(log.requests.iter().filter(|(_, request)| request.kind == Kind::Sitemap).count(), 2);
    assert_eq!(engine.report().summary().partial, [LimitKind::MaxSitemaps]);
    assert_eq!(message(&engine, "http://a.test/2.xml"), "skipped: limit max-sitemaps reached");
}

#[test]
fn a_sitemap_may_be_larger_than_a_page() {
    let cap = |config: Builder| {
        let (_, log) = crawled(config, &site());
        log.requests.iter().find(|(_, request)| request.kind == Kind::Sitemap).unwrap().1.body_cap
    };
    assert_eq!(cap(given()), 50 << 20);
    assert_eq!(cap(given().body_cap(1_000).max_bytes(Limit::Max(1_000_000))), 1_000);
}

/// A form's target leads nowhere, before or after a sitemap lists it: what only sitemaps list is not asked for.
#[test]
fn what_forms_name_is_still_only_listed() {
    const LISTED: &str = "http://b.test/x";
    let form = crawlspace::digest::Place::FORM_ACTION;
    let world = World::default()
        .page("http://a.test/", &["/1"])
        .page("http://a.test/1", &["/2"])
        .places("http://a.test/2", &[(LISTED, form)])
        .with(SITEMAP, sitemap(&[LISTED]))
        .with("http://a.test/more.xml", sitemap(&[LISTED]));
    let mut engine = Engine::new(given().build().unwrap(), Seed(7), UnixTime::from_secs(0));
    let mut run = Run::new(&world, Schedule::Fifo);
    while run.log.count("http://a.test/2") == 0 {
        run.step(&mut engine).expect("it is linked to");
    }
    while !run.open().is_empty() {
        run.step(&mut engine).expect("another sitemap is to come");
    }
    engine.add_sitemap("http://a.test/more.xml".parse().unwrap());
    run.finish(&mut engine);
    assert_eq!(run.log.count(SITEMAP) + run.log.count("http://a.test/more.xml"), 2);
    assert_eq!(run.log.count(LISTED), 0);
}

/// A random web with sitemaps that name anything, one another among it.
fn random(seed: u64) -> (World, Vec<String>) {
    let mut world = World::random(seed);
    let mut draws = Draws(seed ^ 1);
    let known: Vec<String> = world.pages.keys().cloned().collect();
    let count = 1 + draws.below(5);
    let host = |n: usize| format!("http://{}.test/s{n}.xml", ["h0", "h1", "elsewhere"][n % 3]);
    for n in 0..count {
        let mut urls: Vec<String> =
            (0..draws.below(8)).map(|_| known[draws.below(known.len())].clone()).collect();
        urls.extend((0..draws.below(3)).map(|_| host(draws.below(count + 1))));
        let page = match draws.below(8) {
            0 => Page::Redirect(302, host(draws.below(count))),
            1 => Page::Status([404, 503][draws.below(2)]),
            2 => Page::Html {
                links: vec![(urls[0..].first().cloned().unwrap_or_default(), web_place())],
                ids: vec![],
            },
            3 | 4 => Page::Index(urls),
            _ => Page::Sitemap(urls),
        };
        world.pages.insert(host(n), page);
        if draws.one_in(3) {
            // A page links to it, too.
            let page = &known[draws.below(known.len())];
            if let Some(Page::Html { links, .. }) = world.pages.get_mut(page) {
                links.push((host(n), web_place()));
            }
        }
    }
    for origin in ["http://h0.test", "http://h1.test"] {
        if draws.one_in(2) {
            let text = world.robots.entry(origin.to_owned()).or_default();
            *text += &format!("Sitemap: {}\nSitemap: /none.xml\n", host(draws.below(count)));
        }
    }
    let given = (0..draws.below(3)).map(|_| host(draws.below(count))).collect();
    (world, given)
}

fn web_place() -> crawlspace::digest::Place {
    crawlspace::digest::Place::A_HREF
}

fn any_config(given: &[String], concurrency: u32) -> Builder {
    let policy = HostPolicy { concurrency, gap: Duration::ZERO };
    let builder = Config::builder()
        .seed("http://h0.test/p0".parse().unwrap())
        .declared_sitemaps(true)
        .concurrency(concurrency)
        .own_hosts(policy)
        .other_hosts(policy);
    given.iter().fold(builder, |builder, url| builder.sitemap(url.parse().unwrap()))
}

fn all_text(engine: &Engine) -> String {
    let report = engine.report();
    let orphans: Vec<_> = report.orphans().map(|url| url.to_string()).collect();
    let others: Vec<_> = report.no_sitemaps().map(|url| url.to_string()).collect();
    format!("{}{orphans:?}{others:?}", report_text(engine))
}

fn same_in_every_order(seed: u64, change: impl Fn(Builder) -> Builder) {
    let (world, given) = random(seed);
    let (engine, log) = crawl(&change(any_config(&given, 1)).build().unwrap(), &world, Schedule::Fifo);
    let expected = all_text(&engine);
    for (number, concurrency) in (1_u64..).zip([1, 3, 100]) {
        let config = change(any_config(&given, concurrency)).build().unwrap();
        for schedule in [Schedule::Lifo, Schedule::Random(number), Schedule::Random(seed ^ number)] {
            let (engine, other) = crawl(&config, &world, schedule.clone());
            assert_eq!(expected, all_text(&engine), "world {seed}, {concurrency} at once, {schedule:?}");
            assert_eq!(log.fetched(), other.fetched(), "world {seed}: other URLs were fetched");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    #[test]
    fn the_report_does_not_depend_on_order(seed: u64) {
        same_in_every_order(seed, |config| config);
    }

    #[test]
    fn nor_with_limits_in_order(seed: u64, pages in 1..20_u64, depth in 0..4_u32, sitemaps in 0..4_u64) {
        same_in_every_order(seed, |config| {
            config.order(Order::Ordered).max_pages(Limit::Max(pages)).depth(Limit::Max(depth))
                .max_sitemaps(Limit::Max(sitemaps))
        });
    }

    /// Saved and resumed at any moment, with what was in flight lost.
    #[test]
    fn nor_on_interruptions(seed: u64, every in 1..40_u64) {
        let (world, given) = random(seed);
        let config = any_config(&given, 3).build().unwrap();
        let (whole, _) = crawl(&config, &world, Schedule::Fifo);
        let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::from_secs(0));
        let mut run = Run::new(&world, Schedule::Random(seed));
        let mut steps = 0;
        while run.step(&mut engine).is_some() {
            steps += 1;
            if steps % every == 0 && steps < 400 {
                let saved = Snapshot::from_bytes(engine.snapshot().as_bytes().to_vec());
                engine = Engine::resume(config.clone(), saved, UnixTime::from_secs(0)).unwrap();
                prop_assert_eq!(engine.snapshot(), Snapshot::from_bytes(engine.snapshot().as_bytes().to_vec()));
                run.crash();
            }
        }
        prop_assert_eq!(all_text(&engine), all_text(&whole));
    }
}
