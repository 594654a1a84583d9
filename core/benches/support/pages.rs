//! Pages to be digested, and how.

use crawlspace::codec::Decode;
use crawlspace::digest::{Digest, Digester, End, Head, PlaceSet, Transfer};
use crawlspace::{
    DigestLimits, FetchId, Fingerprint, HashKey, HeaderSetId, Kind, Method, Need, RULES_VERSION, Request,
    Spec, Validators,
};
use http::StatusCode;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// Where each page is said to come from.
pub(crate) const ADDRESS: &str = "http://127.0.0.1:8080/blog/v1/page-00057.html";
/// What each page is said to be.
pub(crate) const TYPE: &str = "text/html; charset=utf-8";

/// Digests a page that comes in chunks of so many bytes.
pub(crate) fn digest(page: &[u8], need: Need, chunk: usize) -> Digest {
    let spec = Arc::new(Spec {
        rules_version: RULES_VERSION,
        id_key: HashKey::from_bytes(&[7; 16]).expect("a key is any 16 bytes"),
        user_agent: String::new(),
        robots_token: "bench".to_owned(),
        places: PlaceSet::default(),
        limits: DigestLimits::default(),
        extras: Default::default(),
    });
    let request = Request {
        id: FetchId::from_bytes(&[1]).expect("an id is any number"),
        url: Url::parse(ADDRESS).expect("a URL"),
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
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(TYPE));
    let mut digester = Digester::new(&request, &spec, &Head { status: StatusCode::OK, headers });
    for chunk in page.chunks(chunk) {
        let _ = digester.push(chunk);
    }
    digester.finish(End::Complete, Transfer::default())
}

/// The HTML files of a folder and of those in it.
pub(crate) fn read(folder: &Path) -> Vec<Vec<u8>> {
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
pub(crate) fn page(number: usize) -> Vec<u8> {
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
