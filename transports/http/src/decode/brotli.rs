//! `br`.

use super::stage::{State, Step, Undo};
use brotli_decompressor::{BrotliDecompressStream, BrotliResult, BrotliState, StandardAlloc};
use crawlspace::{Encoding, Failure};

/// `br` (RFC 7932). Its window is 16 MiB at most, and is only touched as far as it is filled.
pub(super) struct Brotli {
    state: Box<BrotliState<StandardAlloc, StandardAlloc, StandardAlloc>>,
}

impl Brotli {
    pub(super) fn new() -> Self {
        let alloc = StandardAlloc::default;
        // Strict: without the extension to larger windows, which no content coding may use.
        Self { state: Box::new(BrotliState::new_strict(alloc(), alloc(), alloc())) }
    }
}

impl Undo for Brotli {
    fn run(&mut self, coded: &[u8], decoded: &mut [u8]) -> Step {
        let (mut left, mut taken) = (coded.len(), 0);
        let (mut room, mut given, mut total) = (decoded.len(), 0, 0);
        let result = BrotliDecompressStream(
            &mut left,
            &mut taken,
            coded,
            &mut room,
            &mut given,
            decoded,
            &mut total,
            &mut self.state,
        );
        let state = match result {
            BrotliResult::ResultSuccess => State::Ended,
            BrotliResult::NeedsMoreInput => State::Starved,
            BrotliResult::NeedsMoreOutput => State::Ready,
            BrotliResult::ResultFailure => State::Failed(Failure::Encoding(Encoding::Corrupt)),
        };
        Step { taken, given, state }
    }

    fn is_complete(&self) -> bool {
        false
    }
}
