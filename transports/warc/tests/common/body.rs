//! What must hold for any bytes: no panic, and an answer or a failure for everything that is asked.

use super::{gzip, open, request, spec};
use crawlspace::{Kind, Method, Outcome};
use std::error::Error as _;

/// What is asked of each archive.
const URLS: [&str; 4] =
    ["http://a.test/", "http://a.test/b", "http://a.test/robots.txt", "https://b.test/?q=1"];

/// The first byte says whether the rest is compressed, record by record where `WARC/` begins one.
pub(crate) fn run(data: &[u8]) {
    let Some((first, data)) = data.split_first() else { return };
    let bytes = if first % 2 == 0 { data.to_vec() } else { members(data) };
    let (_folder, archive) = match open(bytes) {
        Ok(opened) => opened,
        Err(error) => {
            assert!(error.to_string().starts_with(&*error.path().to_string_lossy()));
            let _ = error.source();
            return;
        }
    };
    assert!(archive.seeds().all(|seed| !seed.contains('\n')));
    assert!(archive.problems().iter().all(|problem| problem.offset().is_some()));
    let replay = archive.replay(spec());
    for url in URLS {
        for (kind, method, attempt) in
            [(Kind::Page, Method::Get, 1), (Kind::Robots, Method::Get, 2), (Kind::Check, Method::Head, 1)]
        {
            let request = crawlspace::Request { kind, method, attempt, ..request(url) };
            match (replay.fetch(&request), replay.fetch(&request)) {
                (Outcome::Answered(one), Outcome::Answered(two)) => assert_eq!(one, two),
                (Outcome::Failed(one), Outcome::Failed(two)) => assert_eq!(one, two),
                (one, two) => panic!("{one:?} and then {two:?}"),
            }
        }
    }
}

fn members(data: &[u8]) -> Vec<u8> {
    let starts = data.windows(5).enumerate().filter(|(_, window)| *window == b"WARC/").map(|(at, _)| at);
    let mut cuts: Vec<_> = [0].into_iter().chain(starts).chain([data.len()]).collect();
    cuts.dedup();
    cuts.windows(2).flat_map(|cut| gzip(&data[cut[0]..cut[1]])).collect()
}
