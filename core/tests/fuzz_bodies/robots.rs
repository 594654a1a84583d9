//! robots.txt: the same however it is cut, and decided as the standard's words have it.

use super::input::{byte, bytes, cut};
use crawlspace::codec::{Decode, Encode};
use crawlspace::robots::{Parser, RobotsFile, Rule};

const TOKEN: &str = "crawlspace";

/// Octets of a path that every spelling leaves as they are.
const PATH: &[&str] = &["/", "a", "b", "?", ".", "=", "%2A", "%24", "/robots.txt", "%"];

pub(super) fn body(mut data: &[u8]) {
    let cap = u64::from(byte(&mut data)) * 8;
    let cuts = bytes(&mut data, 3);
    let path = bytes(&mut data, 8);
    let path: String = path.iter().map(|byte| PATH[usize::from(*byte) % PATH.len()]).collect();
    let path = format!("/{path}");
    let chunks = cut(data, cuts);

    let file = RobotsFile::parse(data, TOKEN);
    for cap in [u64::MAX, cap] {
        let whole = parse(cap, &[data]);
        assert_eq!(whole, parse(cap, &chunks), "cut, read up to {cap}");
        assert_eq!(whole, parse(cap, &data.chunks(1).collect::<Vec<_>>()), "byte by byte, up to {cap}");
        assert_eq!(whole.truncated, cap < data.len() as u64);
        assert!(cap < data.len() as u64 || whole == file);
    }
    assert_eq!(RobotsFile::from_bytes(&file.to_bytes()).as_ref(), Ok(&file), "over a queue");

    let decision = file.decide(&path);
    if path == "/robots.txt" {
        assert!(decision.allowed && decision.rule.is_none());
        return;
    }
    let strength = |rule: &Rule| (rule.pattern.len(), rule.allow);
    let matching = file.rules.iter().filter(|rule| matches(rule.pattern.as_bytes(), path.as_bytes()));
    let strongest = matching.map(strength).max();
    assert_eq!(decision.rule.map(strength), strongest, "{path} by {:?}", file.rules);
    assert_eq!(decision.allowed, strongest.is_none_or(|(_, allow)| allow), "{path} by {:?}", file.rules);
}

fn parse(cap: u64, chunks: &[&[u8]]) -> RobotsFile {
    let mut parser = Parser::new(TOKEN, cap);
    for chunk in chunks {
        let _ = parser.push(chunk);
    }
    parser.finish()
}

/// Which prefixes of the path each prefix of the pattern matches, one octet of the pattern after another.
fn matches(pattern: &[u8], path: &[u8]) -> bool {
    let (pattern, anchored) = match pattern.strip_suffix(b"$") {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut ends = vec![false; path.len() + 1];
    ends[0] = true;
    for octet in pattern {
        let before = core::mem::replace(&mut ends, vec![false; path.len() + 1]);
        for at in 0..=path.len() {
            ends[at] = match octet {
                b'*' => before[..=at].contains(&true),
                octet => at > 0 && before[at - 1] && path[at - 1] == *octet,
            };
        }
    }
    if anchored { ends[path.len()] } else { ends.contains(&true) }
}
