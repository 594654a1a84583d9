//! Answers and states that no honest transport gives: from a worker that lies, or a store that was tampered with.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod web;

use crawlspace::digest::{Digest, Links, Location, Media, Place, Transfer};
use crawlspace::report::Class;
use crawlspace::{Config, Dns, Engine, Failure, Kind, Output, Request, Seed, Snapshot, Time, UnixTime};
use std::time::Duration;
use web::{Page, Run, Schedule, World, answered};

const SEED: &str = "http://h0.test/p0";

fn config() -> Config {
    Config::builder().seed(SEED.parse().unwrap()).build().unwrap()
}

fn engine() -> Engine {
    Engine::new(config(), Seed(7), UnixTime::from_secs(0))
}

/// Answers what comes by `forge`, and by the web where it gives nothing; all requests there were.
fn crawl(forge: impl Fn(&Request) -> Option<Digest>) -> Vec<Request> {
    let mut engine = engine();
    let mut asked = Vec::new();
    let mut now = Time::ZERO;
    for _ in 0..1_000 {
        match engine.poll(now) {
            Output::Fetch(fetch) => {
                let digest =
                    forge(&fetch.request).unwrap_or_else(|| Digest { status: 404, ..Digest::default() });
                asked.push(fetch.request);
                engine.complete(fetch.ticket, answered(digest));
            }
            Output::Wait(crawlspace::Wake::At(at, _)) => now = at,
            Output::Wait(wake) => panic!("waits for what does not come: {wake:?}"),
            Output::Finished => return asked,
            Output::Event(_) | Output::Cancel(_) => {}
        }
    }
    panic!("no end");
}

/// A redirect of robots.txt to what is not fetched leads nowhere: there are no rules, and the crawl goes on.
#[test]
fn robots_redirected_to_what_is_not_fetched() {
    for target in ["no url", "file:///etc/passwd", "mailto:a@b.test", "data:,x", ""] {
        let asked = crawl(|request| {
            (request.kind == Kind::Robots).then(|| Digest {
                status: 301,
                location: Some(Location::To { url: target.to_owned(), fragment: None }),
                ..Digest::default()
            })
        });
        let urls: Vec<&str> = asked.iter().map(|request| request.url.as_str()).collect();
        assert_eq!(urls, ["http://h0.test/robots.txt", SEED], "{target}");
    }
}

/// What is put together from an origin and a path stays on the origin's host.
#[test]
fn a_path_that_changes_the_host() {
    use crawlspace::codec::{Decode, Encode};
    for rest in ["@evil.test/", ".evil.test/", ":80@evil.test/", ":9/", "/fine"] {
        // The list as a worker could write it: one origin, one link.
        let mut bytes = vec!["http://h0.test".to_owned()].to_bytes();
        1_usize.encode(&mut bytes);
        Place::A_HREF.encode(&mut bytes);
        // To be followed; no fragment, no spelling.
        bytes.push(2 << 3);
        // The first origin, line and column, how long path and text are.
        for number in [1, 1, 1, rest.len(), 0] {
            number.encode(&mut bytes);
        }
        bytes.extend_from_slice(rest.as_bytes());
        let links = links(&bytes);
        let asked = crawl(|request| {
            (request.url.as_str() == SEED).then(|| Digest {
                status: 200,
                media: Media::Html,
                links: links.clone(),
                ..Digest::default()
            })
        });
        assert!(asked.iter().all(|request| request.url.host_str() == Some("h0.test")), "{rest}: {asked:?}");
        assert_eq!(asked.len(), if rest == "/fine" || rest == ":9/" { 3 } else { 2 }, "{rest}: {asked:?}");
    }

    fn links(bytes: &[u8]) -> Links {
        Links::from_bytes(bytes).unwrap()
    }
}

/// Sizes and times that cannot be are summed up all the same.
#[test]
fn transfers_beyond_measure() {
    let transfer =
        Transfer { encoded: u64::MAX, decoded: u64::MAX, first_byte: Duration::MAX, total: Duration::MAX };
    let asked = crawl(|_| Some(Digest { status: 200, transfer, ..Digest::default() }));
    assert_eq!(asked.len(), 2);
}

/// An answer to a fetch that a resumed crawl has yet to ask for again leaves nothing behind that asks robots.txt.
#[test]
fn robots_are_not_asked_for_without_need() {
    let config = Config::builder()
        .seed(SEED.parse().unwrap())
        .robots(crawlspace::RobotsPolicy { crawl: false, check: false })
        .build()
        .unwrap();
    let world = World::default().page(SEED, &[]);
    let mut engine = Engine::new(config.clone(), Seed(7), UnixTime::from_secs(0));
    let Output::Fetch(fetch) = engine.poll(Time::ZERO) else { panic!("the seed comes first") };
    let resume = |engine: &Engine| {
        let saved = Snapshot::from_bytes(engine.snapshot().as_bytes().to_vec());
        Engine::resume(config.clone(), saved, UnixTime::from_secs(0)).unwrap()
    };
    let mut engine = resume(&engine);
    let outcome = world.answer(&fetch.request, engine.spec().id_key);
    engine.complete(fetch.ticket, outcome);
    assert!(
        matches!(engine.poll(Time::ZERO), Output::Event(_)),
        "the answer is taken before anything is asked"
    );
    let mut engine = resume(&engine);
    let mut run = Run::new(&world, Schedule::Fifo);
    run.finish(&mut engine);
    assert_eq!(run.log.count("http://h0.test/robots.txt"), 0);
}

const CHECKSUM: usize = 8;

/// What a snapshot says, without its checksum.
fn state(engine: &Engine) -> Vec<u8> {
    let saved = engine.snapshot();
    saved.as_bytes()[..saved.as_bytes().len() - CHECKSUM].to_vec()
}

/// Goes on from a state that somebody has signed again, unless it is refused.
fn resume(mut state: Vec<u8>) -> Option<Engine> {
    use crawlspace::codec::Decode;
    // What `engine/snapshot.rs` signs with, as it is stored: it finds damage, and is no secret.
    let key = ((0x736e_6170_u128 << 64) | 0x7368_6f74).to_le_bytes();
    let checksum = crawlspace::HashKey::from_bytes(&key).unwrap().hash(&state);
    state.extend_from_slice(&checksum.to_le_bytes());
    Engine::resume(config(), Snapshot::from_bytes(state), UnixTime::from_secs(0)).ok()
}

/// Whatever number of a finished crawl is another one: it is refused, or its report can be read.
#[test]
fn numbers_of_a_finished_crawl() {
    let world = World::default()
        .page(SEED, &["/fails", "mailto:a@b.test", "/private"])
        .with("http://h0.test/fails", Page::Fails(Failure::Dns(Dns::NoSuchName)))
        .robots("http://h0.test", "User-agent: *\nDisallow: /private\n");
    let mut engine = engine();
    Run::new(&world, Schedule::Fifo).finish(&mut engine);
    let state = state(&engine);
    assert!(resume(state.clone()).is_some());
    for at in 0..state.len() {
        for byte in [state[at].wrapping_add(1), 0x7f] {
            let forged = [&state[..at], &[byte], &state[at + 1..]].concat();
            let Some(resumed) = resume(forged) else { continue };
            for row in resumed.report().links() {
                assert!(row.class != Class::Skipped || row.skip.is_some(), "byte {at}: {}", row.message);
            }
        }
    }
}

/// A host in whose line somebody has written another host's work does not take that up: the state is refused.
#[test]
fn work_of_another_host() {
    let links: Vec<String> = (0..8).map(|n| format!("http://h{}.test/p{}", n % 2, n + 1)).collect();
    let links: Vec<&str> = links.iter().map(String::as_str).collect();
    let world = World::default().page(SEED, &links);
    let mut engine = engine();
    let mut run = Run::new(&world, Schedule::Fifo);
    while run.log.count(links[0]) == 0 {
        run.step(&mut engine).expect("it is linked to");
    }
    let state = state(&engine);
    let mut refused = 0;
    for at in 0..state.len() {
        // A list of the first origin alone becomes one of both.
        let Some(behind) = state[at..].strip_prefix(&[1, 0]) else { continue };
        let Some(mut resumed) = resume([&state[..at], &[2, 0, 1], behind].concat()) else {
            refused += 1;
            continue;
        };
        let mut run = Run::new(&world, Schedule::Fifo);
        run.now = resumed.now();
        run.finish(&mut resumed);
        let invalid = resumed.report().links().any(|row| row.class == Class::InvalidUrl);
        assert!(!invalid, "byte {at}: a URL has stood in line at another host");
    }
    assert!(refused > 0);
}
