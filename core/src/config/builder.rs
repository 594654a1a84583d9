use super::{Config, ConfigError, HostPolicy, Order, Pattern, Reach, Retry, RobotsPolicy, Scope, StatusSet};
use crate::digest::PlaceSet;
use crate::fetch::HeaderSetId;
use crate::limit::Limit;
use crate::spec::DigestLimits;
use core::ops::RangeInclusive;
use core::time::Duration;
use url::Url;

/// Builds a [`Config`]; nothing is checked before [`Builder::build`].
#[derive(Clone, Debug)]
#[must_use]
pub struct Builder(pub(super) Config);

impl Default for Builder {
    fn default() -> Self {
        Self(Config {
            seeds: Vec::new(),
            sitemaps: Vec::new(),
            declared_sitemaps: false,
            max_sitemaps: Limit::Max(1_000),
            scope: Scope::default(),
            order: Order::Fast,
            priorities: Vec::new(),
            depth: Limit::None,
            pages: Limit::None,
            bytes: Limit::None,
            time: Limit::None,
            frontier: Limit::None,
            urls_per_host: Limit::None,
            host_failures: Limit::None,
            redirects: 10,
            concurrency: 128,
            own_hosts: HostPolicy { concurrency: 50, gap: Duration::ZERO },
            other_hosts: HostPolicy { concurrency: 4, gap: Duration::from_millis(100) },
            retry: Retry { max: 2, base: Duration::from_secs(1), cap: Duration::from_mins(1) },
            robots: RobotsPolicy { crawl: true, check: false },
            accept: StatusSet::default(),
            fetch_timeout: Duration::from_secs(30),
            body_cap: 10 * 1_024 * 1_024,
            headers: Vec::new(),
            user_agent: concat!("crawlspace/", env!("CARGO_PKG_VERSION")).to_owned(),
            robots_token: "crawlspace".to_owned(),
            places: PlaceSet::default(),
            limits: DigestLimits::default(),
            soft_404: false,
            duplicate_ids: false,
            text_fragments: false,
        })
    }
}

impl Builder {
    /// Begins here too.
    pub fn seed(mut self, url: Url) -> Self {
        self.0.seeds.push(url);
        self
    }

    /// Reads this sitemap, and crawls what it lists in scope as if those were seeds; what it lists elsewhere is
    /// reported and not asked for. It is asked for whatever scope and robots.txt say, and its own origin does not come
    /// into scope by it. Indexes are followed three deep.
    pub fn sitemap(mut self, url: Url) -> Self {
        self.0.sitemaps.push(url);
        self
    }

    /// Reads the sitemaps, too, that the robots.txt of crawled origins name, on whatever host the scope lets them be
    /// asked for. Needs robots.txt to be asked for crawled URLs. Default: no.
    pub fn declared_sitemaps(mut self, read: bool) -> Self {
        self.0.declared_sitemaps = read;
        self
    }

    /// How many sitemaps may be read, indexes included. Default: 1,000.
    pub fn max_sitemaps(mut self, sitemaps: Limit<u64>) -> Self {
        self.0.max_sitemaps = sitemaps;
        self
    }

    /// Which URLs are crawled, checked or ignored.
    pub fn scope(mut self, scope: Scope) -> Self {
        self.0.scope = scope;
        self
    }

    /// In which order URLs are taken. Default: [`Order::Fast`].
    pub fn order(mut self, order: Order) -> Self {
        self.0.order = order;
        self
    }

    /// URLs that match are fetched before those of their origin that have less priority, whatever their depth; of
    /// several patterns that match, the last one counts. Default: 0 for all, so that the lesser depth comes first.
    /// Changes the order of fetches only, and with [`Order::Ordered`] only within a depth.
    pub fn priority(mut self, pattern: Pattern, priority: i8) -> Self {
        self.0.priorities.push((pattern, priority));
        self
    }

    /// How many links away from a seed a URL may be; a seed has depth 0, a redirect adds none. Default: no limit.
    pub fn depth(mut self, depth: Limit<u32>) -> Self {
        self.0.depth = depth;
        self
    }

    /// How many pages may be fetched: crawled URLs that a link to follow (or a seed) names. What pages embed (images,
    /// scripts) is fetched beyond the limit too, and counted only if it turns out to be a document: beyond the limit,
    /// the links of such a one are not followed. URLs that are only checked are not counted. Default: no limit.
    pub fn max_pages(mut self, pages: Limit<u64>) -> Self {
        self.0.pages = pages;
        self
    }

    /// How many decoded bytes of bodies may be read in all. Default: no limit.
    pub fn max_bytes(mut self, bytes: Limit<u64>) -> Self {
        self.0.bytes = bytes;
        self
    }

    /// How long the crawl may take; then it stops, and the report is partial. Default: no limit.
    pub fn max_time(mut self, time: Limit<Duration>) -> Self {
        self.0.time = time;
        self
    }

    /// How many URLs may be queued; those found beyond are skipped and counted. Default: no limit.
    pub fn max_frontier(mut self, urls: Limit<u64>) -> Self {
        self.0.frontier = urls;
        self
    }

    /// How many URLs of one host may be fetched. Default: no limit.
    pub fn max_urls_per_host(mut self, urls: Limit<u64>) -> Self {
        self.0.urls_per_host = urls;
        self
    }

    /// After how many failures in a row a host is given up: 429, 503, time-outs, resets, refused connections and
    /// names that cannot be resolved for now, with no other answer between them. Failures of fetches that were under
    /// way together count once. What has not been asked for by then is skipped, and nothing is tried again. Default:
    /// no limit, since which URLs are skipped depends on timing; a host that is down is then asked for all its URLs,
    /// one at a time.
    pub fn max_host_failures(mut self, failures: Limit<u32>) -> Self {
        self.0.host_failures = failures;
        self
    }

    /// How many redirects in a row are followed. Default: 10.
    pub fn max_redirects(mut self, redirects: u32) -> Self {
        self.0.redirects = redirects;
        self
    }

    /// How many fetches may be in flight in all, however many slots the driver has. Default: 128.
    pub fn concurrency(mut self, fetches: u32) -> Self {
        self.0.concurrency = fetches;
        self
    }

    /// How hosts are treated that URLs to crawl are on. Default: 50 at a time, no gap.
    pub fn own_hosts(mut self, policy: HostPolicy) -> Self {
        self.0.own_hosts = policy;
        self
    }

    /// How all other hosts are treated. Default: up to 4 at a time, 100 ms apart.
    pub fn other_hosts(mut self, policy: HostPolicy) -> Self {
        self.0.other_hosts = policy;
        self
    }

    /// When a fetch that failed is tried again. Default: twice, after 1 s and 2 s, at most a minute.
    pub fn retry(mut self, retry: Retry) -> Self {
        self.0.retry = retry;
        self
    }

    /// Which fetches ask robots.txt first, and whether `nofollow` is obeyed. Default: crawled ones ask, since going
    /// through a site is what robots.txt is about; a single check of a URL that is linked to does not.
    pub fn robots(mut self, policy: RobotsPolicy) -> Self {
        self.0.robots = policy;
        self
    }

    /// Status codes that count as working. Default: 200 to 299.
    pub fn accept(mut self, statuses: StatusSet) -> Self {
        self.0.accept = statuses;
        self
    }

    /// How long one fetch may take in all. Default: 30 s.
    pub fn fetch_timeout(mut self, timeout: Duration) -> Self {
        self.0.fetch_timeout = timeout;
        self
    }

    /// How many decoded bytes of one body are read. Default: 10 MiB.
    pub fn body_cap(mut self, bytes: u64) -> Self {
        self.0.body_cap = bytes;
        self
    }

    /// Lets fetches of these origins (`https://example.com`, `http://example.com:8080`) carry a set of headers
    /// that the transport knows by this id.
    pub fn headers(mut self, set: HeaderSetId, origins: impl IntoIterator<Item = String>) -> Self {
        self.0.headers.push((set, origins.into_iter().collect()));
        self
    }

    /// The `User-Agent` field. Default: `crawlspace/` and the version.
    pub fn user_agent(mut self, user_agent: impl Into<String>) -> Self {
        self.0.user_agent = user_agent.into();
        self
    }

    /// The product token that robots rules are chosen by (RFC 9309 section 2.2.1). Default: `crawlspace`.
    pub fn robots_token(mut self, token: impl Into<String>) -> Self {
        self.0.robots_token = token.into();
        self
    }

    /// Which attributes count as links.
    pub fn places(mut self, places: PlaceSet) -> Self {
        self.0.places = places;
        self
    }

    /// Looks for pages that a host gives for any address instead of 404 (off by default). One address that cannot be
    /// is asked for on each origin that has HTML, and the front page too if a page comes for it; pages that read the
    /// same are [broken](crate::report::Class::Broken). Everything is then asked for with GET, and documents are read
    /// to their end.
    ///
    /// Not judged are hosts whose front page reads the same, as of an application that a script fills in, or
    /// redirects; what redirects instead of answering; and pages that differ in more than numbers and their address.
    pub fn soft_404(mut self, look: bool) -> Self {
        self.0.soft_404 = look;
        self
    }

    /// Looks for ids that several elements of a document in scope have (off by default), for
    /// [`Report::duplicate_ids`](crate::Report::duplicate_ids).
    pub fn duplicate_ids(mut self, look: bool) -> Self {
        self.0.duplicate_ids = look;
        self
    }

    /// Judges text fragments (`#:~:text=…`, WICG "URL Fragment Text Directives"; off by default): where none of a
    /// link's directives finds its text in an HTML document, the fragment is
    /// [dead](crate::report::Class::DeadFragment). The texts of all documents that are read are then kept, up to
    /// 512 KiB each.
    ///
    /// Not judged are documents of more text than that, and those that hold `ruby`, frames or `xmp`. Scripts are not
    /// run, and style sheets not looked at: text that only a script writes is missed, text that is hidden is found.
    pub fn text_fragments(mut self, look: bool) -> Self {
        self.0.text_fragments = look;
        self
    }

    /// Bounds on what one document may give.
    pub fn digest_limits(mut self, limits: DigestLimits) -> Self {
        self.0.limits = limits;
        self
    }

    /// Checks all of it.
    ///
    /// # Errors
    ///
    /// The first field whose value cannot be, with the bound it breaks.
    pub fn build(self) -> Result<Config, ConfigError> {
        const YEAR: Duration = Duration::from_hours(24 * 366);
        let config = self.0;
        in_range("concurrency", config.concurrency, 1..=65_536)?;
        for (field, policy) in [("own_hosts", config.own_hosts), ("other_hosts", config.other_hosts)] {
            in_range(field, policy.concurrency, 1..=65_536)?;
            time_in_range(field, policy.gap, Duration::ZERO..=YEAR)?;
        }
        in_range("retry", config.retry.max, 0..=100)?;
        time_in_range("retry", config.retry.base, Duration::ZERO..=YEAR)?;
        time_in_range("retry", config.retry.cap, Duration::ZERO..=YEAR)?;
        in_range("max_host_failures", config.host_failures.max().unwrap_or(1), 1..=1_000_000)?;
        in_range("max_redirects", config.redirects, 0..=1_000)?;
        time_in_range("fetch_timeout", config.fetch_timeout, Duration::from_millis(1)..=YEAR)?;
        in_range("depth", config.depth.max().unwrap_or(0), 0..=u32::from(u16::MAX - 1))?;
        in_range("body_cap", config.body_cap, 1..=1 << 40)?;
        if let Limit::Max(bytes) = config.bytes
            && bytes < config.body_cap
        {
            let bound = format!("at least body_cap ({}), which one fetch may take", config.body_cap);
            return Err(ConfigError::new("max_bytes", bytes, bound));
        }
        in_range("digest_limits.url_bytes", config.limits.url_bytes, 16..=32_768)?;
        in_range("digest_limits.text_chars", config.limits.text_chars, 0..=4_096)?;
        if config.declared_sitemaps && !config.robots.crawl {
            let bound = "false where no robots.txt is asked for, which would declare them";
            return Err(ConfigError::new("declared_sitemaps", true, bound));
        }
        if !is_field_value(&config.user_agent) {
            let shown = format_args!("{:?}", config.user_agent).to_string();
            return Err(ConfigError::new(
                "user_agent",
                shown,
                "visible ASCII characters and blanks, not empty",
            ));
        }
        let token = &config.robots_token;
        if token.is_empty() || !token.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-' || b == b'_') {
            let shown = format_args!("{token:?}").to_string();
            return Err(ConfigError::new("robots_token", shown, "letters, '-' and '_' only (RFC 9309)"));
        }
        for reach in &config.scope.reach {
            check_reach(reach)?;
        }
        for (id, origins) in &config.headers {
            if *id == HeaderSetId::NONE {
                return Err(ConfigError::new("headers", "set 0", "a set from 1 to 65535: 0 stands for none"));
            }
            for origin in origins {
                let same = Url::parse(origin).is_ok_and(|url| url.origin().ascii_serialization() == *origin);
                if !same {
                    return Err(ConfigError::new(
                        "headers",
                        format_args!("bound to \"{origin}\""),
                        "bound to origins such as https://example.com or http://example.com:8080",
                    ));
                }
            }
        }
        Ok(config)
    }
}

fn check_reach(reach: &Reach) -> Result<(), ConfigError> {
    match reach {
        Reach::SeedOrigins => Ok(()),
        Reach::Origin(url) | Reach::Prefix(url) if url.has_host() => Ok(()),
        Reach::Origin(url) | Reach::Prefix(url) => {
            Err(ConfigError::new("scope", format_args!("\"{url}\""), "a URL with a host"))
        }
        Reach::Host(host) | Reach::Domain(host) => {
            let normal = url::Host::parse(host).map(|parsed| parsed.to_string());
            match normal {
                Ok(normal) if normal == *host => Ok(()),
                Ok(normal) => {
                    Err(ConfigError::new("scope", format_args!("\"{host}\""), format!("\"{normal}\"")))
                }
                Err(_) => {
                    Err(ConfigError::new("scope", format_args!("\"{host}\""), "a host name or an address"))
                }
            }
        }
    }
}

fn is_field_value(text: &str) -> bool {
    !text.trim().is_empty() && text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

fn in_range<T: PartialOrd + core::fmt::Display>(
    field: &'static str,
    value: T,
    range: RangeInclusive<T>,
) -> Result<(), ConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    Err(ConfigError::new(field, value, format!("at least {} and at most {}", range.start(), range.end())))
}

fn time_in_range(
    field: &'static str,
    value: Duration,
    range: RangeInclusive<Duration>,
) -> Result<(), ConfigError> {
    if range.contains(&value) {
        return Ok(());
    }
    let bound = format!("at least {} and at most {}", plain(*range.start()), plain(*range.end()));
    Err(ConfigError::new(field, plain(value), bound))
}

/// A time as people write it: `Debug` would say `0ns`, and count days in seconds.
fn plain(time: Duration) -> String {
    const DAY: u64 = 24 * 60 * 60;
    match (time.as_secs(), time.subsec_nanos()) {
        (0, 0) => "0 s".to_owned(),
        (seconds, 0) if seconds.is_multiple_of(DAY) => format!("{} days", seconds / DAY),
        _ => format!("{time:?}"),
    }
}
