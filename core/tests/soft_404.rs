//! Pages that a host gives for any address instead of 404.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use crawlspace::config::Builder;
use crawlspace::digest::{Digester, End, Head, Transfer};
use crawlspace::report::Class;
use crawlspace::{
    Config, Engine, Fetch, HostPolicy, Kind, Method, Need, Outcome, Output, Request, Seed, Snapshot,
    UnixTime, Wake,
};
use http::{HeaderValue, StatusCode};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What a URL answers: a status, a `Location` and a body of HTML.
type Answer = (u16, Option<&'static str>, String);

fn page(body: &str) -> Answer {
    (200, None, body.to_owned())
}

/// Hosts by their habits; each has a page at `/real` and one at `/other`.
fn web(url: &Url) -> Answer {
    let (host, path) = (url.host_str().unwrap(), url.path());
    let nav = "<a href=/>Home</a> <a href=/real>Real</a>";
    match (host, path) {
        ("www.shut.test", "/robots.txt") => page("User-agent: *\nDisallow: /crawlspace-\n"),
        (_, "/robots.txt") => (404, None, String::new()),
        ("start.test", "/") => {
            let hosts = ["honest", "soft", "echo", "app", "login", "front", "own"];
            let links = hosts.iter().flat_map(|host| {
                ["real", "other", "missing-page", "real#dead"]
                    .map(|path| format!("<a href=http://{host}.test/{path}>x</a>"))
            });
            page(&links.collect::<String>())
        }
        ("late.test", "/") => {
            let paths = ["real", "other", "missing-page"];
            page(&paths.map(|path| format!("<a href=http://www.shut.test/{path}>x</a>")).concat())
        }
        ("shut.test", "/") => (301, Some("http://www.shut.test/real"), String::new()),
        // What is filled in by script: every address has the same shell.
        ("app.test", _) => page("<div id=app></div><script src=app.js></script>"),
        ("front.test", "/") => (302, Some("/start"), String::new()),
        (_, "/") => page(&format!("{nav} Welcome")),
        (_, "/real" | "/real#dead") => page(&format!("{nav} A page on roses <p id=x>")),
        (_, "/other") => page(&format!("{nav} A page on tulips")),
        ("soft.test" | "front.test" | "www.shut.test", _) => {
            page(&format!("{nav} Sorry, nothing here. It is 12:{}", path.len()))
        }
        ("echo.test", path) => {
            page(&format!("{nav} <title>{path}</title>No {path} on this site<link href={path}>"))
        }
        ("login.test", _) => (302, Some("/real"), String::new()),
        _ => (404, None, String::new()),
    }
}

/// Crawls, answering the newest or the oldest open fetch first, and saves and loads before each answer if wanted.
fn crawl(config: &Config, newest_first: bool, crash: bool) -> (Engine, Vec<Request>) {
    let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::from_secs(0));
    let spec = Arc::new(engine.spec().clone());
    let (mut open, mut asked, mut now): (Vec<Fetch>, Vec<Request>, _) =
        (Vec::new(), Vec::new(), engine.now());
    loop {
        match engine.poll(now) {
            Output::Fetch(fetch) => open.push(fetch),
            Output::Event(_) | Output::Cancel(_) => {}
            Output::Finished => return (engine, asked),
            Output::Wait(wake) => {
                if open.is_empty() {
                    let Wake::At(at, _) = wake else { panic!("waits for nothing: {wake:?}") };
                    now = at;
                    continue;
                }
                let Fetch { ticket, request } =
                    if newest_first { open.pop().unwrap() } else { open.remove(0) };
                if crash {
                    let saved = engine.snapshot().as_bytes().to_vec();
                    engine =
                        Engine::resume(config.clone(), Snapshot::from_bytes(saved), UnixTime::from_secs(9))
                            .unwrap();
                    open.clear();
                }
                let (status, location, body) = web(&request.url);
                let mut head =
                    Head { status: StatusCode::from_u16(status).unwrap(), headers: Default::default() };
                head.headers.insert("content-type", HeaderValue::from_static("text/html"));
                if let Some(location) = location {
                    head.headers.insert("location", HeaderValue::from_static(location));
                }
                let mut digester = Digester::new(&request, &spec, &head);
                let _ = digester.push(body.as_bytes());
                let digest = digester.finish(End::Complete, Transfer::default());
                asked.push(request);
                engine.complete(ticket, Outcome::Answered(Box::new(digest)));
            }
        }
    }
}

fn config() -> Builder {
    let at_once = HostPolicy { concurrency: 9, gap: Duration::ZERO };
    let builder = Config::builder().seed("http://start.test/".parse().unwrap());
    builder.seed("http://own.test/".parse().unwrap()).own_hosts(at_once).other_hosts(at_once)
}

fn classes(engine: &Engine) -> BTreeMap<String, Class> {
    let rows: Vec<_> = engine
        .report()
        .links()
        .map(|row| (row.url.to_string() + row.fragment.unwrap_or(""), row.class))
        .collect();
    rows.into_iter().collect()
}

#[test]
fn what_reads_like_the_answer_to_nonsense_is_broken() {
    let (engine, _) = crawl(&config().soft_404(true).build().unwrap(), false, false);
    let found = classes(&engine);
    for (url, class) in [
        ("http://honest.test/missing-page", Class::Broken),
        ("http://own.test/missing-page", Class::Broken),
        ("http://soft.test/missing-page", Class::Broken),
        ("http://echo.test/missing-page", Class::Broken),
        // An application, whose pages all read alike; a site that redirects; one whose front page redirects.
        ("http://app.test/missing-page", Class::Ok),
        ("http://login.test/missing-page", Class::Redirected),
        ("http://front.test/missing-page", Class::Ok),
    ] {
        assert_eq!(found[url], class, "{url}");
    }
    for host in ["honest", "soft", "echo", "app", "login", "front", "own"] {
        assert_eq!(found[&format!("http://{host}.test/real")], Class::Ok, "{host}");
        assert_eq!(found[&format!("http://{host}.test/other")], Class::Ok, "{host}");
    }
    let report = engine.report();
    let message =
        report.findings().find(|row| row.url.to_string() == "http://soft.test/missing-page").unwrap().message;
    assert_eq!(message, "soft 404: 200 OK, but the page is what the host gives for any address");
}

#[test]
fn each_origin_is_asked_for_one_address_that_cannot_be_and_for_its_front_page_if_that_is_there() {
    let (engine, asked) = crawl(&config().soft_404(true).build().unwrap(), false, false);
    let mut probes: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in asked.iter().filter(|request| request.kind == Kind::Probe) {
        assert_eq!((request.method, request.need), (Method::Get, Need::Ids));
        probes
            .entry(request.url.host_str().unwrap().to_owned())
            .or_default()
            .push(request.url.path().to_owned());
    }
    for (host, paths) in &probes {
        assert!(paths[0].starts_with("/crawlspace-0"), "{paths:?}");
        let fronts =
            usize::from(["soft.test", "echo.test", "app.test", "front.test"].contains(&host.as_str()));
        assert_eq!(paths[1..], vec!["/"; fronts], "{host}");
    }
    assert_eq!(probes.len(), 8, "{probes:?}");
    // They are questions of the engine's own: no row, no page, nothing checked.
    let rows = engine.report().links().filter(|row| row.url.rest.contains("crawlspace-")).count();
    assert_eq!(rows, 0);
    let urls: std::collections::BTreeSet<_> = asked
        .iter()
        .filter(|request| !matches!(request.kind, Kind::Probe | Kind::Robots))
        .map(|request| request.url.as_str())
        .collect();
    assert_eq!(engine.report().summary().checked, urls.len() as u64);
}

#[test]
fn unless_wanted_nothing_is_asked_and_nothing_noted() {
    let (engine, asked) = crawl(&config().build().unwrap(), false, false);
    assert!(asked.iter().all(|request| request.kind != Kind::Probe));
    assert!(asked.iter().any(|request| request.method == Method::Head));
    assert_eq!(classes(&engine)["http://soft.test/missing-page"], Class::Ok);
    assert!(!engine.spec().extras.contents);
}

#[test]
fn robots_txt_counts_for_the_own_site() {
    let (_, asked) = crawl(&config().soft_404(true).build().unwrap(), false, false);
    let at = |host: &str, kind| {
        asked.iter().position(|request| request.kind == kind && request.url.host_str() == Some(host))
    };
    assert!(at("own.test", Kind::Robots) < at("own.test", Kind::Probe));
    assert_eq!(at("soft.test", Kind::Robots), None, "nobody asks it for a check");
}

#[test]
fn the_report_is_the_same_in_any_order_and_over_any_crash() {
    let config = config().soft_404(true).build().unwrap();
    let text = |engine: &Engine| engine.report().links().map(|row| format!("{row:?}\n")).collect::<String>();
    let (expected, _) = crawl(&config, false, false);
    for (newest_first, crash) in [(true, false), (false, true), (true, true)] {
        let (engine, _) = crawl(&config, newest_first, crash);
        assert_eq!(text(&expected), text(&engine), "newest first: {newest_first}, crash: {crash}");
        assert_eq!(expected.report().summary(), engine.report().summary());
    }
}

/// Whether its nonsense was asked for before the site turned out to be the crawl's own, or not at all.
#[test]
fn what_robots_txt_keeps_from_being_asked_is_not_judged_by() {
    let mut asked_first = Vec::new();
    for (newest_first, seeds) in [false, true].into_iter().flat_map(|newest_first| {
        let seeds = ["http://late.test/", "http://shut.test/"];
        [(newest_first, seeds), (newest_first, [seeds[1], seeds[0]])]
    }) {
        let one = HostPolicy { concurrency: 1, gap: Duration::ZERO };
        let mut config = Config::builder().soft_404(true).own_hosts(one).other_hosts(one);
        for seed in seeds {
            config = config.seed(seed.parse().unwrap());
        }
        let (engine, asked) = crawl(&config.build().unwrap(), newest_first, false);
        assert_eq!(classes(&engine)["http://www.shut.test/missing-page"], Class::Ok);
        let is_probe =
            |request: &Request| request.url.as_str().starts_with("http://www.shut.test/crawlspace-");
        asked_first.push(asked.iter().any(is_probe));
    }
    asked_first.sort_unstable();
    assert_eq!((asked_first[0], asked_first[3]), (false, true), "both ways were tried");
}
