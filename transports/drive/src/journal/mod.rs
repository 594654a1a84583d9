//! A crawl's state on disk: a snapshot, and a journal of the engine's inputs since.
//!
//! The engine is a function of its inputs and the times it is polled at, so these are all there is to record. A
//! process may end at any moment: [`Journal::open`] restores the snapshot, replays the journal, and gives an engine
//! that goes on as if nothing had happened, asking again for what was in flight. The same replay, watched by
//! [`replay`], is what a bug report needs.
//!
//! Each change is whole or has not been: a snapshot is written beside the old one, synced and renamed, and the end of
//! a journal that is torn is cut off. What is recorded never holds a configured header, a cookie or a proxy's
//! password, since the engine never sees any; it does hold the URLs of the crawl as they are, for which the files
//! are readable by their owner only.
//!
//! A journal tells the links of a page by what other pages have told, and takes about as much room as what the snapshot
//! grows by: together at most 40 bytes for each URL and 20 for each link, and each text once, if that is over 8 MiB; half as
//! much again while a new snapshot takes the place of an old one. `tests/peers/README.md` has what a state costs, and how to
//! measure it again.

mod disk;
mod error;
mod frame;
mod record;
mod recorder;
mod replay;
mod store;
#[cfg(test)]
mod tests;

pub use error::JournalError;
pub use replay::{Found, Replayed};

pub(crate) use record::Input;
pub(crate) use recorder::Recorder;

use core::fmt;
use core::time::Duration;
use crawlspace::{Config, Engine, Output, UnixTime};
use disk::Folder;
use recorder::Settings;
use std::path::Path;
use store::{File, Store};

/// A folder that holds a crawl's state, locked for this process until it is dropped; given to
/// [`Crawl::journal`](crate::Crawl::journal).
///
/// ```
/// use crawlspace::digest::Digest;
/// use crawlspace::{Config, Engine, Outcome, Request, Seed, UnixTime};
/// use crawlspace_drive::Crawl;
/// use crawlspace_drive::journal::{self, Found, Journal};
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path();
/// let config = Config::builder().seed("http://example.com/".parse()?).build()?;
/// let now = UnixTime::from_secs(1_800_000_000);
/// let (journal, found) = Journal::open(folder, &config, now)?;
/// let engine = match found {
///     Found::Interrupted { engine, .. } => *engine,
///     _ => Engine::new(config.clone(), Seed(42), now),
/// };
/// let fetch = |_: &Request| Outcome::Answered(Box::new(Digest { status: 200, ..Digest::default() }));
/// let engine = Crawl::new(engine).journal(journal)?.run_pool(8, fetch);
/// println!("{} findings", engine.report().findings().count());
/// // Whatever ends the process before this, there will be a report.
/// journal::close(folder, &engine)?;
///
/// // From another process, or years later:
/// let Found::Finished(again) = Journal::read(folder, &config, now)? else { unreachable!("it has finished") };
/// assert_eq!(again.report().summary(), engine.report().summary());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Journal {
    store: Store,
    settings: Settings,
}

impl Journal {
    /// Opens the state in this folder, which is made if it is not there, and says what is in it. The date is `at`, as
    /// for [`Engine::resume`]. Nothing in it is changed before [`Crawl::journal`](crate::Crawl::journal).
    ///
    /// # Errors
    ///
    /// If another process works on it, it cannot be read or written to, or a crawl that was interrupted belongs to
    /// another configuration or version, or is damaged.
    pub fn open(folder: &Path, config: &Config, at: UnixTime) -> Result<(Self, Found), JournalError> {
        let store = Store::new(folder, Box::new(Folder::own(folder)?));
        let found = store.load(config, at)?;
        Ok((Self { store, settings: Settings::default() }, found))
    }

    /// Says what is in a folder, and changes nothing; it may be one that cannot be written to.
    ///
    /// # Errors
    ///
    /// As for [`Journal::open`].
    pub fn read(folder: &Path, config: &Config, at: UnixTime) -> Result<Found, JournalError> {
        Store::new(folder, Box::new(Folder::share(folder)?)).load(config, at)
    }

    /// How long and how much may be written before it is made to outlast a loss of power (`fsync`). Default: a
    /// second, 8 MiB. What a process has written outlasts the process in any case.
    ///
    /// A loss of power takes back the ids of the fetches that came after the last `fsync`, too: they may be given to
    /// others. Answers of workers that outlive the machine with the journal must not be handed to the crawl that goes on.
    #[must_use]
    pub fn sync_after(mut self, time: Duration, bytes: u64) -> Self {
        (self.settings.sync_every, self.settings.sync_bytes) = (time, bytes);
        self
    }

    /// Keeps the journal of the whole crawl, for [`replay`]. Otherwise a new snapshot takes its place whenever it is over
    /// 8 MiB, larger than the last snapshot, and with it over three quarters of what a state may take: 40 bytes for each
    /// URL and 20 for each link.
    #[must_use]
    pub fn keep_history(mut self) -> Self {
        self.settings.keep_history = true;
        self
    }

    pub(crate) fn record(self, engine: &Engine) -> Result<Recorder, JournalError> {
        Recorder::begin(self.store, self.settings, engine)
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { store, settings } = self;
        f.debug_struct("Journal").field("folder", &store.path(None)).field("settings", settings).finish()
    }
}

/// Says that a crawl has been reported on, if it is complete: its state counts as [finished](Found::Finished) from now
/// on. One that is not complete is left as it is, to be gone on with.
///
/// Before this, a complete crawl is found as one that was interrupted, and going on with it ends at once: a process
/// that is killed between the end of the crawl and its report loses nothing.
///
/// # Errors
///
/// If another process works on the state, or it cannot be written to.
pub fn close(folder: &Path, engine: &Engine) -> Result<(), JournalError> {
    let mut store = Store::new(folder, Box::new(Folder::own(folder)?));
    if engine.is_complete() { store.finish() } else { Ok(()) }
}

/// Goes through the newest journal in a folder from its beginning, and calls `each` with every output of the engine:
/// those that the crawl had, byte for byte. Changes nothing.
///
/// # Errors
///
/// As for [`Journal::open`]; and if there is no journal.
pub fn replay(
    folder: &Path,
    config: &Config,
    each: impl FnMut(&Engine, &Output),
) -> Result<Replayed, JournalError> {
    let store = Store::new(folder, Box::new(Folder::share(folder)?));
    let files = store.files()?;
    let with_journal = |file: &&File| matches!(file, File::Snapshot(number) | File::Finished(number) if files.contains(&File::Journal(*number)));
    let newest = files.iter().rev().find(with_journal).copied();
    let newest =
        newest.ok_or_else(|| store.error(None, "holds no journal", std::io::ErrorKind::NotFound.into()))?;
    store.replay(newest, config, each)
}
