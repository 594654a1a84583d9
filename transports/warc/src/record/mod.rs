//! Writing archives.

mod fields;
mod output;
mod pack;
mod recorder;
mod recording;
mod redact;

pub use output::Written;
pub use recorder::{Builder, Recorder};
