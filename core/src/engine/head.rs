//! HEAD where the status is enough, and what is remembered of hosts whose HEAD cannot be trusted.
//!
//! A URL works if HEAD or GET says so. HEAD is asked first. Many servers, and what stands before them, mistreat it, so a
//! HEAD that brings no good answer says nothing, and the GET that follows is the same attempt. Where GET then works,
//! the host is remembered, and its other URLs are asked for with GET first; one that GET does not work for is asked for
//! with HEAD all the same. So what is remembered saves requests, and decides nothing: the order in which URLs of
//! a host are asked for cannot change which of them work. Where both work, they are taken to say the same (RFC 9110
//! section 9.3.2), redirects included. A HEAD that works where GET does not is not found out: that would take two requests
//! for every URL. A document that is read is asked for with GET, whose answer then counts alone.

use super::Engine;
use super::answer::is_retryable;
use super::flights::Flight;
use super::output::{Event, UrlId};
use super::urls::{Facts, Flags, State};
use crate::fetch::{Method, Need};

/// What GET has brought before HEAD was asked for; the status is 0 for a failure.
#[derive(Clone, Copy, Debug)]
pub(super) struct Kept {
    pub(super) status: u16,
    pub(super) detail: u32,
}

impl Engine {
    /// Whether a URL was asked for with GET only for what is remembered of its host.
    pub(super) fn was_spared_head(&self, id: UrlId, flight: &Flight) -> bool {
        let flags = self.urls[id].flags;
        flight.method == Method::Get
            && flight.need == Need::Status
            && !flags.has(Flags::NO_HEAD)
            && !flags.has(Flags::ASKS_HEAD)
    }

    /// GET has brought no good answer: HEAD has a say too, in the same attempt.
    pub(super) fn ask_with_head(&mut self, id: UrlId, kept: Kept) {
        let row = &mut self.urls[id];
        row.flags.set(Flags::ASKS_HEAD);
        row.flags.set(Flags::GET_KEPT);
        (row.status, row.detail) = (kept.status, kept.detail);
        self.ask_otherwise(id);
    }

    /// HEAD has brought no good answer: what GET brings counts, or has brought in the same attempt.
    pub(super) fn ask_with_get(&mut self, id: UrlId, flight: &Flight, kept: Option<Kept>) {
        self.urls[id].flags.set(Flags::NO_HEAD);
        match kept {
            Some(kept) => self.end_with(id, flight, kept),
            None => self.ask_otherwise(id),
        }
    }

    fn ask_otherwise(&mut self, id: UrlId) {
        let row = &mut self.urls[id];
        row.attempts = row.attempts.saturating_sub(1);
        // At once, so that what it shows of the host is known before the host's other URLs are asked for.
        self.enqueue_at(id, true);
    }

    /// What was kept for the next answer.
    pub(super) fn take_kept(&mut self, id: UrlId) -> Option<Kept> {
        let row = &mut self.urls[id];
        if !row.flags.has(Flags::GET_KEPT) {
            return None;
        }
        row.flags.clear(Flags::GET_KEPT);
        Some(Kept { status: row.status, detail: row.detail })
    }

    fn end_with(&mut self, id: UrlId, flight: &Flight, kept: Kept) {
        let Kept { status, detail } = kept;
        let may_pass = match status {
            0 => self.failures[detail as usize].is_temporary(),
            _ => detail & Facts::CHALLENGE == 0 && is_retryable(status),
        };
        if may_pass && self.retry(id, flight, None) {
            return;
        }
        self.urls[id].got = if self.gate_was_passed_by(id, flight) { flight.need } else { Need::Links };
        if status == 0 {
            self.fail(id, detail);
        } else {
            let row = &mut self.urls[id];
            (row.status, row.detail) = (status, detail);
            self.set_state(id, State::Answered);
            self.not_ok += 1;
            self.events.push_back(Event::Answered { url: id, status: Some(status), ok: false });
        }
        self.upgrade_if_needed(id);
    }
}
