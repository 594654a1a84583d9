//! What is tried again, when, and how it is asked.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, Place};
use crawlspace::report::Class;
use crawlspace::{
    Connect, Dns, Encoding, Engine, Failure, Local, Method, Phase, Protocol, Refusal, Retry, RetryAfter,
    Seed, Time, Tls, UnixTime,
};
use std::time::Duration;
use web::{Page, Run, Schedule, World, crawl_at_once, eager, verdicts};

const BASE: Duration = Duration::from_secs(4);
const CAP: Duration = Duration::from_secs(60);
const URL: &str = "http://a.test/x";

fn config() -> Builder {
    eager(10).retry(Retry { max: 2, base: BASE, cap: CAP })
}

fn busy(status: u16, retry_after: Option<RetryAfter>) -> Page {
    Page::Digest(Box::new(Digest { status, retry_after, ..Digest::default() }))
}

fn seconds(seconds: u64) -> Option<RetryAfter> {
    Some(RetryAfter::Delay(Duration::from_secs(seconds)))
}

/// How often a crawled URL with this answer is asked for, and what becomes of it.
fn attempts(page: Page) -> (usize, Class) {
    let world = World::default().page("http://a.test/", &["/x"]).with(URL, page);
    let (engine, log) = crawl_at_once(&config().build().unwrap(), &world);
    (log.count(URL), verdicts(&engine)[URL])
}

#[test]
fn what_may_pass_is_tried_again() {
    for (status, class) in [
        (408, Class::Timeout),
        (425, Class::Broken),
        (429, Class::RateLimited),
        (500, Class::ServerError),
        (502, Class::ServerError),
        (503, Class::ServerError),
        (504, Class::ServerError),
    ] {
        assert_eq!(attempts(Page::Status(status)), (3, class), "{status}");
    }
    for (failure, class) in [
        (Failure::Dns(Dns::Temporary), Class::Dns),
        (Failure::Connect(Connect::Refused), Class::Unreachable),
        (Failure::Connect(Connect::Reset), Class::Unreachable),
        (Failure::Timeout(Phase::Resolve), Class::Timeout),
        (Failure::Timeout(Phase::Connect), Class::Timeout),
        (Failure::Timeout(Phase::Head), Class::Timeout),
        (Failure::Timeout(Phase::Body), Class::Timeout),
        (Failure::Timeout(Phase::Total), Class::Timeout),
        (Failure::Closed, Class::Unreachable),
        (Failure::Truncated, Class::Protocol),
        (Failure::Local(Local::Resources), Class::Unreachable),
    ] {
        assert_eq!(attempts(Page::Fails(failure.clone())), (3, class), "{failure:?}");
    }
}

#[test]
fn what_is_clear_is_asked_for_once() {
    for (status, class) in [
        (400, Class::Broken),
        (401, Class::Blocked),
        (403, Class::Blocked),
        (404, Class::Broken),
        (410, Class::Broken),
        (451, Class::Blocked),
        (999, Class::Blocked),
        (304, Class::Protocol),
    ] {
        assert_eq!(attempts(Page::Status(status)), (1, class), "{status}");
    }
    for (failure, class) in [
        (Failure::Dns(Dns::NoSuchName), Class::Dns),
        (Failure::Tls(Tls::Expired), Class::Tls),
        (Failure::Protocol(Protocol::Malformed), Class::Protocol),
        (Failure::Encoding(Encoding::Corrupt), Class::Protocol),
        (Failure::Refused(Refusal::Address), Class::Refused),
        (Failure::Local(Local::File), Class::Unreachable),
        (Failure::NotInArchive, Class::Skipped),
    ] {
        assert_eq!(attempts(Page::Fails(failure.clone())), (1, class), "{failure:?}");
    }
}

#[test]
fn what_works_in_the_end_leaves_no_trace_in_the_report() {
    let page = Page::Attempts(vec![Page::Fails(Failure::Closed), Page::Status(500), Page::Asset]);
    assert_eq!(attempts(page), (3, Class::Ok));
    let last =
        Page::Attempts(vec![Page::Status(500), Page::Fails(Failure::Closed), Page::Status(502), Page::Asset]);
    assert_eq!(attempts(last), (3, Class::ServerError), "the last of the attempts counts");
}

#[test]
fn waits_double_within_their_jitter_up_to_the_cap() {
    let world = World::default().page("http://a.test/", &["/x"]).with(URL, Page::Fails(Failure::Closed));
    let config = config().retry(Retry { max: 7, base: BASE, cap: CAP }).build().unwrap();
    let (_, log) = crawl_at_once(&config, &world);
    let times = log.times(URL);
    let waits: Vec<_> = times.windows(2).map(|pair| pair[1].since(pair[0])).collect();
    assert_eq!(waits.len(), 7);
    for (number, wait) in (0..).zip(&waits) {
        let nominal = (BASE * (1 << number)).min(CAP);
        assert!(
            (nominal / 2..=nominal).contains(wait),
            "wait {number} of {waits:?} is not about {nominal:?}"
        );
    }
    assert!(waits.iter().any(|wait| !wait.as_secs().is_power_of_two()), "no jitter: {waits:?}");
}

#[test]
fn two_urls_do_not_come_back_in_step() {
    let world = World::default()
        .page("http://a.test/", &["/x", "/y"])
        .with(URL, Page::Fails(Failure::Closed))
        .with("http://a.test/y", Page::Fails(Failure::Closed));
    let (_, log) = crawl_at_once(&config().build().unwrap(), &world);
    assert_eq!(log.times(URL)[0], log.times("http://a.test/y")[0]);
    assert_ne!(log.times(URL)[1], log.times("http://a.test/y")[1]);
}

/// When `/x` was asked for, if its first answer is this, then when the rest of its host was, then another host.
fn with_first_answer(answer: Page) -> (Vec<Time>, Time, Time) {
    let world = World::default()
        .page("http://a.test/", &["http://b.test/x#get", "http://b.test/y", "http://c.test/"])
        .with("http://b.test/x", Page::Attempts(vec![answer, Page::Asset]))
        .with("http://b.test/y", Page::Asset)
        .with("http://c.test/", Page::Asset);
    // One at a time, so that the answer is there before the others are asked for.
    let config = config().concurrency(1).build().unwrap();
    let (engine, log) = crawl_at_once(&config, &world);
    assert_eq!(engine.report().findings().count(), 0);
    let first = |url| log.times(url)[0];
    (log.times("http://b.test/x"), first("http://b.test/y"), first("http://c.test/"))
}

#[test]
fn retry_after_slows_the_whole_host_and_no_other() {
    for status in [429, 503] {
        let (x, y, c) = with_first_answer(busy(status, seconds(20)));
        assert!(x[1].since(x[0]) >= Duration::from_secs(20), "{status}: {x:?}");
        assert_eq!(y.since(x[0]), Duration::from_secs(20), "{status}: the host was left alone");
        assert_eq!(c, x[0], "{status}: another host was not");
    }
}

#[test]
fn without_retry_after_a_busy_host_is_left_alone_for_the_base() {
    for status in [429, 503] {
        let (x, y, c) = with_first_answer(busy(status, None));
        assert_eq!((y.since(x[0]), c), (BASE, x[0]), "{status}");
    }
    let (x, y, _) = with_first_answer(busy(500, None));
    assert_eq!(y, x[0], "an error of one URL slows nobody");
}

#[test]
fn retry_after_of_one_url_s_error_is_for_that_url_alone() {
    for status in [408, 425, 500, 502, 504] {
        let (x, y, c) = with_first_answer(busy(status, seconds(20)));
        assert_eq!((x[1].since(x[0]), y, c), (Duration::from_secs(20), x[0], x[0]), "{status}");
    }
}

#[test]
fn retry_after_is_capped() {
    for retry_after in [seconds(61), seconds(86_400), seconds(u64::MAX)] {
        let (x, y, _) = with_first_answer(busy(429, retry_after));
        assert_eq!((x[1].since(x[0]), y.since(x[0])), (CAP, CAP), "{retry_after:?}");
    }
}

#[test]
fn retry_after_may_be_a_date() {
    // The crawl begins at 1,000,000.
    let date = |seconds| Some(RetryAfter::Date(UnixTime::from_secs(seconds)));
    let (x, y, _) = with_first_answer(busy(503, date(1_000_030)));
    assert_eq!((x[1].since(x[0]), y.since(x[0])), (Duration::from_secs(30), Duration::from_secs(30)));
    let (x, y, _) = with_first_answer(busy(503, date(2_000_000)));
    assert_eq!((x[1].since(x[0]), y.since(x[0])), (CAP, CAP));
    for past in [1_000_000, 999_999, 0, i64::MIN] {
        let (x, _, _) = with_first_answer(busy(503, date(past)));
        assert!(x[1].since(x[0]) <= BASE, "{past}: {x:?}");
    }
}

/// The date is that of the resume, however long the crawl lay still.
#[test]
fn a_date_is_read_by_the_clock_of_the_run_that_gets_it() {
    let until = Some(RetryAfter::Date(UnixTime::from_secs(5_000_020)));
    let world = World::default()
        .page("http://a.test/", &["/x"])
        .with(URL, Page::Attempts(vec![busy(503, until), Page::Asset]));
    let config = config().build().unwrap();
    let engine = Engine::new(config.clone(), Seed(7), UnixTime::from_secs(1_000_000));
    let mut engine = Engine::resume(config, engine.snapshot(), UnixTime::from_secs(5_000_000)).unwrap();
    let mut run = Run::new(&world, Schedule::Fifo);
    run.finish(&mut engine);
    let times = run.log.times(URL);
    assert_eq!(times[1].since(times[0]), Duration::from_secs(20), "{times:?}");
}

#[test]
fn a_retry_after_of_another_answer_means_nothing() {
    let (x, y, _) = with_first_answer(busy(200, seconds(50)));
    assert_eq!((x.len(), y), (1, x[0]));
}

/// How a checked URL with this page is asked for, and what becomes of it.
fn checked(page: Page) -> (Vec<Method>, Class) {
    let world = World::default().page("http://a.test/", &["http://b.test/"]).with("http://b.test/", page);
    let (engine, log) = crawl_at_once(&config().build().unwrap(), &world);
    (log.methods("http://b.test/"), verdicts(&engine)["http://b.test/"])
}

/// HEAD fails so, GET brings a page.
fn only_for_head(failure: Failure) -> Page {
    // The GET that follows is the same attempt, so the two cannot be told apart by number.
    Page::HeadFails(failure, Box::new(Page::Asset))
}

#[test]
fn a_clear_answer_to_head_stands() {
    for (page, class) in [(Page::Asset, Class::Ok), (Page::Status(204), Class::Ok)] {
        assert_eq!(checked(page.clone()), (vec![Method::Head], class), "{page:?}");
    }
    // A false 404 is a false alarm, which is worse than one more request for a link that is dead.
    for (page, class) in [(Page::Status(404), Class::Broken), (Page::Status(410), Class::Broken)] {
        assert_eq!(checked(page.clone()), (vec![Method::Head, Method::Get], class), "{page:?}");
    }
    let (methods, class) = checked(Page::Redirect(301, "http://a.test/".to_owned()));
    assert_eq!((methods, class), (vec![Method::Head], Class::Redirected));
}

#[test]
fn what_head_leaves_open_get_answers() {
    for status in [301, 304, 400, 401, 403, 404, 405, 406, 410, 429, 500, 501, 503, 999] {
        let page = Page::HeadLies(status, Box::new(Page::Asset));
        assert_eq!(checked(page), (vec![Method::Head, Method::Get], Class::Ok), "{status}");
    }
    for failure in [
        Failure::Closed,
        Failure::Truncated,
        Failure::Timeout(Phase::Head),
        Failure::Timeout(Phase::Total),
        Failure::Protocol(Protocol::Malformed),
        Failure::Encoding(Encoding::Corrupt),
    ] {
        let found = checked(only_for_head(failure.clone()));
        assert_eq!(found, (vec![Method::Head, Method::Get], Class::Ok), "{failure:?}");
    }
}

#[test]
fn get_is_tried_no_less_often_for_the_head_before() {
    let (methods, class) = checked(Page::Status(500));
    assert_eq!(
        (methods, class),
        (vec![Method::Head, Method::Get, Method::Get, Method::Get], Class::ServerError)
    );
    let (methods, class) = checked(Page::Status(403));
    assert_eq!((methods, class), (vec![Method::Head, Method::Get], Class::Blocked));
}

#[test]
fn a_host_that_is_busy_for_head_is_left_alone_before_get() {
    let head = Page::Digest(Box::new(Digest { status: 503, retry_after: seconds(20), ..Digest::default() }));
    let world = World::default()
        .page("http://a.test/", &["http://b.test/x", "http://b.test/y"])
        .with("http://b.test/x", head)
        .with("http://b.test/y", Page::Asset);
    let (_, log) = crawl_at_once(&config().concurrency(1).build().unwrap(), &world);
    let (x, y) = (log.times("http://b.test/x"), log.times("http://b.test/y"));
    assert_eq!(log.methods("http://b.test/x")[..2], [Method::Head, Method::Get]);
    assert!(x[1].since(x[0]) >= Duration::from_secs(20), "{x:?}");
    assert!(y[0].since(x[0]) >= Duration::from_secs(20), "{x:?} {y:?}");
}

#[test]
fn what_has_nothing_to_do_with_head_is_not_asked_with_get() {
    for failure in
        [Failure::Dns(Dns::NoSuchName), Failure::Tls(Tls::Expired), Failure::Refused(Refusal::Address)]
    {
        let (methods, _) = checked(Page::Fails(failure.clone()));
        assert_eq!(methods, [Method::Head], "{failure:?}");
    }
    let (methods, _) = checked(Page::Fails(Failure::Connect(Connect::Refused)));
    assert_eq!(methods, [Method::Head; 3]);
}

#[test]
fn resources_of_the_own_site_are_asked_for_with_get() {
    let world = World::default()
        .places("http://a.test/", &[("/i.png", Place::IMG_SRC)])
        .with("http://a.test/i.png", Page::Asset);
    let (_, log) = crawl_at_once(&config().build().unwrap(), &world);
    assert_eq!(log.methods("http://a.test/i.png"), [Method::Get]);
}
