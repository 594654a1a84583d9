//! Conservation: every discovery ends in exactly one place.

use super::urls::State;

/// Where everything that was discovered has gone. Two equations hold after each poll; they are checked there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Seeds, links and redirects, repetitions included.
    pub(super) discovered: u64,
    /// To URLs that were discovered before.
    pub(super) duplicate: u64,
    /// URLs not asked for by scope, scheme or role.
    pub(super) out_of_scope: u64,
    /// Not URLs.
    pub(super) refused: u64,
    /// URLs held back by a limit that a shorter way may lift.
    pub(super) over_budget: u64,
    /// URLs that are or were to be asked for.
    pub(super) admitted: u64,
    /// Found, and waiting for their depth to come up (ordered mode).
    pub(super) candidates: u64,
    pub(super) queued: u64,
    pub(super) waiting: u64,
    pub(super) in_flight: u64,
    pub(super) terminal: u64,
}

impl Counts {
    /// A URL goes from one state to another.
    pub(super) fn moved(&mut self, from: State, to: State) {
        if let Some(place) = self.place(from) {
            *place -= 1;
        }
        if let Some(place) = self.place(to) {
            *place += 1;
        }
        let (was, is) = (is_admitted(from), is_admitted(to));
        self.admitted = self.admitted + u64::from(is && !was) - u64::from(was && !is);
    }

    fn place(&mut self, state: State) -> Option<&mut u64> {
        Some(match state {
            State::Named => return None,
            State::OutOfScope => &mut self.out_of_scope,
            State::Invalid => &mut self.refused,
            State::Held => &mut self.over_budget,
            State::Candidate => &mut self.candidates,
            State::Queued => &mut self.queued,
            State::Waiting => &mut self.waiting,
            State::InFlight => &mut self.in_flight,
            State::Answered | State::Redirected | State::Failed | State::Skipped => &mut self.terminal,
        })
    }

    /// Whether nothing got lost or was counted twice.
    pub(super) fn is_conserved(&self) -> bool {
        self.discovered
            == self.duplicate + self.out_of_scope + self.refused + self.over_budget + self.admitted
            && self.admitted == self.candidates + self.queued + self.waiting + self.in_flight + self.terminal
    }
}

const fn is_admitted(state: State) -> bool {
    !matches!(state, State::Named | State::OutOfScope | State::Invalid | State::Held)
}
