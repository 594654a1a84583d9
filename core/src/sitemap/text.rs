//! A sitemap that is a text: one URL a line (sitemaps.org, "Other Sitemap formats").

use super::parser::Entries;
use super::{Entry, Format, Sitemap};
use crate::digest::position::Locator;

/// Reads lines. Those that are no HTTP URL are passed over.
#[derive(Debug)]
pub(super) struct Lines {
    locator: Locator,
    /// What has come of a line, up to [`LONGEST`], without the white space it begins with.
    line: Vec<u8>,
    /// Where the text of the line begins.
    at: (u32, u32),
    entries: Entries,
}

/// Bytes of a line that are kept; a URL of this length is none.
const LONGEST: usize = 64 * 1024;

impl Lines {
    /// A reader of the text that begins where the locator stands.
    pub(super) fn new(locator: Locator, limit: u32) -> Self {
        Self { locator, line: Vec::new(), at: (1, 1), entries: Entries::new(limit) }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        self.locator.begin(chunk);
        let mut start = 0;
        while start < chunk.len() {
            let end = memchr::memchr2(b'\n', b'\r', &chunk[start..]).map(|length| start + length);
            self.take(chunk, start, end.unwrap_or(chunk.len()));
            let Some(end) = end else { break };
            self.end_line();
            start = end + 1;
        }
        self.locator.end(chunk);
    }

    pub(super) fn finish(mut self) -> Sitemap {
        self.end_line();
        // A text without any URL is some other text.
        let format = if self.entries.kept.is_empty() { None } else { Some(Format::Text) };
        self.entries.finish(format)
    }

    fn take(&mut self, chunk: &[u8], mut start: usize, end: usize) {
        if self.line.is_empty() {
            let space = chunk[start..end].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            start += space;
            if start == end {
                return;
            }
            let position = self.locator.position(chunk, start);
            self.at = (position.line, position.column);
        }
        let room = LONGEST - self.line.len();
        self.line.extend_from_slice(&chunk[start..end.min(start + room)]);
    }

    fn end_line(&mut self) {
        let line = self.line.trim_ascii_end();
        let is_http = [&b"http://"[..], b"https://"].iter().any(|scheme| {
            line.split_at_checked(scheme.len()).is_some_and(|(start, _)| start.eq_ignore_ascii_case(scheme))
        });
        if is_http {
            let url = super::tree::trim(&String::from_utf8_lossy(line)).to_owned();
            let (line, column) = self.at;
            self.entries.push(Entry { url, lastmod: None, line, column });
        }
        self.line.clear();
    }
}
