//! The frontier's part of a snapshot.

use super::{Frontier, Gate, Host, HostId, Job, Level, Levels, Line, Origin, OriginId, Spot};
use crate::codec::{Corrupt, Decode, Encode};
use crate::config::Config;
use crate::engine::output::UrlId;
use crate::time::Time;
use std::collections::{BTreeMap, VecDeque};

impl Encode for Frontier {
    /// Origins in order, then what is kept of each host, then the hosts in line. Host names, indices and spots
    /// follow from these.
    fn encode(&self, out: &mut Vec<u8>) {
        self.origins.len().encode(out);
        for origin in &self.origins {
            origin.encode(out);
        }
        for host in &self.hosts {
            host.encode(out);
        }
        (self.turn == Line::Second).encode(out);
        let standing = |line: Line| move |host: &&HostId| self.host(**host).spot == Spot::Ready(line);
        let first = self.first.iter().filter(standing(Line::First));
        let second = self.second.iter().filter(standing(Line::Second));
        first.chain(second).copied().collect::<Vec<_>>().encode(out);
    }
}

impl Frontier {
    pub(in crate::engine) fn decode(input: &mut &[u8], now: Time, config: &Config) -> Result<Self, Corrupt> {
        let mut frontier = Self { now, ..Self::default() };
        let origins = usize::decode(input)?;
        for number in 0..origins {
            let text = String::decode(input)?;
            if frontier.intern(&text, config).ok_or(Corrupt)? as usize != number {
                return Err(Corrupt);
            }
            frontier.origins[number].decode_into(input)?;
        }
        for (number, host) in (0..).zip(&mut frontier.hosts) {
            host.decode_into(input)?;
            for origin in &host.work {
                let origin = frontier.origins.get_mut(*origin as usize).ok_or(Corrupt)?;
                if origin.host != Some(number) || origin.listed {
                    return Err(Corrupt);
                }
                origin.listed = true;
            }
        }
        if frontier.origins.iter().any(|origin| origin.has_work() && !origin.listed) {
            return Err(Corrupt);
        }
        frontier.turn = if bool::decode(input)? { Line::Second } else { Line::First };
        let ready = Vec::<u32>::decode(input)?;
        let all = 0..frontier.hosts.len() as u32;
        for host in ready.into_iter().chain(all) {
            if host as usize >= frontier.hosts.len() {
                return Err(Corrupt);
            }
            frontier.settle(host, config);
        }
        Ok(frontier)
    }

    /// All URLs that stand in queues, and in whose.
    pub(in crate::engine) fn queued_urls(&self) -> impl Iterator<Item = (OriginId, UrlId)> {
        (0..).zip(&self.origins).flat_map(|(id, origin)| {
            let queues = [&origin.free, &origin.gated].into_iter();
            queues.flat_map(|levels| levels.0.values().flatten()).map(move |url| (id, *url))
        })
    }

    /// The origins whose robots.txt is about to be asked for.
    pub(in crate::engine) fn queued_robots(&self) -> impl Iterator<Item = OriginId> {
        self.origins.iter().flat_map(|origin| &origin.urgent).filter_map(|job| match job {
            Job::Robots(origin) => Some(*origin),
            Job::Url(_) | Job::Again(_) => None,
        })
    }
}

impl Encode for Origin {
    fn encode(&self, out: &mut Vec<u8>) {
        self.text.encode(out);
        self.gate.encode(out);
        self.of_seed.encode(out);
        self.crawled.encode(out);
        self.urls.encode(out);
        // Fetches to be asked for again follow from those that are open.
        let urgent = self.urgent.iter().filter(|job| !matches!(job, Job::Again(_)));
        urgent.copied().collect::<Vec<_>>().encode(out);
        self.free.encode(out);
        self.gated.encode(out);
    }
}

impl Origin {
    fn decode_into(&mut self, input: &mut &[u8]) -> Result<(), Corrupt> {
        self.gate = Gate::decode(input)?;
        self.of_seed = bool::decode(input)?;
        self.crawled = bool::decode(input)?;
        self.urls = u32::decode(input)?;
        self.urgent = Vec::<Job>::decode(input)?.into();
        if self.urgent.iter().any(|job| !matches!(job, Job::Robots(_))) {
            return Err(Corrupt);
        }
        self.free = Levels::decode(input)?;
        self.gated = Levels::decode(input)?;
        let has_queue = !(self.urgent.is_empty() && self.free.is_empty() && self.gated.is_empty());
        if has_queue && self.host.is_none() {
            return Err(Corrupt);
        }
        Ok(())
    }
}

impl Encode for Levels {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.len().encode(out);
        for (level, urls) in &self.0 {
            level.encode(out);
            urls.iter().copied().collect::<Vec<_>>().encode(out);
        }
    }
}

impl Decode for Levels {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let mut levels = BTreeMap::new();
        for _ in 0..usize::decode(input)? {
            let level = Level::decode(input)?;
            let urls = VecDeque::from(Vec::<UrlId>::decode(input)?);
            if urls.is_empty() || levels.insert(level, urls).is_some() {
                return Err(Corrupt);
            }
        }
        Ok(Self(levels))
    }
}

impl Encode for Host {
    fn encode(&self, out: &mut Vec<u8>) {
        self.own.encode(out);
        self.next_start.encode(out);
        self.crawl_delay.encode(out);
        self.counted.encode(out);
        self.statistics.encode(out);
        self.first_byte_total.encode(out);
        self.pace.encode(out);
        self.head_lies.encode(out);
        self.work.iter().copied().collect::<Vec<_>>().encode(out);
    }
}

impl Host {
    fn decode_into(&mut self, input: &mut &[u8]) -> Result<(), Corrupt> {
        self.own = bool::decode(input)?;
        self.next_start = Time::decode(input)?;
        self.crawl_delay = Decode::decode(input)?;
        self.counted = u64::decode(input)?;
        self.statistics = Decode::decode(input)?;
        self.first_byte_total = Decode::decode(input)?;
        self.pace = Decode::decode(input)?;
        self.head_lies = Decode::decode(input)?;
        self.work = Vec::<OriginId>::decode(input)?.into();
        self.spot = Spot::Idle;
        Ok(())
    }
}
