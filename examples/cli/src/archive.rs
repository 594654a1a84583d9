//! `--record` and `--replay`: what the user is told, and how a recording that fails ends the crawl.

use crate::config::{Plan, Record};
use crate::error::Error;
use crate::exit::Exit;
use crate::format::Results;
use crate::progress::say;
use crawlspace::digest::{End, Head};
use crawlspace::{Engine, Failure, Request, Stop};
use crawlspace_drive::Handle;
use crawlspace_http::{Tap, Taps};
use crawlspace_warc::Recorder;
use std::path::PathBuf;
use std::sync::Arc;
use url::{Origin, Url};

/// Damaged records named with their reason; more are counted only.
const NAMED: usize = 3;

/// Makes the file that the crawl is recorded to, if it is; says what is left out of an archive that is replayed.
///
/// A check that goes on leaves the files of its earlier runs as they are, and begins the next one.
pub(crate) fn begin(plan: &Plan, engine: &Engine, goes_on: bool) -> Result<Option<Recorder>, Error> {
    if let Some(archive) = &plan.replay {
        let problems = archive.problems();
        problems.iter().take(NAMED).for_each(|problem| say(&format!("--replay: {problem}")));
        if problems.len() > NAMED {
            say(&format!("--replay: {} more damaged records", problems.len() - NAMED));
        }
    }
    let Some(Record { path, full, secrets }) = &plan.record else { return Ok(None) };
    if *secrets {
        say(&format!(
            "--record-secrets: {} will hold headers, cookies and passwords as they are; show it to nobody",
            path.display()
        ));
    }
    let mut recorder = Recorder::builder(path, Arc::new(engine.spec().clone()))
        .header_sets(plan.headers.clone())
        .keep_secrets(*secrets)
        .max_file_bytes(*full)
        .go_on(goes_on)
        .draws(engine.seed());
    for seed in plan.config.seeds() {
        recorder = recorder.seed(seed);
    }
    let recorder = recorder.create().map_err(|error| Error::new(format!("--record {error}")))?;
    if goes_on && recorder.earlier().is_empty() {
        say(&format!(
            "--record: {} was not there, so what was asked before is not recorded, and a replay will not have it",
            path.display()
        ));
    }
    Ok(Some(recorder))
}

/// What looks on for the recorder, and ends the crawl where it cannot go on.
pub(crate) fn taps(recorder: &Recorder, crawl: Handle) -> Arc<dyn Taps> {
    Arc::new(Ending { recorder: recorder.clone(), crawl })
}

/// Tells what was recorded, or what an archive did not hold.
pub(crate) fn end(plan: &Plan, recorder: Option<&Recorder>, results: &dyn Results) -> Result<(), Error> {
    if plan.replay.is_some() {
        let message = Failure::NotInArchive.to_string();
        let unknown = results.links().filter(|link| link.message == message).count();
        if unknown > 0 {
            say(&format!("{unknown} URLs are not in the archive, and were not checked; --all names them"));
        }
    }
    let Some(recorder) = recorder else { return Ok(()) };
    let written = recorder.finish().map_err(|error| {
        Error::new(format!("--record {error}"))
            .way_out("the crawl was ended there; what was recorded before is whole")
            .ending(Exit::Partial)
    })?;
    if !plan.quiet {
        let names = |files: &[PathBuf]| {
            files.iter().map(|file| file.display().to_string()).collect::<Vec<_>>().join(", ")
        };
        let mib = written.bytes as f64 / f64::from(1 << 20);
        let mut said =
            format!("{} exchanges recorded in {} ({mib:.1} MiB)", written.exchanges, names(&written.files));
        let earlier = recorder.earlier();
        if !earlier.is_empty() {
            said += &format!(", going on from {}: a replay needs all of them, these first", names(&earlier));
        }
        say(&said);
    }
    Ok(())
}

/// An archive with gaps is of little use, so a crawl that cannot be recorded any more ends; and before an answer counts
/// that is not recorded, so that a check that goes on asks for it again.
#[derive(Clone)]
struct Ending {
    recorder: Recorder,
    crawl: Handle,
}

impl Ending {
    fn look(&self) {
        if self.recorder.trouble().is_some() {
            // One that has ended by itself needs no end.
            let _ = self.crawl.stop(Stop::Abort);
        }
    }
}

impl Taps for Ending {
    fn open(&self, request: &Request) -> Option<Box<dyn Tap>> {
        self.look();
        let tap = self.recorder.open(request)?;
        Some(Box::new(EndingTap { tap, ending: self.clone() }))
    }
}

struct EndingTap {
    tap: Box<dyn Tap>,
    ending: Ending,
}

impl Tap for EndingTap {
    fn wants_all(&self) -> bool {
        self.tap.wants_all()
    }

    fn wants_decoded(&self) -> bool {
        self.tap.wants_decoded()
    }

    fn head(&mut self, head: &Head) {
        self.tap.head(head);
    }

    fn encoded(&mut self, bytes: &[u8]) {
        self.tap.encoded(bytes);
    }

    fn decoded(&mut self, bytes: &[u8]) {
        self.tap.decoded(bytes);
    }

    fn end(&mut self, end: Result<End, &Failure>) {
        self.tap.end(end);
        self.ending.look();
    }
}

/// The taps for one origin's URLs. Beside a network the folder is asked first for every URL, and what it declines is
/// no answer of the crawl's.
pub(crate) fn only_of(site: &Url, taps: Arc<dyn Taps>) -> Arc<dyn Taps> {
    Arc::new(OnlyOf { origin: site.origin(), taps })
}

struct OnlyOf {
    origin: Origin,
    taps: Arc<dyn Taps>,
}

impl Taps for OnlyOf {
    fn open(&self, request: &Request) -> Option<Box<dyn Tap>> {
        if request.url.origin() == self.origin { self.taps.open(request) } else { None }
    }
}
