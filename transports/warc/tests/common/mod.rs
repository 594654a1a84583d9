//! Requests, and archives put together by hand.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]
#![allow(dead_code, reason = "each test binary uses a part of it")]

pub(crate) mod body;

use crawlspace::codec::Decode as _;
use crawlspace::digest::PlaceSet;
use crawlspace::{
    DigestLimits, FetchId, HashKey, HeaderSetId, Kind, Method, Need, Outcome, RULES_VERSION, Request, Spec,
    Validators,
};
use crawlspace_warc::{Archive, Error};
use flate2::Compression;
use flate2::write::GzEncoder;
use std::fs;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(crate) fn spec() -> Arc<Spec> {
    Arc::new(Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[7; 16]).unwrap(),
        user_agent: "crawlspace-warc-tests/1.0".to_owned(),
        robots_token: "crawlspace-warc-tests".to_owned(),
        places: PlaceSet::default(),
        limits: DigestLimits::default(),
        extras: crawlspace::digest::Extras::default(),
    })
}

/// The first GET for a page.
pub(crate) fn request(url: &str) -> Request {
    Request {
        id: FetchId::from_bytes(&[1]).unwrap(),
        url: url.parse().unwrap(),
        kind: Kind::Page,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(3600),
        body_cap: 1 << 20,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: spec().fingerprint(),
    }
}

/// A file of these bytes, opened as an archive.
pub(crate) fn open(bytes: impl AsRef<[u8]>) -> Result<(TempDir, Archive), Error> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("test.warc");
    fs::write(&path, bytes).unwrap();
    Archive::open([&path]).map(|archive| (folder, archive))
}

/// A record: its fields but for the length, and its block.
pub(crate) fn record(fields: &[(&str, &str)], block: impl AsRef<[u8]>) -> Vec<u8> {
    let block = block.as_ref();
    let mut record = b"WARC/1.0\r\n".to_vec();
    for (name, value) in fields {
        write!(record, "{name}: {value}\r\n").unwrap();
    }
    write!(record, "Content-Length: {}\r\n\r\n", block.len()).unwrap();
    [&record, block, b"\r\n\r\n"].concat()
}

/// A response record about this URL.
pub(crate) fn response(url: &str, message: impl AsRef<[u8]>) -> Vec<u8> {
    let fields = [
        ("WARC-Type", "response"),
        ("WARC-Target-URI", url),
        ("WARC-Date", "2026-11-20T10:00:00Z"),
        ("Content-Type", "application/http; msgtype=response"),
    ];
    record(&fields, message)
}

pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Status and number of links of an answer.
pub(crate) fn seen(outcome: &Outcome) -> Result<(u16, usize), crawlspace::Failure> {
    match outcome {
        Outcome::Answered(digest) => Ok((digest.status, digest.links.len())),
        Outcome::Failed(failure) => Err(failure.clone()),
    }
}

/// What a GET for this URL brings.
pub(crate) fn get(archive: &Archive, url: &str) -> Result<(u16, usize), crawlspace::Failure> {
    seen(&archive.replay(spec()).fetch(&request(url)))
}
