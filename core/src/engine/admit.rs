//! How URLs that are to be asked for come into the queues, as far as the limits on depth, numbers and hosts go.

use super::Engine;
use super::frontier::{Queue, level};
use super::output::{LimitKind, UrlId};
use super::urls::{Flags, State};
use crate::config::Order;
use crate::fetch::Need;
use crate::limit::Limit;
use crate::report::Skip;

impl Engine {
    /// A URL that is to be asked for.
    pub(super) fn take_in(&mut self, id: UrlId, crawl: bool) {
        if crawl {
            self.mark_crawled(id);
        }
        self.admit(id);
    }

    /// Lets a URL in as far as depth and redirects allow.
    pub(super) fn admit(&mut self, id: UrlId) {
        let row = &self.urls[id];
        if !self.config.depth.allows(u32::from(row.depth)) || u32::from(row.hops) > self.config.redirects {
            return self.hold(id);
        }
        match self.config.order {
            Order::Ordered => {
                let depth = row.depth;
                self.generations.entry(depth).or_default().push(id);
                self.set_state(id, State::Candidate);
            }
            Order::Fast => {
                if !self.config.frontier.allows(self.counts.queued + 1) {
                    return self.skip_for_limit(id, LimitKind::MaxFrontier);
                }
                self.enqueue_counted(id);
            }
        }
    }

    /// Keeps a URL that is too far away until a shorter way is found. What is too many redirects away is never
    /// linked to, so that depth is the only reason that shows.
    fn hold(&mut self, id: UrlId) {
        if self.urls[id].state != State::Held {
            self.set_skip(id, State::Held, Skip::Depth);
        }
    }

    pub(super) fn skip_for_limit(&mut self, id: UrlId, limit: LimitKind) {
        self.reach_limit(limit);
        self.set_skip(id, State::Skipped, Skip::Limit(limit));
    }

    /// Queues a URL unless its host has had its share.
    fn enqueue_counted(&mut self, id: UrlId) {
        let row = &self.urls[id];
        if let Limit::Max(limit) = self.config.urls_per_host
            && !row.flags.has(Flags::HOST_COUNTED)
            && let Some(host) = self.frontier.origin(row.origin).host
        {
            let host = self.frontier.host_mut(host);
            if host.counted >= limit {
                return self.skip_for_limit(id, LimitKind::MaxUrlsPerHost);
            }
            host.counted += 1;
            self.urls[id].flags.set(Flags::HOST_COUNTED);
        }
        self.enqueue(id);
    }

    /// Puts a URL in its origin's queue.
    pub(super) fn enqueue(&mut self, id: UrlId) {
        self.enqueue_at(id, false);
    }

    /// Puts a URL in its origin's queue, before or behind those of its level.
    pub(super) fn enqueue_at(&mut self, id: UrlId, first: bool) {
        self.set_state(id, State::Queued);
        let row = &self.urls[id];
        let level = level(self.priority_of(id), row.depth);
        let place = Queue { level, gated: self.is_gated(id), first };
        self.frontier.push(row.origin, id, place, &self.config);
    }

    /// Whether a URL asks its origin's robots.txt first.
    pub(super) fn is_gated(&self, id: UrlId) -> bool {
        if self.is_sitemap(id) {
            // Asked for by name, by the embedder or by robots.txt itself.
            return false;
        }
        let robots = self.config.robots;
        let row = &self.urls[id];
        let crawl =
            row.flags.has(Flags::CRAWL) || self.is_probe(id) && self.frontier.origin(row.origin).of_seed;
        if crawl { robots.crawl } else { robots.check }
    }

    fn priority_of(&self, id: UrlId) -> i8 {
        let priorities = &self.config.priorities;
        if priorities.is_empty() {
            return 0;
        }
        let identity = String::from(self.url(id));
        let last = priorities.iter().rfind(|(pattern, _)| pattern.matches(&identity));
        last.map_or(0, |(_, priority)| *priority)
    }

    /// How much is needed of a URL: all of what is crawled, else what the ways to it ask for.
    pub(super) fn need_of(&self, id: UrlId) -> Need {
        let row = &self.urls[id];
        if row.flags.has(Flags::CRAWL) || self.is_sitemap(id) {
            return Need::Links;
        }
        // What a document reads like is only seen in its body.
        if self.config.soft_404 { row.need().max(Need::Ids) } else { row.need() }
    }

    /// Asks again, with more, for a URL whose links have come to need more than it was asked for.
    pub(super) fn upgrade_if_needed(&mut self, id: UrlId) {
        let wants_more = self.need_of(id) > self.urls[id].got || self.is_unread_sitemap(id);
        if wants_more && self.stop.is_none() {
            self.statistics.upgraded += 1;
            self.urls[id].attempts = 0;
            self.enqueue(id);
        }
    }

    /// Ordered mode: lets in the next URLs, in order of depth and identity, as far as the limits go. Whether any
    /// came in or were turned away.
    pub(super) fn admit_round(&mut self) -> bool {
        if self.round.is_empty() {
            let Some((depth, mut ids)) = self.generations.pop_first() else { return false };
            ids.retain(|id| {
                let row = &self.urls[*id];
                match row.state {
                    State::Candidate => row.depth == depth,
                    State::Answered => !row.flags.has(Flags::PAGE_COUNTED),
                    _ => false,
                }
            });
            ids.sort_by(|a, b| self.url(*a).cmp(&self.url(*b)).then(a.cmp(b)));
            ids.dedup();
            let room = self
                .config
                .frontier
                .max()
                .map_or(usize::MAX, |max| usize::try_from(max).unwrap_or(usize::MAX));
            let mut queued = 0;
            // What has its answer takes no room.
            ids.retain(|id| {
                let is_candidate = self.urls[*id].state == State::Candidate;
                queued += usize::from(is_candidate);
                let fits = !is_candidate || queued <= room;
                if !fits {
                    self.skip_for_limit(*id, LimitKind::MaxFrontier);
                }
                fits
            });
            self.round = ids.into();
            return true;
        }
        let mut bodies = self.bodies_left();
        while let Some(&id) = self.round.front() {
            if bodies == Some(0) && self.counts.queued > 0 {
                break;
            }
            self.round.pop_front();
            bodies = bodies.map(|left| left.saturating_sub(1));
            self.admit_candidate(id);
        }
        true
    }

    fn admit_candidate(&mut self, id: UrlId) {
        let row = &self.urls[id];
        let is_answered = match row.state {
            State::Candidate => false,
            State::Answered => true,
            _ => return,
        };
        // What became known with another depth stands in the rounds of both.
        let is_uncounted =
            if is_answered { self.is_uncounted_by_its_answer(id) } else { row.flags.is_uncounted_page() };
        if !is_answered && !self.has_room_for_sitemap(id) {
            return;
        }
        if is_uncounted && let Limit::Max(limit) = self.config.pages {
            if self.pages_counted < limit {
                self.count_page(id);
            } else if is_answered {
                return self.reach_limit(LimitKind::MaxPages);
            } else {
                return self.skip_for_limit(id, LimitKind::MaxPages);
            }
        }
        if is_answered {
            self.spread_soon(id);
        } else {
            self.enqueue_counted(id);
        }
    }

    pub(super) fn count_page(&mut self, id: UrlId) {
        self.pages_counted += 1;
        self.urls[id].flags.set(Flags::PAGE_COUNTED);
    }
}
