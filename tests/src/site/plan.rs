//! Which links each page has, how they are written, and where they really lead.

use super::draw::Draw;
use super::filler::word;
use super::{GHOST, Host, Shape};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;

/// What robots.txt disallows.
pub(super) const PRIVATE: &str = "/private/";

/// Children of a page in the tree that makes every page reachable.
const CHILDREN: usize = 4;
const SECTIONS: [&str; 8] = ["docs", "blog", "guide", "api", "news", "about", "help", "shop"];

/// Knows the site without having it.
pub(super) struct Planner {
    pub(super) shape: Shape,
    pub(super) paths: Vec<String>,
    /// Path to status and path.
    pub(super) moved: BTreeMap<String, (u16, String)>,
    /// Numbers of the pages in header, sidebar and footer.
    navigation: Vec<usize>,
    old: usize,
    chains: usize,
    dead: usize,
}

/// One page: what stands on it, in order.
pub(super) struct Plan {
    pub(super) number: usize,
    pub(super) title: String,
    /// Relative links are relative to `/docs/`.
    pub(super) base: bool,
    pub(super) head: Vec<Link>,
    pub(super) navigation: Vec<Link>,
    pub(super) sidebar: Vec<Link>,
    /// Spread over the sections.
    pub(super) items: Vec<Item>,
    pub(super) footer: Vec<Link>,
    pub(super) sections: usize,
}

pub(super) enum Item {
    Link(Link),
    /// `src`, then the candidates of `srcset`.
    Image(Link, Vec<Link>),
    /// What holds no link, however it looks.
    Markup(String),
}

impl From<Link> for Item {
    fn from(link: Link) -> Self {
        Self::Link(link)
    }
}

pub(super) struct Link {
    pub(super) place: &'static str,
    /// The URL as the page writes it, before HTML's own escapes.
    pub(super) written: String,
    pub(super) quoting: Quoting,
    pub(super) target: Target,
    pub(super) fragment: Option<String>,
    pub(super) text: String,
}

pub(super) enum Target {
    /// The page itself, under whatever URL it was asked for.
    Own,
    /// Path and query by identity.
    Path(String),
    /// No URL at all.
    Invalid,
}

#[derive(Clone, Copy)]
pub(super) enum Quoting {
    Double,
    Single,
    /// And the names in capitals.
    None,
    /// With spaces around the value, and another attribute before.
    Padded,
    /// With a second attribute of the same name, which does not count.
    Twice,
}

impl Plan {
    pub(super) fn links(&self) -> impl Iterator<Item = &Link> {
        let around = [&self.head, &self.navigation, &self.sidebar, &self.footer];
        around.into_iter().flatten().chain(self.items.iter().flat_map(Item::links))
    }
}

impl Item {
    fn links(&self) -> impl Iterator<Item = &Link> {
        let (first, more) = match self {
            Self::Link(link) => (Some(link), [].as_slice()),
            Self::Image(source, candidates) => (Some(source), candidates.as_slice()),
            Self::Markup(_) => (None, [].as_slice()),
        };
        first.into_iter().chain(more)
    }
}

/// The path of an image.
pub(super) fn image(number: usize, large: bool) -> String {
    format!("/assets/img/i{number:05}{}.png", if large { "@2x" } else { "" })
}

/// Whether an image has a large version.
pub(super) fn has_large(number: usize) -> bool {
    number.is_multiple_of(5)
}

/// How many numbered sections a page has, which are its fragments.
pub(super) fn sections(seed: u64, number: usize) -> usize {
    4 + Draw::new(seed, "sections", number).below(6)
}

/// Whether a page has the fragment that is not ASCII.
pub(super) fn has_accent(number: usize) -> bool {
    number.is_multiple_of(3)
}

impl Planner {
    pub(super) fn new(shape: Shape) -> Self {
        let pages = shape.pages.max(1);
        let shape = Shape { pages, ..shape };
        let paths: Vec<String> = (0..pages).map(path).collect();
        let mut draw = Draw::new(shape.seed, "site", 0);
        let wanted = shape.links_per_page * 6 / 10;
        let mut navigation: Vec<usize> = (0..wanted).map(|at| (1 + at * 7) % pages).collect();
        navigation.sort_unstable();
        navigation.dedup();
        let (old, chains, dead) = ((pages / 50).max(4), (pages / 200).max(3), (pages / 250).max(2));
        let mut moved = BTreeMap::new();
        if shape.host == Host::Server {
            for at in 0..old {
                let status = [301, 302, 303, 307, 308][at % 5];
                moved.insert(format!("/old/page-{at}.html"), (status, draw.pick(&paths).clone()));
            }
            for at in 0..chains {
                let hops = 2 + at % 3;
                for hop in 0..hops {
                    let last = hop + 1 == hops;
                    let to =
                        if last { draw.pick(&paths).clone() } else { format!("/chain/{at}-{}", hop + 1) };
                    moved.insert(format!("/chain/{at}-{hop}"), (301, to));
                }
            }
            for at in 0..dead {
                let to = format!("/missing/after-redirect-{at}.html");
                moved.insert(format!("/moved/dead-{at}.html"), (301, to));
            }
            moved.insert("/loop/a".to_owned(), (302, "/loop/b".to_owned()));
            moved.insert("/loop/b".to_owned(), (302, "/loop/a".to_owned()));
        }
        Self { shape, paths, moved, navigation, old, chains, dead }
    }

    pub(super) fn images(&self) -> usize {
        (self.shape.pages / 10).max(10)
    }

    pub(super) fn plan(&self, number: usize) -> Plan {
        let mut page = Writer {
            site: self,
            number,
            base: self.every(number, 199, 42),
            draw: Draw::new(self.shape.seed, "links", number),
        };
        let title = format!("{} {} {number}", word(&mut page.draw), word(&mut page.draw));
        let head = page.head();
        let mut navigation = vec![page.link("a[href]", "/", None)];
        let numbers = &self.navigation;
        let (header, rest) = numbers.split_at(numbers.len() * 3 / 10);
        let (side, foot) = rest.split_at(rest.len() * 6 / 10);
        let mut list = |numbers: &[usize]| -> Vec<Link> {
            numbers.iter().map(|&to| page.link("a[href]", &self.paths[to], None)).collect()
        };
        navigation.extend(list(header));
        let sidebar = list(side);
        let mut footer = list(foot);
        navigation.push(page.own(""));
        let fixed = head.len() + navigation.len() + sidebar.len() + footer.len() + 1;
        let items = page.items(self.shape.links_per_page.saturating_sub(fixed));
        footer.push(page.link("a[href]", "/missing/footer-policy.html", None));
        let sections = sections(self.shape.seed, number);
        Plan { number, title, base: page.base, head, navigation, sidebar, items, footer, sections }
    }

    /// Whether this page has something that one page in `period` has; on a smaller site, one page has it.
    fn every(&self, number: usize, period: usize, phase: usize) -> bool {
        let period = period.min(self.shape.pages);
        number % period == phase % period
    }
}

/// Writes the links of one page.
struct Writer<'a> {
    site: &'a Planner,
    number: usize,
    base: bool,
    draw: Draw,
}

impl Writer<'_> {
    fn head(&mut self) -> Vec<Link> {
        let mut items = Vec::new();
        for sheet in ["/assets/css/main.css", "/assets/css/theme.css"] {
            items.push(self.link("link[href]", sheet, None));
        }
        items.push(self.link("link[href]", "/favicon.ico", None));
        for script in ["/assets/js/vendor.js", "/assets/js/app.js"] {
            items.push(self.link("script[src]", script, None));
        }
        if self.every(usize::MAX, 5) {
            items.push(self.link("script[src]", "/assets/js/gone.js", None));
            items.push(self.link("link[href]", "/assets/css/gone.css", None));
        }
        items
    }

    fn items(&mut self, room: usize) -> Vec<Item> {
        let mut items = Vec::new();
        let pages = self.site.shape.pages;
        let first = self.number * CHILDREN + 1;
        for child in (first..first + CHILDREN).filter(|&child| child < pages) {
            items.push(self.page(child, None).into());
        }
        if self.number > 0 {
            items.push(self.page((self.number - 1) / CHILDREN, None).into());
        }
        for section in 1..=3 {
            items.push(self.own(&format!("sec-{section}")).into());
        }
        items.push(self.own("top").into());
        self.faults(&mut items);
        if self.site.shape.host == Host::Server {
            self.server_faults(&mut items);
        }
        self.images(&mut items);
        self.not_links(&mut items);
        let taken = items.iter().flat_map(Item::links).count();
        for _ in taken..room.max(taken + 4) {
            items.push(self.live().into());
        }
        items
    }

    /// A link to a page that is there, in one of many ways.
    fn live(&mut self) -> Link {
        let site = self.site;
        let to = self.draw.below(site.shape.pages);
        let path = &site.paths[to];
        match self.draw.below(100) {
            0..12 => {
                let section = 1 + self.draw.below(sections(site.shape.seed, to));
                self.page(to, Some(&format!("sec-{section}")))
            }
            12..14 if has_accent(to) => self.page(to, Some("caf%C3%A9")),
            14..17 if to < 20 => {
                let number = 1 + self.draw.below(3);
                self.link("a[href]", &format!("{path}?ref={number}&x=1"), None)
            }
            17..20 if path.len() > 1 => match path.strip_suffix('/') {
                Some(slashless) => self.link("a[href]", slashless, None),
                None => self.page(to, None),
            },
            20 => self.link("iframe[src]", path, None),
            21 => self.link("area[href]", path, None),
            _ => self.page(to, None),
        }
    }

    /// What a folder can get wrong.
    fn faults(&mut self, items: &mut Vec<Item>) {
        let number = self.number;
        if self.every(50, 11) {
            items.push(self.link("a[href]", &format!("/missing/page-{number}.html"), None).into());
        }
        if self.every(100, 13) {
            items.push(self.link("a[href]", &format!("/missing/shared-{}.html", number % 7), None).into());
        }
        if self.every(100, 29) {
            let target = format!("{}missing-relative-{number}.html", self.folder());
            items.push(self.relative(&target).into());
        }
        if self.every(60, 27) {
            let to = self.draw.below(self.site.shape.pages);
            items.push(self.page(to, Some(&format!("no-such-{number}"))).into());
        }
        if self.every(120, 33) {
            items.push(self.own(&format!("own-dead-{number}")).into());
        }
        if self.every(150, 35) && self.site.shape.pages > 1 {
            let slashless = self.site.paths[1].trim_end_matches('/').to_owned();
            items.push(self.link("a[href]", &slashless, Some("sec-1")).into());
            items.push(self.link("a[href]", &slashless, Some(&format!("slashless-dead-{number}"))).into());
        }
        if self.every(300, 37) {
            items.push(Item::Link(Link {
                place: "a[href]",
                written: format!("http://[bad-{number}/"),
                quoting: Quoting::Double,
                target: Target::Invalid,
                fragment: None,
                text: "no address".to_owned(),
            }));
        }
        if self.every(200, 38) {
            items.push(self.link("a[href]", &format!("{PRIVATE}page-{number}.html"), None).into());
        }
    }

    /// What only a server can answer.
    fn server_faults(&mut self, items: &mut Vec<Item>) {
        let number = self.number;
        let site = self.site;
        for (period, phase, kind) in [(250, 31, "gone"), (500, 36, "err500"), (500, 39, "forbidden")] {
            if self.every(period, phase) {
                items.push(self.link("a[href]", &format!("/{kind}/item-{number}"), None).into());
            }
        }
        if self.every(40, 17) {
            items.push(
                self.link("a[href]", &format!("/old/page-{}.html", number / 40 % site.old), None).into(),
            );
            items.push(
                self.link("a[href]", &format!("/old/page-{}.html", number % site.old), Some("sec-2")).into(),
            );
        }
        if self.every(150, 19) {
            items
                .push(self.link("a[href]", &format!("/chain/{}-0", number / 150 % site.chains), None).into());
        }
        if self.every(150, 20) {
            let chain = format!("/chain/{}-0", number % site.chains);
            items.push(self.link("a[href]", &chain, Some(&format!("chain-dead-{number}"))).into());
        }
        if self.every(125, 23) {
            items.push(
                self.link("a[href]", &format!("/moved/dead-{}.html", number / 125 % site.dead), None).into(),
            );
        }
        if self.every(usize::MAX, 3) {
            items.push(self.link("a[href]", "/loop/a", None).into());
        }
    }

    fn images(&mut self, items: &mut Vec<Item>) {
        let number = self.number;
        for _ in 0..3 {
            let which = self.draw.below(self.site.images());
            let candidates =
                if has_large(which) { vec![image(which, false), image(which, true)] } else { Vec::new() };
            let image = self.image(&image(which, false), &candidates);
            items.push(image);
        }
        if self.every(90, 34) {
            let image = self.image(&format!("/assets/img/missing-{number}.png"), &[]);
            items.push(image);
        }
        if self.every(400, 40) {
            let image = self.image(&image(0, false), &[format!("/assets/img/missing-set-{number}.png")]);
            items.push(image);
        }
    }

    /// What looks like links, and is none.
    fn not_links(&mut self, items: &mut Vec<Item>) {
        let number = self.number;
        items.push(Item::Markup(
            "<a href=\"mailto:info@example.test\">mail</a> <a href=\"tel:+100200300\">call</a> \
             <a href=\"javascript:void(0)\">run</a> <a name=\"old-style\">here</a>"
                .to_owned(),
        ));
        let ghost = |kind: &str| format!("{GHOST}{kind}-{number}.html");
        let markup = match number % 7 {
            0 => format!("<!-- <a href=\"{}\">old</a> > -- -->", ghost("comment")),
            1 => format!("<textarea><a href=\"{}\">x</a></textarea>", ghost("textarea")),
            2 => format!("<style>.a::after {{ content: '<img src={}>' }}</style>", ghost("style")),
            3 => format!(
                "<span data-href=\"{0}\" hrefx={0} title='<a href=\"{0}\">'>x</span>",
                ghost("attribute")
            ),
            4 => format!(
                "<script type=\"application/json\">{{\"href\": \"<a href='{}'>\"}}</script>",
                ghost("json")
            ),
            5 => format!("<iframe title=x><a href=\"{}\">x</a></iframe>", ghost("frame")),
            _ => format!("&lt;a href=\"{}\"&gt; </a href=\"{0}\">", ghost("text")),
        };
        items.push(Item::Markup(markup));
    }

    fn every(&self, period: usize, phase: usize) -> bool {
        self.site.every(self.number, period, phase)
    }

    fn page(&mut self, number: usize, fragment: Option<&str>) -> Link {
        let path = self.site.paths[number].clone();
        if self.draw.chance(30) && fragment.is_none() {
            return self.relative(&path);
        }
        self.link("a[href]", &path, fragment)
    }

    /// A link to a place on the page itself; an empty fragment is its top.
    fn own(&mut self, fragment: &str) -> Link {
        if self.base {
            // Written out, since `#x` would be a place in what the base names.
            let path = self.site.paths[self.number].clone();
            return self.link("a[href]", &path, Some(fragment));
        }
        Link {
            place: "a[href]",
            written: format!("#{fragment}"),
            quoting: Quoting::Double,
            target: Target::Own,
            fragment: Some(fragment.to_owned()),
            text: word(&mut self.draw).to_owned(),
        }
    }

    /// The folder that relative links start from.
    fn folder(&self) -> String {
        if self.base {
            return "/docs/".to_owned();
        }
        let path = &self.site.paths[self.number];
        path[..=path.rfind('/').unwrap_or(0)].to_owned()
    }

    fn relative(&mut self, target: &str) -> Link {
        let folder = self.folder();
        let mut written = relative(&folder, target);
        if self.draw.chance(20) {
            written.insert_str(0, "./");
        }
        self.write("a[href]", written, target, None)
    }

    fn link(&mut self, place: &'static str, target: &str, fragment: Option<&str>) -> Link {
        let written = match (&self.site.shape.origin, self.draw.below(100)) {
            (Some(origin), 0..5) => format!("{origin}{target}"),
            (_, 5) => format!("/x/..{target}"),
            (_, 6) => target.replacen('-', "%2D", 1),
            (_, 7) => target.replacen('-', "%2d", 1),
            _ => target.to_owned(),
        };
        self.write(place, written, target, fragment)
    }

    /// Half of what is not ASCII or a space is written as it is.
    fn write(&mut self, place: &'static str, written: String, target: &str, fragment: Option<&str>) -> Link {
        let (written, fragment_written) = if self.draw.chance(50) && !place.contains("srcset") {
            let raw = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
            (raw(&written), fragment.map(raw))
        } else {
            (written, fragment.map(str::to_owned))
        };
        let written = match fragment_written {
            Some(fragment) => format!("{written}#{fragment}"),
            None => written,
        };
        let quoting = match self.draw.below(100) {
            0..5 => Quoting::Single,
            5..8 if !written.is_empty() && !written.contains([' ', '=']) => Quoting::None,
            8..10 => Quoting::Padded,
            10 => Quoting::Twice,
            _ => Quoting::Double,
        };
        Link {
            place,
            written,
            quoting,
            target: Target::Path(target.to_owned()),
            fragment: fragment.map(str::to_owned),
            text: format!("{} {}", word(&mut self.draw), word(&mut self.draw)),
        }
    }

    fn image(&mut self, source: &str, candidates: &[String]) -> Item {
        let mut link = |place, target: &str| {
            let link = self.link(place, target, None);
            Link { quoting: Quoting::Double, ..link }
        };
        let source = link("img[src]", source);
        Item::Image(source, candidates.iter().map(|candidate| link("img[srcset]", candidate)).collect())
    }
}

/// The path of a page by its number, as an identity.
fn path(number: usize) -> String {
    let section = SECTIONS[number % SECTIONS.len()];
    match number {
        0 => "/".to_owned(),
        _ if number % 211 == 7 => format!("/{section}/caf%C3%A9-{number:05}.html"),
        _ if number % 223 == 9 => format!("/{section}/my%20page-{number:05}.html"),
        _ if number % 3 == 1 => format!("/{section}/topic-{number:05}/"),
        _ => format!("/{section}/v{}/page-{number:05}.html", number % 7),
    }
}

/// How to write `target` seen from `folder`; both begin with a slash, and a folder ends in one.
fn relative(folder: &str, target: &str) -> String {
    let shared = folder.bytes().zip(target.bytes()).take_while(|(a, b)| a == b).count();
    let shared = folder[..shared].rfind('/').map_or(0, |slash| slash + 1);
    let up = "../".repeat(folder[shared..].matches('/').count());
    let written = [&up, &target[shared..]].concat();
    if written.is_empty() { "./".to_owned() } else { written }
}
