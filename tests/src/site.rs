//! A generated site of any size, and the whole truth about it.
//!
//! Everything follows from the [`Shape`]; pages are made when they are asked for, so that a large site costs no
//! memory but its list of paths and its truth.

mod draw;
mod filler;
mod plan;
mod render;
mod truth;

pub use truth::{Broken, Pages, Redirected, Truth};

use crate::web::Answer;
use draw::Draw;
use filler::Filler;
use percent_encoding::percent_decode_str;
use plan::{Plan, Planner};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::{fs, io};

/// No URL below this path may ever be asked for: it stands in comments, scripts and attributes that are no links.
pub const GHOST: &str = "/ghost/";

/// What a site is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shape {
    /// How many pages, at least 1. Small sites have every fault too, from about 40 pages on.
    pub pages: usize,
    /// The mean size of a page in bytes; where the links alone need more, they get it.
    pub bytes_per_page: usize,
    /// About how many links a page has, navigation and resources included; at least about 30.
    pub links_per_page: usize,
    /// Another seed, another site.
    pub seed: u64,
    /// What answers: decides which faults there can be.
    pub host: Host,
    /// The site's own address (`http://127.0.0.1:8000`), if some links are to be written with it.
    pub origin: Option<String>,
    /// Whether style sheets link to things too, broken ones among them.
    pub css_links: bool,
}

/// What can serve a site.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host {
    /// A server that can answer anything.
    Server,
    /// A folder of files: it has no redirects but from a folder's name to the folder, and no error but 404.
    Folder,
}

impl Default for Shape {
    /// A hundred pages of 20 kB with 60 links each.
    fn default() -> Self {
        Self {
            pages: 100,
            bytes_per_page: 20_000,
            links_per_page: 60,
            seed: 1,
            host: Host::Server,
            origin: None,
            css_links: false,
        }
    }
}

/// A generated site.
///
/// ```
/// use crawlspace_tests::site::{Shape, Site};
///
/// let site = Site::generate(Shape { pages: 50, ..Shape::default() });
/// assert_eq!(site.answer("/").status, 200);
/// assert_eq!(site.answer("/missing/footer-policy.html").status, 404);
/// let policy = &site.truth().broken["/missing/footer-policy.html"];
/// assert!(policy.pages.contains("/"), "the footer is on every page");
/// ```
pub struct Site {
    planner: Planner,
    filler: Filler,
    /// Identity path of each page to its number.
    numbers: HashMap<String, usize>,
    assets: BTreeMap<String, Asset>,
    truth: Truth,
}

struct Asset {
    media: &'static str,
    body: Vec<u8>,
}

/// What stands at a path, as a server sees it.
enum Standing<'a> {
    Page(usize),
    Asset(&'a Asset),
    Moved(u16, String),
    Error(u16),
}

impl Site {
    /// Makes a site.
    #[must_use]
    pub fn generate(shape: Shape) -> Self {
        let planner = Planner::new(shape);
        let numbers =
            planner.paths.iter().cloned().enumerate().map(|(number, path)| (path, number)).collect();
        let assets = assets(&planner);
        let filler = Filler::new(planner.shape.seed);
        let mut site = Self { planner, filler, numbers, assets, truth: Truth::default() };
        site.truth = truth::gather(&site);
        site
    }

    /// What it was made from.
    #[must_use]
    pub fn shape(&self) -> &Shape {
        &self.planner.shape
    }

    /// All that a complete and correct check must find, and all it may ask for.
    #[must_use]
    pub fn truth(&self) -> &Truth {
        &self.truth
    }

    /// The paths of all pages, in order of their numbers.
    #[must_use]
    pub fn pages(&self) -> &[String] {
        &self.planner.paths
    }

    /// What a server answers to a path with its query, spelled as an identity; the query does not matter.
    #[must_use]
    pub fn answer(&self, path_and_query: &str) -> Answer {
        match self.standing(path_and_query) {
            Standing::Page(number) => Answer::ok("text/html; charset=utf-8", self.render(number)),
            Standing::Asset(asset) => Answer::ok(asset.media, asset.body.clone()),
            Standing::Moved(status, to) => Answer::moved(status, to),
            Standing::Error(status) => Answer::error(status),
        }
    }

    /// The answer to a path that is answered with 200; `None` for all others.
    #[must_use]
    pub fn page(&self, path_and_query: &str) -> Option<Answer> {
        Some(self.answer(path_and_query)).filter(|answer| answer.status == 200)
    }

    /// Writes everything that is answered with 200 into a folder, as a static server would want it.
    ///
    /// # Errors
    ///
    /// As the file system says.
    pub fn write_to(&self, folder: &Path) -> io::Result<()> {
        for path in self.planner.paths.iter().chain(self.assets.keys()) {
            let index = if path.ends_with('/') { "index.html" } else { "" };
            let name = percent_decode_str(path.trim_start_matches('/')).decode_utf8_lossy();
            let file = folder.join([&name, index].concat());
            if let Some(parent) = file.parent() {
                fs::create_dir_all(parent)?;
            }
            fs::write(file, self.answer(path).body)?;
        }
        Ok(())
    }

    fn plan(&self, number: usize) -> Plan {
        self.planner.plan(number)
    }

    fn render(&self, number: usize) -> Vec<u8> {
        let draw = Draw::new(self.planner.shape.seed, "text", number);
        render::page(&self.plan(number), &self.filler, draw, self.planner.shape.bytes_per_page)
    }

    fn standing(&self, path_and_query: &str) -> Standing<'_> {
        let (path, query) = path_and_query.split_once('?').unwrap_or((path_and_query, ""));
        if let Some(&number) = self.numbers.get(path) {
            return Standing::Page(number);
        }
        if let Some(asset) = self.assets.get(path) {
            return Standing::Asset(asset);
        }
        if let Some((status, to)) = self.planner.moved.get(path) {
            return Standing::Moved(*status, to.clone());
        }
        let slashed = format!("{path}/");
        if self.numbers.contains_key(&slashed) {
            let query = if query.is_empty() { String::new() } else { format!("?{query}") };
            return Standing::Moved(301, slashed + &query);
        }
        Standing::Error(match path.split('/').nth(1) {
            Some("gone") => 410,
            Some("err500") => 500,
            Some("forbidden") => 403,
            _ => 404,
        })
    }
}

fn assets(planner: &Planner) -> BTreeMap<String, Asset> {
    let mut assets = BTreeMap::new();
    let mut add = |path: &str, media, body| assets.insert(path.to_owned(), Asset { media, body });
    let rules = |count: usize| -> String {
        (0..count)
            .map(|rule| format!(".c{rule} {{ margin: {}px; color: #{:06x} }}\n", rule % 40, rule * 77))
            .collect()
    };
    let css_links = if planner.shape.css_links {
        "@import \"print.css\";\n.hero { background: url(../img/i00000.png) }\n.x { background: url('../img/css-missing.png') }\n"
    } else {
        ""
    };
    add("/assets/css/main.css", "text/css", [css_links, &rules(200)].concat().into_bytes());
    add("/assets/css/theme.css", "text/css", rules(100).into_bytes());
    if planner.shape.css_links {
        add("/assets/css/print.css", "text/css", rules(30).into_bytes());
    }
    let script = |count: usize| {
        (0..count).map(|f| format!("function f{f}(a) {{ return a + {f} }}\n")).collect::<String>()
    };
    add("/assets/js/app.js", "text/javascript", script(900).into_bytes());
    add("/assets/js/vendor.js", "text/javascript", script(1_800).into_bytes());
    add("/favicon.ico", "image/x-icon", png(900));
    for image in 0..planner.images() {
        add(&plan::image(image, false), "image/png", png(1_000 + image * 37 % 9_000));
        if plan::has_large(image) {
            add(&plan::image(image, true), "image/png", png(6_000));
        }
    }
    let robots = format!("User-agent: *\nDisallow: {}\n", plan::PRIVATE);
    add("/robots.txt", "text/plain", robots.into_bytes());
    assets
}

/// One grey pixel, and bytes behind its end that viewers ignore.
fn png(size: usize) -> Vec<u8> {
    const PIXEL: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\0\0\0\0\x3a\x7e\x9b\x55\0\0\0\nIDATx\xdac\x60\0\0\0\x02\0\x01\xe5\x27\xde\xfc\0\0\0\0IEND\xaeB\x60\x82";
    let mut body = PIXEL.to_vec();
    body.resize(size.max(PIXEL.len()), 0xa5);
    body
}
