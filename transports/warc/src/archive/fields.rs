//! A record's own fields, as they are read: with more patience than they are written.

use crate::error::Problem;
use std::io::{self, BufRead, Read as _};

/// The most bytes that a record's own fields may have. Some tools put metadata there.
pub(super) const MAX_FIELDS: usize = 256 * 1024;

/// The fields of one record, in order.
#[derive(Debug, Default)]
pub(super) struct Fields(Vec<(String, String)>);

/// Why there are none.
#[derive(Debug)]
pub(super) enum Unread {
    Io(io::Error),
    Problem(Problem),
}

impl From<io::Error> for Unread {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl Fields {
    /// Reads from the version line to the empty line behind the last field.
    pub(super) fn read(from: &mut impl BufRead) -> Result<Self, Unread> {
        const VERSION: &[u8] = b"WARC/";
        let start = from.fill_buf()?;
        let known = start.len().min(VERSION.len());
        if start[..known] != VERSION[..known] {
            return Err(Unread::Problem(Problem::Framing));
        }
        let mut left = MAX_FIELDS;
        let _version = line(from, &mut left)?;
        let mut fields: Vec<(String, String)> = Vec::new();
        loop {
            let line = line(from, &mut left)?;
            if line.is_empty() {
                return Ok(Self(fields));
            }
            if line.starts_with([' ', '\t']) {
                // Folded, as WARC 1.0 allows.
                if let Some((_, value)) = fields.last_mut() {
                    value.push(' ');
                    value.push_str(line.trim());
                }
                continue;
            }
            let Some((name, value)) = line.split_once(':') else {
                return Err(Unread::Problem(Problem::Framing));
            };
            fields.push((name.trim().to_owned(), value.trim().to_owned()));
        }
    }

    /// The first field of this name.
    pub(super) fn get(&self, name: &'static str) -> Option<&str> {
        self.all(name).next()
    }

    /// All fields of this name.
    pub(super) fn all(&self, name: &'static str) -> impl Iterator<Item = &str> {
        let known = self.0.iter().filter(move |(known, _)| known.eq_ignore_ascii_case(name));
        known.map(|(_, value)| value.as_str())
    }

    /// The block's length, if it is said, and said once.
    pub(super) fn length(&self) -> Option<u64> {
        let mut lengths = self.all("Content-Length");
        let length = lengths.next()?;
        let is_number = !length.is_empty() && length.bytes().all(|byte| byte.is_ascii_digit());
        lengths.all(|other| other == length).then_some(())?;
        if is_number { length.parse().ok() } else { None }
    }

    /// What the record is about. Some tools put it in angle brackets, as WARC 1.0 says it in one place.
    pub(super) fn target(&self) -> Option<&str> {
        self.get("WARC-Target-URI").map(bare)
    }

    /// The media type of the block, without parameters.
    pub(super) fn media(&self) -> &str {
        self.get("Content-Type").and_then(|media| media.split(';').next()).unwrap_or_default().trim()
    }

    /// Seconds of a date, as a number that grows with it; 0 if there is none.
    pub(super) fn date(&self, name: &'static str) -> u64 {
        let digits = self.get(name).unwrap_or_default().bytes().filter(u8::is_ascii_digit).take(14);
        digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    }
}

/// Without angle brackets.
pub(super) fn bare(text: &str) -> &str {
    text.strip_prefix('<').and_then(|text| text.strip_suffix('>')).unwrap_or(text)
}

/// The next line without its end. A text that is not UTF-8 is made to be: nothing that matters here is.
fn line(from: &mut impl BufRead, left: &mut usize) -> Result<String, Unread> {
    let mut bytes = Vec::new();
    from.by_ref().take(*left as u64).read_until(b'\n', &mut bytes)?;
    *left -= bytes.len();
    if bytes.pop() != Some(b'\n') {
        return Err(match left {
            0 => Unread::Problem(Problem::FieldsTooLong(MAX_FIELDS)),
            _ => Unread::Io(io::ErrorKind::UnexpectedEof.into()),
        });
    }
    if bytes.last() == Some(&b'\r') {
        bytes.pop();
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
