//! A hash for caches, in which a collision costs a miss and nothing else; its low bits choose the slot.

/// Hashes by folded multiplications, 16 bytes at a time; unkeyed, since all that a collision costs is a miss.
///
/// A journal's bytes depend on it ([`Answers`](crate::codec::Answers)): a change raises the journal's version.
#[inline]
pub(crate) fn quick_hash(bytes: &[u8]) -> u64 {
    let mut hash = bytes.len() as u64;
    let (blocks, rest) = bytes.as_chunks::<16>();
    for block in blocks {
        hash = fold(hash, block);
    }
    match bytes.last_chunk::<16>() {
        _ if rest.is_empty() => hash,
        // Some bytes a second time, which costs less than a loop over the rest.
        Some(last) => fold(hash, last),
        None => {
            let mut last = [0; 16];
            last[..rest.len()].copy_from_slice(rest);
            fold(hash, &last)
        }
    }
}

/// The same, with all of its bits in the upper ones, which choose the [slot](slot_of): strings of a site's navigation that
/// share a slot cost on each page.
#[inline]
pub(crate) fn spread_hash(bytes: &[u8]) -> u64 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    quick_hash(bytes).wrapping_mul(GOLDEN)
}

/// One of so many slots, as many as a power of two greater than one, by a [`spread_hash`].
#[inline]
pub(crate) fn slot_of(hash: u64, slots: usize) -> usize {
    (hash >> (u64::BITS - slots.trailing_zeros())) as usize
}

#[inline]
fn fold(hash: u64, block: &[u8; 16]) -> u64 {
    const MULTIPLIER: u64 = 0x517c_c1b7_2722_0a95;
    let block = u128::from_le_bytes(*block);
    let product = u128::from(hash ^ block as u64) * u128::from(MULTIPLIER ^ (block >> 64) as u64);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::quick_hash;
    use std::collections::BTreeSet;

    /// The low bits choose a slot: strings that differ little have many.
    #[test]
    fn neighbours_are_far_apart() {
        for text in ["", "/p", "/section/", "/section/of/the/site/", "12345678"] {
            let slots: BTreeSet<_> =
                (0..1_000).map(|number| quick_hash(format!("{text}{number}").as_bytes()) & 0xfff).collect();
            assert!(slots.len() > 750, "{} slots for {text}…", slots.len());
        }
    }
}
