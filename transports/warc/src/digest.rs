//! Digests of what a record holds.

use data_encoding::{BASE32, HEXLOWER_PERMISSIVE};
use sha1::{Digest as _, Sha1};

/// A digest in the making.
#[derive(Clone, Default)]
pub(crate) struct Hash(Sha1);

impl Hash {
    pub(crate) fn of(bytes: &[u8]) -> Self {
        let mut hash = Self::default();
        hash.update(bytes);
        hash
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// As a field's value: SHA-1 in base 32, as all tools of the field write it.
    pub(crate) fn label(self) -> String {
        format!("sha1:{}", BASE32.encode(&self.0.finalize()))
    }

    /// Whether a field's value names this digest; true also of an algorithm that is not known here.
    pub(crate) fn agrees(self, label: &str) -> bool {
        let Some((name, text)) = label.trim().split_once(':') else { return true };
        if !["sha1", "sha-1"].iter().any(|known| name.eq_ignore_ascii_case(known)) {
            return true;
        }
        let bytes = match text.len() {
            40 => HEXLOWER_PERMISSIVE.decode(text.as_bytes()),
            _ => BASE32.decode(text.to_ascii_uppercase().as_bytes()),
        };
        bytes.is_ok_and(|bytes| bytes[..] == self.0.finalize()[..])
    }
}
