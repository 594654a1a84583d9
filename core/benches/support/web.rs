//! A site of any size, made page by page: navigation that repeats, and links all over.

use crawlspace::digest::{Digest, Link, Media, Place, Role, Target};
use crawlspace::{Outcome, Request};

/// The path of a page: some 48 bytes, so that a URL has some 66.
pub(crate) fn path(page: u32) -> String {
    if page == 0 {
        return "/".to_owned();
    }
    format!("/section-{:02}/some-longer-topic-name/page-{page:08}.html", page % 40)
}

fn number(path: &str) -> u32 {
    let digits = path.rsplit('-').next().and_then(|end| end.strip_suffix(".html"));
    digits.and_then(|digits| digits.parse().ok()).unwrap_or(0)
}

/// A page with so many links: half of them navigation, the rest its children and others drawn by its number.
pub(crate) fn answer(request: &Request, pages: u32, links: u32) -> Outcome {
    let page = number(request.url.path());
    let mut digest = Digest { status: 200, media: Media::Html, ..Digest::default() };
    digest.ids = (0..6).map(|id| u64::from(page) << 8 | id).collect();
    let nav = links / 2;
    let children = 4;
    for link in 0..links {
        let to = if link < nav {
            link * 7 % pages
        } else if link < nav + children {
            page.saturating_mul(children) + 1 + (link - nav)
        } else {
            page.wrapping_mul(2_654_435_761).wrapping_add(link.wrapping_mul(40_503)) % pages
        };
        if to >= pages {
            continue;
        }
        let (text, rest) = (format!("Link {}", to % 977), path(to));
        let fragment = (link % 9 == 8).then(|| format!("sec-{}", to % 7));
        digest.links.push(&Link {
            target: Target::Url { origin: "http://site.test", origin_index: 0, rest: &rest },
            fragment: fragment.as_deref(),
            text: &text,
            spelling: None,
            place: Place::A_HREF,
            role: Role::Followed,
            nofollow: false,
            line: 20 + link * 3,
            column: 9,
        });
    }
    Outcome::Answered(Box::new(digest))
}
