//! References are resolved as the `url` crate and the identity rules do it, whichever way is taken.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::Identity;
use crawlspace::digest::{Link, Target};
use proptest::prelude::*;
use support::{digest_with, spec};
use url::{Position, Url};

const BASES: &[&str] = &[
    "http://h.example/",
    "http://h.example/a/b/c.html?q=1#f",
    "https://user:pw@h.example:8443/a//b/",
    "http://h.example/~u/%7e/x",
    "http://h.example/%41/x",
    "http://h.example/%2F/x?%7E",
    "http://127.0.0.1:8080/docs/v1/page.html",
    "http://[::1]/x/y?z",
    "file:///C:/dir/page.html",
    "ftp://h.example/a/b",
    "mailto:a@b",
];

const PARTS: &[&str] = &[
    "/",
    "/",
    "//",
    ".",
    "..",
    "./",
    "../",
    "/./",
    "/../",
    "a",
    "b.html",
    ".hidden",
    "...",
    "x:y",
    "C:",
    "?",
    "#",
    "q=1",
    "&",
    "%20",
    "%7E",
    "%7e",
    "%2f",
    "%2F",
    "%2e",
    "%",
    "%4",
    "%zz",
    "é",
    " ",
    "\t",
    "\\",
    "|",
    "'",
    "\"",
    "<",
    "^",
    "`",
    "{",
    "[",
    "]",
    "~",
    "!",
    "$",
    "(",
    "*",
    "+",
    ",",
    ";",
    "=",
    "@",
    ":",
    "http:",
    "https:",
    "HTTP:",
    "http://h.example",
    "http://h.example/",
    "https://user:pw@h.example:8443/",
    "http://127.0.0.1:8080/",
    "//h.example/",
    "http://o.example/",
    "http://0x7f.1/",
    "http://H.example/",
    "http://o.example",
    "mailto:",
    "javascript:",
    "data:",
    "file:",
    "\u{1f}",
    "\0",
];

fn reference() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => prop::collection::vec(prop::sample::select(PARTS), 0..7).prop_map(|parts| parts.concat()),
        1 => "[!-~]{0,12}",
        1 => "(\\.\\./|\\./|/)?([a-z0-9._-]{1,4}/){0,3}[a-z]{0,3}(\\?[a-z=&/?']{0,4})?(#[a-z%/?`]{0,4})?",
    ]
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('"', "&quot;").replace('\r', "&#13;")
}

fn expect(link: &Link<'_>, base: &Url, reference: &str) {
    // NUL is U+FFFD in HTML.
    let reference = reference.replace('\0', "\u{fffd}");
    let trimmed = reference.trim_matches(|c| c <= ' ');
    // The `url` crate takes two slashes of three for those before a host, unless a scheme stands before them.
    let slashes =
        trimmed.chars().filter(|c| !matches!(c, '\t' | '\n' | '\r')).take_while(|c| matches!(c, '/' | '\\'));
    let joined = match slashes.count() {
        3.. if matches!(base.scheme(), "http" | "ftp" | "https") => {
            Url::parse(&format!("{}:{trimmed}", base.scheme()))
        }
        _ => base.join(&reference),
    };
    let Ok(url) = joined else {
        assert_eq!(link.target, Target::Invalid(trimmed), "{reference:?} in {base}");
        return;
    };
    let identity = Identity::of(&url);
    let Target::Url { origin, rest, .. } = link.target else { panic!("{reference:?} in {base} is {url}") };
    assert_eq!((origin, rest), (identity.origin(), identity.rest()), "{reference:?} in {base}");
    assert_eq!(link.fragment, url.fragment(), "{reference:?} in {base}");
    let is_plain = &url[..Position::AfterQuery] == identity.as_str();
    let spelling = (!is_plain).then_some(trimmed);
    assert_eq!(link.spelling, spelling, "{reference:?} in {base}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_way_gives_the_same_url(
        base in prop::sample::select(BASES),
        references in prop::collection::vec(reference(), 1..12),
    ) {
        // The fragment of the document's URL is not part of its base.
        let links: String =
            references.iter().map(|reference| format!("<a href=\"{}\"></a>", escaped(reference))).collect();
        let digest = digest_with(spec(), base, Some("text/html;charset=utf-8"), &[links.as_bytes()]);
        prop_assert_eq!(digest.links.len(), references.len());
        let base = Url::parse(base).unwrap();
        for (link, reference) in digest.links.iter().zip(&references) {
            expect(&link, &base, reference);
        }
    }
}
