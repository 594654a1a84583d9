//! What is to be fetched, by host: queues, politeness, and whose turn it is.
//!
//! Politeness is kept by host (name or literal, port ignored), queues and robots rules by origin. A host is in one
//! of three spots: nothing to do, ready, or waiting for a time. Finding the next fetch looks at one host.

mod saved;

use super::output::UrlId;
use crate::config::{Config, HostPolicy};
use crate::fetch::{FetchId, HeaderSetId};
use crate::report::HostStatistics;
use crate::robots::RobotsFile;
use crate::time::Time;
use core::time::Duration;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use url::Url;

/// Number of an origin.
pub(super) type OriginId = u32;
/// Number of a host.
pub(super) type HostId = u32;

/// One thing to fetch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Job {
    /// A URL of the table.
    Url(UrlId),
    /// The robots.txt of an origin, wherever it has redirected to.
    Robots(OriginId),
    /// A fetch that was open when the crawl was saved, to be asked for again.
    Again(FetchId),
}

/// Whether URLs of an origin that ask robots first may be fetched.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Gate {
    /// Nobody has asked yet.
    Unknown,
    /// The robots.txt is being fetched.
    Asking(Asking),
    /// As far as these rules go.
    Open(Box<RobotsFile>),
    /// The robots.txt answered with a server error: nothing may be fetched (RFC 9309 section 2.3.1.4).
    Closed,
    /// The robots.txt could not be had, for the reason with this number; nor can the rest.
    Unreachable(u32),
}

/// How far fetching a robots.txt has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Asking {
    pub(super) url: String,
    pub(super) redirects: u8,
    pub(super) attempts: u8,
}

/// Scheme, host and port, or the scheme of URLs without an authority.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) text: String,
    /// `None` for what is never fetched.
    pub(super) host: Option<HostId>,
    pub(super) gate: Gate,
    pub(super) headers: HeaderSetId,
    /// A seed's origin, or where a seed redirected within its site.
    pub(super) of_seed: bool,
    /// How many URLs of the table have it.
    pub(super) urls: u32,
    urgent: VecDeque<Job>,
    free: Levels,
    gated: Levels,
    /// Whether its host has it on the list of origins with work.
    listed: bool,
}

/// A host name or literal address.
#[derive(Clone, Debug)]
pub(super) struct Host {
    pub(super) name: String,
    /// Has URLs that are crawled.
    pub(super) own: bool,
    pub(super) in_flight: u32,
    /// Not before this.
    pub(super) next_start: Time,
    /// A gap that its robots.txt asks for.
    pub(super) crawl_delay: Duration,
    /// URLs counted against the limit for each host.
    pub(super) counted: u64,
    pub(super) statistics: HostStatistics,
    pub(super) first_byte_total: Duration,
    work: VecDeque<OriginId>,
    spot: Spot,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spot {
    Idle,
    Ready,
    At(Time),
}

/// Priority and depth in one number: what has the least is fetched first.
pub(super) type Level = u32;

/// The level of a URL.
pub(super) fn level(priority: i8, depth: u16) -> Level {
    let rank = i8::MAX.abs_diff(priority);
    Level::from(rank) << 16 | Level::from(depth)
}

/// URLs by level, first in first out within one.
#[derive(Clone, Debug, Default)]
struct Levels(BTreeMap<Level, VecDeque<UrlId>>);

impl Levels {
    fn push(&mut self, level: Level, url: UrlId) {
        self.0.entry(level).or_default().push_back(url);
    }

    fn first_level(&self) -> Option<Level> {
        self.0.first_key_value().map(|(level, _)| *level)
    }

    fn pop(&mut self) -> Option<UrlId> {
        let mut level = self.0.first_entry()?;
        let url = level.get_mut().pop_front();
        if level.get().is_empty() {
            level.remove();
        }
        url
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl Origin {
    fn has_work(&self) -> bool {
        !self.urgent.is_empty()
            || !self.free.is_empty()
            || (!self.gated.is_empty() && !matches!(self.gate, Gate::Asking(_)))
    }

    fn next_job(&mut self, own: OriginId) -> Option<Job> {
        if let Some(job) = self.urgent.pop_front() {
            return Some(job);
        }
        let gated_first = match (self.free.first_level(), self.gated.first_level()) {
            (Some(free), Some(gated)) => gated < free,
            (free, _) => free.is_none(),
        };
        match &self.gate {
            Gate::Asking(_) => self.free.pop().map(Job::Url),
            Gate::Unknown if gated_first => (!self.gated.is_empty()).then_some(Job::Robots(own)),
            Gate::Unknown => self.free.pop().map(Job::Url),
            Gate::Open(_) | Gate::Closed | Gate::Unreachable(_) => {
                let queue = if gated_first { &mut self.gated } else { &mut self.free };
                queue.pop().map(Job::Url)
            }
        }
    }
}

/// All origins and hosts, and the order in which hosts take their turns.
#[derive(Clone, Debug, Default)]
pub(super) struct Frontier {
    origins: Vec<Origin>,
    origin_index: BTreeMap<String, OriginId>,
    hosts: Vec<Host>,
    host_index: BTreeMap<String, HostId>,
    ready: VecDeque<HostId>,
    waiting: BTreeSet<(Time, HostId)>,
    now: Time,
}

/// Who stands in line, as it is at this moment.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) now: Time,
    pub(super) ready: Vec<HostId>,
    pub(super) waiting: Vec<(Time, HostId)>,
    /// What is urgent at origins that have fetches to be asked for again.
    pub(super) again: Vec<(OriginId, Vec<Job>)>,
}

/// A host's turn: what it is to fetch. Ends with [`Frontier::settle`] of the host, whatever came of it.
#[derive(Debug)]
pub(super) struct Turn {
    pub(super) host: HostId,
    pub(super) job: Job,
}

impl Frontier {
    /// The origin with this text, made if it is new; `None` if there can be no such origin.
    pub(super) fn intern(&mut self, text: &str, config: &Config) -> Option<OriginId> {
        if let Some(&id) = self.origin_index.get(text) {
            return Some(id);
        }
        let host = if text.contains("://") {
            let url = Url::parse(&format!("{text}/")).ok()?;
            let fetched = matches!(url.scheme(), "http" | "https");
            let name = url.host_str().filter(|name| fetched && !name.is_empty());
            name.map(|name| self.intern_host(name))
        } else if text.ends_with(':') || text.is_empty() {
            None
        } else {
            return None;
        };
        let id = OriginId::try_from(self.origins.len()).ok()?;
        self.origins.push(Origin {
            text: text.to_owned(),
            host,
            gate: Gate::Unknown,
            headers: config.headers_for(text),
            of_seed: false,
            urls: 0,
            urgent: VecDeque::new(),
            free: Levels::default(),
            gated: Levels::default(),
            listed: false,
        });
        self.origin_index.insert(text.to_owned(), id);
        Some(id)
    }

    fn intern_host(&mut self, name: &str) -> HostId {
        if let Some(&id) = self.host_index.get(name) {
            return id;
        }
        // Fewer hosts than origins, and those were counted.
        let id = self.hosts.len() as HostId;
        self.hosts.push(Host {
            name: name.to_owned(),
            own: false,
            in_flight: 0,
            next_start: Time::ZERO,
            crawl_delay: Duration::ZERO,
            counted: 0,
            statistics: HostStatistics::default(),
            first_byte_total: Duration::ZERO,
            work: VecDeque::new(),
            spot: Spot::Idle,
        });
        self.host_index.insert(name.to_owned(), id);
        id
    }

    pub(super) fn origin(&self, id: OriginId) -> &Origin {
        &self.origins[id as usize]
    }

    pub(super) fn origin_mut(&mut self, id: OriginId) -> &mut Origin {
        &mut self.origins[id as usize]
    }

    pub(super) fn host(&self, id: HostId) -> &Host {
        &self.hosts[id as usize]
    }

    pub(super) fn host_mut(&mut self, id: HostId) -> &mut Host {
        &mut self.hosts[id as usize]
    }

    pub(super) fn hosts(&self) -> &[Host] {
        &self.hosts
    }

    pub(super) fn origins(&self) -> &[Origin] {
        &self.origins
    }

    /// Queues a URL; `gated` if its origin's robots.txt has to be asked first.
    pub(super) fn push(&mut self, origin: OriginId, url: UrlId, level: Level, gated: bool, config: &Config) {
        let row = self.origin_mut(origin);
        if gated {
            row.gated.push(level, url)
        } else {
            row.free.push(level, url)
        }
        self.list(origin, config);
    }

    /// Queues what goes before all URLs of its origin.
    pub(super) fn push_urgent(&mut self, origin: OriginId, job: Job, config: &Config) {
        self.origin_mut(origin).urgent.push_back(job);
        self.list(origin, config);
    }

    /// Sets an origin's gate, which may free its URLs.
    pub(super) fn set_gate(&mut self, origin: OriginId, gate: Gate, config: &Config) {
        self.origin_mut(origin).gate = gate;
        self.list(origin, config);
    }

    fn list(&mut self, origin: OriginId, config: &Config) {
        let row = &mut self.origins[origin as usize];
        let Some(host) = row.host else { return };
        if !row.listed && row.has_work() {
            row.listed = true;
            self.hosts[host as usize].work.push_back(origin);
        }
        self.settle(host, config);
    }

    /// Brings the hosts whose time has come among the ready ones.
    pub(super) fn advance(&mut self, now: Time) {
        self.now = now;
        while let Some(&(at, host)) = self.waiting.first()
            && at <= now
        {
            self.waiting.pop_first();
            self.hosts[host as usize].spot = Spot::Ready;
            self.ready.push_back(host);
        }
    }

    /// The next host's turn. Hosts that turn out to have nothing to do for now leave the line.
    pub(super) fn next_turn(&mut self, config: &Config) -> Option<Turn> {
        while let Some(host) = self.ready.pop_front() {
            let row = &mut self.hosts[host as usize];
            row.spot = Spot::Idle;
            if row.next_start <= self.now && row.in_flight < row.policy(config).concurrency {
                while let Some(origin) = row.work.pop_front() {
                    let source = &mut self.origins[origin as usize];
                    source.listed = false;
                    if let Some(job) = source.next_job(origin) {
                        if source.has_work() {
                            source.listed = true;
                            row.work.push_back(origin);
                        }
                        return Some(Turn { host, job });
                    }
                }
            }
            self.settle(host, config);
        }
        None
    }

    /// A fetch of this host begins now.
    pub(super) fn begin(&mut self, host: HostId, config: &Config) {
        let now = self.now;
        let row = self.host_mut(host);
        row.in_flight += 1;
        row.next_start = row.next_start.max(now + row.gap(config));
    }

    /// A fetch of this host has ended.
    pub(super) fn end(&mut self, host: HostId, config: &Config) {
        let row = self.host_mut(host);
        row.in_flight = row.in_flight.saturating_sub(1);
        self.settle(host, config);
    }

    /// Nothing more of this host before this time.
    pub(super) fn pause(&mut self, host: HostId, until: Time, config: &Config) {
        let row = self.host_mut(host);
        row.next_start = row.next_start.max(until);
        self.settle(host, config);
    }

    /// Puts a host on the spot where it belongs. One that is in line stays there until its turn shows.
    pub(super) fn settle(&mut self, host: HostId, config: &Config) {
        let row = &mut self.hosts[host as usize];
        let spot = if row.work.is_empty() || row.in_flight >= row.policy(config).concurrency {
            Spot::Idle
        } else if row.next_start > self.now {
            Spot::At(row.next_start)
        } else {
            Spot::Ready
        };
        if row.spot == spot || row.spot == Spot::Ready {
            return;
        }
        if let Spot::At(at) = row.spot {
            self.waiting.remove(&(at, host));
        }
        row.spot = spot;
        match spot {
            Spot::Idle => {}
            Spot::Ready => self.ready.push_back(host),
            Spot::At(at) => {
                self.waiting.insert((at, host));
            }
        }
    }

    /// When the next host that waits for a time can go on.
    pub(super) fn next_time(&self) -> Option<Time> {
        self.waiting.first().map(|(at, _)| *at)
    }
}

impl Host {
    pub(super) fn policy(&self, config: &Config) -> HostPolicy {
        if self.own { config.own_hosts } else { config.other_hosts }
    }

    fn gap(&self, config: &Config) -> Duration {
        self.policy(config).gap.max(self.crawl_delay)
    }
}
