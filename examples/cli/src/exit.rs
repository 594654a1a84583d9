//! How a run ends: the exit codes that scripts rely on.

use crate::format::Results;
use crawlspace::report::Summary;
use std::process::ExitCode;

/// What a run came to. The discriminant is the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Everything was checked, nothing is broken.
    Clean = 0,
    /// There is a finding of severity error.
    Broken = 1,
    /// The command line or the configuration is wrong.
    Usage = 2,
    /// No target answered, so nothing could be checked.
    Nothing = 3,
    /// Nothing is broken as far as was checked, but a limit ended the run early.
    Partial = 4,
    /// The user stopped it; the report is partial.
    Interrupted = 130,
}

impl Exit {
    /// What a check came to. `graceful` lets broken links pass (Hydra's `graceful_exit`).
    #[must_use]
    pub fn of(results: &dyn Results, interrupted: bool, graceful: bool) -> Self {
        let summary = results.summary();
        if interrupted {
            Self::Interrupted
        } else if !has_answer(results, &summary) {
            Self::Nothing
        } else if summary.errors > 0 && !graceful {
            Self::Broken
        } else if !summary.partial.is_empty() {
            Self::Partial
        } else {
            Self::Clean
        }
    }
}

/// Whether anything answered at all. All that is checked is found from the targets, so if nothing did, no target
/// did.
fn has_answer(results: &dyn Results, summary: &Summary) -> bool {
    summary.pages > 0 || results.links().any(|link| link.status.is_some())
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
