//! What a server can answer, and what becomes of it.

mod support;

use crawlspace::digest::{End, Head, Location};
use crawlspace::{Connect, Encoding, Failure, Kind, Outcome, Protocol, Refusal, Request};
use crawlspace_http::{Tap, Taps};
use crawlspace_hyper::Client;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::Write;
use std::sync::{Arc, Mutex};
use support::{Server, answered, check, client, failed, head, ok, request, settings};

async fn fetch(request: Request) -> Outcome {
    client().fetch(request).await
}

/// The failure of fetching an answer made of these bytes, after which the server closes. One attempt was seen.
async fn failure_of(answer: impl Into<Vec<u8>>) -> Failure {
    let server = Server::once(answer).await;
    let failure = failed(fetch(request(&server.url("/"))).await);
    assert_eq!(server.seen.requests(), 1);
    failure
}

#[tokio::test]
async fn statuses_are_answers() {
    let mut server = mockito::Server::new_async().await;
    for status in [200, 204, 206, 301, 304, 400, 401, 403, 404, 410, 429, 500, 503, 599] {
        let path = format!("/{status}");
        let mock = server.mock("GET", path.as_str()).with_status(status).expect(1).create_async().await;
        let digest = answered(fetch(check(&format!("{}{path}", server.url()))).await);
        assert_eq!(usize::from(digest.status), status);
        mock.assert_async().await;
    }
}

#[tokio::test]
async fn redirects_are_not_followed() {
    let mut server = mockito::Server::new_async().await;
    let target = server.mock("GET", "/new").expect(0).create_async().await;
    for status in [301, 302, 303, 307, 308] {
        let old = server.mock("GET", "/old").with_status(status).with_header("location", "/new#there");
        let old = old.expect(1).create_async().await;
        let digest = answered(fetch(request(&format!("{}/old", server.url()))).await);
        let Some(Location::To { url, fragment }) = digest.location else { panic!("{digest:?}") };
        assert_eq!(url, format!("{}/new", server.url()));
        assert_eq!(fragment.as_deref(), Some("there"));
        old.assert_async().await;
        old.remove_async().await;
    }
    target.assert_async().await;
}

/// Keeps what it sees decoded.
#[derive(Clone, Default)]
struct Decoded(Arc<Mutex<Vec<u8>>>);

impl Taps for Decoded {
    fn open(&self, _: &Request) -> Option<Box<dyn Tap>> {
        Some(Box::new(self.clone()))
    }
}

impl Tap for Decoded {
    fn wants_all(&self) -> bool {
        true
    }
    fn head(&mut self, _: &Head) {}
    fn encoded(&mut self, _: &[u8]) {}
    fn decoded(&mut self, bytes: &[u8]) {
        self.0.lock().expect("a lock").extend_from_slice(bytes);
    }
    fn end(&mut self, _: Result<End, &Failure>) {}
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("memory");
    encoder.finish().expect("memory")
}

#[tokio::test]
async fn encoded_and_chunked_bodies_arrive_whole() {
    let text: Vec<u8> = (0..300_000_u32).flat_map(|number| number.to_le_bytes()).collect();
    let mut server = mockito::Server::new_async().await;
    let body = gzip(&text);
    let mock = server.mock("GET", "/").with_header("content-encoding", "gzip");
    let mock =
        mock.with_chunked_body(move |out| body.chunks(1_000).try_for_each(|chunk| out.write_all(chunk)));
    let mock = mock.expect(1).create_async().await;
    let decoded = Decoded::default();
    let client = Client::builder(settings().taps(Arc::new(decoded.clone()))).build();
    let digest = answered(client.fetch(Request { body_cap: 1 << 22, ..request(&server.url()) }).await);
    assert_eq!(digest.transfer.decoded.max(1_200_000), 1_200_000);
    assert!(*decoded.0.lock().expect("a lock") == text);
    mock.assert_async().await;
}

#[tokio::test]
async fn unknown_and_damaged_encodings_fail() {
    let encoded = |coding: &str, body: &[u8]| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\nconnection: close\r\ncontent-encoding: ";
        [head.as_bytes(), coding.as_bytes(), b"\r\n\r\n", body].concat()
    };
    assert_eq!(failure_of(encoded("sdch", b"x")).await, Failure::Encoding(Encoding::Unsupported));
    assert_eq!(failure_of(encoded("gzip", b"not gzip at all")).await, Failure::Encoding(Encoding::Corrupt));
    let mut cut = gzip(b"some text");
    cut.truncate(cut.len() - 3);
    assert_eq!(failure_of(encoded("gzip", &cut)).await, Failure::Truncated);
}

#[tokio::test]
async fn a_body_over_the_cap_is_an_answer() {
    let server = Server::repeating(ok(&"#".repeat(100_000))).await;
    let digest = answered(fetch(Request { body_cap: 10_000, ..request(&server.url("/")) }).await);
    assert_eq!(digest.end, End::TooLarge);
    let digest = answered(fetch(Request { body_cap: 100_000, ..request(&server.url("/")) }).await);
    assert_eq!((digest.end, digest.transfer.decoded), (End::Complete, 100_000));
}

#[tokio::test]
async fn a_body_that_ends_early_is_truncated() {
    let short = "HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345";
    assert_eq!(failure_of(short).await, Failure::Truncated);
    let chunked = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n12345\r\n";
    assert_eq!(failure_of(chunked).await, Failure::Truncated);
    let within_chunk = "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n123";
    assert_eq!(failure_of(within_chunk).await, Failure::Truncated);
}

#[tokio::test]
async fn a_body_that_is_broken_off_is_truncated() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await;
        peer.reset();
    })
    .await;
    // The reset may overtake the head.
    let failure = failed(fetch(request(&server.url("/"))).await);
    assert!(matches!(failure, Failure::Truncated | Failure::Closed), "{failure:?}");
    assert_eq!(server.seen.requests(), 1);
}

#[tokio::test]
async fn bad_framing_is_malformed() {
    let malformed = Failure::Protocol(Protocol::Malformed);
    for answer in [
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nfive\r\n12345\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\n1234567\r\n0\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\n12",
        "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n\r\n",
        "HTTP/1.1 20 OK\r\n\r\n",
        "220 mail.example ESMTP\r\n",
        "<html>no head at all</html>",
    ] {
        assert_eq!(failure_of(answer).await, malformed, "{answer}");
    }
}

#[tokio::test]
async fn other_versions_are_named() {
    for answer in ["HTTP/2.0 200 OK\r\n\r\n", "HTTP/3.7 200 OK\r\n\r\n"] {
        assert_eq!(failure_of(answer).await, Failure::Protocol(Protocol::Version), "{answer}");
    }
}

#[tokio::test]
async fn a_server_that_speaks_first_is_malformed() {
    let server = Server::start(|mut peer| async move {
        peer.send("SSH-2.0-OpenSSH_9.6\r\n").await;
        peer.closed().await;
    })
    .await;
    let failure = failed(fetch(request(&server.url("/"))).await);
    assert_eq!(failure, Failure::Protocol(Protocol::Malformed));
}

#[tokio::test]
async fn large_heads_are_refused() {
    let too_large = Failure::Protocol(Protocol::HeadTooLarge);
    let long = format!("HTTP/1.1 200 OK\r\nx-long: {}\r\ncontent-length: 0\r\n\r\n", "#".repeat(70_000));
    assert_eq!(failure_of(long).await, too_large);
    let endless = format!("HTTP/1.1 200 OK\r\nx-endless: {}", "#".repeat(70_000));
    assert_eq!(failure_of(endless).await, too_large);
    let fields = |count| format!("HTTP/1.1 200 OK\r\n{}\r\n", "x: y\r\n".repeat(count));
    assert_eq!(failure_of(fields(129)).await, too_large);
    let server = Server::once(fields(128)).await;
    assert_eq!(answered(fetch(request(&server.url("/"))).await).status, 200);
}

#[tokio::test]
async fn informational_responses_are_passed_over_and_counted() {
    let answer =
        |count| format!("{}{}", "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n".repeat(count), ok("x"));
    let server = Server::repeating(answer(20)).await;
    let client = client();
    for _ in 0..3 {
        assert_eq!(answered(client.fetch(request(&server.url("/"))).await).status, 200);
    }
    assert_eq!(failure_of(answer(21)).await, Failure::Protocol(Protocol::TooManyInformational));
    let flood = Server::start(|mut peer| async move {
        peer.request().await;
        while peer.seen.open.load(std::sync::atomic::Ordering::SeqCst) > 0 {
            peer.send("HTTP/1.1 100 Continue\r\n\r\n".repeat(100)).await;
            tokio::task::yield_now().await;
        }
    })
    .await;
    let failure = failed(client.fetch(request(&flood.url("/"))).await);
    assert_eq!(failure, Failure::Protocol(Protocol::TooManyInformational));
}

#[tokio::test]
async fn an_upgrade_nobody_asked_for_is_malformed() {
    let answer = "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n";
    assert_eq!(failure_of(answer).await, Failure::Protocol(Protocol::Malformed));
}

#[tokio::test]
async fn a_connection_closed_before_the_head_is_closed() {
    assert_eq!(failure_of("").await, Failure::Closed);
    assert_eq!(failure_of("HTTP/1.1 200 OK\r\ncontent-le").await, Failure::Closed);
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.reset();
    })
    .await;
    assert_eq!(failed(fetch(request(&server.url("/"))).await), Failure::Closed);
    assert_eq!(server.seen.requests(), 1);
}

#[tokio::test]
async fn heads_without_bodies_end_at_once() {
    // Were a body expected, the next request on the connection would fail or wait.
    let server = Server::start(|mut peer| async move {
        while let Some(head) = peer.request().await {
            let status = head.split(['/', ' ']).nth(2).unwrap_or("200").to_owned();
            peer.send(format!("HTTP/1.1 {status} X\r\ncontent-length: 1000\r\n\r\n")).await;
        }
    })
    .await;
    let client = client();
    assert_eq!(answered(client.fetch(head(&server.url("/200"))).await).status, 200);
    assert_eq!(answered(client.fetch(head(&server.url("/404"))).await).status, 404);
    assert_eq!(answered(client.fetch(request(&server.url("/204"))).await).status, 204);
    assert_eq!(answered(client.fetch(request(&server.url("/304"))).await).status, 304);
    assert_eq!(server.seen.connections(), 1);
}

#[tokio::test]
async fn old_servers_are_understood() {
    let server = Server::once("HTTP/1.0 200 OK\r\n\r\nuntil it closes").await;
    let client = client();
    for seen in 1..=3 {
        let digest = answered(client.fetch(request(&server.url("/"))).await);
        assert_eq!((digest.status, digest.transfer.decoded), (200, 15));
        assert_eq!((server.seen.connections(), server.seen.requests()), (seen, seen));
    }
}

#[tokio::test]
async fn user_information_and_fragments_stay_here() {
    let server = Server::repeating(ok("x")).await;
    let url = format!("http://user:s3cret@{}/a%20b?c=d&e#f", server.address);
    answered(fetch(request(&url)).await);
    let seen = server.seen.requests.lock().expect("a lock")[0].to_ascii_lowercase();
    assert!(seen.starts_with("get /a%20b?c=d&e http/1.1\r\n"), "{seen}");
    assert!(seen.contains(&format!("\r\nhost: {}\r\n", server.address)), "{seen}");
    assert!(seen.contains("\r\nuser-agent: crawlspace-test/1\r\n"), "{seen}");
    for secret in ["s3cret", "authorization", "#f", "referer", "content-length", "transfer-encoding"] {
        assert!(!seen.contains(secret), "{seen}");
    }
}

#[tokio::test]
async fn what_cannot_be_dialled_says_why() {
    // The port was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let refused = failed(fetch(request(&format!("http://{address}/"))).await);
    assert_eq!(refused, Failure::Connect(Connect::Refused));
    let scheme = Request { kind: Kind::Check, ..request("ftp://127.0.0.1/") };
    assert_eq!(failed(fetch(scheme).await), Failure::Refused(Refusal::Scheme));
}
