//! Replays the inputs that the fuzzer (`tests/fuzz`) has found worth keeping, those that once broke something
//! among them.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod fuzz_bodies;

use fuzz_bodies::{CRAWLS, Crawl, Draws, TARGETS, input_of, run, told};
use std::path::PathBuf;

fn replay(name: &str) {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "corpus", name].iter().collect();
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    assert!(!files.is_empty(), "{name} has no corpus");
    for file in files {
        let data = std::fs::read(&file).unwrap();
        let outcome = std::panic::catch_unwind(|| run(name, &data));
        assert!(outcome.is_ok(), "{}", file.display());
    }
}

#[test]
fn each_folder_has_a_target() {
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "corpus"].iter().collect();
    let mut folders: Vec<String> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    folders.sort();
    assert_eq!(folders, TARGETS.map(|(name, _)| name));
}

macro_rules! replays {
    ($($name:ident),*) => {$(
        #[test]
        fn $name() {
            replay(stringify!($name));
        }
    )*};
}

replays!(answers, codec, css, digest, header, refresh, resolve, robots, sitemap, snapshot, srcset);

/// The states of live crawls, as the current version writes them: whole, they are resumed; damaged and signed
/// again, they are refused or brought to an end.
#[test]
fn live_states() {
    let mut draws = Draws(42);
    for number in 0..CRAWLS {
        let crawl = Crawl::numbered(number);
        for state in &crawl.states(7, draws.next()) {
            assert!(crawl.resume(state).is_some(), "a state of crawl {number} is refused");
            let input = input_of(number, state);
            run("snapshot", &input);
            for _ in 0..100 {
                run("snapshot", &damaged(&input, &mut draws));
            }
        }
    }
}

/// Each number of a state made greater by one, less by one, and as great as can be: while robots rules are asked
/// for, and when the first page is known.
#[test]
fn every_number_of_a_state() {
    for number in 0..CRAWLS {
        let states = Crawl::numbered(number).states(1, 1);
        for at in [1, 2, 4] {
            let input = input_of(number, &states[at]);
            for at in 1..input.len() {
                for byte in [&[input[at].wrapping_add(1)], &[input[at].wrapping_sub(1)], GREATEST] {
                    run("snapshot", &[&input[..at], byte, &input[at + 1..]].concat());
                }
            }
        }
    }
}

/// The greatest number, as it is stored.
const GREATEST: &[u8] = &[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1];

/// One to three bytes changed, left out or put in, behind the first.
fn damaged(input: &[u8], draws: &mut Draws) -> Vec<u8> {
    let mut input = input.to_vec();
    for _ in 0..=draws.below(3) {
        let at = 1 + draws.below(input.len() - 1);
        match draws.below(4) {
            0 => input[at] = input[at].wrapping_add(1),
            1 => input[at] = (draws.next() & 0xff) as u8,
            2 => drop(input.remove(at)),
            _ => input.insert(at, (draws.next() & 0x7f) as u8),
        }
    }
    input
}

/// Answers as a journal has them, whole and damaged.
#[test]
fn told_answers() {
    let mut draws = Draws(7);
    for _ in 0..3_000 {
        run("answers", &damaged(&told(), &mut draws));
    }
}

/// The fuzzer begins from states of live crawls, and from answers; those in the corpus are of this version.
/// `CRAWLSPACE_GOLDEN=write` writes them anew, where a format has changed.
#[test]
fn what_the_fuzzer_begins_from_is_of_this_version() {
    let mut files = vec![(PathBuf::from("answers/told"), told())];
    for number in 0..CRAWLS {
        let states = Crawl::numbered(number).states(1, 1);
        for (name, at) in [("begun", 0), ("early", states.len() / 6), ("middle", states.len() / 2)] {
            files.push((format!("snapshot/live-{number}-{name}").into(), input_of(number, &states[at])));
        }
    }
    let folder: PathBuf = [env!("CARGO_MANIFEST_DIR"), "tests", "corpus"].iter().collect();
    let write = std::env::var_os("CRAWLSPACE_GOLDEN").is_some_and(|value| value == "write");
    for (file, input) in files {
        let file = folder.join(file);
        if write {
            std::fs::write(&file, &input).unwrap();
        }
        assert_eq!(std::fs::read(&file).unwrap(), input, "{}", file.display());
    }
}
