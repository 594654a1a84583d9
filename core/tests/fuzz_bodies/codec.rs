//! Plain data: what decodes is encoded by the same bytes, and the engine takes any of it for an answer.

use super::drive::{self, Crawl};
use super::input::one_of;
use crawlspace::codec::{Decode, Encode};
use crawlspace::digest::Digest;
use crawlspace::robots::RobotsFile;
use crawlspace::{Failure, Outcome, Request, Spec, Ticket};
use std::sync::OnceLock;

/// A byte that chooses the type, then the value.
pub(super) fn body(mut data: &[u8]) {
    let check = one_of(
        &mut data,
        &[
            outcome as fn(&[u8]),
            canonical::<Digest>,
            canonical::<Request>,
            canonical::<Spec>,
            canonical::<RobotsFile>,
            canonical::<Ticket>,
            canonical::<Failure>,
        ],
    );
    check(data);
}

fn canonical<T: Encode + Decode>(data: &[u8]) {
    if let Ok(value) = T::from_bytes(data) {
        assert_eq!(value.to_bytes(), data);
    }
    // With more behind it, it is the same.
    let mut rest = data;
    if T::decode(&mut rest).is_ok() {
        let (value, _) = data.split_at(data.len() - rest.len());
        assert_eq!(T::from_bytes(value).unwrap().to_bytes(), value);
    }
}

/// Whoever writes to a queue answers what they like: to a robots.txt, and to a page.
fn outcome(data: &[u8]) {
    canonical::<Outcome>(data);
    let Ok(outcome) = Outcome::from_bytes(data) else { return };
    static BOTH: OnceLock<[Crawl; 2]> = OnceLock::new();
    for crawl in BOTH.get_or_init(|| [Crawl::numbered(0), Crawl::numbered(3)]) {
        drive::answer_all(crawl, &outcome);
    }
}
