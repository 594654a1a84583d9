//! The files that are written.

use super::fields::{Fields, date, record_id};
use super::pack::Packer;
use crate::error::{Error, Problem};
use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use tempfile::SpooledTempFile;

/// What was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Written {
    /// The files, in the order in which they were written.
    pub files: Vec<PathBuf>,
    /// Exchanges recorded: those that brought a response, and those that failed.
    pub exchanges: u64,
    /// Bytes in all files.
    pub bytes: u64,
}

/// The file that is being written, and those before it. No file ever holds half a record for longer than it takes to
/// write it; one that could not be written is cut off again.
pub(crate) struct Output {
    first: PathBuf,
    file: File,
    /// Bytes of whole records in `file`.
    length: u64,
    /// The length that it had with nothing but the record about itself.
    begun: u64,
    /// The length at which the next file is begun; `None` for never.
    full: Option<u64>,
    gzip: bool,
    /// The `application/warc-fields` that each file begins with.
    about: String,
    /// Files of an earlier run, which are left as they are.
    earlier: Vec<PathBuf>,
    written: Written,
}

impl Output {
    /// Goes on after the files of an earlier run, if it may.
    pub(crate) fn create(
        first: &Path,
        full: Option<u64>,
        about: String,
        goes_on: bool,
    ) -> Result<Self, Error> {
        let gzip = first.extension().is_some_and(|extension| extension.eq_ignore_ascii_case("gz"));
        let mut earlier = Vec::new();
        let file = loop {
            let path = numbered(first, earlier.len());
            match create(&path) {
                Err(error) if goes_on && matches!(error.problem(), Problem::Exists) => earlier.push(path),
                file => break file?,
            }
        };
        let (first, written) = (first.to_owned(), Written::default());
        let mut output = Self { first, file, length: 0, begun: 0, full, gzip, about, earlier, written };
        output.begin()?;
        Ok(output)
    }

    pub(crate) fn earlier(&self) -> &[PathBuf] {
        &self.earlier
    }

    pub(crate) fn is_gzip(&self) -> bool {
        self.gzip
    }

    /// Appends the records of one exchange, which stay together in one file.
    pub(crate) fn append(&mut self, records: &mut SpooledTempFile) -> Result<(), Error> {
        let more = self.checked(records.seek(SeekFrom::End(0)))?;
        if self.full.is_some_and(|full| self.length + more > full) && self.length > self.begun {
            self.next()?;
        }
        let copied = records.rewind().and_then(|()| io::copy(records, &mut self.file));
        if copied.is_err() {
            // If this fails too, whoever reads it finds the torn end.
            let _ = self.file.set_len(self.length);
        }
        self.length += self.checked(copied)?;
        self.written.bytes += more;
        self.written.exchanges += 1;
        Ok(())
    }

    /// Sees to it that all is on the disk.
    pub(crate) fn finish(&self) -> Result<Written, Error> {
        self.checked(self.file.sync_all())?;
        Ok(self.written.clone())
    }

    fn next(&mut self) -> Result<(), Error> {
        self.checked(self.file.sync_all())?;
        self.file = create(&self.path())?;
        self.length = 0;
        self.begin()
    }

    /// Writes the record about the file itself (WARC 1.1 section 6.2).
    fn begin(&mut self) -> Result<(), Error> {
        let path = self.path();
        let mut fields = Fields::new("warcinfo", &record_id(), &date(SystemTime::now()));
        fields.add("WARC-Filename", &path.file_name().unwrap_or_default().to_string_lossy());
        fields.add("Content-Type", "application/warc-fields");
        let fields = fields.end(self.about.len() as u64);
        let mut record = Vec::new();
        let parts = [fields.as_bytes(), self.about.as_bytes()];
        let packed = Packer::new(self.gzip).record(&parts, None, &mut record);
        self.written.files.push(path);
        let written = packed.and_then(|()| self.file.write_all(&record));
        self.checked(written)?;
        self.length = record.len() as u64;
        self.begun = self.length;
        self.written.bytes += self.length;
        Ok(())
    }

    /// Of the file that is to be written next.
    fn path(&self) -> PathBuf {
        numbered(&self.first, self.earlier.len() + self.written.files.len())
    }

    fn checked<T>(&self, result: io::Result<T>) -> Result<T, Error> {
        let path = self.written.files.last().unwrap_or(&self.first);
        result.map_err(|error| Error::new(path, Problem::Io(error)))
    }
}

/// Never one that is there already.
fn create(path: &Path) -> Result<File, Error> {
    let file = OpenOptions::new().write(true).create_new(true).open(path);
    file.map_err(|error| match error.kind() {
        io::ErrorKind::AlreadyExists => Error::new(path, Problem::Exists),
        _ => Error::new(path, Problem::Io(error)),
    })
}

/// The name of a further file: `crawl.warc.gz` is followed by `crawl-00001.warc.gz`.
fn numbered(first: &Path, number: usize) -> PathBuf {
    if number == 0 {
        return first.to_owned();
    }
    let name = first.file_name().unwrap_or_default().to_string_lossy();
    let end = [".warc.gz", ".warc"].into_iter().find(|end| name.to_ascii_lowercase().ends_with(end));
    let (stem, end) = name.split_at(name.len() - end.map_or(0, str::len));
    first.with_file_name(format!("{stem}-{number:05}{end}"))
}

#[cfg(test)]
mod tests {
    use super::numbered;
    use std::path::Path;

    #[test]
    fn further_files_are_numbered() {
        for (first, second) in [
            ("a/crawl.warc.gz", "a/crawl-00001.warc.gz"),
            ("crawl.WARC", "crawl-00001.WARC"),
            ("crawl", "crawl-00001"),
            (".warc", "-00001.warc"),
        ] {
            assert_eq!(numbered(Path::new(first), 1), Path::new(second));
            assert_eq!(numbered(Path::new(first), 0), Path::new(first));
        }
    }
}
