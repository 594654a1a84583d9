//! What the servers of the web saw: a witness that does not ask the engine.

use crate::fault::Fault;
use crawlspace::{Method, Outcome, Request, Time};
use std::collections::BTreeMap;
use url::Url;

/// One request that reached the network.
#[derive(Clone, Debug)]
pub struct Entry {
    /// When it was made, by the crawl's clock.
    pub at: Time,
    /// What was asked.
    pub request: Request,
    /// The fault that decided the answer, if one did.
    pub fault: Option<Fault>,
    /// When the fetch was over, by the crawl's clock; `None` if the crawl ended, or was interrupted, before.
    pub ended: Option<Time>,
    /// What the crawl was told first; `None` if it was told nothing, and let the fetch lapse.
    pub outcome: Option<Outcome>,
    /// Whether the crawl was interrupted while it was in flight. An answer may have come all the same.
    pub interrupted: bool,
}

/// All requests of a crawl in the order in which they were made, those of interrupted runs included.
#[derive(Clone, Debug, Default)]
pub struct ServerLog {
    entries: Vec<Entry>,
    /// The last request of each fetch that is not over.
    open: BTreeMap<u64, usize>,
}

impl ServerLog {
    /// All requests.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// The requests for one URL, by identity.
    pub fn of<'l>(&'l self, url: &'l str) -> impl Iterator<Item = &'l Entry> {
        self.entries.iter().filter(move |entry| entry.request.url.as_str() == url)
    }

    /// How often a URL was asked for.
    #[must_use]
    pub fn count(&self, url: &str) -> usize {
        self.of(url).count()
    }

    /// The URLs that were asked for, as often as they were, in order.
    pub fn urls(&self) -> impl Iterator<Item = &Url> {
        self.entries.iter().map(|entry| &entry.request.url)
    }

    /// The methods by which a URL was asked for, in order.
    #[must_use]
    pub fn methods(&self, url: &str) -> Vec<Method> {
        self.of(url).map(|entry| entry.request.method).collect()
    }

    pub(crate) const fn nothing() -> Self {
        Self { entries: Vec::new(), open: BTreeMap::new() }
    }

    pub(crate) fn begin(&mut self, at: Time, request: Request, fault: Option<Fault>) {
        self.open.insert(request.id.get(), self.entries.len());
        self.entries.push(Entry { at, request, fault, ended: None, outcome: None, interrupted: false });
    }

    /// The crawl is interrupted, and will go on from this time. An answer that was given but not looked at before
    /// counts from then.
    pub(crate) fn interrupt(&mut self, now: Time) {
        for entry in
            self.entries.iter_mut().rev().filter(|entry| entry.ended.is_some_and(|ended| ended > now))
        {
            entry.ended = Some(now);
        }
        for index in self.open.values() {
            self.entries[*index].interrupted = true;
        }
    }

    /// The first answer to a fetch, or none where it lapsed.
    pub(crate) fn end(&mut self, id: u64, at: Time, outcome: Option<&Outcome>) {
        if let Some(index) = self.open.remove(&id) {
            let entry = &mut self.entries[index];
            entry.ended = Some(at);
            entry.outcome = outcome.cloned();
        }
    }
}
