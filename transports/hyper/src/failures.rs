//! From hyper's errors to facts.

use crawlspace::{Failure, Phase, Protocol};
use crawlspace_http::{HeadLimits, io_failure};
use h2::Reason;
use std::error::Error;
use std::io;
use tokio_rustls::rustls;

/// No head came. `read`: what had been read of it (HTTP/1).
pub(crate) fn head(error: &hyper::Error, read: &[u8], limits: HeadLimits) -> Failure {
    if error.is_parse() {
        return unparsed(read, limits);
    }
    match cause(error) {
        Some(Cause::Http2(error)) => http2(error, Phase::Head),
        Some(Cause::Io(error)) => io_failure(error, Phase::Head),
        None => Failure::Closed,
    }
}

/// The connection ended before the request was written. What the server said unasked is no response (RFC 9112
/// section 9.2).
pub(crate) fn unasked(read: &[u8], limits: HeadLimits) -> Failure {
    if read.is_empty() { Failure::Closed } else { unparsed(read, limits) }
}

/// The body broke off.
pub(crate) fn body(error: &hyper::Error) -> Failure {
    match cause(error) {
        Some(Cause::Http2(error)) => http2(error, Phase::Body),
        // So hyper's chunk decoder says that a chunk's size or end is not one (RFC 9112 section 7.1).
        Some(Cause::Io(error))
            if matches!(error.kind(), io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData)
                && !error.get_ref().is_some_and(|inner| inner.is::<rustls::Error>()) =>
        {
            Failure::Protocol(Protocol::Malformed)
        }
        Some(Cause::Io(error)) => io_failure(error, Phase::Body),
        None => Failure::Truncated,
    }
}

enum Cause<'a> {
    Http2(&'a h2::Error),
    Io(&'a io::Error),
}

fn cause(error: &hyper::Error) -> Option<Cause<'_>> {
    std::iter::successors(error.source(), |cause: &&(dyn Error + 'static)| (*cause).source()).find_map(
        |cause| {
            let http2 = cause.downcast_ref().map(Cause::Http2);
            http2.or_else(|| cause.downcast_ref().map(Cause::Io))
        },
    )
}

/// hyper tells that a head could not be parsed, but not in public what was wrong: asks again.
fn unparsed(read: &[u8], limits: HeadLimits) -> Failure {
    let mut fields = vec![httparse::EMPTY_HEADER; limits.fields];
    let verdict = httparse::Response::new(&mut fields).parse(read);
    Failure::Protocol(match verdict {
        Err(httparse::Error::TooManyHeaders) => Protocol::HeadTooLarge,
        Err(httparse::Error::Version) if read.starts_with(b"HTTP/") => Protocol::Version,
        Ok(httparse::Status::Partial) if read.len() >= limits.bytes => Protocol::HeadTooLarge,
        Ok(httparse::Status::Complete(length)) if length > limits.bytes => Protocol::HeadTooLarge,
        _ => Protocol::Malformed,
    })
}

fn http2(error: &h2::Error, phase: Phase) -> Failure {
    if let Some(error) = error.get_io() {
        return io_failure(error, phase);
    }
    match error.reason() {
        // So h2 refuses a head of far more frames than the limit needs.
        Some(Reason::ENHANCE_YOUR_CALM) if error.is_library() && phase == Phase::Head => {
            Failure::Protocol(Protocol::HeadTooLarge)
        }
        _ if error.is_library() => Failure::Protocol(Protocol::Malformed),
        _ if phase == Phase::Body => Failure::Truncated,
        _ => Failure::Closed,
    }
}
