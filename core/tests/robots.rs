//! robots.txt: other people's cases, and properties.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test may fail, and shows its table"
)]

use crawlspace::digest::Appetite;
use crawlspace::robots::{self, Access, Parser, RobotsFile};
use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use url::Url;

/// Cases that are judged differently, each with the reason.
const DIFFERENT: &[(&str, &[&str])] = &[
    (
        "RFC 9309 section 2.2: a rule before any `User-agent` line belongs to no group",
        &[
            "robots-11f42576df6c",
            "robots-19277a3bdbc9",
            "robots-1ef28287c139",
            "robots-2f8699ea611d",
            "robots-42bddd076f9a",
            "robots-48449bc1981b",
            "robots-520396d9e327",
            "robots-7320683e24fd",
            "robots-8adb731e5cc1",
            "robots-e630f2d379c2",
            "robots-f45adec1ce08",
            "robots-fcbe3cd7f564",
        ],
    ),
    (
        "section 2.2.2: a path begins with a slash, so that one that does not matches nothing",
        &["robots-09e8ec5ae716", "robots-3a6c51b44ac8", "robots-5cb47e89628e", "robots-bb5dea31cb30"],
    ),
    (
        "section 2.2.1: a line names one product token, which is its first",
        &[
            "robots-2f2d8e640b69",
            "robots-3daf8281afab",
            "robots-45b184467e55",
            "robots-4d8dbce0608a",
            "robots-4da8d6395967",
            "robots-5086092ff363",
            "robots-5749a83887a4",
            "robots-6488ad1ba8bf",
            "robots-8bcd378c7dc8",
            "robots-c768df6a7577",
            "robots-cf5cbb71e5d7",
            "robots-e9da52b10385",
            "robots-f3545b81a0f2",
            "robots-f57f74637f44",
        ],
    ),
    (
        "section 2.2.4: lines outside the protocol do not part a group",
        &["robots-4e4173748da7", "robots-c808d6d36834"],
    ),
    (
        "section 2.2.2: the rule with the most octets wins, `Disallow: /*` over `Allow: /`",
        &["robots-257b0429e1f6"],
    ),
    (
        "section 2.2.3: a final `$` is the end of the path, never itself",
        &["robots-5f31efb0db06", "robots-cd9f5792b051"],
    ),
    ("section 2.2.2: `%62%61%7A` and `baz` are the same octets", &["robots-62c5bc38ae98"]),
    (
        "section 2.2.1: only the crawler's own token, without its version, or `*`; not a longer or another one",
        &["robots-60e37de7b001", "robots-d09d008e2727"],
    ),
    ("section 2.3: the file is UTF-8", &["robots-007ae98f9b4b"]),
    ("section 2.2.2 knows no index files; a convention of one search engine", &["robots-cb5032597809"]),
    (
        "a delay is a delay, however long; whether to wait so long is the engine's to decide",
        &["robots-bdf7532c3a69"],
    ),
    ("a negative delay is ignored, and does not turn into that of the group below", &["robots-2e2f25a1b354"]),
    (
        "`Disallow /path` without a colon: the `extension` cases want it read, as most parsers do; this one not",
        &["robots-2596af6ab03e"],
    ),
];

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
            None => BASE64.decode(text("robots_txt_b64").as_bytes()).unwrap(),
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
        "crawl_delay" => {
            same(file().crawl_delay.map(|delay| delay.as_secs_f64()), case["crawl_delay"].as_f64())
        }
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

proptest! {
    #[test]
    fn any_bytes_are_a_robots_file(bytes: Vec<u8>, token: String, path: String) {
        let file = RobotsFile::parse(&bytes, &token);
        let _ = file.decide(&path);
    }

    #[test]
    fn any_split_gives_the_same_file(text in file_text(), cuts: Vec<prop::sample::Index>, cap in 0_u64..400) {
        let bytes = text.as_bytes();
        let whole = read(&[bytes], cap);
        let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        let pieces: Vec<_> = at.windows(2).map(|ends| &bytes[ends[0]..ends[1]]).collect();
        prop_assert_eq!(&read(&pieces, cap), &whole);
        let single: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(&read(&single, cap), &whole);
    }

    /// What the cap leaves is what a file of the whole lines before it says.
    #[test]
    fn the_cap_drops_the_line_it_cuts(text in file_text(), cap in 0_usize..400, at_line_end: bool) {
        let bytes = text.as_bytes();
        let ends = |byte: &u8| matches!(byte, b'\n' | b'\r');
        let cap = match bytes.iter().skip(cap).position(ends) {
            Some(more) if at_line_end => cap + more,
            _ => cap,
        };
        let capped = read(&[bytes], cap as u64);
        let cut = bytes.len() > cap;
        let kept = if cut { &bytes[..bytes[..=cap].iter().rposition(ends).unwrap_or(0)] } else { bytes };
        let mut expected = RobotsFile::parse(kept, "me");
        expected.truncated = cut;
        prop_assert_eq!(capped, expected);
    }

    #[test]
    fn decisions_equal_a_naive_matcher(rules in prop::collection::vec((any::<bool>(), "[/*][ab/*$]{0,7}"), 0..6),
                                       path in "/[ab/*$]{0,9}") {
        let mut text = "User-agent: *\n".to_owned();
        for (allow, pattern) in &rules {
            text += &format!("{}: {pattern}\n", if *allow { "Allow" } else { "Disallow" });
        }
        let file = RobotsFile::parse(text.as_bytes(), "me");
        let decision = file.decide(&path);
        // Octets as compared: a literal `$` in a pattern is three.
        let strength = |pattern: &str| pattern.len() + 2 * pattern[..pattern.len() - 1].matches('$').count();
        let best = rules
            .iter()
            .filter(|(_, pattern)| naive(pattern.as_bytes(), path.as_bytes()))
            .map(|(allow, pattern)| (strength(pattern), *allow))
            .max();
        prop_assert_eq!(decision.allowed, best.is_none_or(|(_, allow)| allow));
        prop_assert_eq!(decision.rule.map(|rule| rule.allow), best.map(|(_, allow)| allow));
        if let Some(rule) = decision.rule {
            // Of equals the first is named.
            let first = rules
                .iter()
                .filter(|(_, pattern)| naive(pattern.as_bytes(), path.as_bytes()))
                .find(|(allow, pattern)| Some((strength(pattern), *allow)) == best);
            prop_assert_eq!(Some(&rules[rule.line as usize - 2]), first);
            prop_assert!(rules[..rule.line as usize - 2].iter().all(|earlier| Some(earlier) != first));
        }
    }

    /// A second opinion, on what both take for the standard.
    #[test]
    fn decisions_equal_those_of_robotxt(lines in prop::collection::vec(peer_line(), 0..12),
                                        paths in prop::collection::vec("/[abé/$?=]{0,6}", 1..6)) {
        let text = lines.join("\n");
        let ours = RobotsFile::parse(text.as_bytes(), "me");
        let theirs = robotxt::Robots::parse(text.as_bytes(), "me");
        for path in &paths {
            prop_assert_eq!(ours.decide(path).allowed, theirs.is_allowed(path), "{:?} {}", text, path);
        }
    }

    /// However octets are spelt, in the file and in the path, the decision is the same.
    #[test]
    fn spellings_of_octets_do_not_matter(literal in "[a-z~é<\"]{1,6}", more in "[a-z~é<\"]{0,3}",
                                         spelt in prop::collection::vec(0_u8..3, 40)) {
        let mut spelling = spelt.iter().cycle();
        let mut spell = |text: &str| -> String {
            text.bytes().map(|byte| match spelling.next() {
                Some(0) if byte.is_ascii() => char::from(byte).to_string(),
                Some(1) => format!("%{byte:02x}"),
                _ => format!("%{byte:02X}"),
            }).collect()
        };
        let text = format!("User-agent: *\nDisallow: /{}$\n", spell(&literal));
        let file = RobotsFile::parse(text.as_bytes(), "me");
        for path in [format!("/{}", spell(&literal)), format!("/{literal}")] {
            prop_assert!(!file.decide(&path).allowed);
        }
        let longer = format!("/{}{}", spell(&literal), spell(&more));
        prop_assert_eq!(file.decide(&longer).allowed, !more.is_empty());
    }
}

fn peer_line() -> impl Strategy<Value = String> {
    let agent = prop_oneof![Just("me"), Just("ME"), Just("*"), Just("other"), Just("met"), Just("m")];
    prop_oneof![
        agent.prop_map(|agent| format!("User-agent: {agent}")),
        "/[abé/*?=]{0,6}[$]?".prop_map(|pattern| format!("Disallow: {pattern}")),
        "/[abé/*?=]{0,6}[$]?".prop_map(|pattern| format!("Allow: {pattern}")),
        Just("Disallow:".to_owned()),
        Just("Sitemap: https://example.com/s.xml".to_owned()),
        Just("# nothing".to_owned()),
    ]
}

/// Files of the lines and line ends that matter, some damaged.
fn file_text() -> impl Strategy<Value = String> {
    let line = prop_oneof![
        Just("User-agent: me"),
        Just("user-agent:\t*"),
        Just("User-agent: other/1.0"),
        Just("Disallow: /a*b$ # why"),
        Just("Allow: /ä"),
        Just("Disallow:"),
        Just("Disallow /no-colon"),
        Just("Crawl-delay: 2.5"),
        Just("Sitemap: https://example.com/s.xml"),
        Just("\u{feff}User-agent: me"),
        Just("nonsense"),
        Just(""),
    ];
    let end = prop_oneof![Just("\n"), Just("\r\n"), Just("\r")];
    prop::collection::vec((line, end), 0..25)
        .prop_map(|lines| lines.iter().flat_map(|(line, end)| [*line, *end]).collect())
}

fn read(pieces: &[&[u8]], cap: u64) -> RobotsFile {
    let mut parser = Parser::new("Me/1.0 (+https://example.com)", cap);
    for piece in pieces {
        let _ = parser.push(piece);
    }
    parser.finish()
}

/// By trying every length for each `*`.
fn naive(pattern: &[u8], path: &[u8]) -> bool {
    match pattern {
        [] => true,
        b"$" => path.is_empty(),
        [b'*', rest @ ..] => (0..=path.len()).any(|skipped| naive(rest, &path[skipped..])),
        [octet, rest @ ..] => {
            path.split_first().is_some_and(|(first, path)| first == octet && naive(rest, path))
        }
    }
}

#[test]
fn groups_of_one_agent_are_one() {
    let file = RobotsFile::parse(
        b"User-agent: other\nUser-agent: ME/2.0\nDisallow: /a\n\nUser-agent: *\nDisallow: /\nCrawl-delay: 9\n\
          User-agent: me\nCrawl-delay: 2\nUser-agent: me\nCrawl-delay: 1\nUser-agent: another\nDisallow: /b\n",
        "me",
    );
    let lines: Vec<_> = file.rules.iter().map(|rule| (rule.line, rule.to_string())).collect();
    assert_eq!(lines, [(3, "Disallow: /a".to_owned()), (13, "Disallow: /b".to_owned())]);
    assert_eq!(file.crawl_delay.map(|delay| delay.as_secs()), Some(2));
}

#[test]
fn delays_that_are_no_numbers_are_none() {
    for value in ["-1", "NaN", "inf", "1e308", "1,5", "5s", "", ".", "1.2.3"] {
        let file = RobotsFile::parse(format!("User-agent: *\nCrawl-delay: {value}\n").as_bytes(), "me");
        assert_eq!(file.crawl_delay, None, "{value}");
    }
    let file =
        RobotsFile::parse(format!("User-agent: *\nCrawl-delay: {}\n", "9".repeat(400)).as_bytes(), "me");
    assert!(file.crawl_delay.is_some_and(|delay| delay.as_secs() > 1_000_000_000));
}

#[test]
fn a_line_beyond_the_cap_is_not_read() {
    let mut text = format!("User-agent: *\nDisallow: /x\n#{}\n", "-".repeat(512_000));
    text += "Disallow: /\n";
    let mut parser = Parser::new("me", 500 * 1_024);
    assert_eq!(parser.push(text.as_bytes()), Appetite::Enough);
    assert_eq!(parser.push(b""), Appetite::Enough);
    let file = parser.finish();
    assert!(file.truncated);
    assert_eq!(file.rules.len(), 1);
    assert!(file.decide("/").allowed);
}

/// None of these would end within a lifetime if a wildcard were tried at more than one place.
#[test]
fn hostile_patterns_end() {
    let path = format!("/{}", "a".repeat(8_000));
    let rules = "Disallow: /a*b*c*d*i*$\n".repeat(512_000 / 23);
    let stars = format!("Disallow: /{}b\n", "*a".repeat(250_000));
    let short_stars = format!("Disallow: /{}$\n", "*a*a".repeat(900) + "*b");
    let runs = format!("Disallow: /{}b$\n", "*".repeat(500_000));
    let long = format!("Disallow: /*{}\n", "a".repeat(500_000));
    for body in [rules, stars, short_stars, runs, long] {
        let file = RobotsFile::parse(format!("User-agent: *\n{body}").as_bytes(), "me");
        assert!(!file.rules.is_empty());
        assert!(file.decide(&path).allowed);
    }
}

#[test]
fn overload_and_unknown_statuses_close_a_site() {
    assert_eq!([429, 999, 100].map(robots::access), [Access::DisallowAll; 3]);
}

#[test]
fn addresses_of_robots_files() {
    let of = |url: &str| robots::robots_url(&Url::parse(url).unwrap()).map(String::from);
    assert_eq!(
        of("https://me:pw@example.com:8443/a/b?c#d").as_deref(),
        Some("https://example.com:8443/robots.txt")
    );
    assert_eq!(of("http://[::1]/").as_deref(), Some("http://[::1]/robots.txt"));
    assert_eq!(of("mailto:me@example.com"), None);
    assert_eq!(of("file:///etc/passwd"), None);
}
