//! Which URLs are read as sitemaps, and what comes of the pages that they list.
//!
//! A sitemap is a URL like any other, with a row and an answer of its own, that is asked for as a sitemap too. What it
//! lists is as near as a seed. What it lists out of scope is named in the report and not asked for: nobody clicks on
//! a sitemap. As everywhere, what is known of a URL is the best over all ways to it, whichever came first.

use super::Engine;
use super::Input;
use super::discover::Way;
use super::frontier::{Gate, OriginId};
use super::output::{LimitKind, UrlId};
use super::urls::{Facts, Row, State};
use crate::config::Decision;
use crate::config::scope::Verdict;
use crate::digest::Role;
use crate::fetch;
use crate::identity::Identity;
use crate::limit::Limit;
use crate::reference::join;
use crate::report::Skip;
use crate::sitemap::MAX_BYTES;
use url::Url;

/// Indexes that may be above a sitemap. The protocol has one at most; sites have more.
pub(super) const MAX_LEVEL: u8 = 3;

/// A URL that is to be read as a sitemap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Listing {
    /// Given by the embedder, or where such a one redirects: asked for whatever the scope says.
    pub(super) given: bool,
    /// Indexes above it; the least over all ways.
    pub(super) level: u8,
    /// Counted against the limit.
    pub(super) counted: bool,
    pub(super) reading: Reading,
    /// The level that its entries were last looked at with.
    pub(super) spread_at: Option<u8>,
}

/// What its answer was, as a sitemap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// There is none yet that it could be read from.
    Not,
    /// Something else.
    Other,
    /// A sitemap, whose entries are the links of its document.
    Entries,
}

/// What a way told of a sitemap.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum News {
    Nothing,
    /// It is nearer than was known.
    Nearer,
    /// It is one, or it is given.
    More,
}

impl Engine {
    /// A sitemap that the embedder gives.
    pub(super) fn give_sitemap(&mut self, url: &Url) {
        self.find_sitemap(url, true);
    }

    /// Reads the sitemaps that an origin's robots.txt names, now that both are known: the rules, and that the origin
    /// is crawled. They may be anywhere (sitemaps.org, "Sitemaps & Cross Submits").
    pub(super) fn find_declared(&mut self, origin: OriginId) {
        let row = self.frontier.origin(origin);
        let Gate::Open(rules) = &row.gate else { return };
        let Ok(base) = Url::parse(&format!("{}/robots.txt", row.text)) else { return };
        let urls: Vec<Url> = rules.sitemaps.iter().filter_map(|text| join(&base, text).ok()).collect();
        for url in urls {
            self.find_sitemap(&url, false);
        }
    }

    /// Has an origin's declared sitemaps read, if it is crawled and its rules are known.
    pub(super) fn declare_sitemaps(&mut self, origin: OriginId) {
        let row = self.frontier.origin(origin);
        if row.crawled && matches!(row.gate, Gate::Open(_)) && self.config.declared_sitemaps {
            self.inputs.push_back(Input::Declared(origin));
        }
    }

    fn find_sitemap(&mut self, url: &Url, given: bool) {
        let identity = Identity::of(url);
        let origin = self.frontier.intern(identity.origin(), &self.config);
        let id = origin.and_then(|origin| self.urls.intern(origin, identity.rest()));
        match id {
            Some((id, _)) => self.add_listing(id, 0, given),
            None => self.count_lost(),
        }
    }

    fn add_listing(&mut self, id: UrlId, level: u8, given: bool) {
        let news = self.register(id, level, given);
        self.discover(id, Way::TO_SITEMAP);
        self.revive(id, news);
    }

    fn register(&mut self, id: UrlId, level: u8, given: bool) -> News {
        let mut news = News::Nothing;
        let listing = self.sitemaps.entry(id).or_insert_with(|| {
            news = News::More;
            Listing { given, level, counted: false, reading: Reading::Not, spread_at: None }
        });
        if level < listing.level {
            listing.level = level;
            news = News::Nearer;
        }
        if given && !listing.given {
            listing.given = true;
            news = News::More;
        }
        news
    }

    /// Decides again on a URL that has turned out to be a sitemap, or one nearer than was known.
    fn revive(&mut self, id: UrlId, news: News) {
        if news == News::Nothing {
            return;
        }
        match self.urls[id].state {
            State::OutOfScope if news == News::More => self.decide(id, Role::Resource),
            // As if it had been known before its turn came; what a limit has turned away stays away.
            State::Skipped if matches!(self.skip_of(id), Some(Skip::Robots { .. })) => self.enqueue(id),
            State::Held if news == News::More => self.admit(id),
            State::Answered | State::Redirected | State::Failed => {
                self.upgrade_if_needed(id);
                self.spread_soon(id);
            }
            _ => {}
        }
    }

    /// What is to become of a sitemap that is seen for the first time as such.
    pub(super) fn decide_sitemap(&mut self, id: UrlId, given: bool) {
        match self.ask_scope(id) {
            Verdict::Take(decision) => self.take_in(id, decision == Decision::Crawl),
            // Patterns to include are about pages.
            Verdict::NotIncluded => self.take_in(id, false),
            _ if given => self.take_in(id, false),
            Verdict::External => self.leave_out(id, Skip::External),
            Verdict::Excluded { rule } => {
                let rule = u32::try_from(rule).unwrap_or(u32::MAX);
                self.leave_out(id, Skip::Excluded { rule });
            }
        }
    }

    /// An entry of a sitemap at this level.
    pub(super) fn list(&mut self, target: UrlId, role: Role, has_fragment: bool, level: u8) {
        if role == Role::Followed {
            self.discover(target, Way::of_entry(has_fragment));
        } else if level < MAX_LEVEL {
            self.add_listing(target, level + 1, false);
        } else {
            self.discover(target, Way::NOWHERE);
        }
    }

    /// Keeps in mind which URLs only sitemaps list: such a one is asked for only if it is to be crawled.
    pub(super) fn note_listed(&mut self, id: UrlId, way: Way) {
        if way.listed {
            let is_new = self.urls[id].state == State::Named || self.skip_of(id) == Some(Skip::Recorded);
            if is_new && self.ask_scope(id) != Verdict::Take(Decision::Crawl) {
                self.listed.insert(id);
            }
        } else if way.role != Role::Recorded && !self.listed.is_empty() {
            self.listed.remove(&id);
        }
    }

    /// A sitemap has led on by a redirect to this URL, which is known by now.
    pub(super) fn pass_on_listing(&mut self, from: UrlId, to: UrlId) {
        if let Some(listing) = self.sitemaps.get(&from).copied() {
            let news = self.register(to, listing.level, listing.given);
            self.revive(to, news);
        }
    }

    /// Looks at a sitemap's entries again, where it has come nearer.
    pub(super) fn spread_entries(&mut self, id: UrlId) {
        let page = self.urls[id].page;
        let Some(level) = self.begin_listing(id).filter(|_| page != Row::NO_PAGE) else { return };
        let document = self.pages[page].take();
        for edge in document.edges() {
            self.list(edge.target, edge.role, edge.fragment.is_some(), level);
        }
        self.pages[page] = document;
    }

    /// The level to look at a sitemap's entries with, unless that was done.
    pub(super) fn begin_listing(&mut self, id: UrlId) -> Option<u8> {
        let listing = self.sitemaps.get_mut(&id)?;
        let level = listing.level;
        if listing.spread_at.is_some_and(|at| at <= level) {
            return None;
        }
        listing.spread_at = Some(level);
        Some(level)
    }

    pub(super) fn is_sitemap(&self, id: UrlId) -> bool {
        !self.sitemaps.is_empty() && self.sitemaps.contains_key(&id)
    }

    pub(super) fn holds_entries(&self, id: UrlId) -> bool {
        self.sitemaps.get(&id).is_some_and(|listing| listing.reading == Reading::Entries)
    }

    /// Whether a sitemap has an answer that was asked for as something else.
    pub(super) fn is_unread_sitemap(&self, id: UrlId) -> bool {
        let unread = || self.sitemaps.get(&id).is_some_and(|listing| listing.reading == Reading::Not);
        let row = &self.urls[id];
        !self.sitemaps.is_empty()
            && row.state == State::Answered
            && self.accepts(row.status, row.detail & Facts::CHALLENGE != 0)
            && unread()
    }

    /// Whether the limit leaves room for a sitemap; takes that room.
    pub(super) fn has_room_for_sitemap(&mut self, id: UrlId) -> bool {
        if self.sitemaps.is_empty() {
            return true;
        }
        let Some(listing) = self.sitemaps.get_mut(&id).filter(|listing| !listing.counted) else {
            return true;
        };
        if let Limit::Max(limit) = self.config.max_sitemaps
            && self.sitemaps_counted >= limit
        {
            self.skip_for_limit(id, LimitKind::MaxSitemaps);
            return false;
        }
        listing.counted = true;
        self.sitemaps_counted += 1;
        true
    }

    /// How many bytes of a body are read. A sitemap may be as large as the protocol has it, but for a limit on all
    /// bytes, of which no fetch takes more than another.
    pub(super) fn body_cap(&self, kind: fetch::Kind) -> u64 {
        match (kind, self.config.bytes) {
            (fetch::Kind::Sitemap, Limit::None) => self.config.body_cap.max(MAX_BYTES),
            _ => self.config.body_cap,
        }
    }

    /// How many bytes of a URL's body are read.
    pub(crate) fn body_cap_of(&self, id: UrlId) -> u64 {
        self.body_cap(if self.is_sitemap(id) { fetch::Kind::Sitemap } else { fetch::Kind::Page })
    }

    /// The sitemaps, and whether they turned out to be something else.
    pub(crate) fn sitemaps(&self) -> impl Iterator<Item = (UrlId, bool)> + '_ {
        self.sitemaps.iter().map(|(id, listing)| (*id, listing.reading == Reading::Other))
    }
}
