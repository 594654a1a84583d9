//! From a request to an outcome: a page, what a fault makes of it, and what the engine is told.

mod html;
mod plain;
mod twist;

use crate::draws::scale;
use crate::fault::Fault;
use crate::network::{Key, Network};
use crate::page::{Body, Page};
use crate::web::Web;
use core::time::Duration;
use crawlspace::digest::{Digest, End, Transfer};
use crawlspace::{
    Connect, Dns, Encoding, Failure, Local, Method, Outcome, Phase, Protocol, Refusal, Request, Spec, Time,
    Tls,
};
use std::sync::Arc;

/// How answers are made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Digests are built as such: fast.
    #[default]
    Plain,
    /// Pages are written as HTML and go through the [`Digester`](crawlspace::digest::Digester), in chunks of
    /// whatever size. Slower by far, and tests it too; the report is the same.
    Html,
}

/// What comes of a request, and when.
pub(crate) struct Answer {
    pub(crate) outcome: Outcome,
    /// From the start of the fetch.
    pub(crate) after: Duration,
    /// The fault that struck, if one did.
    pub(crate) fault: Option<Fault>,
}

/// A web behind a network.
pub(crate) struct Server {
    pub(crate) web: Web,
    pub(crate) network: Network,
    mode: Mode,
    spec: Arc<Spec>,
    /// Room for pages and bodies, used again.
    page: Page,
    bytes: Vec<u8>,
}

impl Server {
    pub(crate) fn new(web: Web, network: Network, mode: Mode, spec: Spec) -> Self {
        Self { web, network, mode, spec: Arc::new(spec), page: Page::new(), bytes: Vec::new() }
    }

    /// Answers a request that is made at this time.
    pub(crate) fn answer(&mut self, request: &Request, key: &Key, now: Time) -> Answer {
        let is_page = self.web.answer(&request.url, &mut self.page);
        let others = if is_page { None } else { self.web.others() };
        let latency = self.page.latency.unwrap_or_else(|| self.network.draw_latency(key));
        let struck =
            if self.network.is_calm(now) { None } else { self.strike(request, key, now, others.is_none()) };
        let (fault, draw) = struck.unzip();
        let draw = draw.unwrap_or_default();
        let mut after = latency.min(request.budget);
        let failure = fault.and_then(|fault| failure_of(fault, draw));
        let of_page = if failure.is_none() { self.failure_of_page(request, latency) } else { None };
        // What is to change an answer changes nothing where there is none.
        let fault = fault.filter(|_| of_page.is_none());
        let failure = failure.or(of_page);
        let outcome = match failure {
            Some(failure) => {
                after = time_to_fail(&failure, after, request.budget);
                Outcome::Failed(failure)
            }
            None => {
                let is_page_of_fault = fault.is_some_and(|fault| fault != Fault::Forged);
                let mut outcome = match others.filter(|_| !is_page_of_fault) {
                    Some(others) => others(request),
                    None => {
                        if let Some(fault) = fault {
                            twist::twist(fault, draw, request, &mut self.page);
                        }
                        self.say(request, after)
                    }
                };
                if fault == Some(Fault::Forged)
                    && let Outcome::Answered(digest) = &mut outcome
                {
                    twist::forge(draw, request, digest);
                }
                outcome
            }
        };
        Answer { outcome, after, fault }
    }

    /// Answers a request when nothing goes wrong.
    pub(crate) fn answer_calmly(&mut self, request: &Request) -> Outcome {
        self.answer(request, &Key::of(request), Time::ZERO).outcome
    }

    /// The first fault that decides the outcome and strikes.
    fn strike(&self, request: &Request, key: &Key, now: Time, is_page: bool) -> Option<(Fault, u64)> {
        let decides = |fault: &Fault| {
            twist::decides_outcome(*fault, request, &self.page) && (is_page || !twist::needs_page(*fault))
        };
        Fault::all().filter(decides).find_map(|fault| Some((fault, self.network.strikes(fault, key, now)?)))
    }

    /// What a page does by itself.
    fn failure_of_page(&self, request: &Request, latency: Duration) -> Option<Failure> {
        if let Some(failure) = &self.page.failure {
            return Some(failure.clone());
        }
        if request.attempt <= self.page.flaky {
            return Some(Failure::Closed);
        }
        (latency > request.budget).then_some(Failure::Timeout(Phase::Total))
    }

    /// The page's answer, as far as the request asks.
    fn say(&mut self, request: &Request, after: Duration) -> Outcome {
        if request.method == Method::Head
            && let Some(status) = self.page.head
        {
            self.page.clear();
            self.page.status = status;
        }
        if !(100..=999).contains(&self.page.status) || self.page.status == 101 {
            return Outcome::Failed(Failure::Protocol(Protocol::Malformed));
        }
        let length =
            if twist::reads_body(request) { self.page.size.max(self.page.text.len() as u64) } else { 0 };
        let end = if length > request.body_cap { End::TooLarge } else { End::Complete };
        let length = length.min(request.body_cap);
        let transfer = Transfer { encoded: length, decoded: length, first_byte: after, total: after };
        let digest: Digest = match self.mode {
            Mode::Plain => plain::digest(&self.page, request, &self.spec, end, transfer),
            Mode::Html => html::digest(&self.page, request, &self.spec, end, transfer, &mut self.bytes),
        };
        Outcome::Answered(Box::new(digest))
    }
}

/// What a fault says of itself; `None` for one that answers, or is none of the transport's.
fn failure_of(fault: Fault, draw: u64) -> Option<Failure> {
    let pick = |count: u64| scale(draw, count);
    Some(match fault {
        Fault::NoSuchName => Failure::Dns(Dns::NoSuchName),
        Fault::NoResolver if pick(2) == 0 => Failure::Timeout(Phase::Resolve),
        Fault::NoResolver => Failure::Dns(Dns::Temporary),
        Fault::Rebinding => Failure::Refused(Refusal::Address),
        Fault::Refused | Fault::Storm => Failure::Connect(Connect::Refused),
        Fault::ConnectHang => Failure::Timeout(Phase::Connect),
        Fault::Unreachable => Failure::Connect(Connect::Unreachable),
        Fault::NoSockets => Failure::Local(Local::Resources),
        Fault::BadTls => Failure::Tls(match pick(7) {
            0 => Tls::Expired,
            1 => Tls::NotYetValid,
            2 => Tls::WrongName,
            3 => Tls::UnknownIssuer,
            4 => Tls::Revoked,
            5 => Tls::BadCertificate,
            _ => Tls::Handshake,
        }),
        Fault::Closed => Failure::Closed,
        Fault::HeadTimeout => Failure::Timeout(Phase::Head),
        Fault::BodyTimeout => Failure::Timeout(Phase::Body),
        Fault::Reset if pick(2) == 0 => Failure::Closed,
        Fault::Reset | Fault::Truncated => Failure::Truncated,
        Fault::Drip => Failure::Timeout(Phase::Total),
        Fault::EndlessHead => Failure::Protocol(Protocol::HeadTooLarge),
        Fault::Informational => Failure::Protocol(Protocol::TooManyInformational),
        Fault::Malformed => Failure::Protocol(Protocol::Malformed),
        Fault::OddStatus if pick(4) == 0 => Failure::Protocol(Protocol::Version),
        Fault::BadEncoding => Failure::Encoding(match pick(4) {
            0 => Encoding::Unsupported,
            1 => Encoding::Stacked,
            2 => Encoding::Corrupt,
            _ => Encoding::Window,
        }),
        Fault::Panicked => Failure::Local(Local::Panicked),
        _ => return None,
    })
}

/// When a failure shows: time-outs take time.
fn time_to_fail(failure: &Failure, latency: Duration, budget: Duration) -> Duration {
    match failure {
        Failure::Timeout(Phase::Total) => budget,
        Failure::Timeout(Phase::Resolve) => budget / 4,
        Failure::Timeout(_) => budget / 2,
        _ => latency.min(budget),
    }
}

/// Whether a page's body can hold links.
fn is_document(page: &Page) -> bool {
    matches!(page.body, Body::Html | Body::Sheet | Body::Sitemap | Body::Index)
}
