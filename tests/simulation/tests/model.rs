//! Inputs whose bytes decide a world and every step: a committed corpus, and what it must reach.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use crawlspace_simulation::model::{Reached, input, run};
use std::path::PathBuf;

fn folder() -> PathBuf {
    [env!("CARGO_MANIFEST_DIR"), "corpus"].iter().collect()
}

/// How many different things the corpus must reach: kinds of fetch, answers by method and outcome, events, waits,
/// commands. If it reaches less, the corpus or the model has become weaker: `CRAWLSPACE_CORPUS=write` draws a new one.
const FLOOR: usize = 75;

#[test]
fn the_corpus_holds_and_reaches() {
    if std::env::var_os("CRAWLSPACE_CORPUS").is_some_and(|value| value == "write") {
        write();
    }
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut reached = Reached::new();
    for file in files {
        let outcome = run(&std::fs::read(&file).unwrap());
        reached.extend(outcome.unwrap_or_else(|why| panic!("{}: {why}", file.display())));
    }
    assert!(reached.len() >= FLOOR, "only {} of {FLOOR}: {reached:#?}", reached.len());
}

/// Inputs that are drawn, as a fuzzer's first ones are.
#[test]
fn drawn_inputs_hold() {
    for seed in 0..1_500 {
        if let Err(why) = run(&input(seed)) {
            panic!("input {seed}: {why}");
        }
    }
}

/// Keeps the drawn inputs that reach something new.
fn write() {
    let mut reached = Reached::new();
    for seed in 0..3_000 {
        let input = input(seed);
        let Ok(more) = run(&input) else { continue };
        let before = reached.len();
        reached.extend(more);
        if reached.len() > before {
            std::fs::write(folder().join(format!("drawn-{seed:04}")), input).unwrap();
        }
    }
}
