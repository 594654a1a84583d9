//! What is wrong with an archive.

use core::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// What is wrong with an archive, and where.
///
/// `Display` names the file, the byte that the record begins at, and the way out where there is one.
#[derive(Debug)]
pub struct Error {
    path: PathBuf,
    offset: Option<u64>,
    problem: Problem,
}

/// What is wrong.
#[derive(Debug)]
#[non_exhaustive]
pub enum Problem {
    /// The operating system would not let it be read, or written.
    Io(io::Error),
    /// There is a file of that name, and nothing is overwritten.
    Exists,
    /// It holds no bytes.
    Empty,
    /// It does not begin as a WARC does.
    NotWarc,
    /// It is a WACZ, or another ZIP.
    Zip,
    /// It is compressed with Zstandard.
    Zstd,
    /// The last record ends before its time: what wrote it was interrupted. The records before it are whole.
    Torn,
    /// The gzip data are damaged.
    Gzip,
    /// A gzip member holds more than one record, so that none can be found but by reading all before it.
    ManyRecordsInMember,
    /// What stands where a record should is none, or its length is missing, not a number, or not the record's.
    Framing,
    /// The record's own fields are longer than this many bytes.
    FieldsTooLong(usize),
    /// What it says of the archive, the URLs that the crawl began with above all, is longer than this many bytes.
    AboutTooLong(usize),
    /// The content is not what the digest beside it was made from.
    Digest,
    /// What the record says of the exchange was written by a later version of this crate, or damaged.
    Note,
    /// The record repeats another one, which is not there.
    NoOriginal,
}

impl Error {
    pub(crate) fn new(path: &Path, problem: Problem) -> Self {
        Self { path: path.to_owned(), offset: None, problem }
    }

    pub(crate) fn at(path: &Path, offset: u64, problem: Problem) -> Self {
        Self { path: path.to_owned(), offset: Some(offset), problem }
    }

    /// The file.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The byte of the file that the record in question begins at; `None` where it is about the file as a whole.
    #[must_use]
    pub const fn offset(&self) -> Option<u64> {
        self.offset
    }

    /// What is wrong.
    #[must_use]
    pub const fn problem(&self) -> &Problem {
        &self.problem
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.path.display())?;
        if let Some(offset) = self.offset {
            write!(f, "record at byte {offset}: ")?;
        }
        write!(f, "{}", self.problem)
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Io(error) => return write!(f, "{error}"),
            Self::FieldsTooLong(limit) => return write!(f, "its own fields are longer than {limit} bytes"),
            Self::AboutTooLong(limit) => {
                return write!(
                    f,
                    "what it says of the archive is longer than {limit} bytes; it is left out: give the seeds yourself"
                );
            }
            Self::Exists => "exists already, and is not overwritten: give another name, or remove it",
            Self::Empty => "is empty",
            Self::NotWarc => "is not a WARC: it begins neither with \"WARC/\" nor as gzip",
            Self::Zip => "is a ZIP, as a WACZ is: unpack it, and give the WARC files in its folder \"archive\"",
            Self::Zstd => "is compressed with Zstandard: decompress it (\"zstd -d\"), and give the WARC",
            Self::Torn => "is cut short: what wrote it was interrupted; the records before it are whole",
            Self::Gzip => "the gzip data are damaged",
            Self::ManyRecordsInMember => {
                "is not compressed by itself, so it cannot be found again: decompress the file (\"gunzip\"), and \
                 give the WARC"
            }
            Self::Framing => "is not a WARC record, or its length is wrong",
            Self::Digest => "the content is not what its digest was made from; it is left out",
            Self::Note => "what it says of the exchange cannot be read by this version; it is left out",
            Self::NoOriginal => "repeats a record that is not in the archive; it is left out",
        })
    }
}

impl core::error::Error for Error {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match &self.problem {
            Problem::Io(error) => Some(error),
            _ => None,
        }
    }
}
