//! What digesting needs to know of a crawl: plain, serialisable, sent once.

use crate::digest::{Extras, PlaceSet};
use crate::fetch::Fingerprint;
use crate::seed::HashKey;

/// Everything a [`Digester`](crate::digest::Digester) or a worker on another machine needs of a crawl's
/// configuration. Requests name it by its [`Fingerprint`]; a worker that holds another refuses.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Spec {
    /// The version of the identity rules ([`RULES_VERSION`](crate::RULES_VERSION)).
    pub rules_version: u16,
    /// The key under which fragment ids are hashed.
    pub id_key: HashKey,
    /// The `User-Agent` field to send.
    pub user_agent: String,
    /// The product token that robots rules are chosen by (RFC 9309 section 2.2.1).
    pub robots_token: String,
    /// Which attributes count as links.
    pub places: PlaceSet,
    /// Bounds on what one document may give.
    pub limits: DigestLimits,
    /// What digests are to tell beside the usual.
    pub extras: Extras,
}

/// Bounds on what one document may give; what is over them is counted in the digest, not silently lost.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct DigestLimits {
    /// Links kept of one document.
    pub links: u32,
    /// Fragment ids kept of one document; of one with more, no fragment is judged.
    pub ids: u32,
    /// Bytes of a URL, once resolved; a longer one counts as invalid.
    pub url_bytes: u32,
    /// Characters of a link's text that are kept.
    pub text_chars: u32,
    /// Bytes of a robots.txt that are read (RFC 9309 section 2.5 asks for at least 500 KiB).
    pub robots_bytes: u32,
}

impl Default for DigestLimits {
    fn default() -> Self {
        Self { links: 100_000, ids: 100_000, url_bytes: 8_192, text_chars: 80, robots_bytes: 500 * 1_024 }
    }
}

impl Spec {
    /// The name of this specification: equal ones have equal names, on every machine.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let mut bytes = Vec::new();
        crate::codec::Encode::encode(self, &mut bytes);
        Fingerprint(HashKey(0x7370_6563, 1).hash(&bytes))
    }
}
