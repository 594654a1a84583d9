//! What an answer changes.

use super::discover::Way;
use super::edges::{Edge, EdgeWriter};
use super::flights::{Flight, Purpose};
use super::frontier::{Asking, Ended, Gate, HostId, OriginId, QUICK, Sign};
use super::head::Kept;
use super::memo::{self, Known};
use super::output::{Event, UrlId};
use super::page::Page;
use super::sitemaps::Reading;
use super::urls::{Facts, Flags, Row, State};
use super::{Engine, Redirect, Timer};
use crate::digest::{Digest, End, Links, Location, Media, PackedLink};
use crate::failure::{Dns, Failure, RetryAfter};
use crate::fetch::{FetchId, Kind, Method, Need, Outcome};
use crate::identity::Identity;
use crate::robots::{Access, access};
use crate::time::Time;
use core::time::Duration;
use url::Url;

impl Engine {
    /// Applies the first answer to an open fetch; others are counted.
    pub(super) fn apply(&mut self, id: FetchId, outcome: Outcome) {
        let Some(flight) = self.flights.close(id) else {
            self.statistics.late_answers += 1;
            return;
        };
        if flight.deadline.is_some() {
            let sign = self.sign_of(&flight, &outcome);
            let ended = Ended { at: self.now, sign, fetch: id.get(), last: self.flights.last() };
            self.frontier.end(flight.host, ended, &self.config);
        }
        if let Outcome::Answered(digest) = &outcome {
            self.heed_limits(flight.host, digest);
        }
        self.note_transfer(flight.host, &outcome);
        match flight.purpose {
            Purpose::Url(url) => self.apply_to_url(url, &flight, outcome),
            Purpose::Robots(origin) => self.apply_to_robots(origin, &flight, outcome),
        }
    }

    /// What an outcome says of its host.
    fn sign_of(&self, flight: &Flight, outcome: &Outcome) -> Sign {
        match outcome {
            Outcome::Answered(digest) if self.is_busy(digest) => Sign::Trouble,
            Outcome::Answered(_) if self.now.since(flight.begun) <= QUICK => Sign::Quick,
            Outcome::Answered(_) => Sign::Slow,
            Outcome::Failed(failure) => match failure {
                Failure::Dns(Dns::Temporary)
                | Failure::Connect(_)
                | Failure::Timeout(_)
                | Failure::Closed
                | Failure::Truncated => Sign::Trouble,
                _ => Sign::Nothing,
            },
        }
    }

    /// Whether an answer says that its host has too much to do.
    fn is_busy(&self, digest: &Digest) -> bool {
        matches!(digest.status, 429 | 503) && !self.config.accept.contains(digest.status)
    }

    /// Leaves a host alone for as long as its answer asks for, up to the cap.
    fn heed_limits(&mut self, host: HostId, digest: &Digest) {
        let mut wait = None;
        if self.is_busy(digest) {
            wait = Some(self.requested_wait(digest.retry_after).unwrap_or(self.config.retry.base));
        }
        // What is in flight may use up what remains.
        let in_flight = u64::from(self.frontier.host(host).in_flight);
        if let Some(limit) = digest.rate_limit.filter(|limit| limit.remaining <= in_flight) {
            wait = wait.max(self.requested_wait(Some(limit.reset)));
        }
        if let Some(wait) = wait {
            let until = self.now + wait.min(self.config.retry.cap);
            self.frontier.pause(host, until, &self.config);
        }
    }

    fn note_transfer(&mut self, host: HostId, outcome: &Outcome) {
        let host = self.frontier.host_mut(host);
        let Outcome::Answered(digest) = outcome else {
            host.statistics.failed += 1;
            return;
        };
        let transfer = &digest.transfer;
        host.statistics.answered += 1;
        host.statistics.bytes_encoded = host.statistics.bytes_encoded.saturating_add(transfer.encoded);
        host.statistics.slowest = host.statistics.slowest.max(transfer.total);
        host.first_byte_total = host.first_byte_total.saturating_add(transfer.first_byte);
        self.statistics.bytes_encoded = self.statistics.bytes_encoded.saturating_add(transfer.encoded);
        self.statistics.bytes_decoded = self.statistics.bytes_decoded.saturating_add(transfer.decoded);
    }

    fn apply_to_url(&mut self, id: UrlId, flight: &Flight, outcome: Outcome) {
        match outcome {
            Outcome::Answered(digest) => self.answered(id, flight, *digest),
            Outcome::Failed(failure) => self.failed(id, flight, failure),
        }
    }

    fn answered(&mut self, id: UrlId, flight: &Flight, digest: Digest) {
        let kept = self.take_kept(id);
        let status = digest.status;
        let accepted = self.accepts(status, digest.challenge);
        let redirect = if accepted { None } else { digest.location.as_ref() };
        let wait = self.requested_wait(digest.retry_after);
        let ok = accepted || matches!(redirect, Some(Location::To { .. }));
        if flight.method == Method::Head && !ok {
            self.urls[id].flags.set(Flags::NO_HEAD);
            // A GET at once would be more of what the host has too much of.
            if status != 429 || digest.challenge || !self.retry(id, flight, wait) {
                self.ask_with_get(id, flight, kept);
            }
            return;
        }
        let facts = [
            (Facts::CHALLENGE, digest.challenge),
            (Facts::TOO_LARGE, digest.end == End::TooLarge),
            (Facts::BAD_LOCATION, matches!(redirect, Some(Location::Invalid(_)))),
        ];
        let facts = facts.iter().fold(0, |facts, (fact, is)| if *is { facts | fact } else { facts });
        if !ok && self.was_spared_head(id, flight) {
            return self.ask_with_head(id, Kept { status, detail: facts });
        }
        // A wall stays where it is, however often one asks.
        if !ok && !digest.challenge && is_retryable(status) && self.retry(id, flight, wait) {
            return;
        }
        if ok && self.urls[id].flags.has(Flags::NO_HEAD) {
            self.frontier.host_mut(flight.host).head_lies = true;
        }
        let is_final = !self.gate_was_passed_by(id, flight);
        let row = &mut self.urls[id];
        row.status = status;
        row.got = flight.need;
        // A document that was not read, since only the status was needed, may hold more.
        let holds_links = digest.media.has_links() || !digest.links.is_empty();
        let holds_more = flight.need == Need::Status || holds_links;
        if flight.method == Method::Get && !(accepted && holds_more) && is_final {
            // There is nothing more to learn from it.
            row.got = Need::Links;
        }
        row.detail = facts;
        if self.is_probe(id) {
            return self.probed(id, &digest, accepted);
        }
        self.not_ok += u64::from(!ok);
        self.events.push_back(Event::Answered { url: id, status: Some(status), ok });
        match digest.location {
            Some(Location::To { url, fragment }) if !accepted => {
                self.redirected(id, &url, fragment.as_deref())
            }
            _ => self.read(id, flight, digest, accepted),
        }
        self.upgrade_if_needed(id);
    }

    fn redirected(&mut self, id: UrlId, target: &str, fragment: Option<&str>) {
        let Some(to) = self.intern_target(target) else {
            self.urls[id].detail |= Facts::BAD_LOCATION;
            return self.set_state(id, State::Answered);
        };
        // An empty one counts too: it takes the place of the link's own (Fetch standard, HTTP-redirect fetch).
        let fragment = fragment.map(|text| self.texts.intern(text));
        // Numbers of 32 bits do for as many URLs as there can be.
        let number = self.redirects.len() as u32;
        self.redirects.push(Redirect { to, fragment });
        self.urls[id].detail = number;
        self.set_state(id, State::Redirected);
        self.widen_reach_by_redirect(id, to);
        self.spread(id);
    }

    /// Where a seed redirects to within its site (another scheme, or with or without `www.`), the crawl follows; in
    /// one step or several, and in whichever order the steps become known.
    pub(super) fn widen_reach_by_redirect(&mut self, mut from: UrlId, mut to: UrlId) {
        let name = |engine: &Self, url: UrlId| {
            let host = engine.frontier.origin(engine.urls[url].origin).host?;
            let name = &engine.frontier.host(host).name;
            Some(name.strip_prefix("www.").unwrap_or(name).to_owned())
        };
        while self.urls[from].flags.leads_a_crawl() && !self.urls[to].flags.leads_a_crawl() {
            if name(self, from).is_none() || name(self, from) != name(self, to) {
                return;
            }
            self.urls[to].flags.set(Flags::SEED_LEADS_HERE);
            let origin = self.urls[to].origin;
            self.widen_reach(origin);
            let row = &self.urls[to];
            if row.state != State::Redirected {
                return;
            }
            (from, to) = (to, self.redirects[row.detail].to);
        }
    }

    /// The URL with this text, as a transport gave it.
    fn intern_target(&mut self, text: &str) -> Option<UrlId> {
        if text.len() > self.spec.limits.url_bytes as usize {
            return None;
        }
        let identity = Identity::of(&Url::parse(text).ok()?);
        let origin = self.frontier.intern(identity.origin(), &self.config)?;
        self.urls.intern(origin, identity.rest()).map(|(id, _)| id)
    }

    /// A final answer: keeps what its document holds.
    fn read(&mut self, id: UrlId, flight: &Flight, mut digest: Digest, accepted: bool) {
        self.set_state(id, State::Answered);
        let holds_links = digest.media.has_links() || !digest.links.is_empty();
        let is_sitemap = flight.sitemap && digest.media == Media::Sitemap;
        if accepted
            && flight.sitemap
            && let Some(listing) = self.sitemaps.get_mut(&id)
        {
            listing.reading = if is_sitemap { Reading::Entries } else { Reading::Other };
        }
        let read = accepted
            && (holds_links || is_sitemap)
            && flight.method == Method::Get
            && flight.need > Need::Status;
        if !read {
            return;
        }
        if self.config.soft_404 {
            self.note_content(id, &digest);
        }
        self.note_on_request(id, &mut digest);
        let row = &self.urls[id];
        let crawl = is_sitemap || row.flags.has(Flags::CRAWL) && flight.need == Need::Links;
        if row.page == Row::NO_PAGE {
            // Fewer documents than URLs.
            self.urls[id].page = self.pages.len() as u32;
            self.pages.push(Page::new(id, digest.directives, digest.media));
        }
        let page = self.urls[id].page;
        let edges = if crawl { self.read_links(id, page, &digest.links, is_sitemap) } else { Vec::new() };
        let mut ids = digest.ids;
        if !ids.is_sorted() {
            ids.sort_unstable();
        }
        let mut room = core::mem::take(&mut self.scratch[1]);
        self.pages[page].keep(&ids, &edges, &mut room);
        self.scratch = [edges, room];
    }

    /// Packs a document's links, and follows them where they count.
    fn read_links(&mut self, id: UrlId, page: u32, links: &Links, is_sitemap: bool) -> Vec<u8> {
        let listing = if is_sitemap { self.begin_listing(id) } else { None };
        let spreads = !is_sitemap && self.may_spread_links(id) && self.pages[page].spread_at.is_none();
        let depth = self.urls[id].depth;
        let is_open = self.opens(page);
        // The origins of a page are few: each is looked up once.
        let origins: Vec<Option<OriginId>> =
            links.origins().iter().map(|origin| self.frontier.intern(origin, &self.config)).collect();
        let invalid = self.frontier.intern("", &self.config);
        let mut writer = EdgeWriter::reusing(core::mem::take(&mut self.scratch[0]));
        for link in links.packed() {
            let origin = link.origin.and_then(|index| origins.get(index).copied().flatten()).or(invalid);
            let Some(known) = origin.and_then(|origin| self.link_parts(origin, &link)) else {
                self.count_lost();
                continue;
            };
            let Known { target, text, fragment, spelling } = known;
            let PackedLink { place, role, nofollow, line, column, .. } = link;
            writer.push(&Edge { target, line, column, place, role, nofollow, text, fragment, spelling });
            if spreads {
                self.discover(target, Way::of_link(depth, role, fragment.is_some(), is_open(nofollow)));
            } else if let Some(level) = listing {
                self.list(target, role, fragment.is_some(), level);
            }
        }
        if spreads || is_sitemap {
            self.pages[page].spread_at = Some(depth);
        }
        writer.finish()
    }

    /// What a link's strings came to, which is often known from a page before.
    #[inline]
    fn link_parts(&mut self, origin: OriginId, link: &PackedLink<'_>) -> Option<Known> {
        let hash = memo::hash(link);
        match self.memo.get(hash, origin, link) {
            Some(known) => Some(known),
            None => self.intern_link(hash, origin, link),
        }
    }

    /// Looks a link's strings up in the tables, or adds them.
    #[inline(never)]
    fn intern_link(&mut self, hash: u64, origin: OriginId, link: &PackedLink<'_>) -> Option<Known> {
        let (rest, fragment, text, spelling) = link.take_apart();
        let rest = &rest[..rest.floor_char_boundary(self.spec.limits.url_bytes as usize)];
        let known = Known {
            target: self.urls.intern(origin, rest)?.0,
            text: self.texts.intern(text),
            fragment: fragment.filter(|text| !text.is_empty()).map(|text| self.texts.intern(text)),
            spelling: spelling.map(|text| self.texts.intern(text)),
        };
        self.memo.put(hash, origin, link, known);
        Some(known)
    }

    fn failed(&mut self, id: UrlId, flight: &Flight, failure: Failure) {
        let kept = self.take_kept(id);
        if flight.method == Method::Head && may_be_for_head(&failure) {
            return self.ask_with_get(id, flight, kept);
        }
        if self.was_spared_head(id, flight) {
            let number = self.number_of(failure);
            return self.ask_with_head(id, Kept { status: 0, detail: number });
        }
        if failure.is_temporary() && self.retry(id, flight, None) {
            return;
        }
        let number = self.number_of(failure);
        let is_final = !self.gate_was_passed_by(id, flight);
        self.urls[id].got = if is_final { Need::Links } else { flight.need };
        self.fail(id, number);
        self.upgrade_if_needed(id);
    }

    /// Whether a URL was asked for as one to check, and has come to be crawled meanwhile, so that robots.txt has a
    /// say that it did not have before.
    pub(super) fn gate_was_passed_by(&self, id: UrlId, flight: &Flight) -> bool {
        let robots = self.config.robots;
        robots.crawl && !robots.check && flight.need < Need::Links && self.urls[id].flags.has(Flags::CRAWL)
    }

    /// A URL ends without an answer.
    pub(super) fn fail(&mut self, id: UrlId, failure: u32) {
        self.urls[id].detail = failure;
        self.urls[id].status = 0;
        self.set_state(id, State::Failed);
        if self.is_probe(id) {
            return;
        }
        self.not_ok += 1;
        self.events.push_back(Event::Answered { url: id, status: None, ok: false });
    }

    /// Distinct failures are few, so a scan finds one.
    fn number_of(&mut self, failure: Failure) -> u32 {
        let number = self.failures.iter().position(|known| *known == failure).unwrap_or_else(|| {
            self.failures.push(failure);
            self.failures.len() - 1
        });
        number as u32
    }

    /// Puts a URL off to another attempt, if it has any left.
    pub(super) fn retry(&mut self, id: UrlId, flight: &Flight, requested: Option<Duration>) -> bool {
        let attempt = flight.attempt;
        if attempt > self.config.retry.max || self.is_given_up(flight.host) {
            return false;
        }
        let at = self.now + self.backoff(&String::from(self.url(id)), attempt, requested);
        self.statistics.retries += 1;
        self.set_state(id, State::Waiting);
        // A check that failed may have failed for all that was under way beside it.
        let is_last = attempt == self.config.retry.max;
        if is_last && !self.urls[id].flags.has(Flags::CRAWL) {
            self.deferred.insert((at, Timer::Retry(id)));
        } else {
            self.timers.insert((at, Timer::Retry(id)));
        }
        self.events.push_back(Event::Retrying { url: id, at, attempts: attempt });
        true
    }

    /// Exponential, from half to the whole of the nominal wait; never less than the server asks for, as far as the
    /// cap goes.
    fn backoff(&self, subject: &str, attempt: u32, requested: Option<Duration>) -> Duration {
        let retry = self.config.retry;
        let doublings = attempt.saturating_sub(1).min(30);
        let nominal = retry.base.saturating_mul(1 << doublings).min(retry.cap);
        let draw = self.seed.draw("backoff", subject, attempt) >> 11;
        let share = 0.5 + draw as f64 / (1_u64 << 54) as f64;
        nominal.mul_f64(share).max(requested.unwrap_or(Duration::ZERO)).min(retry.cap)
    }

    fn requested_wait(&self, retry_after: Option<RetryAfter>) -> Option<Duration> {
        match retry_after? {
            RetryAfter::Delay(wait) => Some(wait),
            RetryAfter::Date(date) => {
                let elapsed = i64::try_from(self.now.since(Time::ZERO).as_secs()).unwrap_or(i64::MAX);
                let today = self.started.as_secs().saturating_add(elapsed);
                u64::try_from(date.as_secs().saturating_sub(today)).ok().map(Duration::from_secs)
            }
        }
    }

    fn apply_to_robots(&mut self, origin: OriginId, flight: &Flight, outcome: Outcome) {
        let Gate::Asking(asking) = &self.frontier.origin(origin).gate else { return };
        let asking = asking.clone();
        match outcome {
            Outcome::Answered(digest) => self.robots_answered(origin, flight, &asking, *digest),
            Outcome::Failed(failure) => {
                if failure.is_temporary() && self.retry_robots(origin, flight, &asking, None) {
                    return;
                }
                let number = self.number_of(failure);
                self.shut_gate(origin, &asking, Gate::Unreachable(number));
            }
        }
    }

    /// RFC 9309 section 2.3.1.
    fn robots_answered(&mut self, origin: OriginId, flight: &Flight, asking: &Asking, digest: Digest) {
        const MAX_REDIRECTS: u8 = 5;
        match access(digest.status) {
            Access::Parse => {
                let rules = digest.robots.unwrap_or_default();
                if let Some(delay) = rules.crawl_delay
                    && let Some(host) = self.frontier.origin(origin).host
                {
                    let host = self.frontier.host_mut(host);
                    host.crawl_delay = host.crawl_delay.max(delay.min(self.config.retry.cap));
                }
                self.open_gate(origin, Gate::Open(Box::new(rules)));
            }
            Access::FollowRedirect => match digest.location {
                Some(Location::To { url, .. }) if asking.redirects < MAX_REDIRECTS && is_fetched(&url) => {
                    let redirects = asking.redirects + 1;
                    let next = Asking { url, redirects, attempts: 0, known: asking.known.clone() };
                    self.frontier.origin_mut(origin).gate = Gate::Asking(next);
                    self.ask_robots(origin);
                }
                // Leads nowhere, or too far: unavailable.
                _ => self.open_gate(origin, Gate::Open(Box::default())),
            },
            Access::AllowAll => self.open_gate(origin, Gate::Open(Box::default())),
            Access::DisallowAll => {
                let wait = self.requested_wait(digest.retry_after);
                if !self.retry_robots(origin, flight, asking, wait) {
                    self.shut_gate(origin, asking, Gate::Closed);
                }
            }
        }
    }

    fn retry_robots(
        &mut self,
        origin: OriginId,
        flight: &Flight,
        asking: &Asking,
        requested: Option<Duration>,
    ) -> bool {
        if flight.attempt > self.config.retry.max || self.is_given_up(flight.host) {
            return false;
        }
        let at = self.now + self.backoff(&asking.url, flight.attempt, requested);
        self.statistics.retries += 1;
        self.timers.insert((at, Timer::Robots(origin)));
        true
    }

    /// No robots.txt can be had: the rules that are known from before count on (RFC 9309 sections 2.3.1.4 and 2.4).
    fn shut_gate(&mut self, origin: OriginId, asking: &Asking, gate: Gate) {
        let known = asking.known.clone().map(Gate::Open);
        self.open_gate(origin, known.unwrap_or(gate));
    }

    fn open_gate(&mut self, origin: OriginId, gate: Gate) {
        let open = matches!(gate, Gate::Open(_));
        self.events.push_back(Event::Robots { kind: Kind::Robots, open });
        self.frontier.set_gate(origin, gate, &self.config);
        self.declare_sitemaps(origin);
    }
}

/// Whether a redirect leads to what is fetched at all; one that a worker forged need not even be a URL.
fn is_fetched(url: &str) -> bool {
    Url::parse(url).is_ok_and(|url| matches!(url.scheme(), "http" | "https"))
}

/// Whether another attempt may bring another status.
pub(super) const fn is_retryable(status: u16) -> bool {
    matches!(status, 408 | 425 | 429 | 500..=599)
}

/// Whether a failure may come from asking with HEAD, which many servers mistreat.
const fn may_be_for_head(failure: &Failure) -> bool {
    use crate::failure::Phase;
    matches!(
        failure,
        Failure::Closed
            | Failure::Truncated
            | Failure::Protocol(_)
            | Failure::Encoding(_)
            | Failure::Timeout(Phase::Head | Phase::Body | Phase::Total)
            | Failure::NotInArchive
    )
}
