//! The one binary form of plain data: compact, canonical (equal values, equal bytes), and safe to read from
//! anywhere. Integers are little-endian base-128 varints; sequences are preceded by their length.
//!
//! The form carries no version of its own: what stores it ([`Snapshot`](crate::Snapshot), a journal, a queue) does.

mod answers;
mod links;

pub use answers::Answers;
use links::{LinkHead, Pack};

use crate::digest::{Digest, Directives, End, Location, Media, Place, PlaceSet, RateLimit, Role, Transfer};
use crate::failure::{Connect, Dns, Encoding, Failure, Local, Phase, Protocol, Refusal, RetryAfter, Tls};
use crate::fetch::{
    FetchId, Fingerprint, HeaderSetId, Kind, Method, Need, Outcome, Request, Ticket, Validators,
};
use crate::robots::{RobotsFile, Rule};
use crate::seed::{HashKey, Seed};
use crate::spec::{DigestLimits, Spec};
use crate::time::{Time, UnixTime};
use core::fmt;
use core::time::Duration;

/// Writes a value in canonical form.
pub trait Encode {
    /// Appends the value to `out`.
    fn encode(&self, out: &mut Vec<u8>);

    /// The value on its own.
    fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        self.encode(&mut out);
        out
    }
}

/// Reads a value back.
pub trait Decode: Sized {
    /// Takes the value off the front of `input`.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the bytes are not such a value; never a panic, and never an allocation larger than the
    /// input warrants.
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt>;

    /// The value that these bytes are, all of them.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] as for [`Decode::decode`], or if bytes are left over.
    fn from_bytes(mut input: &[u8]) -> Result<Self, Corrupt> {
        let value = Self::decode(&mut input)?;
        if input.is_empty() { Ok(value) } else { Err(Corrupt) }
    }
}

/// The bytes are not what they should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Corrupt;

impl fmt::Display for Corrupt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the stored bytes are damaged or were not written by crawlspace")
    }
}

impl core::error::Error for Corrupt {}

/// Appends a varint.
pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push((value & 0x7f) as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// Takes a varint. Only the shortest form is accepted, so that equal values have equal bytes.
pub(crate) fn take_varint(input: &mut &[u8]) -> Result<u64, Corrupt> {
    let mut value = 0_u64;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = input.split_first().ok_or(Corrupt)?;
        *input = rest;
        let bits = u64::from(byte & 0x7f);
        if (bits << shift) >> shift != bits || (byte == 0 && shift > 0) {
            return Err(Corrupt);
        }
        value |= bits << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(Corrupt)
}

/// A small number for a small step, forwards or back.
pub(crate) const fn zigzag(step: u32) -> u32 {
    let step = step.cast_signed();
    (step << 1 ^ step >> 31).cast_unsigned()
}

pub(crate) const fn unzigzag(number: u32) -> u32 {
    number >> 1 ^ (number & 1).wrapping_neg()
}

pub(crate) fn put_bytes(out: &mut Vec<u8>, bytes: &[u8]) {
    put_varint(out, bytes.len() as u64);
    out.extend_from_slice(bytes);
}

pub(crate) fn take_bytes<'a>(input: &mut &'a [u8]) -> Result<&'a [u8], Corrupt> {
    let len = usize::try_from(take_varint(input)?).map_err(|_| Corrupt)?;
    take(input, len)
}

/// Takes so many bytes off the front.
pub(crate) fn take<'a>(input: &mut &'a [u8], len: usize) -> Result<&'a [u8], Corrupt> {
    let (bytes, rest) = input.split_at_checked(len).ok_or(Corrupt)?;
    *input = rest;
    Ok(bytes)
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Encode for $type {
            fn encode(&self, out: &mut Vec<u8>) {
                put_varint(out, u64::from(*self));
            }
        }

        impl Decode for $type {
            fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
                Self::try_from(take_varint(input)?).map_err(|_| Corrupt)
            }
        }
    )*};
}

integers!(u8, u16, u32, u64);

impl Encode for usize {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, *self as u64);
    }
}

impl Decode for usize {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Self::try_from(take_varint(input)?).map_err(|_| Corrupt)
    }
}

impl Encode for u128 {
    fn encode(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }
}

impl Decode for u128 {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let (bytes, rest) = input.split_first_chunk().ok_or(Corrupt)?;
        *input = rest;
        Ok(Self::from_le_bytes(*bytes))
    }
}

impl Encode for i64 {
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, (self << 1 ^ self >> 63).cast_unsigned());
    }
}

impl Decode for i64 {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let value = take_varint(input)?;
        Ok((value >> 1).cast_signed() ^ -(value & 1).cast_signed())
    }
}

impl Encode for bool {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }
}

impl Decode for bool {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        match u8::decode(input)? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(Corrupt),
        }
    }
}

impl Encode for str {
    fn encode(&self, out: &mut Vec<u8>) {
        put_bytes(out, self.as_bytes());
    }
}

impl Encode for String {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().encode(out);
    }
}

impl Decode for String {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        String::from_utf8(take_bytes(input)?.to_vec()).map_err(|_| Corrupt)
    }
}

impl<T: Encode> Encode for Option<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            None => out.push(0),
            Some(value) => {
                out.push(1);
                value.encode(out);
            }
        }
    }
}

impl<T: Decode> Decode for Option<T> {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok(if bool::decode(input)? { Some(T::decode(input)?) } else { None })
    }
}

impl<T: Encode> Encode for [T] {
    fn encode(&self, out: &mut Vec<u8>) {
        self.len().encode(out);
        for value in self {
            value.encode(out);
        }
    }
}

impl<T: Encode> Encode for Vec<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_slice().encode(out);
    }
}

impl<T: Decode> Decode for Vec<T> {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let len = usize::decode(input)?;
        // Every value takes a byte at least, so a length beyond the input is a lie; and room is made only for
        // as much as the bytes could hold.
        if len > input.len() {
            return Err(Corrupt);
        }
        let mut values = Self::with_capacity(len.min(input.len() / size_of::<T>().max(1) + 16));
        for _ in 0..len {
            values.push(T::decode(input)?);
        }
        Ok(values)
    }
}

impl<T: Encode> Encode for Box<T> {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_ref().encode(out);
    }
}

impl<T: Decode> Decode for Box<T> {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        T::decode(input).map(Self::new)
    }
}

impl<A: Encode, B: Encode> Encode for (A, B) {
    fn encode(&self, out: &mut Vec<u8>) {
        self.0.encode(out);
        self.1.encode(out);
    }
}

impl<A: Decode, B: Decode> Decode for (A, B) {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok((A::decode(input)?, B::decode(input)?))
    }
}

impl Encode for Duration {
    /// Microseconds: the engine's unit.
    fn encode(&self, out: &mut Vec<u8>) {
        put_varint(out, u64::try_from(self.as_micros()).unwrap_or(u64::MAX));
    }
}

impl Decode for Duration {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        take_varint(input).map(Self::from_micros)
    }
}

impl Encode for url::Url {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_str().encode(out);
    }
}

impl Decode for url::Url {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let text = String::decode(input)?;
        let url = Self::parse(&text).map_err(|_| Corrupt)?;
        if url.as_str() == text { Ok(url) } else { Err(Corrupt) }
    }
}

/// A struct is its fields, one after another.
macro_rules! plain_struct {
    ($type:ident { $($field:ident),* $(,)? }) => {
        impl $crate::codec::Encode for $type {
            fn encode(&self, out: &mut Vec<u8>) {
                $($crate::codec::Encode::encode(&self.$field, out);)*
            }
        }

        impl $crate::codec::Decode for $type {
            fn decode(input: &mut &[u8]) -> Result<Self, $crate::codec::Corrupt> {
                Ok(Self { $($field: $crate::codec::Decode::decode(input)?),* })
            }
        }
    };
}

/// A tuple struct around one value is that value.
macro_rules! plain_newtype {
    ($($type:ident $build:expr),* $(,)?) => {$(
        impl Encode for $type {
            fn encode(&self, out: &mut Vec<u8>) {
                self.0.encode(out);
            }
        }

        impl Decode for $type {
            fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
                Decode::decode(input).map($build)
            }
        }
    )*};
}

/// An enum is its tag, then what the variant holds. Tags are never reused.
macro_rules! plain_enum {
    ($type:ident { $($tag:literal = $variant:ident $(($field:ident))?),* $(,)? }) => {
        impl $crate::codec::Encode for $type {
            fn encode(&self, out: &mut Vec<u8>) {
                match self {
                    $(Self::$variant $(($field))? => {
                        out.push($tag);
                        $($crate::codec::Encode::encode($field, out);)?
                    })*
                }
            }
        }

        impl $crate::codec::Decode for $type {
            fn decode(input: &mut &[u8]) -> Result<Self, $crate::codec::Corrupt> {
                match <u8 as $crate::codec::Decode>::decode(input)? {
                    $($tag => Ok(Self::$variant $(({
                        let $field = $crate::codec::Decode::decode(input)?;
                        $field
                    }))?),)*
                    _ => Err($crate::codec::Corrupt),
                }
            }
        }
    };
}

pub(crate) use {plain_enum, plain_struct};

plain_newtype!(
    FetchId FetchId,
    Fingerprint Fingerprint,
    HeaderSetId HeaderSetId,
    PlaceSet PlaceSet,
    Seed Seed,
);

impl Encode for Time {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_micros().encode(out);
    }
}

impl Decode for Time {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        u64::decode(input).map(Self::from_micros)
    }
}

impl Encode for UnixTime {
    fn encode(&self, out: &mut Vec<u8>) {
        self.as_secs().encode(out);
    }
}

impl Decode for UnixTime {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        i64::decode(input).map(Self::from_secs)
    }
}

impl Encode for HashKey {
    fn encode(&self, out: &mut Vec<u8>) {
        (u128::from(self.0) << 64 | u128::from(self.1)).encode(out);
    }
}

impl Decode for HashKey {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let both = u128::decode(input)?;
        Ok(Self((both >> 64) as u64, both as u64))
    }
}

plain_enum!(Dns { 0 = NoSuchName, 1 = Temporary });
plain_enum!(Connect { 0 = Refused, 1 = Unreachable, 2 = Reset });
plain_enum!(Tls {
    0 = Expired,
    1 = NotYetValid,
    2 = WrongName,
    3 = UnknownIssuer,
    4 = Revoked,
    5 = BadCertificate,
    6 = Handshake,
});
plain_enum!(Phase { 0 = Resolve, 1 = Connect, 2 = Head, 3 = Body, 4 = Total });
plain_enum!(Protocol { 0 = Malformed, 1 = HeadTooLarge, 2 = TooManyInformational, 3 = Version });
plain_enum!(Encoding { 0 = Unsupported, 1 = Stacked, 2 = Corrupt, 3 = Window });
plain_enum!(Refusal { 0 = Address, 1 = Port, 2 = Name, 3 = Scheme, 4 = Offline });
plain_enum!(Local { 0 = Resources, 1 = Panicked, 2 = File, 3 = Proxy });
plain_enum!(Failure {
    0 = Dns(kind),
    1 = Connect(kind),
    2 = Tls(kind),
    3 = Timeout(phase),
    4 = Closed,
    5 = Truncated,
    6 = Protocol(kind),
    7 = Encoding(kind),
    8 = Refused(why),
    9 = Local(what),
    10 = NotInArchive,
    11 = Lapsed,
});
plain_enum!(RetryAfter { 0 = Delay(wait), 1 = Date(date) });
plain_enum!(Kind { 0 = Page, 1 = Check, 2 = Robots, 3 = Sitemap, 4 = Probe });
plain_enum!(Method { 0 = Head, 1 = Get });
plain_enum!(Need { 0 = Status, 1 = Ids, 2 = Links });
plain_enum!(Media { 0 = Other, 1 = Html, 2 = Xhtml, 3 = Css, 4 = Robots, 5 = Sitemap, 6 = Markdown });
plain_enum!(End { 0 = Complete, 1 = Enough, 2 = TooLarge });
plain_enum!(Outcome { 0 = Answered(digest), 1 = Failed(failure) });
plain_enum!(Role { 0 = Recorded, 1 = Resource, 2 = Followed });

impl Encode for Location {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::To { url, fragment } => {
                out.push(0);
                url.encode(out);
                fragment.encode(out);
            }
            Self::Invalid(raw) => {
                out.push(1);
                raw.encode(out);
            }
        }
    }
}

impl Decode for Location {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        match u8::decode(input)? {
            0 => Ok(Self::To { url: Decode::decode(input)?, fragment: Decode::decode(input)? }),
            1 => Decode::decode(input).map(Self::Invalid),
            _ => Err(Corrupt),
        }
    }
}

plain_struct!(Ticket { id, crawl });
plain_struct!(RateLimit { remaining, reset });
plain_struct!(Validators { etag, last_modified });
plain_struct!(Request { id, url, kind, method, need, attempt, budget, body_cap, headers, validators, spec });
plain_struct!(DigestLimits { links, ids, url_bytes, text_chars, robots_bytes });
plain_struct!(Spec { rules_version, id_key, user_agent, robots_token, places, limits, extras });
plain_struct!(Directives { noindex, nofollow });
plain_struct!(Transfer { encoded, decoded, first_byte, total });
plain_struct!(Rule { allow, pattern, line });
plain_struct!(RobotsFile { rules, crawl_delay, sitemaps, truncated });
plain_struct!(Digest {
    status,
    media,
    location,
    links,
    ids,
    directives,
    robots,
    retry_after,
    rate_limit,
    challenge,
    validators,
    end,
    left_out,
    extra,
    transfer,
});

impl Encode for Place {
    fn encode(&self, out: &mut Vec<u8>) {
        out.push(self.index());
    }
}

impl Decode for Place {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        let (&index, rest) = input.split_first().ok_or(Corrupt)?;
        *input = rest;
        Self::from_index(index).ok_or(Corrupt)
    }
}
