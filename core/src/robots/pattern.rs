//! Path patterns: one spelling for equal octets, and matching in linear time.
//!
//! Both sides are brought into the same spelling first: percent-encoded unreserved octets are decoded, hexadecimal
//! digits upper-cased, and octets that a URL does not show as they are, percent-encoded. A literal `*` or `$` is
//! encoded on both sides, so that in a pattern the bare signs are special and in a path there are none.

use crate::identity::{is_unreserved, octet_at, push_percent_encoded};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// The spelling of a path and query that patterns are compared with. It begins with a slash and has no fragment.
pub(super) fn normalise_path(text: &str) -> Cow<'_, str> {
    let path = match memchr(b'#', text.as_bytes()) {
        Some(end) => &text[..end],
        None => text,
    };
    if path.starts_with('/') && path.bytes().all(|octet| octet != b'%' && stands_bare(octet)) {
        return Cow::Borrowed(path);
    }
    let mut out = String::with_capacity(path.len() + 16);
    if !path.starts_with('/') {
        out.push('/');
    }
    push_normalised(&mut out, path.as_bytes());
    Cow::Owned(out)
}

/// The pattern of a rule's value; `None` if no path can match it, since paths begin with a slash.
pub(super) fn normalise_pattern(value: &[u8]) -> Option<String> {
    if !matches!(value.first(), Some(b'/' | b'*')) {
        return None;
    }
    let (body, anchor) = match value.split_last() {
        Some((b'$', body)) => (body, "$"),
        _ => (value, ""),
    };
    let mut out = String::with_capacity(value.len());
    for (index, literal) in body.split(|&octet| octet == b'*').enumerate() {
        if index > 0 {
            out.push('*');
        }
        push_normalised(&mut out, literal);
    }
    out.push_str(anchor);
    Some(out)
}

/// Whether a normalised pattern matches a normalised path.
///
/// Each literal between two `*` is taken at its first place after the one before: if any choice matches, this one
/// does, so nothing is ever tried twice.
pub(super) fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, anchored) = match pattern.split_last() {
        Some((b'$', body)) => (body, true),
        _ => (pattern, false),
    };
    let Some(star) = memchr(b'*', pattern) else {
        return if anchored { pattern == path } else { path.starts_with(pattern) };
    };
    let Some(mut left) = path.strip_prefix(&pattern[..star]) else { return false };
    let mut rest = &pattern[star + 1..];
    while let Some(star) = memchr(b'*', rest) {
        let Some(after) = skip_past(left, &rest[..star]) else { return false };
        left = after;
        rest = &rest[star + 1..];
    }
    if anchored { left.ends_with(rest) } else { skip_past(left, rest).is_some() }
}

/// What follows the first place of a literal.
fn skip_past<'a>(path: &'a [u8], literal: &[u8]) -> Option<&'a [u8]> {
    let at = match literal {
        [] => 0,
        // Also keeps the searcher from being built for a literal far longer than the path.
        _ if literal.len() > path.len() => return None,
        [octet] => memchr(*octet, path)?,
        _ => memmem::find(path, literal)?,
    };
    path.get(at + literal.len()..)
}

fn push_normalised(out: &mut String, octets: &[u8]) {
    let mut at = 0;
    while let Some(&octet) = octets.get(at) {
        let encoded = if octet == b'%' { octet_at(octets, at) } else { None };
        match encoded {
            Some(encoded) if is_unreserved(encoded) => out.push(char::from(encoded)),
            Some(encoded) => push_percent_encoded(out, encoded),
            // A `%` that begins no octet is only itself, as URL parsers leave it.
            None if octet == b'%' || stands_bare(octet) => out.push(char::from(octet)),
            None => push_percent_encoded(out, octet),
        }
        at += if encoded.is_some() { 3 } else { 1 };
    }
}

/// Whether an octet stands for itself in a normalised path: what RFC 3986 lets stand there, without `*` and `$`,
/// which patterns need, and without `'`, which URL parsers encode in one place and not in another.
const fn stands_bare(octet: u8) -> bool {
    is_unreserved(octet)
        || matches!(
            octet,
            b'/' | b'?'
                | b':'
                | b'@'
                | b'!'
                | b'&'
                | b'('
                | b')'
                | b'+'
                | b','
                | b';'
                | b'='
                | b'['
                | b']'
                | b'#'
        )
}
