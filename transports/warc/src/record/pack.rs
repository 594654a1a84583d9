//! One record after another into a spool, each compressed by itself.

use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use std::io::{self, Read, Seek as _, Write};
use std::path::Path;
use tempfile::{SpooledTempFile, spooled_tempfile_in};

/// Bytes that a spool holds in memory; what is more goes to a temporary file.
const SPOOLED: usize = 128 * 1024;

/// Bytes worked on at a time.
const CHUNK: usize = 16 * 1024;

/// A place for bytes whose number is not known yet: in memory as long as they are few, then in a file without a name
/// in the archive's folder.
pub(crate) fn spool(folder: &Path) -> SpooledTempFile {
    spooled_tempfile_in(SPOOLED, folder)
}

/// Writes records, and can be used again: to make a compressor costs more than to compress a page.
pub(crate) struct Packer {
    compress: Option<Compress>,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Packer {
    pub(crate) fn new(gzip: bool) -> Self {
        let compress = gzip.then(|| Compress::new(Compression::fast(), false));
        Self { compress, input: vec![0; CHUNK], output: Vec::with_capacity(2 * CHUNK) }
    }

    /// Writes one record: what is given as bytes, then all that `body` holds, then what ends a record.
    pub(crate) fn record(
        &mut self,
        before: &[&[u8]],
        body: Option<&mut SpooledTempFile>,
        into: &mut impl Write,
    ) -> io::Result<()> {
        let Self { compress, input, output } = self;
        let mut member = Member::begin(compress.as_mut(), output, into)?;
        for bytes in before {
            member.push(bytes)?;
        }
        if let Some(body) = body {
            body.rewind()?;
            loop {
                match body.read(input)? {
                    0 => break,
                    read => member.push(&input[..read])?,
                }
            }
        }
        member.push(super::fields::END)?;
        member.end()
    }
}

/// One gzip member (RFC 1952 section 2.3) in the making, or plain bytes.
struct Member<'a, W> {
    compress: Option<&'a mut Compress>,
    crc: Crc,
    output: &'a mut Vec<u8>,
    into: &'a mut W,
}

impl<'a, W: Write> Member<'a, W> {
    fn begin(
        mut compress: Option<&'a mut Compress>,
        output: &'a mut Vec<u8>,
        into: &'a mut W,
    ) -> io::Result<Self> {
        output.clear();
        if let Some(compress) = &mut compress {
            compress.reset();
            // Deflate, no flags, no date, fastest, from an unknown system.
            output.extend([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 4, 0xff]);
        }
        Ok(Self { compress, crc: Crc::new(), output, into })
    }

    fn push(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.crc.update(bytes);
        self.deflate(bytes, FlushCompress::None)
    }

    fn deflate(&mut self, mut bytes: &[u8], flush: FlushCompress) -> io::Result<()> {
        let Some(compress) = &mut self.compress else { return self.into.write_all(bytes) };
        loop {
            if self.output.len() >= CHUNK {
                self.into.write_all(self.output)?;
                self.output.clear();
            }
            self.output.reserve(CHUNK);
            let before = compress.total_in();
            let status = compress.compress_vec(bytes, self.output, flush).map_err(io::Error::other)?;
            let taken = usize::try_from(compress.total_in() - before).unwrap_or(bytes.len());
            bytes = bytes.get(taken..).unwrap_or_default();
            let done = match flush {
                FlushCompress::Finish => status == Status::StreamEnd,
                _ => bytes.is_empty(),
            };
            if done {
                return Ok(());
            }
        }
    }

    fn end(mut self) -> io::Result<()> {
        if self.compress.is_some() {
            self.deflate(&[], FlushCompress::Finish)?;
            self.output.extend(self.crc.sum().to_le_bytes());
            self.output.extend(self.crc.amount().to_le_bytes());
            self.into.write_all(self.output)?;
            self.output.clear();
        }
        Ok(())
    }
}
