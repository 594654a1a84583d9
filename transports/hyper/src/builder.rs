//! Settings of a [`Client`].

use crate::client::Client;
use crate::dial::Dialer;
use crate::pool::Caps;
use crawlspace::Spec;
use crawlspace_http::{HeadLimits, HeaderSets, Resolver, ResolverConfig, Taps, Timeouts, tls};
use std::sync::Arc;
use std::time::Duration;
use tokio_rustls::rustls::ClientConfig;

/// Settings of a [`Client`]. Everything but the [`Spec`] has a default.
#[must_use = "nothing is made until `build`"]
pub struct Builder {
    spec: Arc<Spec>,
    header_sets: HeaderSets,
    timeouts: Timeouts,
    limits: HeadLimits,
    caps: Caps,
    resolver: Option<Resolver>,
    tls: Option<Arc<ClientConfig>>,
    taps: Option<Arc<dyn Taps>>,
    http2: bool,
    prior_knowledge: bool,
}

impl Builder {
    pub(crate) fn new(spec: Arc<Spec>) -> Self {
        Self {
            spec,
            header_sets: HeaderSets::new(),
            timeouts: Timeouts::default(),
            limits: HeadLimits::default(),
            caps: Caps { connections: 512, per_origin: 64, streams: 100, idle: Duration::from_secs(15) },
            resolver: None,
            tls: None,
            taps: None,
            http2: true,
            prior_knowledge: false,
        }
    }

    /// The configured header fields that requests name by [`HeaderSetId`](crawlspace::HeaderSetId). Default: none.
    pub fn header_sets(mut self, sets: HeaderSets) -> Self {
        self.header_sets = sets;
        self
    }

    /// How long each phase may take; always cut so that a fetch ends within its own budget. Waiting for a connection
    /// to become free counts against the whole only. Default: [`Timeouts::default`].
    pub fn timeouts(mut self, timeouts: Timeouts) -> Self {
        self.timeouts = timeouts;
        self
    }

    /// How large a head may be. Over HTTP/2, informational responses are bounded by the time-outs only. Default:
    /// [`HeadLimits::default`].
    pub fn head_limits(mut self, limits: HeadLimits) -> Self {
        self.limits = limits;
        self
    }

    /// How many connections may be open at a time, idle ones included; at least 1. While several addresses of a host
    /// are tried, those that are not connected yet count as one. Default: 512.
    pub fn connections(mut self, most: usize) -> Self {
        self.caps.connections = most.max(1);
        self
    }

    /// How many of them may be to one origin (scheme, host and port); at least 1. Default: 64.
    pub fn connections_per_origin(mut self, most: usize) -> Self {
        self.caps.per_origin = most.max(1);
        self
    }

    /// How many requests may be under way on one HTTP/2 connection; at least 1. Default: 100.
    pub fn streams_per_connection(mut self, most: usize) -> Self {
        self.caps.streams = most.max(1);
        self
    }

    /// How long a connection may be idle and still be used again. Servers close idle connections without a word, and
    /// a request that crosses with that is lost: short is safe. Default: 15 s.
    pub fn idle(mut self, longest: Duration) -> Self {
        self.caps.idle = longest;
        self
    }

    /// What finds addresses; clones share threads and cache. Default: one of its own.
    pub fn resolver(mut self, resolver: Resolver) -> Self {
        self.resolver = Some(resolver);
        self
    }

    /// The TLS settings; the protocols they offer are replaced by what this client speaks. Default:
    /// [`tls::client_config`].
    pub fn tls(mut self, config: Arc<ClientConfig>) -> Self {
        self.tls = Some(config);
        self
    }

    /// What looks on at the exchanges. Default: nothing.
    pub fn taps(mut self, taps: Arc<dyn Taps>) -> Self {
        self.taps = Some(taps);
        self
    }

    /// Whether HTTP/2 is offered over TLS. Default: yes.
    pub fn http2(mut self, offered: bool) -> Self {
        self.http2 = offered;
        self
    }

    /// Whether HTTP/2 is spoken where there is no TLS, which a server must be known to understand (RFC 9113 section
    /// 3.3). Default: no.
    pub fn http2_prior_knowledge(mut self, known: bool) -> Self {
        self.prior_knowledge = known;
        self
    }

    /// The client.
    #[must_use]
    pub fn build(self) -> Client {
        let mut tls = self.tls.unwrap_or_else(|| tls::client_config(&[]));
        Arc::make_mut(&mut tls).alpn_protocols =
            if self.http2 { vec![b"h2".to_vec(), b"http/1.1".to_vec()] } else { vec![b"http/1.1".to_vec()] };
        let dialer = Dialer {
            resolver: self.resolver.unwrap_or_else(|| Resolver::new(ResolverConfig::default())),
            tls: tls.into(),
            limits: self.limits,
            http2: self.http2,
            prior_knowledge: self.prior_knowledge,
        };
        Client::new(self.spec, self.header_sets, self.timeouts, self.taps, dialer, self.caps)
    }
}
