//! The links of each document, packed: the greater part of what a large crawl remembers.

pub(super) mod saved;

use super::output::UrlId;
use crate::codec::Corrupt;
use crate::digest::{Place, Role};
use crate::store::TextId;

/// One link of a document, its strings stored elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Edge {
    pub(crate) target: UrlId,
    pub(crate) line: u32,
    pub(crate) column: u32,
    pub(crate) place: Place,
    pub(crate) role: Role,
    pub(crate) nofollow: bool,
    pub(crate) text: TextId,
    pub(crate) fragment: Option<TextId>,
    pub(crate) spelling: Option<TextId>,
}

impl Edge {
    /// Fills room that a link is yet to be put in.
    pub(crate) const NONE: Self = Self {
        target: UrlId(0),
        line: 0,
        column: 0,
        place: Place::SEED,
        role: Role::Recorded,
        nofollow: false,
        text: TextId::EMPTY,
        fragment: None,
        spelling: None,
    };
}

const HAS_FRAGMENT: u8 = 1;
const HAS_SPELLING: u8 = 1 << 1;
/// Line and column follow as they are.
const FAR: u8 = 1 << 2;
const NOFOLLOW: u8 = 1 << 3;
const ROLE_SHIFT: u32 = 4;

/// Bytes of an edge without its options: place, flags, line and column (16 bits each), target and text.
const FIXED: usize = 14;

/// Packs the edges of one document: 14 bytes each, and four more for a fragment, for a spelling, and for a line or
/// column that does not fit. A line is the difference from the edge before.
#[derive(Debug, Default)]
pub(super) struct EdgeWriter {
    out: Vec<u8>,
    line: u32,
}

impl EdgeWriter {
    /// A writer that uses a buffer again.
    pub(super) fn reusing(mut out: Vec<u8>) -> Self {
        out.clear();
        Self { out, line: 0 }
    }

    #[inline]
    pub(super) fn push(&mut self, edge: &Edge) {
        let line = edge.line.wrapping_sub(self.line);
        let is_far = (line | edge.column) > u32::from(u16::MAX);
        let mut flags = (edge.role as u8) << ROLE_SHIFT;
        flags |= HAS_FRAGMENT * u8::from(edge.fragment.is_some());
        flags |= HAS_SPELLING * u8::from(edge.spelling.is_some());
        flags |= FAR * u8::from(is_far);
        flags |= NOFOLLOW * u8::from(edge.nofollow);
        let mut fixed = [0; FIXED];
        fixed[0] = edge.place.index();
        fixed[1] = flags;
        if !is_far {
            fixed[2..4].copy_from_slice(&(line as u16).to_le_bytes());
            fixed[4..6].copy_from_slice(&(edge.column as u16).to_le_bytes());
        }
        fixed[6..10].copy_from_slice(&edge.target.0.to_le_bytes());
        fixed[10..14].copy_from_slice(&edge.text.0.to_le_bytes());
        self.out.extend_from_slice(&fixed);
        if let Some(fragment) = edge.fragment {
            self.out.extend_from_slice(&fragment.0.to_le_bytes());
        }
        if let Some(spelling) = edge.spelling {
            self.out.extend_from_slice(&spelling.0.to_le_bytes());
        }
        if is_far {
            self.out.extend_from_slice(&edge.line.to_le_bytes());
            self.out.extend_from_slice(&edge.column.to_le_bytes());
        }
        self.line = edge.line;
    }

    /// The packed edges, in the buffer to use again.
    pub(super) fn finish(self) -> Vec<u8> {
        self.out
    }
}

/// Unpacks the edges of one document.
#[derive(Clone, Debug)]
pub(crate) struct EdgeReader<'a> {
    input: &'a [u8],
    line: u32,
}

impl<'a> EdgeReader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self { input, line: 0 }
    }

    /// The next edge; an error only for bytes that no [`EdgeWriter`] wrote.
    pub(crate) fn read(&mut self) -> Result<Option<Edge>, Corrupt> {
        if self.input.is_empty() {
            return Ok(None);
        }
        let (fixed, mut input) = self.input.split_first_chunk::<FIXED>().ok_or(Corrupt)?;
        let [place, flags, l0, l1, c0, c1, t @ .., x0, x1, x2, x3] = *fixed;
        let target = UrlId(u32::from_le_bytes(t));
        let text = TextId(u32::from_le_bytes([x0, x1, x2, x3]));
        let fragment = (flags & HAS_FRAGMENT != 0).then(|| take_u32(&mut input)).transpose()?.map(TextId);
        let spelling = (flags & HAS_SPELLING != 0).then(|| take_u32(&mut input)).transpose()?.map(TextId);
        let column = if flags & FAR == 0 {
            self.line = self.line.wrapping_add(u32::from(u16::from_le_bytes([l0, l1])));
            u32::from(u16::from_le_bytes([c0, c1]))
        } else {
            self.line = take_u32(&mut input)?;
            take_u32(&mut input)?
        };
        let role = match flags >> ROLE_SHIFT {
            0 => Role::Recorded,
            1 => Role::Resource,
            2 => Role::Followed,
            _ => return Err(Corrupt),
        };
        self.input = input;
        let nofollow = flags & NOFOLLOW != 0;
        let place = Place::from_index(place).ok_or(Corrupt)?;
        Ok(Some(Edge { target, line: self.line, column, place, role, nofollow, text, fragment, spelling }))
    }
}

impl Iterator for EdgeReader<'_> {
    type Item = Edge;

    /// Edges in memory were checked when they were loaded; damage would end the list early.
    fn next(&mut self) -> Option<Edge> {
        self.read().ok().flatten()
    }
}

fn take_u32(input: &mut &[u8]) -> Result<u32, Corrupt> {
    let (bytes, rest) = input.split_first_chunk::<4>().ok_or(Corrupt)?;
    *input = rest;
    Ok(u32::from_le_bytes(*bytes))
}

#[cfg(test)]
mod tests {
    use super::{Edge, EdgeReader, EdgeWriter};
    use crate::digest::{Place, Role};
    use crate::engine::output::UrlId;
    use crate::store::TextId;
    use proptest::prelude::*;

    prop_compose! {
        fn edge()(
            target in any::<u32>(), line in any::<u32>(), column in any::<u32>(), place in 0..Place::COUNT as u8,
            role in 0..3_u8, nofollow in any::<bool>(), text in any::<u32>(), fragment in any::<Option<u32>>(), spelling in any::<Option<u32>>(),
        ) -> Edge {
            Edge {
                target: UrlId(target), line, column, place: Place::from_index(place).unwrap(),
                role: [Role::Recorded, Role::Resource, Role::Followed][usize::from(role)], nofollow, text: TextId(text),
                fragment: fragment.map(TextId), spelling: spelling.map(TextId),
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(edges in proptest::collection::vec(edge(), 0..20)) {
            let mut writer = EdgeWriter::default();
            edges.iter().for_each(|edge| writer.push(edge));
            let packed = writer.finish();
            prop_assert_eq!(EdgeReader::new(&packed).count(), edges.len());
            prop_assert_eq!(EdgeReader::new(&packed).collect::<Vec<_>>(), edges);
            let mut saved = Vec::new();
            super::saved::encode(&packed, &mut saved);
            prop_assert_eq!(super::saved::decode(&mut saved.as_slice()), Ok(packed));
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = EdgeReader::new(&bytes).count();
            let mut rest = bytes.as_slice();
            if let Ok(packed) = super::saved::decode(&mut rest) {
                let mut again = Vec::new();
                super::saved::encode(&packed, &mut again);
                prop_assert_eq!([&again, rest].concat(), bytes);
            }
        }
    }
}
