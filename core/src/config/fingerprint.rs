//! The name of what a configuration decides.

use super::{Config, Decision, Order, Pattern, Reach, Scope, StatusSet};
use crate::codec::{Encode, plain_enum};
use crate::fetch::Fingerprint;
use crate::limit::Limit;
use crate::seed::HashKey;

plain_enum!(Decision { 0 = Ignore, 1 = Check, 2 = Crawl });
plain_enum!(Order { 0 = Fast, 1 = Ordered });

impl Config {
    /// A name for what this configuration decides: two that differ in anything that changes what is fetched or
    /// reported have different names. Pacing (concurrency, gaps, retries, time-outs, the time limit) may change
    /// between a crawl and its resumption.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut out = Vec::new();
        self.seeds.encode(&mut out);
        self.sitemaps.encode(&mut out);
        self.declared_sitemaps.encode(&mut out);
        self.max_sitemaps.encode(&mut out);
        self.scope.encode(&mut out);
        self.order.encode(&mut out);
        self.depth.encode(&mut out);
        for limit in [self.pages, self.bytes, self.frontier, self.urls_per_host] {
            limit.encode(&mut out);
        }
        self.host_failures.encode(&mut out);
        self.redirects.encode(&mut out);
        self.robots.crawl.encode(&mut out);
        self.robots.check.encode(&mut out);
        self.accept.encode(&mut out);
        self.body_cap.encode(&mut out);
        self.headers.encode(&mut out);
        self.user_agent.encode(&mut out);
        self.robots_token.encode(&mut out);
        self.places.encode(&mut out);
        self.limits.encode(&mut out);
        self.extras().encode(&mut out);
        Fingerprint(HashKey(0x636f_6e66, 1).hash(&out))
    }
}

impl Encode for Scope {
    fn encode(&self, out: &mut Vec<u8>) {
        self.reach.encode(out);
        self.external.encode(out);
        self.include.encode(out);
        self.rules.encode(out);
    }
}

impl Encode for Reach {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::SeedOrigins => out.push(0),
            Self::Origin(url) => {
                out.push(1);
                url.encode(out);
            }
            Self::Host(host) => {
                out.push(2);
                host.encode(out);
            }
            Self::Domain(domain) => {
                out.push(3);
                domain.encode(out);
            }
            Self::Prefix(url) => {
                out.push(4);
                url.encode(out);
            }
        }
    }
}

impl Encode for Pattern {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().encode(out);
    }
}

impl<T: Encode> Encode for Limit<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::None => out.push(0),
            Self::Max(max) => {
                out.push(1);
                max.encode(out);
            }
        }
    }
}

impl Encode for StatusSet {
    fn encode(&self, out: &mut Vec<u8>) {
        self.to_string().encode(out);
    }
}
