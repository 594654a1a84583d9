//! A tap that keeps what it sees.

use crawlspace::digest::{End, Head};
use crawlspace::{Failure, Request};
use crawlspace_http::{Tap, Taps};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What passed by: of every exchange, one after another.
#[derive(Clone, Debug, Default)]
pub struct Look {
    seen: Arc<Mutex<Seen>>,
    wants_all: bool,
}

/// What a [`Look`] has seen.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    /// The bodies as they came, one after another.
    pub encoded: Vec<u8>,
    /// The bodies decoded, one after another.
    pub decoded: Vec<u8>,
    /// How each exchange ended.
    pub ends: Vec<Result<End, Failure>>,
}

impl Look {
    /// One that also wants the bodies that the digest does not need.
    #[must_use]
    pub fn that_wants_all() -> Self {
        Self { wants_all: true, ..Self::default() }
    }

    /// What it has seen so far.
    #[must_use]
    pub fn seen(&self) -> Seen {
        self.lock().clone()
    }

    fn lock(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taps for Look {
    fn open(&self, _: &Request) -> Option<Box<dyn Tap>> {
        Some(Box::new(self.clone()))
    }
}

impl Tap for Look {
    fn wants_all(&self) -> bool {
        self.wants_all
    }

    fn head(&mut self, _: &Head) {}

    fn encoded(&mut self, bytes: &[u8]) {
        self.lock().encoded.extend_from_slice(bytes);
    }

    fn decoded(&mut self, bytes: &[u8]) {
        self.lock().decoded.extend_from_slice(bytes);
    }

    fn end(&mut self, end: Result<End, &Failure>) {
        self.lock().ends.push(end.map_err(Clone::clone));
    }
}
