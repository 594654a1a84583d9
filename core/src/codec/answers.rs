//! Answers one after another: what a journal is made of.

mod ids;
mod links;
mod places;
mod strings;
mod window;

use super::{Corrupt, Decode, Encode};
use crate::digest::Digest;
use crate::failure::Failure;
use crate::fetch::{Outcome, Ticket, Validators};
use ids::SeenIds;
use links::SeenLinks;
use strings::SeenStrings;

/// Writes and reads answers that follow one another, each with reference to those before: what the pages of a site have
/// in common, as navigation, takes a byte or two from the third page on.
///
/// Who reads begins with a new one, as who wrote did, and takes the same answers in the same order; after an error the
/// rest cannot be read. It remembers a bounded number of links, in about a megabyte.
///
/// ```
/// use crawlspace::codec::Answers;
/// # use crawlspace::{Config, Engine, Failure, Outcome, Output, Seed, Time, UnixTime};
/// # let config = Config::builder().seed("http://example.com/".parse()?).build()?;
/// # let mut engine = Engine::new(config, Seed(1), UnixTime::default());
/// # let Output::Fetch(fetch) = engine.poll(Time::ZERO) else { unreachable!("it begins with a fetch") };
/// # let (ticket, outcome) = (fetch.ticket, Outcome::Failed(Failure::Closed));
/// let mut bytes = Vec::new();
/// Answers::default().encode(&ticket, &outcome, &mut bytes);
/// let (same_ticket, same_outcome) = Answers::default().decode(&mut bytes.as_slice())?;
/// assert_eq!((same_ticket, same_outcome), (ticket, outcome));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct Answers {
    crawl: u64,
    strings: SeenStrings,
    ids: SeenIds,
    links: SeenLinks,
}

/// The fetch failed.
const FAILED: u8 = 1;
/// The ticket is of another crawl than the one before.
const OTHER_CRAWL: u8 = 1 << 1;

impl Answers {
    /// Appends the next answer to `out`.
    pub fn encode(&mut self, ticket: &Ticket, outcome: &Outcome, out: &mut Vec<u8>) {
        let failed = if matches!(outcome, Outcome::Failed(_)) { FAILED } else { 0 };
        let other_crawl = if ticket.crawl == self.crawl { 0 } else { OTHER_CRAWL };
        out.push(failed | other_crawl);
        ticket.id.encode(out);
        if other_crawl != 0 {
            ticket.crawl.encode(out);
            self.crawl = ticket.crawl;
        }
        match outcome {
            Outcome::Answered(digest) => self.encode_digest(digest, out),
            Outcome::Failed(failure) => failure.encode(out),
        }
    }

    /// Takes the next answer off the front of `input`.
    ///
    /// # Errors
    ///
    /// [`Corrupt`] if the bytes are not such an answer, or it does not stand behind those that it was written behind.
    pub fn decode(&mut self, input: &mut &[u8]) -> Result<(Ticket, Outcome), Corrupt> {
        let kind = u8::decode(input)?;
        if kind & !(FAILED | OTHER_CRAWL) != 0 {
            return Err(Corrupt);
        }
        let id = Decode::decode(input)?;
        if kind & OTHER_CRAWL != 0 {
            self.crawl = u64::decode(input)?;
        }
        let ticket = Ticket { id, crawl: self.crawl };
        let outcome = if kind & FAILED == 0 {
            Outcome::Answered(Box::new(self.decode_digest(input)?))
        } else {
            Outcome::Failed(Failure::decode(input)?)
        };
        Ok((ticket, outcome))
    }

    fn encode_digest(&mut self, digest: &Digest, out: &mut Vec<u8>) {
        let Digest {
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
            validators: Validators { etag, last_modified },
            end,
            left_out,
            extra,
            transfer,
        } = digest;
        let start = out.len();
        out.extend_from_slice(&[0; size_of::<u16>()]);
        status.encode(out);
        transfer.encode(out);
        let mut parts = Given { out, flags: 0, next: 1 };
        parts.put(media);
        parts.put(location);
        parts.put(directives);
        parts.put(robots);
        parts.put(retry_after);
        parts.put(rate_limit);
        parts.put(challenge);
        parts.put(end);
        parts.put(left_out);
        parts.put(extra);
        parts.put(etag);
        if parts.is_given(last_modified.is_some()) {
            self.strings.encode(last_modified.as_deref().unwrap_or_default(), parts.out);
        }
        if parts.is_given(!ids.is_empty()) {
            self.ids.encode(ids, parts.out);
        }
        if parts.is_given(!links.is_empty() || !links.origins().is_empty()) {
            self.links.encode(links, &mut self.strings, parts.out);
        }
        let flags = parts.flags.to_le_bytes();
        out[start..start + flags.len()].copy_from_slice(&flags);
    }

    fn decode_digest(&mut self, input: &mut &[u8]) -> Result<Digest, Corrupt> {
        let (flags, rest) = input.split_first_chunk().ok_or(Corrupt)?;
        *input = rest;
        let (status, transfer) = (Decode::decode(input)?, Decode::decode(input)?);
        let mut parts = Taken { input, flags: u16::from_le_bytes(*flags) };
        let mut digest = Digest { status, transfer, ..Digest::default() };
        digest.media = parts.take()?;
        digest.location = parts.take()?;
        digest.directives = parts.take()?;
        digest.robots = parts.take()?;
        digest.retry_after = parts.take()?;
        digest.rate_limit = parts.take()?;
        digest.challenge = parts.take()?;
        digest.end = parts.take()?;
        digest.left_out = parts.take()?;
        digest.extra = parts.take()?;
        digest.validators.etag = parts.take()?;
        if parts.is_given() {
            digest.validators.last_modified = Some(self.strings.decode(parts.input)?);
        }
        if parts.is_given() {
            digest.ids = self.ids.decode(parts.input)?;
        }
        if parts.is_given() {
            digest.links = self.links.decode(&mut self.strings, parts.input)?;
        }
        if parts.flags == 0 { Ok(digest) } else { Err(Corrupt) }
    }
}

/// The parts of a digest that are not as they are by default: most are.
struct Given<'a> {
    out: &'a mut Vec<u8>,
    /// A bit for each part.
    flags: u16,
    next: u16,
}

impl Given<'_> {
    fn is_given(&mut self, is: bool) -> bool {
        self.flags |= if is { self.next } else { 0 };
        self.next <<= 1;
        is
    }

    fn put<T: Encode + Default + PartialEq>(&mut self, part: &T) {
        if self.is_given(*part != T::default()) {
            part.encode(self.out);
        }
    }
}

/// The same, on their way back.
struct Taken<'a, 'b> {
    input: &'a mut &'b [u8],
    flags: u16,
}

impl Taken<'_, '_> {
    fn is_given(&mut self) -> bool {
        let is = self.flags & 1 != 0;
        self.flags >>= 1;
        is
    }

    fn take<T: Decode + Default>(&mut self) -> Result<T, Corrupt> {
        if self.is_given() { T::decode(self.input) } else { Ok(T::default()) }
    }
}
