//! Identity: stable under itself, whatever stands in a URL.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use crawlspace::Identity;
use proptest::prelude::*;
use url::Url;

fn identity(url: &str) -> String {
    Identity::of(&Url::parse(url).unwrap()).as_str().to_owned()
}

#[test]
fn what_is_decoded_may_complete_another_octet() {
    for (url, wanted) in [
        ("http://h/%%300", "http://h/%00"),
        ("http://h/%%66f", "http://h/%FF"),
        ("http://h/%%34%31", "http://h/%4%31"),
        ("http://h/%%341", "http://h/%%341"),
        ("http://h/a/%%32E/b", "http://h/a/%%32E/b"),
        ("http://h/%7euser/%c3%a9?%7e=%2f", "http://h/~user/%C3%A9?~=%2F"),
        ("http://h/%zz%4", "http://h/%zz%4"),
    ] {
        assert_eq!(identity(url), wanted, "{url}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn an_identity_is_its_own(rest in "(%|[0-9a-fA-F]|2e|/|\\.|é|\\?|~){0,24}") {
        let first = identity(&format!("http://h/{rest}"));
        prop_assert_eq!(identity(&first), first);
    }
}
