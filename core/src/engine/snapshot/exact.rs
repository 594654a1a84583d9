//! What tells a running crawl from one that is to be resumed: the pace it goes by, who stands in line, and which
//! fetches are asked for, until when. A resumed crawl finds all of this anew; a replay must have it as it was.

use super::super::Engine;
use super::super::frontier::Line;
use crate::codec::{Corrupt, plain_struct};
use crate::config::Pacing;
use crate::time::{Time, UnixTime};

pub(super) struct Exact {
    pacing: Pacing,
    started: UnixTime,
    slots: usize,
    line: Line,
    /// Of the open fetches, in order of id; `None` for one that is to be asked for again.
    deadlines: Vec<Option<Time>>,
}

plain_struct!(Exact { pacing, started, slots, line, deadlines });
plain_struct!(Line { now, ready, waiting, again });

impl Exact {
    pub(super) fn of(engine: &Engine) -> Self {
        Self {
            pacing: engine.config.pacing(),
            started: engine.started,
            slots: engine.slots,
            line: engine.frontier.line(),
            deadlines: engine.flights.iter().map(|(_, flight)| flight.deadline).collect(),
        }
    }

    /// Makes a loaded engine the one that was saved.
    pub(super) fn apply(self, engine: &mut Engine) -> Result<(), Corrupt> {
        let Self { pacing, started, slots, line, deadlines } = self;
        engine.config = engine.config.clone().paced(pacing)?;
        engine.started = started;
        engine.slots = slots;
        engine.flights.set_deadlines(&deadlines)?;
        engine.frontier.restore_line(line, &engine.flights)?;
        if engine.finished || engine.frontier.is_on_its_way(&engine.flights) { Ok(()) } else { Err(Corrupt) }
    }
}
