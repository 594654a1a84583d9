//! Origins: what connections are kept by.

use crawlspace::{Failure, Refusal};
use http::HeaderValue;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use url::Url;

/// Scheme, host and port of a URL (RFC 6454 section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct OriginRef<'a> {
    pub(crate) tls: bool,
    /// As it stands in the URL: an IPv6 literal has its brackets.
    pub(crate) host: &'a str,
    pub(crate) port: u16,
}

impl<'a> OriginRef<'a> {
    /// The origin of an `http` or `https` URL whose host a request can name.
    pub(crate) fn of(url: &'a Url) -> Result<Self, Failure> {
        let host = crawlspace_http::host(url)?;
        let port = url.port_or_known_default().ok_or(Failure::Refused(Refusal::Scheme))?;
        Ok(Self { tls: url.scheme() == "https", host, port })
    }

    fn authority(&self) -> String {
        let usual = if self.tls { 443 } else { 80 };
        if self.port == usual { self.host.to_owned() } else { format!("{}:{}", self.host, self.port) }
    }
}

/// An origin that connections are, or were, open to.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Origin {
    tls: bool,
    host: Box<str>,
    port: u16,
    authority: HeaderValue,
}

impl Origin {
    pub(crate) fn new(origin: OriginRef<'_>) -> Self {
        Self {
            tls: origin.tls,
            host: origin.host.into(),
            port: origin.port,
            // The host of a URL is ASCII without controls: always a field value.
            authority: HeaderValue::try_from(origin.authority()).unwrap_or(HeaderValue::from_static("")),
        }
    }

    pub(crate) fn as_ref(&self) -> OriginRef<'_> {
        OriginRef { tls: self.tls, host: &self.host, port: self.port }
    }

    /// The `Host` field's value (RFC 9110 section 7.2): the port only if it is not the scheme's own.
    pub(crate) fn authority(&self) -> &HeaderValue {
        &self.authority
    }
}

impl Hash for Origin {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_ref().hash(state);
    }
}

impl hashbrown::Equivalent<Arc<Origin>> for OriginRef<'_> {
    fn equivalent(&self, key: &Arc<Origin>) -> bool {
        *self == Origin::as_ref(key)
    }
}
