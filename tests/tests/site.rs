//! The generated site's truth, against what its pages really say: read with a tokenizer, resolved by the URL
//! standard, asked of the real server and of the folder.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod reading;

use crawlspace::Identity;
use crawlspace_tests::request::spec;
use crawlspace_tests::site::{GHOST, Host, Shape, Site, Truth};
use crawlspace_tests::web::{Bound, Web};
use reading::Page;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use url::Url;

const ORIGIN: &str = "http://site.test";

/// Finds out the truth as a slow and simple crawler would.
fn crawl(site: &Site) -> Truth {
    let mut truth = Truth::default();
    let mut pages = BTreeMap::new();
    let mut waiting = vec!["/".to_owned()];
    let mut links = Vec::new();
    let mut moved = BTreeMap::new();
    while let Some(url) = waiting.pop() {
        if truth.urls.contains_key(&url) {
            continue;
        }
        let answer = site.answer(&url);
        truth.urls.insert(url.clone(), answer.status);
        if let Some(to) = answer.location {
            moved.insert(url, to.clone());
            waiting.push(to);
        } else if answer.status == 200 && answer.content_type.starts_with("text/html") {
            let page = Page::read(&answer.body);
            let here = Url::parse(&format!("{ORIGIN}{url}")).unwrap();
            let base = page.base.as_ref().map_or(here.clone(), |base| here.join(base).unwrap());
            truth.pages.insert(url.clone());
            for (place, written) in &page.links {
                match base.join(written) {
                    Ok(to) if to.as_str().starts_with(ORIGIN) => {
                        let path = Identity::of(&to).rest().to_owned();
                        truth.links += 1;
                        if path.starts_with("/private/") {
                            truth.disallowed.entry(path).or_default().insert(url.clone());
                            continue;
                        }
                        waiting.push(path.clone());
                        links.push((url.clone(), place.clone(), path, to.fragment().map(str::to_owned)));
                    }
                    Ok(to) => assert!(["mailto", "tel", "javascript"].contains(&to.scheme()), "{to}"),
                    Err(_) => {
                        truth.invalid.entry(written.clone()).or_default().insert(url.clone());
                    }
                }
            }
            pages.insert(url, page.ids);
        }
    }
    for (page, place, target, fragment) in links {
        let mut hops: Vec<String> = Vec::new();
        let end = loop {
            let at = hops.last().unwrap_or(&target).clone();
            match moved.get(&at) {
                Some(to) if *to == target || hops.contains(to) => break None,
                Some(to) => hops.push(to.clone()),
                None => break Some(at),
            }
        };
        let Some(end) = end else {
            truth.loops.entry(target).or_default().insert(page);
            continue;
        };
        if truth.urls[&end] >= 400 {
            let broken = truth.broken.entry(target).or_default();
            broken.status = truth.urls[&end];
            broken.hops = hops;
            broken.pages.insert(page);
            broken.places.insert(Box::leak(place.into_boxed_str()));
            continue;
        }
        if !hops.is_empty() {
            let redirected = truth.redirected.entry(target.clone()).or_default();
            redirected.status = truth.urls[&target];
            redirected.hops = hops;
            redirected.pages.insert(page.clone());
        }
        let Some(fragment) = fragment.filter(|fragment| !fragment.is_empty() && fragment != "top") else {
            continue;
        };
        let ids = &pages[&end];
        let plain = percent_encoding::percent_decode_str(&fragment).decode_utf8_lossy().into_owned();
        if !ids.contains(&fragment) && !ids.contains(&plain) {
            truth.dead_fragments.entry((target, fragment)).or_default().insert(page);
        }
    }
    truth
}

fn shapes() -> impl Iterator<Item = Shape> {
    let sizes = [(1, 30), (2, 30), (45, 40), (300, 60), (600, 70)];
    sizes.into_iter().enumerate().map(|(at, (pages, links_per_page))| Shape {
        pages,
        links_per_page,
        bytes_per_page: 6_000,
        seed: at as u64,
        host: if at % 2 == 0 { Host::Server } else { Host::Folder },
        origin: (at % 3 == 0).then(|| ORIGIN.to_owned()),
        css_links: false,
    })
}

#[test]
fn truth_is_what_the_pages_say() {
    for shape in shapes() {
        let site = Site::generate(shape.clone());
        let (told, found) = (site.truth(), crawl(&site));
        let seen: Vec<_> =
            told.urls.keys().filter(|url| found.urls.get(*url) != told.urls.get(*url)).collect();
        let more: Vec<_> = found.urls.keys().filter(|url| !told.urls.contains_key(*url)).collect();
        assert_eq!((seen, more), (vec![], vec![]), "{shape:?}");
        assert_eq!(told.broken, found.broken, "{shape:?}");
        assert_eq!(told.redirected, found.redirected, "{shape:?}");
        assert_eq!(told.loops, found.loops, "{shape:?}");
        assert_eq!(told.dead_fragments, found.dead_fragments, "{shape:?}");
        assert_eq!(told, &found, "{shape:?}");
        assert!(!told.urls.keys().any(|url| url.starts_with(GHOST)));
    }
}

#[test]
fn every_page_is_reached_and_every_fault_is_there() {
    for shape in shapes().filter(|shape| shape.pages > 40) {
        let site = Site::generate(shape.clone());
        let truth = site.truth();
        assert!(site.pages().iter().all(|page| truth.pages.contains(page)), "{shape:?}");
        let statuses: BTreeSet<u16> = truth.broken.values().map(|broken| broken.status).collect();
        let places: BTreeSet<&str> =
            truth.broken.values().flat_map(|broken| &broken.places).copied().collect();
        assert!(
            places.is_superset(&["a[href]", "img[src]", "img[srcset]", "link[href]", "script[src]"].into())
        );
        let server = shape.host == Host::Server;
        assert_eq!(statuses, if server { [403, 404, 410, 500].into() } else { [404].into() }, "{shape:?}");
        assert_eq!(truth.broken.values().any(|broken| !broken.hops.is_empty()), server);
        assert_eq!(truth.redirected.values().any(|redirected| redirected.hops.len() > 2), server);
        assert_eq!(truth.loops.is_empty(), !server);
        let through = |(url, _): &(String, String)| truth.redirected.contains_key(url);
        assert!(truth.dead_fragments.keys().any(through) && !truth.dead_fragments.keys().all(through));
        assert!(!truth.invalid.is_empty() && !truth.disallowed.is_empty());
        assert!(truth.broken.values().any(|broken| broken.pages.len() >= shape.pages), "the footer's");
    }
}

#[test]
fn shape_and_seed_decide_all() {
    let shape = Shape { pages: 60, ..Shape::default() };
    let (a, b) = (Site::generate(shape.clone()), Site::generate(shape.clone()));
    assert_eq!(a.truth(), b.truth());
    assert!(a.pages().iter().all(|page| a.answer(page) == b.answer(page)));
    let other = Site::generate(Shape { seed: 2, ..shape.clone() });
    assert_ne!(a.answer("/"), other.answer("/"));
    let slashless = a.answer("/blog/topic-00001?a=b");
    assert_eq!((slashless.status, slashless.location.as_deref()), (301, Some("/blog/topic-00001/?a=b")));
    let large = Site::generate(Shape { pages: 500, bytes_per_page: 20_000, ..shape });
    let bytes: usize = large.pages().iter().map(|page| large.answer(page).body.len()).sum();
    assert!((17_000..23_000).contains(&(bytes / 500)), "{}", bytes / 500);
}

#[test]
fn css_links_are_part_of_the_truth_where_asked_for() {
    let plain = Site::generate(Shape::default());
    let css = Site::generate(Shape { css_links: true, ..Shape::default() });
    let sheet = String::from_utf8(css.answer("/assets/css/main.css").body).unwrap();
    assert!(sheet.contains("css-missing.png") && sheet.contains("@import"));
    assert_eq!(css.truth().urls["/assets/css/print.css"], 200);
    assert_eq!(css.truth().broken["/assets/img/css-missing.png"].places, ["css[url()]"].into());
    assert_eq!(css.truth().urls.len(), plain.truth().urls.len() + 2);
}

#[test]
fn server_and_folder_answer_alike() {
    let bound = Bound::new().unwrap();
    let shape = Shape { pages: 120, host: Host::Folder, origin: Some(bound.origin()), ..Shape::default() };
    let site = Arc::new(Site::generate(shape));
    let folder = tempfile::tempdir().unwrap();
    site.write_to(folder.path()).unwrap();
    let web = {
        let site = Arc::clone(&site);
        bound.serve(move |path, _| site.answer(path))
    };
    let base = Url::parse(web.origin()).unwrap();
    let dir = crawlspace_dir::Dir::open(folder.path()).unwrap().base_url(&base).unwrap();
    let dir = dir.build(spec());
    let mut client = Client::new(&web);
    for (path, &status) in &site.truth().urls {
        let url = Url::parse(&format!("{}{path}", web.origin())).unwrap();
        let file = dir.file_of(&url);
        assert_eq!(file.is_some(), status == 200, "{path}");
        let (got, body) = client.get(path);
        assert_eq!(got, status, "{path}");
        if let Some(file) = file {
            assert_eq!(std::fs::read(folder.path().join(file)).unwrap(), body, "{path}");
        }
    }
    assert_eq!(web.connections(), 1);
    assert_eq!(web.most_at_once(), 1);
    let asked: BTreeMap<_, _> = web.requests();
    assert_eq!(asked.len(), site.truth().urls.len());
    assert!(asked.iter().all(|((method, path), &count)| method == "GET"
        && count == 1
        && site.truth().urls.contains_key(path)));
    web.reset();
    assert!(web.requests().is_empty() && web.connections() == 0);
}

/// One connection, one request after another.
struct Client(std::io::BufReader<std::net::TcpStream>);

impl Client {
    fn new(web: &Web) -> Self {
        Self(std::io::BufReader::new(std::net::TcpStream::connect(web.address()).unwrap()))
    }

    fn get(&mut self, path: &str) -> (u16, Vec<u8>) {
        use std::io::{BufRead, Read, Write};
        write!(self.0.get_mut(), "GET {path} HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        let (mut status, mut length) = (0, 0);
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).unwrap();
            match line.trim_end().split_once(' ') {
                None => break,
                Some(("HTTP/1.1", rest)) => status = rest[..3].parse().unwrap(),
                Some(("Content-Length:", value)) => length = value.parse().unwrap(),
                Some(_) => {}
            }
        }
        let mut body = vec![0; length];
        self.0.read_exact(&mut body).unwrap();
        (status, body)
    }
}
