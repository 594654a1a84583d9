//! How fast a page is digested: `cargo bench -p crawlspace --bench digest -- [--once] [--hostile] [FOLDER]`.
//!
//! Without a folder, over pages made here, of about 21 kB and 68 links each; with one, over its HTML files. `--once` digests
//! each page once and prints nothing, for callgrind. `--hostile` digests pages made to be slow, of 1 MB and of 2:
//! the second takes twice as long as the first.
#![allow(clippy::print_stdout, clippy::disallowed_types, clippy::disallowed_methods, missing_docs)]

use crawlspace::Need;
use crawlspace::digest::Digest;
use pages::{digest, page, read};
use std::hint::black_box;
use std::path::Path;
use std::time::Instant;

#[path = "support/pages.rs"]
mod pages;

fn main() {
    if std::env::args().any(|argument| argument == "--hostile") {
        return hostile();
    }
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let pages = match &folder {
        Some(folder) => read(Path::new(folder)),
        None => (0..100).map(page).collect(),
    };
    if std::env::args().any(|argument| argument == "--once") {
        for page in &pages {
            black_box(digest(page, Need::Links, 16 * 1024));
        }
        return;
    }
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let links: usize = pages.iter().map(|page| digest(page, Need::Links, 16 * 1024).links.len()).sum();
    let count = pages.len();
    println!("{count} pages of {} bytes and {} links on average", bytes / count, links / count);
    measure("links and ids", &pages, |page| digest(page, Need::Links, 16 * 1024));
    measure("links and ids, 1 kB chunks", &pages, |page| digest(page, Need::Links, 1024));
    measure("ids alone", &pages, |page| digest(page, Need::Ids, 16 * 1024));
}

fn hostile() {
    type Make = fn(usize) -> String;
    let pages: [(&str, Make); 12] = [
        ("attributes of one tag", |size| {
            format!("<a {}>", (0..size / 10).map(|n| format!(" a{n:07}=")).collect::<String>())
        }),
        ("the same attribute", |size| format!("<a {}>", "href=/u ".repeat(size / 8))),
        ("<", |size| "<".repeat(size)),
        ("& in a link", |size| format!("<a href=/>{}", "&".repeat(size))),
        ("&a in a value", |size| format!("<a href=\"{}\">", "&a".repeat(size / 2))),
        ("NUL", |size| "\0".repeat(size)),
        ("a quotation mark", |size| format!("<a href=\"{}", "<a b='".repeat(size / 6))),
        ("<div>", |size| "<div>".repeat(size / 5)),
        ("<svg><desc>", |size| "<svg><desc>".repeat(size / 11)),
        ("</math> in <svg>", |size| format!("{}{}", "<svg>".repeat(1000), "</math>".repeat(size / 7))),
        ("<!--", |size| "<!--".repeat(size / 4)),
        ("<script><!--<script>", |size| format!("<script>{}", "<!--<script>".repeat(size / 12))),
    ];
    for (what, make) in pages {
        let time = |size| {
            let page = make(size);
            let once = || {
                let start = Instant::now();
                black_box(digest(page.as_bytes(), Need::Links, 16 * 1024));
                start.elapsed()
            };
            (0..5).map(|_| once()).min().unwrap_or_default().as_secs_f64() * 1e3
        };
        let (one, two) = (time(1 << 20), time(2 << 20));
        println!("{what:24} {one:8.2} ms a MB, {two:8.2} ms two");
    }
}

/// The best of many rounds, since noise only adds.
fn measure(what: &str, pages: &[Vec<u8>], run: impl Fn(&[u8]) -> Digest) {
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let round = || {
        let start = Instant::now();
        for page in pages {
            black_box(run(black_box(page)));
        }
        start.elapsed()
    };
    let rounds = (40_000 / pages.len()).clamp(5, 400);
    let best = (0..rounds).map(|_| round()).min().unwrap_or_default();
    let per_page = best.as_secs_f64() * 1e6 / pages.len() as f64;
    println!("{what:30} {per_page:8.2} µs a page {:8.0} MB/s", bytes as f64 / best.as_secs_f64() / 1e6);
}
