//! What a document reads like, in one number: for telling pages that a host gives for any address.

use crate::seed::HashKey;
use core::hash::Hasher;
use siphasher::sip::SipHasher13;
use url::Url;

/// Takes in a document's bytes and hashes its words. Left out are words with a digit in them (dates, counters, tokens
/// that are new each time) and every mention of the document's own path or of its last part, so that a page that says
/// "/x was not found" reads like the one that says "/y was not found".
#[derive(Debug)]
pub(super) struct Content {
    path: Cut,
    name: Cut,
    words: Words,
}

impl Content {
    pub(super) fn new(key: HashKey, url: &Url) -> Self {
        let path = url.path();
        Self {
            path: Cut::new(path),
            name: Cut::new(path.rsplit('/').next().unwrap_or_default()),
            words: Words::new(key),
        }
    }

    pub(super) fn push(&mut self, chunk: &[u8]) {
        let Self { path, name, words } = self;
        for &byte in chunk {
            path.pass(byte, |byte| name.pass(byte, |byte| words.take(byte)));
        }
    }

    pub(super) fn finish(self) -> u64 {
        let Self { path, mut name, mut words } = self;
        path.finish(|byte| name.pass(byte, |byte| words.take(byte)));
        name.finish(|byte| words.take(byte));
        words.finish()
    }
}

/// Hashes words as they go by.
#[derive(Debug)]
struct Words {
    hasher: SipHasher13,
    word: Vec<u8>,
    has_digit: bool,
}

/// Bytes of a word that are looked at; longer ones are few, and rarely words.
const WORD: usize = 64;

impl Words {
    fn new(key: HashKey) -> Self {
        let HashKey(a, b) = key;
        Self { hasher: SipHasher13::new_with_keys(a, b), word: Vec::new(), has_digit: false }
    }

    fn take(&mut self, byte: u8) {
        if !(byte.is_ascii_alphanumeric() || byte >= 0x80) {
            return self.end_word();
        }
        self.has_digit |= byte.is_ascii_digit();
        if self.word.len() < WORD {
            self.word.push(byte);
        }
    }

    fn end_word(&mut self) {
        if !self.word.is_empty() && !self.has_digit {
            self.word.push(0);
            self.hasher.write(&self.word);
        }
        self.word.clear();
        self.has_digit = false;
    }

    fn finish(mut self) -> u64 {
        self.end_word();
        self.hasher.finish()
    }
}

/// Lets bytes through, each occurrence of a text as one blank (Knuth, Morris and Pratt).
#[derive(Debug)]
struct Cut {
    text: Vec<u8>,
    /// For each length of what is matched, the next shorter beginning of the text that it ends with.
    shorter: Vec<usize>,
    matched: usize,
}

/// Shorter ones stand in any text.
const SHORTEST: usize = 4;

impl Cut {
    fn new(text: &str) -> Self {
        let text = if text.len() < SHORTEST { Vec::new() } else { text.as_bytes().to_vec() };
        let mut shorter = vec![0; text.len()];
        let mut length = 0;
        for at in 1..text.len() {
            while length > 0 && text[at] != text[length] {
                length = shorter[length - 1];
            }
            length += usize::from(text[at] == text[length]);
            shorter[at] = length;
        }
        Self { text, shorter, matched: 0 }
    }

    fn pass(&mut self, byte: u8, mut on: impl FnMut(u8)) {
        while self.matched > 0 && self.text[self.matched] != byte {
            let shorter = self.shorter[self.matched - 1];
            self.text[..self.matched - shorter].iter().for_each(|byte| on(*byte));
            self.matched = shorter;
        }
        if self.text.get(self.matched) != Some(&byte) {
            return on(byte);
        }
        self.matched += 1;
        if self.matched == self.text.len() {
            self.matched = 0;
            on(b' ');
        }
    }

    fn finish(self, on: impl FnMut(u8)) {
        self.text[..self.matched].iter().copied().for_each(on);
    }
}

#[cfg(test)]
mod tests {
    use super::Content;
    use crate::seed::HashKey;
    use proptest::prelude::*;
    use url::Url;

    fn content(path: &str, chunks: &[&str]) -> u64 {
        let url = Url::parse("http://a.test/").and_then(|base| base.join(path)).unwrap();
        let mut content = Content::new(HashKey(1, 2), &url);
        chunks.iter().for_each(|chunk| content.push(chunk.as_bytes()));
        content.finish()
    }

    #[test]
    fn what_changes_each_time_is_left_out() {
        let page = |path: &str, time: &str| {
            content(
                path,
                &[&format!(
                    "<title>Not found</title><p>No {path} here, {time}, nonce=a1b2 <a href='{path}'>"
                )],
            )
        };
        assert_eq!(page("/shop/old-page.html", "12:01:07"), page("/3f2a-nonsense", "13:55:40"));
        assert_ne!(content("/a", &["one two"]), content("/a", &["two one"]));
        assert_ne!(content("/a", &["one two"]), content("/a", &["onetwo"]));
        assert_ne!(content("/a", &["<p>a</p>"]), content("/a", &["<p>b</p>"]));
    }

    proptest! {
        /// Neither the cut into chunks nor how the own name begins and begins again makes a difference.
        #[test]
        fn the_own_name_is_cut_out_as_replacing_would(text in "[ab /]{0,60}", name in "[ab]{4,6}", cut in 0_usize..60) {
            let cut = cut.min(text.len());
            let whole = content(&name, &[&text]);
            prop_assert_eq!(whole, content(&name, &[&text[..cut], &text[cut..]]));
            let without = text.replace(&format!("/{name}"), " ").replace(&name, " ");
            prop_assert_eq!(whole, content("/", &[&without]));
        }
    }
}
