//! Texts that repeat, each stored once.

use super::{Arena, Chunks, TextRef};
use crate::seed::HashKey;
use hashbrown::HashTable;

/// A stored text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct TextId(pub(crate) u32);

impl TextId {
    /// The empty text, which is always there.
    pub(crate) const EMPTY: Self = Self(0);
}

/// Link texts, fragments and spellings: most stand on many pages.
#[derive(Clone, Debug)]
pub(crate) struct Texts {
    key: HashKey,
    index: HashTable<u32>,
    refs: Chunks<TextRef>,
    arena: Arena,
}

impl Texts {
    pub(crate) fn new(key: HashKey) -> Self {
        let mut texts =
            Self { key, index: HashTable::new(), refs: Chunks::default(), arena: Arena::default() };
        texts.refs.push(TextRef::default());
        let empty = texts.arena.push("").unwrap_or_default();
        texts.refs[0] = empty;
        texts
    }

    /// The text's number; once 4 GiB are used up, new texts are stored as empty ones.
    pub(crate) fn intern(&mut self, text: &str) -> TextId {
        if text.is_empty() {
            return TextId::EMPTY;
        }
        let text = &text[..text.floor_char_boundary(usize::from(u16::MAX))];
        let Self { key, index, refs, arena } = self;
        let hash = key.hash(text.as_bytes());
        if let Some(&id) = index.find(hash, |&id| arena.get(refs[id]) == text) {
            return TextId(id);
        }
        let (Ok(id), Some(place)) = (u32::try_from(refs.len()), arena.push(text)) else {
            return TextId::EMPTY;
        };
        refs.push(place);
        index.insert_unique(hash, id, |&id| key.hash(arena.get(refs[id]).as_bytes()));
        TextId(id)
    }

    /// How many there are, the empty one included.
    pub(crate) fn len(&self) -> usize {
        self.refs.len()
    }

    pub(crate) fn get(&self, id: TextId) -> &str {
        self.arena.get(self.refs[id.0])
    }

    /// All texts but the empty one, in order of number.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &str> {
        self.refs.iter().skip(1).map(|&place| self.arena.get(place))
    }
}
