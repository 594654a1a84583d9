//! A row of the table, and how it is tried.

use crawlspace::digest::{Digest, End, Location};
use crawlspace::{Failure, Kind, Need, Outcome, Request, RetryAfter};
use crawlspace_http::{HeadLimits, Settings, Timeouts};
use crawlspace_tests::look::Look;
use crawlspace_tests::request::request;
use crawlspace_tests::scripted::{Script, Scripted};
use crawlspace_tests::transport::{Open, fetch, settings};
use std::sync::Arc;
use std::time::Duration;

/// What a server does, and what every transport is to make of it.
pub(crate) struct Case {
    name: &'static str,
    server: Server,
    ask: fn(&mut Request),
    setup: fn(&mut Settings),
    expect: Expect,
    except: Option<Except>,
}

/// Where a library makes the common outcome impossible.
struct Except {
    transport: &'static str,
    expect: Expect,
    /// For the reader of the table, and of a failure.
    because: &'static str,
}

enum Server {
    Scripted(Script),
    Mockito { status: usize, headers: Vec<(&'static str, String)>, body: Vec<u8> },
}

/// What a case is to come to.
#[derive(Clone, Debug)]
pub(crate) enum Expect {
    /// An answer with this status.
    Answered(u16),
    /// An answer with this status whose body was read to its end, and decoded to this.
    Body(u16, Vec<u8>),
    /// An answer whose body was more than was to be read.
    TooLarge,
    /// An answer with this status, and this in its `Location`.
    Location(u16, Option<Location>),
    /// An answer with this status, and this in its `Retry-After`.
    RetryAfter(u16, Option<RetryAfter>),
    /// No answer, because of this.
    Failed(Failure),
}

/// A case that a scripted server plays.
pub(crate) fn scripted(name: &'static str, script: Script, expect: Expect) -> Case {
    let server = Server::Scripted(script);
    Case { name, server, ask: |_| {}, setup: |_| {}, expect, except: None }
}

/// A case in which these bytes are the answer, after which the connection is closed.
pub(crate) fn bytes(name: &'static str, answer: impl Into<Vec<u8>>, expect: Expect) -> Case {
    scripted(name, Script::answer(answer), expect)
}

/// A case that mockito plays: an answer in good order.
pub(crate) fn ordinary(
    name: &'static str,
    status: usize,
    headers: &[(&'static str, &str)],
    body: impl Into<Vec<u8>>,
    expect: Expect,
) -> Case {
    let headers = headers.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    let server = Server::Mockito { status, headers, body: body.into() };
    Case { name, server, ask: |_| {}, setup: |_| {}, expect, except: None }
}

impl Case {
    /// With this change to the request.
    pub(crate) fn ask(self, ask: fn(&mut Request)) -> Self {
        Self { ask, ..self }
    }

    /// With this change to the transport's settings.
    pub(crate) fn setup(self, setup: fn(&mut Settings)) -> Self {
        Self { setup, ..self }
    }

    /// Of which only the status is wanted.
    pub(crate) fn unread(self) -> Self {
        self.ask(|ask| (ask.kind, ask.need) = (Kind::Check, Need::Status))
    }

    /// With time-outs that a test can wait for.
    pub(crate) fn impatient(self) -> Self {
        self.setup(|setup| {
            let (head, body_idle) = (Duration::from_millis(600), Duration::from_millis(600));
            setup.timeouts = Timeouts { head, body_idle, ..patient() };
        })
    }

    /// With a small limit on heads.
    pub(crate) fn small_heads(self) -> Self {
        self.setup(|setup| setup.head_limits = HeadLimits { bytes: 4096, ..HeadLimits::default() })
    }

    /// But something else from this transport, for this reason.
    pub(crate) fn except(mut self, transport: &'static str, expect: Expect, because: &'static str) -> Self {
        self.except = Some(Except { transport, expect, because });
        self
    }

    /// Tries the case on one transport; gives what is wrong.
    pub(crate) fn try_on(&self, transport: &str, open: Open) -> Result<(), String> {
        let look = Look::default();
        let mut setup = settings().taps(Arc::new(look.clone()));
        (self.setup)(&mut setup);
        let ask = |url: &str| {
            let mut request = request(url);
            (self.ask)(&mut request);
            request
        };
        let outcome = match &self.server {
            Server::Scripted(script) => {
                let server = Scripted::start(script.clone());
                let request = ask(&server.url("/path?query"));
                let outcome = fetch(open, &setup, &request).ok_or("the fetch does not come to an end")?;
                let lines: Vec<_> = server.received().into_iter().map(|received| received.line).collect();
                if lines != [format!("{} /path?query HTTP/1.1", request.method.as_str())] {
                    return Err(format!("the server saw {lines:?}"));
                }
                outcome
            }
            Server::Mockito { status, headers, body } => {
                let mut server = mockito::Server::new();
                let request = ask(&format!("{}/path", server.url()));
                let mut mock = server.mock(request.method.as_str(), "/path");
                mock = mock.with_status(*status).with_body(body).expect(1);
                for (name, value) in headers {
                    mock = mock.with_header(*name, value);
                }
                let mock = mock.create();
                let outcome = fetch(open, &setup, &request).ok_or("the fetch does not come to an end")?;
                if !mock.matched() {
                    return Err("the server did not see exactly one request".to_owned());
                }
                outcome
            }
        };
        let (expect, because) = match &self.except {
            Some(except) if except.transport == transport => (&except.expect, except.because),
            _ => (&self.expect, ""),
        };
        let decoded = look.seen().decoded;
        if expect.is_met_by(&outcome, &decoded) {
            return Ok(());
        }
        let because = if because.is_empty() { String::new() } else { format!(" (exception: {because})") };
        Err(format!("{outcome:?} with {} bytes of body instead of {expect:?}{because}", decoded.len()))
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }
}

/// Time-outs that do not end a test.
pub(crate) fn patient() -> Timeouts {
    let hour = Duration::from_secs(3600);
    Timeouts { resolve: hour, connect: hour, head: hour, body_idle: hour, total: hour }
}

impl Expect {
    fn is_met_by(&self, outcome: &Outcome, decoded: &[u8]) -> bool {
        match (self, outcome) {
            (Self::Failed(expected), Outcome::Failed(failure)) => expected == failure,
            (expect, Outcome::Answered(digest)) => expect.is_met_by_digest(digest, decoded),
            _ => false,
        }
    }

    fn is_met_by_digest(&self, digest: &Digest, decoded: &[u8]) -> bool {
        match self {
            Self::Answered(status) => digest.status == *status,
            Self::Body(status, body) => {
                digest.status == *status && digest.end == End::Complete && decoded == body
            }
            Self::TooLarge => digest.end == End::TooLarge,
            Self::Location(status, location) => digest.status == *status && digest.location == *location,
            Self::RetryAfter(status, when) => digest.status == *status && digest.retry_after == *when,
            Self::Failed(_) => false,
        }
    }
}
