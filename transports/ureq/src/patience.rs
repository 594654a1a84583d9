//! How long this thread is willing to wait for more input, where that is less than the client's time-outs say.
//!
//! The client's time-outs are fixed when a request begins, and a wire cannot tell from its buffers whether the body is
//! still wanted. A fetch runs on one thread from beginning to end, so the thread is where this is kept.

use core::cell::Cell;
use std::time::Instant;
use ureq::unversioned::transport::time;

thread_local! {
    static UNTIL: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `work`, in which reading from a wire on this thread times out at `until`.
pub(crate) fn with<T>(until: Instant, work: impl FnOnce() -> T) -> T {
    /// Undoes it however `work` ends.
    struct Restore(Option<Instant>);
    impl Drop for Restore {
        fn drop(&mut self) {
            UNTIL.set(self.0);
        }
    }
    let _restore = Restore(UNTIL.replace(Some(until)));
    work()
}

/// The time left of `after` on this thread; `None` if it is over.
pub(crate) fn cut(after: time::Duration) -> Option<time::Duration> {
    let Some(until) = UNTIL.get() else { return Some(after) };
    let left = until.saturating_duration_since(Instant::now());
    (!left.is_zero()).then(|| time::Duration::Exact(left.min(*after)))
}
