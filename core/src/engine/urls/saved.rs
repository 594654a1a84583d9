//! The URL table's part of a snapshot.

use super::{Flags, Row, State, Urls};
use crate::codec::{Corrupt, Decode, Encode, plain_enum, take_bytes};
use crate::engine::output::UrlId;

plain_enum!(State {
    0 = Named,
    1 = OutOfScope,
    2 = Invalid,
    3 = Held,
    4 = Candidate,
    5 = Queued,
    6 = Waiting,
    7 = InFlight,
    8 = Answered,
    9 = Redirected,
    10 = Failed,
    11 = Skipped,
});

impl Encode for Urls {
    fn encode(&self, out: &mut Vec<u8>) {
        self.len().encode(out);
        for id in self.ids() {
            let row = &self[id];
            row.flags.0.encode(out);
            row.origin.encode(out);
            self.rest(id).encode(out);
            row.state.encode(out);
            row.detail.encode(out);
            // None is the greatest number, which would take five bytes.
            row.page.wrapping_add(1).encode(out);
            row.depth.wrapping_add(1).encode(out);
            row.status.encode(out);
            row.got.encode(out);
            row.attempts.encode(out);
            row.hops.wrapping_add(1).encode(out);
        }
    }
}

impl Urls {
    pub(in crate::engine) fn decode_into(&mut self, input: &mut &[u8]) -> Result<(), Corrupt> {
        for number in 0..usize::decode(input)? {
            let flags = Flags(u16::decode(input)?);
            let origin = u32::decode(input)?;
            let rest = core::str::from_utf8(take_bytes(input)?).map_err(|_| Corrupt)?;
            let id = if flags.has(Flags::EACH) {
                self.append_item(origin, rest)
            } else {
                self.intern(origin, rest).map(|(id, _)| id)
            };
            if id != u32::try_from(number).ok().map(UrlId) {
                return Err(Corrupt);
            }
            let row: &mut Row = &mut self[id.ok_or(Corrupt)?];
            row.flags = flags;
            row.state = State::decode(input)?;
            row.detail = u32::decode(input)?;
            row.page = u32::decode(input)?.wrapping_sub(1);
            row.depth = u16::decode(input)?.wrapping_sub(1);
            row.status = u16::decode(input)?;
            row.got = Decode::decode(input)?;
            row.attempts = u8::decode(input)?;
            row.hops = u8::decode(input)?.wrapping_sub(1);
        }
        Ok(())
    }
}
