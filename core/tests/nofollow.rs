//! `nofollow`: such links are checked, and not crawled through, as long as no other way leads there.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::Place;
use crawlspace::report::{Severity, Skip};
use crawlspace::{Config, HostPolicy, Method};
use std::collections::BTreeMap;
use std::time::Duration;
use web::{Page, World, crawl_at_once};

fn config() -> Builder {
    let policy = HostPolicy { concurrency: 8, gap: Duration::ZERO };
    Config::builder().seed("http://a.test/".parse().unwrap()).own_hosts(policy).other_hosts(policy)
}

/// Which pages of a small site are crawled, and which only checked.
fn methods(world: &World, config: Builder) -> BTreeMap<String, Method> {
    let (_, log) = crawl_at_once(&config.build().unwrap(), world);
    let pages = log.requests.iter().filter(|(_, request)| request.url.path() != "/robots.txt");
    pages.map(|(_, request)| (request.url.path().to_owned(), request.method)).collect()
}

#[test]
fn nofollow_links_are_checked_and_not_crawled_through() {
    let by_link = World::default().page("http://a.test/", &["nofollow /n", "/f"]);
    let by_page = World::default().page("http://a.test/", &["/p", "/f"]).with(
        "http://a.test/p",
        Page::Nofollow(Box::new(Page::Html { links: vec![("/n".into(), Place::A_HREF)], ids: vec![] })),
    );
    for world in [by_link, by_page] {
        let world = world
            .page("http://a.test/n", &["/behind"])
            .page("http://a.test/f", &[])
            .page("http://a.test/behind", &[]);
        let asked = methods(&world, config());
        assert_eq!(asked["/n"], Method::Get, "in scope");
        assert!(!asked.contains_key("/behind"), "not crawled through");
        assert_eq!(asked["/f"], Method::Get);
        let open = crawlspace::RobotsPolicy { crawl: false, check: false };
        assert_eq!(methods(&world, config().robots(open))["/behind"], Method::Get, "robots are not obeyed");
        // Any other way there is as good as none forbidden.
        let also = world.clone().page("http://a.test/f", &["/n"]);
        assert_eq!(methods(&also, config())["/behind"], Method::Get);
        let redirected = world.clone().with("http://a.test/f", Page::Redirect(302, "/n".to_owned()));
        assert_eq!(methods(&redirected, config())["/behind"], Method::Get);
        // A form only stands there.
        let form = world.clone().places("http://a.test/f", &[("/n", Place::FORM_ACTION)]);
        assert!(!methods(&form, config()).contains_key("/behind"));
    }
}

#[test]
fn a_link_without_leave_to_follow_is_still_the_site_s_own_to_mend() {
    let world = World::default()
        .page("http://a.test/", &["nofollow /gone", "nofollow /wall", "nofollow http://b.test/wall"])
        .with("http://a.test/wall", Page::Status(403))
        .with("http://b.test/wall", Page::Status(403));
    let (engine, _) = crawl_at_once(&config().build().unwrap(), &world);
    let report = engine.report();
    let severity = |url: &str| report.links().find(|link| link.url.to_string() == url).unwrap().severity;
    assert_eq!(severity("http://a.test/gone"), Severity::Error);
    assert_eq!(severity("http://a.test/wall"), Severity::Error);
    assert_eq!(severity("http://b.test/wall"), Severity::Warning);
}

/// Which of the links to a page is found first makes no difference to what is asked for.
#[test]
fn a_nofollow_link_into_the_site_asks_robots_too() {
    let world = World::default()
        .page("http://a.test/", &["nofollow /private", "nofollow /x", "nofollow http://b.test/x"])
        .robots("http://a.test", "User-agent: *\nDisallow: /private\n")
        .robots("http://b.test", "User-agent: *\nDisallow: /\n");
    let asked = methods(&world, config());
    assert!(!asked.contains_key("/private"), "{asked:?}");
    assert!(asked.contains_key("/x"), "{asked:?}");
    let (engine, log) = crawl_at_once(&config().build().unwrap(), &world);
    assert_eq!(log.count("http://b.test/x"), 2, "a single check elsewhere does not: HEAD, then GET");
    assert!(matches!(
        engine.report().links().find(|link| link.url.rest == "/private").unwrap().skip,
        Some(Skip::Robots { line: 2 })
    ));
}

/// A seed is followed whatever links to it say, and noindex says nothing about links.
#[test]
fn a_seed_is_followed() {
    let world = World::default()
        .page("http://a.test/", &["nofollow /", "nofollow /x", "/y"])
        .page("http://a.test/x", &["/z"])
        .page("http://a.test/y", &["nofollow /x"]);
    let asked = methods(&world, config().seed("http://a.test/x".parse().unwrap()));
    assert_eq!(asked["/x"], Method::Get);
    assert_eq!(asked["/z"], Method::Get);
}
