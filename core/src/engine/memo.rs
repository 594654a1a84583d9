//! Links that were seen a moment ago.
//!
//! Navigation repeats on every page of a site, word for word. This cache finds such a link by one cheap hash and one
//! comparison, where the tables take three keyed hashes. It holds nothing that the tables do not: a miss, and so an
//! attacker's collision, costs the ordinary way and no more.

use super::frontier::OriginId;
use super::output::UrlId;
use crate::digest::PackedLink;
use crate::store::{TextId, quick_hash};

/// A power of two: the low bits of the hash choose the slot.
const SLOTS: usize = 4_096;

/// What a link's strings came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) target: UrlId,
    pub(super) text: TextId,
    pub(super) fragment: Option<TextId>,
    pub(super) spelling: Option<TextId>,
}

#[derive(Clone, Debug)]
struct Slot {
    origin: Option<OriginId>,
    lengths: [u32; 4],
    strings: String,
    known: Known,
}

/// A direct-mapped cache of recent links.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo(Vec<Option<Slot>>);

impl Memo {
    /// What this link came to when it was last seen, if that was not long ago; otherwise what `ask` makes of it.
    pub(super) fn find(
        &mut self,
        origin: Option<OriginId>,
        link: &PackedLink<'_>,
        ask: impl FnOnce() -> Option<Known>,
    ) -> Option<Known> {
        if self.0.is_empty() {
            self.0.resize_with(SLOTS, || None);
        }
        let lengths = link.lengths;
        let hash = quick_hash(link.strings.as_bytes());
        let place = &mut self.0[(hash >> 40) as usize % SLOTS];
        if let Some(slot) = place {
            if slot.origin == origin && slot.lengths == lengths && slot.strings == link.strings {
                return Some(slot.known);
            }
            slot.known = ask()?;
            (slot.origin, slot.lengths) = (origin, lengths);
            slot.strings.clear();
            slot.strings.push_str(link.strings);
            return Some(slot.known);
        }
        let known = ask()?;
        *place = Some(Slot { origin, lengths, strings: link.strings.to_owned(), known });
        Some(known)
    }
}
