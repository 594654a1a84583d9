//! The bytes of saved states are committed beside this file: a state from an earlier build goes on in a later one,
//! and ends in the report it would have had.
//!
//! A change to what is stored shows here first. If it is meant, raise the format's version, and write the files anew
//! with `CRAWLSPACE_GOLDEN=write cargo test -p crawlspace --test golden`; what they hold then is to be read as part of
//! the change. They are never written otherwise.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, End, Place};
use crawlspace::{
    Config, Connect, Dns, Encoding, Engine, Failure, HeaderSetId, HostPolicy, Limit, Local, Order, Phase,
    Protocol, Refusal, Retry, RetryAfter, RobotsPolicy, Seed, Snapshot, Stop, Tls, UnixTime,
};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::time::Duration;
use web::{Page, Run, Schedule, World};

/// The largest that any of the files may be.
const SMALL: usize = 8 * 1_024;

const STARTED: UnixTime = UnixTime::from_secs(1_700_000_000);

fn file(name: &str) -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "tests", "golden", name].iter().collect()
}

/// Compares with the committed bytes, or writes them if that is asked for, and gives what is committed.
fn golden(name: &str, found: &[u8]) -> Vec<u8> {
    if std::env::var_os("CRAWLSPACE_GOLDEN").is_some_and(|value| value == "write") {
        fs::write(file(name), found).unwrap();
    }
    let committed = fs::read(file(name)).unwrap_or_else(|error| panic!("{name}: {error}"));
    let first = committed.iter().zip(found).position(|(a, b)| a != b);
    assert!(
        committed == found,
        "{name}: {} bytes, {} are committed; the first that differs is at {first:?}",
        found.len(),
        committed.len(),
    );
    committed
}

/// Drives a crawl to a moment, and checks its saved state and how it goes on from there.
fn check(name: &str, config: Builder, world: &World, moment: impl Fn(&Engine, &Run<'_>) -> bool) {
    let config = config.build().unwrap();
    let unsaved = Engine::new(config.clone(), Seed(7), STARTED);
    let mut engine = unsaved.clone();
    let mut run = Run::new(world, Schedule::Fifo);
    while !moment(&engine, &run) {
        assert!(run.step(&mut engine).is_some(), "{name}: the moment never comes");
    }
    check_from(name, &config, world, &unsaved, &engine);
}

/// `unsaved` is the same crawl before its first poll.
fn check_from(name: &str, config: &Config, world: &World, unsaved: &Engine, engine: &Engine) {
    let saved = engine.snapshot();
    assert!(saved.as_bytes().len() < SMALL, "{name}: {} bytes", saved.as_bytes().len());
    let committed = golden(&format!("{name}.snapshot"), saved.as_bytes());
    let mut resumed = Engine::resume(config.clone(), Snapshot::from_bytes(committed), STARTED).unwrap();
    assert_eq!(resumed.now(), engine.now(), "{name}");
    let mut rest = Run::new(world, Schedule::Fifo);
    rest.now = resumed.now();
    rest.finish(&mut resumed);
    let report = report(&resumed);
    golden(&format!("{name}.report.txt"), report.as_bytes());

    // It is that of a crawl that was never saved.
    let mut straight = unsaved.clone();
    Run::new(world, Schedule::Lifo).finish(&mut straight);
    assert_eq!(self::report(&straight), report, "{name}: another report than without the interruption");
}

/// All of a report, in lines that read well in a diff.
fn report(engine: &Engine) -> String {
    let report = engine.report();
    let summary = report.summary();
    let mut text = format!(
        "checked {} pages {} links {} emails {} errors {} warnings {} infos {}\n",
        summary.checked,
        summary.pages,
        summary.links,
        summary.emails,
        summary.errors,
        summary.warnings,
        summary.infos,
    );
    for limit in &summary.partial {
        writeln!(text, "limit {}", limit.as_str()).unwrap();
    }
    for link in report.links() {
        let fragment = link.fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
        writeln!(text, "{} {}{fragment}: {}", link.class, link.url, link.message).unwrap();
        for hop in &link.redirects {
            writeln!(text, "  {} {}", hop.status, hop.url).unwrap();
        }
        for referrer in &link.referrers {
            let (line, column, place) = (referrer.line, referrer.column, referrer.place);
            writeln!(text, "  from {}:{line}:{column} {place:?} \"{}\"", referrer.page, referrer.text)
                .unwrap();
        }
    }
    text
}

fn config() -> Builder {
    let policy = HostPolicy { concurrency: 2, gap: Duration::from_millis(250) };
    Config::builder()
        .seed("http://site.test/".parse().unwrap())
        .concurrency(3)
        .own_hosts(policy)
        .other_hosts(policy)
        .retry(Retry { max: 2, base: Duration::from_secs(2), cap: Duration::from_secs(60) })
        .user_agent("golden/1.0")
}

fn html(ids: &[&str], links: &[(&str, Place)]) -> Page {
    Page::Html {
        links: links.iter().map(|(to, place)| ((*to).to_owned(), *place)).collect(),
        ids: ids.iter().map(|id| (*id).to_owned()).collect(),
    }
}

/// A small site with something of everything.
fn site() -> World {
    let home = [
        ("/a", Place::A_HREF),
        ("/b#there", Place::A_HREF),
        ("/b#not-there", Place::A_HREF),
        ("/img.png", Place::IMG_SRC),
        ("/old", Place::A_HREF),
        ("/loop", Place::A_HREF),
        ("/form", Place::FORM_ACTION),
        ("http://else.test/x", Place::A_HREF),
        ("http://else.test/y#z", Place::A_HREF),
        ("http://[", Place::A_HREF),
        ("mailto:info@site.test", Place::A_HREF),
        ("/private/page", Place::A_HREF),
    ];
    World::default()
        .with("http://site.test/", html(&["top"], &home))
        .document("http://site.test/a", &["x"], &["/", "/b", "/c", "/gone"])
        .document("http://site.test/b", &["there"], &["/a#x", "/a#y", "/d"])
        .page("http://site.test/c", &["/deep/1", "/d"])
        .page("http://site.test/d", &["mailto:info@site.test", "javascript:void(0)"])
        .page("http://site.test/deep/1", &["/deep/2"])
        .page("http://site.test/deep/2", &["/"])
        .with("http://site.test/img.png", Page::Asset)
        .with("http://site.test/old", Page::Redirect(301, "/older#there".to_owned()))
        .with("http://site.test/older", Page::Redirect(302, "/b".to_owned()))
        .with("http://site.test/loop", Page::Redirect(302, "/pool".to_owned()))
        .with("http://site.test/pool", Page::Redirect(302, "/loop".to_owned()))
        .with("http://site.test/gone", Page::Status(410))
        .with("http://else.test/x", Page::HeadLies(405, Box::new(Page::Asset)))
        .document("http://else.test/y", &["a"], &[])
        .robots("http://site.test", "User-agent: *\nDisallow: /private/\n")
}

#[test]
fn before_the_first_poll() {
    let config = config().headers(HeaderSetId(3), ["http://site.test".to_owned()]).build().unwrap();
    let mut engine = Engine::new(config.clone(), Seed(7), STARTED);
    engine.add("http://site.test/c#x".parse().unwrap());
    engine.add_each("http://site.test/a".parse().unwrap());
    engine.add_each("http://site.test/a".parse().unwrap());
    check_from("fresh", &config, &site(), &engine, &engine);
}

#[test]
fn with_fetches_in_flight() {
    let at_once = HostPolicy { concurrency: 2, gap: Duration::ZERO };
    let config = config().own_hosts(at_once).other_hosts(at_once);
    check("in-flight", config, &site(), |engine, run| {
        run.open().len() == 3 && engine.progress().terminal > 2
    });
}

#[test]
fn with_retries_to_come() {
    let busy = |status, retry_after| {
        Page::Digest(Box::new(Digest { status, retry_after: Some(retry_after), ..Digest::default() }))
    };
    let date = RetryAfter::Date(UnixTime::from_secs(1_700_000_030));
    let world = site()
        .with("http://site.test/a", Page::Flaky(2, Box::new(Page::Asset)))
        .with("http://site.test/b", Page::Attempts(vec![busy(429, date), Page::Asset]))
        .with("http://else.test/y", busy(503, RetryAfter::Delay(Duration::from_secs(20))));
    check("retries", config(), &world, |engine, _| engine.progress().waiting == 3);
}

#[test]
fn with_hosts_known_and_a_last_attempt_put_off() {
    let world = site()
        .page("http://site.test/d", &["http://down.test/1", "nofollow /c", "http://else.test/z"])
        .with("http://down.test/1", Page::Fails(Failure::Timeout(Phase::Connect)))
        .with("http://else.test/z", Page::Asset);
    let config = config().seed("http://site.test/a#nowhere".parse().unwrap());
    check("hosts", config, &world, |engine, run| {
        run.log.count("http://down.test/1") == 2 && engine.progress().waiting == 1
    });
}

#[test]
fn with_robots_files_on_their_way() {
    let config = config()
        .robots(RobotsPolicy { crawl: true, check: true })
        .seed("http://moved.test/".parse().unwrap())
        .seed("http://error.test/".parse().unwrap())
        .seed("http://slow.test/".parse().unwrap());
    let busy = Page::Digest(Box::new(Digest { status: 503, ..Digest::default() }));
    let world = site()
        .page("http://moved.test/", &["/not/here", "http://site.test/a"])
        .page("http://error.test/", &[])
        .page("http://slow.test/", &["/1"])
        .page("http://slow.test/1", &[])
        .with("http://moved.test/robots.txt", Page::Redirect(301, "http://files.test/moved.txt".to_owned()))
        .with("http://files.test/moved.txt", Page::Attempts(vec![busy.clone(), Page::Status(404)]))
        .with("http://error.test/robots.txt", busy)
        .robots("http://slow.test", "User-agent: *\nCrawl-delay: 7\n");
    check("robots", config, &world, |engine, run| {
        run.log.count("http://files.test/moved.txt") == 1
            && run.log.count("http://error.test/robots.txt") == 1
            && engine.progress().in_flight > 0
    });
}

#[test]
fn in_the_middle_of_an_ordered_round() {
    let limited = config().order(Order::Ordered).body_cap(1_000).max_bytes(Limit::Max(2_500));
    check("ordered", limited, &site(), |engine, run| {
        run.log.count("http://site.test/a") == 1 && !run.open().is_empty() && engine.progress().queued > 1
    });
}

#[test]
fn at_limits() {
    let limited = config()
        .order(Order::Ordered)
        .max_pages(Limit::Max(4))
        .depth(Limit::Max(2))
        .max_urls_per_host(Limit::Max(7))
        .max_redirects(1);
    check("limits", limited, &site(), |_, run| run.log.requests.len() == 5);
}

#[test]
fn aborted() {
    let config = config().build().unwrap();
    let unsaved = Engine::new(config.clone(), Seed(7), STARTED);
    let mut engine = unsaved.clone();
    let world = site();
    let mut run = Run::new(&world, Schedule::Fifo);
    while run.open().len() < 2 {
        run.step(&mut engine).unwrap();
    }
    engine.stop(Stop::Abort);
    run.finish(&mut engine);
    check_from("aborted", &config, &world, &unsaved, &engine);
}

#[test]
fn finished_with_every_failure() {
    let failures = every_failure();
    let links: Vec<_> =
        (0..failures.len()).map(|number| format!("http://site.test/fails/{number}")).collect();
    let large = Digest { status: 200, end: End::TooLarge, ..Digest::default() };
    let wall = Digest { status: 503, challenge: true, ..Digest::default() };
    let mut world = site()
        .page("http://site.test/d", &links.iter().map(String::as_str).collect::<Vec<_>>())
        .page("http://site.test/deep/2", &["/large", "/wall", "/nowhere"])
        .with("http://site.test/large", Page::Digest(Box::new(large)))
        .with("http://site.test/wall", Page::Digest(Box::new(wall)))
        .with("http://site.test/nowhere", Page::Redirect(301, "http://[".to_owned()));
    for (url, failure) in links.iter().zip(failures) {
        world = world.with(url, Page::Fails(failure));
    }
    let config = config().retry(Retry { max: 0, base: Duration::ZERO, cap: Duration::ZERO });
    check("finished", config, &world, |engine, run| run.open().is_empty() && is_over(engine));
}

fn is_over(engine: &Engine) -> bool {
    engine.clone().poll(engine.now()) == crawlspace::Output::Finished
}

fn every_failure() -> Vec<Failure> {
    let dns = [Dns::NoSuchName, Dns::Temporary].map(Failure::Dns);
    let connect = [Connect::Refused, Connect::Unreachable, Connect::Reset].map(Failure::Connect);
    let tls = [
        Tls::Expired,
        Tls::NotYetValid,
        Tls::WrongName,
        Tls::UnknownIssuer,
        Tls::Revoked,
        Tls::BadCertificate,
        Tls::Handshake,
    ];
    let timeout =
        [Phase::Resolve, Phase::Connect, Phase::Head, Phase::Body, Phase::Total].map(Failure::Timeout);
    let protocol =
        [Protocol::Malformed, Protocol::HeadTooLarge, Protocol::TooManyInformational, Protocol::Version];
    let encoding = [Encoding::Unsupported, Encoding::Stacked, Encoding::Corrupt, Encoding::Window];
    let refusal = [Refusal::Address, Refusal::Port, Refusal::Name, Refusal::Scheme, Refusal::Offline];
    let local = [Local::Resources, Local::Panicked, Local::File, Local::Proxy];
    let mut all = Vec::new();
    all.extend(dns);
    all.extend(connect);
    all.extend(tls.map(Failure::Tls));
    all.extend(timeout);
    all.extend([Failure::Closed, Failure::Truncated, Failure::NotInArchive, Failure::Lapsed]);
    all.extend(protocol.map(Failure::Protocol));
    all.extend(encoding.map(Failure::Encoding));
    all.extend(refusal.map(Failure::Refused));
    all.extend(local.map(Failure::Local));
    all
}
