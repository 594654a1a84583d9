//! Other people's cases: see `data/README.md`.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::Identity;
use crawlspace::digest::{Document, document, reference_document, refresh, srcset};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use support::{base64, text, vectors};
use url::Url;

/// Cases that are judged differently, by id, with the reason.
///
/// Without a tree, an element is known by its tags alone: what the tree construction of HTML moves, clones or drops
/// (section 13.2.6) is found where it is written. No link is missed by that.
const JUDGED_DIFFERENTLY: &[(&str, &str)] = &[
    ("links-83c21fd53663", "contested: 13.2.6.4.7 of 2025 lets `a` stand in `select`"),
    (
        "links-7ffe758718c4",
        "13.2.6.4.9: foster parenting moves a link in the tree; here it stands where it is written",
    ),
    (
        "links-4e1560b4cdae",
        "13.2.6.4.4: a template with `shadowrootmode` is a shadow root, whose links are there to be followed",
    ),
];

/// Runs all vectors of a file; those that fail must be the ones that are judged differently.
fn run(file: &str, check: impl Fn(&Value) -> Result<(), String>) {
    let vectors = vectors(file);
    let mut failures = Vec::new();
    let mut passed = 0;
    for vector in &vectors {
        let id = text(vector, "id");
        let known = JUDGED_DIFFERENTLY.iter().any(|(known, _)| *known == id);
        match check(vector) {
            Ok(()) if known => failures.push(format!("{id} is listed as judged differently, but passes")),
            Ok(()) => passed += 1,
            Err(_) if known => {}
            Err(why) => failures.push(format!("{id}: {why}")),
        }
    }
    let total = vectors.len();
    assert!(failures.is_empty(), "{file}: {passed} of {total} passed\n{}", failures.join("\n"));
}

fn as_strings(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|url| url.as_str().unwrap_or("null").to_owned()).collect()
}

fn body(vector: &Value) -> (Vec<u8>, Option<&str>) {
    match vector["body_b64"].as_str() {
        Some(body) => (base64(body), vector["content_type"].as_str()),
        None => (text(vector, "html").as_bytes().to_vec(), Some("text/html; charset=utf-8")),
    }
}

fn expect<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, wanted: &T) -> Result<(), String> {
    if got == wanted { Ok(()) } else { Err(format!("{what}\n    got    {got:?}\n    wanted {wanted:?}")) }
}

fn urls_of(document: &Document, keep: impl Fn(&str) -> bool) -> Vec<String> {
    let links = document
        .links
        .iter()
        .filter(|link| keep(link.place.element()) && link.place.attribute().ends_with("href"));
    links.filter_map(|link| link.url.as_ref().map(Url::to_string)).collect()
}

#[test]
fn links() {
    run("links.json", |vector| {
        let (body, content_type) = body(vector);
        let url = Url::parse(text(vector, "base")).unwrap();
        let found = document(&url, content_type, &body);
        expect("base", &found.base, &Url::parse(text(vector, "document_base_url")).unwrap())?;
        let links = urls_of(&found, |element| matches!(element, "a" | "area" | "svg:a"));
        if vector["expected_unique"].is_array() {
            let unique: BTreeSet<_> = links.into_iter().collect();
            let wanted: BTreeSet<_> = as_strings(&vector["expected_unique"]).into_iter().collect();
            expect("unique links", &unique, &wanted)?;
        } else {
            expect("links", &links, &as_strings(&vector["expected"]))?;
        }
        all_attributes(vector, &found)?;
        if content_type.is_some_and(|value| value.starts_with("text/html")) {
            let reference = reference_document(&url, content_type, &body);
            expect("html5ever", &found, &reference)?;
        }
        Ok(())
    });
}

/// Every attribute that the vector lists, but for the tree's clones, and no other of those it would have listed.
fn all_attributes(vector: &Value, found: &Document) -> Result<(), String> {
    const BEYOND: [&str; 15] = [
        "style",
        "url()",
        "@import",
        "background",
        "longdesc",
        "manifest",
        "usemap",
        "content",
        "codebase",
        "archive",
        "classid",
        "profile",
        "pluginspage",
        "lowsrc",
        "xlink:href",
    ];
    let row = |element: &str, attribute: &str, raw: &str, url: Option<&str>| {
        format!("{element} {attribute} {raw:?} {}", url.unwrap_or("null"))
    };
    let listed = vector["all"].as_array().unwrap().iter();
    let wanted: BTreeSet<String> = listed
        .filter(|link| !link["template"].as_bool().unwrap_or_default())
        .filter(|link| !link["invalid_candidate"].as_bool().unwrap_or_default())
        .map(|link| {
            row(
                text(link, "element"),
                text(link, "attr"),
                if text(link, "attr") == "content" { "" } else { text(link, "raw") },
                link["url"].as_str(),
            )
        })
        .collect();
    let got: BTreeSet<String> = found
        .links
        .iter()
        .map(|link| {
            let (element, attribute) = (link.place.element(), link.place.attribute());
            row(
                element,
                attribute,
                if attribute == "content" { "" } else { &link.raw },
                link.url.as_ref().map(Url::as_str),
            )
        })
        .filter(|row| wanted.contains(row) || !BEYOND.iter().any(|name| row.split(' ').nth(1) == Some(name)))
        .collect();
    expect("all attributes", &got, &wanted)
}

#[test]
fn base_href() {
    run("base_href.json", |vector| {
        let url = Url::parse(text(vector, "document_url")).unwrap();
        let escape = |text: &str| text.replace('&', "&amp;").replace('"', "&quot;");
        let base = vector["base_href"].as_str().map(|href| format!("<base href=\"{}\">", escape(href)));
        let link = format!("<a href=\"{}\">x</a>", escape(text(vector, "href")));
        // Before and after the link, a base is the document's.
        for html in [
            format!("{}{link}", base.clone().unwrap_or_default()),
            format!("{link}{}", base.unwrap_or_default()),
        ] {
            let found = document(&url, None, html.as_bytes());
            expect("base", &found.base.to_string(), &text(vector, "document_base_url").to_owned())?;
            let got = found.links[0].url.as_ref().map(Url::as_str);
            expect("resolved", &got, &vector["resolved"].as_str())?;
            let digest = support::digest(url.as_str(), html.as_bytes());
            let links: Vec<_> = digest.links.iter().filter(|link| link.place.element() == "a").collect();
            expect("digest", &links.len(), &1)?;
        }
        Ok(())
    });
}

#[test]
fn srcset_candidates() {
    run("srcset.json", |vector| {
        let got: Vec<_> =
            srcset::candidates(text(vector, "srcset")).map(|found| found.url.to_owned()).collect();
        expect("candidates", &got, &as_strings(&vector["candidate_urls"]))
    });
}

#[test]
fn meta_refresh() {
    run("meta_refresh.json", |vector| {
        let document_url = Url::parse(text(vector, "document_url")).unwrap();
        if text(vector, "kind") == "content" {
            let got = refresh::parse(text(vector, "content"));
            let parsed = &vector["parsed"];
            let wanted =
                parsed.is_object().then(|| (parsed["seconds"].as_u64().unwrap(), parsed["url"].as_str()));
            return expect("parsed", &got.map(|found| (found.seconds, found.url)), &wanted);
        }
        let found = document(&document_url, None, text(vector, "html").as_bytes());
        let wanted = vector["refreshes"].as_array().unwrap();
        let got = found.refresh.map(|found| (found.seconds, found.url.map(|url| url.to_string())));
        let first = wanted
            .first()
            .map(|first| (first["seconds"].as_u64().unwrap(), first["resolved"].as_str().map(str::to_owned)));
        expect("first", &got, &first)?;
        let links = found.links.iter().filter(|link| link.place.element() == "meta");
        expect("count", &links.count(), &wanted.iter().filter(|one| one["url"].is_string()).count())
    });
}

/// The indicated part of a document (HTML section 7.4.6.4), by what the digest keeps.
fn is_found(fragment: &str, ids: &[u64]) -> bool {
    let fragment = fragment.split(":~:").next().unwrap_or_default();
    let hash = |bytes: &[u8]| ids.binary_search(&support::spec().id_key.hash(bytes)).is_ok();
    let decoded = percent_decode(fragment);
    let decoded = String::from_utf8_lossy(&decoded);
    fragment.is_empty()
        || hash(fragment.as_bytes())
        || hash(decoded.as_bytes())
        || decoded.eq_ignore_ascii_case("top")
}

fn percent_decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(octet) if byte == b'%' => {
                out.push(octet);
                at += 3;
            }
            _ => {
                out.push(byte);
                at += 1;
            }
        }
    }
    out
}

#[test]
fn fragments() {
    run("fragments.json", |vector| {
        let url = text(vector, "document_url");
        let href = Url::parse(url).unwrap().join(text(vector, "href")).unwrap();
        let fragment = href.fragment().unwrap_or_default();
        expect("fragment", &fragment, &text(vector, "url_fragment"))?;
        let html = text(vector, "html");
        let link = format!(
            "<a href=\"{}\">x</a>",
            text(vector, "href").replace('&', "&amp;").replace('"', "&quot;")
        );
        let digest = support::digest(url, link.as_bytes());
        expect("digest's", &digest.links.iter().next().unwrap().fragment, &Some(fragment))?;
        let digest = support::digest(url, html.as_bytes());
        expect("found", &is_found(fragment, &digest.ids), &vector["found"].as_bool().unwrap())
    });
}

#[test]
fn charset() {
    run("charset.json", |vector| {
        let found = document(
            &Url::parse("https://doc.example/").unwrap(),
            vector["content_type"].as_str(),
            &base64(text(vector, "body_b64")),
        );
        expect("encoding", &found.charset, &text(vector, "encoding"))
    });
}

#[test]
fn url_equivalence() {
    for file in ["url_equivalence.json", "url_nonequivalence.json"] {
        run(file, |vector| {
            let identity = |key: &str| Url::parse(text(vector, key)).map(|url| Identity::of(&url)).ok();
            let (a, b) = (identity("a"), identity("b"));
            expect("same", &(a.is_some() && a == b), &vector["same"].as_bool().unwrap())
        });
    }
}

#[test]
fn url_resolve() {
    run("url_resolve.json", |vector| {
        let html =
            format!("<a href=\"{}\">x</a>", text(vector, "ref").replace('&', "&amp;").replace('"', "&quot;"));
        let url = Url::parse(text(vector, "base")).unwrap();
        let found = document(&url, None, html.as_bytes());
        let got = found.links[0].url.as_ref().map(Url::as_str);
        expect("resolved", &got, &vector["resolved"].as_str())
    });
}

/// The table in `data/README.md` is counted from the files: cases by source and kind, and those judged differently.
/// `CRAWLSPACE_GOLDEN=write` writes it anew.
#[test]
fn the_table_of_cases_is_up_to_date() {
    const FILES: [&str; 9] = [
        "links",
        "base_href",
        "srcset",
        "meta_refresh",
        "fragments",
        "charset",
        "url_equivalence",
        "url_nonequivalence",
        "url_resolve",
    ];
    let mut counts: BTreeMap<String, [[usize; 2]; FILES.len()]> = BTreeMap::new();
    for (column, file) in FILES.iter().enumerate() {
        for vector in vectors(&format!("{file}.json")) {
            let id = text(&vector, "id");
            let fails = JUDGED_DIFFERENTLY.iter().any(|(known, _)| *known == id);
            for source in [text(&vector, "source"), "all"] {
                let count = &mut counts.entry(source.to_owned()).or_default()[column];
                count[0] += usize::from(!fails);
                count[1] += 1;
            }
        }
    }
    let mut table = format!("| source | {} |\n|---{}|\n", FILES.join(" | "), "|---".repeat(FILES.len()));
    for (source, counts) in &counts {
        let cell = |[passed, all]: &[usize; 2]| match all {
            0 => String::new(),
            _ => format!("{passed} / {all}"),
        };
        let cells: Vec<_> = counts.iter().map(cell).collect();
        table.push_str(&format!("| {source} | {} |\n", cells.join(" | ")));
    }
    table.push_str("\nJudged differently:\n\n");
    for (id, why) in JUDGED_DIFFERENTLY {
        table.push_str(&format!("- `{id}`: {why}\n"));
    }
    let path = format!("{}/tests/data/README.md", env!("CARGO_MANIFEST_DIR"));
    let readme = std::fs::read_to_string(&path).unwrap();
    let (before, _) = readme.split_once("<!-- counts -->\n").unwrap();
    let wanted = format!("{before}<!-- counts -->\n{table}");
    if std::env::var_os("CRAWLSPACE_GOLDEN").is_some_and(|value| value == "write") {
        std::fs::write(&path, &wanted).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap(), wanted);
}
