//! HTTP's own framing, where a recorder kept it (RFC 9112 section 7.1).

use crawlspace::{Failure, Local, Protocol};
use std::io::{BufRead, ErrorKind, Read as _};

/// The longest line between chunks: a size with its extensions, or a field of the trailer.
const MAX_LINE: u64 = 4_096;

/// A body that may be in chunks.
pub(super) struct Body<B> {
    from: B,
    state: State,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// Not in chunks, or what a recorder made of them.
    Whole,
    /// Before the first size: many recorders take the framing off, and leave its name in the head.
    Unsure,
    Size,
    Chunk(u64),
    Over,
}

impl<B: BufRead> Body<B> {
    /// A body whose head names the chunked coding, or does not.
    pub(super) fn new(from: B, chunked: bool) -> Self {
        Self { from, state: if chunked { State::Unsure } else { State::Whole } }
    }

    /// The next bytes, some of them at least; none at the end. They stay until they are [taken](Self::take).
    pub(super) fn peek(&mut self) -> Result<&[u8], Failure> {
        if self.state == State::Unsure {
            let begins_with_size = is_size(self.from.fill_buf().map_err(failure)?);
            self.state = if begins_with_size { State::Size } else { State::Whole };
        }
        if self.state == State::Size {
            self.state = match self.size()? {
                0 => State::Over,
                size => State::Chunk(size),
            };
        }
        let most = match self.state {
            State::Over => return Ok(&[]),
            State::Chunk(left) => left,
            _ => u64::MAX,
        };
        let bytes = self.from.fill_buf().map_err(failure)?;
        match self.state {
            State::Chunk(_) if bytes.is_empty() => Err(Failure::Truncated),
            _ => Ok(&bytes[..usize::try_from(most).map_or(bytes.len(), |most| most.min(bytes.len()))]),
        }
    }

    /// Takes so many of the bytes that were seen.
    pub(super) fn take(&mut self, length: usize) -> Result<(), Failure> {
        self.from.consume(length);
        if let State::Chunk(left) = &mut self.state {
            *left = left.saturating_sub(length as u64);
            if *left == 0 {
                self.line()?;
                self.state = State::Size;
            }
        }
        Ok(())
    }

    fn size(&mut self) -> Result<u64, Failure> {
        let line = self.line()?;
        let digits = line.split(|byte| *byte == b';').next().unwrap_or_default().trim_ascii();
        let text = core::str::from_utf8(digits).ok().filter(|text| !text.starts_with('+'));
        text.and_then(|text| u64::from_str_radix(text, 16).ok()).ok_or(Failure::Protocol(Protocol::Malformed))
    }

    fn line(&mut self) -> Result<Vec<u8>, Failure> {
        let mut line = Vec::new();
        (&mut self.from).take(MAX_LINE).read_until(b'\n', &mut line).map_err(failure)?;
        match line.pop() {
            Some(b'\n') => Ok(line),
            Some(_) if line.len() as u64 + 1 == MAX_LINE => Err(Failure::Protocol(Protocol::Malformed)),
            _ => Err(Failure::Truncated),
        }
    }
}

/// Whether bytes can be the beginning of a body in chunks: hexadecimal digits, then an extension or the line's end.
fn is_size(bytes: &[u8]) -> bool {
    let digits = bytes.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
    (1..=16).contains(&digits) && matches!(bytes.get(digits), Some(b'\r' | b'\n' | b';' | b' ' | b'\t'))
}

/// What is wrong with the record's block.
fn failure(error: std::io::Error) -> Failure {
    match error.kind() {
        ErrorKind::UnexpectedEof => Failure::Truncated,
        _ => Failure::Local(Local::File),
    }
}
