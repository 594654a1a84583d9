//! From a state on disk to an engine.

use super::error::JournalError;
use super::frame::Frames;
use super::record::Record;
use super::store::{File, Store};
use crawlspace::codec::Answers;
use crawlspace::{Config, Engine, Output, ResumeError, Snapshot, Time, UnixTime};

/// What a folder holds.
#[derive(Debug)]
#[non_exhaustive]
pub enum Found {
    /// No crawl.
    Nothing,
    /// A crawl that was interrupted: this engine goes on with it. What was in flight is asked for again. It may be
    /// [complete](Engine::is_complete), so that only its report is still to be made.
    Interrupted {
        /// The crawl, resumed.
        engine: Box<Engine>,
        /// Bytes at the journal's end that were torn or damaged. What they told is asked for again.
        cut: u64,
    },
    /// A crawl that is complete and has been [reported on](super::close), for its report once more.
    Finished(Box<Engine>),
    /// Such a crawl, but of another configuration or version, for this reason. A new crawl takes its place.
    FinishedOther(JournalError),
}

/// What a replay came to.
#[derive(Debug)]
#[non_exhaustive]
pub struct Replayed {
    /// The engine as it was when the last record was written, and polled on until it has nothing to do.
    pub engine: Engine,
    /// How many records there were.
    pub records: u64,
    /// Bytes at the journal's end that were torn or damaged.
    pub cut: u64,
}

impl Store {
    /// The newest state; the one before it, if that is still there and the newest is damaged.
    pub(super) fn load(&self, config: &Config, at: UnixTime) -> Result<Found, JournalError> {
        let mut first_error = None;
        for file in self.files()?.into_iter().rev() {
            let found = match file {
                File::Finished(_) => self.load_finished(file, config, at),
                File::Snapshot(_) => self.load_interrupted(file, config, at),
                File::Part(_) | File::Journal(_) => continue,
            };
            match found {
                Err(error @ JournalError::Unusable { error: ResumeError::Corrupt, .. }) => {
                    first_error.get_or_insert(error);
                }
                found => return found,
            }
        }
        first_error.map_or(Ok(Found::Nothing), Err)
    }

    fn load_finished(&self, file: File, config: &Config, at: UnixTime) -> Result<Found, JournalError> {
        match self.load_interrupted(file, config, at) {
            // What it told is lost where its journal is damaged; then it is gone on with.
            Ok(Found::Interrupted { engine, .. }) if engine.is_complete() => Ok(Found::Finished(engine)),
            Err(error @ JournalError::Unusable { error: ResumeError::Corrupt, .. }) => Err(error),
            Err(error @ (JournalError::Unusable { .. } | JournalError::Version { .. })) => {
                Ok(Found::FinishedOther(error))
            }
            found => found,
        }
    }

    fn load_interrupted(&self, file: File, config: &Config, at: UnixTime) -> Result<Found, JournalError> {
        let Replayed { engine, cut, .. } = self.replay(file, config, |_, _| {})?;
        let snapshot = engine.snapshot();
        drop(engine);
        let engine =
            Engine::resume(config.clone(), snapshot, at).map_err(|error| self.unusable(file, error))?;
        Ok(Found::Interrupted { engine: Box::new(engine), cut })
    }

    pub(super) fn replay(
        &self,
        file: File,
        config: &Config,
        mut each: impl FnMut(&Engine, &Output),
    ) -> Result<Replayed, JournalError> {
        let snapshot = Snapshot::from_bytes(self.read(file)?);
        let engine =
            Engine::restore(config.clone(), &snapshot).map_err(|error| self.unusable(file, error))?;
        let journal = File::Journal(file.number());
        let bytes = if self.files()?.contains(&journal) { self.read(journal)? } else { Vec::new() };
        if Frames::are_of_another_version(&bytes) {
            return Err(JournalError::Version { path: self.path(Some(journal)) });
        }
        Ok(replay(engine, &snapshot, &bytes, &mut each))
    }

    fn unusable(&self, file: File, error: ResumeError) -> JournalError {
        JournalError::Unusable { path: self.path(Some(file)), error }
    }
}

fn replay(
    mut engine: Engine,
    snapshot: &Snapshot,
    journal: &[u8],
    each: &mut impl FnMut(&Engine, &Output),
) -> Replayed {
    let mut frames = Frames::of(journal, snapshot.as_bytes());
    let mut answers = Answers::default();
    let mut records = 0;
    let mut now = None;
    let mut damaged = 0;
    'all: for mut frame in &mut frames {
        while !frame.is_empty() {
            let left = frame.len() as u64;
            let Ok(record) = Record::decode(&mut answers, &mut frame) else {
                damaged = left;
                break 'all;
            };
            records += 1;
            match record {
                Record::Turn(time) => now = Some(time),
                Record::Polled(times) => poll(&mut engine, now.unwrap_or(Time::ZERO), times, each),
                Record::Input(input) => input.apply(&mut engine),
            }
        }
    }
    // The turn that was recorded last went on until there was nothing to do, or not quite as far.
    if let Some(now) = now {
        poll(&mut engine, now, u64::MAX, each);
    }
    Replayed { engine, records, cut: damaged + frames.left() }
}

/// Polls so often at most, or until there is nothing to do.
fn poll(engine: &mut Engine, now: Time, times: u64, each: &mut impl FnMut(&Engine, &Output)) {
    for _ in 0..times {
        let output = engine.poll(now);
        each(engine, &output);
        if matches!(output, Output::Wait(_) | Output::Finished) {
            break;
        }
    }
}
