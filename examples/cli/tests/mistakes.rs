//! What a wrong target or configuration is answered with: the input, the limit, the way out, and no secret.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use clap::Parser;
use crawlspace_cli::args::{Cli, Command};
use crawlspace_cli::config::{Layer, Plan};
use std::fs;
use std::path::Path;
use std::time::Duration;

fn plan(words: &[&str]) -> Result<Plan, String> {
    let words = ["crawlspace", "check"].iter().chain(words);
    let Command::Check(args) = Cli::try_parse_from(words).map_err(|error| error.to_string())?.command else {
        unreachable!()
    };
    args.layers().and_then(Plan::new).map_err(|error| error.to_string())
}

fn file(name: &str, text: &str) -> Result<Plan, String> {
    let mut layer = Layer::parse(name, text).map_err(|error| error.to_string())?;
    layer.options.targets = vec!["https://a.test/".to_owned()];
    Plan::new(layer).map_err(|error| error.to_string())
}

#[test]
fn no_message_repeats_a_password() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    for words in [
        &["https://me:hunter2@[::1/"][..],
        &["https://me:hunter2@a b/"],
        &["https://hunter2@[::1/"],
        &["ftp://me:hunter2@a.test/"],
        &["file://me:hunter2@a.test/x"],
        &["me:hunter2@a.test"],
        &["me:hunter2@a.test/x"],
        &[path, "--base-url", "https://me:hunter2@a.test/"],
        &[path, "--base-url", "https://me:hunter2@[::1/"],
        &[path, "--base-url", "ftp://me:hunter2@a.test/"],
        &["https://a.test/", "--base-url", "https://me:hunter2@a.test/"],
    ] {
        let error = plan(words).unwrap_err();
        assert!(!error.contains("hunter2"), "{error}");
        assert!(error.contains("a.test") || error.contains("[::1/") || error.contains("a b/"), "{error}");
    }
}

#[test]
fn a_url_that_is_none_says_why() {
    for (target, why) in [
        ("https://[::1/", "invalid IPv6 address"),
        ("https://1.2.3.4.5/", "invalid IPv4 address"),
        ("https://a.test:99999/", "invalid port number"),
        ("https://", "empty host"),
    ] {
        let error = plan(&[target]).unwrap_err();
        assert!(error.starts_with(&format!("{target}: not a valid URL: {why}\n")), "{error}");
    }
}

#[test]
fn an_overlong_target_names_the_limit() {
    let url = |length: usize| format!("{:a<length$}", "https://a.test/");
    assert!(plan(&[&url(8_192)]).is_ok());
    let error = plan(&[&url(8_193)]).unwrap_err();
    assert!(error.contains("8193 bytes long") && error.contains("8192"), "{error}");
    assert!(error.len() < 400, "and is not repeated in full: {}", error.len());
    // As it is sent: each of these letters takes six bytes.
    assert!(plan(&[&format!("https://a.test/{}", "ä".repeat(1_400))]).unwrap_err().contains("8192"));
}

#[test]
fn times_and_numbers_are_named_as_people_write_them() {
    for (error, parts) in [
        (plan(&["https://a.test/", "--timeout", "0"]), &["--timeout is 0 s", "1ms", "366 days"][..]),
        (plan(&["https://a.test/", "--delay", "9000h"]), &["--delay is 375 days", "366 days"]),
        (plan(&["https://a.test/", "--accept", "200..="]), &["\"200..=\""]),
        (plan(&["https://a.test/", "--accept", "..300"]), &["\"..300\""]),
        (
            plan(&["https://a.test/", "--depth", "x"]),
            &["'x'", "--depth", "a whole number from 0 to 4294967295"],
        ),
        (plan(&["https://a.test/", "--retries", "-1"]), &["'-1'", "--retries", "a whole number from 0"]),
        (
            plan(&["https://a.test/", "--max-pages", "1.5"]),
            &["'1.5'", "--max-pages", "a whole number from 0"],
        ),
        (plan(&["https://a.test/", "--timeout", "-1"]), &["'-1'", "--timeout", "no length of time"]),
        (plan(&["https://a.test/", "--max-time", "-0.5"]), &["'-0.5'", "--max-time", "no length of time"]),
        (file("a.toml", "timeout = 0"), &["--timeout is 0 s", "366 days"]),
        (file("a.toml", "concurrency = \"x\""), &["concurrency", "\"x\"", "a whole number"]),
        (file("a.toml", "retries = 1.5"), &["retries", "1.5", "a whole number"]),
        (file("a.toml", "per-host = -1"), &["per-host", "-1", "a whole number"]),
        (file("a.toml", "max-pages = \"5\""), &["max-pages", "\"5\"", "a whole number"]),
        (file("a.toml", "depth = 5000000000"), &["depth", "5000000000", "a whole number from 0 to"]),
        (file("a.toml", "seed = true"), &["seed", "true", "a whole number"]),
        (file("a.toml", "ordered = \"yes\""), &["ordered", "\"yes\"", "true or false"]),
        (file("a.json", "{\"timeout\": 0}"), &["\"timeout\" is 0,", "seconds from 0.001 to 31622400"]),
        (file("a.json", "{\"timeout\": 1e12}"), &["\"timeout\" is 1", "seconds from 0.001 to 31622400"]),
    ] {
        let error = error.unwrap_err();
        for part in parts {
            assert!(error.contains(part), "no {part} in {error}");
        }
        for jargon in ["u32", "u64", "0ns", "sequence", "boolean", "digit"] {
            assert!(!error.contains(jargon), "{error}");
        }
    }
}

#[test]
fn a_key_given_twice_is_an_error() {
    for (text, key) in [
        (r#"{"timeout": 1, "timeout": 60}"#, "timeout"),
        (r#"{"OK": [200], "threads": 3, "OK": [404]}"#, "OK"),
        (r#"{"graceful_exit": true, "graceful_exit": true}"#, "graceful_exit"),
    ] {
        let error = file("a.json", text).unwrap_err();
        assert!(error.starts_with(&format!("a.json: \"{key}\" is given twice")), "{error}");
    }
}

#[test]
fn a_key_like_no_other_names_the_nearest_all_the_same() {
    for (name, text) in [("a.toml", "proxy = 1"), ("a.json", r#"{"proxy": 1}"#), ("a.toml", "zzz = 1")] {
        let error = file(name, text).unwrap_err();
        assert!(error.contains("the nearest is \""), "{error}");
    }
}

#[test]
fn a_folder_waits_for_nothing() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("index.html"), "").unwrap();
    let gaps = |words: &[&str]| format!("{:?}", plan(words).unwrap().config);
    let folder = folder.path().to_str().unwrap();
    let paces = |built: &str| built.matches("gap: 3s").count();
    assert_eq!(paces(&gaps(&[folder, "--delay", "3", "--external"])), 1);
    assert_eq!(paces(&gaps(&[folder, "https://a.test/", "--delay", "3"])), 2);
}

/// What a robots.txt asks of those who visit a server is nothing that files need: here a minute from page to page.
#[test]
fn a_folder_s_crawl_delay_costs_no_time() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("robots.txt"), "User-agent: *\nCrawl-delay: 60\n").unwrap();
    fs::write(folder.path().join("index.html"), "<a href=a.html>a</a><a href=b.html>b</a>").unwrap();
    fs::write(folder.path().join("a.html"), "").unwrap();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.args(["check", "--quiet", "."]).current_dir(folder.path());
    let (done, is_done) = std::sync::mpsc::channel();
    std::thread::spawn(move || done.send(command.output()));
    // Far longer than it takes, and less than it may wait.
    let output = is_done.recv_timeout(Duration::from_secs(50)).expect("no pause between files").unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stdout).contains("b.html"));
}

/// Deeper than a path can say: what nobody can list, the superuser included.
#[cfg(target_os = "linux")]
fn bottomless(folder: &Path) {
    let name = "d".repeat(250);
    let script = format!("for level in $(seq 20); do mkdir {name} && cd {name} || exit 1; done");
    let made = std::process::Command::new("bash").args(["-c", &script]).current_dir(folder).status().unwrap();
    assert!(made.success());
}

#[test]
#[cfg(target_os = "linux")]
fn a_subfolder_that_cannot_be_read_does_not_end_the_check() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("open/far")).unwrap();
    fs::write(folder.path().join("open/far/page.html"), "").unwrap();
    bottomless(folder.path());
    let plan = plan(&[folder.path().to_str().unwrap()]).unwrap();
    assert_eq!(plan.config.seeds().len(), 1);
    assert_eq!(plan.notes.len(), 1, "{:?}", plan.notes);
    assert!(plan.notes[0].contains("cannot be read") && plan.notes[0].contains("not checked"));
}
