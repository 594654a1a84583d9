//! Origins and the like: most stand on many pages.

use crate::codec::{Corrupt, put_varint, take, take_varint};
use crate::store::quick_hash;

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
        let slot = slot_of(text);
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
        let text = core::str::from_utf8(take(input, rest)?).map_err(|_| Corrupt)?;
        self.remember(slot_of(text), text);
        Ok(text.to_owned())
    }

    fn remember(&mut self, slot: usize, text: &str) {
        if text.len() <= LONGEST {
            text.clone_into(&mut self.0[slot]);
        }
    }
}

fn slot_of(text: &str) -> usize {
    // All bits of the hash count: two origins that all pages link to cost on each page if they share a slot.
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    (quick_hash(text.as_bytes()).wrapping_mul(GOLDEN) >> (u64::BITS - SLOTS.trailing_zeros())) as usize
}
