//! Whether a fragment points to something in a document (HTML standard, "scroll to the fragment").

use crate::engine::page::Ids;
use crate::seed::HashKey;
use percent_encoding::percent_decode_str;

/// Looks a fragment up among the hashes of a document's targets: as it is, then percent-decoded; an empty one and
/// `top` are the top of the document. What a browser or a script handles is not judged: directives (`:~:text=`)
/// are cut off, and routes of single-page applications (`#/…`, `#!…`) count as found.
pub(super) fn is_found(ids: Ids<'_>, key: HashKey, fragment: &str) -> bool {
    let fragment = fragment.split_once(":~:").map_or(fragment, |(element, _)| element);
    if fragment.is_empty() || is_route(fragment) {
        return true;
    }
    let has = |id: &str| ids.has(key.hash(id.as_bytes()));
    if has(fragment) {
        return true;
    }
    let decoded = percent_decode_str(fragment).decode_utf8_lossy();
    // Sites that show users' documents prefix their ids, and undo it by script.
    has(&decoded) || decoded.eq_ignore_ascii_case("top") || has(&format!("user-content-{decoded}"))
}

/// Whether a fragment is for the page's script, which shows another page.
pub(super) fn is_route(fragment: &str) -> bool {
    fragment.starts_with('/') || fragment.starts_with('!')
}
