//! What a crawl must find: a plain breadth-first search over the answers it was given.

use crate::fate::{Fate, Leave, class_of_failure, fates, leaves, origin};
use crate::plan::Plan;
use crawlspace::Need;
use crawlspace::digest::{Digest, End, Link, Role, Target};
use crawlspace::report::Class;
use crawlspace_sim::Entry;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// What is known of a URL: the best over all ways to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Known {
    depth: u32,
    hops: u32,
    /// Named by more than what is only recorded, such as a form's action.
    counts: bool,
    linked: bool,
    /// Listed by a sitemap: enough for what is crawled.
    listed: bool,
    /// To be read as a sitemap, with so many above it.
    level: Option<u32>,
    /// A crawl may go through it: not where all ways say `nofollow`.
    open: bool,
    /// Named with a fragment, so that it must be known which it has.
    needs_ids: bool,
}

/// What the answers say a crawl must have asked for, and must report.
#[derive(Debug, Default)]
pub struct Expected {
    /// URLs that must have been asked for.
    pub asked: BTreeSet<String>,
    /// URLs that may have been: an answer led there that another one has taken the place of since, as when a URL that
    /// redirected could not be had when more of it was needed.
    pub allowed: BTreeSet<String>,
    /// URLs whose turn came, but whose robots.txt said no.
    pub denied: BTreeSet<String>,
    /// URLs that work, whose fragments somebody names and nobody has looked at.
    pub unread: BTreeSet<String>,
    /// Each link target's class.
    pub classes: BTreeMap<String, Class>,
    /// Link targets with a fragment that is not there.
    pub dead: BTreeSet<(String, String)>,
}

/// Works out what must come of a crawl that was given these answers.
#[must_use]
pub fn expected(plan: &Plan, log: &[Entry], id_key: crawlspace::HashKey, seeds: &[Url]) -> Expected {
    let world = World { plan, fates: fates(log), leaves: leaves(log), key: id_key };
    let mut expected = world.judge(&world.search(seeds, false));
    let any = world.search(seeds, true).into_iter();
    let asked = any.filter(|(url, known)| matches!(world.way(url, *known), Way::Asked(_) | Way::Missed));
    expected.allowed = asked.map(|(url, _)| url).collect();
    expected
}

fn improve(known: &mut BTreeMap<String, Known>, url: &str, way: Known) -> bool {
    let Some(old) = known.get_mut(url) else {
        known.insert(url.to_owned(), way);
        return true;
    };
    // A way that does not count leads nowhere, but may be the shortest one known.
    let new = Known {
        depth: old.depth.min(way.depth),
        hops: old.hops.min(way.hops),
        counts: old.counts || way.counts,
        linked: old.linked || way.linked,
        listed: old.listed || way.listed,
        level: [old.level, way.level].into_iter().flatten().min(),
        open: old.open || way.open,
        needs_ids: old.needs_ids || way.needs_ids,
    };
    let better = *old != new;
    *old = new;
    better
}

impl Known {
    /// One that the embedder gives.
    const SEED: Self = Self {
        depth: 0,
        hops: 0,
        counts: true,
        linked: true,
        listed: false,
        level: None,
        open: true,
        needs_ids: false,
    };
}

fn has_fragment(link: &Link<'_>) -> bool {
    link.fragment.is_some_and(|fragment| !fragment.is_empty())
}

/// What a sitemap lists.
fn entries(sitemap: &Digest, level: u32) -> Vec<(String, Known)> {
    let entries = sitemap.links.iter().filter_map(|link| {
        let Target::Url { origin, rest, .. } = link.target else { return None };
        let way = if link.role == Role::Followed {
            Known { counts: false, listed: true, needs_ids: has_fragment(&link), ..Known::SEED }
        } else if level < 3 {
            Known { level: Some(level + 1), ..Known::SEED }
        } else {
            Known { counts: false, open: false, ..Known::SEED }
        };
        Some((format!("{origin}{rest}"), way))
    });
    entries.collect()
}

/// What names others, and is gone through.
fn known_links<'l>(fate: &Fate<'l>, known: Known) -> Option<&'l Digest> {
    fate.sitemap().filter(|_| known.level.is_some()).or_else(|| fate.linking().filter(|_| known.open))
}

struct World<'l> {
    plan: &'l Plan,
    fates: BTreeMap<&'l str, Vec<Fate<'l>>>,
    leaves: BTreeMap<String, Leave<'l>>,
    key: crawlspace::HashKey,
}

enum Way<'a> {
    Asked(&'a Fate<'a>),
    Denied(&'a Leave<'a>),
    /// Allowed to be asked for, but was not: the engine's fault, or a limit's.
    Missed,
    /// Out of reach, too far, or nothing that is fetched.
    LeftAlone,
}

impl World<'_> {
    /// Whether a URL may be asked for, and what came of it.
    fn way(&self, url: &str, known: Known) -> Way<'_> {
        let Ok(parsed) = Url::parse(url) else { return Way::LeftAlone };
        let fetched = matches!(parsed.scheme(), "http" | "https") && parsed.has_host();
        let near =
            self.plan.depth.is_none_or(|depth| known.depth <= depth) && known.hops <= self.plan.redirects;
        if !fetched || !near || !self.counts(&parsed, known) {
            return Way::LeftAlone;
        }
        // A sitemap is asked for by name.
        if known.level.is_none() && (self.plan.crawls(&parsed) || self.plan.robots_check) {
            match self.leaves.get(&origin(&parsed)) {
                Some(leave) if !leave.allows(&parsed[url::Position::BeforePath..]) => {
                    return Way::Denied(leave);
                }
                Some(_) => {}
                None => return Way::Missed,
            }
        }
        self.fates.get(url).and_then(|fates| fates.last()).map_or(Way::Missed, Way::Asked)
    }

    /// Whether it is one to be asked for, were it near enough.
    fn counts(&self, url: &Url, known: Known) -> bool {
        known.counts || known.listed && self.plan.crawls(url)
    }

    /// The sitemaps that an origin's robots.txt names, if anything of it is crawled.
    fn declared_with(&self, url: &str, known: Known) -> Vec<(String, Known)> {
        let parsed = Url::parse(url).ok().filter(|url| self.plan.declared && self.plan.crawls(url));
        let Some(parsed) = parsed.filter(|url| self.counts(url, known)) else { return Vec::new() };
        let Some(Leave::Rules(Some(file))) = self.leaves.get(&origin(&parsed)) else { return Vec::new() };
        let urls = file.sitemaps.iter().filter_map(|text| parsed.join("/robots.txt").ok()?.join(text).ok());
        let way = Known { level: Some(0), ..Known::SEED };
        urls.map(|url| (crawlspace::Identity::of(&url).as_str().to_owned(), way)).collect()
    }

    /// All URLs that the seeds lead to: by the answers that count, or by any.
    fn search(&self, seeds: &[Url], any: bool) -> BTreeMap<String, Known> {
        let mut known = BTreeMap::new();
        let mut queue = Vec::new();
        let maps = self.plan.sitemap.iter().map(|url| (url, Known { level: Some(0), ..Known::SEED }));
        for (seed, way) in seeds.iter().map(|url| (url, Known::SEED)).chain(maps) {
            let url = crawlspace::Identity::of(seed).as_str().to_owned();
            if improve(&mut known, &url, way) {
                queue.push(url);
            }
        }
        // Ways only get shorter, so there is an end.
        while let Some(url) = queue.pop() {
            let declared = self.declared_with(&url, known[&url]);
            for (target, way) in declared.into_iter().chain(self.ways_from(&url, known[&url], any)) {
                if improve(&mut known, &target, way) {
                    queue.push(target);
                }
            }
        }
        known
    }

    /// Where an answer leads: the one that counts, or any.
    fn ways_from(&self, url: &str, known: Known, any: bool) -> Vec<(String, Known)> {
        let Way::Asked(fate) = self.way(url, known) else { return Vec::new() };
        if any {
            let fates = self.fates.get(url).into_iter().flatten();
            return fates.flat_map(|fate| self.ways_of(url, known, fate)).collect();
        }
        self.ways_of(url, known, fate)
    }

    fn ways_of(&self, url: &str, known: Known, fate: &Fate<'_>) -> Vec<(String, Known)> {
        if let Some((to, fragment)) = fate.redirect() {
            let needs_ids = known.needs_ids || fragment.is_some();
            let (counts, hops) = (true, known.hops + 1);
            let way = Known { counts, hops, linked: false, listed: false, needs_ids, ..known };
            return vec![(to.to_owned(), way)];
        }
        if let Some(sitemap) = fate.sitemap() {
            return known.level.map_or_else(Vec::new, |level| entries(sitemap, level));
        }
        let Some(document) = fate.linking().filter(|_| known.open && self.crawls(url)) else {
            return Vec::new();
        };
        let links = document.links.iter().filter_map(|link| {
            let Target::Url { origin, rest, .. } = link.target else { return None };
            let counts = link.role != Role::Recorded;
            let open = counts && !link.nofollow && !document.directives.nofollow;
            let needs_ids = has_fragment(&link) && counts;
            let way = Known { depth: known.depth + 1, counts, open, needs_ids, ..Known::SEED };
            Some((format!("{origin}{rest}"), way))
        });
        links.collect()
    }

    fn crawls(&self, url: &str) -> bool {
        Url::parse(url).is_ok_and(|url| self.plan.crawls(&url))
    }

    fn judge(&self, known: &BTreeMap<String, Known>) -> Expected {
        let mut expected = Expected::default();
        for (url, way) in known {
            match self.way(url, *way) {
                Way::Asked(fate) => {
                    expected.asked.insert(url.clone());
                    if fate.works() && way.needs_ids && fate.need == Need::Status {
                        expected.unread.insert(url.clone());
                    }
                }
                Way::Missed => {
                    expected.asked.insert(url.clone());
                }
                Way::Denied(_) => {
                    expected.denied.insert(url.clone());
                }
                Way::LeftAlone => {}
            }
            if way.linked {
                expected.classes.insert(url.clone(), self.class(url, known));
            }
        }
        for (url, way) in known {
            let Way::Asked(fate) = self.way(url, *way) else { continue };
            let read = known_links(fate, *way).filter(|_| fate.sitemap().is_some() || self.crawls(url));
            let Some(document) = read else { continue };
            for link in document.links.iter().filter(|link| link.role != Role::Recorded) {
                let (Target::Url { origin, rest, .. }, Some(fragment)) = (link.target, link.fragment) else {
                    continue;
                };
                let target = format!("{origin}{rest}");
                if self.is_dead(&target, fragment, known) {
                    expected.dead.insert((target, fragment.to_owned()));
                }
            }
        }
        expected
    }

    /// What came of a URL. One that is left alone by the answers that count may have been asked for by one that another
    /// has taken the place of since, as when a URL that redirected could not be had when more of it was needed.
    fn answer(&self, url: &str, known: &BTreeMap<String, Known>) -> Option<&Fate<'_>> {
        match known.get(url).map(|way| self.way(url, *way)) {
            Some(Way::Asked(fate)) => Some(fate),
            Some(Way::LeftAlone) | None => self.fates.get(url)?.last(),
            Some(Way::Denied(_) | Way::Missed) => None,
        }
    }

    /// The redirects from a URL to where they end; `None` if they do not, with what is wrong.
    fn walk<'u>(
        &'u self,
        url: &'u str,
        known: &BTreeMap<String, Known>,
    ) -> Result<(&'u str, usize, Option<&'u str>), Class> {
        let (mut at, mut hops, mut fragment) = (url, Vec::new(), None);
        loop {
            let Some((to, with)) = self.answer(at, known).and_then(Fate::redirect) else {
                return Ok((at, hops.len(), fragment));
            };
            if hops.contains(&at) {
                return Err(Class::RedirectLoop);
            }
            if hops.len() >= self.plan.redirects as usize {
                return Err(Class::TooManyRedirects);
            }
            hops.push(at);
            fragment = with.or(fragment);
            at = to;
        }
    }

    fn class(&self, url: &str, known: &BTreeMap<String, Known>) -> Class {
        let (end, hops, _) = match self.walk(url, known) {
            Ok(walk) => walk,
            Err(class) => return class,
        };
        if let Some(fate) = self.answer(end, known) {
            return match fate.class() {
                Class::Ok if hops > 0 => Class::Redirected,
                class => class,
            };
        }
        match known.get(end).map(|way| self.way(end, *way)) {
            Some(Way::Denied(Leave::Unreachable(failure))) => {
                failure.map_or(Class::Timeout, class_of_failure)
            }
            Some(Way::LeftAlone) if hops > 0 && !end.starts_with("http") => Class::InvalidUrl,
            _ => Class::Skipped,
        }
    }

    fn is_dead(&self, target: &str, fragment: &str, known: &BTreeMap<String, Known>) -> bool {
        let Ok((end, _, given)) = self.walk(target, known) else { return false };
        let fragment = given.unwrap_or(fragment);
        let Some(fate) = self.answer(end, known) else { return false };
        // What is beyond the cap may hold it.
        let read_whole = |document: &&Digest| document.end != End::TooLarge;
        let Some(document) = fate.document().filter(read_whole) else { return false };
        let special = fragment.is_empty() || fragment.eq_ignore_ascii_case("top");
        !special && !document.ids.contains(&self.key.hash(fragment.as_bytes()))
    }
}
