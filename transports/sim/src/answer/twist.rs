//! What a fault makes of a page or of its digest.

use crate::draws::{mix, scale};
use crate::fault::Fault;
use crate::page::{Body, Element, Page};
use core::time::Duration;
use crawlspace::digest::{Digest, End, Link, Location, Media, Place, Role, Target};
use crawlspace::robots::RobotsFile;
use crawlspace::{Kind, Method, Need, Request, RetryAfter, UnixTime};

/// Whether a fault decides what a request is answered, of this page.
pub(super) fn decides_outcome(fault: Fault, request: &Request, page: &Page) -> bool {
    match fault {
        Fault::Doubled
        | Fault::Foreign
        | Fault::Clogged
        | Fault::Lost
        | Fault::Late
        | Fault::Busy
        | Fault::ClockBack
        | Fault::ClockAhead
        | Fault::Polled
        | Fault::Suspended => false,
        Fault::BadRobots => request.kind == Kind::Robots,
        Fault::BadTls => request.url.scheme() == "https" || page.failure.is_none(),
        Fault::Truncated | Fault::BodyTimeout | Fault::EndlessBody | Fault::BadCharset => {
            reads_body(request) && page.location.is_none()
        }
        Fault::BadRedirect | Fault::BadHeader | Fault::OddStatus => request.kind != Kind::Robots,
        Fault::OtherContent => page.body == Body::Html && page.status == 200 && request.kind != Kind::Robots,
        _ => true,
    }
}

/// Whether a fault changes what a page holds, so that there must be a page.
pub(super) fn needs_page(fault: Fault) -> bool {
    matches!(fault, Fault::EndlessBody | Fault::BadCharset | Fault::OtherContent)
}

/// Whether a request asks for the body at all: a GET that only needs the status stops at the head.
pub(super) fn reads_body(request: &Request) -> bool {
    request.method == Method::Get && request.need > Need::Status
}

/// Changes a page as a fault does that answers.
pub(super) fn twist(fault: Fault, draw: u64, request: &Request, page: &mut Page) {
    let pick = |count: u64| scale(draw, count);
    match fault {
        Fault::EndlessBody => page.size = u64::MAX,
        Fault::OddStatus => {
            page.clear();
            page.status = [299, 306, 399, 418, 460, 499, 530, 599, 600, 777, 999][pick(11) as usize];
        }
        Fault::BadHeader => redirect(page, 302, "http://[/\u{202e}\u{fffd}"),
        Fault::BadCharset => page.garbled = true,
        Fault::BadRedirect => match pick(8) {
            0 => redirect(page, 302, request.url.as_str()),
            1 => redirect(page, 307, "http://127.0.0.1:22/"),
            2 => redirect(page, 301, "mailto:nobody@sim.test"),
            3 => redirect(page, 302, ""),
            4 => redirect(page, 302, &"../".repeat(1_000)),
            5 => redirect(page, 303, "//"),
            6 => {
                page.clear();
                page.status = 302;
            }
            _ => redirect(page, 308, &format!("{}x", request.url.path())),
        },
        Fault::ComeLater => {
            page.clear();
            page.status = if pick(2) == 0 { 429 } else { 503 };
            page.retry_after = match mix(draw) % 7 {
                0 => None,
                1 => Some(RetryAfter::Delay(Duration::ZERO)),
                2 => Some(RetryAfter::Delay(Duration::from_secs(1))),
                3 => Some(RetryAfter::Delay(Duration::from_secs(1_000_000_000))),
                4 => Some(RetryAfter::Date(UnixTime::from_secs(0))),
                5 => Some(RetryAfter::Date(UnixTime::from_secs(4_000_000_000))),
                _ => Some(RetryAfter::Delay(Duration::from_secs(17))),
            };
        }
        Fault::BadRobots => bad_robots(draw, request, page),
        Fault::OtherContent => {
            let number = mix(draw) % 50;
            page.push_row(Element::A, "", &format!("/other{number}"), None);
        }
        _ => {}
    }
}

fn redirect(page: &mut Page, status: u16, to: &str) {
    page.clear();
    page.status = status;
    page.location = Some(to.to_owned());
}

fn bad_robots(draw: u64, request: &Request, page: &mut Page) {
    let status = |page: &mut Page, status| {
        page.clear();
        page.status = status;
        page.body = Body::Other;
    };
    match scale(draw, 8) {
        0 => status(page, 500),
        1 => status(page, 403),
        2 => status(page, 429),
        3 => {
            // HTML where rules should be: no rule in it.
            page.clear();
            page.body = Body::Robots("<!doctype html><title>Not found</title>".to_owned());
        }
        4 => {
            page.clear();
            page.body = Body::Robots("# nothing but size\n".repeat(40_000));
        }
        5 => {
            page.clear();
            page.body = Body::Robots("user-agent: *\ndisallow: /\n".to_owned());
        }
        // Once, or for ever.
        6 if request.url.query().is_none() => redirect(page, 301, "/robots.txt?moved"),
        6 => status(page, 404),
        _ => {
            let hop = request.url.query().and_then(|query| query.parse::<u32>().ok()).unwrap_or(0);
            redirect(page, 302, &format!("/robots.txt?{}", hop + 1));
        }
    }
}

/// Makes a digest say what no honest worker says.
pub(super) fn forge(draw: u64, request: &Request, digest: &mut Digest) {
    match scale(draw, 7) {
        0 => {
            digest.transfer.decoded = u64::MAX;
            digest.transfer.encoded = u64::MAX;
            digest.transfer.total = Duration::MAX;
        }
        1 => digest.ids = vec![u64::MAX, 0, 7, 7, 3],
        2 => {
            let rest = "/forged".repeat(10_000);
            let target = Target::Url { origin: "http://h0.sim.test", origin_index: 9, rest: &rest };
            push(digest, target);
        }
        3 => push(digest, Target::Url { origin: "http://", origin_index: 0, rest: "no path" }),
        4 => {
            // Rules where a page should be, a place to go with a status that has none.
            digest.robots = Some(RobotsFile::default());
            digest.location =
                Some(Location::To { url: "http://[".to_owned(), fragment: Some(String::new()) });
            if request.kind == Kind::Page {
                digest.media = Media::Robots;
            }
        }
        5 => digest.status = 302,
        _ => digest.end = End::TooLarge,
    }
}

fn push(digest: &mut Digest, target: Target<'_>) {
    digest.links.push(&Link {
        target,
        fragment: Some(""),
        text: "",
        spelling: Some("forged"),
        place: Place::A_HREF,
        role: Role::Followed,
        nofollow: false,
        line: u32::MAX,
        column: 0,
    });
}
