//! Which requests carry configured headers: those to the origins they are meant for, and no other.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::{Config, Engine, HeaderSetId, Kind, Request, Seed, UnixTime};
use web::{Page, Run, Schedule, World, crawl};

const OWN: HeaderSetId = HeaderSetId(1);
const OTHER: HeaderSetId = HeaderSetId(7);

fn config() -> Builder {
    Config::builder()
        .seed("http://a.test/".parse().unwrap())
        .headers(OWN, ["http://a.test".to_owned()])
        .headers(OTHER, ["https://c.test:8443".to_owned()])
}

/// A site whose links and redirects lead to all that is like it and is another origin.
fn site() -> World {
    World::default()
        .page(
            "http://a.test/",
            &[
                "/page",
                "/away",
                "https://a.test/",
                "http://a.test:8080/",
                "http://www.a.test/",
                "http://b.test/back",
                "https://c.test/",
                "https://c.test:8443/#there",
                "http://a.test@b.test/",
            ],
        )
        .page("http://a.test/page", &[])
        .with("http://a.test/away", Page::Redirect(302, "http://b.test/landing".to_owned()))
        .with("http://b.test/back", Page::Redirect(302, "http://a.test/page?again".to_owned()))
}

fn expected(request: &Request) -> HeaderSetId {
    match request.url.origin().ascii_serialization().as_str() {
        "http://a.test" => OWN,
        "https://c.test:8443" => OTHER,
        _ => HeaderSetId::NONE,
    }
}

#[test]
fn headers_go_to_their_own_origins_over_any_crash() {
    let config = config().build().unwrap();
    let site = site();
    for crash in [None, Some(3), Some(9), Some(20)] {
        let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::default());
        let mut run = Run::new(&site, Schedule::Random(1));
        for step in 0.. {
            if crash == Some(step) {
                run.crash();
                engine = Engine::resume(config.clone(), engine.snapshot(), UnixTime::default()).unwrap();
            }
            if run.step(&mut engine).is_none() {
                break;
            }
        }
        for (_, request) in &run.log.requests {
            assert_eq!(request.headers, expected(request), "{}", request.url);
        }
        for url in [
            "http://a.test/away",
            "http://b.test/landing",
            "http://a.test/page?again",
            "https://c.test:8443/",
        ] {
            assert!(run.log.count(url) > 0, "{url} was not asked for");
        }
    }
}

/// Whoever a site's robots.txt redirects to is not whom the headers are for, not even where it is another of them.
#[test]
fn a_redirected_robots_txt_is_asked_for_without() {
    for target in ["http://b.test/robots.txt", "https://c.test:8443/robots.txt", "http://a.test/rules.txt"] {
        let site = site().with("http://a.test/robots.txt", Page::Redirect(301, target.to_owned()));
        let (_, log) = crawl(&config().build().unwrap(), &site, Schedule::Fifo);
        let robots: Vec<_> = log
            .requests
            .iter()
            .filter(|(_, request)| request.kind == Kind::Robots)
            .map(|(_, request)| (request.url.as_str(), request.headers))
            .collect();
        assert_eq!(robots[..2], [("http://a.test/robots.txt", OWN), (target, HeaderSetId::NONE)]);
    }
}
