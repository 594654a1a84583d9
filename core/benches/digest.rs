//! How fast a page is digested: `cargo bench -p crawlspace --bench digest -- [--once] [--hostile] [FOLDER]`.
//!
//! Without a folder, over pages made here, of about 21 kB and 68 links each; with one, over its HTML files. `--once` digests
//! each page once and prints nothing, for callgrind. `--hostile` digests pages made to be slow, of 1 MB and of 2:
//! the second takes twice as long as the first.
#![allow(clippy::print_stdout, clippy::disallowed_types, clippy::disallowed_methods, missing_docs)]

use crawlspace::codec::Decode;
use crawlspace::digest::{Digest, Digester, End, Head, PlaceSet, Transfer};
use crawlspace::{
    DigestLimits, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Method, Need, RULES_VERSION, Request,
    Spec, Validators,
};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use std::fmt::Write;
use std::hint::black_box;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use url::Url;

fn main() {
    if std::env::args().any(|argument| argument == "--hostile") {
        return hostile();
    }
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--"));
    let pages = match &folder {
        Some(folder) => read(Path::new(folder)),
        None => (0..100).map(page).collect(),
    };
    if std::env::args().any(|argument| argument == "--once") {
        for page in &pages {
            black_box(digest(page, Need::Links, 16 * 1024));
        }
        return;
    }
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let links: usize = pages.iter().map(|page| digest(page, Need::Links, 16 * 1024).links.len()).sum();
    let count = pages.len();
    println!("{count} pages of {} bytes and {} links on average", bytes / count, links / count);
    measure("links and ids", &pages, |page| digest(page, Need::Links, 16 * 1024));
    measure("links and ids, 1 kB chunks", &pages, |page| digest(page, Need::Links, 1024));
    measure("ids alone", &pages, |page| digest(page, Need::Ids, 16 * 1024));
}

fn hostile() {
    type Make = fn(usize) -> String;
    let pages: [(&str, Make); 12] = [
        ("attributes of one tag", |size| {
            format!("<a {}>", (0..size / 10).map(|n| format!(" a{n:07}=")).collect::<String>())
        }),
        ("the same attribute", |size| format!("<a {}>", "href=/u ".repeat(size / 8))),
        ("<", |size| "<".repeat(size)),
        ("& in a link", |size| format!("<a href=/>{}", "&".repeat(size))),
        ("&a in a value", |size| format!("<a href=\"{}\">", "&a".repeat(size / 2))),
        ("NUL", |size| "\0".repeat(size)),
        ("a quotation mark", |size| format!("<a href=\"{}", "<a b='".repeat(size / 6))),
        ("<div>", |size| "<div>".repeat(size / 5)),
        ("<svg><desc>", |size| "<svg><desc>".repeat(size / 11)),
        ("</math> in <svg>", |size| format!("{}{}", "<svg>".repeat(1000), "</math>".repeat(size / 7))),
        ("<!--", |size| "<!--".repeat(size / 4)),
        ("<script><!--<script>", |size| format!("<script>{}", "<!--<script>".repeat(size / 12))),
    ];
    for (what, make) in pages {
        let time = |size| {
            let page = make(size);
            let once = || {
                let start = Instant::now();
                black_box(digest(page.as_bytes(), Need::Links, 16 * 1024));
                start.elapsed()
            };
            (0..5).map(|_| once()).min().unwrap_or_default().as_secs_f64() * 1e3
        };
        let (one, two) = (time(1 << 20), time(2 << 20));
        println!("{what:24} {one:8.2} ms a MB, {two:8.2} ms two");
    }
}

/// The best of many rounds, since noise only adds.
fn measure(what: &str, pages: &[Vec<u8>], run: impl Fn(&[u8]) -> Digest) {
    let bytes: usize = pages.iter().map(Vec::len).sum();
    let round = || {
        let start = Instant::now();
        for page in pages {
            black_box(run(black_box(page)));
        }
        start.elapsed()
    };
    let rounds = (40_000 / pages.len()).clamp(5, 400);
    let best = (0..rounds).map(|_| round()).min().unwrap_or_default();
    let per_page = best.as_secs_f64() * 1e6 / pages.len() as f64;
    println!("{what:30} {per_page:8.2} µs a page {:8.0} MB/s", bytes as f64 / best.as_secs_f64() / 1e6);
}

fn digest(page: &[u8], need: Need, chunk: usize) -> Digest {
    let spec = Arc::new(Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[7; 16]).expect("a key is any 16 bytes"),
        user_agent: String::new(),
        robots_token: "bench".to_owned(),
        places: PlaceSet::default(),
        limits: DigestLimits::default(),
        contents: false,
    });
    let request = Request {
        id: FetchId::from_bytes(&[1]).expect("an id is any number"),
        url: Url::parse("http://127.0.0.1:8080/blog/v1/page-00057.html").expect("a URL"),
        kind: Kind::Page,
        method: Method::Get,
        need,
        attempt: 1,
        budget: Duration::from_secs(30),
        body_cap: u64::MAX,
        headers: HeaderSetId::NONE,
        validators: Validators::default(),
        spec: Fingerprint(0),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    let mut digester = Digester::new(&request, &spec, &Head { status: StatusCode::OK, headers });
    for chunk in page.chunks(chunk) {
        let _ = digester.push(chunk);
    }
    digester.finish(End::Complete, Transfer::default())
}

fn read(folder: &Path) -> Vec<Vec<u8>> {
    let mut pages = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder").flatten() {
        let path = entry.path();
        if path.is_dir() {
            pages.extend(read(&path));
        } else if path.extension().is_some_and(|extension| extension == "html") {
            pages.push(std::fs::read(path).expect("a file"));
        }
    }
    pages
}

/// A page such as a static site generator makes: navigation, headings, paragraphs, code, tables, a footer.
fn page(number: usize) -> Vec<u8> {
    const WORDS: &str =
        "lorem ipsum dolor sit amet consectetur elit sed do eiusmod tempor incididunt ut labore et ";
    let mut html = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>Page {number}</title>\n\
         <link rel=\"stylesheet\" href=\"/assets/main.css\">\n<script src=\"/assets/app.js\" defer></script>\n\
         <script>window.cfg = {{\"page\": {number}, \"tpl\": \"<a href='/ghost.html'>x</a>\"}};</script>\n\
         </head>\n<body class=\"page\">\n<header class=\"site-header\"><nav class=\"main-nav\"><ul>\n"
    );
    for item in 0..30 {
        let target = (number * 7 + item * 13) % 10_000;
        let _ = writeln!(
            html,
            "<li class=\"nav-item\"><a href=\"/docs/v1/page-{target:05}.html\">Nav {item}</a></li>"
        );
    }
    html.push_str("</ul></nav></header>\n<main id=\"content\">\n");
    for section in 0..8 {
        let _ = writeln!(html, "<h2 id=\"section-{section}\">Section {section}</h2>");
        for paragraph in 0..4 {
            let target = (number + section * 31 + paragraph * 101) % 10_000;
            let _ = writeln!(
                html,
                "<p class=\"body-text\">{}<em>again</em> <a href=\"../v2/page-{target:05}.html#section-2\">see \
                 more</a> <code>{WORDS}</code> &amp; {WORDS}.</p>",
                WORDS
            );
        }
        html.push_str("<pre class=\"code\"><code class=\"language-rust\">");
        for line in 0..3 {
            let _ = writeln!(
                html,
                "<span class=\"line\"><span class=\"k\">let</span> <span class=\"n\">x_{line}</span> <span \
                 class=\"o\">=</span> <span class=\"s\">&quot;y&quot;</span>;</span>"
            );
        }
        html.push_str("</code></pre>\n<!-- generated -->\n");
    }
    for external in 0..4 {
        let _ = writeln!(
            html,
            "<a rel=\"noopener\" href=\"https://example.org/topic/{external}?a=1&amp;b=2\">out</a>"
        );
    }
    html.push_str("</main>\n</body>\n</html>\n");
    html.into_bytes()
}
