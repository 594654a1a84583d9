//! What can go wrong with a fetch: facts from which every message is made.

use core::fmt;
use core::time::Duration;

/// Why a fetch brought no answer.
///
/// Transports map their library's errors to these; the words in a report come from here, never from a library, so
/// that every transport's report reads the same.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Failure {
    /// The name could not be resolved.
    Dns(Dns),
    /// No connection could be made.
    Connect(Connect),
    /// The TLS handshake failed.
    Tls(Tls),
    /// A phase took longer than it may.
    Timeout(Phase),
    /// The peer closed or reset the connection before the head of the answer was complete.
    Closed,
    /// The body ended before the length or the last chunk that was announced, or its encoding was cut short.
    Truncated,
    /// The answer was not HTTP, or not the HTTP it claimed to be (RFC 9112).
    Protocol(Protocol),
    /// The content coding could not be undone (RFC 9110 section 8.4).
    Encoding(Encoding),
    /// The address policy does not let this address be dialled.
    Refused(Refusal),
    /// Something on this machine, not the far one, gave out.
    Local(Local),
    /// A replayed archive holds no answer to this request.
    NotInArchive,
    /// No answer came before the fetch's deadline: the transport or the worker lost it.
    Lapsed,
}

/// How name resolution failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Dns {
    /// The name does not exist (NXDOMAIN) or has no address.
    NoSuchName,
    /// The resolver could not say (SERVFAIL, time-out): may pass.
    Temporary,
}

/// How a connection could not be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Connect {
    /// Nothing listens there.
    Refused,
    /// There is no route to the network or the host.
    Unreachable,
    /// The peer broke the connection while it was made.
    Reset,
}

/// How a TLS handshake failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Tls {
    /// The certificate is past its date.
    Expired,
    /// The certificate is not valid yet.
    NotYetValid,
    /// The certificate is for another name.
    WrongName,
    /// No known authority signed the certificate, or the chain is incomplete.
    UnknownIssuer,
    /// The certificate was revoked.
    Revoked,
    /// The certificate is malformed or not fit for a server.
    BadCertificate,
    /// The peers could not agree, or what the peer spoke was not TLS.
    Handshake,
}

/// The phase of a fetch in which time ran out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Phase {
    /// Looking up the name.
    Resolve,
    /// Connecting, the TLS handshake included.
    Connect,
    /// Waiting for the head of the answer.
    Head,
    /// Waiting for more of the body.
    Body,
    /// The fetch as a whole.
    Total,
}

/// How an answer broke the protocol.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Protocol {
    /// The bytes were not a response.
    Malformed,
    /// The head was larger, or had more fields, than the limit.
    HeadTooLarge,
    /// More informational (1xx) responses than the limit.
    TooManyInformational,
    /// The HTTP version is not supported.
    Version,
}

/// How undoing the content coding failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Encoding {
    /// A coding that was not asked for.
    Unsupported,
    /// More codings on top of each other than the limit.
    Stacked,
    /// The coded bytes are damaged.
    Corrupt,
    /// The frame asks for a larger window than the limit.
    Window,
}

/// Why the address policy refused to dial.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Refusal {
    /// The address is loopback, private, link-local, or of another range that is not public.
    Address,
    /// The port belongs to another protocol (Fetch standard, "bad port").
    Port,
    /// The name is one that only a local network gives.
    Name,
    /// The transport does not speak the URL's scheme.
    Scheme,
    /// The URL is outside what this transport serves, and it must not look elsewhere.
    Offline,
}

/// What gave out on this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
#[non_exhaustive]
pub enum Local {
    /// No file descriptor, port or buffer was left.
    Resources,
    /// The worker that carried out the fetch panicked.
    Panicked,
    /// A file could not be read.
    File,
    /// A proxy that was configured could not be used.
    Proxy,
}

impl Failure {
    /// Whether trying again may help: true for time-outs, resets, temporary name failures, truncation and local
    /// shortages; false for what another attempt cannot change (NXDOMAIN, TLS, refusals, damage).
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        match self {
            Self::Dns(Dns::Temporary)
            | Self::Connect(Connect::Refused | Connect::Reset | Connect::Unreachable)
            | Self::Timeout(_)
            | Self::Closed
            | Self::Truncated
            | Self::Lapsed
            | Self::Local(Local::Resources | Local::Panicked) => true,
            Self::Dns(Dns::NoSuchName)
            | Self::Tls(_)
            | Self::Protocol(_)
            | Self::Encoding(_)
            | Self::Refused(_)
            | Self::Local(Local::File | Local::Proxy)
            | Self::NotInArchive => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Dns(Dns::NoSuchName) => "the host name does not exist",
            Self::Dns(Dns::Temporary) => "the host name could not be resolved for now",
            Self::Connect(Connect::Refused) => "the connection was refused",
            Self::Connect(Connect::Unreachable) => "the host or its network cannot be reached",
            Self::Connect(Connect::Reset) => "the connection was reset while it was made",
            Self::Tls(Tls::Expired) => "the TLS certificate has expired",
            Self::Tls(Tls::NotYetValid) => "the TLS certificate is not valid yet",
            Self::Tls(Tls::WrongName) => "the TLS certificate is for another host name",
            Self::Tls(Tls::UnknownIssuer) => "the TLS certificate is not signed by a known authority",
            Self::Tls(Tls::Revoked) => "the TLS certificate was revoked",
            Self::Tls(Tls::BadCertificate) => "the TLS certificate is malformed or not fit for a server",
            Self::Tls(Tls::Handshake) => "the TLS handshake failed",
            Self::Timeout(Phase::Resolve) => "timed out while resolving the host name",
            Self::Timeout(Phase::Connect) => "timed out while connecting",
            Self::Timeout(Phase::Head) => "timed out while waiting for the response",
            Self::Timeout(Phase::Body) => "timed out while waiting for the rest of the body",
            Self::Timeout(Phase::Total) => "timed out",
            Self::Closed => "the connection was closed before the response was complete",
            Self::Truncated => "the body was cut short",
            Self::Protocol(Protocol::Malformed) => "the response is not valid HTTP",
            Self::Protocol(Protocol::HeadTooLarge) => "the response's header section is too large",
            Self::Protocol(Protocol::TooManyInformational) => "too many informational (1xx) responses",
            Self::Protocol(Protocol::Version) => "the response's HTTP version is not supported",
            Self::Encoding(Encoding::Unsupported) => "the content coding is not supported",
            Self::Encoding(Encoding::Stacked) => "too many content codings on top of each other",
            Self::Encoding(Encoding::Corrupt) => "the content coding is damaged",
            Self::Encoding(Encoding::Window) => "the content coding asks for too much memory",
            Self::Refused(Refusal::Address) => "the address policy does not allow this address",
            Self::Refused(Refusal::Port) => "the address policy does not allow this port",
            Self::Refused(Refusal::Name) => "the address policy does not allow this host name",
            Self::Refused(Refusal::Scheme) => "the scheme is not supported",
            Self::Refused(Refusal::Offline) => "not part of what is checked offline",
            Self::Local(Local::Resources) => "this machine ran out of file descriptors, ports or buffers",
            Self::Local(Local::Panicked) => "the worker that fetched it failed",
            Self::Local(Local::File) => "the file could not be read",
            Self::Local(Local::Proxy) => "the configured proxy could not be used",
            Self::NotInArchive => "the archive holds no answer to this request",
            Self::Lapsed => "no answer came in time",
        })
    }
}

/// When a server asks to be left alone for a while (`Retry-After`, RFC 9110 section 10.2.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize), serde(rename_all = "kebab-case"))]
pub enum RetryAfter {
    /// That long after the answer.
    Delay(Duration),
    /// Not before this date.
    Date(crate::UnixTime),
}
