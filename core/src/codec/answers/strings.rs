//! Paths, texts and the like: most stand on many pages.

use crate::codec::{Corrupt, put_varint, take_varint};
use crate::store::quick_hash;

/// A power of two: more take more memory, fewer forget more.
const SLOTS: usize = 1 << 14;

/// Bytes of the longest string that is remembered: what strangers send must not fill the memory.
const LONGEST: usize = 256;

/// Strings that were seen a moment ago, each in the slot that its hash names.
#[derive(Debug)]
pub(super) struct SeenStrings(Vec<String>);

/// Where a string stands, as long as no other takes its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Slot(u16);

impl Slot {
    /// Of what is too long to be remembered.
    pub(super) const NONE: Self = Self(u16::MAX);

    pub(super) const fn number(self) -> u16 {
        self.0
    }
}

impl Default for SeenStrings {
    fn default() -> Self {
        Self(vec![String::new(); SLOTS])
    }
}

impl SeenStrings {
    /// One that stands in its slot is the slot's number; another is its length, and itself. The last bit tells them
    /// apart.
    pub(super) fn encode(&mut self, text: &str, out: &mut Vec<u8>) -> Slot {
        let slot = slot_of(text);
        let known = self.0.get_mut(usize::from(slot.0));
        if known.as_ref().is_some_and(|known| *known == text) {
            put_varint(out, u64::from(slot.0) << 1);
            return slot;
        }
        put_varint(out, (text.len() as u64) << 1 | 1);
        out.extend_from_slice(text.as_bytes());
        remember(known, text);
        slot
    }

    /// Appends the string to `text`.
    pub(super) fn decode(&mut self, input: &mut &[u8], text: &mut String) -> Result<Slot, Corrupt> {
        let number = take_varint(input)?;
        if number & 1 == 0 {
            let slot = u16::try_from(number >> 1).map(Slot).map_err(|_| Corrupt)?;
            text.push_str(self.get(slot).ok_or(Corrupt)?);
            return Ok(slot);
        }
        let length = usize::try_from(number >> 1).map_err(|_| Corrupt)?;
        let (bytes, rest) = input.split_at_checked(length).ok_or(Corrupt)?;
        *input = rest;
        let new = core::str::from_utf8(bytes).map_err(|_| Corrupt)?;
        text.push_str(new);
        let slot = slot_of(new);
        remember(self.0.get_mut(usize::from(slot.0)), new);
        Ok(slot)
    }

    /// Whether this slot holds these bytes.
    #[inline]
    pub(super) fn holds(&self, slot: Slot, bytes: &[u8]) -> bool {
        self.0.get(usize::from(slot.0)).is_some_and(|known| known.as_bytes() == bytes)
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&str> {
        self.0.get(usize::from(slot.0)).map(String::as_str)
    }
}

fn slot_of(text: &str) -> Slot {
    if text.len() > LONGEST {
        return Slot::NONE;
    }
    // All bits of the hash count: two strings of a site's navigation in one slot cost on each page.
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let hash = quick_hash(text.as_bytes()).wrapping_mul(GOLDEN);
    Slot((hash >> (u64::BITS - SLOTS.trailing_zeros())) as u16)
}

fn remember(place: Option<&mut String>, text: &str) {
    if let Some(place) = place {
        place.clear();
        place.push_str(text);
    }
}
