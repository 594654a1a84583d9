//! The frontier's part of a snapshot.

use super::{
    Frontier, Gate, Host, HostId, Job, Level, Levels, Line, Origin, OriginId, Share, Spot, Standing,
};
use crate::codec::{Corrupt, Decode, Encode};
use crate::config::Config;
use crate::engine::flights::Flights;
use crate::engine::output::UrlId;
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

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

    pub(in crate::engine) fn standing(&self) -> Standing {
        let is_again = |job: &Job| matches!(job, Job::Again(_));
        let again = (0..).zip(&self.origins).filter(|(_, origin)| origin.urgent.iter().any(is_again));
        Standing {
            now: self.now,
            // Those that have changed lines included: they may come back to where they still stand.
            first: self.first.iter().copied().collect(),
            second: self.second.iter().copied().collect(),
            ready: self.hosts.iter().map(|host| place(host.spot)).collect(),
            waiting: self.waiting.iter().copied().collect(),
            again: again.map(|(id, origin)| (id, origin.urgent.iter().copied().collect())).collect(),
        }
    }

    /// Puts everybody where they stood.
    pub(in crate::engine) fn restore(
        &mut self,
        standing: Standing,
        flights: &Flights,
    ) -> Result<(), Corrupt> {
        let Standing { now, first, second, ready, waiting, again } = standing;
        self.now = now;
        if ready.len() != self.hosts.len() {
            return Err(Corrupt);
        }
        for (host, place) in self.hosts.iter_mut().zip(ready) {
            (host.spot, host.in_flight, host.share) = (spot(place)?, 0, Share::default());
        }
        for &(at, host) in &waiting {
            let host = self.hosts.get_mut(host as usize).ok_or(Corrupt)?;
            if core::mem::replace(&mut host.spot, Spot::At(at)) != Spot::Idle {
                return Err(Corrupt);
            }
        }
        if first.iter().chain(&second).any(|host| *host as usize >= self.hosts.len()) {
            return Err(Corrupt);
        }
        (self.first, self.second, self.waiting) =
            (first.into(), second.into(), waiting.into_iter().collect());
        for (origin, jobs) in again {
            let row = self.origins.get_mut(origin as usize).ok_or(Corrupt)?;
            let others = jobs.iter().filter(|job| !matches!(job, Job::Again(_)));
            if !row.listed || !others.eq(row.urgent.iter()) {
                return Err(Corrupt);
            }
            for job in &jobs {
                // It may have been answered before its turn came; then nothing comes of it.
                if let Job::Again(id) = job
                    && flights.get(*id).is_some_and(|flight| Some(flight.host) != row.host)
                {
                    return Err(Corrupt);
                }
            }
            row.urgent = jobs.into();
        }
        for (_, flight) in flights.iter().filter(|(_, flight)| flight.deadline.is_some()) {
            self.hosts.get_mut(flight.host as usize).ok_or(Corrupt)?.in_flight += 1;
        }
        (self.busy, self.held) = (0, 0);
        (0..self.hosts.len() as HostId).for_each(|host| self.count(host));
        Ok(())
    }

    /// Whether all that is to be fetched will be: each open fetch that is not asked for stands in line for it, and so
    /// does each host that has work, unless its own fetches will bring it back.
    pub(in crate::engine) fn is_on_its_way(&self, flights: &Flights) -> bool {
        let (first, second) = (BTreeSet::from_iter(&self.first), BTreeSet::from_iter(&self.second));
        let lost = |(id, host): (HostId, &Host)| match host.spot {
            Spot::Idle => host.in_flight == 0 && !host.work.is_empty(),
            Spot::Ready(Line::First) => !first.contains(&id),
            Spot::Ready(Line::Second) => !second.contains(&id),
            Spot::At(_) => false,
        };
        if (0..).zip(&self.hosts).any(lost) {
            return false;
        }
        let jobs = self.origins.iter().flat_map(|origin| &origin.urgent);
        let again: BTreeSet<_> = jobs
            .filter_map(|job| match job {
                Job::Again(id) => Some(*id),
                Job::Url(_) | Job::Robots(_) => None,
            })
            .collect();
        flights.iter().all(|(id, flight)| flight.deadline.is_some() || again.contains(&id))
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

/// Where a host stands, in a byte; for which time one waits is told elsewhere.
fn place(spot: Spot) -> u8 {
    match spot {
        Spot::Idle | Spot::At(_) => 0,
        Spot::Ready(Line::First) => 1,
        Spot::Ready(Line::Second) => 2,
    }
}

fn spot(place: u8) -> Result<Spot, Corrupt> {
    match place {
        0 => Ok(Spot::Idle),
        1 => Ok(Spot::Ready(Line::First)),
        2 => Ok(Spot::Ready(Line::Second)),
        _ => Err(Corrupt),
    }
}

impl Encode for Origin {
    fn encode(&self, out: &mut Vec<u8>) {
        self.text.encode(out);
        self.gate.encode(out);
        self.gate_since.encode(out);
        self.gate_used.encode(out);
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
        self.gate_since = Time::decode(input)?;
        self.gate_used = bool::decode(input)?;
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
