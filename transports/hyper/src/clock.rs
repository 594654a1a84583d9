//! One timer for a whole fetch: the deadline moves from phase to phase.

use crawlspace::{Failure, Phase};
use crawlspace_http::Timeouts;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The time of one fetch.
pub(crate) struct Clock<'a> {
    /// Registered with the runtime by its first poll; reset only when it fires or the deadline moves forward, so
    /// that a quick fetch pays for it once.
    sleep: Pin<&'a mut Sleep>,
    begun: Instant,
    timeouts: Timeouts,
    deadline: Instant,
    phase: Phase,
}

impl<'a> Clock<'a> {
    /// Begins now, waiting for a connection: only the fetch's end bounds that.
    pub(crate) fn new(begun: Instant, timeouts: Timeouts, sleep: Pin<&'a mut Sleep>) -> Self {
        Self { sleep, begun, timeouts, deadline: begun + timeouts.total, phase: Phase::Total }
    }

    pub(crate) fn begun(&self) -> Instant {
        self.begun
    }

    /// Enters a phase, or its next round.
    pub(crate) fn enter(&mut self, phase: Phase) {
        let allowed = match phase {
            Phase::Resolve => self.timeouts.resolve,
            Phase::Connect => self.timeouts.connect,
            Phase::Head => self.timeouts.head,
            Phase::Body => self.timeouts.body_idle,
            _ => self.timeouts.total,
        };
        self.enter_for(phase, allowed);
    }

    /// Enters a phase with a time of its own.
    pub(crate) fn enter_for(&mut self, phase: Phase, allowed: Duration) {
        let end = self.begun + self.timeouts.total;
        let deadline = Instant::now() + allowed;
        // A body that goes on and on is slow as a whole, not in any one place.
        self.phase = if phase == Phase::Body && end < deadline { Phase::Total } else { phase };
        self.deadline = deadline.min(end);
    }

    /// Ready once the phase has taken longer than it may.
    pub(crate) fn poll_expired(&mut self, cx: &mut Context<'_>) -> Poll<Failure> {
        if self.deadline < self.sleep.deadline() {
            self.sleep.as_mut().reset(self.deadline);
        }
        while self.sleep.as_mut().poll(cx).is_ready() {
            if self.sleep.deadline() >= self.deadline {
                return Poll::Ready(Failure::Timeout(self.phase));
            }
            self.sleep.as_mut().reset(self.deadline);
        }
        Poll::Pending
    }

    /// Runs `future` while the phase may last.
    pub(crate) async fn bound<F: Future>(&mut self, future: F) -> Result<F::Output, Failure> {
        let mut future = std::pin::pin!(future);
        std::future::poll_fn(|cx| match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Ok(output)),
            Poll::Pending => self.poll_expired(cx).map(Err),
        })
        .await
    }
}
