//! What stands in the folder: every look and every opening goes through a handle that cannot be left.

use crawlspace::{Failure, Local};
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use cap_std::ambient_authority;
use cap_std::fs::{Dir as Handle, Metadata, OpenOptions};

/// A folder that no path escapes.
#[derive(Debug)]
pub(crate) struct Folder {
    handle: Handle,
    /// Canonical.
    root: PathBuf,
}

/// Why there is no file to be had.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Denial {
    /// There is none of that name.
    Missing,
    /// It may not be read, or a link to it leads out of the folder or in circles.
    Forbidden,
    /// The machine failed.
    Failed(Failure),
}

/// What a path names, symbolic links followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A regular file.
    File,
    /// A folder.
    Folder,
}

impl Folder {
    /// # Errors
    ///
    /// As the operating system says; [`io::ErrorKind::NotADirectory`] for anything that is no folder.
    pub(crate) fn open(root: &Path) -> io::Result<Self> {
        let root = std::fs::canonicalize(root)?;
        if !std::fs::metadata(&root)?.is_dir() {
            return Err(io::ErrorKind::NotADirectory.into());
        }
        let handle = Handle::open_ambient_dir(&root, ambient_authority())?;
        Ok(Self { handle, root })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// What stands there. Anything that is neither file nor folder counts as missing.
    pub(crate) fn kind(&self, path: &Path) -> Result<Kind, Denial> {
        let metadata = self.resolve(path, |path| self.handle.metadata(path))?;
        match (metadata.is_file(), metadata.is_dir()) {
            (true, _) => Ok(Kind::File),
            (_, true) => Ok(Kind::Folder),
            _ => Err(Denial::Missing),
        }
    }

    /// Opens a regular file, and says how long it is.
    pub(crate) fn read(&self, path: &Path) -> Result<(File, u64), Denial> {
        let mut options = OpenOptions::new();
        options.read(true);
        never_wait(&mut options);
        let file = self.resolve(path, |path| self.handle.open_with(path, &options))?;
        // What was looked at before may have been replaced: only the opened file counts.
        let metadata: Metadata = file.metadata().map_err(|error| denial(&error))?;
        if !metadata.is_file() {
            return Err(Denial::Missing);
        }
        Ok((file.into_std(), metadata.len()))
    }

    /// Does something with a path, inside the handle. An absolute link counts as leading out there, wherever it
    /// points: it is resolved by name, and tried again, inside the handle too, if that stays below the folder.
    fn resolve<T>(&self, path: &Path, act: impl Fn(&Path) -> io::Result<T>) -> Result<T, Denial> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let first = match act(path).map_err(|error| denial(&error)) {
            Err(Denial::Forbidden) => Denial::Forbidden,
            other => return other,
        };
        let Ok(target) = std::fs::canonicalize(self.root.join(path)) else { return Err(first) };
        match target.strip_prefix(&self.root) {
            Ok(inside) if inside != path && !inside.as_os_str().is_empty() => {
                act(inside).map_err(|error| denial(&error))
            }
            _ => Err(first),
        }
    }
}

/// A pipe without a writer must not hold up a fetch, even one that took a file's place since it was looked at.
#[cfg(unix)]
fn never_wait(options: &mut OpenOptions) {
    use cap_std::fs::OpenOptionsExt;
    options.custom_flags(rustix::fs::OFlags::NONBLOCK.bits().cast_signed());
}

#[cfg(not(unix))]
fn never_wait(_options: &mut OpenOptions) {}

fn denial(error: &io::Error) -> Denial {
    match error.kind() {
        io::ErrorKind::NotFound
        | io::ErrorKind::NotADirectory
        | io::ErrorKind::InvalidInput
        | io::ErrorKind::InvalidFilename => Denial::Missing,
        io::ErrorKind::PermissionDenied => Denial::Forbidden,
        io::ErrorKind::OutOfMemory => Denial::Failed(Failure::Local(Local::Resources)),
        _ => by_number(error),
    }
}

#[cfg(unix)]
fn by_number(error: &io::Error) -> Denial {
    use rustix::io::Errno;
    match Errno::from_io_error(error) {
        Some(Errno::LOOP) => Denial::Forbidden,
        // A socket, or a device without a driver.
        Some(Errno::NXIO | Errno::NODEV) => Denial::Missing,
        Some(Errno::MFILE | Errno::NFILE | Errno::NOMEM) => Denial::Failed(Failure::Local(Local::Resources)),
        _ => Denial::Failed(Failure::Local(Local::File)),
    }
}

#[cfg(not(unix))]
fn by_number(_error: &io::Error) -> Denial {
    Denial::Failed(Failure::Local(Local::File))
}
