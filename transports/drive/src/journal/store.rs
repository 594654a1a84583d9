//! Which files make up a state, and how one takes the place of another.
//!
//! A state has a number. It is a snapshot, and the journal of what came after it; the snapshot has another name once the
//! crawl is complete and has been reported on. A new state is written beside the old: its files are whole and on the
//! disk before the name that makes it count appears, and only then the old ones go.

use super::disk::{Disk, Sink};
use super::error::JournalError;
use super::frame::Chain;
use crawlspace::Snapshot;
use std::io;
use std::path::{Path, PathBuf};

/// The files of a folder, as states.
pub(crate) struct Store {
    folder: PathBuf,
    disk: Box<dyn Disk>,
}

/// A file of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum File {
    /// A snapshot that is being written.
    Part(u64),
    /// What came after the snapshot of that number.
    Journal(u64),
    /// Where a crawl stood.
    Snapshot(u64),
    /// The same, of a crawl that is over: the journal tells the rest.
    Finished(u64),
}

/// A journal that can be appended to.
pub(crate) struct Open {
    pub(crate) number: u64,
    pub(crate) sink: Box<dyn Sink>,
    pub(crate) chain: Chain,
    /// Bytes of the snapshot before it.
    pub(crate) snapshot: u64,
}

impl Store {
    pub(crate) fn new(folder: &Path, disk: Box<dyn Disk>) -> Self {
        Self { folder: folder.to_owned(), disk }
    }

    /// All files of states; what else stands in the folder is left alone.
    pub(crate) fn files(&self) -> Result<Vec<File>, JournalError> {
        let names = self.disk.names().map_err(|error| self.error(None, "cannot be read", error))?;
        let mut files: Vec<_> = names.iter().filter_map(|name| File::named(name)).collect();
        files.sort_by_key(|file| (file.number(), *file));
        Ok(files)
    }

    pub(crate) fn read(&self, file: File) -> Result<Vec<u8>, JournalError> {
        self.disk.read(&file.name()).map_err(|error| self.error(Some(file), "cannot be read", error))
    }

    /// Puts a state in place that a crawl goes on from, with a journal that is empty. The state before goes, unless
    /// it is to be `kept`.
    pub(crate) fn begin(&mut self, snapshot: &Snapshot, keep: bool) -> Result<Open, JournalError> {
        let number = self.next_number()?;
        let (head, chain) = Chain::begin(snapshot.as_bytes());
        // Before the snapshot: where there is one, there is its journal.
        let journal = File::Journal(number);
        let sink = self.write(journal, &head)?;
        let placed = self.place(snapshot, number);
        placed.inspect_err(|_| self.discard(journal))?;
        if !keep {
            self.remove_before(number)?;
        }
        Ok(Open { number, sink, chain, snapshot: snapshot.as_bytes().len() as u64 })
    }

    /// Has the newest state count as finished.
    pub(crate) fn finish(&mut self) -> Result<(), JournalError> {
        let files = self.files()?;
        let Some(file @ File::Snapshot(number)) = files.last().copied() else { return Ok(()) };
        self.rename(file, File::Finished(number))
    }

    fn next_number(&self) -> Result<u64, JournalError> {
        Ok(self.files()?.into_iter().map(File::number).max().map_or(1, |last| last.saturating_add(1)))
    }

    fn place(&mut self, snapshot: &Snapshot, number: u64) -> Result<(), JournalError> {
        let part = File::Part(number);
        drop(self.write(part, snapshot.as_bytes())?);
        self.rename(part, File::Snapshot(number)).inspect_err(|_| self.discard(part))
    }

    fn rename(&mut self, from: File, to: File) -> Result<(), JournalError> {
        let renamed = self.disk.rename(&from.name(), &to.name()).and_then(|()| self.disk.sync());
        renamed.map_err(|error| self.error(Some(to), "cannot be put in place", error))
    }

    /// Writes a file to the disk.
    fn write(&mut self, file: File, bytes: &[u8]) -> Result<Box<dyn Sink>, JournalError> {
        let written = self.disk.create(&file.name()).and_then(|mut sink| {
            sink.append(bytes)?;
            sink.sync()?;
            Ok(sink)
        });
        written.map_err(|error| {
            self.discard(file);
            self.error(Some(file), "cannot be written", error)
        })
    }

    /// Gives back the room of a file that counts for nothing. Where that fails, too, it is left.
    fn discard(&mut self, file: File) {
        let _ = self.disk.remove(&file.name());
    }

    fn remove_before(&mut self, number: u64) -> Result<(), JournalError> {
        for file in self.files()?.into_iter().filter(|file| file.number() < number) {
            self.disk
                .remove(&file.name())
                .map_err(|error| self.error(Some(file), "cannot be removed", error))?;
        }
        Ok(())
    }

    /// An error with a file, or with the folder.
    pub(crate) fn error(&self, file: Option<File>, what: &'static str, error: io::Error) -> JournalError {
        JournalError::Io { path: self.path(file), what, error }
    }

    pub(crate) fn path(&self, file: Option<File>) -> PathBuf {
        file.map_or_else(|| self.folder.clone(), |file| self.folder.join(file.name()))
    }
}

impl File {
    pub(crate) fn number(self) -> u64 {
        match self {
            Self::Part(number) | Self::Journal(number) | Self::Snapshot(number) | Self::Finished(number) => {
                number
            }
        }
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Part(_) => "part",
            Self::Journal(_) => "journal",
            Self::Snapshot(_) => "snapshot",
            Self::Finished(_) => "finished",
        }
    }

    fn name(self) -> String {
        format!("crawl-{}.{}", self.number(), self.kind())
    }

    fn named(name: &str) -> Option<Self> {
        let (number, kind) = name.strip_prefix("crawl-")?.split_once('.')?;
        let number = number.parse().ok()?;
        let all = [Self::Part(number), Self::Journal(number), Self::Snapshot(number), Self::Finished(number)];
        all.into_iter().find(|file| file.kind() == kind && file.name() == name)
    }
}
