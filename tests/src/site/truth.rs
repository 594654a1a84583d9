//! What a complete and correct check must find.

use super::plan::{PRIVATE, Target, has_accent, image, sections};
use super::{Site, Standing};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Pages, by path and query.
pub type Pages = BTreeSet<String>;

/// All there is to find. URLs are paths with their queries, spelled as identities.
///
/// A page that is linked with a query too is two pages to a crawler: its links are found on both.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth {
    /// Every URL that has to be asked for, with the status of its own answer; robots.txt is not among them.
    pub urls: BTreeMap<String, u16>,
    /// Those that are pages.
    pub pages: Pages,
    /// Link targets that end in an error, themselves or by redirects.
    pub broken: BTreeMap<String, Broken>,
    /// Link targets that redirect, and end well.
    pub redirected: BTreeMap<String, Redirected>,
    /// Link targets whose redirects go in circles, with the pages that link there.
    pub loops: BTreeMap<String, Pages>,
    /// Link target and fragment, where the page that is reached in the end has no such place.
    pub dead_fragments: BTreeMap<(String, String), Pages>,
    /// Links that are no URLs, as they are written.
    pub invalid: BTreeMap<String, Pages>,
    /// Link targets that robots.txt keeps from being asked for.
    pub disallowed: BTreeMap<String, Pages>,
    /// Occurrences of links with the site's scheme on all pages, broken and disallowed ones included.
    pub links: usize,
}

/// A link target that ends in an error.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Broken {
    /// The status at the end.
    pub status: u16,
    /// Where redirects lead, one after another; empty if there are none.
    pub hops: Vec<String>,
    /// The pages that link there.
    pub pages: Pages,
    /// How they do: `a[href]`, `img[srcset]`.
    pub places: BTreeSet<&'static str>,
}

/// A link target that redirects.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Redirected {
    /// The status of the first redirect.
    pub status: u16,
    /// Where it leads, one after another.
    pub hops: Vec<String>,
    /// The pages that link there.
    pub pages: Pages,
}

/// Where a URL leads.
struct Way {
    /// The status of its own answer.
    status: u16,
    hops: Vec<String>,
    end: End,
}

enum End {
    Page(usize),
    Asset,
    Error(u16),
    Loop,
}

/// Crawls the plans.
pub(super) fn gather(site: &Site) -> Truth {
    let mut gatherer = Gatherer { site, truth: Truth::default(), ways: HashMap::new(), waiting: Vec::new() };
    gatherer.visit("/");
    while let Some((url, number)) = gatherer.waiting.pop() {
        for link in site.plan(number).links() {
            match &link.target {
                Target::Own => gatherer.link(&url, &url, link.fragment.as_deref(), link.place),
                Target::Path(path) => gatherer.link(&url, path, link.fragment.as_deref(), link.place),
                Target::Invalid => add(&mut gatherer.truth.invalid, link.written.clone(), &url),
            }
        }
    }
    if site.shape().css_links {
        let sheet = "/assets/css/main.css";
        gatherer.link(sheet, "/assets/css/print.css", None, "css[@import]");
        gatherer.link(sheet, &image(0, false), None, "css[url()]");
        gatherer.link(sheet, "/assets/img/css-missing.png", None, "css[url()]");
    }
    gatherer.truth
}

struct Gatherer<'a> {
    site: &'a Site,
    truth: Truth,
    ways: HashMap<String, Way>,
    /// Pages whose links are still to be looked at.
    waiting: Vec<(String, usize)>,
}

impl Gatherer<'_> {
    fn link(&mut self, page: &str, target: &str, fragment: Option<&str>, place: &'static str) {
        self.truth.links += 1;
        if target.starts_with(PRIVATE) {
            add(&mut self.truth.disallowed, target.to_owned(), page);
            return;
        }
        self.visit(target);
        let Some(way) = self.ways.get(target) else { return };
        let truth = &mut self.truth;
        match way.end {
            End::Error(status) => {
                let broken = truth.broken.entry(target.to_owned()).or_default();
                broken.status = status;
                broken.hops.clone_from(&way.hops);
                broken.pages.insert(page.to_owned());
                broken.places.insert(place);
                return;
            }
            End::Loop => return add(&mut truth.loops, target.to_owned(), page),
            End::Page(_) | End::Asset => {}
        }
        if !way.hops.is_empty() {
            let redirected = truth.redirected.entry(target.to_owned()).or_default();
            redirected.status = way.status;
            redirected.hops.clone_from(&way.hops);
            redirected.pages.insert(page.to_owned());
        }
        if let (Some(fragment), End::Page(number)) = (fragment, &way.end)
            && !has_fragment(self.site, *number, fragment)
        {
            add(&mut truth.dead_fragments, (target.to_owned(), fragment.to_owned()), page);
        }
    }

    /// Walks from a URL to where it ends, and notes all that is met on the way.
    fn visit(&mut self, url: &str) {
        if self.ways.contains_key(url) {
            return;
        }
        let mut way = Way { status: 0, hops: Vec::new(), end: End::Loop };
        let mut at = url.to_owned();
        loop {
            let (status, end, next) = match self.site.standing(&at) {
                Standing::Page(number) => (200, Some(End::Page(number)), None),
                Standing::Asset(_) => (200, Some(End::Asset), None),
                Standing::Error(status) => (status, Some(End::Error(status)), None),
                Standing::Moved(status, to) => (status, None, Some(to)),
            };
            if way.status == 0 {
                way.status = status;
            }
            self.truth.urls.insert(at.clone(), status);
            if let Some(End::Page(number)) = end
                && self.truth.pages.insert(at.clone())
            {
                self.waiting.push((at.clone(), number));
            }
            if let Some(end) = end {
                way.end = end;
                break;
            }
            let Some(next) = next.filter(|next| next != url && !way.hops.contains(next)) else { break };
            way.hops.push(next.clone());
            at = next;
        }
        self.ways.insert(url.to_owned(), way);
    }
}

fn add<K: Ord>(to: &mut BTreeMap<K, Pages>, key: K, page: &str) {
    to.entry(key).or_default().insert(page.to_owned());
}

fn has_fragment(site: &Site, number: usize, fragment: &str) -> bool {
    match fragment {
        "" | "top" | "content" | "start" | "old-style" => true,
        "caf%C3%A9" => has_accent(number),
        _ => fragment
            .strip_prefix("sec-")
            .and_then(|section| section.parse().ok())
            .is_some_and(|section: usize| (1..=sections(site.shape().seed, number)).contains(&section)),
    }
}
