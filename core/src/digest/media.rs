//! What kind of document a response holds: by its media type, and where that says nothing, by its bytes.

use super::Media;
use crate::header::MediaType;

/// What kind of document a media type names; `None` if it says no more than that it does not know.
pub(super) fn media_of(media_type: &MediaType) -> Option<Media> {
    Some(match media_type.essence() {
        "text/html" => Media::Html,
        "application/xhtml+xml" => Media::Xhtml,
        "text/css" => Media::Css,
        #[cfg(feature = "markdown")]
        "text/markdown" | "text/x-markdown" => Media::Markdown,
        "unknown/unknown" | "application/unknown" | "*/*" => return None,
        _ => Media::Other,
    })
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
