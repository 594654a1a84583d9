//! How much room a state takes: at most 40 bytes a known URL, 20 an occurrence, and each text once.

use super::{AT, Ram, SLOTS, config};
use crate::journal::Journal;
use crate::journal::recorder::Settings;
use crate::journal::replay::Found;
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

/// A page with navigation on top and at its end, and links of its own, with their own texts, between these.
fn page(number: u64, told: &mut Told) -> Outcome {
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
        put(&format!("/{}", to % PAGES), &format!("Read about {}", (draw >> 40) % 3_000), line);
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

/// Crawls the site, with a new snapshot when a journal has grown by so much; the most that the disk ever held, what it
/// holds in the end, and what it may hold.
fn sizes(rotate_after: u64) -> (u64, u64, u64) {
    let disk = Ram::default();
    let ticks = AtomicU64::new(0);
    let clock =
        Clock::from_fn(move || crawlspace::Time::from_micros(700 * ticks.fetch_add(1, Ordering::Relaxed)));
    let settings = Settings { rotate_after, ..Settings::default() };
    let journal = Journal { store: disk.store(), settings };
    let crawl = Crawl::new(Engine::new(config(), Seed(1), AT)).clock(clock).journal(journal).unwrap();
    let told = Arc::new(Mutex::new(Told::default()));
    let fetch = {
        let told = Arc::clone(&told);
        move |request: Request| {
            let number = request.url.path()[1..].parse().unwrap();
            ready(page(number, &mut told.lock().unwrap()))
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
    (disk.most(), disk.size(), allowed)
}

/// A new snapshot is put beside the old one and its journal before these go: even then.
#[test]
fn a_state_is_small_at_any_moment() {
    // Snapshots now and then, as in a large crawl; and none, as in one that ends before.
    for rotate_after in [8 << 10, u64::MAX] {
        let (most, size, allowed) = sizes(rotate_after);
        assert!(most <= allowed, "{most} bytes at most, {allowed} allowed, snapshots after {rotate_after}");
        assert!(size <= most, "{size} bytes in the end");
    }
}
