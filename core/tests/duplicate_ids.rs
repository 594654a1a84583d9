//! Ids that several elements of a document have, told on request.

#![allow(clippy::unwrap_used, reason = "a failure here is a failure of the test")]

mod served;
mod support;

use crawlspace::config::Builder;
use crawlspace::digest::{Digest, DuplicateId};
use crawlspace::{Config, DigestLimits, Spec};
use proptest::prelude::*;
use served::{Course, crawl, documents};
use std::collections::BTreeMap;
use support::{cut, digest_with, spec};

fn config() -> Builder {
    Config::builder().seed("http://a.test/".parse().unwrap()).duplicate_ids(true)
}

fn asking() -> Spec {
    let mut spec = spec();
    spec.extras.duplicate_ids = true;
    spec
}

fn digest_as(media: &str, body: &str) -> Digest {
    digest_with(asking(), "http://a.test/", Some(media), &[body.as_bytes()])
}

fn duplicates(body: &str) -> Vec<(String, Vec<u32>)> {
    duplicates_as("text/html; charset=utf-8", body)
}

fn duplicates_as(media: &str, body: &str) -> Vec<(String, Vec<u32>)> {
    let found = digest_as(media, body).extra.duplicate_ids;
    found.into_iter().map(|DuplicateId { id, lines }| (id, lines)).collect()
}

#[test]
fn all_elements_count_and_names_do_not() {
    let html = "<p id=a>\n<b id=b></b><svg id=A><g id='a'/></svg>\n<custom-tag id=\"a\"><a name=b id=c>x</a>\n\
        <a id=d name=d>y</a><p id=''><p id=''><p id=&#98;>";
    assert_eq!(duplicates(html), [("a".to_owned(), vec![1, 2, 3]), ("b".to_owned(), vec![2, 4])]);
}

/// Templates and shadow trees are trees of their own; comments, scripts and text hold no elements.
#[test]
fn other_trees_have_ids_of_their_own() {
    let html = "<p id=a><template><p id=a></template><div><template shadowrootmode=open><i id=a></i></template></div>\
        <!-- <p id=a> --><script>'<p id=a>'</script><textarea><p id=a></textarea>";
    assert_eq!(duplicates(html), []);
    // What frames take the place of is no element.
    assert_eq!(duplicates("<p id=a><p id=a></p><frameset id=a>"), []);
}

#[test]
fn case_and_space_matter() {
    assert_eq!(duplicates("<p id=a><p id=A><p id='a '><p id=' a'>"), []);
    let long = "x".repeat(5_000);
    let found = duplicates(&format!("<p id={long}a><p id={long}b><p id={long}b>"));
    assert_eq!(found, [(long[..256].to_owned(), vec![1, 1])]);
}

#[test]
fn other_documents_than_html() {
    let xhtml = "<html xmlns='http://www.w3.org/1999/xhtml'>\n<p id='a'/>\n<x:y xmlns:x='x' id='a'/></html>";
    assert_eq!(duplicates_as("application/xhtml+xml", xhtml), [("a".to_owned(), vec![2, 3])]);
    assert_eq!(duplicates_as("text/css", "#a {} #a {}"), []);
}

#[cfg(feature = "markdown")]
#[test]
fn headings_of_markdown_are_numbered_and_html_in_it_is_not() {
    let text = "# One\n\n# One\n\n<i id=one>\n\n## Two\n\n<p id=three>\n\n<p id=three>\n";
    let wanted = [("one".to_owned(), vec![1, 5]), ("three".to_owned(), vec![9, 11])];
    assert_eq!(duplicates_as("text/markdown", text), wanted);
}

#[test]
fn nothing_is_told_that_is_not_asked_for() {
    let page = b"<p id=a><p id=a>";
    let digest = digest_with(spec(), "http://a.test/", Some("text/html"), &[page]);
    assert_eq!(digest.extra, Default::default());
    let config = config().duplicate_ids(false).build().unwrap();
    let pages = documents(&[("http://a.test/", "<p id=a><p id=a>")]);
    assert_eq!(crawl(&config, &pages, Course::OldestFirst).report().duplicate_ids().count(), 0);
}

/// The report tells of the pages of the site, in order, whatever the order of answers.
#[test]
fn pages_in_scope_are_reported_in_order() {
    let pages = documents(&[
        (
            "http://a.test/",
            "<a href=/z>z</a><a href=/b#x>b</a><a href=/gone>g</a><a href=http://b.test/#x>e</a>",
        ),
        ("http://a.test/z", "<p id=y>\n<p id=x><p id=y>\n\n<p id=x>"),
        ("http://a.test/b", "<p id=x>\n<p id=x>"),
        ("http://b.test/", "<p id=x><p id=x>"),
    ]);
    for course in Course::ALL {
        let engine = crawl(&config().build().unwrap(), &pages, course);
        let report = engine.report();
        let rows: Vec<_> =
            report.duplicate_ids().map(|row| (row.page.to_string(), row.id, row.lines.to_vec())).collect();
        let wanted = [
            ("http://a.test/b".to_owned(), "x", vec![1, 2]),
            ("http://a.test/z".to_owned(), "y", vec![1, 2]),
            ("http://a.test/z".to_owned(), "x", vec![2, 4]),
        ];
        assert_eq!(rows, wanted, "{course:?}");
    }
}

#[test]
fn no_more_ids_than_the_limit_are_looked_at() {
    let mut spec = asking();
    spec.limits = DigestLimits { ids: 3, ..DigestLimits::default() };
    let html = "<p id=a><p id=b><p id=a><p id=b>";
    let digest = digest_with(spec, "http://a.test/", Some("text/html"), &[html.as_bytes()]);
    assert_eq!(digest.extra.duplicate_ids, [DuplicateId { id: "a".to_owned(), lines: vec![1, 1] }]);
    assert_eq!(digest.left_out, 1);
}

proptest! {
    /// One line an id; however the document is cut.
    #[test]
    fn each_id_that_comes_again_is_told_with_its_lines(
        ids in prop::collection::vec("[a-d]", 0..30), cuts in prop::collection::vec(any::<u16>(), 0..4),
    ) {
        let html: String = ids.iter().map(|id| format!("<p id={id}>\n")).collect();
        let mut wanted: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
        for (line, id) in (1..).zip(&ids) {
            wanted.entry(id).or_default().push(line);
        }
        wanted.retain(|_, lines| lines.len() > 1);
        let digest = digest_with(asking(), "http://a.test/", Some("text/html"), &cut(html.as_bytes(), &cuts));
        let found: Vec<_> = digest.extra.duplicate_ids.iter().map(|found| (found.id.as_str(), found.lines.clone())).collect();
        prop_assert!(found.is_sorted_by_key(|(_, lines)| lines[0]));
        prop_assert_eq!(found.into_iter().collect::<BTreeMap<_, _>>(), wanted);
    }
}
