//! What a link may have been meant to be: the slips that people make in typing a URL.
//!
//! A hint is made from the URL alone and changes no verdict.

use super::finding::UrlText;
use percent_encoding::percent_decode_str;

/// A hint on a URL that the site does not have: the name of another host, or a scheme, stands in its path. That is
/// what `www.example.com`, `http:/example.com` and `http//example.com` come to.
pub(super) fn of_missing(url: UrlText<'_>) -> Option<String> {
    let path = url.rest.split('?').next().unwrap_or_default();
    path.split('/').find_map(|segment| {
        let lower = segment.to_ascii_lowercase();
        for scheme in ["https", "http"] {
            // Also behind a quotation mark that is not one.
            let is_scheme = lower == scheme || lower.strip_suffix(':').is_some_and(|it| it.ends_with(scheme));
            if is_scheme && path.contains(&format!("{segment}//")) {
                return Some(format!("\"{segment}//\" stands in the path: was {scheme}:// meant?"));
            }
        }
        reads_like_host(&lower)
            .then(|| format!("\"{segment}\" stands in the path: was https://{lower} meant?"))
    })
}

/// A hint on a URL whose scheme is not one that can be fetched.
pub(super) fn of_scheme(url: UrlText<'_>) -> Option<String> {
    let (scheme, _) = url.origin.split_once(':')?;
    if scheme == "mailto" {
        return bad_address(&url.to_string()).map(|bad| format!("\"{bad}\" is not an e-mail address"));
    }
    let near = ["http", "https"].into_iter().find(|known| strsim::osa_distance(scheme, known) == 1)?;
    url.origin.contains("://").then(|| format!("was {near}:// meant?"))
}

/// Whether a segment of a path looks like the name of a host and not like that of a file.
fn reads_like_host(segment: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.');
    let is_one = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.ends_with('.');
    segment.len() <= 253
        && segment.bytes().all(is_name)
        && (segment.strip_prefix("www.").is_some_and(|name| is_one(name) && name.contains('.'))
            || [".com", ".org", ".net"].iter().any(|end| segment.strip_suffix(end).is_some_and(is_one)))
}

/// What of a `mailto:` URL is no address (RFC 6068 section 2), as it is written. White space around one is let pass.
fn bad_address(url: &str) -> Option<&str> {
    let text = url.strip_prefix("mailto:")?;
    if text.starts_with("//") {
        return Some(text);
    }
    let (to, fields) = text.split_once('?').unwrap_or((text, ""));
    let more = fields.split('&').filter_map(|field| {
        let (name, value) = field.split_once('=')?;
        name.eq_ignore_ascii_case("to").then_some(value)
    });
    core::iter::once(to)
        .chain(more)
        .filter(|list| !list.is_empty())
        .flat_map(|list| list.split(','))
        .find(|address| !is_address(percent_decode_str(address).collect::<Vec<u8>>().trim_ascii()))
}

/// Whether this is an `addr-spec` as RFC 6068 has it, letters of any language allowed (RFC 6532).
fn is_address(text: &[u8]) -> bool {
    let Some(at) = memchr::memrchr(b'@', text) else { return false };
    let (local, domain) = (&text[..at], &text[at + 1..]);
    let is_quoted = local.len() > 2
        && local.starts_with(b"\"")
        && local.ends_with(b"\"")
        && !local.iter().any(u8::is_ascii_control);
    let is_literal = domain.len() > 2
        && domain.starts_with(b"[")
        && domain.ends_with(b"]")
        && domain.iter().all(u8::is_ascii_graphic);
    (is_quoted || is_dotted(local, is_atom)) && (is_literal || is_dotted(domain, is_label))
}

fn is_dotted(text: &[u8], is_part: fn(u8) -> bool) -> bool {
    text.split(|byte| *byte == b'.').all(|part| !part.is_empty() && part.iter().all(|byte| is_part(*byte)))
}

/// `atext` (RFC 5322 section 3.2.3).
fn is_atom(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || b"!#$%&'*+-/=?^_`{|}~".contains(&byte)
}

fn is_label(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || !byte.is_ascii() || matches!(byte, b'-' | b'_')
}
