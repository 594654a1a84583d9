//! `--state` and `--resume-only`: what the user is told, and what never gets into the files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![cfg(unix)]

use crawlspace_tests::web::{Answer, Web};
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn web() -> Web {
    Web::serve(|path, _method| match path {
        "/" => Answer::ok("text/html", "<a href=/a>a</a> <a href=/gone>gone</a>"),
        "/a" => Answer::ok("text/html", "<a href=/>home</a>"),
        _ => Answer::error(404),
    })
    .unwrap()
}

fn crawlspace() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.stdin(Stdio::null());
    command
}

fn check(web: &Web, state: &Path, words: &[&str]) -> Output {
    let mut command = crawlspace();
    command.args(["check", &format!("{}/", web.origin()), "--format", "jsonl", "--state"]).arg(state);
    command.args(words).output().unwrap()
}

/// Exit code and standard error.
fn said(output: &Output) -> (i32, String) {
    (output.status.code().unwrap(), String::from_utf8(output.stderr.clone()).unwrap())
}

fn files(folder: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn explain(words: &[&str], state: &Path) -> Output {
    crawlspace().args(["explain", "-q", "--state"]).arg(state).args(words).output().unwrap()
}

#[test]
fn what_was_saved_is_explained_without_asking() {
    let web = web();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("state");
    check(&web, &state, &[]);
    let requests = web.requests();
    let (home, gone) = (format!("{}/", web.origin()), format!("{}/gone", web.origin()));
    let before = files(&state);

    let told = explain(&[&gone, "--from", &home], &state);
    let text = String::from_utf8(told.stdout.clone()).unwrap();
    assert_eq!(said(&told), (0, String::new()));
    assert!(text.contains("verdict   broken: 404 Not Found"), "{text}");
    assert!(text.contains("linked at ") && text.contains("found     one link away from a target"), "{text}");
    assert!(text.contains("attempts  not kept with the state of a check"), "{text}");
    let told = explain(&[&gone, "--from", &home, "--format", "json"], &state);
    let facts: serde_json::Value = serde_json::from_slice(&told.stdout).unwrap();
    assert_eq!((&facts[0]["attempts"], &facts[0]["depth"]), (&serde_json::Value::Null, &1.into()));
    // Rules are of the report, so others may be asked about.
    let told = explain(&[&gone, "--from", &home, "--rule", "404:ignore"], &state);
    assert!(String::from_utf8(told.stdout).unwrap().contains("ignored, by the rule 404:ignore"));

    for (words, part) in [
        (&[&*gone][..], "name them as they were checked: --from"),
        (&[&*gone, "--from", &gone], "configuration"),
        (&[&*gone, "--from", &home, "--depth", "1"], "configuration"),
    ] {
        let (code, err) = said(&explain(words, &state));
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(part), "{words:?}: {err}");
    }
    let (code, err) = said(&explain(&[&gone, "--from", &home], &folder.path().join("none")));
    assert_eq!(code, 2, "{err}");
    assert_eq!((web.requests(), files(&state)), (requests, before), "nothing is asked for, nothing written");
}

#[test]
fn finished_printed_again_and_begun_anew() {
    let web = web();
    let folder = tempfile::tempdir().unwrap();
    let state = folder.path().join("deep/state");
    let first = check(&web, &state, &[]);
    assert_eq!(said(&first).0, 1);
    assert_eq!(files(&state), ["crawl-1.finished", "crawl-1.journal", "lock"]);

    let requests = web.requests();
    let again = check(&web, &state, &["--resume-only"]);
    assert_eq!((again.status, &again.stdout), (first.status, &first.stdout));
    assert_eq!(web.requests(), requests, "nothing is asked for");

    let anew = check(&web, &state, &[]);
    assert!(said(&anew).1.contains("was finished: beginning anew"), "{:?}", said(&anew));
    assert!(web.requests().values().all(|times| *times == 2), "all is asked for anew");
    assert_eq!(files(&state), ["crawl-2.finished", "crawl-2.journal", "lock"]);

    // A finished check is no hindrance to another one.
    let other = check(&web, &state, &["--depth", "0", "--resume-only"]);
    assert!(said(&other).0 == 2 && said(&other).1.contains("belongs to configuration"), "{:?}", said(&other));
    assert_eq!(said(&check(&web, &state, &["--depth", "0"])).0, 0);
}

#[test]
fn nothing_to_print() {
    let web = web();
    let folder = tempfile::tempdir().unwrap();
    for (words, state, error) in
        [(&["--resume-only"][..], "empty", "holds no check"), (&["--resume-only"], "none", "cannot be read")]
    {
        fs::create_dir_all(folder.path().join("empty")).unwrap();
        let output = check(&web, &folder.path().join(state), words);
        assert!(said(&output).0 == 2 && said(&output).1.contains(error), "{:?}", said(&output));
    }
    assert_eq!(files(folder.path()), ["empty"], "nothing is made");
    let output = crawlspace().args(["check", web.origin(), "--resume-only"]).output().unwrap();
    assert!(said(&output).1.contains("--state DIR"), "{:?}", said(&output));
    assert!(web.requests().is_empty());
}

/// The file size that a process may write stands for a disk that is full.
#[test]
fn a_disk_that_is_full() {
    let links: String =
        (0..300).map(|n| format!("<a href=/page/{n}/{}>{n}</a>\n", "x".repeat(300))).collect();
    let web = Web::serve(move |path, _method| match path {
        "/" => Answer::ok("text/html", links.as_bytes()),
        _ => Answer::ok("text/html", format!("<title>{path}</title><a href={path}>self</a>")),
    })
    .unwrap();
    let folder = tempfile::tempdir().unwrap();
    let expected = check(&web, &folder.path().join("whole"), &[]);
    let state = folder.path().join("state");
    let mut partial = 0;
    for blocks in [0, 1, 40, 120] {
        web.reset();
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"");
        let mut command = Command::new("bash");
        command.args(["-c", &script, env!("CARGO_BIN_EXE_crawlspace")]);
        command.args(["check", &format!("{}/", web.origin()), "--format", "jsonl", "--state"]).arg(&state);
        // A pipe is no file: the report gets through.
        let output = command.stdin(Stdio::null()).output().unwrap();
        let (code, stderr) = said(&output);
        assert!(stderr.contains("crawl-") && stderr.contains("make room"), "{blocks}: {stderr}");
        assert_eq!(code, if web.requests().is_empty() { 2 } else { 4 }, "{blocks}: {stderr}");
        partial += usize::from(code == 4);
    }
    assert!(partial > 0, "none got as far as to ask for something");
    // With room again, it goes on, and loses nothing.
    let output = check(&web, &state, &[]);
    assert!(said(&output).1.contains("going on with the check"), "{:?}", said(&output));
    assert_eq!((output.status, output.stdout), (expected.status, expected.stdout));
}

/// I24: what is configured to be sent stands in no file, whether the check was finished or not.
#[test]
fn secrets_are_not_kept() {
    use std::os::unix::fs::PermissionsExt;
    let web = web();
    let folder = tempfile::tempdir().unwrap();
    let headers = ["--header", "Authorization: Bearer canary-7d1f", "--header", "Cookie: sid=canary-99aa"];
    check(&web, folder.path(), &headers);
    assert_eq!(
        said(&check(&web, folder.path(), &[&headers[..], &["--max-time", "0.001"]].concat())).0 & !7,
        0
    );
    for name in files(folder.path()) {
        let path = folder.path().join(&name);
        let bytes = fs::read(&path).unwrap();
        assert!(!bytes.windows(6).any(|window| window == b"canary"), "{name}");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o077,
            0,
            "{name} is its owner's alone"
        );
    }
}
