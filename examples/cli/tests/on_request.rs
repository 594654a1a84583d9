//! What `check` looks for on request: ids that several elements have, text fragments.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

use serde_json::{Value, json};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

fn site() -> TempDir {
    let site = tempfile::tempdir().unwrap();
    let index = "<p id=a>\n<a href=\"b.html#:~:text=lost%20words\">lost</a>\n<a href=\"b.html#:~:text=kept\">kept</a>\n<p id=a>";
    fs::write(site.path().join("index.html"), index).unwrap();
    fs::write(
        site.path().join("b.html"),
        "<p id=x>Kept</p>\n<p id=\"\x1b[31m\">\n<p id=x><p id=\"\x1b[31m\"><p id=x>",
    )
    .unwrap();
    site
}

fn check(site: &Path, words: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.current_dir(site).args(["check", ".", "--base-url", "https://example.test/", "-q"]).args(words);
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stdout).unwrap())
}

fn report(site: &Path, words: &[&str]) -> Value {
    let report = serde_json::from_str(&check(site, &[words, &["--format", "json"]].concat()).1).unwrap();
    let schema = serde_json::from_str(include_str!("../schema/report.schema.json")).unwrap();
    jsonschema::validate(&schema, &report).unwrap();
    report
}

#[test]
fn duplicate_ids_are_told_on_request() {
    let site = site();
    let (code, text) = check(site.path(), &["--duplicate-ids"]);
    assert_eq!(code, Some(0), "they are warnings: {text}");
    let wanted = "warning  index.html\n         duplicate id: \"a\"  lines 1, 4\n\
        warning  b.html\n         duplicate id: \"x\"  lines 1, 3, 3\n         duplicate id: \"\\x1b[31m\"  lines 2, 3\n\n";
    assert!(text.contains(wanted), "{text}");
    let duplicates = &report(site.path(), &["--duplicate-ids"])["duplicate_ids"];
    let row = |page: &str, id: &str, lines: &[u32]| json!({ "page": format!("https://example.test/{page}"), "id": id, "lines": lines });
    assert_eq!(
        *duplicates,
        json!([row("", "a", &[1, 4]), row("b.html", "x", &[1, 3, 3]), row("b.html", "\u{1b}[31m", &[2, 3])])
    );

    assert_eq!(report(site.path(), &[]).get("duplicate_ids"), None);
    assert!(!check(site.path(), &[]).1.contains("duplicate"));
}

#[test]
fn text_fragments_are_judged_on_request() {
    let site = site();
    assert_eq!(check(site.path(), &[]).0, Some(0));
    let (code, text) = check(site.path(), &["--text-fragments"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("the page has no text that \"#:~:text=lost%20words\" points to"), "{text}");
    assert!(!text.contains("text=kept"), "{text}");
    let rule = ["--text-fragments", "--rule", "dead-fragment:warn"];
    assert_eq!(check(site.path(), &rule).0, Some(0));
}
