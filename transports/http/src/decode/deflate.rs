//! `gzip` and `deflate`.

use super::stage::{State, Step, Undo};
use crawlspace::{Encoding, Failure};
use flate2::{Decompress, FlushDecompress, Status};

/// How many members one gzip body may have. An empty one costs 20 bytes and, for setting it up, as much time as a
/// few thousand decoded bytes: without a bound they would be a way to have us work for no output.
const MAX_MEMBERS: u32 = 16 * 1024;

/// `gzip` (RFC 1952): members, one after the other.
pub(super) struct Gzip {
    inflate: Decompress,
    place: Place,
    members: u32,
}

enum Place {
    /// In a member, or before the first.
    Member,
    /// Behind a member: another may follow.
    Between,
    /// Behind the first byte of what may be another member.
    Magic,
}

const MAGIC: [u8; 2] = [0x1f, 0x8b];
const WINDOW_BITS: u8 = 15;

impl Gzip {
    pub(super) fn new() -> Self {
        Self { inflate: Decompress::new_gzip(WINDOW_BITS), place: Place::Member, members: 1 }
    }

    /// Begins another member, whose first byte was taken before.
    fn next_member(&mut self) -> Option<Failure> {
        if self.members == MAX_MEMBERS {
            return Some(Failure::Encoding(Encoding::Corrupt));
        }
        self.members += 1;
        self.inflate = Decompress::new_gzip(WINDOW_BITS);
        self.place = Place::Member;
        inflate(&mut self.inflate, &MAGIC[..1], &mut [0]).failure()
    }
}

impl Undo for Gzip {
    fn run(&mut self, coded: &[u8], decoded: &mut [u8]) -> Step {
        let plain = |taken, state| Step { taken, given: 0, state };
        match (&self.place, coded.first()) {
            (Place::Member, _) => {
                let mut step = inflate(&mut self.inflate, coded, decoded);
                if matches!(step.state, State::Ended) {
                    self.place = Place::Between;
                    step.state = State::Ready;
                }
                step
            }
            (_, None) => plain(0, State::Starved),
            (Place::Between, Some(&byte)) if byte == MAGIC[0] => {
                self.place = Place::Magic;
                plain(1, State::Ready)
            }
            (Place::Magic, Some(&byte)) if byte == MAGIC[1] => {
                plain(0, self.next_member().map_or(State::Ready, State::Failed))
            }
            (Place::Between | Place::Magic, Some(_)) => plain(0, State::Ended),
        }
    }

    fn is_complete(&self) -> bool {
        !matches!(self.place, Place::Member)
    }
}

/// Gzip if the first bytes say so, and anything else as it is.
pub(super) enum Within {
    /// How much of [`MAGIC`] has come.
    Start(usize),
    Gzip(Gzip),
    Plain {
        /// How much of it was taken for the beginning of gzip and is to be given out yet.
        held: usize,
    },
}

impl Within {
    pub(super) fn new() -> Self {
        Self::Start(0)
    }
}

impl Undo for Within {
    fn run(&mut self, coded: &[u8], decoded: &mut [u8]) -> Step {
        match (&mut *self, coded.first()) {
            (Self::Gzip(gzip), _) => gzip.run(coded, decoded),
            (Self::Start(_), None) => Step { taken: 0, given: 0, state: State::Starved },
            (Self::Start(came), Some(&byte)) if byte != MAGIC[*came] => {
                *self = Self::Plain { held: *came };
                Step { taken: 0, given: 0, state: State::Ready }
            }
            (Self::Start(came @ 0), Some(_)) => {
                *came = 1;
                Step { taken: 1, given: 0, state: State::Ready }
            }
            (Self::Start(_), Some(_)) => {
                let mut gzip = Gzip::new();
                // The first byte alone decodes to nothing.
                let state = gzip.run(&MAGIC[..1], &mut [0]).failure().map_or(State::Ready, State::Failed);
                *self = Self::Gzip(gzip);
                Step { taken: 0, given: 0, state }
            }
            (Self::Plain { held: held @ 1.. }, _) => {
                *held = 0;
                decoded[0] = MAGIC[0];
                Step { taken: 0, given: 1, state: State::Ready }
            }
            (Self::Plain { .. }, _) => {
                let length = coded.len().min(decoded.len());
                decoded[..length].copy_from_slice(&coded[..length]);
                let state = if length == coded.len() { State::Starved } else { State::Ready };
                Step { taken: length, given: length, state }
            }
        }
    }

    /// A single byte that might have begun gzip would be lost; it is nothing anybody could read.
    fn is_complete(&self) -> bool {
        match self {
            Self::Start(came) => *came == 0,
            Self::Gzip(gzip) => gzip.is_complete(),
            Self::Plain { .. } => true,
        }
    }
}

/// `deflate`: zlib (RFC 1950) by the standard, raw deflate (RFC 1951) by some servers.
pub(super) struct Deflate {
    /// The first byte, while the second has not come.
    first: Option<u8>,
    inflate: Option<Decompress>,
}

impl Deflate {
    pub(super) fn new() -> Self {
        Self { first: None, inflate: None }
    }
}

impl Undo for Deflate {
    fn run(&mut self, coded: &[u8], decoded: &mut [u8]) -> Step {
        let plain = |taken, state| Step { taken, given: 0, state };
        if let Some(running) = &mut self.inflate {
            return inflate(running, coded, decoded);
        }
        match (self.first, coded.first()) {
            (_, None) => plain(0, State::Starved),
            (None, Some(&byte)) => {
                self.first = Some(byte);
                plain(1, State::Ready)
            }
            (Some(first), Some(&second)) => {
                let running = self.inflate.insert(Decompress::new(is_zlib(first, second)));
                // A first byte alone decodes to nothing.
                let state =
                    inflate(running, &[first], &mut [0]).failure().map_or(State::Ready, State::Failed);
                plain(0, state)
            }
        }
    }

    fn is_complete(&self) -> bool {
        false
    }
}

/// Whether these two bytes are a zlib header (RFC 1950 section 2.2).
fn is_zlib(first: u8, second: u8) -> bool {
    first & 0x0f == 8 && first >> 4 <= 7 && u16::from_be_bytes([first, second]).is_multiple_of(31)
}

fn inflate(running: &mut Decompress, coded: &[u8], decoded: &mut [u8]) -> Step {
    let (before_in, before_out) = (running.total_in(), running.total_out());
    let result = running.decompress(coded, decoded, FlushDecompress::None);
    // The counts go up by no more than what was lent.
    let taken = usize::try_from(running.total_in() - before_in).unwrap_or(coded.len());
    let given = usize::try_from(running.total_out() - before_out).unwrap_or(decoded.len());
    let state = match result {
        Ok(Status::StreamEnd) => State::Ended,
        Ok(Status::Ok | Status::BufError) if taken == coded.len() && given < decoded.len() => State::Starved,
        Ok(Status::Ok | Status::BufError) => State::Ready,
        Err(_) => State::Failed(Failure::Encoding(Encoding::Corrupt)),
    };
    Step { taken, given, state }
}

impl Step {
    fn failure(self) -> Option<Failure> {
        match self.state {
            State::Failed(failure) => Some(failure),
            State::Starved | State::Ready | State::Ended => None,
        }
    }
}
