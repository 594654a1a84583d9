//! `Link` (RFC 8288).

use super::MOST_PARAMETERS;
use super::media_type::quoted_string;
use crate::identity::octet_at;
use http::HeaderMap;
use http::header::LINK;

/// One link of a `Link` field.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LinkValue {
    /// What stood between `<` and `>`: a reference, relative to the URL of the response.
    pub target: String,
    /// The parameters, names in lower case, in the order of the field, each name once: the first counts, and one
    /// that ends with `*` (RFC 8187) before the plain one, whose name it takes.
    pub parameters: Vec<(String, String)>,
}

impl LinkValue {
    /// Reads one field line by the algorithm of RFC 8288 appendix B.2, empty elements skipped. What follows
    /// something that is no link is not read.
    #[must_use]
    pub fn parse(line: &[u8]) -> Vec<Self> {
        let mut links = Vec::new();
        let mut rest = line;
        loop {
            rest = skip(rest, |octet| matches!(octet, b' ' | b'\t' | b','));
            let [b'<', after @ ..] = rest else { return links };
            let Some(end) = memchr::memchr(b'>', after) else { return links };
            let target = text_of(&after[..end]);
            let parameters;
            (parameters, rest) = read_parameters(&after[end + 1..]);
            links.push(Self { target, parameters });
        }
    }

    /// A parameter's value by its name in lower case, without a `*`.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// The relation types, in lower case, since they are compared without regard to case (section 2.1).
    pub fn rel(&self) -> impl Iterator<Item = String> {
        self.parameter("rel").unwrap_or_default().split_ascii_whitespace().map(str::to_ascii_lowercase)
    }
}

/// The links of a response's `Link` lines, in order.
pub fn links(headers: &HeaderMap) -> impl Iterator<Item = LinkValue> {
    headers.get_all(LINK).iter().flat_map(|line| LinkValue::parse(line.as_bytes()))
}

/// The parameters up to the comma that ends the link, and what follows (appendix B.3).
fn read_parameters(mut rest: &[u8]) -> (Vec<(String, String)>, &[u8]) {
    let mut plain: Vec<(String, String)> = Vec::new();
    let mut extended: Vec<(String, String)> = Vec::new();
    loop {
        // Also passes what stands between a value and the next sign, which is nothing in a well-formed field.
        rest = skip(rest, |octet| !matches!(octet, b';' | b','));
        let [b';', after @ ..] = rest else { break };
        let after = skip(after, is_space);
        let end = after.iter().position(|octet| matches!(octet, b' ' | b'\t' | b'=' | b';' | b','));
        let (name, after) = after.split_at(end.unwrap_or(after.len()));
        let name = text_of(name).to_ascii_lowercase();
        rest = skip(after, is_space);
        let mut value = String::new();
        if let [b'=', after @ ..] = rest {
            let after = skip(after, is_space);
            if let [b'"', quoted @ ..] = after {
                let (text, after) = quoted_string(quoted);
                value = text_of(&text);
                rest = after;
            } else {
                let end = memchr::memchr2(b';', b',', after).unwrap_or(after.len());
                value = text_of(after[..end].trim_ascii_end());
                rest = &after[end..];
            }
        }
        match name.strip_suffix('*') {
            Some(name) => {
                if let Some(value) = extended_value(&value) {
                    keep_first(&mut extended, name.to_owned(), value);
                }
            }
            None if name.is_empty() => {}
            None => keep_first(&mut plain, name, value),
        }
    }
    for (name, value) in extended {
        match plain.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => plain.push((name, value)),
        }
    }
    (plain, rest)
}

fn keep_first(parameters: &mut Vec<(String, String)>, name: String, value: String) {
    if parameters.len() < MOST_PARAMETERS && parameters.iter().all(|(known, _)| *known != name) {
        parameters.push((name, value));
    }
}

/// `UTF-8'language'percent-encoded` (RFC 8187 section 3.2); `None` if it is not that.
fn extended_value(value: &str) -> Option<String> {
    let mut parts = value.splitn(3, '\'');
    let charset = parts.next()?;
    let encoded = parts.nth(1)?.as_bytes();
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let mut octets = Vec::with_capacity(encoded.len());
    let mut at = 0;
    while let Some(&octet) = encoded.get(at) {
        let escaped = if octet == b'%' { octet_at(encoded, at) } else { None };
        octets.push(escaped.unwrap_or(octet));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    String::from_utf8(octets).ok()
}

fn skip(text: &[u8], unwanted: impl Fn(u8) -> bool) -> &[u8] {
    let start = text.iter().position(|&octet| !unwanted(octet)).unwrap_or(text.len());
    &text[start..]
}

const fn is_space(octet: u8) -> bool {
    matches!(octet, b' ' | b'\t')
}

fn text_of(octets: &[u8]) -> String {
    String::from_utf8_lossy(octets).into_owned()
}
