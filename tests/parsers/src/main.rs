//! How fast the links of a page are found, beside what other parsers of HTML take: see `README.md`.

/// The pages that are read, and how the digest reads them: those of the core's own benchmark.
#[path = "../../../core/benches/support/pages.rs"]
mod pages;
mod readers;

use readers::{Facts, READERS};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let folder = arguments.iter().find(|argument| !argument.starts_with("--"));
    let only = arguments.iter().find_map(|argument| argument.strip_prefix("--once="));
    let pages = match folder {
        Some(folder) => pages::read(Path::new(folder)),
        None => (0..100).map(pages::page).collect(),
    };
    if let Some(only) = only {
        for reader in READERS.iter().filter(|reader| reader.key == only) {
            for page in &pages {
                black_box((reader.read)(page));
            }
        }
        return;
    }
    let bytes: usize = pages.iter().map(Vec::len).sum();
    println!("{} pages, {} bytes each on average", pages.len(), bytes / pages.len().max(1));
    println!("{:44} {:>10} {:>8} {:>8} {:>8}", "", "µs a page", "MB/s", "links", "ids");
    for reader in READERS {
        let rounds = (4_000 / pages.len().max(1)).clamp(3, 60);
        // The best of many rounds, since noise only adds.
        let best = (0..rounds).map(|_| round(&pages, reader.read)).min_by(f64::total_cmp).unwrap_or(0.0);
        let found = pages.iter().map(|page| (reader.read)(page)).fold(Facts::default(), |sum, facts| Facts {
            links: sum.links + facts.links,
            ids: sum.ids + facts.ids,
        });
        println!(
            "{:44} {:10.1} {:8.0} {:8} {:8}",
            reader.name,
            best * 1e6 / pages.len() as f64,
            bytes as f64 / best / 1e6,
            found.links,
            found.ids
        );
    }
}

/// The seconds that it takes to read each page once.
fn round(pages: &[Vec<u8>], read: fn(&[u8]) -> Facts) -> f64 {
    let start = Instant::now();
    for page in pages {
        black_box(read(black_box(page)));
    }
    start.elapsed().as_secs_f64()
}
