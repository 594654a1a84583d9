//! The totals of a report.

use super::class::Class;
use crate::engine::LimitKind;
use core::time::Duration;
use std::collections::BTreeMap;

/// The totals that do not depend on timing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Summary {
    /// Distinct URLs that were asked for and have a verdict, where redirects lead included.
    pub checked: u64,
    /// Documents whose links were read.
    pub pages: u64,
    /// Links found, repetitions included.
    pub links: u64,
    /// Findings of severity error.
    pub errors: u64,
    /// Findings of severity warning.
    pub warnings: u64,
    /// Findings of severity info.
    pub infos: u64,
    /// Link targets that a rule says to ignore: no findings.
    pub ignored: u64,
    /// Link targets by class, `ok` included, dead fragments counted for themselves.
    pub classes: BTreeMap<Class, u64>,
    /// Links to e-mail addresses, repetitions included.
    pub emails: u64,
    /// The limits that were reached; empty if everything was checked.
    pub partial: Vec<LimitKind>,
}

/// What may differ from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Statistics {
    /// How long the crawl took, in seconds.
    #[cfg_attr(feature = "serde", serde(serialize_with = "seconds"))]
    pub duration: Duration,
    /// Fetches started, retries and robots.txt included.
    pub fetches: u64,
    /// Fetches that failed and were tried again.
    pub retries: u64,
    /// Fetches repeated because a later link needed more of the answer.
    pub upgraded: u64,
    /// Answers that came after their fetch had lapsed or ended, or belong to no fetch of this crawl.
    pub late_answers: u64,
    /// Bytes of bodies as they came over the wire.
    pub bytes_encoded: u64,
    /// Bytes of bodies after decoding.
    pub bytes_decoded: u64,
    /// By host, in order of name.
    pub hosts: BTreeMap<String, HostStatistics>,
}

/// What may differ from run to run, of one host.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct HostStatistics {
    /// Fetches answered, whatever the status.
    pub answered: u64,
    /// Fetches that brought no answer.
    pub failed: u64,
    /// Bytes of bodies as they came over the wire.
    pub bytes_encoded: u64,
    /// Mean time from the start of a fetch to the head of its response, in seconds.
    #[cfg_attr(feature = "serde", serde(serialize_with = "seconds"))]
    pub mean_first_byte: Duration,
    /// Longest time from the start of a fetch to its end, in seconds.
    #[cfg_attr(feature = "serde", serde(serialize_with = "seconds"))]
    pub slowest: Duration,
}

#[cfg(feature = "serde")]
fn seconds<S: serde::Serializer>(duration: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(duration.as_secs_f64())
}
