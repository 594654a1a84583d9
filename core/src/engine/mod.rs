//! The state machine. This file has the door (inputs, `poll`, getters) and the order of decisions; each decision
//! has a file of its own.

mod admit;
mod answer;
mod counts;
mod decide;
mod discover;
pub(crate) mod edges;
mod explain;
mod flights;
mod frontier;
mod head;
mod memo;
mod on_request;
mod output;
pub(crate) mod page;
mod sitemaps;
mod snapshot;
mod soft_404;
mod spread;
mod start;
mod urls;
mod view;

pub use explain::{Explanation, RobotsSays};
pub use output::{Event, LimitKind, Output, Stop, UrlId, Wake, Why};
pub use snapshot::{ResumeError, Snapshot};
pub(crate) use view::Answer;

use crate::config::Config;
use crate::failure::Failure;
use crate::fetch::{FetchId, Fingerprint, Outcome, Ticket};
use crate::limit::Limit;
use crate::report::{Report, Statistics, UrlText};
use crate::seed::Seed;
use crate::spec::Spec;
use crate::store::{Chunks, TextId, Texts};
use crate::time::{Time, UnixTime};
use counts::Counts;
use flights::Flights;
use frontier::{Frontier, OriginId};
use memo::Memo;
use on_request::OnRequest;
use page::Page;
use sitemaps::Listing;
use soft_404::Soft404;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use url::Url;
use urls::Urls;

/// A crawl: what is fetched next, and when; and what came of it.
///
/// The engine decides and never does I/O. Whoever embeds it carries out its fetches, tells it the time and hands it
/// the answers:
///
/// 1. Call [`poll`](Self::poll) until it gives [`Output::Wait`] or [`Output::Finished`]; carry out each output.
/// 2. On `Wait(At(t, _))`, sleep until `t` or until an answer is in; `t` is always after `now`. On
///    `Wait(OnInput(_))`, only an answer or a command can help.
/// 3. Answer each [`Fetch`](crate::Fetch) once, with its [`Ticket`]; one that is never answered lapses at its
///    deadline by itself. A late, doubled or foreign answer is counted, never an error.
/// 4. Polling more often than needed changes nothing. `Finished` is for ever.
/// 5. Time that goes backwards is read as "no time has passed".
///
/// Inputs ([`add`](Self::add), [`complete`](Self::complete), [`set_capacity`](Self::set_capacity),
/// [`stop`](Self::stop)) only record: they cannot fail, and come in any order and number between two polls.
///
/// # Panics
///
/// Never on any input. Each poll checks that every URL is accounted for exactly once, and panics if not: that is a
/// defect of the engine, and going on would lose URLs silently.
#[derive(Clone, Debug)]
pub struct Engine {
    config: Config,
    spec: Spec,
    spec_name: Fingerprint,
    seed: Seed,
    started: UnixTime,
    /// Tells this crawl's tickets from another's.
    crawl: u64,
    now: Time,
    urls: Urls,
    texts: Texts,
    pages: Chunks<Page>,
    redirects: Chunks<Redirect>,
    /// Distinct failures; URLs name them by number.
    failures: Vec<Failure>,
    frontier: Frontier,
    flights: Flights,
    timers: BTreeSet<(Time, Timer)>,
    /// The last attempts at what is only checked: each for when nothing else is under way, and not before a time.
    deferred: BTreeSet<(Time, Timer)>,
    /// The fragments that URLs to begin with name: links from nowhere.
    aims: BTreeSet<(UrlId, TextId)>,
    /// URLs whose depth, need or role has become known better, so that their links must be looked at again.
    spreading: VecDeque<UrlId>,
    /// URLs that are read as sitemaps.
    sitemaps: BTreeMap<UrlId, Listing>,
    /// URLs out of reach that only sitemaps list.
    listed: BTreeSet<UrlId>,
    /// How many sitemaps are counted against their limit.
    sitemaps_counted: u64,
    /// Ordered mode: what was found, by depth.
    generations: BTreeMap<u16, Vec<UrlId>>,
    /// Ordered mode: what is left of the generation that is being admitted, in order of identity.
    round: VecDeque<UrlId>,
    inputs: VecDeque<Input>,
    events: VecDeque<Event>,
    cancels: VecDeque<FetchId>,
    counts: Counts,
    statistics: Statistics,
    /// Pages counted against the page limit.
    pages_counted: u64,
    /// Answers that do not count as working.
    not_ok: u64,
    slots: usize,
    stop: Option<Stop>,
    finished: bool,
    limits_reached: BTreeSet<LimitKind>,
    soft_404: Soft404,
    on_request: OnRequest,
    /// Room that links are packed in, used again.
    scratch: [Vec<u8>; 2],
    /// Not state: only saves time.
    memo: Memo,
}

/// One redirect.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Redirect {
    pub(crate) to: UrlId,
    pub(crate) fragment: Option<TextId>,
}

/// What is to happen at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Timer {
    /// Another attempt at a URL.
    Retry(UrlId),
    /// Another attempt at an origin's robots.txt.
    Robots(OriginId),
}

/// What was recorded, to be decided on by the next poll.
#[derive(Clone, Debug)]
enum Input {
    Add(Url),
    AddEach(Url),
    Sitemap(Url),
    /// The sitemaps that an origin's robots.txt names.
    Declared(OriginId),
    Complete(FetchId, Outcome),
}

/// Where a crawl stands, in numbers; for progress displays.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// Seeds, links and redirects so far, repetitions included.
    pub discovered: u64,
    /// URLs that are or were to be asked for: the sum of the next four.
    pub admitted: u64,
    /// Of these, waiting for their turn.
    pub queued: u64,
    /// Of these, waiting to be tried again.
    pub waiting: u64,
    /// Of these, being fetched.
    pub in_flight: u64,
    /// Of these, done with.
    pub terminal: u64,
    /// Answers so far that do not count as working.
    pub not_ok: u64,
}

impl Engine {
    /// A crawl that begins now, at [`Time::ZERO`], which is the date `started`.
    #[must_use]
    pub fn new(config: Config, seed: Seed, started: UnixTime) -> Self {
        let spec = config.spec(seed);
        let seeds = config.seeds.iter().cloned().map(Input::Add);
        let inputs = seeds.chain(config.sitemaps.iter().cloned().map(Input::Sitemap)).collect();
        Self {
            spec_name: spec.fingerprint(),
            crawl: seed.draw("crawl", &spec.user_agent, u32::from(spec.rules_version))
                ^ config.fingerprint().0,
            spec,
            config,
            seed,
            started,
            now: Time::ZERO,
            urls: Urls::new(seed.key("urls")),
            texts: Texts::new(seed.key("texts")),
            pages: Chunks::default(),
            redirects: Chunks::default(),
            failures: Vec::new(),
            frontier: Frontier::default(),
            flights: Flights::default(),
            timers: BTreeSet::new(),
            deferred: BTreeSet::new(),
            aims: BTreeSet::new(),
            spreading: VecDeque::new(),
            sitemaps: BTreeMap::new(),
            sitemaps_counted: 0,
            listed: BTreeSet::new(),
            generations: BTreeMap::new(),
            round: VecDeque::new(),
            inputs,
            events: VecDeque::new(),
            cancels: VecDeque::new(),
            counts: Counts::default(),
            statistics: Statistics::default(),
            pages_counted: 0,
            not_ok: 0,
            slots: usize::MAX,
            stop: None,
            finished: false,
            limits_reached: BTreeSet::new(),
            soft_404: Soft404::default(),
            on_request: OnRequest::default(),
            scratch: Default::default(),
            memo: Memo::default(),
        }
    }

    /// Adds a URL to begin with, unless it is known by [identity](crate::Identity): then it counts as given, too.
    /// Its origin joins [`Reach::SeedOrigins`](crate::Reach::SeedOrigins).
    pub fn add(&mut self, url: Url) {
        self.inputs.push_back(Input::Add(url));
    }

    /// Adds a URL as an item of its own: it is fetched and reported even if it was asked for before.
    pub fn add_each(&mut self, url: Url) {
        self.inputs.push_back(Input::AddEach(url));
    }

    /// Adds a sitemap: what it lists in scope is crawled as if it were added, what it lists elsewhere is reported and
    /// not asked for. It is asked for whatever the scope and robots.txt say, and its own origin does not come into
    /// scope by it.
    pub fn add_sitemap(&mut self, url: Url) {
        self.inputs.push_back(Input::Sitemap(url));
    }

    /// Answers a fetch. The time of the answer is that of the next poll.
    pub fn complete(&mut self, ticket: Ticket, outcome: Outcome) {
        if ticket.crawl != self.crawl || self.finished {
            self.statistics.late_answers += 1;
        } else {
            self.inputs.push_back(Input::Complete(ticket.id, outcome));
        }
    }

    /// Says how many fetches the driver can carry out at a time. Zero pauses. Until it is said, only the
    /// configuration's concurrency counts.
    pub fn set_capacity(&mut self, slots: usize) {
        self.slots = slots;
    }

    /// Stops the crawl; of two calls, the stronger one counts.
    pub fn stop(&mut self, how: Stop) {
        self.stop = self.stop.max(Some(how));
    }

    /// The one place where anything is decided. `now` is how long the crawl has been going on.
    ///
    /// # Panics
    ///
    /// If a URL is not accounted for: a defect of the engine, which no input brings about.
    pub fn poll(&mut self, now: Time) -> Output {
        if !self.finished {
            self.now = self.now.max(now);
        }
        let output = loop {
            // Each pass takes something out of a finite queue, or gives an output.
            if let Some(output) = self.step() {
                break output;
            }
        };
        assert!(self.counts.is_conserved(), "defect of the engine: URLs unaccounted for: {:?}", self.counts);
        output
    }

    fn step(&mut self) -> Option<Output> {
        if let Some(event) = self.events.pop_front() {
            return Some(Output::Event(event));
        }
        if let Some(id) = self.cancels.pop_front() {
            return Some(Output::Cancel(id));
        }
        if self.finished {
            return Some(Output::Finished);
        }
        if let Some(url) = self.spreading.pop_front() {
            self.spread(url);
            return None;
        }
        if let Some(input) = self.inputs.pop_front() {
            self.take(input);
            return None;
        }
        if let Some(id) = self.flights.lapsed(self.now) {
            self.cancels.push_back(id);
            self.apply(id, Outcome::Failed(Failure::Lapsed));
            return None;
        }
        if self.stop.is_none() && self.is_out_of_time() {
            self.reach_limit(LimitKind::MaxTime);
            self.stop = Some(Stop::Drain);
            return None;
        }
        if let Some(how) = self.stop {
            if how == Stop::Abort {
                self.abort();
            }
            return self.stopping();
        }
        if self.timers.first().is_some_and(|(at, _)| *at <= self.now)
            && let Some((_, timer)) = self.timers.pop_first()
        {
            self.fire(timer);
            return None;
        }
        self.frontier.advance(self.now);
        if self.has_slot()
            && !self.waits_for_bytes()
            && let Some(turn) = self.frontier.next_turn(self.all_slots(), &self.config)
        {
            let host = turn.host;
            let fetch = self.start(&turn);
            self.frontier.settle(host, &self.config);
            return fetch.map(Output::Fetch);
        }
        if self.is_idle() {
            if self.try_deferred() || self.admit_round() {
                return None;
            }
            self.finished = true;
            return None;
        }
        Some(Output::Wait(self.wake()))
    }

    fn take(&mut self, input: Input) {
        match input {
            Input::Add(url) => self.add_seed(&url, false),
            Input::AddEach(url) => self.add_seed(&url, true),
            Input::Sitemap(url) => self.give_sitemap(&url),
            Input::Declared(origin) => self.find_declared(origin),
            Input::Complete(id, outcome) => self.apply(id, outcome),
        }
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Retry(url) => self.enqueue(url),
            Timer::Robots(origin) => self.ask_robots(origin),
        }
    }

    fn is_out_of_time(&self) -> bool {
        match self.config.time {
            Limit::Max(limit) => self.now >= Time::ZERO + limit && !self.is_done(),
            Limit::None => false,
        }
    }

    /// While stopping, nothing new begins; what is in flight is waited for.
    fn stopping(&mut self) -> Option<Output> {
        if self.flights.asked() > 0 {
            return Some(Output::Wait(self.wake()));
        }
        if !self.is_done() && !self.limits_reached.contains(&LimitKind::MaxTime) {
            self.reach_limit(LimitKind::Stopped);
        }
        self.finished = true;
        None
    }

    /// Open fetches stay open, so that a crawl resumed from here asks for them again.
    fn abort(&mut self) {
        let asked: Vec<FetchId> =
            self.flights.iter().filter(|(_, flight)| flight.deadline.is_some()).map(|(id, _)| id).collect();
        self.flights.forget_asked();
        self.cancels.extend(asked);
    }

    fn has_slot(&self) -> bool {
        self.flights.asked() < self.all_slots()
    }

    fn all_slots(&self) -> usize {
        self.slots.min(self.config.concurrency as usize)
    }

    /// Whether nothing is under way: everything known has come to rest, or waits for that.
    fn is_idle(&self) -> bool {
        let Counts { queued, in_flight, .. } = self.counts;
        self.flights.is_empty() && self.timers.is_empty() && queued == 0 && in_flight == 0
    }

    /// The network is quiet: whether there is something that was put off until then.
    fn try_deferred(&mut self) -> bool {
        // No timer is set while nothing is under way.
        core::mem::swap(&mut self.timers, &mut self.deferred);
        !self.timers.is_empty()
    }

    /// Whether nothing is left to do at all.
    fn is_done(&self) -> bool {
        self.is_idle() && self.deferred.is_empty() && self.generations.is_empty() && self.round.is_empty()
    }

    fn wake(&self) -> Wake {
        let is_stopping = self.stop.is_some();
        let why = match self.has_slot() || self.counts.queued == 0 || is_stopping {
            true => Why::InFlight,
            false if self.slots == 0 => Why::Paused,
            false => Why::Saturated,
        };
        let deadline = self.flights.next_deadline().map(|at| Wake::At(at, why));
        if is_stopping {
            return deadline.unwrap_or(Wake::OnInput(why));
        }
        let retry = self.timers.first().map(|(at, _)| Wake::At(*at, Why::Backoff));
        let turn = if self.waits_for_bytes() {
            None
        } else if !self.has_slot() {
            Some(Wake::OnInput(why))
        } else {
            self.frontier.next_time().map(|at| Wake::At(at, Why::Politeness))
        };
        let wake = [deadline, retry, turn].into_iter().flatten().min().unwrap_or(Wake::OnInput(why));
        let (Wake::At(_, what) | Wake::OnInput(what)) = wake;
        // The end of the crawl's time is no reason to wait.
        let time_limit = self.config.time.max().map(|limit| Wake::At(Time::ZERO + limit, what));
        time_limit.map_or(wake, |limit| limit.min(wake))
    }

    fn reach_limit(&mut self, limit: LimitKind) {
        if self.limits_reached.insert(limit) {
            self.events.push_back(Event::LimitReached(limit));
        }
    }

    /// How long the crawl has been going on, as of the last poll; a resumed crawl goes on from here.
    #[must_use]
    pub fn now(&self) -> Time {
        self.now
    }

    /// What it draws from, as it was begun with.
    #[must_use]
    pub fn seed(&self) -> Seed {
        self.seed
    }

    /// What digesting needs to know of this crawl.
    #[must_use]
    pub fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The configuration.
    #[must_use]
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// Where the crawl stands.
    #[must_use]
    pub fn progress(&self) -> Progress {
        let Counts { discovered, admitted, candidates, queued, waiting, in_flight, terminal, .. } =
            self.counts;
        let (queued, not_ok) = (candidates + queued, self.not_ok);
        Progress { discovered, admitted, queued, waiting, in_flight, terminal, not_ok }
    }

    /// The text of a URL that an event names.
    #[must_use]
    pub fn url(&self, id: UrlId) -> UrlText<'_> {
        if (id.0 as usize) < self.urls.len() {
            UrlText { origin: &self.frontier.origin(self.urls[id].origin).text, rest: self.urls.rest(id) }
        } else {
            UrlText { origin: "", rest: "" }
        }
    }

    /// Whether the crawl is over and nothing is left to do: resuming it would ask for nothing more. A crawl that was
    /// stopped, or ran out of time, is over and not complete.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.finished && self.is_done()
    }

    /// What has been found: final once the crawl has finished, and as far as it goes before.
    #[must_use]
    pub fn report(&self) -> Report<'_> {
        Report::new(self)
    }

    /// The whole state, to be saved; [`Engine::resume`] goes on from it.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(self)
    }
}
