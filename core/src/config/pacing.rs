//! The part of a configuration that may change between a crawl and its resumption.

use super::{Builder, Config, HostPolicy, Pattern, Retry};
use crate::codec::{Corrupt, Decode, plain_struct};
use crate::limit::Limit;
use core::time::Duration;

plain_struct!(HostPolicy { concurrency, gap });
plain_struct!(Retry { max, base, cap });

/// All that the [fingerprint](Config::fingerprint) leaves out, and that decides when and in which order things are
/// fetched all the same: kept in saved state, since a replay has to go by what was in force.
#[derive(Clone, Debug)]
pub(crate) struct Pacing {
    priorities: Vec<(String, u8)>,
    time: Limit<Duration>,
    concurrency: u32,
    own_hosts: HostPolicy,
    other_hosts: HostPolicy,
    retry: Retry,
    fetch_timeout: Duration,
}

plain_struct!(Pacing { priorities, time, concurrency, own_hosts, other_hosts, retry, fetch_timeout });

impl Config {
    pub(crate) fn pacing(&self) -> Pacing {
        // In full, so that a new field must be put either here or into the fingerprint.
        let Self {
            priorities,
            time,
            concurrency,
            own_hosts,
            other_hosts,
            retry,
            fetch_timeout,
            seeds: _,
            scope: _,
            order: _,
            depth: _,
            pages: _,
            bytes: _,
            frontier: _,
            urls_per_host: _,
            host_failures: _,
            redirects: _,
            robots: _,
            accept: _,
            body_cap: _,
            headers: _,
            user_agent: _,
            robots_token: _,
            places: _,
            limits: _,
            sitemaps: _,
            declared_sitemaps: _,
            max_sitemaps: _,
            soft_404: _,
            duplicate_ids: _,
            text_fragments: _,
        } = self;
        let text =
            |(pattern, priority): &(Pattern, i8)| (pattern.as_str().to_owned(), priority.cast_unsigned());
        Pacing {
            priorities: priorities.iter().map(text).collect(),
            time: *time,
            concurrency: *concurrency,
            own_hosts: *own_hosts,
            other_hosts: *other_hosts,
            retry: *retry,
            fetch_timeout: *fetch_timeout,
        }
    }

    /// This configuration with the pacing of another time.
    pub(crate) fn paced(mut self, pacing: Pacing) -> Result<Self, Corrupt> {
        let Pacing { priorities, time, concurrency, own_hosts, other_hosts, retry, fetch_timeout } = pacing;
        let pattern = |(text, priority): (String, u8)| {
            Pattern::new(&text).map(|pattern| (pattern, priority.cast_signed())).map_err(|_| Corrupt)
        };
        self.priorities = priorities.into_iter().map(pattern).collect::<Result<_, _>>()?;
        self.time = time;
        self.concurrency = concurrency;
        self.own_hosts = own_hosts;
        self.other_hosts = other_hosts;
        self.retry = retry;
        self.fetch_timeout = fetch_timeout;
        Builder(self).build().map_err(|_| Corrupt)
    }
}

impl<T: Decode> Decode for Limit<T> {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok(if bool::decode(input)? { Self::Max(T::decode(input)?) } else { Self::None })
    }
}
