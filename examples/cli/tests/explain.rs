//! `crawlspace explain` against servers on this machine.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use mockito::{Mock, Server, ServerGuard};
use serde_json::Value;
use std::process::{Command, Stdio};

fn explain(words: &[&str]) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.args(["explain", "-q", "--delay", "0"]).args(words).stdin(Stdio::null());
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn json(words: &[&str]) -> Value {
    let (code, out, err) = explain(&[words, &["--format", "json"]].concat());
    assert_eq!(code, 0, "{err}");
    serde_json::from_str(&out).unwrap()
}

fn site() -> (ServerGuard, ServerGuard, Vec<Mock>) {
    let (mut own, mut other) = (Server::new(), Server::new());
    let away = other.url();
    let home = format!(
        "<a href=/old>old</a>\n<a href=/private/x>p</a> <a href=/a.zip>z</a> <a href='{away}/shy'>s</a> <a href=#no>n</a>"
    );
    let robots = "User-agent: *\nAllow: /\nDisallow: /private/\n";
    let mocks = vec![
        own.mock("GET", "/robots.txt").with_body(robots).create(),
        own.mock("GET", "/").with_header("content-type", "text/html").with_body(home).create(),
        own.mock("GET", "/old").with_status(301).with_header("location", "/new").create(),
        own.mock("GET", "/new").with_status(500).create(),
        other.mock("GET", "/robots.txt").with_status(404).create(),
        other.mock("HEAD", "/shy").with_status(405).create(),
        other.mock("GET", "/shy").with_status(403).create(),
    ];
    (own, other, mocks)
}

/// What stands in a column of the text.
fn has(out: &str, name: &str, text: &str) -> bool {
    out.lines().any(|line| {
        line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with(text))
    })
}

#[test]
fn a_url_alone_is_asked_for_and_explained() {
    let (own, other, _mocks) = site();
    let (code, out, _) = explain(&[&format!("{}/old", own.url()), "--retries", "1"]);
    assert_eq!(code, 0);
    assert!(has(&out, "scope", "crawled: it is on the site of a target"), "{out}");
    assert!(has(&out, "robots", "allowed: line 2 of robots.txt: Allow: /"), "{out}");
    assert!(has(&out, "verdict", "server-error: 500 Internal Server Error"), "{out}");
    assert!(has(&out, "redirect", "301 from http"), "{out}");
    assert!(has(&out, "severity", "error, the default for server-error in scope"), "{out}");
    // robots.txt, /old, and /new twice.
    assert_eq!(out.matches(" bytes in ").count(), 4, "{out}");
    assert!(out.contains("attempt 2  500"), "{out}");
    let row = &json(&[&format!("{}/shy", other.url()), "--retries", "0"])[0];
    assert_eq!(row["verdicts"][0]["class"], "blocked");
}

#[test]
fn within_a_check_each_url_has_its_reason() {
    let (own, other, _mocks) = site();
    let (target, away) = (format!("{}/", own.url()), format!("{}/shy", other.url()));
    let (private, zip) = (format!("{target}private/x"), format!("{target}a.zip"));
    let words = [
        &*away,
        &private,
        &zip,
        &target,
        "--from",
        &target,
        "--exclude",
        "zip$",
        "--rule",
        "403@external:ignore",
    ];
    let rows = json(&words);

    let shy = &rows[0];
    assert_eq!((&shy["scope"]["decision"], &shy["depth"]), (&"check".into(), &1.into()));
    let asked: Vec<_> =
        shy["attempts"].as_array().unwrap().iter().map(|row| (&row["method"], &row["status"])).collect();
    assert_eq!(asked, [(&"HEAD".into(), &405.into()), (&"GET".into(), &403.into())]);
    assert_eq!(
        (&shy["verdicts"][0]["severity"], &shy["verdicts"][0]["rule"]),
        (&"ignored".into(), &"403@external:ignore".into())
    );
    assert_eq!(shy["verdicts"][0]["referrers"][0]["line"], 2);

    let private = &rows[1];
    assert_eq!((&private["robots"]["says"], &private["robots"]["line"]), (&"disallowed".into(), &3.into()));
    assert_eq!(private["verdicts"][0]["class"], "skipped");

    let zip = &rows[2];
    assert_eq!((&zip["scope"]["decision"], &zip["scope"]["rule"]), (&"ignore".into(), &"zip$".into()));
    assert_eq!(zip["verdicts"][0]["message"], "skipped: excluded by the pattern zip$");
    assert!(zip["attempts"].as_array().unwrap().iter().all(|row| row["kind"] == "robots"));

    let home = &rows[3];
    assert_eq!(home["target"], true);
    let classes: Vec<_> = home["verdicts"].as_array().unwrap().iter().map(|row| &row["class"]).collect();
    assert_eq!(classes, ["ok", "dead-fragment"]);

    let (_, out, _) = explain(&words);
    assert!(has(&out, "scope", "left alone: --exclude \"zip$\" matches"), "{out}");
    assert!(has(&out, "robots", "disallowed: line 3 of robots.txt: Disallow: /private/"), "{out}");
    assert!(has(&out, "severity", "ignored, by the rule 403@external:ignore"), "{out}");
}

#[test]
fn what_is_excluded_is_said_of_a_target_too() {
    let (own, _other, _mocks) = site();
    let (_, out, _) = explain(&[&format!("{}/new", own.url()), "--exclude", "new", "--retries", "0"]);
    assert!(
        has(
            &out,
            "scope",
            "asked for, since it is a target; a link to it would be left alone: --exclude \"new\""
        ),
        "{out}"
    );
}

#[test]
fn what_nothing_leads_to_is_said() {
    let (own, _other, _mocks) = site();
    let target = format!("{}/", own.url());
    let (code, out, _) = explain(&[&format!("{target}orphan"), "--from", &target]);
    assert_eq!(code, 0);
    assert!(has(&out, "found", "nothing that was read leads to it"), "{out}");
}

#[test]
fn in_a_folder_paths_will_do() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("index.html"), "<a href=gone.html>g</a>").unwrap();
    let (_, out, err) = explain(&["gone.html", "--from", folder.path().to_str().unwrap()]);
    assert!(has(&out, "verdict", "broken: 404 Not Found"), "{out}{err}");
}

#[test]
fn wrong_usage_names_the_way_out() {
    for (words, part) in [
        (&[] as &[&str], "give one: crawlspace explain"),
        (&["http://[", "--from", "http://127.0.0.1:9/"], "\"http://[\" is no URL"),
        (&["http://127.0.0.1:9/", "--format", "yaml"], "text, json or jsonl"),
    ] {
        let (code, _, err) = explain(words);
        assert_eq!(code, 2, "{err}");
        assert!(err.contains(part), "{err}");
    }
}
