//! Many short strings, one after another.

/// Bytes of a chunk; also the longest string that can be stored.
const CHUNK: usize = 1 << 16;

/// Where a string stands: chunk number and offset in one word, and its length.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct TextRef {
    at: u32,
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
        let full = self.chunks.last().is_none_or(|chunk| chunk.len() + text.len() > CHUNK);
        if full {
            if self.chunks.len() == CHUNK {
                return None;
            }
            let room = if self.chunks.is_empty() { 0 } else { CHUNK };
            self.chunks.push(String::with_capacity(room));
        }
        let number = self.chunks.len() - 1;
        let chunk = &mut self.chunks[number];
        let at = u32::try_from(number * CHUNK + chunk.len()).ok()?;
        chunk.push_str(text);
        Some(TextRef { at, len: u16::try_from(text.len()).ok()? })
    }

    pub(crate) fn get(&self, text: TextRef) -> &str {
        let (chunk, start) = (text.at as usize / CHUNK, text.at as usize % CHUNK);
        &self.chunks[chunk][start..start + usize::from(text.len)]
    }
}
