//! What a crawl is to do: typed, validated, plain.

mod builder;
mod error;
mod fingerprint;
mod pacing;
mod policy;
pub(crate) mod scope;

pub use builder::Builder;
pub use error::ConfigError;
pub(crate) use pacing::Pacing;
pub use policy::{HostPolicy, Order, Retry, RobotsPolicy, StatusSet};
pub use scope::{Because, Decision, Pattern, Reach, Scope, registrable_domain};

use crate::digest::{Extras, PlaceSet};
use crate::fetch::HeaderSetId;
use crate::limit::Limit;
use crate::seed::Seed;
use crate::spec::{DigestLimits, Spec};
use core::time::Duration;
use url::Url;

/// Everything that decides what a crawl does. Made by [`Config::builder`], which checks it.
///
/// ```
/// use crawlspace::{Config, Limit};
/// use std::time::Duration;
///
/// let config = Config::builder()
///     .seed("https://example.com/".parse()?)
///     .depth(Limit::Max(3))
///     .fetch_timeout(Duration::from_secs(20))
///     .build()?;
/// assert_eq!(config.seeds().len(), 1);
///
/// let error = Config::builder().concurrency(0).build().unwrap_err();
/// assert_eq!(error.to_string(), "concurrency is 0, but must be at least 1 and at most 65536");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Config {
    pub(crate) seeds: Vec<Url>,
    pub(crate) sitemaps: Vec<Url>,
    pub(crate) declared_sitemaps: bool,
    pub(crate) max_sitemaps: Limit<u64>,
    pub(crate) scope: Scope,
    pub(crate) order: Order,
    pub(crate) priorities: Vec<(Pattern, i8)>,
    pub(crate) depth: Limit<u32>,
    pub(crate) pages: Limit<u64>,
    pub(crate) bytes: Limit<u64>,
    pub(crate) time: Limit<Duration>,
    pub(crate) frontier: Limit<u64>,
    pub(crate) urls_per_host: Limit<u64>,
    pub(crate) host_failures: Limit<u32>,
    pub(crate) redirects: u32,
    pub(crate) concurrency: u32,
    pub(crate) own_hosts: HostPolicy,
    pub(crate) other_hosts: HostPolicy,
    pub(crate) retry: Retry,
    pub(crate) robots: RobotsPolicy,
    pub(crate) accept: StatusSet,
    pub(crate) fetch_timeout: Duration,
    pub(crate) body_cap: u64,
    pub(crate) headers: Vec<(HeaderSetId, Vec<String>)>,
    pub(crate) user_agent: String,
    pub(crate) robots_token: String,
    pub(crate) places: PlaceSet,
    pub(crate) limits: DigestLimits,
    pub(crate) soft_404: bool,
    pub(crate) duplicate_ids: bool,
    pub(crate) text_fragments: bool,
}

impl Config {
    /// A configuration with the defaults, to be changed and then checked.
    pub fn builder() -> Builder {
        Builder::default()
    }

    /// Where the crawl begins.
    #[must_use]
    pub fn seeds(&self) -> &[Url] {
        &self.seeds
    }

    /// Which URLs are crawled, checked or ignored.
    #[must_use]
    pub fn scope(&self) -> &Scope {
        &self.scope
    }

    /// How many fetches may be in flight in all.
    #[must_use]
    pub fn concurrency(&self) -> u32 {
        self.concurrency
    }

    /// How long the whole crawl may take.
    #[must_use]
    pub fn max_time(&self) -> Limit<Duration> {
        self.time
    }

    /// Status codes that count as working although they are not 2xx.
    #[must_use]
    pub fn accept(&self) -> &StatusSet {
        &self.accept
    }

    /// What only some crawls ask of digests.
    pub(crate) fn extras(&self) -> Extras {
        Extras { contents: self.soft_404, duplicate_ids: self.duplicate_ids, proses: self.text_fragments }
    }

    /// What digesting needs to know.
    pub(crate) fn spec(&self, seed: Seed) -> Spec {
        Spec {
            rules_version: crate::identity::RULES_VERSION,
            id_key: seed.key("fragment ids"),
            user_agent: self.user_agent.clone(),
            robots_token: self.robots_token.clone(),
            places: self.places,
            limits: self.limits.clone(),
            extras: self.extras(),
        }
    }

    /// The configured headers that an origin may see.
    pub(crate) fn headers_for(&self, origin: &str) -> HeaderSetId {
        self.headers
            .iter()
            .find(|(_, origins)| origins.iter().any(|bound| bound == origin))
            .map_or(HeaderSetId::NONE, |(id, _)| *id)
    }
}
