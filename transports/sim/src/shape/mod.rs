//! Webs of a shape and a size, made page by page from a seed.

mod links;
mod mixed;

use crate::draws::{Draws, keyed};
use crate::page::{Body, Page};
use crate::web::Site;
use core::fmt::{self, Write as _};
use core::str::FromStr;
use url::Url;

/// What a generated web looks like.
///
/// Its hosts are `h0.sim.test`, `h1.sim.test` and so on, its pages `/p0`, `/p1`, …, and it begins at
/// `http://h0.sim.test/p0`. But for [`Shape::Hosts`] and [`Shape::Mixed`] there is one host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Shape {
    /// Ten links a page: two that lead on, the others anywhere. All pages are found.
    Site,
    /// Each page has three children.
    Tree,
    /// Many ways of different lengths to each page; long ones may be found before short ones.
    Diamond,
    /// Each page links to the next, the last to the first.
    Cycle,
    /// All pages link to the first, and the first to all (to a thousand; those lead on).
    Hub,
    /// The first page links to all others, which link nowhere.
    Wide,
    /// A chain: as deep as it has pages.
    Deep,
    /// A host for each page, in a tree of ten.
    Hosts,
    /// Most pages redirect: chains, loops, to themselves, to what is no page.
    Maze,
    /// A tree whose pages fail on their first attempts.
    Flaky,
    /// A few hosts, pages, images, style sheets, fragments, `nofollow`, redirects, errors, robots rules, sitemaps, and
    /// hosts that are not crawled: everything at once.
    Mixed,
    /// A trap (X42): a calendar that goes on for ever in both directions. Has no end but a limit.
    Calendar,
    /// A trap (X42): each visit gets a session id, so no URL comes twice. Has no end but a limit.
    Sessions,
}

impl Shape {
    /// All shapes.
    pub const ALL: [Self; 13] = [
        Self::Site,
        Self::Tree,
        Self::Diamond,
        Self::Cycle,
        Self::Hub,
        Self::Wide,
        Self::Deep,
        Self::Hosts,
        Self::Maze,
        Self::Flaky,
        Self::Mixed,
        Self::Calendar,
        Self::Sessions,
    ];

    /// The shape's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Tree => "tree",
            Self::Diamond => "diamond",
            Self::Cycle => "cycle",
            Self::Hub => "hub",
            Self::Wide => "wide",
            Self::Deep => "deep",
            Self::Hosts => "hosts",
            Self::Maze => "maze",
            Self::Flaky => "flaky",
            Self::Mixed => "mixed",
            Self::Calendar => "calendar",
            Self::Sessions => "sessions",
        }
    }

    /// Whether a crawl of it ends only at a limit.
    #[must_use]
    pub const fn is_endless(self) -> bool {
        matches!(self, Self::Calendar | Self::Sessions)
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Shape {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|shape| shape.as_str() == name);
        known.ok_or_else(|| {
            format!("\"{name}\" is no shape; shapes are {}", Self::ALL.map(Self::as_str).join(", "))
        })
    }
}

/// A web made from three numbers.
#[derive(Clone, Debug)]
pub(crate) struct Generated {
    shape: Shape,
    pages: u64,
    seed: u64,
    hosts: u64,
}

impl Generated {
    pub(crate) fn new(shape: Shape, pages: u64, seed: u64) -> Self {
        let pages = pages.max(1);
        let hosts = match shape {
            Shape::Hosts => pages,
            Shape::Mixed => 1 + keyed(seed, 1, 0) % 3,
            _ => 1,
        };
        Self { shape, pages, seed, hosts }
    }

    /// Where it begins.
    pub(crate) fn seed(&self) -> Url {
        let mut text = String::new();
        self.write_origin(&mut text, 0);
        text.push_str("/p0");
        match Url::parse(&text) {
            Ok(url) => url,
            Err(error) => unreachable!("{text} is a URL: {error}"),
        }
    }

    fn host_of(&self, page: u64) -> u64 {
        page % self.hosts
    }

    fn write_origin(&self, out: &mut String, page: u64) {
        // Writing to a string cannot fail.
        let _ = write!(out, "http://h{}.sim.test", self.host_of(page));
    }

    /// Adds a link to a page of this web.
    fn link_to(&self, page: &mut Page, target: u64, fragment: Option<&str>) {
        self.link_to_path(page, target, fragment, |path| write!(path, "/p{target}"));
    }

    fn link_to_path(
        &self,
        page: &mut Page,
        host_of: u64,
        fragment: Option<&str>,
        path: impl FnOnce(&mut String) -> fmt::Result,
    ) {
        page.push_row_with(fragment, |out| {
            self.write_origin(out, host_of);
            let origin = out.len();
            let _ = path(out);
            origin
        });
    }

    fn draws(&self, page: u64) -> Draws {
        Draws::new(keyed(self.seed, 2, page))
    }

    /// The page of this number that a URL stands for, if its host is the right one; with its query.
    fn number<'u>(&self, url: &'u Url) -> Option<(u64, Option<&'u str>)> {
        let host = url.host_str()?.strip_prefix('h')?.strip_suffix(".sim.test")?;
        let page = url.path().strip_prefix("/p")?;
        let (host, page) = (decimal(host)?, decimal(page)?);
        let known = page < self.pages && self.host_of(page) == host && url.port().is_none();
        (known && url.scheme() == "http").then_some((page, url.query()))
    }
}

impl Site for Generated {
    fn answer(&self, url: &Url, page: &mut Page) -> bool {
        if self.shape == Shape::Mixed
            && (matches!(url.path(), "/robots.txt" | "/") || url.path().ends_with(".xml"))
        {
            return self.mixed_extra(url, page);
        }
        if self.shape == Shape::Calendar && url.path().starts_with("/month/") {
            return self.calendar(url, page);
        }
        let Some((number, query)) = self.number(url) else { return false };
        if query.is_some() && self.shape != Shape::Sessions {
            return false;
        }
        if self.shape == Shape::Mixed {
            self.mixed(number, page);
        } else {
            self.fill(number, query, page);
        }
        true
    }
}

/// A number as this web writes it: digits only, no leading zero.
fn decimal(text: &str) -> Option<u64> {
    let plain = text == "0" || (!text.starts_with('0') && text.bytes().all(|byte| byte.is_ascii_digit()));
    text.parse().ok().filter(|_| plain)
}

/// Makes a page one that is not read.
fn other(page: &mut Page) {
    page.body = Body::Other;
}
