//! Links: the greater part of what answers tell, and most of it has been told before.
//!
//! A link is expected to be followed by the one that followed it last time, and the first of a document to be the
//! first of the one before. Links that are as expected are only counted; others give their strings, each by its slot
//! if it was seen a moment ago, and are expected next time.

use super::strings::{SeenStrings, Slot};
use crate::codec::{Corrupt, Decode, Encode, LinkHead, put_varint, take_varint};
use crate::digest::{Link, Links, Row, Target};

/// A power of two.
const CONTEXTS: usize = 1 << 13;

/// Links of one document that may be as expected, so that a few bytes cannot stand for any number of links.
const MOST_EXPECTED: usize = 1 << 16;

/// What follows is the number of links that are as expected.
const AS_EXPECTED: u64 = 0;
/// What follows is a line and a column; all else is as expected.
const MOVED: u64 = 1;
/// What follows is a line, a column, and all else.
const NEW: u64 = 2;
/// Bits for these.
const KIND_BITS: u32 = 2;

/// What followed each link when it was last seen.
#[derive(Debug)]
pub(super) struct SeenLinks(Vec<Seen>);

/// One link.
#[derive(Clone, Copy, Debug)]
struct Seen {
    head: [u8; 2],
    /// Index in the document's origins plus one; zero for none.
    origin: u32,
    /// From the link before.
    step: u32,
    column: u32,
    /// Path, fragment, text, spelling.
    strings: [Slot; 4],
}

impl Default for SeenLinks {
    fn default() -> Self {
        let nothing = Seen { head: [0; 2], origin: 0, step: 0, column: 0, strings: [Slot::NONE; 4] };
        Self(vec![nothing; CONTEXTS])
    }
}

impl Seen {
    /// What the link behind this one is expected by.
    fn context(&self) -> usize {
        let [path, _, text, _] = self.strings.map(|slot| u32::from(slot.number()));
        ((path | text << 16).wrapping_mul(0x9e37_79b1) >> (u32::BITS - CONTEXTS.trailing_zeros())) as usize
    }

    /// Whether it has these strings, of which `row` tells the lengths. This is asked of all links.
    fn reads(&self, row: &Row, strings: &[u8], seen: &SeenStrings) -> bool {
        let [path, fragment, text, spelling] = self.strings;
        let Some((bytes, rest)) = strings.split_at_checked(row.path as usize) else { return false };
        if !seen.holds(path, bytes) {
            return false;
        }
        let rest = match row.fragment {
            0 => rest,
            length => match rest.split_at_checked(length as usize - 1) {
                Some((bytes, rest)) if seen.holds(fragment, bytes) => rest,
                _ => return false,
            },
        };
        let Some((bytes, rest)) = rest.split_at_checked(row.label as usize) else { return false };
        seen.holds(text, bytes)
            && match row.spelling {
                0 => true,
                length => rest.get(..length as usize - 1).is_some_and(|bytes| seen.holds(spelling, bytes)),
            }
    }
}

/// The context of a document's first link.
const FIRST: usize = 0;

impl SeenLinks {
    pub(super) fn encode(&mut self, links: &Links, strings: &mut SeenStrings, out: &mut Vec<u8>) {
        links.origins().len().encode(out);
        for origin in links.origins() {
            strings.encode(origin, out);
        }
        links.len().encode(out);
        let (mut context, mut line, mut as_expected) = (FIRST, 0_u32, 0);
        for (number, row) in links.rows.iter().enumerate() {
            let head = LinkHead::bytes_of(row);
            // Of none, this is the greatest number.
            let origin = row.origin.wrapping_add(1);
            let (step, column) = (row.line.wrapping_sub(line), row.column);
            line = row.line;
            let seen = &mut self.0[context];
            let text = links.text.as_bytes().get(row.start as usize..).unwrap_or_default();
            let is_expected = number < MOST_EXPECTED
                && (seen.head, seen.origin) == (head, origin)
                && seen.reads(row, text, strings);
            if is_expected && (seen.step, seen.column) == (step, column) {
                as_expected += 1;
            } else {
                put_expected(&mut as_expected, out);
                put_varint(out, zigzag(step) << KIND_BITS | if is_expected { MOVED } else { NEW });
                column.encode(out);
                (seen.step, seen.column) = (step, column);
                if !is_expected {
                    out.extend_from_slice(&head);
                    origin.encode(out);
                    (seen.head, seen.origin) = (head, origin);
                    let (path, fragment, text, spelling) = links.pack(row).take_apart();
                    let mut encode = |text: &str| strings.encode(text, out);
                    let path = encode(path);
                    let fragment = fragment.map_or(Slot::NONE, &mut encode);
                    seen.strings = [path, fragment, encode(text), spelling.map_or(Slot::NONE, encode)];
                }
            }
            context = seen.context();
        }
        put_expected(&mut as_expected, out);
    }

    pub(super) fn decode(&mut self, strings: &mut SeenStrings, input: &mut &[u8]) -> Result<Links, Corrupt> {
        let mut links = Links::default();
        for _ in 0..usize::decode(input)? {
            let mut origin = String::new();
            strings.decode(input, &mut origin)?;
            links.origins.push(origin);
        }
        let count = usize::decode(input)?;
        let (mut context, mut line) = (FIRST, 0_u32);
        while links.len() < count {
            let number = take_varint(input)?;
            let (kind, number) = (number & ((1 << KIND_BITS) - 1), number >> KIND_BITS);
            let times = match kind {
                AS_EXPECTED => usize::try_from(number).map_err(|_| Corrupt)?,
                _ => 1,
            };
            let end = links.len().checked_add(times).filter(|end| times > 0 && *end <= count);
            if end.is_none_or(|end| kind != NEW && end > MOST_EXPECTED) {
                return Err(Corrupt);
            }
            for _ in 0..times {
                let seen = &mut self.0[context];
                if kind != AS_EXPECTED {
                    (seen.step, seen.column) = (unzigzag(number)?, u32::decode(input)?);
                }
                line = line.wrapping_add(seen.step);
                if kind == NEW {
                    seen.decode_into(&mut links, line, strings, input)?;
                } else {
                    let has = seen.strings_had()?;
                    let slots = seen.strings.iter().zip(has);
                    let mut known = slots.map(|(slot, has)| if has { strings.get(*slot) } else { None });
                    let parts = [(); 4].map(|()| known.next().flatten());
                    seen.append_to(&mut links, line, parts)?;
                }
                context = seen.context();
            }
        }
        Ok(links)
    }
}

impl Seen {
    /// Becomes the link that comes next, and appends it.
    fn decode_into(
        &mut self,
        links: &mut Links,
        line: u32,
        strings: &mut SeenStrings,
        input: &mut &[u8],
    ) -> Result<(), Corrupt> {
        let (head, rest) = input.split_first_chunk().ok_or(Corrupt)?;
        *input = rest;
        (self.head, self.origin) = (*head, u32::decode(input)?);
        let mut texts = [const { String::new() }; 4];
        for ((has, slot), text) in self.strings_had()?.into_iter().zip(&mut self.strings).zip(&mut texts) {
            *slot = if has { strings.decode(input, text)? } else { Slot::NONE };
        }
        let mut has = self.strings_had()?.into_iter();
        let parts = texts.each_ref().map(|text| has.next().unwrap_or_default().then_some(text.as_str()));
        self.append_to(links, line, parts)
    }

    fn strings_had(&self) -> Result<[bool; 4], Corrupt> {
        let LinkHead { has_fragment, has_spelling, .. } = LinkHead::decode(&mut self.head.as_slice())?;
        Ok([true, has_fragment, true, has_spelling])
    }

    fn append_to(&self, links: &mut Links, line: u32, strings: [Option<&str>; 4]) -> Result<(), Corrupt> {
        let LinkHead { place, role, nofollow, has_fragment, has_spelling } =
            LinkHead::decode(&mut self.head.as_slice())?;
        let [Some(path), fragment, Some(text), spelling] = strings else { return Err(Corrupt) };
        if (fragment.is_some(), spelling.is_some()) != (has_fragment, has_spelling) {
            return Err(Corrupt);
        }
        let origin = (self.origin as usize).checked_sub(1);
        let target = match origin {
            Some(origin_index) => Target::Url { origin: "", origin_index, rest: path },
            None => Target::Invalid(path),
        };
        let column = self.column;
        let link = Link { target, fragment, text, spelling, place, role, nofollow, line, column };
        links.push_at(origin, &link).ok_or(Corrupt)
    }
}

fn put_expected(count: &mut u64, out: &mut Vec<u8>) {
    if *count > 0 {
        put_varint(out, *count << KIND_BITS | AS_EXPECTED);
        *count = 0;
    }
}

/// Small numbers for small steps, forwards or back.
fn zigzag(step: u32) -> u64 {
    let step = step.cast_signed();
    u64::from((step << 1 ^ step >> 31).cast_unsigned())
}

fn unzigzag(number: u64) -> Result<u32, Corrupt> {
    let number = u32::try_from(number).map_err(|_| Corrupt)?;
    Ok(number >> 1 ^ (number & 1).wrapping_neg())
}
