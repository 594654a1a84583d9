//! Numbers from a seed.

use core::time::Duration;

/// A stream of draws from a seed (splitmix64). The same seed gives the same stream on every machine and in every
/// version; forked streams have nothing to do with each other, so one more draw in one shifts no other.
#[derive(Clone, Debug)]
pub struct Draws(u64);

impl Draws {
    /// The stream of this seed.
    #[must_use]
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A stream of its own for a purpose.
    #[must_use]
    pub fn fork(&self, purpose: &str) -> Self {
        Self(mix(self.0 ^ hash(purpose)))
    }

    /// The next number, of all 64 bits.
    pub fn draw(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        mix(self.0)
    }

    /// A number below `bound`; 0 if that is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        scale(self.draw(), bound)
    }

    /// True once in so many times.
    pub fn one_in(&mut self, times: u64) -> bool {
        self.below(times) == 0
    }

    /// A duration from `least` to `most`, in microseconds.
    pub fn between(&mut self, least: Duration, most: Duration) -> Duration {
        let range = most.saturating_sub(least).as_micros();
        least + Duration::from_micros(self.below(u64::try_from(range).unwrap_or(u64::MAX).saturating_add(1)))
    }
}

const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;

/// A draw that is named by numbers, not by how many came before.
pub(crate) const fn keyed(seed: u64, what: u64, which: u64) -> u64 {
    mix(mix(seed ^ what.wrapping_mul(GOLDEN)) ^ which)
}

/// A 64-bit draw brought below a bound.
pub(crate) const fn scale(draw: u64, bound: u64) -> u64 {
    ((draw as u128 * bound as u128) >> 64) as u64
}

/// A number between 0 and 1 from a draw, neither of them included.
pub(crate) fn unit(draw: u64) -> f64 {
    ((draw >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
}

/// Any change of a bit changes about half of the bits.
pub(crate) const fn mix(mut z: u64) -> u64 {
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// A number for a text, eight bytes at a time; stable, and no defence against whoever chooses the text.
pub(crate) fn hash(text: &str) -> u64 {
    let (words, rest) = text.as_bytes().as_chunks::<8>();
    let mut state = GOLDEN ^ text.len() as u64;
    for word in words {
        state = (state ^ u64::from_le_bytes(*word)).wrapping_mul(GOLDEN);
        state ^= state >> 29;
    }
    let mut last = [0; 8];
    last[..rest.len()].copy_from_slice(rest);
    mix(state ^ u64::from_le_bytes(last))
}
