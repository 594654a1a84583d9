//! What must hold for any bytes. Each body takes one input and panics where something does not hold; the fuzzer
//! (`tests/fuzz`) looks for such inputs, and `corpus.rs` replays those that are worth keeping.
#![allow(clippy::unwrap_used, reason = "a body that cannot go on has found something")]
#![allow(dead_code, unused_imports, reason = "the fuzzer and the replay each use a part")]

mod answers;
mod codec;
mod css;
mod digest;
mod drive;
mod header;
mod input;
mod refresh;
mod resolve;
mod robots;
mod sitemap;
mod snapshot;
mod srcset;

pub(crate) use answers::told;
pub(crate) use drive::{CRAWLS, Crawl, Draws};
pub(crate) use snapshot::input_of;

/// A target's name, which is that of its corpus's folder, and its body.
pub(crate) type Target = (&'static str, fn(&[u8]));

pub(crate) const TARGETS: [Target; 11] = [
    ("answers", answers::body),
    ("codec", codec::body),
    ("css", css::body),
    ("digest", digest::body),
    ("header", header::body),
    ("refresh", refresh::body),
    ("resolve", resolve::body),
    ("robots", robots::body),
    ("sitemap", sitemap::body),
    ("snapshot", snapshot::body),
    ("srcset", srcset::body),
];

/// Runs the body of this name.
pub(crate) fn run(name: &str, data: &[u8]) {
    let (_, body) = TARGETS.iter().find(|(known, _)| *known == name).unwrap();
    body(data);
}
