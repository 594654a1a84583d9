//! One request, one response.

use crate::Builder;
use crate::failure::{failure, wrapped};
use crate::patience;
use crate::wire::OUTPUT;
use core::fmt;
use core::time::Duration;
use crawlspace::digest::{Appetite, Head};
use crawlspace::{Failure, Local, Outcome, Phase, Request};
use crawlspace_http::{Exchange, Settings, Times, request_fields};
use std::io::{self, Read};
use std::sync::Arc;
use std::time::Instant;
use ureq::http::header::{self, HeaderMap};
use ureq::http::{self as http, Uri};
use ureq::{Agent, Body};
use url::{Position, Url};

/// A blocking HTTP client. Clones share connections and settings.
#[derive(Clone)]
pub struct Client(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) agent: Agent,
    pub(crate) settings: Settings,
}

impl Client {
    /// Begins to set up a client: by [`Settings`], or where their defaults will do, by the engine's
    /// [`Spec`](crawlspace::Spec).
    pub fn builder(settings: impl Into<Settings>) -> Builder {
        Builder::new(settings.into())
    }

    /// Carries out one fetch: sends exactly one request, follows no redirect, tries nothing twice. Blocks until the
    /// outcome is known, for less than the request's budget.
    ///
    /// Any response is an answer, whatever its status; what kept one from coming is the failure.
    #[must_use]
    pub fn fetch(&self, request: &Request) -> Outcome {
        let began = Instant::now();
        let mut exchange = self.0.settings.exchange(request);
        match self.0.carry_out(request, &mut exchange, began) {
            Ok(first_byte) => exchange.finish(Times { first_byte, total: began.elapsed() }),
            Err(failure) => exchange.fail(failure),
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("settings", &self.0.settings).finish_non_exhaustive()
    }
}

impl Inner {
    /// Gives the time until the head had come.
    fn carry_out(
        &self,
        request: &Request,
        exchange: &mut Exchange,
        began: Instant,
    ) -> Result<Duration, Failure> {
        let message = self.message(request, exchange)?;
        let response = self.agent.run(message).map_err(|error| failure(error, Phase::Head))?;
        let first_byte = began.elapsed();
        let (parts, body) = response.into_parts();
        let mut body = Incoming::new(&parts.headers, body);
        let mut appetite = exchange.head(Head { status: parts.status, headers: parts.headers })?;
        let mut buffer = [0; 16 * 1024];
        while appetite == Appetite::More {
            match body.read(&mut buffer).map_err(|error| wrapped(error, Phase::Body))? {
                0 => return Ok(first_byte),
                read => appetite = exchange.chunk(&buffer[..read])?,
            }
        }
        body.drain(&mut buffer);
        Ok(first_byte)
    }

    fn message(&self, request: &Request, exchange: &Exchange) -> Result<http::Request<()>, Failure> {
        let uri = uri(&request.url)?;
        let fields = request_fields(request, &self.settings.spec, &self.settings.header_sets);
        if longest_line(&uri, &fields) > OUTPUT {
            return Err(Failure::Local(Local::Resources));
        }
        let mut message = http::Request::new(());
        *message.method_mut() = match exchange.method() {
            crawlspace::Method::Head => http::Method::HEAD,
            crawlspace::Method::Get => http::Method::GET,
        };
        *message.uri_mut() = uri;
        *message.headers_mut() = fields;
        let timeouts = self.settings.timeouts.within(request.budget);
        let configured = self.agent.configure_request(message);
        Ok(configured
            .timeout_global(Some(timeouts.total))
            .timeout_resolve(Some(timeouts.resolve))
            .timeout_connect(Some(timeouts.connect))
            .timeout_send_request(Some(timeouts.head))
            .timeout_recv_response(Some(timeouts.head))
            .timeout_per_read(Some(timeouts.body_idle))
            .build())
    }
}

/// The URL without user information, which is never sent, and without fragment.
fn uri(url: &Url) -> Result<Uri, Failure> {
    crawlspace_http::host(url)?;
    let origin = &url[Position::BeforeHost..Position::AfterPort];
    let rest = &url[Position::BeforePath..Position::AfterQuery];
    // Every URL of these schemes is such a text, unless it is longer than the client can hold (64 KiB).
    Uri::try_from(format!("{}://{origin}{rest}", url.scheme())).map_err(|_| Failure::Local(Local::Resources))
}

/// An upper bound for the longest line of the request, in bytes.
fn longest_line(uri: &Uri, fields: &HeaderMap) -> usize {
    const AROUND: usize = "HEAD  HTTP/1.1\r\n\r\n".len();
    let line = |(name, value): (&header::HeaderName, &header::HeaderValue)| name.as_str().len() + value.len();
    let longest = fields.iter().map(line).max().unwrap_or_default();
    let target = uri.path_and_query().map_or(0, |target| target.as_str().len());
    let host = uri.host().map_or(0, str::len) + "Host: :65535".len();
    longest.max(target).max(host) + AROUND
}

/// A body on its way in.
struct Incoming {
    reader: ureq::BodyReader<'static>,
    /// Bytes still to come, where the head announced them.
    announced: Option<u64>,
    /// Whether reading it to its end would let the connection be used again.
    keeps: bool,
}

impl Incoming {
    /// More than this is not read for the sake of the connection alone.
    const DRAIN_BYTES: u64 = 64 * 1024;
    /// Nor is a body waited for longer than this: a new connection costs about as much.
    const DRAIN_TIME: Duration = Duration::from_millis(100);

    fn new(headers: &HeaderMap, body: Body) -> Self {
        let announced =
            headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
        let closes = headers
            .get(header::CONNECTION)
            .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"close"));
        let ends = announced.is_some() || headers.contains_key(header::TRANSFER_ENCODING);
        Self { reader: body.into_reader(), announced, keeps: ends && !closes }
    }

    /// Reads what is left, if that is quickly done: only a connection without a rest can be used again. Dropping the
    /// body closes any other.
    fn drain(mut self, buffer: &mut [u8]) {
        let mut left = Self::DRAIN_BYTES;
        if !self.keeps || self.announced.is_some_and(|announced| announced > left) {
            return;
        }
        patience::with(Instant::now() + Self::DRAIN_TIME, || {
            while let Ok(read @ 1..) = self.read(buffer) {
                left = left.saturating_sub(read as u64);
                if left == 0 {
                    return;
                }
            }
        });
    }
}

impl Read for Incoming {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(into)?;
        self.announced = self.announced.map(|announced| announced.saturating_sub(read as u64));
        Ok(read)
    }
}
