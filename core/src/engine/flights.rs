//! Fetches that are open: asked for, not answered.

use super::frontier::{HostId, OriginId};
use super::output::UrlId;
use crate::fetch::{FetchId, Method, Need};
use crate::time::Time;
use std::collections::{BTreeMap, BTreeSet};

/// What a fetch was for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Purpose {
    Url(UrlId),
    Robots(OriginId),
}

/// One open fetch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Flight {
    pub(super) purpose: Purpose,
    /// Asked for as a sitemap.
    pub(super) sitemap: bool,
    pub(super) host: HostId,
    pub(super) method: Method,
    pub(super) need: Need,
    pub(super) attempt: u32,
    /// Bytes reserved of the byte limit.
    pub(super) reserved: u64,
    /// When it was asked for last; means nothing while there is no deadline.
    pub(super) begun: Time,
    /// `None` while a resumed crawl has not asked again.
    pub(super) deadline: Option<Time>,
}

/// All open fetches. Ids count up for the whole life of a crawl and are never used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Flights {
    open: BTreeMap<FetchId, Flight>,
    deadlines: BTreeSet<(Time, FetchId)>,
    /// The id given last.
    last: u64,
    reserved: u64,
    /// Open fetches that are asked for and hold a slot.
    asked: usize,
}

impl Flights {
    /// Opens a fetch that is asked for now.
    pub(super) fn open(&mut self, flight: Flight) -> FetchId {
        self.last += 1;
        let id = FetchId(self.last);
        self.reserved += flight.reserved;
        if let Some(deadline) = flight.deadline {
            self.deadlines.insert((deadline, id));
            self.asked += 1;
        }
        self.open.insert(id, flight);
        id
    }

    pub(super) fn get(&self, id: FetchId) -> Option<&Flight> {
        self.open.get(&id)
    }

    /// Asks again for a fetch that is still open; `None` if it has been answered meanwhile.
    pub(super) fn ask_again(&mut self, id: FetchId, begun: Time, deadline: Time) -> Option<&Flight> {
        let flight = self.open.get_mut(&id).filter(|flight| flight.deadline.is_none())?;
        (flight.begun, flight.deadline) = (begun, Some(deadline));
        self.deadlines.insert((deadline, id));
        self.asked += 1;
        Some(flight)
    }

    /// Closes a fetch; `None` if it is not open.
    pub(super) fn close(&mut self, id: FetchId) -> Option<Flight> {
        let flight = self.open.remove(&id)?;
        self.reserved -= flight.reserved;
        if let Some(deadline) = flight.deadline {
            self.deadlines.remove(&(deadline, id));
            self.asked -= 1;
        }
        Some(flight)
    }

    /// A fetch whose deadline has come.
    pub(super) fn lapsed(&self, now: Time) -> Option<FetchId> {
        self.deadlines.first().filter(|(deadline, _)| *deadline <= now).map(|(_, id)| *id)
    }

    pub(super) fn next_deadline(&self) -> Option<Time> {
        self.deadlines.first().map(|(deadline, _)| *deadline)
    }

    /// Bytes that open fetches may still bring.
    pub(super) fn reserved(&self) -> u64 {
        self.reserved
    }

    /// How many hold a slot.
    pub(super) fn asked(&self) -> usize {
        self.asked
    }

    pub(super) fn is_empty(&self) -> bool {
        self.open.is_empty()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (FetchId, &Flight)> {
        self.open.iter().map(|(id, flight)| (*id, flight))
    }

    /// No open fetch is asked for any longer; all stay open.
    pub(super) fn forget_asked(&mut self) {
        self.deadlines.clear();
        self.asked = 0;
        self.open.values_mut().for_each(|flight| flight.deadline = None);
    }

    /// The id given last.
    pub(super) fn last(&self) -> u64 {
        self.last
    }

    /// Loaded again: all are open, none is asked for yet.
    pub(super) fn restore(last: u64, open: impl IntoIterator<Item = (FetchId, Flight)>) -> Self {
        let open: BTreeMap<_, _> = open.into_iter().collect();
        let reserved = open.values().map(|flight| flight.reserved).sum();
        Self { open, deadlines: BTreeSet::new(), last, reserved, asked: 0 }
    }
}
