//! URLs over the limit: the message names it, and what is shown of them is cut between characters.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod support;
mod web;

use crawlspace::digest::{Digester, End, Transfer};
use crawlspace::report::Class;
use crawlspace::{Config, DigestLimits, Spec};
use proptest::prelude::*;
use std::sync::Arc;
use web::{Page, Schedule, World, crawl};

/// Class, text and message of the one link of a page, under a limit of bytes.
fn judged(href: &str, limit: u32) -> (Class, String, String) {
    let limits = DigestLimits { url_bytes: limit, ..DigestLimits::default() };
    let spec = Arc::new(Spec { limits: limits.clone(), ..support::spec() });
    let mut digester =
        Digester::new(&support::request("http://a.test/"), &spec, &support::head(Some("text/html")));
    let _ = digester.push(format!("<meta charset=utf-8><a href=\"{href}\">x</a>").as_bytes());
    let page = Page::Digest(Box::new(digester.finish(End::Complete, Transfer::default())));
    let world = World::default().with("http://a.test/", page);
    let seed = "http://a.test/".parse().unwrap();
    let config = Config::builder().seed(seed).digest_limits(limits).build().unwrap();
    let (engine, _) = crawl(&config, &world, Schedule::Fifo);
    let report = engine.report();
    let link = report.links().find(|row| !row.referrers.is_empty()).unwrap();
    (link.class, link.url.to_string(), link.message)
}

#[test]
fn the_message_names_the_limit() {
    let long = "x".repeat(100);
    for href in [&format!("http://b.test/{long}"), &long, &format!("?{}", "ü".repeat(20)), &"ü".repeat(400)]
    {
        let (class, text, message) = judged(href, 64);
        assert_eq!(
            (class, message.as_str()),
            (Class::InvalidUrl, "the URL is longer than 64 bytes"),
            "{text}"
        );
    }
    let (class, _, message) = judged("http://[", 64);
    assert_eq!((class, message.as_str()), (Class::InvalidUrl, "not a valid URL"));
    let (class, ..) = judged(&"x".repeat(50), 64);
    assert_eq!(class, Class::Broken, "as long as may be");
}

proptest! {
    #[test]
    fn what_is_shown_is_the_beginning(href in "[a-zü€𝄞/]{60,400}", limit in 16_u32..64) {
        let (class, text, _) = judged(&href, limit);
        prop_assert_eq!(class, Class::InvalidUrl);
        prop_assert!(href.starts_with(&text) && text.len() <= 256);
        prop_assert!(!text.is_empty());
    }
}
