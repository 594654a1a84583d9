//! What is known of a URL is passed on to where it redirects or links, and again when more becomes known.

use super::Engine;
use super::discover::Way;
use super::output::{LimitKind, UrlId};
use super::urls::{Flags, Row, State};
use crate::config::Order;
use crate::digest::Role;
use crate::fetch::Need;
use crate::limit::Limit;

impl Engine {
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

    /// Whether a document's links count: it is crawled, open to be crawled through, and within the page limit.
    pub(super) fn may_spread_links(&mut self, id: UrlId) -> bool {
        let flags = self.urls[id].flags;
        if !flags.has(Flags::CRAWL) || !flags.has(Flags::OPEN) {
            return false;
        }
        let Limit::Max(limit) = self.config.pages else { return true };
        if !self.is_uncounted_by_its_answer(id) {
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

    /// Whether an answer is a page to crawl through that is not yet counted. A resource that names others is no page.
    pub(super) fn is_uncounted_by_its_answer(&self, id: UrlId) -> bool {
        let row = &self.urls[id];
        let is_page = row.page != Row::NO_PAGE && self.pages[row.page].media.has_ids();
        is_page
            && row.flags.has(Flags::CRAWL)
            && row.flags.has(Flags::OPEN)
            && !row.flags.has(Flags::PAGE_COUNTED)
    }

    /// Which of a document's links a crawl may go through, by whether they say `nofollow`.
    pub(super) fn opens(&self, page: u32) -> impl Fn(bool) -> bool + use<> {
        let obeys = self.config.robots.crawl;
        let closed = obeys && self.pages[page].directives.nofollow;
        move |nofollow| !(closed || obeys && nofollow)
    }
}
