//! What is kept of documents only where it is asked for.

use super::Engine;
use super::output::UrlId;
use crate::digest::{Digest, DuplicateId, Prose};
use std::collections::BTreeMap;

/// What documents tell on request, by URL. Empty unless it is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct OnRequest {
    duplicate_ids: BTreeMap<UrlId, Vec<DuplicateId>>,
    proses: BTreeMap<UrlId, Prose>,
}

impl Engine {
    /// Keeps what a document tells on request, in place of what it told before.
    pub(super) fn note_on_request(&mut self, id: UrlId, digest: &mut Digest) {
        let OnRequest { duplicate_ids, proses } = &mut self.on_request;
        if self.config.duplicate_ids {
            let found = core::mem::take(&mut digest.extra.duplicate_ids);
            if found.is_empty() {
                duplicate_ids.remove(&id);
            } else {
                duplicate_ids.insert(id, found);
            }
        }
        if self.config.text_fragments
            && let Some(prose) = digest.extra.prose.take()
        {
            proses.insert(id, prose);
        }
    }

    /// The ids that several elements of a document have, as far as it is known to have any.
    pub(crate) fn duplicate_ids(&self, id: UrlId) -> &[DuplicateId] {
        self.on_request.duplicate_ids.get(&id).map(Vec::as_slice).unwrap_or_default()
    }

    /// The text of a document.
    pub(crate) fn prose(&self, id: UrlId) -> Option<&Prose> {
        self.on_request.proses.get(&id)
    }
}

mod saved {
    use super::{Engine, OnRequest};
    use crate::codec::Corrupt;
    use crate::config::Config;
    use crate::engine::output::UrlId;
    use crate::engine::snapshot::{decode_all, encode_map};

    impl OnRequest {
        /// What is not asked for takes no room.
        pub(in crate::engine) fn encode(&self, config: &Config, out: &mut Vec<u8>) {
            if config.duplicate_ids {
                encode_map(&self.duplicate_ids, out);
            }
            if config.text_fragments {
                encode_map(&self.proses, out);
            }
        }

        pub(in crate::engine) fn decode(config: &Config, input: &mut &[u8]) -> Result<Self, Corrupt> {
            let mut kept = Self::default();
            if config.duplicate_ids {
                kept.duplicate_ids = decode_all(input)?;
            }
            if config.text_fragments {
                kept.proses = decode_all(input)?;
            }
            Ok(kept)
        }
    }

    impl Engine {
        /// Whether what is told is of URLs that are there.
        pub(in crate::engine) fn check_on_request(&self) -> Result<(), Corrupt> {
            let OnRequest { duplicate_ids, proses } = &self.on_request;
            let known = |id: &UrlId| (id.0 as usize) < self.urls.len();
            if duplicate_ids.keys().chain(proses.keys()).all(known) { Ok(()) } else { Err(Corrupt) }
        }
    }
}
