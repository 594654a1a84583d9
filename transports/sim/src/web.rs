//! Hosts, pages, robots rules: what there is to crawl.

use crate::answer::{Mode, Server};
use crate::network::Network;
use crate::page::{Body, Element, Page};
use crate::shape::{Generated, Shape};
use core::fmt;
use crawlspace::{Identity, Outcome, Request, Spec};
use std::collections::BTreeMap;
use std::sync::Arc;
use url::Url;

/// A part of a web that makes its pages when they are asked for, so that their number costs no memory.
pub trait Site: Send + Sync {
    /// Writes what a URL answers into `page`, which is [empty](Page::clear); false if there is no such page.
    fn answer(&self, url: &Url, page: &mut Page) -> bool;
}

/// A web. What is not in it answers `404 Not Found`.
///
/// ```
/// use crawlspace_sim::{Shape, Web};
///
/// // By hand,
/// let web = Web::new()
///     .page("https://a.example/", |page| page.link("/b").link("https://c.example/"))
///     .redirect("https://a.example/b", 301, "/c")
///     .robots("https://a.example", "User-agent: *\nDisallow: /private\n");
/// // or of a shape and a size, from a seed.
/// let trap = Web::generate(Shape::Calendar, 1_000_000_000, 42);
/// ```
#[derive(Clone, Default)]
pub struct Web {
    pages: BTreeMap<String, Page>,
    sites: Vec<Arc<dyn Site>>,
    answers: Option<Answers>,
    seeds: Vec<Url>,
}

/// Outcomes that are had elsewhere.
pub(crate) type Answers = Arc<dyn Fn(&Request) -> Outcome + Send + Sync>;

impl Web {
    /// No page at all.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A web of so many pages and this shape. The same arguments give the same web.
    #[must_use]
    pub fn generate(shape: Shape, pages: u64, seed: u64) -> Self {
        let generated = Generated::new(shape, pages, seed);
        let seeds = vec![generated.seed()];
        Self { sites: vec![Arc::new(generated)], seeds, ..Self::default() }
    }

    /// Adds a page, or replaces one.
    ///
    /// # Panics
    ///
    /// If `url` is not one: a test that asks for that is wrong.
    #[must_use]
    pub fn page(mut self, url: &str, make: impl FnOnce(Page) -> Page) -> Self {
        let url = parse(url);
        self.pages.insert(Identity::of(&url).as_str().to_owned(), make(Page::new()));
        if self.seeds.is_empty() {
            self.seeds.push(url);
        }
        self
    }

    /// Adds a redirect.
    ///
    /// # Panics
    ///
    /// As [`Web::page`].
    #[must_use]
    pub fn redirect(self, url: &str, status: u16, location: &str) -> Self {
        self.page(url, |page| page.redirect(status, location))
    }

    /// Gives an origin (`https://a.example`) a robots.txt.
    ///
    /// # Panics
    ///
    /// As [`Web::page`].
    #[must_use]
    pub fn robots(mut self, origin: &str, text: &str) -> Self {
        let page = Page { body: Body::Robots(text.to_owned()), ..Page::new() };
        let mut url = parse(origin);
        url.set_path("/robots.txt");
        self.pages.insert(url.into(), page);
        self
    }

    /// Adds a sitemap that names these URLs.
    ///
    /// # Panics
    ///
    /// As [`Web::page`].
    #[must_use]
    pub fn sitemap<'a>(mut self, url: &str, urls: impl IntoIterator<Item = &'a str>) -> Self {
        let page = Page { body: Body::Sitemap, ..Page::new() };
        let page = urls.into_iter().fold(page, |page, url| page.reference(Element::Loc, url));
        self.pages.insert(Identity::of(&parse(url)).as_str().to_owned(), page);
        self
    }

    /// Adds a sitemap that names these sitemaps.
    ///
    /// # Panics
    ///
    /// As [`Web::page`].
    #[must_use]
    pub fn sitemap_index<'a>(mut self, url: &str, urls: impl IntoIterator<Item = &'a str>) -> Self {
        let page = Page { body: Body::Index, ..Page::new() };
        let page = urls.into_iter().fold(page, |page, url| page.reference(Element::IndexLoc, url));
        self.pages.insert(Identity::of(&parse(url)).as_str().to_owned(), page);
        self
    }

    /// Adds pages that are made when they are asked for. Pages added one by one come first.
    #[must_use]
    pub fn site(mut self, site: impl Site + 'static) -> Self {
        self.sites.push(Arc::new(site));
        self
    }

    /// Has all that is no page or site of this web answered by a function instead of by 404: by a recording, or by a
    /// transport that is to be tested. Its outcomes are given as they are, by the network's latencies and faults;
    /// faults that change what a page holds do not strike them.
    ///
    /// ```
    /// use crawlspace::{Config, Failure, Outcome};
    /// use crawlspace_sim::{Network, Simulation, Web};
    ///
    /// // For instance what was recorded of a site, with one of its pages as it is going to be.
    /// let recorded = |_: &crawlspace::Request| Outcome::Failed(Failure::NotInArchive);
    /// let web = Web::new()
    ///     .page("https://a.example/", |page| page.link("https://b.example/old"))
    ///     .robots("https://a.example", "")
    ///     .answers(recorded);
    /// let config = Config::builder().seed(web.seeds()[0].clone()).build()?;
    /// let run = Simulation::new(web).network(Network::new(7)).run(config)?;
    /// let found: Vec<_> = run.report().findings().map(|finding| finding.url.to_string()).collect();
    /// assert_eq!(found, ["https://b.example/old"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn answers(mut self, answers: impl Fn(&Request) -> Outcome + Send + Sync + 'static) -> Self {
        self.answers = Some(Arc::new(answers));
        self
    }

    /// Where to begin: a generated web's first page, or the page that was added first.
    #[must_use]
    pub fn seeds(&self) -> &[Url] {
        &self.seeds
    }

    /// What a URL answers; `None` if there is no such page, which is answered by 404.
    #[must_use]
    pub fn get(&self, url: &Url) -> Option<Page> {
        let mut page = Page::new();
        self.answer(url, &mut page).then_some(page)
    }

    /// The outcome of a request at once, with nothing in between: for drivers of one's own.
    #[must_use]
    pub fn answer_to(&self, request: &Request, spec: &Spec) -> Outcome {
        Server::new(self.clone(), Network::new(0), Mode::Plain, spec.clone()).answer_calmly(request)
    }

    /// Who answers what is no page.
    pub(crate) fn others(&self) -> Option<Answers> {
        self.answers.clone()
    }

    /// Writes what a URL answers into a page; a page that says 404 if there is none.
    pub(crate) fn answer(&self, url: &Url, page: &mut Page) -> bool {
        page.clear();
        if !self.pages.is_empty()
            && let Some(known) = self.pages.get(url.as_str())
        {
            page.clone_from(known);
            return true;
        }
        if self.sites.iter().any(|site| site.answer(url, page)) {
            return true;
        }
        page.clear();
        page.status = 404;
        page.body = Body::Other;
        false
    }
}

impl fmt::Debug for Web {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Web").field("pages", &self.pages).field("sites", &self.sites.len()).finish()
    }
}

fn parse(url: &str) -> Url {
    match Url::parse(url) {
        Ok(url) => url,
        Err(error) => panic!("\"{url}\" is no URL to put a page at: {error}"),
    }
}
