//! What is kept of a document: its links and its fragment targets, in one piece.

use super::edges::EdgeReader;
use super::output::UrlId;
use crate::digest::{Directives, Media};

/// A document whose links or fragment targets are known.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) url: UrlId,
    /// Hashes of its fragment targets, ascending, eight bytes each; then its packed links.
    packed: Box<[u8]>,
    ids: u32,
    /// The depth that its links were last looked at with; `None` if they do not count.
    pub(crate) spread_at: Option<u16>,
    pub(crate) directives: Directives,
    pub(crate) media: Media,
}

/// The fragment targets of a document.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ids<'a>(&'a [[u8; 8]]);

impl Ids<'_> {
    pub(crate) const fn len(self) -> usize {
        self.0.len()
    }

    pub(crate) fn has(&self, hash: u64) -> bool {
        self.0.binary_search_by_key(&hash, |id| u64::from_le_bytes(*id)).is_ok()
    }
}

impl Page {
    pub(super) fn new(url: UrlId, directives: Directives, media: Media) -> Self {
        Self { url, packed: Box::default(), ids: 0, spread_at: None, directives, media }
    }

    /// Keeps what a document holds; `room` is used to put it together.
    pub(super) fn keep(&mut self, ids: &[u64], edges: &[u8], room: &mut Vec<u8>) {
        room.clear();
        ids.iter().for_each(|id| room.extend_from_slice(&id.to_le_bytes()));
        room.extend_from_slice(edges);
        self.packed = room.as_slice().into();
        // A digest's limits are of 32 bits.
        self.ids = ids.len() as u32;
    }

    /// Takes the document out while its links are gone through; an empty one stays in its place.
    pub(super) fn take(&mut self) -> Self {
        core::mem::replace(self, Self::new(self.url, self.directives, self.media))
    }

    pub(crate) fn ids(&self) -> Ids<'_> {
        Ids(self.packed[..self.edges_start()].as_chunks().0)
    }

    pub(crate) fn edges(&self) -> EdgeReader<'_> {
        EdgeReader::new(&self.packed[self.edges_start()..])
    }

    fn edges_start(&self) -> usize {
        (self.ids as usize * 8).min(self.packed.len())
    }
}

mod saved {
    use super::Page;
    use crate::codec::{Corrupt, Decode, Encode};
    use crate::engine::edges;

    impl Encode for Page {
        fn encode(&self, out: &mut Vec<u8>) {
            self.url.encode(out);
            self.ids.encode(out);
            out.extend_from_slice(&self.packed[..self.edges_start()]);
            edges::saved::encode(&self.packed[self.edges_start()..], out);
            self.spread_at.encode(out);
            self.directives.encode(out);
            self.media.encode(out);
        }
    }

    impl Decode for Page {
        fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
            let url = Decode::decode(input)?;
            let ids = u32::decode(input)?;
            let size = (ids as usize).checked_mul(8).ok_or(Corrupt)?;
            let (hashes, rest) = input.split_at_checked(size).ok_or(Corrupt)?;
            *input = rest;
            let packed = [hashes, &edges::saved::decode(input)?].concat().into();
            let page = Self {
                url,
                packed,
                ids,
                spread_at: Decode::decode(input)?,
                directives: Decode::decode(input)?,
                media: Decode::decode(input)?,
            };
            if !page.ids().0.is_sorted_by_key(|id| u64::from_le_bytes(*id)) {
                return Err(Corrupt);
            }
            Ok(page)
        }
    }
}
