//! Sitemaps: other projects' cases, and what must hold for any bytes.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test that cannot go on has failed; it shows its table"
)]

use crawlspace::digest::Appetite;
use crawlspace::sitemap::{Format, MAX_ENTRIES, Parser, Sitemap};
use data_encoding::BASE64;
use proptest::prelude::*;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

/// Cases that we judge differently, and why.
const DIFFERENT: [(&str, &[&str]); 2] = [
    (
        "an end tag too much is no reason to pass over the entries (XML 1.0 section 1.2 has a processor stop; \
         the case calls recovery lenient)",
        &["sitemap-e54ce6637c88"],
    ),
    (
        "sitemaps.org, \"Sitemap file location\": which entries count is for the crawl to judge, which knows \
         whether robots.txt declares the sitemap; all are listed",
        &["sitemap-c33d0ffd3490"],
    ),
];

#[test]
fn vectors() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/sitemaps.json")).unwrap();
    let known: BTreeSet<&str> = DIFFERENT.iter().flat_map(|(_, ids)| *ids).copied().collect();
    let mut table = BTreeMap::<(&str, &str), (u32, u32)>::new();
    let mut failed = BTreeSet::new();
    for case in &cases {
        let text = |key: &str| case[key].as_str().unwrap_or_default();
        let row = table.entry((text("tier"), text("source"))).or_default();
        row.1 += 1;
        match judge(case) {
            Ok(()) => row.0 += 1,
            Err(why) => {
                if !known.contains(text("id")) {
                    eprintln!("{} {} {}: {why}", text("id"), text("tier"), text("name"));
                }
                failed.insert(text("id"));
            }
        }
    }
    for ((tier, source), (passed, all)) in table {
        println!("{tier:10} {source:35} {passed:3} of {all:3}");
    }
    assert_eq!(failed, known, "what fails and what is known to differ");
}

fn judge(case: &Value) -> Result<(), String> {
    let sitemap = Sitemap::parse(&body(case));
    if case["any_result_ok"] == true {
        return Ok(());
    }
    let kind = sitemap.format.map_or("error", Format::as_str);
    let urls: Vec<&str> = sitemap.entries.iter().map(|entry| entry.url.as_str()).collect();
    if kind != case["kind"] || case["ok"] != sitemap.format.is_some() {
        return Err(format!("is {kind}, not {}", case["kind"]));
    }
    if case["urls"] != serde_json::to_value(&urls).unwrap() {
        return Err(format!("gives {urls:?}, not {}", case["urls"]));
    }
    let dates: Vec<_> =
        sitemap.entries.iter().map(|entry| entry.lastmod.map(|date| date.to_string())).collect();
    if !case["lastmod"].is_null() && case["lastmod"] != serde_json::to_value(&dates).unwrap() {
        return Err(format!("is of {dates:?}, not {}", case["lastmod"]));
    }
    Ok(())
}

/// The body, decompressed as its first bytes say.
fn body(case: &Value) -> Vec<u8> {
    let bytes = BASE64.decode(case["body_b64"].as_str().unwrap().as_bytes()).unwrap();
    if !bytes.starts_with(b"\x1f\x8b") {
        return bytes;
    }
    let mut out = Vec::new();
    flate2::read::MultiGzDecoder::new(&*bytes).read_to_end(&mut out).unwrap();
    out
}

fn read<'a>(chunks: impl IntoIterator<Item = &'a [u8]>, limit: u32) -> Sitemap {
    let mut parser = Parser::new(None, limit);
    for chunk in chunks {
        let _ = parser.push(chunk);
    }
    parser.finish()
}

fn urls(text: &str) -> Vec<String> {
    Sitemap::parse(text.as_bytes()).entries.into_iter().map(|entry| entry.url).collect()
}

#[test]
fn any_cut_of_the_vectors_is_the_same() {
    let cases: Vec<Value> = serde_json::from_str(include_str!("data/sitemaps.json")).unwrap();
    for case in &cases {
        let body = body(case);
        let whole = Sitemap::parse(&body);
        for size in [1, 2, 3, 7, 1_000] {
            assert_eq!(read(body.chunks(size), MAX_ENTRIES), whole, "{} in {size}s", case["id"]);
        }
    }
}

/// A file that is cut off gives what came before, and never a part of a URL.
#[test]
fn a_cut_file_gives_whole_urls() {
    let text = "<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>\
                <url><loc>http://h/one</loc><lastmod>2020-01-01</lastmod></url>\
                <url><loc><![CDATA[http://h/two?a&b]]></loc></url></urlset>";
    let all = ["http://h/one", "http://h/two?a&b"];
    for end in 0..=text.len() {
        let found = urls(&text[..end]);
        assert_eq!(found, all[..found.len()], "cut at {end}");
    }
    assert_eq!(urls(text), all);
}

#[test]
fn places_are_those_of_the_elements() {
    let text = "\u{feff}\r\n<urlset>\r\n  <url>\n\t<loc>\n http://h/a</loc><loc>http://h/b</loc></url>\n\n\
                <url>é<loc>http://h/c</loc></url></urlset>";
    let sitemap = Sitemap::parse(text.as_bytes());
    let places: Vec<_> = sitemap.entries.iter().map(|entry| (entry.line, entry.column)).collect();
    assert_eq!(places, [(4, 2), (5, 18), (7, 7)]);
    let sitemap = Sitemap::parse(b"\n  http://h/a\r\n\r\nhttp://h/b\n");
    let places: Vec<_> = sitemap.entries.iter().map(|entry| (entry.line, entry.column)).collect();
    assert_eq!(places, [(2, 3), (4, 1)]);
}

#[test]
fn what_is_in_an_extension_is_no_entry() {
    for extension in [
        "<image:image><image:loc>http://h/no</image:loc></image:image>",
        "<image xmlns='http://www.google.com/schemas/sitemap-image/1.1'><loc>http://h/no</loc></image>",
        "<x><loc>http://h/no</loc></x>",
        "<image:loc>http://h/no</image:loc>",
        "<loc xmlns='urn:other'>http://h/no</loc>",
        "<xhtml:link rel='alternate' hreflang='de' href='http://h/no'/>",
        "<video:video><video:content_loc>http://h/no</video:content_loc><url><loc>http://h/no</loc></url></video:video>",
    ] {
        for declared in ["", " xmlns:image='http://www.google.com/schemas/sitemap-image/1.1'"] {
            let text = format!(
                "<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'{declared}><url>{extension}\
                 <loc>http://h/yes</loc>{extension}</url><url><loc>http://h/too</loc></url></urlset>"
            );
            assert_eq!(urls(&text), ["http://h/yes", "http://h/too"], "{text}");
        }
    }
}

#[test]
fn mistakes_that_are_let_pass() {
    for (text, expected) in [
        ("<urlset><url><loc>http://h/?a=1&b=2&c;d</loc></url></urlset>", &["http://h/?a=1&b=2&c;d"][..]),
        ("<urlset><url><loc>http://h/a<lastmod>2020-01-01</lastmod></url></urlset>", &["http://h/a"]),
        (
            "<urlset><url><loc>http://h/a</loc><url><loc>http://h/b</loc></urlset>",
            &["http://h/a", "http://h/b"],
        ),
        (
            "<urlset><loc>http://h/a</loc><url><loc>http://h/b</loc></url></urlset>",
            &["http://h/a", "http://h/b"],
        ),
        (
            "<urlset><url><loc>http://h/a</lok></url><url><loc>http://h/b</loc></url>",
            &["http://h/a", "http://h/b"],
        ),
        ("<urlset><url><loc>http://h/a < b</loc></url></urlset>", &["http://h/a < b"]),
        ("<urlset><url <loc>http://h/a</loc></url></urlset>", &["http://h/a"]),
        ("<?xml version='1.0' ><urlset><url><loc>http://h/a</loc></url></urlset>", &["http://h/a"]),
        (
            "<urlset><url><loc>http://h/&#x41;&#66;&#0;&#x110000;</loc></url></urlset>",
            &["http://h/AB\u{fffd}\u{fffd}"],
        ),
        (
            "<!DOCTYPE x [<!ENTITY e '>]]>'><!-- don't --><?p ']?>]><urlset><url><loc>http://h/&e;</loc></url></urlset>",
            &["http://h/"],
        ),
        ("<urlset><url><loc><![CDATA[http://h/a]b]]c]]></loc></url></urlset>", &["http://h/a]b]]c"]),
        ("<urlset><url><loc><![CDATA[http://h/]]]]><![CDATA[>]]></loc></url></urlset>", &["http://h/]]>"]),
        (
            "<urlset><!-- -- > <url><loc>http://h/no</loc></url> --><url><loc>http://h/a</loc></url></urlset>",
            &["http://h/a"],
        ),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#' xmlns='http://purl.org/rss/1.0/'>\
          <channel><link>http://h/</link></channel><item><link>http://h/a</link></item></rdf:RDF>",
            &["http://h/a"],
        ),
        (
            "<feed><entry><link rel='edit' href='no'/><link href='http://h/a?b&amp;c'/><source><link href='no'/></source>\
          </entry></feed>",
            &["http://h/a?b&c"],
        ),
        ("<html><body><loc>http://h/no</loc></body></html>", &[]),
        ("", &[]),
        (" \n", &[]),
        ("<", &[]),
    ] {
        assert_eq!(urls(text), expected, "{text}");
    }
}

#[test]
fn other_encodings() {
    let declared =
        b"\n<?xml version='1.0' encoding='iso-8859-1'?><urlset><url><loc>http://h/\xe9</loc></url></urlset>";
    assert_eq!(Sitemap::parse(declared).entries[0].url, "http://h/é");
    let damaged = b"<urlset><url><loc>http://h/\xe9</loc></url></urlset>";
    assert_eq!(Sitemap::parse(damaged).entries[0].url, "http://h/\u{fffd}");
    let wide: Vec<u8> = "\u{feff}<urlset><url><loc>http://h/é</loc></url></urlset>"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    assert_eq!(read(wide.chunks(1), 9).entries[0].url, "http://h/é");
    let mut parser = Parser::new(Some(encoding_rs::WINDOWS_1251), 9);
    let _ = parser.push(b"http://h/\xe9\n");
    assert_eq!(parser.finish().entries[0].url, "http://h/й");
}

#[test]
fn dates() {
    let date = |text: &str| {
        let text = format!("<urlset><url><loc>http://h/</loc><lastmod>{text}</lastmod></url></urlset>");
        Sitemap::parse(text.as_bytes()).entries[0].lastmod.map(|date| date.to_string())
    };
    for (text, expected) in [
        ("1997", "1997-01-01T00:00:00Z"),
        ("1997-07", "1997-07-01T00:00:00Z"),
        ("2000-02-29", "2000-02-29T00:00:00Z"),
        ("1997-07-16T19:20+01:00", "1997-07-16T18:20:00Z"),
        ("1997-07-16T19:20:30.45-0130", "1997-07-16T20:50:30Z"),
        ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00Z"),
        ("1969-12-31T23:59:59Z", "1969-12-31T23:59:59Z"),
        ("0001-01-01", "0001-01-01T00:00:00Z"),
        ("Wed, 02 Oct 2002 08:00:00 EST", "2002-10-02T13:00:00Z"),
        ("02 October 02 08:00 gmt", "2002-10-02T08:00:00Z"),
    ] {
        assert_eq!(date(text).as_deref(), Some(expected), "{text}");
    }
    for text in [
        "2001-02-29",
        "2001-13",
        "97",
        "2001-02-03T04:05:06",
        "2001-02-03T24:00Z",
        "soon",
        "2001-02-03T04:05:06+1",
        "",
    ] {
        assert_eq!(date(text), None, "{text}");
    }
}

/// A part of a URL would be another page's. One that is too long to be kept stays too long to be any.
#[test]
fn no_part_of_what_is_too_long_is_an_entry() {
    let next = "<url><loc>http://h/next</loc></url>";
    let space = " ".repeat(70_000);
    let amps = "&amp;".repeat(20_000);
    for long in [
        amps.clone(),
        format!("{space}x"),
        format!("<![CDATA[{amps}]]>"),
        format!("&amp;{space}&amp;<![CDATA[x]]>"),
    ] {
        for size in [1_000_000, 1_000, 7] {
            let text = format!("<urlset><url><loc>http://h/{long}</loc></url>{next}</urlset>");
            let entries = read(text.as_bytes().chunks(size), MAX_ENTRIES).entries;
            assert!(entries[0].url.len() > 60_000, "{}", entries[0].url.len());
            assert_eq!(entries[1].url, "http://h/next");
        }
    }
    assert_eq!(
        urls(&format!("<urlset><url><loc>{space}http://h/?a&amp;b{space}</loc></url>{next}</urlset>")),
        ["http://h/?a&b", "http://h/next"]
    );
    let long = amps;
    assert_eq!(
        urls(&format!(
            "<feed><entry><link href='http://h/{long}'/></entry><entry><link href='http://h/a'/></entry></feed>"
        )),
        ["http://h/a"]
    );
    // Cut by the next tag.
    assert_eq!(
        urls("<feed><entry><link href='http://h/a</entry><entry><link href='http://h/b'/></entry></feed>"),
        ["http://h/b"]
    );
}

/// Pages are put into feeds as they are; however many of their elements nobody closes, the items after them count.
#[test]
fn what_follows_a_page_in_a_feed_is_read() {
    for times in [1, 59, 60, 61, 62, 63, 64, 65, 1_000] {
        let page = "<p>text<br>".repeat(times);
        let text = format!(
            "<rss><channel><item><description>{page}</description><link>http://h/a</link></item>\
             <item><link>http://h/b</link></item></channel></rss>"
        );
        assert_eq!(urls(&text), ["http://h/a", "http://h/b"], "{times}");
        let page = format!("{}{}", "<div>".repeat(times), "</div>".repeat(times));
        let text = format!(
            "<rss><channel><item><description>{page}<link>http://h/no</link></description>\
             <link>http://h/a</link></item></channel></rss>"
        );
        assert_eq!(urls(&text), ["http://h/a"], "{times}");
    }
}

#[test]
fn entries_beyond_the_limit_are_counted() {
    let text = format!("<urlset>{}</urlset>", "<url><loc>http://h/</loc></url>".repeat(50_001));
    let sitemap = Sitemap::parse(text.as_bytes());
    assert_eq!((sitemap.entries.len(), sitemap.left_out), (50_000, 1));
    assert_eq!(read([&b"http://h/a\nhttp://h/b\nhttp://h/c"[..]], 1).left_out, 2);
}

/// What never ends takes no memory, and what repeats no more than linear time.
#[test]
fn hostile_files_end() {
    let many = 300_000;
    let bodies = [
        format!("<urlset>{}", "<url>".repeat(many)),
        format!("<urlset><url><loc>{}", "&".repeat(many)),
        format!("<urlset><url><loc>{}", "&#".repeat(many)),
        format!("<urlset {}>", "a='".repeat(many)),
        format!("<urlset>{}", "<a xmlns:b='c'>".repeat(many)),
        format!("<urlset>{}", "</url>".repeat(many)),
        format!("<urlset>{}{}", "<x>".repeat(many), "</y>".repeat(many)),
        format!("<urlset>{}", "<![CDATA[]".repeat(many)),
        format!("<urlset><!--{}", "-".repeat(many)),
        format!("<!DOCTYPE a [{}", "<!ENTITY a '".repeat(many)),
        "<".repeat(many),
        format!("<urlset {}", " ".repeat(many) + &"= '".repeat(many)),
        format!("<feed><entry>{}", "<link href='x'/>".repeat(many)),
        format!("<urlset xmlns='{}'>{}", "u".repeat(16_000), "<a/>".repeat(many)),
    ];
    for body in bodies {
        let sitemap = Sitemap::parse(body.as_bytes());
        assert!(sitemap.entries.len() <= 100, "{}", &body[..40]);
    }
    let mut parser = Parser::new(None, 9);
    assert_eq!(parser.push(&[&[b' '; 2_000][..], b"<html>"].concat()), Appetite::Enough);
}

fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9' xmlns:image='i'>".to_owned()),
        Just("<sitemapindex>".to_owned()),
        Just("<feed xmlns=\"http://www.w3.org/2005/Atom\">".to_owned()),
        Just("<rss><channel>".to_owned()),
        prop::sample::select(vec![
            "url",
            "loc",
            "lastmod",
            "sitemap",
            "item",
            "entry",
            "link",
            "guid",
            "image:loc",
            "updated",
        ])
        .prop_flat_map(|name| prop_oneof![
            Just(format!("<{name}>")),
            Just(format!("</{name}>")),
            Just(format!("<{name}/>")),
            Just(format!("<{name} href='http://h/é&amp;' rel=alternate>")),
        ]),
        prop::sample::select(vec![
            "<!DOCTYPE a [<!ENTITY b 'c'>]>",
            "<![CDATA[ http://h/ü]] ]]>",
            "<!-- - -- -->",
            "<?xml version='1.0'?>",
            "http://h/é\u{a0}",
            "&amp;",
            "&x;",
            "&",
            ";",
            "<",
            ">",
            "]]>",
            "'",
            "\"",
            "\r\n",
            "\n",
            " ",
            "2020-01-01",
            "\u{feff}",
        ])
        .prop_map(str::to_owned),
    ]
}

proptest! {
    #[test]
    fn any_split_gives_the_same(pieces in prop::collection::vec(piece(), 0..30), cuts: Vec<prop::sample::Index>,
                                limit in 0_u32..4, in_utf_16: bool) {
        let text: String = pieces.concat();
        let bytes: Vec<u8> = if in_utf_16 {
            ("\u{feff}".to_owned() + &text).encode_utf16().flat_map(u16::to_le_bytes).collect()
        } else {
            text.into_bytes()
        };
        let whole = read([&bytes[..]], limit);
        prop_assert_eq!(&read(bytes.chunks(1), limit), &whole);
        let mut at: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).chain([0, bytes.len()]).collect();
        at.sort_unstable();
        prop_assert_eq!(&read(at.windows(2).map(|ends| &bytes[ends[0]..ends[1]]), limit), &whole);
        prop_assert!(whole.entries.len() <= limit as usize);
        prop_assert!(whole.format.is_some() || whole.entries.is_empty());
    }

    #[test]
    fn any_bytes_are_read(bytes: Vec<u8>) {
        let _ = read([&bytes[..]], 9);
    }

    /// What is written as the protocol has it is read as it was meant.
    #[test]
    fn what_is_listed_is_found(paths in prop::collection::vec("[a-z/?=&<>\"'é]{0,12}", 0..20), prefix in "(|s:)",
                               in_data: bool) {
        let space = if prefix.is_empty() { "xmlns" } else { "xmlns:s" };
        let mut text = format!("<{prefix}urlset {space}=\"http://www.sitemaps.org/schemas/sitemap/0.9\">\n");
        for path in &paths {
            let url = format!("http://h/{path}");
            let written = if in_data {
                format!("<![CDATA[{url}]]>")
            } else {
                url.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&#34;")
            };
            text += &format!("<{prefix}url><{prefix}loc> {written}\n</{prefix}loc></{prefix}url>\n");
        }
        text += &format!("</{prefix}urlset>");
        let sitemap = Sitemap::parse(text.as_bytes());
        let expected: Vec<_> = paths.iter().map(|path| format!("http://h/{path}")).collect();
        let found: Vec<_> = sitemap.entries.iter().map(|entry| entry.url.clone()).collect();
        prop_assert_eq!(found, expected);
    }
}
