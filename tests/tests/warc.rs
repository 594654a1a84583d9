//! Recorded over real HTTP, and replayed: the same bytes of report, and archives that others' tools can read.
//!
//! Tools by others (`warcio`, `wget`) must be there where `CRAWLSPACE_ALL_TOOLS` is set, as `.ci/run` does; elsewhere
//! their tests say that they were left out. `CRAWLSPACE_WARCIO` names the first, if it is not on the path.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it leaves out")]

use crawlspace::config::Builder;
use crawlspace::report::Class;
use crawlspace::{
    Config, Engine, HeaderSetId, HostPolicy, Limit, Order, Outcome, Output, Request, Retry, Time,
};
use crawlspace_http::HeaderSets;
use crawlspace_tests::crawl::{Through, bytes, crawl, engine, record, same_rows};
use crawlspace_tests::encode;
use crawlspace_tests::request::{request, spec};
use crawlspace_tests::scripted::{Script, Scripted};
use crawlspace_tests::site::{Shape, Site};
use crawlspace_tests::transport::{TRANSPORTS, settings};
use crawlspace_tests::web::{Answer, Bound, Web};
use crawlspace_warc::{Archive, Recorder};
use flate2::read::MultiGzDecoder;
use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;
use url::Url;

/// So many fetches at once, each tried again once, soon.
fn config(seed: &str, at_once: u32) -> Builder {
    let policy = HostPolicy { concurrency: 2 * at_once, gap: Duration::ZERO };
    let soon = Duration::from_millis(1);
    Config::builder()
        .seed(Url::parse(seed).unwrap())
        .concurrency(at_once)
        .own_hosts(policy)
        .other_hosts(policy)
        .retry(Retry { max: 1, base: soon, cap: soon })
}

fn assert_same(expected: &Engine, found: &Engine, how: &str) {
    if let Err(difference) = same_rows(expected, found) {
        panic!("{how}: {difference}");
    }
    assert!(bytes(expected) == bytes(found), "{how}: other bytes from equal rows");
}

/// A site of this many pages behind a server.
fn serve(pages: usize, seed: u64) -> Web {
    let bound = Bound::new().unwrap();
    let origin = Some(bound.origin());
    let site = Site::generate(Shape { pages, bytes_per_page: 4_000, seed, origin, ..Shape::default() });
    bound.serve(move |path, _| site.answer(path))
}

/// Crawls by an archive, and answers in an order drawn by `seed`.
fn in_another_order(config: &Config, archive: &Archive, seed: u64) -> Engine {
    let mut engine = engine(config);
    let replay = archive.replay(Arc::new(engine.spec().clone()));
    let (mut open, mut state, mut now) = (Vec::new(), seed, Time::ZERO);
    loop {
        match engine.poll(now) {
            Output::Fetch(fetch) => open.push(fetch),
            Output::Event(_) | Output::Cancel(_) => {}
            Output::Wait(wake) if open.is_empty() => match wake {
                crawlspace::Wake::At(at, _) => now = at,
                crawlspace::Wake::OnInput(why) => {
                    panic!("nothing is asked for, and yet it waits for {why:?}")
                }
            },
            Output::Wait(_) => {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let fetch = open.swap_remove((state >> 33) as usize % open.len());
                engine.complete(fetch.ticket, replay.fetch(&fetch.request));
            }
            Output::Finished => return engine,
        }
    }
}

#[test]
fn a_generated_site() {
    let web = serve(150, 11);
    let folder = tempfile::tempdir().unwrap();
    let reference = crawl(&config(web.origin(), 8).build().unwrap(), &Through::Ureq);
    for (number, (through, at_once)) in
        [(Through::Ureq, 1), (Through::Ureq, 8), (Through::Hyper, 1), (Through::Hyper, 8)]
            .into_iter()
            .enumerate()
    {
        let file = folder.path().join(format!("{number}.warc.gz"));
        let how = format!("{through:?}, {at_once} at once");
        web.reset();
        let recorded = record(&config(web.origin(), at_once).build().unwrap(), &through, &file);
        assert_same(&reference, &recorded, &format!("recorded over {how}"));
        assert!(web.requests().keys().all(|(method, _)| method == "GET"), "{how}: asked other than with GET");
        web.reset();
        let archive = Archive::open([&file]).unwrap();
        assert!(archive.problems().is_empty(), "{how}: {:?}", archive.problems());
        for at_once in [1, 8] {
            let config = config(web.origin(), at_once).build().unwrap();
            let replayed = crawl(&config, &Through::Replay(archive.clone()));
            assert_same(&reference, &replayed, &format!("replayed {at_once} at once what {how} recorded"));
        }
        let config = config(web.origin(), 64).build().unwrap();
        for seed in 0..3 {
            let replayed = in_another_order(&config, &archive, seed);
            assert_same(&reference, &replayed, &format!("{how}, replayed in order {seed}"));
        }
        assert!(web.requests().is_empty(), "{how}: a replay asked the server");
        check_with_warcio(&[&file]);
    }
}

/// A crawl of a part of what was recorded, and of less.
#[test]
fn other_limits_offline() {
    let web = serve(80, 12);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.warc.gz");
    let _ = record(&config(web.origin(), 8).build().unwrap(), &Through::Hyper, &file);
    let archive = Archive::open([&file]).unwrap();
    let limits: [fn(Builder) -> Builder; 3] = [
        |config| config.depth(Limit::Max(1)),
        |config| config.order(Order::Ordered).max_pages(Limit::Max(20)),
        |config| config.order(Order::Ordered).body_cap(30_000).max_bytes(Limit::Max(90_000)),
    ];
    for (number, limits) in limits.into_iter().enumerate() {
        let config = limits(config(web.origin(), 8)).build().unwrap();
        let replayed = crawl(&config, &Through::Replay(archive.clone()));
        // A recorded crawl reads bodies that another leaves, and so comes to a limit of bytes earlier.
        let again = folder.path().join(format!("{number}.warc.gz"));
        assert_same(&record(&config, &Through::Hyper, &again), &replayed, &format!("limits {number}"));
    }
}

/// Every way in which an answer can come, and not come.
#[test]
fn codings_retries_and_failures() {
    let page = |links: &str| format!("<!DOCTYPE html><h1 id=top>A page</h1>{links}").into_bytes();
    let coded = |coding: &str, body: Vec<u8>| {
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Encoding: {coding}\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        Script::serve([head.into_bytes(), body].concat())
    };
    let linked = page("<a href=#top>up</a><a href=#gone>gone</a>");
    let chunked = [
        b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec(),
        format!("{:x}\r\n", linked.len()).into_bytes(),
        linked.clone(),
        b"\r\n0\r\n\r\n".to_vec(),
    ];
    let large = [b"<p>".to_vec(), vec![b'a'; 600_000], linked.clone()].concat();
    let html = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n";
    let scripts = [
        ("gzip", coded("gzip", encode::gzip(&linked))),
        ("br", coded("br", encode::brotli(&linked))),
        ("zstd", coded("zstd", encode::zstd(&linked))),
        ("stacked", coded("gzip, br", encode::brotli(&encode::gzip(&linked)))),
        ("chunked", Script::serve(chunked.concat())),
        ("large", coded("identity", large)),
        ("damaged", coded("gzip", b"\x1f\x8bnot gzip".to_vec())),
        ("unsupported", coded("compress", linked.clone())),
        ("truncated", Script::answer(format!("{html}Content-Length: 999\r\n\r\n<a href=/x>"))),
        ("reset", Script::read().reset()),
        ("reset in the body", Script::answer(format!("{html}Content-Length: 99\r\n\r\nab")).reset()),
        ("closed", Script::read()),
        ("malformed", Script::answer("\x16\x03\x01 this is not HTTP\r\n\r\n")),
        ("silent", Script::read().hold()),
    ];
    let servers: Vec<_> = scripts.into_iter().map(|(name, script)| (name, Scripted::start(script))).collect();
    let nobody = Bound::new().unwrap().origin();
    let links: String = servers
        .iter()
        .map(|(name, server)| {
            format!(
                "<a href=\"{}#top\">{name}</a><a href=\"{}#gone\">x</a>",
                server.url("/"),
                server.url("/")
            )
        })
        .collect();
    let more = "<a href=/moved>m</a><a href=/busy>b</a><a href=/down>d</a><a href=/page#gone>p</a><a href=/head>h</a>";
    let home = page(&format!(
        "{links}{more}<a href=\"{nobody}/\">nobody</a><a href=http://u:p@{}>u</a>",
        &nobody[7..]
    ));
    let busy = AtomicU32::new(0);
    let web = Web::serve(move |path, _| match path {
        "/" => Answer::ok("text/html", home.clone()),
        "/page" => Answer::ok("text/html", page("")),
        "/moved" => Answer::moved(302, "/page#top"),
        // Every other request.
        "/busy" if busy.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) => Answer::error(503),
        "/busy" => Answer::ok("text/html", page("")),
        "/down" => Answer::error(500),
        _ => Answer::error(404),
    })
    .unwrap();

    let folder = tempfile::tempdir().unwrap();
    let config = config(web.origin(), 8).fetch_timeout(Duration::from_secs(2)).build().unwrap();
    for (name, through) in [("ureq", Through::Ureq), ("hyper", Through::Hyper)] {
        let file = folder.path().join(format!("{name}.warc.gz"));
        let recorded = record(&config, &through, &file);
        let report = recorded.report();
        let classes: BTreeSet<_> = report.links().map(|link| link.class).collect();
        for class in
            [Class::Broken, Class::ServerError, Class::Redirected, Class::DeadFragment, Class::Protocol]
        {
            assert!(classes.contains(&class), "{name}: nothing is {class}: {classes:?}");
        }
        for class in [Class::Unreachable, Class::Timeout] {
            assert!(classes.contains(&class), "{name}: nothing is {class}: {classes:?}");
        }
        assert!(report.links().any(|link| link.url.rest == "/busy" && link.status == Some(200)), "{name}");
        let archive = Archive::open([&file]).unwrap();
        let replayed = crawl(&config, &Through::Replay(archive.clone()));
        assert_same(&recorded, &replayed, name);
        for seed in 0..3 {
            assert_same(&recorded, &in_another_order(&config, &archive, seed), name);
        }
        check_with_warcio(&[&file]);
        // What was rewritten by another tool still says what crawlspace noted of it.
        if let Some(mut warcio) = tool("warcio", "CRAWLSPACE_WARCIO") {
            let again = folder.path().join(format!("{name}-again.warc.gz"));
            let output = warcio.arg("recompress").arg(&file).arg(&again).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
            let archive = Archive::open([&again]).unwrap();
            assert_same(&recorded, &crawl(&config, &Through::Replay(archive)), name);
        }
    }
}

/// All of the archive, decompressed.
fn plain(file: &Path) -> String {
    let mut text = Vec::new();
    MultiGzDecoder::new(File::open(file).unwrap()).read_to_end(&mut text).unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

#[test]
fn secrets_are_not_recorded() {
    const SECRETS: [&str; 6] =
        ["bearer-9f31", "cookie-9f32", "apikey-9f33", "user-9f34", "password-9f35", "session-9f36"];
    let answer = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nSet-Cookie: id=session-9f36; Path=/\r\n\r\nbody";
    let server = Scripted::start(Script::serve(answer));
    let fields = ["Authorization: Bearer bearer-9f31", "Cookie: a=cookie-9f32", "X-Api-Key: apikey-9f33"];
    let fields = fields.map(|field| crawlspace_http::parse_field(field).unwrap());
    let mut headers = HeaderSets::new();
    headers.add(HeaderSetId(1), vec![server.url("")], fields.into_iter().collect()).unwrap();
    let url = server.url("/").replace("http://", "http://user-9f34:password-9f35@");
    let ask = Request { headers: HeaderSetId(1), ..request(&url) };
    let folder = tempfile::tempdir().unwrap();
    for (name, open) in TRANSPORTS {
        for keep in [false, true] {
            let file = folder.path().join(format!("{name}-{keep}.warc.gz"));
            let recorder = Recorder::builder(&file, spec())
                .header_sets(headers.clone())
                .keep_secrets(keep)
                .seed(&Url::parse(&url).unwrap())
                .create()
                .unwrap();
            let taps: Arc<dyn crawlspace_http::Taps> = Arc::new(recorder.clone());
            let settings = settings().header_sets(headers.clone()).taps(taps);
            let outcome = open(&settings).fetch(&ask);
            assert!(matches!(outcome, Outcome::Answered(_)), "{name}: {outcome:?}");
            recorder.finish().unwrap();
            let text = plain(&file);
            for secret in SECRETS {
                assert_eq!(text.contains(secret), keep, "{name}: {secret} in\n{text}");
            }
            assert!(text.contains("\r\nx-api-key: ") && text.contains("\r\nset-cookie: "), "{name}: {text}");
            let replayed = Archive::open([&file]).unwrap().replay(spec()).fetch(&ask);
            assert!(matches!(replayed, Outcome::Answered(_)), "{name}: {replayed:?}");
        }
    }
    let sent = server.received();
    assert!(
        sent.iter().all(|it| it.field("x-api-key") == Some("apikey-9f33")),
        "recording changed a request"
    );
}

/// T106: nothing that a server sends, or a page links to, begins a record or a field of its own.
#[test]
fn nothing_is_smuggled_in() {
    let smuggled = "x\r\nWARC-Type: response\r\n\r\nWARC/1.1\r\n";
    let answer = format!("HTTP/1.1 200 {smuggled}\r\nContent-Length: 0\r\nX: a\tb\u{7f}c\r\n\r\n");
    let server = Scripted::start(Script::answer(answer));
    let folder = tempfile::tempdir().unwrap();
    for (name, open) in TRANSPORTS {
        let file = folder.path().join(format!("{name}.warc.gz"));
        let recorder = Recorder::builder(&file, spec()).create().unwrap();
        let taps: Arc<dyn crawlspace_http::Taps> = Arc::new(recorder.clone());
        let transport = open(&settings().taps(taps));
        for path in ["/%0d%0aWARC-Type: x", "/a\r\nWARC-Type: x", "/?\r\n\r\nWARC/1.1"] {
            let _ = transport.fetch(&request(&server.url(path)));
        }
        recorder.finish().unwrap();
        assert_eq!(plain(&file).matches("\r\nWARC-Type: x").count(), 0);
        let archive = Archive::open([&file]).unwrap();
        assert!(archive.problems().is_empty() && archive.answers() == 3, "{name}: {archive:?}");
        check_with_warcio(&[&file]);
    }
}

/// A site fetched by another crawler, checked offline.
#[test]
fn what_wget_recorded() {
    let Some(mut wget) = tool("wget", "CRAWLSPACE_WGET") else { return };
    let page = |links: &str| Answer::ok("text/html", format!("<!DOCTYPE html><h1 id=top>x</h1>{links}"));
    let web = Web::serve(move |path, _| match path {
        "/" => page("<a href=/a.html#top>a</a><a href=/b/>b</a><a href=/old>o</a>"),
        "/a.html" => page("<a href=/#gone>g</a><a href=/missing>m</a>"),
        "/b/" => page("<a href=../a.html#gone>g</a><img src=/i.png>"),
        "/old" => Answer::moved(301, "/b/"),
        "/i.png" => Answer::ok("image/png", vec![0; 300]),
        _ => Answer::error(404),
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let output = wget
        .current_dir(folder.path())
        .env_remove("http_proxy")
        .args([
            "--no-config",
            "--no-proxy",
            "-q",
            "-r",
            "-l",
            "inf",
            "-p",
            "--delete-after",
            "--warc-file=site",
        ])
        .arg(web.origin())
        .output()
        .unwrap();
    let file = folder.path().join("site.warc.gz");
    let archive = Archive::open([&file]).unwrap_or_else(|error| panic!("{error}: {output:?}"));
    assert!(archive.problems().is_empty(), "{:?}", archive.problems());
    let config = config(web.origin(), 4).build().unwrap();
    let live = crawl(&config, &Through::Ureq);
    assert!(live.report().findings().count() >= 4, "the site is broken on purpose");
    assert_same(&live, &crawl(&config, &Through::Replay(archive)), "wget's archive");
}

/// The tool, if it is there.
#[allow(clippy::print_stderr, reason = "says what was left out")]
fn tool(name: &str, variable: &str) -> Option<Command> {
    let program = std::env::var(variable).unwrap_or_else(|_| name.to_owned());
    if Command::new(&program).arg("--version").output().is_ok() {
        return Some(Command::new(program));
    }
    assert!(
        std::env::var_os("CRAWLSPACE_ALL_TOOLS").is_none(),
        "{name} is not there, and no check may be left out here"
    );
    eprintln!("left out: there is no {name}; {variable} can name it");
    None
}

/// Every digest and every length, as the field's own tool reads them.
fn check_with_warcio(files: &[&Path]) {
    let Some(mut warcio) = tool("warcio", "CRAWLSPACE_WARCIO") else { return };
    let output = warcio.arg("check").arg("-v").args(files).output().unwrap();
    let said =
        String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert!(said.contains("digest pass"), "{said}");
    for file in files {
        assert!(fs::metadata(file).unwrap().len() > 0);
    }
}
