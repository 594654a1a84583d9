//! Fragment targets: the ids of a template stand on all of its pages.

use crate::codec::{Corrupt, Decode, Encode, put_varint};

/// A power of two, so that a slot takes two bytes.
const SLOTS: usize = 1 << 12;

/// Ids that were seen a moment ago. They are hashes, so their low bits choose the slot.
#[derive(Debug)]
pub(super) struct SeenIds(Vec<u64>);

impl Default for SeenIds {
    fn default() -> Self {
        Self(vec![0; SLOTS])
    }
}

impl SeenIds {
    /// One that stands in its slot is the slot's number plus one; another is zero, and itself.
    pub(super) fn encode(&mut self, ids: &[u64], out: &mut Vec<u8>) {
        ids.len().encode(out);
        for id in ids {
            let slot = (*id % SLOTS as u64) as usize;
            if self.0[slot] == *id {
                put_varint(out, slot as u64 + 1);
            } else {
                out.push(0);
                out.extend_from_slice(&id.to_le_bytes());
                self.0[slot] = *id;
            }
        }
    }

    pub(super) fn decode(&mut self, input: &mut &[u8]) -> Result<Vec<u64>, Corrupt> {
        let count = usize::decode(input)?;
        // Each takes a byte at least.
        if count > input.len() {
            return Err(Corrupt);
        }
        let mut ids = Vec::with_capacity(count);
        for _ in 0..count {
            ids.push(match usize::decode(input)? {
                0 => {
                    let (bytes, rest) = input.split_first_chunk().ok_or(Corrupt)?;
                    *input = rest;
                    let id = u64::from_le_bytes(*bytes);
                    self.0[(id % SLOTS as u64) as usize] = id;
                    id
                }
                slot => *self.0.get(slot - 1).ok_or(Corrupt)?,
            });
        }
        Ok(ids)
    }
}
