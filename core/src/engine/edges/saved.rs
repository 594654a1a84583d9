//! A document's links in a snapshot: as they are packed in memory, but for targets and texts, which are told as
//! differences from one link to the next, small where a page lists what was found together; and each number in as many
//! bytes as it needs.

use super::{EdgeReader, EdgeWriter, FAR, FIXED, HAS_FRAGMENT, HAS_SPELLING};
use crate::codec::{Corrupt, Decode, Encode, take, unzigzag, zigzag};

/// Place, flags, and the sizes of the numbers, two bits each, less one.
const HEAD: usize = 3;

/// Line, column, target and text.
const NUMBERS: usize = 4;

/// Appends edges as an [`EdgeWriter`] packs them.
pub(in crate::engine) fn encode(packed: &[u8], out: &mut Vec<u8>) {
    packed.len().encode(out);
    // Written where they stay: they are never longer by more than a byte of the head and two for each of line and column.
    let start = out.len();
    out.resize(start + packed.len() / FIXED * (HEAD + NUMBERS * 4) + packed.len() % FIXED, 0);
    let (room, mut end) = (&mut out[start..], 0);
    let (mut rest, mut target, mut text) = (packed, 0, 0);
    while let Some((fixed, behind)) = rest.split_first_chunk::<FIXED>() {
        let [place, flags, l0, l1, c0, c1, t @ .., x0, x1, x2, x3] = *fixed;
        let (last_target, last_text) = (target, text);
        (target, text) = (u32::from_le_bytes(t), u32::from_le_bytes([x0, x1, x2, x3]));
        let numbers = [
            u32::from_le_bytes([l0, l1, 0, 0]),
            u32::from_le_bytes([c0, c1, 0, 0]),
            zigzag(target.wrapping_sub(last_target)),
            zigzag(text.wrapping_sub(last_text)),
        ];
        let Some(record) = room.get_mut(end..end + HEAD + NUMBERS * 4) else { break };
        let (mut sizes, mut size) = (0, HEAD);
        for (index, number) in numbers.into_iter().enumerate() {
            // Its greatest byte that is not zero, counted from zero.
            let more = (number | 1).ilog2() / 8;
            record[size..size + 4].copy_from_slice(&number.to_le_bytes());
            sizes |= (more as u8) << (2 * index);
            size += more as usize + 1;
        }
        record[..HEAD].copy_from_slice(&[place, flags, sizes]);
        end += size;
        let (options, behind) = behind.split_at_checked(size_of_options(flags)).unwrap_or((behind, &[]));
        if let Some(place) = room.get_mut(end..end + options.len()) {
            place.copy_from_slice(options);
            end += options.len();
        }
        rest = behind;
    }
    out.truncate(start + end);
}

/// The edges as they are packed in memory.
pub(in crate::engine) fn decode(input: &mut &[u8]) -> Result<Vec<u8>, Corrupt> {
    let all = *input;
    let length = usize::decode(input)?;
    let (mut packed, mut target, mut text) = (Vec::new(), 0, 0);
    while packed.len() < length {
        let &[place, flags, sizes] = take(input, HEAD)? else { return Err(Corrupt) };
        let mut number = |index: usize| {
            let bytes = take(input, usize::from(sizes >> (2 * index) & 3) + 1)?;
            let mut number = [0; 4];
            number[..bytes.len()].copy_from_slice(bytes);
            Ok(u32::from_le_bytes(number))
        };
        let (line, column) = (number(0)?, number(1)?);
        target = u32::wrapping_add(target, unzigzag(number(2)?));
        text = u32::wrapping_add(text, unzigzag(number(3)?));
        packed.extend_from_slice(&[place, flags]);
        for number in [line, column] {
            packed.extend_from_slice(&u16::try_from(number).map_err(|_| Corrupt)?.to_le_bytes());
        }
        packed.extend_from_slice(&target.to_le_bytes());
        packed.extend_from_slice(&text.to_le_bytes());
        packed.extend_from_slice(take(input, size_of_options(flags))?);
    }
    // Whatever they stand for, there is one way to tell it.
    let mut again = Vec::new();
    encode(&packed, &mut again);
    let mut writer = EdgeWriter::default();
    let mut reader = EdgeReader::new(&packed);
    while let Some(edge) = reader.read()? {
        writer.push(&edge);
    }
    let is_canonical = all.starts_with(&again) && again.len() + input.len() == all.len();
    if is_canonical && writer.finish() == packed { Ok(packed) } else { Err(Corrupt) }
}

/// Bytes that stand behind the fixed ones of a packed edge.
const fn size_of_options(flags: u8) -> usize {
    (if flags & HAS_FRAGMENT == 0 { 0 } else { 4 })
        + (if flags & HAS_SPELLING == 0 { 0 } else { 4 })
        + (if flags & FAR == 0 { 0 } else { 8 })
}
