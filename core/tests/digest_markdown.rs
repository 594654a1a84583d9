//! What the digest of a Markdown document holds.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use crawlspace::digest::{Document, Media, document, document_in_chunks};
use proptest::prelude::*;
use support::{digest_with, spec};
use url::Url;

const MARKDOWN: Option<&str> = Some("text/markdown");

fn read(text: &str) -> Document {
    document(&Url::parse("https://doc.example/d/README.md").unwrap(), MARKDOWN, text.as_bytes())
}

/// Place, URL as written, text, line and column of each link.
fn links(text: &str) -> Vec<String> {
    let row = |link: &crawlspace::digest::DocumentLink| {
        format!("{:?} {} {:?} {}:{}", link.place, link.raw, link.text, link.line, link.column)
    };
    read(text).links.iter().map(row).collect()
}

#[test]
fn links_of_all_kinds_have_their_places() {
    assert_eq!(
        links(
            "# T\n\nSee [a *b*](c.md#d \"t\") and\n[e][f], <https://x.example/y>, ![i j](k.png).\n\n[f]: ../g\n"
        ),
        [
            "markdown[link] c.md#d \"a b\" 3:5",
            "markdown[link] ../g \"e\" 4:1",
            "markdown[link] https://x.example/y \"https://x.example/y\" 4:9",
            "markdown[image] k.png \"i j\" 4:32",
        ]
    );
    assert_eq!(links("<a@b.example>"), ["markdown[link] mailto:a@b.example \"a@b.example\" 1:1"]);
    assert_eq!(
        links("[![alt](i.png)](t)"),
        ["markdown[link] t \"alt\" 1:1", "markdown[image] i.png \"alt\" 1:2"]
    );
}

#[test]
fn html_within_is_read_as_html() {
    assert_eq!(
        links("a <a href='x'>b *c*</a>\n\n<p align=center>\n  <img src=\"y\" alt=z>\n</p>\n"),
        ["a[href] x \"b c\" 1:3", "img[src] y \"z\" 4:3"]
    );
    assert_eq!(read("# A\n<a name=\"b\"></a>\n\n<h2 id=c>C</h2>\n").ids, ["a", "b", "c"]);
    assert_eq!(links("<!-- [a](b) <a href=c> -->\n"), [""; 0]);
}

#[test]
fn code_and_what_is_escaped_hold_no_links() {
    let none = [""; 0];
    assert_eq!(links("`[a](b)` \\[c](d)\n\n```\n[f](g) http://h.example\n```\n\n    [i](j)\n"), none);
    assert_eq!(links("---\nlink: http://a.example\n---\n\ntext [no][where]\n"), none);
}

#[test]
fn addresses_in_the_text_are_links() {
    assert_eq!(
        links("Go to https://a.example/b_c_d(e). Or (www.f.example/g), http://h.example!"),
        [
            "markdown[link] https://a.example/b_c_d(e) \"https://a.example/b_c_d(e)\" 1:7",
            "markdown[link] http://www.f.example/g \"www.f.example/g\" 1:39",
            "markdown[link] http://h.example \"http://h.example\" 1:57",
        ]
    );
    assert_eq!(
        links("xhttp://a.example http:// [http://b.example](c)"),
        ["markdown[link] c \"http://b.example\" 1:27"]
    );
}

#[test]
fn headings_are_named_as_github_names_them() {
    let text = "# Hello, World!\n## What's `new`?\nSetext *é*\n===\n# Hello World\n# A_b - c\n# X {#own}\n";
    assert_eq!(
        read(text).ids,
        ["hello-world", "whats-new", "setext-é", "hello-world-1", "a_b---c", "own", "x"]
    );
}

#[test]
fn links_are_left_out_where_the_document_says_so() {
    let text = "[a](b)\n\n<!-- crawlspace-ignore-start -->\n\n[c](d) http://x.example ![e](f)\n\n<!-- crawlspace-ignore-end -->\n\n[g](h)\n";
    assert_eq!(links(text), ["markdown[link] b \"a\" 1:1", "markdown[link] h \"g\" 9:1"]);
}

#[test]
fn the_digest_says_that_it_is_markdown() {
    let digest = digest_with(
        spec(),
        "https://doc.example/d/",
        Some("text/markdown; charset=latin1"),
        &[b"# \xe9\n[a](?\xe9)"],
    );
    assert_eq!((digest.media, digest.links.len(), digest.ids.len()), (Media::Markdown, 1, 1));
}

#[test]
fn a_text_of_nothing_but_marks_takes_no_longer_than_its_length() {
    for part in ["www.", "xwww.", "(http://-/", "www.a))", "[", "![", "<a ", "`", "http://", "# "] {
        let _ = read(&part.repeat(200_000 / part.len()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_however_it_is_cut(
        text in "([a-z#*_<>!`\\[\\]():/.\"' \\n-]|http://|www\\.|<a href=|<!--|-->|é|\\[a\\]\\(b\\)){0,40}",
        cut in any::<prop::sample::Index>(),
    ) {
        let url = Url::parse("https://doc.example/").unwrap();
        let (head, tail) = text.as_bytes().split_at(cut.index(text.len() + 1));
        prop_assert_eq!(document(&url, MARKDOWN, text.as_bytes()), document_in_chunks(&url, MARKDOWN, [head, tail]));
    }
}
