//! One table of answers, tried on every network transport: what one makes of it, the others do too.
//!
//! Numbers such as X10 are faults of the fault model. Every case also counts at the server: one fetch is one request,
//! whatever came of it.

mod case;
mod connections;
mod hostile;
mod ordinary;
mod privacy;
mod tls;

use crate::case::Case;
use crawlspace::digest::Transfer;
use crawlspace::{Kind, Outcome};
use crawlspace_tests::encode;
use crawlspace_tests::request::request;
use crawlspace_tests::scripted::{Script, Scripted};
use crawlspace_tests::transport::{TRANSPORTS, fetch, settings};

#[test]
fn ordinary_answers() {
    try_all(&ordinary::cases());
}

#[test]
fn hostile_answers() {
    try_all(&hostile::cases());
}

/// However the body is cut on its way: all but sizes and times is the same.
#[test]
fn one_page_gives_one_digest() {
    let page = r##"<base href="http://host.test/"><body id="top"><a href="/a#b">A</a><img srcset="1.png, 2.png 2x"><p id="end"></body>"##;
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n";
    let mut digests = Vec::new();
    for answer in [
        format!("{head}Content-Length: {}\r\n\r\n{page}", page.len()).into_bytes(),
        format!("{head}\r\n{page}").into_bytes(),
        [format!("{head}Transfer-Encoding: chunked\r\n\r\n").into_bytes(), chunked(page.as_bytes())].concat(),
        [format!("{head}Content-Encoding: gzip\r\n\r\n").into_bytes(), encode::gzip(page.as_bytes())]
            .concat(),
    ] {
        let server = Scripted::start(Script::answer(answer));
        for (name, open) in TRANSPORTS {
            let mut request = request(&server.url("/"));
            request.kind = Kind::Page;
            let Some(Outcome::Answered(mut digest)) = fetch(*open, &settings(), &request) else {
                panic!("{name}: no answer");
            };
            digest.transfer = Transfer::default();
            digests.push(digest);
        }
    }
    assert_eq!(digests[0].links.len(), 4);
    assert_eq!(digests[0].ids.len(), 2);
    for digest in &digests[1..] {
        assert_eq!(digest, &digests[0]);
    }
}

fn chunked(body: &[u8]) -> Vec<u8> {
    let mut chunks = Vec::new();
    for chunk in body.chunks(7) {
        chunks.extend(format!("{:x}\r\n", chunk.len()).into_bytes());
        chunks.extend([chunk, b"\r\n"].concat());
    }
    [&chunks[..], b"0\r\n\r\n"].concat()
}

/// Tries all cases on all transports before it complains.
fn try_all(cases: &[Case]) {
    let mut wrong = Vec::new();
    for (transport, open) in TRANSPORTS {
        for case in cases {
            if let Err(what) = case.try_on(transport, *open) {
                wrong.push(format!("{transport}: {}: {what}", case.name()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), cases.len(), wrong.join("\n"));
}
