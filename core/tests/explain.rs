//! Why a URL is in or out.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::report::{Class, Skip};
use crawlspace::{
    Because, Config, Connect, Decision, Engine, Failure, Pattern, Reach, RobotsPolicy, RobotsSays, Scope,
};
use proptest::prelude::*;
use url::Url;
use web::{Page, Schedule, World, crawl, verdicts};

fn config(scope: Scope) -> Builder {
    Config::builder().seed("http://a.test/".parse().unwrap()).scope(scope)
}

fn pattern(text: &str) -> Pattern {
    Pattern::new(text).unwrap()
}

fn explain<'e>(engine: &'e Engine, url: &str) -> (Decision, Because<'e>) {
    let explanation = engine.explain(&Url::parse(url).unwrap());
    (explanation.decision, explanation.because)
}

#[test]
fn the_scope_s_reason_is_told() {
    let scope = Scope::default()
        .include(pattern("[ab].test|zip"))
        .rule(pattern("zip$"), Decision::Ignore)
        .rule(pattern("keep"), Decision::Check)
        .reach(Reach::Host("b.test".to_owned()));
    let (engine, _) = crawl(&config(scope).build().unwrap(), &World::default(), Schedule::Fifo);
    let b = Reach::Host("b.test".to_owned());
    for (url, expected) in [
        ("http://a.test/x", (Decision::Crawl, Because::Reach(&Reach::SeedOrigins))),
        ("http://a.test/x.zip", (Decision::Ignore, Because::Rule("zip$"))),
        ("http://a.test/keep.zip", (Decision::Check, Because::Rule("keep"))),
        ("http://b.test:8080/", (Decision::Crawl, Because::Reach(&b))),
        ("http://c.test/", (Decision::Ignore, Because::NotIncluded)),
        ("http://c.test/zipped", (Decision::Check, Because::OutOfReach)),
        ("mailto:x@a.test", (Decision::Ignore, Because::Scheme)),
    ] {
        assert_eq!(explain(&engine, url), expected, "{url}");
    }
    let seed = engine.explain(&"http://a.test/#f".parse().unwrap());
    assert_eq!((seed.identity.as_str(), seed.given, seed.depth), ("http://a.test/", true, Some(0)));
    let world = World::default().page("http://a.test/", &["nofollow /n", "nofollow http://b.test/n"]);
    let (nofollow, _) = crawl(&config(Scope::default()).build().unwrap(), &world, Schedule::Fifo);
    assert_eq!(explain(&nofollow, "http://a.test/n"), (Decision::Crawl, Because::Nofollow));
    assert_eq!(explain(&nofollow, "http://b.test/n"), (Decision::Check, Because::OutOfReach));
    let closed = config(Scope::default().external(Decision::Ignore)).build().unwrap();
    let (engine, _) = crawl(&closed, &World::default(), Schedule::Fifo);
    assert_eq!(explain(&engine, "http://c.test/"), (Decision::Ignore, Because::OutOfReach));
}

#[test]
fn the_rule_of_robots_txt_is_told() {
    let world = World::default()
        .page("http://a.test/", &["/private/x", "/open", "http://down.test/", "http://gone.test/"])
        .robots("http://a.test", "User-agent: *\nDisallow: /private\nAllow: /open\n")
        .with("http://down.test/robots.txt", Page::Fails(Failure::Connect(Connect::Refused)))
        .with("http://gone.test/robots.txt", Page::Status(503));
    let both = config(Scope::default()).robots(RobotsPolicy { crawl: true, check: true }).build().unwrap();
    let (engine, _) = crawl(&both, &world, Schedule::Fifo);
    let says = |url: &str| engine.explain(&Url::parse(url).unwrap()).robots;
    assert!(matches!(says("http://a.test/private/y"), RobotsSays::Disallowed(Some(rule)) if rule.line == 2));
    assert!(matches!(says("http://a.test/open"), RobotsSays::Allowed(Some(rule)) if rule.line == 3));
    assert_eq!(says("http://a.test/"), RobotsSays::Allowed(None));
    assert_eq!(says("http://down.test/"), RobotsSays::Unreachable(&Failure::Connect(Connect::Refused)));
    assert_eq!(says("http://gone.test/"), RobotsSays::Closed);
    assert_eq!(says("http://never.test/"), RobotsSays::NotRead);
    let (engine, _) = crawl(&config(Scope::default()).build().unwrap(), &world, Schedule::Fifo);
    let says = |url: &str| engine.explain(&Url::parse(url).unwrap()).robots;
    assert!(matches!(says("http://a.test/private/y"), RobotsSays::Disallowed(_)));
    assert_eq!(says("http://gone.test/"), RobotsSays::NotAsked, "a single check asks nobody");
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    /// What is said of a URL is what was done with it.
    #[test]
    fn the_explanation_agrees_with_the_report(seed in any::<u64>()) {
        let scope = Scope::default()
            .rule(pattern("p[3-5]"), Decision::Ignore)
            .rule(pattern("p4"), Decision::Check)
            .rule(pattern("ext1"), Decision::Ignore);
        let config = Config::builder().seed("http://h0.test/p0".parse().unwrap()).scope(scope).build().unwrap();
        let (engine, log) = crawl(&config, &World::random(seed), Schedule::Fifo);
        for (url, class) in verdicts(&engine) {
            let explanation = engine.explain(&url.parse().unwrap());
            let url = explanation.identity.as_str().to_owned();
            let ignored = explanation.decision == Decision::Ignore && !explanation.given;
            let disallowed = matches!(explanation.robots, RobotsSays::Disallowed(_));
            // A form's action is in scope, but nothing that is asked for.
            let recorded = engine.report().links().any(|row| {
                row.url.to_string() == url && row.skip == Some(Skip::Recorded)
            });
            prop_assert_eq!(log.count(&url) == 0, ignored || disallowed || recorded, "{}", url);
            prop_assert!(explanation.depth.is_some());
            if ignored {
                prop_assert_eq!(class, Class::Skipped, "{}", url);
            }
        }
    }
}

/// What was given is asked for whatever the scope says of links to it, and so is its robots.txt.
#[test]
fn what_was_given_asks_robots_txt_out_of_scope_too() {
    let scope = Scope::default().include(pattern("b.test"));
    let world =
        World::default().page("http://a.test/", &[]).robots("http://a.test", "User-agent: *\nAllow: /\n");
    let (engine, log) = crawl(&config(scope).build().unwrap(), &world, Schedule::Fifo);
    let given = engine.explain(&"http://a.test/".parse().unwrap());
    assert_eq!((given.decision, given.given), (Decision::Ignore, true));
    assert!(matches!(given.robots, RobotsSays::Allowed(Some(rule)) if rule.line == 2), "{:?}", given.robots);
    assert_eq!(log.count("http://a.test/robots.txt"), 1);
    let other = engine.explain(&"http://a.test/x".parse().unwrap());
    assert_eq!((other.decision, other.given, other.robots), (Decision::Ignore, false, RobotsSays::NotAsked));
}

/// However many are known, nothing is taken for another.
#[test]
fn one_of_many_is_told_from_all_others() {
    let links: Vec<String> = (0..400).map(|n| format!("/{n}")).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let world = World::default().page("http://a.test/", &links);
    let (engine, _) = crawl(&config(Scope::default()).build().unwrap(), &world, Schedule::Fifo);
    let depth = |url: String| engine.explain(&Url::parse(&url).unwrap()).depth;
    for n in 0..400 {
        assert_eq!(depth(format!("http://a.test/{n}")), Some(1));
        assert_eq!(depth(format!("http://a.test/{n}?")), None);
        assert_eq!(depth(format!("https://a.test/{n}")), None, "another origin");
        assert_eq!(depth(format!("http://a.test/no/{n}")), None);
    }
}
