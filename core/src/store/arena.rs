//! Many short strings, one after another.

/// Bytes of a chunk; also the longest string that can be stored.
const CHUNK: usize = 1 << 16;

/// Where a string stands: chunk number and offset in one word, and its length.
///
/// Three times 16 bits, so that it takes six bytes wherever it stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextRef {
    chunk: u16,
    at: u16,
    len: u16,
}

/// Strings that live as long as the crawl, stored in chunks of 64 KiB; up to 4 GiB in all.
#[derive(Clone, Debug, Default)]
pub(crate) struct Arena {
    chunks: Vec<String>,
}

impl Arena {
    /// Stores a string, cut to 65,535 bytes; `None` once 4 GiB are used up.
    pub(crate) fn push(&mut self, text: &str) -> Option<TextRef> {
        let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
        let full =
            self.chunks.last().is_none_or(|chunk| chunk.len() + text.len() > CHUNK || chunk.len() == CHUNK);
        if full {
            if self.chunks.len() == CHUNK {
                return None;
            }
            let room = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(String::with_capacity(room));
        }
        let number = u16::try_from(self.chunks.len() - 1).ok()?;
        let chunk = self.chunks.last_mut()?;
        let at = u16::try_from(chunk.len()).ok()?;
        chunk.push_str(text);
        Some(TextRef { chunk: number, at, len: u16::try_from(text.len()).ok()? })
    }

    pub(crate) fn get(&self, text: TextRef) -> &str {
        let start = usize::from(text.at);
        &self.chunks[usize::from(text.chunk)][start..start + usize::from(text.len)]
    }
}
