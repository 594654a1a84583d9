//! `zstd`.

use super::stage::{State, Step, Undo};
use crawlspace::{Encoding, Failure, Local};
use zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// The largest window of a `zstd` content coding: 8 MiB (RFC 9659 section 3).
const WINDOW_LOG_MAX: u32 = 23;

/// The library tells its errors apart by text alone; tests hold these two.
const WINDOW_TOO_LARGE: &str = "Frame requires too much memory for decoding";
const NOT_A_FRAME: &str = "Unknown frame descriptor";

/// `zstd` (RFC 8878): frames, one after the other.
pub(super) struct Zstd {
    /// `None` if there was no memory for one.
    decoder: Option<Decoder<'static>>,
    /// At the end of a frame.
    between: bool,
}

impl Zstd {
    pub(super) fn new() -> Self {
        let decoder = Decoder::new().ok().and_then(|mut decoder| {
            decoder.set_parameter(DParameter::WindowLogMax(WINDOW_LOG_MAX)).ok()?;
            Some(decoder)
        });
        Self { decoder, between: false }
    }
}

impl Undo for Zstd {
    fn run(&mut self, coded: &[u8], decoded: &mut [u8]) -> Step {
        let Some(decoder) = &mut self.decoder else {
            return Step { taken: 0, given: 0, state: State::Failed(Failure::Local(Local::Resources)) };
        };
        if self.between && coded.is_empty() {
            return Step { taken: 0, given: 0, state: State::Starved };
        }
        let room = decoded.len();
        let (mut input, mut output) = (InBuffer::around(coded), OutBuffer::around(decoded));
        let result = decoder.run(&mut input, &mut output);
        let (taken, given) = (input.pos(), output.pos());
        let state = match result {
            Ok(0) => {
                self.between = true;
                State::Ready
            }
            Ok(_) => {
                self.between = false;
                if taken == coded.len() && given < room { State::Starved } else { State::Ready }
            }
            Err(error) => match error.to_string().as_str() {
                NOT_A_FRAME if self.between => State::Ended,
                WINDOW_TOO_LARGE => State::Failed(Failure::Encoding(Encoding::Window)),
                _ => State::Failed(Failure::Encoding(Encoding::Corrupt)),
            },
        };
        Step { taken, given, state }
    }

    fn is_complete(&self) -> bool {
        self.between
    }
}
