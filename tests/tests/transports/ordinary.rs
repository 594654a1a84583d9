//! Answers in good order.

use crate::case::{Case, Expect, ordinary};
use crawlspace::digest::Location;
use crawlspace::{Encoding, Failure, Method, RetryAfter};
use crawlspace_tests::encode;
use std::time::Duration;

const PAGE: &[u8] = b"<p>A body long enough to be worth coding, with some some some repetition.</p>";
const TEXT: (&str, &str) = ("content-type", "text/plain");

pub(crate) fn cases() -> Vec<Case> {
    let mut cases = statuses();
    cases.extend(redirects());
    cases.extend(retry_after());
    cases.extend(encodings());
    cases
}

fn statuses() -> Vec<Case> {
    vec![
        ordinary("200", 200, &[TEXT], PAGE, Expect::Body(200, PAGE.to_vec())),
        ordinary("200 without a body", 200, &[TEXT], "", Expect::Body(200, Vec::new())),
        ordinary("204", 204, &[], "", Expect::Answered(204)),
        ordinary("304", 304, &[], "", Expect::Answered(304)).ask(|ask| {
            ask.validators.etag = Some("\"known\"".to_owned());
        }),
        ordinary("404", 404, &[TEXT], PAGE, Expect::Answered(404)),
        ordinary("410", 410, &[TEXT], PAGE, Expect::Answered(410)),
        ordinary("500", 500, &[TEXT], PAGE, Expect::Answered(500)),
        ordinary("X15 status 600", 600, &[TEXT], PAGE, Expect::Answered(600)),
        ordinary("X15 status 999", 999, &[TEXT], PAGE, Expect::Answered(999)),
        ordinary("HEAD", 200, &[TEXT], PAGE, Expect::Answered(200)).ask(|ask| ask.method = Method::Head),
    ]
}

fn redirects() -> Vec<Case> {
    let to = |url: &str, fragment: Option<&str>| {
        let (url, fragment) = (url.to_owned(), fragment.map(str::to_owned));
        Some(Location::To { url, fragment })
    };
    let redirect = |name, status, location, expected| {
        ordinary(name, status, &[("location", location)], PAGE, Expect::Location(status as u16, expected))
    };
    vec![
        redirect("X19 301", 301, "http://host.test/new", to("http://host.test/new", None)),
        redirect(
            "X19 302 with a fragment",
            302,
            "http://host.test/#there",
            to("http://host.test/", Some("there")),
        ),
        redirect("X19 303", 303, "https://host.test/new?a=b", to("https://host.test/new?a=b", None)),
        redirect(
            "X19 307 to a scheme's default port",
            307,
            "http://host.test:80/",
            to("http://host.test/", None),
        ),
        redirect("X19 308 to mailto", 308, "mailto:a@host.test", to("mailto:a@host.test", None)),
        redirect(
            "X19 301 to what is no URL",
            301,
            "http://[",
            Some(Location::Invalid("http://[".to_owned())),
        ),
        ordinary("X19 301 to nowhere", 301, &[], PAGE, Expect::Location(301, None)),
        ordinary(
            "a Location that is no redirect's",
            200,
            &[TEXT, ("location", "/new")],
            PAGE,
            Expect::Location(200, None),
        ),
    ]
}

fn retry_after() -> Vec<Case> {
    let asked = |name, status, value, expected| {
        ordinary(name, status, &[("retry-after", value)], PAGE, Expect::RetryAfter(status as u16, expected))
    };
    let seconds = |seconds| Some(RetryAfter::Delay(Duration::from_secs(seconds)));
    vec![
        asked("X20 Retry-After of two minutes", 429, "120", seconds(120)),
        asked("X20 Retry-After of nothing", 503, "0", seconds(0)),
        asked("X20 Retry-After of decades", 503, "1000000000", seconds(1_000_000_000)),
        asked("X20 Retry-After that is negative", 503, "-1", None),
        asked("X20 Retry-After that is no number", 429, "soon", None),
    ]
}

fn encodings() -> Vec<Case> {
    let coded = |name, coding, body: Vec<u8>| {
        ordinary(name, 200, &[TEXT, ("content-encoding", coding)], body, Expect::Body(200, PAGE.to_vec()))
    };
    let failed = |name, coding, body: Vec<u8>, encoding| {
        let expect = Expect::Failed(Failure::Encoding(encoding));
        ordinary(name, 200, &[TEXT, ("content-encoding", coding)], body, expect)
    };
    let gzip = encode::gzip(PAGE);
    let mut damaged = gzip.clone();
    damaged[20] ^= 0x55;
    let members = [encode::gzip(&PAGE[..30]), encode::gzip(&PAGE[30..])].concat();
    let three = encode::gzip(&encode::gzip(&gzip));
    vec![
        coded("gzip", "gzip", gzip.clone()),
        coded("gzip by its old name", "x-gzip", gzip.clone()),
        coded("gzip in two members", "gzip", members),
        coded("br", "br", encode::brotli(PAGE)),
        coded("zstd", "zstd", encode::zstd(PAGE)),
        coded("deflate with zlib's frame", "deflate", encode::zlib(PAGE)),
        coded("deflate without a frame", "deflate", encode::deflate(PAGE)),
        coded("identity", "identity", PAGE.to_vec()),
        coded("X17 two codings on top of each other", "gzip, br", encode::brotli(&gzip)),
        failed("X17 three codings on top of each other", "gzip, gzip, gzip", three, Encoding::Stacked),
        failed("X17 an unknown coding", "sdch", PAGE.to_vec(), Encoding::Unsupported),
        failed("X17 a coding that lies", "gzip", PAGE.to_vec(), Encoding::Corrupt),
        failed("X17 damage in the middle", "gzip", damaged, Encoding::Corrupt),
        ordinary(
            "X10 gzip cut short",
            200,
            &[TEXT, ("content-encoding", "gzip")],
            &gzip[..gzip.len() / 2],
            Expect::Failed(Failure::Truncated),
        ),
        ordinary(
            "X10 br cut short",
            200,
            &[TEXT, ("content-encoding", "br")],
            &encode::brotli(PAGE)[..30],
            Expect::Failed(Failure::Truncated),
        ),
        ordinary(
            "X10 zstd cut short",
            200,
            &[TEXT, ("content-encoding", "zstd")],
            &encode::zstd(PAGE)[..30],
            Expect::Failed(Failure::Truncated),
        ),
        ordinary(
            "an unknown coding of what nobody reads",
            404,
            &[TEXT, ("content-encoding", "sdch")],
            PAGE,
            Expect::Answered(404),
        )
        .unread(),
    ]
}
