//! What tells a running crawl from one that is to be resumed: the pace it goes by, who stands in line, and which
//! fetches are asked for, until when. A resumed crawl finds all of this anew; a replay must have it as it was.

use super::super::Engine;
use super::super::frontier::Standing;
use crate::codec::{Corrupt, plain_struct};
use crate::config::Pacing;
use crate::time::{Time, UnixTime};

pub(super) struct Exact {
    pacing: Pacing,
    started: UnixTime,
    slots: usize,
    standing: Standing,
    /// When each open fetch was asked for, and its deadline, in order of id; `None` for one that is to be asked for
    /// again.
    times: Vec<(Time, Option<Time>)>,
}

plain_struct!(Exact { pacing, started, slots, standing, times });
plain_struct!(Standing { now, first, second, ready, waiting, again });

impl Exact {
    pub(super) fn of(engine: &Engine) -> Self {
        Self {
            pacing: engine.config.pacing(),
            started: engine.started,
            slots: engine.slots,
            standing: engine.frontier.standing(),
            times: engine.flights.iter().map(|(_, flight)| (flight.begun, flight.deadline)).collect(),
        }
    }

    /// Makes a loaded engine the one that was saved.
    pub(super) fn apply(self, engine: &mut Engine) -> Result<(), Corrupt> {
        let Self { pacing, started, slots, standing, times } = self;
        engine.config = engine.config.clone().paced(pacing)?;
        engine.started = started;
        engine.slots = slots;
        engine.flights.set_times(&times)?;
        engine.frontier.restore(standing, &engine.flights)?;
        if engine.finished || engine.frontier.is_on_its_way(&engine.flights) { Ok(()) } else { Err(Corrupt) }
    }
}
