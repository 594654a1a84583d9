//! The report: a view of the engine, judged on the finished graph and streamed in canonical order.

mod class;
mod finding;
mod skip;
mod summary;

pub use class::{Class, Severity, UnknownClass};
pub use finding::{Finding, Hop, Referrer, UrlText};
pub use skip::Skip;
pub use summary::{HostStatistics, Statistics, Summary};

/// A view of a crawl's results.
#[derive(Debug)]
pub struct Report<'a>(pub(crate) &'a crate::Engine);

#[allow(missing_docs)]
impl<'a> Report<'a> {
    /// Totals.
    pub fn summary(&self) -> Summary {
        Summary::default()
    }
    /// What may differ between runs.
    pub fn statistics(&self) -> Statistics {
        Statistics::default()
    }
    /// All that is not `ok`: by severity (worst first), then URL, fragment, class.
    pub fn findings(&self) -> impl Iterator<Item = Finding<'_>> {
        core::iter::empty()
    }
    /// Every link target with its verdict, `ok` included, in order of URL, fragment, class.
    pub fn links(&self) -> impl Iterator<Item = Finding<'_>> {
        core::iter::empty()
    }
    /// The addresses that pages link to by `mailto:`, each once, in order.
    pub fn emails(&self) -> impl Iterator<Item = &str> {
        core::iter::empty()
    }
}
