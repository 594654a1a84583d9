//! The binary, on folders and on wrong command lines.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use tempfile::TempDir;

fn crawlspace() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").stdin(Stdio::null());
    command
}

/// Runs it in a folder.
fn run(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = crawlspace().current_dir(folder).args(words).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code().unwrap(), text(stdout), text(stderr))
}

fn json(folder: &Path, words: &[&str]) -> Value {
    let (code, stdout, stderr) = run(folder, &[&["check", "--format", "json"], words].concat());
    assert!(code < 2, "{stderr}");
    serde_json::from_str(&stdout).unwrap()
}

/// The keys of the findings.
fn found(report: &Value) -> Vec<String> {
    let findings = report["findings"].as_array().unwrap();
    let key = |finding: &Value| {
        let fragment =
            finding["fragment"].as_str().map(|fragment| format!("#{fragment}")).unwrap_or_default();
        format!("{} {}{fragment}", finding["class"].as_str().unwrap(), finding["url"].as_str().unwrap())
    };
    findings.iter().map(key).collect()
}

/// A small site with faults.
fn site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join("site").join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    file(
        "index.html",
        "<!doctype html>\n<h1 id=top>Home</h1>\n<a href=docs>Docs</a> <a href=missing.html>Gone</a>\n\
         <a href=docs/#nowhere>Nowhere</a> <a href='https://example.test/docs/a.html'>Own</a>\n\
         <a href='https://elsewhere.invalid/'>Out</a> <a href='mailto:me@example.test'>Me</a>\n",
    );
    file("docs/index.html", "<a href=../>Home</a> <a href=a.html>A</a> <img src=none.png>\n");
    file("docs/a.html", "<a href=../missing.html>Gone</a>\n");
    folder
}

fn clean_site() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("site")).unwrap();
    fs::write(folder.path().join("site/index.html"), "<a href=index.html>me</a>").unwrap();
    folder
}

#[test]
fn a_folder_is_checked_offline() {
    let site = site();
    let report = json(site.path(), &["site"]);
    assert_eq!(
        found(&report),
        [
            "dead-fragment http://site.invalid/docs/#nowhere",
            "broken http://site.invalid/docs/none.png",
            "broken http://site.invalid/missing.html",
            "redirected http://site.invalid/docs",
            "skipped https://elsewhere.invalid/",
            "skipped https://example.test/docs/a.html",
            "skipped mailto:me@example.test",
        ]
    );
    assert_eq!(report["findings"][2]["referrers"].as_array().unwrap().len(), 2);
    assert_eq!(report["summary"]["pages"], 3);
}

#[test]
fn a_base_url_makes_absolute_links_the_folder_s_own() {
    let site = site();
    let report = json(site.path(), &["site", "--base-url", "https://example.test/"]);
    let found = found(&report);
    assert!(found.contains(&"broken https://example.test/missing.html".to_owned()), "{found:?}");
    assert!(!found.iter().any(|finding| finding.contains("a.html")), "{found:?}");
}

#[test]
fn people_are_told_the_file_and_the_line() {
    let site = site();
    let (code, stdout, stderr) = run(site.path(), &["check", "site"]);
    assert_eq!(code, 1, "{stderr}");
    assert!(stdout.contains("error    /missing.html\n         broken: 404 Not Found\n"), "{stdout}");
    assert!(stdout.contains("         site/docs/a.html:1:1  <a href> \"Gone\"\n"), "{stdout}");
    assert!(stdout.contains("         site/index.html:3:23  <a href> \"Gone\"\n"), "{stdout}");
    assert!(stdout.contains("\n3 errors: "), "{stdout}");
    assert!(!stdout.contains('\x1b'), "no colours where no terminal is");
}

#[test]
fn a_file_with_several_urls_is_listed_once() {
    let folder = tempfile::tempdir().unwrap();
    let page = "<a href=index.html>1</a> <a href='?q'>2</a> <a href=./>3</a> <a href=gone>4</a>";
    fs::write(folder.path().join("index.html"), page).unwrap();
    for words in [&["check", "."][..], &["check", ".", "--all"]] {
        let (_, stdout, _) = run(folder.path(), words);
        assert_eq!(stdout.matches("<a href> \"4\"").count(), 1, "{stdout}");
        assert!(!stdout.contains("more page"), "{stdout}");
    }
    let referrers = &json(folder.path(), &["."])["findings"][0]["referrers"];
    assert_eq!(referrers.as_array().unwrap().len(), 4, "but machines get all pages: {referrers}");
}

#[test]
fn a_file_is_checked_alone() {
    let site = site();
    let report = json(site.path(), &["site/docs/index.html"]);
    assert_eq!(found(&report), ["broken http://site.invalid/site/docs/none.png"]);
    assert_eq!(report["summary"]["pages"], 1);
    // Several, by the shell's pattern.
    let report = json(site.path(), &["site/docs/index.html", "site/docs/a.html"]);
    assert_eq!(found(&report).len(), 2);
    assert_eq!(report["summary"]["pages"], 2);
}

#[test]
fn a_folder_without_an_index_is_all_of_its_pages() {
    let site = site();
    fs::remove_file(site.path().join("site/index.html")).unwrap();
    fs::write(site.path().join("site/alone.html"), "<a href=nothing>x</a>").unwrap();
    let report = json(site.path(), &["site"]);
    let found = found(&report);
    assert!(found.contains(&"broken http://site.invalid/nothing".to_owned()), "{found:?}");
    assert!(found.contains(&"broken http://site.invalid/docs/none.png".to_owned()), "{found:?}");
}

#[test]
fn patterns_decide_what_is_asked_for() {
    let site = site();
    let excluded = json(site.path(), &["site", "--exclude", r"\.png$", "--exclude", "missing"]);
    assert!(!found(&excluded).iter().any(|finding| finding.starts_with("broken")));
    let included = json(site.path(), &["site", "--include", "docs"]);
    assert!(found(&included).contains(&"skipped http://site.invalid/missing.html".to_owned()));
}

#[test]
fn exit_codes_tell_what_happened() {
    let (clean, broken) = (clean_site(), site());
    assert_eq!(run(clean.path(), &["check", "site"]).0, 0);
    assert_eq!(run(broken.path(), &["check", "site"]).0, 1);
    assert_eq!(run(broken.path(), &["check"]).0, 2);
    fs::write(broken.path().join("two.html"), "<a href=three.html>3</a>").unwrap();
    fs::write(broken.path().join("three.html"), "<a href=two.html>2</a>").unwrap();
    fs::rename(broken.path().join("two.html"), clean.path().join("site/two.html")).unwrap();
    fs::rename(broken.path().join("three.html"), clean.path().join("site/three.html")).unwrap();
    fs::write(clean.path().join("site/index.html"), "<a href=two.html>2</a>").unwrap();
    let (code, stdout, _) = run(clean.path(), &["check", "site", "--max-pages", "2", "--ordered"]);
    assert_eq!(code, 4, "{stdout}");
    assert!(stdout.contains("partial: not everything was checked (max-pages)"), "{stdout}");
    // Graceful, as Hydra has it.
    fs::write(broken.path().join("hydra.json"), r#"{"graceful_exit": true}"#).unwrap();
    let (code, stdout, _) = run(broken.path(), &["check", "site", "--config", "hydra.json"]);
    assert_eq!(code, 0);
    assert!(stdout.contains("3 errors"), "{stdout}");
}

/// <https://no-color.org>. What is no terminal gets colours only if the user says so, a file never.
#[test]
fn colours_are_the_user_s_to_say() {
    let site = site();
    let printed = |variables: &[(&str, &str)]| {
        let words = ["check", "site", "--output", "text=report.txt"];
        let output =
            crawlspace().current_dir(site.path()).envs(variables.to_vec()).args(words).output().unwrap();
        assert!(!fs::read_to_string(site.path().join("report.txt")).unwrap().contains('\x1b'));
        String::from_utf8(output.stdout).unwrap()
    };
    let plain = printed(&[]);
    assert!(plain.contains("3 errors") && !plain.contains('\x1b'), "{plain}");
    assert!(printed(&[("CLICOLOR_FORCE", "1")]).contains("\x1b[1m"), "asked for");
    assert!(!printed(&[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]).contains('\x1b'), "asked not to");
}

#[test]
fn nothing_answers() {
    // Port 9 of this machine: bound and dropped would be a race, a reserved one is not.
    let folder = tempfile::tempdir().unwrap();
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}/");
    for transport in ["hyper", "ureq"] {
        let words = ["check", &url, "--retries", "0", "--transport", transport];
        let (code, stdout, stderr) = run(folder.path(), &words);
        assert_eq!(code, 3, "{stdout}{stderr}");
        assert!(stdout.contains("unreachable: the connection was refused"), "{stdout}");
        assert!(stderr.contains("nothing could be checked"), "{stderr}");
    }
}

#[test]
fn an_empty_folder_is_nothing_to_check() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("empty")).unwrap();
    for name in [".", "empty"] {
        let (code, _, stderr) = run(folder.path(), &["check", name]);
        assert_eq!(code, 3);
        assert!(
            stderr.starts_with(&format!("crawlspace: {name}: holds no HTML or Markdown file")),
            "{stderr}"
        );
    }
}

#[test]
fn reports_go_to_files_whole() {
    let site = site();
    let words =
        ["check", "site", "--output", "json=a.json", "--output", "yaml=b.yaml", "--output", "jsonl=c.jsonl"];
    fs::write(site.path().join("a.json"), "old").unwrap();
    let (code, stdout, stderr) = run(site.path(), &words);
    assert_eq!(code, 1, "{stderr}");
    assert!(stdout.contains("3 errors"), "the report for people is printed all the same");
    let read = |name: &str| fs::read_to_string(site.path().join(name)).unwrap();
    let report: Value = serde_json::from_str(&read("a.json")).unwrap();
    assert_eq!(report["summary"]["errors"], 3);
    assert!(read("b.yaml").starts_with("---\ntitle: Broken Link Report\n"));
    assert_eq!(read("c.jsonl").lines().count(), 7);
    let names: Vec<_> = fs::read_dir(site.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 4, "nothing is left beside: {names:?}");
}

#[test]
#[cfg(unix)]
fn a_report_that_cannot_be_written_keeps_no_other_back() {
    let site = site();
    // What is there, and cannot be opened as a file, is a socket.
    let _socket = std::os::unix::net::UnixListener::bind(site.path().join("closed")).unwrap();
    let words = ["check", "site", "--output", "json=closed", "--output", "json=b.json"];
    let (code, stdout, stderr) = run(site.path(), &words);
    assert_eq!(code, 2);
    assert!(stdout.contains("3 errors"), "{stdout}");
    assert!(stderr.contains("--output closed: cannot be written"), "{stderr}");
    assert!(site.path().join("b.json").exists());
}

#[test]
#[cfg(unix)]
fn links_and_pipes_stay_what_they_are() {
    use std::os::unix::fs::FileTypeExt;
    let site = site();
    fs::create_dir(site.path().join("reports")).unwrap();
    fs::write(site.path().join("reports/real.json"), "").unwrap();
    std::os::unix::fs::symlink("reports/real.json", site.path().join("link.json")).unwrap();
    let open = site.path().join("open");
    // Never a device of the machine: a fault would replace it.
    assert!(Command::new("mkfifo").arg(&open).status().unwrap().success());
    let reader = {
        let open = open.clone();
        std::thread::spawn(move || fs::read_to_string(open).unwrap())
    };
    run(site.path(), &["check", "site", "--output", "json=link.json", "--output", "text=open"]);
    assert!(open.metadata().unwrap().file_type().is_fifo());
    assert!(reader.join().unwrap().contains("3 errors"));
    assert!(site.path().join("link.json").is_symlink());
    assert!(fs::read_to_string(site.path().join("reports/real.json")).unwrap().starts_with('{'));
}

#[test]
#[cfg(unix)]
fn a_report_file_stays_as_private_as_it_was() {
    use std::os::unix::fs::PermissionsExt;
    let site = site();
    let path = site.path().join("a.json");
    fs::write(&path, "").unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    run(site.path(), &["check", "site", "--output", "json=a.json"]);
    assert!(fs::read_to_string(&path).unwrap().starts_with('{'));
    assert_eq!(path.metadata().unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_report_that_nobody_reads_is_no_error() {
    let site = site();
    let mut child = crawlspace()
        .current_dir(site.path())
        .args(["check", "site", "--all"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn the_same_report_every_time() {
    let site = site();
    let report = |words: &[&str]| {
        let mut report = json(site.path(), &[&["site", "--all"], words].concat());
        report.as_object_mut().unwrap().remove("statistics");
        report
    };
    let first = report(&["--seed", "1"]);
    assert_eq!(first, report(&["--seed", "2", "--concurrency", "1"]));
    assert_eq!(first, report(&["--ordered"]));
}

#[test]
fn wrong_usage_says_what_would_be_right() {
    let site = site();
    fs::write(site.path().join("bad.toml"), "timout = 3").unwrap();
    fs::write(site.path().join("bad.json"), r#"{"thread": 3}"#).unwrap();
    for (words, part) in [
        (&["check", "site", "--config", "bad.toml"][..], "did you mean \"timeout\"?"),
        (&["check", "site", "--config", "bad.json"], "did you mean \"threads\"?"),
        (&["check", "site", "--config", "none.toml"], "none.toml"),
        (&["check", "site", "--depht", "3"], "'--depth'"),
        (&["check", "site", "--timeout", "soon"], "500ms"),
        (&["check", "site", "--accept", "abc"], "200..=299"),
        (&["check", "site", "--include", "("], "regular expression: unclosed group"),
        (&["check", "site", "--per-host", "0"], "--per-host is 0"),
        (&["check", "site", "--output", "json=a", "--output", "yaml=./a"], "two reports"),
        (&["check", "site", "--format", "xml"], "json"),
        (&["check", "site", "--output", "json"], "FORMAT=FILE"),
        (&["check", "site", "--output", "json=no/such/folder/a"], "no/such/folder/a"),
        (&["check", "site", "--transport", "curl"], "hyper and ureq"),
        (&["check", "nosuch"], "nosuch"),
        (&["check", "example.com"], "https://example.com"),
        (&["check", "nosuch.html"], "a folder or an HTML file"),
        (&["check", ""], "a target is empty"),
        (&["check", "site", "."], "site and . are two folders"),
        (&["links", "--base", "page", "site/index.html"], "not an absolute URL"),
        (&["chekc", "site"], "check"),
        (&["links", "none.html"], "none.html"),
        (&[], "Usage"),
    ] {
        let (code, stdout, stderr) = run(site.path(), words);
        assert_eq!(code, 2, "{words:?}: {stderr}");
        assert_eq!(stdout, "", "{words:?}");
        assert!(stderr.contains(part), "{words:?}: no {part:?} in {stderr}");
    }
}

#[test]
fn messages_bring_no_controls() {
    let folder = clean_site();
    fs::write(folder.path().join("hostile.toml"), "\"\\u001b[2J\" = 1").unwrap();
    for words in [&["check", "no\x1b[2Jsuch"][..], &["check", "site", "--config", "hostile.toml"]] {
        let (code, _, stderr) = run(folder.path(), words);
        assert_eq!(code, 2);
        assert!(stderr.contains(r"\x1b[2J") && !stderr.contains('\x1b'), "{stderr:?}");
        assert!(stderr.contains("\n  "), "the way out stays on a line of its own: {stderr:?}");
    }
}

#[test]
fn help_has_examples_and_exit_codes() {
    let folder = tempfile::tempdir().unwrap();
    let (code, help, _) = run(folder.path(), &["check", "--help"]);
    assert_eq!(code, 0);
    for part in ["Examples:", "Exit codes:", "--base-url", "--config", "130"] {
        assert!(help.contains(part), "no {part} in {help}");
    }
    assert!(run(folder.path(), &["--version"]).1.starts_with("crawlspace "));
}

mod links {
    use super::*;

    const PAGE: &str = "<base href=/b/>\n<a rel='next me' href='c?d#e'>x</a> <img srcset='1.png 1x, 2.png 2x'>\n\
                        <a href='http://['>bad</a> <form action=f></form> <a href='tel:1'>t</a> <p id=g>\n\
                        <meta http-equiv=refresh content='3; url=h'> <meta name=robots content='NoIndex, nofollow'>";

    fn lines(words: &[&str], input: &[u8]) -> Vec<Value> {
        let mut child = crawlspace()
            .arg("links")
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        child.stdin.take().unwrap().write_all(input).unwrap();
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success());
        let text = String::from_utf8(output.stdout).unwrap();
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }

    #[test]
    fn lists_all_in_order_and_the_document_last() {
        let lines = lines(&["--base", "https://example.test/a/", "-"], PAGE.as_bytes());
        let (document, links) = lines.split_last().unwrap();
        let urls: Vec<_> = links.iter().map(|link| link["url"].as_str()).collect();
        for url in [
            "https://example.test/b/c?d#e",
            "https://example.test/b/1.png",
            "https://example.test/b/2.png",
            "https://example.test/b/f",
            "tel:1",
        ] {
            assert!(urls.contains(&Some(url)), "{url} is not in {urls:?}");
        }
        let link = links.iter().find(|link| link["raw"] == "c?d#e").unwrap();
        let expected = serde_json::json!({
            "url": "https://example.test/b/c?d#e", "raw": "c?d#e", "element": "a", "attribute": "href",
            "line": 2, "column": 1, "rel": "next me",
        });
        assert_eq!(*link, expected);
        let bad = links.iter().find(|link| link["raw"] == "http://[").unwrap();
        assert_eq!((&bad["url"], &bad["rel"]), (&Value::Null, &Value::Null));
        assert_eq!(document["base"], "https://example.test/b/");
        assert_eq!(document["ids"], serde_json::json!(["g"]));
        assert_eq!(document["refresh"], serde_json::json!({"seconds": 3, "url": "https://example.test/b/h"}));
        assert_eq!(document["robots"], serde_json::json!(["noindex", "nofollow"]));
    }

    #[test]
    fn the_content_type_gives_the_charset() {
        let page = b"<a href='https://example.test/?\xfc'>x</a>";
        let charset = |words: &[&str]| {
            let lines = lines(&[words, &["-"]].concat(), page);
            (lines[1]["charset"].clone(), lines[0]["url"].clone())
        };
        let latin = charset(&["--content-type", "text/html; charset=iso-8859-1"]);
        assert_eq!(latin, ("windows-1252".into(), "https://example.test/?%FC".into()));
        assert_eq!(charset(&["--content-type", "text/html; charset=utf-8"]).0, "UTF-8");
    }

    #[test]
    fn a_file_has_its_own_address() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.html"), "<a href=b.html>b</a>").unwrap();
        let (code, stdout, _) = run(folder.path(), &["links", "a.html"]);
        assert_eq!(code, 0);
        let link: Value = serde_json::from_str(stdout.lines().next().unwrap()).unwrap();
        let url = link["url"].as_str().unwrap();
        assert!(url.starts_with("file:///") && url.ends_with("/b.html"), "{url}");
    }

    #[test]
    fn piped_in_nothing_relative_resolves() {
        let lines = lines(&["-"], b"<a href=a>a</a> <a href=https://example.test/>b</a>");
        assert_eq!(lines[0]["url"], Value::Null);
        assert_eq!(lines[1]["url"], "https://example.test/");
    }
}
