//! `Content-Type`.

use super::{MOST_PARAMETERS, is_token_octet};
use core::fmt;
use encoding_rs::Encoding;
use http::HeaderMap;
use http::header::CONTENT_TYPE;

/// A media type with its parameters, as browsers read one (MIME Sniffing standard section 4).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct MediaType {
    /// Type, slash and subtype, in lower case.
    essence: String,
    /// Names in lower case, each once, in the order of the field.
    parameters: Vec<(String, String)>,
}

impl MediaType {
    /// The media type of a response: all its `Content-Type` lines, and all values of a line, combined by the Fetch
    /// standard's "extract a MIME type". `None` if none of them is one.
    #[must_use]
    pub fn of(headers: &HeaderMap) -> Option<Self> {
        let lines: Vec<&[u8]> = headers.get_all(CONTENT_TYPE).iter().map(|line| line.as_bytes()).collect();
        let mut found: Option<Self> = None;
        // Outlives a value without a charset, as long as the essence stays the same.
        let mut charset: Option<String> = None;
        for value in split_list(&lines.join(&b", "[..])) {
            let Some(next) = Self::parse(value).filter(|next| next.essence != "*/*") else { continue };
            if found.as_ref().is_none_or(|found| found.essence != next.essence) {
                charset = None;
            }
            let mut next = next;
            match next.charset() {
                Some(own) => charset = Some(own.to_owned()),
                None => {
                    next.parameters.extend(charset.clone().map(|charset| ("charset".to_owned(), charset)))
                }
            }
            found = Some(next);
        }
        found
    }

    /// Reads one value; `None` if it is no media type.
    #[must_use]
    pub fn parse(value: &[u8]) -> Option<Self> {
        let value = trim_http_space(value);
        let end = memchr::memchr(b';', value).unwrap_or(value.len());
        let essence = trim_http_space(&value[..end]);
        let slash = memchr::memchr(b'/', essence)?;
        if !is_token(&essence[..slash]) || !is_token(&essence[slash + 1..]) {
            return None;
        }
        let mut media_type = Self { essence: lower(essence), parameters: Vec::new() };
        media_type.read_parameters(&value[end..]);
        Some(media_type)
    }

    /// Type and subtype, as `text/html`.
    #[must_use]
    pub fn essence(&self) -> &str {
        &self.essence
    }

    /// A parameter's value by its name in lower case.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The `charset` parameter as it was written.
    #[must_use]
    pub fn charset(&self) -> Option<&str> {
        self.parameter("charset")
    }

    /// The encoding that the `charset` parameter names (Encoding standard, "get an encoding").
    #[must_use]
    pub fn encoding(&self) -> Option<&'static Encoding> {
        Encoding::for_label(self.charset()?.as_bytes())
    }

    /// From the first semicolon on.
    fn read_parameters(&mut self, mut rest: &[u8]) {
        while let [b';', after @ ..] = rest {
            let after = trim_http_space_start(after);
            let end = memchr::memchr2(b';', b'=', after).unwrap_or(after.len());
            let name = &after[..end];
            rest = &after[end..];
            let [b'=', value @ ..] = rest else { continue };
            let value = if let [b'"', quoted @ ..] = value {
                let (text, after) = quoted_string(quoted);
                rest = &after[memchr::memchr(b';', after).unwrap_or(after.len())..];
                text
            } else {
                let end = memchr::memchr(b';', value).unwrap_or(value.len());
                rest = &value[end..];
                let bare = trim_http_space_end(&value[..end]);
                if bare.is_empty() {
                    continue;
                }
                bare.to_vec()
            };
            let name_text = lower(name);
            let readable = value.iter().all(|&octet| octet == b'\t' || octet >= b' ' && octet != 0x7f);
            let room = self.parameters.len() < MOST_PARAMETERS;
            if room && is_token(name) && readable && self.parameter(&name_text).is_none() {
                // The standard decodes octets one to one.
                self.parameters.push((name_text, value.iter().copied().map(char::from).collect()));
            }
        }
    }
}

impl fmt::Display for MediaType {
    /// By the MIME Sniffing standard's "serialize a MIME type".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.essence)?;
        for (name, value) in &self.parameters {
            if is_token(value.as_bytes()) {
                write!(f, ";{name}={value}")?;
            } else {
                write!(f, ";{name}=\"{}\"", value.replace('\\', "\\\\").replace('"', "\\\""))?;
            }
        }
        Ok(())
    }
}

/// The values between the commas that stand outside of quoted strings (Fetch standard, "get, decode, and split").
fn split_list(joined: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut quoted = false;
    let mut escaped = false;
    joined.split(move |&octet| {
        let comma = octet == b',' && !quoted;
        if octet == b'"' && !escaped {
            quoted = !quoted;
        }
        escaped = quoted && octet == b'\\' && !escaped;
        comma
    })
}

/// The text of a quoted string, from behind its opening quote, and what follows it. One that is not closed ends
/// with the value.
pub(super) fn quoted_string(input: &[u8]) -> (Vec<u8>, &[u8]) {
    let mut text = Vec::new();
    let mut at = 0;
    while let Some(&octet) = input.get(at) {
        at += 1;
        match octet {
            b'"' => break,
            b'\\' => {
                text.push(input.get(at).copied().unwrap_or(b'\\'));
                at += 1;
            }
            _ => text.push(octet),
        }
    }
    (text, input.get(at..).unwrap_or_default())
}

fn is_token(text: &[u8]) -> bool {
    !text.is_empty() && text.iter().copied().all(is_token_octet)
}

fn lower(token: &[u8]) -> String {
    token.iter().map(|octet| char::from(octet.to_ascii_lowercase())).collect()
}

const fn is_http_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t' | b'\n' | b'\r')
}

fn trim_http_space_start(text: &[u8]) -> &[u8] {
    let start = text.iter().position(|&octet| !is_http_space(octet)).unwrap_or(text.len());
    &text[start..]
}

fn trim_http_space_end(text: &[u8]) -> &[u8] {
    let end = text.iter().rposition(|&octet| !is_http_space(octet)).map_or(0, |last| last + 1);
    &text[..end]
}

fn trim_http_space(text: &[u8]) -> &[u8] {
    trim_http_space_start(trim_http_space_end(text))
}
