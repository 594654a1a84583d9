//! A document's links in a snapshot: as differences from one link to the next, which are small where a page lists what
//! was found together.

use super::{Edge, EdgeReader, EdgeWriter};
use crate::codec::{Corrupt, Decode, Encode, LinkHead};
use crate::engine::output::UrlId;
use crate::store::TextId;

pub(in crate::engine) fn encode(edges: EdgeReader<'_>, out: &mut Vec<u8>) {
    edges.clone().count().encode(out);
    let mut last = Edge::NONE;
    for edge in edges {
        let Edge { target, line, column, place, role, nofollow, text, fragment, spelling } = edge;
        let (has_fragment, has_spelling) = (fragment.is_some(), spelling.is_some());
        let mut numbers = LinkHead { place, role, nofollow, has_fragment, has_spelling }.pack();
        numbers.put(step(last.line, line));
        numbers.put(column);
        numbers.put(step(last.target.0, target.0));
        numbers.put(step(last.text.0, text.0));
        fragment.iter().for_each(|text| numbers.put(text.0));
        spelling.iter().for_each(|text| numbers.put(text.0));
        numbers.append_to(out);
        last = edge;
    }
}

/// The links as they are packed in memory.
pub(in crate::engine) fn decode(input: &mut &[u8]) -> Result<Vec<u8>, Corrupt> {
    let mut writer = EdgeWriter::default();
    let mut last = Edge::NONE;
    for _ in 0..usize::decode(input)? {
        let LinkHead { place, role, nofollow, has_fragment, has_spelling } = Decode::decode(input)?;
        let line = stepped(last.line, u32::decode(input)?);
        let column = u32::decode(input)?;
        let target = UrlId(stepped(last.target.0, u32::decode(input)?));
        let text = TextId(stepped(last.text.0, u32::decode(input)?));
        let mut option = |is: bool| is.then(|| TextId::decode(input)).transpose();
        let (fragment, spelling) = (option(has_fragment)?, option(has_spelling)?);
        let edge = Edge { target, line, column, place, role, nofollow, text, fragment, spelling };
        writer.push(&edge);
        last = edge;
    }
    Ok(writer.finish())
}

/// The way from one number to another, in few bits if it is short in either direction.
fn step(from: u32, to: u32) -> u32 {
    let way = to.wrapping_sub(from).cast_signed();
    (way << 1 ^ way >> 31).cast_unsigned()
}

fn stepped(from: u32, step: u32) -> u32 {
    let way = (step >> 1).cast_signed() ^ -(step & 1).cast_signed();
    from.wrapping_add_signed(way)
}
