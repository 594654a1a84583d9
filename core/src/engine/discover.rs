//! How URLs come in: what is done about a link, a seed or a redirect, and what follows when more becomes known of a
//! URL than when it was first seen.
//!
//! Depth, redirects in a row, need and role of a URL are the best over all ways that lead to it, whichever came
//! first. When one of them improves, it is passed on along the URL's own links ([`Engine::spread`]), and a URL that
//! was held back or asked for with less may come in after all. That is what makes the set of fetched URLs the same
//! in every order of answers.

use super::Engine;
use super::output::{LimitKind, UrlId};
use super::urls::{Flags, State};
use crate::digest::Role;
use crate::fetch::Need;
use crate::identity::Identity;
use url::Url;

/// One way to a URL.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way {
    pub(super) depth: u16,
    /// Redirects in a row before it.
    pub(super) hops: u8,
    pub(super) role: Role,
    /// What this way needs of an answer that is only checked.
    pub(super) need: Need,
    /// Whether it is a link or a seed, not a redirect.
    pub(super) linked: bool,
    /// Whether it is an entry of a sitemap.
    pub(super) listed: bool,
    /// Whether a crawl may go through it: not where robots are obeyed and asked not to follow.
    pub(super) open: bool,
}

impl Way {
    /// A link of a document at this depth.
    pub(super) fn of_link(depth: u16, role: Role, has_fragment: bool, open: bool) -> Self {
        let need = if has_fragment { Need::Ids } else { Need::Status };
        let open = open && role != Role::Recorded;
        Self { depth: depth.saturating_add(1), hops: 0, role, need, linked: true, listed: false, open }
    }

    /// An entry of a sitemap, as near as a seed.
    pub(super) const fn of_entry(has_fragment: bool) -> Self {
        let need = if has_fragment { Need::Ids } else { Need::Status };
        Self { role: Role::Followed, need, listed: true, ..Self::TO_SITEMAP }
    }

    /// To a sitemap.
    pub(super) const TO_SITEMAP: Self = Self {
        depth: 0,
        hops: 0,
        role: Role::Resource,
        need: Need::Status,
        linked: true,
        listed: false,
        open: true,
    };

    /// To what is named, and not asked for.
    pub(super) const NOWHERE: Self = Self { role: Role::Recorded, open: false, ..Self::TO_SITEMAP };

    /// What a URL is marked with that such a way leads to.
    const fn flags(self) -> Flags {
        let mut flags = Flags(0);
        if self.linked {
            flags.set(Flags::LINKED);
        }
        if matches!(self.role, Role::Followed) {
            flags.set(Flags::FOLLOWED);
        }
        if !matches!(self.need, Need::Status) {
            flags.set(Flags::NEEDS_IDS);
        }
        if self.open {
            flags.set(Flags::OPEN);
        }
        flags
    }
}

impl Engine {
    /// A URL that the embedder gives.
    pub(super) fn add_seed(&mut self, url: &Url, each: bool) {
        let identity = Identity::of(url);
        let Some(origin) = self.frontier.intern(identity.origin(), &self.config) else {
            return self.count_lost();
        };
        let id = if each {
            self.urls.append_item(origin, identity.rest())
        } else {
            self.urls.intern(origin, identity.rest()).map(|(id, _)| id)
        };
        let Some(id) = id else { return self.count_lost() };
        let flags = &mut self.urls[id].flags;
        if each {
            flags.set(Flags::EACH);
        }
        flags.set(Flags::SEED);
        self.widen_reach(origin);
        let row = &self.urls[id];
        if row.state == State::Redirected {
            let to = self.redirects[row.detail].to;
            self.widen_reach_by_redirect(id, to);
        }
        let need = if url.fragment().is_some_and(|fragment| !fragment.is_empty()) {
            Need::Ids
        } else {
            Need::Status
        };
        if let Some(fragment) = url.fragment().filter(|fragment| !fragment.is_empty()) {
            let fragment = self.texts.intern(fragment);
            self.aims.insert((id, fragment));
        }
        self.discover(id, Way { role: Role::Followed, need, ..Way::TO_SITEMAP });
    }

    /// The table holds 4 GiB of text or 2^32 URLs: what comes then is counted as over the frontier's limit.
    pub(super) fn count_lost(&mut self) {
        self.reach_limit(LimitKind::MaxFrontier);
    }

    /// A link, seed or redirect leads to this URL.
    #[inline]
    pub(super) fn discover(&mut self, id: UrlId, way: Way) {
        self.counts.discovered += 1;
        // Most links lead where others led before, and tell nothing new.
        let row = &self.urls[id];
        let is_settled = !matches!(row.state, State::Named | State::OutOfScope);
        if is_settled && way.depth >= row.depth && way.hops >= row.hops && row.flags.has_all(way.flags()) {
            self.counts.duplicate += 1;
        } else {
            self.learn(id, way);
        }
    }

    /// Takes in what a way tells of a URL.
    #[inline(never)]
    fn learn(&mut self, id: UrlId, way: Way) {
        self.note_listed(id, way);
        let row = &mut self.urls[id];
        if way.linked {
            row.flags.set(Flags::LINKED);
        }
        let nearer = way.depth < row.depth || way.hops < row.hops;
        let followed = way.role == Role::Followed && !row.flags.has(Flags::FOLLOWED);
        let needed = way.need > row.need();
        if needed {
            row.flags.set(Flags::NEEDS_IDS);
        }
        let opened = way.open && !row.flags.has(Flags::OPEN);
        if opened {
            row.flags.set(Flags::OPEN);
        }
        if row.state == State::Named {
            (row.depth, row.hops) = (way.depth, way.hops);
            if followed {
                row.flags.set(Flags::FOLLOWED);
            }
            let origin = row.origin;
            self.frontier.origin_mut(origin).urls += 1;
            return self.decide(id, way.role);
        }
        self.counts.duplicate += 1;
        if !(nearer || followed || needed || opened) {
            if row.state == State::OutOfScope && way.role != Role::Recorded {
                self.decide_again(id);
            }
            return;
        }
        row.depth = row.depth.min(way.depth);
        row.hops = row.hops.min(way.hops);
        if followed {
            row.flags.set(Flags::FOLLOWED);
        }
        self.improved(id, way.role);
    }

    /// More is known of a URL that was discovered before.
    fn improved(&mut self, id: UrlId, role: Role) {
        let row = &self.urls[id];
        match row.state {
            State::Named | State::Invalid | State::Skipped | State::Waiting | State::InFlight => {}
            State::OutOfScope => {
                if role != Role::Recorded {
                    self.decide_again(id);
                }
            }
            State::Held => self.admit(id),
            State::Candidate => {
                let depth = row.depth;
                self.generations.entry(depth).or_default().push(id);
            }
            State::Queued => {}
            State::Answered | State::Redirected | State::Failed => {
                self.upgrade_if_needed(id);
                self.spread_soon(id);
            }
        }
    }
}
