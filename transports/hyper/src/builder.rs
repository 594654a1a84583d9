//! Settings of a [`Client`].

use crate::client::Client;
use crate::dial::Dialer;
use crate::pool::Caps;
use crawlspace_http::Settings;
use std::time::Duration;

/// Sets up a [`Client`]; [`Client::builder`] begins one.
///
/// Waiting for a connection to become free counts against [`Timeouts::total`](crawlspace_http::Timeouts::total) only.
/// Over HTTP/2, informational responses are read and dropped one by one, and bounded by the time-outs alone: hyper does
/// not tell of them.
#[derive(Debug)]
#[must_use = "nothing is made until `build`"]
pub struct Builder {
    settings: Settings,
    caps: Caps,
    http2: bool,
    prior_knowledge: bool,
}

impl Builder {
    pub(crate) fn new(settings: Settings) -> Self {
        Self {
            settings,
            caps: Caps { connections: 512, per_origin: 64, streams: 100, idle: Duration::from_secs(15) },
            http2: true,
            prior_knowledge: false,
        }
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
        let protocols: &[&[u8]] = if self.http2 { &[b"h2", b"http/1.1"] } else { &[b"http/1.1"] };
        let dialer = Dialer {
            resolver: self.settings.resolver.clone(),
            tls: self.settings.tls_offering(protocols).into(),
            limits: self.settings.head_limits,
            http2: self.http2,
            prior_knowledge: self.prior_knowledge,
        };
        Client::new(self.settings, dialer, self.caps)
    }
}
