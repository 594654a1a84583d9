//! Each phase ends in time, and says which it was.

mod support;

use crawlspace::digest::{End, Head};
use crawlspace::{Dns, Failure, Kind, Phase, Request};
use crawlspace_http::{Resolver, ResolverConfig, Tap, Taps, Timeouts};
use crawlspace_hyper::Client;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;
use support::{Server, answered, failed, ok, request, settings};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
#[cfg(target_os = "linux")]
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

const SHORT: Duration = Duration::from_millis(300);
const LONG: Duration = Duration::from_secs(20);

fn timeouts() -> Timeouts {
    Timeouts { resolve: LONG, connect: LONG, head: LONG, body_idle: LONG, total: LONG }
}

fn client(timeouts: Timeouts) -> Client {
    Client::builder(settings().timeouts(timeouts)).build()
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
    let client =
        Client::builder(settings().timeouts(Timeouts { resolve: SHORT, ..timeouts() }).resolver(resolver))
            .build();
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

/// Tells of each piece of a body that has come in.
#[derive(Clone)]
struct Pieces(UnboundedSender<()>);

impl Taps for Pieces {
    fn open(&self, _: &Request) -> Option<Box<dyn Tap>> {
        Some(Box::new(self.clone()))
    }
}

impl Tap for Pieces {
    fn wants_all(&self) -> bool {
        true
    }
    fn head(&mut self, _: &Head) {}
    fn encoded(&mut self, _: &[u8]) {
        let _ = self.0.send(());
    }
    fn decoded(&mut self, _: &[u8]) {}
    fn end(&mut self, _: Result<End, &Failure>) {}
}

#[tokio::test]
async fn a_phase_begins_anew_with_each_piece() {
    // Time stands still but for what the server lets pass: paused time runs by itself only while nothing is at work.
    tokio::time::pause();
    let (over, until_over) = mpsc::channel::<()>();
    let at_work = tokio::task::spawn_blocking(move || until_over.recv());
    let (piece, mut pieces) = unbounded_channel();
    let (idle, pause) = (Duration::from_secs(10), Duration::from_secs(9));
    let server = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let url = format!("http://{}/", server.local_addr().expect("an address"));
    let serving = tokio::spawn(async move {
        let (mut peer, _) = server.accept().await.expect("a client");
        let mut head = [0; 1024];
        assert!(peer.read(&mut head).await.expect("a request") > 0);
        peer.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 8\r\n\r\n").await.expect("it listens");
        for _ in 0..8 {
            peer.write_all(b"#").await.expect("it listens");
            pieces.recv().await.expect("it has come in");
            // Each pause is shorter than the time-out, two of them are longer.
            tokio::time::advance(pause).await;
        }
    });
    let patient = Timeouts { body_idle: idle, total: idle * 100, ..timeouts() };
    let client = Client::builder(settings().timeouts(patient).taps(Arc::new(Pieces(piece)))).build();
    let request = Request { budget: idle * 100, ..request(&url) };
    assert_eq!(answered(client.fetch(request).await).transfer.decoded, 8);
    serving.await.expect("no panic");
    drop(over);
    let _ = at_work.await;
}

#[tokio::test]
async fn a_name_that_does_not_exist() {
    let mut config = ResolverConfig::default();
    config.overrides.insert("nowhere.test".to_owned(), Vec::new());
    let client = Client::builder(settings().resolver(Resolver::new(config))).build();
    let gone = failed(client.fetch(request("http://nowhere.test/")).await);
    assert_eq!(gone, Failure::Dns(Dns::NoSuchName));
}

/// The first address neither takes the connection nor refuses it: its queue is full.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_that_is_silent_does_not_hold_up_the_next() {
    let server = Server::repeating(ok("x")).await;
    let silent = TcpSocket::new_v4().expect("a socket");
    silent.bind(([127, 0, 0, 2], server.address.port()).into()).expect("a port that is free there");
    let silent = silent.listen(0).expect("a queue");
    let in_the_way =
        TcpStream::connect(silent.local_addr().expect("an address")).await.expect("room for one");
    let mut config = ResolverConfig::default();
    let addresses = ["127.0.0.2", "127.0.0.1"].map(|text| text.parse().expect("an address"));
    config.overrides.insert("two.test".to_owned(), addresses.to_vec());
    let client = Client::builder(settings().resolver(Resolver::new(config)).timeouts(timeouts())).build();
    let url = format!("http://two.test:{}/", server.address.port());
    assert_eq!(answered(client.fetch(Request { kind: Kind::Check, ..request(&url) }).await).status, 200);
    assert_eq!(server.seen.connections(), 1);
    drop((silent, in_the_way));
}

#[tokio::test]
async fn the_next_address_is_tried() {
    let server = Server::repeating(ok("x")).await;
    let mut config = ResolverConfig::default();
    // Nothing listens on the first.
    let addresses = ["127.0.0.2", "127.0.0.1"].map(|text| text.parse().expect("an address"));
    config.overrides.insert("two.test".to_owned(), addresses.to_vec());
    let client = Client::builder(settings().resolver(Resolver::new(config))).build();
    let url = format!("http://two.test:{}/", server.address.port());
    assert_eq!(answered(client.fetch(Request { kind: Kind::Check, ..request(&url) }).await).status, 200);
    assert_eq!(server.seen.connections(), 1);
}
