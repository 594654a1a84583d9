//! A page written as bytes, and read by the digester.

use super::plain::TEXT;
use crate::draws::{hash, mix};
use crate::page::{Body, Element, Page};
use crawlspace::digest::{Appetite, Digest, Digester, End, Head, Transfer};
use crawlspace::{Request, RetryAfter, Spec};
use http::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use std::sync::Arc;

pub(super) fn digest(
    page: &Page,
    request: &Request,
    spec: &Arc<Spec>,
    end: End,
    transfer: Transfer,
    bytes: &mut Vec<u8>,
) -> Digest {
    let head = head(page);
    let mut digester = Digester::new(request, spec, &head);
    let mut end = end;
    if digester.appetite() == Appetite::More {
        bytes.clear();
        write(page, bytes);
        // Any cut into chunks must do; where they are depends on the URL.
        let mut rest = bytes.as_slice();
        let mut draw = hash(request.url.as_str());
        while !rest.is_empty() {
            draw = mix(draw.wrapping_add(1));
            let (chunk, left) = rest.split_at((1 + draw as usize % 200).min(rest.len()));
            rest = left;
            if digester.push(chunk) == Appetite::Enough {
                if end == End::Complete && !rest.is_empty() {
                    end = End::Enough;
                }
                break;
            }
        }
    }
    digester.finish(end, transfer)
}

fn head(page: &Page) -> Head {
    let mut headers = HeaderMap::new();
    let mut put = |name: HeaderName, value: &[u8]| {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    };
    put(
        CONTENT_TYPE,
        match &page.body {
            Body::Html if page.garbled => b"text/html; charset=windows-1252",
            Body::Html => b"text/html; charset=utf-8",
            Body::Sheet => b"text/css",
            Body::Other => b"application/octet-stream",
            Body::Robots(_) => b"text/plain",
            Body::Sitemap | Body::Index => b"application/xml",
        },
    );
    if let Some(location) = &page.location {
        put(LOCATION, location.as_bytes());
    }
    match page.retry_after {
        Some(RetryAfter::Delay(wait)) => put(RETRY_AFTER, wait.as_secs().to_string().as_bytes()),
        Some(RetryAfter::Date(date)) => put(RETRY_AFTER, http_date(date.as_secs()).as_bytes()),
        None => {}
    }
    // A status outside of 100 to 999 was answered before.
    Head { status: http::StatusCode::from_u16(page.status).unwrap_or_default(), headers }
}

/// A date as HTTP writes it (RFC 9110 section 5.6.7).
fn http_date(secs: i64) -> String {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
    let (days, rest) = (secs.div_euclid(86_400), secs.rem_euclid(86_400));
    // Days to a date of the Gregorian calendar, years beginning in March.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * march + 2) / 5 + 1;
    let month = if march < 10 { march + 2 } else { march - 10 };
    let year = year + era * 400 + i64::from(month <= 1);
    let (hour, minute, second) = (rest / 3_600, rest / 60 % 60, rest % 60);
    let (name, month) = (DAYS[days.rem_euclid(7) as usize], MONTHS[month as usize]);
    format!("{name}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

fn write(page: &Page, out: &mut Vec<u8>) {
    match &page.body {
        Body::Html => write_html(page, out),
        Body::Robots(text) => out.extend_from_slice(text.as_bytes()),
        Body::Sitemap => write_sitemap(page, "urlset", "url", out),
        Body::Index => write_sitemap(page, "sitemapindex", "sitemap", out),
        Body::Sheet => {
            out.extend_from_slice(b"p{background:\n");
            for row in &page.links {
                let (origin, path, _) = page.parts(row);
                out.extend_from_slice(format!("url(\"{origin}{path}\"),\n").as_bytes());
            }
            out.extend_from_slice(b"none}\n");
        }
        Body::Other => {}
    }
}

/// One line for each entry.
fn write_sitemap(page: &Page, root: &str, entry: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(
        format!("<{root} xmlns=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n").as_bytes(),
    );
    for row in &page.links {
        out.extend_from_slice(format!("<{entry}><loc>").as_bytes());
        escape(page.parts(row).1, out);
        out.extend_from_slice(format!("</loc></{entry}>\n").as_bytes());
    }
    out.extend_from_slice(format!("</{root}>\n").as_bytes());
}

/// One line for each id and each link, so that places are easy to tell.
fn write_html(page: &Page, out: &mut Vec<u8>) {
    let robots = if page.nofollow { "<meta name=robots content=nofollow>" } else { "" };
    out.extend_from_slice(format!("<!doctype html>{robots}\n").as_bytes());
    for id in page.id_texts() {
        out.extend_from_slice(b"<p id=\"");
        escape(id, out);
        out.extend_from_slice(b"\">text\n");
    }
    for row in &page.links {
        let (before, after): (&str, &str) = match row.element {
            Element::A if row.nofollow => ("<a rel=nofollow href=\"", "</a>"),
            // The others are of no HTML.
            Element::A | Element::CssUrl | Element::Loc | Element::IndexLoc => ("<a href=\"", "</a>"),
            Element::Img => ("<img alt=\"link\" src=\"", ""),
            Element::Iframe => ("<iframe src=\"", "</iframe>"),
            Element::Script => ("<script src=\"", "</script>"),
            Element::Form => ("<form action=\"", "</form>"),
        };
        let (origin, path, fragment) = page.parts(row);
        out.extend_from_slice(before.as_bytes());
        escape(origin, out);
        escape(path, out);
        if let Some(fragment) = fragment {
            out.push(b'#');
            escape(fragment, out);
        }
        out.extend_from_slice(b"\">");
        if row.element == Element::A {
            out.extend_from_slice(TEXT.as_bytes());
        }
        out.extend_from_slice(after.as_bytes());
        out.push(b'\n');
    }
    if page.garbled {
        out.extend_from_slice(b"<p>\xff\xfe\x80\xed\xa0\x80\xc3\n");
    }
}

fn escape(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'&' => out.extend_from_slice(b"&amp;"),
            b'"' => out.extend_from_slice(b"&quot;"),
            b'<' => out.extend_from_slice(b"&lt;"),
            _ => out.push(byte),
        }
    }
}
