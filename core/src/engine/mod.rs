//! Interface only, on this branch: the engine itself is being written on main.
mod output;
use crate::*;
use core::fmt;
pub use output::{Event, LimitKind, Output, Stop, UrlId, Wake, Why};
use url::Url;

/// A crawl as a state machine.
#[derive(Debug)]
pub struct Engine {
    spec: Spec,
}
/// Where a crawl stands, in numbers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// URLs known that are or were to be asked for.
    pub admitted: u64,
    /// Of these, ready to be fetched when their host's turn comes.
    pub queued: u64,
    /// Of these, waiting to be tried again.
    pub waiting: u64,
    /// Of these, being fetched.
    pub in_flight: u64,
    /// Of these, done with.
    pub terminal: u64,
    /// Answers so far that do not count as working.
    pub failed: u64,
}
/// State of a crawl as bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(Vec<u8>);
impl Snapshot {
    /// The bytes to store.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// From stored bytes; checked by resume.
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}
/// Why a crawl cannot be resumed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ResumeError {
    /// Written by another version.
    Version {
        /// What was found.
        found: u16,
    },
    /// Another configuration.
    Config,
    /// Damaged.
    Corrupt,
}
impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("cannot resume")
    }
}
impl core::error::Error for ResumeError {}
#[allow(missing_docs, unused_variables)]
impl Engine {
    pub fn new(config: Config, seed: Seed, started: UnixTime) -> Self {
        Self { spec: config.spec(seed) }
    }
    pub fn resume(config: Config, from: Snapshot, at: UnixTime) -> Result<Self, ResumeError> {
        Err(ResumeError::Corrupt)
    }
    pub fn add(&mut self, url: Url) {}
    pub fn add_each(&mut self, url: Url) {}
    pub fn complete(&mut self, ticket: Ticket, outcome: Outcome) {}
    pub fn set_capacity(&mut self, slots: usize) {}
    pub fn stop(&mut self, how: Stop) {}
    pub fn poll(&mut self, now: Time) -> Output {
        Output::Finished
    }
    pub fn now(&self) -> Time {
        Time::ZERO
    }
    pub fn spec(&self) -> &Spec {
        &self.spec
    }
    pub fn progress(&self) -> Progress {
        Progress::default()
    }
    /// The text of a URL that an event names.
    pub fn url(&self, id: UrlId) -> report::UrlText<'_> {
        report::UrlText { origin: "", rest: "" }
    }
    pub fn report(&self) -> Report<'_> {
        Report(self)
    }
    pub fn snapshot(&self) -> Snapshot {
        Snapshot(Vec::new())
    }
}
