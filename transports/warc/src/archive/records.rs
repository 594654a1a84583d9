//! One record after another.

use super::fields::{Fields, Unread};
use crate::error::Problem;
use flate2::bufread::GzDecoder;
use std::io::{self, BufRead, BufReader, ErrorKind, Read, Seek, SeekFrom};

/// A file, and where it is read.
pub(super) struct Records<R> {
    input: Counted<R>,
}

/// A record: its fields, and its block to be read.
pub(super) struct Record<'a, R> {
    pub(super) fields: Fields,
    pub(super) block: Block<'a, R>,
}

/// A record's block. Reading stops at its end; that it is all there is an error's to tell.
pub(super) struct Block<'a, R> {
    stream: Stream<'a, R>,
    left: u64,
}

/// A record's bytes, decompressed.
enum Stream<'a, R> {
    Plain(&'a mut Counted<R>),
    Gzip(Box<BufReader<GzDecoder<&'a mut Counted<R>>>>),
}

/// What goes on behind a record.
enum Behind {
    Nothing,
    More,
}

impl<R: Read + Seek> Records<R> {
    /// Reads from this byte on.
    pub(super) fn at(mut file: R, offset: u64) -> io::Result<Self> {
        file.seek(SeekFrom::Start(offset))?;
        Ok(Self { input: Counted { inner: BufReader::with_capacity(16 * 1024, file), at: offset } })
    }

    /// The byte that is read next.
    pub(super) fn offset(&self) -> u64 {
        self.input.at
    }

    /// The first bytes of what is left.
    pub(super) fn peek(&mut self) -> io::Result<&[u8]> {
        self.input.fill_buf()
    }

    /// Begins the next record; `None` at the end of the file.
    pub(super) fn next(&mut self) -> Result<Option<Record<'_, R>>, Problem> {
        let start = self.input.fill_buf().map_err(Problem::Io)?;
        if start.is_empty() {
            return Ok(None);
        }
        let mut stream = match start[0] {
            0x1f => {
                Stream::Gzip(Box::new(BufReader::with_capacity(8 * 1024, GzDecoder::new(&mut self.input))))
            }
            _ => Stream::Plain(&mut self.input),
        };
        let fields = Fields::read(&mut stream).map_err(|unread| match unread {
            Unread::Io(error) => problem(error),
            Unread::Problem(problem) => problem,
        })?;
        let left = fields.length().ok_or(Problem::Framing)?;
        Ok(Some(Record { fields, block: Block { stream, left } }))
    }

    /// The file, for someone else to read.
    pub(super) fn into_inner(self) -> R {
        self.input.inner.into_inner()
    }
}

impl<R: Read> Block<'_, R> {
    /// How much of it has not been read.
    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    /// Reads what is left, shows it, and what stands between this record and the next.
    pub(super) fn finish(mut self, mut see: impl FnMut(&[u8])) -> Result<(), Problem> {
        loop {
            let bytes = self.fill_buf().map_err(problem)?;
            if bytes.is_empty() {
                break;
            }
            see(bytes);
            let length = bytes.len();
            self.consume(length);
        }
        match self.stream.skip_line_ends().map_err(problem)? {
            Behind::Nothing => Ok(()),
            Behind::More if matches!(self.stream, Stream::Plain(_)) => Ok(()),
            Behind::More => Err(Problem::ManyRecordsInMember),
        }
    }
}

impl<R: Read> BufRead for Block<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.left == 0 {
            return Ok(&[]);
        }
        let bytes = self.stream.fill_buf()?;
        if bytes.is_empty() {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        let length = usize::try_from(self.left).map_or(bytes.len(), |left| left.min(bytes.len()));
        Ok(&bytes[..length])
    }

    fn consume(&mut self, length: usize) {
        self.left = self.left.saturating_sub(length as u64);
        self.stream.consume(length);
    }
}

impl<R: Read> Read for Block<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let mut bytes = self.fill_buf()?;
        let read = bytes.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<R: Read> Stream<'_, R> {
    /// Skips the line ends behind a block: two, but some tools write fewer, or more.
    fn skip_line_ends(&mut self) -> io::Result<Behind> {
        const MOST: usize = 64;
        for _ in 0..MOST {
            match self.fill_buf()?.first() {
                None => return Ok(Behind::Nothing),
                Some(b'\r' | b'\n') => self.consume(1),
                Some(_) => return Ok(Behind::More),
            }
        }
        Ok(Behind::More)
    }
}

impl<R: Read> BufRead for Stream<'_, R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        match self {
            Self::Plain(input) => input.fill_buf(),
            Self::Gzip(input) => input.fill_buf(),
        }
    }

    fn consume(&mut self, length: usize) {
        match self {
            Self::Plain(input) => input.consume(length),
            Self::Gzip(input) => input.consume(length),
        }
    }
}

impl<R: Read> Read for Stream<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(input) => input.read(into),
            Self::Gzip(input) => input.read(into),
        }
    }
}

/// Knows how far it has been read.
struct Counted<R> {
    inner: BufReader<R>,
    at: u64,
}

impl<R: Read> BufRead for Counted<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        loop {
            match self.inner.fill_buf() {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                _ => break,
            }
        }
        self.inner.fill_buf()
    }

    fn consume(&mut self, length: usize) {
        self.at += length as u64;
        self.inner.consume(length);
    }
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(into)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// The decompressor tells damage by these kinds, and the system none of its errors.
pub(super) fn problem(error: io::Error) -> Problem {
    match error.kind() {
        ErrorKind::UnexpectedEof => Problem::Torn,
        ErrorKind::InvalidInput | ErrorKind::InvalidData => Problem::Gzip,
        _ => Problem::Io(error),
    }
}
