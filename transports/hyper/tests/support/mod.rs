//! Requests to test with, and servers that do as they are told.

#![allow(dead_code, unreachable_pub)]

use crawlspace::codec::Decode;
use crawlspace::digest::{Digest, PlaceSet};
use crawlspace::{
    DigestLimits, Failure, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Method, Need, Outcome,
    RULES_VERSION, Request, Spec, Validators,
};
use crawlspace_http::Settings;
use crawlspace_hyper::{Builder, Client};
use std::future::Future;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use url::Url;

/// A GET whose body the digester wants whole.
pub fn request(url: &str) -> Request {
    Request {
        id: FetchId::from_bytes(&[1]).expect("an id"),
        url: Url::parse(url).expect("a URL"),
        kind: Kind::Robots,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(20),
        body_cap: 1 << 20,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: Fingerprint(0),
    }
}

/// A GET of whose answer only the head is wanted.
pub fn check(url: &str) -> Request {
    Request { kind: Kind::Check, need: Need::Status, ..request(url) }
}

pub fn head(url: &str) -> Request {
    Request { method: Method::Head, ..check(url) }
}

pub fn spec() -> Arc<Spec> {
    Arc::new(Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[0; 16]).expect("a key"),
        user_agent: "crawlspace-test/1".to_owned(),
        robots_token: "crawlspace-test".to_owned(),
        places: PlaceSet::default(),
        limits: DigestLimits::default(),
        extras: crawlspace::digest::Extras::default(),
    })
}

pub fn settings() -> Settings {
    Settings::new(spec())
}

pub fn builder() -> Builder {
    Client::builder(settings())
}

pub fn client() -> Client {
    builder().build()
}

/// All at once.
pub async fn fetch_all(client: &Client, requests: impl IntoIterator<Item = Request>) -> Vec<Outcome> {
    let fetch = |request| {
        let client = client.clone();
        async move { client.fetch(request).await }
    };
    requests.into_iter().map(fetch).collect::<JoinSet<_>>().join_all().await
}

#[track_caller]
pub fn answered(outcome: Outcome) -> Digest {
    match outcome {
        Outcome::Answered(digest) => *digest,
        Outcome::Failed(failure) => panic!("{failure:?}"),
    }
}

#[track_caller]
pub fn failed(outcome: Outcome) -> Failure {
    match outcome {
        Outcome::Answered(digest) => panic!("{digest:?}"),
        Outcome::Failed(failure) => failure,
    }
}

/// What a server has seen.
#[derive(Default)]
pub struct Seen {
    /// The heads of requests, in order.
    pub requests: Mutex<Vec<String>>,
    /// The number of the connection that each came on.
    pub served: Mutex<Vec<usize>>,
    pub connections: AtomicUsize,
    /// Over several servers, if they share this: connections now, and at most.
    pub open: AtomicUsize,
    pub most_open: AtomicUsize,
}

impl Seen {
    pub fn requests(&self) -> usize {
        self.requests.lock().expect("a lock").len()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(SeqCst)
    }

    pub fn most_open(&self) -> usize {
        self.most_open.load(SeqCst)
    }
}

/// A server on loopback that runs a script for each connection.
pub struct Server {
    pub address: SocketAddr,
    pub seen: Arc<Seen>,
}

impl Server {
    pub async fn start<S, F>(script: S) -> Self
    where
        S: Fn(Peer) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        Self::start_counted(Arc::default(), script).await
    }

    pub async fn start_counted<S, F>(seen: Arc<Seen>, script: S) -> Self
    where
        S: Fn(Peer) -> F + Send + 'static,
        F: Future<Output = ()> + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let counted = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let number = counted.connections.fetch_add(1, SeqCst) + 1;
                let open = counted.open.fetch_add(1, SeqCst) + 1;
                counted.most_open.fetch_max(open, SeqCst);
                let seen = Arc::clone(&counted);
                tokio::spawn(script(Peer { stream, buffer: Vec::new(), seen, number }));
            }
        });
        Self { address, seen }
    }

    /// Answers every request on every connection with these bytes, until the client closes.
    pub async fn repeating(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<Vec<u8>> = Arc::new(answer.into());
        Self::start(move |mut peer| {
            let answer = Arc::clone(&answer);
            async move {
                while peer.request().await.is_some() {
                    peer.send(answer.as_slice()).await;
                }
            }
        })
        .await
    }

    /// Answers one request on every connection with these bytes, then closes.
    pub async fn once(answer: impl Into<Vec<u8>>) -> Self {
        let answer: Arc<Vec<u8>> = Arc::new(answer.into());
        Self::start(move |mut peer| {
            let answer = Arc::clone(&answer);
            async move {
                peer.request().await;
                peer.send(answer.as_slice()).await;
            }
        })
        .await
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }
}

/// The client, as the server sees it.
pub struct Peer {
    stream: TcpStream,
    buffer: Vec<u8>,
    pub seen: Arc<Seen>,
    /// Which connection this is, from 1.
    number: usize,
}

impl Peer {
    /// The head of the next request; `None` if the client has closed.
    pub async fn request(&mut self) -> Option<String> {
        loop {
            if let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
                let head: Vec<u8> = self.buffer.drain(..end + 4).collect();
                let head = String::from_utf8(head).expect("ASCII");
                self.seen.requests.lock().expect("a lock").push(head.clone());
                self.seen.served.lock().expect("a lock").push(self.number);
                return Some(head);
            }
            if self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) == 0 {
                return None;
            }
        }
    }

    /// The client may have gone: that is its right.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        let _ = self.stream.write_all(bytes.as_ref()).await;
    }

    /// Until the client closes.
    pub async fn closed(&mut self) {
        while self.stream.read_buf(&mut self.buffer).await.unwrap_or(0) > 0 {}
    }

    /// Breaks the connection off.
    pub fn reset(self) {
        self.stream.set_zero_linger().expect("an option");
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        self.seen.open.fetch_sub(1, SeqCst);
    }
}

/// A complete answer.
pub fn ok(body: &str) -> String {
    format!("HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}
