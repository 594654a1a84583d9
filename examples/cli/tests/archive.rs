//! `--record` and `--replay`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use crawlspace_warc::Archive;
use flate2::read::MultiGzDecoder;
use mockito::{Server, ServerGuard};
use serde_json::Value;
use std::fs::{self, File};
use std::io::Read as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn run(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.arg("check").args(words).current_dir(folder).stdin(Stdio::null());
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

/// The exit code and the report, without what may differ.
fn report(folder: &Path, words: &[&str]) -> (i32, Value, String) {
    let (code, stdout, stderr) =
        run(folder, &[&["--format", "json", "--all", "--delay", "0"], words].concat());
    let mut report: Value = serde_json::from_str(&stdout).unwrap_or_else(|error| panic!("{error}: {stderr}"));
    report.as_object_mut().unwrap().remove("statistics");
    (code, report, stderr)
}

fn text(file: &Path) -> String {
    let mut text = Vec::new();
    MultiGzDecoder::new(File::open(file).unwrap()).read_to_end(&mut text).unwrap();
    String::from_utf8_lossy(&text).into_owned()
}

fn site() -> (ServerGuard, ServerGuard) {
    let (mut own, mut other) = (Server::new(), Server::new());
    let home = format!(
        "<a href=/a#yes>a</a> <a href=/a#no>a</a> <a href=/gone>gone</a> <a href=/old>old</a> <a href=/down>down</a> \
         <a href='{0}/there'>there</a> <a href='{0}/not-there'>not</a> <a href='http://127.0.0.1:9/'>nobody</a>",
        other.url()
    );
    own.mock("GET", "/robots.txt").with_status(404).create();
    own.mock("GET", "/").with_header("content-type", "text/html").with_body(home).create();
    own.mock("GET", "/a")
        .with_header("content-type", "text/html")
        .with_body("<p id=yes><a href=/b>b</a>")
        .create();
    own.mock("GET", "/b")
        .with_header("content-type", "text/html")
        .with_body("<a href=/gone>gone</a>")
        .create();
    own.mock("GET", "/old").with_status(301).with_header("location", "/a").create();
    own.mock("GET", "/down").with_status(500).create();
    other.mock("GET", "/there").create();
    (own, other)
}

#[test]
fn a_site_is_recorded_and_replayed() {
    let folder = tempfile::tempdir().unwrap();
    for transport in ["hyper", "ureq"] {
        let (own, other) = site();
        let (target, file) = (format!("{}/", own.url()), format!("{transport}.warc.gz"));
        let words = ["--transport", transport, "--header", "X-Api-Key: s3cret-value", "--retries", "1"];
        let (code, live, said) = report(folder.path(), &[&words[..], &[&target, "--record", &file]].concat());
        assert_eq!(code, 1, "{said}");
        assert!(said.contains(" exchanges recorded in ") && said.contains(&file), "{said}");
        let archive = text(&folder.path().join(&file));
        assert!(archive.contains("x-api-key: REDACTED") && !archive.contains("s3cret-value"), "{archive}");
        let (_, unrecorded, _) = report(folder.path(), &[&words[..], &[&target]].concat());
        assert_eq!(live, unrecorded, "{transport}: recording changes the report");
        drop((own, other));

        for targets in [vec![&*target], vec![]] {
            let words = [&words[..], &["--replay", &file], &targets].concat();
            let (code, replayed, said) = report(folder.path(), &words);
            assert_eq!((code, &replayed), (1, &live), "{transport} {targets:?}: {said}");
        }
        let (_, shallow, _) = report(folder.path(), &["--replay", &file, "--depth", "0", "--no-external"]);
        assert_eq!(shallow["summary"]["pages"], 1, "{shallow}");
        let (code, _, _) =
            report(folder.path(), &["--replay", &file, "--accept", "200..=599", "--exclude", "127|#no|/a"]);
        assert_eq!(code, 0, "other rules, offline");
    }
}

/// What is asked depends on what is drawn, so a replay draws from the same.
#[test]
fn draws_are_replayed() {
    let folder = tempfile::tempdir().unwrap();
    let mut own = Server::new();
    let any = mockito::Matcher::Any;
    let html = |mock: mockito::Mock| mock.with_header("content-type", "text/html");
    html(own.mock("GET", any)).with_body("we are sorry: there is nothing of that name here").create();
    html(own.mock("GET", "/")).with_body("<a href=/a>a</a> welcome to the front page of it all").create();
    own.mock("GET", "/robots.txt").with_status(404).create();
    let words = [&*format!("{}/", own.url()), "--soft-404"];
    let (code, live, said) = report(folder.path(), &[&words[..], &["--record", "a.warc.gz"]].concat());
    assert_eq!(report(folder.path(), &[&words[..], &["--replay", "a.warc.gz"]].concat()).0, code, "{said}");
    assert!(code == 1 && live.to_string().contains("/a"), "what answers anything is found out: {live}");
    // One that goes on draws from what it began with, be it recorded from then on or not.
    for (state, begins_with) in [("recorded", &["--record", "b.warc.gz"][..]), ("not", &[])] {
        let kept = [&words[..], &["--state", state]].concat();
        let (code, _, said) =
            run(folder.path(), &[&kept[..], &["--max-time", "0.000001"], begins_with].concat());
        assert_eq!(code, 3, "{said}");
        let name = if state == "recorded" { "b.warc.gz" } else { "c.warc.gz" };
        let (_, gone_on, _) = report(folder.path(), &[&kept[..], &["--record", name]].concat());
        assert_eq!(gone_on, live);
    }
    drop(own);
    for archive in [
        &["--replay", "a.warc.gz"][..],
        &["--replay", "b.warc.gz", "--replay", "b-00001.warc.gz"],
        &["--replay", "c.warc.gz"],
    ] {
        let (_, replayed, said) = report(folder.path(), &[&words[..], archive].concat());
        assert_eq!(replayed, live);
        assert!(!said.contains("not in the archive"), "{said}");
    }
}

#[test]
fn files_are_counted_through() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("site")).unwrap();
    fill(&folder.path().join("site"), 400);
    let (code, live, said) = report(folder.path(), &["site", "--record", "a.warc", "--record-size", "1"]);
    assert_eq!(code, 1, "{said}");
    let (_, replayed, _) = report(folder.path(), &["site", "--replay", "a.warc", "--replay", "a-00001.warc"]);
    assert_eq!(live, replayed);
    let (_, half, said) = report(folder.path(), &["site", "--replay", "a.warc"]);
    assert!(half != live && said.contains(" URLs are not in the archive, and were not checked"), "{said}");
}

/// A site of pages that cannot be compressed much.
fn fill(site: &Path, pages: u32) {
    let mut state = 1_u64;
    for page in 0..pages {
        let mut text = format!("<a href=page{}.html>next</a><a href=gone.html>gone</a><p>", page + 1);
        for _ in 0..150 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            text.push_str(&format!("{state:016x} "));
        }
        fs::write(site.join(format!("page{page}.html")), &text).unwrap();
    }
    fs::write(site.join("index.html"), "<a href=page0.html>first</a>").unwrap();
}

/// What answers is a matter of the folder, and its record says the same when the folder is changed.
#[test]
fn a_folder_is_recorded_as_it_would_be_served() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    fs::create_dir(&site).unwrap();
    fs::write(
        site.join("index.html"),
        "<a href=a.html#x>a</a><a href=gone.html>g</a><a href=//b.test/>b</a>",
    )
    .unwrap();
    fs::write(site.join("a.html"), "<a href=index.html>a</a>").unwrap();
    let (code, live, said) = report(folder.path(), &["site", "--record", "a.warc.gz"]);
    assert_eq!(code, 1, "{said}");
    fs::write(site.join("index.html"), "nothing is left").unwrap();
    let (code, replayed, said) = report(folder.path(), &["site", "--replay", "a.warc.gz"]);
    assert_eq!((code, replayed), (1, live), "{said}");
}

#[test]
fn what_is_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let (own, _other) = site();
    let target = format!("{}/", own.url());
    fs::write(folder.path().join("there.warc"), "precious").unwrap();
    // A WACZ begins with a local file header, as any ZIP does.
    fs::write(folder.path().join("browser.wacz"), b"PK\x03\x04\x14\0\0\0\0\0archive/").unwrap();
    for (words, says) in [
        (&[&*target, "--record", "a.warc", "--replay", "there.warc"][..], "are both given"),
        (&[&target, "--record", "there.warc"], "there.warc: exists already"),
        (&[&target, "--record", "no/such/folder.warc"], "--record no/such/folder.warc: No such file"),
        (&[&target, "--record", "a.warc", "--record-size", "0"], "--record-size 0"),
        (&[&target, "--record-size", "5"], "nothing is recorded"),
        (&[&target, "--record-secrets"], "nothing is recorded"),
        (&[&target, "--replay", "missing.warc"], "--replay: missing.warc: No such file"),
        (&[&target, "--replay", "there.warc"], "--replay: there.warc: is not a WARC"),
        (&[&target, "--replay", "browser.wacz"], "give the WARC files in its folder \"archive\""),
    ] {
        let (code, _, said) = run(folder.path(), words);
        assert_eq!(code, 2, "{words:?}: {said}");
        assert!(said.contains(says), "{words:?}: {said}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("there.warc")).unwrap(), "precious");
    assert!(!folder.path().join("a.warc").exists());
    fs::write(
        folder.path().join("empty.warc"),
        "WARC/1.0\r\nWARC-Type: warcinfo\r\nContent-Length: 0\r\n\r\n\r\n\r\n",
    )
    .unwrap();
    let (code, _, said) = run(folder.path(), &["--replay", "empty.warc"]);
    assert!(code == 2 && said.contains("give the URL to begin with"), "{said}");
    let (code, _, said) = run(folder.path(), &["--replay", "empty.warc", "http://a.test/"]);
    assert!(code == 3 && said.contains("the archive holds no answer to this request"), "{said}");
}

/// A check that goes on says where, what a replay needs, and what it will not have.
#[test]
fn a_recording_goes_on_beside_what_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let (own, _other) = site();
    let target = format!("{}/", own.url());
    let words = [&*target, "--delay", "0", "--state", "state", "--max-time"];
    let go_on = |time, file| run(folder.path(), &[&words[..], &[time, "--record", file]].concat());
    let first = go_on("0.000001", "a.warc.gz");
    assert!(first.0 == 3 && folder.path().join("a.warc.gz").exists(), "{first:?}");
    let before = fs::read(folder.path().join("a.warc.gz")).unwrap();
    let (_, _, said) = go_on("0.000001", "other.warc.gz");
    assert!(said.contains("other.warc.gz was not there, so what was asked before is not recorded"), "{said}");
    let (code, _, said) = go_on("1000", "a.warc.gz");
    assert_eq!(code, 1, "{said}");
    assert!(
        said.contains("recorded in a-00001.warc.gz") && said.contains("going on from a.warc.gz"),
        "{said}"
    );
    assert!(said.contains("a replay needs all of them"), "{said}");
    assert_eq!(fs::read(folder.path().join("a.warc.gz")).unwrap(), before, "it is as it was");
    // A check that begins does not go on with what is there, also after it was told so.
    for _ in 0..2 {
        let (code, _, said) = run(folder.path(), &[&target, "--state", "new", "--record", "a.warc.gz"]);
        assert!(code == 2 && said.contains("a.warc.gz: exists already"), "{said}");
    }
}

#[test]
fn secrets_are_kept_loudly_only() {
    let folder = tempfile::tempdir().unwrap();
    let (own, _other) = site();
    let target = format!("{}/", own.url());
    let words =
        [&*target, "-q", "--header", "X-Api-Key: s3cret-value", "--record", "a.warc.gz", "--record-secrets"];
    let (_, _, said) = run(folder.path(), &words);
    assert!(said.contains("--record-secrets: a.warc.gz will hold headers"), "{said}");
    assert!(text(&folder.path().join("a.warc.gz")).contains("s3cret-value"));
}

/// A disk that is full: the crawl ends, says so, and what is recorded is whole.
#[cfg(unix)]
#[test]
fn a_full_disk_ends_the_crawl() {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let site = folder.path().join("site");
    fs::create_dir(&site).unwrap();
    fill(&site, 60);
    let command = format!(
        "trap '' XFSZ; ulimit -f 32; exec {} check site --concurrency 1 --record a.warc.gz",
        env!("CARGO_BIN_EXE_crawlspace")
    );
    let output = Command::new("sh").args(["-c", &command]).current_dir(folder.path()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(4), "{said}");
    assert!(said.contains("--record ") && said.contains("a.warc.gz: File too large"), "{said}");
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("gone.html"), "what was checked is reported: {report}{said}");
    let archive = Archive::open([folder.path().join("a.warc.gz")]).unwrap();
    assert!(archive.problems().is_empty() && (3..60).contains(&archive.answers()), "{archive:?}");
}
