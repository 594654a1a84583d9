//! What a page asks of robots: `X-Robots-Tag` and `<meta name=robots>`.
//!
//! No standard describes them; what is read here is what the large search engines document and agree on.

use crate::digest::Directives;
use crate::robots::product_token_of;
use http::HeaderMap;

/// What the `X-Robots-Tag` lines of a response ask of the crawler with this product token. All lines that apply are
/// joined, so that the strictest counts; a line that begins with an agent's name and a colon is for that agent.
#[must_use]
pub fn x_robots_tag(headers: &HeaderMap, product_token: &str) -> Directives {
    let token = product_token_of(product_token.as_bytes());
    let mut joined = Directives::default();
    for line in headers.get_all("x-robots-tag") {
        let line = line.as_bytes();
        let rules = match agent_of(line) {
            Some((agent, rules)) if agent.eq_ignore_ascii_case(token) => rules,
            Some(_) => continue,
            None => line,
        };
        join(&mut joined, directives(rules));
    }
    joined
}

/// What a `meta` element with this `name` and `content` asks of the crawler with this product token: something if
/// the name is `robots` or the token, in any case. The element's own requests; those of several are to be joined.
#[must_use]
pub fn meta_robots(name: &str, content: &str, product_token: &str) -> Directives {
    let name = name.trim_ascii().as_bytes();
    let token = product_token_of(product_token.as_bytes());
    if name.eq_ignore_ascii_case(b"robots") || !token.is_empty() && name.eq_ignore_ascii_case(token) {
        directives(content.as_bytes())
    } else {
        Directives::default()
    }
}

/// The agent that a line begins with, and the rest; `None` if what stands before the first colon is a rule.
fn agent_of(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let sign = memchr::memchr2(b':', b',', line).filter(|&at| line[at] == b':')?;
    let name = line[..sign].trim_ascii();
    let with_value: [&[u8]; 4] =
        [b"unavailable_after", b"max-snippet", b"max-image-preview", b"max-video-preview"];
    let rule = with_value.iter().any(|rule| rule.eq_ignore_ascii_case(name));
    (!rule).then_some((name, &line[sign + 1..]))
}

fn directives(rules: &[u8]) -> Directives {
    let mut found = Directives::default();
    for rule in rules.split(|&octet| octet == b',').map(<[u8]>::trim_ascii) {
        let none = rule.eq_ignore_ascii_case(b"none");
        found.noindex |= none || rule.eq_ignore_ascii_case(b"noindex");
        found.nofollow |= none || rule.eq_ignore_ascii_case(b"nofollow");
    }
    found
}

fn join(all: &mut Directives, more: Directives) {
    all.noindex |= more.noindex;
    all.nofollow |= more.nofollow;
}
