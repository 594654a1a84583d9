//! HEAD where the status is enough, and hosts whose HEAD cannot be trusted.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::config::Builder;
use crawlspace::digest::Place;
use crawlspace::report::Class;
use crawlspace::{Connect, Failure, Method, Phase, Retry};
use std::time::Duration;
use web::{Page, Schedule, World, crawl, crawl_at_once, eager, linking, verdicts};

fn config() -> Builder {
    eager(8).retry(Retry { max: 2, base: Duration::from_secs(4), cap: Duration::from_secs(60) })
}

#[test]
fn a_host_whose_head_lies_is_remembered() {
    let page = Page::HeadLies(405, Box::new(Page::Asset));
    let world = linking("b.test", 10, &page).with("http://c.test/", Page::Asset);
    let (engine, log) = crawl_at_once(&config().build().unwrap(), &world);
    assert_eq!(engine.report().findings().count(), 0);
    let methods: Vec<_> = log.requests[2..].iter().map(|(_, request)| request.method).collect();
    let mut expected = vec![Method::Get; 11];
    expected[0] = Method::Head;
    assert_eq!(methods, expected, "one HEAD, and no more");
}

#[test]
fn a_host_whose_get_says_the_same_is_trusted_on() {
    for page in [Page::Status(404), Page::Status(403), Page::Fails(Failure::Closed)] {
        let world = linking("b.test", 5, &page);
        let (_, log) = crawl_at_once(&config().build().unwrap(), &world);
        let heads = log.requests.iter().filter(|(_, request)| request.method == Method::Head).count();
        assert_eq!(heads, 5, "{page:?}");
    }
}

/// What one HEAD has shown of a host saves requests, and decides nothing.
#[test]
fn where_get_does_not_work_head_is_heard_all_the_same() {
    use Method::{Get, Head};
    let broken = |page: Page| Page::GetFails(Box::new(page));
    let twice = Retry { max: 2, base: Duration::from_secs(4), cap: Duration::from_secs(60) };
    let once = Retry { max: 0, ..twice };
    for (page, retry, class, asked) in [
        (broken(Page::Status(404)), twice, Class::Ok, vec![Get, Head]),
        (broken(Page::Status(503)), twice, Class::Ok, vec![Get, Head]),
        (broken(Page::Fails(Failure::Timeout(Phase::Head))), twice, Class::Ok, vec![Get, Head]),
        (Page::Redirect(301, "http://b.test/end".into()), once, Class::Redirected, vec![Get]),
        (Page::Redirect(301, "http://[".into()), once, Class::InvalidUrl, vec![Get, Head]),
        // No better, and no further request for that.
        (Page::Status(404), twice, Class::Broken, vec![Get, Head]),
        (Page::Status(403), twice, Class::Blocked, vec![Get, Head]),
        (Page::Status(500), once, Class::ServerError, vec![Get, Head]),
        (Page::Status(500), twice, Class::ServerError, vec![Get, Head, Get, Get]),
        (Page::Status(429), once, Class::RateLimited, vec![Get, Head]),
        (Page::Fails(Failure::Closed), Retry { max: 1, ..once }, Class::Unreachable, vec![Get, Head, Get]),
        (Page::Fails(Failure::Connect(Connect::Refused)), once, Class::Unreachable, vec![Get, Head]),
        // HEAD fails for a reason that GET fails for too: both are tried again.
        (
            Page::Attempts(vec![Page::Fails(Failure::Connect(Connect::Refused)), Page::Status(404)]),
            Retry { max: 1, ..once },
            Class::Broken,
            vec![Get, Head, Head, Get],
        ),
    ] {
        let liar = Page::HeadLies(405, Box::new(Page::Asset));
        let world = linking("b.test", 2, &page)
            .with("http://b.test/000", liar)
            .with("http://b.test/end", Page::Asset);
        let (engine, log) = crawl_at_once(&config().retry(retry).build().unwrap(), &world);
        let url = "http://b.test/001";
        assert_eq!(verdicts(&engine)[url], class, "{page:?}");
        assert_eq!(log.methods(url), asked, "{page:?}");
        // The same of a host that nobody knows.
        let (alone, _) = crawl_at_once(&config().retry(retry).build().unwrap(), &linking("b.test", 2, &page));
        if !matches!(page, Page::Redirect(..)) {
            assert_eq!(verdicts(&alone)[url], class, "{page:?}");
        }
    }
}

/// Where HEAD and GET both answer and contradict each other, the URL works if either says so; where a document is read,
/// GET alone has a say. In whichever order the answers come.
#[test]
fn head_and_get_that_contradict_each_other_give_one_verdict() {
    let only_head = Page::GetFails(Box::new(Page::Status(404)));
    let only_get = Page::HeadLies(404, Box::new(Page::Asset));
    let gone = Page::HeadLies(410, Box::new(Page::Status(404)));
    let read = Page::GetFails(Box::new(Page::Status(404)));
    let urls = ["only-head", "only-get", "gone", "read"].map(|name| format!("http://b.test/{name}"));
    let [a, b, c, d] = &urls;
    // The last is an image first, and a document with a place in it on a page behind.
    let world = World::default()
        .places(
            "http://a.test/",
            &[(a, Place::A_HREF), (b, Place::A_HREF), (c, Place::A_HREF), (d, Place::IMG_SRC)],
        )
        .with(a, only_head)
        .with(b, only_get)
        .with(c, gone)
        .with(d, read);
    let behind = world.clone().page("http://a.test/behind", &[&format!("{d}#place")]);
    let behind = behind.places(
        "http://a.test/",
        &[
            (d, Place::IMG_SRC),
            ("/behind", Place::A_HREF),
            (c, Place::A_HREF),
            (b, Place::A_HREF),
            (a, Place::A_HREF),
        ],
    );
    let config = config().build().unwrap();
    for schedule in [Schedule::Fifo, Schedule::Lifo, Schedule::Random(3), Schedule::Random(4)] {
        for (world, class) in [(&world, Class::Ok), (&behind, Class::Broken)] {
            let (engine, _) = crawl(&config, world, schedule.clone());
            let found = verdicts(&engine);
            let classes = urls.each_ref().map(|url| found[url]);
            assert_eq!(classes, [Class::Ok, Class::Ok, Class::Broken, class], "{schedule:?}");
        }
    }
}
