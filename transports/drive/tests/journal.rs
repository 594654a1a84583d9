//! A crawl's state in a real folder: cut, damaged, replayed, refused.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod common;

use common::{LOOPS, block_on, config, not_found, page};
use core::ops::ControlFlow;
use core::time::Duration;
use crawlspace::digest::Digest;
use crawlspace::{
    Config, Engine, Failure, Limit, Outcome, Output, Request, Retry, Seed, Stop, UnixTime, Validators,
};
use crawlspace_drive::Crawl;
use crawlspace_drive::journal::{Found, Journal, JournalError, close, replay};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};

const AT: UnixTime = UnixTime::from_secs(1_700_000_000);
const SLOTS: usize = 3;

fn retrying() -> Config {
    let retry = Retry { max: 1, base: Duration::from_millis(1), cap: Duration::from_millis(2) };
    config().retry(retry).build().unwrap()
}

/// Eleven pages, one of which is gone and one fails at first.
fn answer(request: &Request) -> Outcome {
    match request.url.path() {
        "/" => page(["/1", "/2", "/3", "/gone"]),
        "/2" if request.attempt == 1 => Outcome::Failed(Failure::Closed),
        "/gone" => not_found(),
        "/1" => page(["/4", "/5", "/"]),
        "/3" => page(["/6", "/7", "/8", "/9", "/gone"]),
        _ => page(["/", "/1"]),
    }
}

fn report(engine: &Engine) -> String {
    let report = engine.report();
    format!("{:?} {:?}", report.links().collect::<Vec<_>>(), report.summary())
}

/// Paths and attempts that a transport was asked for.
type Asked = Arc<Mutex<BTreeSet<(String, u32)>>>;

/// Goes on with what the folder holds, to its end.
fn run(folder: &Path, keep_history: bool) -> Result<(Engine, BTreeSet<(String, u32)>), JournalError> {
    let (mut journal, found) = Journal::open(folder, &retrying(), AT)?;
    let engine = match found {
        Found::Nothing => Engine::new(retrying(), Seed(1), AT),
        Found::Interrupted { engine, .. } | Found::Finished(engine) => *engine,
        other => panic!("{other:?}"),
    };
    if keep_history {
        journal = journal.keep_history();
    }
    let asked = Asked::default();
    let seen = Arc::clone(&asked);
    let fetch = async move |request: Request| {
        seen.lock().unwrap().insert((request.url.path().to_owned(), request.attempt));
        answer(&request)
    };
    let fetch = &fetch;
    let crawl = Crawl::new(engine).journal(journal)?;
    let engine =
        block_on(crawl.run_async(move |request| Box::pin(fetch(request)), tokio::time::sleep, SLOTS));
    let asked = asked.lock().unwrap().clone();
    Ok((engine, asked))
}

/// In memory where the system has a place for that: each state is synced, thousands of times here.
fn temporary() -> tempfile::TempDir {
    tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap()
}

/// The files of a whole crawl, from its beginning.
fn recorded() -> (Vec<u8>, Vec<u8>, String) {
    let folder = temporary();
    let (engine, _) = run(folder.path(), true).unwrap();
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    (read("crawl-1.snapshot"), read("crawl-1.journal"), report(&engine))
}

fn put(folder: &Path, snapshot: &[u8], journal: &[u8]) {
    fs::write(folder.join("crawl-1.snapshot"), snapshot).unwrap();
    fs::write(folder.join("crawl-1.journal"), journal).unwrap();
}

/// I18, I20: a journal that ends anywhere is read as far as it is whole; what it tells is not asked for again.
#[test]
fn cut_at_every_byte() {
    let (snapshot, journal, expected) = recorded();
    let mut least_asked = usize::MAX;
    for length in 0..=journal.len() {
        let folder = temporary();
        put(folder.path(), &snapshot, &journal[..length]);
        let mut answered = BTreeSet::new();
        let replayed = replay(folder.path(), &retrying(), |engine, output| {
            if let Output::Event(crawlspace::Event::Answered { url, .. }) = output {
                answered.insert(engine.url(*url).rest.to_owned());
            }
        });
        assert!(replayed.unwrap().cut < 600, "cut at {length}");
        let (engine, asked) = run(folder.path(), false).unwrap();
        assert_eq!(report(&engine), expected, "cut at {length}");
        let again = asked.iter().find(|(path, _)| answered.contains(path));
        assert_eq!(again, None, "cut at {length}");
        least_asked = least_asked.min(asked.len());
    }
    assert_eq!(least_asked, 0, "the whole journal is the whole crawl");
}

proptest! {
    /// I20: bytes changed, left out or put in anywhere: an error, or the report that the crawl would have had.
    #[test]
    fn damaged_anywhere(
        in_journal in prop::bool::weighted(0.8), places in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4_u8), 1..4),
    ) {
        static RECORDED: std::sync::OnceLock<(Vec<u8>, Vec<u8>, String)> = std::sync::OnceLock::new();
        let (snapshot, journal, expected) = RECORDED.get_or_init(recorded);
        let mut files = [snapshot.clone(), journal.clone()];
        let file = &mut files[usize::from(in_journal)];
        for (at, byte, how) in places {
            let at = at.index(file.len());
            match how {
                0 => file[at] ^= byte | 1,
                1 => drop(file.remove(at)),
                2 => file.insert(at, byte),
                // A block that was written twice, or is from another time.
                _ => { let block = file[at / 2..at].to_vec(); file.splice(at..at, block); }
            }
        }
        let folder = temporary();
        put(folder.path(), &files[0], &files[1]);
        match run(folder.path(), false) {
            Ok((engine, _)) => prop_assert_eq!(&report(&engine), expected),
            Err(error) => {
                let version = matches!(error, JournalError::Version { .. });
                prop_assert_eq!(version, in_journal, "{}", error);
                prop_assert!(version || error.to_string().contains("crawl-1.snapshot"), "{}", error);
            }
        }
    }
}

/// I17: the same outputs, byte for byte, through either loop and with threads that answer in any order.
#[test]
fn a_replay_gives_the_same_outputs() {
    for looping in LOOPS {
        let folder = temporary();
        let (journal, _) = Journal::open(folder.path(), &retrying(), AT).unwrap();
        let requests = Arc::new(Mutex::new(BTreeMap::new()));
        let mut events = Vec::new();
        let seen = Arc::clone(&requests);
        let crawl = Crawl::new(Engine::new(retrying(), Seed(1), AT));
        let crawl = crawl.journal(journal.keep_history()).unwrap().on_event(|_, event| {
            events.push(format!("{event:?}"));
            ControlFlow::Continue(())
        });
        crawl.handle().add("http://site.test/more".parse().unwrap()).unwrap();
        let engine = looping.run(crawl, 4, move |request| {
            seen.lock().unwrap().insert(request.id, format!("{request:?}"));
            answer(request)
        });

        let (mut again, mut events_again) = (BTreeMap::new(), Vec::new());
        let replayed = replay(folder.path(), &retrying(), |_, output| match output {
            Output::Fetch(fetch) => drop(again.insert(fetch.request.id, format!("{:?}", fetch.request))),
            Output::Event(event) => events_again.push(format!("{event:?}")),
            _ => {}
        });
        let replayed = replayed.unwrap();
        assert_eq!(events, events_again);
        assert_eq!(*requests.lock().unwrap(), again);
        assert_eq!(report(&replayed.engine), report(&engine));
        assert_eq!(replayed.engine.snapshot(), engine.snapshot());
        assert!(replayed.records > 10 && replayed.cut == 0);
    }
}

/// What is known is written before the loop rests, though nothing more is asked for.
#[test]
fn an_answer_is_written_at_once() {
    let folder = temporary();
    let (journal, _) = Journal::open(folder.path(), &retrying(), AT).unwrap();
    let file = folder.path().join("crawl-1.journal");
    let crawl = Crawl::new(Engine::new(retrying(), Seed(1), AT)).journal(journal).unwrap();
    let engine = LOOPS[0].run(crawl, 2, move |request| match request.url.path() {
        "/" => page(["/quick", "/slow"]),
        "/quick" => {
            let validators = Validators { etag: Some("canary".to_owned()), ..Validators::default() };
            Outcome::Answered(Box::new(Digest { status: 200, validators, ..Digest::default() }))
        }
        "/slow" => {
            // The watchdog ends this if it never comes.
            while !fs::read(&file).unwrap().windows(6).any(|bytes| bytes == b"canary") {
                std::thread::yield_now();
            }
            not_found()
        }
        other => panic!("{other}"),
    });
    assert_eq!(engine.report().summary().checked, 3);
}

/// A crawl that was aborted goes on, with another pace if that is wanted; one that is complete says so.
#[test]
fn stopped_and_gone_on_with() {
    let folder = temporary();
    let expected = recorded().2;
    let (journal, _) = Journal::open(folder.path(), &retrying(), AT).unwrap();
    let crawl = Crawl::new(Engine::new(retrying(), Seed(1), AT)).journal(journal).unwrap();
    let mut left = 3;
    let crawl = crawl.on_event(|_, _| {
        left -= 1;
        if left == 0 { ControlFlow::Break(Stop::Abort) } else { ControlFlow::Continue(()) }
    });
    crawl.run_pool(2, answer);
    close(folder.path(), &Engine::new(retrying(), Seed(1), AT)).unwrap();
    let paced = config().concurrency(1).retry(Retry { max: 5, base: Duration::ZERO, cap: Duration::ZERO });
    let (_, found) = Journal::open(folder.path(), &paced.build().unwrap(), AT).unwrap();
    assert!(matches!(found, Found::Interrupted { cut: 0, .. }), "{found:?}");
    let (engine, _) = run(folder.path(), false).unwrap();
    assert_eq!(report(&engine), expected);
    // It is not over before somebody says that the report is out.
    let (_, asked) = run(folder.path(), false).unwrap();
    assert!(asked.is_empty());
    close(folder.path(), &engine).unwrap();
    let Found::Finished(engine) = Journal::read(folder.path(), &retrying(), AT).unwrap() else { panic!() };
    assert_eq!(report(&engine), expected);
}

/// What a damaged journal has lost of a finished crawl is asked for again.
#[test]
fn finished_and_damaged() {
    let folder = temporary();
    let (engine, _) = run(folder.path(), false).unwrap();
    close(folder.path(), &engine).unwrap();
    assert!(folder.path().join("crawl-1.finished").exists());
    let replayed = replay(folder.path(), &retrying(), |_, _| {}).unwrap();
    assert_eq!(report(&replayed.engine), report(&engine));

    let file = folder.path().join("crawl-1.journal");
    let journal = fs::read(&file).unwrap();
    fs::write(&file, &journal[..journal.len() / 2]).unwrap();
    let (_, found) = Journal::open(folder.path(), &retrying(), AT).unwrap();
    assert!(matches!(&found, Found::Interrupted { engine, .. } if !engine.is_complete()), "{found:?}");
    let (again, asked) = run(folder.path(), false).unwrap();
    assert_eq!(report(&again), report(&engine));
    assert!(!asked.is_empty() && !asked.contains(&("/".to_owned(), 1)), "{asked:?}");
}

#[test]
fn what_cannot_be_gone_on_from() {
    let (snapshot, journal, _) = recorded();
    let folder = temporary();
    put(folder.path(), &snapshot, &journal);
    let open = |config: &Config| Journal::open(folder.path(), config, AT).map(|(_, found)| found);
    let path = folder.path().join("crawl-1.snapshot").display().to_string();

    let other = config().depth(Limit::Max(1)).build().unwrap();
    let error = open(&other).unwrap_err().to_string();
    assert!(error.starts_with(&path) && error.contains("belongs to configuration"), "{error}");

    // A process at a time, and whoever only reads waits, too.
    let _held = Journal::open(folder.path(), &retrying(), AT).unwrap();
    let second = open(&retrying()).unwrap_err();
    assert!(matches!(second, JournalError::InUse { .. }), "{second}");
    let reader = Journal::read(folder.path(), &retrying(), AT).unwrap_err();
    assert!(matches!(reader, JournalError::InUse { .. }), "{reader}");
    drop(_held);

    let mut later = snapshot.clone();
    later[4] = 99;
    put(folder.path(), &later, &journal);
    let error = open(&retrying()).unwrap_err().to_string();
    assert!(error.starts_with(&path) && error.contains("format 99"), "{error}");

    // An earlier version's journal is not read as a torn one.
    let mut earlier = journal.clone();
    earlier[7] = b'1';
    put(folder.path(), &snapshot, &earlier);
    let error = open(&retrying()).unwrap_err().to_string();
    assert!(error.contains("crawl-1.journal") && error.contains("another version"), "{error}");
    fs::rename(folder.path().join("crawl-1.snapshot"), folder.path().join("crawl-1.finished")).unwrap();
    assert!(matches!(open(&retrying()).unwrap(), Found::FinishedOther(JournalError::Version { .. })));

    // Neither matters of a crawl that is finished: a new one takes its place.
    put(folder.path(), &later, &journal);
    fs::rename(folder.path().join("crawl-1.snapshot"), folder.path().join("crawl-1.finished")).unwrap();
    assert!(matches!(open(&retrying()).unwrap(), Found::FinishedOther(_)));

    let error =
        Journal::open(&folder.path().join("crawl-1.journal"), &retrying(), AT).unwrap_err().to_string();
    assert!(error.contains("crawl-1.journal") && error.contains("name a folder"), "{error}");
}

/// A journal that outgrows its snapshot gives way to a new one, so that the folder stays about as large as the state.
#[test]
fn the_folder_stays_small() {
    let folder = temporary();
    let text = "x".repeat(2_000);
    let paths: Vec<String> = (0..2_000).map(|number| format!("/{text}-{number}")).collect();
    let all = paths.clone();
    let fetch = move |request: &Request| match request.url.path() {
        "/" => page(all.iter().map(String::as_str)),
        // Each names what is known already, in as many bytes.
        _ => page(all.iter().take(10).map(String::as_str)),
    };
    let config = config().build().unwrap();
    let (journal, _) = Journal::open(folder.path(), &config, AT).unwrap();
    let crawl = Crawl::new(Engine::new(config.clone(), Seed(1), AT)).journal(journal).unwrap();
    let size = || {
        let files = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap());
        // One that has just been removed counts for nothing.
        files.filter_map(|file| file.metadata().ok()).map(|data| data.len()).sum::<u64>()
    };
    let mut most = 0;
    let crawl = crawl.on_event(|_, _| {
        most = most.max(size());
        ControlFlow::Continue(())
    });
    let engine = crawl.run_pool(2, fetch);
    let state = engine.snapshot().as_bytes().len() as u64;
    // All in all 44 MB are recorded.
    assert!(state > 4_000_000 && most < 2 * state + 5_000_000, "{most} bytes at most for a state of {state}");
    assert!(size() < 2 * state + 5_000_000, "{} bytes in the end for a state of {state}", size());
}
