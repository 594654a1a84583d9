//! robots.txt: other people's cases, and properties.

use crawlspace::robots::{self, Access, RobotsFile};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Cases that are judged differently, each with the reason.
const DIFFERENT: &[(&str, &[&str])] = &[];

#[test]
fn vectors() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/robots.json")).unwrap();
    let known: BTreeSet<&str> = DIFFERENT.iter().flat_map(|(_, ids)| *ids).copied().collect();
    let mut table = BTreeMap::<(&str, &str, &str), (u32, u32)>::new();
    let mut failed = BTreeSet::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let result = judge(case);
        let row = table.entry((text("kind"), text("tier"), text("source"))).or_default();
        row.1 += 1;
        match result {
            Ok(()) => row.0 += 1,
            Err(why) => {
                if !known.contains(text("id")) {
                    eprintln!("{} {} {} {}: {why}", text("id"), text("tier"), text("source"), text("name"));
                }
                failed.insert(text("id"));
            }
        }
    }
    for ((kind, tier, source), (passed, all)) in table {
        println!("{kind:12} {tier:10} {source:35} {passed:4} of {all:4}");
    }
    assert_eq!(failed, known, "what fails and what is known to differ");
}

fn judge(case: &Value) -> Result<(), String> {
    let text = |key: &str| case[key].as_str().unwrap_or_default();
    let file = || {
        let bytes = match case["robots_txt"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => decode_base64(text("robots_txt_b64")),
        };
        RobotsFile::parse(&bytes, text("user_agent"))
    };
    match text("kind") {
        "allow" => {
            let url = Url::parse(text("url")).map_err(|error| error.to_string())?;
            let file = file();
            let decision = file.decide(&url[url::Position::BeforePath..url::Position::AfterQuery]);
            same(decision.allowed, case["allowed"] == true)
        }
        "crawl_delay" => same(file().crawl_delay.map(|delay| delay.as_secs_f64()), case["crawl_delay"].as_f64()),
        "sitemaps" => same(serde_json::to_value(file().sitemaps).unwrap(), case["sitemaps"].clone()),
        "status" => {
            let access = match case["status"].as_u64() {
                Some(status) => robots::access(u16::try_from(status).unwrap()),
                None => Access::DisallowAll,
            };
            let expected = match text("expect") {
                "parse_body" => Access::Parse,
                "follow_redirect" => Access::FollowRedirect,
                "allow_all" => Access::AllowAll,
                "disallow_all" => Access::DisallowAll,
                _ => return Ok(()),
            };
            same(access, expected)
        }
        "robots_url" => {
            let robots = Url::parse(text("url")).ok().and_then(|url| robots::robots_url(&url));
            same(robots.as_ref().map(Url::as_str), case["robots_url"].as_str())
        }
        other => Err(format!("unknown kind {other}")),
    }
}

fn same<T: PartialEq + std::fmt::Debug>(got: T, expected: T) -> Result<(), String> {
    if got == expected { Ok(()) } else { Err(format!("got {got:?}, expected {expected:?}")) }
}

fn decode_base64(text: &str) -> Vec<u8> {
    const ALPHABET: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut bytes = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for digit in text.bytes().filter_map(|byte| ALPHABET.iter().position(|&letter| letter == byte)) {
        bits = bits << 6 | digit as u32;
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push((bits >> count) as u8);
        }
    }
    bytes
}
