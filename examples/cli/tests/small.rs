//! The small commands, on other projects' cases, and sitemaps in a check.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use data_encoding::BASE64;
use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};

fn run(folder: &Path, words: &[&str], input: &[u8]) -> (i32, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_crawlspace"))
        .current_dir(folder)
        .args(words)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // One that fails early reads nothing.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn here(words: &[&str], input: &[u8]) -> (i32, String, String) {
    run(Path::new("."), words, input)
}

fn vectors(file: &str) -> Vec<Value> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../core/tests/data").join(file);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn base64(text: &str) -> Vec<u8> {
    BASE64.decode(text.as_bytes()).unwrap()
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn sitemap_vectors() {
    // Judged differently, as core/tests/sitemap.rs says.
    const DIFFERENT: [&str; 2] = ["sitemap-e54ce6637c88", "sitemap-c33d0ffd3490"];
    for case in vectors("sitemaps.json") {
        let (code, out, _) = here(&["sitemap", "-"], &base64(case["body_b64"].as_str().unwrap()));
        let rows: Vec<Value> = out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
        let column = |name: &str| rows.iter().map(|row| row[name].clone()).collect::<Value>();
        let is_same = column("url") == case["urls"]
            && rows.iter().all(|row| row["kind"] == case["kind"])
            && (case["lastmod"].is_null() || column("lastmod") == case["lastmod"])
            && code == if case["ok"] == true { 0 } else { 2 };
        let differs = case["any_result_ok"] == true || DIFFERENT.contains(&case["id"].as_str().unwrap());
        assert!(is_same || differs, "{}: {code} {out}", case["id"]);
    }
}

#[test]
fn robots_vectors() {
    let mut files = BTreeMap::<(Vec<u8>, String), Vec<Value>>::new();
    for case in
        vectors("robots.json").into_iter().filter(|case| case["kind"] == "allow" && case["tier"] == "core")
    {
        let file = match case["robots_txt"].as_str() {
            Some(text) => text.as_bytes().to_vec(),
            None => base64(case["robots_txt_b64"].as_str().unwrap()),
        };
        files.entry((file, case["user_agent"].as_str().unwrap().to_owned())).or_default().push(case);
    }
    for ((file, agent), cases) in files {
        let urls = cases.iter().map(|case| case["url"].as_str().unwrap());
        let words: Vec<&str> = ["robots", "--agent", &agent, "-"].into_iter().chain(urls).collect();
        let (code, out, error) = here(&words, &file);
        assert_eq!((code, out.lines().count()), (0, cases.len()), "{error}");
        for (line, case) in out.lines().zip(&cases) {
            let verdict = if case["allowed"] == true { "allowed" } else { "disallowed" };
            let fields: Vec<&str> = line.split('\t').collect();
            assert_eq!(fields[..2], [verdict, case["url"].as_str().unwrap()], "{}", case["id"]);
        }
    }
}

#[test]
fn url_vectors() {
    let cases = vectors("url_equivalence.json").into_iter().chain(vectors("url_nonequivalence.json"));
    for case in cases {
        let text = |key: &str| case[key].as_str().unwrap().to_owned();
        let (code, out, error) = here(&["normalize", "--", &text("a"), &text("b")], b"");
        let lines: Vec<&str> = out.lines().collect();
        assert_eq!((code, lines.len()), (0, 2), "{error}");
        assert_eq!(lines[0] == lines[1], case["same"] == true, "{} {lines:?}", case["id"]);
    }
}

#[test]
fn rules_are_named_with_their_lines() {
    let file =
        b"\xef\xbb\xbfUser-agent: *\nDisallow: /a*\x1b[2Jb$\nAllow: /\n\nUser-agent: other\nDisallow: /\n";
    let (code, out, error) = here(
        &[
            "robots",
            "--agent",
            "me/1.0",
            "-",
            "http://h/ax%1B[2Jb",
            "http://h/b#c",
            "/x",
            "http://h/robots.txt",
        ],
        file,
    );
    assert_eq!(code, 2);
    assert_eq!(
        out,
        "disallowed\thttp://h/ax%1B[2Jb\t2: Disallow: /a*%1B[2Jb$\nallowed\thttp://h/b#c\t3: Allow: /\n\
         allowed\thttp://h/robots.txt\tno rule\n"
    );
    assert_eq!(error, "crawlspace: \"/x\" is not an absolute URL: relative URL without a base\n");
    assert_eq!(here(&["robots", "nothing-here.txt", "http://h/"], b"").0, 2);
}

#[test]
fn what_is_no_url_is_told_and_the_rest_is_normalised() {
    let words =
        ["normalize", "http://[", "HTTP://Ex.com:80/%7e?%2f#x", "a\x1bb", "mailto:A@b", "http://h/\u{202e}"];
    let (code, out, error) = here(&words, b"");
    assert_eq!(code, 2);
    assert_eq!(out, "http://ex.com/~?%2F\nmailto:A@b\nhttp://h/%E2%80%AE\n");
    assert_eq!(error.lines().count(), 2);
    assert!(
        error.starts_with("crawlspace: \"http://[\" is not an absolute URL: ") && error.contains(r"a\x1bb")
    );
}

#[test]
fn sitemaps_are_read_up_to_their_limits() {
    let entries =
        |count: usize| format!("<urlset>{}</urlset>", "<url><loc>http://h/</loc></url>".repeat(count));
    let (code, out, error) = here(&["sitemap", "-"], &gzip(entries(50_002).as_bytes()));
    assert_eq!((code, out.lines().count()), (4, 50_000));
    assert_eq!(error, "crawlspace: -: more than 50000 entries; 2 are left out\n");

    // Much out of little: read no further than the protocol goes.
    let mut bomb = GzEncoder::new(Vec::new(), Compression::fast());
    bomb.write_all(b"<urlset><url><loc>http://h/a</loc></url>").unwrap();
    std::io::copy(&mut std::io::repeat(b' ').take(60 << 20), &mut bomb).unwrap();
    bomb.write_all(b"<url><loc>http://h/b</loc></url>").unwrap();
    let (code, out, error) = here(&["sitemap", "-"], &bomb.finish().unwrap());
    assert_eq!((code, out.lines().count()), (4, 1), "{error}");
    assert_eq!(error, "crawlspace: -: only the first 50 MiB were read\n");

    let cut = gzip(entries(9).as_bytes());
    assert_eq!(here(&["sitemap", "-"], &cut[..cut.len() - 9]).0, 2);
    assert_eq!(here(&["sitemap", "-"], b"\x1f\x8b").0, 2);
    assert_eq!(here(&["sitemap", "-"], b"\x1f").0, 2);
}

/// A site with a compressed sitemap that robots.txt names.
fn site() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    file("index.html", b"<a href=linked.html>Linked</a>");
    file("linked.html", b"<p>Here");
    file("lone.html", b"<a href=gone.html>Gone</a>");
    file("robots.txt", b"Sitemap: https://example.test/sitemap.xml.gz\n");
    let sitemap = "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\n\
                   <url><loc>https://example.test/lone.html</loc></url>\n\
                   <url><loc>https://example.test/none.html</loc></url>\n\
                   <url><loc>https://example.test/linked.html</loc></url>\n\
                   <url><loc>https://elsewhere.test/</loc></url></urlset>";
    file("sitemap.xml.gz", &gzip(sitemap.as_bytes()));
    folder
}

fn check(folder: &Path, words: &[&str]) -> (i32, String, String) {
    let all = [&["check", ".", "--base-url", "https://example.test/", "-q"], words].concat();
    run(folder, &all, b"")
}

#[test]
fn a_check_reads_sitemaps_and_tells_orphans() {
    let site = site();
    let (code, out, error) = check(site.path(), &["--sitemap", "auto", "--orphans"]);
    assert_eq!((code, error.as_str()), (1, ""));
    assert!(out.contains("/none.html") && out.contains("sitemap.xml.gz:3:6  <sitemap loc>"), "{out}");
    assert!(!out.contains("elsewhere.test"), "{out}");
    assert!(
        out.contains(
            "\norphan   https://example.test/lone.html\n         in a sitemap, and no link reaches them\n"
        ),
        "{out}"
    );

    for words in [&["--orphans"][..], &["--sitemap", "/sitemap.xml.gz", "--orphans"]] {
        let (_, out, _) = check(site.path(), &[words, &["--format", "json", "--all"]].concat());
        let report: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(report["orphans"], serde_json::json!(["https://example.test/lone.html"]));
        let links = report["links"].as_array().unwrap();
        let out = links.iter().find(|link| link["url"] == "https://elsewhere.test/").unwrap();
        assert_eq!((&out["class"], &out["message"]), (&"skipped".into(), &"skipped: out of scope".into()));
    }

    let (_, out, error) = check(site.path(), &["--sitemap", "linked.html", "--orphans"]);
    assert_eq!(error, "crawlspace: https://example.test/linked.html: is no sitemap\n");
    assert!(!out.contains("orphan"));
}

#[test]
fn sitemaps_that_cannot_be_are_told() {
    let site = site();
    let (code, _, error) = check(site.path(), &["--sitemap", "auto", "--no-robots"]);
    assert_eq!(code, 2);
    assert!(
        error.contains("--sitemap auto takes sitemaps from robots.txt, which --no-robots leaves alone"),
        "{error}"
    );
    let (code, _, error) = check(site.path(), &["--sitemap", "ftp://h/s.xml"]);
    assert_eq!(code, 2);
    assert!(error.contains("--sitemap \"ftp://h/s.xml\" is no URL"), "{error}");
}
