//! From the client's errors to failures.

use core::fmt;
use crawlspace::{Connect, Dns, Failure, Local, Phase, Protocol, Refusal, Tls};
use crawlspace_http::io_failure;
use std::io;

/// A failure on its way through the client: resolver, connector and wire say what went wrong where they know it.
#[derive(Debug)]
pub(crate) struct Carried(pub(crate) Failure);

impl fmt::Display for Carried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl core::error::Error for Carried {}

/// Sends a failure on its way.
pub(crate) fn carry(failure: Failure) -> ureq::Error {
    ureq::Error::Other(Box::new(Carried(failure)))
}

/// What an error means that ended this phase.
///
/// A time-out is named after the phase it ended, whichever clock ran out: a phase's time is cut to the fetch's, so both
/// may end together. Only a body that was still coming when the fetch's time was over is slow as a whole.
pub(crate) fn failure(error: ureq::Error, phase: Phase) -> Failure {
    match error {
        ureq::Error::Other(error) => match error.downcast::<Carried>() {
            Ok(carried) => carried.0,
            Err(_) => Failure::Protocol(Protocol::Malformed),
        },
        ureq::Error::Timeout(timeout) => Failure::Timeout(match timeout {
            ureq::Timeout::Resolve => Phase::Resolve,
            ureq::Timeout::Connect => Phase::Connect,
            ureq::Timeout::Global | ureq::Timeout::PerCall if phase == Phase::Body => Phase::Total,
            _ => phase,
        }),
        ureq::Error::Io(error) => wrapped(error, phase),
        ureq::Error::Protocol(_) => Failure::Protocol(Protocol::Malformed),
        ureq::Error::LargeResponseHeader(..) => Failure::Protocol(Protocol::HeadTooLarge),
        ureq::Error::HostNotFound => Failure::Dns(Dns::NoSuchName),
        ureq::Error::BadUri(_) | ureq::Error::RequireHttpsOnly(_) => Failure::Refused(Refusal::Scheme),
        ureq::Error::Tls(_) | ureq::Error::TlsRequired => Failure::Tls(Tls::Handshake),
        ureq::Error::InvalidProxyUrl | ureq::Error::ConnectProxyFailed(_) => Failure::Local(Local::Proxy),
        ureq::Error::ConnectionFailed => Failure::Connect(Connect::Unreachable),
        // Switched off (statuses and redirects are answers), or of parts that are not compiled in.
        _ => Failure::Protocol(Protocol::Malformed),
    }
}

/// What an I/O error means, which may carry one of the client's own.
pub(crate) fn wrapped(error: io::Error, phase: Phase) -> Failure {
    if error.get_ref().is_some_and(|inner| inner.is::<ureq::Error>()) {
        return failure(error.into(), phase);
    }
    io_failure(&error, phase)
}
