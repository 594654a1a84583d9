//! From I/O errors to facts.

use crawlspace::{Connect, Dns, Failure, Local, Phase, Protocol, Tls};
use crawlspace_http::io_failure;
use std::io::{Error, ErrorKind};
use std::net::{TcpListener, TcpStream};

const PHASES: [Phase; 5] = [Phase::Resolve, Phase::Connect, Phase::Head, Phase::Body, Phase::Total];

#[test]
fn time_outs_name_their_phase() {
    for phase in PHASES {
        for kind in [ErrorKind::TimedOut, ErrorKind::WouldBlock] {
            assert_eq!(io_failure(&kind.into(), phase), Failure::Timeout(phase));
        }
    }
}

/// X5, T123: what this machine lacks is never the far one's fault.
#[cfg(unix)]
#[test]
fn shortages_are_local_in_every_phase() {
    for code in
        [libc::EMFILE, libc::ENFILE, libc::ENOBUFS, libc::ENOMEM, libc::EADDRNOTAVAIL, libc::EADDRINUSE]
    {
        for phase in PHASES {
            let failure = io_failure(&Error::from_raw_os_error(code), phase);
            assert_eq!(failure, Failure::Local(Local::Resources), "{code} {phase:?}");
            assert!(failure.is_temporary());
        }
    }
}

#[cfg(unix)]
#[test]
fn what_the_network_says_while_connecting_is_kept() {
    for (code, connect) in [
        (libc::ECONNREFUSED, Connect::Refused),
        (libc::ENETUNREACH, Connect::Unreachable),
        (libc::EHOSTUNREACH, Connect::Unreachable),
        (libc::ENETDOWN, Connect::Unreachable),
        (libc::EACCES, Connect::Unreachable),
        (libc::EPERM, Connect::Unreachable),
        (libc::ECONNRESET, Connect::Reset),
        (libc::ECONNABORTED, Connect::Reset),
        (libc::EPIPE, Connect::Reset),
    ] {
        let error = Error::from_raw_os_error(code);
        assert_eq!(io_failure(&error, Phase::Connect), Failure::Connect(connect), "{error}");
    }
    let timeout = Error::from_raw_os_error(libc::ETIMEDOUT);
    assert_eq!(io_failure(&timeout, Phase::Connect), Failure::Timeout(Phase::Connect));
}

/// X7, X9, X10.
#[test]
fn a_break_is_told_by_where_it_came() {
    let breaks = [
        ErrorKind::UnexpectedEof,
        ErrorKind::ConnectionReset,
        ErrorKind::ConnectionAborted,
        ErrorKind::BrokenPipe,
        ErrorKind::HostUnreachable,
        ErrorKind::Other,
    ];
    for kind in breaks {
        assert_eq!(io_failure(&kind.into(), Phase::Resolve), Failure::Dns(Dns::Temporary), "{kind}");
        assert_eq!(io_failure(&kind.into(), Phase::Head), Failure::Closed, "{kind}");
        assert_eq!(io_failure(&kind.into(), Phase::Total), Failure::Closed, "{kind}");
        assert_eq!(io_failure(&kind.into(), Phase::Body), Failure::Truncated, "{kind}");
    }
    let malformed = Error::new(ErrorKind::InvalidData, "not HTTP");
    assert_eq!(io_failure(&malformed, Phase::Head), Failure::Protocol(Protocol::Malformed));
    assert_eq!(io_failure(&ErrorKind::UnexpectedEof.into(), Phase::Connect), Failure::Tls(Tls::Handshake));
}

#[test]
fn wrapped_errors_are_looked_through() {
    let inner = Error::from(ErrorKind::ConnectionRefused);
    let wrapped = Error::other(Error::new(ErrorKind::InvalidInput, inner));
    assert_eq!(io_failure(&wrapped, Phase::Connect), Failure::Connect(Connect::Refused));
}

/// An alert or a damaged record behind the handshake is no failure of the handshake.
#[test]
fn tls_errors_in_the_body_cut_it_short() {
    let alert = || Error::new(ErrorKind::InvalidData, rustls::Error::DecryptError);
    assert_eq!(io_failure(&alert(), Phase::Body), Failure::Truncated);
    // A server may refuse the client only after the client has sent its request (TLS 1.3).
    assert_eq!(io_failure(&alert(), Phase::Head), Failure::Tls(Tls::Handshake));
}

#[test]
fn a_port_where_nobody_listens_refuses() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    drop(listener);
    let error = TcpStream::connect(address).expect_err("nobody listens");
    assert_eq!(io_failure(&error, Phase::Connect), Failure::Connect(Connect::Refused));
}
