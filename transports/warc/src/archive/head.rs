//! The head of a recorded response.
//!
//! Recorders write what they were sent, or what their browser told them; the reader is as patient as theirs are.

use crawlspace::digest::Head;
use crawlspace::{Failure, Protocol};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use std::io::{BufRead, ErrorKind, Read as _};

/// The most bytes that a head may have, heads of informational responses before it included.
const MAX_HEAD: u64 = 1 << 20;

/// The most fields that are read; the rest is ignored.
const MAX_FIELDS: usize = 4_096;

/// Reads the head of the final response, and leaves the reader at its body.
pub(super) fn read(from: &mut impl BufRead) -> Result<Head, Failure> {
    let mut left = MAX_HEAD;
    loop {
        let head = read_one(from, &mut left)?;
        // Some tools keep those that came before.
        if !head.status.is_informational() || head.status == StatusCode::SWITCHING_PROTOCOLS {
            return Ok(head);
        }
    }
}

/// The head that a file of this type would be served with.
pub(super) fn of_resource(media: &str) -> Head {
    let mut headers = HeaderMap::new();
    if let Ok(media) = HeaderValue::from_str(media)
        && !media.is_empty()
    {
        headers.insert(CONTENT_TYPE, media);
    }
    Head { status: StatusCode::OK, headers }
}

/// The head of an answer that says no more than its status.
pub(super) fn bare(status: StatusCode) -> Head {
    Head { status, headers: HeaderMap::new() }
}

fn read_one(from: &mut impl BufRead, left: &mut u64) -> Result<Head, Failure> {
    let status = status(&line(from, left)?).ok_or(Failure::Protocol(Protocol::Malformed))?;
    let mut headers = HeaderMap::new();
    let mut field: Option<Vec<u8>> = None;
    loop {
        let line = line(from, left)?;
        match &mut field {
            // RFC 9112 section 5.2: a folded line goes on with the field before it.
            Some(field) if line.starts_with(b" ") || line.starts_with(b"\t") => {
                field.push(b' ');
                field.extend_from_slice(line.trim_ascii());
                continue;
            }
            _ => add(&mut headers, field.take()),
        }
        if line.is_empty() {
            return Ok(Head { status, headers });
        }
        field = Some(line);
    }
}

/// `HTTP/1.1 200 OK`, whatever the version, and whether there is a reason or not.
fn status(line: &[u8]) -> Option<StatusCode> {
    let mut words = line.split(|byte| *byte == b' ').filter(|word| !word.is_empty());
    words.next().filter(|version| version.starts_with(b"HTTP/"))?;
    StatusCode::from_bytes(words.next()?).ok()
}

/// A line that is no field is skipped, as browsers do.
fn add(headers: &mut HeaderMap, line: Option<Vec<u8>>) {
    let Some(line) = line.filter(|_| headers.len() < MAX_FIELDS) else { return };
    let Some(colon) = line.iter().position(|byte| *byte == b':') else { return };
    let (name, value) = (line[..colon].trim_ascii(), line[colon + 1..].trim_ascii());
    if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name), HeaderValue::from_bytes(value)) {
        headers.append(name, value);
    }
}

/// The next line without its end. A head that ends with its block has no empty line behind it.
fn line(from: &mut impl BufRead, left: &mut u64) -> Result<Vec<u8>, Failure> {
    let mut line = Vec::new();
    let read = from.by_ref().take(*left).read_until(b'\n', &mut line);
    read.map_err(|error| match error.kind() {
        ErrorKind::UnexpectedEof => Failure::Truncated,
        _ => Failure::Local(crawlspace::Local::File),
    })?;
    *left -= line.len() as u64;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if *left == 0 {
        return Err(Failure::Protocol(Protocol::HeadTooLarge));
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(line)
}
