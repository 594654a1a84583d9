//! What every HTTP client is told.

use crate::{Exchange, HeadLimits, HeaderSets, Resolver, ResolverConfig, Taps, Timeouts, tls};
use core::fmt;
use crawlspace::{Request, Spec};
use rustls::ClientConfig;
use std::sync::Arc;

/// What every HTTP client is told, whichever it is. Everything but the [`Spec`] has a default; where nothing else is to
/// be said, the `Spec` alone will do.
///
/// ```
/// use crawlspace_http::{Settings, Timeouts};
/// # use std::sync::Arc;
/// use std::time::Duration;
///
/// # fn example(spec: Arc<crawlspace::Spec>) {
/// let timeouts = Timeouts { connect: Duration::from_secs(3), ..Timeouts::default() };
/// let settings = Settings::new(spec).timeouts(timeouts);
/// // To crawlspace_ureq::Client::builder(settings), or crawlspace_hyper's.
/// # drop(settings);
/// # }
/// ```
#[derive(Clone)]
#[non_exhaustive]
pub struct Settings {
    /// What responses are digested by.
    pub spec: Arc<Spec>,
    /// The configured header fields that requests name by [`HeaderSetId`](crawlspace::HeaderSetId). None by default.
    pub header_sets: HeaderSets,
    /// How long each phase may take; always cut so that a fetch ends within its own budget.
    pub timeouts: Timeouts,
    /// How large a head may be.
    pub head_limits: HeadLimits,
    /// What finds addresses; clones share threads and cache. One of its own by default.
    pub resolver: Resolver,
    /// How TLS is spoken, but for the protocols it offers, which are the client's. [`tls::client_config`] by default.
    pub tls: Option<Arc<ClientConfig>>,
    /// What looks on at the exchanges. Nothing by default.
    pub taps: Option<Arc<dyn Taps>>,
}

impl Settings {
    /// The defaults, for the fetches of a crawl with this spec.
    #[must_use]
    pub fn new(spec: Arc<Spec>) -> Self {
        Self {
            spec,
            header_sets: HeaderSets::new(),
            timeouts: Timeouts::default(),
            head_limits: HeadLimits::default(),
            resolver: Resolver::new(ResolverConfig::default()),
            tls: None,
            taps: None,
        }
    }

    /// With these configured header fields.
    #[must_use]
    pub fn header_sets(self, header_sets: HeaderSets) -> Self {
        Self { header_sets, ..self }
    }

    /// With these time-outs.
    #[must_use]
    pub fn timeouts(self, timeouts: Timeouts) -> Self {
        Self { timeouts, ..self }
    }

    /// With these bounds on heads.
    #[must_use]
    pub fn head_limits(self, head_limits: HeadLimits) -> Self {
        Self { head_limits, ..self }
    }

    /// With this resolver.
    #[must_use]
    pub fn resolver(self, resolver: Resolver) -> Self {
        Self { resolver, ..self }
    }

    /// With this way to speak TLS.
    #[must_use]
    pub fn tls(self, config: Arc<ClientConfig>) -> Self {
        Self { tls: Some(config), ..self }
    }

    /// With these looking on.
    #[must_use]
    pub fn taps(self, taps: Arc<dyn Taps>) -> Self {
        Self { taps: Some(taps), ..self }
    }

    /// For a client: the TLS settings, offering these protocols (RFC 7301), best first.
    #[must_use]
    pub fn tls_offering(&self, protocols: &[&[u8]]) -> Arc<ClientConfig> {
        let Some(config) = &self.tls else { return tls::client_config(protocols) };
        let mut config = Arc::clone(config);
        let protocols: Vec<_> = protocols.iter().map(|protocol| protocol.to_vec()).collect();
        if config.alpn_protocols != protocols {
            Arc::make_mut(&mut config).alpn_protocols = protocols;
        }
        config
    }

    /// For a client: the exchange that begins with this request, under the eyes of whoever looks on.
    #[must_use]
    pub fn exchange(&self, request: &Request) -> Exchange {
        let tap = self.taps.as_ref().and_then(|taps| taps.open(request));
        Exchange::new(request, &self.spec, tap)
    }
}

impl From<Arc<Spec>> for Settings {
    fn from(spec: Arc<Spec>) -> Self {
        Self::new(spec)
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("header_sets", &self.header_sets)
            .field("timeouts", &self.timeouts)
            .field("head_limits", &self.head_limits)
            .field("taps", &self.taps.is_some())
            .finish_non_exhaustive()
    }
}
