//! How much room a state takes: at most 40 bytes a known URL, 20 an occurrence, and each text once.

use super::{AT, Ram, SLOTS, config};
use crate::journal::Journal;
use crate::journal::recorder::Settings;
use crate::journal::replay::Found;
use crate::journal::store::File;
use crate::{Clock, Crawl};
use core::time::Duration;
use crawlspace::digest::{Digest, Link, Links, Media, Place, Role, Target, Transfer};
use crawlspace::{Engine, Outcome, Request, Seed, Validators};
use std::collections::BTreeSet;
use std::future::ready;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const PAGES: u64 = 600;

/// What the site has told: as each string counts once, and by how many links.
#[derive(Default)]
struct Told {
    texts: BTreeSet<String>,
    ids: BTreeSet<u64>,
    occurrences: u64,
}

/// A page with navigation on top and at its end, and links of its own between these, with texts of which there are some
/// thousands, put behind `words`.
fn page(number: u64, words: &str, told: &mut Told) -> Outcome {
    let mut links = Links::default();
    let mut put = |rest: &str, text: &str, line: u32| {
        links.push(&Link {
            target: Target::Url { origin: "http://site.test", origin_index: 0, rest },
            fragment: None,
            text,
            spelling: None,
            place: Place::A_HREF,
            role: Role::Followed,
            nofollow: false,
            line,
            column: 5,
        });
        told.texts.extend([rest.to_owned(), text.to_owned()]);
        told.occurrences += 1;
    };
    (0..12).for_each(|item| put(&format!("/{item}"), &format!("Section {item}"), 10 + item));
    let mut draw = number;
    let mut line = 30;
    for child in 1..=8 {
        // A generator by Knuth: any other would do.
        draw = draw.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let to = if child < 3 { 2 * number + child } else { draw >> 33 };
        line += 1 + (draw >> 60) as u32;
        put(&format!("/{}", to % PAGES), &format!("{words} {}", (draw >> 40) % 3_000), line);
    }
    (0..6).for_each(|item| put(&format!("/{}", item + 20), &format!("Footnote {item}"), line + 9 + item));
    let mut ids = vec![7, 1 << 40, number << 44 | 9];
    ids.sort_unstable();
    told.ids.extend(&ids);
    let transfer = Transfer {
        encoded: 20_000 + number,
        decoded: 90_000 + number,
        first_byte: Duration::from_micros(1_200),
        total: Duration::from_micros(2_500),
    };
    let validators =
        Validators { etag: None, last_modified: Some("Fri, 20 Nov 2026 10:00:00 GMT".to_owned()) };
    Outcome::Answered(Box::new(Digest {
        status: 200,
        media: Media::Html,
        links,
        ids,
        transfer,
        validators,
        ..Digest::default()
    }))
}

/// What was seen of a state's size.
struct Sizes {
    /// At any moment.
    most: u64,
    last: u64,
    allowed: u64,
    snapshots: u64,
}

/// Crawls the site, where a journal of 8 KiB may give way to a new snapshot.
fn sizes(words: &'static str) -> Sizes {
    let disk = Ram::default();
    let ticks = AtomicU64::new(0);
    let clock =
        Clock::from_fn(move || crawlspace::Time::from_micros(700 * ticks.fetch_add(1, Ordering::Relaxed)));
    let settings = Settings { rotate_after: 8 << 10, ..Settings::default() };
    let journal = Journal { store: disk.store(), settings };
    let crawl = Crawl::new(Engine::new(config(), Seed(1), AT)).clock(clock).journal(journal).unwrap();
    let told = Arc::new(Mutex::new(Told::default()));
    let fetch = {
        let told = Arc::clone(&told);
        move |request: Request| {
            let number = request.url.path()[1..].parse().unwrap();
            ready(page(number, words, &mut told.lock().unwrap()))
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let engine = runtime.block_on(crawl.run_async(fetch, tokio::time::sleep, SLOTS));
    assert_eq!(engine.report().summary().checked, PAGES);
    let Found::Interrupted { engine: again, cut: 0 } = disk.store().load(&config(), AT).unwrap() else {
        panic!("it is there, whole");
    };
    assert_eq!(super::report(&again), super::report(&engine));

    let told = told.lock().unwrap();
    // Kept ids are texts, too: eight bytes each.
    let texts: usize = told.texts.iter().map(String::len).sum::<usize>() + 8 * told.ids.len();
    let allowed = 40 * PAGES + 20 * told.occurrences + texts as u64;
    let newest = disk.store().files().unwrap().into_iter().map(File::number).max();
    Sizes { most: disk.most(), last: disk.size(), allowed, snapshots: newest.unwrap() }
}

/// What pages have in common is told once, so that the journal needs no other snapshot than the first.
#[test]
fn a_state_is_small_at_any_moment() {
    let Sizes { most, last, allowed, snapshots } = sizes("Read about");
    assert!(most <= allowed, "{most} bytes at most, {allowed} allowed");
    assert!(last <= most, "{last} bytes in the end");
    assert_eq!(snapshots, 1);
}

/// Where each page has long texts of its own, which others have too, snapshots tell them once. Each is put beside the old
/// one and its journal before these go.
#[test]
fn snapshots_keep_it_small() {
    let Sizes { most, last, allowed, snapshots } = sizes(WORDS);
    assert!(last <= allowed, "{last} bytes in the end, {allowed} allowed");
    assert!(most <= allowed + allowed / 2, "{most} bytes at most, {allowed} allowed");
    assert!(
        (3..12).contains(&snapshots),
        "{snapshots} snapshots, of which each should outgrow the one before"
    );
}

const WORDS: &str =
    "Read more in the next chapter, which tells of all that has been left out here, and of item";
