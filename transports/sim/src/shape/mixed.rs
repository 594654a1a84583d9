//! A web with everything in it that makes order matter.

use super::{Generated, other};
use crate::page::{Body, Element, Page};
use core::fmt::Write as _;
use crawlspace::{Connect, Dns, Failure, Phase, Tls};
use url::Url;

/// One host in so many of those outside is linked to from a page.
const OUTSIDE: u64 = 12;

impl Generated {
    pub(super) fn mixed(&self, number: u64, page: &mut Page) {
        let mut draws = self.draws(number);
        match draws.below(24) {
            0 if number > 0 => page.status = [404, 410, 403, 429, 500, 503][draws.below(6) as usize],
            1..=3 if number > 0 => {
                page.status = [301, 302, 303, 307, 308][draws.below(5) as usize];
                let mut to = String::new();
                let target = draws.below(self.pages);
                self.write_origin(&mut to, target);
                let _ = write!(to, "/p{target}");
                if draws.one_in(3) {
                    let _ = write!(to, "#f{}", draws.below(3));
                }
                page.location = Some(to);
            }
            4 if number > 0 && draws.one_in(2) => other(page),
            4 if number > 0 => {
                page.body = Body::Sheet;
                for _ in 0..draws.below(4) {
                    let mut href = String::new();
                    let target = draws.below(self.pages + 1);
                    self.write_origin(&mut href, target);
                    let _ = write!(href, "/p{target}");
                    page.push_row(Element::CssUrl, "", &href, None);
                }
            }
            5 if number > 0 => page.failure = Some(failure(draws.below(6))),
            _ => {
                for id in 0..draws.below(4) {
                    page.push_id(["f0", "f1", "f2", "f3"][id as usize]);
                }
                if number < 4 {
                    self.children_of_mixed(number, page);
                }
                for _ in 0..draws.below(7) {
                    self.mixed_link(&mut draws, page);
                }
            }
        }
        page.nofollow = number > 0 && page.body == Body::Html && draws.one_in(12);
        if draws.one_in(10) {
            page.flaky = 1;
        }
        if draws.one_in(10) {
            page.size = draws.below(5_000);
        }
    }

    /// The first pages link to many, so that little is out of reach.
    fn children_of_mixed(&self, number: u64, page: &mut Page) {
        for to in (number * 5 + 1)..(number * 5 + 6) {
            if to < self.pages {
                self.link_to(page, to, None);
            }
        }
    }

    fn mixed_link(&self, draws: &mut crate::Draws, page: &mut Page) {
        let fragment = draws.one_in(4).then(|| ["f0", "f1", "f2", "f3"][draws.below(4) as usize]);
        let element = match draws.below(8) {
            0 | 1 => Element::Img,
            2 => Element::Form,
            3 => Element::Iframe,
            _ => Element::A,
        };
        let mut href = String::new();
        match draws.below(OUTSIDE) {
            0 => {
                let _ = write!(href, "http://x{}.out.test/", draws.below(self.pages + 2));
            }
            1 => href.push_str(
                ["mailto:a@sim.test", "http://[", "/nowhere", "tel:1", "/sitemap.xml"]
                    [draws.below(5) as usize],
            ),
            _ => {
                let target = draws.below(self.pages + 1);
                self.write_origin(&mut href, target);
                let _ = write!(href, "/p{target}");
            }
        }
        if let Some(fragment) = fragment {
            href.push('#');
            href.push_str(fragment);
        }
        page.push_row(element, "", &href, None);
        if element == Element::A && draws.one_in(8) {
            page.mark_nofollow();
        }
    }

    /// A sitemap of pages here, elsewhere and nowhere, or one of sitemaps, which may name itself.
    fn mixed_sitemap(&self, url: &Url, draws: &mut crate::Draws, page: &mut Page) {
        let is_index = draws.one_in(if url.path() == "/sitemap.xml" { 2 } else { 3 });
        page.body = if is_index { Body::Index } else { Body::Sitemap };
        for _ in 0..draws.below(5) {
            let mut href = String::new();
            if is_index {
                let _ = write!(href, "/map{}.xml", draws.below(6));
                page.push_row(Element::IndexLoc, "", &href, None);
                continue;
            }
            match draws.below(6) {
                0 => {
                    let _ = write!(href, "http://x{}.out.test/", draws.below(self.pages + 2));
                }
                1 => {
                    href.push_str(["mailto:a@sim.test", "/nowhere", "/sitemap.xml"][draws.below(3) as usize])
                }
                _ => {
                    let target = draws.below(self.pages + 1);
                    self.write_origin(&mut href, target);
                    let _ = write!(href, "/p{target}");
                }
            }
            if draws.one_in(5) {
                let _ = write!(href, "#f{}", draws.below(3));
            }
            page.push_row(Element::Loc, "", &href, None);
        }
    }

    /// Robots rules, sitemaps, and hosts outside.
    pub(super) fn mixed_extra(&self, url: &Url, page: &mut Page) -> bool {
        let Some(host) = url.host_str() else { return false };
        let mut draws = crate::Draws::new(self.seed).fork(host);
        if url.path() == "/robots.txt" {
            let mut text = String::from("User-agent: *\n");
            for _ in 0..draws.below(3) {
                let _ = writeln!(text, "Disallow: /p{}", 1 + draws.below(self.pages));
            }
            if draws.one_in(4) {
                text.push_str("Crawl-delay: 2\n");
            }
            if draws.one_in(2) {
                text.push_str(["Sitemap: /sitemap.xml\n", "Sitemap: /map1.xml\n"][draws.below(2) as usize]);
            }
            page.body = Body::Robots(text);
            return host.ends_with(".sim.test") && draws.one_in(2);
        }
        if url.path().ends_with(".xml") {
            let mut draws = draws.fork(url.path());
            if draws.one_in(5) {
                page.status = 301;
                page.location = Some("/map2.xml".to_owned());
            } else {
                self.mixed_sitemap(url, &mut draws, page);
            }
            return host.ends_with(".sim.test") && draws.below(4) > 0;
        }
        if !host.ends_with(".out.test") {
            return false;
        }
        match draws.below(8) {
            0 => page.status = 404,
            1 => {
                page.status = 301;
                page.location = Some(format!("http://h0.sim.test/p{}", draws.below(self.hosts) * self.hosts));
            }
            // HEAD says what GET does not.
            2 => page.head = Some([405, 404, 403, 429, 500, 501][draws.below(6) as usize]),
            3 => page.failure = Some(failure(draws.below(6))),
            _ => page.push_id("f1"),
        }
        if page.status == 200 {
            // What is outside links back, which must lead nowhere.
            self.link_to(page, self.pages.saturating_sub(1), None);
        }
        true
    }
}

const fn failure(number: u64) -> Failure {
    match number {
        0 => Failure::Timeout(Phase::Head),
        1 => Failure::Dns(Dns::NoSuchName),
        2 => Failure::Connect(Connect::Refused),
        3 => Failure::Tls(Tls::Expired),
        4 => Failure::Truncated,
        _ => Failure::Closed,
    }
}
