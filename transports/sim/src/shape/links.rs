//! Which pages a page of a plain shape links to.

use super::{Generated, Shape, decimal};
use crate::draws::keyed;
use crate::page::{Element, Page};
use core::fmt::Write as _;
use url::Url;

/// How many pages the first page of a hub links to.
const HUB: u64 = 1_000;

impl Generated {
    pub(super) fn fill(&self, number: u64, query: Option<&str>, page: &mut Page) {
        match self.shape {
            Shape::Site => self.site(number, page),
            Shape::Tree | Shape::Mixed => self.children(number, 3, page),
            Shape::Hosts => self.children(number, 10, page),
            Shape::Flaky => {
                page.flaky = (keyed(self.seed, 3, number) % 3) as u32;
                self.children(number, 3, page);
            }
            Shape::Diamond => {
                for step in [1, 2, 3, 7] {
                    self.link_if(number + step, page);
                }
                self.link_to(page, number / 2, None);
            }
            Shape::Cycle => self.link_to(page, (number + 1) % self.pages, None),
            Shape::Hub => {
                if number == 0 {
                    (1..self.pages.min(HUB)).for_each(|to| self.link_to(page, to, None));
                }
                self.link_to(page, 0, None);
                self.link_if(number + HUB, page);
            }
            Shape::Wide => {
                if number == 0 {
                    (1..self.pages).for_each(|to| self.link_to(page, to, None));
                }
            }
            Shape::Deep => self.link_if(number + 1, page),
            Shape::Maze => self.maze(number, page),
            Shape::Calendar => self.month(page, 0),
            Shape::Sessions => self.sessions(number, query, page),
        }
    }

    fn link_if(&self, to: u64, page: &mut Page) {
        if to < self.pages {
            self.link_to(page, to, None);
        }
    }

    fn children(&self, number: u64, each: u64, page: &mut Page) {
        let first = number.saturating_mul(each).saturating_add(1);
        (first..first.saturating_add(each)).for_each(|to| self.link_if(to, page));
    }

    fn site(&self, number: u64, page: &mut Page) {
        self.children(number, 2, page);
        let mut draws = self.draws(number);
        for _ in 0..8 {
            self.link_to(page, draws.below(self.pages), None);
        }
    }

    /// One page in four has links; the rest redirects.
    fn maze(&self, number: u64, page: &mut Page) {
        let mut draws = self.draws(number);
        if number == 0 || draws.one_in(4) {
            self.children(number, 3, page);
            self.link_to(page, draws.below(self.pages), Some("top"));
            return;
        }
        page.status = [301, 302, 303, 307, 308][draws.below(5) as usize];
        let next = (number + 1) % self.pages;
        page.location = Some(match draws.below(12) {
            0 => format!("/p{number}"),
            1 => format!("/p{}", number / 2),
            2 => "/nowhere".to_owned(),
            3 => "mailto:nobody@sim.test".to_owned(),
            4 => "http://[".to_owned(),
            5 => format!("/p{next}#part"),
            _ => format!("/p{next}"),
        });
    }

    /// A month links to the one before and the one after, and to three of its days' pages.
    fn month(&self, page: &mut Page, month: i64) {
        for to in [month - 1, month + 1] {
            self.link_to_path(page, 0, None, |path| write!(path, "/month/{to}"));
        }
        for day in 0..3 {
            self.link_to(page, keyed(self.seed, day, month.unsigned_abs()) % self.pages, None);
        }
    }

    pub(super) fn calendar(&self, url: &Url, page: &mut Page) -> bool {
        let text = url.path().strip_prefix("/month/").unwrap_or_default();
        let number = text.strip_prefix('-').unwrap_or(text);
        let Some(number) = decimal(number).and_then(|number| i64::try_from(number).ok()) else {
            return false;
        };
        self.month(page, if text.starts_with('-') { -number } else { number });
        true
    }

    /// Each link has an id that depends on the visit it stands in.
    fn sessions(&self, number: u64, query: Option<&str>, page: &mut Page) {
        let session = keyed(self.seed, crate::draws::hash(query.unwrap_or_default()), number);
        for link in 0..3 {
            let to = keyed(session, 4, link) % self.pages;
            let id = keyed(session, 5, link) >> 16;
            self.link_to_path(page, to, None, |path| write!(path, "/p{to}?session={id:x}"));
        }
        page.push_row(Element::Img, "", "/logo.png", None);
    }
}
