//! The scanner against html5ever's tokenizer, over nasty markup, however it is cut.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::digest::{document, document_in_chunks, reference_document};
use proptest::prelude::*;
use support::{base64, cut, digest_with, spec, vectors};
use url::Url;

const URL: &str = "https://doc.example/d/p.html?q#f";

fn url() -> Url {
    Url::parse(URL).unwrap()
}

const NAMES: &[&str] = &[
    "a",
    "A",
    "img",
    "image",
    "base",
    "meta",
    "link",
    "script",
    "style",
    "title",
    "textarea",
    "xmp",
    "iframe",
    "noembed",
    "noframes",
    "plaintext",
    "noscript",
    "template",
    "svg",
    "math",
    "mi",
    "mtext",
    "foreignObject",
    "desc",
    "annotation-xml",
    "font",
    "p",
    "br",
    "div",
    "span",
    "body",
    "table",
    "video",
    "source",
    "object",
    "input",
    "mglyph",
    "malignmark",
    "g",
    "use",
    "feImage",
    "applet",
    "form",
    "x-y",
    "a\0",
    "h1",
    "blockquote",
    "scriptx",
    "scrip",
    "area",
];

const ATTRIBUTES: &[&str] = &[
    "href",
    "HREF",
    "src",
    "id",
    "name",
    "rel",
    "alt",
    "title",
    "srcset",
    "content",
    "http-equiv",
    "property",
    "type",
    "xlink:href",
    "encoding",
    "ping",
    "data",
    "poster",
    "color",
    "class",
    "data-x",
    "=",
    "=href",
    "hr\0ef",
    "\"",
    "'",
    "<",
    "a<b",
    "imagesrcset",
    "background",
    "é",
    "archive",
    "hrefx",
    "formaction",
];

const VALUES: &[&str] = &[
    "/u",
    "",
    " /v ",
    "a b",
    "x&amp;y",
    "?a=1&b=2",
    "&copy=1",
    "&notin;",
    "&not",
    "&#x41;",
    "&#0;",
    "&#128;",
    "&amp",
    "&#38;quot;",
    "image",
    "refresh",
    "5; url=/n",
    "text/html",
    "preconnect",
    "nofollow x",
    "a 1x, b 2x",
    "é",
    "\0",
    "a\r\nb",
    "<b>",
    "text/HTML",
    "//h/p",
    "#f",
    "og:image",
    "&",
    "&&",
    "&;",
    "&#",
    "&#x",
    "&nbsp;",
    "&ngE;",
    "robots",
];

const RAW: &[&str] = &[
    "<",
    ">",
    "</",
    "<!",
    "<!-",
    "<!--",
    "-->",
    "--!>",
    "--",
    "-",
    "<!-->",
    "<!--->",
    "<?x",
    "<![CDATA[",
    "]]>",
    "]]",
    "]",
    "<!DOCTYPE html",
    "<!doctype x PUBLIC \"",
    "</ ",
    "</>",
    "<a",
    "</a",
    "</script",
    "</script ",
    "</script/",
    "<script",
    "<SCRIPT>",
    "</SCRIPT>",
    "<!--<script>",
    "</title>",
    "</TextArea",
    "</style\t",
    "</svg>",
    "</p>",
    "</template>",
    "=",
    "\"",
    "'",
    "/",
    " ",
    "\n",
    "\r",
    "\r\n",
    "\t",
    "\x0c",
    "\0",
    "&",
    "&amp;",
    "&am",
    "p;",
    "&lt",
    "text",
    "é",
    "\u{2028}",
    "x y  z",
    "/>",
    "&#x3C;",
    "<a href=\"",
    "<img alt='",
    "\u{feff}",
];

fn quoted() -> impl Strategy<Value = String> {
    (0..4_u8, prop::collection::vec(prop::sample::select(VALUES), 0..3)).prop_map(|(quote, parts)| {
        let value = parts.concat();
        match quote {
            0 => format!("\"{}\"", value.replace('"', "")),
            1 => format!("'{}'", value.replace('\'', "")),
            _ => value.replace([' ', '\r', '\n'], ""),
        }
    })
}

fn attribute() -> impl Strategy<Value = String> {
    let space = prop::sample::select(&["", " ", "\n", "/", " / ", "\r\n"][..]);
    (
        space.clone(),
        prop::sample::select(ATTRIBUTES),
        space.clone(),
        space,
        prop::option::weighted(0.8, quoted()),
    )
        .prop_map(|(before, name, around, after, value)| match value {
            Some(value) => format!("{before}{name}{around}={after}{value}"),
            None => format!(" {before}{name}{around}"),
        })
}

fn tag() -> impl Strategy<Value = String> {
    let end = prop::sample::select(&[">", ">", ">", ">", "/>", " />", "", "<", "\n>"][..]);
    (any::<bool>(), prop::sample::select(NAMES), prop::collection::vec(attribute(), 0..4), end).prop_map(
        |(is_end, name, attributes, end)| {
            let (open, attributes) =
                if is_end { ("</", attributes.into_iter().take(1).collect()) } else { ("<", attributes) };
            let attributes: Vec<_> =
                attributes.into_iter().map(|attribute| format!(" {attribute}")).collect();
            format!("{open}{name}{}{end}", attributes.concat())
        },
    )
}

fn markup() -> impl Strategy<Value = String> {
    let part = prop_oneof![3 => tag(), 2 => prop::sample::select(RAW).prop_map(str::to_owned), 1 => "[a-z<>&\"'/= -]{0,8}"];
    prop::collection::vec(part, 0..24).prop_map(|parts| parts.concat())
}

/// A script of nothing but what its states turn on (HTML sections 13.2.5.15 to 13.2.5.31).
fn script() -> impl Strategy<Value = String> {
    let parts = &[
        "<",
        "!",
        "--",
        "-",
        ">",
        "script",
        "scrip",
        "x",
        "t",
        "/",
        " ",
        "s",
        "<!--",
        "-->",
        "<script",
        "</script",
        "</script>",
    ][..];
    let tail = "<a href=x id=y></script><a href=z></a>--></script><a href=u></a>";
    prop::collection::vec(prop::sample::select(parts), 0..12)
        .prop_map(move |parts| format!("<script>{}{tail}", parts.concat()))
}

fn agrees(html: &[u8], content_type: Option<&str>) {
    let fast = document(&url(), content_type, html);
    let reference = reference_document(&url(), content_type, html);
    assert_eq!(fast, reference, "{:?}", String::from_utf8_lossy(html));
}

fn splits_alike(html: &[u8], content_type: Option<&str>, cuts: &[u16]) {
    let whole = document(&url(), content_type, html);
    let bytewise = document_in_chunks(&url(), content_type, html.chunks(1));
    assert_eq!(whole, bytewise, "byte by byte: {:?}", String::from_utf8_lossy(html));
    let chunks = cut(html, cuts);
    let cut = document_in_chunks(&url(), content_type, chunks.iter().copied());
    assert_eq!(
        whole,
        cut,
        "{:?}",
        chunks.iter().map(|chunk| String::from_utf8_lossy(chunk)).collect::<Vec<_>>()
    );
    for content_type in [content_type, None, Some("application/xhtml+xml")] {
        let whole = digest_with(spec(), URL, content_type, &[html]);
        assert_eq!(whole, digest_with(spec(), URL, content_type, &chunks));
    }
}

const UTF_8: Option<&str> = Some("text/html; charset=utf-8");

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn markup_is_read_as_html5ever_reads_it(html in markup()) {
        agrees(html.as_bytes(), UTF_8);
    }

    #[test]
    fn scripts_are_read_as_html5ever_reads_them(html in script()) {
        agrees(html.as_bytes(), UTF_8);
        splits_alike(html.as_bytes(), UTF_8, &[20_000, 40_000]);
    }

    #[test]
    fn how_markup_is_cut_makes_no_difference(html in markup(), cuts in prop::collection::vec(any::<u16>(), 0..6)) {
        splits_alike(html.as_bytes(), UTF_8, &cuts);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_read(
        bytes in prop::collection::vec(any::<u8>(), 0..300),
        cuts in prop::collection::vec(any::<u16>(), 0..6),
        content_type in prop::sample::select(&[UTF_8, None, Some("text/html; charset=gbk"), Some("text/html; charset=utf-16le")][..]),
    ) {
        splits_alike(&bytes, content_type, &cuts);
    }

    #[test]
    fn other_encodings_are_read_as_html5ever_reads_them(
        html in markup(),
        label in prop::sample::select(&["windows-1252", "shift_jis", "utf-16be", "iso-2022-jp", "utf-8"][..]),
        cuts in prop::collection::vec(any::<u16>(), 0..6),
    ) {
        let content_type = format!("text/html; charset={label}");
        // The bytes are what they are: in most of these encodings they mean something else, or nothing.
        agrees(html.as_bytes(), Some(&content_type));
        splits_alike(html.as_bytes(), Some(&content_type), &cuts);
    }
}

#[test]
fn all_pages_of_the_vectors_are_read_alike_however_they_are_cut() {
    for vector in vectors("links.json") {
        let body = match vector["body_b64"].as_str() {
            Some(body) => base64(body),
            None => support::text(&vector, "html").as_bytes().to_vec(),
        };
        let content_type = vector["content_type"].as_str().or(UTF_8);
        agrees(&body, content_type);
        splits_alike(&body, content_type, &[1_000, 20_000, 40_000, 60_000]);
    }
}
