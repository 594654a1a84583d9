//! References are resolved as the `url` crate and the identity rules do it, and an identity stays what it is.

use super::digest::{digest_at, spec};
use crawlspace::digest::Target;
use crawlspace::{Identity, Need};
use std::sync::Arc;
use url::{Position, Url};

const BASE: &str = "http://h.example/a/b/c.html?q=1#f";

/// A line with the base, then the references, one a line.
pub(super) fn body(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    let (base, references) = text.split_once('\n').unwrap_or((BASE, &text));
    let base = Url::parse(base).unwrap_or_else(|_| Url::parse(BASE).unwrap());
    is_stable(&base);
    let references: Vec<&str> = references.split('\n').take(16).collect();
    let markup: String =
        references.iter().map(|reference| format!("<a href=\"{}\"></a>", escaped(reference))).collect();
    let chunks = [markup.as_bytes()];
    let digest =
        digest_at(&base, &Arc::new(spec(false)), Need::Links, Some("text/html;charset=utf-8"), chunks);
    assert_eq!(digest.links.len(), references.len());
    for (link, reference) in digest.links.iter().zip(references) {
        // NUL is U+FFFD in HTML.
        let reference = reference.replace('\0', "\u{fffd}");
        let trimmed = reference.trim_matches(|c| c <= ' ');
        let Ok(url) = base.join(&reference) else {
            assert_eq!(link.target, Target::Invalid(trimmed), "{reference:?} in {base}");
            continue;
        };
        let identity = Identity::of(&url);
        let Target::Url { origin, rest, .. } = link.target else {
            panic!("{reference:?} in {base} is {url}")
        };
        assert_eq!((origin, rest), (identity.origin(), identity.rest()), "{reference:?} in {base}");
        assert_eq!(link.fragment, url.fragment(), "{reference:?} in {base}");
        let is_plain = &url[..Position::AfterQuery] == identity.as_str();
        assert_eq!(link.spelling, (!is_plain).then_some(trimmed), "{reference:?} in {base}");
        is_stable(&url);
    }
}

/// The identity is what is fetched: as a URL it is itself again.
fn is_stable(url: &Url) {
    let identity = Identity::of(url);
    assert_eq!([identity.origin(), identity.rest()].concat(), identity.as_str());
    if !matches!(url.scheme(), "http" | "https") {
        // Never fetched, so that a spelling is as good as another.
        return;
    }
    let again = identity.to_url().unwrap();
    assert_eq!(again.as_str(), identity.as_str(), "{url} parses to itself");
    assert_eq!(Identity::of(&again), identity, "{url}");
}

fn escaped(value: &str) -> String {
    value.replace('&', "&amp;").replace('"', "&quot;").replace('\r', "&#13;")
}
