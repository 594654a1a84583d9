//! Bot walls: answers that are not the site's own.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod support;
mod web;

use crawlspace::digest::{Digest, Digester, End, Head, Transfer};
use crawlspace::report::{Class, Severity};
use crawlspace::{Config, Method};
use http::{HeaderName, HeaderValue, StatusCode};
use std::sync::Arc;
use web::{Page, Schedule, World, crawl, message, verdicts};

type Fields<'a> = &'a [(&'static str, &'static str)];

fn digest(status: u16, fields: Fields<'_>) -> Digest {
    let status = StatusCode::from_u16(status).unwrap();
    let mut head = Head { status, ..support::head(Some("text/html")) };
    for (name, value) in fields {
        head.headers.append(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    let request = support::request("http://a.test/x");
    let mut digester = Digester::new(&request, &Arc::new(support::spec()), &head);
    let _ = digester.push(b"<p id=x><a href=/riddle>Are you a human?</a>");
    digester.finish(End::Complete, Transfer::default())
}

/// What came of a link to a page on another site that answers so.
fn verdict(status: u16, fields: Fields<'_>) -> (Class, String, usize) {
    let url = "http://b.test/x";
    let wall = Page::Digest(Box::new(digest(status, fields)));
    let world = World::default().page("http://a.test/", &[url]).with(url, wall);
    let config = Config::builder().seed("http://a.test/".parse().unwrap()).build().unwrap();
    let (engine, log) = crawl(&config, &world, Schedule::Fifo);
    let asked = log.methods(url).iter().filter(|method| **method == Method::Get).count();
    (verdicts(&engine)[url], message(&engine, url), asked)
}

#[test]
fn a_walls_own_answer_is_blocked_whatever_its_status() {
    let walls: [(&str, u16, Fields<'_>); 14] = [
        ("Cloudflare", 403, &[("server", "cloudflare"), ("cf-mitigated", "challenge")]),
        ("Cloudflare, 503", 503, &[("server", "cloudflare"), ("cf-mitigated", "Challenge")]),
        ("Cloudflare, old", 503, &[("server", "cloudflare"), ("cf-chl-bypass", "1")]),
        ("AWS WAF, script", 202, &[("x-amzn-waf-action", "challenge")]),
        ("AWS WAF, people", 405, &[("x-amzn-waf-action", "captcha")]),
        ("Vercel", 429, &[("x-vercel-mitigated", "challenge")]),
        ("DataDome", 403, &[("x-datadome", "protected"), ("set-cookie", "datadome=x; Path=/")]),
        ("Kasada", 429, &[("x-kpsdk-ct", "0x")]),
        ("Imperva", 403, &[("x-iinfo", "1-2-3"), ("x-cdn", "Imperva")]),
        ("Incapsula, by cookie", 403, &[("set-cookie", "a=b"), ("set-cookie", "incap_ses_1=x")]),
        ("Sucuri", 403, &[("server", "Sucuri/Cloudproxy"), ("x-sucuri-block", "8000")]),
        ("Akamai", 403, &[("server", "AkamaiGHost")]),
        ("HUMAN", 403, &[("set-cookie", "_pxhd=x; Path=/")]),
        ("Anubis", 200, &[("set-cookie", "techaro.lol-anubis-cookie-verification-a=1; Path=/")]),
    ];
    for (name, status, fields) in walls {
        let (class, message, asked) = verdict(status, fields);
        assert_eq!(class, Class::Blocked, "{name}");
        assert!(message.starts_with(&status.to_string()), "{name}: {message}");
        assert!(message.ends_with(", from a bot wall in front of the site"), "{name}: {message}");
        assert!(asked <= 1, "{name}: a wall is asked {asked} times");
        let digest = digest(status, fields);
        assert!(digest.challenge, "{name}");
        assert_eq!((digest.links.len(), digest.ids.len()), (0, 0), "{name}: a riddle is read as the page");
    }
}

#[test]
fn what_a_wall_lets_through_is_the_sites_own() {
    let answers: [(u16, Fields<'_>, Class); 10] = [
        (200, &[("server", "cloudflare"), ("cf-ray", "1"), ("cf-cache-status", "HIT")], Class::Ok),
        (200, &[("x-datadome", "protected"), ("set-cookie", "datadome=x")], Class::Ok),
        (200, &[("x-iinfo", "1-2-3"), ("x-cdn", "Imperva"), ("set-cookie", "visid_incap_1=x")], Class::Ok),
        (200, &[("set-cookie", "bm_sz=x"), ("set-cookie", "_abck=x")], Class::Ok),
        (404, &[("server", "AkamaiGHost"), ("set-cookie", "ak_bmsc=x")], Class::Broken),
        (410, &[("cf-mitigated", "challenge")], Class::Broken),
        (503, &[("server", "cloudflare")], Class::ServerError),
        (503, &[("x-iinfo", "1-2-3"), ("x-cdn", "Imperva")], Class::ServerError),
        (429, &[("server", "AkamaiGHost"), ("x-datadome", "protected")], Class::RateLimited),
        (202, &[("x-amzn-waf-action", "allow")], Class::Ok),
    ];
    for (status, fields, class) in answers {
        let (found, message, _) = verdict(status, fields);
        assert_eq!(found, class, "{status} {fields:?}");
        assert!(!message.contains("wall"), "{status} {fields:?}: {message}");
    }
}

#[test]
fn refusals_without_a_wall_are_blocked_too_and_say_which_they_are() {
    for (status, fields, words) in [
        (401, &[("www-authenticate", "Basic realm=\"x\"")] as Fields<'_>, "401 Unauthorized"),
        (403, &[], "403 Forbidden"),
        (407, &[], "407 Proxy Authentication Required"),
        (451, &[], "451 Unavailable For Legal Reasons"),
        (999, &[], "999"),
    ] {
        let (class, message, _) = verdict(status, fields);
        assert_eq!((class, message.as_str()), (Class::Blocked, words));
    }
    assert_eq!(Class::Blocked.severity(false), Severity::Warning);
}

#[test]
fn who_accepts_a_status_accepts_it_from_a_wall() {
    let wall = Page::Digest(Box::new(digest(403, &[("cf-mitigated", "challenge")])));
    let world = World::default().page("http://a.test/", &["/x"]).with("http://a.test/x", wall);
    let config = Config::builder()
        .seed("http://a.test/".parse().unwrap())
        .accept("200..=299,403".parse().unwrap())
        .build()
        .unwrap();
    assert_eq!(verdicts(&crawl(&config, &world, Schedule::Fifo).0)["http://a.test/x"], Class::Ok);
}
