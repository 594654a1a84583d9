//! Saving and loading.
use super::Engine;
use crate::config::Config;
use crate::time::UnixTime;
use core::fmt;

/// State.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Snapshot(Vec<u8>);
impl Snapshot {
    pub(super) fn of(_: &Engine) -> Self {
        Self(vec![])
    }
    /// x
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
    /// x
    pub fn from_bytes(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}
/// x
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResumeError {
    /// x
    Corrupt,
}
impl fmt::Display for ResumeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("x")
    }
}
impl core::error::Error for ResumeError {}
impl Engine {
    /// x
    /// # Errors
    /// x
    pub fn resume(_: Config, _: Snapshot, _: UnixTime) -> Result<Self, ResumeError> {
        Err(ResumeError::Corrupt)
    }
}
