//! What a folder answers, seen as a transport's user sees it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{Recorder, build, fetch, folder, request, site, status, url, whole};
use crawlspace::digest::{End, Location};
use crawlspace::{Failure, Kind, Method, Outcome, Phase, Refusal, Request};
use crawlspace_dir::{Dir, OpenError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

fn redirect(site: &Dir, path: &str) -> String {
    match fetch(site, path).unwrap() {
        digest if digest.status == 301 => match digest.location {
            Some(Location::To { url, fragment: None }) => url,
            other => panic!("{path} redirects to {other:?}"),
        },
        digest => panic!("{path} answers {}", digest.status),
    }
}

#[test]
fn files_folders_and_nothing() {
    let files = [
        ("index.html", "home"),
        ("a b.html", "space"),
        ("100%25.txt", "percent"),
        ("docs/index.htm", "docs"),
        ("both/index.html", "first"),
        ("both/index.htm", "second!"),
        ("images/logo.png", "png"),
        ("caf\u{e9}/menu.html", "accent"),
        ("odd/index.html/deep.txt", "an index that is a folder"),
    ];
    let folder = folder(&files);
    let site = site(&folder);
    for (path, expected, bytes) in [
        ("/", 200, 4),
        ("/index.html", 200, 4),
        ("/?page=2", 200, 4),
        ("/index.html?v=1", 200, 4),
        ("/a%20b.html", 200, 5),
        ("/a b.html", 200, 5),
        ("/100%2525.txt", 200, 7),
        ("/docs/", 200, 4),
        ("/both/", 200, 5),
        ("//docs//index.htm", 200, 4),
        ("/caf%C3%A9/menu.html", 200, 6),
        ("/caf\u{e9}/menu.html", 200, 6),
        ("/images/logo.png", 200, 3),
        ("/images/", 404, 0),
        ("/odd/", 404, 0),
        ("/index.html/", 404, 0),
        ("/index.html/x", 404, 0),
        ("/nothing", 404, 0),
        ("/nothing/", 404, 0),
        ("/nothing/at/all", 404, 0),
        ("/docs/index.html", 404, 0),
    ] {
        let digest = fetch(&site, path).unwrap();
        assert_eq!((digest.status, digest.transfer.decoded), (expected, bytes), "{path}");
    }
}

#[test]
fn folder_without_its_slash_redirects() {
    let folder = folder(&[("docs/index.html", ""), ("caf\u{e9}/x", ""), ("images/logo.png", "")]);
    let site = site(&folder);
    assert_eq!(redirect(&site, "/docs"), "http://site.invalid/docs/");
    assert_eq!(redirect(&site, "/docs?a=b&c"), "http://site.invalid/docs/?a=b&c");
    assert_eq!(redirect(&site, "/images"), "http://site.invalid/images/");
    assert_eq!(redirect(&site, "/caf%C3%A9"), "http://site.invalid/caf%C3%A9/");
    // Never to a host named `docs`.
    assert_eq!(redirect(&site, "//docs"), "http://site.invalid//docs/");
}

#[test]
fn head_answers_as_get_does_without_reading() {
    let folder = folder(&[("index.html", "home"), ("docs/x", "")]);
    let site = site(&folder);
    for path in ["/", "/index.html", "/docs", "/docs/", "/gone"] {
        let get = fetch(&site, path).unwrap();
        let request = Request { method: Method::Head, ..whole(url(&site, path)) };
        let Outcome::Answered(head) = site.fetch(&request) else { panic!("{path} failed") };
        assert_eq!((head.status, &head.location), (get.status, &get.location), "{path}");
        assert_eq!(head.transfer.decoded, 0, "{path}");
    }
}

#[test]
fn clean_urls_only_on_request() {
    let files = [
        ("about.html", "1"),
        ("docs.html", "22"),
        ("docs/index.html", "333"),
        ("v1.2.html", "4444"),
        ("raw", "55555"),
    ];
    let folder = folder(&files);
    assert_eq!(status(&site(&folder), "/about"), 404);
    let site = build(Dir::open(folder.path()).unwrap().clean_urls(true));
    for (path, expected, bytes) in [
        ("/about", 200, 1),
        ("/about.html", 200, 1),
        ("/about/", 404, 0),
        ("/docs", 200, 2),
        ("/docs/", 200, 3),
        ("/v1.2", 200, 4),
        ("/raw", 200, 5),
        ("/none", 404, 0),
        ("/", 404, 0),
    ] {
        let digest = fetch(&site, path).unwrap();
        assert_eq!((digest.status, digest.transfer.decoded), (expected, bytes), "{path}");
    }
    assert_eq!(site.file_of(&url(&site, "/about")), Some(PathBuf::from("about.html")));
}

#[test]
fn index_files_can_be_chosen() {
    let folder = folder(&[("index.html", "1"), ("default.htm", "22"), ("README.md", "333")]);
    let open = || Dir::open(folder.path()).unwrap();
    let site = build(open().index_files(["nope", "README.md", "index.html"]).unwrap());
    assert_eq!(fetch(&site, "/").unwrap().transfer.decoded, 3);
    assert_eq!(status(&build(open().index_files::<&str>([]).unwrap()), "/"), 404);
    for name in ["", ".", "..", "../x", "a/b", "/etc/passwd", "a/"] {
        assert!(matches!(open().index_files([name]), Err(OpenError::IndexName(_))), "{name:?}");
    }
}

#[test]
fn base_url_with_a_path_places_the_folder_there() {
    let folder = folder(&[("index.html", "home"), ("a.html", "")]);
    for base in ["https://example.org/docs/", "https://example.org/docs", "https://example.org:443/%64ocs/"] {
        let base = Url::parse(base).unwrap();
        let site = build(Dir::open(folder.path()).unwrap().base_url(&base).unwrap());
        assert_eq!(site.base_url().as_str(), "https://example.org/docs/");
        let ask = |text: &str, kind| {
            let request = Request { kind, ..request(Url::parse(text).unwrap()) };
            match site.fetch(&request) {
                Outcome::Answered(digest) => Ok(digest.status),
                Outcome::Failed(failure) => Err(failure),
            }
        };
        let offline = Err(Failure::Refused(Refusal::Offline));
        assert_eq!(ask("https://example.org/docs/", Kind::Page), Ok(200));
        assert_eq!(ask("https://example.org/docs/a.html", Kind::Page), Ok(200));
        assert_eq!(ask("https://example.org/docs/b.html", Kind::Page), Ok(404));
        assert_eq!(ask("https://example.org/docs", Kind::Page), Ok(301));
        assert_eq!(ask("https://example.org/docs?x", Kind::Page), Ok(301));
        assert_eq!(ask("https://example.org/", Kind::Page), offline);
        assert_eq!(ask("https://example.org/a.html", Kind::Page), offline);
        assert_eq!(ask("https://example.org/docsa.html", Kind::Page), offline);
        assert_eq!(ask("https://example.org/robots.txt", Kind::Robots), Ok(404));
        assert_eq!(ask("http://example.org/docs/", Kind::Page), offline);
        assert_eq!(ask("https://example.org:8443/docs/", Kind::Page), offline);
        assert_eq!(ask("https://www.example.org/docs/", Kind::Page), offline);
        assert_eq!(ask("https://www.example.org/robots.txt", Kind::Robots), offline);
        assert_eq!(ask("file:///etc/passwd", Kind::Page), Err(Failure::Refused(Refusal::Scheme)));
    }
}

#[test]
fn robots_txt_is_a_file_like_any_other() {
    let folder = folder(&[("robots.txt", "User-agent: *\nDisallow: /x\n")]);
    assert_eq!(status(&site(&folder), "/robots.txt"), 200);
}

#[test]
fn what_cannot_be_a_site_is_named() {
    let folder = folder(&[("file.html", "")]);
    let error = Dir::open(folder.path().join("none")).unwrap_err();
    assert!(matches!(error, OpenError::Unreadable(..)), "{error}");
    let error = Dir::open(folder.path().join("file.html")).unwrap_err();
    assert!(matches!(&error, OpenError::NotAFolder(path) if path.ends_with("file.html")), "{error}");
    for base in [
        "ftp://example.org/",
        "file:///srv/",
        "mailto:a@example.org",
        "https://user@example.org/",
        "https://:pw@example.org/",
        "https://example.org/?q",
        "https://example.org/#f",
    ] {
        let base = Url::parse(base).unwrap();
        let error = Dir::open(folder.path()).unwrap().base_url(&base).unwrap_err();
        assert!(error.to_string().contains(base.as_str()), "{error}");
    }
}

#[test]
fn urls_and_files_go_both_ways() {
    let files = ["index.html", "a b#c?d%41/e;f.html", "caf\u{e9}/~x.html", "[1]{2}|3^4.txt", "x:y/..z"];
    let folder = folder(&files.map(|file| (file, "text")));
    let base = Url::parse("https://example.org/docs/").unwrap();
    let site = build(Dir::open(folder.path()).unwrap().base_url(&base).unwrap());
    for file in files {
        let url = site.url_of(file).unwrap();
        assert_eq!(site.file_of(&url), Some(PathBuf::from(file)), "{url}");
        assert_eq!(crawlspace::Identity::of(&url).as_str(), url.as_str(), "what is fetched is an identity");
    }
    assert_eq!(site.file_of(site.base_url()), Some(PathBuf::from("index.html")));
    assert_eq!(site.url_of("./index.html"), site.url_of("index.html"));
    for outside in ["../x", "/etc/passwd", "a/../../x"] {
        assert_eq!(site.url_of(outside), None, "{outside}");
    }
    assert_eq!(site.file_of(&Url::parse("https://example.com/docs/").unwrap()), None);
    assert_eq!(site.root(), std::fs::canonicalize(folder.path()).unwrap());
}

#[test]
fn body_cap_ends_the_digest_and_not_the_answer() {
    let folder = folder(&[("big.txt", &"x".repeat(300_000))]);
    let site = site(&folder);
    for (cap, read, end) in [
        (0, 0, End::TooLarge),
        (1, 1, End::TooLarge),
        (65_536, 65_536, End::TooLarge),
        (299_999, 299_999, End::TooLarge),
        (300_000, 300_000, End::Complete),
        (u64::MAX, 300_000, End::Complete),
    ] {
        let request = Request { body_cap: cap, ..whole(url(&site, "/big.txt")) };
        let Outcome::Answered(digest) = site.fetch(&request) else { panic!("cap {cap} failed") };
        assert_eq!((digest.status, digest.transfer.decoded, digest.end), (200, read, end), "cap {cap}");
    }
}

#[test]
fn taps_see_what_a_server_would_send() {
    let folder = folder(&[("a.png", "image"), ("A.HTML", "page"), ("docs/x", ""), ("plain", "?")]);
    let recorder = Recorder::default();
    let site = build(Dir::open(folder.path()).unwrap().taps(Arc::new(recorder.clone())));
    for (path, fields, body) in [
        ("/a.png", ["content-type: image/png", "content-length: 5"].as_slice(), "image"),
        ("/A.HTML", &["content-type: text/html", "content-length: 4"], "page"),
        ("/plain", &["content-type: application/octet-stream", "content-length: 1"], "?"),
        ("/docs", &["location: http://site.invalid/docs/", "content-length: 0"], ""),
        ("/gone", &["content-length: 0"], ""),
    ] {
        for method in [Method::Get, Method::Head] {
            let asked = Request { method, ..request(url(&site, path)) };
            assert!(matches!(site.fetch(&asked), Outcome::Answered(_)), "{path}");
            let seen = recorder.last();
            assert_eq!(
                (seen.fields.join("; "), seen.body.as_slice()),
                (fields.join("; "), body.as_bytes()),
                "{path}"
            );
            assert_eq!(seen.end, Some(Ok(End::Complete)), "{path}");
        }
    }
    let elsewhere = request(Url::parse("https://example.org/").unwrap());
    let offline = Failure::Refused(Refusal::Offline);
    assert_eq!(site.fetch(&elsewhere), Outcome::Failed(offline.clone()));
    assert_eq!(recorder.last().end, Some(Err(offline)));
}

#[test]
fn budget_ends_a_fetch() {
    let folder = folder(&[("a.txt", "text")]);
    let site = site(&folder);
    let request = Request { budget: Duration::ZERO, ..whole(url(&site, "/a.txt")) };
    assert_eq!(site.fetch(&request), Outcome::Failed(Failure::Timeout(Phase::Body)));
}

#[test]
fn many_threads_share_one_site() {
    let folder = folder(&[("a.txt", "text")]);
    let site = site(&folder);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            let site = site.clone();
            scope.spawn(move || (0..50).for_each(|_| assert_eq!(status(&site, "/a.txt"), 200)));
        }
    });
}

#[test]
fn names_that_windows_cannot_have_are_refused_on_request() {
    let files = [
        "con",
        "Con.html",
        "NUL.txt",
        "aux",
        "com1.log",
        "LPT9",
        "a.txt:$DATA",
        "c:",
        "x.",
        "y ",
        "what?",
        "conserve.html",
        "com10.txt",
    ];
    let folder = folder(&files.map(|file| (file, "")));
    let open = || Dir::open(folder.path()).unwrap();
    let (native, portable) = (open().portable_names(false), build(open().portable_names(true)));
    let native = build(native);
    for file in files {
        let url = native.url_of(Path::new(file)).unwrap();
        let there = ["conserve.html", "com10.txt"].contains(&file);
        let status = |site: &Dir| match site.fetch(&request(url.clone())) {
            Outcome::Answered(digest) => digest.status,
            Outcome::Failed(failure) => panic!("{file}: {failure}"),
        };
        assert_eq!(status(&portable), if there { 200 } else { 404 }, "{file}");
        if cfg!(unix) {
            assert_eq!(status(&native), 200, "{file}");
        }
    }
}
