//! How URLs come in: what is done about a link, a seed or a redirect, and what follows when more becomes known of a
//! URL than when it was first seen.
//!
//! Depth, redirects in a row, need and role of a URL are the best over all ways that lead to it, whichever came
//! first. When one of them improves, it is passed on along the URL's own links ([`Engine::spread`]), and a URL that
//! was held back or asked for with less may come in after all. That is what makes the set of fetched URLs the same
//! in every order of answers.

use super::Engine;
use super::frontier::{OriginId, Queue, level};
use super::output::{LimitKind, UrlId};
use super::urls::{Flags, Row, State};
use crate::config::scope::{About, Verdict};
use crate::config::{Decision, Order};
use crate::digest::Role;
use crate::fetch::Need;
use crate::identity::Identity;
use crate::limit::Limit;
use crate::report::Skip;
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

    /// An origin joins those that a crawl of the seeds' origins reaches; URLs that are known of it are decided anew.
    pub(super) fn widen_reach(&mut self, origin: OriginId) {
        let row = self.frontier.origin_mut(origin);
        if core::mem::replace(&mut row.of_seed, true) || row.urls == 0 {
            return;
        }
        let known: Vec<UrlId> = self
            .urls
            .ids()
            .filter(|id| self.urls[*id].origin == origin && self.urls[*id].state != State::Named)
            .collect();
        for id in known {
            self.decide_again(id);
        }
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

    /// Has what is now known of a URL passed on along its links.
    pub(super) fn spread_soon(&mut self, id: UrlId) {
        let flags = &mut self.urls[id].flags;
        if !flags.has(Flags::SPREADING) {
            flags.set(Flags::SPREADING);
            self.spreading.push_back(id);
        }
    }

    /// Passes on what is known of a URL to where it redirects or links.
    pub(super) fn spread(&mut self, id: UrlId) {
        self.urls[id].flags.clear(Flags::SPREADING);
        let row = &self.urls[id];
        let (depth, hops) = (row.depth, row.hops);
        match row.state {
            State::Redirected => {
                let role = if row.flags.has(Flags::FOLLOWED) { Role::Followed } else { Role::Resource };
                let redirect = self.redirects[row.detail];
                let need = if redirect.fragment.is_some() { Need::Ids } else { row.need() };
                let open = row.flags.has(Flags::OPEN);
                let hops = hops.saturating_add(1);
                let way = Way { depth, hops, role, need, linked: false, listed: false, open };
                self.discover(redirect.to, way);
                self.pass_on_listing(id, redirect.to);
            }
            State::Answered if self.holds_entries(id) => self.spread_entries(id),
            State::Answered if row.page != Row::NO_PAGE => {
                let page = row.page;
                if !self.may_spread_links(id) {
                    return;
                }
                // Without a depth limit, a lesser depth changes nothing that is fetched.
                let settled = match (self.pages[page].spread_at, self.config.depth) {
                    (Some(_), Limit::None) => true,
                    (Some(at), Limit::Max(_)) => at <= depth,
                    (None, _) => false,
                };
                if settled {
                    return;
                }
                self.pages[page].spread_at = Some(depth);
                let is_open = self.opens(page);
                let document = self.pages[page].take();
                for edge in document.edges() {
                    let open = is_open(edge.nofollow);
                    self.discover(edge.target, Way::of_link(depth, edge.role, edge.fragment.is_some(), open));
                }
                self.pages[page] = document;
            }
            _ => {}
        }
    }

    /// Which of a document's links a crawl may go through, by whether they say `nofollow`.
    pub(super) fn opens(&self, page: u32) -> impl Fn(bool) -> bool + use<> {
        let obeys = self.config.robots.crawl;
        let closed = obeys && self.pages[page].directives.nofollow;
        move |nofollow| !(closed || obeys && nofollow)
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

    /// Whether a document's links count: it is crawled, open to be crawled through, and within the page limit.
    pub(super) fn may_spread_links(&mut self, id: UrlId) -> bool {
        let flags = self.urls[id].flags;
        if !flags.has(Flags::CRAWL) || !flags.has(Flags::OPEN) {
            return false;
        }
        let Limit::Max(limit) = self.config.pages else { return true };
        // A resource that names others is no page.
        let page = self.urls[id].page;
        let is_page = page != Row::NO_PAGE && self.pages[page].media.has_ids();
        if flags.has(Flags::PAGE_COUNTED) || !is_page {
            return true;
        }
        // Fetched as a resource, which may be had beyond the limit, and a page by its answer.
        if self.config.order == Order::Ordered {
            let depth = self.urls[id].depth;
            self.generations.entry(depth).or_default().push(id);
            return false;
        }
        if self.pages_counted >= limit {
            self.reach_limit(LimitKind::MaxPages);
            return false;
        }
        self.count_page(id);
        true
    }

    pub(super) fn count_page(&mut self, id: UrlId) {
        self.pages_counted += 1;
        self.urls[id].flags.set(Flags::PAGE_COUNTED);
    }

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
        self.config.scope.decide(&self.url(id).to_string(), &about)
    }

    /// Decides again on a URL whose origin or role counts for more than before.
    fn decide_again(&mut self, id: UrlId) {
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
            self.mark_crawled(id);
            match self.urls[id].state {
                State::Held => self.admit(id),
                State::Answered | State::Redirected | State::Failed => {
                    self.upgrade_if_needed(id);
                    self.spread_soon(id);
                }
                _ => {}
            }
        }
    }

    fn mark_crawled(&mut self, id: UrlId) {
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

    pub(super) fn leave_out(&mut self, id: UrlId, why: Skip) {
        self.set_skip(id, State::OutOfScope, why);
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

    fn priority_of(&self, id: UrlId) -> i8 {
        let priorities = &self.config.priorities;
        if priorities.is_empty() {
            return 0;
        }
        let identity = self.url(id).to_string();
        let last = priorities.iter().rfind(|(pattern, _)| pattern.matches(&identity));
        last.map_or(0, |(_, priority)| *priority)
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
        let is_uncounted = if is_answered {
            // A page by its answer, whatever names it.
            !row.flags.has(Flags::PAGE_COUNTED)
        } else {
            row.flags.is_uncounted_page()
        };
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
