//! Pages made to be slow. All of these were quadratic in some parser; here a test that takes minutes has failed.
//! `cargo bench -p crawlspace --bench digest -- --hostile` measures them at two sizes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod support;

use support::{digest_with, spec};

const MB: usize = 1 << 20;
const TEXT_HTML: Option<&str> = Some("text/html; charset=utf-8");

/// Whole, and in small chunks: the link behind all of it is found, or it is not, in both.
fn reads(body: &str, finds_last_link: bool) {
    let body = [body, "\"'></textarea><a href=/last>x</a>"].concat();
    let mut spec = spec();
    spec.limits.links = u32::MAX;
    let whole = digest_with(spec.clone(), "http://h.example/", TEXT_HTML, &[body.as_bytes()]);
    let chunks: Vec<&[u8]> = body.as_bytes().chunks(61).collect();
    let cut = digest_with(spec, "http://h.example/", TEXT_HTML, &chunks);
    assert_eq!(whole, cut);
    let found = whole.links.iter().any(|link| link.text == "x");
    assert_eq!(found, finds_last_link, "{}...", &body[..40.min(body.len())]);
}

#[test]
fn many_attributes_of_one_tag() {
    let attributes: String = (0..MB / 12).map(|number| format!(" a{number:07}=''")).collect();
    reads(&format!("<p {attributes} >"), true);
    reads(&format!("<a {attributes} href=/u>"), true);
    reads(&format!("<a {}>", " href=/u".repeat(MB / 8)), true);
    reads(&format!("</a {attributes}>"), true);
}

#[test]
fn one_byte_over_and_over() {
    for byte in ["<", "&", "\0", ">", "\"", "-", "]", "\r", "\n", "=", "/", "\u{e9}", "&#", "&a"] {
        reads(&byte.repeat(MB), true);
        reads(&format!("<a href=/u>{}", byte.repeat(MB)), true);
    }
}

#[test]
fn quotation_marks_and_tags_that_never_end() {
    reads(&format!("<a href=\"{}", "x".repeat(MB)), true);
    reads(&format!("<a href=\"{}", "<a href='".repeat(MB / 9)), true);
    reads(&"<a href=\"/u\" ".repeat(MB / 13), true);
    reads(&"</a ".repeat(MB / 4), true);
}

#[test]
fn deep_nesting() {
    for tag in ["<div>", "<a href=/u>", "<svg>", "<svg><desc>", "<font>", "<math><mi>", "<b>", "<table>"] {
        reads(&tag.repeat(100_000), true);
    }
    // An `a` of MathML is no link.
    reads(&"<math>".repeat(100_000), false);
    reads(&format!("{}{}", "<svg>".repeat(100_000), "</math></desc></template>".repeat(100_000)), true);
    reads(&"<template>".repeat(100_000), false);
    reads(&"<template></template>".repeat(50_000), true);
}

#[test]
fn comments_scripts_and_declarations() {
    reads(&"<!--".repeat(MB / 4), false);
    reads(&"<!-- --!".repeat(MB / 8), false);
    reads(&"<!--->".repeat(MB / 6), true);
    reads(&"<!".repeat(MB / 2), true);
    reads(&"<![CDATA[".repeat(MB / 9), true);
    reads(&format!("<svg>{}", "<![CDATA[".repeat(MB / 9)), false);
    reads(&format!("<svg><![CDATA[{}", "]]".repeat(MB / 2)), false);
    reads(&format!("<script>{}", "<!--<script>".repeat(MB / 12)), false);
    reads(&format!("<script><!--{}", "<script></script>".repeat(MB / 17)), false);
    reads(&format!("<script>{}", "</scrip".repeat(MB / 7)), false);
    reads(&format!("<textarea>{}", "</textare".repeat(MB / 9)), true);
    reads(&format!("<title>{}", "</titl".repeat(MB / 6)), false);
}

#[test]
fn long_values() {
    reads(&format!("<a href=\"data:,{}\">y</a>", "x".repeat(MB)), true);
    reads(&format!("<a href=\"/{}\">y</a>", "../".repeat(MB / 3)), true);
    reads(&format!("<img srcset=\"{}\">", "a 1x,".repeat(MB / 5)), true);
    reads(&format!("<img srcset=\"{}\">", "a ((((".repeat(MB / 6)), true);
    reads(&format!("<a rel=\"{}\" href=/u>", "a ".repeat(MB / 2)), true);
    reads(&format!("<meta http-equiv=refresh content=\"{}\">", "0".repeat(MB)), true);
    reads(&format!("<meta name=robots content=\"{}\">", "noindex,".repeat(MB / 8)), true);
    reads(&format!("<base href=\"{}\">", "/a".repeat(MB / 2)), true);
    reads(&format!("<a id=\"{}\">", "&amp;&copy".repeat(MB / 10)), true);
}

#[test]
fn many_links_to_many_origins() {
    let links: String = (0..30_000).map(|host| format!("<a href=http://h{host}.example/>y</a>")).collect();
    reads(&links, true);
}
