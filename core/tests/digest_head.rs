//! Which answers are digested, and how far.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::digest::{Appetite, Digest, Digester, End, Head, Location, Media, Transfer};
use crawlspace::{Kind, Method, Need, Request, RetryAfter, UnixTime};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderValue, LOCATION, X_CONTENT_TYPE_OPTIONS};
use std::sync::Arc;
use support::{head, request, spec};

const URL: &str = "https://doc.example/d/p.html";
const PAGE: &[u8] = b"<!doctype html><p id=x><a href=y>z</a>";

fn run(request: &Request, head: &Head, body: &[u8]) -> (Appetite, Appetite, Digest) {
    let mut digester = Digester::new(request, &Arc::new(spec()), head);
    let at_first = digester.appetite();
    let then = digester.push(body);
    (at_first, then, digester.finish(End::Complete, Transfer::default()))
}

fn facts(digest: &Digest) -> (Media, usize, usize) {
    (digest.media, digest.links.len(), digest.ids.len())
}

const NOTHING: (Media, usize, usize) = (Media::Other, 0, 0);
const HTML: (Media, usize, usize) = (Media::Html, 1, 1);

#[test]
fn the_media_type_decides() {
    for (content_type, wanted) in [
        ("text/html", HTML),
        ("TEXT/HTML ; charset=utf-8", HTML),
        ("text/html;;x", HTML),
        // Its elements are of no namespace, and so not of HTML; they have ids all the same.
        ("application/xhtml+xml", (Media::Xhtml, 0, 1)),
        ("text/plain", NOTHING),
        ("application/xml", NOTHING),
        ("image/png", NOTHING),
    ] {
        let (at_first, _, digest) = run(&request(URL), &head(Some(content_type)), PAGE);
        assert_eq!(facts(&digest), wanted, "{content_type}");
        let more = if wanted == NOTHING { Appetite::Enough } else { Appetite::More };
        assert_eq!(at_first, more, "{content_type}");
    }
}

#[test]
fn a_missing_type_is_sniffed() {
    let long = [&b" \n"[..], &[b' '; 100], PAGE, &[b'x'; 3000]].concat();
    for (body, wanted) in [
        (PAGE, HTML),
        (&long, HTML),
        (b"<a href=y id=x>z</a>", HTML),
        (b"<!-- --><a href=y id=x>", HTML),
        (b"<abbr><a href=y id=x>", NOTHING),
        (b"plain <a href=y id=x>", NOTHING),
        (b"<?xml version='1.0'?><html><a href=y id=x>", NOTHING),
        (b"", NOTHING),
    ] {
        for content_type in [None, Some("*/*"), Some("no type")] {
            let (at_first, _, digest) = run(&request(URL), &head(content_type), body);
            assert_eq!(at_first, Appetite::More);
            assert_eq!(facts(&digest), wanted, "{}", String::from_utf8_lossy(body));
        }
    }
    let mut nosniff = head(None);
    nosniff.headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    assert_eq!(facts(&run(&request(URL), &nosniff, PAGE).2), NOTHING);
    let (_, then, _) = run(&request(URL), &head(None), &[b'x'; 2_000]);
    assert_eq!(then, Appetite::Enough, "once it is known to be nothing, the rest is not wanted");
}

#[test]
fn only_a_success_is_digested() {
    for status in [200, 203, 206, 301, 304, 404, 410, 500, 503] {
        let status = StatusCode::from_u16(status).unwrap();
        let (_, _, digest) = run(&request(URL), &Head { status, ..head(Some("text/html")) }, PAGE);
        assert_eq!(facts(&digest), if status.is_success() { HTML } else { NOTHING }, "{status}");
        assert_eq!(digest.status, status.as_u16());
    }
}

#[test]
fn need_and_method_decide_how_far() {
    let of = |need, method, kind| {
        let request = Request { need, method, kind, ..request(URL) };
        facts(&run(&request, &head(Some("text/html")), PAGE).2)
    };
    assert_eq!(of(Need::Links, Method::Get, Kind::Page), HTML);
    assert_eq!(of(Need::Ids, Method::Get, Kind::Check), (Media::Html, 0, 1));
    assert_eq!(of(Need::Status, Method::Get, Kind::Check), NOTHING);
    assert_eq!(of(Need::Links, Method::Head, Kind::Page), NOTHING);
    assert_eq!(of(Need::Status, Method::Get, Kind::Robots), (Media::Robots, 0, 0));
}

#[test]
fn the_last_content_type_that_is_one_counts() {
    let mut head = head(Some("image/png"));
    head.headers.append(CONTENT_TYPE, HeaderValue::from_static("text/html"));
    head.headers.append(CONTENT_TYPE, HeaderValue::from_static("nonsense"));
    assert_eq!(facts(&run(&request(URL), &head, PAGE).2), HTML);
}

#[test]
fn a_redirect_tells_where_to() {
    let mut head = Head { status: StatusCode::FOUND, ..head(Some("text/html")) };
    head.headers.insert(LOCATION, HeaderValue::from_static("../x#y"));
    let (_, _, digest) = run(&request(URL), &head, PAGE);
    let wanted = Location::To { url: "https://doc.example/x".to_owned(), fragment: Some("y".to_owned()) };
    assert_eq!(digest.location, Some(wanted));
}

#[test]
fn robots_rules_are_read_whatever_they_are_called() {
    let request = Request { kind: Kind::Robots, ..request("https://doc.example/robots.txt") };
    let body = b"User-agent: *\nDisallow: /\n\nUser-agent: MyBot\nDisallow: /private/\nCrawl-delay: 2\n";
    for content_type in [None, Some("text/plain"), Some("text/html")] {
        let (at_first, _, digest) = run(&request, &head(content_type), body);
        assert_eq!((at_first, digest.media), (Appetite::More, Media::Robots));
        let robots = digest.robots.unwrap();
        assert!(!robots.decide("/private/x").allowed && robots.decide("/public").allowed);
        assert_eq!(robots.crawl_delay, Some(std::time::Duration::from_secs(2)));
    }
    let missing = Head { status: StatusCode::NOT_FOUND, ..head(None) };
    let (at_first, _, digest) = run(&request, &missing, body);
    assert_eq!((at_first, digest.robots), (Appetite::Enough, None));
}

#[test]
fn header_fields_are_facts_whatever_the_status() {
    let mut refusal = Head { status: StatusCode::TOO_MANY_REQUESTS, ..head(Some("text/html")) };
    for (name, value) in [
        ("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"),
        ("x-robots-tag", "nofollow"),
        ("x-robots-tag", "otherbot: noindex"),
        ("cf-mitigated", "challenge"),
        ("etag", "\"a\""),
        ("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT"),
    ] {
        refusal.headers.append(name, HeaderValue::from_static(value));
    }
    let (_, _, digest) = run(&request(URL), &refusal, PAGE);
    assert_eq!(digest.retry_after, Some(RetryAfter::Date(UnixTime::from_secs(784_111_777))));
    assert!(digest.directives.nofollow && !digest.directives.noindex);
    assert!(digest.challenge);
    assert_eq!(digest.validators.etag.as_deref(), Some("\"a\""));
    assert!(digest.validators.last_modified.is_some());
    let (_, _, fine) = run(&request(URL), &Head { status: StatusCode::OK, ..refusal }, PAGE);
    assert!(!fine.challenge, "a page that is served is behind no wall");
}
