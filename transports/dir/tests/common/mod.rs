//! A folder to serve, and questions to it.

#![allow(dead_code, reason = "each suite uses its own part")]

mod ask;

pub(crate) use ask::{request, spec};
use crawlspace::digest::{Digest, End, Head};
use crawlspace::{Failure, Kind, Outcome, Request};
use crawlspace_dir::{Builder, Dir};
use crawlspace_http::{Tap, Taps};
use std::path::Path;
use std::sync::{Arc, Mutex};
use tempfile::TempDir;
use url::Url;

/// A new folder with these files in it.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        write(folder.path(), path, text);
    }
    folder
}

pub(crate) fn write(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

pub(crate) fn site(folder: &TempDir) -> Dir {
    build(Dir::open(folder.path()).unwrap())
}

pub(crate) fn build(builder: Builder) -> Dir {
    builder.build(Arc::new(spec()))
}

/// The URL of a path as the URL standard reads it.
pub(crate) fn url(site: &Dir, path: &str) -> Url {
    Url::parse(&format!("{}{path}", site.base_url().as_str().trim_end_matches('/'))).unwrap()
}

/// A request for a body, whatever it holds: a robots.txt is read with any content type.
pub(crate) fn whole(url: Url) -> Request {
    Request { kind: Kind::Robots, ..request(url) }
}

pub(crate) fn fetch(site: &Dir, path: &str) -> Result<Digest, Failure> {
    match site.fetch(&whole(url(site, path))) {
        Outcome::Answered(digest) => Ok(*digest),
        Outcome::Failed(failure) => Err(failure),
    }
}

pub(crate) fn status(site: &Dir, path: &str) -> u16 {
    fetch(site, path).unwrap().status
}

/// Keeps the whole body of the last exchange, however little of it the digest needed.
#[derive(Clone, Default)]
pub(crate) struct Recorder(Arc<Mutex<Recorded>>);

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Recorded {
    pub(crate) fields: Vec<String>,
    pub(crate) body: Vec<u8>,
    pub(crate) end: Option<Result<End, Failure>>,
}

impl Recorder {
    pub(crate) fn last(&self) -> Recorded {
        self.0.lock().unwrap().clone()
    }
}

impl Taps for Recorder {
    fn open(&self, _request: &Request) -> Option<Box<dyn Tap>> {
        *self.0.lock().unwrap() = Recorded::default();
        Some(Box::new(self.clone()))
    }
}

impl Tap for Recorder {
    fn wants_all(&self) -> bool {
        true
    }

    fn wants_decoded(&self) -> bool {
        false
    }

    fn head(&mut self, head: &Head) {
        let field = |(name, value): (_, &http::HeaderValue)| format!("{name}: {}", value.to_str().unwrap());
        self.0.lock().unwrap().fields = head.headers.iter().map(field).collect();
    }

    fn encoded(&mut self, bytes: &[u8]) {
        self.0.lock().unwrap().body.extend_from_slice(bytes);
    }

    fn decoded(&mut self, _bytes: &[u8]) {}

    fn end(&mut self, end: Result<End, &Failure>) {
        self.0.lock().unwrap().end = Some(end.map_err(Clone::clone));
    }
}
