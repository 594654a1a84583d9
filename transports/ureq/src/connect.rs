//! Resolving and connecting: what the client is given instead of its own.

use crate::failure::{carry, failure, wrapped};
use crate::pool::{Loan, Origin, Pool};
use crate::wire::{Stream, Wire};
use core::fmt;
use core::time::Duration;
use crawlspace::{Failure, Phase, Refusal};
use crawlspace_http::{HeadLimits, Resolver, tls};
use rustls::{ClientConfig, ClientConnection, StreamOwned};
use std::sync::Arc;
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{self, ResolvedSocketAddrs};
use ureq::unversioned::transport::{
    ConnectionDetails, Connector, NextTimeout, TcpConnector, TransportAdapter, time,
};

/// The shared resolver, in the client's terms. The client asks for every request, also where it then uses a
/// connection it has; the shared resolver's cache answers that.
pub(crate) struct Names(pub(crate) Resolver);

impl resolver::Resolver for Names {
    fn resolve(&self, uri: &Uri, _: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let (host, port) = host_and_port(uri).ok_or_else(|| carry(Failure::Refused(Refusal::Scheme)))?;
        let found = self.0.resolve(host, port, *timeout.after).map_err(carry)?;
        let mut addresses = self.empty();
        for address in found {
            // The first sixteen are enough to try.
            if addresses.try_push(address).is_err() {
                break;
            }
        }
        Ok(addresses)
    }
}

/// The host, an IPv6 literal in its brackets, and the port or the scheme's own.
fn host_and_port(uri: &Uri) -> Option<(&str, u16)> {
    let default = match uri.scheme_str()? {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    Some((uri.host()?, uri.port_u16().unwrap_or(default)))
}

/// Gives connections, opened before or now, wrapped so that both HTTP transports judge them alike.
pub(crate) struct Dial {
    pub(crate) pool: Arc<Pool>,
    pub(crate) tcp: TcpConnector,
    pub(crate) tls: Arc<ClientConfig>,
    pub(crate) limits: HeadLimits,
}

impl Connector for Dial {
    type Out = Loan;

    fn connect(&self, details: &ConnectionDetails<'_>, _: Option<()>) -> Result<Option<Loan>, Error> {
        let origin = Origin::of(details.uri).ok_or_else(|| carry(Failure::Refused(Refusal::Scheme)))?;
        if let Some(idle) = self.pool.take(&origin) {
            return Ok(Some(idle));
        }
        if left(details).is_zero() {
            return Err(carry(Failure::Timeout(Phase::Connect)));
        }
        let permit = self.pool.permit();
        let connected = self.tcp.connect(details, None::<()>);
        let Some(tcp) = connected.map_err(|error| carry(failure(error, Phase::Connect)))? else {
            return Ok(None);
        };
        let adapter = TransportAdapter::new(Box::new(tcp) as Box<_>, Arc::clone(&details.current_time));
        let stream = match details.needs_tls() {
            true => self.shake_hands(details, adapter).map_err(carry)?,
            false => Stream::Plain(adapter),
        };
        Ok(Some(Loan::new(Wire::new(stream, self.limits, permit), origin, Arc::clone(&self.pool))))
    }
}

impl Dial {
    fn shake_hands(
        &self,
        details: &ConnectionDetails<'_>,
        mut adapter: TransportAdapter,
    ) -> Result<Stream, Failure> {
        let name = tls::server_name(details.uri.host().unwrap_or_default())?;
        let connection = ClientConnection::new(Arc::clone(&self.tls), name);
        let mut connection = connection.map_err(|error| tls::failure(&error))?;
        adapter.set_timeout(NextTimeout { after: time::Duration::Exact(left(details)), ..details.timeout });
        connection.complete_io(&mut adapter).map_err(|error| wrapped(error, Phase::Connect))?;
        Ok(Stream::Tls(Box::new(StreamOwned::new(connection, adapter))))
    }
}

/// What is left of the time for connecting.
fn left(details: &ConnectionDetails<'_>) -> Duration {
    let spent = match details.now {
        time::Instant::Exact(began) => began.elapsed(),
        time::Instant::AlreadyHappened | time::Instant::NotHappening => Duration::ZERO,
    };
    details.timeout.after.saturating_sub(spent)
}

impl fmt::Debug for Names {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Names")
    }
}

impl fmt::Debug for Dial {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dial")
    }
}
