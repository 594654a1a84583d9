//! How many requests at a time this process can afford: each holds a file descriptor.

/// What is open besides connections: the standard streams, the runtime's own, lookups of names, reports.
#[cfg(unix)]
const BESIDES: u64 = 32;

/// As many of these slots as there are descriptors for, at least one; raises the soft limit first. A connection that
/// cannot be opened for lack of them would be reported as a link that does not work.
#[cfg(unix)]
pub(crate) fn affordable(slots: usize) -> usize {
    use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
    // A host with several addresses may be dialled at two at a time.
    let needed = (slots as u64).saturating_mul(2).saturating_add(BESIDES);
    let limit = getrlimit(Resource::Nofile);
    let Some(mut soft) = limit.current else { return slots };
    if soft < needed {
        let raised = limit.maximum.map_or(needed, |hard| hard.min(needed));
        if raised > soft && setrlimit(Resource::Nofile, Rlimit { current: Some(raised), ..limit }).is_ok() {
            soft = raised;
        }
    }
    let affordable = usize::try_from(soft.saturating_sub(BESIDES) / 2).unwrap_or(usize::MAX);
    slots.min(affordable.max(1))
}

/// As many as are wanted: the system has no such limit.
#[cfg(not(unix))]
pub(crate) fn affordable(slots: usize) -> usize {
    slots
}
