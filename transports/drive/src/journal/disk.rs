//! The few things that are done with files, so that tests can have each of them fail.

use super::error::JournalError;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

/// One folder.
pub(crate) trait Disk: Send {
    /// What is in it.
    fn names(&self) -> io::Result<Vec<String>>;
    fn read(&self, name: &str) -> io::Result<Vec<u8>>;
    /// A file that is empty, whatever was there.
    fn create(&mut self, name: &str) -> io::Result<Box<dyn Sink>>;
    fn rename(&mut self, from: &str, to: &str) -> io::Result<()>;
    fn remove(&mut self, name: &str) -> io::Result<()>;
    /// Has names outlast a loss of power.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file that is appended to.
pub(crate) trait Sink: Send {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Has what was appended outlast a loss of power.
    fn sync(&mut self) -> io::Result<()>;
}

/// A real folder, locked while this lives.
pub(crate) struct Folder {
    path: PathBuf,
    /// The lock goes with it.
    _lock: Option<File>,
}

/// Its content means nothing, and it is never removed: another process may be about to lock it.
const LOCK: &str = "lock";

impl Folder {
    /// Makes the folder if it is not there, and locks it for this process alone.
    pub(crate) fn own(path: &Path) -> Result<Self, JournalError> {
        fs::create_dir_all(path).map_err(|error| io(path, "cannot be made a folder", error))?;
        let lock_path = path.join(LOCK);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let lock = private(&mut options).open(&lock_path);
        let lock = lock.map_err(|error| io(&lock_path, "cannot be written", error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: Some(lock) }),
            Err(TryLockError::WouldBlock) => Err(JournalError::InUse { folder: path.to_owned() }),
            Err(TryLockError::Error(error)) => Err(io(&lock_path, "cannot be locked", error)),
        }
    }

    /// For reading only, which a folder that cannot be written to is good enough for.
    pub(crate) fn share(path: &Path) -> Result<Self, JournalError> {
        let lock = File::open(path.join(LOCK)).ok();
        if let Some(lock) = &lock
            && matches!(lock.try_lock_shared(), Err(TryLockError::WouldBlock))
        {
            return Err(JournalError::InUse { folder: path.to_owned() });
        }
        Ok(Self { path: path.to_owned(), _lock: lock })
    }
}

impl Disk for Folder {
    fn names(&self) -> io::Result<Vec<String>> {
        let names = fs::read_dir(&self.path)?.map(|entry| entry.map(|entry| entry.file_name().into_string()));
        // A name that is not text is none of ours.
        Ok(names.collect::<io::Result<Vec<_>>>()?.into_iter().flatten().collect())
    }

    fn read(&self, name: &str) -> io::Result<Vec<u8>> {
        fs::read(self.path.join(name))
    }

    fn create(&mut self, name: &str) -> io::Result<Box<dyn Sink>> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(true);
        Ok(Box::new(private(&mut options).open(self.path.join(name))?))
    }

    fn rename(&mut self, from: &str, to: &str) -> io::Result<()> {
        fs::rename(self.path.join(from), self.path.join(to))
    }

    fn remove(&mut self, name: &str) -> io::Result<()> {
        fs::remove_file(self.path.join(name))
    }

    /// Elsewhere than on Unix a folder cannot be opened, and the file system sees to it.
    fn sync(&mut self) -> io::Result<()> {
        if cfg!(unix) { File::open(&self.path)?.sync_all() } else { Ok(()) }
    }
}

impl Sink for File {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }
}

fn io(path: &Path, what: &'static str, error: io::Error) -> JournalError {
    JournalError::Io { path: path.to_owned(), what, error }
}

/// What a crawl has seen is its owner's alone.
fn private(options: &mut OpenOptions) -> &mut OpenOptions {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    options
}
