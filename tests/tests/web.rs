//! The server that other suites rely on.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crawlspace_tests::web::{Answer, Web};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::Barrier;

fn web() -> Web {
    Web::serve(|path, method| match path {
        "/" => Answer::ok("text/html", format!("{method} home")),
        "/old" => Answer::moved(308, "/"),
        _ => Answer::error(410),
    })
    .unwrap()
}

/// Sends these bytes, and reads until the server closes.
fn talk(web: &Web, request: &str) -> String {
    let mut stream = TcpStream::connect(web.address()).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut text = String::new();
    stream.read_to_string(&mut text).unwrap();
    text
}

fn count(web: &Web, method: &str, path: &str) -> u64 {
    web.requests().get(&(method.to_owned(), path.to_owned())).copied().unwrap_or(0)
}

#[test]
fn requests_in_one_packet_are_answered_in_order_and_counted() {
    let web = web();
    let head = "HTTP/1.1\r\nHost: x\r\n";
    let text = talk(
        &web,
        &format!(
            "GET / {head}\r\nHEAD / {head}\r\nGET /old {head}\r\nGET / {head}\r\nGET /x?y {head}connection: Close\r\n\r\n"
        ),
    );
    let statuses: Vec<&str> = text.split("HTTP/1.1 ").skip(1).map(|answer| &answer[..3]).collect();
    assert_eq!(statuses, ["200", "200", "308", "200", "410"], "{text}");
    let bodies: Vec<&str> =
        text.split("HTTP/1.1 ").skip(1).map(|answer| answer.split_once("\r\n\r\n").unwrap().1).collect();
    assert_eq!(bodies[..4], ["GET home", "", "", "GET home"]);
    assert!(
        text.contains("Content-Length: 9\r\n"),
        "HEAD tells the length that its own answer would have: {text}"
    );
    assert!(text.contains("\r\nLocation: /\r\n"));
    assert_eq!((count(&web, "GET", "/"), count(&web, "HEAD", "/"), count(&web, "GET", "/x?y")), (2, 1, 1));
    assert_eq!(web.connections(), 1);
}

#[test]
fn what_is_not_http_is_refused_and_not_counted() {
    let web = web();
    for request in ["\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/2.0\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n"] {
        assert!(talk(&web, request).starts_with("HTTP/1.1 400 "), "{request:?}");
    }
    assert!(web.requests().is_empty());
    assert_eq!(web.connections(), 4);
}

#[test]
fn requests_are_answered_at_once() {
    let all_here = Barrier::new(4);
    let web = Web::serve(move |_, _| {
        all_here.wait();
        Answer::ok("text/plain", "together")
    })
    .unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| talk(&web, "GET / HTTP/1.1\r\nConnection: close\r\n\r\n"));
        }
    });
    assert_eq!((web.most_at_once(), web.connections(), count(&web, "GET", "/")), (4, 4, 4));
}

#[test]
fn dropping_closes_what_is_open() {
    let web = web();
    let mut stream = TcpStream::connect(web.address()).unwrap();
    stream.write_all(b"GET / HTTP/1.1\r\n\r\n").unwrap();
    let mut first = [0; 12];
    stream.read_exact(&mut first).unwrap();
    let address = web.address();
    drop(web);
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).unwrap();
    assert!(TcpStream::connect(address).is_err(), "nobody listens any more");
}
