//! What the suites in `tests/` stand on.

pub mod scripted;
