//! Each phase ends in time, and says which it was.

mod support;

use crawlspace::{Dns, Failure, Kind, Phase, Request};
use crawlspace_http::{Resolver, ResolverConfig, Timeouts};
use crawlspace_hyper::Client;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use support::{Server, answered, builder, failed, ok, request};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

fn timeouts() -> Timeouts {
    Timeouts { resolve: LONG, connect: LONG, head: LONG, body_idle: LONG, total: LONG }
}

fn client(timeouts: Timeouts) -> Client {
    builder().timeouts(timeouts).build()
}

/// Sends this after the request, and then nothing.
async fn stalling(answer: &'static str) -> Server {
    Server::start(move |mut peer| async move {
        peer.request().await;
        peer.send(answer).await;
        peer.closed().await;
    })
    .await
}

#[tokio::test]
async fn a_slow_head() {
    for begun in ["", "HTTP/1.1 200 OK\r\nx: ", "HTTP/1.1 100 Continue\r\n\r\n"] {
        let server = stalling(begun).await;
        let slow = client(Timeouts { head: SHORT, ..timeouts() }).fetch(request(&server.url("/"))).await;
        assert_eq!(failed(slow), Failure::Timeout(Phase::Head));
        assert_eq!(server.seen.requests(), 1);
    }
}

#[tokio::test]
async fn a_slow_body() {
    let server = stalling("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n12345").await;
    let slow = client(Timeouts { body_idle: SHORT, ..timeouts() }).fetch(request(&server.url("/"))).await;
    assert_eq!(failed(slow), Failure::Timeout(Phase::Body));
}

#[tokio::test]
async fn a_body_that_goes_on_and_on() {
    let server = Server::start(|mut peer| async move {
        peer.request().await;
        peer.send("HTTP/1.1 200 OK\r\n\r\n").await;
        while peer.seen.open.load(std::sync::atomic::Ordering::SeqCst) > 0 {
            peer.send("#").await;
            tokio::task::yield_now().await;
        }
    })
    .await;
    let slow = client(Timeouts { total: SHORT, ..timeouts() }).fetch(request(&server.url("/"))).await;
    assert_eq!(failed(slow), Failure::Timeout(Phase::Total));
}

#[tokio::test]
async fn a_slow_handshake() {
    // Takes the connection, and knows nothing of TLS.
    let server = stalling("").await;
    let url = server.url("/").replace("http:", "https:");
    let slow = client(Timeouts { connect: SHORT, ..timeouts() }).fetch(request(&url)).await;
    assert_eq!(failed(slow), Failure::Timeout(Phase::Connect));
}

#[tokio::test]
async fn a_slow_name() {
    let (answer, question) = mpsc::channel::<()>();
    let question = Mutex::new(question);
    let lookup = Arc::new(move |_: &str| {
        // Until the test is over.
        let _ = question.lock().expect("a lock").recv();
        Err::<Vec<IpAddr>, _>(Failure::Dns(Dns::NoSuchName))
    });
    let resolver = Resolver::new(ResolverConfig { lookup, ..ResolverConfig::default() });
    let client = builder().timeouts(Timeouts { resolve: SHORT, ..timeouts() }).resolver(resolver).build();
    let slow = failed(client.fetch(request("http://slow.test/")).await);
    assert_eq!(slow, Failure::Timeout(Phase::Resolve));
    drop(answer);
}

#[tokio::test]
async fn the_budget_cuts_every_phase() {
    let head = stalling("").await;
    let client = client(timeouts());
    let hurried = Request { budget: SHORT, ..request(&head.url("/")) };
    assert_eq!(failed(client.fetch(hurried).await), Failure::Timeout(Phase::Head));
    let tls = Request { budget: SHORT, ..request(&head.url("/").replace("http:", "https:")) };
    assert_eq!(failed(client.fetch(tls).await), Failure::Timeout(Phase::Connect));
    let nothing = Request { budget: Duration::ZERO, ..request(&head.url("/")) };
    assert!(matches!(failed(client.fetch(nothing).await), Failure::Timeout(_)));
}

#[tokio::test]
async fn a_phase_begins_anew_with_each_piece() {
    // Each pause is shorter than the time-out, all of them together are longer.
    let server = Server::start(|mut peer| async move {
        while peer.request().await.is_some() {
            peer.send("HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n").await;
            for _ in 0..8 {
                tokio::time::sleep(SHORT).await;
                peer.send("#").await;
            }
        }
    })
    .await;
    let patient = client(Timeouts { body_idle: SHORT * 7, ..timeouts() });
    assert_eq!(answered(patient.fetch(request(&server.url("/"))).await).transfer.decoded, 8);
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    let mut config = ResolverConfig::default();
    config.overrides.insert("nowhere.test".to_owned(), Vec::new());
    let client = builder().resolver(Resolver::new(config)).build();
    let gone = failed(client.fetch(request("http://nowhere.test/")).await);
    assert_eq!(gone, Failure::Dns(Dns::NoSuchName));
}

#[tokio::test]
async fn the_next_address_is_tried() {
    let server = Server::repeating(ok("x")).await;
    let mut config = ResolverConfig::default();
    // Nothing listens on the first.
    let addresses = ["127.0.0.2", "127.0.0.1"].map(|text| text.parse().expect("an address"));
    config.overrides.insert("two.test".to_owned(), addresses.to_vec());
    let client = builder().resolver(Resolver::new(config)).build();
    let url = format!("http://two.test:{}/", server.address.port());
    assert_eq!(answered(client.fetch(Request { kind: Kind::Check, ..request(&url) }).await).status, 200);
    assert_eq!(server.seen.connections(), 1);
}
