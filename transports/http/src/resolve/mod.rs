//! Host names to addresses: `getaddrinfo` on few threads, with a cache of its own.

mod lookup;
mod pool;
mod wait;

pub use lookup::{Lookup, SystemLookup};

use core::fmt;
use core::time::Duration;
use crawlspace::{Dns, Failure, Phase};
use pool::Pool;
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

/// Settings of a [`Resolver`].
#[derive(Clone)]
pub struct ResolverConfig {
    /// The most threads that ever look names up at a time. They are started as they are needed.
    pub threads: usize,
    /// How long an answer with addresses is good for. The system's resolver does not tell the name's own time.
    pub positive_ttl: Duration,
    /// How long it is good to know that a name does not exist.
    pub negative_ttl: Duration,
    /// How long a failure to find out is remembered (RFC 9520 section 3.2 asks for at least one second).
    pub failure_ttl: Duration,
    /// How many names are remembered.
    pub cache_names: usize,
    /// Addresses to use for a name instead of asking; none at all stands for a name that does not exist.
    pub overrides: BTreeMap<String, Vec<IpAddr>>,
    /// What to ask.
    pub lookup: Arc<dyn Lookup>,
}

impl Default for ResolverConfig {
    /// 16 threads, 60 s, 10 s and 1 s, 16,384 names, no overrides, the system's resolver.
    fn default() -> Self {
        Self {
            threads: 16,
            positive_ttl: Duration::from_secs(60),
            negative_ttl: Duration::from_secs(10),
            failure_ttl: Duration::from_secs(1),
            cache_names: 16 * 1024,
            overrides: BTreeMap::new(),
            lookup: Arc::new(SystemLookup),
        }
    }
}

impl fmt::Debug for ResolverConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ResolverConfig")
            .field("threads", &self.threads)
            .field("positive_ttl", &self.positive_ttl)
            .field("negative_ttl", &self.negative_ttl)
            .field("failure_ttl", &self.failure_ttl)
            .field("cache_names", &self.cache_names)
            .field("overrides", &self.overrides)
            .finish_non_exhaustive()
    }
}

/// Finds the addresses of hosts. Clones share threads and cache.
///
/// IP literals, `localhost` and names under it (RFC 6761 section 6.3) are never asked for; of several callers that
/// want the same name at once, one asks. Addresses come in the order of the system's preference (RFC 6724); which of
/// them may be dialled is not decided here.
///
/// ```
/// use crawlspace_http::{Resolver, ResolverConfig};
/// use std::time::Duration;
///
/// let mut config = ResolverConfig::default();
/// config.overrides.insert("example.test".to_owned(), vec!["192.0.2.7".parse()?]);
/// let resolver = Resolver::new(config);
///
/// let within = Duration::from_secs(1);
/// let found = |host| resolver.resolve(host, 80, within).map_err(|failure| failure.to_string());
/// assert_eq!(found("Example.test")?, ["192.0.2.7:80".parse()?]);
/// assert_eq!(found("[::1]")?, ["[::1]:80".parse()?]);
/// assert_eq!(found("localhost")?, ["127.0.0.1:80".parse()?, "[::1]:80".parse()?]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Resolver {
    overrides: Arc<BTreeMap<String, Arc<[IpAddr]>>>,
    pool: Arc<Pool>,
}

/// What is known of a name. Shared, as it goes to everyone who waits.
type Answer = Result<Arc<[IpAddr]>, Failure>;

impl Resolver {
    /// A resolver with these settings. Starts no thread yet.
    #[must_use]
    pub fn new(mut config: ResolverConfig) -> Self {
        let overrides = core::mem::take(&mut config.overrides);
        let overrides = overrides.into_iter().map(|(host, list)| (normal(&host), list.into())).collect();
        Self { overrides: Arc::new(overrides), pool: Arc::new(Pool::new(config)) }
    }

    /// The addresses of `host` (a name or an IP literal, IPv6 with or without brackets), waiting on this thread for
    /// at most `within`.
    ///
    /// # Errors
    ///
    /// [`Failure::Dns`], [`Failure::Timeout`] in [`Phase::Resolve`], or [`Failure::Local`] if this machine lacks what
    /// it takes to ask.
    pub fn resolve(&self, host: &str, port: u16, within: Duration) -> Result<Vec<SocketAddr>, Failure> {
        wait::block_on(self.resolve_async(host, port), within)
            .unwrap_or(Err(Failure::Timeout(Phase::Resolve)))
    }

    /// The addresses of `host`, as [`resolve`](Self::resolve) finds them, without a time-out of its own. Needs no
    /// runtime. The question is put at once, and the answer is remembered though nobody waits for it any more; but a
    /// name that nobody waits for makes way for those that somebody does.
    ///
    /// # Errors
    ///
    /// As [`resolve`](Self::resolve).
    pub fn resolve_async(
        &self,
        host: &str,
        port: u16,
    ) -> impl Future<Output = Result<Vec<SocketAddr>, Failure>> + Send + 'static {
        let asked = self.ask(host);
        // Who waits keeps the threads, though every resolver is dropped meanwhile.
        let pool = Arc::clone(&self.pool);
        async move {
            let _pool = pool;
            let answer = match asked {
                Asked::Known(answer) => answer,
                Asked::Pending(waiting) => waiting.await.unwrap_or(Err(Failure::Dns(Dns::Temporary))),
            };
            Ok(answer?.iter().map(|address| SocketAddr::new(*address, port)).collect())
        }
    }

    fn ask(&self, host: &str) -> Asked {
        if let Some(address) = literal(host) {
            return Asked::Known(Ok(Arc::from([address])));
        }
        let name = normal(host);
        if let Some(addresses) = self.overrides.get(&name) {
            return Asked::Known(found(Arc::clone(addresses)));
        }
        let bare = name.strip_suffix('.').unwrap_or(&name);
        if bare == "localhost" || bare.ends_with(".localhost") {
            return Asked::Known(Ok(Arc::from([
                IpAddr::V4(Ipv4Addr::LOCALHOST),
                IpAddr::V6(Ipv6Addr::LOCALHOST),
            ])));
        }
        // RFC 1035 section 2.3.4: there can be no such name.
        if bare.is_empty() || bare.len() > 253 {
            return Asked::Known(Err(Failure::Dns(Dns::NoSuchName)));
        }
        self.pool.ask(name)
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Resolver").field("overrides", &self.overrides).finish_non_exhaustive()
    }
}

/// What asking came to.
enum Asked {
    Known(Answer),
    Pending(futures_channel::oneshot::Receiver<Answer>),
}

/// No address at all is as good as no such name.
fn found(addresses: Arc<[IpAddr]>) -> Answer {
    if addresses.is_empty() { Err(Failure::Dns(Dns::NoSuchName)) } else { Ok(addresses) }
}

fn literal(host: &str) -> Option<IpAddr> {
    match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']')?.parse().ok().map(IpAddr::V6),
        None => host.parse().ok(),
    }
}

fn normal(host: &str) -> String {
    host.to_ascii_lowercase()
}
