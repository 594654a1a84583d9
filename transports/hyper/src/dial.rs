//! Opening connections: name, address, TLS, and what is spoken then.

use crate::clock::Clock;
use crate::failures;
use crate::http1::Http1;
use crate::http2::Http2;
use crate::origin::OriginRef;
use crate::pool::Lease;
use crate::socket::{Socket, Wire};
use crawlspace::{Connect, Dns, Failure, Phase};
use crawlspace_http::{HeadLimits, Resolver, io_failure, tls};
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::Poll;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, sleep_until};
use tokio_rustls::TlsConnector;

/// How long an address may keep the next one waiting (RFC 8305 section 8).
const HEAD_START: Duration = Duration::from_millis(250);

pub(crate) struct Dialer {
    pub(crate) resolver: Resolver,
    pub(crate) tls: TlsConnector,
    pub(crate) limits: HeadLimits,
    /// Whether HTTP/2 is offered over TLS.
    pub(crate) http2: bool,
    /// Speak HTTP/2 where there is no TLS to negotiate it (RFC 9113 section 3.3).
    pub(crate) prior_knowledge: bool,
}

/// A connection just opened, and not used yet.
pub(crate) enum Dialled {
    /// For one request at a time.
    One(Box<Http1>),
    /// To be shared.
    Many(Http2),
}

impl Dialer {
    /// Whether what an origin speaks may turn out to be HTTP/2.
    pub(crate) fn may_share(&self, origin: OriginRef<'_>) -> bool {
        if origin.tls { self.http2 } else { self.prior_knowledge }
    }

    /// Opens a connection under `lease`, within the clock's time-outs.
    pub(crate) async fn dial(
        &self,
        origin: OriginRef<'_>,
        lease: Lease,
        clock: &mut Clock<'_>,
    ) -> Result<Dialled, Failure> {
        clock.enter(Phase::Resolve);
        let addresses = clock.bound(self.resolver.resolve_async(origin.host, origin.port)).await??;
        clock.enter(Phase::Connect);
        clock.bound(self.connect(origin, &addresses, lease)).await?
    }

    async fn connect(
        &self,
        origin: OriginRef<'_>,
        addresses: &[SocketAddr],
        lease: Lease,
    ) -> Result<Dialled, Failure> {
        let stream = first_to_connect(addresses).await?;
        stream.set_nodelay(true).map_err(|error| io_failure(&error, Phase::Connect))?;
        let (wire, http2) = if origin.tls {
            let stream = self.tls.connect(tls::server_name(origin.host)?, stream).await;
            let stream = stream.map_err(|error| io_failure(&error, Phase::Connect))?;
            let http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
            (Wire::Tls(Box::new(stream)), http2)
        } else {
            (Wire::Plain(stream), self.prior_knowledge)
        };
        let socket = Socket::new(wire, lease);
        let dialled = if http2 {
            Http2::new(socket, self.limits).await.map(Dialled::Many)
        } else {
            Http1::new(socket, self.limits).await.map(Dialled::One)
        };
        dialled.map_err(|error| failures::head(&error, &[], self.limits))
    }
}

/// Tries the addresses in order; each may keep the next one waiting only so long.
async fn first_to_connect(addresses: &[SocketAddr]) -> Result<TcpStream, Failure> {
    if let [address] = addresses {
        let stream = TcpStream::connect(address).await;
        return stream.map_err(|error| io_failure(&error, Phase::Connect));
    }
    let mut rest = addresses.iter();
    let mut attempts: Vec<Attempt> = Vec::new();
    let mut failure = None;
    let mut head_start = pin!(sleep_until(Instant::now()));
    let mut due = true;
    std::future::poll_fn(|cx| {
        loop {
            if due && let Some(&address) = rest.next() {
                attempts.push(Box::pin(TcpStream::connect(address)));
                head_start.as_mut().reset(Instant::now() + HEAD_START);
            }
            due = false;
            let mut connected = None;
            attempts.retain_mut(|attempt| match attempt.as_mut().poll(cx) {
                Poll::Pending => true,
                Poll::Ready(Ok(stream)) => {
                    connected = Some(stream);
                    false
                }
                Poll::Ready(Err(error)) => {
                    failure = Some(telling(failure.take(), io_failure(&error, Phase::Connect)));
                    due = true;
                    false
                }
            });
            if let Some(stream) = connected {
                return Poll::Ready(Ok(stream));
            }
            if rest.len() == 0 {
                return match &failure {
                    _ if !attempts.is_empty() => Poll::Pending,
                    Some(failure) => Poll::Ready(Err(failure.clone())),
                    None => Poll::Ready(Err(Failure::Dns(Dns::NoSuchName))),
                };
            }
            due = due || head_start.as_mut().poll(cx).is_ready();
            if !due {
                return Poll::Pending;
            }
        }
    })
    .await
}

type Attempt = Pin<Box<dyn Future<Output = io::Result<TcpStream>> + Send>>;

/// Of two failures the one that says more: that there is no route may only be about IPv6.
fn telling(first: Option<Failure>, second: Failure) -> Failure {
    match first {
        Some(first) if first != Failure::Connect(Connect::Unreachable) => first,
        _ => second,
    }
}
