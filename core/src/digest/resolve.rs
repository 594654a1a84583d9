//! From a reference to an identity, fast where that is safe.

use crate::identity::Identity;
use crate::reference::with_two_slashes;
use encoding_rs::{EncoderResult, Encoding};
use std::borrow::Cow;
use url::{Position, Url};

/// Resolves the references of one document.
///
/// References made of nothing but characters that neither the URL standard nor the identity rules change are
/// resolved by copying; all others by the `url` crate. Both give the same bytes.
#[derive(Debug)]
pub(super) struct Resolver {
    base: Url,
    /// `None` if the base is not HTTP, or is itself no identity.
    fast: Option<Base>,
    /// Origins that are known to be serialised as they are written.
    origins: Vec<String>,
    rest: String,
    slow: Option<(Url, Identity)>,
}

/// The parts of a base URL that references are resolved with.
#[derive(Debug)]
struct Base {
    /// Path and query.
    rest: String,
    /// Length of the path.
    path: usize,
    /// Length of the path up to its last slash, that included.
    folder: usize,
}

/// A reference, resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Resolved<'a> {
    /// [`Identity::origin`].
    pub(super) origin: &'a str,
    /// [`Identity::rest`].
    pub(super) rest: &'a str,
    /// The URL's fragment, without `#`.
    pub(super) fragment: Option<&'a str>,
    /// Whether the identity is not the URL's own serialisation.
    pub(super) normalised: bool,
}

/// Documents link to few origins; those after these are resolved by the slow way.
const MOST_ORIGINS: usize = 32;

impl Resolver {
    pub(super) fn new(base: Url) -> Self {
        let identity = Identity::of(&base);
        let is_plain =
            matches!(base.scheme(), "http" | "https") && identity.as_str() == &base[..Position::AfterQuery];
        let fast = is_plain.then(|| {
            let path = base.path();
            Base {
                rest: identity.rest().to_owned(),
                path: path.len(),
                folder: memchr::memrchr(b'/', path.as_bytes()).map_or(0, |slash| slash + 1),
            }
        });
        let origins = vec![identity.origin().to_owned()];
        Self { base, fast, origins, rest: String::new(), slow: None }
    }

    /// Resolves a reference; `None` if it is no URL.
    ///
    /// `encoding` is that of the document, or UTF-8 where the document's does not count.
    pub(super) fn resolve<'a>(
        &'a mut self,
        reference: &'a str,
        encoding: &'static Encoding,
    ) -> Option<Resolved<'a>> {
        let reference = trimmed(reference);
        match self.fast(reference) {
            Some((origin, fragment)) => {
                let Self { origins, rest, .. } = self;
                let origin = origins.get(origin).map_or("", String::as_str);
                Some(Resolved { origin, rest, fragment, normalised: false })
            }
            None => self.slow(reference, encoding),
        }
    }

    fn slow<'a>(&'a mut self, reference: &str, encoding: &'static Encoding) -> Option<Resolved<'a>> {
        let url = join(&self.base, reference, encoding).ok()?;
        let identity = Identity::of(&url);
        let origin = identity.origin();
        let is_written_so = reference.strip_prefix(origin).is_some_and(|rest| rest.starts_with('/'));
        if is_written_so
            && matches!(url.scheme(), "http" | "https")
            && self.origins.len() < MOST_ORIGINS
            && !self.origins.iter().any(|known| known == origin)
        {
            self.origins.push(origin.to_owned());
        }
        let (url, identity) = self.slow.insert((url, identity));
        let normalised = identity.as_str() != &url[..Position::AfterQuery];
        Some(Resolved {
            origin: identity.origin(),
            rest: identity.rest(),
            fragment: url.fragment(),
            normalised,
        })
    }

    /// Which origin it is of, and the fragment; path and query are left in `rest`. `None` if this is not safe.
    #[inline]
    fn fast<'a>(&mut self, reference: &'a str) -> Option<(usize, Option<&'a str>)> {
        let base = self.fast.as_ref()?;
        let bytes = reference.as_bytes();
        let mut origin = 0;
        // The part of the base that comes before, and where in the reference path and query begin.
        let (kept, start) = match bytes {
            [] | [b'#', ..] => (base.rest.len(), 0),
            [b'?', ..] => (base.path, 0),
            [b'/', b'/', ..] => return None,
            [b'/', ..] => (0, 0),
            _ if memchr::memchr(b':', bytes).is_some() => {
                origin = self.origins.iter().position(|origin| {
                    bytes.get(origin.len()) == Some(&b'/') && reference.starts_with(origin.as_str())
                })?;
                (0, self.origins[origin].len())
            }
            _ => climb(base.rest.as_bytes(), base.folder, bytes)?,
        };
        let end = safe_end(&bytes[start..], matches!(bytes.get(start), Some(b'?')))?;
        let (rest, fragment) = reference[start..].split_at(end);
        self.rest.clear();
        self.rest.push_str(&base.rest[..kept]);
        self.rest.push_str(rest);
        Some((origin, fragment.strip_prefix('#')))
    }
}

/// Without the white space and control characters around it, which is no part of a URL (URL section 4.4).
#[inline]
pub(super) fn trimmed(reference: &str) -> &str {
    match reference.as_bytes() {
        // Nearly always.
        [b'!'..=0xff, .., b'!'..=0xff] => reference,
        _ => reference.trim_matches(|c| c <= ' '),
    }
}

/// Goes up the folder for each `../` at the reference's start, and over each `./`; `None` if that is not safe.
fn climb(base: &[u8], mut folder: usize, reference: &[u8]) -> Option<(usize, usize)> {
    let mut start = 0;
    loop {
        match &reference[start..] {
            [b'.', b'/', ..] => start += 2,
            [b'.', b'.', b'/', ..] => {
                start += 3;
                let parent = &base[..folder.saturating_sub(1)];
                // The `url` crate does not go up from what would be a drive in a `file:` URL.
                if let [.., b'/', b'a'..=b'z' | b'A'..=b'Z', b':' | b'|'] = parent {
                    return None;
                }
                folder = memchr::memrchr(b'/', parent).map_or(folder.min(1), |slash| slash + 1);
            }
            _ => return Some((folder, start)),
        }
    }
}

const IN_PATH: u8 = 1;
const IN_QUERY: u8 = 2;
const IN_FRAGMENT: u8 = 4;

/// In which parts of a URL each byte stands for itself, under the URL standard and the identity rules.
const SAFE: [u8; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = match byte as u8 {
            b'0'..=b'9' | b'A'..=b'Z' | b'a'..=b'z' => IN_PATH | IN_QUERY | IN_FRAGMENT,
            b'-' | b'_' | b'~' | b'!' | b'$' | b'&' | b'(' | b')' | b'*' | b'+' | b',' | b';' | b'='
            | b':' | b'@' | b'/' => IN_PATH | IN_QUERY | IN_FRAGMENT,
            b'\'' => IN_PATH | IN_FRAGMENT,
            // In a path it depends on what comes before.
            b'.' => IN_QUERY | IN_FRAGMENT,
            b'?' => IN_QUERY | IN_FRAGMENT,
            b'%' => IN_FRAGMENT,
            _ => 0,
        };
        byte += 1;
    }
    table
};

/// Where path and query end, given that each byte of the reference stands for itself and no segment of the path
/// begins with a dot; `None` otherwise.
#[inline]
fn safe_end(reference: &[u8], is_query: bool) -> Option<usize> {
    let mut part = if is_query { IN_QUERY } else { IN_PATH };
    let mut end = reference.len();
    let mut at = 0;
    while let Some(&byte) = reference.get(at) {
        if SAFE[usize::from(byte)] & part == 0 {
            match byte {
                b'.' if part == IN_PATH && at > 0 && reference[at - 1] != b'/' => {}
                b'?' => part = IN_QUERY,
                b'#' if part != IN_FRAGMENT => {
                    part = IN_FRAGMENT;
                    end = at;
                }
                b'%' if is_canonical_octet(reference.get(at + 1..at + 3)?) => {}
                _ => return None,
            }
        }
        at += 1;
    }
    Some(end)
}

/// Whether these are the digits of a percent-encoded octet as the identity has it: in upper case, and not of one
/// that needs no encoding.
fn is_canonical_octet(digits: &[u8]) -> bool {
    let value = |digit: u8| match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    };
    let [high, low] = digits else { return false };
    match (value(*high), value(*low)) {
        (Some(high), Some(low)) => {
            let octet = high << 4 | low;
            !(octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~'))
        }
        _ => false,
    }
}

/// Resolves a reference as a document in this encoding does (URL section 4.4, HTML section 2.4.1): the encoding
/// decides the octets of the query.
pub(super) fn join(base: &Url, reference: &str, encoding: &'static Encoding) -> Result<Url, url::ParseError> {
    let encoding = encoding.output_encoding();
    if encoding == encoding_rs::UTF_8 || reference.is_ascii() {
        return crate::reference::join(base, reference);
    }
    Url::options()
        .base_url(Some(base))
        .encoding_override(Some(&|query| encode(query, encoding)))
        .parse(&with_two_slashes(base, reference))
}

/// Encodes a query; what the encoding lacks becomes a numeric reference, percent-encoded
/// (URL section 5.2, "percent-encode after encoding").
fn encode<'a>(query: &'a str, encoding: &'static Encoding) -> Cow<'a, [u8]> {
    let mut encoder = encoding.new_encoder();
    let mut out = Vec::new();
    let mut rest = query;
    loop {
        let need = encoder.max_buffer_length_from_utf8_without_replacement(rest.len()).unwrap_or(rest.len());
        out.reserve(need);
        let (result, read) = encoder.encode_from_utf8_to_vec_without_replacement(rest, &mut out, true);
        rest = &rest[read..];
        match result {
            EncoderResult::InputEmpty => return Cow::Owned(out),
            EncoderResult::OutputFull => {}
            EncoderResult::Unmappable(character) => {
                out.extend_from_slice(format!("%26%23{}%3B", u32::from(character)).as_bytes());
            }
        }
    }
}
