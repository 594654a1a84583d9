//! The gate of an origin: robots.txt before anything that asks it (RFC 9309 section 2.3.1).

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::Digest;
use crawlspace::report::{Class, Skip};
use crawlspace::{
    Config, Connect, Dns, Engine, Failure, Fetch, HostPolicy, Kind, Output, Phase, Retry, RetryAfter,
    RobotsPolicy, Seed, Snapshot, Time, UnixTime, Wake,
};
use std::time::Duration;
use web::{Log, Page, Run, Schedule, World, crawl_at_once, eager, message, verdicts};

const ROBOTS: &str = "http://a.test/robots.txt";

fn config() -> Builder {
    eager(10).retry(Retry { max: 2, base: Duration::from_secs(1), cap: Duration::from_secs(60) })
}

fn site() -> World {
    World::default().page("http://a.test/", &["/private/x", "/x"]).page("http://a.test/x", &[])
}

fn crawled(world: &World) -> (Engine, Log) {
    crawl_at_once(&config().build().unwrap(), world)
}

/// Why a URL was not asked for.
fn skip(engine: &Engine, url: &str) -> Option<Skip> {
    let report = engine.report();
    report.links().find(|link| link.url.to_string() == url).and_then(|link| link.skip)
}

/// The order in which everything was asked for.
fn order(log: &Log) -> Vec<&str> {
    log.requests.iter().map(|(_, request)| request.url.as_str()).collect()
}

#[test]
fn what_is_disallowed_is_not_asked_for_and_the_line_is_named() {
    let rules = "User-agent: *\nDisallow: /other\nDisallow: /private/\n";
    let (engine, log) = crawled(&site().robots("http://a.test", rules));
    assert_eq!(order(&log), [ROBOTS, "http://a.test/", "http://a.test/x"]);
    assert_eq!(skip(&engine, "http://a.test/private/x"), Some(Skip::Robots { line: 3 }));
    assert_eq!(message(&engine, "http://a.test/private/x"), "skipped: disallowed by robots.txt, line 3");
}

#[test]
fn a_seed_that_is_disallowed_is_not_asked_for() {
    let (_, log) = crawled(&site().robots("http://a.test", "User-agent: *\nDisallow: /\n"));
    assert_eq!(order(&log), [ROBOTS]);
}

#[test]
fn where_there_is_none_all_is_allowed() {
    for status in [400, 401, 403, 404, 410] {
        let (engine, log) = crawled(&site().with(ROBOTS, Page::Status(status)));
        assert_eq!(log.count(ROBOTS), 1, "{status}");
        assert_eq!(
            verdicts(&engine)["http://a.test/private/x"],
            Class::Broken,
            "{status}: asked for, and 404"
        );
        assert_eq!(log.count("http://a.test/x"), 1, "{status}");
    }
}

#[test]
fn a_server_error_closes_the_origin_after_retries() {
    for status in [500, 503, 429] {
        let (engine, log) = crawled(&site().with(ROBOTS, Page::Status(status)));
        assert_eq!(order(&log), [ROBOTS; 3], "{status}");
        assert_eq!(skip(&engine, "http://a.test/"), Some(Skip::Robots { line: 0 }), "{status}");
        assert_eq!(message(&engine, "http://a.test/"), "skipped: robots.txt cannot be had", "{status}");
    }
    let (_, log) = crawled(&site().with(ROBOTS, Page::Attempts(vec![Page::Status(500), Page::Status(404)])));
    assert_eq!(order(&log)[..3], [ROBOTS, ROBOTS, "http://a.test/"], "an error that passes closes nothing");
}

#[test]
fn its_retry_after_is_kept() {
    let busy = Digest {
        status: 503,
        retry_after: Some(RetryAfter::Delay(Duration::from_secs(30))),
        ..Digest::default()
    };
    let answers = vec![Page::Digest(Box::new(busy)), Page::Status(404)];
    let (_, log) = crawled(&site().with(ROBOTS, Page::Attempts(answers)));
    assert_eq!(log.times(ROBOTS), [Time::ZERO, Time::from_micros(30_000_000)]);
}

#[test]
fn what_cannot_be_reached_fails_as_its_robots_file_did() {
    for (failure, class, asked) in [
        (Failure::Dns(Dns::NoSuchName), Class::Dns, 1),
        (Failure::Connect(Connect::Refused), Class::Unreachable, 3),
        (Failure::Timeout(Phase::Head), Class::Timeout, 3),
    ] {
        let (engine, log) = crawled(&site().with(ROBOTS, Page::Fails(failure.clone())));
        assert_eq!(order(&log), vec![ROBOTS; asked], "{failure:?}");
        let report = engine.report();
        let row = report.links().next().unwrap();
        assert_eq!((row.url.rest, row.class, row.message), ("/", class, failure.to_string()));
    }
}

#[test]
fn its_redirects_are_followed_to_other_hosts_and_bind_the_first() {
    let world = site()
        .with(ROBOTS, Page::Redirect(301, "http://b.test/rules".to_owned()))
        .with("http://b.test/rules", Page::Redirect(302, "http://c.test/robots.txt".to_owned()))
        .robots("http://c.test", "User-agent: *\nDisallow: /private/\n");
    let (engine, log) = crawled(&world);
    let first = [ROBOTS, "http://b.test/rules", "http://c.test/robots.txt", "http://a.test/"];
    assert_eq!(order(&log)[..4], first);
    assert!(log.requests[..3].iter().all(|(_, request)| request.kind == Kind::Robots));
    assert_eq!(skip(&engine, "http://a.test/private/x"), Some(Skip::Robots { line: 2 }));
}

#[test]
fn five_redirects_are_followed_and_a_sixth_is_as_good_as_none() {
    for length in [5, 6] {
        let mut world = site().with(ROBOTS, Page::Redirect(301, "/r1".to_owned()));
        for n in 1..length {
            world = world.with(&format!("http://a.test/r{n}"), Page::Redirect(301, format!("/r{}", n + 1)));
        }
        let file =
            crawlspace::robots::RobotsFile::parse(b"User-agent: *\nDisallow: /private/\n", "crawlspace");
        let rules = Digest { status: 200, robots: Some(file), ..Digest::default() };
        world = world.with(&format!("http://a.test/r{length}"), Page::Digest(Box::new(rules)));
        let (engine, log) = crawled(&world);
        let expected = if length == 5 { Class::Skipped } else { Class::Broken };
        assert_eq!(verdicts(&engine)["http://a.test/private/x"], expected, "{length} redirects");
        assert_eq!(log.count("http://a.test/r5"), 1);
        assert_eq!(log.count("http://a.test/r6"), 0);
    }
}

#[test]
fn a_crawl_delay_is_kept_between_starts_up_to_the_cap() {
    for (delay, kept) in [("7", 7), ("0.5", 0), ("3600", 60)] {
        let world = site().robots("http://a.test", &format!("User-agent: *\nCrawl-delay: {delay}\n"));
        let (_, log) = crawled(&world);
        let times: Vec<Time> = log.requests[1..].iter().map(|(time, _)| *time).collect();
        assert_eq!(times.len(), 3);
        for pair in times.windows(2) {
            let gap = if kept == 0 { Duration::from_millis(500) } else { Duration::from_secs(kept) };
            assert_eq!(pair[1].since(pair[0]), gap, "Crawl-delay: {delay}");
        }
    }
}

/// I25: and over an interruption, whenever it comes.
#[test]
fn a_crawl_delay_is_kept_over_a_resume() {
    let delay = Duration::from_secs(7);
    let world = site().robots("http://a.test", "User-agent: *\nCrawl-delay: 7\n");
    for step in 0.. {
        let mut engine = Engine::new(config().build().unwrap(), Seed(7), UnixTime::from_secs(0));
        let mut run = Run::new(&world, Schedule::Fifo);
        if (0..step).any(|_| run.step(&mut engine).is_none()) {
            assert!(step > 10, "it ended after {step} steps");
            break;
        }
        run.crash();
        engine = Engine::resume(engine.config().clone(), engine.snapshot(), UnixTime::from_secs(0)).unwrap();
        run.finish(&mut engine);
        let pages = run.log.requests.iter().filter(|(_, request)| request.kind != Kind::Robots);
        let times: Vec<Time> = pages.map(|(time, _)| *time).collect();
        assert!(
            times.len() >= 3 && times.windows(2).all(|pair| pair[1].since(pair[0]) >= delay),
            "{step}: {times:?}"
        );
    }
}

#[test]
fn each_origin_has_its_own() {
    let world = site()
        .page("http://a.test/", &["http://a.test:8080/private/", "https://a.test/private/"])
        .robots("http://a.test:8080", "User-agent: *\nDisallow: /private\n");
    let scope = crawlspace::Scope::default().reach(crawlspace::Reach::Host("a.test".to_owned()));
    let (engine, log) = crawl_at_once(&config().scope(scope).build().unwrap(), &world);
    for origin in ["http://a.test", "http://a.test:8080", "https://a.test"] {
        assert_eq!(log.count(&format!("{origin}/robots.txt")), 1, "{origin}");
    }
    assert_eq!(verdicts(&engine)["http://a.test:8080/private/"], Class::Skipped);
    assert_eq!(verdicts(&engine)["https://a.test/private/"], Class::Broken);
}

#[test]
fn whether_it_is_asked_is_a_matter_of_policy() {
    let world = site()
        .page("http://a.test/", &["http://b.test/private/", "/private/x"])
        .robots("http://a.test", "User-agent: *\nDisallow: /private/\n")
        .robots("http://b.test", "User-agent: *\nDisallow: /private/\n");
    for (crawl, check) in [(true, false), (true, true), (false, true), (false, false)] {
        let config = config().robots(RobotsPolicy { crawl, check }).build().unwrap();
        let (engine, log) = crawl_at_once(&config, &world);
        let asked = |url| log.count(url) == 1;
        assert_eq!((asked(ROBOTS), asked("http://b.test/robots.txt")), (crawl, check));
        let class = |bound| if bound { Class::Skipped } else { Class::Broken };
        assert_eq!(verdicts(&engine)["http://a.test/private/x"], class(crawl));
        assert_eq!(verdicts(&engine)["http://b.test/private/"], class(check));
    }
}

#[test]
fn a_redirect_into_what_is_disallowed_is_not_followed() {
    let world = site()
        .page("http://a.test/", &["/in"])
        .with("http://a.test/in", Page::Redirect(301, "/private/x".to_owned()))
        .robots("http://a.test", "User-agent: *\nDisallow: /private/\n");
    let (engine, log) = crawled(&world);
    assert_eq!(log.count("http://a.test/private/x"), 0);
    assert_eq!(verdicts(&engine)["http://a.test/in"], Class::Skipped);
}

#[test]
fn robots_txt_itself_can_be_linked_to() {
    let world = site()
        .page("http://a.test/", &["/robots.txt"])
        .robots("http://a.test", "User-agent: *\nDisallow: /r\n");
    let (engine, _) = crawled(&world);
    assert_ne!(verdicts(&engine)[ROBOTS], Class::Skipped);
}

/// A URL that was queued to be checked, which asks no robots.txt, and then belongs to a site that is crawled.
#[test]
fn what_comes_to_be_crawled_in_the_queue_asks_robots_too() {
    let mut world = World::default()
        .page("http://b.test/", &["http://a.test/1", "http://a.test/2", "http://a.test/private"])
        .page("http://a.test/", &[])
        .page("http://a.test/1", &[])
        .page("http://a.test/2", &[])
        .page("http://a.test/private", &[]);
    world.robots.insert("http://a.test".to_owned(), "User-agent: *\nDisallow: /private\n".to_owned());
    let slow = HostPolicy { concurrency: 1, gap: Duration::from_secs(5) };
    let config = Config::builder().seed("http://b.test/".parse().unwrap()).other_hosts(slow).build().unwrap();
    let mut engine = Engine::new(config, Seed(7), UnixTime::from_secs(0));
    let mut run = Run::new(&world, Schedule::Fifo);
    while run.log.count("http://a.test/1") == 0 {
        run.step(&mut engine).expect("it is linked to");
    }
    engine.add("http://a.test/".parse().unwrap());
    run.finish(&mut engine);
    assert_eq!(run.log.count("http://a.test/private"), 0, "robots.txt disallows it");
    assert_eq!(run.log.count("http://a.test/2"), 1);
}

/// Crawls a page every 13 hours, over a web that is another one after a day.
fn crawled_for_days(before: &World, after: &World) -> (Engine, Vec<(u64, String)>) {
    const HOUR: u64 = 3_600;
    let slow = HostPolicy { concurrency: 1, gap: Duration::from_hours(13) };
    let config = config().own_hosts(slow).build().unwrap();
    let mut engine = Engine::new(config, Seed(7), UnixTime::from_secs(1_000_000));
    let (mut asked, mut now) = (Vec::new(), Time::ZERO);
    loop {
        match engine.poll(now) {
            Output::Fetch(Fetch { ticket, request }) => {
                let hours = now.as_micros() / 1_000_000 / HOUR;
                asked.push((hours, request.url.path().to_owned()));
                let world = if hours < 24 { before } else { after };
                engine.complete(ticket, world.answer(&request, engine.spec().id_key));
            }
            Output::Wait(Wake::At(at, _)) => now = at,
            Output::Wait(wake) => panic!("{wake:?}"),
            Output::Finished => return (engine, asked),
            Output::Event(_) | Output::Cancel(_) => {
                let saved = Snapshot::from_bytes(engine.snapshot().as_bytes().to_vec());
                let config = engine.config().clone();
                engine = Engine::resume(config, saved, UnixTime::from_secs(1_000_000)).unwrap();
            }
        }
    }
}

/// What is had goes stale before a page's turn comes, each time.
#[test]
fn a_pace_of_days_does_not_keep_asking_for_the_rules() {
    let days = HostPolicy { concurrency: 1, gap: Duration::from_hours(30) };
    let (_, log) = crawl_at_once(&config().own_hosts(days).build().unwrap(), &site());
    let rules = log.count(ROBOTS);
    assert_eq!((rules, log.requests.len() - rules), (3, 3), "once for each page");
}

/// A URL that was checked before its origin came into reach is asked for no more where robots.txt says so.
#[test]
fn what_was_checked_before_is_decided_by_robots_txt_too() {
    for page in
        [Page::Status(404), Page::Fails(Failure::Encoding(crawlspace::Encoding::Corrupt)), Page::Asset]
    {
        let world = World::default()
            .page("http://a.test/", &["http://b.test/private/x"])
            .with("http://b.test/private/x", page)
            .page("http://b.test/", &[])
            .robots("http://b.test", "User-agent: *\nDisallow: /private/\n");
        let mut engine = Engine::new(config().build().unwrap(), Seed(7), UnixTime::from_secs(0));
        let mut run = Run::new(&world, Schedule::Fifo);
        while engine.progress().terminal < 2 {
            run.step(&mut engine).expect("it is linked to");
        }
        engine.add("http://b.test/".parse().unwrap());
        run.finish(&mut engine);
        assert_eq!(skip(&engine, "http://b.test/private/x"), Some(Skip::Robots { line: 2 }));
    }
}

/// A form's target is named and not asked for, also where its origin comes into reach later.
#[test]
fn what_is_only_recorded_is_not_asked_for_later() {
    let world = World::default()
        .places(
            "http://a.test/",
            &[
                ("http://b.test/form", crawlspace::digest::Place::FORM_ACTION),
                ("/x", crawlspace::digest::Place::A_HREF),
            ],
        )
        .page("http://a.test/x", &[])
        .page("http://b.test/", &[]);
    let mut engine = Engine::new(config().build().unwrap(), Seed(7), UnixTime::from_secs(0));
    let mut run = Run::new(&world, Schedule::Fifo);
    while run.log.count("http://a.test/x") == 0 {
        run.step(&mut engine).expect("it is linked to");
    }
    engine.add("http://b.test/".parse().unwrap());
    run.finish(&mut engine);
    assert_eq!((run.log.count("http://b.test/"), run.log.count("http://b.test/form")), (1, 0));
    assert_eq!(skip(&engine, "http://b.test/form"), Some(Skip::Recorded));
}

#[test]
fn rules_are_asked_for_again_after_a_day() {
    let site = World::default()
        .page("http://a.test/", &["/1", "/2", "/3"])
        .page("http://a.test/1", &[])
        .page("http://a.test/2", &[])
        .page("http://a.test/3", &[]);
    let before = site.clone().robots("http://a.test", "User-agent: *\nDisallow: /1\n");
    let after = site.robots("http://a.test", "User-agent: *\nDisallow: /2\n");
    let (engine, asked) = crawled_for_days(&before, &after);
    let asked: Vec<_> = asked.iter().map(|(hours, path)| (*hours, path.as_str())).collect();
    assert_eq!(asked[..2], [(0, "/robots.txt"), (13, "/")]);
    assert_eq!(asked[2], (26, "/robots.txt"), "the rules are 26 hours old when the next page's turn comes");
    assert!(
        asked.iter().any(|(_, path)| *path == "/1") && asked.iter().all(|(_, path)| *path != "/2"),
        "{asked:?}"
    );
    assert_eq!(skip(&engine, "http://a.test/2"), Some(Skip::Robots { line: 2 }));

    // Where no new ones can be had, the old ones count on.
    let down = after.with(ROBOTS, Page::Status(503));
    let (engine, asked) = crawled_for_days(&before, &down);
    assert!(
        asked.iter().any(|(_, path)| path == "/2") && asked.iter().all(|(_, path)| path != "/1"),
        "{asked:?}"
    );
    assert_eq!(skip(&engine, "http://a.test/1"), Some(Skip::Robots { line: 2 }));
    assert!(asked.iter().filter(|(_, path)| path == "/robots.txt").count() > 1);
}
