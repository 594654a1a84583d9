//! linkinator: its fixture sites (sets of images, bases, refreshes, fourteen of fragments, protocols, status codes,
//! redirects, retries) and its rules of status codes.
//!
//! Judged otherwise: links whose anchors a script makes are left to a pattern there; here routes (`#/`, `#!`) and text
//! directives are known, and the rest can be ruled out. A bot wall's 403 is skipped there; here it is `blocked`, a
//! warning outside and an error on the own site.

use super::site::{Answer, HTML, OK, html, redirect, status};
use super::{Case, check};

#[test]
fn cases() {
    CASES.iter().for_each(|case| drop(check(case)));
}

const WALL: Answer = Answer { status: 403, fields: &[("cf-mitigated", "challenge")], ..OK };

const CASES: &[Case] = &[
    Case {
        shows: "sets of images: widths and densities, commas in URLs, the last one without a blank",
        page: "<img srcset='/a.png 1x, /b.png 2x'><img srcset='/c,d.png 480w, /e.png 800w,/f.png'><source srcset='/g.png'>\
               <link rel=preload as=image imagesrcset='/h.png 2x'>",
        site: &[("/a.png", OK), ("/c,d.png", OK)],
        links: &[
            ("/a.png", "ok"),
            ("/b.png", "broken"),
            ("/c,d.png", "ok"),
            ("/e.png", "broken"),
            ("/f.png", "broken"),
            ("/g.png", "broken"),
            ("/h.png", "broken"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "fragments that need no element: none, the top, a route, a text directive",
        page: "<a href='#'>a</a><a href='#top'>b</a><a href='/p#/route/1'>c</a><a href='/p#!old'>d</a><a href='/p#:~:text=x'>e</a>\
               <a href='/p#real:~:text=x'>f</a><a href='/p#no:~:text=x'>g</a>",
        site: &[("/p", html("<p id=real>"))],
        links: &[("/p", "ok"), ("/p#no:~:text=x", "dead-fragment")],
        ..Case::NONE
    },
    Case {
        shows: "fragments: users' documents, case, encoding, another page's read before its link is found",
        page: "<a href=/readme#install>a</a><a href=/readme#Install>b</a><a href=/late>c</a><a href='/readme#%E6%97%A5'>d</a>",
        site: &[
            ("/readme", html("<h2 id=user-content-install></h2><h2 id=日></h2>")),
            ("/late", html("<a href=/readme#missing>x</a>")),
        ],
        links: &[
            ("/readme", "ok"),
            ("/late", "ok"),
            ("/readme#Install", "dead-fragment"),
            ("/readme#missing", "dead-fragment"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "fragments behind a redirect, inherited and its own",
        page: "<a href=/r#a>a</a><a href=/r#b>b</a><a href=/own#b>c</a>",
        site: &[
            ("/r", redirect(301, &[("Location", "/p")])),
            ("/own", redirect(302, &[("Location", "/p#a")])),
            ("/p", html("<p id=a>")),
        ],
        links: &[("/r", "redirected"), ("/r#b", "dead-fragment error"), ("/own", "redirected")],
        ..Case::NONE
    },
    Case {
        shows: "fragments of another site's page",
        page: "<a href='AWAY/p#a'>a</a><a href='AWAY/p#b'>b</a>",
        away: &[("/p", html("<p id=a><a href=/never>x</a>"))],
        links: &[("AWAY/p", "ok"), ("AWAY/p#b", "dead-fragment error")],
        ..Case::NONE
    },
    Case {
        shows: "links to the same page in different ways are one",
        page: "<a href='?'>a</a><a href='/?'>b</a><a href='/'>c</a><a href=''>d</a><a href='.'>e</a>",
        site: &[("/?", HTML)],
        links: &[("/?", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "status codes: no content works, what is not allowed is blocked, teapots and their like are broken",
        page: "<a href='AWAY/204'>a</a><a href='AWAY/403'>b</a><a href='AWAY/418'>c</a><a href='AWAY/999'>d</a><a href='AWAY/500'>e</a>",
        away: &[
            ("/204", status(204)),
            ("/403", status(403)),
            ("/418", status(418)),
            ("/999", status(999)),
            ("/500", status(500)),
        ],
        links: &[
            ("AWAY/204", "ok"),
            ("AWAY/403", "blocked warning"),
            ("AWAY/418", "broken error"),
            ("AWAY/999", "blocked warning"),
            ("AWAY/500", "server-error error"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "rules of status codes: warn, skip and error, one code and a hundred",
        page: "<a href='AWAY/403'>b</a><a href='AWAY/418'>c</a><a href='AWAY/500'>e</a><a href='AWAY/404'>f</a><a href='AWAY/301'>g</a>",
        away: &[
            ("/403", status(403)),
            ("/418", status(418)),
            ("/500", status(500)),
            ("/301", redirect(301, &[("Location", "/ok")])),
            ("/ok", OK),
        ],
        options: &["--rule", "4xx:skip", "--rule", "403:error", "--rule", "5xx:warn", "--rule", "301:warn"],
        links: &[
            ("AWAY/403", "blocked error"),
            ("AWAY/418", "broken ignored"),
            ("AWAY/404", "broken ignored"),
            ("AWAY/500", "server-error warning"),
            ("AWAY/301", "redirected warning"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "a rule for a host holds for that host, and nothing is broken then",
        page: "<a href=/404>a</a><a href='AWAY/500'>b</a>",
        away: &[("/500", status(500))],
        options: &["--rule", "*@127.0.0.1:ignore"],
        links: &[("/404", "broken ignored"), ("AWAY/500", "server-error ignored")],
        ..Case::NONE
    },
    Case {
        shows: "a bot wall is told from a refusal, and is no broken link",
        page: "<a href='AWAY/wall'>a</a><a href='AWAY/busy'>b</a><a href='AWAY/waf'>c</a>",
        away: &[
            ("/wall", WALL),
            ("/busy", Answer { status: 503, ..WALL }),
            ("/waf", Answer { status: 202, fields: &[("x-amzn-waf-action", "challenge")], ..OK }),
        ],
        links: &[
            ("AWAY/wall", "blocked warning"),
            ("AWAY/busy", "blocked warning"),
            ("AWAY/waf", "blocked warning"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "redirects: permanent, temporary, chains, to nowhere, without a place",
        page: "<a href=/301>a</a><a href=/307>b</a><a href=/chain>c</a><a href=/to-404>d</a><a href=/none>e</a>",
        site: &[
            ("/301", redirect(301, &[("Location", "/p")])),
            ("/307", redirect(307, &[("Location", "/p")])),
            ("/chain", redirect(308, &[("Location", "/301")])),
            ("/to-404", redirect(302, &[("Location", "/404")])),
            ("/none", status(302)),
            ("/p", HTML),
        ],
        links: &[
            ("/301", "redirected"),
            ("/307", "redirected"),
            ("/chain", "redirected"),
            ("/to-404", "broken error"),
            ("/none", "protocol error"),
        ],
        ..Case::NONE
    },
    // linkinator takes `noindex, nofollow` for the mark of a soft 404; many such pages bear none.
    Case {
        shows: "a page that comes for any address is no page, if the user asks",
        page: "<a href='AWAY/real'>a</a><a href='AWAY/missing'>b</a>",
        away: &[
            ("/", html("Welcome")),
            ("/real", html("<h1>Real</h1>")),
            ("*", html("<h1>Page not found</h1>")),
        ],
        options: &["--soft-404"],
        links: &[("AWAY/real", "ok"), ("AWAY/missing", "broken error")],
        ..Case::NONE
    },
    Case {
        shows: "and is taken for one otherwise",
        page: "<a href='AWAY/missing'>b</a>",
        away: &[("*", html("<h1>Page not found</h1>"))],
        links: &[("AWAY/missing", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "only this site: what is elsewhere is left alone",
        page: "<a href='AWAY/x'>a</a><a href=/y>b</a>",
        options: &["--no-external"],
        links: &[("AWAY/x", "skipped info"), ("/y", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "pages of the site are read, however deep, as far as the user wants",
        page: "<a href=/1>a</a>",
        site: &[("/1", html("<a href=/2>a</a>")), ("/2", html("<a href=/3>a</a>"))],
        options: &["--depth", "2"],
        links: &[("/1", "ok"), ("/2", "ok"), ("/3", "skipped info")],
        ..Case::NONE
    },
];

#[test]
fn what_comes_later_is_asked_for_again() {
    const CASE: Case = Case {
        shows: "429 with Retry-After, then an end",
        page: "<img src='AWAY/busy'>",
        away: &[("/busy", Answer { status: 429, fields: &[("Retry-After", "0")], ..OK })],
        options: &["--retries", "1"],
        links: &[("AWAY/busy", "rate-limited warning")],
        ..Case::NONE
    };
    let run = check(&CASE);
    assert!(run.away.asked().len() >= 2, "{:?}", run.away.asked());
}

#[test]
fn redirects_tell_how_and_by_which_way() {
    const CASE: Case = Case {
        shows: "chains",
        page: "<a href=/a>a</a><a href=/d>d</a>",
        site: &[
            ("/a", redirect(301, &[("Location", "/b")])),
            ("/b", redirect(308, &[("Location", "AWAY/c")])),
            ("/d", redirect(302, &[("Location", "/d/")])),
            ("/d/", HTML),
        ],
        away: &[("/c", OK)],
        links: &[("/a", "redirected"), ("/d", "redirected")],
        ..Case::NONE
    };
    let run = check(&CASE);
    let rows = run.report["findings"].as_array().unwrap();
    let message =
        |url: &str| rows.iter().find(|row| row["url"] == run.spelled(url)).unwrap()["message"].clone();
    assert_eq!(message("SELF/a"), run.spelled("redirected permanently to AWAY/c"));
    assert_eq!(
        message("SELF/d"),
        run.spelled("redirected temporarily to SELF/d/: the same with a slash at the end")
    );
    let row = rows.iter().find(|row| row["url"] == run.spelled("SELF/a")).unwrap();
    let hops: Vec<_> =
        row["redirects"].as_array().unwrap().iter().map(|hop| hop["status"].as_u64().unwrap()).collect();
    assert_eq!(hops, [301, 308]);
}
