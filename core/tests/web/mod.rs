//! A small web in memory, and a driver that answers in any order. No time passes but what the engine waits for.
#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]
#![allow(dead_code, unreachable_pub, reason = "each suite uses its own part of it")]

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, Link, Location, Media, Place, Role, Target, Transfer};
use crawlspace::report::Class;
use crawlspace::{
    Config, Engine, Event, Failure, Fetch, HostPolicy, Identity, Kind, Method, Need, Outcome, Output, Phase,
    Request, Seed, Ticket, Time, UnixTime, Wake,
};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;
use url::Url;

/// A stream of numbers from a seed (splitmix64): tests decide with it, the engine never sees it.
#[derive(Clone, Debug)]
pub struct Draws(pub u64);

impl Draws {
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        (self.next() % bound.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }
}

/// A crawl of `a.test` that asks so much at once of each host, without gaps: what is seen is the engine's own doing.
pub fn eager(concurrency: u32) -> Builder {
    let policy = HostPolicy { concurrency, gap: Duration::ZERO };
    Config::builder().seed("http://a.test/".parse().unwrap()).own_hosts(policy).other_hosts(policy)
}

/// What a URL answers.
#[derive(Clone, Debug)]
pub enum Page {
    Html {
        links: Vec<(String, Place)>,
        ids: Vec<String>,
    },
    Asset,
    /// A style sheet that names these.
    Sheet(Vec<String>),
    /// No document, but a header field names this.
    Linking(String),
    Redirect(u16, String),
    Status(u16),
    Fails(Failure),
    /// The first so many attempts fail.
    Flaky(u32, Box<Page>),
    /// HEAD says one thing, GET the other.
    HeadLies(u16, Box<Page>),
    /// HEAD works, GET does not.
    GetFails(Box<Page>),
    /// HEAD fails, GET works.
    HeadFails(Failure, Box<Page>),
    /// The same, with `nofollow` for the whole page.
    Nofollow(Box<Page>),
    /// Whatever this is.
    Digest(Box<Digest>),
    /// A sitemap of pages, and one of sitemaps; nothing if it is asked for as anything else.
    Sitemap(Vec<String>),
    Index(Vec<String>),
    /// One after another with each attempt, the last one from then on.
    Attempts(Vec<Page>),
}

#[derive(Clone, Debug, Default)]
pub struct World {
    pub pages: BTreeMap<String, Page>,
    pub robots: BTreeMap<String, String>,
}

impl World {
    pub fn page(mut self, url: &str, links: &[&str]) -> Self {
        let links = links.iter().map(|link| ((*link).to_owned(), Place::A_HREF)).collect();
        self.pages.insert(url.to_owned(), Page::Html { links, ids: Vec::new() });
        self
    }

    pub fn with(mut self, url: &str, page: Page) -> Self {
        self.pages.insert(url.to_owned(), page);
        self
    }

    /// A page with these fragment targets, and links to follow.
    pub fn document(self, url: &str, ids: &[&str], links: &[&str]) -> Self {
        let links = links.iter().map(|link| ((*link).to_owned(), Place::A_HREF)).collect();
        self.with(url, Page::Html { links, ids: ids.iter().map(|id| (*id).to_owned()).collect() })
    }

    /// A robots.txt at an origin.
    pub fn robots(mut self, origin: &str, text: &str) -> Self {
        self.robots.insert(origin.to_owned(), text.to_owned());
        self
    }

    /// A page with links at these places.
    pub fn places(self, url: &str, links: &[(&str, Place)]) -> Self {
        let links = links.iter().map(|(link, place)| ((*link).to_owned(), *place)).collect();
        self.with(url, Page::Html { links, ids: Vec::new() })
    }

    /// A random web of a few hosts with everything that makes order matter.
    pub fn random(seed: u64) -> Self {
        let mut draws = Draws(seed);
        let hosts = 1 + draws.below(3);
        let count = 3 + draws.below(40);
        let url = |n: usize| format!("http://h{}.test/p{n}", if n == 0 { 0 } else { n % hosts });
        let external = |n: usize| format!("http://ext{}.test/{n}", n % 5);
        let mut world = Self::default();
        for n in 0..count {
            let page = match draws.below(20) {
                0 if n > 0 => Page::Status([404, 410, 403, 500, 503][draws.below(5)]),
                1 | 2 if n > 0 => {
                    let to = url(draws.below(count));
                    let to = if draws.one_in(3) { format!("{to}#f{}", draws.below(3)) } else { to };
                    Page::Redirect([301, 302, 307, 308][draws.below(4)], to)
                }
                3 if n > 0 => match n % 3 {
                    0 => Page::Asset,
                    1 => Page::Linking(url(7 * n % count)),
                    _ => Page::Sheet(vec![url(5 * n % count), format!("{}#f1", url(11 * n % (count + 2)))]),
                },
                4 if n > 0 => Page::Fails(Failure::Timeout(Phase::Head)),
                _ => {
                    let links = (0..draws.below(6))
                        .map(|_| {
                            let to = draws.below(count + 2);
                            let to = if draws.one_in(12) { external(to) } else { url(to) };
                            let to = if draws.one_in(4) { format!("{to}#f{}", draws.below(4)) } else { to };
                            let to = if draws.one_in(6) { format!("{NOFOLLOW}{to}") } else { to };
                            let places = [Place::A_HREF, Place::A_HREF, Place::IMG_SRC, Place::FORM_ACTION];
                            (to, places[draws.below(4)])
                        })
                        .collect();
                    Page::Html { links, ids: (0..draws.below(4)).map(|id| format!("f{id}")).collect() }
                }
            };
            let page = if draws.one_in(10) { Page::Flaky(1, Box::new(page)) } else { page };
            let page = if n > 0 && draws.one_in(8) { Page::Nofollow(Box::new(page)) } else { page };
            world.pages.insert(url(n), page);
        }
        for n in 0..count + 2 {
            let page = match draws.below(12) {
                0 => Page::Status([404, 429, 503][draws.below(3)]),
                1 => Page::Redirect(301, url(draws.below(count))),
                2 => Page::HeadLies(405, Box::new(Page::Html { links: vec![], ids: vec!["f0".into()] })),
                3 => Page::HeadLies([404, 429, 500][draws.below(3)], Box::new(Page::Asset)),
                4 => Page::HeadFails(Failure::Timeout(Phase::Head), Box::new(Page::Redirect(302, url(0)))),
                5 => Page::Flaky(2, Box::new(Page::Asset)),
                6 => Page::GetFails(Box::new(Page::Status([404, 403, 429, 503][draws.below(4)]))),
                7 => Page::GetFails(Box::new(Page::Fails(Failure::Timeout(Phase::Head)))),
                _ => Page::Html { links: vec![(url(1), Place::A_HREF)], ids: vec!["f1".into()] },
            };
            world.pages.insert(external(n), page);
        }
        if draws.one_in(2) {
            let line = format!("User-agent: *\nDisallow: /p{}\n", draws.below(10));
            world.robots.insert(format!("http://h{}.test", draws.below(hosts)), line);
        }
        world
    }

    /// The same, and a site that turns out to be in reach when its old address redirects there: until then it is
    /// only checked.
    pub fn random_moving(seed: u64) -> Self {
        let mut world = Self::random(seed);
        let mut draws = Draws(!seed);
        let url = |n: usize| format!("http://www.late.test/{n}");
        world.pages.insert("http://late.test/".to_owned(), Page::Redirect(301, url(0)));
        for n in 0..6 {
            let page = match draws.below(6) {
                0 => Page::Status([404, 403, 500][draws.below(3)]),
                1 => Page::Asset,
                2 => Page::Fails(Failure::Timeout(Phase::Head)),
                _ => {
                    let links = (0..draws.below(4)).map(|_| (url(draws.below(8)), Place::A_HREF));
                    Page::Html { links: links.collect(), ids: vec!["f0".to_owned()] }
                }
            };
            world.pages.insert(url(n), page);
        }
        let places = [Place::A_HREF, Place::IMG_SRC, Place::FORM_ACTION];
        for page in world.pages.values_mut() {
            if let Page::Html { links, .. } = page
                && draws.one_in(3)
            {
                let fragment = if draws.one_in(3) { "#f0" } else { "" };
                links.push((format!("{}{fragment}", url(draws.below(8))), places[draws.below(3)]));
            }
        }
        let line = format!("User-agent: *\nDisallow: /{}\n", 1 + draws.below(7));
        world.robots.insert("http://www.late.test".to_owned(), line);
        world
    }

    pub fn answer(&self, request: &Request, engine_key: crawlspace::HashKey) -> Outcome {
        if request.kind == Kind::Robots && !self.pages.contains_key(request.url.as_str()) {
            let origin = request.url.origin().ascii_serialization();
            return match self.robots.get(&origin) {
                Some(text) => answered(Digest {
                    status: 200,
                    media: Media::Robots,
                    robots: Some(crawlspace::robots::RobotsFile::parse(text.as_bytes(), "crawlspace")),
                    ..Digest::default()
                }),
                None => answered(Digest { status: 404, ..Digest::default() }),
            };
        }
        let page = self.pages.get(request.url.as_str()).unwrap_or(&Page::Status(404));
        respond(page, request, engine_key)
    }
}

fn respond(page: &Page, request: &Request, key: crawlspace::HashKey) -> Outcome {
    match page {
        Page::Status(status) => answered(Digest { status: *status, ..Digest::default() }),
        Page::Asset => answered(Digest { status: 200, ..Digest::default() }),
        Page::Linking(to) => {
            let mut digest = Digest { status: 200, ..Digest::default() };
            if request.method == Method::Get {
                push_link(&mut digest, &request.url, to, Place::HEADER_LINK, 0);
            }
            answered(digest)
        }
        Page::Sheet(urls) => {
            let mut digest = Digest { status: 200, media: Media::Css, ..Digest::default() };
            if request.method == Method::Get && request.need == Need::Links {
                for (line, to) in (1..).zip(urls) {
                    push_link(&mut digest, &request.url, to, Place::CSS_URL, line);
                }
            }
            answered(digest)
        }
        Page::Redirect(status, to) => {
            let location = match request.url.join(to) {
                Ok(url) => Location::To {
                    url: Identity::of(&url).as_str().to_owned(),
                    fragment: url.fragment().map(str::to_owned),
                },
                Err(_) => Location::Invalid(to.clone()),
            };
            answered(Digest { status: *status, location: Some(location), ..Digest::default() })
        }
        Page::Fails(failure) => Outcome::Failed(failure.clone()),
        Page::Flaky(times, page) => {
            if request.attempt <= *times {
                Outcome::Failed(Failure::Closed)
            } else {
                respond(page, request, key)
            }
        }
        Page::HeadLies(status, page) => {
            if request.method == Method::Head {
                answered(Digest { status: *status, ..Digest::default() })
            } else {
                respond(page, request, key)
            }
        }
        Page::GetFails(page) => match request.method {
            Method::Head => answered(Digest { status: 200, ..Digest::default() }),
            Method::Get => respond(page, request, key),
        },
        Page::HeadFails(failure, page) => match request.method {
            Method::Head => Outcome::Failed(failure.clone()),
            Method::Get => respond(page, request, key),
        },
        Page::Nofollow(page) => {
            let mut outcome = respond(page, request, key);
            if let Outcome::Answered(digest) = &mut outcome {
                digest.directives.nofollow = true;
            }
            outcome
        }
        Page::Sitemap(urls) | Page::Index(urls) => {
            let mut digest = Digest { status: 200, ..Digest::default() };
            if request.kind == Kind::Sitemap {
                digest.media = Media::Sitemap;
                for (line, url) in (1..).zip(urls) {
                    push_link(&mut digest, &request.url, url, Place::SITEMAP_LOC, line);
                }
                if matches!(page, Page::Index(_)) {
                    digest.links = as_resources(&digest.links);
                }
            }
            answered(digest)
        }
        Page::Digest(digest) => Outcome::Answered(digest.clone()),
        Page::Attempts(pages) => {
            let index = (request.attempt as usize - 1).min(pages.len() - 1);
            respond(&pages[index], request, key)
        }
        Page::Html { links, ids } => {
            let mut digest = Digest { status: 200, ..Digest::default() };
            digest.transfer = Transfer { encoded: 100, decoded: 100, ..Transfer::default() };
            if request.method == Method::Get && request.need >= Need::Ids {
                // As the digester does: what need not be read is not looked at.
                digest.media = Media::Html;
                digest.ids = ids.iter().map(|id| key.hash(id.as_bytes())).collect();
                digest.ids.sort_unstable();
                digest.ids.dedup();
                for (line, (to, place)) in (1..).zip(links) {
                    push_link(&mut digest, &request.url, to, *place, line);
                }
            }
            answered(digest)
        }
    }
}

fn as_resources(links: &crawlspace::digest::Links) -> crawlspace::digest::Links {
    let mut out = crawlspace::digest::Links::default();
    for link in links.iter() {
        out.push(&Link { role: Role::Resource, ..link });
    }
    out
}

/// Stands before a link's target for `rel=nofollow`.
pub const NOFOLLOW: &str = "nofollow ";

pub fn push_link(digest: &mut Digest, base: &Url, to: &str, place: Place, line: u32) {
    let (to, nofollow) = to.strip_prefix(NOFOLLOW).map_or((to, false), |to| (to, true));
    let url = base.join(to);
    let identity = url.as_ref().ok().map(Identity::of);
    let target = match &identity {
        Some(identity) => Target::Url { origin: identity.origin(), origin_index: 0, rest: identity.rest() },
        None => Target::Invalid(to),
    };
    digest.links.push(&Link {
        target,
        fragment: url.as_ref().ok().and_then(Url::fragment),
        text: &format!("link {line}"),
        spelling: None,
        place,
        role: if place.role() == Role::Recorded { Role::Recorded } else { place.role() },
        nofollow,
        line,
        column: 1,
    });
}

pub fn answered(digest: Digest) -> Outcome {
    Outcome::Answered(Box::new(digest))
}

/// The order in which open fetches are answered.
#[derive(Clone, Debug)]
pub enum Schedule {
    /// First asked, first answered.
    Fifo,
    /// Last asked, first answered.
    Lifo,
    /// Drawn.
    Random(u64),
}

/// What the world saw: the witness outside the engine.
#[derive(Clone, Debug, Default)]
pub struct Log {
    pub requests: Vec<(Time, Request)>,
    pub most_in_flight: usize,
    pub most_of_one_host: usize,
}

impl Log {
    /// When this URL was asked for.
    pub fn times(&self, url: &str) -> Vec<Time> {
        let requests = self.requests.iter().filter(|(_, request)| request.url.as_str() == url);
        requests.map(|(time, _)| *time).collect()
    }

    /// How this URL was asked for.
    pub fn methods(&self, url: &str) -> Vec<Method> {
        let requests = self.requests.iter().filter(|(_, request)| request.url.as_str() == url);
        requests.map(|(_, request)| request.method).collect()
    }

    pub fn count(&self, url: &str) -> usize {
        self.requests.iter().filter(|(_, request)| request.url.as_str() == url).count()
    }

    pub fn fetched(&self) -> BTreeSet<String> {
        let pages = self.requests.iter().filter(|(_, request)| request.kind != Kind::Robots);
        pages.map(|(_, request)| request.url.to_string()).collect()
    }
}

/// Drives an engine over a world to its end. Fails on a live-lock: so many outputs at most.
pub struct Run<'w> {
    pub world: &'w World,
    pub schedule: Schedule,
    pub log: Log,
    pub now: Time,
    open: Vec<(Ticket, Request)>,
    draws: Draws,
    steps: u64,
    /// When time was last made to pass, and to what end.
    last_wake: Option<(Time, Wake)>,
    pub events: Vec<Event>,
}

pub const MAX_STEPS: u64 = 2_000_000;

impl<'w> Run<'w> {
    pub fn new(world: &'w World, schedule: Schedule) -> Self {
        let draws = Draws(if let Schedule::Random(seed) = schedule { seed } else { 0 });
        Self {
            world,
            schedule,
            log: Log::default(),
            now: Time::ZERO,
            open: Vec::new(),
            draws,
            steps: 0,
            last_wake: None,
            events: Vec::new(),
        }
    }

    /// One output, carried out; `None` once the crawl is over.
    pub fn step(&mut self, engine: &mut Engine) -> Option<()> {
        self.steps += 1;
        assert!(self.steps < MAX_STEPS, "live-lock: {MAX_STEPS} outputs and no end");
        match engine.poll(self.now) {
            Output::Event(event) => self.events.push(event),
            Output::Fetch(Fetch { ticket, request }) => {
                self.log.requests.push((self.now, request.clone()));
                self.open.push((ticket, request));
                self.log.most_in_flight = self.log.most_in_flight.max(self.open.len());
                let host =
                    self.open.last().and_then(|(_, request)| request.url.host_str().map(str::to_owned));
                let of_host =
                    self.open.iter().filter(|(_, request)| request.url.host_str() == host.as_deref());
                self.log.most_of_one_host = self.log.most_of_one_host.max(of_host.count());
            }
            Output::Cancel(id) => self.open.retain(|(ticket, _)| ticket.id() != id),
            Output::Wait(wake) => self.wait(engine, wake),
            Output::Finished => return None,
        }
        Some(())
    }

    fn wait(&mut self, engine: &mut Engine, wake: Wake) {
        if let Wake::At(at, why) = wake {
            assert!(at > self.now, "P1: a wake-up at {at} that is not after {} ({why:?})", self.now);
        }
        assert_eq!(engine.poll(self.now), Output::Wait(wake), "P2: polling again changed something");
        assert_ne!(self.last_wake, Some((self.now, wake)), "P3: nothing came of waiting as told");
        self.last_wake = None;
        // Sometimes time passes first, sometimes an answer comes first.
        let answer_first = !self.open.is_empty() && (!matches!(wake, Wake::At(..)) || !self.draws.one_in(4));
        if answer_first {
            let batch = 1 + self.draws.below(3);
            for _ in 0..batch.min(self.open.len()) {
                let index = match self.schedule {
                    Schedule::Fifo => 0,
                    Schedule::Lifo => self.open.len() - 1,
                    Schedule::Random(_) => self.draws.below(self.open.len()),
                };
                let (ticket, request) = self.open.remove(index);
                let outcome = self.world.answer(&request, engine.spec().id_key);
                engine.complete(ticket, outcome);
            }
        } else if let Wake::At(at, _) = wake {
            // Exactly as long as told, unless fetches would lapse for want of an answer.
            let lapse = self.open.is_empty() || at.since(self.now) < Duration::from_secs(20);
            if lapse {
                self.now = at;
                self.last_wake = Some((at, wake));
            } else {
                let (ticket, request) = self.open.remove(0);
                let outcome = self.world.answer(&request, engine.spec().id_key);
                engine.complete(ticket, outcome);
            }
        } else {
            panic!("the engine waits for input, and none is to come: {wake:?}");
        }
    }

    pub fn finish(&mut self, engine: &mut Engine) {
        while self.step(engine).is_some() {}
    }

    /// What a crash does: the answers in flight are gone.
    pub fn crash(&mut self) {
        self.open.clear();
    }

    pub fn open(&self) -> &[(Ticket, Request)] {
        &self.open
    }

    pub fn take_open(&mut self) -> Vec<(Ticket, Request)> {
        std::mem::take(&mut self.open)
    }
}

pub fn crawl(config: &Config, world: &World, schedule: Schedule) -> (Engine, Log) {
    let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::from_secs(0));
    let mut run = Run::new(world, schedule);
    run.finish(&mut engine);
    (engine, run.log)
}

/// Crawls with every answer there in the moment it is asked for, so that time passes only while the engine waits.
pub fn crawl_at_once(config: &Config, world: &World) -> (Engine, Log) {
    let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::from_secs(1_000_000));
    let (mut log, mut now) = (Log::default(), Time::ZERO);
    for step in 0.. {
        assert!(step < MAX_STEPS, "live-lock: {MAX_STEPS} outputs and no end");
        match engine.poll(now) {
            Output::Event(_) | Output::Cancel(_) => {}
            Output::Fetch(Fetch { ticket, request }) => {
                let outcome = world.answer(&request, engine.spec().id_key);
                log.requests.push((now, request));
                engine.complete(ticket, outcome);
            }
            Output::Wait(Wake::At(at, _)) => now = at,
            Output::Wait(wake) => panic!("the engine waits for input, and none is to come: {wake:?}"),
            Output::Finished => break,
        }
    }
    (engine, log)
}

/// Each link target, with its fragment where the verdict is about one, and what became of it.
pub fn verdicts(engine: &Engine) -> BTreeMap<String, Class> {
    let report = engine.report();
    let rows = report.links().filter(|link| !link.referrers.is_empty());
    rows.map(|link| {
        (format!("{}{}", link.url, link.fragment.map_or(String::new(), |f| format!("#{f}"))), link.class)
    })
    .collect()
}

/// What the report says of a URL that is linked to or was checked, in words.
pub fn message(engine: &Engine, url: &str) -> String {
    let report = engine.report();
    let row = report.links().find(|link| link.fragment.is_none() && link.url.to_string() == url);
    row.unwrap_or_else(|| panic!("{url} is not in the report")).message
}

/// The part of the report that must not depend on order, as text.
pub fn report_text(engine: &Engine) -> String {
    let report = engine.report();
    let mut text = format!("{:#?}\n", report.summary());
    for finding in report.findings() {
        text += &format!("{finding:?}\n");
    }
    for link in report.links() {
        text += &format!("{link:?}\n");
    }
    text
}

/// A start page that links to so many URLs of another host.
pub fn linking(host: &str, count: usize, page: &Page) -> World {
    let links: Vec<_> = (0..count).map(|n| format!("http://{host}/{n:03}")).collect();
    let world =
        World::default().page("http://a.test/", &links.iter().map(String::as_str).collect::<Vec<_>>());
    links.iter().fold(world, |world, link| world.with(link, page.clone()))
}
