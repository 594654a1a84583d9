//! What can go wrong with a crawl's state on disk, and the way out.

use core::fmt;
use crawlspace::ResumeError;
use std::io;
use std::path::{Path, PathBuf};

/// Why a state cannot be read or written. What is on the disk is whole all the same: it is changed only by adding to
/// it, or by putting a file in place that is complete.
#[derive(Debug)]
#[non_exhaustive]
pub enum JournalError {
    /// Another process works on it.
    InUse {
        /// The folder.
        folder: PathBuf,
    },
    /// A file or the folder cannot be read, written or removed.
    Io {
        /// Which.
        path: PathBuf,
        /// What was tried, as in "cannot be written".
        what: &'static str,
        /// What the operating system says.
        error: io::Error,
    },
    /// It is there, but a crawl cannot go on from it: it belongs to another configuration or version, or is damaged.
    Unusable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: ResumeError,
    },
    /// A journal that another version has written.
    Version {
        /// The file.
        path: PathBuf,
    },
}

impl JournalError {
    /// The file or folder it is about.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::InUse { folder } => folder,
            Self::Io { path, .. } | Self::Unusable { path, .. } | Self::Version { path } => path,
        }
    }
}

impl fmt::Display for JournalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.path().display();
        match self {
            Self::InUse { .. } => {
                write!(
                    f,
                    "{path}: another process works on this state: wait until it ends, or use another folder"
                )
            }
            Self::Io { what, error, .. } => {
                write!(f, "{path}: {what}: {error}: {}", way_out(error.kind()))
            }
            Self::Unusable { error, .. } => write!(f, "{path}: {error}"),
            Self::Version { .. } => {
                write!(
                    f,
                    "{path}: another version of this program wrote this journal: finish it with that one, or start anew"
                )
            }
        }
    }
}

impl core::error::Error for JournalError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::InUse { .. } | Self::Version { .. } => None,
            Self::Io { error, .. } => Some(error),
            Self::Unusable { error, .. } => Some(error),
        }
    }
}

fn way_out(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => {
            "make room; what was saved before is whole, and the crawl can go on from it"
        }
        io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => {
            "use a folder that this user may write to"
        }
        io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
            "name a folder, or one that is not there yet"
        }
        _ => "what was saved before is whole, and the crawl can go on from it once this is mended",
    }
}
