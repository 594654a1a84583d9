//! broken-link-checker: its fixtures of attributes (tag, attribute, resolved URL), of relations between URLs, and of
//! small sites for its crawler.
//!
//! Judged otherwise: it skips links with `rel=nofollow` and links of pages that ask robots not to follow; here such a
//! link is checked, since it breaks like any other.

use super::site::{Answer, HTML, OK, html, redirect, status};
use super::{Case, check};

#[test]
fn cases() {
    CASES.iter().for_each(|case| drop(check(case)));
}

const CASES: &[Case] = &[
    Case {
        shows: "links: a, area",
        page: "<a href=/1>x</a><map><area href=/2></map><a>no link</a><a href>itself</a>",
        links: &[("/1", "broken"), ("/2", "broken")],
        ..Case::NONE
    },
    Case {
        shows: "media: images, their sets, sound, moving pictures, plug-ins, frames, refresh, backgrounds",
        page: "<body background=/0><img src=/1 srcset='/2 1x, /3 2x'><picture><source srcset=/4></picture>\
               <video poster=/5 src=/6></video><embed src=/7><object data=/8></object><iframe src=/9></iframe>\
               <input type=image src=/10><table background=/11><tr><td background=/12></table>",
        links: &[
            ("/0", "broken"),
            ("/1", "broken"),
            ("/2", "broken"),
            ("/3", "broken"),
            ("/4", "broken"),
            ("/5", "broken"),
            ("/6", "broken"),
            ("/7", "broken"),
            ("/8", "broken"),
            ("/9", "broken"),
            ("/10", "broken"),
            ("/11", "broken"),
            ("/12", "broken"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "forms are never sent, style sheets and scripts are asked for",
        page: "<link rel=stylesheet href=/1><script src=/2></script><form action=/3><input formaction=/4></form>",
        links: &[("/1", "broken"), ("/2", "broken"), ("/3", "skipped info"), ("/4", "skipped info")],
        ..Case::NONE
    },
    Case {
        shows: "what is only meant for other programs: citations are asked for, pings are not",
        page: "<blockquote cite=/1></blockquote><q cite=/2></q><ins cite=/3></ins><del cite=/4></del><a href=/5 ping='/6 /7'>x</a>",
        site: &[("/5", OK)],
        links: &[
            ("/1", "broken"),
            ("/2", "broken"),
            ("/3", "broken"),
            ("/4", "broken"),
            ("/5", "ok"),
            ("/6", "skipped"),
            ("/7", "skipped"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "relations: this page, this directory, the one above, the root, the host, another host",
        page: "<a href=/dir/page>x</a>",
        site: &[
            (
                "/dir/page",
                html(
                    "<a href='?q'>a</a><a href='./b'>b</a><a href='../c'>c</a><a href='/d'>d</a><a href='../../../e'>e</a>\
                                <a href='#'>f</a><a href=''>g</a><a href='AWAY'>h</a><a href='AWAY/i#j'>i</a>",
                ),
            ),
            ("/d", OK),
            ("/e", OK),
        ],
        away: &[("/", OK)],
        links: &[
            ("/dir/page", "ok"),
            ("/dir/page?q", "broken"),
            ("/dir/b", "broken"),
            ("/c", "broken"),
            ("/d", "ok"),
            ("/e", "ok"),
            ("AWAY/", "ok"),
            ("AWAY/i", "broken"),
        ],
        ..Case::NONE
    },
    Case {
        shows: "a base elsewhere makes links external",
        page: "<base href='AWAY/x/'><a href=y>a</a><a href=/z>b</a>",
        away: &[("/x/y", html("<a href=/never>x</a>"))],
        links: &[("AWAY/x/", "skipped"), ("AWAY/x/y", "ok"), ("AWAY/z", "broken error")],
        ..Case::NONE
    },
    Case {
        shows: "a site that links in circles ends",
        page: "<a href=/a>a</a>",
        site: &[
            ("/a", html("<a href=/b>b</a><a href=/>home</a>")),
            ("/b", html("<a href=/a>a</a><a href=/b>b</a>")),
        ],
        links: &[("/a", "ok"), ("/b", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "redirects to another page, in a circle, and away",
        page: "<a href=/r>a</a><a href=/c>b</a><a href=/e>c</a>",
        site: &[
            ("/r", redirect(302, &[("Location", "/p")])),
            ("/p", HTML),
            ("/c", redirect(302, &[("Location", "/c2")])),
            ("/c2", redirect(302, &[("Location", "/c")])),
            ("/e", redirect(302, &[("Location", "AWAY/gone")])),
        ],
        links: &[("/r", "redirected info"), ("/c", "redirect-loop error"), ("/e", "broken error")],
        ..Case::NONE
    },
    Case {
        shows: "a password that is asked for is no broken link",
        page: "<a href=/in>in</a><a href='AWAY/out'>out</a>",
        site: &[("/in", Answer { status: 401, fields: &[("WWW-Authenticate", "Basic realm=\"x\"")], ..OK })],
        away: &[("/out", Answer { status: 401, fields: &[("WWW-Authenticate", "Basic realm=\"x\"")], ..OK })],
        links: &[("/in", "blocked error"), ("AWAY/out", "blocked warning")],
        ..Case::NONE
    },
    Case {
        shows: "what is no HTML is not read",
        page: "<a href=/t>t</a><a href=/j>j</a>",
        site: &[
            ("/t", Answer { fields: &[("Content-Type", "text/plain")], body: b"<a href=/never>x</a>", ..OK }),
            (
                "/j",
                Answer {
                    fields: &[("Content-Type", "application/json")],
                    body: b"<a href=/never>x</a>",
                    ..OK
                },
            ),
        ],
        links: &[("/t", "ok"), ("/j", "ok")],
        ..Case::NONE
    },
    Case {
        shows: "nofollow links are checked",
        page: "<a rel='noopener nofollow' href=/x>x</a><a rel=nofollow href='AWAY/y'>y</a>",
        links: &[("/x", "broken"), ("AWAY/y", "broken")],
        ..Case::NONE
    },
];

#[test]
fn a_method_that_is_not_allowed_is_asked_for_with_another() {
    const CASE: Case = Case {
        shows: "HEAD answered by 405, 403, 501, 500, 404",
        page: "<img src='AWAY/1'><img src='AWAY/2'><img src='AWAY/3'><img src='AWAY/4'><img src='AWAY/5'><img src='AWAY/6'>",
        away: &[
            ("/1", Answer { head: Some(405), ..OK }),
            ("/2", Answer { head: Some(403), ..OK }),
            ("/3", Answer { head: Some(501), ..OK }),
            ("/4", Answer { head: Some(500), ..OK }),
            ("/5", status(405)),
        ],
        links: &[
            ("AWAY/1", "ok"),
            ("AWAY/2", "ok"),
            ("AWAY/3", "ok"),
            ("AWAY/4", "ok"),
            ("AWAY/5", "broken"),
            ("AWAY/6", "broken"),
        ],
        ..Case::NONE
    };
    let run = check(&CASE);
    for path in ["/1", "/2", "/3", "/4", "/5"] {
        assert_eq!(run.away.count(&format!("GET {path}")), 1, "{path}");
    }
}

#[test]
fn what_robots_txt_disallows_is_not_asked_for() {
    let robots = Answer {
        body: b"User-agent: *\nDisallow: /no\nAllow: /no/but\n\nUser-agent: other\nDisallow: /\n",
        ..OK
    };
    let page = "<a href=/no/1>a</a><a href=/no/but>b</a><a href=/yes>c</a><img src=/no/2>";
    let site = Box::leak(Box::new([("/robots.txt", robots), ("/no/but", OK), ("/yes", OK)]));
    let run = check(&Case {
        shows: "robots.txt",
        page,
        site,
        links: &[("/no/1", "skipped info"), ("/no/but", "ok"), ("/yes", "ok"), ("/no/2", "skipped info")],
        ..Case::NONE
    });
    assert!(!run.own.asked().iter().any(|asked| asked.ends_with("/no/1") || asked.ends_with("/no/2")));
    check(&Case {
        shows: "robots.txt, not obeyed",
        page,
        site,
        options: &["--no-robots"],
        links: &[("/no/1", "broken"), ("/no/but", "ok"), ("/yes", "ok"), ("/no/2", "broken")],
        ..Case::NONE
    });
}

#[test]
fn each_url_is_asked_for_once() {
    const CASE: Case = Case {
        shows: "spellings of one URL",
        page: "<a href=/x>1</a><a href=/x#a>2</a><a href='SELF/x'>3</a><a href='/%78'>4</a><a href='./y/../x'>5</a>",
        site: &[("/x", html("<p id=a>"))],
        links: &[("/x", "ok")],
        ..Case::NONE
    };
    let run = check(&CASE);
    assert_eq!(run.own.count("GET /x"), 1);
    assert_eq!(run.own.count("HEAD /x"), 0);
    assert_eq!(run.spelled("SELF"), run.own.origin);
}
