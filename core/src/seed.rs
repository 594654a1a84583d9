//! Entropy as an argument: the seed, and draws keyed by what they are for.

use core::hash::Hasher;
use siphasher::sip::SipHasher13;
use siphasher::sip128::{Hasher128, SipHasher13 as SipHasher128};

/// Where all that looks random in a crawl comes from. Required, with no default.
///
/// The same seed, configuration and answers give the same crawl. An embedder that crawls strangers' sites passes
/// a value they cannot guess: the keys of the URL table and of the kept fragment ids are derived from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Seed(pub u64);

impl Seed {
    /// The key for hashes of one kind. Different purposes give unrelated keys.
    pub(crate) fn key(self, purpose: &str) -> HashKey {
        let mut hasher = SipHasher128::new_with_keys(self.0, 0x6372_6177_6c73_7063);
        hasher.write(purpose.as_bytes());
        let hash = hasher.finish128();
        HashKey(hash.h1, hash.h2)
    }

    /// A draw in `0..=u64::MAX` that depends on what it is for and on nothing else: not on how many draws came
    /// before, so that jitter cannot depend on which answer came first.
    pub(crate) fn draw(self, purpose: &str, subject: &str, attempt: u32) -> u64 {
        let HashKey(a, b) = self.key(purpose);
        let mut hasher = SipHasher13::new_with_keys(a, b);
        hasher.write(subject.as_bytes());
        hasher.write_u32(attempt);
        hasher.finish()
    }
}

/// A key for SipHash, derived from the [`Seed`]: what is hashed is chosen by strangers.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct HashKey(pub(crate) u64, pub(crate) u64);

impl HashKey {
    /// SipHash-1-3 of some bytes under this key; stable across machines and versions.
    #[must_use]
    pub fn hash(self, bytes: &[u8]) -> u64 {
        SipHasher13::new_with_keys(self.0, self.1).hash(bytes)
    }
}

impl core::fmt::Debug for HashKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("HashKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::Seed;

    #[test]
    fn draws_depend_on_purpose_subject_and_attempt_only() {
        let seed = Seed(7);
        let first = seed.draw("retry", "http://a/", 1);
        assert_eq!(first, seed.draw("retry", "http://a/", 1));
        assert_ne!(first, seed.draw("retry", "http://a/", 2));
        assert_ne!(first, seed.draw("retry", "http://b/", 1));
        assert_ne!(first, seed.draw("order", "http://a/", 1));
        assert_ne!(first, Seed(8).draw("retry", "http://a/", 1));
    }
}
