//! The network transports behind one face, so that one suite runs against all of them.

use crate::request::spec;
use crawlspace::{Outcome, Request};
use crawlspace_http::{HeadLimits, HeaderSets, Resolver, Taps, Timeouts};
use std::sync::Arc;

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

/// Every network transport: its name, and how it is opened.
pub const TRANSPORTS: &[(&str, Open)] = &[("ureq", ureq)];

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
