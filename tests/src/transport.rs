//! The network transports behind one face, so that one suite runs against all of them.

use crate::request::spec;
use crawlspace::{Outcome, Request};
use crawlspace_http::{HeadLimits, HeaderSets, Resolver, Taps, Timeouts};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

/// What a transport is set up with.
#[derive(Clone, Default)]
pub struct Setup {
    /// The configured headers.
    pub headers: HeaderSets,
    /// How long each phase may take.
    pub timeouts: Timeouts,
    /// How large a head may be.
    pub limits: HeadLimits,
    /// Who looks on.
    pub taps: Option<Arc<dyn Taps>>,
    /// Who looks up names, if not the system.
    pub resolver: Option<Resolver>,
    /// How TLS is spoken, if not by default.
    pub tls: Option<Arc<rustls::ClientConfig>>,
}

/// A network transport.
pub trait Transport {
    /// Carries out one fetch.
    fn fetch(&self, request: &Request) -> Outcome;
}

/// How long [`fetch`] waits before it gives a transport up for hung: far longer than any case takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Opens a transport for one fetch, and carries it out; `None` if that takes much longer than any case does, so that
/// a time-out that is not kept is a failure and not a pause.
#[must_use]
pub fn fetch(open: Open, setup: &Setup, request: &Request) -> Option<Outcome> {
    let (sender, receiver) = mpsc::channel();
    let (setup, request) = (setup.clone(), request.clone());
    thread::spawn(move || sender.send(open(&setup).fetch(&request)));
    receiver.recv_timeout(PATIENCE).ok()
}

/// Every network transport: its name, and how it is opened.
pub const TRANSPORTS: &[(&str, Open)] = &[("ureq", ureq), ("hyper", hyper)];

/// Opens a transport.
pub type Open = fn(&Setup) -> Box<dyn Transport>;

fn ureq(setup: &Setup) -> Box<dyn Transport> {
    let Setup { headers, timeouts, limits, taps, resolver, tls } = setup.clone();
    let mut builder =
        crawlspace_ureq::Client::builder(spec()).header_sets(headers).timeouts(timeouts).head_limits(limits);
    if let Some(taps) = taps {
        builder = builder.taps(taps);
    }
    if let Some(resolver) = resolver {
        builder = builder.resolver(resolver);
    }
    if let Some(tls) = tls {
        builder = builder.tls(tls);
    }
    Box::new(builder.build())
}

impl Transport for crawlspace_ureq::Client {
    fn fetch(&self, request: &Request) -> Outcome {
        Self::fetch(self, request)
    }
}

/// A client and the runtime it runs on, which is one thread: the one that fetches.
struct Hyper(crawlspace_hyper::Client, tokio::runtime::Runtime);

fn hyper(setup: &Setup) -> Box<dyn Transport> {
    let Setup { headers, timeouts, limits, taps, resolver, tls } = setup.clone();
    let mut builder = crawlspace_hyper::Client::builder(spec());
    builder = builder.header_sets(headers).timeouts(timeouts).head_limits(limits);
    if let Some(taps) = taps {
        builder = builder.taps(taps);
    }
    if let Some(resolver) = resolver {
        builder = builder.resolver(resolver);
    }
    if let Some(tls) = tls {
        builder = builder.tls(tls);
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    Box::new(Hyper(builder.build(), runtime))
}

impl Transport for Hyper {
    fn fetch(&self, request: &Request) -> Outcome {
        self.1.block_on(async {
            // A runtime that was at work in between has heard of connections that were closed.
            tokio::task::yield_now().await;
            self.0.fetch(request.clone()).await
        })
    }
}
