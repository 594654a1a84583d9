//! The links of each document, packed: the greater part of what a large crawl remembers.

use super::output::UrlId;
use crate::codec::{Corrupt, put_varint, take_varint};
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
        text: TextId::EMPTY,
        fragment: None,
        spelling: None,
    };
}

const HAS_FRAGMENT: u64 = 1;
const HAS_SPELLING: u64 = 1 << 1;
const SAME_LINE: u64 = 1 << 2;
const ROLE_SHIFT: u32 = 3;

/// Packs the edges of one document: varints, lines and columns as differences from the edge before.
#[derive(Debug, Default)]
pub(super) struct EdgeWriter {
    out: Vec<u8>,
    line: u32,
    column: u32,
}

impl EdgeWriter {
    /// A writer that uses a buffer again.
    pub(super) fn reusing(mut out: Vec<u8>) -> Self {
        out.clear();
        Self { out, line: 0, column: 0 }
    }

    pub(super) fn push(&mut self, edge: &Edge) {
        let same_line = edge.line == self.line && edge.column >= self.column;
        let flags = if edge.fragment.is_some() { HAS_FRAGMENT } else { 0 }
            | if edge.spelling.is_some() { HAS_SPELLING } else { 0 }
            | if same_line { SAME_LINE } else { 0 }
            | (edge.role as u64) << ROLE_SHIFT;
        self.out.push(edge.place.index());
        put_varint(&mut self.out, flags);
        put_varint(&mut self.out, u64::from(edge.target.0));
        if same_line {
            put_varint(&mut self.out, u64::from(edge.column - self.column));
        } else {
            put_varint(&mut self.out, u64::from(edge.line.wrapping_sub(self.line)));
            put_varint(&mut self.out, u64::from(edge.column));
        }
        put_varint(&mut self.out, u64::from(edge.text.0));
        for text in [edge.fragment, edge.spelling].into_iter().flatten() {
            put_varint(&mut self.out, u64::from(text.0));
        }
        (self.line, self.column) = (edge.line, edge.column);
    }

    /// The packed edges, exactly as long as they are, and the buffer to use again.
    pub(super) fn finish(self) -> (Box<[u8]>, Vec<u8>) {
        (self.out.as_slice().into(), self.out)
    }
}

/// Unpacks the edges of one document.
#[derive(Clone, Debug)]
pub(crate) struct EdgeReader<'a> {
    input: &'a [u8],
    line: u32,
    column: u32,
}

impl<'a> EdgeReader<'a> {
    pub(crate) fn new(input: &'a [u8]) -> Self {
        Self { input, line: 0, column: 0 }
    }

    /// The next edge; an error only for bytes that no [`EdgeWriter`] wrote.
    pub(crate) fn read(&mut self) -> Result<Option<Edge>, Corrupt> {
        let Some((&place, rest)) = self.input.split_first() else { return Ok(None) };
        let mut input = rest;
        let flags = take_varint(&mut input)?;
        let target = UrlId(take_u32(&mut input)?);
        if flags & SAME_LINE != 0 {
            self.column = self.column.wrapping_add(take_u32(&mut input)?);
        } else {
            self.line = self.line.wrapping_add(take_u32(&mut input)?);
            self.column = take_u32(&mut input)?;
        }
        let text = TextId(take_u32(&mut input)?);
        let fragment = (flags & HAS_FRAGMENT != 0).then(|| take_u32(&mut input)).transpose()?.map(TextId);
        let spelling = (flags & HAS_SPELLING != 0).then(|| take_u32(&mut input)).transpose()?.map(TextId);
        let role = match flags >> ROLE_SHIFT {
            0 => Role::Recorded,
            1 => Role::Resource,
            2 => Role::Followed,
            _ => return Err(Corrupt),
        };
        self.input = input;
        let place = Place::from_index(place).ok_or(Corrupt)?;
        Ok(Some(Edge { target, line: self.line, column: self.column, place, role, text, fragment, spelling }))
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
    u32::try_from(take_varint(input)?).map_err(|_| Corrupt)
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
            role in 0..3_u8, text in any::<u32>(), fragment in any::<Option<u32>>(), spelling in any::<Option<u32>>(),
        ) -> Edge {
            Edge {
                target: UrlId(target), line, column, place: Place::from_index(place).unwrap(),
                role: [Role::Recorded, Role::Resource, Role::Followed][usize::from(role)], text: TextId(text),
                fragment: fragment.map(TextId), spelling: spelling.map(TextId),
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_is_unpacked(edges in proptest::collection::vec(edge(), 0..20)) {
            let mut writer = EdgeWriter::default();
            edges.iter().for_each(|edge| writer.push(edge));
            let packed = writer.finish().0;
            prop_assert_eq!(EdgeReader::new(&packed).collect::<Vec<_>>(), edges);
        }

        #[test]
        fn any_bytes_are_read_without_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = EdgeReader::new(&bytes).count();
        }
    }
}
