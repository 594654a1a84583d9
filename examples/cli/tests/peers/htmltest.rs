//! htmltest: one feature of HTML a page, over a folder; here also over HTTP.
//!
//! Judged otherwise: it calls an empty `href` and `href="#"` a fault of style; by the HTML standard both lead to the
//! page itself. It takes 200 and 206 alone for working. It knows nothing of what `data-proofer-ignore` hides here.

use super::site::{HTML, OK, html, redirect, status};
use super::{Case, check};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Stdio};

#[test]
fn cases() {
    CASES.iter().for_each(|case| drop(check(case)));
}

const CASES: &[Case] = &[
    Case {
        shows: "internal links, relative to the page, to the root, and to a directory",
        page: "<a href=a.html>a</a><a href=/a.html>b</a><a href=dir/>c</a><a href=dir>d</a><a href=../a.html>e</a>",
        site: &[
            ("/a.html", HTML),
            ("/dir/", html("<a href=../a.html>up</a><a href=b.html>x</a>")),
            ("/dir", redirect(301, &[("Location", "/dir/")])),
        ],
        links: &[("/a.html", "ok"), ("/dir/", "ok"), ("/dir", "redirected info"), ("/dir/b.html", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "hashes: of this page, of another, the top, none at all",
        page: "<a href=#a>a</a><a href=#>b</a><a href=#top>c</a><a href=#TOP>d</a><a href=#b>e</a><a href=/o#a>f</a>\
               <a href=/o#c>g</a><h1 id=a></h1>",
        site: &[("/o", html("<a name=a></a><div id=b></div><p name=c>"))],
        links: &[("/#b", "dead-fragment"), ("/o", "ok"), ("/o#c", "dead-fragment")],
        ..Case::NONE
    },
    Case {
        shows: "a hash of what is no page is not judged",
        page: "<a href=/x.pdf#page=2>a</a><a href=/y.svg#icon>b</a>",
        site: &[("/x.pdf", OK), ("/y.svg", OK)],
        links: &[("/x.pdf", "ok"), ("/y.svg", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "external links that work, are gone, and redirect",
        page: "<a href='AWAY/'>a</a><a href='AWAY/gone'>b</a><a href='AWAY/moved'>c</a><a href='AWAY/busy'>d</a>",
        away: &[("/", OK), ("/moved", redirect(301, &[("Location", "/")])), ("/busy", status(429))],
        links: &[
            ("AWAY/", "ok"),
            ("AWAY/gone", "broken error"),
            ("AWAY/moved", "redirected info"),
            ("AWAY/busy", "rate-limited warning"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "a port where nothing listens, a host that is not, an invalid one",
        page: "<a href='http://127.0.0.1:1/'>a</a><a href='http://256.1.1.1/'>b</a><a href='//'>c</a>",
        links: &[
            ("http://127.0.0.1:1/", "unreachable error"),
            ("http://256.1.1.1/", "invalid-url error"),
            ("//", "invalid-url error"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "images: missing, in data, of another origin, with blanks and Unicode in the name",
        page: "<img src=/a.png><img src='data:image/png;base64,AAAA'><img src='AWAY/b.png'><img src='/c d.png'><img src='/é.png'>",
        site: &[("/c%20d.png", OK), ("/%C3%A9.png", OK)],
        away: &[("/b.png", OK)],
        links: &[
            ("/a.png", "broken"),
            ("data:image/png;base64,AAAA", "skipped"),
            ("AWAY/b.png", "ok"),
            ("/c%20d.png", "ok"),
            ("/%C3%A9.png", "ok"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "scripts and style sheets, inline ones too",
        page: "<script src=/a.js></script><script>var x='<a href=/no>'</script><script type=text/template><a href=/no></script>\
               <link rel=stylesheet href=/a.css><link rel=icon href=/i.ico><link rel='alternate' href=/feed>",
        site: &[("/a.js", OK), ("/i.ico", OK)],
        links: &[("/a.js", "ok"), ("/a.css", "broken"), ("/i.ico", "ok"), ("/feed", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "hints to the browser are no resources",
        page: "<link rel=preconnect href='AWAY'><link rel='dns-prefetch preconnect' href='//127.0.0.1:1'>",
        links: &[],
        ..Case::NONE
    },
    Case {
        shows: "a refresh: with and without a URL, odd spacing, quotes",
        page: "<meta http-equiv=Refresh content=\"0;URL='/a'\">",
        site: &[("/a", html("<meta http-equiv=refresh content=30>"))],
        links: &[("/a", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "what a page leaves alone by rule of the user",
        page: "<a href=/ignored/1>a</a><a href='AWAY/ignored'>b</a><a href=/kept>c</a>",
        options: &["--exclude", "/ignored"],
        links: &[("/ignored/1", "skipped info"), ("AWAY/ignored", "skipped info"), ("/kept", "broken")],
        ..Case::NONE
    },
];

/// Checks a folder of such files; classes by path.
fn folder(files: &[(&str, &str)], options: &[&str]) -> (i32, Vec<(String, String)>) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_crawlspace"));
    command.args(["check", "-q", "--format", "json", "--all"]).args(options).arg(folder.path());
    let output = command.stdin(Stdio::null()).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let row = |row: &Value| {
        let url = row["url"].as_str().unwrap().replace("http://site.invalid", "");
        let fragment = row["fragment"].as_str().map(|text| format!("#{text}")).unwrap_or_default();
        (url + &fragment, row["class"].as_str().unwrap().to_owned())
    };
    (output.status.code().unwrap(), report["links"].as_array().unwrap().iter().map(row).collect())
}

fn of<'a>(links: &'a [(String, String)], url: &str) -> &'a str {
    links.iter().find(|(known, _)| known == url).map_or("none", |(_, class)| class)
}

#[test]
fn a_folder_is_a_site() {
    let files = [
        (
            "index.html",
            "<meta charset=utf-8><a href=a/>a</a><a href=a>b</a><a href='b c.html'>c</a><a href=/a/x.html#y>d</a><a href='é.html'>e</a>",
        ),
        (
            "a/index.html",
            "<a href=../index.html>up</a><a href=x.html>x</a><a href=/gone>g</a><a href='https://example.test/'>h</a>",
        ),
        ("a/x.html", "<p id=z>"),
        ("b c.html", ""),
        ("é.html", ""),
    ];
    let (code, links) = folder(&files, &[]);
    assert_eq!(code, 1);
    for (url, class) in [
        ("/a/", "ok"),
        ("/a", "redirected"),
        ("/b%20c.html", "ok"),
        ("/%C3%A9.html", "ok"),
        ("/a/x.html", "ok"),
        ("/a/x.html#y", "dead-fragment"),
        ("/gone", "broken"),
        ("https://example.test/", "skipped"),
    ] {
        assert_eq!(of(&links, url), class, "{url}: {links:#?}");
    }
}

#[test]
fn a_folder_without_faults_passes() {
    let files = [("index.html", "<a href=a.html#x>a</a>"), ("a.html", "<p id=x><a href=./>home</a>")];
    let (code, links) = folder(&files, &[]);
    assert_eq!(code, 0, "{links:#?}");
}
