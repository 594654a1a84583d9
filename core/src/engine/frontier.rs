//! What is to be fetched, by host: queues, politeness, and whose turn it is.
//!
//! Politeness is kept by host (name or literal, port ignored), queues and robots rules by origin. A host is in one
//! of three spots: nothing to do, ready, or waiting for a time. Finding the next fetch looks at one host.
//!
//! Ready hosts stand in two lines that take turns: hosts of the crawl's own and those that answer quickly in one, all
//! others in the other. While the first have anything to do, the others get half of the slots, so that a thousand
//! hosts that hang do not hold up one that works.

mod pace;
mod saved;

pub(super) use pace::{Ended, QUICK, Sign};

use super::output::UrlId;
use crate::config::{Config, HostPolicy};
use crate::fetch::{FetchId, HeaderSetId};
use crate::report::HostStatistics;
use crate::robots::RobotsFile;
use crate::time::Time;
use core::time::Duration;
use pace::Pace;
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
    /// The rules that were had before, which count on if no new ones can be had.
    pub(super) known: Option<Box<RobotsFile>>,
}

/// Scheme, host and port, or the scheme of URLs without an authority.
#[derive(Clone, Debug)]
pub(super) struct Origin {
    pub(super) text: String,
    /// `None` for what is never fetched.
    pub(super) host: Option<HostId>,
    pub(super) gate: Gate,
    /// When it became that.
    pub(super) gate_since: Time,
    /// Whether it has decided on a URL since.
    pub(super) gate_used: bool,
    pub(super) headers: HeaderSetId,
    /// A seed's origin, or where a seed redirected within its site.
    pub(super) of_seed: bool,
    /// Some URL of it is crawled.
    pub(super) crawled: bool,
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
    pub(super) pace: Pace,
    /// A HEAD brought no good answer where GET did: it is asked with GET at once.
    pub(super) head_lies: bool,
    work: VecDeque<OriginId>,
    spot: Spot,
    share: Share,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spot {
    Idle,
    Ready(Line),
    At(Time),
}

/// Where a ready host stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Line {
    /// The crawl's own, and what answers quickly.
    #[default]
    First,
    /// All others.
    Second,
}

/// What a host counts for in the sums over all hosts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Share {
    /// It is for the first line, and has something to do.
    busy: bool,
    /// Its fetches in flight, if it is for the second.
    held: u32,
}

/// Priority and depth in one number: what has the least is fetched first.
pub(super) type Level = u32;

/// The level of a URL.
pub(super) fn level(priority: i8, depth: u16) -> Level {
    let rank = i8::MAX.abs_diff(priority);
    Level::from(rank) << 16 | Level::from(depth)
}

/// Where in its origin's queues a URL is to stand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Queue {
    pub(super) level: Level,
    /// Whether the origin's robots.txt has to be asked before.
    pub(super) gated: bool,
    /// Before all others of its level.
    pub(super) first: bool,
}

/// URLs by level, first in first out within one.
#[derive(Clone, Debug, Default)]
struct Levels(BTreeMap<Level, VecDeque<UrlId>>);

impl Levels {
    fn push(&mut self, level: Level, url: UrlId, first: bool) {
        let queue = self.0.entry(level).or_default();
        if first { queue.push_front(url) } else { queue.push_back(url) }
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

    /// Whether there is more to do while this is being done.
    fn has_work_besides(&self, own: OriginId, job: Job) -> bool {
        if job == Job::Robots(own) {
            // What asks it waits for it.
            !self.urgent.is_empty() || !self.free.is_empty()
        } else {
            self.has_work()
        }
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
    /// A host that has changed lines stands in its old one still; its spot tells.
    first: VecDeque<HostId>,
    second: VecDeque<HostId>,
    /// Which line's turn it is, if both have someone.
    turn: Line,
    /// The sum of all shares: busy hosts of the first line, fetches in flight of the second.
    busy: u32,
    held: u32,
    waiting: BTreeSet<(Time, HostId)>,
    now: Time,
}

/// Where all hosts stand at this moment.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) now: Time,
    pub(super) first: Vec<HostId>,
    pub(super) second: Vec<HostId>,
    /// For each host, whether it is ready, and in which line.
    pub(super) ready: Vec<u8>,
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
            gate_since: Time::ZERO,
            gate_used: false,
            headers: config.headers_for(text),
            of_seed: false,
            crawled: false,
            urls: 0,
            urgent: VecDeque::new(),
            free: Levels::default(),
            gated: Levels::default(),
            listed: false,
        });
        self.origin_index.insert(text.to_owned(), id);
        Some(id)
    }

    /// The origin with this text, if it is known.
    pub(super) fn find(&self, text: &str) -> Option<OriginId> {
        self.origin_index.get(text).copied()
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
            pace: Pace::default(),
            head_lies: false,
            work: VecDeque::new(),
            spot: Spot::Idle,
            share: Share::default(),
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

    /// Queues a URL.
    pub(super) fn push(&mut self, origin: OriginId, url: UrlId, place: Queue, config: &Config) {
        let row = self.origin_mut(origin);
        let queue = if place.gated { &mut row.gated } else { &mut row.free };
        queue.push(place.level, url, place.first);
        self.list(origin, config);
    }

    /// Queues what goes before all URLs of its origin.
    pub(super) fn push_urgent(&mut self, origin: OriginId, job: Job, config: &Config) {
        self.origin_mut(origin).urgent.push_back(job);
        self.list(origin, config);
    }

    /// Sets an origin's gate, which may free its URLs.
    pub(super) fn set_gate(&mut self, origin: OriginId, gate: Gate, config: &Config) {
        let since = self.now;
        let row = self.origin_mut(origin);
        (row.gate, row.gate_since, row.gate_used) = (gate, since, false);
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
            self.line_up(host);
        }
    }

    /// Puts a host at the end of its line.
    fn line_up(&mut self, host: HostId) {
        let row = &mut self.hosts[host as usize];
        let line = row.line();
        row.spot = Spot::Ready(line);
        match line {
            Line::First => self.first.push_back(host),
            Line::Second => self.second.push_back(host),
        }
    }

    /// The host at the head of the line whose turn it is.
    fn next_host(&mut self, slots: usize) -> Option<HostId> {
        loop {
            let held = usize::try_from(self.held).unwrap_or(usize::MAX);
            let may_second = self.busy == 0 || held < (slots / 2).max(1);
            let second = may_second && !self.second.is_empty();
            let line = if second && (self.turn == Line::Second || self.first.is_empty()) {
                Line::Second
            } else {
                Line::First
            };
            let (host, other) = match line {
                Line::First => (self.first.pop_front()?, Line::Second),
                Line::Second => (self.second.pop_front()?, Line::First),
            };
            if self.host(host).spot == Spot::Ready(line) {
                self.turn = other;
                return Some(host);
            }
        }
    }

    /// The next host's turn, of so many slots in all. Hosts that turn out to have nothing to do for now leave the
    /// line.
    pub(super) fn next_turn(&mut self, slots: usize, config: &Config) -> Option<Turn> {
        while let Some(host) = self.next_host(slots) {
            let row = &mut self.hosts[host as usize];
            row.spot = Spot::Idle;
            if row.next_start <= self.now && row.in_flight < row.window(config) {
                while let Some(origin) = row.work.pop_front() {
                    let source = &mut self.origins[origin as usize];
                    source.listed = false;
                    if let Some(job) = source.next_job(origin) {
                        if source.has_work_besides(origin, job) {
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
        let window = row.window(config);
        row.pace.begin(row.in_flight, window);
    }

    /// A fetch of this host has ended.
    pub(super) fn end(&mut self, host: HostId, ended: Ended, config: &Config) {
        let row = self.host_mut(host);
        row.in_flight = row.in_flight.saturating_sub(1);
        let window = row.window(config);
        if row.pace.end(ended, window)
            && let Some(rest) = row.pace.rest(config.retry)
        {
            row.next_start = row.next_start.max(ended.at + rest);
        }
        self.settle(host, config);
    }

    /// Nothing more of this host before this time.
    pub(super) fn pause(&mut self, host: HostId, until: Time, config: &Config) {
        let row = self.host_mut(host);
        row.next_start = row.next_start.max(until);
        self.settle(host, config);
    }

    /// Puts a host on the spot where it belongs. One that is in line stays there until its turn shows, unless it has
    /// come to belong to the first.
    pub(super) fn settle(&mut self, host: HostId, config: &Config) {
        self.count(host);
        let row = &mut self.hosts[host as usize];
        let spot = if row.work.is_empty() || row.in_flight >= row.window(config) {
            Spot::Idle
        } else if row.next_start > self.now {
            Spot::At(row.next_start)
        } else {
            Spot::Ready(row.line())
        };
        let stays = match row.spot {
            Spot::Ready(Line::First) => true,
            Spot::Ready(Line::Second) => spot != Spot::Ready(Line::First),
            Spot::Idle | Spot::At(_) => row.spot == spot,
        };
        if stays {
            return;
        }
        if let Spot::At(at) = row.spot {
            self.waiting.remove(&(at, host));
        }
        row.spot = spot;
        match spot {
            Spot::Idle => {}
            Spot::Ready(_) => self.line_up(host),
            Spot::At(at) => {
                self.waiting.insert((at, host));
            }
        }
    }

    /// A host has URLs to crawl.
    pub(super) fn make_own(&mut self, host: HostId, config: &Config) {
        let row = self.host_mut(host);
        if !row.own {
            row.own = true;
            row.pace.become_own();
            self.settle(host, config);
        }
    }

    /// Brings the sums over all hosts up to date.
    fn count(&mut self, host: HostId) {
        let row = &mut self.hosts[host as usize];
        let share = match row.line() {
            Line::First => Share { busy: row.in_flight > 0 || !row.work.is_empty(), held: 0 },
            Line::Second => Share { busy: false, held: row.in_flight },
        };
        let old = core::mem::replace(&mut row.share, share);
        self.busy = self.busy + u32::from(share.busy) - u32::from(old.busy);
        self.held = self.held + share.held - old.held;
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

    /// How many fetches may be in flight at once, for now.
    fn window(&self, config: &Config) -> u32 {
        self.pace.window(self.policy(config), self.own)
    }

    fn line(&self) -> Line {
        if self.own || self.pace.is_quick() { Line::First } else { Line::Second }
    }

    fn gap(&self, config: &Config) -> Duration {
        self.policy(config).gap.max(self.crawl_delay)
    }
}
