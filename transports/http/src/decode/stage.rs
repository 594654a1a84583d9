//! One coding after the other.

use super::{Flow, STEP};
use crawlspace::{Encoding, Failure};

/// Undoes one coding.
pub(super) trait Undo: Send {
    /// Takes from `coded`, and writes to `decoded`, which is not empty, as much as is possible.
    fn run(&mut self, coded: &[u8], decoded: &mut [u8]) -> Step;

    /// Whether the coded stream may end here, something having come.
    fn is_complete(&self) -> bool;
}

/// What one call of [`Undo::run`] did.
pub(super) struct Step {
    pub(super) taken: usize,
    /// Bytes that were decoded.
    pub(super) given: usize,
    pub(super) state: State,
}

pub(super) enum State {
    /// Everything was taken, and there is room left: more must come.
    Starved,
    /// Call again with what is left, and room to write.
    Ready,
    /// The coded stream is over; whatever else comes is ignored.
    Ended,
    /// The coded stream cannot be read on.
    Failed(Failure),
}

/// After how many calls in a row that neither took nor gave anything a decoder is taken to be stuck.
const MAX_IDLE: u32 = 4;

/// One coding to undo, with the room for what comes out.
pub(super) struct Stage {
    undo: Box<dyn Undo>,
    /// Coded bytes that came so far.
    fed: u64,
    ended: bool,
    /// Allocated when something comes.
    room: Box<[u8]>,
}

impl Stage {
    pub(super) fn new(undo: Box<dyn Undo>) -> Self {
        Self { undo, fed: 0, ended: false, room: Box::default() }
    }

    /// Whether the body may end here.
    pub(super) fn is_complete(&self) -> bool {
        self.fed == 0 || self.ended || self.undo.is_complete()
    }
}

/// Sends `coded` through all stages, each of which may take `limit` bytes in all, and the result to `out`.
pub(super) fn pump(
    stages: &mut [Stage],
    limit: u64,
    coded: &[u8],
    out: &mut dyn FnMut(&[u8]) -> Flow,
) -> Result<Flow, Failure> {
    if coded.is_empty() {
        return Ok(Flow::More);
    }
    let Some((stage, rest)) = stages.split_first_mut() else { return Ok(out(coded)) };
    let allowed = usize::try_from(limit - stage.fed).map_or(coded.len(), |left| left.min(coded.len()));
    stage.fed += allowed as u64;
    if stage.room.is_empty() {
        stage.room = vec![0; STEP].into_boxed_slice();
    }
    let mut left = &coded[..allowed];
    let mut idle = 0;
    while !stage.ended {
        let Step { taken, given, state } = stage.undo.run(left, &mut stage.room);
        left = &left[taken..];
        match pump(rest, limit, &stage.room[..given], out)? {
            Flow::More => {}
            over => return Ok(over),
        }
        match state {
            State::Starved => break,
            State::Ready if taken + given > 0 => idle = 0,
            State::Ready => idle += 1,
            State::Ended => stage.ended = true,
            State::Failed(failure) => return Err(failure),
        }
        if idle > MAX_IDLE {
            return Err(Failure::Encoding(Encoding::Corrupt));
        }
    }
    Ok(if allowed < coded.len() { Flow::TooLarge } else { Flow::More })
}
