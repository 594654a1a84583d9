//! Header fields: any value can be read, and what is written is read again.

use super::input::one_of;
use crawlspace::codec::{Decode, Encode};
use crawlspace::digest::{Location, RateLimit};
use crawlspace::header::{self, LinkValue, MediaType};
use crawlspace::{Identity, RetryAfter, UnixTime};
use http::{HeaderMap, HeaderValue};
use url::Url;

const NAMES: &[&str] = &["content-type", "location", "retry-after", "link", "x-robots-tag", "ratelimit"];

/// A byte that chooses the field, then its lines.
pub(super) fn body(mut data: &[u8]) {
    let name = one_of(&mut data, NAMES);
    let lines: Vec<&[u8]> = data.split(|byte| *byte == b'\n').collect();
    let mut headers = HeaderMap::new();
    for line in &lines {
        if let Ok(value) = HeaderValue::from_bytes(line) {
            headers.append(name, value);
        }
    }
    match name {
        "content-type" => {
            MediaType::of(&headers).iter().for_each(media_type);
            lines.iter().filter_map(|line| MediaType::parse(line)).for_each(|one| media_type(&one));
        }
        "location" => location(&headers),
        "retry-after" => lines.iter().for_each(|line| retry_after(line)),
        "link" => {
            let links: Vec<LinkValue> = header::links(&headers).collect();
            for link in links.iter().chain(&LinkValue::parse(data)) {
                let names: Vec<_> = link.parameters.iter().map(|(name, _)| name).collect();
                assert!(names.iter().enumerate().all(|(at, name)| !names[..at].contains(name)), "{link:?}");
                assert!(link.rel().all(|rel| !rel.is_empty() && rel == rel.to_ascii_lowercase()));
            }
        }
        "ratelimit" => {
            let all = RateLimit::of(&headers);
            // No line on its own leaves less than all of them.
            for line in headers.get_all(name).iter().filter_map(|line| line.to_str().ok()) {
                assert!(
                    RateLimit::parse(line)
                        .is_none_or(|one| all.is_some_and(|all| all.remaining <= one.remaining))
                );
            }
        }
        _ => {
            let all = header::x_robots_tag(&headers, "mybot");
            // Each line on its own asks for no more than all of them.
            for line in headers.get_all(name) {
                let mut one = HeaderMap::new();
                one.append(name, line.clone());
                let one = header::x_robots_tag(&one, "mybot");
                assert!(all.noindex >= one.noindex && all.nofollow >= one.nofollow);
            }
            let text = String::from_utf8_lossy(data);
            let _ = header::meta_robots("robots", &text, "mybot");
            assert_eq!(header::meta_robots("otherbot", &text, "mybot"), Default::default());
        }
    }
}

fn media_type(media_type: &MediaType) {
    let written = media_type.to_string();
    // The standard's characters up to U+00FF are octets.
    let octets: Vec<u8> = written.chars().map(|char| u8::try_from(char).unwrap()).collect();
    assert_eq!(MediaType::parse(&octets).as_ref(), Some(media_type), "{written}");
    assert_eq!(media_type.essence(), media_type.essence().to_ascii_lowercase());
    let _ = media_type.encoding();
}

fn location(headers: &HeaderMap) {
    let url = Url::parse("http://example.com/a/b?c#d").unwrap();
    let Some(location) = header::location(301, headers, &url) else {
        return assert!(headers.is_empty());
    };
    assert_eq!(header::location(200, headers, &url), None);
    let raw = core::str::from_utf8(headers["location"].as_bytes());
    if let Ok(raw) = raw {
        let expected = match url.join(raw) {
            Ok(target) => Location::To {
                url: Identity::of(&target).to_string(),
                fragment: target.fragment().map(str::to_owned),
            },
            Err(_) => Location::Invalid(raw.to_owned()),
        };
        assert_eq!(location, expected);
    }
    if let Some(next) = header::next_url(&url, &location) {
        assert!(matches!(next.scheme(), "http" | "https"), "{next}");
    }
    assert_eq!(Location::from_bytes(&location.to_bytes()).as_ref(), Ok(&location), "over a queue");
}

fn retry_after(line: &[u8]) {
    let after = RetryAfter::parse(line);
    if let Some(after) = after {
        let _ = after.wait(UnixTime::from_secs(0));
        assert_eq!(RetryAfter::from_bytes(&after.to_bytes()), Ok(after), "over a queue");
    }
    let text = String::from_utf8_lossy(line);
    if let Some(date) = header::http_date(&text) {
        assert_eq!(after, Some(RetryAfter::Date(date)), "what is strict is also lenient");
    }
}
