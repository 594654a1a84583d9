//! Whether a loaded state is one that a crawl can be in.
//!
//! The checksum finds damage; this keeps what was changed and signed again from making the engine panic, or wait for
//! what never comes.

use super::super::flights::Purpose;
use super::super::frontier::Gate;
use super::super::urls::{Flags, Row, State};
use super::super::{Engine, Event, Input, Timer};
use crate::codec::Corrupt;
use crate::engine::frontier::OriginId;
use crate::engine::output::UrlId;
use crate::store::TextId;
use url::Url;

/// No crawl counts this far, one by one; so that counting on cannot overflow.
const MOST: u64 = 1 << 62;

/// Where a URL stands, a bit each.
const IN_FLIGHT: u8 = 1;
const WAITS: u8 = 1 << 1;
const IS_QUEUED: u8 = 1 << 2;
const IS_LISTED: u8 = 1 << 3;

fn ok(holds: bool) -> Result<(), Corrupt> {
    if holds { Ok(()) } else { Err(Corrupt) }
}

impl Engine {
    pub(super) fn check(&self) -> Result<(), Corrupt> {
        self.check_counters()?;
        self.check_rows()?;
        self.check_documents()?;
        self.check_urls_under_way()?;
        self.check_robots()?;
        self.check_soft_404()?;
        self.check_on_request()?;
        for event in &self.events {
            if let Event::Answered { url, .. } | Event::Retrying { url, .. } = event {
                self.check_url(*url)?;
            }
        }
        for input in &self.inputs {
            if let Input::Declared(origin) = input {
                self.check_origin(*origin)?;
            }
        }
        self.sitemaps.keys().chain(&self.listed).try_for_each(|url| self.check_url(*url))?;
        self.spreading.iter().try_for_each(|url| self.check_url(*url))
    }

    fn check_url(&self, id: UrlId) -> Result<(), Corrupt> {
        ok((id.0 as usize) < self.urls.len())
    }

    fn check_text(&self, id: TextId) -> Result<(), Corrupt> {
        ok((id.0 as usize) < self.texts.len())
    }

    fn check_origin(&self, id: OriginId) -> Result<(), Corrupt> {
        ok((id as usize) < self.frontier.origins().len())
    }

    fn check_counters(&self) -> Result<(), Corrupt> {
        let statistics = &self.statistics;
        let here = [
            self.counts.discovered,
            self.counts.duplicate,
            self.pages_counted,
            self.not_ok,
            self.flights.last(),
            statistics.fetches,
            statistics.retries,
            statistics.upgraded,
            statistics.late_answers,
        ];
        let hosts = self.frontier.hosts().iter();
        let of_hosts =
            hosts.flat_map(|host| [host.statistics.answered, host.statistics.failed, host.counted]);
        ok(here.into_iter().chain(of_hosts).all(|count| count <= MOST))
    }

    /// What the rows name is there, and what may be asked for has a host to ask.
    fn check_rows(&self) -> Result<(), Corrupt> {
        let mut known = vec![0_u32; self.frontier.origins().len()];
        for id in self.urls.ids() {
            let row = &self.urls[id];
            self.check_origin(row.origin)?;
            let detail = row.detail as usize;
            match row.state {
                State::Redirected => ok(detail < self.redirects.len())?,
                State::Failed => ok(detail < self.failures.len())?,
                State::OutOfScope | State::Held | State::Skipped => ok(self.skip_of(id).is_some())?,
                _ => {}
            }
            let keeps_failure = row.flags.has(Flags::GET_KEPT) && row.status == 0;
            ok(!keeps_failure || detail < self.failures.len())?;
            ok(row.page == Row::NO_PAGE || (row.page as usize) < self.pages.len())?;
            let asked = !matches!(row.state, State::Named | State::OutOfScope | State::Invalid);
            ok(!asked || self.frontier.origin(row.origin).host.is_some())?;
            known[row.origin as usize] += u32::from(row.state != State::Named);
        }
        ok(self.frontier.origins().iter().map(|origin| origin.urls).eq(known))
    }

    fn check_documents(&self) -> Result<(), Corrupt> {
        for page in self.pages.iter() {
            self.check_url(page.url)?;
            let mut edges = page.edges();
            while let Some(edge) = edges.read()? {
                self.check_url(edge.target)?;
                self.check_text(edge.text)?;
                edge.fragment.into_iter().chain(edge.spelling).try_for_each(|text| self.check_text(text))?;
            }
        }
        for (url, fragment) in &self.aims {
            self.check_url(*url)?;
            self.check_text(*fragment)?;
        }
        for redirect in self.redirects.iter() {
            self.check_url(redirect.to)?;
            redirect.fragment.map_or(Ok(()), |text| self.check_text(text))?;
        }
        Ok(())
    }

    /// What is in flight has its fetch, what waits its time, what is queued its queue, and each only one.
    fn check_urls_under_way(&self) -> Result<(), Corrupt> {
        let mut places = vec![0_u8; self.urls.len()];
        let mut stands = |id: UrlId, place: u8| {
            let places = places.get_mut(id.0 as usize).ok_or(Corrupt)?;
            let first = *places & place == 0;
            *places |= place;
            Ok::<bool, Corrupt>(first)
        };
        for (id, flight) in self.flights.iter() {
            ok(id.get() <= self.flights.last())?;
            if let Purpose::Url(url) = flight.purpose {
                ok(stands(url, IN_FLIGHT)?)?;
            }
        }
        for (_, timer) in &self.timers {
            if let Timer::Retry(url) = timer {
                ok(stands(*url, WAITS)?)?;
            }
        }
        for (_, timer) in &self.deferred {
            let Timer::Retry(url) = timer else { return Err(Corrupt) };
            ok(stands(*url, WAITS)?)?;
        }
        for (origin, url) in self.frontier.queued_urls() {
            // It may stand there twice; its turn shows that it is no longer queued.
            stands(url, IS_QUEUED)?;
            ok(self.urls[url].origin == origin)?;
        }
        for (depth, urls) in &self.generations {
            for url in urls {
                self.check_url(*url)?;
                if self.urls[*url].depth == *depth {
                    stands(*url, IS_LISTED)?;
                }
            }
        }
        for url in &self.round {
            stands(*url, IS_LISTED)?;
        }
        for (id, places) in self.urls.ids().zip(places) {
            let state = self.urls[id].state;
            let has = |place: u8| places & place != 0;
            ok(has(IN_FLIGHT) == (state == State::InFlight) && has(WAITS) == (state == State::Waiting))?;
            ok(has(IS_QUEUED) || state != State::Queued)?;
            ok(has(IS_LISTED) || state != State::Candidate)?;
        }
        Ok(())
    }

    /// Who asks for a robots.txt is about to ask, asking, or waiting to ask again, and nobody else is.
    fn check_robots(&self) -> Result<(), Corrupt> {
        let mut asking = vec![0_u32; self.frontier.origins().len()];
        let flights = self.flights.iter().filter_map(|(_, flight)| match flight.purpose {
            Purpose::Robots(origin) => Some(origin),
            Purpose::Url(_) => None,
        });
        let timers = self.timers.iter().filter_map(|(_, timer)| match timer {
            Timer::Robots(origin) => Some(*origin),
            Timer::Retry(_) => None,
        });
        for origin in flights.chain(timers).chain(self.frontier.queued_robots()) {
            *asking.get_mut(origin as usize).ok_or(Corrupt)? += 1;
        }
        for (origin, asking) in self.frontier.origins().iter().zip(asking) {
            match &origin.gate {
                Gate::Asking(how) => {
                    let url = Url::parse(&how.url).map_err(|_| Corrupt)?;
                    let fetched = origin.host.is_some() && matches!(url.scheme(), "http" | "https");
                    ok(asking == 1 && fetched)?;
                }
                Gate::Unreachable(failure) => ok(asking == 0 && (*failure as usize) < self.failures.len())?,
                Gate::Unknown | Gate::Open(_) | Gate::Closed => ok(asking == 0)?,
            }
        }
        Ok(())
    }
}
