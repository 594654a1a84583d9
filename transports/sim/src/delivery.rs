//! What happens to an answer on its way.

use crate::answer::Answer;
use crate::draws::scale;
use crate::fault::Fault;
use crate::network::{Key, Network};
use crate::run::Run;
use crate::tally::Ending;
use core::time::Duration;
use crawlspace::codec::{Decode, Encode};
use crawlspace::{Failure, Outcome, Request, Ticket};

impl Run {
    /// Sends an answer: once, more often, late or never.
    pub(crate) fn deliver(&mut self, ticket: Ticket, request: &Request, key: &Key, answer: Answer) {
        let (now, awake) = (self.clock().true_time(), self.clock().awake_time());
        let Answer { outcome, after, fault } = answer;
        let strikes = |fault| self.network().strikes(fault, key, awake);
        let (lost, late, clogged) = (strikes(Fault::Lost), strikes(Fault::Late), strikes(Fault::Clogged));
        let (doubled, foreign) = (strikes(Fault::Doubled), strikes(Fault::Foreign));
        let mut at = now + after;
        if clogged.is_some() {
            at = self.clock().when_awake_for(Network::end_of_window(Fault::Clogged, awake + after));
        }
        let mut ending = Ending::of(&outcome);
        if late.is_some() {
            // Well after the engine's own deadline, which is the budget and a quarter.
            at = now + request.budget.saturating_mul(2) + Duration::from_secs(2);
            ending = Ending::Lapsed;
        } else if lost.is_some() {
            ending = Ending::Lapsed;
        }
        let struck = [
            (Fault::Lost, lost),
            (Fault::Late, late),
            (Fault::Clogged, clogged),
            (Fault::Doubled, doubled),
            (Fault::Foreign, foreign),
        ];
        let mut calm = fault.is_none();
        for (fault, draw) in struck {
            if draw.is_some() {
                self.tally_mut().count(Some(fault), ending);
                calm = false;
            }
        }
        if calm || fault.is_some() {
            self.tally_mut().count(fault, ending);
        }
        if let Some(draw) = foreign {
            self.send_foreign(at, foreign_ticket(&ticket, draw), Outcome::Failed(Failure::Closed));
        }
        if lost.is_some() && late.is_none() {
            return;
        }
        if let Some(draw) = doubled {
            for copy in 0..=scale(draw, 4) {
                let pause = Duration::from_millis(copy * scale(draw.rotate_left(7), 3_000));
                let (ticket, _) = take_apart(&ticket);
                self.send(at + pause, ticket, outcome.clone());
            }
        }
        self.send(at, ticket, outcome);
    }
}

/// The same right once more, as a queue hands it out that delivers a message twice; and its two numbers.
fn take_apart(ticket: &Ticket) -> (Ticket, (u64, u64)) {
    let bytes = ticket.to_bytes();
    let copy = decoded(&bytes);
    let mut rest = bytes.as_slice();
    let numbers = u64::decode(&mut rest).and_then(|id| Ok((id, u64::decode(&mut rest)?)));
    (copy, numbers.unwrap_or_default())
}

/// A right to answer a fetch of another crawl, one that is not yet open, or one that is long over.
fn foreign_ticket(ticket: &Ticket, draw: u64) -> Ticket {
    let (_, (id, crawl)) = take_apart(ticket);
    let (id, crawl) = match scale(draw, 3) {
        0 => (id, !crawl),
        1 => (id + (1 << 40), crawl),
        _ => (0, crawl),
    };
    let mut bytes = Vec::new();
    id.encode(&mut bytes);
    crawl.encode(&mut bytes);
    decoded(&bytes)
}

fn decoded(bytes: &[u8]) -> Ticket {
    match Ticket::from_bytes(bytes) {
        Ok(ticket) => ticket,
        Err(error) => unreachable!("a ticket is its two numbers: {error}"),
    }
}
