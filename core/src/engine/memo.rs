//! Links that were seen a moment ago.
//!
//! Navigation repeats on every page of a site, word for word. This cache finds such a link by one cheap hash and one
//! comparison, where the tables take three keyed hashes. It holds nothing that the tables do not: a miss, and so an
//! attacker's collision, costs the ordinary way and no more.

use super::frontier::OriginId;
use super::output::UrlId;
use crate::digest::PackedLink;
use crate::store::{TextId, quick_hash};

/// Slots at first, and at most; powers of two, since the low bits of a hash choose one.
const FEWEST: usize = 64;
const MOST: usize = 4_096;

/// Bytes of a link's strings that a slot has room for; longer ones are not kept.
const ROOM: usize = 160;

/// What a link's strings came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) target: UrlId,
    pub(super) text: TextId,
    pub(super) fragment: Option<TextId>,
    pub(super) spelling: Option<TextId>,
}

/// A link, in three lines of the processor's cache with no pointer between them: what a look-up costs is to wait for
/// them.
#[derive(Clone, Debug)]
#[repr(align(64))]
struct Slot {
    key: u64,
    known: Known,
    strings: [u8; ROOM],
}

impl Slot {
    /// No [`key_of`] a link is this one.
    const EMPTY: Self = Self {
        key: u64::MAX,
        known: Known { target: UrlId(0), text: TextId::EMPTY, fragment: None, spelling: None },
        strings: [0; ROOM],
    };
}

/// A direct-mapped cache of recent links, which grows with the crawl.
#[derive(Clone, Debug, Default)]
pub(super) struct Memo(Vec<Slot>);

impl Memo {
    /// What a link with this [`hash`] came to when it was last seen, if that was not long ago.
    #[inline]
    pub(super) fn get(&self, hash: u64, origin: OriginId, link: &PackedLink<'_>) -> Option<Known> {
        let slot = self.0.get(self.place(hash))?;
        let strings = link.strings.as_bytes();
        let same = slot.key == key_of(origin, link) && slot.strings.get(..strings.len()) == Some(strings);
        same.then_some(slot.known)
    }

    /// Takes the place of the link that was there.
    pub(super) fn put(&mut self, hash: u64, origin: OriginId, link: &PackedLink<'_>, known: Known) {
        if self.0.len() < MOST && self.0.len() <= known.target.0 as usize {
            let slots = (self.0.len() * 4).clamp(FEWEST, MOST);
            // What it held is found in the tables.
            self.0 = vec![Slot::EMPTY; slots];
        }
        let place = self.place(hash);
        let slot = &mut self.0[place];
        if let Some(strings) = slot.strings.get_mut(..link.strings.len()) {
            strings.copy_from_slice(link.strings.as_bytes());
            slot.key = key_of(origin, link);
            slot.known = known;
        }
    }

    fn place(&self, hash: u64) -> usize {
        hash as usize & self.0.len().wrapping_sub(1)
    }
}

/// Origin and lengths in one number. Lengths that it has no room for are those of strings that are not kept.
#[inline]
fn key_of(origin: OriginId, link: &PackedLink<'_>) -> u64 {
    let lengths = link.lengths.map(|length| length as u8);
    (u64::from(origin) << 32) | u64::from(u32::from_le_bytes(lengths))
}

/// Hashes a link for a look-up.
#[inline]
pub(super) fn hash(link: &PackedLink<'_>) -> u64 {
    quick_hash(link.strings.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::{Known, Memo, ROOM, hash};
    use crate::digest::{Link, Links, Place, Role, Target};
    use crate::engine::output::UrlId;
    use crate::store::TextId;
    use proptest::prelude::*;

    type Parts = (u32, String, Option<String>, String, Option<String>);

    /// Strings of few letters, so that links are alike; some too long to be kept.
    fn parts() -> impl Strategy<Value = Parts> {
        let letters = || prop_oneof![4 => 0..4_usize, 1 => ROOM - 3..2 * ROOM];
        let of_letters = |count| proptest::collection::vec(prop_oneof![Just('a'), Just('b')], count);
        let text = move || letters().prop_flat_map(of_letters).prop_map(String::from_iter);
        (0..2_u32, text(), proptest::option::of(text()), text(), proptest::option::of(text()))
    }

    proptest! {
        #[test]
        fn what_is_found_is_what_was_put(all in proptest::collection::vec(parts(), 1..60)) {
            let mut links = Links::default();
            for (_, rest, fragment, text, spelling) in &all {
                links.push(&Link {
                    target: Target::Invalid(rest), fragment: fragment.as_deref(), text, spelling: spelling.as_deref(),
                    place: Place::A_HREF, role: Role::Followed, nofollow: false, line: 1, column: 1,
                });
            }
            let mut memo = Memo::default();
            let mut hits = 0;
            for (index, (link, parts)) in links.packed().zip(&all).enumerate() {
                let first = all.iter().position(|known| known == parts).unwrap();
                let known = |number: usize| Known {
                    target: UrlId(number as u32), text: TextId::EMPTY, fragment: None, spelling: None,
                };
                match memo.get(hash(&link), parts.0, &link) {
                    Some(found) => {
                        hits += 1;
                        prop_assert_eq!(found, known(first));
                        prop_assert!(link.strings.len() <= ROOM);
                    }
                    None => memo.put(hash(&link), parts.0, &link, known(first)),
                }
                let kept = memo.get(hash(&link), parts.0, &link);
                prop_assert_eq!(kept.is_some(), link.strings.len() <= ROOM, "link {}", index);
            }
            prop_assert!(hits < all.len());
        }
    }
}
