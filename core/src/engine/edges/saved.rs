//! A document's links in a snapshot: as differences from one link to the next, which are small where a page lists what
//! was found together.

use super::{Edge, EdgeReader, EdgeWriter};
use crate::codec::{Corrupt, Decode, Encode, Pack};
use crate::digest::Role;
use crate::engine::output::UrlId;
use crate::store::TextId;

const HAS_FRAGMENT: u8 = 1;
const HAS_SPELLING: u8 = 1 << 1;
const NOFOLLOW: u8 = 1 << 2;
const ROLE_SHIFT: u32 = 3;

pub(in crate::engine) fn encode(edges: EdgeReader<'_>, out: &mut Vec<u8>) {
    edges.clone().count().encode(out);
    let mut last = Edge::NONE;
    for edge in edges {
        let Edge { target, line, column, place, role, nofollow, text, fragment, spelling } = edge;
        let flags = (role as u8) << ROLE_SHIFT
            | if fragment.is_some() { HAS_FRAGMENT } else { 0 }
            | if spelling.is_some() { HAS_SPELLING } else { 0 }
            | if nofollow { NOFOLLOW } else { 0 };
        let mut numbers = Pack::new(place.index(), flags);
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
        let place = Decode::decode(input)?;
        let (&flags, rest) = input.split_first().ok_or(Corrupt)?;
        *input = rest;
        let role = match flags >> ROLE_SHIFT {
            0 => Role::Recorded,
            1 => Role::Resource,
            2 => Role::Followed,
            _ => return Err(Corrupt),
        };
        let nofollow = flags & NOFOLLOW != 0;
        let line = stepped(last.line, u32::decode(input)?);
        let column = u32::decode(input)?;
        let target = UrlId(stepped(last.target.0, u32::decode(input)?));
        let text = TextId(stepped(last.text.0, u32::decode(input)?));
        let mut option = |flag: u8| (flags & flag != 0).then(|| TextId::decode(input)).transpose();
        let (fragment, spelling) = (option(HAS_FRAGMENT)?, option(HAS_SPELLING)?);
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
