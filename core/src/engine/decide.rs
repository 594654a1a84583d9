//! Whether a URL is to be asked for: by its scheme, by the scope, by what leads to it. And where that is kept: each
//! URL is in one state, and one that was not asked for has its reason.

use super::Engine;
use super::frontier::OriginId;
use super::output::{LimitKind, UrlId};
use super::urls::{Flags, State};
use crate::config::Decision;
use crate::config::scope::{About, Verdict};
use crate::digest::Role;
use crate::fetch::Need;
use crate::report::Skip;

impl Engine {
    /// What is to become of a URL that is seen for the first time.
    pub(super) fn decide(&mut self, id: UrlId, role: Role) {
        let origin = self.urls[id].origin;
        let source = self.frontier.origin(origin);
        if source.host.is_none() {
            if source.text.is_empty() {
                return self.set_state(id, State::Invalid);
            }
            return self.leave_out(id, Skip::Scheme);
        }
        if let Some(listing) = self.sitemaps.get(&id) {
            return self.decide_sitemap(id, listing.given);
        }
        if role == Role::Recorded {
            return self.leave_out(id, Skip::Recorded);
        }
        match self.ask_scope(id) {
            Verdict::Take(decision) => {
                let crawl = decision == Decision::Crawl;
                if !crawl && self.listed.contains(&id) {
                    return self.leave_out(id, Skip::External);
                }
                self.take_in(id, crawl);
            }
            Verdict::External => self.leave_out(id, Skip::External),
            Verdict::NotIncluded => self.leave_out(id, Skip::NotIncluded),
            Verdict::Excluded { rule } => {
                let rule = u32::try_from(rule).unwrap_or(u32::MAX);
                self.leave_out(id, Skip::Excluded { rule });
            }
        }
    }

    pub(super) fn ask_scope(&self, id: UrlId) -> Verdict {
        let row = &self.urls[id];
        let source = self.frontier.origin(row.origin);
        let about = About {
            origin: &source.text,
            host: source.host.map_or("", |host| self.frontier.host(host).name.as_str()),
            seed: row.flags.has(Flags::SEED),
            of_seed: source.of_seed,
        };
        self.config.scope.decide(&String::from(self.url(id)), &about)
    }

    /// Decides again on a URL whose origin or role counts for more than before.
    pub(super) fn decide_again(&mut self, id: UrlId) {
        let row = &self.urls[id];
        if row.flags.has(Flags::CRAWL) || row.state == State::Invalid || self.is_probe(id) {
            return;
        }
        if row.state == State::OutOfScope {
            // A seed's own scheme stays what it is; so does what a rule says of any other URL.
            let seed = row.flags.has(Flags::SEED);
            match self.skip_of(id) {
                Some(Skip::Recorded | Skip::External) => self.decide(id, Role::Resource),
                Some(Skip::NotIncluded | Skip::Excluded { .. }) if seed => self.decide(id, Role::Resource),
                _ => {}
            }
            return;
        }
        if self.ask_scope(id) == Verdict::Take(Decision::Crawl) {
            let was_gated = self.is_gated(id);
            self.mark_crawled(id);
            match self.urls[id].state {
                State::Held => self.admit(id),
                State::Answered | State::Redirected | State::Failed => {
                    if !was_gated && self.is_gated(id) {
                        // Whatever came of it, robots.txt was not asked.
                        self.urls[id].got = Need::Status;
                    }
                    self.upgrade_if_needed(id);
                    self.spread_soon(id);
                }
                _ => {}
            }
        }
    }

    /// An origin joins those that a crawl of the seeds' origins reaches; URLs that are known of it are decided anew.
    pub(super) fn widen_reach(&mut self, origin: OriginId) {
        let row = self.frontier.origin_mut(origin);
        if core::mem::replace(&mut row.of_seed, true) || row.urls == 0 {
            return;
        }
        let known: Vec<UrlId> = self
            .urls
            .ids()
            .filter(|id| {
                let is_named = || self.urls[*id].state == State::Named;
                // What is only recorded is asked for nowhere.
                let is_recorded = || self.skip_of(*id) == Some(Skip::Recorded);
                self.urls[*id].origin == origin && !is_named() && !is_recorded()
            })
            .collect();
        for id in known {
            self.decide_again(id);
        }
    }

    pub(super) fn mark_crawled(&mut self, id: UrlId) {
        let row = &mut self.urls[id];
        row.flags.set(Flags::CRAWL);
        let origin = row.origin;
        if let Some(host) = self.frontier.origin(origin).host {
            self.frontier.make_own(host, &self.config);
        }
        if !core::mem::replace(&mut self.frontier.origin_mut(origin).crawled, true) {
            self.declare_sitemaps(origin);
        }
    }

    pub(super) fn leave_out(&mut self, id: UrlId, why: Skip) {
        self.set_skip(id, State::OutOfScope, why);
    }

    pub(super) fn set_state(&mut self, id: UrlId, state: State) {
        let row = &mut self.urls[id];
        self.counts.moved(row.state, state);
        row.state = state;
    }

    pub(super) fn set_skip(&mut self, id: UrlId, state: State, why: Skip) {
        self.urls[id].detail = pack_skip(why);
        self.set_state(id, state);
    }

    /// Why a URL was not asked for, if it was not.
    pub(crate) fn skip_of(&self, id: UrlId) -> Option<Skip> {
        let row = &self.urls[id];
        match row.state {
            State::OutOfScope | State::Held | State::Skipped => unpack_skip(row.detail),
            State::Candidate | State::Queued | State::Waiting | State::InFlight => {
                let limit = self.limits_reached.iter().find(|limit| **limit == LimitKind::MaxTime);
                Some(Skip::Limit(limit.copied().unwrap_or(LimitKind::Stopped)))
            }
            State::Named | State::Invalid | State::Answered | State::Redirected | State::Failed => None,
        }
    }
}

/// A reason in one word: what it is in the low byte, its number above.
fn pack_skip(why: Skip) -> u32 {
    match why {
        Skip::Scheme => 0,
        Skip::External => 1,
        Skip::NotIncluded => 2,
        Skip::Excluded { rule } => 3 | rule << 8,
        Skip::Robots { line } => 4 | line << 8,
        Skip::Depth => 5,
        Skip::Limit(limit) => 6 | (limit as u32) << 8,
        Skip::Recorded => 7,
    }
}

fn unpack_skip(packed: u32) -> Option<Skip> {
    const LIMITS: [LimitKind; 8] = [
        LimitKind::MaxPages,
        LimitKind::MaxBytes,
        LimitKind::MaxTime,
        LimitKind::MaxFrontier,
        LimitKind::MaxUrlsPerHost,
        LimitKind::Stopped,
        LimitKind::MaxHostFailures,
        LimitKind::MaxSitemaps,
    ];
    let number = packed >> 8;
    Some(match packed & 0xff {
        0 => Skip::Scheme,
        1 => Skip::External,
        2 => Skip::NotIncluded,
        3 => Skip::Excluded { rule: number },
        4 => Skip::Robots { line: number },
        5 => Skip::Depth,
        6 => Skip::Limit(*LIMITS.get(number as usize)?),
        7 => Skip::Recorded,
        _ => return None,
    })
}
