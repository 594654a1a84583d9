//! A hash for caches, in which a collision costs a miss and nothing else.

/// Multiplies and folds, eight bytes at a time; every bit of what comes out depends on all that went in.
///
/// A journal's bytes depend on it ([`Answers`](crate::codec::Answers)): a change raises the journal's version.
pub(crate) fn quick_hash(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let hash = words.iter().fold(bytes.len() as u64, |hash, word| mix(hash, u64::from_le_bytes(*word)));
    if rest.is_empty() {
        return hash;
    }
    let last = match bytes.last_chunk::<8>() {
        // Some of it counts twice, which is quicker than byte by byte.
        Some(word) => u64::from_le_bytes(*word),
        None => rest.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
    };
    mix(hash, last)
}

fn mix(hash: u64, word: u64) -> u64 {
    // The golden ratio's digits, and pi's: odd, and without a pattern.
    const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
    const START: u64 = 0x243f_6a88_85a3_08d3;
    let product = u128::from(hash.rotate_left(23) ^ word ^ START) * u128::from(MULTIPLIER);
    product as u64 ^ (product >> 64) as u64
}

#[cfg(test)]
mod tests {
    use super::quick_hash;
    use std::collections::BTreeSet;

    /// Whichever bits choose a slot, strings that differ little have many.
    #[test]
    fn neighbours_are_far_apart() {
        for text in ["", "/p", "/section/", "/section/of/the/site/", "12345678"] {
            for shift in [0, 20, 40, 52] {
                let slots: BTreeSet<_> = (0..1_000)
                    .map(|number| quick_hash(format!("{text}{number}").as_bytes()) >> shift & 0xfff)
                    .collect();
                assert!(slots.len() > 800, "{} slots for {text}… in bits from {shift} on", slots.len());
            }
        }
    }
}
