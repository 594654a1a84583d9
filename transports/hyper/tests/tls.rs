//! TLS, and HTTP/2 where the server takes it up.

mod support;

use crawlspace::{Failure, Phase, Protocol, Request, Tls};
use crawlspace_http::{Resolver, ResolverConfig, Timeouts, tls};
use crawlspace_hyper::{Builder, Client};
use h2::server::SendResponse;
use h2::{Reason, RecvStream};
use hyper::body::Bytes;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair, date_time_ymd};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ServerConfig};
use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;
use support::{answered, builder, check, failed, fetch_all, ok, request, settings};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

/// A certificate authority, and one certificate of its making.
struct Authority {
    root: CertificateDer<'static>,
    server: Arc<ServerConfig>,
}

impl Authority {
    fn new(name: &str, alpn: &[&[u8]], change: impl FnOnce(&mut CertificateParams)) -> Self {
        let mut root = CertificateParams::default();
        root.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let root = CertifiedIssuer::self_signed(root, KeyPair::generate().expect("a key")).expect("a root");
        let key = KeyPair::generate().expect("a key");
        let mut params = CertificateParams::new(vec![name.to_owned()]).expect("a name");
        change(&mut params);
        let certificate = params.signed_by(&key, &root).expect("a certificate");
        let key = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut server = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_no_client_auth()
            .with_single_cert(vec![certificate.der().clone()], key)
            .expect("a pair");
        server.alpn_protocols = alpn.iter().map(|protocol| protocol.to_vec()).collect();
        Self { root: root.der().clone(), server: Arc::new(server) }
    }

    fn trusted(&self) -> Arc<ClientConfig> {
        tls::client_config_with_roots(&[], [self.root.clone()]).expect("a root")
    }
}

/// Every name under `.test` that is used here is this machine.
fn resolver() -> Resolver {
    let mut config = ResolverConfig::default();
    config.overrides.insert("site.test".to_owned(), vec!["127.0.0.1".parse().expect("an address")]);
    Resolver::new(config)
}

fn trusting(authority: &Authority) -> Builder {
    Client::builder(settings().resolver(resolver()).tls(authority.trusted()))
}

#[derive(Default)]
struct Seen {
    connections: AtomicUsize,
    requests: AtomicUsize,
    streams: AtomicUsize,
    most_streams: AtomicUsize,
}

/// What an HTTP/2 server does with a request.
#[derive(Clone, Copy, Debug)]
enum Act {
    Answer,
    /// Answers, and says that it takes no more requests on this connection.
    Leave,
    Refuse,
    /// Begins a body, and breaks it off.
    Break,
    /// Begins a large body.
    Flood,
    Silence,
    Fields(usize, usize),
}

async fn speak_http2(io: impl AsyncRead + AsyncWrite + Unpin, act: Act, seen: Arc<Seen>) {
    let mut connection = h2::server::handshake(io).await.expect("a handshake");
    while let Some(Ok((request, respond))) = connection.accept().await {
        assert!(request.headers().get("host").is_none() && request.headers().get("connection").is_none());
        assert!(request.uri().authority().is_some());
        seen.requests.fetch_add(1, SeqCst);
        if matches!(act, Act::Leave) {
            connection.graceful_shutdown();
        }
        tokio::spawn(respond_http2(request, respond, act, Arc::clone(&seen)));
    }
}

async fn respond_http2(
    _request: http::Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    act: Act,
    seen: Arc<Seen>,
) {
    let streams = seen.streams.fetch_add(1, SeqCst) + 1;
    seen.most_streams.fetch_max(streams, SeqCst);
    // Lets others in.
    for _ in 0..10 {
        tokio::task::yield_now().await;
    }
    // Before the client can know: what comes next counts as after it.
    seen.streams.fetch_sub(1, SeqCst);
    let mut response = http::Response::new(());
    match act {
        Act::Answer | Act::Leave => {
            let mut body = respond.send_response(response, false).expect("a stream");
            body.send_data(Bytes::from_static(b"body"), true).expect("a stream");
        }
        Act::Refuse => respond.send_reset(Reason::REFUSED_STREAM),
        Act::Break => {
            let mut body = respond.send_response(response, false).expect("a stream");
            body.send_data(Bytes::from_static(b"bo"), false).expect("a stream");
            // Until that is on its way.
            for _ in 0..20 {
                tokio::task::yield_now().await;
            }
            body.send_reset(Reason::INTERNAL_ERROR);
        }
        Act::Flood => {
            let mut body = respond.send_response(response, false).expect("a stream");
            body.send_data(vec![b'#'; 10_000_000].into(), false).expect("a stream");
            let _ = std::future::poll_fn(|cx| body.poll_reset(cx)).await;
        }
        Act::Silence => {
            let _ = std::future::poll_fn(|cx| respond.poll_reset(cx)).await;
        }
        Act::Fields(count, length) => {
            for _ in 0..count {
                response.headers_mut().append("x", "#".repeat(length).parse().expect("a value"));
            }
            respond.send_response(response, true).expect("a stream");
        }
    }
}

async fn speak_http1(mut io: impl AsyncRead + AsyncWrite + Unpin, seen: Arc<Seen>) {
    let mut buffer = Vec::new();
    while io.read_buf(&mut buffer).await.unwrap_or(0) > 0 {
        if buffer.ends_with(b"\r\n\r\n") {
            buffer.clear();
            seen.requests.fetch_add(1, SeqCst);
            io.write_all(ok("body").as_bytes()).await.expect("a client");
        }
    }
}

async fn listen() -> (TcpListener, SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("an address");
    (listener, address)
}

/// A server with TLS that speaks what is agreed on.
async fn secure(authority: &Authority, act: Act) -> (String, Arc<Seen>) {
    let (listener, address) = listen().await;
    let seen = Arc::new(Seen::default());
    let (acceptor, counted) = (TlsAcceptor::from(Arc::clone(&authority.server)), Arc::clone(&seen));
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.connections.fetch_add(1, SeqCst);
            let (acceptor, seen) = (acceptor.clone(), Arc::clone(&counted));
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                if stream.get_ref().1.alpn_protocol() == Some(b"h2") {
                    speak_http2(stream, act, seen).await;
                } else {
                    speak_http1(stream, seen).await;
                }
            });
        }
    });
    (format!("https://site.test:{}/a?b", address.port()), seen)
}

/// A server that speaks HTTP/2 without TLS.
async fn plain(act: Act) -> (String, Arc<Seen>) {
    let (listener, address) = listen().await;
    let seen = Arc::new(Seen::default());
    let counted = Arc::clone(&seen);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counted.connections.fetch_add(1, SeqCst);
            tokio::spawn(speak_http2(stream, act, Arc::clone(&counted)));
        }
    });
    (format!("http://{address}/"), seen)
}

fn prior_knowledge() -> Builder {
    builder().http2_prior_knowledge(true)
}

const BOTH: &[&[u8]] = &[b"h2", b"http/1.1"];

#[tokio::test]
async fn http2_shares_one_connection() {
    let authority = Authority::new("site.test", BOTH, |_| ());
    let (url, seen) = secure(&authority, Act::Answer).await;
    let client = trusting(&authority).build();
    for _ in 0..3 {
        for outcome in fetch_all(&client, (0..40).map(|_| request(&url))).await {
            let digest = answered(outcome);
            assert_eq!((digest.status, digest.transfer.decoded), (200, 4));
        }
    }
    assert_eq!((seen.connections.load(SeqCst), seen.requests.load(SeqCst)), (1, 120));
    assert!(seen.most_streams.load(SeqCst) > 1);
}

#[tokio::test]
async fn http2_streams_are_capped() {
    let (url, seen) = plain(Act::Answer).await;
    let client = prior_knowledge().streams_per_connection(3).build();
    for outcome in fetch_all(&client, (0..50).map(|_| request(&url))).await {
        answered(outcome);
    }
    assert_eq!((seen.connections.load(SeqCst), seen.requests.load(SeqCst)), (1, 50));
    assert_eq!(seen.most_streams.load(SeqCst), 3);
}

#[tokio::test]
async fn http1_is_spoken_where_http2_is_not() {
    for (offered, alpn) in [(true, &[b"http/1.1".as_slice()][..]), (true, &[]), (false, BOTH)] {
        let authority = Authority::new("site.test", alpn, |_| ());
        let (url, seen) = secure(&authority, Act::Answer).await;
        let client = trusting(&authority).http2(offered).connections_per_origin(4).build();
        for outcome in fetch_all(&client, (0..30).map(|_| request(&url))).await {
            assert_eq!(answered(outcome).transfer.decoded, 4);
        }
        assert_eq!(seen.requests.load(SeqCst), 30);
        let connections = seen.connections.load(SeqCst);
        assert!((2..=4).contains(&connections), "{connections}");
    }
}

#[tokio::test]
async fn certificates_are_checked() {
    async fn failure(authority: &Authority, client: Builder) -> Failure {
        let (url, seen) = secure(authority, Act::Answer).await;
        let failure = failed(client.build().fetch(request(&url)).await);
        assert_eq!(seen.requests.load(SeqCst), 0);
        failure
    }
    let good = Authority::new("site.test", BOTH, |_| ());
    assert_eq!(
        failure(&good, Client::builder(settings().resolver(resolver()))).await,
        Failure::Tls(Tls::UnknownIssuer)
    );
    let other = Authority::new("other.test", BOTH, |_| ());
    assert_eq!(failure(&other, trusting(&other)).await, Failure::Tls(Tls::WrongName));
    let old = Authority::new("site.test", BOTH, |params| params.not_after = date_time_ymd(2020, 1, 1));
    assert_eq!(failure(&old, trusting(&old)).await, Failure::Tls(Tls::Expired));
    let early = Authority::new("site.test", BOTH, |params| params.not_before = date_time_ymd(3000, 1, 1));
    assert_eq!(failure(&early, trusting(&early)).await, Failure::Tls(Tls::NotYetValid));
}

#[tokio::test]
async fn what_is_not_tls_fails_the_handshake() {
    let server = support::Server::start(|mut peer| async move {
        peer.send("HTTP/1.1 400 Bad Request\r\n\r\n").await;
        peer.closed().await;
    })
    .await;
    let url = server.url("/").replace("http:", "https:");
    // The second finds the origin as unknown as the first did.
    let client = builder().build();
    for outcome in fetch_all(&client, (0..5).map(|_| request(&url))).await {
        assert_eq!(failed(outcome), Failure::Tls(Tls::Handshake));
    }
    assert_eq!(server.seen.connections(), 5);
}

#[tokio::test]
async fn what_is_said_before_the_request_is_no_response() {
    let mut authority = Authority::new("site.test", &[], |_| ());
    // So that it comes with the handshake.
    Arc::make_mut(&mut authority.server).send_half_rtt_data = true;
    for (said, failure) in
        [("SSH-2.0-OpenSSH_9.6\r\n", Protocol::Malformed), ("HTTP/3.7 200 OK\r\n\r\n", Protocol::Version)]
    {
        let (listener, address) = listen().await;
        let acceptor = TlsAcceptor::from(Arc::clone(&authority.server));
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a client");
            let say = |session: &mut rustls::ServerConnection| {
                session.writer().write_all(said.as_bytes()).expect("memory");
            };
            let mut stream = acceptor.accept_with(stream, say).await.expect("a handshake");
            while stream.read_buf(&mut Vec::new()).await.unwrap_or(0) > 0 {}
        });
        let url = format!("https://site.test:{}/", address.port());
        let outcome = trusting(&authority).build().fetch(request(&url)).await;
        assert_eq!(failed(outcome), Failure::Protocol(failure), "{said}");
    }
}

#[tokio::test]
async fn a_connection_the_server_leaves_is_replaced() {
    let (url, seen) = plain(Act::Leave).await;
    let client = prior_knowledge().build();
    for number in 1..=10 {
        assert_eq!(answered(client.fetch(request(&url)).await).transfer.decoded, 4);
        assert_eq!(seen.requests.load(SeqCst), number);
        // Until what the server said about leaving has come.
        for _ in 0..50 {
            tokio::task::yield_now().await;
        }
    }
    assert_eq!(seen.connections.load(SeqCst), 10);
}

#[tokio::test]
async fn a_reset_stream_fails_one_fetch() {
    for (act, failure) in [(Act::Refuse, Failure::Closed), (Act::Break, Failure::Truncated)] {
        let (url, seen) = plain(act).await;
        let client = prior_knowledge().build();
        for _ in 0..3 {
            assert_eq!(failed(client.fetch(request(&url)).await), failure, "{act:?}");
        }
        assert_eq!((seen.connections.load(SeqCst), seen.requests.load(SeqCst)), (1, 3), "{act:?}");
    }
}

#[tokio::test]
async fn heads_are_bounded() {
    let too_large = Failure::Protocol(Protocol::HeadTooLarge);
    for (count, length) in [(129, 1), (20, 5_000), (100, 5_000)] {
        let (url, _) = plain(Act::Fields(count, length)).await;
        let failure = failed(prior_knowledge().build().fetch(request(&url)).await);
        assert_eq!(failure, too_large, "{count} fields of {length}");
    }
    let (url, _) = plain(Act::Fields(128, 1)).await;
    assert_eq!(answered(prior_knowledge().build().fetch(request(&url)).await).status, 200);
}

#[tokio::test]
async fn a_body_nobody_wants_costs_its_stream_only() {
    let (url, seen) = plain(Act::Flood).await;
    let client = prior_knowledge().build();
    for _ in 0..10 {
        assert_eq!(answered(client.fetch(check(&url)).await).status, 200);
    }
    assert_eq!((seen.connections.load(SeqCst), seen.requests.load(SeqCst)), (1, 10));
}

#[tokio::test]
async fn a_connection_that_brings_nothing_is_not_used_again() {
    let (url, seen) = plain(Act::Silence).await;
    let head = Duration::from_millis(400);
    let settings = settings().timeouts(Timeouts { head, ..Timeouts::default() });
    let client = Client::builder(settings).http2_prior_knowledge(true).build();
    for number in 1..=3 {
        let failure = failed(client.fetch(Request { ..request(&url) }).await);
        assert_eq!(failure, Failure::Timeout(Phase::Head));
        assert_eq!((seen.connections.load(SeqCst), seen.requests.load(SeqCst)), (number, number));
    }
}

#[tokio::test]
async fn what_is_not_http2_is_malformed() {
    let server = support::Server::repeating(ok("x")).await;
    let failure = failed(prior_knowledge().build().fetch(request(&server.url("/"))).await);
    assert_eq!(failure, Failure::Protocol(Protocol::Malformed));
}
