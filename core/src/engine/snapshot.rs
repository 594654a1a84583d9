//! The whole state as bytes: versioned, canonical (equal states, equal bytes) and checksummed.
//!
//! What can be derived is not stored: indices, counters by state. Open fetches are stored as open; a resumed crawl
//! asks for them again under the same ids.

mod check;
mod exact;

use super::counts::Counts;
use super::flights::{Flight, Flights, Purpose};
use super::frontier::{Asking, Frontier, Gate, HostId, Job};
use super::on_request::OnRequest;
use super::output::{Event, LimitKind, Stop, UrlId};
use super::sitemaps::{Listing, Reading};
use super::urls::State;
use super::{Engine, Input, Redirect, Timer};
use crate::codec::{Corrupt, Decode, Encode, plain_enum, plain_struct, take_bytes};
use crate::config::Config;
use crate::fetch::{FetchId, Fingerprint};
use crate::identity::RULES_VERSION;
use crate::report::{HostStatistics, Statistics};
use crate::seed::{HashKey, Seed};
use crate::store::{Chunks, TextId, Texts};
use crate::time::{Time, UnixTime};
use core::fmt;
use exact::Exact;
use std::collections::BTreeMap;

/// First bytes of every snapshot.
const MAGIC: &[u8; 4] = b"CRSN";

/// Version of the format below. A change to what is stored raises it.
const VERSION: u16 = 4;

/// Not a secret: finds damage, not forgery.
const CHECKSUM_KEY: HashKey = HashKey(0x736e_6170, 0x7368_6f74);

/// The state of a crawl as bytes, to be stored and given to [`Engine::resume`]. Equal states have equal bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(Vec<u8>);

impl Snapshot {
    /// The bytes to store.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Bytes that were stored. Nothing is checked before [`Engine::resume`].
    #[must_use]
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }

    pub(super) fn of(engine: &Engine) -> Self {
        let mut out = MAGIC.to_vec();
        VERSION.encode(&mut out);
        RULES_VERSION.encode(&mut out);
        engine.config.fingerprint().encode(&mut out);
        engine.encode_state(&mut out);
        Exact::of(engine).encode(&mut out);
        let checksum = CHECKSUM_KEY.hash(&out);
        out.extend_from_slice(&checksum.to_le_bytes());
        Self(out)
    }
}

/// Why a crawl cannot go on from a snapshot.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResumeError {
    /// It was written by a version whose format or identity rules are others.
    Version {
        /// The version of the format that was found.
        format: u16,
        /// The version of the identity rules that was found.
        rules: u16,
    },
    /// It belongs to a crawl with another configuration.
    Config {
        /// The name of the configuration it was written under.
        saved: Fingerprint,
        /// The name of the one given.
        given: Fingerprint,
    },
    /// It is damaged, or not a snapshot at all.
    Corrupt,
}

impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version { format, rules } => write!(
                f,
                "the saved state has format {format} and identity rules {rules}, this version reads format \
                 {VERSION} with rules {RULES_VERSION}: finish it with the version that wrote it, or start anew"
            ),
            Self::Config { saved, given } => write!(
                f,
                "the saved state belongs to configuration {saved}, not to {given}: resume with the seeds, scope \
                 and limits it was begun with, or start anew"
            ),
            Self::Corrupt => f.write_str("the saved state is damaged: use an earlier one, or start anew"),
        }
    }
}

impl core::error::Error for ResumeError {}

impl From<Corrupt> for ResumeError {
    fn from(_: Corrupt) -> Self {
        Self::Corrupt
    }
}

impl Engine {
    /// Goes on from a snapshot, at the date `at`. Time goes on from [`Engine::now`]; fetches that were open are
    /// asked for again, under the same ids.
    ///
    /// # Errors
    ///
    /// If the snapshot was written by another version, under a configuration that decides otherwise, or is damaged.
    pub fn resume(config: Config, from: Snapshot, at: UnixTime) -> Result<Self, ResumeError> {
        let (mut engine, _) = Self::load(config, &from)?;
        let elapsed = i64::try_from(engine.now.as_micros() / 1_000_000).unwrap_or(i64::MAX);
        engine.started = UnixTime::from_secs(at.as_secs().saturating_sub(elapsed));
        if !engine.is_done() {
            // It was stopped before its end; that stop was for the run that is over.
            engine.finished = false;
            engine.stop = None;
            engine.limits_reached.remove(&LimitKind::Stopped);
            engine.limits_reached.remove(&LimitKind::MaxTime);
        }
        engine.ask_again_for_open()?;
        Ok(engine)
    }

    /// Exactly the engine that a snapshot was taken of, paced as it was then: the same inputs and polls bring the same
    /// outputs from here on, byte for byte. Nothing is asked for again, and the tickets that were out stay good.
    ///
    /// It is for replaying a journal of inputs. To go on with a crawl whose fetches in flight are lost, [resume]
    /// from a snapshot of what the replay came to.
    ///
    /// [resume]: Engine::resume
    ///
    /// # Errors
    ///
    /// As for [`Engine::resume`].
    pub fn restore(config: Config, from: &Snapshot) -> Result<Self, ResumeError> {
        let (mut engine, exact) = Self::load(config, from)?;
        exact.apply(&mut engine)?;
        Ok(engine)
    }

    fn load(config: Config, from: &Snapshot) -> Result<(Self, Exact), ResumeError> {
        let bytes = from.0.as_slice();
        let mut input = bytes.strip_prefix(MAGIC).ok_or(ResumeError::Corrupt)?;
        let format = u16::decode(&mut input)?;
        let rules = u16::decode(&mut input)?;
        if (format, rules) != (VERSION, RULES_VERSION) {
            return Err(ResumeError::Version { format, rules });
        }
        let (body, checksum) = bytes.split_last_chunk::<8>().ok_or(ResumeError::Corrupt)?;
        if CHECKSUM_KEY.hash(body) != u64::from_le_bytes(*checksum) {
            return Err(ResumeError::Corrupt);
        }
        let saved = Fingerprint::decode(&mut input)?;
        let given = config.fingerprint();
        if saved != given {
            return Err(ResumeError::Config { saved, given });
        }
        let mut input = &input[..input.len() - checksum.len()];
        let engine = Self::decode_state(config, &mut input)?;
        let exact = Exact::decode(&mut input)?;
        if !input.is_empty() {
            return Err(ResumeError::Corrupt);
        }
        Ok((engine, exact))
    }

    fn ask_again_for_open(&mut self) -> Result<(), Corrupt> {
        let open: Vec<(FetchId, Purpose, HostId)> =
            self.flights.iter().map(|(id, flight)| (id, flight.purpose, flight.host)).collect();
        for (id, purpose, host) in open {
            let origin = match purpose {
                Purpose::Url(url) => self.urls[url].origin,
                Purpose::Robots(origin) => self.robots_source(origin),
            };
            // It counts for that host until it ends.
            if self.frontier.origin(origin).host != Some(host) {
                return Err(Corrupt);
            }
            self.frontier.push_urgent(origin, Job::Again(id), &self.config);
        }
        Ok(())
    }

    fn encode_state(&self, out: &mut Vec<u8>) {
        self.seed.encode(out);
        self.now.encode(out);
        self.texts.encode(out);
        self.frontier.encode(out);
        self.urls.encode(out);
        encode_chunks(&self.pages, out);
        encode_chunks(&self.redirects, out);
        self.failures.encode(out);
        self.flights.last().encode(out);
        self.flights.iter().map(|(id, flight)| (id, flight.clone())).collect::<Vec<_>>().encode(out);
        encode_all(&self.timers, out);
        encode_all(&self.deferred, out);
        encode_all(&self.aims, out);
        encode_all(&self.spreading, out);
        encode_map(&self.sitemaps, out);
        encode_all(&self.listed, out);
        encode_map(&self.generations, out);
        encode_all(&self.round, out);
        encode_all(&self.inputs, out);
        encode_all(&self.events, out);
        encode_all(&self.cancels, out);
        self.counts.discovered.encode(out);
        self.counts.duplicate.encode(out);
        self.statistics.encode(out);
        self.pages_counted.encode(out);
        self.not_ok.encode(out);
        self.stop.encode(out);
        self.finished.encode(out);
        encode_all(&self.limits_reached, out);
        self.soft_404.encode(out);
        self.on_request.encode(&self.config, out);
    }

    fn decode_state(config: Config, input: &mut &[u8]) -> Result<Self, Corrupt> {
        let mut engine = Self::new(config, Seed::decode(input)?, UnixTime::default());
        engine.now = Time::decode(input)?;
        engine.texts.decode_into(input)?;
        engine.frontier = Frontier::decode(input, engine.now, &engine.config)?;
        engine.urls.decode_into(input)?;
        engine.pages = decode_chunks(input)?;
        engine.redirects = decode_chunks(input)?;
        engine.failures = Vec::decode(input)?;
        let last = u64::decode(input)?;
        let open = Vec::<(FetchId, Flight)>::decode(input)?;
        for (_, flight) in &open {
            let reserved = engine.reserve_for(flight.method);
            if flight.reserved != reserved {
                return Err(Corrupt);
            }
        }
        engine.flights = Flights::restore(last, open);
        engine.timers = decode_all(input)?;
        engine.deferred = decode_all(input)?;
        engine.aims = decode_all(input)?;
        engine.spreading = decode_all(input)?;
        engine.sitemaps = decode_all(input)?;
        engine.sitemaps_counted = engine.sitemaps.values().filter(|listing| listing.counted).count() as u64;
        engine.listed = decode_all(input)?;
        engine.generations = decode_all(input)?;
        engine.round = decode_all(input)?;
        engine.inputs = decode_all(input)?;
        engine.events = decode_all(input)?;
        engine.cancels = decode_all(input)?;
        engine.counts =
            Counts { discovered: u64::decode(input)?, duplicate: u64::decode(input)?, ..Counts::default() };
        engine.statistics = Statistics::decode(input)?;
        engine.pages_counted = u64::decode(input)?;
        engine.not_ok = u64::decode(input)?;
        engine.stop = Option::decode(input)?;
        engine.finished = bool::decode(input)?;
        engine.limits_reached = decode_all(input)?;
        engine.soft_404 = Decode::decode(input)?;
        engine.on_request = OnRequest::decode(&engine.config, input)?;
        engine.check()?;
        for id in engine.urls.ids() {
            engine.counts.moved(State::Named, engine.urls[id].state);
        }
        if !engine.counts.is_conserved() {
            return Err(Corrupt);
        }
        Ok(engine)
    }
}

/// A sequence of any kind, as a vector.
fn encode_all<'a, T: Encode + 'a>(
    values: impl IntoIterator<Item = &'a T, IntoIter: ExactSizeIterator>,
    out: &mut Vec<u8>,
) {
    let values = values.into_iter();
    values.len().encode(out);
    values.for_each(|value| value.encode(out));
}

/// A map, as a vector of its pairs.
pub(super) fn encode_map<K: Encode, V: Encode>(map: &BTreeMap<K, V>, out: &mut Vec<u8>) {
    map.len().encode(out);
    for (key, value) in map {
        key.encode(out);
        value.encode(out);
    }
}

pub(super) fn decode_all<T: Decode, C: FromIterator<T>>(input: &mut &[u8]) -> Result<C, Corrupt> {
    Vec::<T>::decode(input).map(|values| values.into_iter().collect())
}

fn encode_chunks<T: Encode>(rows: &Chunks<T>, out: &mut Vec<u8>) {
    rows.len().encode(out);
    rows.iter().for_each(|row| row.encode(out));
}

fn decode_chunks<T: Decode>(input: &mut &[u8]) -> Result<Chunks<T>, Corrupt> {
    let mut rows = Chunks::default();
    for _ in 0..usize::decode(input)? {
        rows.push(T::decode(input)?);
    }
    Ok(rows)
}

macro_rules! numbers {
    ($($type:ident),*) => {$(
        impl Encode for $type {
            fn encode(&self, out: &mut Vec<u8>) {
                self.0.encode(out);
            }
        }

        impl Decode for $type {
            fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
                u32::decode(input).map($type)
            }
        }
    )*};
}

numbers!(UrlId, TextId);

plain_struct!(Redirect { to, fragment });
plain_struct!(Listing { given, level, counted, reading, spread_at });
plain_enum!(Reading { 0 = Not, 1 = Other, 2 = Entries });
plain_struct!(Asking { url, redirects, attempts, known });
plain_struct!(HostStatistics { answered, failed, bytes_encoded, mean_first_byte, slowest });
plain_enum!(Purpose { 0 = Url(id), 1 = Robots(origin) });
plain_enum!(Timer { 0 = Retry(url), 1 = Robots(origin) });
plain_enum!(Stop { 0 = Drain, 1 = Abort });
plain_enum!(Job { 0 = Url(id), 1 = Robots(origin), 2 = Again(id) });
plain_enum!(Gate { 0 = Unknown, 1 = Asking(how), 2 = Open(rules), 3 = Closed, 4 = Unreachable(failure) });
plain_enum!(LimitKind {
    0 = MaxPages,
    1 = MaxBytes,
    2 = MaxTime,
    3 = MaxFrontier,
    4 = MaxUrlsPerHost,
    5 = Stopped,
    6 = MaxHostFailures,
    7 = MaxSitemaps,
});

impl Encode for Flight {
    /// Without its times: a loaded fetch is not asked for.
    fn encode(&self, out: &mut Vec<u8>) {
        self.purpose.encode(out);
        self.sitemap.encode(out);
        self.host.encode(out);
        self.method.encode(out);
        self.need.encode(out);
        self.attempt.encode(out);
        self.reserved.encode(out);
    }
}

impl Decode for Flight {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok(Self {
            purpose: Decode::decode(input)?,
            sitemap: Decode::decode(input)?,
            host: Decode::decode(input)?,
            method: Decode::decode(input)?,
            need: Decode::decode(input)?,
            attempt: Decode::decode(input)?,
            reserved: Decode::decode(input)?,
            begun: Time::ZERO,
            deadline: None,
        })
    }
}

impl Encode for Input {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Add(url) => {
                out.push(0);
                url.encode(out);
            }
            Self::AddEach(url) => {
                out.push(1);
                url.encode(out);
            }
            Self::Complete(id, outcome) => {
                out.push(2);
                id.encode(out);
                outcome.encode(out);
            }
            Self::Sitemap(url) => {
                out.push(3);
                url.encode(out);
            }
            Self::Declared(origin) => {
                out.push(4);
                origin.encode(out);
            }
        }
    }
}

impl Decode for Input {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok(match u8::decode(input)? {
            0 => Self::Add(Decode::decode(input)?),
            1 => Self::AddEach(Decode::decode(input)?),
            2 => Self::Complete(Decode::decode(input)?, Decode::decode(input)?),
            3 => Self::Sitemap(Decode::decode(input)?),
            4 => Self::Declared(Decode::decode(input)?),
            _ => return Err(Corrupt),
        })
    }
}

impl Encode for Event {
    fn encode(&self, out: &mut Vec<u8>) {
        match self {
            Self::Answered { url, status, ok } => {
                out.push(0);
                url.encode(out);
                status.encode(out);
                ok.encode(out);
            }
            Self::Retrying { url, at, attempts } => {
                out.push(1);
                url.encode(out);
                at.encode(out);
                attempts.encode(out);
            }
            Self::Robots { kind, open } => {
                out.push(2);
                kind.encode(out);
                open.encode(out);
            }
            Self::LimitReached(limit) => {
                out.push(3);
                limit.encode(out);
            }
        }
    }
}

impl Decode for Event {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok(match u8::decode(input)? {
            0 => Self::Answered {
                url: Decode::decode(input)?,
                status: Decode::decode(input)?,
                ok: Decode::decode(input)?,
            },
            1 => Self::Retrying {
                url: Decode::decode(input)?,
                at: Decode::decode(input)?,
                attempts: Decode::decode(input)?,
            },
            2 => Self::Robots { kind: Decode::decode(input)?, open: Decode::decode(input)? },
            3 => Self::LimitReached(Decode::decode(input)?),
            _ => return Err(Corrupt),
        })
    }
}

impl Encode for Statistics {
    /// Duration and hosts are kept elsewhere, and filled in when asked for.
    fn encode(&self, out: &mut Vec<u8>) {
        for number in [
            self.fetches,
            self.retries,
            self.upgraded,
            self.late_answers,
            self.bytes_encoded,
            self.bytes_decoded,
        ] {
            number.encode(out);
        }
    }
}

impl Decode for Statistics {
    fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
        Ok(Self {
            fetches: Decode::decode(input)?,
            retries: Decode::decode(input)?,
            upgraded: Decode::decode(input)?,
            late_answers: Decode::decode(input)?,
            bytes_encoded: Decode::decode(input)?,
            bytes_decoded: Decode::decode(input)?,
            ..Self::default()
        })
    }
}

impl Encode for Texts {
    fn encode(&self, out: &mut Vec<u8>) {
        (self.len() - 1).encode(out);
        self.iter().for_each(|text| text.encode(out));
    }
}

impl Texts {
    fn decode_into(&mut self, input: &mut &[u8]) -> Result<(), Corrupt> {
        for number in 1..=usize::decode(input)? {
            let text = core::str::from_utf8(take_bytes(input)?).map_err(|_| Corrupt)?;
            if self.intern(text).0 as usize != number {
                return Err(Corrupt);
            }
        }
        Ok(())
    }
}
