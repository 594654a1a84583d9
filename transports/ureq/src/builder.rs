//! How a client is to behave.

use crate::Client;
use crate::client::Inner;
use crate::connect::{Dial, Names};
use crate::pool::Pool;
use crate::wire::{INPUT, OUTPUT};
use core::fmt;
use crawlspace::Spec;
use crawlspace_http::{HeadLimits, HeaderSets, Resolver, ResolverConfig, Taps, Timeouts, tls};
use rustls::ClientConfig;
use std::sync::Arc;
use ureq::Agent;
use ureq::unversioned::transport::TcpConnector;

/// The most fields a head can have with this client, whatever [`HeadLimits::fields`] says.
const MAX_FIELDS: usize = 128;

/// Sets up a [`Client`]; [`Client::builder`] begins one.
#[must_use]
pub struct Builder {
    spec: Arc<Spec>,
    headers: HeaderSets,
    timeouts: Timeouts,
    limits: HeadLimits,
    connections: usize,
    resolver: Option<Resolver>,
    tls: Option<Arc<ClientConfig>>,
    taps: Option<Arc<dyn Taps>>,
}

impl Builder {
    pub(crate) fn new(spec: Arc<Spec>) -> Self {
        Self {
            spec,
            headers: HeaderSets::new(),
            timeouts: Timeouts::default(),
            limits: HeadLimits::default(),
            connections: 64,
            resolver: None,
            tls: None,
            taps: None,
        }
    }

    /// The configured headers. None by default.
    pub fn header_sets(self, sets: HeaderSets) -> Self {
        Self { headers: sets, ..self }
    }

    /// How long each phase may take; cut to the budget of each fetch. [`Timeouts::default`] by default.
    pub fn timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// How large a head may be; [`HeadLimits::default`] by default. More than 128 fields are refused whatever is set here.
    pub fn head_limits(self, limits: HeadLimits) -> Self {
        Self { limits, ..self }
    }

    /// How many connections may be open at a time, idle ones included. 64 by default.
    ///
    /// It should be no less than the threads that fetch: each has one connection in use at a time, and none waits for
    /// another's, so that more threads have more connections, which are closed after each request. A thread opens a
    /// connection only when none to that origin is idle; where there are as many as may be, what has been idle for
    /// longest is closed first.
    pub fn connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    /// Who looks up names. By default a resolver of this client's own; clones of one share its cache and its threads.
    pub fn resolver(self, resolver: Resolver) -> Self {
        Self { resolver: Some(resolver), ..self }
    }

    /// How TLS is spoken. By default [`tls::client_config`] with `http/1.1` alone.
    pub fn tls(self, config: Arc<ClientConfig>) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// Who looks on. Nobody by default.
    pub fn taps(self, taps: Arc<dyn Taps>) -> Self {
        Self { taps: Some(taps), ..self }
    }

    /// The client.
    #[must_use]
    pub fn build(self) -> Client {
        let limits = HeadLimits { fields: self.limits.fields.min(MAX_FIELDS), ..self.limits };
        let config = Agent::config_builder()
            .proxy(None)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .max_response_header_size(limits.bytes)
            .max_idle_connections(0)
            .max_idle_connections_per_host(0)
            .input_buffer_size(INPUT)
            .output_buffer_size(OUTPUT / 2)
            .build();
        let tls = self.tls.unwrap_or_else(|| tls::client_config(&[b"http/1.1"]));
        let resolver = self.resolver.unwrap_or_else(|| Resolver::new(ResolverConfig::default()));
        let dial = Dial { pool: Pool::new(self.connections), tcp: TcpConnector::default(), tls, limits };
        Client(Arc::new(Inner {
            agent: Agent::with_parts(config, dial, Names(resolver)),
            spec: self.spec,
            headers: self.headers,
            timeouts: self.timeouts,
            taps: self.taps,
        }))
    }
}

impl fmt::Debug for Builder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Builder")
            .field("headers", &self.headers)
            .field("timeouts", &self.timeouts)
            .field("limits", &self.limits)
            .field("connections", &self.connections)
            .finish_non_exhaustive()
    }
}
