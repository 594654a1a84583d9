//! Which connection a request goes over, and that it goes over one only.

use crate::case::patient;
use crawlspace::{Connect, Dns, Failure, Kind, Method, Need, Outcome, Phase, Request};
use crawlspace_http::{Resolver, ResolverConfig, Timeouts};
use crawlspace_tests::request::{request, spec};
use crawlspace_tests::scripted::{Script, Scripted, Step};
use crawlspace_tests::transport::{Open, TRANSPORTS, fetch, settings};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpListener};
use std::sync::Arc;
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

const WHOLE: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\n\r\nbody";
const CHUNKED: &str = "HTTP/1.1 404 Not Found\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";

fn on_each(mut try_on: impl FnMut(&str, Open)) {
    for (name, open) in TRANSPORTS {
        try_on(name, *open);
    }
}

fn status(outcome: &Outcome) -> Option<u16> {
    match outcome {
        Outcome::Answered(digest) => Some(digest.status),
        Outcome::Failed(_) => None,
    }
}

fn only_checked(mut request: Request) -> Request {
    (request.kind, request.need) = (Kind::Check, Need::Status);
    request
}

/// Fetches so often, one after another, over how many connections?
fn connections(answer: &str, times: usize, ask: fn(Request) -> Request) -> Vec<usize> {
    let mut connections = Vec::new();
    on_each(|name, open| {
        let server = Scripted::start(Script::serve(answer));
        let transport = open(&settings());
        for _ in 0..times {
            let outcome = transport.fetch(&ask(request(&server.url("/"))));
            assert!(status(&outcome).is_some(), "{name}: {outcome:?}");
        }
        assert_eq!(server.received().len(), times, "{name}");
        connections.push(server.connections());
    });
    connections
}

fn all(count: usize) -> Vec<usize> {
    vec![count; TRANSPORTS.len()]
}

#[test]
fn a_connection_is_used_again() {
    assert_eq!(connections(WHOLE, 5, |ask| ask), all(1));
}

#[test]
fn a_connection_is_used_again_after_a_small_body_nobody_wanted() {
    assert_eq!(connections(&WHOLE.replace("200 OK", "404 Not Found"), 5, only_checked), all(1));
    assert_eq!(connections(CHUNKED, 5, only_checked), all(1));
}

#[test]
fn a_connection_is_used_again_after_a_response_without_a_body() {
    assert_eq!(connections("HTTP/1.1 204 No Content\r\n\r\n", 5, |ask| ask), all(1));
    assert_eq!(connections("HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n", 5, |ask| ask), all(1));
    let head = "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n";
    assert_eq!(connections(head, 5, |ask| Request { method: Method::Head, ..ask }), all(1));
}

#[test]
fn a_connection_is_not_used_again_where_the_server_says_so() {
    assert_eq!(connections(&WHOLE.replace("Content-Type", "Connection: close\r\nX"), 3, |ask| ask), all(3));
    assert_eq!(connections(&WHOLE.replace("HTTP/1.1", "HTTP/1.0"), 3, |ask| ask), all(3));
}

#[test]
fn a_connection_is_not_used_again_after_a_large_body_nobody_wanted() {
    let large = format!("HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\n{}", "x".repeat(1_000_000));
    assert_eq!(connections(&large, 3, only_checked), all(3));
}

#[test]
fn a_connection_is_not_used_again_with_bytes_left_over() {
    assert_eq!(connections(&format!("{WHOLE}HTTP/1.1 200 OK\r\n\r\n"), 3, |ask| ask), all(3));
}

/// RFC 9112 section 6.3, rule 3: what comes after such a message cannot be trusted to be the next.
#[test]
fn a_connection_is_not_used_again_after_two_contradicting_lengths() {
    let both =
        "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n";
    // hyper drops the length before anyone sees it, so its connection is used again.
    let expected: Vec<_> = TRANSPORTS.iter().map(|(name, _)| if *name == "hyper" { 1 } else { 3 }).collect();
    assert_eq!(connections(both, 3, |ask| ask), expected);
}

#[test]
fn a_connection_that_was_closed_while_idle_is_not_used_again() {
    on_each(|name, open| {
        // The first is closed only once it lies idle, the others as soon as they have answered.
        let server = Scripted::start(Script::answer(WHOLE).hold());
        let transport = open(&settings());
        for fetched in 1..=3 {
            let outcome = transport.fetch(&request(&server.url("/")));
            assert_eq!(status(&outcome), Some(200), "{name}: {outcome:?}");
            server.release();
            server.wait_until_ended(fetched);
        }
        assert_eq!((server.received().len(), server.connections()), (3, 3), "{name}");
    });
}

/// X7: no client sends a request a second time by itself.
#[test]
fn a_request_lost_on_a_used_connection_is_not_sent_again() {
    on_each(|name, open| {
        for end in [Script::answer(WHOLE).then(Step::Read).reset(), Script::answer(WHOLE).then(Step::Read)] {
            let server = Scripted::start(end);
            let transport = open(&settings());
            assert_eq!(status(&transport.fetch(&request(&server.url("/1")))), Some(200), "{name}");
            let outcome = transport.fetch(&request(&server.url("/2")));
            assert_eq!(outcome, Outcome::Failed(Failure::Closed), "{name}");
            let lines: Vec<_> = server.received().into_iter().map(|received| received.line).collect();
            assert_eq!(lines, ["GET /1 HTTP/1.1", "GET /2 HTTP/1.1"], "{name}");
            assert_eq!(server.connections(), 1, "{name}");
        }
    });
}

/// X3.
#[test]
fn a_port_where_nothing_listens() {
    on_each(|name, open| {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a port");
        let address = listener.local_addr().expect("its address");
        drop(listener);
        let outcome = open(&settings()).fetch(&request(&format!("http://{address}/")));
        assert_eq!(outcome, Outcome::Failed(Failure::Connect(Connect::Refused)), "{name}");
    });
}

#[test]
fn a_scheme_that_is_not_http() {
    on_each(|name, open| {
        let outcome = open(&settings()).fetch(&request("ftp://127.0.0.1/"));
        assert_eq!(outcome, Outcome::Failed(Failure::Refused(crawlspace::Refusal::Scheme)), "{name}");
    });
}

/// The URL standard lets a host have characters that no host on the wire may have (RFC 3986 section 3.2.2).
#[test]
fn a_host_that_no_request_can_name() {
    on_each(|name, open| {
        let server = Scripted::start(Script::serve(WHOLE));
        let overrides = [("a{b}.test".to_owned(), vec![IpAddr::from(Ipv4Addr::LOCALHOST)])].into();
        let resolver = Resolver::new(ResolverConfig { overrides, ..ResolverConfig::default() });
        let transport = open(&settings().resolver(resolver));
        let port = server.address().port();
        let outcome = transport.fetch(&request(&format!("http://a{{b}}.test:{port}/")));
        assert_eq!(outcome, Outcome::Failed(Failure::Dns(Dns::NoSuchName)), "{name}");
        assert_eq!(server.connections(), 0, "{name}");
    });
}

/// The longest that an engine's limits allow: every transport must be able to ask for it.
#[test]
fn the_longest_url() {
    on_each(|name, open| {
        let server = Scripted::start(Script::serve(WHOLE));
        let url = format!("{:a<1$}", server.url("/"), 32_768);
        let outcome = open(&settings()).fetch(&request(&url));
        assert_eq!(status(&outcome), Some(200), "{name}: {outcome:?}");
        let path = url.trim_start_matches(&server.url(""));
        assert_eq!(server.received()[0].line, format!("GET {path} HTTP/1.1"), "{name}");
    });
}

/// X1.
#[test]
fn names_that_cannot_be_resolved() {
    on_each(|name, open| {
        for (failure, expected) in [
            (Some(Failure::Dns(Dns::NoSuchName)), Failure::Dns(Dns::NoSuchName)),
            (Some(Failure::Dns(Dns::Temporary)), Failure::Dns(Dns::Temporary)),
            (None, Failure::Timeout(Phase::Resolve)),
        ] {
            let (release, held) = mpsc::channel::<()>();
            let held = std::sync::Mutex::new(held);
            let lookup = move |_: &str| {
                failure.clone().map_or_else(
                    || {
                        // Holds until the test is over.
                        let _ = held.lock().map(|held| held.recv());
                        Ok(Vec::new())
                    },
                    Err,
                )
            };
            let resolver =
                Resolver::new(ResolverConfig { lookup: Arc::new(lookup), ..ResolverConfig::default() });
            let timeouts = Timeouts { resolve: Duration::from_millis(80), ..patient() };
            let setup = settings().resolver(resolver).timeouts(timeouts);
            let outcome = fetch(open, &setup, &request("http://host.test/"));
            assert_eq!(outcome, Some(Outcome::Failed(expected)), "{name}");
            drop(release);
        }
    });
}

/// X2: every address is tried before the host counts as unreachable.
#[test]
fn names_with_many_addresses() {
    on_each(|name, open| {
        let server = Scripted::start(Script::serve(WHOLE));
        let nobody = (2..12).map(|last| IpAddr::from([127, 0, 0, last]));
        let addresses = nobody.chain([IpAddr::from(Ipv4Addr::LOCALHOST)]).collect();
        let overrides = [("host.test".to_owned(), addresses)].into();
        let resolver = Resolver::new(ResolverConfig { overrides, ..ResolverConfig::default() });
        let transport = open(&settings().resolver(resolver));
        let outcome = transport.fetch(&request(&format!("http://host.test:{}/", server.address().port())));
        assert_eq!(status(&outcome), Some(200), "{name}: {outcome:?}");
        let host = format!("host.test:{}", server.address().port());
        assert_eq!(server.received()[0].field("host"), Some(host.as_str()), "{name}");
    });
}

/// However many hosts there are: no more connections are open than may be, the idle ones included.
#[test]
fn an_idle_connection_makes_room_for_another_host() {
    let client = crawlspace_ureq::Client::builder(spec()).connections(2).build();
    let servers: Vec<_> = (0..4).map(|_| Scripted::start(Script::serve(WHOLE))).collect();
    let fetch = |index: usize| {
        let outcome = client.fetch(&request(&servers[index].url("/")));
        assert_eq!(status(&outcome), Some(200), "{outcome:?}");
    };
    (0..4).for_each(fetch);
    // Would not return, were these still open.
    servers[0].wait_until_ended(1);
    servers[1].wait_until_ended(1);
    [2, 3, 2, 3].into_iter().for_each(fetch);
    assert_eq!(servers.iter().map(Scripted::connections).collect::<Vec<_>>(), [1, 1, 1, 1]);
    // The one last used stays.
    fetch(0);
    servers[2].wait_until_ended(1);
    fetch(3);
    assert_eq!(servers[3].connections(), 1);
}

/// Threads that share a client never open more connections than there are of them.
#[test]
fn threads_share_connections() {
    const THREADS: usize = 4;
    let server = Scripted::start(Script::serve(WHOLE));
    let client = crawlspace_ureq::Client::builder(spec()).connections(THREADS).build();
    thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                for _ in 0..25 {
                    let outcome = client.clone().fetch(&request(&server.url("/")));
                    assert_eq!(status(&outcome), Some(200), "{outcome:?}");
                }
            });
        }
    });
    assert_eq!(server.received().len(), THREADS * 25);
    assert!(server.connections() <= THREADS, "{} connections", server.connections());
}

/// Idle connections end with their client: a program that makes one for each crawl must not run out of sockets.
#[test]
fn a_client_that_is_gone_keeps_no_connection() {
    for (name, open) in TRANSPORTS {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let url = format!("http://{}/", listener.local_addr().expect("its address"));
        let (told, closed) = mpsc::channel();
        thread::spawn(move || {
            let (mut stream, _) = listener.accept().expect("a connection");
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).expect("a request");
                head.push(byte[0]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok").expect("an open connection");
            told.send(matches!(stream.read(&mut [0]), Ok(0)))
        });
        let transport = open(&settings());
        let outcome = transport.fetch(&request(&url));
        assert!(matches!(&outcome, Outcome::Answered(digest) if digest.status == 200), "{name}: {outcome:?}");
        drop(transport);
        assert_eq!(closed.recv_timeout(Duration::from_secs(20)), Ok(true), "{name}");
    }
}
