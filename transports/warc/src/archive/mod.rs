//! Reading archives.

mod body;
mod fields;
mod head;
mod index;
mod open;
mod records;
mod replay;

pub use open::Archive;
pub use replay::Replay;
