//! Storage in chunks: growth never copies what is there, so the peak is the total.

mod arena;
mod chunks;
mod hash;
mod texts;

pub(crate) use arena::{Arena, TextRef};
pub(crate) use chunks::Chunks;
pub(crate) use hash::{quick_hash, slot_of, spread_hash};
pub(crate) use texts::{TextId, Texts};
