//! `--state` and `--record` on a disk that is full or read-only, as the system has it: a small tmpfs in a mount
//! namespace, where a user may make one, which not every container allows; and a folder without write permission, which
//! every machine can do. What could not be tested is said.

#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "a test may panic, and says what it leaves out")]
#![cfg(target_os = "linux")]

use crawlspace_tests::web::{Answer, Web};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// Enough URLs that their state does not fit where there is little room.
fn web() -> Web {
    let links: String =
        (0..300).map(|n| format!("<a href=/page/{n}/{}>{n}</a>\n", "x".repeat(300))).collect();
    Web::serve(move |path, _method| match path {
        "/" => Answer::ok("text/html", links.as_bytes()),
        _ => Answer::ok("text/html", format!("<title>{path}</title><a href={path}>self</a>")),
    })
    .unwrap()
}

/// One run in the namespace.
struct Run {
    code: i32,
    stdout: Vec<u8>,
    stderr: String,
}

/// Runs a shell script with a folder `disk` that is a file system of its own, `$CHECK` for the command, and `run NAME
/// words…` to run it; `None` if this machine allows no such thing.
fn on_a_disk(web: &Web, folder: &Path, size: &str, script: &str) -> Option<Vec<Run>> {
    const BEGIN: &str = r#"
        mkdir -p disk out
        mount -t tmpfs -o "size=$SIZE" none disk || exit 99
        runs=0
        run() {
            runs=$((runs + 1))
            code=0
            "$CRAWLSPACE" check "$TARGET" --format jsonl "$@" >"out/$runs.out" 2>"out/$runs.err" || code=$?
            echo $code >"out/$runs.code"
        }
    "#;
    let mut command = Command::new("unshare");
    command.args(["--user", "--map-root-user", "--mount", "sh", "-ec", &format!("{BEGIN}\n{script}")]);
    command.env("SIZE", size).env("TARGET", format!("{}/", web.origin()));
    command.env("CRAWLSPACE", env!("CARGO_BIN_EXE_crawlspace")).current_dir(folder).stdin(Stdio::null());
    let output = command.output().ok()?;
    let runs: Vec<Run> = (1..)
        .map_while(|number| {
            let file = |end| fs::read(folder.join(format!("out/{number}.{end}"))).ok();
            let text = |end| String::from_utf8(file(end).unwrap()).unwrap();
            let stdout = file("out")?;
            Some(Run { code: text("code").trim().parse().unwrap(), stdout, stderr: text("err") })
        })
        .collect();
    if runs.is_empty() {
        eprintln!(
            "NOT TESTED: this machine mounts nothing for a test: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        return None;
    }
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(runs)
}

fn whole(web: &Web) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.args(["check", &format!("{}/", web.origin()), "--format", "jsonl"]).stdin(Stdio::null());
    command.output().unwrap()
}

/// X33: as much as fits is done, and with more room the same command goes on.
#[test]
fn a_disk_that_is_full() {
    let web = web();
    let expected = whole(&web);
    for size in ["8k", "64k", "128k"] {
        web.reset();
        let folder = tempfile::tempdir().unwrap();
        let script = "run --state disk/state
            run --state disk/state
            mount -o remount,size=64m disk
            run --state disk/state
            ls disk/state >out/files";
        let Some(runs) = on_a_disk(&web, folder.path(), size, script) else { return };
        let [first, second, last] = &runs[..] else { panic!("{} runs", runs.len()) };
        for run in [first, second] {
            assert!([2, 4].contains(&run.code), "{size}: {}: {}", run.code, run.stderr);
            assert!(run.stderr.contains("make room"), "{size}: {}", run.stderr);
        }
        assert_eq!(last.code, expected.status.code().unwrap(), "{size}: {}", last.stderr);
        assert!(last.stdout == expected.stdout, "{size}: another report: {}", last.stderr);
        let files = fs::read_to_string(folder.path().join("out/files")).unwrap();
        let kinds: Vec<_> = files.lines().map(|name| name.rsplit('.').next().unwrap()).collect();
        assert_eq!(kinds, ["finished", "journal", "lock"], "{size}: nothing else is left behind");
    }
}

/// X33: a recording that finds no room ends the crawl; what is recorded is whole, and with room it goes on beside it.
#[test]
fn a_recording_on_a_disk_that_is_full() {
    let web = web();
    let expected = whole(&web);
    let folder = tempfile::tempdir().unwrap();
    let script = "run --state state --record disk/a.warc
        mount -o remount,size=64m disk
        run --state state --record disk/a.warc
        run --replay disk/a.warc --replay disk/a-00001.warc";
    let Some(runs) = on_a_disk(&web, folder.path(), "128k", script) else { return };
    let [first, second, replayed] = &runs[..] else { panic!("{} runs", runs.len()) };
    assert!(
        first.code == 4 && first.stderr.contains("a.warc: No space left"),
        "{}: {}",
        first.code,
        first.stderr
    );
    for run in [second, replayed] {
        assert_eq!(run.code, expected.status.code().unwrap(), "{}", run.stderr);
        assert!(run.stdout == expected.stdout, "another report: {}", run.stderr);
    }
}

/// X33: nothing is begun, nothing asked for, nothing changed; a report needs no more than to read.
#[test]
fn a_disk_that_is_read_only() {
    let web = web();
    let expected = whole(&web);
    web.reset();
    let folder = tempfile::tempdir().unwrap();
    let script = "run --state disk/state --max-time 0.000001
        run --state disk/done
        md5sum disk/*/* >out/before
        mount -o remount,ro disk
        run --state disk/state
        run --state disk/new
        run --record disk/a.warc.gz
        run --state disk/done --resume-only
        md5sum disk/*/* >out/after
        mount -o remount,rw disk
        run --state disk/state";
    let Some(runs) = on_a_disk(&web, folder.path(), "64m", script) else { return };
    let [begun, done, old, new, recorded, again, gone_on] = &runs[..] else { panic!("{} runs", runs.len()) };
    assert_eq!((begun.code, done.code), (3, expected.status.code().unwrap()), "{}", begun.stderr);
    for (run, option) in [(old, "--state"), (new, "--state"), (recorded, "--record")] {
        let says = run.stderr.contains(option) && run.stderr.contains("Read-only file system");
        assert!(run.code == 2 && says && run.stdout.is_empty(), "{}: {}", run.code, run.stderr);
    }
    assert!(again.stdout == expected.stdout, "{}", again.stderr);
    assert!(gone_on.stdout == expected.stdout, "{}", gone_on.stderr);
    let files = |name| fs::read_to_string(folder.path().join("out").join(name)).unwrap();
    assert_eq!(files("before"), files("after"));
    assert!(web.requests().values().all(|times| *times == 2), "by two of the checks, once each");
}

/// The same by permissions, which hold for everybody but root.
#[test]
fn a_folder_that_may_not_be_written() {
    let web = web();
    let folder = tempfile::tempdir().unwrap();
    let locked = folder.path().join("locked");
    fs::create_dir(&locked).unwrap();
    fs::set_permissions(folder.path(), fs::Permissions::from_mode(0o755)).unwrap();
    fs::set_permissions(&locked, fs::Permissions::from_mode(0o555)).unwrap();
    // To root nothing is closed, so it becomes somebody else.
    let is_root = fs::write(locked.join("probe"), "").is_ok();
    let mut tested = 0;
    for words in [["--state", "locked/state"], ["--state", "locked"], ["--record", "locked/a.warc.gz"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
        command.args(["check", &format!("{}/", web.origin())]).args(words);
        command.current_dir(folder.path()).stdin(Stdio::null());
        if is_root {
            command.uid(65_534).gid(65_534);
        }
        let output = match command.output() {
            Ok(output) => output,
            Err(error) if is_root => {
                eprintln!("NOT TESTED: root cannot run this as somebody else: {error}");
                continue;
            }
            Err(error) => panic!("{error}"),
        };
        let stderr = String::from_utf8(output.stderr).unwrap();
        let says = stderr.contains(words[0]) && stderr.contains("Permission denied");
        assert!(output.status.code() == Some(2) && says, "{words:?}: {stderr}");
        tested += 1;
    }
    assert!(tested == 3 || is_root, "{tested}");
    assert!(web.requests().is_empty(), "nothing is asked for");
}
