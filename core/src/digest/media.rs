//! What kind of document a response holds: by its header fields, and where they say nothing, by its bytes.

use super::Media;
use encoding_rs::Encoding;

/// What a `Content-Type` says (MIME Sniffing section 4.4).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ContentType {
    /// Type and subtype in lower case.
    pub(super) essence: String,
    /// The encoding of its `charset`, if that names one.
    pub(super) charset: Option<&'static Encoding>,
}

impl ContentType {
    /// Reads a field's value; `None` if it is no media type.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let value = value.trim_matches(is_space);
        let (essence, mut rest) = value.split_once(';').unwrap_or((value, ""));
        let essence = essence.trim_end_matches(is_space).to_ascii_lowercase();
        let (kind, subtype) = essence.split_once('/')?;
        if !is_token(kind) || !is_token(subtype) {
            return None;
        }
        let mut charset = None;
        while !rest.is_empty() {
            rest = rest.trim_start_matches(is_space);
            let (name, after) = rest.split_at(rest.find([';', '=']).unwrap_or(rest.len()));
            let (text, after) = match after.strip_prefix('=') {
                Some(after) => parameter(after),
                None => (None, after),
            };
            rest = after.split_once(';').map_or("", |(_, rest)| rest);
            if charset.is_none() && name.eq_ignore_ascii_case("charset") {
                charset = text;
            }
        }
        Some(Self { essence, charset: charset.and_then(|label| Encoding::for_label(label.as_bytes())) })
    }

    /// What kind of document that is; `None` if it says no more than that it does not know.
    pub(super) fn media(&self) -> Option<Media> {
        Some(match &*self.essence {
            "text/html" => Media::Html,
            "application/xhtml+xml" => Media::Xhtml,
            "unknown/unknown" | "application/unknown" | "*/*" => return None,
            _ => Media::Other,
        })
    }
}

/// A parameter's value, and what follows; a value that is no value is `None`.
fn parameter(text: &str) -> (Option<String>, &str) {
    let Some(quoted) = text.strip_prefix('"') else {
        let (value, after) = text.split_at(text.find(';').unwrap_or(text.len()));
        let value = value.trim_end_matches(is_space);
        return ((!value.is_empty()).then(|| value.to_owned()), after);
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return (Some(value), &quoted[at + 1..]),
            '\\' => value.push(characters.next().map_or('\\', |(_, escaped)| escaped)),
            _ => value.push(character),
        }
    }
    (Some(value), "")
}

fn is_token(text: &str) -> bool {
    !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte))
}

/// HTTP white space (Fetch section 2.2).
const fn is_space(character: char) -> bool {
    matches!(character, '\t' | '\n' | '\r' | ' ')
}

/// Whether a document of unknown type is HTML by its first bytes (MIME Sniffing section 7.1).
pub(super) fn looks_like_html(prefix: &[u8]) -> bool {
    const TAGS: [&str; 16] = [
        "<!DOCTYPE HTML",
        "<HTML",
        "<HEAD",
        "<SCRIPT",
        "<IFRAME",
        "<H1",
        "<DIV",
        "<FONT",
        "<TABLE",
        "<A",
        "<STYLE",
        "<TITLE",
        "<B",
        "<BODY",
        "<BR",
        "<P",
    ];
    let start = prefix.iter().position(|byte| !matches!(byte, b'\t' | b'\n' | b'\x0c' | b'\r' | b' '));
    let text = &prefix[start.unwrap_or(prefix.len())..];
    text.starts_with(b"<!--")
        || TAGS.iter().any(|tag| {
            text.split_at_checked(tag.len()).is_some_and(|(found, rest)| {
                found.eq_ignore_ascii_case(tag.as_bytes()) && matches!(rest.first(), Some(b' ' | b'>'))
            })
        })
}
