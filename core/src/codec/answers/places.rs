//! How a writer finds links that have come before. A reader needs none of this.

use super::window::LINKS;
use crate::store::slot_of;

/// Marks that a place has room for.
const WAYS: usize = 2;

/// Where links that have come before may stand in the window.
///
/// Most links that are sought have not come before. That is told by a table of parts of hashes, so small that it stays
/// near the processor: to wait for memory took longer than all the rest.
#[derive(Debug)]
pub(super) struct Places {
    /// Of links that came a moment ago, the newer one first; as many places as a power of two.
    met: Vec<[u16; WAYS]>,
    /// By hash.
    numbers: Vec<u16>,
}

impl Default for Places {
    fn default() -> Self {
        Self { met: vec![[0; WAYS]; 1 << 10], numbers: vec![0; LINKS] }
    }
}

impl Places {
    /// A link comes whose strings have this [`spread_hash`](crate::store::spread_hash). Of one that comes for the first time,
    /// as far as is known, nothing; otherwise the number that it has if it is in the window.
    pub(super) fn meet(&mut self, hash: u64) -> Option<u16> {
        let place = slot_of(hash, self.met.len());
        // Other bits than those that chose the place; none is as before the first.
        let mark = hash as u16 | 1;
        let met = &mut self.met[place];
        if met.contains(&mark) {
            return Some(self.numbers[slot_of(hash, LINKS)]);
        }
        *met = [mark, met[0]];
        None
    }

    /// From now on, the link with this hash has this number.
    pub(super) fn put(&mut self, hash: u64, number: u16) {
        self.numbers[slot_of(hash, LINKS)] = number;
    }

    /// A document of so many links comes: what one document tells should still be known in the next.
    pub(super) fn make_room(&mut self, links: usize) {
        let most = 1 << 16;
        if links > self.met.len() && self.met.len() < most {
            self.met = vec![[0; WAYS]; links.next_power_of_two().min(most)];
        }
    }
}
