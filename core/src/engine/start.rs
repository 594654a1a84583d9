//! From a host's turn to a fetch.

use super::Engine;
use super::flights::{Flight, Purpose};
use super::frontier::{Asking, Gate, HostId, Job, OriginId, Turn};
use super::output::{LimitKind, UrlId};
use super::urls::{Flags, State};
use crate::config::Order;
use crate::failure::Failure;
use crate::fetch::{Fetch, FetchId, HeaderSetId, Kind, Method, Need, Outcome, Request, Ticket, Validators};
use crate::limit::Limit;
use crate::report::Skip;
use core::time::Duration;
use url::Url;

impl Engine {
    /// Begins what a host's turn brings; `None` if it comes to nothing.
    pub(super) fn start(&mut self, turn: &Turn) -> Option<Fetch> {
        match turn.job {
            Job::Url(id) => self.start_url(id, turn.host),
            Job::Robots(origin) => self.start_robots(origin, turn.host),
            Job::Again(id) => self.start_again(id, turn.host),
        }
    }

    fn start_url(&mut self, id: UrlId, host: HostId) -> Option<Fetch> {
        if self.urls[id].state != State::Queued {
            return None;
        }
        if self.is_given_up(host) && !self.urls[id].flags.has(Flags::ASKED) {
            self.skip_for_limit(id, LimitKind::MaxHostFailures);
            return None;
        }
        if !self.passes_gate(id) || !self.passes_limits(id) {
            return None;
        }
        let Some(asked) = self.what_to_ask(Purpose::Url(id), host, self.is_sitemap(id)) else {
            self.set_state(id, State::Invalid);
            return None;
        };
        let need = self.need_of(id);
        let head_lies = self.frontier.host(host).head_lies;
        let row = &mut self.urls[id];
        let may_lie = head_lies && !row.flags.has(Flags::ASKS_HEAD);
        let asks_head = need == Need::Status && !may_lie && !row.flags.has(Flags::NO_HEAD);
        let method = if asks_head { Method::Head } else { Method::Get };
        row.flags.set(Flags::ASKED);
        row.attempts = row.attempts.saturating_add(1);
        let attempt = u32::from(row.attempts);
        self.set_state(id, State::InFlight);
        Some(self.open(Purpose::Url(id), host, method, need, attempt, asked))
    }

    /// Whether a host has failed as often as the configuration bears.
    pub(super) fn is_given_up(&self, host: HostId) -> bool {
        let failures = self.frontier.host(host).pace.failures();
        self.config.host_failures.max().is_some_and(|limit| failures >= limit)
    }

    /// Whether robots.txt lets a URL through, where it is asked.
    fn passes_gate(&mut self, id: UrlId) -> bool {
        if !self.is_gated(id) {
            return true;
        }
        let origin = self.urls[id].origin;
        if self.renew_gate(origin) {
            self.enqueue(id);
            return false;
        }
        match &self.frontier.origin(origin).gate {
            Gate::Open(rules) => {
                let decision = rules.decide(self.urls.rest(id));
                if decision.allowed {
                    return true;
                }
                let line = decision.rule.map_or(0, |rule| rule.line);
                self.set_skip(id, State::Skipped, Skip::Robots { line });
            }
            Gate::Closed => self.set_skip(id, State::Skipped, Skip::Robots { line: 0 }),
            Gate::Unreachable(failure) => {
                let failure = *failure;
                self.fail(id, failure);
            }
            // It came to be crawled after it was queued.
            Gate::Unknown | Gate::Asking(_) => self.enqueue(id),
        }
        false
    }

    /// Has an origin's robots.txt asked for again where it was had too long ago; whether it was.
    fn renew_gate(&mut self, origin: OriginId) -> bool {
        /// RFC 9309 section 2.4.
        const CACHED: Duration = Duration::from_hours(24);
        let now = self.now;
        let row = self.frontier.origin_mut(origin);
        // However slow the pace, what has been asked for is good for one URL.
        let is_first = !core::mem::replace(&mut row.gate_used, true);
        let known = match &row.gate {
            Gate::Unknown | Gate::Asking(_) => return false,
            _ if is_first || now.since(row.gate_since) < CACHED => return false,
            Gate::Open(rules) => Some(rules.clone()),
            Gate::Closed | Gate::Unreachable(_) => None,
        };
        let url = format!("{}/robots.txt", row.text);
        row.gate = Gate::Asking(Asking { url, redirects: 0, attempts: 0, known });
        self.ask_robots(origin);
        true
    }

    /// Whether the limits leave room for a URL; takes that room.
    fn passes_limits(&mut self, id: UrlId) -> bool {
        if self.config.order == Order::Fast && !self.has_room_for_sitemap(id) {
            return false;
        }
        let flags = self.urls[id].flags;
        if self.bodies_left() == Some(0) && self.need_of(id) > Need::Status {
            self.skip_for_limit(id, LimitKind::MaxBytes);
            return false;
        }
        if let Limit::Max(limit) = self.config.pages
            && flags.is_uncounted_page()
            && self.config.order == Order::Fast
        {
            if self.pages_counted >= limit {
                self.skip_for_limit(id, LimitKind::MaxPages);
                return false;
            }
            self.count_page(id);
        }
        true
    }

    /// How many more bodies of full size the byte limit has room for; `None` if there is no such limit.
    pub(super) fn bodies_left(&self) -> Option<u64> {
        let limit = self.config.bytes.max()?;
        let spoken_for = self.statistics.bytes_decoded.saturating_add(self.flights.reserved());
        Some(limit.saturating_sub(spoken_for) / self.config.body_cap)
    }

    /// Whether open fetches have to give back bytes before another one may begin.
    pub(super) fn waits_for_bytes(&self) -> bool {
        self.bodies_left() == Some(0) && self.flights.asked() > 0
    }

    fn start_robots(&mut self, origin: OriginId, host: HostId) -> Option<Fetch> {
        let row = self.frontier.origin_mut(origin);
        if row.gate == Gate::Unknown {
            let url = format!("{}/robots.txt", row.text);
            row.gate = Gate::Asking(Asking { url, redirects: 0, attempts: 0, known: None });
        }
        let Gate::Asking(asking) = &mut row.gate else { return None };
        asking.attempts = asking.attempts.saturating_add(1);
        let attempt = u32::from(asking.attempts);
        let asked = self.what_to_ask(Purpose::Robots(origin), host, false)?;
        Some(self.open(Purpose::Robots(origin), host, Method::Get, Need::Links, attempt, asked))
    }

    /// Queues the fetch of an origin's robots.txt with the host it is to be had from.
    pub(super) fn ask_robots(&mut self, origin: OriginId) {
        let source = self.robots_source(origin);
        self.frontier.push_urgent(source, Job::Robots(origin), &self.config);
    }

    /// The origin that an origin's robots.txt is to be had from: another one where it redirected.
    pub(super) fn robots_source(&mut self, origin: OriginId) -> OriginId {
        let Gate::Asking(asking) = &self.frontier.origin(origin).gate else { return origin };
        let source = Url::parse(&asking.url).ok().map(|url| url.origin().ascii_serialization());
        let source = source.and_then(|text| self.frontier.intern(&text, &self.config));
        source.filter(|source| self.frontier.origin(*source).host.is_some()).unwrap_or(origin)
    }

    fn start_again(&mut self, id: FetchId, host: HostId) -> Option<Fetch> {
        let flight = self.flights.get(id)?;
        let Some(asked) = self.what_to_ask(flight.purpose, host, flight.sitemap) else {
            self.apply(id, Outcome::Failed(Failure::Lapsed));
            return None;
        };
        let flight = self.flights.ask_again(id, self.now, self.deadline())?.clone();
        Some(self.ask(id, &flight, asked))
    }

    fn open(
        &mut self,
        purpose: Purpose,
        host: HostId,
        method: Method,
        need: Need,
        attempt: u32,
        asked: Asked,
    ) -> Fetch {
        let (reserved, deadline) = (self.reserve_for(method), Some(self.deadline()));
        let begun = self.now;
        let sitemap = asked.kind == Kind::Sitemap;
        let flight = Flight { purpose, sitemap, host, method, need, attempt, reserved, begun, deadline };
        let id = self.flights.open(flight.clone());
        self.ask(id, &flight, asked)
    }

    /// A fetch begins that holds a slot from now on.
    fn ask(&mut self, id: FetchId, flight: &Flight, asked: Asked) -> Fetch {
        self.frontier.begin(flight.host, &self.config);
        self.statistics.fetches += 1;
        Fetch {
            ticket: Ticket { id, crawl: self.crawl },
            request: Request {
                id,
                url: asked.url,
                kind: asked.kind,
                method: flight.method,
                need: flight.need,
                attempt: flight.attempt,
                budget: self.config.fetch_timeout,
                body_cap: self.body_cap(asked.kind),
                headers: asked.headers,
                validators: Validators::default(),
                spec: self.spec_name,
            },
        }
    }

    /// Where a fetch goes, what for, and with whose headers; `None` if there is nothing to ask.
    ///
    /// An identity parses to itself, so only a worker's forged digest can lead to what is no URL, or to another host
    /// than the one whose turn it is.
    fn what_to_ask(&self, purpose: Purpose, host: HostId, sitemap: bool) -> Option<Asked> {
        match purpose {
            Purpose::Url(id) => {
                let row = &self.urls[id];
                let kind = match row.flags.has(Flags::CRAWL) {
                    _ if sitemap => Kind::Sitemap,
                    true => Kind::Page,
                    false if self.is_probe(id) => Kind::Probe,
                    false => Kind::Check,
                };
                let name = self.frontier.host(host).name.as_str();
                let url = Url::parse(&String::from(self.url(id)))
                    .ok()
                    .filter(|url| url.host_str() == Some(name))?;
                Some(Asked { url, kind, headers: self.frontier.origin(row.origin).headers })
            }
            Purpose::Robots(origin) => {
                let row = self.frontier.origin(origin);
                let Gate::Asking(asking) = &row.gate else { return None };
                let headers = if asking.redirects == 0 { row.headers } else { HeaderSetId::NONE };
                Some(Asked { url: Url::parse(&asking.url).ok()?, kind: Kind::Robots, headers })
            }
        }
    }

    /// Bytes that an open fetch takes of the byte limit.
    pub(super) fn reserve_for(&self, method: Method) -> u64 {
        if method == Method::Get { self.config.body_cap } else { 0 }
    }

    /// The engine's deadline is the backstop for fetches that are lost, so it comes well after the time the
    /// transport is given.
    fn deadline(&self) -> crate::Time {
        self.now + self.config.fetch_timeout + self.config.fetch_timeout / 4 + Duration::from_secs(1)
    }
}

/// Where a request goes, apart from what its flight knows.
struct Asked {
    url: Url,
    kind: Kind,
    headers: HeaderSetId,
}
