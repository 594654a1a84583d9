//! Links: the greater part of what answers tell, and most of it has been told before.
//!
//! A [window](Window) holds links that have come more than once, each with the number of the one that came behind it. Who
//! goes through a document is led by it: a link that is as expected is only counted. Another one that the window holds is
//! told by its number, and expected there from then on. What comes for the first time, or the second, is told in full, but
//! for strings that it has in common with what stands there otherwise.
//!
//! What is expected one after another mostly lies one after another, so that to go through it is to wait for nothing; what
//! comes once, as most links within a text do, is never looked at again.

use super::places::Places;
use super::strings::SeenStrings;
use super::window::{LINKS, LONGEST, Led, Window, pieces};
use crate::codec::{
    Corrupt, Decode, Encode, LinkHead, Pack, put_varint, take, take_varint, unzigzag, zigzag,
};
use crate::digest::{Links, Row};
use crate::store::spread_hash;

/// Links of one document that are not told in full, so that a few bytes cannot stand for any number of links.
const MOST_KNOWN: usize = 1 << 16;

/// What follows is the number of links that are as expected.
const AS_EXPECTED: u64 = 0;
/// What follows is a line and a column; all else is as expected.
const MOVED: u64 = 1;
/// What follows is a line, a column, and the number of the link.
const KNOWN: u64 = 2;
/// What follows is a line, a column, and the link. This and what is added to it:
const NEW: u64 = 3;
/// it is remembered;
const REPEATED: u64 = 1;
/// its kind and origin are those of the link before it in the document.
const LIKE_BEFORE: u64 = 1 << 1;
/// Bits for these.
const KIND_BITS: u32 = 3;

/// A string of a new link that it has in common with the one that was expected.
const SAME: u64 = 0;

/// The links that were told last, and where they are.
#[derive(Debug, Default)]
pub(super) struct SeenLinks {
    window: Window,
    places: Places,
}

impl SeenLinks {
    pub(super) fn encode(&mut self, links: &Links, strings: &mut SeenStrings, out: &mut Vec<u8>) {
        links.origins().len().encode(out);
        for origin in links.origins() {
            strings.encode(origin, out);
        }
        links.len().encode(out);
        self.places.make_room(links.len());
        let mut led = self.window.begin();
        let mut as_expected = 0;
        for (number, row) in links.rows.iter().enumerate() {
            let step = row.line.wrapping_sub(led.line);
            led.line = row.line;
            let text = links.text.as_bytes().get(row.start as usize..).unwrap_or_default();
            let seen = self.window.get(led.expected);
            let may_be_known = number < MOST_KNOWN;
            if may_be_known
                && seen.row.is_like(row)
                && text.get(..seen.size as usize) == Some(self.window.strings(seen))
            {
                let next = seen.next;
                if (seen.row.line, seen.row.column) == (step, row.column) {
                    as_expected += 1;
                } else {
                    put_expected(&mut as_expected, out);
                    record(MOVED, step, row.column).append_to(out);
                    self.window.get_mut(led.expected).move_to(step, row.column);
                }
                led.go_on(next);
            } else {
                put_expected(&mut as_expected, out);
                let strings = text.get(..row.size()).unwrap_or_default();
                let row = Row { line: step, ..*row };
                let before = Before::of(links, number);
                self.encode_other(&mut led, &row, strings, &before, may_be_known, out);
            }
        }
        put_expected(&mut as_expected, out);
    }

    /// A link that is not as expected.
    #[inline(never)]
    fn encode_other(
        &mut self,
        led: &mut Led,
        row: &Row,
        strings: &[u8],
        before: &Before<'_>,
        may_be_known: bool,
        out: &mut Vec<u8>,
    ) {
        let hash = spread_hash(strings);
        let met = self.places.meet(hash);
        if let Some(number) = met
            && may_be_known
        {
            let seen = self.window.get(number);
            if seen.row.is_like(row) && self.window.strings(seen) == strings {
                let mut numbers = record(KNOWN, row.line, row.column);
                numbers.put(number.into());
                numbers.append_to(out);
                self.window.lead(led, number);
                let seen = self.window.get_mut(number);
                seen.move_to(row.line, row.column);
                return led.go_on(seen.next);
            }
        }
        let is_repeated = met.is_some() && strings.len() <= LONGEST;
        let (head, is_like_before) = (LinkHead::bytes_of(row), before.is_like(row));
        let kind =
            NEW + if is_repeated { REPEATED } else { 0 } + if is_like_before { LIKE_BEFORE } else { 0 };
        let mut numbers = record(kind, row.line, row.column);
        if !is_like_before {
            head.iter().for_each(|byte| numbers.push(*byte));
            // Of none, this is the greatest number.
            numbers.put(row.origin.wrapping_add(1).into());
        }
        let (path, others) = strings.split_at_checked(row.path as usize).unwrap_or((strings, &[]));
        let shared = before.shares(path);
        numbers.put(shared as u64);
        numbers.put((path.len() - shared) as u64);
        let pieces = pieces(others, row);
        let models = self.window.expected_strings(led);
        let in_common =
            core::array::from_fn(|index| !pieces[index].is_empty() && pieces[index] == models[index]);
        for (length, same) in row.lengths().into_iter().zip(in_common) {
            if length > 0 {
                numbers.put(if same { SAME } else { length.into() });
            }
        }
        numbers.append_to(out);
        if in_common == [false; 3] {
            out.extend_from_slice(&strings[shared..]);
        } else {
            out.extend_from_slice(&path[shared..]);
            for (piece, _) in pieces.iter().zip(in_common).filter(|(_, same)| !same) {
                out.extend_from_slice(piece);
            }
        }
        if let Some(number) = self.window.take_in(led, *row, strings, in_common, is_repeated) {
            self.places.put(hash, number);
        }
    }

    pub(super) fn decode(&mut self, strings: &mut SeenStrings, input: &mut &[u8]) -> Result<Links, Corrupt> {
        let mut links = Links::default();
        for _ in 0..usize::decode(input)? {
            links.origins.push(strings.decode(input)?);
        }
        let count = usize::decode(input)?;
        let mut led = self.window.begin();
        while links.len() < count {
            let number = take_varint(input)?;
            let (kind, number) = (number & ((1 << KIND_BITS) - 1), number >> KIND_BITS);
            let mut times = 1;
            if kind == AS_EXPECTED {
                times = usize::try_from(number).map_err(|_| Corrupt)?;
            } else {
                let step = unzigzag(u32::try_from(number).map_err(|_| Corrupt)?);
                let column = u32::decode(input)?;
                if let Some(how) = kind.checked_sub(NEW) {
                    let row = Row { line: step, column, ..Row::EMPTY };
                    self.decode_new(&mut led, row, how, &mut links, input)?;
                    continue;
                }
                if kind == KNOWN {
                    let known = number_of(take_varint(input)?)?;
                    self.window.lead(&mut led, known);
                }
                self.window.get_mut(led.expected).move_to(step, column);
            }
            if times == 0 || links.len().checked_add(times).is_none_or(|end| end > count.min(MOST_KNOWN)) {
                return Err(Corrupt);
            }
            for _ in 0..times {
                let seen = self.window.get(led.expected);
                led.append(&mut links, &seen.row, self.window.strings(seen))?;
                led.go_on(seen.next);
            }
        }
        Ok(links)
    }

    /// A link that the window does not hold.
    fn decode_new(
        &mut self,
        led: &mut Led,
        mut row: Row,
        how: u64,
        links: &mut Links,
        input: &mut &[u8],
    ) -> Result<(), Corrupt> {
        if how & !(REPEATED | LIKE_BEFORE) != 0 {
            return Err(Corrupt);
        }
        let before = Before::of(links, links.len());
        let head = if how & LIKE_BEFORE == 0 {
            let head = take(input, 2)?.try_into().map_err(|_| Corrupt)?;
            row.origin = u32::decode(input)?.wrapping_sub(1);
            head
        } else {
            row.origin = before.origin;
            before.head
        };
        let LinkHead { place, role, nofollow, has_fragment, has_spelling } =
            LinkHead::decode(&mut head.as_slice())?;
        (row.place, row.role, row.nofollow) = (place.index(), role as u8, nofollow);
        let shared = before.path.get(..usize::decode(input)?).ok_or(Corrupt)?;
        let own = usize::decode(input)?;
        let models = self.window.expected_strings(led);
        let (mut lengths, mut in_common) = ([0; 3], [false; 3]);
        for (index, has) in [has_fragment, true, has_spelling].into_iter().enumerate() {
            if has {
                let length = take_varint(input)?;
                in_common[index] = length == SAME;
                let length = if length == SAME { models[index].len() as u64 + 1 } else { length };
                lengths[index] = u32::try_from(length).map_err(|_| Corrupt)?;
            }
        }
        row.set_lengths(lengths);
        let mut strings = [shared, take(input, own)?].concat();
        row.path = u32::try_from(strings.len()).map_err(|_| Corrupt)?;
        for ((length, same), model) in lengths.into_iter().zip(in_common).zip(models) {
            let size = length.saturating_sub(1) as usize;
            strings.extend_from_slice(if same { model } else { take(input, size)? });
        }
        let remember = how & REPEATED != 0;
        if remember && strings.len() > LONGEST {
            return Err(Corrupt);
        }
        led.append(links, &row, &strings)?;
        self.window.take_in(led, row, &strings, in_common, remember);
        Ok(())
    }
}

/// The link that stands before a new one in its document.
struct Before<'a> {
    head: [u8; 2],
    origin: u32,
    /// As much of it as may be told by reference.
    path: &'a [u8],
}

impl<'a> Before<'a> {
    fn of(links: &'a Links, number: usize) -> Self {
        let row = number.checked_sub(1).and_then(|before| links.rows.get(before)).unwrap_or(&Row::EMPTY);
        let path = links.text.as_bytes().get(row.start as usize..).unwrap_or_default();
        let path = path.get(..LONGEST.min(row.path as usize)).unwrap_or_default();
        Self { head: LinkHead::bytes_of(row), origin: row.origin, path }
    }

    fn is_like(&self, row: &Row) -> bool {
        (self.head, self.origin) == (LinkHead::bytes_of(row), row.origin)
    }

    /// Bytes that a path begins with as this one does.
    fn shares(&self, path: &[u8]) -> usize {
        let differ =
            |(one, other): (&[u8; 8], &[u8; 8])| u64::from_le_bytes(*one) ^ u64::from_le_bytes(*other);
        let mut eights = self.path.as_chunks().0.iter().zip(path.as_chunks().0).map(differ);
        let length = self.path.len().min(path.len());
        let start = match eights.clone().position(|bits| bits != 0) {
            Some(number) => {
                let bits = eights.nth(number).unwrap_or_default();
                return number * 8 + bits.trailing_zeros() as usize / 8;
            }
            None => length / 8 * 8,
        };
        let rest = self.path[start..].iter().zip(&path[start..]);
        start + rest.take_while(|(one, other)| one == other).count()
    }
}

/// The number of a link of the window.
fn number_of(number: u64) -> Result<u16, Corrupt> {
    u16::try_from(number).ok().filter(|number| usize::from(*number) < LINKS).ok_or(Corrupt)
}

/// What all records begin with but that of links as expected.
fn record(kind: u64, step: u32, column: u32) -> Pack {
    let mut numbers = Pack::default();
    numbers.put(u64::from(zigzag(step)) << KIND_BITS | kind);
    numbers.put(column.into());
    numbers
}

fn put_expected(count: &mut u64, out: &mut Vec<u8>) {
    if *count > 0 {
        put_varint(out, *count << KIND_BITS | AS_EXPECTED);
        *count = 0;
    }
}
