//! What it costs to write an answer down, as a journal does: `cargo bench -p crawlspace --bench answers -- [--once] [FOLDER]`.
//!
//! Over pages made here, or the HTML files of a folder, in the order of their paths. Each is digested and then written, so that
//! what was written before has left the processor's caches as far as it does in a crawl; rounds that only digest take turns with
//! rounds that write too. `--once` is one round that writes, for callgrind.
#![allow(clippy::print_stdout, clippy::disallowed_types, clippy::disallowed_methods, missing_docs)]

use crawlspace::codec::{Answers, Decode};
use crawlspace::{Need, Outcome, Ticket};
use pages::{digest, page, read};
use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

#[path = "support/pages.rs"]
mod pages;

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let pages = match &folder {
        Some(folder) => read(Path::new(folder)),
        None => (0..2_000).map(page).collect(),
    };
    if std::env::args().any(|argument| argument == "--once") {
        black_box(round(&pages, true));
        return;
    }
    let mut best = [Duration::MAX; 2];
    let mut written = Written::default();
    for _ in 0..7 {
        for (best, write) in best.iter_mut().zip([false, true]) {
            let start = Instant::now();
            written = round(&pages, write);
            *best = (*best).min(start.elapsed());
        }
    }
    let [without, with] = best.map(|time| time.as_secs_f64() * 1e6 / pages.len() as f64);
    println!("{} pages of {} links on average", pages.len(), written.links / pages.len());
    println!(
        "digested {without:.2} µs a page; written {:.2} more, {:+.1}%",
        with - without,
        (with / without - 1.0) * 100.0
    );
    println!(
        "{} bytes a page, {:.1} a link",
        written.bytes / pages.len(),
        written.bytes as f64 / written.links as f64
    );
}

#[derive(Default)]
struct Written {
    links: usize,
    bytes: usize,
}

fn round(pages: &[Vec<u8>], write: bool) -> Written {
    let ticket = Ticket::from_bytes(&[1, 1]).expect("a ticket");
    let mut answers = Answers::default();
    let mut out = Vec::new();
    let mut written = Written::default();
    for page in pages {
        let digest = digest(page, Need::Links, 16 * 1024);
        written.links += digest.links.len();
        let outcome = Outcome::Answered(Box::new(digest));
        if write {
            // As a journal is: written away when some of it has come together.
            if out.len() > 16 * 1024 {
                out.clear();
            }
            let before = out.len();
            answers.encode(&ticket, &outcome, &mut out);
            written.bytes += out.len() - before;
        }
        black_box(&outcome);
    }
    written
}
