//! `srcset`: candidates are parts of the value, one behind the other.

use super::input::offset_in;
use crawlspace::digest::srcset::candidates;

pub(super) fn body(data: &[u8]) {
    let value = String::from_utf8_lossy(data);
    let space = |c| matches!(c, '\t' | '\n' | '\x0c' | '\r' | ' ');
    let mut end = 0;
    for candidate in candidates(&value) {
        let start = offset_in(&value, candidate.url);
        assert!(start >= end, "{candidate:?} overlaps the one before");
        assert!(!candidate.url.is_empty() && !candidate.url.contains(space), "{candidate:?}");
        assert!(!candidate.url.starts_with(',') && !candidate.url.ends_with(','), "{candidate:?}");
        end = start + candidate.url.len();
        if !candidate.descriptors.is_empty() {
            let start = offset_in(&value, candidate.descriptors);
            assert!(start > end, "{candidate:?}: descriptors stand behind the URL");
            end = start + candidate.descriptors.len();
        }
        let alone = format!("{} {}", candidate.url, candidate.descriptors);
        assert_eq!(candidates(&alone).collect::<Vec<_>>(), [candidate], "alone it is the same");
    }
}
