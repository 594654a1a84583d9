//! An archive as browsertrix-crawler writes it, put together by hand: WARC 1.1, a gzip member a record, what a browser saw
//! (decoded bodies, HTTP/2 written down as HTTP/1.1, fields of other framings renamed), its own notes among it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{get, gzip, open, request, seen, spec};
use crawlspace::{Failure, Kind, Method, Need, Request};
use crawlspace_warc::Problem;

const PAGE: &str = "<!DOCTYPE html><h1 id=top>Gr\u{fc}\u{df}e</h1><a href=/old>old</a><a href=/film>film</a>";

/// A digest of an algorithm that is not looked at.
const SHA256: &str = "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

/// A record of its own gzip member. Digests are SHA-256, in hexadecimal.
fn member(kind: &str, uri: &str, fields: &[(&str, &str)], block: impl AsRef<[u8]>) -> Vec<u8> {
    let block = block.as_ref();
    let mut head = format!(
        "WARC/1.1\r\nWARC-Type: {kind}\r\nWARC-Target-URI: {uri}\r\nWARC-Date: 2026-11-20T10:00:00.123Z\r\n\
         WARC-Payload-Digest: {SHA256}\r\nWARC-Block-Digest: {SHA256}\r\n"
    );
    for (name, value) in fields {
        head += &format!("{name}: {value}\r\n");
    }
    head += &format!("Content-Length: {}\r\n\r\n", block.len());
    gzip(&[head.as_bytes(), block, b"\r\n\r\n"].concat())
}

fn id(number: u32) -> String {
    format!("<urn:uuid:00000000-0000-4000-8000-{number:012}>")
}

/// What a browser told of an exchange: the response, then its request.
fn pair(number: u32, uri: &str, method: &str, more: &[(&str, &str)], message: impl AsRef<[u8]>) -> Vec<u8> {
    let (response, request) = (id(number), id(number + 1));
    let fields = [
        &[
            ("WARC-Record-ID", &*response),
            ("WARC-Page-ID", "5a8c1f46-6a41-4a34-bf6e-c0e8a2f6c2b1"),
            ("WARC-Resource-Type", "document"),
            ("WARC-Protocol", "h2, tls/1.3"),
            ("WARC-JSON-Metadata", r#"{"cert":{"issuer":"R11","ctc":"1"},"ipType":"Public"}"#),
            ("Content-Type", "application/http; msgtype=response"),
        ],
        more,
    ]
    .concat();
    let asked = [
        ("WARC-Record-ID", &*request),
        ("WARC-Concurrent-To", &*response),
        ("WARC-Page-ID", "5a8c1f46-6a41-4a34-bf6e-c0e8a2f6c2b1"),
        ("Content-Type", "application/http; msgtype=request"),
    ];
    let sent = format!("{method} / HTTP/1.1\r\naccept: text/html\r\nuser-agent: Mozilla/5.0 (X11)\r\n\r\n");
    [member("response", uri, &fields, message), member("request", uri, &asked, sent)].concat()
}

/// A head as a browser leaves it, where the server had compressed the body and sent it in chunks.
fn ok(status: &str, body: &str) -> String {
    format!(
        "HTTP/1.1 {status}\r\ncontent-length: {}\r\ncontent-type: text/html; charset=utf-8\r\nserver: nginx\r\n\
         x-orig-content-encoding: br\r\nx-orig-transfer-encoding: chunked\r\n\r\n{body}",
        body.len()
    )
}

fn archive() -> Vec<u8> {
    let about =
        "software: Browsertrix-Crawler 1.8.0 (with warcio.js 2.4.5)\r\nformat: WARC File Format 1.1\r\n";
    let info = gzip(
        format!(
            "WARC/1.1\r\nWARC-Type: warcinfo\r\nWARC-Filename: rec-1.warc.gz\r\nWARC-Record-ID: {}\r\n\
             WARC-Date: 2026-11-20T10:00:00.000Z\r\nContent-Type: application/warc-fields\r\nContent-Length: {}\r\n\r\n\
             {about}\r\n\r\n",
            id(0),
            about.len()
        )
        .as_bytes(),
    );
    let json = [("Content-Type", "application/json"), ("WARC-Record-ID", "<urn:uuid:7>")];
    let pageinfo =
        r#"{"pageid":"5a8c1f46","urls":{"https://a.test/":{"status":200}},"url":"https://a.test/"}"#;
    let view = [("Content-Type", "image/png"), ("WARC-Record-ID", "<urn:uuid:8>")];
    let text = [("Content-Type", "text/plain"), ("WARC-Record-ID", "<urn:uuid:9>")];
    let revisit = |original: &str, container: &str| {
        let fields = [
            ("WARC-Record-ID", "<urn:uuid:10>"),
            ("WARC-Profile", "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"),
            ("WARC-Refers-To-Target-URI", original),
            ("WARC-Refers-To-Date", "2026-11-20T10:00:00.000Z"),
            ("WARC-Refers-To-Container", container),
            ("Content-Type", "application/http; msgtype=response"),
        ];
        let head = ok("200 OK", "");
        member("revisit", &format!("{original}?again"), &fields, head)
    };
    let moved = "HTTP/1.1 301 Moved Permanently\r\nlocation: https://a.test/\r\nx-orig-content-encoding: gzip\r\n\r\n";
    let part = "HTTP/1.1 206 Partial Content\r\ncontent-type: video/mp4\r\ncontent-range: bytes 0-3/900\r\n\r\n\0\0\0 ";
    [
        info,
        pair(20, "http://a.test/", "GET", &[("WARC-Resource-Type", "document")], moved),
        pair(30, "https://a.test/", "GET", &[], ok("200 OK", PAGE)),
        member("resource", "urn:pageinfo:https://a.test/", &json, pageinfo),
        member("resource", "urn:view:https://a.test/", &view, b"\x89PNG"),
        member("resource", "urn:text:https://a.test/", &text, "Gr\u{fc}\u{df}e old film"),
        // A form that a script sent to the page's own address.
        pair(40, "https://a.test/", "POST", &[], ok("200 OK", "{}")),
        // HTTP/2 has no reason.
        pair(60, "https://a.test/gone", "GET", &[], ok("404 ", "gone")),
        pair(70, "https://a.test/film", "GET", &[], part),
        pair(80, "https://a.test/cut", "GET", &[("WARC-Truncated", "disconnect")], ok("200 OK", PAGE)),
        revisit("https://a.test/", "rec-1.warc.gz"),
        revisit("https://elsewhere.test/", "rec-of-another-crawl.warc.gz"),
    ]
    .concat()
}

#[test]
fn what_a_browser_recorded_is_crawled() {
    let (_folder, archive) = open(archive()).unwrap();
    for (url, expected) in [
        ("http://a.test/", Ok((301, 0))),
        ("https://a.test/", Ok((200, 2))),
        ("https://a.test/gone", Ok((404, 0))),
        ("https://a.test/film", Ok((206, 0))),
        ("https://a.test/cut", Err(Failure::Truncated)),
        ("https://a.test/?again", Ok((200, 2))),
        ("https://elsewhere.test/?again", Err(Failure::NotInArchive)),
        ("https://a.test/never", Err(Failure::NotInArchive)),
    ] {
        assert_eq!(get(&archive, url), expected, "{url}");
        // A browser asks with GET; what it saw answers a HEAD as well.
        let head = Request { method: Method::Head, need: Need::Status, ..request(url) };
        let status = expected.map(|(status, _)| status);
        let status = if url.ends_with("/cut") { Ok(200) } else { status };
        assert_eq!(
            seen(&archive.replay(spec()).fetch(&head)).map(|(status, _)| status),
            status,
            "HEAD {url}"
        );
    }
    let problems: Vec<_> = archive.problems().iter().map(|it| it.problem()).collect();
    assert!(matches!(problems[..], [Problem::NoOriginal]), "{problems:?}");
    let robots = Request { kind: Kind::Robots, ..request("https://a.test/robots.txt") };
    assert_eq!(seen(&archive.replay(spec()).fetch(&robots)), Ok((404, 0)), "nobody's leave is needed");
    assert_eq!(archive.seeds().count(), 0, "it does not say what it began with");
}
