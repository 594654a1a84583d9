//! The links of a digest on their own; [answers](super::Answers) have them with reference to those before.

use super::{Corrupt, Decode, Encode};
use crate::digest::{Link, Links, Place, Role, Row, Target};

/// How the record of a link begins: what kind of link it is, in two bytes.
pub(super) struct LinkHead {
    pub(super) place: Place,
    pub(super) role: Role,
    pub(super) nofollow: bool,
    pub(super) has_fragment: bool,
    pub(super) has_spelling: bool,
}

const HAS_FRAGMENT: u8 = 1;
const HAS_SPELLING: u8 = 1 << 1;
const NOFOLLOW: u8 = 1 << 2;
const ROLE_SHIFT: u32 = 3;

impl LinkHead {
    /// Those of a link that is not unpacked.
    pub(super) fn bytes_of(row: &Row) -> [u8; 2] {
        let flags = row.role << ROLE_SHIFT
            | if row.fragment > 0 { HAS_FRAGMENT } else { 0 }
            | if row.spelling > 0 { HAS_SPELLING } else { 0 }
            | if row.nofollow { NOFOLLOW } else { 0 };
        [row.place, flags]
    }
}

impl Decode for LinkHead {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let place = Decode::decode(input)?;
        let (&flags, rest) = input.split_first().ok_or(Corrupt)?;
        *input = rest;
        Ok(Self {
            place,
            role: Role::from_bytes(&[flags >> ROLE_SHIFT])?,
            nofollow: flags & NOFOLLOW != 0,
            has_fragment: flags & HAS_FRAGMENT != 0,
            has_spelling: flags & HAS_SPELLING != 0,
        })
    }
}

/// The numbers of a small record, put together before they are appended as one: what a crawl writes most of.
pub(super) struct Pack {
    bytes: [u8; Self::ROOM],
    len: usize,
}

impl Default for Pack {
    fn default() -> Self {
        Self { bytes: [0; Self::ROOM], len: 0 }
    }
}

impl Pack {
    /// For two bytes and eight numbers of 32 bits.
    const ROOM: usize = 2 + 8 * 5;

    /// As a varint. More numbers than there is room for are a mistake of the caller's, which the tests find: each kind
    /// of record always has the same ones.
    pub(super) fn put(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.push((value & 0x7f) as u8 | 0x80);
            value >>= 7;
        }
        self.push(value as u8);
    }

    pub(super) fn push(&mut self, byte: u8) {
        debug_assert!(self.len < Self::ROOM, "no record has so many numbers");
        if let Some(place) = self.bytes.get_mut(self.len) {
            *place = byte;
            self.len += 1;
        }
    }

    pub(super) fn append_to(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.bytes[..self.len]);
    }
}

impl Encode for Links {
    /// Link by link, each one's strings behind its numbers, so that nothing but the links themselves decides the bytes.
    fn encode(&self, out: &mut Vec<u8>) {
        self.origins.encode(out);
        self.len().encode(out);
        for (row, link) in self.rows.iter().zip(self.packed()) {
            let (path, fragment, text, spelling) = link.take_apart();
            let mut numbers = Pack::default();
            LinkHead::bytes_of(row).iter().for_each(|byte| numbers.push(*byte));
            numbers.put(link.origin.map_or(0, |index| as_u32(index + 1)).into());
            numbers.put(link.line.into());
            numbers.put(link.column.into());
            let strings = [Some(path), fragment, Some(text), spelling];
            strings.iter().flatten().for_each(|string| numbers.put(string.len() as u64));
            numbers.append_to(out);
            strings.iter().flatten().for_each(|string| out.extend_from_slice(string.as_bytes()));
        }
    }
}

/// What is packed has 32 bits for each length and index.
fn as_u32(length: usize) -> u32 {
    u32::try_from(length).unwrap_or(u32::MAX)
}

impl Decode for Links {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let origins = Vec::<String>::decode(input)?;
        let mut links = Self { origins, ..Self::default() };
        for _ in 0..usize::decode(input)? {
            let LinkHead { place, role, nofollow, has_fragment, has_spelling } = Decode::decode(input)?;
            let origin = usize::decode(input)?;
            let (line, column) = (u32::decode(input)?, u32::decode(input)?);
            let mut length = |is: bool| if is { u32::decode(input).map(Some) } else { Ok(None) };
            let lengths = [length(true)?, length(has_fragment)?, length(true)?, length(has_spelling)?];
            let mut take = |length: u32| {
                let (bytes, rest) = input.split_at_checked(length as usize).ok_or(Corrupt)?;
                *input = rest;
                core::str::from_utf8(bytes).map_err(|_| Corrupt)
            };
            let [path, fragment, text, spelling] = lengths.map(|length| length.map(&mut take).transpose());
            let (path, text) = (path?.unwrap_or_default(), text?.unwrap_or_default());
            let target = if origin == 0 {
                Target::Invalid(path)
            } else {
                Target::Url { origin: "", origin_index: origin - 1, rest: path }
            };
            let (fragment, spelling) = (fragment?, spelling?);
            let link = Link { target, fragment, text, spelling, place, role, nofollow, line, column };
            links.push_at(origin.checked_sub(1), &link).ok_or(Corrupt)?;
        }
        Ok(links)
    }
}
