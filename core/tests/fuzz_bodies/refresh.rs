//! A declarative refresh: its URL is a part of the value.

use super::input::offset_in;
use crawlspace::digest::refresh::parse;

pub(super) fn body(data: &[u8]) {
    let content = String::from_utf8_lossy(data);
    let Some(refresh) = parse(&content) else { return };
    if let Some(url) = refresh.url {
        offset_in(&content, url);
    }
    // What stands before it makes no difference.
    let later = format!(" \n{content}");
    assert_eq!(parse(&later), Some(refresh));
}
