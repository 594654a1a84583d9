//! A saved state that somebody has changed and signed again: refused, or resumed and brought to an end.

use super::drive::{CRAWLS, Crawl};
use super::input::byte;
use crawlspace::codec::Decode;
use crawlspace::{Fingerprint, HashKey};
use std::sync::OnceLock;

/// The key that `engine/snapshot.rs` signs with: it finds damage, and is no secret.
const CHECKSUM_KEY: [u64; 2] = [0x736e_6170, 0x7368_6f74];

const CHECKSUM: usize = 8;

/// A byte that chooses the crawl, then its state: a snapshot without what comes before and after.
pub(super) fn body(mut data: &[u8]) {
    let number = usize::from(byte(&mut data)) % CRAWLS;
    static ALL: OnceLock<Vec<(Crawl, Vec<u8>)>> = OnceLock::new();
    let all = ALL.get_or_init(|| {
        let with_head = |crawl: Crawl| {
            let head = head_of(crawl.begin().snapshot().as_bytes());
            (crawl, head)
        };
        (0..CRAWLS).map(Crawl::numbered).map(with_head).collect()
    });
    let (crawl, head) = &all[number];
    let signed = sign([head, data].concat());
    if let Some(mut engine) = crawl.restore(&signed) {
        // One that was paused waits until it is no more.
        engine.set_capacity(usize::MAX);
        crawl.finish(&mut engine);
    }
    let Some(mut engine) = crawl.resume(&signed) else { return };
    let again = engine.snapshot();
    assert!(crawl.resume(again.as_bytes()).is_some(), "what was resumed can be saved and resumed");
    let _ = engine.report().summary();
    crawl.finish(&mut engine);
    let end = engine.snapshot();
    assert!(crawl.resume(end.as_bytes()).is_some(), "so can its end");
}

/// An input of the body from a snapshot.
pub(crate) fn input_of(number: usize, snapshot: &[u8]) -> Vec<u8> {
    let state = &snapshot[head_of(snapshot).len()..snapshot.len() - CHECKSUM];
    [&[u8::try_from(number).unwrap()], state].concat()
}

/// What stands before the state: mark, versions, and the configuration's name.
fn head_of(snapshot: &[u8]) -> Vec<u8> {
    let mut rest = &snapshot[4..];
    u16::decode(&mut rest).unwrap();
    u16::decode(&mut rest).unwrap();
    Fingerprint::decode(&mut rest).unwrap();
    snapshot[..snapshot.len() - rest.len()].to_vec()
}

/// Puts the checksum behind it.
fn sign(mut bytes: Vec<u8>) -> Vec<u8> {
    let [high, low] = CHECKSUM_KEY.map(u128::from);
    let key = HashKey::from_bytes(&(high << 64 | low).to_le_bytes()).unwrap();
    let checksum = key.hash(&bytes);
    bytes.extend_from_slice(&checksum.to_le_bytes());
    bytes
}
