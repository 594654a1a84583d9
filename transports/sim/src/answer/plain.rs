//! A digest built as such, without bytes.

use super::is_document;
use crate::page::{Body, Element, Page};
use crawlspace::digest::{Digest, End, Link, Location, Media, Target, Transfer};
use crawlspace::{Identity, Kind, Method, Need, Request, Spec};

/// The line that the first id or link stands on, in what [`super::html`] writes.
pub(super) const FIRST_LINE: u32 = 2;

/// The text of each link.
pub(super) const TEXT: &str = "link";

pub(super) fn digest(page: &Page, request: &Request, spec: &Spec, end: End, transfer: Transfer) -> Digest {
    let mut digest = Digest {
        status: page.status,
        location: location(page, request),
        retry_after: page.retry_after,
        end,
        transfer,
        ..Digest::default()
    };
    let succeeds = (200..=299).contains(&page.status);
    if request.method == Method::Head || !succeeds {
        return digest;
    }
    if request.kind == Kind::Robots {
        digest.media = Media::Robots;
        let text = if let Body::Robots(text) = &page.body { text.as_str() } else { "" };
        let cap = usize::try_from(spec.limits.robots_bytes).unwrap_or(usize::MAX);
        let mut parser = crawlspace::robots::Parser::new(&spec.robots_token, cap as u64);
        let _ = parser.push(text.as_bytes());
        digest.robots = Some(parser.finish());
        return digest;
    }
    if request.need == Need::Status || !is_document(page) {
        return digest;
    }
    digest.media = match page.body {
        Body::Html => Media::Html,
        Body::Sheet => Media::Css,
        // Asked for as anything else, it is nothing that is read.
        _ if request.kind != Kind::Sitemap => return digest,
        _ => Media::Sitemap,
    };
    digest.directives.nofollow = page.nofollow;
    digest.ids = page.id_texts().map(|id| spec.id_key.hash(id.as_bytes())).collect();
    digest.ids.sort_unstable();
    digest.ids.dedup();
    if request.need == Need::Links || request.kind == Kind::Sitemap {
        let first = FIRST_LINE + u32::try_from(page.ids.len()).unwrap_or(u32::MAX);
        for (line, row) in (first..).zip(&page.links) {
            push(&mut digest, page, request, row, line);
        }
    }
    digest
}

fn push(digest: &mut Digest, page: &Page, request: &Request, row: &crate::page::Row, line: u32) {
    let (origin, path, fragment) = page.parts(row);
    let text = if matches!(row.element, Element::A | Element::Img) { TEXT } else { "" };
    // Where the element begins: a sitemap's stands in another one.
    let column = match row.element {
        Element::Loc => "<url>".len() as u32 + 1,
        Element::IndexLoc => "<sitemap>".len() as u32 + 1,
        _ => 1,
    };
    let link = |target, fragment| Link {
        target,
        fragment,
        text,
        spelling: None,
        place: row.element.place(),
        role: row.element.role(),
        nofollow: row.nofollow,
        line,
        column,
    };
    if !origin.is_empty() {
        let target = Target::Url { origin, origin_index: 0, rest: path };
        return digest.links.push(&link(target, fragment));
    }
    match request.url.join(path) {
        Ok(url) => {
            let identity = Identity::of(&url);
            let target = Target::Url { origin: identity.origin(), origin_index: 0, rest: identity.rest() };
            digest.links.push(&link(target, url.fragment()));
        }
        Err(_) => digest.links.push(&link(Target::Invalid(path), None)),
    }
}

fn location(page: &Page, request: &Request) -> Option<Location> {
    let text = page.location.as_ref()?;
    if !matches!(page.status, 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    Some(match request.url.join(text) {
        Ok(url) => Location::To {
            url: Identity::of(&url).as_str().to_owned(),
            fragment: url.fragment().map(str::to_owned),
        },
        Err(_) => Location::Invalid(text.clone()),
    })
}
