//! Archives by other tools: what they hold is crawled.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{get, gzip, open, record, request, response, seen, spec};
use crawlspace::{Failure, Kind, Method, Request};
use crawlspace_warc::Problem;

const PAGE: &str = "<a href=/x>x</a><a href=/y>y</a>";

fn ok(fields: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n{fields}\r\n");
    [head.as_bytes(), body.as_ref()].concat()
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut message = Vec::new();
    for chunk in body.chunks(7) {
        message.extend(format!("{:X};ext=1\r\n", chunk.len()).into_bytes());
        message.extend([chunk, b"\r\n"].concat());
    }
    [&message[..], b"0\r\nTrailer: x\r\n\r\n"].concat()
}

/// However body and head go together.
#[test]
fn framing_and_coding_as_recorders_leave_them() {
    let (coding, framing) = ("Content-Encoding: gzip\r\n", "Transfer-Encoding: chunked\r\n");
    let both = format!("{coding}{framing}");
    let page = PAGE.as_bytes();
    for (what, message) in [
        ("plain", ok("", page)),
        ("length that is wrong", ok("Content-Length: 99999\r\n", page)),
        ("chunked, as wget leaves it", ok(framing, chunked(page))),
        ("chunked in name only", ok(framing, page)),
        ("gzip", ok(coding, gzip(page))),
        ("gzip in name only, as browsers have it", ok(coding, page)),
        ("gzip in chunks", ok(&both, chunked(&gzip(page)))),
        ("gzip, chunked in name only", ok(&both, gzip(page))),
        ("both in name only", ok(&both, page)),
        ("informational heads before", [&b"HTTP/1.1 100 Continue\r\n\r\n"[..], &ok("", page)].concat()),
        ("another version", [b"HTTP/2 200\r\ncontent-type: text/html\r\n\r\n", page].concat()),
        ("bare line ends", [b"HTTP/1.0 200 OK\ncontent-type: text/html\n\n", page].concat()),
        (
            "folded and broken fields",
            [b"HTTP/1.1 200 OK\r\nno field\r\nb\xff d: x\r\nContent-Type:\r\n text/html\r\n\r\n", page]
                .concat(),
        ),
    ] {
        for record in [response("http://a.test/", &message), gzip(&response("http://a.test/", &message))] {
            let (_folder, archive) = open(record).unwrap();
            assert_eq!(get(&archive, "http://a.test/"), Ok((200, 2)), "{what}");
        }
    }
}

#[test]
fn spellings_of_a_url_are_one() {
    let (_folder, archive) = open(response("<HTTP://user:pass@A.test:80/%7eb?c#d>", ok("", PAGE))).unwrap();
    assert_eq!(get(&archive, "http://a.test/~b?c"), Ok((200, 2)));
    assert_eq!(get(&archive, "http://other@a.test/~b?c"), Ok((200, 2)));
    assert_eq!(get(&archive, "https://a.test/~b?c"), Err(Failure::NotInArchive));
    assert_eq!(get(&archive, "http://a.test/~b"), Err(Failure::NotInArchive));
}

#[test]
fn a_get_answers_head_but_not_the_other_way_round() {
    let request_record = |concurrent: &str, method: &str, id: &str| {
        let fields = [
            ("WARC-Type", "request"),
            ("WARC-Target-URI", "http://a.test/"),
            ("WARC-Concurrent-To", concurrent),
            ("WARC-Record-ID", id),
            ("Content-Type", "application/http; msgtype=request"),
        ];
        record(&fields, format!("{method} / HTTP/1.1\r\nHost: a.test\r\n\r\n"))
    };
    let response_record = |concurrent: &str, id: &str| {
        let fields = [
            ("WARC-Type", "response"),
            ("WARC-Target-URI", "http://a.test/"),
            ("WARC-Concurrent-To", concurrent),
            ("WARC-Record-ID", id),
            ("Content-Type", "application/http; msgtype=response"),
        ];
        record(&fields, ok("", PAGE))
    };
    for (method, get_is, head_is) in [
        ("GET", Ok((200, 2)), Ok((200, 0))),
        ("HEAD", Err(Failure::NotInArchive), Ok((200, 0))),
        ("POST", Err(Failure::NotInArchive), Err(Failure::NotInArchive)),
    ] {
        // As warcio writes them, and as wget does.
        let warcio = [response_record("", "<urn:1>"), request_record("<urn:1>", method, "<urn:2>")].concat();
        let wget = [request_record("", method, "<urn:2>"), response_record("<urn:2>", "<urn:1>")].concat();
        for bytes in [warcio, wget] {
            let (_folder, archive) = open(bytes).unwrap();
            assert_eq!(get(&archive, "http://a.test/"), get_is, "{method}");
            let head = Request { method: Method::Head, ..request("http://a.test/") };
            assert_eq!(seen(&archive.replay(spec()).fetch(&head)), head_is, "{method}");
        }
    }
}

#[test]
fn of_several_the_last_one_counts_and_answers_every_attempt() {
    let error = "HTTP/1.1 503 Busy\r\n\r\n";
    let (_folder, archive) =
        open([response("http://a.test/", error), response("http://a.test/", ok("", PAGE))].concat()).unwrap();
    for attempt in [1, 2, 7] {
        let request = Request { attempt, ..request("http://a.test/") };
        assert_eq!(seen(&archive.replay(spec()).fetch(&request)), Ok((200, 2)));
    }
}

#[test]
fn files_without_heads() {
    let fields = [
        ("WARC-Type", "resource"),
        ("WARC-Target-URI", "http://a.test/"),
        ("Content-Type", "text/html; charset=utf-8"),
    ];
    let (_folder, archive) = open(record(&fields, PAGE)).unwrap();
    assert_eq!(get(&archive, "http://a.test/"), Ok((200, 2)));
}

#[test]
fn repeated_bodies() {
    let original = |fields: &[(&str, &str)]| {
        let fields = [
            &[
                ("WARC-Type", "response"),
                ("WARC-Target-URI", "http://a.test/"),
                ("WARC-Record-ID", "<urn:1>"),
                ("WARC-Date", "2026-11-20T10:00:00Z"),
                ("Content-Type", "application/http"),
            ],
            fields,
        ]
        .concat();
        record(&fields, ok("Content-Encoding: gzip\r\n", gzip(PAGE.as_bytes())))
    };
    let revisit = |profile: &str, refers: (&str, &str), block: &str| {
        let fields = [
            ("WARC-Type", "revisit"),
            ("WARC-Target-URI", "http://a.test/again"),
            ("WARC-Profile", profile),
            refers,
            ("WARC-Refers-To-Date", "2026-11-20T10:00:00.123Z"),
            ("Content-Type", "application/http"),
        ];
        record(&fields, block)
    };
    let same = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest";
    let unchanged = "http://netpreserve.org/warc/1.1/revisit/server-not-modified";
    let by_id = ("WARC-Refers-To", "<urn:1>");
    let by_url = ("WARC-Refers-To-Target-URI", "<http://a.test/>");
    let head = "HTTP/1.1 203 Other\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n";
    let not_modified = "HTTP/1.1 304 Not Modified\r\n\r\n";
    for (profile, refers, block, expected) in [
        (same, by_id, head, Ok((203, 2))),
        (same, by_url, head, Ok((203, 2))),
        (same, by_id, "", Ok((200, 2))),
        (unchanged, by_id, not_modified, Ok((200, 2))),
        (same, ("WARC-Refers-To-Target-URI", "http://b.test/"), head, Err(Failure::NotInArchive)),
        (same, ("WARC-Refers-To-Target-URI", "http://a.test/again"), head, Err(Failure::NotInArchive)),
    ] {
        // The original may come later, in what was written by several at once.
        for bytes in [
            [original(&[]), revisit(profile, refers, block)].concat(),
            [revisit(profile, refers, block), original(&[])].concat(),
        ] {
            let (_folder, archive) = open(bytes).unwrap();
            assert_eq!(get(&archive, "http://a.test/again"), expected, "{profile} {refers:?}");
            let lost = archive.problems().iter().any(|it| matches!(it.problem(), Problem::NoOriginal));
            assert_eq!(lost, expected.is_err());
        }
    }
}

#[test]
fn what_was_cut_short_is() {
    let cut = String::from_utf8(response("http://a.test/", ok("", PAGE))).unwrap();
    let cut = cut.replace("WARC-Type", "WARC-Truncated: disconnect\r\nWARC-Type");
    let (_folder, archive) = open(cut).unwrap();
    assert_eq!(get(&archive, "http://a.test/"), Err(Failure::Truncated));
    let head = Request { method: Method::Head, ..request("http://a.test/") };
    assert_eq!(seen(&archive.replay(spec()).fetch(&head)), Ok((200, 0)));
}

/// Few archives hold one, and nobody is asked.
#[test]
fn no_leave_is_needed_from_a_robots_file_that_is_not_there() {
    let (_folder, archive) = open(response("http://a.test/", ok("", PAGE))).unwrap();
    let robots = Request { kind: Kind::Robots, ..request("http://a.test/robots.txt") };
    assert_eq!(seen(&archive.replay(spec()).fetch(&robots)), Ok((404, 0)));
    assert_eq!(get(&archive, "http://a.test/robots.txt"), Err(Failure::NotInArchive));
}
