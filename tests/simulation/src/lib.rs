//! What must hold of every crawl, judged from outside: by what the servers saw, and by a second, plain way to work
//! out what a crawl must find. The engine's own counters are not evidence.

pub mod fate;
pub mod judge;
pub mod model;
pub mod oracle;
pub mod plan;
pub mod witness;

pub use judge::judge;
pub use plan::Plan;

use crawlspace::Report;

/// A broken promise, in words, with the invariant's id where it has one.
pub type Verdict = Result<(), String>;

/// Fails with words where something does not hold.
#[macro_export]
macro_rules! must {
    ($holds:expr, $($words:tt)+) => {
        if !$holds {
            return Err(format!($($words)+));
        }
    };
}

/// All of a report that may not depend on order or timing, as text.
#[must_use]
pub fn text(report: &Report<'_>) -> String {
    use core::fmt::Write as _;
    let mut text = format!("{:?}\n", report.summary());
    for row in report.findings().chain(report.links()) {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{row:?}");
    }
    text
}
