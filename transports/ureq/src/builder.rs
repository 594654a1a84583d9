//! How a client is to behave.

use crate::Client;
use crate::client::Inner;
use crate::connect::{Dial, Names};
use crate::pool::Pool;
use crate::wire::{INPUT, OUTPUT};
use crawlspace_http::{HeadLimits, Settings};
use std::sync::Arc;
use ureq::Agent;
use ureq::unversioned::transport::TcpConnector;

/// The most fields a head can have with this client, whatever [`HeadLimits::fields`] says.
const MAX_FIELDS: usize = 128;

/// Sets up a [`Client`]; [`Client::builder`] begins one.
#[derive(Debug)]
#[must_use = "nothing is made until `build`"]
pub struct Builder {
    settings: Settings,
    connections: usize,
}

impl Builder {
    pub(crate) fn new(settings: Settings) -> Self {
        Self { settings, connections: 64 }
    }

    /// How many connections may be open at a time, idle ones included. Default: 64.
    ///
    /// It should be no less than the threads that fetch: each has one connection in use at a time, and none waits for
    /// another's, so that more threads have more connections, which are closed after each request. A thread opens a
    /// connection only when none to that origin is idle; where there are as many as may be, what has been idle for
    /// longest is closed first.
    pub fn connections(self, connections: usize) -> Self {
        Self { connections, ..self }
    }

    /// The client. It offers `http/1.1` alone over TLS, and refuses more than 128 fields whatever
    /// [`Settings::head_limits`] says.
    #[must_use]
    pub fn build(self) -> Client {
        let limits = self.settings.head_limits;
        let limits = HeadLimits { fields: limits.fields.min(MAX_FIELDS), ..limits };
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
        let tls = self.settings.tls_offering(&[b"http/1.1"]);
        let dial = Dial { pool: Pool::new(self.connections), tcp: TcpConnector::default(), tls, limits };
        let names = Names(self.settings.resolver.clone());
        let agent = Agent::with_parts(config, dial, names);
        Client(Arc::new(Inner { agent, settings: self.settings }))
    }
}
