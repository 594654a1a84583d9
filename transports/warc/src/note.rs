//! What crawlspace notes of an exchange beside what the standard has a place for, in a metadata record.
//!
//! It is what replaying needs: how the engine asked (recording may ask with another method), and how the exchange
//! ended, which a failure that has no response could not say otherwise.

use core::fmt::Write as _;
use core::time::Duration;
use crawlspace::digest::End;
use crawlspace::{Failure, Kind, Method, Need, Request};
use serde::{Deserialize, Serialize};

/// How the engine asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Asked {
    pub(crate) method: Method,
    pub(crate) attempt: u32,
    pub(crate) kind: Kind,
    pub(crate) need: Need,
}

impl Asked {
    pub(crate) fn by(request: &Request) -> Self {
        let Request { method, attempt, kind, need, .. } = *request;
        Self { method, attempt, kind, need }
    }
}

/// How an exchange ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Ended {
    Body(End),
    Failed(Failure),
}

/// One exchange.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Note {
    #[serde(flatten)]
    pub(crate) asked: Asked,
    pub(crate) ended: Ended,
    /// Microseconds from the start of the exchange to the head of the response; 0 if none came.
    first_byte: u64,
    /// Microseconds from the start of the exchange to its end.
    total: u64,
}

/// The field of the metadata record that holds it.
const FIELD: &str = "crawlspace-exchange";

impl Note {
    pub(crate) fn new(asked: Asked, ended: Ended, first_byte: Duration, total: Duration) -> Self {
        let micros = |time: Duration| u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        Self { asked, ended, first_byte: micros(first_byte), total: micros(total) }
    }

    pub(crate) fn first_byte(&self) -> Duration {
        Duration::from_micros(self.first_byte)
    }

    pub(crate) fn total(&self) -> Duration {
        Duration::from_micros(self.total)
    }

    /// The block of the record (`application/warc-fields`), with what others may want to know by its usual name.
    pub(crate) fn to_block(&self) -> String {
        let mut block = format!("fetchTimeMs: {}\r\n", self.total / 1_000);
        if let Ended::Failed(failure) = &self.ended {
            let _ = write!(block, "error: {failure}\r\n");
        }
        // These types have no way to fail: no maps, no foreign strings.
        let json = serde_json::to_string(self).unwrap_or_default();
        let _ = write!(block, "{FIELD}: {json}\r\n");
        block
    }

    /// Reads such a block; `None` if it is another's, an error if it is damaged, or of a later version.
    pub(crate) fn from_block(block: &[u8]) -> Option<Result<Self, serde_json::Error>> {
        let mut lines = block.split(|byte| *byte == b'\n');
        let json = lines.find_map(|line| line.strip_prefix(FIELD.as_bytes())?.strip_prefix(b": "))?;
        Some(serde_json::from_slice(json))
    }
}
