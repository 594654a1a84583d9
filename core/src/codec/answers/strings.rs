//! Origins and the like: most stand on many pages.

use crate::codec::{Corrupt, put_varint, take, take_varint};
use crate::store::{slot_of, spread_hash};

/// A power of two: few, so that they stay near the processor.
const SLOTS: usize = 1 << 7;

/// Bytes of the longest string that is remembered: what strangers send must not fill the memory.
const LONGEST: usize = 256;

/// Strings that were seen a moment ago, each in the slot that its hash names.
#[derive(Debug)]
pub(super) struct SeenStrings(Vec<String>);

impl Default for SeenStrings {
    fn default() -> Self {
        Self(vec![String::new(); SLOTS])
    }
}

impl SeenStrings {
    /// One that stands in its slot is the slot's number; another is its length, and itself. The last bit tells them
    /// apart.
    pub(super) fn encode(&mut self, text: &str, out: &mut Vec<u8>) {
        let slot = slot_of(spread_hash(text.as_bytes()), SLOTS);
        if self.0[slot] == text {
            return put_varint(out, (slot as u64) << 1);
        }
        put_varint(out, (text.len() as u64) << 1 | 1);
        out.extend_from_slice(text.as_bytes());
        self.remember(slot, text);
    }

    pub(super) fn decode(&mut self, input: &mut &[u8]) -> Result<String, Corrupt> {
        let number = take_varint(input)?;
        let rest = usize::try_from(number >> 1).map_err(|_| Corrupt)?;
        if number & 1 == 0 {
            return self.0.get(rest).cloned().ok_or(Corrupt);
        }
        let bytes = take(input, rest)?;
        let text = core::str::from_utf8(bytes).map_err(|_| Corrupt)?;
        self.remember(slot_of(spread_hash(bytes), SLOTS), text);
        Ok(text.to_owned())
    }

    fn remember(&mut self, slot: usize, text: &str) {
        if text.len() <= LONGEST {
            text.clone_into(&mut self.0[slot]);
        }
    }
}
