//! Whatever passes by is recorded, changes nothing, and is replayed to the same.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod common;

use common::{gzip, request, spec};
use crawlspace::digest::{Appetite, End, Head, Transfer};
use crawlspace::{
    Connect, Dns, Encoding, Failure, Kind, Local, Method, Need, Outcome, Phase, Protocol, Refusal, Request,
    Tls,
};
use crawlspace_http::{Exchange, Tap, Taps as _, Times};
use crawlspace_warc::{Archive, Problem, Recorder};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use proptest::collection::vec;
use proptest::prelude::*;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What a transport is told by a server.
#[derive(Clone, Debug)]
struct Answer {
    request: Request,
    head: Option<(u16, Vec<(HeaderName, HeaderValue)>)>,
    body: Vec<u8>,
    chunk: usize,
    failure: Option<Failure>,
}

impl Answer {
    /// As a transport hands it on.
    fn play(&self, tap: Option<Box<dyn Tap>>) -> Outcome {
        let mut exchange = Exchange::new(&self.request, &spec(), tap);
        match self.feed(&mut exchange) {
            Ok(()) => exchange.finish(Times::default()),
            Err(failure) => exchange.fail(failure),
        }
    }

    fn feed(&self, exchange: &mut Exchange) -> Result<(), Failure> {
        let rest = |appetite| match (appetite, &self.failure) {
            (_, Some(failure)) => Err(failure.clone()),
            (_, None) => Ok(()),
        };
        let Some((status, fields)) = &self.head else { return rest(Appetite::More) };
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, value.clone());
        }
        let status = StatusCode::from_u16(*status).unwrap();
        let mut appetite = exchange.head(Head { status, headers })?;
        for chunk in self.body.chunks(self.chunk) {
            if appetite == Appetite::Enough {
                return Ok(());
            }
            appetite = exchange.chunk(chunk)?;
        }
        rest(appetite)
    }
}

/// Sizes and times are the crawl's, not the site's.
fn plain(mut outcome: Outcome) -> Outcome {
    if let Outcome::Answered(digest) = &mut outcome {
        digest.transfer = Transfer::default();
    }
    outcome
}

fn failures() -> Vec<Failure> {
    use Failure::{Closed, Lapsed, NotInArchive, Truncated};
    let mut all = vec![Closed, Truncated, NotInArchive, Lapsed];
    all.extend([Dns::NoSuchName, Dns::Temporary].map(Failure::Dns));
    all.extend([Connect::Refused, Connect::Unreachable, Connect::Reset].map(Failure::Connect));
    all.extend([Tls::Expired, Tls::WrongName, Tls::UnknownIssuer, Tls::Handshake].map(Failure::Tls));
    all.extend(
        [Phase::Resolve, Phase::Connect, Phase::Head, Phase::Body, Phase::Total].map(Failure::Timeout),
    );
    all.extend([Protocol::Malformed, Protocol::HeadTooLarge, Protocol::Version].map(Failure::Protocol));
    all.extend([Encoding::Unsupported, Encoding::Corrupt, Encoding::Window].map(Failure::Encoding));
    all.extend([Refusal::Address, Refusal::Scheme, Refusal::Offline].map(Failure::Refused));
    all.extend([Local::Resources, Local::File, Local::Panicked].map(Failure::Local));
    all
}

fn field() -> impl Strategy<Value = (HeaderName, HeaderValue)> {
    let name = prop_oneof![
        Just("content-type"),
        Just("content-encoding"),
        Just("transfer-encoding"),
        Just("content-length"),
        Just("location"),
        Just("link"),
        Just("etag"),
        Just("retry-after"),
        Just("x-robots-tag"),
        Just("x-any"),
    ];
    let value = prop_oneof![
        Just(b"text/html".to_vec()),
        Just(b"gzip".to_vec()),
        Just(b"chunked".to_vec()),
        Just(b"17".to_vec()),
        Just(b"</style>; rel=stylesheet, /b#c".to_vec()),
        Just(b"noindex, nofollow".to_vec()),
        vec(prop_oneof![Just(b'\t'), 0x20_u8..0x7f, 0x80_u8..], 0..12),
    ];
    (name, value).prop_map(|(name, value)| {
        // As a transport has it.
        (HeaderName::from_static(name), HeaderValue::from_bytes(value.trim_ascii()).unwrap())
    })
}

fn answer() -> impl Strategy<Value = Answer> {
    let page = vec(
        prop_oneof![Just("<a href='/x#y' id=z>"), Just("<base href=//b.test>"), Just("text"), Just("</")],
        0..40,
    );
    let body = prop_oneof![
        page.clone().prop_map(|page| page.concat().into_bytes()),
        page.prop_map(|page| gzip(page.concat().as_bytes())),
        vec(any::<u8>(), 0..300),
        Just(b"User-agent: *\nDisallow: /x\n".to_vec()),
        Just(vec![b'a'; 300_000]),
    ];
    let asked = (
        prop_oneof![Just(Method::Get), Just(Method::Head)],
        prop_oneof![Just(Kind::Page), Just(Kind::Check), Just(Kind::Robots)],
        prop_oneof![Just(Need::Status), Just(Need::Ids), Just(Need::Links)],
        1..4_u32,
        prop_oneof![Just(1_u64 << 20), 0..400_u64],
    );
    let asked = asked.prop_map(|(method, kind, need, attempt, body_cap)| Request {
        method,
        kind,
        need,
        attempt,
        body_cap,
        ..request("http://a.test/b?c")
    });
    let status = prop_oneof![Just(200_u16), Just(301), Just(404), Just(503), 200..1000_u16];
    let head = proptest::option::weighted(0.9, (status, vec(field(), 0..6)));
    let failure = proptest::option::of(proptest::sample::select(failures()));
    (asked, head, body, 1..5_000_usize, failure).prop_map(|(request, head, body, chunk, failure)| {
        // Nothing comes of nothing: a transport always says why.
        let failure = failure.or(if head.is_none() { Some(Failure::Closed) } else { None });
        Answer { request, head, body, chunk, failure }
    })
}

fn record(file: &Path, answers: &[Answer]) -> Vec<Outcome> {
    let recorder = Recorder::builder(file, spec()).create().unwrap();
    let outcomes = answers.iter().map(|answer| answer.play(recorder.open(&answer.request))).collect();
    assert_eq!(recorder.finish().unwrap().exchanges, answers.len() as u64);
    outcomes
}

proptest! {
    #[test]
    fn live_recorded_and_replayed_are_one(answer in answer(), gz in any::<bool>()) {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(if gz { "a.warc.gz" } else { "a.warc" });
        let recorded = record(&file, std::slice::from_ref(&answer)).remove(0);
        prop_assert_eq!(plain(answer.play(None)), plain(recorded.clone()), "recording changes the outcome");
        let archive = Archive::open([&file]).unwrap();
        prop_assert!(archive.problems().is_empty(), "{:?}", archive.problems());
        let replayed = archive.replay(spec()).fetch(&answer.request);
        if let (Outcome::Answered(live), Outcome::Answered(replayed)) = (&recorded, &replayed) {
            prop_assert_eq!(live.transfer.encoded, replayed.transfer.encoded);
        }
        prop_assert_eq!(plain(recorded), plain(replayed));
    }
}

fn page(status: u16, request: Request) -> Answer {
    let html = (http::header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    let body = b"<a href=/x>x</a>".to_vec();
    Answer { request, head: Some((status, vec![html])), body, chunk: 100, failure: None }
}

fn statuses(archive: &Archive, requests: &[Request]) -> Vec<Result<u16, Failure>> {
    let replay = archive.replay(spec());
    let fetch = |request| match replay.fetch(request) {
        Outcome::Answered(digest) => Ok(digest.status),
        Outcome::Failed(failure) => Err(failure),
    };
    requests.iter().map(fetch).collect()
}

/// By URL, method and attempt; what was not asked is answered by what is most like it.
#[test]
fn keyed_by_method_and_attempt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc.gz");
    let ask = |method, attempt| Request { method, attempt, ..request("http://a.test/") };
    let mut lost = page(0, ask(Method::Get, 1));
    (lost.head, lost.failure) = (None, Some(Failure::Connect(Connect::Reset)));
    record(
        &file,
        &[
            page(405, ask(Method::Head, 1)),
            lost,
            page(503, ask(Method::Get, 2)),
            page(200, ask(Method::Get, 3)),
            page(201, Request { url: "http://a.test/head".parse().unwrap(), ..ask(Method::Head, 2) }),
        ],
    );
    let archive = Archive::open([&file]).unwrap();
    let asked = [ask(Method::Head, 1), ask(Method::Get, 1), ask(Method::Get, 2), ask(Method::Get, 3)];
    let reset = Err(Failure::Connect(Connect::Reset));
    assert_eq!(statuses(&archive, &asked), [Ok(405), reset, Ok(503), Ok(200)]);
    assert_eq!(statuses(&archive, &[ask(Method::Get, 9), ask(Method::Head, 2)]), [Ok(200), Ok(405)]);
    // Recorded with GET, and whole, though only the head was asked for.
    let whole = Request { url: "http://a.test/head".parse().unwrap(), ..ask(Method::Get, 1) };
    let Outcome::Answered(digest) = archive.replay(spec()).fetch(&whole) else { panic!("no answer") };
    assert_eq!((digest.status, digest.links.len()), (201, 1));
    let elsewhere = request("http://a.test/elsewhere");
    assert_eq!(statuses(&archive, &[elsewhere]), [Err(Failure::NotInArchive)]);
}

/// T107: what is taken out is missed, and nothing else takes its place.
#[test]
fn what_is_taken_out_is_missed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, cut) = (folder.path().join("a.warc"), folder.path().join("cut.warc"));
    let requests: Vec<_> = (0..4).map(|n| request(&format!("http://a.test/{n}"))).collect();
    record(&file, &requests.iter().map(|request| page(200, request.clone())).collect::<Vec<_>>());
    let text = fs::read_to_string(&file).unwrap();
    for gone in 0..4 {
        let kept = text
            .split("WARC/1.1\r\n")
            .filter(|record| {
                !record.is_empty() && !record.contains(&format!("WARC-Target-URI: http://a.test/{gone}\r"))
            })
            .map(|record| format!("WARC/1.1\r\n{record}"));
        fs::write(&cut, kept.collect::<String>()).unwrap();
        let archive = Archive::open([&cut]).unwrap();
        let expected: Vec<_> =
            (0..4).map(|n| if n == gone { Err(Failure::NotInArchive) } else { Ok(200) }).collect();
        assert_eq!(statuses(&archive, &requests), expected);
    }
}

#[test]
fn a_fetch_that_is_given_up_has_lapsed_or_never_was() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc.gz");
    let recorder = Recorder::builder(&file, spec()).create().unwrap();
    let lapsed = Request { budget: Duration::ZERO, ..request("http://a.test/lapsed") };
    drop(recorder.open(&lapsed));
    drop(recorder.open(&request("http://a.test/unwanted")));
    assert_eq!(recorder.finish().unwrap().exchanges, 1);
    let archive = Archive::open([&file]).unwrap();
    let expected = [Err(Failure::Lapsed), Err(Failure::NotInArchive)];
    assert_eq!(statuses(&archive, &[lapsed, request("http://a.test/unwanted")]), expected);
}

/// A list of URLs may be long, and is in each file.
#[test]
fn all_seeds_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc.gz");
    let seeds: Vec<String> = (0..5_000).map(|n| format!("http://a.test/a/rather/long/path/{n}")).collect();
    let mut builder = Recorder::builder(&file, spec()).max_file_bytes(Some(1));
    for seed in &seeds {
        builder = builder.seed(&seed.parse().unwrap());
    }
    let recorder = builder.create().unwrap();
    let requests: Vec<_> = (0..3).map(|n| request(&format!("http://a.test/{n}"))).collect();
    requests.iter().for_each(|it| drop(page(200, it.clone()).play(recorder.open(it))));
    let written = recorder.finish().unwrap();
    assert_eq!(written.files.len(), 3, "no file without an exchange");
    let archive = Archive::open(&written.files).unwrap();
    assert!(archive.problems().is_empty());
    assert!(archive.seeds().eq(&seeds), "{} of {}", archive.seeds().count(), seeds.len());
    assert_eq!(statuses(&archive, &requests), vec![Ok(200); 3]);
}

#[test]
fn files_are_rotated_and_never_overwritten() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc.gz");
    let recorder = Recorder::builder(&file, spec())
        .seed(&"http://user:pass@a.test/#top".parse().unwrap())
        .draws(crawlspace::Seed(42))
        .max_file_bytes(Some(4_000))
        .create()
        .unwrap();
    let requests: Vec<_> = (0..40).map(|n| request(&format!("http://a.test/{n}"))).collect();
    std::thread::scope(|scope| {
        for some in requests.chunks(10) {
            let recorder = &recorder;
            scope.spawn(move || {
                some.iter().for_each(|it| drop(page(200, it.clone()).play(recorder.open(it))))
            });
        }
    });
    let written = recorder.finish().unwrap();
    assert!(written.files.len() > 3, "{written:?}");
    assert_eq!(written.files[0], file);
    assert_eq!(written.files[1], folder.path().join("a-00001.warc.gz"));
    let lengths: Vec<_> = written.files.iter().map(|file| fs::metadata(file).unwrap().len()).collect();
    assert!(lengths.iter().all(|length| *length <= 4_000), "{lengths:?}");
    assert_eq!(lengths.iter().sum::<u64>(), written.bytes);
    let archive = Archive::open(&written.files).unwrap();
    assert!(archive.problems().is_empty());
    assert_eq!(archive.draws(), Some(crawlspace::Seed(42)));
    assert_eq!(archive.seeds().collect::<Vec<_>>(), ["http://a.test/"]);
    assert_eq!(statuses(&archive, &requests), vec![Ok(200); 40]);

    let before = fs::read(&file).unwrap();
    let again = Recorder::builder(&file, spec()).create().unwrap_err();
    assert!(matches!(again.problem(), Problem::Exists), "{again}");
    assert_eq!(fs::read(&file).unwrap(), before);
    let nowhere = Recorder::builder(folder.path().join("no/such/a.warc"), spec()).create().unwrap_err();
    assert!(matches!(nowhere.problem(), Problem::Io(_)), "{nowhere}");
}

/// A body of 8 MiB, through a spool that holds little of it.
#[test]
fn large_bodies() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc.gz");
    let mut large = page(200, Request { body_cap: 1 << 30, ..request("http://a.test/") });
    large.body = b"<a href=/x>x</a>some text that is repeated\n".repeat((8 << 20) / 43);
    large.chunk = 16 * 1024;
    let recorded = record(&file, std::slice::from_ref(&large)).remove(0);
    let archive = Archive::open([&file]).unwrap();
    assert_eq!(plain(recorded), plain(archive.replay(spec()).fetch(&large.request)));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left of the spool");
}

/// A reader must not look for a framing that was taken off.
#[test]
fn the_framing_is_named_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc");
    let mut chunked = page(200, request("http://a.test/"));
    let framing = (http::header::TRANSFER_ENCODING, HeaderValue::from_static("chunked"));
    chunked.head.as_mut().unwrap().1.push(framing);
    record(&file, &[chunked]);
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("\r\nx-archive-orig-transfer-encoding: chunked\r\n"), "{text}");
    assert!(!text.contains("\r\ntransfer-encoding:"), "{text}");
}

/// A small body that is coded may be decoded at its very end only: it is whole, although it is beyond the cap.
#[test]
fn whole_and_too_large() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc");
    let gzip_is_coding = (http::header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    let request = Request { kind: Kind::Check, need: Need::Ids, body_cap: 10, ..request("http://a.test/") };
    let html = (http::header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
    let head = Some((200, vec![gzip_is_coding, html]));
    let body = gzip(b"<p id=here>more than ten bytes</p>");
    let answer = Answer { request: request.clone(), head, body, chunk: 7, failure: None };
    let live = record(&file, std::slice::from_ref(&answer)).remove(0);
    assert!(matches!(&live, Outcome::Answered(digest) if digest.end == End::TooLarge), "{live:?}");
    assert!(!String::from_utf8_lossy(&fs::read(&file).unwrap()).contains("WARC-Truncated"));

    let replay = |body_cap| {
        let replay = Archive::open([&file]).unwrap().replay(spec());
        plain(replay.fetch(&Request { body_cap, ..request.clone() }))
    };
    assert_eq!(replay(10), plain(live));
    let whole = replay(1_000);
    assert!(matches!(&whole, Outcome::Answered(digest) if digest.end == End::Complete), "{whole:?}");
}
