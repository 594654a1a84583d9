//! References, resolved (URL section 4.4).

use std::borrow::Cow;
use url::{ParseError, Url};

/// Resolves a reference against a URL.
///
/// # Errors
///
/// If it is no URL.
pub(crate) fn join(base: &Url, reference: &str) -> Result<Url, ParseError> {
    base.join(&with_two_slashes(base, reference))
}

/// What the `url` crate reads as the standard reads the reference: where a reference begins with more than two slashes,
/// all of them stand before a host (URL section 4.4, "special authority ignore slashes state"), and not the first two.
pub(crate) fn with_two_slashes<'a>(base: &Url, reference: &'a str) -> Cow<'a, str> {
    let is_slash = |c: char| matches!(c, '/' | '\\');
    let text = reference.trim_start_matches(|c| c <= ' ');
    // Nearly always.
    if !text.starts_with(is_slash) || !matches!(base.scheme(), "http" | "https" | "ws" | "wss" | "ftp") {
        return Cow::Borrowed(reference);
    }
    let rest = text.trim_start_matches(|c| is_slash(c) || matches!(c, '\t' | '\n' | '\r'));
    let slashes = text[..text.len() - rest.len()].chars().filter(|c| is_slash(*c)).count();
    if slashes > 2 { Cow::Owned(format!("//{rest}")) } else { Cow::Borrowed(reference) }
}

#[cfg(test)]
mod tests {
    use super::join;
    use url::Url;

    #[test]
    fn all_slashes_stand_before_a_host() {
        let base = Url::parse("https://a.test/x/y").unwrap();
        for reference in [
            "///b.test/p",
            "////b.test/p",
            "//\\b.test/p",
            "\\//\\b.test/p",
            " /\t//\n/b.test/p",
            "//b.test/p",
        ] {
            assert_eq!(join(&base, reference).unwrap().as_str(), "https://b.test/p", "{reference:?}");
        }
        assert_eq!(join(&base, "/b//c").unwrap().as_str(), "https://a.test/b//c");
        for reference in ["//", "///", "///?q"] {
            assert!(join(&base, reference).is_err(), "{reference:?}");
        }
        let file = Url::parse("file:///d/e").unwrap();
        assert_eq!(join(&file, "///b/c").unwrap().as_str(), "file:///b/c");
    }
}
