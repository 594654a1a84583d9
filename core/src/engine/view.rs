//! What the report reads of the engine.

use super::Engine;
use super::output::{LimitKind, UrlId};
use super::page::{Ids, Page};
use super::urls::{Facts, Flags, Row, State};
use crate::failure::Failure;
use crate::report::{Skip, Statistics};
use crate::store::{Chunks, TextId};
use crate::time::Time;

/// What is known of a URL by itself.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Answer<'a> {
    Status {
        status: u16,
        accepted: bool,
        challenge: bool,
        too_large: bool,
        bad_location: bool,
    },
    Redirect {
        to: UrlId,
        fragment: Option<TextId>,
    },
    Failure(&'a Failure),
    NotAUrl,
    /// There is no answer, for this reason.
    None(Option<Skip>),
}

impl Engine {
    pub(crate) fn url_ids(&self) -> impl Iterator<Item = UrlId> + use<> {
        self.urls.ids()
    }

    pub(crate) fn url_count(&self) -> usize {
        self.urls.len()
    }

    pub(crate) fn pages(&self) -> &Chunks<Page> {
        &self.pages
    }

    pub(crate) fn text(&self, id: TextId) -> &str {
        self.texts.get(id)
    }

    /// Whether links that count, or the embedder, name a URL.
    pub(crate) fn is_linked(&self, id: UrlId) -> bool {
        self.urls[id].flags.has(Flags::LINKED)
    }

    /// Whether the embedder gave it.
    pub(crate) fn is_seed(&self, id: UrlId) -> bool {
        self.urls[id].flags.has(Flags::SEED)
    }

    /// Whether a URL is this site's own to mend: it is in reach of the crawl, or it is no URL at all.
    pub(crate) fn is_in_scope(&self, id: UrlId) -> bool {
        let row = &self.urls[id];
        row.flags.has(Flags::CRAWL) || row.state == State::Invalid
    }

    /// The fragments that the embedder's own URLs name.
    pub(crate) fn aims(&self) -> impl Iterator<Item = (UrlId, TextId)> + '_ {
        self.aims.iter().copied()
    }

    /// Whether a URL was asked for and has its answer.
    pub(crate) fn is_checked(&self, id: UrlId) -> bool {
        let row = &self.urls[id];
        row.flags.has(Flags::ASKED)
            && row.state.is_terminal()
            && row.state != State::Skipped
            && !self.is_probe(id)
    }

    /// Whether a status counts as working. What a bot wall answers with a status of success is not the page.
    pub(super) fn accepts(&self, status: u16, challenge: bool) -> bool {
        self.config.accept.contains(status) && !(challenge && (200..300).contains(&status))
    }

    pub(crate) fn answer(&self, id: UrlId) -> Answer<'_> {
        let row = &self.urls[id];
        let shows = |fact: u32| row.detail & fact != 0;
        match row.state {
            State::Answered => Answer::Status {
                status: row.status,
                accepted: self.accepts(row.status, shows(Facts::CHALLENGE)),
                challenge: shows(Facts::CHALLENGE),
                too_large: shows(Facts::TOO_LARGE),
                bad_location: shows(Facts::BAD_LOCATION),
            },
            State::Redirected => {
                let redirect = self.redirects[row.detail];
                Answer::Redirect { to: redirect.to, fragment: redirect.fragment }
            }
            State::Failed => Answer::Failure(&self.failures[row.detail as usize]),
            State::Invalid => Answer::NotAUrl,
            _ => Answer::None(self.skip_of(id)),
        }
    }

    /// The status code of a URL's last answer.
    pub(crate) fn status(&self, id: UrlId) -> Option<u16> {
        let row = &self.urls[id];
        (matches!(row.state, State::Answered | State::Redirected) && row.status != 0).then_some(row.status)
    }

    /// The fragment targets of the document that a URL answered with, if they are known: of one that has as many as are
    /// kept, there may be more.
    pub(crate) fn ids(&self, id: UrlId) -> Option<Ids<'_>> {
        let page = self.urls[id].page;
        let has_ids = page != Row::NO_PAGE && self.pages[page].media.has_ids();
        let ids = has_ids.then(|| self.pages[page].ids())?;
        (ids.len() < self.spec.limits.ids as usize).then_some(ids)
    }

    pub(crate) fn limits_reached(&self) -> impl Iterator<Item = LimitKind> + '_ {
        self.limits_reached.iter().copied()
    }

    pub(crate) fn statistics(&self) -> Statistics {
        let mut statistics = self.statistics.clone();
        statistics.duration = self.now.since(Time::ZERO);
        statistics.hosts = self
            .frontier
            .hosts()
            .iter()
            .filter(|host| host.statistics.answered + host.statistics.failed > 0)
            .map(|host| {
                let mut row = host.statistics.clone();
                let answered = u32::try_from(row.answered).unwrap_or(u32::MAX).max(1);
                row.mean_first_byte = host.first_byte_total / answered;
                (host.name.clone(), row)
            })
            .collect();
        statistics
    }
}
