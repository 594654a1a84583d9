//! Documents, served through the digester; what tests of what documents hold are made of.
#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]
#![allow(dead_code, unreachable_pub, reason = "each suite uses its own part of it")]

use crawlspace::digest::{Digester, End, Head, Transfer};
use crawlspace::report::Class;
use crawlspace::{Config, Engine, Fetch, Kind, Outcome, Output, Seed, Snapshot, UnixTime, Wake};
use http::{HeaderValue, StatusCode};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Documents by URL; a type other than `text/html` stands before the body, with a line feed.
pub type Documents = BTreeMap<String, String>;

pub fn documents(of: &[(&str, &str)]) -> Documents {
    of.iter().map(|(url, body)| ((*url).to_owned(), (*body).to_owned())).collect()
}

/// Which of the open fetches is answered next, and whether state is saved and loaded before each answer.
#[derive(Clone, Copy, Debug)]
pub enum Course {
    OldestFirst,
    NewestFirst,
    Crashing,
}

impl Course {
    pub const ALL: [Self; 3] = [Self::OldestFirst, Self::NewestFirst, Self::Crashing];
}

/// Crawls to the end.
pub fn crawl(config: &Config, documents: &Documents, course: Course) -> Engine {
    let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::from_secs(0));
    let spec = Arc::new(engine.spec().clone());
    let (mut open, mut now): (Vec<Fetch>, _) = (Vec::new(), engine.now());
    loop {
        match engine.poll(now) {
            Output::Fetch(fetch) => open.push(fetch),
            Output::Event(_) | Output::Cancel(_) => {}
            Output::Finished => return engine,
            Output::Wait(Wake::At(at, _)) if open.is_empty() => now = at,
            Output::Wait(_) => {
                let last = open.len() - 1;
                let at = if matches!(course, Course::NewestFirst) { last } else { 0 };
                let Fetch { ticket, request } = open.remove(at);
                if matches!(course, Course::Crashing) {
                    let saved = Snapshot::from_bytes(engine.snapshot().as_bytes().to_vec());
                    engine = Engine::resume(config.clone(), saved, UnixTime::from_secs(9)).unwrap();
                    open.clear();
                }
                let found = documents.get(request.url.as_str()).filter(|_| request.kind != Kind::Robots);
                let status = if found.is_some() { StatusCode::OK } else { StatusCode::NOT_FOUND };
                let mut head = Head { status, headers: Default::default() };
                let text = found.map_or("", String::as_str);
                let (media, body) = match text.split_once('\n') {
                    Some((media, body)) if media.contains('/') && !media.contains('<') => (media, body),
                    _ => ("text/html; charset=utf-8", text),
                };
                head.headers.insert("content-type", HeaderValue::from_str(media).unwrap());
                let mut digester = Digester::new(&request, &spec, &head);
                let _ = digester.push(body.as_bytes());
                let digest = digester.finish(End::Complete, Transfer::default());
                engine.complete(ticket, Outcome::Answered(Box::new(digest)));
            }
        }
    }
}

/// The fragments that are dead, with the URLs they are of.
pub fn dead(engine: &Engine) -> Vec<String> {
    let report = engine.report();
    let dead = report.findings().filter(|finding| finding.class == Class::DeadFragment);
    dead.map(|finding| format!("{}#{}", finding.url, finding.fragment.unwrap())).collect()
}
