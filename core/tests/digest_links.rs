//! What a page's digest holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::Spec;
use crawlspace::digest::{
    Digest, Link, Place, PlaceSet, Role, Target, document, document_in_chunks, reference_document,
};
use support::{digest, digest_with, spec};
use url::Url;

const URL: &str = "https://doc.example/d/p.html?q";

fn links(digest: &Digest) -> Vec<Link<'_>> {
    digest.links.iter().collect()
}

fn target(link: &Link<'_>) -> String {
    match link.target {
        Target::Url { origin, rest, .. } => format!("{origin}{rest}"),
        Target::Invalid(raw) => format!("invalid {raw}"),
    }
}

fn targets(html: &str) -> Vec<String> {
    links(&digest(URL, html.as_bytes())).iter().map(target).collect()
}

fn texts(html: &str) -> Vec<String> {
    digest(URL, html.as_bytes()).links.iter().map(|link| link.text.to_owned()).collect()
}

fn with_limits(change: impl Fn(&mut Spec), html: &str) -> Digest {
    let mut spec = spec();
    change(&mut spec);
    digest_with(spec, URL, Some("text/html;charset=utf-8"), &[html.as_bytes()])
}

#[test]
fn a_link_says_where_it_stands_and_what_it_is_for() {
    let html =
        "<!doctype html>\n<p>\u{e9}\u{1f600}\t<a\n href=/x#y rel='noopener NOFOLLOW'>Go  <b>on</b>\n now</a>";
    let digest = digest(URL, html.as_bytes());
    let [link] = links(&digest)[..] else { panic!("one link") };
    assert_eq!((target(&link), link.fragment), ("https://doc.example/x".to_owned(), Some("y")));
    assert_eq!((link.line, link.column), (2, 7));
    assert_eq!((link.text, link.nofollow), ("Go on now", true));
    assert_eq!((link.place, link.role, link.spelling), (Place::A_HREF, Role::Followed, None));
}

#[test]
fn lines_end_at_lf_cr_and_both() {
    let digest = digest(URL, b"a\rb\r\nc\n\n\r<a href=x></a><a href=y></a>");
    let places: Vec<_> = digest.links.iter().map(|link| (link.line, link.column)).collect();
    assert_eq!(places, [(6, 1), (6, 15)]);
}

#[test]
fn text_is_what_a_reader_sees() {
    assert_eq!(
        texts("<a href=x> A &amp; B&nbsp;&lt;c <img alt='pic &quot;1&quot;'>d</a>"),
        ["A & B <c pic \"1\" d"]
    );
    assert_eq!(texts("<a href=x>one<a href=y>two</a>three"), ["one", "two"]);
    assert_eq!(texts("<a href=x>a<!-- b -->c<script>d</script><style>e</style>f</a>"), ["acf"]);
    assert_eq!(texts("<a href=x>one<a>two</a>"), ["one"]);
    assert_eq!(texts("<a href=x>unclosed"), ["unclosed"]);
    assert_eq!(texts("<a href=x>am&am<b>p;</b></a>"), ["am&amp;"]);
    assert_eq!(texts("<svg><a href=x>a<![CDATA[&amp;<b>]]></a></svg>"), ["a&amp;<b>"]);
    assert_eq!(texts("<svg><a href=x>a<![CDATA[\0b]]></a></svg>"), ["ab"]);
    assert_eq!(texts("<svg><a href=x>a<![CDATA[]b]]]]></a></svg>"), ["a]b]]"]);
    assert_eq!(texts("<svg><a href=x /><a href=y>a</a></svg>b"), ["", "a"]);
    assert_eq!(texts("<svg><a href=x />a</svg>"), [""]);
    assert_eq!(texts("<a href=x>a<"), ["a<"]);
    assert_eq!(texts("<a href=x>a</"), ["a</"]);
    assert_eq!(texts("<a href=x><img src=y alt=' the  pic '></a>"), ["the pic", "the pic"]);
    assert_eq!(
        texts("<iframe src=x title=T></iframe><link href=y title=U><area href=z alt=V>"),
        ["T", "U", "V"]
    );
    let long = digest(URL, format!("<a href=x>{}</a>", "\u{e9} ".repeat(1_000)).as_bytes());
    assert_eq!(long.links.iter().next().unwrap().text.chars().count(), 80);
    let none = with_limits(|spec| spec.limits.text_chars = 0, "<a href=x>text</a><img src=y alt=z>");
    assert!(none.links.iter().all(|link| link.text.is_empty()));
}

#[test]
fn every_place_of_html_is_found() {
    let rows = [
        ("<a href=u ping='v  w'>", "a href u, a ping v, a ping w"),
        ("<area href=u ping=v>", "area href u, area ping v"),
        ("<applet codebase=u archive='v, w'>", "applet codebase u, applet archive v, applet archive w"),
        ("<audio src=u>", "audio src u"),
        ("<base href=u>", "base href u"),
        ("<bgsound src=u>", "bgsound src u"),
        (
            "<blockquote cite=u><q cite=v><ins cite=w><del cite=x>",
            "blockquote cite u, q cite v, ins cite w, del cite x",
        ),
        (
            "<html manifest=m><head profile=p><body background=u>",
            "html manifest m, head profile p, body background u",
        ),
        (
            "<table background=u><tr background=v><td background=w><th background=x>",
            "table background u, tr background v, td background w, th background x",
        ),
        (
            "<form action=u><button formaction=v><input formaction=w>",
            "form action u, button formaction v, input formaction w",
        ),
        ("<input type=Image src=u usemap='#m'><input src=no>", "input src u, input usemap #m"),
        ("<embed src=u pluginspage=v>", "embed src u, embed pluginspage v"),
        ("<frame src=u longdesc=v><iframe src=w longdesc=x>", "iframe src w, iframe longdesc x"),
        (
            "<img src=u srcset='v 1x, w 2x' lowsrc=x longdesc=y usemap=#z>",
            "img src u, img srcset v, img srcset w, img lowsrc x, img longdesc y, img usemap #z",
        ),
        ("<image src=u>", "img src u"),
        ("<link href=u imagesrcset='v 1w'>", "link href u, link imagesrcset v"),
        ("<meta http-equiv=refresh content='1;url=u'>", "meta content u"),
        (
            "<meta property=og:image content=u><meta name=twitter:image content=v><meta property=og:title content=w>",
            "meta content u, meta content v",
        ),
        (
            "<object data=u codebase=v archive='w x' classid=y usemap=z>",
            "object data u, object codebase v, object archive w, object archive x, object classid y, object usemap z",
        ),
        ("<script src=u></script>", "script src u"),
        (
            "<video src=u poster=v><source src=w srcset=x><track src=y>",
            "video src u, video poster v, source src w, source srcset x, track src y",
        ),
        (
            "<svg><a href=u /><a xlink:href=v /><image href=w /><use xlink:href=x /><script href=y /><feImage href=z />",
            "svg:a href u, svg:a xlink:href v, svg:image href w, svg:use xlink:href x, svg:script href y, svg:feImage href z",
        ),
        ("<svg><a href=u xlink:href=no /></svg>", "svg:a href u"),
    ];
    for (html, wanted) in rows {
        let found = document(&Url::parse(URL).unwrap(), None, html.as_bytes());
        let mut row: Vec<_> = found
            .links
            .iter()
            .map(|link| format!("{} {} {}", link.place.element(), link.place.attribute(), link.raw))
            .collect();
        let packed = digest(URL, html.as_bytes());
        if html.starts_with("<base") {
            assert_eq!(row.len(), 0, "the base of a document is told apart");
            row = packed
                .links
                .iter()
                .map(|link| format!("{} {} u", link.place.element(), link.place.attribute()))
                .collect();
        }
        assert_eq!(row.join(", "), wanted, "{html}");
        assert_eq!(packed.links.len(), row.len(), "{html}");
        for link in packed.links.iter() {
            assert_eq!(link.role, link.place.role());
        }
    }
}

#[test]
fn what_is_not_rendered_holds_no_links() {
    let hidden = "<a href=no id=no>";
    for html in [
        format!("<!-- {hidden} -->"),
        format!("<script>{hidden}</script>"),
        format!("<style>{hidden}</style>"),
        format!("<title>{hidden}</title>"),
        format!("<textarea>{hidden}</textarea>"),
        format!(
            "<xmp>{hidden}</xmp><iframe>{hidden}</iframe><noembed>{hidden}</noembed><noframes>{hidden}</noframes>"
        ),
        format!("<template>{hidden}<template></template>{hidden}</template>"),
        format!("<template><svg>{hidden}</template>"),
        format!("<svg><desc><template></svg>{hidden}</template></desc></svg>"),
        format!("<svg><![CDATA[{hidden}]]></svg>"),
        format!("<math>{}</math>", "<a href=no>"),
    ] {
        let digest = digest(URL, format!("{html}<a href=yes></a>").as_bytes());
        assert_eq!(
            links(&digest).iter().map(target).collect::<Vec<_>>(),
            ["https://doc.example/d/yes"],
            "{html}"
        );
        assert!(digest.ids.is_empty(), "{html}");
    }
    // In HTML it is a comment up to the first `>`.
    for html in [
        "<![CDATA[>]]",
        "<svg><desc><p><![CDATA[>]]",
        "<svg></svg><![CDATA[>]]",
        "<math><mi>x<b><![CDATA[>]]",
    ] {
        assert_eq!(targets(&format!("{html}<a href=yes>]]>")), ["https://doc.example/d/yes"], "{html}");
    }
    assert_eq!(targets("<svg><desc><![CDATA[>]]<a href=no>]]>"), [""; 0]);
    assert_eq!(targets("<noscript><a href=yes></a></noscript>"), ["https://doc.example/d/yes"]);
}

#[test]
fn a_document_has_a_body_or_frames() {
    let frame = "<frame src=f id=i>";
    let link = "<a href=l id=j></a>";
    for (html, wanted) in [
        (
            format!(
                "<title>t</title> \n<div><frameset>{frame}{link}<frameset>{frame}</frameset>{frame}</frameset>{link}{frame}"
            ),
            "fff",
        ),
        (format!("<frameset>{frame}<noframes>{link}</noframes>{frame}<script>{frame}"), "fff"),
        (format!("{frame}<frameset>{frame}</frameset><noframes>{frame}</noframes>"), "f"),
        (format!("<body>{link}<frameset>{frame}{link}</frameset>"), "ll"),
        (format!("text<frameset>{frame}</frameset>{link}"), "l"),
        (format!("<svg></svg><frameset>{frame}"), "f"),
        (format!("<input type=Hidden>{link}<frameset>{frame}"), "f"),
        (format!("<input type=text>{link}<frameset>{frame}"), "l"),
        (format!("<svg>{link}<g></g></svg><frameset>{frame}"), "f"),
        (format!("<svg>{link}<foreignObject><div>{link} <frameset>{frame}"), "f"),
        (format!("<frameset>{frame}<svg>{link}</svg>{frame}</frameset><math><mi>{link}"), "ff"),
        (format!("<template>{frame}<frameset></template>{link}"), "l"),
    ] {
        let found: String =
            targets(&html).iter().map(|url| url.rsplit('/').next().unwrap().to_owned()).collect();
        assert_eq!(found, wanted, "{html}");
    }
}

#[test]
fn a_form_in_a_form_is_none() {
    let html = "<form action=a id=a><form action=b id=b><input formaction=c></form><form action=d></form>";
    let found: Vec<_> = targets(html).iter().map(|url| url.rsplit('/').next().unwrap().to_owned()).collect();
    assert_eq!(found, ["a", "c", "d"]);
}

#[test]
fn hints_are_no_links_and_rel_is_split_on_white_space() {
    assert_eq!(
        targets(
            "<link rel=preconnect href=//a/><link rel=' DNS-Prefetch\tpreconnect ' href=//b/>\
             <link rel='preconnect stylesheet' href=c><link rel='preconnect,x' href=d><a rel=preconnect href=e>"
        ),
        ["https://doc.example/d/c", "https://doc.example/d/d", "https://doc.example/d/e"]
    );
    let digest =
        digest(URL, b"<a rel=xnofollow href=a><a rel='a,nofollow' href=b><a rel='a\nNofollow' href=c>");
    assert_eq!(digest.links.iter().map(|link| link.nofollow).collect::<Vec<_>>(), [false, false, true]);
}

#[test]
fn a_base_counts_for_what_comes_before_it_too_and_only_the_first() {
    let html = "<a href=x></a><base><base href=/b/><base href=/c/><a href=y></a>";
    assert_eq!(
        targets(html),
        ["https://doc.example/b/x", "https://doc.example/b/", "https://doc.example/b/y"]
    );
    assert_eq!(
        targets("<base href=b/><a href=x>"),
        ["https://doc.example/d/b/", "https://doc.example/d/b/x"]
    );
    for ignored in ["data:text/html,x", "javascript:x", "http://[", "JavaScript:x"] {
        let html = format!("<base href='{ignored}'><a href=x></a>");
        assert_eq!(targets(&html).last().unwrap(), "https://doc.example/d/x", "{ignored}");
    }
    assert_eq!(
        targets("<base href=/b/><a href=''></a><a href='#f'></a>")[1..],
        ["https://doc.example/b/"; 2]
    );
}

#[test]
fn other_schemes_and_what_is_no_url_are_kept() {
    let data = format!(
        "<a href='mailto:a@b'><a href=TEL:1><a href='javascript:x()'><a href=' http://[ '><img src='DATA:x,{}'>",
        "y".repeat(9_000)
    );
    let found = targets(&data);
    assert_eq!(found[..4], ["mailto:a@b", "tel:1", "javascript:x()", "invalid http://["]);
    assert!(found[4].starts_with("data:x,yyy") && found[4].len() < 300);
}

#[test]
fn a_spelling_is_kept_where_the_identity_hides_it() {
    let digest = digest(URL, b"<a href=' /%7eu/%41?%2f '><a href=/~u/A?%2F><a href=/../x>");
    let spellings: Vec<_> = digest.links.iter().map(|link| link.spelling).collect();
    assert_eq!(spellings, [Some("/%7eu/%41?%2f"), None, None]);
    let found = links(&digest);
    assert_eq!(target(&found[0]), target(&found[1]));
}

#[test]
fn ids_are_hashed_sorted_and_each_kept_once() {
    let digest = digest(
        URL,
        "<p id=b><a name=a id=b><img name=no><svg><a name=no><g id='c\u{e9}&amp;'></svg><p id=''>".as_bytes(),
    );
    let mut wanted: Vec<_> =
        ["a", "b", "c\u{e9}&"].iter().map(|id| spec().id_key.hash(id.as_bytes())).collect();
    wanted.sort_unstable();
    assert_eq!(digest.ids, wanted);
}

#[test]
fn limits_are_kept_and_what_they_leave_out_is_counted() {
    let html = "<a href=a id=a>x</a><a href=b id=b>y</a><a href=c id=c>z</a>";
    let few = with_limits(
        |spec| {
            spec.limits.links = 2;
            spec.limits.ids = 1;
        },
        html,
    );
    assert_eq!((few.links.len(), few.ids.len(), few.left_out), (2, 1, 3));
    assert_eq!(links(&few).iter().map(|link| link.text).collect::<Vec<_>>(), ["x", "y"]);
    let short =
        with_limits(|spec| spec.limits.url_bytes = 30, &format!("<a href=/ok><a href=/{}>", "x".repeat(40)));
    assert_eq!(target(&links(&short)[0]), "https://doc.example/ok");
    assert!(target(&links(&short)[1]).starts_with("invalid /xxx"));
    let without = with_limits(
        |spec| spec.places = PlaceSet::ALL.without(Place::IMG_SRC).without(Place::BASE_HREF),
        "<a href=x>t<img src=y>u</a><base href=/><a href=z>v<link rel=preconnect href=//w>w</a>",
    );
    assert_eq!(without.links.iter().map(|link| link.text.to_owned()).collect::<String>(), "tuvw");
    let some =
        with_limits(|spec| spec.places = PlaceSet::EMPTY.with(Place::IMG_SRC), "<a href=x>t<img src=y></a>");
    assert_eq!(links(&some).iter().map(target).collect::<Vec<_>>(), ["https://doc.example/d/y"]);
}

#[test]
fn robots_meta_elements_of_all_and_of_this_crawler_count() {
    let of = |html: &str| {
        let directives = digest(URL, html.as_bytes()).directives;
        (directives.noindex, directives.nofollow)
    };
    assert_eq!(of("<META NAME=Robots CONTENT='NoIndex, follow'>"), (true, false));
    assert_eq!(of("<meta name=MyBot content=none>"), (true, true));
    assert_eq!(of("<meta name=otherbot content=none><meta property=robots content=none>"), (false, false));
    assert_eq!(of("<meta name=robots content=noindex><meta name=robots content=nofollow>"), (true, true));
}

#[test]
fn a_document_tells_all_in_full() {
    let html = "<base href=/b/><meta name=robots content='noindex, MAX-SNIPPET:3'><meta http-equiv=refresh content='3;url=n'>\
        <link rel=preconnect href=//c/><p id=x><a id=y name=z href=' a ' rel='x y'>t</a>";
    let found = document(&Url::parse(URL).unwrap(), Some("text/html"), html.as_bytes());
    assert_eq!(found.base.as_str(), "https://doc.example/b/");
    assert_eq!(found.charset, "windows-1252");
    assert_eq!(found.ids, ["x", "y", "z"]);
    assert_eq!(found.robots, ["noindex", "max-snippet:3"]);
    let refresh = found.refresh.unwrap();
    assert_eq!((refresh.seconds, refresh.url.unwrap().as_str()), (3, "https://doc.example/b/n"));
    let [_, hint, link] = &found.links[..] else { panic!("three links") };
    assert_eq!(hint.rel.as_deref(), Some("preconnect"));
    assert_eq!((link.raw.as_str(), link.rel.as_deref(), link.text.as_str()), (" a ", Some("x y"), "t"));
    assert_eq!(link.url.as_ref().unwrap().as_str(), "https://doc.example/b/a");
}

#[test]
fn foreign_content_is_left_where_the_standard_leaves_it() {
    let yes = ["https://doc.example/d/yes"];
    for html in [
        "<math><p><a href=yes>",
        "<math><font color=x><a href=yes>",
        "<math></p><a href=yes>",
        "<div><math></div><a href=yes>",
        "<math><mi><a href=yes>",
        "<math><mi><mglyph></mglyph><a href=yes>",
        "<math><mi><malignmark/><a href=yes>",
        "<math><mi><mglyph></mi></math><a href=yes>",
        "<math><mi><mglyph><p><a href=yes>",
        "<math><mi><b><mglyph><a href=yes>",
        "<math><annotation-xml encoding=Text/HTML><a href=yes>",
        "<math></math><a href=yes>",
        "<svg><p></p><math/><a href=yes>",
        "<svg><desc></svg><a href=yes>",
        "<math><annotation-xml><svg><a href=yes>",
    ] {
        assert_eq!(targets(html), yes, "{html}");
    }
    assert_eq!(targets("<math></div><a href=no>"), [""; 0]);
    assert_eq!(targets("<math><font><a href=no>"), [""; 0]);
    assert_eq!(targets("<math><mi><mglyph><a href=no>"), [""; 0]);
    assert_eq!(targets("<math><mtext><malignmark><a href=no></malignmark>"), [""; 0]);
    assert_eq!(targets("<math><annotation-xml><a href=no>"), [""; 0]);
    assert_eq!(targets("<math><mi></mi><a href=no>"), [""; 0]);
}

#[test]
fn encodings_are_declared_as_the_standard_says() {
    let charset = |html: &str| {
        let url = Url::parse(URL).unwrap();
        let whole = document(&url, None, html.as_bytes());
        assert_eq!(whole, document_in_chunks(&url, None, html.as_bytes().chunks(13)));
        whole.charset
    };
    assert_eq!(charset("<!--><meta charset=koi8-r>"), "KOI8-R");
    assert_eq!(charset("<meta charset=koi8-r charset=utf-8>"), "KOI8-R");
    assert_eq!(charset("<meta charset=utf-16>"), "UTF-8");
    assert_eq!(charset("<meta charset=x-user-defined>"), "windows-1252");
    assert_eq!(charset(&format!("{}<meta charset=koi8-r>", " ".repeat(1_003))), "KOI8-R");
    assert_eq!(charset(&format!("{}<meta charset=koi8-r>", " ".repeat(1_004))), "windows-1252");
    assert_eq!(charset("\u{feff}<meta charset=koi8-r>"), "UTF-8");
}

#[test]
fn candidates_that_make_no_sense_are_none() {
    let of = |value: &str| {
        crawlspace::digest::srcset::candidates(value)
            .map(|found| (found.url.to_owned(), found.descriptors.to_owned()))
            .collect::<Vec<_>>()
    };
    let one = |url: &str, descriptors: &str| vec![(url.to_owned(), descriptors.to_owned())];
    assert_eq!(of("a 1h"), []);
    assert_eq!(of("a 1h 2w"), one("a", "1h 2w"));
    assert_eq!(of("a 1x 1h, b 1w 1x, c 1x 1x, d 0w, e -1x, f 1.x, g +1x, h 1e x"), []);
    assert_eq!(of("a -0x"), one("a", "-0x"));
    assert_eq!(of("a .5e-1x"), one("a", ".5e-1x"));
}

/// As many programs read it, also by html5ever: place and URL of each link.
fn in_document_order(html: &str) -> Vec<String> {
    let url = Url::parse(URL).unwrap();
    let found = document(&url, Some("text/html; charset=utf-8"), html.as_bytes());
    assert_eq!(found, reference_document(&url, Some("text/html; charset=utf-8"), html.as_bytes()));
    let digest = digest(URL, html.as_bytes());
    let packed: Vec<_> = links(&digest).iter().map(|link| (link.place, link.text.to_owned())).collect();
    let full: Vec<_> = found.links.iter().map(|link| (link.place, link.text.clone())).collect();
    assert_eq!(packed, full, "{html}");
    found.links.iter().map(|link| format!("{:?} {}", link.place, link.raw)).collect()
}

#[test]
fn links_are_told_in_the_order_of_the_document_and_within_a_tag_in_that_of_the_tag() {
    for (html, wanted) in [
        ("<a ping='/q /r' href=y>t</a>", "a[ping] /q, a[ping] /r, a[href] y"),
        ("<a href=y ping=/q>t</a>", "a[href] y, a[ping] /q"),
        ("<a ping=/q style='b:url(s)' href=y>t</a>", "a[ping] /q, *[style] s, a[href] y"),
        ("<a href=x><img srcset='y 2x' src=z></a>", "a[href] x, img[srcset] y, img[src] z"),
        ("<a href=x>t<a href=y>u</a><img src=z>", "a[href] x, a[href] y, img[src] z"),
        ("<td style='b:url(s)' background=b><img src=z>", "*[style] s, td[background] b, img[src] z"),
        (
            "<video poster=p style='b:url(s),url(t)' src=v>",
            "video[poster] p, *[style] s, *[style] t, video[src] v",
        ),
        (
            "<object usemap=u archive='a b' classid=c codebase=d style='b:url(s)' data=e>",
            "object[usemap] u, object[archive] a, object[archive] b, object[classid] c, object[codebase] d, \
             *[style] s, object[data] e",
        ),
        (
            "<svg><a style='b:url(s)' href=x><image href=y /></a><a xlink:href=z /></svg>t",
            "*[style] s, svg:a[href] x, svg:image[href] y, svg:a[xlink:href] z",
        ),
        ("<p style='b:url(s)'><style>a{b:url(t)}</style><a href=x>", "*[style] s, style[url()] t, a[href] x"),
    ] {
        assert_eq!(in_document_order(html).join(", "), wanted, "{html}");
    }
}

#[test]
fn a_query_is_in_the_encoding_of_the_document_but_in_a_style_in_utf_8() {
    let html = "<meta charset=iso-8859-2><base href=/><a href='?\u{159}' style='b:url(?\u{159})'></a>\
        <style>@import '?\u{159}'; a{b:url(?\u{159})}</style>\
        <script type='application/ld+json'>{\"url\":\"/?\u{159}\"}</script><img srcset='?\u{159} 2x'>";
    let (body, _, _) = encoding_rs::ISO_8859_2.encode(html);
    let (latin, utf_8) = ("https://doc.example/?%F8", "https://doc.example/?%C5%99");
    let wanted = ["https://doc.example/", latin, utf_8, utf_8, utf_8, utf_8, latin];
    let digest = digest_with(spec(), URL, Some("text/html"), &[&body]);
    assert_eq!(links(&digest).iter().map(target).collect::<Vec<_>>(), wanted);
    let found = document(&Url::parse(URL).unwrap(), Some("text/html"), &body);
    // Neither the base nor JSON-LD is told there.
    let urls: Vec<_> = found.links.iter().map(|link| link.url.as_ref().unwrap().as_str()).collect();
    assert_eq!(urls, [latin, utf_8, utf_8, utf_8, latin]);
    let (body, _, _) = encoding_rs::ISO_8859_2.encode("@import '/?\u{159}';a{b:url(/?\u{159})}");
    let digest = digest_with(spec(), URL, Some("text/css; charset=iso-8859-2"), &[&body]);
    assert_eq!(links(&digest).iter().map(target).collect::<Vec<_>>(), [utf_8, utf_8]);
}
