//! Which spellings are one URL.
//!
//! The identity of a URL is its WHATWG serialisation without the fragment, with percent-encoded unreserved octets
//! decoded and hexadecimal digits upper-cased (RFC 3986 sections 6.2.2.1 and 6.2.2.2), in path and query. Nothing
//! else: no lower-casing beyond scheme and host, no sorting of queries, no dropping of slashes or parameters. The
//! identity is what is fetched, so which spelling came first cannot matter.

use core::fmt;
use core::ops::Range;
use url::{Position, Url};

/// The version of these rules, kept in saved state: a resume under other rules is refused.
pub const RULES_VERSION: u16 = 1;

/// A URL by identity, cut where the origin ends.
///
/// ```
/// use crawlspace::Identity;
///
/// let url = url::Url::parse("HTTP://Example.com:80/%7euser/?q=%2f#top")?;
/// let identity = Identity::of(&url);
/// assert_eq!(identity.as_str(), "http://example.com/~user/?q=%2F");
/// assert_eq!(identity.origin(), "http://example.com");
/// assert_eq!(identity.rest(), "/~user/?q=%2F");
/// # Ok::<(), url::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Identity {
    text: String,
    origin_len: usize,
}

impl Identity {
    /// The identity of a parsed URL.
    #[must_use]
    pub fn of(url: &Url) -> Self {
        let origin_len = url[..Position::BeforePath].len();
        let text = &url[..Position::AfterQuery];
        let text = match normalise_octets(&text[origin_len..]) {
            Some(rest) => [&text[..origin_len], &rest].concat(),
            None => text.to_owned(),
        };
        Self { text, origin_len }
    }

    /// The whole identity.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Scheme, user information, host and port; for a URL without an authority, the scheme and its colon.
    #[must_use]
    pub fn origin(&self) -> &str {
        &self.text[..self.origin_len]
    }

    /// Path and query.
    #[must_use]
    pub fn rest(&self) -> &str {
        &self.text[self.origin_len..]
    }

    /// The identity as a URL to fetch.
    ///
    /// # Errors
    ///
    /// None for an identity that [`Identity::of`] made: it parses to itself.
    pub fn to_url(&self) -> Result<Url, url::ParseError> {
        Url::parse(&self.text)
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.text, f)
    }
}

/// Decodes percent-encoded unreserved octets and upper-cases the digits of the others; `None` if that changes
/// nothing, which is nearly always.
///
/// A decoded digit may complete an encoded octet with a percent sign that meant none before: `%%300` is `%00`. Where
/// that octet would have to be decoded in its turn, the digit stays encoded, so that doing it all again changes
/// nothing: an identity is its own.
pub(crate) fn normalise_octets(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    memchr::memchr_iter(b'%', bytes).find(|&at| needs_change(bytes, at))?;
    let mut out = String::with_capacity(text.len());
    // Where the digit stands that was decoded last.
    let mut decoded = None;
    let mut rest = text;
    while let Some(character) = rest.chars().next() {
        let octet = if character == '%' { octet_at(rest.as_bytes(), 0) } else { None };
        match octet {
            Some(octet) if is_unreserved(octet) => {
                decoded = Some(out.len());
                out.push(char::from(octet));
            }
            Some(octet) => push_percent_encoded(&mut out, octet),
            None => out.push(character),
        }
        rest = &rest[if octet.is_some() { 3 } else { character.len_utf8() }..];
        if let Some(digit) = decoded
            && let Some(start) = out.len().checked_sub(3)
            && digit > start
            && out.as_bytes()[start] == b'%'
            && let Some(completed) = octet_at(out.as_bytes(), start)
        {
            if is_unreserved(completed) {
                let behind = out.split_off(digit);
                let (digit, behind) = behind.split_at(1);
                push_percent_encoded(&mut out, digit.as_bytes()[0]);
                out.push_str(behind);
            } else {
                out.truncate(start);
                push_percent_encoded(&mut out, completed);
            }
            decoded = None;
        }
    }
    Some(out)
}

fn needs_change(bytes: &[u8], at: usize) -> bool {
    octet_at(bytes, at).is_some_and(|octet| {
        is_unreserved(octet) || bytes[at + 1].is_ascii_lowercase() || bytes[at + 2].is_ascii_lowercase()
    })
}

/// The octet that `%XX` at this place stands for.
pub(crate) fn octet_at(bytes: &[u8], at: usize) -> Option<u8> {
    let Range { start, end } = at + 1..at + 3;
    let [high, low] = bytes.get(start..end)? else { return None };
    Some(hex_value(*high)? << 4 | hex_value(*low)?)
}

fn hex_value(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

pub(crate) fn push_percent_encoded(out: &mut String, octet: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    out.push('%');
    out.push(DIGITS[usize::from(octet >> 4)] as char);
    out.push(DIGITS[usize::from(octet & 15)] as char);
}

/// RFC 3986 section 2.3.
pub(crate) const fn is_unreserved(octet: u8) -> bool {
    octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'.' | b'_' | b'~')
}
