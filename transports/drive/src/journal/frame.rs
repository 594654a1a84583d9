//! The file that records are appended to.
//!
//! A head of 16 bytes: a mark with the format's version, and the last 8 bytes of the snapshot that the records go on
//! from, which are its checksum. Then frames: the length of what is in it, a CRC-32 over that length and what is in
//! it (4 bytes each, little-endian), and the records. Each CRC goes on from the one before, the first from that of
//! the head, so that a frame counts only behind the frames that it was written behind.

use crc32fast::Hasher;

const MARK: &[u8; 8] = b"CRSPJNL3";
/// The mark without the version, which is its last byte. What records look like raises it, and so does what a replay of
/// them comes to.
const KIND: &[u8] = MARK.split_at(MARK.len() - 1).0;
const SNAPSHOT_TAIL: usize = 8;
const HEAD: usize = MARK.len() + SNAPSHOT_TAIL;
const FRAME_HEAD: usize = 8;

/// Puts frames one behind another.
#[derive(Debug)]
pub(crate) struct Chain(u32);

impl Chain {
    /// What a frame begins as: its head is filled in when it is closed, so that the records need not be moved.
    pub(super) const ROOM: [u8; FRAME_HEAD] = [0; FRAME_HEAD];

    /// The head of a file that goes on from this snapshot, and the chain behind it.
    pub(super) fn begin(snapshot: &[u8]) -> (Vec<u8>, Self) {
        let tail = &snapshot[snapshot.len().saturating_sub(SNAPSHOT_TAIL)..];
        let head = [MARK, tail].concat();
        let chain = Self(crc32fast::hash(&head));
        (head, chain)
    }

    /// Makes a frame of records that stand behind [room for its head](Chain::ROOM); false if they are more than one
    /// can hold.
    pub(super) fn close(&mut self, frame: &mut [u8]) -> bool {
        let Some((head, records)) = frame.split_first_chunk_mut::<FRAME_HEAD>() else { return false };
        let Ok(length) = u32::try_from(records.len()) else { return false };
        self.0 = self.next(length, records);
        let (first, second) = head.split_at_mut(size_of::<u32>());
        first.copy_from_slice(&length.to_le_bytes());
        second.copy_from_slice(&self.0.to_le_bytes());
        true
    }

    fn next(&self, length: u32, records: &[u8]) -> u32 {
        let mut hasher = Hasher::new_with_initial(self.0);
        hasher.update(&length.to_le_bytes());
        hasher.update(records);
        hasher.finalize()
    }
}

/// Reads a file's frames as far as they are whole.
pub(super) struct Frames<'a> {
    input: &'a [u8],
    chain: Chain,
}

impl<'a> Frames<'a> {
    /// Whether this was written by a version that writes otherwise, so that nothing can be told of it.
    pub(super) fn are_of_another_version(file: &[u8]) -> bool {
        file.len() >= MARK.len() && file.starts_with(KIND) && !file.starts_with(MARK)
    }

    /// Nothing is whole of a file that goes on from another snapshot.
    pub(super) fn of(file: &'a [u8], snapshot: &[u8]) -> Self {
        let (head, chain) = Chain::begin(snapshot);
        debug_assert!(head.len() == HEAD || snapshot.len() < SNAPSHOT_TAIL, "a snapshot has a checksum");
        let input = file.strip_prefix(head.as_slice()).unwrap_or_default();
        Self { input, chain }
    }
}

impl<'a> Iterator for Frames<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (head, rest) = self.input.split_first_chunk::<FRAME_HEAD>()?;
        let [l0, l1, l2, l3, crc @ ..] = *head;
        let length = u32::from_le_bytes([l0, l1, l2, l3]);
        let (records, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
        let crc = u32::from_le_bytes(crc);
        if self.chain.next(length, records) != crc {
            return None;
        }
        (self.chain, self.input) = (Chain(crc), rest);
        Some(records)
    }
}

impl Frames<'_> {
    /// Bytes that are not in a whole frame: a torn tail, or damage and what stands behind it.
    pub(super) fn left(&self) -> u64 {
        self.input.len() as u64
    }
}
