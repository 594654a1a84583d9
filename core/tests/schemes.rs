//! Links that no crawler can follow, and those that were meant to be others.
#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod support;
mod web;

use crawlspace::report::{Class, Severity};
use crawlspace::{Config, Engine};
use std::collections::BTreeMap;
use web::{Log, Page, Schedule, World, crawl};

const SITE: &str = "http://a.test/d/";

/// A crawl of a page with this body, of which everything else is missing.
fn checked(html: &str) -> (Engine, Log) {
    let page = support::digest(SITE, html.as_bytes());
    let world = World::default().with(SITE, Page::Digest(Box::new(page)));
    let config = Config::builder().seed(SITE.parse().unwrap());
    crawl(&config.build().unwrap(), &world, Schedule::Fifo)
}

/// Class and message by URL.
fn findings(engine: &Engine) -> BTreeMap<String, (Class, String)> {
    engine.report().links().map(|row| (row.url.to_string(), (row.class, row.message))).collect()
}

#[test]
fn a_scheme_that_cannot_be_fetched_is_never_broken_however_it_is_written() {
    let mut html = String::new();
    let schemes = [
        "mailto:a@b.test",
        "tel:+1",
        "javascript:go()",
        "data:,x",
        "blob:http://a.test/1",
        "sms:1",
        "about:blank",
        "file:///etc/passwd",
        "file://a.test/etc/passwd",
        "ftp://a.test/x",
        "ws://a.test/x",
        "view-source:http://a.test/",
        "x-made.up+1:y",
        "chrome://settings",
    ];
    for url in schemes {
        let (scheme, rest) = url.split_once(':').unwrap();
        let (first, others) = scheme.split_at(1);
        let upper = scheme.to_uppercase();
        let mixed = [&first.to_uppercase(), others].concat();
        for (place, written) in [
            ("a href", url.to_owned()),
            ("img src", format!("{upper}:{rest}")),
            ("link rel=stylesheet href", format!(" \n\t{mixed}:{rest} \r\n")),
            ("embed src", format!("{first}\n{others}\t:\r{rest}")),
        ] {
            html.push_str(&format!("<{place}=\"{written}\">\n"));
        }
    }
    let (engine, log) = checked(&html);
    let asked = log.fetched();
    assert!(asked.iter().all(|url| url.starts_with("http://a.test/")), "{asked:?}");
    let report = engine.report();
    let rows: Vec<_> = report.links().filter(|row| row.class != Class::Ok).collect();
    for row in &rows {
        assert_eq!((row.class, row.severity), (Class::Skipped, Severity::Info), "{}", row.url);
        assert_eq!(row.message, "skipped: the scheme is not checked", "{}", row.url);
        assert!(row.referrers.len() == 4, "{} {}", row.url, row.referrers.len());
    }
    assert_eq!(rows.len(), schemes.len());
    assert_eq!((report.summary().errors, report.summary().warnings, report.summary().emails), (0, 0, 4));
}

#[test]
fn an_address_that_is_none_is_told_and_no_more() {
    let good = [
        "a@b.test",
        "a@b",
        "a.b+c/d=e@x-y.test?subject=z&to=c@d.test",
        "?subject=s&body=a,b",
        "",
        "a@b.test,c@d.test",
        "a@b.test,%20c@d.test",
        "%22a%20b%22@c.test",
        "a@[127.0.0.1]",
        "gr\u{fc}n@d\u{fc}n.test",
        "%22a%2Cb%22@c.test?to=",
    ];
    for address in good {
        let (engine, _) = checked(&format!("<a href='MailTo:{address}'>"));
        let found: Vec<_> =
            findings(&engine).into_iter().filter(|(url, _)| url.starts_with("mailto")).collect();
        assert_eq!(
            found[0].1,
            (Class::Skipped, "skipped: the scheme is not checked".to_owned()),
            "{address}"
        );
    }
    for (address, bad) in [
        ("a", "a"),
        ("a@", "a@"),
        ("@b.test", "@b.test"),
        ("a..b@c.test", "a..b@c.test"),
        (".a@c.test", ".a@c.test"),
        ("a@b..test", "a@b..test"),
        ("a@b.test,c", "c"),
        ("a@b.test;c@d.test", "a@b.test;c@d.test"),
        ("a@b.test,", ""),
        ("a%2Cb@c.test", "a%2Cb@c.test"),
        ("a%20b@c.test", "a%20b@c.test"),
        ("A <a@b.test>", "A <a@b.test>"),
        ("//a@b.test", "//a@b.test"),
        ("%22@c.test", "%22@c.test"),
        ("%22%22@c.test", "%22%22@c.test"),
        ("%22a@c.test", "%22a@c.test"),
        ("a%22@c.test", "a%22@c.test"),
        ("%22a%07b%22@c.test", "%22a%07b%22@c.test"),
        ("a@[]", "a@[]"),
        ("a@[1", "a@[1"),
        ("a@1]", "a@1]"),
        ("a@[1%202]", "a@[1%202]"),
        ("a@b.test?TO=c", "c"),
    ] {
        let (engine, _) = checked(&format!("<a href='mailto:{address}'>"));
        let found: Vec<_> =
            findings(&engine).into_iter().filter(|(url, _)| url.starts_with("mailto")).collect();
        let message = format!("skipped: the scheme is not checked; \"{bad}\" is not an e-mail address");
        assert_eq!(found[0].1, (Class::Skipped, message), "{address}");
        assert_eq!(engine.report().summary().errors, 0);
    }
}

#[test]
fn a_slip_in_typing_gets_a_hint() {
    for (written, hint) in [
        ("http:/b.test.com/x", "\"b.test.com\" stands in the path: was https://b.test.com meant?"),
        ("www.b.test", "\"www.b.test\" stands in the path: was https://www.b.test meant?"),
        ("WWW.b.test/x?y", "\"WWW.b.test\" stands in the path: was https://www.b.test meant?"),
        ("/b.org/x", "\"b.org\" stands in the path: was https://b.org meant?"),
        ("http//b.test", "\"http//\" stands in the path: was http:// meant?"),
        ("https//www.b.test/", "\"https//\" stands in the path: was https:// meant?"),
        ("/https://b.test/", "\"https://\" stands in the path: was https:// meant?"),
        ("\u{201c}https://b.test\u{201d}", "\"%E2%80%9Chttps://\" stands in the path: was https:// meant?"),
    ] {
        let (engine, _) = checked(&format!("<a href='{written}'>"));
        let found: Vec<_> = findings(&engine).into_values().filter(|row| row.0 == Class::Broken).collect();
        assert_eq!(found, [(Class::Broken, format!("404 Not Found; {hint}"))], "{written}");
    }
    for (written, scheme) in [
        ("htp://b.test/", "http"),
        ("HTPS://b.test/", "https"),
        ("hhtp://b.test", "http"),
        ("htpps://b.test", "https"),
        ("ttps://b.test", "https"),
        ("tthp://b.test", ""),
        ("htp:b.test", ""),
    ] {
        let (engine, _) = checked(&format!("<a href='{written}'>"));
        let found: Vec<_> = findings(&engine).into_values().filter(|row| row.0 == Class::Skipped).collect();
        let hint = if scheme.is_empty() { String::new() } else { format!("; was {scheme}:// meant?") };
        assert_eq!(
            found,
            [(Class::Skipped, format!("skipped: the scheme is not checked{hint}"))],
            "{written}"
        );
    }
    for written in ["/readme.md", "x.html", "wwwx", "www.", "/a/.com", "x?u=http//b.com", "http/x", "a:b.com"]
    {
        let (engine, _) = checked(&format!("<a href='{written}'><a href='/gone'>"));
        for (url, (_, message)) in findings(&engine) {
            assert!(!message.contains("meant"), "{written}: {url}: {message}");
        }
    }
}
