//! Watching the head of a response arrive, before the client sees any of it.

use crawlspace::{Failure, Protocol};
use crawlspace_http::HeadLimits;

/// Follows the heads of one response (RFC 9112 section 2.1), the informational ones first, scanning each byte once.
///
/// It judges only what the client behind it judges by other rules or not at all: sizes, counts, versions and
/// contradictory framing. Whether a head is otherwise well-formed is the client's to say.
#[derive(Debug)]
pub(crate) struct HeadScan {
    limits: HeadLimits,
    to_head: bool,
    informational: usize,
    current: Current,
}

/// What has been found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The head goes on.
    More,
    /// An informational head of this many bytes, to be dropped; another head follows.
    Informational(usize),
    /// The final head is complete.
    Final(Framing),
    /// This does not begin like a response: the client is to say what is wrong with it.
    Foreign,
}

/// How the end of the body is told (RFC 9112 section 6.3), as far as the scan needs to know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Framing {
    /// There is a `Content-Length`.
    pub(crate) length: bool,
    /// There is a `Transfer-Encoding`.
    pub(crate) coded: bool,
    /// There is a `Transfer-Encoding` with `chunked`.
    pub(crate) chunked: bool,
}

impl Framing {
    /// Whether the end of the connection is the end of the body.
    pub(crate) fn until_close(self) -> bool {
        !self.length && !self.chunked
    }

    /// Whether the two lengths contradict each other: the connection is not to be used again (RFC 9112
    /// section 6.3, rule 3).
    pub(crate) fn is_ambiguous(self) -> bool {
        self.length && self.coded
    }
}

#[derive(Debug, Default)]
struct Current {
    searched: usize,
    line_start: usize,
    status: Option<StatusLine>,
    fields: usize,
    framing: Framing,
}

#[derive(Clone, Copy, Debug)]
struct StatusLine {
    old: bool,
    code: [u8; 3],
}

impl HeadScan {
    /// For the response to a request whose method is HEAD, or GET.
    pub(crate) fn new(limits: HeadLimits, to_head: bool) -> Self {
        Self { limits, to_head, informational: 0, current: Current::default() }
    }

    /// Looks at what has come of the current head: all of it, from its first byte.
    ///
    /// # Errors
    ///
    /// [`Failure::Protocol`] for a head over its limits, too many informational heads, a version other than
    /// HTTP/1.x, a switch of protocols nobody asked for, or chunks in HTTP/1.0.
    pub(crate) fn look(&mut self, head: &[u8]) -> Result<Found, Failure> {
        while let Some(found) = memchr::memchr(b'\n', &head[self.current.searched..]) {
            let end = self.current.searched + found;
            let line = &head[self.current.line_start..end];
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            self.current.searched = end + 1;
            self.current.line_start = end + 1;
            if end >= self.limits.bytes {
                return Err(Failure::Protocol(Protocol::HeadTooLarge));
            }
            match self.current.status {
                // An empty line before the status line is passed over (RFC 9112 section 2.2).
                None if line.is_empty() => {}
                None => match status_line(line)? {
                    Some(status) => self.current.status = Some(status),
                    None => return Ok(Found::Foreign),
                },
                Some(status) if line.is_empty() => return self.complete(status, end + 1),
                Some(_) => self.field(line)?,
            }
        }
        self.current.searched = head.len();
        if head.len() >= self.limits.bytes {
            return Err(Failure::Protocol(Protocol::HeadTooLarge));
        }
        let begun = &head[self.current.line_start..];
        let foreign = self.current.status.is_none() && !begins_like_a_response(begun);
        Ok(if foreign { Found::Foreign } else { Found::More })
    }

    fn complete(&mut self, status: StatusLine, len: usize) -> Result<Found, Failure> {
        if status.code[0] != b'1' {
            let no_body = self.to_head || matches!(&status.code, b"204" | b"304");
            return if self.current.framing.coded && status.old && !no_body {
                // RFC 9112 section 6.1: the framing is faulty.
                Err(Failure::Protocol(Protocol::Malformed))
            } else {
                Ok(Found::Final(self.current.framing))
            };
        }
        self.informational += 1;
        self.current = Current::default();
        if self.informational > self.limits.informational {
            return Err(Failure::Protocol(Protocol::TooManyInformational));
        }
        Ok(Found::Informational(len))
    }

    fn field(&mut self, line: &[u8]) -> Result<(), Failure> {
        self.current.fields += 1;
        if self.current.fields > self.limits.fields {
            return Err(Failure::Protocol(Protocol::HeadTooLarge));
        }
        let Some(colon) = memchr::memchr(b':', line) else { return Ok(()) };
        let (name, value) = line.split_at(colon);
        if name.eq_ignore_ascii_case(b"content-length") {
            self.current.framing.length = true;
        } else if name.eq_ignore_ascii_case(b"transfer-encoding") {
            self.current.framing.coded = true;
            self.current.framing.chunked |=
                value.to_ascii_lowercase().windows(7).any(|part| part == b"chunked");
        }
        Ok(())
    }
}

const RESPONSE: &[u8] = b"HTTP/";

fn begins_like_a_response(begun: &[u8]) -> bool {
    let common = begun.len().min(RESPONSE.len());
    begun[..common] == RESPONSE[..common] || begun == b"\r"
}

/// `None` for a line that is none.
fn status_line(line: &[u8]) -> Result<Option<StatusLine>, Failure> {
    let Some(rest) = line.strip_prefix(RESPONSE) else { return Ok(None) };
    let old = rest.starts_with(b"1.0 ");
    if !old && !rest.starts_with(b"1.1 ") {
        return Err(Failure::Protocol(Protocol::Version));
    }
    match rest[4..] {
        [b'1', b'0', b'1', ..] => Err(Failure::Protocol(Protocol::Malformed)),
        [a, b, c, ..] => Ok(Some(StatusLine { old, code: [a, b, c] })),
        _ => Ok(None),
    }
}
