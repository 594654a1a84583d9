//! Redirects: each is a fetch of its own, judged on the finished graph.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, Location};
use crawlspace::report::Class;
use crawlspace::{Config, Decision, Limit, Pattern, Scope};
use web::{Page, Schedule, World, crawl, message, verdicts};

fn config() -> Builder {
    Config::builder().seed("http://a.test/".parse().unwrap())
}

fn to(status: u16, target: &str) -> Page {
    Page::Redirect(status, target.to_owned())
}

/// `/r0` redirects to `/r1` and so on, so many times, and then there is a page.
fn chain(length: usize) -> World {
    let mut world = World::default().page("http://a.test/", &["/r0"]);
    for n in 0..length {
        world = world.with(&format!("http://a.test/r{n}"), to(301, &format!("/r{}", n + 1)));
    }
    world.page(&format!("http://a.test/r{length}"), &[])
}

#[test]
fn as_many_as_the_limit_are_followed_and_no_more() {
    for limit in [0, 1, 3, 10] {
        let config = config().max_redirects(limit as u32).build().unwrap();
        let (engine, log) = crawl(&config, &chain(limit), Schedule::Fifo);
        let expected = if limit == 0 { Class::Ok } else { Class::Redirected };
        assert_eq!(verdicts(&engine)["http://a.test/r0"], expected, "limit {limit}");
        assert_eq!(log.count(&format!("http://a.test/r{limit}")), 1, "limit {limit}");
        let (engine, log) = crawl(&config, &chain(limit + 1), Schedule::Fifo);
        assert_eq!(verdicts(&engine)["http://a.test/r0"], Class::TooManyRedirects, "limit {limit}");
        assert_eq!(message(&engine, "http://a.test/r0"), format!("more than {limit} redirects in a row"));
        assert_eq!(log.count(&format!("http://a.test/r{}", limit + 1)), 0, "limit {limit}");
        // No depth limit is to blame for what lies behind the last of them.
        for hop in 1..=limit {
            let hop = format!("http://a.test/r{hop}");
            assert_eq!(message(&engine, &hop), format!("more than {limit} redirects in a row"));
        }
    }
}

#[test]
fn the_chain_is_told_hop_by_hop() {
    let (engine, log) = crawl(&config().build().unwrap(), &chain(3), Schedule::Fifo);
    let report = engine.report();
    let finding = report.findings().next().unwrap();
    let hops: Vec<_> = finding.redirects.iter().map(|hop| (hop.url.to_string(), hop.status)).collect();
    let expected = ["http://a.test/r0", "http://a.test/r1", "http://a.test/r2"];
    assert_eq!(hops, expected.map(|url| (url.to_owned(), 301)));
    assert_eq!((finding.final_url.to_string().as_str(), finding.status), ("http://a.test/r3", Some(200)));
    assert!(expected.iter().all(|url| log.count(url) == 1));
}

#[test]
fn who_enters_a_chain_in_the_middle_has_a_shorter_way() {
    let world = chain(3).page("http://a.test/", &["/r0", "/r2"]);
    let config = config().max_redirects(2).build().unwrap();
    for schedule in [Schedule::Fifo, Schedule::Lifo] {
        let (engine, log) = crawl(&config, &world, schedule);
        let found = verdicts(&engine);
        assert_eq!(found["http://a.test/r0"], Class::TooManyRedirects);
        assert_eq!(found["http://a.test/r2"], Class::Redirected);
        assert_eq!(log.count("http://a.test/r3"), 1);
    }
}

#[test]
fn circles_are_found_and_walked_once() {
    let world = World::default()
        .page("http://a.test/", &["/self", "/1", "/in"])
        .with("http://a.test/self", to(302, "/self"))
        .with("http://a.test/1", to(302, "/2"))
        .with("http://a.test/2", to(302, "http://b.test/3"))
        .with("http://b.test/3", to(302, "http://a.test/1"))
        .with("http://a.test/in", to(302, "/2"));
    let (engine, log) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
    for url in ["http://a.test/self", "http://a.test/1", "http://a.test/in"] {
        assert_eq!(verdicts(&engine)[url], Class::RedirectLoop, "{url}");
        assert_eq!(log.count(url), 1, "{url}");
    }
    assert_eq!(message(&engine, "http://a.test/1"), "the redirects come back to where they were");
}

#[test]
fn a_circle_longer_than_the_limit_is_too_many() {
    let world = World::default()
        .page("http://a.test/", &["/1"])
        .with("http://a.test/1", to(302, "/2"))
        .with("http://a.test/2", to(302, "/3"))
        .with("http://a.test/3", to(302, "/1"));
    for (limit, expected) in [(2, Class::TooManyRedirects), (3, Class::RedirectLoop)] {
        let config = config().max_redirects(limit).build().unwrap();
        let (engine, _) = crawl(&config, &world, Schedule::Fifo);
        assert_eq!(verdicts(&engine)["http://a.test/1"], expected, "limit {limit}");
    }
}

#[test]
fn a_redirect_to_what_cannot_be_fetched_is_the_servers_fault() {
    let nowhere = Digest { status: 302, ..Digest::default() };
    let text = Digest { location: Some(Location::Invalid("http://[".to_owned())), ..nowhere.clone() };
    let world = World::default()
        .page("http://a.test/", &["/mail", "/text", "/nothing"])
        .with("http://a.test/mail", to(301, "mailto:x@a.test"))
        .with("http://a.test/text", Page::Digest(Box::new(text)))
        .with("http://a.test/nothing", Page::Digest(Box::new(nowhere)));
    let (engine, _) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
    let found = verdicts(&engine);
    assert_eq!(found["http://a.test/mail"], Class::InvalidUrl);
    assert_eq!(
        message(&engine, "http://a.test/mail"),
        "redirected to mailto:x@a.test, which cannot be fetched"
    );
    assert_eq!(found["http://a.test/text"], Class::InvalidUrl);
    assert_eq!(message(&engine, "http://a.test/text"), "redirected to what is not a URL");
    assert_eq!(found["http://a.test/nothing"], Class::Protocol);
    assert_eq!(engine.report().summary().emails, 0, "no page links to that address");
}

#[test]
fn permanent_is_told_from_temporary() {
    let world = World::default()
        .page("http://a.test/", &["/301", "/302", "/303", "/307", "/308", "/mixed"])
        .with("http://a.test/301", to(301, "/"))
        .with("http://a.test/302", to(302, "/"))
        .with("http://a.test/303", to(303, "/"))
        .with("http://a.test/307", to(307, "/"))
        .with("http://a.test/308", to(308, "/"))
        .with("http://a.test/mixed", to(301, "/307"));
    let (engine, _) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
    for (path, how) in [
        ("301", "permanently"),
        ("302", "temporarily"),
        ("303", "temporarily"),
        ("307", "temporarily"),
        ("308", "permanently"),
        ("mixed", "temporarily"),
    ] {
        let url = format!("http://a.test/{path}");
        assert_eq!(message(&engine, &url), format!("redirected {how} to http://a.test/"));
    }
}

#[test]
fn a_redirect_adds_no_depth() {
    let world = World::default()
        .page("http://a.test/", &["/old"])
        .with("http://a.test/old", to(301, "/new"))
        .page("http://a.test/new", &["/deeper"])
        .page("http://a.test/deeper", &[]);
    let config = config().depth(Limit::Max(1)).build().unwrap();
    let (engine, log) = crawl(&config, &world, Schedule::Fifo);
    assert_eq!(log.count("http://a.test/new"), 1);
    assert_eq!(log.count("http://a.test/deeper"), 0);
    assert_eq!(verdicts(&engine)["http://a.test/deeper"], Class::Skipped);
}

#[test]
fn each_hop_passes_the_scope_again() {
    let world = World::default()
        .page("http://a.test/", &["/out", "/forbidden"])
        .with("http://a.test/out", to(302, "http://b.test/page"))
        .page("http://b.test/page", &["http://b.test/further"])
        .with("http://a.test/forbidden", to(302, "/secret"))
        .page("http://a.test/secret", &[]);
    let scope = Scope::default().rule(Pattern::new("/secret").unwrap(), Decision::Ignore);
    let (engine, log) = crawl(&config().scope(scope).build().unwrap(), &world, Schedule::Fifo);
    let found = verdicts(&engine);
    assert_eq!(found["http://a.test/out"], Class::Redirected);
    assert_eq!(log.count("http://b.test/page"), 1);
    assert_eq!(log.count("http://b.test/further"), 0, "what is out of reach is not followed");
    assert_eq!(found["http://a.test/forbidden"], Class::Skipped);
    assert_eq!(log.count("http://a.test/secret"), 0);
}

#[test]
fn a_redirect_that_ends_badly_is_a_finding_about_the_link() {
    let world = World::default()
        .page("http://a.test/", &["/dead", "/old"])
        .with("http://a.test/dead", to(301, "/missing"))
        .with("http://a.test/old", to(301, "/dead"));
    let (engine, log) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
    let report = engine.report();
    let keys: Vec<_> = report.findings().map(|f| (f.url.to_string(), f.class, f.status)).collect();
    let broken = |url: &str| (url.to_owned(), Class::Broken, Some(404));
    assert_eq!(keys, [broken("http://a.test/dead"), broken("http://a.test/old")]);
    assert_eq!(log.count("http://a.test/missing"), 1);
}

#[test]
fn what_a_redirect_changes_is_named_where_it_is_one_of_the_usual_things() {
    for (from, status, target, words) in [
        ("http://a.test/x", 301, "https://a.test/x", "permanently to https://a.test/x: the same over https"),
        (
            "https://a.test/x",
            302,
            "http://a.test/x",
            "temporarily to http://a.test/x: the same without encryption",
        ),
        (
            "http://a.test/x?q",
            308,
            "http://www.a.test/x?q",
            "permanently to http://www.a.test/x?q: the same with www.",
        ),
        (
            "http://www.a.test/x",
            307,
            "https://a.test/x",
            "temporarily to https://a.test/x: the same without www.",
        ),
        ("http://a.test/x", 301, "/x/", "permanently to http://a.test/x/: the same with a slash at the end"),
        (
            "http://a.test/x/",
            303,
            "/x",
            "temporarily to http://a.test/x: the same without the slash at the end",
        ),
        ("http://a.test/x", 301, "/", "permanently to http://a.test/"),
        ("http://a.test/x", 301, "https://b.test/x", "permanently to https://b.test/x"),
        ("http://a.test/x", 301, "https://a.test/y", "permanently to https://a.test/y"),
    ] {
        let world = World::default().page("http://a.test/", &[from]).with(from, to(status, target));
        let end = url::Url::parse(from).unwrap().join(target).unwrap();
        let world = world.page(end.as_str(), &[from]);
        let (engine, _) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
        assert_eq!(message(&engine, from), format!("redirected {words}"));
    }
}

#[test]
fn a_chain_is_permanent_if_all_of_it_is() {
    for (statuses, how) in
        [([301, 308], "permanently"), ([301, 302], "temporarily"), ([307, 301], "temporarily")]
    {
        let world = World::default()
            .page("http://a.test/", &["/1"])
            .with("http://a.test/1", to(statuses[0], "/2"))
            .with("http://a.test/2", to(statuses[1], "/3"))
            .page("http://a.test/3", &[]);
        let (engine, _) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
        assert_eq!(message(&engine, "http://a.test/1"), format!("redirected {how} to http://a.test/3"));
    }
}

#[test]
fn a_redirect_to_a_url_without_end_leads_nowhere() {
    let long = |bytes: usize| format!("{:x<bytes$}", "http://a.test/");
    let limit = crawlspace::DigestLimits::default().url_bytes as usize;
    for (bytes, class) in [(limit, Class::Redirected), (limit + 1, Class::InvalidUrl)] {
        let world = World::default()
            .page("http://a.test/", &["/x"])
            .with("http://a.test/x", Page::Redirect(301, long(bytes)))
            .with(&long(bytes), Page::Asset);
        let (engine, log) = crawl(&config().build().unwrap(), &world, Schedule::Fifo);
        assert_eq!(verdicts(&engine)["http://a.test/x"], class, "{bytes}");
        assert_eq!(log.count(&long(bytes)), usize::from(class == Class::Redirected), "{bytes}");
    }
}
