//! How bad a finding is: the table of defaults, and rules that change it.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::digest::{Digest, End, Media};
use crawlspace::report::{Class, Finding, Rule, Rules, Severity};
use crawlspace::{
    Config, Connect, Dns, Engine, Failure, Phase, Protocol, Refusal, Report, Snapshot, Tls, UnixTime,
};
use proptest::prelude::*;
use std::collections::BTreeMap;
use std::time::Duration;
use web::{Page, Schedule, World, crawl};

use Severity::{Error, Ignored, Info, Warning};

/// A class, how bad it is in scope and outside, and an answer that comes to it.
fn cells() -> Vec<(Class, Severity, Severity, &'static str, Page)> {
    let too_large = Digest { status: 200, media: Media::Html, end: End::TooLarge, ..Digest::default() };
    vec![
        (Class::Broken, Error, Error, "gone", Page::Status(410)),
        (Class::ServerError, Error, Error, "error", Page::Status(500)),
        (Class::Blocked, Error, Warning, "forbidden", Page::Status(403)),
        (Class::RateLimited, Error, Warning, "limited", Page::Status(429)),
        (Class::Timeout, Error, Warning, "slow", Page::Fails(Failure::Timeout(Phase::Connect))),
        (Class::Dns, Error, Error, "dns", Page::Fails(Failure::Dns(Dns::NoSuchName))),
        (Class::Tls, Error, Error, "tls", Page::Fails(Failure::Tls(Tls::Expired))),
        (Class::Unreachable, Error, Error, "away", Page::Fails(Failure::Connect(Connect::Refused))),
        (Class::DeadFragment, Error, Error, "doc#dead", Page::Html { links: vec![], ids: vec!["a".into()] }),
        (Class::RedirectLoop, Error, Error, "loop", Page::Redirect(302, "loop".to_owned())),
        (Class::TooManyRedirects, Error, Error, "r0", Page::Redirect(301, "r1".to_owned())),
        (Class::InvalidUrl, Error, Error, "mail", Page::Redirect(301, "mailto:x@y.test".to_owned())),
        (Class::Protocol, Error, Error, "odd", Page::Fails(Failure::Protocol(Protocol::Malformed))),
        (Class::TooLarge, Warning, Warning, "big#a", Page::Digest(Box::new(too_large))),
        (Class::Refused, Warning, Warning, "private", Page::Fails(Failure::Refused(Refusal::Address))),
        (Class::Redirected, Info, Info, "old", Page::Redirect(308, "fine".to_owned())),
        (Class::Skipped, Info, Info, "offline", Page::Fails(Failure::Refused(Refusal::Offline))),
    ]
}

const SITES: [&str; 2] = ["http://a.test/", "http://b.test/"];

fn world() -> World {
    let (mut world, mut links) = (World::default(), Vec::new());
    for site in SITES {
        for (_, _, _, path, page) in cells() {
            links.push(format!("{site}{path}"));
            world = world.with(&format!("{site}{}", path.split('#').next().unwrap()), page);
        }
        world = world.with(&format!("{site}fine"), Page::Asset);
        for n in 1..=3 {
            world = world.with(&format!("{site}r{n}"), Page::Redirect(301, format!("r{}", n + 1)));
        }
    }
    let links: Vec<_> = links.iter().map(String::as_str).collect();
    world.page("http://a.test/", &links)
}

fn engine() -> Engine {
    let retry = crawlspace::Retry { max: 0, base: Duration::from_secs(1), cap: Duration::from_secs(1) };
    let builder = Config::builder().seed(SITES[0].parse().unwrap()).max_redirects(2).retry(retry);
    crawl(&builder.build().unwrap(), &world(), Schedule::Fifo).0
}

fn rules(rules: &[&str]) -> Rules {
    rules.iter().map(|rule| rule.parse::<Rule>().unwrap()).collect()
}

/// Severities by URL and class, what is not `ok` but ignored included.
fn severities(report: &Report<'_>) -> BTreeMap<(String, Class), Severity> {
    let rows = report.links().filter(|row| row.class != Class::Ok);
    rows.map(|row| ((row.url.to_string(), row.class), row.severity)).collect()
}

fn of(found: &BTreeMap<(String, Class), Severity>, url: &str) -> Severity {
    *found.iter().find(|((known, _), _)| known == url).unwrap_or_else(|| panic!("no {url} in {found:#?}")).1
}

#[test]
fn each_cell_of_the_table_is_as_the_design_says() {
    let engine = engine();
    let found = severities(&engine.report());
    let mut classes = vec![Class::Ok];
    for (class, in_scope, external, path, _) in cells() {
        let path = path.split('#').next().unwrap();
        for (site, expected) in SITES.into_iter().zip([in_scope, external]) {
            let severity = found.get(&(format!("{site}{path}"), class));
            assert_eq!(severity, Some(&expected), "{class} at {site}");
        }
        assert_eq!((class.severity(true), class.severity(false)), (in_scope, external), "{class}");
        classes.push(class);
    }
    classes.sort();
    assert_eq!(classes, Class::ALL, "every class has its row");
}

#[test]
fn a_rule_for_a_class_changes_that_class_alone() {
    let engine = engine();
    let before = severities(&engine.report());
    for (class, ..) in cells() {
        for (word, severity) in [("error", Error), ("warn", Warning), ("info", Info), ("ignore", Ignored)] {
            let after = severities(&engine.report().with_rules(rules(&[&format!("{class}:{word}")])));
            for (key, was) in &before {
                let expected = if key.1 == class { severity } else { *was };
                assert_eq!(after[key], expected, "{key:?} under {class}:{word}");
            }
        }
    }
}

#[test]
fn what_a_rule_ignores_is_no_finding_and_counts_nowhere_but_as_ignored() {
    let engine = engine();
    let (before, after) =
        (engine.report(), engine.report().with_rules(rules(&["4xx@a.test:skip", "dns:warn"])));
    let is_ignored =
        |url: &str| ["http://a.test/gone", "http://a.test/forbidden", "http://a.test/limited"].contains(&url);
    let expected: Vec<_> =
        before.findings().map(|row| row.url.to_string()).filter(|url| !is_ignored(url)).collect();
    let mut left: Vec<_> = after.findings().map(|row| row.url.to_string()).collect();
    left.sort();
    assert_eq!(left, {
        let mut expected = expected;
        expected.sort();
        expected
    });
    let (was, is) = (before.summary(), after.summary());
    assert_eq!((was.ignored, is.ignored), (0, 3));
    assert_eq!((was.errors - 3 - 2, was.warnings + 2), (is.errors, is.warnings));
    assert_eq!(was.classes, is.classes, "what it is does not change");
    assert_eq!(after.findings().map(|row| row.severity).min(), Some(Info));
}

#[test]
fn codes_match_where_they_decide_the_class() {
    let engine = engine();
    let found = |text: &[&str]| severities(&engine.report().with_rules(rules(text)));
    let by_code = found(&["410:info", "5xx:warn", "401..=403:ignore"]);
    assert_eq!(of(&by_code, "http://b.test/gone"), Info);
    assert_eq!(of(&by_code, "http://b.test/error"), Warning);
    assert_eq!(of(&by_code, "http://a.test/forbidden"), Ignored);
    // A redirect is matched by how it redirects, not by the 200 behind it; nor does 3xx excuse a loop.
    let by_redirect = found(&["308:error", "200:ignore"]);
    assert_eq!(of(&by_redirect, "http://a.test/old"), Error);
    assert_eq!(of(&by_redirect, "http://a.test/doc"), Error, "a dead fragment is not about the status");
    let all_redirects = found(&["3xx:warn"]);
    assert_eq!(of(&all_redirects, "http://a.test/old"), Warning);
    assert_eq!(of(&all_redirects, "http://a.test/loop"), Error);
    assert_eq!(of(&all_redirects, "http://a.test/r0"), Error);
    let several = found(&["410,timeout,dns:info"]);
    for path in ["gone", "slow", "dns"] {
        assert_eq!(of(&several, &format!("http://a.test/{path}")), Info);
    }
}

#[test]
fn the_last_rule_that_matches_counts() {
    let engine = engine();
    let found =
        |text: &[&str]| of(&severities(&engine.report().with_rules(rules(text))), "http://a.test/gone");
    assert_eq!(found(&["*:ignore", "410:warn"]), Warning);
    assert_eq!(found(&["410:warn", "*:ignore"]), Ignored);
    assert_eq!(found(&["410:warn", "*@b.test:ignore"]), Warning);
    assert_eq!(found(&["*:ignore", "broken:default"]), Error, "back to the table");
}

/// Whether a rule is to match a URL.

#[test]
fn places_are_hosts_urls_and_scope() {
    let engine = engine();
    let ignored = |place: &str| {
        let report = engine.report().with_rules(rules(&[&format!("*@{place}:ignore")]));
        let mut rows: Vec<_> = report
            .links()
            .filter(|row| row.severity == Ignored && !row.referrers.is_empty())
            .map(|row| row.url.to_string())
            .collect();
        rows.dedup();
        rows
    };
    let all = cells().len();
    type Reaches = fn(&str) -> bool;
    let cases: [(&str, Reaches, usize); 16] = [
        ("a.test", |url| url.starts_with("http://a.test/"), all),
        ("A.TEST", |url| url.starts_with("http://a.test/"), all),
        ("a.test:80", |url| url.starts_with("http://a.test/"), all),
        ("a.test:8080", |_| false, 0),
        ("*.test", |_| true, 2 * all),
        ("*.a.test", |_| false, 0),
        ("test", |_| false, 0),
        ("in-scope", |url| url.starts_with("http://a.test/"), all),
        ("external", |url| url.starts_with("http://b.test/"), all),
        ("http://b.test/gone", |url| url == "http://b.test/gone", 1),
        ("http://*.test/g*e", |url| url.ends_with("/gone"), 2),
        ("http://b.test/", |_| false, 0),
        ("http://b.test*", |url| url.starts_with("http://b.test/"), all),
        ("*://B.test/gone", |url| url == "http://b.test/gone", 1),
        ("HTTP*://b.test/g*", |url| url == "http://b.test/gone", 1),
        ("*://*", |_| true, 2 * all),
    ];
    for (place, is, count) in cases {
        let found = ignored(place);
        assert!(found.iter().all(|url| is(url)), "{place}: {found:?}");
        assert_eq!(found.len(), count, "{place}: {found:?}");
    }
}

#[test]
fn a_place_is_also_where_the_redirects_ended() {
    let world = World::default()
        .page("http://a.test/", &["/away"])
        .with("http://a.test/away", Page::Redirect(302, "http://shop.example.org/down".to_owned()))
        .with("http://shop.example.org/down", Page::Status(503));
    let retry = crawlspace::Retry { max: 0, base: Duration::from_secs(1), cap: Duration::from_secs(1) };
    let config = Config::builder().seed(SITES[0].parse().unwrap()).retry(retry).build().unwrap();
    let (engine, _) = crawl(&config, &world, Schedule::Fifo);
    for rule in ["503@*.example.org:info", "server-error@a.test:info"] {
        assert_eq!(of(&severities(&engine.report().with_rules(rules(&[rule]))), "http://a.test/away"), Info);
    }
}

#[test]
fn a_report_says_which_rule_decided() {
    let engine = engine();
    let report = engine.report().with_rules(rules(&["broken:warn", "410@a.test:info"]));
    for row in report.findings() {
        let (severity, rule) = report.rules().decide(&row);
        assert_eq!(severity, row.severity, "{}", row.url);
        let expected = match (row.class, row.url.origin) {
            (Class::Broken, "http://a.test") => Some("410@a.test:info"),
            (Class::Broken, _) => Some("broken:warn"),
            _ => None,
        };
        assert_eq!(rule.map(Rule::as_str), expected, "{}", row.url);
    }
}

#[test]
fn a_saved_crawl_can_be_looked_at_under_other_rules() {
    let engine = engine();
    let config = engine.config().clone();
    let saved = engine.snapshot().as_bytes().to_vec();
    let loaded = Engine::resume(config, Snapshot::from_bytes(saved), UnixTime::from_secs(9)).unwrap();
    let under = |engine: &Engine| severities(&engine.report().with_rules(rules(&["*@external:info"])));
    assert_eq!(under(&engine), under(&loaded));
    assert_ne!(under(&loaded), severities(&loaded.report()));
}

#[test]
fn errors_name_the_rule_what_is_wrong_and_the_nearest_word() {
    for (rule, message) in [
        ("403", "it has no severity; write it as 403:warn or 5xx@example.com:ignore"),
        ("403:warm", "\"warm\" is no severity; did you mean \"warn\"?"),
        ("403:ok", "\"ok\" is no severity; severities are error, warn, info, ignore and default"),
        ("403:", "\"\" is no severity; severities are error, warn, info, ignore and default"),
        ("timout:error", "\"timout\" is neither a class nor a status code; did you mean \"timeout\"?"),
        (
            "dead-anchor:warn",
            "\"dead-anchor\" is neither a class nor a status code; did you mean \"dead-fragment\"?",
        ),
        ("ok:error", "\"ok\" is what works, which no rule changes"),
        ("99:warn", "\"99\" is no status code; write 403, 5xx or 500..=503, from 100 to 999"),
        ("40x:warn", "\"40x\" is no status code; write 403, 5xx or 500..=503, from 100 to 999"),
        ("403@:warn", "\"\" is no host; write example.com, *.example.com, in-scope or external"),
        ("403@exteral:warn", "\"exteral\" is no host; did you mean \"external\"?"),
        (
            "403@a.test/b:warn",
            "\"a.test/b\" is no host; a URL begins with its scheme, such as https://a.test/b",
        ),
        ("403@http://[:warn", "\"http://[\" is no URL; write one such as https://example.com/docs/*"),
        ("403@http://a/#b:warn", "\"http://a/#b\" has a fragment, which rules do not look at; leave it out"),
        ("403@a.test:99999:warn", "\"99999\" is no port; ports go to 65535"),
    ] {
        let error = rule.parse::<Rule>().unwrap_err().to_string();
        assert_eq!(error, format!("rule \"{rule}\": {message}"));
    }
}

proptest! {
    /// The totals are those of the rows; where only redirects lead is in none of them.
    #[test]
    fn a_summary_adds_up(world in any::<u64>()) {
        const START: &str = "http://h0.test/p0";
        let config = Config::builder().seed(START.parse().unwrap()).build().unwrap();
        let (engine, _) = crawl(&config, &World::random(world), Schedule::Fifo);
        let report = engine.report().with_rules(rules(&["404:ignore", "redirected:warn"]));
        let summary = report.summary();
        let is_linked = |row: &Finding<'_>| !row.referrers.is_empty() || row.url.to_string() == START;
        let rows: Vec<_> = report.links().filter(is_linked).collect();
        let mut classes = BTreeMap::new();
        rows.iter().for_each(|row| *classes.entry(row.class).or_insert(0) += 1);
        prop_assert_eq!(&summary.classes, &classes, "world {}", world);
        let of = |severity| {
            rows.iter().filter(|row| row.class != Class::Ok && row.severity == severity).count() as u64
        };
        let told = (summary.errors, summary.warnings, summary.infos, summary.ignored);
        prop_assert_eq!(told, (of(Error), of(Warning), of(Info), of(Ignored)), "world {}", world);
        // A dead fragment's links are links to its page, too.
        let pages = rows.iter().filter(|row| row.fragment.is_none());
        prop_assert_eq!(summary.links, pages.map(|row| row.referrers.len() as u64).sum::<u64>());
    }

    #[test]
    fn any_text_is_a_rule_or_an_error_that_names_it(text in "[a-z0-9*@:/.,=\\[\\]é -]{0,24}|\\PC{0,12}") {
        match text.parse::<Rule>() {
            Ok(rule) => prop_assert_eq!(rule.as_str(), text.trim()),
            Err(error) => prop_assert!(error.to_string().contains(&text)),
        }
    }

    /// Stars are as a regular expression has them.
    #[test]
    fn stars_stand_for_anything(pattern in "[ab*]{1,6}", path in "[ab]{0,6}") {
        let world = World::default().page("http://a.test/", &[&format!("/{path}x")]);
        let config = Config::builder().seed(SITES[0].parse().unwrap()).build().unwrap();
        let (engine, _) = crawl(&config, &world, Schedule::Fifo);
        let report = engine.report().with_rules(rules(&[&format!("*@http://a.test/{pattern}x:ignore")]));
        let expected = regex::Regex::new(&format!("^{}$", pattern.replace('*', ".*"))).unwrap().is_match(&path);
        prop_assert_eq!(report.summary().ignored == 1, expected);
    }
}

#[test]
fn severities_have_the_names_of_reports() {
    let named = [Ignored, Info, Warning, Error].map(|severity| format!("{severity:>8}"));
    assert_eq!(named, [" ignored", "    info", " warning", "   error"]);
}

#[test]
fn what_is_no_class_is_named_beside_all_that_are() {
    for class in Class::ALL {
        assert_eq!(class.to_string().parse(), Ok(class));
    }
    let error = "brokn".parse::<Class>().unwrap_err().to_string();
    assert!(error.starts_with("\"brokn\" is no class; classes are ok, redirected, "), "{error}");
    assert!(Class::ALL.iter().all(|class| error.contains(class.as_str())), "{error}");
}
