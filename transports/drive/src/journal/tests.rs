//! Crawls on a disk in memory, of which any operation can be the last, or fail.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod size;

use super::disk::{Disk, Sink};
use super::frame::{Chain, Frames};
use super::recorder::Settings;
use super::replay::Found;
use super::store::Store;
use super::{Journal, JournalError};
use crate::{Clock, Crawl, Observer};
use core::ops::ControlFlow;
use core::time::Duration;
use crawlspace::digest::{Digest, Link, Links, Media, Place, Role, Target};
use crawlspace::{
    Config, Engine, Failure, FetchId, HostPolicy, Outcome, Request, Retry, RobotsPolicy, Seed, Stop, UnixTime,
};
use std::collections::BTreeMap;
use std::future::ready;
use std::io;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const AT: UnixTime = UnixTime::from_secs(1_700_000_000);
const SLOTS: usize = 3;
const PAGES: usize = 24;

/// What of an unfinished disk is there afterwards.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Crash {
    /// The process ended: all that it had written is there.
    Killed,
    /// The power went: what was not synced is gone, of files and of names.
    PowerLoss,
}

#[derive(Clone, Default)]
struct File {
    written: Vec<u8>,
    synced: Vec<u8>,
}

#[derive(Clone, Default)]
struct Image {
    files: Vec<File>,
    names: BTreeMap<String, usize>,
    synced_names: BTreeMap<String, usize>,
    operations: u64,
    /// The most bytes that its files have ever had together.
    most: u64,
    /// The operation that fails, half done; and whether all that come after it do, too.
    fails: Option<(u64, bool)>,
}

impl Image {
    /// Bytes of all files that have a name.
    fn size(&self) -> u64 {
        self.names.values().map(|file| self.files[*file].written.len() as u64).sum()
    }
}

#[derive(Clone, Default)]
struct Ram(Arc<Mutex<Image>>);

impl Ram {
    fn failing_at(operation: u64, for_good: bool) -> Self {
        let disk = Self::default();
        disk.0.lock().unwrap().fails = Some((operation, for_good));
        disk
    }

    /// The disk as the next process finds it.
    fn after(&self, crash: Crash) -> Self {
        let mut image = self.0.lock().unwrap().clone();
        (image.fails, image.operations) = (None, 0);
        if crash == Crash::PowerLoss {
            image.names = image.synced_names.clone();
            image.files.iter_mut().for_each(|file| file.written = file.synced.clone());
        }
        Self(Arc::new(Mutex::new(image)))
    }

    fn then_failing_at(self, operation: u64) -> Self {
        self.0.lock().unwrap().fails = Some((operation, true));
        self
    }

    /// Counts an operation; whether it fails.
    fn operate<T>(&self, act: impl FnOnce(&mut Image, bool) -> T) -> io::Result<T> {
        let mut image = self.0.lock().unwrap();
        image.operations += 1;
        let number = image.operations;
        let fails = image.fails.is_some_and(|(at, for_good)| number == at || (for_good && number > at));
        let first = image.fails.is_some_and(|(at, _)| number == at);
        if fails {
            if first {
                act(&mut image, true);
            }
            return Err(io::ErrorKind::StorageFull.into());
        }
        let done = act(&mut image, false);
        image.most = image.most.max(image.size());
        Ok(done)
    }

    fn most(&self) -> u64 {
        self.0.lock().unwrap().most
    }

    fn size(&self) -> u64 {
        self.0.lock().unwrap().size()
    }

    fn has_failed(&self) -> bool {
        let image = self.0.lock().unwrap();
        image.fails.is_some_and(|(at, _)| image.operations >= at)
    }

    fn store(&self) -> Store {
        Store::new(Path::new("/state"), Box::new(self.clone()))
    }
}

impl Disk for Ram {
    fn names(&self) -> io::Result<Vec<String>> {
        Ok(self.0.lock().unwrap().names.keys().cloned().collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        let image = self.0.lock().unwrap();
        let file = image.names.get(name).ok_or(io::ErrorKind::NotFound)?;
        Ok(image.files[*file].written.clone())
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn Sink>> {
        let file = self.operate(|image, _| {
            image.files.push(File::default());
            let file = image.files.len() - 1;
            image.names.insert(name.to_owned(), file);
            file
        })?;
        Ok(Box::new(RamFile(self.clone(), file)))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        self.operate(|image, fails| {
            if !fails && let Some(file) = image.names.remove(from) {
                image.names.insert(to.to_owned(), file);
            }
        })
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        self.operate(|image, fails| {
            if !fails {
                image.names.remove(name);
            }
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.operate(|image, fails| {
            if !fails {
                image.synced_names = image.names.clone();
            }
        })
    }
}

struct RamFile(Ram, usize);

impl Sink for RamFile {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let half = bytes.len() / 2;
        self.0.operate(|image, fails| {
            image.files[self.1].written.extend_from_slice(if fails { &bytes[..half] } else { bytes });
        })
    }

    fn sync(&mut self) -> io::Result<()> {
        self.0.operate(|image, fails| {
            let file = &mut image.files[self.1];
            // Of what a sync that failed had to write, any part may have reached the disk.
            let end = if fails { file.written.len().midpoint(file.synced.len()) } else { file.written.len() };
            file.synced = file.written[..end].to_vec();
        })
    }
}

fn config() -> Config {
    Config::builder()
        .seed("http://site.test/0".parse().unwrap())
        .own_hosts(HostPolicy { concurrency: 100, gap: Duration::ZERO })
        .robots(RobotsPolicy { crawl: false, check: false })
        .retry(Retry { max: 1, base: Duration::from_millis(1), cap: Duration::from_millis(5) })
        .build()
        .unwrap()
}

/// A tree of pages with a link back from each; some fail at first, some for good.
fn answer(request: &Request) -> Outcome {
    let number: usize = request.url.path()[1..].parse().unwrap();
    if number % 7 == 3 && request.attempt == 1 {
        return Outcome::Failed(Failure::Closed);
    }
    if number % 11 == 5 {
        return Outcome::Answered(Box::new(Digest { status: 404, ..Digest::default() }));
    }
    let mut links = Links::default();
    for (line, to) in (1..).zip([2 * number + 1, 2 * number + 2, number / 2]) {
        links.push(&Link {
            target: Target::Url {
                origin: "http://site.test",
                origin_index: 0,
                rest: &format!("/{}", to % PAGES),
            },
            fragment: None,
            text: &format!("page {to}"),
            spelling: None,
            place: Place::A_HREF,
            role: Role::Followed,
            nofollow: false,
            line,
            column: 1,
        });
    }
    Outcome::Answered(Box::new(Digest { status: 200, media: Media::Html, links, ..Digest::default() }))
}

/// What the server has seen.
#[derive(Clone, Default)]
struct Server(Arc<Mutex<Seen>>);

#[derive(Default)]
struct Seen {
    times: BTreeMap<(String, u32), usize>,
    /// What each fetch was of, over all processes.
    fetches: BTreeMap<FetchId, (String, u32)>,
    /// Whether one name has stood for two fetches.
    mixed_up: bool,
}

impl Server {
    fn note(&self, request: &Request) {
        let mut seen = self.0.lock().unwrap();
        let what = (request.url.path().to_owned(), request.attempt);
        *seen.times.entry(what.clone()).or_default() += 1;
        let before = seen.fetches.insert(request.id, what.clone());
        seen.mixed_up |= before.is_some_and(|before| before != what);
    }

    fn asked_again(&self) -> usize {
        self.0.lock().unwrap().times.values().map(|times| times - 1).sum()
    }

    fn mixed_up(&self) -> bool {
        self.0.lock().unwrap().mixed_up
    }
}

/// Keeps the error for the test.
#[derive(Default)]
struct Witness(Option<String>);

impl Observer for Witness {
    fn journal_failed(&mut self, _: &Engine, error: &JournalError) -> ControlFlow<Stop> {
        assert!(self.0.replace(error.to_string()).is_none(), "told once");
        ControlFlow::Break(Stop::Abort)
    }
}

/// Goes on from what is on the disk, as far as it bears it.
fn run(disk: &Ram, server: &Server, rotate_after: u64) -> Result<Engine, String> {
    let found = disk.store().load(&config(), AT).map_err(|error| error.to_string())?;
    let engine = match found {
        Found::Nothing => Engine::new(config(), Seed(1), AT),
        Found::Interrupted { engine, .. } => *engine,
        Found::Finished(engine) => return Ok(*engine),
        Found::FinishedOther(error) => return Err(error.to_string()),
    };
    // Each look at the clock is a millisecond: time passes, and the same on each run.
    let (ticks, start) = (AtomicU64::new(0), engine.now());
    let clock = Clock::from_fn(move || start + Duration::from_millis(ticks.fetch_add(1, Ordering::Relaxed)));
    let settings = Settings { sync_every: Duration::from_millis(7), rotate_after, ..Settings::default() };
    let journal = Journal { store: disk.store(), settings };
    let mut witness = Witness::default();
    let crawl = Crawl::new(engine).observer(&mut witness).clock(clock).journal(journal);
    let crawl = crawl.map_err(|error| error.to_string())?;
    let server = server.clone();
    let fetch = move |request: Request| {
        server.note(&request);
        ready(answer(&request))
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap();
    let engine = runtime.block_on(crawl.run_async(fetch, tokio::time::sleep, SLOTS));
    witness.0.map_or(Ok(engine), Err)
}

fn report(engine: &Engine) -> String {
    let report = engine.report();
    format!("{:?} {:?}", report.links().collect::<Vec<_>>(), report.summary())
}

fn unkilled() -> String {
    let engine = run(&Ram::default(), &Server::default(), u64::MAX).unwrap();
    assert_eq!(engine.report().summary().checked, PAGES as u64);
    report(&engine)
}

/// How far the journals may grow: never to be replaced, every now and then, at each turn.
const ROTATIONS: [u64; 3] = [u64::MAX, 300, 0];

/// I18, C-T2: after each operation, and again while going on from there.
#[test]
fn a_crash_at_every_operation() {
    let expected = unkilled();
    for (rotate_after, crash) in
        ROTATIONS.into_iter().flat_map(|at| [(at, Crash::Killed), (at, Crash::PowerLoss)])
    {
        for operation in 1.. {
            let (disk, server) = (Ram::failing_at(operation, true), Server::default());
            let outcome = run(&disk, &server, rotate_after);
            if !disk.has_failed() {
                assert_eq!(report(&outcome.unwrap()), expected);
                assert!(operation > 20, "{operation} operations are no crawl");
                break;
            }
            // The recovery crashes, too, at its beginning or later.
            let disk = disk.after(crash).then_failing_at(1 + operation % 13);
            let _ = run(&disk, &server, rotate_after);
            let disk = disk.after(crash);
            let engine = run(&disk, &server, rotate_after).unwrap();
            assert_eq!(report(&engine), expected, "{crash:?} at {operation}, journals up to {rotate_after}");
            if crash == Crash::Killed {
                let again = server.asked_again();
                assert!(again <= 2 * SLOTS, "{again} asked again after a crash at {operation}");
                // An answer that a worker of the dead process sends late must not be taken for another's.
                assert!(!server.mixed_up(), "a fetch came back as another after a crash at {operation}");
            }
        }
    }
}

/// I20: an operation that fails, with those behind it fit again: the error names the file and a way out, nothing more is
/// written, and what is there is good to go on from.
#[test]
fn an_error_at_every_operation() {
    let expected = unkilled();
    for rotate_after in ROTATIONS {
        for operation in 1.. {
            let (disk, server) = (Ram::failing_at(operation, false), Server::default());
            let outcome = run(&disk, &server, rotate_after);
            if !disk.has_failed() {
                break;
            }
            if let Err(error) = outcome {
                assert!(error.starts_with("/state") && error.contains("make room"), "{error}");
            }
            let engine = run(&disk.after(Crash::Killed), &server, rotate_after).unwrap();
            assert_eq!(report(&engine), expected, "an error at {operation}, journals up to {rotate_after}");
            let again = server.asked_again();
            assert!(again <= SLOTS, "{again} asked again after an error at {operation}");
        }
    }
}

/// A frame that is left out, doubled, moved, or from the journal of another state is the end of what is whole.
#[test]
fn frames_count_in_their_place_only() {
    let (head, mut chain) = Chain::begin(b"a snapshot, and its checksum");
    let frames = [b"one", b"two", b"six"].map(|records| {
        let mut frame = [&Chain::ROOM, records.as_slice()].concat();
        assert!(chain.close(&mut frame));
        frame
    });
    let read = |order: &[usize], snapshot: &[u8]| {
        let parts = order.iter().map(|at| frames[*at].as_slice());
        let file: Vec<u8> = [head.as_slice()].into_iter().chain(parts).flatten().copied().collect();
        let mut whole = Frames::of(&file, snapshot);
        (whole.by_ref().count(), whole.left() as usize)
    };
    let frame = frames[0].len();
    for (order, whole) in [(&[0, 1, 2][..], 3), (&[0, 2], 1), (&[1, 2], 0), (&[0, 0, 1], 1), (&[0, 2, 1], 1)]
    {
        let left = frame * (order.len() - whole);
        assert_eq!(read(order, b"a snapshot, and its checksum"), (whole, left), "{order:?}");
    }
    assert_eq!(read(&[0, 1, 2], b"another, and its own").0, 0);
}

/// A state takes the place of the one before it, and leaves nothing behind.
#[test]
fn nothing_is_left_behind() {
    for rotate_after in ROTATIONS {
        let disk = Ram::default();
        run(&disk, &Server::default(), rotate_after).unwrap();
        let kinds: Vec<_> =
            disk.names().unwrap().iter().map(|name| name.split('.').nth(1).unwrap().to_owned()).collect();
        assert_eq!(kinds, ["journal", "snapshot"]);
    }
}
