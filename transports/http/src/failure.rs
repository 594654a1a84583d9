//! From an I/O error to a fact.

use crate::tls;
use core::error::Error;
use crawlspace::{Connect, Dns, Failure, Local, Phase, Protocol, Tls};
use std::io::{self, ErrorKind};

/// What an I/O error means that came up in this phase of a fetch.
///
/// Looks through wrapped errors for one of TLS. What this machine lacks (descriptors, ports, buffers) is told apart
/// from what the peer did, so that a shortage here is never reported as a broken link.
#[must_use]
pub fn io_failure(error: &io::Error, phase: Phase) -> Failure {
    if let Some(tls) = find::<rustls::Error>(error) {
        return match phase {
            // By then the handshake is done; what is left of TLS are alerts and damaged records.
            Phase::Body => Failure::Truncated,
            _ => tls::failure(tls),
        };
    }
    if let Some(inner) = find_io(error) {
        return io_failure(inner, phase);
    }
    if error.raw_os_error().is_some_and(|code| EXHAUSTED.contains(&code)) {
        return Failure::Local(Local::Resources);
    }
    match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => Failure::Timeout(phase),
        ErrorKind::AddrNotAvailable | ErrorKind::AddrInUse | ErrorKind::OutOfMemory => {
            Failure::Local(Local::Resources)
        }
        kind => match phase {
            Phase::Resolve => Failure::Dns(Dns::Temporary),
            Phase::Connect => connecting(kind),
            Phase::Body => Failure::Truncated,
            _ if kind == ErrorKind::InvalidData => Failure::Protocol(Protocol::Malformed),
            _ => Failure::Closed,
        },
    }
}

fn connecting(kind: ErrorKind) -> Failure {
    match kind {
        ErrorKind::ConnectionRefused => Failure::Connect(Connect::Refused),
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected => Failure::Connect(Connect::Reset),
        // Connecting itself reads nothing: this is the handshake.
        ErrorKind::UnexpectedEof | ErrorKind::InvalidData => Failure::Tls(Tls::Handshake),
        _ => Failure::Connect(Connect::Unreachable),
    }
}

/// What is wrapped in an error, be it the error's own payload or further down.
fn find<T: Error + 'static>(error: &io::Error) -> Option<&T> {
    chain(error).find_map(|cause| cause.downcast_ref())
}

fn find_io(error: &io::Error) -> Option<&io::Error> {
    find(error)
}

fn chain(error: &io::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let payload = error.get_ref().map(|payload| payload as &(dyn Error + 'static));
    core::iter::successors(payload, |cause: &&(dyn Error + 'static)| (*cause).source())
}

/// Codes for which `std` has no kind: too many open files, in the process or the system, and no buffer space.
#[cfg(unix)]
const EXHAUSTED: [i32; 3] = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS];
/// `WSAEMFILE` and `WSAENOBUFS`.
#[cfg(windows)]
const EXHAUSTED: [i32; 2] = [10024, 10055];
#[cfg(not(any(unix, windows)))]
const EXHAUSTED: [i32; 0] = [];
