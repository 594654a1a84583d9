//! One fetch: a connection, a request, a response.

use crate::builder::Builder;
use crate::clock::Clock;
use crate::dial::{Dialer, Dialled};
use crate::failures;
use crate::http1::{Http1, Trouble};
use crate::http2::Http2;
use crate::message::Message;
use crate::origin::{Origin, OriginRef};
use crate::pool::{Acquired, Caps, Grant, Place, Pool};
use crawlspace::digest::{Appetite, Head};
use crawlspace::{Failure, Outcome, Phase, Protocol, Request};
use crawlspace_http::{Exchange, Settings, Times, request_fields};
use http::{Response, StatusCode};
use hyper::body::{Body, Bytes, Frame, Incoming};
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, sleep_until};

/// The most that is read of a body nobody wants, to be able to use its connection again.
const DRAIN: u64 = 64 * 1024;
/// How long the rest of such a body may keep the answer waiting.
const DRAIN_TIME: Duration = Duration::from_millis(500);

/// Carries out fetches over HTTP. Clones share connections and settings.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    dialer: Dialer,
    pool: Arc<Pool<Box<Http1>, Http2>>,
}

impl Client {
    /// Begins to set up a client: by [`Settings`], or where their defaults will do, by the engine's
    /// [`Spec`](crawlspace::Spec).
    pub fn builder(settings: impl Into<Settings>) -> Builder {
        Builder::new(settings.into())
    }

    pub(crate) fn new(settings: Settings, dialer: Dialer, caps: Caps) -> Self {
        let pool = Pool::new(caps);
        Self { inner: Arc::new(Inner { settings, dialer, pool }) }
    }

    /// Carries out one fetch: one request on the wire at most, no redirect followed, nothing sent again. Whatever
    /// goes wrong is the outcome's [`Failure`].
    ///
    /// Needs a tokio runtime with I/O and time. Dropping the future gives the fetch up and closes its connection.
    pub async fn fetch(&self, request: Request) -> Outcome {
        let inner = &*self.inner;
        let begun = Instant::now();
        let mut exchange = inner.settings.exchange(&request);
        let timeouts = inner.settings.timeouts.within(request.budget);
        let sleep = pin!(sleep_until(begun + timeouts.total));
        let mut clock = Clock::new(begun, timeouts, sleep);
        match inner.carry(&request, &mut exchange, &mut clock).await {
            Ok(times) => exchange.finish(times),
            Err(failure) => exchange.fail(failure),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

/// What a request is carried out on.
enum Carrier {
    One(Box<Http1>),
    Many(Place<Http2>),
}

impl Inner {
    async fn carry(
        &self,
        request: &Request,
        exchange: &mut Exchange,
        clock: &mut Clock<'_>,
    ) -> Result<Times, Failure> {
        let origin = OriginRef::of(&request.url)?;
        let fields = request_fields(request, &self.settings.spec, &self.settings.header_sets);
        let mut message = Message::new(exchange.method(), &request.url, fields)?;
        loop {
            let (origin, mut carrier, fresh) = self.connection(origin, clock).await?;
            clock.enter(Phase::Head);
            match carrier.send(message, &origin, &self.dialer, clock).await {
                Ok(response) => return self.receive(response, &origin, carrier, exchange, clock).await,
                // Closed by the server while it was idle, and nothing was written: that was no attempt. There are
                // only so many such connections.
                Err(Trouble::Unsent(unsent, _)) if !fresh => message = *unsent,
                Err(Trouble::Unsent(_, failure)) => return Err(failure),
                Err(Trouble::Failed(failure)) => {
                    carrier.suspect(&failure);
                    return Err(failure);
                }
            }
        }
    }

    /// A connection to `origin`, and whether it was made just now.
    async fn connection(
        &self,
        origin: OriginRef<'_>,
        clock: &mut Clock<'_>,
    ) -> Result<(Arc<Origin>, Carrier, bool), Failure> {
        let may_share = self.dialer.may_share(origin);
        let (known, acquired) = self.pool.acquire(origin, may_share, clock.begun());
        let grant = match acquired {
            Acquired::Now(grant) => grant,
            Acquired::Later(wait) => {
                clock.enter(Phase::Total);
                clock.bound(wait).await?.map_err(|_| Failure::Closed)?
            }
        };
        let lease = match grant {
            Grant::Reuse(connection) => return Ok((known, Carrier::One(connection), false)),
            Grant::Place(place) => return Ok((known, Carrier::Many(place), false)),
            Grant::Open(lease) => lease,
        };
        let id = lease.id();
        let carrier = match self.dialer.dial(origin, lease, clock).await? {
            Dialled::One(connection) => {
                if may_share {
                    self.pool.settle(&known, id);
                }
                Carrier::One(connection)
            }
            Dialled::Many(handle) => Carrier::Many(self.pool.share(&known, id, handle)),
        };
        Ok((known, carrier, true))
    }

    /// Takes the response in as far as it is wanted, and gives the connection back.
    async fn receive(
        &self,
        response: Response<Incoming>,
        origin: &Arc<Origin>,
        mut carrier: Carrier,
        exchange: &mut Exchange,
        clock: &mut Clock<'_>,
    ) -> Result<Times, Failure> {
        let first_byte = clock.begun().elapsed();
        let (head, mut body) = response.into_parts();
        if head.status == StatusCode::SWITCHING_PROTOCOLS {
            // Nobody asked for it (RFC 9110 section 15.2.2).
            return Err(Failure::Protocol(Protocol::Malformed));
        }
        if head.headers.len() > self.dialer.limits.fields {
            return Err(Failure::Protocol(Protocol::HeadTooLarge));
        }
        let mut appetite = exchange.head(Head { status: head.status, headers: head.headers })?;
        let mut ended = body.is_end_stream();
        while appetite == Appetite::More && !ended {
            clock.enter(Phase::Body);
            match carrier.frame(&mut body, clock).await? {
                Some(Ok(frame)) => {
                    if let Some(chunk) = frame.data_ref() {
                        appetite = exchange.chunk(chunk)?;
                    }
                }
                Some(Err(error)) => return Err(failures::body(&error)),
                None => ended = true,
            }
        }
        let times = Times { first_byte, total: clock.begun().elapsed() };
        if let Carrier::One(mut connection) = carrier
            && (ended || connection.drain(&mut body, clock).await)
        {
            drop(body);
            let reusable = std::future::poll_fn(|cx| Poll::Ready(connection.is_reusable(cx))).await;
            if reusable {
                self.pool.give_back(origin, connection, Instant::now());
            }
        }
        Ok(times)
    }
}

impl Carrier {
    async fn send(
        &mut self,
        message: Message,
        origin: &Origin,
        dialer: &Dialer,
        clock: &mut Clock<'_>,
    ) -> Result<Response<Incoming>, Trouble> {
        match self {
            Self::One(connection) => connection.send(message.http1(origin), clock).await,
            Self::Many(place) => place.handle.send(message.http2(origin), dialer.limits, clock).await,
        }
    }

    /// The body's next frame, while the phase may last.
    async fn frame(
        &mut self,
        body: &mut Incoming,
        clock: &mut Clock<'_>,
    ) -> Result<Option<Result<Frame<Bytes>, hyper::Error>>, Failure> {
        std::future::poll_fn(|cx| match self.poll_frame(body, cx) {
            Poll::Ready(frame) => Poll::Ready(Ok(frame)),
            Poll::Pending => clock.poll_expired(cx).map(Err),
        })
        .await
    }

    fn poll_frame(
        &mut self,
        body: &mut Incoming,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        match self {
            Self::One(connection) => connection.poll_frame(body, cx),
            Self::Many(_) => Pin::new(body).poll_frame(cx),
        }
    }

    /// A shared connection that brings nothing may be dead: the next fetch is to try another.
    fn suspect(&self, failure: &Failure) {
        if let (Self::Many(place), Failure::Timeout(_)) = (self, failure) {
            place.retire();
        }
    }
}

impl Http1 {
    /// Reads the rest of a body that nobody wants, if that is little: one announced as small, or what has come
    /// already. True if that was all.
    async fn drain(&mut self, body: &mut Incoming, clock: &mut Clock<'_>) -> bool {
        let small = body.size_hint().exact().is_some_and(|length| length <= DRAIN);
        let mut left = DRAIN;
        clock.enter_for(Phase::Body, if small { DRAIN_TIME } else { Duration::ZERO });
        std::future::poll_fn(|cx| {
            loop {
                match self.poll_frame(body, cx) {
                    Poll::Ready(None) => return Poll::Ready(true),
                    Poll::Ready(Some(Ok(frame))) => {
                        let length = frame.data_ref().map_or(0, |chunk| chunk.len() as u64);
                        match left.checked_sub(length) {
                            Some(rest) => left = rest,
                            None => return Poll::Ready(false),
                        }
                    }
                    Poll::Ready(Some(Err(_))) => return Poll::Ready(false),
                    Poll::Pending if small => return clock.poll_expired(cx).map(|_| false),
                    Poll::Pending => return Poll::Ready(false),
                }
            }
        })
        .await
    }
}
