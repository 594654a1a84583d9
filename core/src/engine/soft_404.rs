//! Pages that a host gives for any address instead of 404.
//!
//! On each origin that has HTML, an address that cannot be is asked for. If a page comes, the front page is asked for
//! too: where it reads the same, the host's pages are filled in by script, and nothing can be said. Both are rows of
//! the URL table that no link finds, so that they wait, retry and are saved like any other, and no rows of the report.

use super::Engine;
use super::frontier::{Gate, OriginId};
use super::output::UrlId;
use super::urls::{Flags, Row, State};
use crate::digest::Digest;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of hosts that answer anything. Empty unless it is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Soft404 {
    /// What documents read like.
    contents: BTreeMap<UrlId, u64>,
    /// By origin: the address that cannot be, then the front page.
    probes: BTreeMap<OriginId, Vec<UrlId>>,
    is_probe: BTreeSet<UrlId>,
}

impl Engine {
    /// Whether a URL was asked for to learn about its host.
    pub(super) fn is_probe(&self, id: UrlId) -> bool {
        self.soft_404.is_probe.contains(&id)
    }

    /// Notes what a document reads like, and sees to it that its origin is asked for what cannot be.
    pub(super) fn note_content(&mut self, id: UrlId, digest: &Digest) {
        let Some(content) = digest.extra.content else { return };
        self.soft_404.contents.insert(id, content);
        let origin = self.urls[id].origin;
        if !self.soft_404.probes.contains_key(&origin) {
            let draw = self.seed.draw("soft 404", &self.frontier.origin(origin).text, 0);
            self.probe(origin, &format!("/crawlspace-0{draw:016x}"));
        }
    }

    /// The answer to a question of the engine's own.
    pub(super) fn probed(&mut self, id: UrlId, digest: &Digest, accepted: bool) {
        self.set_state(id, State::Answered);
        let Some(content) = digest.extra.content.filter(|_| accepted) else { return };
        self.soft_404.contents.insert(id, content);
        let origin = self.urls[id].origin;
        if self.soft_404.probes.get(&origin).is_some_and(|probes| probes == &[id]) {
            self.probe(origin, "/");
        }
    }

    fn probe(&mut self, origin: OriginId, path: &str) {
        let Some(id) = self.urls.append_item(origin, path) else { return self.count_lost() };
        let row = &mut self.urls[id];
        (row.depth, row.hops) = (0, 0);
        row.flags.set(Flags::EACH);
        row.flags.set(Flags::NEEDS_IDS);
        self.soft_404.probes.entry(origin).or_default().push(id);
        self.soft_404.is_probe.insert(id);
        self.frontier.origin_mut(origin).urls += 1;
        self.counts.discovered += 1;
        self.enqueue(id);
    }

    /// Whether robots.txt keeps from asking: one that was asked before anybody knew counts as not asked.
    fn is_barred(&self, probe: UrlId) -> bool {
        self.is_gated(probe)
            && match &self.frontier.origin(self.urls[probe].origin).gate {
                Gate::Unknown | Gate::Asking(_) => false,
                Gate::Open(rules) => !rules.decide(self.urls.rest(probe)).allowed,
                Gate::Closed | Gate::Unreachable(_) => true,
            }
    }

    /// Whether a URL answers with what its host gives for any address.
    pub(crate) fn is_soft_404(&self, id: UrlId) -> bool {
        let Soft404 { contents, probes, .. } = &self.soft_404;
        let Some(content) = contents.get(&id) else { return false };
        let Some([nonsense, front]) = probes.get(&self.urls[id].origin).map(Vec::as_slice) else {
            return false;
        };
        if self.is_barred(*nonsense) || self.is_barred(*front) {
            return false;
        }
        let row: &Row = &self.urls[*front];
        contents.get(nonsense) == Some(content)
            && contents.get(front) != Some(content)
            && matches!(row.state, State::Answered if !(300..400).contains(&row.status))
    }
}

mod saved {
    use super::{Engine, Soft404};
    use crate::codec::{Corrupt, Decode, Encode};
    use crate::engine::output::UrlId;

    impl Encode for Soft404 {
        fn encode(&self, out: &mut Vec<u8>) {
            self.contents.iter().map(|(id, content)| (*id, *content)).collect::<Vec<_>>().encode(out);
            self.probes.iter().map(|(origin, ids)| (*origin, ids.clone())).collect::<Vec<_>>().encode(out);
        }
    }

    impl Decode for Soft404 {
        fn decode(input: &mut &[u8]) -> Result<Self, Corrupt> {
            let contents = Vec::<(UrlId, u64)>::decode(input)?.into_iter().collect();
            let probes: Vec<(u32, Vec<UrlId>)> = Vec::decode(input)?;
            let is_probe = probes.iter().flat_map(|(_, ids)| ids).copied().collect();
            Ok(Self { contents, probes: probes.into_iter().collect(), is_probe })
        }
    }

    impl Engine {
        /// Whether what is named is there, and of the origin that it is named for.
        pub(in crate::engine) fn check_soft_404(&self) -> Result<(), Corrupt> {
            let known = |id: &UrlId| (id.0 as usize) < self.urls.len();
            let Soft404 { contents, probes, .. } = &self.soft_404;
            let of_origin = |(origin, ids): (&u32, &Vec<UrlId>)| {
                matches!(ids.len(), 1 | 2)
                    && ids.iter().all(|id| known(id) && self.urls[*id].origin == *origin)
            };
            if contents.keys().all(known) && probes.iter().all(of_origin) { Ok(()) } else { Err(Corrupt) }
        }
    }
}
