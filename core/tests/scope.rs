//! What is crawled, what is checked, what is left alone.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::Place;
use crawlspace::report::{Class, Skip};
use crawlspace::{Config, Decision, Engine, Limit, Pattern, Reach, RobotsPolicy, Scope, Seed, UnixTime};
use std::collections::BTreeSet;
use web::{Page, Run, Schedule, World, crawl, verdicts};

fn config(scope: Scope) -> Builder {
    let none = RobotsPolicy { crawl: false, check: false };
    Config::builder().seed("http://a.test/".parse().unwrap()).scope(scope).robots(none)
}

fn pattern(expression: &str) -> Pattern {
    Pattern::new(expression).unwrap()
}

/// Every URL leads to one more, so that the URLs asked for tell what was crawled and what was only checked.
fn asked_for(scope: Scope, links: &[&str]) -> (BTreeSet<String>, BTreeSet<String>) {
    let mut world = World::default().page("http://a.test/", links);
    for link in links {
        world = world.page(link, &[&format!("{link}/next")]).page(&format!("{link}/next"), &[]);
    }
    let (_, log) = crawl(&config(scope).build().unwrap(), &world, Schedule::Fifo);
    let asked = |url: &str| log.count(url) > 0;
    let set = |keep: &dyn Fn(&str) -> bool| {
        links.iter().filter(|link| keep(link)).map(|link| (*link).to_owned()).collect()
    };
    (set(&|link| asked(&format!("{link}/next"))), set(&|link| asked(link)))
}

fn assert_crawled(scope: Scope, crawl: &[&str], check: &[&str], ignore: &[&str]) {
    let links: Vec<&str> = [crawl, check, ignore].concat();
    let (crawled, asked) = asked_for(scope, &links);
    let set = |urls: &[&str]| urls.iter().map(|url| (*url).to_owned()).collect::<BTreeSet<_>>();
    assert_eq!(crawled, set(crawl), "crawled");
    assert_eq!(asked, set(&[crawl, check].concat()), "asked for");
}

#[test]
fn by_default_the_seed_s_origin() {
    let others = ["http://b.test/1", "https://a.test/2", "http://a.test:8080/3", "http://www.a.test/4"];
    assert_crawled(Scope::default(), &["http://a.test/x"], &others, &[]);
}

#[test]
fn no_external() {
    let scope = Scope::default().external(Decision::Ignore);
    assert_crawled(scope, &["http://a.test/x"], &[], &["http://b.test/1", "https://a.test/2"]);
}

#[test]
fn a_host_whatever_scheme_and_port() {
    let scope = Scope::default().reach(Reach::Host("a.test".to_owned()));
    let crawl = ["http://a.test/x", "https://a.test/y", "http://a.test:8080/z"];
    assert_crawled(scope, &crawl, &["http://www.a.test/x"], &[]);
}

#[test]
fn a_registrable_domain_and_all_below() {
    let scope = Scope::default().reach(Reach::Domain("a.co.uk".to_owned()));
    let crawl = ["http://a.co.uk/x", "https://www.a.co.uk/y", "http://x.y.a.co.uk:8080/z"];
    assert_crawled(scope, &crawl, &["http://b.co.uk/", "http://ba.co.uk/1", "http://co.uk/2"], &[]);
}

#[test]
fn another_origin() {
    let scope = Scope::default().reach(Reach::Origin("http://b.test:81/ignored".parse().unwrap()));
    assert_crawled(scope, &["http://a.test/x", "http://b.test:81/y"], &["http://b.test/x"], &[]);
}

#[test]
fn a_path_prefix() {
    let prefix = Reach::Prefix("http://a.test/docs/index.html".parse().unwrap());
    let scope = Scope::default().no_reach().reach(prefix).rule(pattern("^http://a.test/$"), Decision::Crawl);
    let check = ["http://a.test/doc", "http://a.test/docs", "http://a.test/docsx/2", "http://b.test/docs/1"];
    assert_crawled(scope, &["http://a.test/docs/1"], &check, &[]);
}

#[test]
fn include_and_exclude() {
    let scope = Scope::default().include(pattern("/docs/")).include(pattern(r"\.pdf\b|a.test/$"));
    assert_crawled(
        scope,
        &["http://a.test/docs/1", "http://a.test/x.pdf"],
        &["http://b.test/docs/1"],
        &["http://a.test/blog"],
    );
    let scope = Scope::default().rule(pattern("/docs/"), Decision::Ignore);
    assert_crawled(scope, &["http://a.test/blog"], &[], &["http://a.test/docs/1"]);
}

#[test]
fn of_several_rules_the_last_counts_wherever_the_url_is() {
    let scope = Scope::default()
        .rule(pattern("/archive/"), Decision::Ignore)
        .rule(pattern("/archive/2024"), Decision::Check)
        .rule(pattern("^http://b.test/"), Decision::Crawl);
    assert_crawled(
        scope,
        &["http://b.test/archive/2020", "http://a.test/x"],
        &["http://a.test/archive/2024"],
        &["http://a.test/archive/2020"],
    );
}

#[test]
fn each_reason_is_named() {
    let scope = Scope::default()
        .external(Decision::Ignore)
        .include(pattern("a.test/"))
        .rule(pattern("never"), Decision::Check)
        .rule(pattern("/x"), Decision::Ignore);
    let world = World::default().places(
        "http://a.test/",
        &[
            ("/x", Place::A_HREF),
            ("http://c.test/", Place::A_HREF),
            ("http://b.test/?a.test/", Place::A_HREF),
            ("tel:+1", Place::A_HREF),
            ("/form", Place::FORM_ACTION),
        ],
    );
    let (engine, _) = crawl(&config(scope).build().unwrap(), &world, Schedule::Fifo);
    let report = engine.report();
    let found: Vec<_> = report.findings().map(|f| (f.url.to_string(), f.skip.unwrap(), f.message)).collect();
    let row = |url: &str, skip, message: &str| (url.to_owned(), skip, message.to_owned());
    assert_eq!(
        found,
        [
            row("http://a.test/form", Skip::Recorded, "skipped: only recorded, never requested"),
            row("http://a.test/x", Skip::Excluded { rule: 1 }, "skipped: excluded by the pattern /x"),
            row("http://b.test/?a.test/", Skip::External, "skipped: out of scope"),
            row("http://c.test/", Skip::NotIncluded, "skipped: matches no included pattern"),
            row("tel:+1", Skip::Scheme, "skipped: the scheme is not checked"),
        ]
    );
}

#[test]
fn a_seed_is_gone_through_whatever_the_patterns_say() {
    let scope = Scope::default().include(pattern("/docs/")).rule(pattern("a.test/$"), Decision::Ignore);
    let world =
        World::default().page("http://a.test/", &["/docs/1", "/blog"]).page("http://a.test/docs/1", &[]);
    let (_, log) = crawl(&config(scope).build().unwrap(), &world, Schedule::Fifo);
    assert_eq!(log.fetched(), ["http://a.test/", "http://a.test/docs/1"].map(str::to_owned).into());
}

#[test]
fn whenever_it_is_given() {
    let scope = Scope::default()
        .external(Decision::Ignore)
        .include(pattern("a.test"))
        .rule(pattern("/excluded"), Decision::Ignore);
    let world = World::default()
        .page("http://a.test/", &["/excluded", "http://b.test/"])
        .page("http://a.test/excluded", &["/next"])
        .page("http://b.test/", &[])
        .page("http://a.test/next", &[]);
    let config = config(scope).build().unwrap();
    for after in 0..4 {
        let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::default());
        let mut run = Run::new(&world, Schedule::Fifo);
        for _ in 0..after {
            run.step(&mut engine).expect("the crawl goes on");
        }
        engine.add("http://a.test/excluded".parse().unwrap());
        engine.add("http://b.test/".parse().unwrap());
        run.finish(&mut engine);
        for url in ["http://a.test/excluded", "http://a.test/next", "http://b.test/"] {
            assert_eq!(run.log.count(url), 1, "given after {after} steps: {url}");
        }
    }
}

#[test]
fn a_seed_that_redirects_within_its_site_takes_the_crawl_along() {
    for (to, along) in [
        ("https://a.test/", true),
        ("https://www.a.test/", true),
        ("http://a.test:8080/", true),
        ("http://b.test/", false),
        ("http://docs.a.test/", false),
    ] {
        let next = format!("{to}next");
        let world = World::default()
            .with("http://a.test/", Page::Redirect(301, to.to_owned()))
            .page(to, &["/next"])
            .page(&next, &[]);
        let (engine, log) = crawl(&config(Scope::default()).build().unwrap(), &world, Schedule::Fifo);
        assert_eq!(log.count(&next) == 1, along, "{to}");
        assert_eq!(engine.report().summary().pages, u64::from(along) * 2, "{to}");
    }
}

#[test]
fn a_link_that_redirects_does_not() {
    let world = World::default()
        .page("http://a.test/", &["/out"])
        .with("http://a.test/out", Page::Redirect(301, "https://a.test/".to_owned()))
        .page("https://a.test/", &["/next"]);
    let (_, log) = crawl(&config(Scope::default()).build().unwrap(), &world, Schedule::Fifo);
    assert_eq!((log.count("https://a.test/"), log.count("https://a.test/next")), (1, 0));
}

#[test]
fn a_seed_that_redirects_late_takes_along_what_was_checked_before() {
    // The other scheme is linked to, and checked, before the second seed says that it is the site.
    let world = World::default()
        .page("http://b.test/", &["https://a.test/1"])
        .page("https://a.test/1", &["/2"])
        .page("https://a.test/2", &[])
        .with("http://a.test/", Page::Redirect(301, "https://a.test/".to_owned()))
        .page("https://a.test/", &[]);
    let config = config(Scope::default()).build().unwrap();
    let mut engine = Engine::new(config, Seed(7), UnixTime::default());
    engine.add("http://b.test/".parse().unwrap());
    for schedule in [Schedule::Fifo, Schedule::Lifo, Schedule::Random(3)] {
        let mut engine = engine.clone();
        let mut run = Run::new(&world, schedule);
        run.finish(&mut engine);
        assert_eq!(run.log.count("https://a.test/2"), 1);
    }
}

#[test]
fn a_form_s_action_is_fetched_once_something_links_to_it() {
    let form = ("/search", Place::FORM_ACTION);
    let only = World::default().places("http://a.test/", &[form]).page("http://a.test/search", &[]);
    let (engine, log) = crawl(&config(Scope::default()).build().unwrap(), &only, Schedule::Fifo);
    assert_eq!(
        (log.count("http://a.test/search"), verdicts(&engine)["http://a.test/search"]),
        (0, Class::Skipped)
    );
    for links in [[form, ("/1", Place::A_HREF)], [("/1", Place::A_HREF), form]] {
        let world = only.clone().places("http://a.test/", &links).page("http://a.test/1", &["/search"]);
        for schedule in [Schedule::Fifo, Schedule::Lifo] {
            let (engine, log) = crawl(&config(Scope::default()).build().unwrap(), &world, schedule);
            assert_eq!(log.count("http://a.test/search"), 1);
            let report = engine.report();
            let link = report.links().find(|link| link.url.rest == "/search").unwrap();
            assert_eq!((link.class, link.referrers.len()), (Class::Ok, 2), "the form is a referrer, too");
        }
    }
}

#[test]
fn what_is_not_a_url_is_found_on_every_page_that_has_it() {
    let world = World::default()
        .page("http://a.test/", &["http://[", "/1"])
        .page("http://a.test/1", &["http://[", "http://a:b"]);
    let (engine, _) = crawl(&config(Scope::default()).build().unwrap(), &world, Schedule::Fifo);
    let report = engine.report();
    let found: Vec<_> = report
        .findings()
        .map(|f| {
            (
                f.class,
                f.url.to_string(),
                f.referrers.iter().map(|r| (r.page.rest, r.line)).collect::<Vec<_>>(),
            )
        })
        .collect();
    let invalid = Class::InvalidUrl;
    let expected = [
        (invalid, "http://[".to_owned(), vec![("/", 1), ("/1", 1)]),
        (invalid, "http://a:b".to_owned(), vec![("/1", 2)]),
    ];
    assert_eq!(found, expected);
}

#[test]
fn addresses_are_counted_and_listed() {
    let world = World::default()
        .page("http://a.test/", &["mailto:b@a.test", "mailto:a@a.test?subject=x", "/1", "tel:1"])
        .page("http://a.test/1", &["mailto:b@a.test"]);
    let (engine, _) = crawl(&config(Scope::default()).build().unwrap(), &world, Schedule::Fifo);
    let report = engine.report();
    assert_eq!(report.summary().emails, 3);
    assert_eq!(report.emails().collect::<Vec<_>>(), ["a@a.test?subject=x", "b@a.test"]);
}

#[test]
fn what_is_added_in_mid_crawl_is_a_seed_like_any_other() {
    let world = World::default()
        .page("http://a.test/", &["http://b.test/1", "/2"])
        .page("http://a.test/2", &[])
        .page("http://b.test/", &["/3"])
        .page("http://b.test/1", &["/4"])
        .page("http://b.test/3", &[])
        .page("http://b.test/4", &[]);
    let config = config(Scope::default()).build().unwrap();
    for after in 0..8 {
        let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::default());
        let mut run = Run::new(&world, Schedule::Fifo);
        for _ in 0..after {
            run.step(&mut engine).expect("the crawl goes on");
        }
        engine.add("http://b.test/#top".parse().unwrap());
        engine.add("http://b.test/".parse().unwrap());
        run.finish(&mut engine);
        for url in ["http://b.test/3", "http://b.test/4"] {
            assert_eq!(run.log.count(url), 1, "added after {after} steps: {url}");
        }
    }
}

/// Plain to secure to `www.`: each step is within the site, also where a link brought the second step earlier.
#[test]
fn a_seed_may_redirect_in_several_steps() {
    for schedule in [Schedule::Fifo, Schedule::Lifo, Schedule::Random(3)] {
        let world = World::default()
            .page("http://b.test/", &["https://a.test/", "https://www.a.test/next"])
            .with("http://a.test/", Page::Redirect(301, "https://a.test/".to_owned()))
            .with("https://a.test/", Page::Redirect(301, "https://www.a.test/".to_owned()))
            .page("https://www.a.test/", &["/next"])
            .page("https://www.a.test/next", &["/last"])
            .page("https://www.a.test/last", &[]);
        let config = Config::builder()
            .seed("http://b.test/".parse().unwrap())
            .seed("http://a.test/".parse().unwrap())
            .build()
            .unwrap();
        let (engine, log) = crawl(&config, &world, schedule.clone());
        assert_eq!(log.count("https://www.a.test/last"), 1, "{schedule:?}");
        assert_eq!(engine.report().summary().pages, 4, "{schedule:?}");
    }
}

#[test]
fn what_a_style_sheet_names_is_checked_as_its_link() {
    let world = World::default()
        .places("http://a.test/", &[("/x.css", Place::LINK_HREF), ("/doc.pdf", Place::A_HREF)])
        .with("http://a.test/x.css", Page::Sheet(vec!["gone.png".to_owned(), "y.css#f".to_owned()]))
        .with("http://a.test/y.css", Page::Sheet(vec!["http://b.test/gone".to_owned()]))
        .with("http://a.test/doc.pdf", Page::Linking("/gone.html".to_owned()));
    for pages in [Limit::None, Limit::Max(2)] {
        let config =
            Config::builder().seed("http://a.test/".parse().unwrap()).max_pages(pages).build().unwrap();
        let (engine, log) = crawl(&config, &world, Schedule::Fifo);
        let verdicts = verdicts(&engine);
        for gone in ["http://a.test/gone.png", "http://b.test/gone", "http://a.test/gone.html"] {
            assert_eq!(verdicts[gone], Class::Broken, "{gone}");
            assert!(log.fetched().contains(gone), "{gone}");
        }
        // A style sheet has no fragments to be missed, and is no page.
        assert_eq!(verdicts["http://a.test/y.css"], Class::Ok);
        assert_eq!(engine.report().summary().pages, 1);
    }
}
