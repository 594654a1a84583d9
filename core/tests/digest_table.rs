//! Where links stand besides the attributes of HTML: style sheets, header fields; and where none are taken.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::digest::{Digest, Digester, End, Head, Link, Media, Role, Target, Transfer, document};
use http::StatusCode;
use http::header::{HeaderMap, HeaderName, HeaderValue};
use std::sync::Arc;
use support::{digest, digest_with, request, spec};
use url::Url;

const URL: &str = "https://doc.example/d/p.html?q";

fn row(link: &Link<'_>) -> String {
    let target = match link.target {
        Target::Url { origin, rest, .. } => format!("{origin}{rest}"),
        Target::Invalid(raw) => format!("invalid {raw}"),
    };
    format!("{:?} {target} {}:{}", link.place, link.line, link.column)
}

fn rows(digest: &Digest) -> Vec<String> {
    digest.links.iter().map(|link| row(&link)).collect()
}

fn of_html(html: &str) -> Vec<String> {
    rows(&digest(URL, html.as_bytes()))
}

const NONE: [&str; 0] = [];

#[test]
fn style_elements_and_attributes() {
    assert_eq!(
        of_html(
            "<base href=/b/><style>\n@import 'a.css';\np { background: url(\"c.png\") }</style><p style='x:url(d)'>"
        ),
        [
            "base[href] https://doc.example/b/ 1:1",
            "style[@import] https://doc.example/b/a.css 2:9",
            "style[url()] https://doc.example/b/c.png 3:17",
            "*[style] https://doc.example/b/d 3:39",
        ]
    );
    assert_eq!(
        of_html("<style type=text/less>@import 'a'</style><style type=''>@import 'b'"),
        ["style[@import] https://doc.example/d/b 1:65"]
    );
    assert_eq!(of_html("<style>a{b:url(c</style>d)}"), ["style[url()] https://doc.example/d/c 1:12"]);
    assert_eq!(
        of_html("<style>a{b:url(c</styles>d)}"),
        ["style[url()] https://doc.example/d/c%3C/styles%3Ed 1:12"]
    );
    assert_eq!(of_html("<template><style>@import 'a'</style></template><!-- <p style='a:url(b)'> -->"), NONE);
    assert_eq!(of_html("<p style='a:url(&quot;b&quot;)' class=c>"), ["*[style] https://doc.example/d/b 1:1"]);
    // In SVG and XML the text is markup.
    assert_eq!(
        of_html("<svg><style>a{b:url(&#99;)}<![CDATA[d{e:url(f)}]]></style></svg>"),
        ["style[url()] https://doc.example/d/c 1:6", "style[url()] https://doc.example/d/f 1:6",]
    );
    assert_eq!(
        of_html("<svg><style></svg><a href=x>@import 'y'</a>"),
        ["a[href] https://doc.example/d/x 1:19"]
    );
    let xhtml = b"<html xmlns='http://www.w3.org/1999/xhtml'><style><![CDATA[@import 'a';]]></style><a href='b'>@import 'c'</a></html>";
    assert_eq!(
        rows(&digest_with(spec(), URL, Some("application/xhtml+xml"), &[xhtml])),
        ["style[@import] https://doc.example/d/a 1:44", "a[href] https://doc.example/d/b 1:83",]
    );
}

#[test]
fn style_sheets_of_their_own() {
    let sheet = b"@import url(a.css);\n@font-face { src: url(\"../f.woff2\") format('woff2') }\n.x { background: url(#g), url(data:,h) }";
    for chunk in [1, 7, 1000] {
        let chunks: Vec<_> = sheet.chunks(chunk).collect();
        let digest = digest_with(spec(), "https://doc.example/css/x.css", Some("text/css"), &chunks);
        assert_eq!(digest.media, Media::Css);
        assert_eq!(
            rows(&digest),
            [
                "css[@import] https://doc.example/css/a.css 1:9",
                "css[url()] https://doc.example/f.woff2 2:19",
                "css[url()] data:,h 3:27",
            ]
        );
        assert!(digest.links.iter().all(|link| link.role == Role::Resource));
    }
    let in_latin1 = digest_with(spec(), URL, Some("text/css"), &[b"@charset \"latin1\";a{b:url(\xe9)}"]);
    assert_eq!(rows(&in_latin1), ["css[url()] https://doc.example/d/%C3%A9 1:23"]);
    let marked =
        digest_with(spec(), URL, Some("text/css; charset=latin1"), &[b"\xef\xbb\xbf@import '\xc3\xa9'"]);
    assert_eq!(rows(&marked), ["css[@import] https://doc.example/d/%C3%A9 1:9"]);
}

#[test]
fn a_sheet_of_nothing_but_brackets_takes_no_longer_than_its_length() {
    for part in ["(", "url(", "{", "/*", "\\", "a\\", "@import ", "\"", "'\\\n", "<!--", "image-set("] {
        let sheet = part.repeat(1_000_000 / part.len());
        let digest = digest_with(spec(), URL, Some("text/css"), &[sheet.as_bytes()]);
        assert!(digest.links.len() <= 1, "{part}");
    }
}

fn with_headers(fields: &[(&str, &str)], body: &str) -> Digest {
    let mut headers = HeaderMap::new();
    for (name, value) in fields {
        headers.append(HeaderName::try_from(*name).unwrap(), HeaderValue::from_str(value).unwrap());
    }
    let head = Head { status: StatusCode::OK, headers };
    let mut digester = Digester::new(&request(URL), &Arc::new(spec()), &head);
    let _ = digester.push(body.as_bytes());
    digester.finish(End::Complete, Transfer::default())
}

#[test]
fn header_fields() {
    let fields = [
        ("content-type", "text/html"),
        ("link", "<a.css>; rel=stylesheet, <//x.example>; rel=\"preconnect dns-prefetch\", </n>; rel=next"),
        ("refresh", "5; url=/r"),
        ("content-location", "p.en.html"),
    ];
    // They are resolved against the response's own URL.
    assert_eq!(
        rows(&with_headers(&fields, "<base href=/b/><a href=c>")),
        [
            "header[Link] https://doc.example/d/a.css 0:0",
            "header[Link] https://doc.example/n 0:0",
            "header[Refresh] https://doc.example/r 0:0",
            "header[Content-Location] https://doc.example/d/p.en.html 0:0",
            "base[href] https://doc.example/b/ 1:1",
            "a[href] https://doc.example/b/c 1:16",
        ]
    );
    let pdf = with_headers(&[("content-type", "application/pdf"), ("link", "<x>; rel=canonical")], "%PDF");
    assert_eq!(
        (pdf.media, rows(&pdf)),
        (Media::Other, vec!["header[Link] https://doc.example/d/x 0:0".to_owned()])
    );
}

#[test]
fn links_are_left_out_where_the_page_says_so() {
    assert_eq!(
        of_html(
            "<a href=a data-crawlspace-ignore>x</a><a href=b>y</a><img src=c srcset=d data-crawlspace-ignore=''>
<!-- crawlspace-ignore-start --><a href=e id=f><style>@import 'g'</style><svg><a href=h></a></svg>
<p style='i:url(j)'><meta http-equiv=refresh content='1;url=k'><!--crawlspace-ignore-end--><a href=l>"
        ),
        ["a[href] https://doc.example/d/b 1:39", "a[href] https://doc.example/d/l 3:92"]
    );
    assert_eq!(
        of_html("<!-- crawlspace-ignore-started --><a href=a>"),
        ["a[href] https://doc.example/d/a 1:35"]
    );
    let html = "<!-- crawlspace-ignore-start --><p id=a><!-- x --><a href=b>";
    assert_eq!((of_html(html).len(), digest(URL, html.as_bytes()).ids.len()), (0, 1));
}

#[test]
fn a_shadow_root_is_rendered_and_has_no_fragments() {
    let html = "<div><template shadowrootmode=open><a href=a id=b></a><template><a href=c></a></template></template></div>
<template shadowrootmode=no><a href=d></a></template><template><template shadowrootmode=open><a href=e></a></template></template><p id=f>";
    let found = document(&Url::parse(URL).unwrap(), Some("text/html"), html.as_bytes());
    let raw: Vec<_> = found.links.iter().map(|link| link.raw.as_str()).collect();
    assert_eq!((raw, found.ids), (vec!["a"], vec!["f".to_owned()]));
}

#[test]
fn frames_take_the_place_of_a_body_that_shows_nothing() {
    assert_eq!(
        of_html("<link href=a><p id=x><a href=b></a></p><frameset><frame src=c></frameset>"),
        ["link[href] https://doc.example/d/a 1:1", "frame[src] https://doc.example/d/c 1:50",]
    );
    assert_eq!(
        of_html("<p>text<a href=b></a><frameset><frame src=c></frameset>"),
        ["a[href] https://doc.example/d/b 1:8"]
    );
}

#[test]
fn json_ld_on_request() {
    let html = "<script type='Application/LD+json'>\n{\"url\": \"https:\\/\\/x.example/a\", \"@id\": \"/b\", \"name\": \"/c\",
 \"image\": [\"/d\", {\"caption\": \"/e\", \"contentUrl\": \"/f\"}, \"\\u002fg\"], \"potentialAction\": {\"url\": \"/h?{q}\"}, \"logo\": \"none\"}</script>
<script>{\"url\": \"/i\"}</script><a href=j>";
    assert_eq!(
        of_html(html),
        [
            "script[ld+json] https://x.example/a 2:9",
            "script[ld+json] https://doc.example/d 3:12",
            "script[ld+json] https://doc.example/f 3:50",
            "script[ld+json] https://doc.example/g 3:57",
            "a[href] https://doc.example/d/j 4:31",
        ]
    );
    let mut spec = spec();
    spec.places = crawlspace::digest::PlaceSet::default();
    let digest = digest_with(spec, URL, Some("text/html; charset=utf-8"), &[html.as_bytes()]);
    assert_eq!(rows(&digest), ["a[href] https://doc.example/d/j 4:31"]);
}
