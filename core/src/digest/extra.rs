//! What digests tell on request only.

use super::prose::Prose;
use crate::codec::{Corrupt, Decode, Encode};

/// What digests are to tell beside the usual; by default, nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Extras {
    /// What a document [reads like](Extra::content).
    pub contents: bool,
    /// Which [ids](Extra::duplicate_ids) several elements of a document have.
    pub duplicate_ids: bool,
    /// A document's [text](Extra::prose).
    pub proses: bool,
}

/// What a digest tells where [`Spec::extras`](crate::Spec::extras) asks for it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Extra {
    /// A number for what an HTML document reads like. Two that differ in numbers or in their own address alone read
    /// alike.
    pub content: Option<u64>,
    /// The ids that several elements of a document have (HTML section 3.2.6), in the order of their first lines.
    pub duplicate_ids: Vec<DuplicateId>,
    /// The text of an HTML document.
    pub prose: Option<Prose>,
}

/// An id that several elements of a document have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DuplicateId {
    /// The id; of a very long one, the beginning.
    pub id: String,
    /// The lines of the elements, counted from 1, ascending.
    pub lines: Vec<u32>,
}

impl Extras {
    const CONTENTS: u8 = 1;
    const DUPLICATE_IDS: u8 = 1 << 1;
    const PROSES: u8 = 1 << 2;
    const ALL: u8 = Self::CONTENTS | Self::DUPLICATE_IDS | Self::PROSES;

    fn bits(self) -> u8 {
        let bit = |is, bit| if is { bit } else { 0 };
        bit(self.contents, Self::CONTENTS)
            | bit(self.duplicate_ids, Self::DUPLICATE_IDS)
            | bit(self.proses, Self::PROSES)
    }

    fn of(bits: u8) -> Option<Self> {
        let has = |bit| bits & bit != 0;
        (bits <= Self::ALL).then(|| Self {
            contents: has(Self::CONTENTS),
            duplicate_ids: has(Self::DUPLICATE_IDS),
            proses: has(Self::PROSES),
        })
    }
}

impl Encode for Extras {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.bits());
    }
}

impl Decode for Extras {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Self::of(u8::decode(input)?).ok_or(Corrupt)
    }
}

impl Encode for Extra {
    fn encode(&self, out: &mut Vec<u8>) {
        let Self { content, duplicate_ids, prose } = self;
        let told = Extras {
            contents: content.is_some(),
            duplicate_ids: !duplicate_ids.is_empty(),
            proses: prose.is_some(),
        };
        told.encode(out);
        if let Some(content) = content {
            content.encode(out);
        }
        if told.duplicate_ids {
            duplicate_ids.encode(out);
        }
        if let Some(prose) = prose {
            prose.encode(out);
        }
    }
}

impl Decode for Extra {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let told = Extras::decode(input)?;
        let extra = Self {
            content: told.contents.then(|| u64::decode(input)).transpose()?,
            duplicate_ids: if told.duplicate_ids { Decode::decode(input)? } else { Vec::new() },
            prose: told.proses.then(|| Prose::decode(input)).transpose()?,
        };
        // None are told by not telling of any.
        if told.duplicate_ids == extra.duplicate_ids.is_empty() { Err(Corrupt) } else { Ok(extra) }
    }
}

crate::codec::plain_struct!(DuplicateId { id, lines });
