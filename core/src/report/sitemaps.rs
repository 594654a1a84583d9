//! What sitemaps tell beside their links.

use super::Report;
use super::finding::UrlText;
use crate::digest::{Place, Role};
use crate::engine::{Answer, Engine, UrlId};

impl<'a> Report<'a> {
    /// Pages that a sitemap lists, that are in scope and work, and that nobody comes to by links from the seeds, in
    /// order. A crawl that stopped at a limit may not have seen the links to some of them.
    pub fn orphans(&self) -> impl Iterator<Item = UrlText<'a>> + use<'a> {
        let engine = self.engine;
        let reached = self.reached();
        let mut listed: Vec<UrlId> = self
            .pages
            .iter()
            .flat_map(|&page| engine.pages()[page].edges())
            .filter(|edge| edge.place == Place::SITEMAP_LOC && edge.role == Role::Followed)
            .map(|edge| edge.target)
            .collect();
        listed.sort_unstable();
        listed.dedup();
        let works = |id: UrlId| matches!(engine.answer(id), Answer::Status { accepted: true, .. });
        listed.retain(|id| engine.is_in_scope(*id) && works(*id) && !reached[id.0 as usize]);
        let mut orphans: Vec<UrlText<'a>> = listed.into_iter().map(|id| engine.url(id)).collect();
        orphans.sort_unstable();
        orphans.into_iter()
    }

    /// URLs that were to be read as sitemaps, and answered with something else, in order.
    pub fn no_sitemaps(&self) -> impl Iterator<Item = UrlText<'a>> + use<'a> {
        let engine: &'a Engine = self.engine;
        let mut others: Vec<_> =
            engine.sitemaps().filter(|(_, is_other)| *is_other).map(|(id, _)| engine.url(id)).collect();
        others.sort_unstable();
        others.into_iter()
    }

    /// Which URLs links and redirects lead to, beginning from the seeds.
    fn reached(&self) -> Vec<bool> {
        let engine = self.engine;
        let mut page_of = vec![None; engine.url_count()];
        for &page in &self.pages {
            page_of[engine.pages()[page].url.0 as usize] = Some(page);
        }
        let mut reached = vec![false; engine.url_count()];
        let mut next: Vec<UrlId> = engine.url_ids().filter(|id| engine.is_seed(*id)).collect();
        next.iter().for_each(|id| reached[id.0 as usize] = true);
        while let Some(id) = next.pop() {
            let mut reach = |target: UrlId| {
                if !core::mem::replace(&mut reached[target.0 as usize], true) {
                    next.push(target);
                }
            };
            if let Answer::Redirect { to, .. } = engine.answer(id) {
                reach(to);
            }
            let Some(page) = page_of[id.0 as usize] else { continue };
            engine.pages()[page]
                .edges()
                .filter(|edge| edge.role == Role::Followed && edge.place != Place::SITEMAP_LOC)
                .for_each(|edge| reach(edge.target));
        }
        reached
    }
}
