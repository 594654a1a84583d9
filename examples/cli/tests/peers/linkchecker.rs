//! LinkChecker: the kinds of its `.result` cases, which list every link of a document with its verdict.
//!
//! Judged otherwise: LinkChecker warns of any redirect, so that a run fails on it; here a redirect is an info. It counts
//! 429 as valid with a warning; here that is its own class. Its `http:` and `http:/` are errors; the URL standard
//! resolves both against the page.

use super::site::{Answer, HTML, OK, html, redirect, status};
use super::{Case, check};

#[test]
fn cases() {
    CASES.iter().for_each(|case| drop(check(case)));
}

const CASES: &[Case] = &[
    Case {
        shows: "anchors of this page and of others, by id and by name",
        page: "<a href=#here>a</a><a href=#gone>b</a><a href=/b.html#one>c</a><a href=/b.html#two>d</a><p id=here>",
        site: &[("/b.html", html("<a name=one>x</a>"))],
        links: &[
            ("/#gone", "dead-fragment error"),
            ("/b.html", "ok"),
            ("/b.html#two", "dead-fragment error"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "anchors are compared as written, then decoded",
        page: "<a href='#a%20b'>a</a><a href='#%C3%BC'>b</a><a href='#c%28d'>c</a><a href='#e%7Cf'>d</a>\
               <a href='#x%20y'>e</a><p id='a b'><p id='ü'><p id='c(d'><p id='e|f'>",
        links: &[("/#x%20y", "dead-fragment error")],
        ..Case::NONE
    },
    Case {
        shows: "a base with a slash at its end",
        page: "<base href=/dir/><a href=a>a</a><img src=b.png>",
        site: &[("/dir/a", OK)],
        links: &[("/dir/", "skipped"), ("/dir/a", "ok"), ("/dir/b.png", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "a base without one, of which the last part falls away",
        page: "<base href=/dir/page><a href=a>a</a>",
        site: &[("/dir/a", OK)],
        links: &[("/dir/page", "skipped"), ("/dir/a", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "the first base counts, for links before it too",
        page: "<a href=a>a</a><base href=/one/><base href=/two/>",
        site: &[("/one/a", OK)],
        links: &[("/one/", "skipped"), ("/one/a", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "media of HTML: audio, video, source, track, and a button's action, which is not asked for",
        page: "<audio src=a></audio><video src=b poster=p><source src=c><track src=d></video>\
               <form><button formaction=e>x</button></form>",
        site: &[("/a", OK), ("/b", OK), ("/c", OK)],
        links: &[
            ("/a", "ok"),
            ("/b", "ok"),
            ("/c", "ok"),
            ("/d", "broken"),
            ("/p", "broken"),
            ("/e", "skipped"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "frames and their pages are followed",
        page: "<frameset><frame src=/one></frameset>",
        site: &[("/one", html("<a href=/two>x</a>"))],
        links: &[("/one", "ok"), ("/two", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "a refresh is a link",
        page: "<meta http-equiv=refresh content='5; url=/next'><meta http-equiv=refresh content='0; url=/second'>",
        site: &[("/next", OK)],
        links: &[("/next", "ok"), ("/second", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "scheme and host without regard to case, the path with it",
        page: "<a href='HTTP://LOCALHOST:1/x'>a</a><a href=/A>b</a><a href=/a>c</a>",
        site: &[("/a", OK)],
        options: &["--exclude", "//localhost:1/"],
        links: &[("http://localhost:1/x", "skipped"), ("/A", "broken"), ("/a", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "quotes, blanks and ampersands in URLs",
        page: "<a href='/a b'>a</a><a href=\"/c&quot;d\">b</a><a href='/?x=1&amp;y=2'>c</a><a href=' /e '>d</a>",
        site: &[("/a%20b", OK), ("/c%22d", OK), ("/?x=1&y=2", OK), ("/e", OK)],
        links: &[("/a%20b", "ok"), ("/c%22d", "ok"), ("/?x=1&y=2", "ok"), ("/e", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "too few slashes: a path of this host, but for two with nothing behind",
        page: "<a href='http:x'>a</a><a href='http:/y'>b</a><a href='http://'>c</a><a href='http:'>d</a>",
        site: &[("/y", OK)],
        links: &[("/x", "broken"), ("/y", "ok"), ("http://", "invalid-url error")],
        ..Case::NONE
    },
    Case {
        shows: "a file is never opened from a page, and no error either",
        page: "<a href='file:///etc/hostname'>a</a><a href='file:x'>b</a>",
        links: &[("file:///etc/hostname", "skipped info"), ("file:///x", "skipped info")],
        ..Case::NONE
    },
    Case {
        shows: "a host that cannot be",
        page: "<a href='http://localhost]/'>a</a><a href='http://1.2.3.400/'>b</a>",
        links: &[("http://localhost]/", "invalid-url error"), ("http://1.2.3.400/", "invalid-url error")],
        ..Case::NONE
    },
    Case {
        shows: "mail, telephone, script and unknown schemes are never broken",
        page: "<a href='mailto:a@b.test?subject=x'>a</a><a href='MAILTO:c@d.test'>b</a><a href='tel:+1'>c</a>\
               <a href='JavaScript:void(0)'>d</a><a href='foo:bar'>e</a><a href='data:,x'>f</a>",
        links: &[
            ("mailto:a@b.test?subject=x", "skipped info"),
            ("mailto:c@d.test", "skipped"),
            ("tel:+1", "skipped"),
            ("javascript:void(0)", "skipped"),
            ("foo:bar", "skipped"),
            ("data:,x", "skipped"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "the encoding of a page is that of its queries",
        page: "",
        site: &[
            (
                "/",
                Answer {
                    fields: &[("Content-Type", "text/html; charset=iso-8859-1")],
                    body: b"<a href='/p\xe4?q=\xfc'>x</a>",
                    ..OK
                },
            ),
            ("/p%C3%A4?q=%FC", OK),
        ],
        links: &[("/p%C3%A4?q=%FC", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "XHTML by its media type",
        page: "",
        site: &[(
            "/",
            Answer {
                fields: &[("Content-Type", "application/xhtml+xml")],
                body: b"<html xmlns='http://www.w3.org/1999/xhtml'><a href='/x'/><![CDATA[<a href='/no'>]]></html>",
                ..OK
            },
        )],
        links: &[("/x", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "an empty page is a page",
        page: "<a href=/empty>x</a>",
        site: &[("/empty", HTML)],
        links: &[("/empty", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "every kind of status: below 400 works, 204 too",
        page: "<a href=/200>a</a><a href=/204>b</a><a href=/206>c</a><a href=/304>d</a><a href=/400>e</a><a href=/401>f</a>\
               <a href=/404>g</a><a href=/410>h</a><a href=/418>i</a><a href=/429>j</a><a href=/451>k</a>\
               <a href=/500>l</a><a href=/503>m</a><a href=/599>n</a>",
        site: &[
            ("/200", status(200)),
            ("/204", status(204)),
            ("/206", status(206)),
            ("/304", status(304)),
            ("/400", status(400)),
            ("/401", status(401)),
            ("/410", status(410)),
            ("/418", status(418)),
            ("/429", status(429)),
            ("/451", status(451)),
            ("/500", status(500)),
            ("/503", status(503)),
            ("/599", status(599)),
        ],
        links: &[
            ("/200", "ok"),
            ("/204", "ok"),
            ("/206", "ok"),
            // Nothing was asked conditionally, so this is no answer.
            ("/304", "protocol error"),
            ("/400", "broken error"),
            ("/401", "blocked error"),
            ("/404", "broken error"),
            ("/410", "broken error"),
            ("/418", "broken error"),
            ("/429", "rate-limited error"),
            ("/451", "blocked error"),
            ("/500", "server-error error"),
            ("/503", "server-error error"),
            ("/599", "server-error error"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "a redirect to another host, which is checked and not crawled",
        page: "<a href=/go>x</a>",
        site: &[("/go", redirect(302, &[("Location", "AWAY/there")]))],
        away: &[("/there", html("<a href=/never>x</a>"))],
        links: &[("/go", "redirected info")],
        ..Case::NONE
    },
    Case {
        shows: "a redirect to another scheme ends there",
        page: "<a href=/ftp>x</a><a href=/file>y</a>",
        site: &[
            ("/ftp", redirect(302, &[("Location", "ftp://example.test/")])),
            ("/file", redirect(302, &[("Location", "file:///etc/hostname")])),
        ],
        links: &[("/ftp", "invalid-url error"), ("/file", "invalid-url error")],
        ..Case::NONE
    },
    Case {
        shows: "what robots.txt disallows is left alone, and no error",
        page: "<a href=/secret>x</a><a href=/open>y</a>",
        site: &[("/robots.txt", Answer { body: b"User-agent: *\nDisallow: /secret\n", ..OK }), ("/open", OK)],
        links: &[("/secret", "skipped info"), ("/open", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "nothing in comments, scripts and text fields is a link",
        page: "<!-- <a href=/1> --><script>'<a href=/2>'</script><textarea><a href=/3></textarea>\
               <title><a href=/4></title><template><a href=/5></a></template>",
        links: &[],
        ..Case::NONE
    },
    Case {
        shows: "broken markup is read as browsers read it",
        page: "<a href=/a<b>x</a><a href='/c'href=/d>y</a><A\nHREF = /e >z</A><a/href=/f>w</a>",
        site: &[("/a%3Cb", OK), ("/c", OK), ("/e", OK), ("/f", OK)],
        links: &[("/a%3Cb", "ok"), ("/c", "ok"), ("/e", "ok"), ("/f", "ok")],
        ..Case::NONE
    },
];

#[test]
fn every_place_is_told_by_line_and_column() {
    const CASE: Case = Case {
        shows: "lines and columns",
        page: "<p>\n  <a href=/x>é</a><img\nsrc=/x>\r\n<a href=/x>last</a>",
        links: &[("/x", "broken")],
        ..Case::NONE
    };
    let run = check(&CASE);
    let row = run.report["findings"].as_array().unwrap().iter().find(|row| row["class"] == "broken").unwrap();
    let places: Vec<_> = row["referrers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|place| (&place["line"], &place["column"], &place["text"]))
        .collect();
    assert_eq!(
        places,
        [
            (&2.into(), &3.into(), &"é".into()),
            (&2.into(), &19.into(), &"".into()),
            (&4.into(), &1.into(), &"last".into())
        ]
    );
}
