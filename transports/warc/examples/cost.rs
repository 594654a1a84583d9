//! What recording costs: microseconds of an exchange without a network, digested, recorded, and replayed.
//!
//! `cargo run --release -p crawlspace-warc --example cost`

#![allow(clippy::print_stdout, reason = "it prints figures")]

use crawlspace::codec::{Corrupt, Decode as _};
use crawlspace::digest::{Appetite, Head};
use crawlspace::{Config, Engine, FetchId, HeaderSetId, Kind, Method, Need, Outcome, Request, Seed, Spec};
use crawlspace_http::{Exchange, Taps, Times};
use crawlspace_warc::{Archive, Recorder};
use flate2::{Compression, write::GzEncoder};
use std::io::Write as _;
use std::sync::Arc;
use std::time::{Duration, Instant};

const PAGES: u32 = 3_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let config = Config::builder().seed("http://a.test/".parse()?).build()?;
    let spec = Arc::new(Engine::new(config, Seed(1), crawlspace::UnixTime::from_secs(0)).spec().clone());
    let requests = (0..PAGES).map(|page| request(page, &spec)).collect::<Result<Vec<_>, _>>()?;
    let mut state = 1_u64;
    let mut page = String::new();
    while page.len() < 20_000 {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        page.push_str(&format!(
            "<p>Some words {:x} <a href=\"/page/{}\">and a link</a>\n",
            state >> 40,
            state >> 50
        ));
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(page.as_bytes())?;
    let folder = tempfile::tempdir()?;
    for (name, coding, body) in
        [("20 kB plain", "identity", page.into_bytes()), ("gzip", "gzip", encoder.finish()?)]
    {
        let alone = time(&requests, |request| play(request, &spec, coding, &body, None));
        let file = folder.path().join(format!("{coding}.warc.gz"));
        let recorder = Recorder::builder(&file, Arc::clone(&spec)).create()?;
        let recorded = time(&requests, |request| play(request, &spec, coding, &body, Some(&recorder)));
        let bytes = recorder.finish()?.bytes / u64::from(PAGES);
        let began = Instant::now();
        let archive = Archive::open([&file])?;
        let opened = began.elapsed() / PAGES;
        let replay = archive.replay(Arc::clone(&spec));
        let replayed = time(&requests, |request| replay.fetch(request));
        println!(
            "{name}: digested {alone:.1?}, recorded too {recorded:.1?} ({bytes} bytes), indexed {opened:.1?}, replayed {replayed:.1?}"
        );
    }
    Ok(())
}

fn request(page: u32, spec: &Spec) -> Result<Request, Corrupt> {
    let mut url = url::Url::parse("http://a.test/").unwrap_or_else(|_| unreachable!("a URL"));
    url.set_path(&format!("/page/{page}"));
    Ok(Request {
        id: FetchId::from_bytes(&[1])?,
        url,
        kind: Kind::Page,
        method: Method::Get,
        need: Need::Links,
        attempt: 1,
        budget: Duration::from_secs(30),
        body_cap: 10 << 20,
        headers: HeaderSetId::NONE,
        validators: crawlspace::Validators::default(),
        spec: spec.fingerprint(),
    })
}

fn time(requests: &[Request], fetch: impl Fn(&Request) -> Outcome) -> Duration {
    let began = Instant::now();
    let answered =
        requests.iter().map(fetch).filter(|outcome| matches!(outcome, Outcome::Answered(_))).count();
    assert_eq!(answered, requests.len());
    began.elapsed() / PAGES
}

fn play(
    request: &Request,
    spec: &Arc<Spec>,
    coding: &'static str,
    body: &[u8],
    recorder: Option<&Recorder>,
) -> Outcome {
    let mut exchange = Exchange::new(request, spec, recorder.and_then(|recorder| recorder.open(request)));
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", http::HeaderValue::from_static("text/html; charset=utf-8"));
    headers.insert("content-encoding", http::HeaderValue::from_static(coding));
    let mut appetite = exchange.head(Head { status: http::StatusCode::OK, headers });
    for chunk in body.chunks(16 * 1024) {
        if appetite == Ok(Appetite::More) {
            appetite = exchange.chunk(chunk);
        }
    }
    match appetite {
        Ok(_) => exchange.finish(Times::default()),
        Err(failure) => exchange.fail(failure),
    }
}
