//! A record of every request that is carried out, for `crawlspace explain`.

use crawlspace::digest::Location;
use crawlspace::{Failure, Kind, Method, Outcome, Request};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use url::Url;

/// Records requests, or does nothing.
#[derive(Clone, Debug, Default)]
pub(crate) struct Trace(Option<Arc<Recording>>);

#[derive(Debug)]
struct Recording {
    began: Instant,
    attempts: Mutex<Vec<Attempt>>,
}

/// One request, and what came of it.
#[derive(Clone, Debug)]
pub(crate) struct Attempt {
    pub(crate) url: Url,
    pub(crate) kind: Kind,
    pub(crate) method: Method,
    /// Counted from 1.
    pub(crate) number: u32,
    /// Since the crawl began.
    pub(crate) began: Duration,
    pub(crate) took: Duration,
    pub(crate) result: Result<Answer, Failure>,
}

/// What is told of an answer.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Where it redirects.
    pub(crate) location: Option<String>,
    /// Of body, decoded.
    pub(crate) bytes: u64,
}

impl Trace {
    /// A trace that records.
    pub(crate) fn on() -> Self {
        Self(Some(Arc::new(Recording { began: Instant::now(), attempts: Mutex::default() })))
    }

    /// Carries out a request.
    pub(crate) fn around(&self, request: &Request, fetch: impl FnOnce() -> Outcome) -> Outcome {
        self.begin(request).end(fetch())
    }

    /// A request is about to be carried out. Costs nothing where nothing is recorded.
    pub(crate) fn begin(&self, request: &Request) -> Pending {
        Pending(self.0.as_ref().map(|recording| (Arc::clone(recording), request.clone(), Instant::now())))
    }

    /// What was recorded, by the time it began.
    pub(crate) fn attempts(&self) -> Vec<Attempt> {
        let Some(recording) = &self.0 else { return Vec::new() };
        let mut attempts = recording.attempts.lock().unwrap_or_else(PoisonError::into_inner).clone();
        attempts.sort_by_key(|attempt| attempt.began);
        attempts
    }
}

/// A request that is being carried out.
#[must_use = "what came of it is to be recorded"]
pub(crate) struct Pending(Option<(Arc<Recording>, Request, Instant)>);

impl Pending {
    /// Records what came of it, and gives it back.
    pub(crate) fn end(self, outcome: Outcome) -> Outcome {
        let Some((recording, request, began)) = self.0 else { return outcome };
        let result = match &outcome {
            Outcome::Answered(digest) => Ok(Answer {
                status: digest.status,
                location: digest.location.as_ref().map(|location| match location {
                    Location::To { url, fragment: None } => url.clone(),
                    Location::To { url, fragment: Some(fragment) } => format!("{url}#{fragment}"),
                    Location::Invalid(text) => text.clone(),
                }),
                bytes: digest.transfer.decoded,
            }),
            Outcome::Failed(failure) => Err(failure.clone()),
        };
        let attempt = Attempt {
            url: request.url,
            kind: request.kind,
            method: request.method,
            number: request.attempt,
            began: began.saturating_duration_since(recording.began),
            took: began.elapsed(),
            result,
        };
        // A record is whole whenever the lock is free.
        recording.attempts.lock().unwrap_or_else(PoisonError::into_inner).push(attempt);
        outcome
    }
}
